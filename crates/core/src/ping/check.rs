//! What a ping may say, and whether a post says the same.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

use super::{BAD_HASH, FIELD_NOT_IN_PING, HASH_NOT_TAKEN, PING_CONTRADICTED};
use crate::lead::fingerprint::Hashed;
use crate::lead::normalise::{Normalised, normalise};
use crate::lead::verdict::{FIELD_UNKNOWN, Reason};
use crate::niche::schema::{FieldSchema, shown};
use crate::offer::terms::Terms;

/// The fields of a ping, normalised, with every fault. What the niche does not show before a
/// purchase is refused: contact data has no way into a ping.
pub fn fields(schema: &FieldSchema, region: &str, sent: &Map<String, Value>) -> Normalised {
    let mut taken = Map::new();
    let mut refused = Vec::new();
    for (name, value) in sent {
        match schema.field(name) {
            Some(field) if field.ping => drop(taken.insert(name.clone(), value.clone())),
            _ if is_nothing(value) => {}
            Some(_) => refused.push(Reason::at(FIELD_NOT_IN_PING, name.clone())),
            None => refused.push(Reason::at(FIELD_UNKNOWN, shown(name))),
        }
    }
    let mut found = normalise(schema, region, &taken);
    let named: Vec<String> = found.reasons.iter().filter_map(|r| r.path.clone()).collect();
    let faults = schema.check(&Value::Object(found.fields.clone()));
    // What the ping leaves out by its nature is asked for at the post.
    found.reasons.extend(faults.into_iter().filter(|reason| {
        let path = reason.path.as_deref().unwrap_or_default();
        let head = path.split(['.', '[']).next().unwrap_or_default();
        schema.field(head).is_some_and(|field| field.ping) && !named.iter().any(|n| n == path)
    }));
    found.reasons.extend(refused);
    for reason in &mut found.reasons {
        reason.path = reason.path.take().map(|path| format!("fields.{path}"));
    }
    found
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// Hashes of contact fields, with every fault.
pub fn hashes(
    schema: &FieldSchema,
    sent: &Map<String, Value>,
    md5_taken: bool,
) -> (BTreeMap<String, Hashed>, Vec<Reason>) {
    let mut found = BTreeMap::new();
    let mut reasons = Vec::new();
    for (name, value) in sent {
        let path = format!("hashes.{}", shown(name));
        let taken = schema.field(name).is_some_and(|field| field.pii);
        match value.as_str().and_then(Hashed::parse) {
            _ if !taken => reasons.push(Reason::at(HASH_NOT_TAKEN, path)),
            None => reasons.push(Reason::at(BAD_HASH, path)),
            Some(hash) if hash.is_md5() && !md5_taken => {
                reasons.push(Reason::at(HASH_NOT_TAKEN, path));
            }
            Some(hash) => drop(found.insert(name.clone(), hash)),
        }
    }
    (found, reasons)
}

/// Where a post says something else than its ping, in the order of the schema. Both are normalised.
/// A field that the ping left out may be added, unless an offer that promised does not buy such
/// leads.
pub fn differences<'t>(
    schema: &FieldSchema,
    pinged: &Map<String, Value>,
    posted: &Map<String, Value>,
    promised: impl Iterator<Item = &'t Terms>,
) -> Vec<Reason> {
    let promised: Vec<&Terms> = promised.collect();
    let mut reasons = Vec::new();
    for field in schema.fields().iter().filter(|field| field.ping) {
        let path = || format!("fields.{}", field.name);
        match (pinged.get(&field.name), posted.get(&field.name)) {
            (Some(said), says) if says != Some(said) => {
                let detail =
                    format!("The ping said {}, the post says {}.", show(Some(said)), show(says));
                reasons.push(Reason::at(PING_CONTRADICTED, path()).detail(detail));
            }
            (None, Some(_)) if excludes(&promised, &field.name, posted) => {
                let detail = "The ping left this out, and an offer that bid does not want it so.";
                reasons.push(Reason::at(PING_CONTRADICTED, path()).detail(detail));
            }
            _ => {}
        }
    }
    reasons
}

/// Whether a condition about this field does not hold.
fn excludes(promised: &[&Terms], field: &str, posted: &Map<String, Value>) -> bool {
    let mut conditions = promised.iter().flat_map(|terms| &terms.conditions);
    conditions.any(|condition| {
        condition.unknown_field(&|name| name != field).is_some() && !condition.holds(posted)
    })
}

/// Contact fields whose value does not have the hash that the ping brought. No value is quoted.
pub fn hash_differences(schema: &FieldSchema, differs: impl Fn(&str) -> bool) -> Vec<Reason> {
    let fields = schema.fields().iter().filter(|field| field.pii && differs(&field.name));
    fields
        .map(|field| {
            Reason::at(PING_CONTRADICTED, format!("fields.{}", field.name))
                .detail("The hash in the ping was of another value.")
        })
        .collect()
}

/// The longest value that a reason quotes, in characters.
const LONGEST: usize = 64;

/// A value of a field that is shown before a purchase; such fields hold no contact data.
fn show(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(Value::String(text)) if text.chars().count() > LONGEST => "another text".to_owned(),
        Some(Value::String(text)) => format!("“{text}”"),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
        Some(_) => "a list".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn schema() -> FieldSchema {
        let label = json!({"en": "A field", "ru": "Поле"});
        FieldSchema::compile(&json!({
            "type": "object", "additionalProperties": false,
            "required": ["phone", "region"],
            "properties": {
                "phone": {"type": "string", "x-kind": "phone", "x-pii": true, "maxLength": 20,
                          "x-label": label},
                "region": {"type": "string", "maxLength": 9, "x-ping": true, "x-label": label},
                "amount": {"type": "integer", "minimum": 10, "x-ping": true, "x-label": label},
                "job": {"type": "string", "maxLength": 9, "x-label": label},
            }
        }))
        .unwrap()
    }

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn told(reasons: &[Reason]) -> Vec<(&str, &str)> {
        reasons.iter().map(|r| (r.code.as_ref(), r.path.as_deref().unwrap_or_default())).collect()
    }

    fn terms(conditions: Value) -> Terms {
        serde_json::from_value(json!({
            "goals": [], "schedule": {"time_zone": "UTC"}, "max_sales": 1, "conditions": conditions,
            "return_window_s": 0, "hold_s": 0, "lock_s": 0, "visibility": "PUBLIC"
        }))
        .unwrap()
    }

    #[test]
    fn a_ping_needs_no_contact_data_and_takes_none() {
        let schema = schema();
        let good = fields(&schema, "RU", &map(json!({"region": " RU-MOW ", "amount": 20})));
        assert_eq!(good.reasons, []);
        assert_eq!(good.fields, map(json!({"region": "RU-MOW", "amount": 20})));
        let sent = json!({"phone": "+79161234567", "amount": 5, "job": "", "+7916": 1});
        let bad = fields(&schema, "RU", &map(sent));
        let mut codes = told(&bad.reasons);
        codes.sort_unstable();
        assert_eq!(
            codes,
            [
                ("FIELD_NOT_IN_PING", "fields.phone"),
                ("FIELD_OUT_OF_RANGE", "fields.amount"),
                ("FIELD_REQUIRED", "fields.region"),
                ("FIELD_UNKNOWN", "fields.?"),
            ]
        );
        assert!(bad.reasons.iter().all(|reason| !reason.message.contains("7916")));
    }

    #[test]
    fn hashes_are_of_contact_fields_and_of_kinds_that_the_niche_takes() {
        let (sha, md5) = ("a0".repeat(32), "a0".repeat(16));
        let sent = json!({"phone": md5, "region": sha, "nobody": sha});
        let (found, reasons) = hashes(&schema(), &map(sent.clone()), false);
        assert!(found.is_empty());
        let mut codes = told(&reasons);
        codes.sort_unstable();
        assert_eq!(
            codes,
            [
                ("HASH_NOT_TAKEN", "hashes.nobody"),
                ("HASH_NOT_TAKEN", "hashes.phone"),
                ("HASH_NOT_TAKEN", "hashes.region"),
            ]
        );
        let (found, _) = hashes(&schema(), &map(sent), true);
        assert_eq!(found.keys().collect::<Vec<_>>(), ["phone"]);
        let (_, reasons) = hashes(&schema(), &map(json!({"phone": "+79161234567"})), true);
        assert_eq!(told(&reasons), [("BAD_HASH", "hashes.phone")]);
    }

    #[test]
    fn a_contradiction_names_field_and_difference() {
        let pinged = map(json!({"region": "RU-MOW", "amount": 20}));
        let posted = map(json!({"region": "RU-SPE", "phone": "+79161234567"}));
        let reasons = differences(&schema(), &pinged, &posted, std::iter::empty());
        assert_eq!(
            told(&reasons),
            [("PING_CONTRADICTED", "fields.region"), ("PING_CONTRADICTED", "fields.amount")]
        );
        assert_eq!(reasons[0].message, "The ping said “RU-MOW”, the post says “RU-SPE”.");
        assert_eq!(reasons[1].message, "The ping said 20, the post says nothing.");
    }

    #[test]
    fn what_the_ping_left_out_may_be_added_if_who_bid_wants_it_so() {
        let (pinged, posted) =
            (map(json!({"region": "A"})), map(json!({"region": "A", "amount": 20})));
        let small = json!([{"op": "NOT", "of": {"op": "GTE", "field": "amount", "value": 15}}]);
        let large = json!([{"op": "NOT", "of": {"op": "GTE", "field": "amount", "value": 25}}]);
        let (small, large) = (terms(small), terms(large));
        let found = |terms: &Terms| differences(&schema(), &pinged, &posted, [terms].into_iter());
        assert_eq!(told(&found(&small)), [("PING_CONTRADICTED", "fields.amount")]);
        assert_eq!(found(&large), []);
    }

    #[test]
    fn another_person_is_named_by_its_field_alone() {
        let reasons = hash_differences(&schema(), |name| name == "phone");
        assert_eq!(told(&reasons), [("PING_CONTRADICTED", "fields.phone")]);
    }

    proptest! {
        #[test]
        fn what_repeats_the_ping_does_not_contradict_it(
            region in "[A-Z]{1,5}", amount in prop::option::of(10..1_000i64), job in "[a-z]{0,5}",
            changed in prop::option::of(1_000..2_000i64),
        ) {
            let mut pinged = map(json!({"region": region}));
            if let Some(amount) = amount {
                pinged.insert("amount".into(), json!(amount));
            }
            let mut posted = pinged.clone();
            posted.insert("job".into(), json!(job));
            prop_assert_eq!(differences(&schema(), &pinged, &posted, std::iter::empty()), []);
            if let (Some(_), Some(changed)) = (amount, changed) {
                posted.insert("amount".into(), json!(changed));
                let found = differences(&schema(), &pinged, &posted, std::iter::empty());
                prop_assert_eq!(told(&found), [("PING_CONTRADICTED", "fields.amount")]);
            }
        }
    }
}
