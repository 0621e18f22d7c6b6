//! From what was sent to what is judged: one spelling of every value.

use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization;

use super::verdict::{BAD_EMAIL, BAD_PHONE, FIELD_LENGTH, FIELD_UNKNOWN, Reason};
use super::{email, phone};
use crate::niche::annotations::{Field, FieldKind, ValueType};
use crate::niche::schema::FieldSchema;

/// The most fields that a submission may carry.
pub const MAX_SENT_FIELDS: usize = 400;
/// The longest text in a field, in bytes.
pub const MAX_VALUE: usize = 8_192;

/// Normalised fields with what was learnt on the way.
#[derive(Clone, Debug, Default)]
pub struct Normalised {
    /// The fields, absent ones left out.
    pub fields: Map<String, Value>,
    /// The form under which each text is recognised as the same, by field: E.164, canonical
    /// e-mail, lower-case name.
    pub canonical: BTreeMap<String, String>,
    /// Faults that only normalising could find.
    pub reasons: Vec<Reason>,
    /// A throw-away mailbox was given.
    pub disposable_email: bool,
    /// A kind of line was given that persons rarely have.
    pub unusual_phone: bool,
    /// Country of the telephone number.
    pub phone_region: Option<String>,
}

/// Normalises by the niche's schema. What is null or empty counts as not sent.
pub fn normalise(
    schema: &FieldSchema,
    default_region: &str,
    sent: &Map<String, Value>,
) -> Normalised {
    let mut out = Normalised::default();
    if sent.len() > MAX_SENT_FIELDS {
        out.reasons.push(Reason::at(FIELD_UNKNOWN, "fields").detail("Too many fields were sent."));
        return out;
    }
    for (name, value) in sent {
        let clean = match value {
            Value::Null => continue,
            Value::String(text) if text.len() > MAX_VALUE => {
                out.reasons.push(Reason::at(FIELD_LENGTH, name.clone()));
                continue;
            }
            Value::String(text) => clean_text(text),
            other => {
                let Some(spec) = schema.field(name) else {
                    out.fields.insert(name.clone(), other.clone());
                    continue;
                };
                if spec.ty == ValueType::Text && other.is_number() {
                    // Senders give numbers where texts are wanted: phones, postal codes.
                    other.to_string()
                } else {
                    out.fields.insert(name.clone(), other.clone());
                    remember_plain(&mut out, name, other);
                    continue;
                }
            }
        };
        if clean.is_empty() {
            continue;
        }
        match schema.field(name) {
            Some(spec) => text_field(&mut out, name, spec, clean, default_region),
            None => {
                out.fields.insert(name.clone(), Value::String(clean));
            }
        }
    }
    out
}

fn remember_plain(out: &mut Normalised, name: &str, value: &Value) {
    if let Value::Number(_) | Value::Bool(_) = value {
        out.canonical.insert(name.to_owned(), value.to_string());
    }
}

/// NFKC, control characters and runs of white space as one space, no space at the ends.
pub fn clean_text(text: &str) -> String {
    if text.is_ascii() && !text.bytes().any(|b| b.is_ascii_control()) && !text.contains("  ") {
        return text.trim().to_owned();
    }
    let mut clean = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.nfkc() {
        let invisible = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}');
        if invisible {
            continue;
        }
        if c.is_whitespace() || c.is_control() {
            gap = true;
        } else {
            if gap && !clean.is_empty() {
                clean.push(' ');
            }
            gap = false;
            clean.push(c);
        }
    }
    clean
}

fn text_field(out: &mut Normalised, name: &str, spec: &Field, text: String, region: &str) {
    let (value, canonical) = match (spec.kind, spec.ty) {
        (Some(FieldKind::Phone), _) => match phone::parse(&text, region) {
            Some(phone) => {
                out.unusual_phone |= phone.unusual;
                out.phone_region = phone.region.or(out.phone_region.take());
                (Value::String(phone.e164.clone()), phone.e164)
            }
            None => {
                out.reasons.push(Reason::at(BAD_PHONE, name));
                return;
            }
        },
        (Some(FieldKind::Email), _) => match email::parse(&text) {
            Some(email) => {
                out.disposable_email |= email.disposable;
                (Value::String(email.address), email.canonical)
            }
            None => {
                out.reasons.push(Reason::at(BAD_EMAIL, name));
                return;
            }
        },
        (Some(FieldKind::PostalCode), _) => {
            let code = text.to_uppercase();
            (Value::String(code.clone()), code.replace([' ', '-'], ""))
        }
        (Some(FieldKind::Date), _) => {
            let date = iso_date(&text).unwrap_or(text);
            (Value::String(date.clone()), date)
        }
        (_, ValueType::Integer | ValueType::Number) => match number(&text, spec.ty) {
            Some(number) => (Value::Number(number.clone()), number.to_string()),
            None => (Value::String(text.clone()), text),
        },
        (_, ValueType::Boolean) => match boolean(&text) {
            Some(flag) => (Value::Bool(flag), flag.to_string()),
            None => (Value::String(text.clone()), text),
        },
        _ => {
            let lower = text.to_lowercase();
            let chosen = spec
                .options
                .keys()
                .find(|option| **option == text || option.to_lowercase() == lower);
            let text = chosen.cloned().unwrap_or(text);
            let canonical = text.to_lowercase();
            (Value::String(text), canonical)
        }
    };
    out.fields.insert(name.to_owned(), value);
    out.canonical.insert(name.to_owned(), canonical);
}

/// Reads `1 250 000`, `12,5`, `-3`. Whole numbers stay whole.
fn number(text: &str, ty: ValueType) -> Option<Number> {
    let compact: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    if let Ok(whole) = compact.parse::<i64>() {
        return Some(whole.into());
    }
    if ty == ValueType::Integer {
        return None;
    }
    compact.parse::<f64>().ok().filter(|n| n.is_finite()).and_then(Number::from_f64)
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "on" | "1" | "y" | "да" => Some(true),
        "false" | "no" | "off" | "0" | "n" | "нет" => Some(false),
        _ => None,
    }
}

/// `1990-02-28`, `28.02.1990`, `28/02/1990` as `1990-02-28`; `None` if no such day exists.
fn iso_date(text: &str) -> Option<String> {
    ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y/%m/%d"]
        .iter()
        .find_map(|format| chrono::NaiveDate::parse_from_str(text, format).ok())
        .map(|date| date.format("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use serde_json::json;

    fn label() -> Value {
        json!({"en": "x", "ru": "x"})
    }

    fn text(kind: &str) -> Value {
        json!({"type": "string", "x-kind": kind, "x-pii": true, "maxLength": 100, "x-label": label()})
    }

    fn schema() -> FieldSchema {
        FieldSchema::compile(&json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "phone": text("phone"), "email": text("email"), "name": text("name"),
                "born": text("date"), "zip": text("postal_code"),
                "amount": {"type": "integer", "x-label": label()},
                "rate": {"type": "number", "x-label": label()},
                "owner": {"type": "boolean", "x-label": label()},
                "plan": {"type": "string", "enum": ["Basic", "Gold"], "x-label": label(),
                         "x-options": {"Basic": label(), "Gold": label()}}
            }
        }))
        .unwrap()
    }

    #[test]
    fn every_kind_has_one_spelling() {
        let sent = json!({
            "phone": 89161234567i64, "email": " Ivan@MAIL.ru ", "name": "  Ива\u{301}н \u{a0} Петров\u{200b} ",
            "amount": "1 250 000", "rate": "12,5", "owner": "Да", "born": "28.02.1990",
            "zip": "ec1a 1bb", "plan": "gold", "empty": "", "none": null
        });
        let out = normalise(&schema(), "RU", sent.as_object().unwrap());
        assert!(out.reasons.is_empty(), "{:?}", out.reasons);
        assert_eq!(
            Value::Object(out.fields),
            json!({
                "phone": "+79161234567", "email": "Ivan@mail.ru", "name": "Ива́н Петров",
                "amount": 1_250_000, "rate": 12.5, "owner": true, "born": "1990-02-28",
                "zip": "EC1A 1BB", "plan": "Gold"
            })
        );
        assert_eq!(out.canonical["email"], "ivan@mail.ru");
        assert_eq!(out.canonical["zip"], "EC1A1BB");
        assert_eq!(out.phone_region.as_deref(), Some("RU"));
    }

    #[test]
    fn a_bad_phone_is_a_reason_and_no_field() {
        let out =
            normalise(&schema(), "RU", json!({"phone": "12", "email": "x"}).as_object().unwrap());
        let codes: Vec<_> = out.reasons.iter().map(|r| r.code.as_ref()).collect();
        assert_eq!(codes, ["BAD_PHONE", "BAD_EMAIL"]);
        assert!(out.fields.is_empty());
    }

    #[test]
    fn normalising_twice_changes_nothing() {
        let sent =
            json!({"phone": "8 916 123-45-67", "rate": "0.5", "name": "A  B", "born": "1.2.2000"});
        let once = normalise(&schema(), "RU", sent.as_object().unwrap());
        let twice = normalise(&schema(), "RU", &once.fields);
        assert_eq!(once.fields, twice.fields);
        assert_eq!(once.canonical, twice.canonical);
    }
}
