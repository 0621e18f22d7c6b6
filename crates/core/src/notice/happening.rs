//! Something that happened, as it is stored until it was told: ids, amounts and codes. What the
//! publisher sent about a person stays in its one place and is joined at the moment of telling.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fmt;

use super::macros::MACROS;
use super::{NoticeEvent, Template};
use crate::ids::{
    AwardId, ConversionId, HappeningId, LeadId, OfferId, OrganizationId, SourceId, derive_near,
    first_at,
};
use crate::lead::LeadState;
use crate::lead::envelope::MAX_SUB_IDS;
use crate::money::{Bps, Currency, Money};
use crate::offer::terms::GoalKind;
use crate::time::{SECOND, Timestamp};

/// The conversion that an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sale {
    /// The conversion.
    pub conversion: ConversionId,
    /// The award.
    pub award: AwardId,
    /// The offer.
    pub offer: OfferId,
    /// What is paid for.
    pub goal: GoalKind,
}

/// One event of a lead or a conversion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happening {
    /// What happened.
    pub event: NoticeEvent,
    /// When.
    pub at: Timestamp,
    /// Who is told.
    pub publisher: OrganizationId,
    /// Where the lead arose.
    pub source: SourceId,
    /// The lead.
    pub lead: LeadId,
    /// Its state then.
    pub status: LeadState,
    /// The code of the first reason, where it was not sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The conversion, for its events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale: Option<Sale>,
    /// What is earned, less what was given back; minor units.
    pub earning: i64,
    /// What was given back in all, minor units.
    pub returned: i64,
    /// The share that was given back in all.
    #[serde(default)]
    pub share: Bps,
    /// The currency of the sums.
    pub currency: Currency,
}

/// What the publisher sent with the lead: contact data, which is never stored with a happening.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Private {
    /// The publisher's own id of the lead.
    pub external_id: Option<String>,
    /// The click.
    pub click_id: Option<String>,
    /// The sub-ids.
    pub sub_ids: IndexMap<String, String>,
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Private({} sub-ids)", self.sub_ids.len())
    }
}

impl Private {
    /// What a test is told with: the examples of the dictionary.
    pub fn sample() -> Self {
        let example = |name: &str| {
            let like = MACROS.iter().find(|one| one.name == name).map(|one| one.example);
            like.filter(|like| !like.is_empty()).map(str::to_owned)
        };
        let subs = (1..=MAX_SUB_IDS).map(|n| format!("sub{n}"));
        Self {
            external_id: example("external_id"),
            click_id: example("click_id"),
            sub_ids: subs.filter_map(|name| Some((name.clone(), example(&name)?))).collect(),
        }
    }
}

impl Happening {
    /// Its id: the same whoever computes it, so that it is told once however often it is found.
    pub fn id(&self) -> HappeningId {
        let subject = self.sale.map_or(self.lead.uuid(), |sale| sale.conversion.uuid());
        let share = self.share.0.to_be_bytes();
        let parts: [&[u8]; 4] =
            [b"happening", self.event.as_str().as_bytes(), subject.as_bytes(), &share];
        HappeningId(derive_near(first_at(self.at), &parts))
    }

    /// What stands in the place of a macro; nothing where it does not apply.
    fn value(&self, name: &str, private: &Private) -> Option<String> {
        let sum = |minor: i64| Money::new(minor, self.currency).decimal();
        match name {
            "event_id" => Some(self.id().to_string()),
            "event" => Some(self.event.to_string()),
            "lead_id" => Some(self.lead.to_string()),
            "external_id" => private.external_id.clone(),
            "source_id" => Some(self.source.to_string()),
            "status" => Some(self.status.to_string()),
            "reason" => self.reason.clone(),
            "offer_id" => self.sale.map(|sale| sale.offer.to_string()),
            "award_id" => self.sale.map(|sale| sale.award.to_string()),
            "conversion_id" => self.sale.map(|sale| sale.conversion.to_string()),
            "goal" => self.sale.map(|sale| sale.goal.to_string()),
            "earning" => Some(sum(self.earning)),
            "earning_minor" => Some(self.earning.to_string()),
            "returned" => Some(sum(self.returned)),
            "returned_minor" => Some(self.returned.to_string()),
            "currency" => Some(self.currency.to_string()),
            "click_id" => private.click_id.clone(),
            "time" => Some(self.at.micros().div_euclid(SECOND).to_string()),
            "time_iso" => Some(self.at.rfc3339()),
            sub => private.sub_ids.get(sub).cloned(),
        }
    }

    /// The address to be called.
    pub fn address(&self, template: &Template, private: &Private) -> String {
        template.render(|name| self.value(name, private))
    }

    /// The body of a POST: every macro that has a value, by its name.
    pub fn body(&self, private: &Private) -> String {
        let known = |name: &str| Some((name.to_owned(), Value::from(self.value(name, private)?)));
        let data: Map<String, Value> = MACROS.iter().filter_map(|one| known(one.name)).collect();
        json!({"type": self.kind(), "timestamp": self.at.rfc3339(), "data": data}).to_string()
    }

    /// The event as receivers of Standard Webhooks sort it.
    fn kind(&self) -> &'static str {
        match self.event {
            NoticeEvent::Sold => "lead.sold",
            NoticeEvent::Unsold => "lead.unsold",
            NoticeEvent::Rejected => "lead.rejected",
            NoticeEvent::Quarantined => "lead.quarantined",
            NoticeEvent::ConversionCreated => "conversion.created",
            NoticeEvent::ConversionApproved => "conversion.approved",
            NoticeEvent::ConversionReturned => "conversion.returned",
            NoticeEvent::Test => "test",
        }
    }
}

impl NoticeEvent {
    /// The event of a lead that has come to a state; none where nobody is told.
    pub fn of_lead(state: LeadState) -> Option<Self> {
        match state {
            LeadState::Sold => Some(Self::Sold),
            LeadState::Unsold => Some(Self::Unsold),
            LeadState::Rejected => Some(Self::Rejected),
            LeadState::Quarantined => Some(Self::Quarantined),
            LeadState::Received | LeadState::Expired => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::ids::derive;

    fn happening() -> Happening {
        Happening {
            event: NoticeEvent::ConversionReturned,
            at: Timestamp::from_micros(1_772_442_000_123_456),
            publisher: OrganizationId(derive(&[b"p"])),
            source: SourceId(derive(&[b"s"])),
            lead: LeadId(derive(&[b"l"])),
            status: LeadState::Sold,
            reason: None,
            sale: Some(Sale {
                conversion: ConversionId(derive(&[b"c"])),
                award: AwardId(derive(&[b"a"])),
                offer: OfferId(derive(&[b"o"])),
                goal: GoalKind::Sale,
            }),
            earning: 42_500,
            returned: 7_500,
            share: Bps(1_500),
            currency: Currency::RUB,
        }
    }

    fn private() -> Private {
        Private {
            external_id: None,
            click_id: Some("clk_1".to_owned()),
            sub_ids: [("sub2".to_owned(), "two words".to_owned())].into_iter().collect(),
        }
    }

    #[test]
    fn the_address_says_what_happened() {
        let text = "https://t.example/?e={event}&s={earning}-{earning_minor}-{returned}{currency}\
             &x={external_id}&c={click_id}&a={sub1}{sub2}&g={goal}&t={time}&i={time_iso}";
        let url = happening().address(&Template::parse(text).unwrap(), &private());
        assert_eq!(
            url,
            "https://t.example/?e=CONVERSION_RETURNED&s=425.00-42500-75.00RUB&x=&c=clk_1\
             &a=two%20words&g=SALE&t=1772442000&i=2026-03-02T09%3A00%3A00.123456Z"
        );
    }

    #[test]
    fn the_body_has_what_has_a_value() {
        let body: Value = serde_json::from_str(&happening().body(&private())).unwrap();
        assert_eq!(body["type"], "conversion.returned");
        assert_eq!(body["data"]["earning_minor"], "42500");
        assert_eq!(body["data"]["sub2"], "two words");
        assert_eq!(body["data"]["event_id"], happening().id().to_string());
        assert!(body["data"].get("external_id").is_none() && body["data"].get("sub1").is_none());
    }

    #[test]
    fn an_event_has_one_id_and_another_event_another() {
        let one = happening();
        let text = serde_json::to_string(&one).unwrap();
        let again: Happening = serde_json::from_str(&text).unwrap();
        assert_eq!((again.id(), &again), (one.id(), &one));
        for private in ["sub", "click", "two words"] {
            assert!(!text.contains(private), "what is stored holds no contact data");
        }
        let others = [
            Happening { event: NoticeEvent::ConversionApproved, ..one.clone() },
            Happening { share: Bps(2_000), ..one.clone() },
            Happening { sale: None, ..one.clone() },
        ];
        assert!(others.iter().all(|other| other.id() != one.id()));
    }

    #[test]
    fn a_test_is_told_with_the_examples() {
        let template = Template::parse("https://t.example/{click_id}/{sub1}/{sub3}").unwrap();
        let url = happening().address(&template, &Private::sample());
        assert_eq!(url, "https://t.example/clk_01jq2v5w3tf6grd4y7c0s8b2ma/radio/");
        assert!(!format!("{:?}", Private::sample()).contains("radio"));
    }

    #[test]
    fn every_macro_of_the_dictionary_has_a_value() {
        let mut private = private();
        private.external_id = Some("x".to_owned());
        private.sub_ids = (1..=10).map(|n| (format!("sub{n}"), n.to_string())).collect();
        let mut one = happening();
        one.reason = Some("NO_OFFER".to_owned());
        for known in MACROS {
            assert!(one.value(known.name, &private).is_some(), "{}", known.name);
        }
    }
}
