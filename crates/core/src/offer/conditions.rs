//! Typed conditions over a lead's normalised fields: the language of eligibility and of
//! scorecards. A missing field makes every comparison false, and `MISSING` true.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use std::cmp::Ordering;
use std::collections::HashMap;

/// A condition on one field, or a combination.
///
/// JSON form: `{"op": "EQ", "field": "region", "value": "RU-MOW"}`,
/// `{"op": "ALL", "of": [ … ]}`, `{"op": "NOT", "of": { … }}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
pub enum Condition {
    /// The field equals the value (strings compare exactly, numbers by value).
    Eq {
        /// Field name.
        field: String,
        /// The value.
        value: Value,
    },
    /// The field is filled and does not equal the value.
    Ne {
        /// Field name.
        field: String,
        /// The value.
        value: Value,
    },
    /// The field is one of the values.
    In {
        /// Field name.
        field: String,
        /// The values.
        values: Vec<Value>,
    },
    /// The field is filled and none of the values.
    NotIn {
        /// Field name.
        field: String,
        /// The values.
        values: Vec<Value>,
    },
    /// The number is at least the value.
    Gte {
        /// Field name.
        field: String,
        /// The bound.
        value: serde_json::Number,
    },
    /// The number is at most the value.
    Lte {
        /// Field name.
        field: String,
        /// The bound.
        value: serde_json::Number,
    },
    /// The text contains the value, letter case ignored.
    Contains {
        /// Field name.
        field: String,
        /// The text.
        value: String,
    },
    /// The field is filled.
    Present {
        /// Field name.
        field: String,
    },
    /// The field is absent, null or empty.
    Missing {
        /// Field name.
        field: String,
    },
    /// All hold (an empty list holds).
    All {
        /// The parts.
        of: Vec<Condition>,
    },
    /// At least one holds (an empty list does not).
    Any {
        /// The parts.
        of: Vec<Condition>,
    },
    /// The part does not hold.
    Not {
        /// The part.
        of: Box<Condition>,
    },
}

impl Condition {
    /// Whether the fields satisfy the condition. A missing field makes every comparison false.
    pub fn holds(&self, fields: &Map<String, Value>) -> bool {
        match self {
            Self::Eq { field, value } => filled(fields, field).is_some_and(|v| same(v, value)),
            Self::Ne { field, value } => filled(fields, field).is_some_and(|v| !same(v, value)),
            Self::In { field, values } => {
                filled(fields, field).is_some_and(|v| values.iter().any(|value| same(v, value)))
            }
            Self::NotIn { field, values } => {
                filled(fields, field).is_some_and(|v| !values.iter().any(|value| same(v, value)))
            }
            Self::Gte { field, value } => filled(fields, field)
                .and_then(Value::as_number)
                .is_some_and(|v| order(v, value).is_ge()),
            Self::Lte { field, value } => filled(fields, field)
                .and_then(Value::as_number)
                .is_some_and(|v| order(v, value).is_le()),
            Self::Contains { field, value } => filled(fields, field)
                .and_then(Value::as_str)
                .is_some_and(|text| text.to_lowercase().contains(&value.to_lowercase())),
            Self::Present { field } => filled(fields, field).is_some(),
            Self::Missing { field } => filled(fields, field).is_none(),
            Self::All { of } => of.iter().all(|part| part.holds(fields)),
            Self::Any { of } => of.iter().any(|part| part.holds(fields)),
            Self::Not { of } => !of.holds(fields),
        }
    }

    /// The first field that the condition reads and `known` does not name.
    pub fn unknown_field(&self, known: &impl Fn(&str) -> bool) -> Option<&str> {
        match self {
            Self::All { of } | Self::Any { of } => {
                of.iter().find_map(|part| part.unknown_field(known))
            }
            Self::Not { of } => of.unknown_field(known),
            leaf => leaf.subject().filter(|field| !known(field)),
        }
    }

    /// The field that a failed condition is about, for the trace.
    pub fn subject(&self) -> Option<&str> {
        match self {
            Self::Eq { field, .. }
            | Self::Ne { field, .. }
            | Self::In { field, .. }
            | Self::NotIn { field, .. }
            | Self::Gte { field, .. }
            | Self::Lte { field, .. }
            | Self::Contains { field, .. }
            | Self::Present { field }
            | Self::Missing { field } => Some(field),
            Self::All { of } | Self::Any { of } => of.first().and_then(Self::subject),
            Self::Not { of } => of.subject(),
        }
    }
}

fn filled<'a>(fields: &'a Map<String, Value>, field: &str) -> Option<&'a Value> {
    fields.get(field).filter(|value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        _ => true,
    })
}

/// Exact order of two JSON numbers; whole numbers are never rounded through floats.
fn order(a: &Number, b: &Number) -> Ordering {
    if let (Some(a), Some(b)) = (a.as_i64(), b.as_i64()) {
        return a.cmp(&b);
    }
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => Ordering::Less,
    }
}

/// Equal by value: `1` is `1.0`; a list contains what it lists.
fn same(have: &Value, want: &Value) -> bool {
    match (have, want) {
        (Value::Number(a), Value::Number(b)) => order(a, b).is_eq(),
        (Value::Array(list), want) if !want.is_array() => list.iter().any(|have| same(have, want)),
        _ => have == want,
    }
}

/// A value as the index knows it. Numbers are keyed by value, so `1` finds `1.0`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Term {
    Text(String),
    Number(u64),
    Flag(bool),
}

impl Term {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self::Text(text.clone())),
            // Adding zero makes -0.0 into 0.0, which have one key.
            Value::Number(number) => number.as_f64().map(|n| Self::Number((n + 0.0).to_bits())),
            Value::Bool(flag) => Some(Self::Flag(*flag)),
            _ => None,
        }
    }
}

/// Finds, among many lists of conditions, those that a lead can satisfy at all, by one equality
/// term of each. What it returns still has to be evaluated; what it leaves out fails for certain.
#[derive(Clone, Debug, Default)]
pub struct EqualityIndex {
    always: Vec<usize>,
    by_field: HashMap<String, HashMap<Term, Vec<usize>>>,
}

impl EqualityIndex {
    /// Indexes lists of conditions, all of which must hold; the position is the entry's number.
    pub fn new<'a>(entries: impl Iterator<Item = &'a [Condition]>) -> Self {
        let mut index = Self::default();
        for (number, conditions) in entries.enumerate() {
            match conditions.iter().find_map(equality_terms) {
                None => index.always.push(number),
                Some((field, terms)) => {
                    let values = index.by_field.entry(field.to_owned()).or_default();
                    for term in terms {
                        let numbers = values.entry(term).or_default();
                        if numbers.last() != Some(&number) {
                            numbers.push(number);
                        }
                    }
                }
            }
        }
        index
    }

    /// The entries that may hold for these fields, in ascending order.
    pub fn candidates(&self, fields: &Map<String, Value>) -> Vec<usize> {
        let mut found = self.always.clone();
        for (field, values) in &self.by_field {
            match fields.get(field) {
                Some(Value::Array(list)) => {
                    for value in list {
                        found.extend(
                            Term::of(value).and_then(|t| values.get(&t)).into_iter().flatten(),
                        );
                    }
                }
                Some(value) => {
                    found
                        .extend(Term::of(value).and_then(|t| values.get(&t)).into_iter().flatten());
                }
                None => {}
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The field and the values to which a condition confines it.
fn equality_terms(condition: &Condition) -> Option<(&str, Vec<Term>)> {
    match condition {
        Condition::Eq { field, value } => Some((field, vec![Term::of(value)?])),
        Condition::In { field, values } => {
            let terms: Option<Vec<Term>> = values.iter().map(Term::of).collect();
            terms.map(|terms| (field.as_str(), terms))
        }
        Condition::All { of } => of.iter().find_map(equality_terms),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn holds(condition: Value, fields: Value) -> bool {
        serde_json::from_value::<Condition>(condition).unwrap().holds(fields.as_object().unwrap())
    }

    #[test]
    fn a_missing_field_makes_every_comparison_false() {
        for op in ["EQ", "NE", "GTE", "LTE"] {
            assert!(!holds(json!({"op": op, "field": "a", "value": 1}), json!({})), "{op}");
        }
        assert!(!holds(json!({"op": "NOT_IN", "field": "a", "values": [1]}), json!({"a": null})));
        assert!(holds(json!({"op": "MISSING", "field": "a"}), json!({"a": ""})));
    }

    #[test]
    fn numbers_compare_by_value_and_texts_exactly() {
        assert!(holds(json!({"op": "EQ", "field": "a", "value": 1.0}), json!({"a": 1})));
        assert!(!holds(json!({"op": "EQ", "field": "a", "value": "x"}), json!({"a": "X"})));
        assert!(holds(
            json!({"op": "CONTAINS", "field": "a", "value": "ВЕ"}),
            json!({"a": "привет"})
        ));
        let big = 9_007_199_254_740_993_i64;
        assert!(!holds(json!({"op": "LTE", "field": "a", "value": big - 1}), json!({"a": big})));
    }

    #[test]
    fn combinations_nest_and_empty_ones_are_defined() {
        assert!(holds(json!({"op": "ALL", "of": []}), json!({})));
        assert!(!holds(json!({"op": "ANY", "of": []}), json!({})));
    }

    fn any_condition() -> impl Strategy<Value = Condition> {
        let field = prop::sample::select(vec!["a", "b"]).prop_map(str::to_owned);
        let value =
            prop::sample::select(vec![json!(1), json!(1.0), json!("x"), json!("y"), json!(true)]);
        let leaf =
            (field, prop::collection::vec(value, 1..3), 0..4u8).prop_map(|(field, values, op)| {
                match op {
                    0 => Condition::Eq { field, value: values[0].clone() },
                    1 => Condition::In { field, values },
                    2 => Condition::Ne { field, value: values[0].clone() },
                    _ => Condition::Present { field },
                }
            });
        leaf.prop_recursive(2, 8, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(|of| Condition::All { of }),
                prop::collection::vec(inner.clone(), 0..3).prop_map(|of| Condition::Any { of }),
                inner.prop_map(|of| Condition::Not { of: Box::new(of) }),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_index_never_loses_an_entry_that_holds(
            entries in prop::collection::vec(prop::collection::vec(any_condition(), 0..3), 0..12),
            a in prop::sample::select(vec![json!(1), json!("x"), json!(["x", "y"]), json!(null)]),
            b in prop::sample::select(vec![json!(1.0), json!("y"), json!(true)]),
        ) {
            let fields = json!({"a": a, "b": b});
            let fields = fields.as_object().unwrap();
            let index = EqualityIndex::new(entries.iter().map(Vec::as_slice));
            let found = index.candidates(fields);
            for (number, conditions) in entries.iter().enumerate() {
                if conditions.iter().all(|c| c.holds(fields)) {
                    prop_assert!(found.contains(&number));
                }
            }
        }
    }
}
