//! How a file's columns become a niche's fields.
//!
//! One rule per field, `field=Column` or `field=Column|step|step`:
//!
//! | step | does |
//! |---|---|
//! | `blank:TEXT` | a cell that is exactly TEXT counts as empty |
//! | `lower` | small letters |
//! | `snake` | `Online Search` becomes `online_search` |
//! | `yes:TEXT` | true if the cell is TEXT, else false |
//! | `or:TEXT` | TEXT if the cell is empty |
//! | `phone-of` | a made-up phone that always belongs to this cell |
//! | `email-of` | a made-up e-mail that always belongs to this cell |
//!
//! `field==TEXT` sets every row's field to TEXT. The last two steps are for files whose contact
//! data was taken out: the same cell always gives the same person. Numbers and booleans are read
//! by the niche's schema; an empty cell leaves the field out.

use leadbourse_core::niche::annotations::{Fields, ValueType};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::fmt;

/// A mapping that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("mapping `{rule}`: {reason}")]
pub struct BadMapping {
    rule: String,
    reason: String,
}

/// One step of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Blank(String),
    Lower,
    Snake,
    Yes(String),
    Or(String),
    PhoneOf,
    EmailOf,
}

/// Where a field's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    /// A column's name and, once bound to a header, its place.
    Column(String, usize),
    Fixed(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    field: String,
    origin: Origin,
    steps: Vec<Step>,
    ty: ValueType,
}

/// All rules, bound to a file's header and a niche's fields.
#[derive(Clone, Debug)]
pub struct Mapping {
    rules: Vec<Rule>,
}

impl Mapping {
    /// Reads the rules and binds them. Without rules, every column that is named like a field is
    /// taken as it is.
    ///
    /// # Errors
    /// Names the rule that has no such column, no such field or an unknown step.
    pub fn bind(rules: &[String], header: &[String], fields: &Fields) -> Result<Self, BadMapping> {
        let same: Vec<String>;
        let rules = if rules.is_empty() {
            same = header
                .iter()
                .filter(|column| fields.get(column).is_some())
                .map(|column| format!("{column}={column}"))
                .collect();
            same.as_slice()
        } else {
            rules
        };
        if rules.is_empty() {
            return Err(bad("", "no column is named like a field; say --map field=Column"));
        }
        let bound: Result<Vec<Rule>, BadMapping> =
            rules.iter().map(|rule| bind_rule(rule, header, fields)).collect();
        Ok(Self { rules: bound? })
    }

    /// The fields of one row.
    pub fn fields(&self, row: &csv::StringRecord) -> Map<String, Value> {
        let mut fields = Map::new();
        for rule in &self.rules {
            let cell = match &rule.origin {
                Origin::Fixed(text) => text.clone(),
                Origin::Column(_, at) => row.get(*at).unwrap_or("").trim().to_owned(),
            };
            let text = rule.steps.iter().fold(cell, |text, step| apply(step, text));
            if !text.is_empty() {
                fields.insert(rule.field.clone(), value(rule.ty, text));
            }
        }
        fields
    }
}

impl fmt::Display for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, rule) in self.rules.iter().enumerate() {
            let from = match &rule.origin {
                Origin::Column(name, _) => name.clone(),
                Origin::Fixed(text) => format!("\"{text}\""),
            };
            write!(f, "{}{} ← {from}", if n == 0 { "" } else { ", " }, rule.field)?;
        }
        Ok(())
    }
}

/// The rules of a mapping file: one per line, `#` begins a comment line.
pub fn rules_of_file(text: &str) -> Vec<String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

fn bad(rule: &str, reason: impl Into<String>) -> BadMapping {
    BadMapping { rule: rule.to_owned(), reason: reason.into() }
}

fn bind_rule(rule: &str, header: &[String], fields: &Fields) -> Result<Rule, BadMapping> {
    let (field, from) =
        rule.split_once('=').ok_or_else(|| bad(rule, "write field=Column or field==text"))?;
    let field = field.trim();
    let known =
        fields.get(field).ok_or_else(|| bad(rule, format!("no field `{field}` in the niche")))?;
    if let Some(text) = from.strip_prefix('=') {
        let origin = Origin::Fixed(text.to_owned());
        return Ok(Rule { field: field.to_owned(), origin, steps: Vec::new(), ty: known.ty });
    }
    let mut parts = from.split('|');
    let column = parts.next().unwrap_or("").trim();
    let at = header
        .iter()
        .position(|name| name == column)
        .ok_or_else(|| bad(rule, format!("no column `{column}` in the file")))?;
    let steps: Result<Vec<Step>, BadMapping> = parts
        .map(|text| step(text.trim()).ok_or_else(|| bad(rule, format!("no step `{text}`"))))
        .collect();
    let origin = Origin::Column(column.to_owned(), at);
    Ok(Rule { field: field.to_owned(), origin, steps: steps?, ty: known.ty })
}

fn step(text: &str) -> Option<Step> {
    let (name, argument) = text.split_once(':').unwrap_or((text, ""));
    match (name, argument) {
        ("blank", text) if !text.is_empty() => Some(Step::Blank(text.to_owned())),
        ("yes", text) if !text.is_empty() => Some(Step::Yes(text.to_owned())),
        ("or", text) if !text.is_empty() => Some(Step::Or(text.to_owned())),
        ("lower", "") => Some(Step::Lower),
        ("snake", "") => Some(Step::Snake),
        ("phone-of", "") => Some(Step::PhoneOf),
        ("email-of", "") => Some(Step::EmailOf),
        _ => None,
    }
}

fn apply(step: &Step, text: String) -> String {
    match step {
        Step::Blank(blank) if text == *blank => String::new(),
        Step::Or(other) if text.is_empty() => other.clone(),
        Step::Yes(yes) => (text == *yes).to_string(),
        Step::Lower => text.to_lowercase(),
        Step::Snake => snake(&text),
        Step::PhoneOf if !text.is_empty() => phone_of(&text),
        Step::EmailOf if !text.is_empty() => {
            format!("p{}@mail.example.com", hex::encode(digest(&text).get(..8).unwrap_or_default()))
        }
        _ => text,
    }
}

/// Words of letters and digits, joined by `_`.
fn snake(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    out.trim_end_matches('_').to_owned()
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// An Indian mobile number out of the cell's hash: 8 digits of it, so two of ten thousand cells
/// meet about once in two files.
fn phone_of(text: &str) -> String {
    let number = digest(text).iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    format!("+9198{:08}", number % 100_000_000)
}

/// A cell as the schema wants it. What is no number stays a text: the verdict then names the
/// field.
fn value(ty: ValueType, text: String) -> Value {
    let parsed = match ty {
        ValueType::Text => None,
        ValueType::Integer => text.parse::<i64>().ok().map(Value::from),
        ValueType::Number => text
            .parse::<i64>()
            .ok()
            .map(Value::from)
            .or_else(|| text.parse::<f64>().ok().map(Value::from)),
        ValueType::Boolean => match text.to_lowercase().as_str() {
            "true" | "yes" | "1" | "да" => Some(Value::Bool(true)),
            "false" | "no" | "0" | "нет" => Some(Value::Bool(false)),
            _ => None,
        },
    };
    parsed.unwrap_or(Value::String(text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;
    use serde_json::json;

    fn fields() -> Fields {
        let label = json!({"en": "x", "ru": "x"});
        Fields::parse(&json!({
            "type": "object", "additionalProperties": false,
            "properties": {
                "phone": {"type": "string", "maxLength": 20, "x-kind": "phone", "x-pii": true, "x-label": label},
                "visits": {"type": "integer", "x-label": label},
                "origin": {"type": "string", "maxLength": 40, "x-label": label},
                "free": {"type": "boolean", "x-label": label}
            }
        }))
        .unwrap()
    }

    fn header() -> Vec<String> {
        ["Id", "Visits", "Origin", "Free copy"].map(str::to_owned).into()
    }

    fn row(cells: &[&str]) -> csv::StringRecord {
        csv::StringRecord::from(cells.to_vec())
    }

    #[test]
    fn columns_become_fields_by_the_schema() {
        let rules: Vec<String> = [
            "phone=Id|phone-of",
            "visits=Visits",
            "origin=Origin|blank:Select|snake|or:unknown",
            "free=Free copy|yes:Yes",
        ]
        .map(str::to_owned)
        .into();
        let mapping = Mapping::bind(&rules, &header(), &fields()).unwrap();
        let first = mapping.fields(&row(&["a-1", "5", "Landing Page", "Yes"]));
        assert_eq!(first["visits"], json!(5));
        assert_eq!(first["origin"], json!("landing_page"));
        assert_eq!(first["free"], json!(true));
        assert!(first["phone"].as_str().unwrap().starts_with("+9198"));
        let second = mapping.fields(&row(&["a-1", "", "Select", "No"]));
        assert_eq!(second["phone"], first["phone"]);
        assert!(second.get("visits").is_none());
        assert_eq!(second["origin"], json!("unknown"));
        assert_eq!(second["free"], json!(false));
    }

    #[test]
    fn a_cell_that_is_no_number_reaches_the_schema_as_it_is() {
        let mapping = Mapping::bind(&["visits=Visits".to_owned()], &header(), &fields()).unwrap();
        assert_eq!(mapping.fields(&row(&["", "many", "", ""]))["visits"], json!("many"));
    }

    #[test]
    fn wrong_rules_are_named() {
        for rule in ["phone", "phone=Nothing", "nothing=Id", "phone=Id|fly", "phone=Id|blank"] {
            let error = Mapping::bind(&[rule.to_owned()], &header(), &fields()).unwrap_err();
            assert!(error.to_string().contains(rule), "{error}");
        }
    }
}
