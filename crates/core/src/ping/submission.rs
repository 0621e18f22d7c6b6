//! Reading a ping, and what a post says about its ping.

use serde_json::{Map, Value};

use crate::lead::submission::Submission;
use crate::lead::verdict::{BAD_ENVELOPE, Reason};

/// A ping, taken apart: the same envelope as a lead's, and hashes of contact data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PingSubmission {
    /// Fields and envelope.
    pub sent: Submission,
    /// Hashes by field, as sent.
    pub hashes: Map<String, Value>,
}

/// How the names of hashes begin where they are not in an object of their own.
const HASH: &str = "hash_";

impl PingSubmission {
    /// Takes a JSON object apart. Hashes are in an object `hashes`, or beside the fields as
    /// `hash_<field>`.
    pub fn from_json(mut body: Map<String, Value>) -> Self {
        let object = body.remove("hashes");
        let (flat, rest): (Map<_, _>, Map<_, _>) =
            body.into_iter().partition(|(name, _)| name.starts_with(HASH));
        let mut out = Self { sent: Submission::from_json(rest), hashes: Map::new() };
        out.read_hashes(object);
        let named = flat.into_iter().filter(|(_, value)| !is_nothing(value));
        out.hashes
            .extend(named.map(|(name, value)| (name.trim_start_matches(HASH).to_owned(), value)));
        out
    }

    /// Takes the object of hashes.
    pub fn read_hashes(&mut self, object: Option<Value>) {
        match object {
            Some(Value::Object(object)) => {
                self.hashes.extend(object.into_iter().filter(|(_, value)| !is_nothing(value)));
            }
            None | Some(Value::Null) => {}
            Some(_) => self.sent.problems.push(Reason::at(BAD_ENVELOPE, "hashes")),
        }
    }

    /// Takes a posted form apart.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut body = Map::new();
        for (name, value) in pairs {
            body.entry(name).or_insert(Value::String(value));
        }
        Self::from_json(body)
    }
}

/// What a post says about its ping.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct PostedPing {
    /// The ping, as named.
    pub ping_id: Option<String>,
    /// The bids that are taken, as named; all of them if none is.
    pub bid_ids: Vec<String>,
    /// Whether a late post goes to the market as it is.
    pub late_direct: bool,
}

impl PostedPing {
    /// Whether nothing was said.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Reads one part; `None` if it does not read.
    pub(crate) fn part(&mut self, name: &str, value: &Value) -> Option<()> {
        match name {
            "ping_id" => self.ping_id = Some(value.as_str()?.to_owned()),
            "bid_ids" => self.bid_ids = ids(value)?,
            "late_as" => self.late_direct = late_as(value.as_str()?)?,
            _ => return None,
        }
        Some(())
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// A list of texts, or one text with commas.
fn ids(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Some(parts.map(str::to_owned).collect())
        }
        Value::Array(list) => list.iter().map(|id| id.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

fn late_as(text: &str) -> Option<bool> {
    match text.to_ascii_uppercase().as_str() {
        "DIRECT" => Some(true),
        "REFUSED" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use serde_json::json;

    fn read(body: Value) -> PingSubmission {
        PingSubmission::from_json(body.as_object().unwrap().clone())
    }

    #[test]
    fn hashes_are_told_from_fields() {
        let nested = read(json!({
            "fields": {"region": "RU-MOW"}, "hashes": {"phone": "ab", "email": null}, "ip": "::1",
        }));
        assert_eq!(nested.hashes, json!({"phone": "ab"}).as_object().unwrap().clone());
        assert_eq!(nested.sent.fields.len(), 1);
        assert_eq!(nested.sent.envelope.ip.as_deref(), Some("::1"));
        let pairs = [("region", "RU-MOW"), ("hash_phone", "ab"), ("hash_email", "")];
        let flat = PingSubmission::from_pairs(pairs.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert_eq!(flat.hashes, nested.hashes);
        assert_eq!(flat.sent.fields, nested.sent.fields);
        let wrong = read(json!({"hashes": "x"})).sent.problems;
        assert_eq!(wrong[0].path.as_deref(), Some("hashes"));
    }

    #[test]
    fn a_post_names_its_ping_and_bids() {
        let sent = |body: Value| Submission::from_json(body.as_object().unwrap().clone());
        let post =
            sent(json!({"ping_id": "png_1", "bid_ids": ["bid_1", "bid_2"], "late_as": "direct"}));
        assert_eq!(
            post.ping,
            PostedPing {
                ping_id: Some("png_1".to_owned()),
                bid_ids: vec!["bid_1".to_owned(), "bid_2".to_owned()],
                late_direct: true,
            }
        );
        assert!(post.fields.is_empty() && post.problems.is_empty());
        assert_eq!(sent(json!({"bid_ids": "bid_1, bid_2"})).ping.bid_ids, ["bid_1", "bid_2"]);
        assert!(sent(json!({"phone": "1"})).ping.is_nothing());
        let wrong = sent(json!({"ping_id": 7, "bid_ids": {}, "late_as": "maybe"}));
        let paths: Vec<_> = wrong.problems.into_iter().filter_map(|r| r.path).collect();
        assert_eq!(paths, ["ping_id", "bid_ids", "late_as"]);
    }
}
