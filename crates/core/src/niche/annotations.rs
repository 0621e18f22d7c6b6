//! What the `x-` annotations of a niche's schema say about each field.
//!
//! A niche's schema is one flat object. Each property has a `type`, an `x-label` in both
//! languages and, where it applies, `x-kind` (what the text is, so that it can be normalised),
//! `x-pii` (contact data), `x-sensitive` (kept shortest), `x-ping` (may be shown before the
//! purchase) and `x-options` (labels of an `enum`'s values).

use indexmap::IndexMap;
use serde_json::{Map, Number, Value};

use super::policy::Localized;
use crate::error::Problem;

crate::codes! {
    NICHE_SCHEMA_INVALID: Invalid = "The field schema is not one that a niche can have.";
}

crate::text_enum! {
    /// The JSON type of a field's value.
    pub enum ValueType {
        /// Text.
        Text = "string",
        /// A whole number.
        Integer = "integer",
        /// A number.
        Number = "number",
        /// Yes or no.
        Boolean = "boolean",
    }
}

crate::text_enum! {
    /// What a text field holds; decides how it is normalised and fingerprinted.
    pub enum FieldKind {
        /// A phone number, normalised to E.164.
        Phone = "phone",
        /// An e-mail address.
        Email = "email",
        /// A person's name.
        Name = "name",
        /// A subdivision of a country, ISO 3166-2.
        Region = "region",
        /// A town.
        City = "city",
        /// A country.
        Country = "country",
        /// A postal code.
        PostalCode = "postal_code",
        /// A street address.
        Address = "address",
        /// An IP address.
        Ip = "ip",
        /// A web address.
        Url = "url",
        /// A calendar day, `YYYY-MM-DD`.
        Date = "date",
        /// Words of the person.
        Comment = "comment",
        /// The text agreed to.
        Consent = "consent",
    }
}

/// One field of a niche.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name, `snake_case`.
    pub name: String,
    /// The type of its value.
    pub ty: ValueType,
    /// What it holds, if that matters.
    pub kind: Option<FieldKind>,
    /// Whether a lead must fill it.
    pub required: bool,
    /// Contact data: sealed, masked, erased.
    pub pii: bool,
    /// Especially private: kept shortest.
    pub sensitive: bool,
    /// May be shown to buyers before they buy.
    pub ping: bool,
    /// What people read.
    pub label: Localized,
    /// The allowed values with their labels; empty if the field is free.
    pub options: IndexMap<String, Localized>,
    /// Least number, if any.
    pub minimum: Option<Number>,
    /// Greatest number, if any.
    pub maximum: Option<Number>,
    /// Most characters, if the field is a text.
    pub max_length: Option<u64>,
}

/// All fields of a niche version, in the order in which a form shows them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields(IndexMap<String, Field>);

/// Most fields of a niche.
pub const MAX_FIELDS: usize = 100;
/// Most values of one field's `enum`.
pub const MAX_OPTIONS: usize = 500;

impl Fields {
    /// Reads a niche's schema. Refuses, with every reason, what a niche can't have.
    pub fn parse(schema: &Value) -> Result<Fields, Vec<Problem>> {
        let mut problems = Vec::new();
        let Some(root) = schema.as_object() else {
            return Err(vec![wrong("schema", "The schema must be an object.")]);
        };
        check_root(root, &mut problems);
        let required = names(root.get("required"));
        let empty = Map::new();
        let properties = root.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        if properties.is_empty() || properties.len() > MAX_FIELDS {
            problems.push(wrong("schema.properties", "A niche has 1 to 100 fields."));
        }
        let mut fields = IndexMap::new();
        for (name, property) in properties {
            let path = format!("schema.properties.{name}");
            match field(name, property, required.contains(&name.as_str())) {
                Ok(field) => {
                    fields.insert(name.clone(), field);
                }
                Err(reasons) => {
                    problems.extend(reasons.into_iter().map(|reason| wrong(path.clone(), reason)));
                }
            }
        }
        for name in required {
            if !properties.contains_key(name) {
                problems.push(wrong("schema.required", format!("`{name}` is not a field.")));
            }
        }
        if problems.is_empty() { Ok(Fields(fields)) } else { Err(problems) }
    }

    /// The field of this name.
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.0.get(name)
    }

    /// The place of the field of this name, from 0.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.0.get_index_of(name)
    }

    /// All fields in order.
    pub fn iter(&self) -> impl Iterator<Item = &Field> {
        self.0.values()
    }

    /// The fields of this kind.
    pub fn of_kind(&self, kind: FieldKind) -> impl Iterator<Item = &Field> {
        self.iter().filter(move |field| field.kind == Some(kind))
    }
}

fn wrong(path: impl Into<String>, detail: impl Into<String>) -> Problem {
    Problem::new(NICHE_SCHEMA_INVALID).field(path.into()).detail(detail.into())
}

fn check_root(root: &Map<String, Value>, problems: &mut Vec<Problem>) {
    if root.get("type").and_then(Value::as_str) != Some("object") {
        problems.push(wrong("schema.type", "The schema must describe an object."));
    }
    if root.get("additionalProperties") != Some(&Value::Bool(false)) {
        problems.push(wrong(
            "schema.additionalProperties",
            "Unknown fields must be refused: set additionalProperties to false.",
        ));
    }
    for key in root.keys() {
        let known = ["$schema", "$id", "title", "description", "type", "additionalProperties"];
        if !known.contains(&key.as_str()) && key != "required" && key != "properties" {
            problems.push(wrong(format!("schema.{key}"), "This keyword is not supported here."));
        }
    }
}

fn names(value: Option<&Value>) -> Vec<&str> {
    value
        .and_then(Value::as_array)
        .map(|list| list.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}

/// Keywords that a field may have. Closed, so that evolution can reason about all of them.
const KEYWORDS: &[&str] = &[
    "type",
    "title",
    "description",
    "enum",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "x-kind",
    "x-pii",
    "x-sensitive",
    "x-ping",
    "x-label",
    "x-options",
];

fn field(name: &str, property: &Value, required: bool) -> Result<Field, Vec<String>> {
    let mut reasons = Vec::new();
    let Some(object) = property.as_object() else {
        return Err(vec!["A field must be an object.".into()]);
    };
    if !is_snake_case(name) {
        reasons.push("A field's name is snake_case, at most 60 letters, digits and `_`.".into());
    }
    for key in object.keys().filter(|key| !KEYWORDS.contains(&key.as_str())) {
        reasons.push(format!("The keyword `{key}` is not supported."));
    }
    let ty = object.get("type").and_then(Value::as_str).and_then(|text| text.parse().ok());
    if ty.is_none() {
        reasons.push("`type` must be string, integer, number or boolean.".into());
    }
    let ty = ty.unwrap_or(ValueType::Text);
    let kind = match object.get("x-kind") {
        None => None,
        Some(value) => {
            let kind = value.as_str().and_then(|text| text.parse::<FieldKind>().ok());
            if kind.is_none() {
                reasons.push("`x-kind` is not a known kind.".into());
            }
            if ty != ValueType::Text {
                reasons.push("Only text fields have an `x-kind`.".into());
            }
            kind
        }
    };
    let label = localized(object.get("x-label"));
    if label.is_none() {
        reasons.push("`x-label` must have a text in en and in ru.".into());
    }
    let options = options(object, ty, &mut reasons);
    let field = Field {
        name: name.to_owned(),
        ty,
        kind,
        required,
        pii: flag(object, "x-pii", &mut reasons),
        sensitive: flag(object, "x-sensitive", &mut reasons),
        ping: flag(object, "x-ping", &mut reasons),
        label: label.unwrap_or_else(|| Localized { en: name.to_owned(), ru: name.to_owned() }),
        options,
        minimum: object.get("minimum").and_then(Value::as_number).cloned(),
        maximum: object.get("maximum").and_then(Value::as_number).cloned(),
        max_length: object.get("maxLength").and_then(Value::as_u64),
    };
    check_field(&field, &mut reasons);
    if reasons.is_empty() { Ok(field) } else { Err(reasons) }
}

fn check_field(field: &Field, reasons: &mut Vec<String>) {
    let contact = [FieldKind::Phone, FieldKind::Email, FieldKind::Name, FieldKind::Address];
    if field.kind.is_some_and(|kind| contact.contains(&kind) || kind == FieldKind::Ip) && !field.pii
    {
        reasons.push("Phones, e-mails, names, addresses and IPs are contact data: x-pii.".into());
    }
    if field.kind == Some(FieldKind::Comment) && !field.pii {
        reasons.push("People write contact data into comments: x-pii.".into());
    }
    if field.ping && (field.pii || field.sensitive) {
        reasons.push("Contact data and sensitive fields are never shown before the sale.".into());
    }
    let bounded = field.max_length.is_some_and(|most| (1..=4_000).contains(&most));
    if field.ty == ValueType::Text && field.options.is_empty() && !bounded {
        reasons.push("A free text needs a maxLength of 1 to 4000.".into());
    }
}

fn options(
    object: &Map<String, Value>,
    ty: ValueType,
    reasons: &mut Vec<String>,
) -> IndexMap<String, Localized> {
    let mut options = IndexMap::new();
    let Some(list) = object.get("enum") else {
        if object.contains_key("x-options") {
            reasons.push("`x-options` labels the values of an `enum`, which is missing.".into());
        }
        return options;
    };
    if ty != ValueType::Text {
        reasons.push("Only text fields have an `enum`.".into());
    }
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.is_empty() || list.len() > MAX_OPTIONS {
        reasons.push("An `enum` has 1 to 500 values.".into());
    }
    for value in list {
        let Some(text) = value.as_str().filter(|text| !text.is_empty()) else {
            reasons.push("The values of an `enum` are non-empty texts.".into());
            continue;
        };
        match localized(object.get("x-options").and_then(|labels| labels.get(text))) {
            Some(label) => {
                if options.insert(text.to_owned(), label).is_some() {
                    reasons.push(format!("The value `{text}` is there twice."));
                }
            }
            None => reasons.push(format!("`x-options` lacks `{text}` in en or in ru.")),
        }
    }
    options
}

fn flag(object: &Map<String, Value>, key: &str, reasons: &mut Vec<String>) -> bool {
    match object.get(key) {
        None => false,
        Some(Value::Bool(on)) => *on,
        Some(_) => {
            reasons.push(format!("`{key}` is true or false."));
            false
        }
    }
}

fn localized(value: Option<&Value>) -> Option<Localized> {
    let text = |language: &str| {
        value?.get(language)?.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
    };
    Some(Localized { en: text("en")?, ru: text("ru")? })
}

fn is_snake_case(name: &str) -> bool {
    name.len() <= 60
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;
    use serde_json::json;

    /// A small schema that other tests of the niche share.
    pub(crate) fn sample() -> Value {
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["phone"],
            "properties": {
                "phone": {"type": "string", "maxLength": 40, "x-kind": "phone", "x-pii": true,
                    "x-label": {"en": "Phone", "ru": "Телефон"}},
                "region": {"type": "string", "enum": ["RU-MOW", "RU-SPE"], "x-kind": "region",
                    "x-ping": true, "x-label": {"en": "Region", "ru": "Регион"},
                    "x-options": {"RU-MOW": {"en": "Moscow", "ru": "Москва"},
                        "RU-SPE": {"en": "St Petersburg", "ru": "Санкт-Петербург"}}},
                "amount": {"type": "integer", "minimum": 0, "maximum": 1000, "x-ping": true,
                    "x-label": {"en": "Amount", "ru": "Сумма"}},
                "owner": {"type": "boolean", "x-label": {"en": "Owner", "ru": "Владелец"}}
            }
        })
    }

    #[test]
    fn a_good_schema_is_read_with_its_order() {
        let fields = Fields::parse(&sample()).unwrap();
        let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["phone", "region", "amount", "owner"]);
        let phone = fields.get("phone").unwrap();
        assert!(phone.required && phone.pii && !phone.ping);
        assert_eq!(phone.kind, Some(FieldKind::Phone));
        assert_eq!(fields.get("region").unwrap().options["RU-SPE"].en, "St Petersburg");
        assert_eq!(fields.of_kind(FieldKind::Phone).count(), 1);
    }

    #[test]
    fn what_a_niche_cannot_have_is_refused_with_the_path() {
        let spoil = |path: &str, value: Value| {
            let mut schema = sample();
            *schema.pointer_mut(path).unwrap() = value;
            Fields::parse(&schema).unwrap_err()
        };
        let cases = [
            ("/type", json!("array")),
            ("/additionalProperties", json!(true)),
            ("/required", json!(["nobody"])),
            ("/properties", json!({})),
            ("/properties/phone/x-pii", json!(false)),
            ("/properties/phone/x-kind", json!("telegram")),
            ("/properties/phone/maxLength", json!(100_000)),
            ("/properties/phone/x-label", json!({"en": "Phone"})),
            ("/properties/region/enum", json!(["RU-MOW", "RU-LEN"])),
            ("/properties/region/x-ping", json!("yes")),
            ("/properties/amount/type", json!("array")),
            ("/properties/amount", json!({"type": "integer", "$ref": "#/x"})),
        ];
        for (path, value) in cases {
            let problems = spoil(path, value);
            assert!(!problems.is_empty(), "{path}");
            assert!(problems.iter().all(|p| p.code == NICHE_SCHEMA_INVALID && p.field.is_some()));
        }
    }

    #[test]
    fn contact_data_is_never_pinged() {
        let mut schema = sample();
        schema["properties"]["phone"]["x-ping"] = json!(true);
        let problems = Fields::parse(&schema).unwrap_err();
        assert!(problems[0].message.contains("never shown"));
    }
}
