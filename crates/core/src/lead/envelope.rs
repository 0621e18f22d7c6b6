//! What surrounds a lead's fields: where it came from and what the person agreed to. Everything
//! here is contact data.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::verdict::{BAD_ENVELOPE, Reason};
use crate::publish::form::PreferredTime;
use crate::time::Timestamp;

/// The longest text in an envelope, in bytes.
pub const MAX_TEXT: usize = 2_048;
/// The longest sub-id, in bytes.
pub const MAX_SUB_ID: usize = 255;
/// The most sub-ids.
pub const MAX_SUB_IDS: usize = 10;

/// The person's consent, as shown and given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Consent {
    /// Whether the person agreed.
    pub given: bool,
    /// SHA-256 of the rendered text, hex.
    pub text_hash: Option<String>,
    /// The version of the text.
    pub version: Option<String>,
    /// The page on which it was given.
    pub page: Option<String>,
    /// When, in RFC 3339.
    pub at: Option<String>,
}

/// The envelope of a submission. All parts are optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Envelope {
    /// The sender's own id of this lead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Up to ten sub-ids of the publisher.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub sub_ids: IndexMap<String, String>,
    /// UTM marks of the link that was clicked.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub utm: IndexMap<String, String>,
    /// The person's IP address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// The person's browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The page of the form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landing_url: Option<String>,
    /// Consent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// Certificates of the consent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certificate_urls: Vec<String>,
    /// The click that led to the form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub click_id: Option<String>,
    /// The number that the person dialled, of a call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialled: Option<String>,
    /// Milliseconds between showing and sending the form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fill_ms: Option<i64>,
    /// A form field that no person sees; a filled one betrays a machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub honeypot: Option<String>,
    /// When the person wants to be called: NOW, MORNING, AFTERNOON or EVENING.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_time: Option<String>,
    /// When the person stated the wish (RFC 3339), if that was before the submission.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stated_at: Option<String>,
}

impl Envelope {
    /// Faults of the envelope, each with its path.
    pub fn check(&self) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let mut bad = |path: String| reasons.push(Reason::at(BAD_ENVELOPE, path));
        let texts = [
            ("external_id", &self.external_id, MAX_SUB_ID),
            ("ip", &self.ip, 64),
            ("user_agent", &self.user_agent, MAX_TEXT),
            ("landing_url", &self.landing_url, MAX_TEXT),
            ("click_id", &self.click_id, MAX_SUB_ID),
            ("dialled", &self.dialled, 64),
            ("honeypot", &self.honeypot, MAX_TEXT),
        ];
        for (path, text, limit) in texts {
            if text.as_ref().is_some_and(|text| text.len() > limit) {
                bad(path.to_owned());
            }
        }
        if self.ip.as_ref().is_some_and(|ip| ip.parse::<std::net::IpAddr>().is_err()) {
            bad("ip".to_owned());
        }
        if self.sub_ids.len() > MAX_SUB_IDS {
            bad("sub_ids".to_owned());
        }
        for (name, value) in &self.sub_ids {
            if name.len() > 64 || value.len() > MAX_SUB_ID {
                bad(format!("sub_ids.{}", name.chars().take(32).collect::<String>()));
            }
        }
        if self.certificate_urls.len() > 10
            || self.certificate_urls.iter().any(|url| url.len() > MAX_TEXT)
        {
            bad("certificate_urls".to_owned());
        }
        let known = |time: &String| time.parse::<PreferredTime>().is_ok();
        if self.preferred_time.as_ref().is_some_and(|time| !known(time)) {
            bad("preferred_time".to_owned());
        }
        if self.stated_at.as_ref().is_some_and(|at| Timestamp::parse_rfc3339(at).is_none()) {
            bad("stated_at".to_owned());
        }
        reasons
    }

    /// When the wish was stated; `now` if unknown or in the future.
    pub fn stated(&self, now: Timestamp) -> Timestamp {
        self.stated_at.as_deref().and_then(Timestamp::parse_rfc3339).unwrap_or(now).min(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_checked_with_paths() {
        let mut envelope = Envelope { ip: Some("not an ip".to_owned()), ..Envelope::default() };
        envelope.sub_ids.insert("sub1".to_owned(), "x".repeat(300));
        let paths: Vec<_> = envelope.check().into_iter().filter_map(|r| r.path).collect();
        assert_eq!(paths, ["ip", "sub_ids.sub1"]);
        assert!(Envelope::default().check().is_empty());
    }
}
