//! Values that decide a test lead's verdict, so that a publisher can meet every answer before its
//! traffic starts. They mean nothing in a lead that is not marked as a test.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::ids::{AwardId, LeadId, OfferId};
use crate::lead::LeadState;
use crate::lead::verdict::{
    BAD_EMAIL, BAD_PHONE, DUPLICATE, NO_OFFER, RISK_TOO_HIGH, Reason, ShownMoney, SoldCopy,
    window_name,
};
use crate::money::Currency;
use crate::niche::annotations::FieldKind;
use crate::niche::policy::DedupePolicy;
use crate::niche::schema::FieldSchema;

crate::text_enum! {
    /// The answers that can be asked for.
    pub enum Magic {
        /// SOLD once.
        Sold = "SOLD",
        /// UNSOLD: `NO_OFFER`.
        Unsold = "UNSOLD",
        /// REJECTED as a repeat: `DUPLICATE_…`.
        Duplicate = "DUPLICATE",
        /// QUARANTINED: `RISK_TOO_HIGH`.
        Quarantined = "QUARANTINED",
        /// REJECTED for its content: `BAD_PHONE` or `BAD_EMAIL`.
        Rejected = "REJECTED",
    }
}

/// What a magic SOLD earns, in minor units of the niche's currency.
pub const EARNING: i64 = 10_000;

/// One answer with the values that ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MagicValues {
    /// The answer.
    pub gives: Magic,
    /// Telephone numbers, E.164: a Russian one and an American one that is reserved for fiction.
    pub phones: [&'static str; 2],
    /// An e-mail address in a domain that is reserved for examples.
    pub email: &'static str,
}

const fn values(gives: Magic, phones: [&'static str; 2], email: &'static str) -> MagicValues {
    MagicValues { gives, phones, email }
}

/// Every answer with its values.
pub const VALUES: [MagicValues; 5] = [
    values(Magic::Sold, ["+79990000001", "+12025550101"], "sold@example.com"),
    values(Magic::Unsold, ["+79990000002", "+12025550102"], "unsold@example.com"),
    values(Magic::Duplicate, ["+79990000003", "+12025550103"], "duplicate@example.com"),
    values(Magic::Quarantined, ["+79990000004", "+12025550104"], "quarantined@example.com"),
    values(Magic::Rejected, ["+79990000005", "+12025550105"], "rejected@example.com"),
];

impl Magic {
    /// The values that ask for this answer.
    pub fn values(self) -> MagicValues {
        let found = VALUES.iter().find(|values| values.gives == self);
        found.copied().unwrap_or(values(self, ["", ""], ""))
    }
}

/// What a test lead asks for, and the field that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The answer.
    pub magic: Magic,
    /// The field's name.
    pub field: String,
    kind: FieldKind,
}

/// What the normalised fields ask for: the first telephone number or e-mail address among the
/// magic ones, in the order of the schema.
pub fn asked(schema: &FieldSchema, fields: &Map<String, Value>) -> Option<Asked> {
    schema.fields().iter().find_map(|field| {
        let text = fields.get(&field.name)?.as_str()?;
        let kind = field.kind?;
        let found = VALUES.iter().find(|values| match kind {
            FieldKind::Phone => values.phones.contains(&text),
            FieldKind::Email => values.email.eq_ignore_ascii_case(text),
            _ => false,
        })?;
        Some(Asked { magic: found.gives, field: field.name.clone(), kind })
    })
}

/// A made-up answer, of the same shape as a true one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeUp {
    /// The state.
    pub state: LeadState,
    /// Why; empty if sold.
    pub reasons: Vec<Reason>,
    /// The sales.
    pub sold: Vec<SoldCopy>,
}

/// The answer that a test lead asked for. Award and offer of a sale exist nowhere.
pub fn answer(
    asked: &Asked,
    dedupe: &DedupePolicy,
    lead: LeadId,
    award: AwardId,
    currency: Currency,
) -> MadeUp {
    let path = format!("fields.{}", asked.field);
    let refused = |state, reason| MadeUp { state, reasons: vec![reason], sold: Vec::new() };
    match asked.magic {
        Magic::Sold => MadeUp {
            state: LeadState::Sold,
            reasons: Vec::new(),
            sold: vec![SoldCopy {
                award_id: award,
                offer_id: OfferId::derived(&[b"test lead", lead.uuid().as_bytes()]),
                copy_no: 1,
                earning: ShownMoney::new(EARNING, currency),
            }],
        },
        Magic::Unsold => refused(LeadState::Unsold, Reason::new(NO_OFFER)),
        Magic::Duplicate => {
            let name = format!(
                "{}_{}_{}",
                DUPLICATE.name,
                asked.field.to_uppercase(),
                window_name(dedupe.window_s)
            );
            refused(LeadState::Rejected, Reason::at(DUPLICATE, path).named(name))
        }
        Magic::Quarantined => refused(LeadState::Quarantined, Reason::new(RISK_TOO_HIGH)),
        Magic::Rejected => {
            let code = if asked.kind == FieldKind::Phone { BAD_PHONE } else { BAD_EMAIL };
            refused(LeadState::Rejected, Reason::at(code, path))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;
    use crate::lead::normalise::normalise;
    use crate::lead::{email, phone};
    use crate::niche::policy::{DedupeMode, DedupeScope};
    use crate::time::Timestamp;
    use serde_json::json;

    fn schema() -> FieldSchema {
        let text = |kind: &str| {
            json!({"type": "string", "x-kind": kind, "x-pii": true, "maxLength": 100,
                   "x-label": {"en": "x", "ru": "x"}})
        };
        FieldSchema::compile(&json!({
            "type": "object", "additionalProperties": false,
            "properties": {"phone": text("phone"), "email": text("email"), "note": text("comment")}
        }))
        .unwrap()
    }

    #[test]
    fn every_value_passes_the_checks_that_it_meets_first() {
        for values in VALUES {
            for number in values.phones {
                assert_eq!(phone::parse(number, "RU").unwrap().e164, number);
            }
            assert_eq!(email::parse(values.email).unwrap().address, values.email);
            assert_eq!(values.gives.values(), values);
        }
    }

    #[test]
    fn the_first_magic_field_of_the_schema_counts_however_it_is_written() {
        let schema = schema();
        let ask = |fields: Value| {
            let normalised = normalise(&schema, "RU", fields.as_object().unwrap());
            asked(&schema, &normalised.fields).map(|asked| (asked.magic, asked.field))
        };
        let by_phone = json!({"email": "Sold@Example.com", "phone": "8 (999) 000-00-02"});
        assert_eq!(ask(by_phone), Some((Magic::Unsold, "phone".to_owned())));
        let by_email = json!({"email": "QUARANTINED@example.com", "phone": "+79161234567"});
        assert_eq!(ask(by_email), Some((Magic::Quarantined, "email".to_owned())));
        assert_eq!(ask(json!({"note": "+79990000001", "phone": "+79161234567"})), None);
    }

    #[test]
    fn answers_have_the_codes_of_true_ones() {
        let dedupe = DedupePolicy {
            key_sets: vec![vec!["phone".to_owned()]],
            mode: DedupeMode::Any,
            window_s: 30 * 86_400,
            scope: DedupeScope::Niche,
            release_on_return: true,
            md5: false,
        };
        let at = Timestamp::from_micros(1);
        let told = |magic| {
            let asked = Asked { magic, field: "phone".to_owned(), kind: FieldKind::Phone };
            let made = answer(&asked, &dedupe, LeadId::new(at), AwardId::new(at), Currency::RUB);
            let codes: Vec<String> = made.reasons.iter().map(|r| r.code.to_string()).collect();
            (made.state.as_str(), codes.join(","), made.sold.len())
        };
        assert_eq!(told(Magic::Sold), ("SOLD", String::new(), 1));
        assert_eq!(told(Magic::Unsold), ("UNSOLD", "NO_OFFER".to_owned(), 0));
        assert_eq!(told(Magic::Duplicate), ("REJECTED", "DUPLICATE_PHONE_30D".to_owned(), 0));
        assert_eq!(told(Magic::Quarantined), ("QUARANTINED", "RISK_TOO_HIGH".to_owned(), 0));
        assert_eq!(told(Magic::Rejected), ("REJECTED", "BAD_PHONE".to_owned(), 0));
    }
}
