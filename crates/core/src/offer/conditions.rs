//! Typed conditions over a lead's normalised fields: the language of eligibility and of
//! scorecards. A missing field makes every comparison false, and `MISSING` true.

use serde::{Deserialize, Serialize};
use serde_json::Value;

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
