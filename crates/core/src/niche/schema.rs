//! A niche's field schema as intake uses it: JSON Schema 2020-12, compiled once per version.

use serde_json::{Map, Value};

use super::annotations::{Field, FieldKind, Fields, NICHE_SCHEMA_INVALID};
use crate::error::Problem;
use crate::lead::verdict::{
    FIELD_FORMAT, FIELD_INVALID, FIELD_LENGTH, FIELD_NOT_ALLOWED, FIELD_OUT_OF_RANGE,
    FIELD_REQUIRED, FIELD_TYPE, FIELD_UNKNOWN, Reason,
};

/// A niche's field schema, read and compiled. Compile once per version and share it.
#[derive(Debug)]
pub struct FieldSchema {
    fields: Fields,
    validator: jsonschema::Validator,
}

/// The longest text that may serve as a feature, in bytes.
const MAX_FEATURE: usize = 64;

impl FieldSchema {
    /// Compiles a schema document.
    ///
    /// # Errors
    /// `NICHE_SCHEMA_INVALID` with the first fault's path.
    pub fn compile(schema: &Value) -> Result<Self, Problem> {
        let fields = Fields::parse(schema).map_err(|problems| {
            problems.into_iter().next().unwrap_or_else(|| NICHE_SCHEMA_INVALID.into())
        })?;
        let validator = jsonschema::draft202012::options().build(schema).map_err(|error| {
            Problem::new(NICHE_SCHEMA_INVALID)
                .field("schema")
                .detail(format!("Not a JSON Schema: {}", error.masked()))
        })?;
        Ok(Self { fields, validator })
    }

    /// The declared fields.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// One declared field.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(name)
    }

    /// The place of a field among the schema's own, from 0.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.position(name)
    }

    /// Checks normalised fields. Every fault has a code and the field's path; no value is quoted.
    pub fn check(&self, fields: &Value) -> Vec<Reason> {
        if self.validator.is_valid(fields) {
            return Vec::new();
        }
        let mut reasons = Vec::new();
        for error in self.validator.iter_errors(fields) {
            push_reasons(&error, &mut reasons);
        }
        reasons
    }

    /// The fields that training may read: neither personal nor sensitive, and short.
    pub fn features(&self, fields: &Map<String, Value>) -> Map<String, Value> {
        let mut kept = Map::new();
        for (name, value) in fields {
            let open = self.field(name).is_some_and(|field| {
                !field.pii && !field.sensitive && field.kind != Some(FieldKind::Comment)
            });
            let short = match value {
                Value::String(text) => text.len() <= MAX_FEATURE,
                Value::Number(_) | Value::Bool(_) => true,
                _ => false,
            };
            if open && short {
                kept.insert(name.clone(), value.clone());
            }
        }
        kept
    }
}

/// `/phone` as `phone`, `/cars/0/make` as `cars[0].make`.
fn dotted(pointer: &str) -> String {
    let mut path = String::new();
    for part in pointer.split('/').filter(|part| !part.is_empty()) {
        if part.bytes().all(|b| b.is_ascii_digit()) {
            path.push('[');
            path.push_str(part);
            path.push(']');
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(part);
        }
    }
    path
}

/// So many unknown fields are named; the rest says nothing new.
const MOST_UNKNOWN: usize = 20;

/// A name that somebody made up may be anything, also a phone: verdicts show only what looks like
/// the name of a field.
pub(crate) fn shown(name: &str) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(plain);
    if is_name && name.len() <= 40 && digits <= 4 { name } else { "?" }
}

fn push_reasons(error: &jsonschema::ValidationError<'_>, reasons: &mut Vec<Reason>) {
    use jsonschema::error::ValidationErrorKind as K;
    let base = dotted(error.instance_path().as_str());
    let under = |name: &str| {
        if base.is_empty() { name.to_owned() } else { format!("{base}.{name}") }
    };
    let code = match error.kind() {
        K::Required { property } => {
            let path = under(property.as_str().unwrap_or_default());
            reasons.push(Reason::at(FIELD_REQUIRED, path));
            return;
        }
        K::AdditionalProperties { unexpected } | K::UnevaluatedProperties { unexpected } => {
            let mut names: Vec<&str> = unexpected.iter().map(|name| shown(name)).collect();
            names.sort_unstable();
            names.dedup();
            for name in names.into_iter().take(MOST_UNKNOWN) {
                reasons.push(Reason::at(FIELD_UNKNOWN, under(name)));
            }
            return;
        }
        K::Type { .. } => FIELD_TYPE,
        K::Enum { .. } | K::Constant { .. } => FIELD_NOT_ALLOWED,
        K::Minimum { .. }
        | K::Maximum { .. }
        | K::ExclusiveMinimum { .. }
        | K::ExclusiveMaximum { .. }
        | K::MultipleOf { .. } => FIELD_OUT_OF_RANGE,
        K::MinLength { .. } | K::MaxLength { .. } | K::MinItems { .. } | K::MaxItems { .. } => {
            FIELD_LENGTH
        }
        K::Pattern { .. } | K::Format { .. } => FIELD_FORMAT,
        _ => FIELD_INVALID,
    };
    reasons.push(Reason::at(code, base).detail(error.masked_with("the value").to_string()));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use serde_json::json;

    fn label() -> Value {
        json!({"en": "x", "ru": "x"})
    }

    fn schema() -> FieldSchema {
        FieldSchema::compile(&json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["phone"],
            "properties": {
                "phone": {"type": "string", "x-kind": "phone", "x-pii": true, "maxLength": 20, "x-label": label()},
                "age": {"type": "integer", "minimum": 18, "x-label": label()},
                "city": {"type": "string", "maxLength": 60, "x-label": label(), "x-ping": true},
                "plan": {"type": "string", "enum": ["A", "B"], "x-label": label(),
                         "x-options": {"A": label(), "B": label()}}
            }
        }))
        .unwrap()
    }

    #[test]
    fn every_fault_is_named_with_code_and_path_and_without_its_value() {
        let reasons = schema().check(&json!({"age": 7, "plan": "secret", "x": 1}));
        let mut got: Vec<(String, String)> = reasons
            .iter()
            .map(|r| (r.code.clone().into_owned(), r.path.clone().unwrap_or_default()))
            .collect();
        got.sort();
        assert_eq!(
            got,
            [
                ("FIELD_NOT_ALLOWED", "plan"),
                ("FIELD_OUT_OF_RANGE", "age"),
                ("FIELD_REQUIRED", "phone"),
                ("FIELD_UNKNOWN", "x"),
            ]
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
        assert!(reasons.iter().all(|r| !r.message.contains("secret")));
        assert!(schema().check(&json!({"phone": "+79161234567", "age": 18})).is_empty());
    }

    #[test]
    fn made_up_names_of_fields_show_no_contact_data_and_are_few() {
        let reasons = schema().check(&json!({
            "phone": "+79161234567", "+79161234567": 1, "anna@example.org": 1, "tel79161234567": 1,
            "Анна": 1, "utm_source2": 1,
        }));
        let paths: Vec<_> = reasons.iter().map(|r| r.path.as_deref().unwrap_or_default()).collect();
        assert_eq!(paths, ["?", "utm_source2"]);
        let mut many: Map<String, Value> =
            ('a'..='z').map(|c| (format!("field_{c}"), json!(1))).collect();
        many.insert("phone".to_owned(), json!("+79161234567"));
        assert_eq!(schema().check(&Value::Object(many)).len(), MOST_UNKNOWN);
    }

    #[test]
    fn personal_fields_are_no_features() {
        let kept = schema()
            .features(json!({"phone": "+7", "city": "Kazan", "age": 30}).as_object().unwrap());
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["city", "age"]);
    }
}
