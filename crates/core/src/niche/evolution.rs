//! Additive evolution: every lead that the old version accepted, the new one accepts too.
//!
//! So fields are never removed or retyped, nothing becomes required, lists of values only grow
//! and bounds only widen. Privacy marks are never taken off. Leads pin the version that checked
//! them, and offers' conditions keep naming fields that exist.

use serde_json::{Map, Value};

use crate::error::Problem;

crate::codes! {
    NICHE_NOT_ADDITIVE: Invalid = "A new version may only add: offers and sources rely on the old one.";
}

/// What in `new` would break leads, offers or privacy that rely on `old`. Empty: it only adds.
/// Both must be schemas that [`super::annotations::Fields::parse`] accepts.
pub fn breaks(old: &Value, new: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    let (old_fields, new_fields) = (properties(old), properties(new));
    for (name, before) in &old_fields {
        match new_fields.get(name.as_str()) {
            None => problems.push(broken(name, "", "the field was removed")),
            Some(after) => {
                for (keyword, reason) in narrowed(before, after) {
                    problems.push(broken(name, keyword, reason));
                }
            }
        }
    }
    let was_required = required(old);
    for name in required(new) {
        if !was_required.contains(&name) {
            problems.push(broken(name, "", "the field became required"));
        }
    }
    problems
}

fn broken(name: &str, keyword: &str, reason: &str) -> Problem {
    let path = if keyword.is_empty() {
        format!("schema.properties.{name}")
    } else {
        format!("schema.properties.{name}.{keyword}")
    };
    Problem::new(NICHE_NOT_ADDITIVE).field(path).detail(format!("`{name}`: {reason}."))
}

fn properties(schema: &Value) -> Map<String, Value> {
    schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default()
}

fn required(schema: &Value) -> Vec<&str> {
    schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}

fn narrowed(before: &Value, after: &Value) -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    for keyword in ["type", "x-kind"] {
        if before.get(keyword) != after.get(keyword) {
            found.push((keyword, "what the field holds was changed"));
        }
    }
    if !enum_grows(before.get("enum"), after.get("enum")) {
        found.push(("enum", "an allowed value was removed"));
    }
    for (keyword, least) in [("minimum", true), ("minLength", true)] {
        if !widens(before.get(keyword), after.get(keyword), least) {
            found.push((keyword, "the bound was raised"));
        }
    }
    for (keyword, least) in [("maximum", false), ("maxLength", false)] {
        if !widens(before.get(keyword), after.get(keyword), least) {
            found.push((keyword, "the bound was lowered"));
        }
    }
    if after.get("pattern").is_some() && before.get("pattern") != after.get("pattern") {
        found.push(("pattern", "the pattern was added or changed"));
    }
    for keyword in ["x-pii", "x-sensitive"] {
        if is_on(before, keyword) && !is_on(after, keyword) {
            found.push((keyword, "a privacy mark was taken off"));
        }
    }
    if !is_on(before, "x-ping") && is_on(after, "x-ping") {
        found.push(("x-ping", "the field would be shown before the sale, unlike before"));
    }
    found
}

fn is_on(field: &Value, keyword: &str) -> bool {
    field.get(keyword).and_then(Value::as_bool).unwrap_or(false)
}

fn enum_grows(before: Option<&Value>, after: Option<&Value>) -> bool {
    match (before.and_then(Value::as_array), after.and_then(Value::as_array)) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(before), Some(after)) => before.iter().all(|value| after.contains(value)),
    }
}

fn widens(before: Option<&Value>, after: Option<&Value>, least: bool) -> bool {
    match (before.and_then(Value::as_f64), after.and_then(Value::as_f64)) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(before), Some(after)) => {
            if least {
                after <= before
            } else {
                after >= before
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::super::annotations::tests::sample;
    use super::*;
    use serde_json::json;

    fn after(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let old = sample();
        let mut new = sample();
        change(&mut new);
        breaks(&old, &new).iter().map(|p| p.field.clone().unwrap().into_owned()).collect()
    }

    #[test]
    fn growing_is_allowed() {
        let none: [&str; 0] = [];
        assert_eq!(after(|_| {}), none);
        assert_eq!(
            after(|s| {
                s["properties"]["extra"] = json!({"type": "boolean"});
                s["properties"]["region"]["enum"] = json!(["RU-SPE", "RU-MOW", "RU-LEN"]);
                s["properties"]["amount"]["maximum"] = json!(5_000);
                s["properties"]["amount"].as_object_mut().unwrap().remove("minimum");
                s["required"] = json!([]);
                s["properties"]["owner"]["x-sensitive"] = json!(true);
                s["properties"]["region"]["x-ping"] = json!(false);
            }),
            none
        );
    }

    #[test]
    fn everything_that_narrows_is_refused() {
        let p = "schema.properties";
        assert_eq!(
            after(|s| {
                s["properties"].as_object_mut().unwrap().shift_remove("owner");
            }),
            [format!("{p}.owner")]
        );
        assert_eq!(after(|s| s["required"] = json!(["phone", "amount"])), [format!("{p}.amount")]);
        let cases = [
            ("amount", "type", json!("number")),
            ("phone", "x-kind", json!("email")),
            ("region", "enum", json!(["RU-MOW"])),
            ("amount", "minimum", json!(1)),
            ("amount", "maximum", json!(999)),
            ("phone", "maxLength", json!(20)),
            ("phone", "pattern", json!("^7")),
            ("phone", "x-pii", json!(false)),
            ("owner", "x-ping", json!(true)),
            ("phone", "enum", json!(["+7"])),
            ("phone", "minLength", json!(1)),
        ];
        for (field, keyword, value) in cases {
            let found = after(|s| s["properties"][field][keyword] = value);
            assert_eq!(found, [format!("{p}.{field}.{keyword}")]);
        }
    }
}
