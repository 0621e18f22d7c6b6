//! The bodies of the REST surface as the OpenAPI description shows them. They only describe: what is
//! really read and written are core's own types, and tests compare the two.

use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A lead: the niche's fields under `fields`, the envelope beside them. Both may also lie flat, and
/// in a form they do.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "external_id": "form-1042",
    "fields": {"phone": "+7 916 123-45-67", "region": "RU-MOW", "purpose": "NEW_BUILDING", "loan_amount": 5_000_000},
    "sub_ids": {"sub1": "spring"},
    "consent": {"text": "I agree to be contacted about my request", "page": "https://example.com/form"}
}))]
pub struct LeadBody {
    /// The source; needed with an API key, and checked with a posting key.
    #[schema(example = "src_01h455vb4pex5vsknk084sn02q")]
    pub source: Option<String>,
    /// The posting key, where it cannot be a header.
    pub posting_key: Option<String>,
    /// The same key and body give the same verdict for seven days; a header does the same.
    pub idempotency_key: Option<String>,
    /// A test: checked and answered, never sold, billed or counted.
    pub test: Option<bool>,
    /// The niche's fields; `/v1/spec/{source}` lists them.
    pub fields: BTreeMap<String, Value>,
    /// The sender's own id of the lead, at most 255 bytes.
    pub external_id: Option<String>,
    /// Sub-ids, at most ten; also as `sub1` … `sub10`.
    pub sub_ids: Option<BTreeMap<String, String>>,
    /// The person's IP address.
    pub ip: Option<String>,
    /// The person's browser.
    pub user_agent: Option<String>,
    /// The page of the form.
    pub landing_url: Option<String>,
    /// What the person agreed to.
    pub consent: Option<ConsentBody>,
    /// Certificates of the consent, at most ten.
    pub certificate_urls: Option<Vec<String>>,
    /// The click that led to the form.
    pub click_id: Option<String>,
    /// Milliseconds between showing and sending the form.
    pub fill_ms: Option<i64>,
    /// A form field that no person sees.
    pub honeypot: Option<String>,
    /// When the person wants to be called: NOW, MORNING, AFTERNOON or EVENING.
    pub preferred_time: Option<String>,
    /// When the person stated the wish, RFC 3339.
    pub stated_at: Option<String>,
    /// To how many buyers it may go, if fewer than the source allows.
    pub max_sales: Option<i32>,
    /// The least earning in minor units, if more than the source asks.
    pub min_earning: Option<i64>,
}

/// A person's consent. `true` alone says only that it was given.
#[derive(Serialize, ToSchema)]
pub struct ConsentBody {
    /// Whether it was given; a text says so too.
    pub given: Option<bool>,
    /// The rendered text; only its hash is kept.
    pub text: Option<String>,
    /// SHA-256 of the text in hex, instead of the text.
    pub text_hash: Option<String>,
    /// The version of the text.
    pub version: Option<String>,
    /// The page on which it was given.
    pub page: Option<String>,
    /// When, RFC 3339.
    pub at: Option<String>,
}

/// What became of a lead.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "lead_id": "lead_01h455vb4pex5vsknk084sn02q", "verdict": "SOLD", "reasons": [],
    "awards": [{"award_id": "awd_01h455vb4pex5vsknk084sn02q", "offer_id": "ofr_01h455vb4pex5vsknk084sn02q",
        "copy_no": 1, "earning": {"minor": "42500", "currency": "RUB"}}],
    "earning": {"minor": "42500", "currency": "RUB"}, "score": 64, "temperature": "WARM",
    "received_at": "2026-03-02T09:00:00Z"
}))]
pub struct VerdictBody {
    /// The lead.
    pub lead_id: String,
    /// True for a test lead, else absent.
    pub test: Option<bool>,
    /// SOLD, UNSOLD, REJECTED or QUARANTINED.
    pub verdict: VerdictState,
    /// Every reason, most important first; empty for a sold lead.
    pub reasons: Vec<ReasonBody>,
    /// The sales.
    pub awards: Vec<SoldBody>,
    /// Sum of the awards' earnings.
    pub earning: MoneyBody,
    /// 0-100; absent for a lead that was refused before it was scored.
    pub score: Option<i32>,
    /// HOT, WARM, COLD or OFF_TARGET.
    pub temperature: Option<String>,
    /// Where to send the person's browser.
    pub redirect_url: Option<String>,
    /// The refused lead that this one corrects.
    pub supersedes: Option<String>,
    /// When it came in, RFC 3339.
    pub received_at: String,
}

/// The four answers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VerdictState {
    /// Somebody bought it.
    Sold,
    /// Valid, but nobody bought it.
    Unsold,
    /// Refused for its content or as a repeat.
    Rejected,
    /// A moderator looks at it first.
    Quarantined,
}

/// One reason of a verdict.
#[derive(Serialize, ToSchema)]
pub struct ReasonBody {
    /// The stable code, like `DUPLICATE_PHONE_30D`.
    pub code: String,
    /// The field or envelope part.
    pub path: Option<String>,
    /// An English sentence.
    pub message: String,
}

/// One sale.
#[derive(Serialize, ToSchema)]
pub struct SoldBody {
    /// The award.
    pub award_id: String,
    /// The offer that bought.
    pub offer_id: String,
    /// 1 for the first sale of this lead.
    pub copy_no: i32,
    /// What is earned now.
    pub earning: MoneyBody,
}

/// A sum of money.
#[derive(Serialize, ToSchema)]
pub struct MoneyBody {
    /// Minor units (kopecks, cents) as a decimal integer.
    pub minor: String,
    /// ISO 4217.
    pub currency: String,
}

/// One line of a batch's answer: the verdict's members beside these, or a refusal.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"line": 2, "status": 400, "code": "BAD_REQUEST", "detail": "The body is not JSON (line 1, column 2)."}))]
pub struct BatchLine {
    /// The number of the lead's line, from 1; empty lines do not count.
    pub line: usize,
    /// The status that the lead would have had alone.
    pub status: u16,
    /// Whether an earlier request had this answer.
    pub replayed: Option<bool>,
    /// The refusal's stable code.
    pub code: Option<String>,
    /// The refusal in an English sentence.
    pub detail: Option<String>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use leadbourse_core::ids::{AwardId, LeadId, OfferId};
    use leadbourse_core::lead::LeadState;
    use leadbourse_core::lead::submission::Submission;
    use leadbourse_core::lead::verdict::{NO_OFFER, Reason, ShownMoney, SoldCopy, Verdict};
    use leadbourse_core::money::Currency;
    use leadbourse_core::score::Temperature;
    use leadbourse_core::time::Timestamp;
    use std::collections::BTreeSet;
    use utoipa::OpenApi;

    #[derive(OpenApi)]
    #[openapi(components(schemas(
        LeadBody,
        VerdictBody,
        ReasonBody,
        SoldBody,
        MoneyBody,
        BatchLine
    )))]
    struct Bodies;

    fn described(name: &str) -> BTreeSet<String> {
        let all = serde_json::to_value(Bodies::openapi()).unwrap();
        let properties = &all["components"]["schemas"][name]["properties"];
        properties.as_object().unwrap().keys().cloned().collect()
    }

    fn names(value: &Value) -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn a_verdict_is_described_as_it_is_written() {
        let now = Timestamp::from_micros(1);
        let lead = LeadId::new(now);
        let earning = ShownMoney::new(1, Currency::RUB);
        let verdict = Verdict {
            lead_id: lead,
            test: true,
            state: LeadState::Sold,
            reasons: vec![Reason::at(NO_OFFER, "fields.x")],
            awards: vec![SoldCopy {
                award_id: AwardId::new(now),
                offer_id: OfferId::new(now),
                copy_no: 1,
                earning: earning.clone(),
            }],
            earning,
            score: Some(1),
            temperature: Some(Temperature::Hot),
            redirect_url: Some("https://x.example".to_owned()),
            supersedes: Some(lead),
            received_at: now.rfc3339(),
        };
        let written = serde_json::to_value(&verdict).unwrap();
        assert_eq!(described("VerdictBody"), names(&written));
        assert_eq!(described("ReasonBody"), names(&written["reasons"][0]));
        assert_eq!(described("SoldBody"), names(&written["awards"][0]));
        assert_eq!(described("MoneyBody"), names(&written["earning"]));
    }

    #[test]
    fn every_part_of_a_lead_that_is_described_is_read() {
        let known = |name: &str| {
            let mut body = serde_json::Map::new();
            // No part takes a list of lists: what is read says that it is wrong.
            body.insert(name.to_owned(), serde_json::json!([[1]]));
            !Submission::from_json(body).problems.is_empty()
        };
        for name in described("LeadBody") {
            assert!(known(&name), "{name} is not read");
        }
    }
}
