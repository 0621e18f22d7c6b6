//! What publishers and operators see of a lead's fields: contact data hidden.

use serde_json::{Map, Value};

use super::{email, phone};
use crate::niche::annotations::FieldKind;
use crate::niche::schema::FieldSchema;

/// What stands for a hidden value.
pub const HIDDEN: &str = "•••";

/// The fields with personal, sensitive, free-text and undeclared ones hidden.
pub fn masked(schema: &FieldSchema, fields: &Map<String, Value>) -> Map<String, Value> {
    fields
        .iter()
        .map(|(name, value)| {
            let shown = match (schema.field(name), value) {
                (None, _) => Value::String(HIDDEN.to_owned()),
                (Some(field), Value::String(text)) if field.kind == Some(FieldKind::Phone) => {
                    Value::String(phone::mask(text))
                }
                (Some(field), Value::String(text)) if field.kind == Some(FieldKind::Email) => {
                    Value::String(email::mask(text))
                }
                (Some(field), Value::String(text)) if field.kind == Some(FieldKind::Name) => {
                    let first: String = text.chars().take(1).collect();
                    Value::String(format!("{first}{HIDDEN}"))
                }
                (Some(field), _)
                    if field.pii || field.sensitive || field.kind == Some(FieldKind::Comment) =>
                {
                    Value::String(HIDDEN.to_owned())
                }
                (Some(_), value) => value.clone(),
            };
            (name.clone(), shown)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use serde_json::json;

    #[test]
    fn contact_data_is_hidden_and_the_rest_is_not() {
        let text = |kind: &str, pii: bool| {
            json!({"type": "string", "x-kind": kind, "x-pii": pii, "maxLength": 99,
                   "x-label": {"en": "x", "ru": "x"}})
        };
        let schema = FieldSchema::compile(&json!({
            "type": "object", "additionalProperties": false,
            "properties": {"phone": text("phone", true), "email": text("email", true),
                "name": text("name", true), "note": text("comment", true), "city": text("city", false)}
        }))
        .unwrap();
        let fields = json!({"phone": "+79161234567", "email": "ivan@mail.ru", "name": "Иван",
            "note": "call me", "city": "Kazan", "undeclared": 5});
        let shown = masked(&schema, fields.as_object().unwrap());
        assert_eq!(
            Value::Object(shown),
            json!({"phone": "+7••••••••67", "email": "i•••@mail.ru", "name": "И•••",
                "note": "•••", "city": "Kazan", "undeclared": "•••"})
        );
    }
}
