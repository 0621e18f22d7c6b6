//! Reading a submission: JSON with a `fields` object, flat JSON, or a posted form.
//!
//! Whatever parses becomes a lead: a wrong envelope is a reason of its verdict, not an error.

use indexmap::IndexMap;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::envelope::{Consent, Envelope, MAX_SUB_ID};
use super::verdict::{BAD_ENVELOPE, Reason};
use crate::niche::schema::FieldSchema;
use crate::ping::PostedPing;

/// What was sent, taken apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Submission {
    /// The source as named, if it was.
    pub source: Option<String>,
    /// The posting key, if it came in the body.
    pub posting_key: Option<String>,
    /// The sender's key against doing it twice, if it came in the body.
    pub idempotency_key: Option<String>,
    /// The niche's fields.
    pub fields: Map<String, Value>,
    /// Envelope.
    pub envelope: Envelope,
    /// To how many buyers it may go.
    pub max_sales: Option<i32>,
    /// The least earning, in minor units.
    pub min_earning: Option<i64>,
    /// The ping that it follows, if it does.
    pub ping: PostedPing,
    /// A test: checked and answered, but never sold.
    pub test: bool,
    /// Parts of the envelope that did not read.
    pub problems: Vec<Reason>,
}

/// The parts of the envelope, in the order in which they are read and their faults are told. Where
/// no `fields` object tells both apart, these names mean the envelope. Of two names of one part the
/// later one counts.
const PARTS: &[&str] = &[
    "test",
    "source",
    "key",
    "posting_key",
    "idempotency_key",
    "external_id",
    "sub_ids",
    "ip",
    "user_agent",
    "landing_url",
    "consent",
    "consent_text",
    "certificate_urls",
    "click_id",
    "fill_ms",
    "honeypot",
    "preferred_time",
    "stated_at",
    "max_sales",
    "min_earning",
    "ping_id",
    "bid_ids",
    "late_as",
];

impl Submission {
    /// Takes a JSON object apart.
    pub fn from_json(mut body: Map<String, Value>) -> Self {
        let mut out = Self::default();
        let fields = body.remove("fields");
        let mut rest = match fields {
            Some(Value::Object(fields)) => {
                out.fields = fields;
                body
            }
            other => {
                if other.is_some_and(|value| !value.is_null()) {
                    out.bad("fields");
                }
                let (envelope, fields): (Vec<_>, Vec<_>) =
                    body.into_iter().partition(|(name, _)| {
                        PARTS.contains(&name.as_str()) || sub_number(name).is_some()
                    });
                out.fields = fields.into_iter().collect();
                envelope.into_iter().collect()
            }
        };
        // In the declared order: the order of an object's names means nothing.
        for name in PARTS {
            if let Some(value) = rest.remove(*name) {
                out.envelope_part(name, value);
            }
        }
        let mut subs: Vec<(u8, String, Value)> = rest
            .into_iter()
            .filter_map(|(name, value)| Some((sub_number(&name)?, name, value)))
            .collect();
        subs.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        for (number, name, value) in subs {
            out.sub_id(number, &name, value);
        }
        out
    }

    /// Takes a posted form apart: the same names, texts only. A repeated name keeps its first
    /// value.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut body = Map::new();
        for (name, value) in pairs {
            body.entry(name).or_insert(Value::String(value));
        }
        Self::from_json(body)
    }

    fn bad(&mut self, path: &str) {
        self.problems.push(Reason::at(BAD_ENVELOPE, path));
    }

    fn sub_id(&mut self, number: u8, name: &str, value: Value) {
        if is_nothing(&value) {
            return;
        }
        match text(value) {
            Some(text) => drop(self.envelope.sub_ids.insert(format!("sub{number}"), text)),
            None => self.bad(name),
        }
    }

    fn envelope_part(&mut self, name: &str, value: Value) {
        if is_nothing(&value) {
            return;
        }
        let read = match name {
            "test" => flag(&value).map(|v| self.test = v),
            "source" => text(value).map(|v| self.source = Some(v)),
            "posting_key" | "key" => text(value).map(|v| self.posting_key = Some(v)),
            "idempotency_key" => text(value).map(|v| self.idempotency_key = Some(v)),
            "external_id" => text(value).map(|v| self.envelope.external_id = Some(v)),
            "ip" => text(value).map(|v| self.envelope.ip = Some(v)),
            "user_agent" => text(value).map(|v| self.envelope.user_agent = Some(v)),
            "landing_url" => text(value).map(|v| self.envelope.landing_url = Some(v)),
            "click_id" => text(value).map(|v| self.envelope.click_id = Some(v)),
            "honeypot" => text(value).map(|v| self.envelope.honeypot = Some(v)),
            "preferred_time" => text(value).map(|v| self.envelope.preferred_time = Some(v)),
            "stated_at" => text(value).map(|v| self.envelope.stated_at = Some(v)),
            "fill_ms" => whole(&value).map(|v| self.envelope.fill_ms = Some(v)),
            "max_sales" => whole(&value)
                .and_then(|v| i32::try_from(v).ok())
                .filter(|v| *v >= 1)
                .map(|v| self.max_sales = Some(v)),
            "min_earning" => {
                let minor = value.get("minor").cloned().unwrap_or(value);
                whole(&minor).filter(|v| *v >= 0).map(|v| self.min_earning = Some(v))
            }
            "ping_id" | "bid_ids" | "late_as" => self.ping.part(name, &value),
            "sub_ids" => sub_ids(value).map(|v| self.envelope.sub_ids.extend(v)),
            "certificate_urls" => texts(value).map(|v| self.envelope.certificate_urls = v),
            "consent" => consent(value).map(|v| self.envelope.consent = Some(v)),
            "consent_text" => text(value).map(|v| {
                let consent = self.envelope.consent.get_or_insert_default();
                consent.given = true;
                consent.text_hash = Some(text_hash(&v));
            }),
            // A name that is no part of the envelope is passed over: senders add their own.
            _ => Some(()),
        };
        if read.is_none() {
            self.bad(name);
        }
    }
}

/// SHA-256 of a consent's rendered text, hex.
pub fn text_hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// Sorts reasons about a submission: the envelope's parts as they are declared, then the fields as
/// the schema has them, unknown ones last; more than one about the same thing by their code. The
/// first reason is what people are told first, so it must not hang on the order of a JSON object.
pub fn in_order(reasons: &mut [Reason], schema: &FieldSchema) {
    reasons.sort_by(|a, b| {
        let key = |reason: &Reason| place(reason.path.as_deref().unwrap_or_default(), schema);
        (key(a), &a.path, &a.code).cmp(&(key(b), &b.path, &b.code))
    });
}

/// Envelope or fields, and the number there.
fn place(path: &str, schema: &FieldSchema) -> (bool, usize) {
    let named = |path: &str| path.split(['.', '[']).next().unwrap_or_default().to_owned();
    if path == "fields" {
        return (true, 0);
    }
    match path.strip_prefix("fields.") {
        Some(field) => (true, schema.position(&named(field)).unwrap_or(usize::MAX)),
        None => {
            let name = named(path);
            let name = if sub_number(&name).is_some() { "sub_ids" } else { name.as_str() };
            (false, PARTS.iter().position(|part| *part == name).unwrap_or(usize::MAX))
        }
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

/// `sub1` … `sub10`, `sub_1`, `sub_id_1`: the number.
fn sub_number(name: &str) -> Option<u8> {
    let rest = name.strip_prefix("sub")?;
    let digits = rest.trim_start_matches("_id").trim_start_matches('_');
    let number: u8 = digits.parse().ok()?;
    (1..=10).contains(&number).then_some(number)
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_i64()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn texts(value: Value) -> Option<Vec<String>> {
    match value {
        Value::String(one) => Some(vec![one]),
        Value::Array(list) => list.into_iter().map(text).collect(),
        _ => None,
    }
}

fn sub_ids(value: Value) -> Option<IndexMap<String, String>> {
    let Value::Object(map) = value else { return None };
    map.into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| text(value).map(|text| (name, text)))
        .collect()
}

fn consent(value: Value) -> Option<Consent> {
    match value {
        Value::Bool(given) => Some(Consent { given, ..Consent::default() }),
        Value::String(text) => {
            let given = matches!(text.to_lowercase().as_str(), "true" | "yes" | "on" | "1");
            Some(Consent { given, ..Consent::default() })
        }
        Value::Object(mut map) => {
            let mut part = |name: &str| {
                map.remove(name).and_then(text).filter(|text| text.len() <= 2 * MAX_SUB_ID.pow(2))
            };
            let rendered = part("text").map(|text| text_hash(&text));
            let (hash, version) = (part("text_hash"), part("version"));
            let (page, at) = (part("page"), part("at"));
            let given = match map.get("given") {
                Some(Value::Bool(given)) => *given,
                Some(_) => return None,
                None => rendered.is_some() || hash.is_some(),
            };
            Some(Consent { given, text_hash: rendered.or(hash), version, page, at })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use serde_json::json;

    fn read(body: Value) -> Submission {
        Submission::from_json(body.as_object().unwrap().clone())
    }

    #[test]
    fn fields_and_envelope_are_told_apart() {
        let nested = read(json!({
            "source": "src_1", "fields": {"phone": "1", "ip": "mine"}, "ip": "203.0.113.9",
            "sub_ids": {"campaign": "x"}, "sub1": "a", "consent": {"text": "I agree"},
            "min_earning": {"minor": "500", "currency": "RUB"}, "unknown": 1
        }));
        assert_eq!(nested.fields["ip"], "mine");
        assert_eq!(nested.envelope.ip.as_deref(), Some("203.0.113.9"));
        assert_eq!(nested.envelope.sub_ids.len(), 2);
        assert_eq!(nested.min_earning, Some(500));
        let consent = nested.envelope.consent.unwrap();
        assert!(consent.given && consent.text_hash == Some(text_hash("I agree")));
        assert!(nested.problems.is_empty());

        let pairs = [("phone", "1"), ("sub_id_2", "b"), ("consent", "on"), ("phone", "2")];
        let flat = Submission::from_pairs(pairs.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert_eq!(flat.fields["phone"], "1");
        assert_eq!(flat.envelope.sub_ids["sub2"], "b");
        assert!(flat.envelope.consent.unwrap().given);
    }

    #[test]
    fn a_wrong_envelope_is_a_reason_and_no_error() {
        let got =
            read(json!({"fields": {}, "ip": ["x"], "max_sales": 0, "consent": {"given": "?"}}));
        let paths: Vec<_> = got.problems.into_iter().filter_map(|r| r.path).collect();
        assert_eq!(paths, ["ip", "consent", "max_sales"]);
        assert_eq!(read(json!({"fields": [1]})).problems.len(), 1);
    }

    #[test]
    fn a_test_is_marked_in_any_usual_way_and_never_by_accident() {
        for (sent, test, faults) in [
            (json!(true), true, 0),
            (json!("1"), true, 0),
            (json!("on"), true, 0),
            (json!(0), false, 0),
            (json!(null), false, 0),
            (json!("maybe"), false, 1),
            (json!({}), false, 1),
        ] {
            let got = read(json!({"fields": {}, "test": sent.clone()}));
            assert_eq!((got.test, got.problems.len()), (test, faults), "{sent}");
        }
    }

    #[test]
    fn of_two_names_of_one_part_the_same_counts_in_whatever_order_they_come() {
        for body in [
            r#"{"key": "short", "posting_key": "long", "sub_2": "b", "sub2": "a"}"#,
            r#"{"sub2": "a", "sub_2": "b", "posting_key": "long", "key": "short"}"#,
        ] {
            let got = read(serde_json::from_str(body).unwrap());
            assert_eq!(got.posting_key.as_deref(), Some("long"), "{body}");
            assert_eq!(got.envelope.sub_ids["sub2"], "b", "{body}");
        }
    }

    #[test]
    fn reasons_come_in_the_order_of_the_envelope_and_of_the_schema() {
        let label = json!({"en": "A field", "ru": "Поле"});
        let schema = FieldSchema::compile(&json!({
            "type": "object", "additionalProperties": false, "required": ["phone"],
            "properties": {
                "phone": {
                    "type": "string", "x-kind": "phone", "x-pii": true, "maxLength": 20,
                    "x-label": label,
                },
                "age": {"type": "integer", "x-label": label},
            }
        }))
        .unwrap();
        let expected = [
            ("external_id", "BAD_ENVELOPE"),
            ("sub3", "BAD_ENVELOPE"),
            ("sub_ids.a", "BAD_ENVELOPE"),
            ("ip", "BAD_ENVELOPE"),
            ("max_sales", "BAD_ENVELOPE"),
            ("fields.phone", "BAD_PHONE"),
            ("fields.phone", "FIELD_LENGTH"),
            ("fields.age", "FIELD_TYPE"),
            ("fields.aardvark", "FIELD_UNKNOWN"),
            ("fields.zebra", "FIELD_UNKNOWN"),
        ];
        let told = |reasons: &[Reason]| -> Vec<(String, String)> {
            let each = reasons.iter();
            each.map(|r| (r.path.clone().unwrap(), r.code.to_string())).collect()
        };
        let mut reasons: Vec<Reason> = expected
            .iter()
            .map(|(path, code)| Reason::at(BAD_ENVELOPE, *path).named(*code))
            .collect();
        let sorted = told(&reasons);
        for turn in 0..reasons.len() {
            reasons.rotate_left(turn);
            in_order(&mut reasons, &schema);
            assert_eq!(told(&reasons), sorted);
        }
    }
}
