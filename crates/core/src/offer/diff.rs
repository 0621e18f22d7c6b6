//! What changed between two versions of an offer's terms. Publishers see what is theirs of it:
//! [`super::visible::changes`].

use serde::Serialize;
use serde_json::{Map, Value};

use super::terms::Terms;

/// One change. A side without a value (`null`) means: was not there, or is not there any more.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Where, like `goals[LEAD].price` or `caps[DAY].count`.
    pub path: String,
    /// The old value.
    pub before: Option<Value>,
    /// The new value.
    pub after: Option<Value>,
}

/// The changes from `before` to `after`, in the order of the terms' fields.
pub fn changes(before: &Terms, after: &Terms) -> Vec<Change> {
    compared(before, after)
}

/// The changes between two things that print as terms do.
pub(super) fn compared(before: &impl Serialize, after: &impl Serialize) -> Vec<Change> {
    let mut found = Vec::new();
    walk("", Some(&json(before)), Some(&json(after)), &mut found);
    found
}

fn json(terms: &impl Serialize) -> Value {
    // Terms hold only what JSON can: a failure is impossible, and `null` would show as a change.
    serde_json::to_value(terms).unwrap_or(Value::Null)
}

fn walk(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Change>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => objects(path, old, new, found),
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            match (keyed(path, old), keyed(path, new)) {
                (Some(old), Some(new)) => entries(path, &old, &new, found),
                _ => leaf(path, before, after, found),
            }
        }
        _ => leaf(path, before, after, found),
    }
}

fn objects(
    path: &str,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    found: &mut Vec<Change>,
) {
    let join = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    for (key, before) in old {
        walk(&join(key), Some(before), new.get(key), found);
    }
    for (key, after) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
        walk(&join(key), None, Some(after), found);
    }
}

type Entries<'a> = Vec<(&'a str, &'a Value)>;

/// Goals and caps are compared by their kind and period, so that a reordering is no change.
fn keyed<'a>(path: &str, list: &'a [Value]) -> Option<Entries<'a>> {
    let key = match path {
        "goals" => "kind",
        "caps" | "publisher_caps" => "period",
        _ => return None,
    };
    list.iter().map(|item| Some((item.get(key)?.as_str()?, item))).collect()
}

fn entries(path: &str, old: &Entries<'_>, new: &Entries<'_>, found: &mut Vec<Change>) {
    let find = |list: &Entries<'_>, key: &str| -> Option<Value> {
        list.iter().find(|(other, _)| *other == key).map(|(_, value)| (*value).clone())
    };
    for (key, before) in old {
        walk(&format!("{path}[{key}]"), Some(before), find(new, key).as_ref(), found);
    }
    for (key, after) in new.iter().filter(|(key, _)| find(old, key).is_none()) {
        walk(&format!("{path}[{key}]"), None, Some(after), found);
    }
}

fn leaf(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Change>) {
    let value = |side: Option<&Value>| side.filter(|value| !value.is_null()).cloned();
    found.push(Change { path: path.to_owned(), before: value(before), after: value(after) });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::super::validate::tests::sample;
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn terms(change: impl FnOnce(&mut Value)) -> Terms {
        let mut value = sample();
        change(&mut value);
        serde_json::from_value(value).unwrap()
    }

    fn seen(change: impl FnOnce(&mut Value)) -> Vec<(String, Option<Value>, Option<Value>)> {
        changes(&terms(|_| {}), &terms(change))
            .into_iter()
            .map(|change| (change.path, change.before, change.after))
            .collect()
    }

    #[test]
    fn each_change_has_path_before_and_after() {
        assert_eq!(seen(|_| {}), []);
        assert_eq!(
            seen(|t| t["goals"][0]["price"] = json!(60_000)),
            [("goals[LEAD].price".to_owned(), Some(json!(50_000)), Some(json!(60_000)))]
        );
        assert_eq!(
            seen(|t| t["caps"][0]["count"] = json!(null)),
            [("caps[DAY].count".to_owned(), Some(json!(20)), None)]
        );
        assert_eq!(
            seen(|t| t["schedule"]["holidays"] = json!([])),
            [("schedule.holidays".to_owned(), Some(json!(["2027-01-01"])), Some(json!([])))]
        );
    }

    #[test]
    fn order_of_goals_and_caps_is_no_change_but_adding_and_dropping_is() {
        assert_eq!(
            seen(|t| {
                t["goals"].as_array_mut().unwrap().reverse();
                t["caps"].as_array_mut().unwrap().reverse();
            }),
            []
        );
        let dropped = seen(|t| {
            t["goals"].as_array_mut().unwrap().pop();
        });
        assert_eq!(dropped[0].0, "goals[SALE]");
        assert_eq!(dropped[0].2, None);
        let added = seen(|t| {
            t["caps"].as_array_mut().unwrap().push(json!({"period": "TOTAL", "count": 9}));
        });
        assert_eq!(added[0].0, "caps[TOTAL]");
        assert_eq!(added[0].1, None);
    }

    proptest! {
        #[test]
        fn equal_terms_never_differ_and_changed_numbers_always_do(
            price in 1i64..1_000_000, other in 1i64..1_000_000, score in 0i32..=100,
        ) {
            let build = |price: i64| terms(|t| {
                t["goals"][0]["price"] = json!(price);
                t["min_score"] = json!(score);
            });
            let found = changes(&build(price), &build(other));
            prop_assert_eq!(found.is_empty(), price == other);
            prop_assert!(found.len() <= 1);
        }
    }
}
