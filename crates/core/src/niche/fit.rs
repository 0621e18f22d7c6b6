//! Whether a condition fits a niche's fields: the field exists, and its value can be compared.

use serde_json::{Number, Value};

use super::annotations::{Field, Fields, ValueType};
use crate::error::Problem;
use crate::offer::conditions::Condition;

crate::codes! {
    CONDITION_UNKNOWN_FIELD: Invalid = "The niche has no field of this name.";
    CONDITION_BAD_VALUE: Invalid = "The value does not fit the field.";
    CONDITION_BAD_OPERATOR: Invalid = "This comparison does not fit the field's type.";
    CONDITION_TOO_LARGE: Invalid = "The condition is too deep or has too many parts.";
}

/// Deepest nesting of a condition.
pub const MAX_DEPTH: usize = 6;
/// Most parts of one condition, nested ones included.
pub const MAX_PARTS: usize = 100;
/// Most values of one `IN`.
pub const MAX_VALUES: usize = 500;
/// Most characters of a text to compare with.
pub const MAX_TEXT: usize = 200;

/// Adds a problem for everything in `condition` that does not fit `fields`. `path` names the
/// condition in the input, like `terms.conditions[0]`.
pub fn check(condition: &Condition, fields: &Fields, path: &str, problems: &mut Vec<Problem>) {
    let mut checker = Checker { fields, problems, parts: 0 };
    checker.visit(condition, path, 0);
    if checker.parts > MAX_PARTS {
        problems.push(Problem::new(CONDITION_TOO_LARGE).field(path.to_owned()));
    }
}

struct Checker<'a> {
    fields: &'a Fields,
    problems: &'a mut Vec<Problem>,
    parts: usize,
}

impl Checker<'_> {
    fn visit(&mut self, condition: &Condition, path: &str, depth: usize) {
        self.parts += 1;
        if depth > MAX_DEPTH {
            self.problems.push(Problem::new(CONDITION_TOO_LARGE).field(path.to_owned()));
            return;
        }
        match condition {
            Condition::Eq { field, value } | Condition::Ne { field, value } => {
                self.values(field, std::slice::from_ref(value), path);
            }
            Condition::In { field, values } | Condition::NotIn { field, values } => {
                if values.is_empty() || values.len() > MAX_VALUES {
                    self.bad_value(path, "A list has 1 to 500 values.".into());
                }
                self.values(field, values, path);
            }
            Condition::Gte { field, value } | Condition::Lte { field, value } => {
                self.bound(field, value, path);
            }
            Condition::Contains { field, value } => self.contains(field, value, path),
            Condition::Present { field } | Condition::Missing { field } => {
                self.field(field, path);
            }
            Condition::All { of } | Condition::Any { of } => {
                for (index, part) in of.iter().enumerate() {
                    self.visit(part, &format!("{path}.of[{index}]"), depth + 1);
                }
            }
            Condition::Not { of } => self.visit(of, &format!("{path}.of"), depth + 1),
        }
    }

    fn field(&mut self, name: &str, path: &str) -> Option<Field> {
        let found = self.fields.get(name).cloned();
        if found.is_none() {
            let detail = format!("The niche has no field `{}`.", short(name));
            self.problems
                .push(Problem::new(CONDITION_UNKNOWN_FIELD).field(path.to_owned()).detail(detail));
        }
        found
    }

    fn values(&mut self, name: &str, values: &[Value], path: &str) {
        let Some(field) = self.field(name, path) else { return };
        for value in values {
            if let Some(reason) = misfit(&field, value) {
                self.bad_value(path, reason);
            }
        }
    }

    fn bound(&mut self, name: &str, value: &Number, path: &str) {
        let Some(field) = self.field(name, path) else { return };
        if !matches!(field.ty, ValueType::Integer | ValueType::Number) {
            self.bad_operator(path, &field, "bounds compare numbers");
        }
        if value.as_f64().is_none_or(|number| !number.is_finite()) {
            self.bad_value(path, "The bound is not a number.".into());
        }
    }

    fn contains(&mut self, name: &str, value: &str, path: &str) {
        let Some(field) = self.field(name, path) else { return };
        if field.ty != ValueType::Text {
            self.bad_operator(path, &field, "CONTAINS looks into texts");
        }
        if value.trim().is_empty() || value.chars().count() > MAX_TEXT {
            self.bad_value(path, "The text to look for has 1 to 200 characters.".into());
        }
    }

    fn bad_value(&mut self, path: &str, detail: String) {
        let problem = Problem::new(CONDITION_BAD_VALUE).field(path.to_owned()).detail(detail);
        self.problems.push(problem);
    }

    fn bad_operator(&mut self, path: &str, field: &Field, why: &str) {
        let detail = format!("`{}` is of type {}; {why}.", field.name, field.ty);
        let problem = Problem::new(CONDITION_BAD_OPERATOR).field(path.to_owned()).detail(detail);
        self.problems.push(problem);
    }
}

/// Why a value can never equal the field's, or `None` if it can.
fn misfit(field: &Field, value: &Value) -> Option<String> {
    let fits = match field.ty {
        ValueType::Text => value.as_str().is_some_and(|text| text.chars().count() <= MAX_TEXT),
        ValueType::Integer => value.is_i64() || value.is_u64(),
        ValueType::Number => value.is_number(),
        ValueType::Boolean => value.is_boolean(),
    };
    if !fits {
        return Some(format!("`{}` is of type {}.", field.name, field.ty));
    }
    let text = value.as_str()?;
    if !field.options.is_empty() && !field.options.contains_key(text) {
        return Some(format!("`{}` is not one of the values of `{}`.", short(text), field.name));
    }
    None
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::super::annotations::tests::sample;
    use super::*;
    use serde_json::json;

    fn problems(condition: Value) -> Vec<(&'static str, String)> {
        let fields = Fields::parse(&sample()).unwrap();
        let condition: Condition = serde_json::from_value(condition).unwrap();
        let mut found = Vec::new();
        check(&condition, &fields, "c", &mut found);
        found.iter().map(|p| (p.code.name, p.field.clone().unwrap().into_owned())).collect()
    }

    #[test]
    fn fitting_conditions_pass() {
        for condition in [
            json!({"op": "EQ", "field": "region", "value": "RU-MOW"}),
            json!({"op": "IN", "field": "region", "values": ["RU-MOW", "RU-SPE"]}),
            json!({"op": "GTE", "field": "amount", "value": 10}),
            json!({"op": "LTE", "field": "amount", "value": 10.5}),
            json!({"op": "EQ", "field": "owner", "value": true}),
            json!({"op": "CONTAINS", "field": "phone", "value": "+7"}),
            json!({"op": "NOT", "of": {"op": "MISSING", "field": "amount"}}),
        ] {
            assert_eq!(problems(condition.clone()), [], "{condition}");
        }
    }

    #[test]
    fn what_does_not_fit_is_named_with_its_path() {
        let cases = [
            (json!({"op": "EQ", "field": "x", "value": 1}), "CONDITION_UNKNOWN_FIELD", "c"),
            (json!({"op": "PRESENT", "field": "x"}), "CONDITION_UNKNOWN_FIELD", "c"),
            (json!({"op": "EQ", "field": "region", "value": "RU-XX"}), "CONDITION_BAD_VALUE", "c"),
            (json!({"op": "EQ", "field": "amount", "value": "9"}), "CONDITION_BAD_VALUE", "c"),
            (json!({"op": "EQ", "field": "amount", "value": 9.5}), "CONDITION_BAD_VALUE", "c"),
            (json!({"op": "IN", "field": "region", "values": []}), "CONDITION_BAD_VALUE", "c"),
            (json!({"op": "GTE", "field": "region", "value": 1}), "CONDITION_BAD_OPERATOR", "c"),
            (
                json!({"op": "CONTAINS", "field": "amount", "value": "1"}),
                "CONDITION_BAD_OPERATOR",
                "c",
            ),
            (json!({"op": "CONTAINS", "field": "phone", "value": " "}), "CONDITION_BAD_VALUE", "c"),
            (
                json!({"op": "ALL", "of": [{"op": "NOT", "of":
                    {"op": "EQ", "field": "owner", "value": "yes"}}]}),
                "CONDITION_BAD_VALUE",
                "c.of[0].of",
            ),
        ];
        for (condition, code, path) in cases {
            assert_eq!(problems(condition), [(code, path.to_owned())]);
        }
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let mut deep = json!({"op": "PRESENT", "field": "owner"});
        for _ in 0..=MAX_DEPTH {
            deep = json!({"op": "NOT", "of": deep});
        }
        assert_eq!(problems(deep)[0].0, "CONDITION_TOO_LARGE");
        let part = json!({"op": "PRESENT", "field": "owner"});
        let wide = json!({"op": "ANY", "of": vec![part; MAX_PARTS]});
        assert_eq!(problems(wide)[0].0, "CONDITION_TOO_LARGE");
    }
}
