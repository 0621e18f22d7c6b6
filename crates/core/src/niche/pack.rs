//! A niche as one document: what a new niche is made from, ready-made or written by an operator.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::annotations::Fields;
use super::check;
use super::policy::{Localized, NichePolicy};
use crate::error::{BAD_INPUT, Problem};
use crate::money::Currency;

/// Everything that a niche is made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// The niche's name in addresses, `snake_case`.
    pub slug: String,
    /// What people read.
    pub names: Localized,
    /// Its one currency.
    pub currency: Currency,
    /// JSON Schema of a lead's fields, with annotations.
    pub schema: Value,
    /// Its rules.
    pub policy: NichePolicy,
}

impl Pack {
    /// Checks everything and answers the fields, or every reason against it.
    pub fn check(&self) -> Result<Fields, Vec<Problem>> {
        let mut problems = Vec::new();
        if !is_slug(&self.slug) {
            problems.push(
                Problem::new(BAD_INPUT)
                    .field("slug")
                    .detail("A slug has 2 to 60 small letters, digits and `_`."),
            );
        }
        for text in [&self.names.en, &self.names.ru] {
            if text.trim().is_empty() || text.chars().count() > 120 {
                problems.push(Problem::new(BAD_INPUT).field("names"));
            }
        }
        match documents(&self.schema, &self.policy) {
            Ok(fields) if problems.is_empty() => Ok(fields),
            Ok(_) => Err(problems),
            Err(more) => {
                problems.extend(more);
                Err(problems)
            }
        }
    }
}

/// Checks the two documents of a niche version against each other.
pub fn documents(schema: &Value, policy: &NichePolicy) -> Result<Fields, Vec<Problem>> {
    let fields = Fields::parse(schema)?;
    if let Err(error) = jsonschema::draft202012::new(schema) {
        return Err(vec![
            Problem::new(super::annotations::NICHE_SCHEMA_INVALID)
                .field("schema")
                .detail(format!("The schema does not compile: {error}")),
        ]);
    }
    let problems = check::policy(policy, &fields);
    if problems.is_empty() { Ok(fields) } else { Err(problems) }
}

fn is_slug(text: &str) -> bool {
    (2..=60).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
