//! How suspicious a submission is, 0-100, from what it carries itself.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::envelope::Envelope;
use super::normalise::Normalised;
use crate::niche::annotations::FieldKind;
use crate::niche::schema::FieldSchema;

/// One sign of risk and its weight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskSign {
    /// Stable name, like `HONEYPOT`.
    pub name: String,
    /// Points added.
    pub points: i32,
}

/// The judgement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Risk {
    /// 0-100.
    pub total: i32,
    /// What was found.
    pub signs: Vec<RiskSign>,
}

impl Risk {
    fn add(&mut self, name: &str, points: i32) {
        self.signs.push(RiskSign { name: name.to_owned(), points });
        self.total = (self.total + points).min(100);
    }
}

/// A form filled faster than this was not filled by a person, in milliseconds.
const FASTEST_PERSON_MS: i64 = 2_000;

/// Judges a normalised submission.
pub fn judge(schema: &FieldSchema, normalised: &Normalised, envelope: &Envelope) -> Risk {
    let mut risk = Risk::default();
    if envelope.honeypot.as_ref().is_some_and(|text| !text.trim().is_empty()) {
        risk.add("HONEYPOT", 100);
    }
    if envelope.fill_ms.is_some_and(|ms| (0..FASTEST_PERSON_MS).contains(&ms)) {
        risk.add("FILLED_TOO_FAST", 40);
    }
    if normalised.disposable_email {
        risk.add("DISPOSABLE_EMAIL", 40);
    }
    if normalised.unusual_phone {
        risk.add("UNUSUAL_PHONE_TYPE", 20);
    }
    if repeated_text(schema, &normalised.fields) {
        risk.add("REPEATED_TEXT", 30);
    }
    if senseless_name(schema, &normalised.fields) {
        risk.add("SENSELESS_NAME", 30);
    }
    risk
}

/// The same longer text in several free fields.
fn repeated_text(schema: &FieldSchema, fields: &Map<String, Value>) -> bool {
    let mut seen: Vec<&str> = Vec::new();
    for (name, value) in fields {
        let free = schema.field(name).is_some_and(|spec| {
            spec.options.is_empty()
                && matches!(spec.kind, None | Some(FieldKind::Name | FieldKind::Comment))
        });
        if let (true, Value::String(text)) = (free, value)
            && text.chars().count() >= 4
        {
            if seen.contains(&text.as_str()) {
                return true;
            }
            seen.push(text);
        }
    }
    false
}

/// `aaaa`, `test`, `тест`, digits: nobody's name.
fn senseless_name(schema: &FieldSchema, fields: &Map<String, Value>) -> bool {
    fields.iter().any(|(name, value)| {
        let is_name = schema.field(name).is_some_and(|spec| spec.kind == Some(FieldKind::Name));
        let Value::String(text) = value else { return false };
        if !is_name {
            return false;
        }
        let lower = text.to_lowercase();
        let mut chars = lower.chars();
        let first = chars.next();
        let one_letter = lower.chars().count() >= 3 && chars.all(|c| Some(c) == first);
        let digits = !lower.is_empty() && lower.chars().any(|c| c.is_ascii_digit());
        one_letter
            || digits
            || matches!(lower.as_str(), "test" | "тест" | "asdf" | "qwerty" | "йцукен")
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use crate::lead::normalise::normalise;
    use serde_json::json;

    fn text(kind: &str) -> Value {
        json!({"type": "string", "x-kind": kind, "x-pii": true, "maxLength": 100,
               "x-label": {"en": "x", "ru": "x"}})
    }

    fn judged(fields: Value, envelope: &Envelope) -> Risk {
        let schema = FieldSchema::compile(&json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "name": text("name"), "note": text("comment"), "more": text("comment"),
                "email": text("email")
            }
        }))
        .unwrap();
        let normalised = normalise(&schema, "RU", fields.as_object().unwrap());
        judge(&schema, &normalised, envelope)
    }

    #[test]
    fn an_honest_form_has_no_risk() {
        let envelope = Envelope { fill_ms: Some(20_000), ..Envelope::default() };
        let fields = json!({"name": "Anna", "note": "please call", "email": "a@mail.ru"});
        assert_eq!(judged(fields, &envelope), Risk::default());
    }

    #[test]
    fn each_sign_is_named_and_the_total_is_bounded() {
        let envelope =
            Envelope { honeypot: Some("x".into()), fill_ms: Some(100), ..Envelope::default() };
        let risk = judged(
            json!({"name": "тест", "note": "spam", "more": "spam", "email": "a@yopmail.com"}),
            &envelope,
        );
        assert_eq!(risk.total, 100);
        assert_eq!(risk.signs.len(), 5);
    }
}
