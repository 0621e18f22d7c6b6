//! From a posted form to a submission.

use axum::http::{HeaderMap, header};
use leadbourse_core::lead::envelope::{Consent, Envelope, MAX_TEXT};
use leadbourse_core::lead::submission::Submission;
use leadbourse_core::time::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::IpAddr;

use super::form_page::{FIELD, TRAP};
use super::stamp::Stamp;

/// The most inputs of one form.
const MOST_INPUTS: usize = 200;

/// A form as it was posted. Everything in it is contact data: it has no `Debug`.
pub struct Posted {
    /// The filled inputs, by name.
    pub values: BTreeMap<String, String>,
    /// The sender's address.
    pub ip: IpAddr,
    user_agent: Option<String>,
}

impl Posted {
    /// Reads the body. Of a name that is there twice the first counts; what is empty was not sent.
    pub fn read(body: &[u8], headers: &HeaderMap, ip: IpAddr) -> Self {
        let mut values = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(body).take(MOST_INPUTS) {
            if !value.is_empty() {
                values.entry(name.into_owned()).or_insert_with(|| value.into_owned());
            }
        }
        let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let user_agent = agent.map(|agent| agent.chars().take(512).collect());
        Self { values, ip: ip.to_canonical(), user_agent }
    }

    /// The stamp's text.
    pub fn stamp(&self) -> &str {
        self.value("stamp").unwrap_or_default()
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    fn owned(&self, name: &str) -> Option<String> {
        self.value(name).map(str::to_owned)
    }
}

/// The submission of a posted form. The visit is the sender's own id, so that a corrected form
/// takes the place of the refused one; the rendering is the key against sending it twice.
pub fn submission(posted: &Posted, stamp: &Stamp, test: bool, now: Timestamp) -> Submission {
    let fields = posted.values.iter().filter_map(|(name, value)| {
        Some((name.strip_prefix(FIELD)?.to_owned(), Value::from(value.as_str())))
    });
    // A page's address is a help, not a condition: an absurd one is left out.
    let page = posted.owned("page").filter(|page| page.len() <= MAX_TEXT);
    let consent = posted.value("consent").map(|_| Consent {
        given: true,
        text_hash: Some(stamp.consent_hash.clone()),
        version: Some(format!("{}/{}", stamp.consent_version, stamp.lang)),
        page: page.clone(),
        at: Some(now.rfc3339()),
    });
    let mut envelope = Envelope {
        external_id: Some(format!("form-{}", stamp.visit)),
        ip: Some(posted.ip.to_string()),
        user_agent: posted.user_agent.clone(),
        landing_url: page,
        consent,
        click_id: posted.owned("click_id"),
        fill_ms: Some(stamp.fill_ms(now)),
        honeypot: posted.owned(TRAP),
        preferred_time: posted.owned("preferred_time"),
        ..Envelope::default()
    };
    for number in 1..=10 {
        let name = format!("sub{number}");
        if let Some(value) = posted.owned(&name) {
            envelope.sub_ids.insert(name, value);
        }
    }
    Submission {
        fields: fields.collect(),
        envelope,
        idempotency_key: Some(format!("form-{}", stamp.nonce)),
        test,
        ..Submission::default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use leadbourse_core::ids::SourceId;
    use leadbourse_core::lang::Lang;
    use leadbourse_core::time::SECOND;

    #[test]
    fn inputs_become_fields_and_the_rest_the_envelope() {
        let body = b"f.phone=8+916&f.phone=2&f.name=&consent=on&page=https%3A%2F%2Fa.example%2Fp\
            &sub2=b&preferred_time=EVENING&company_website=x&lang=ru&stamp=s";
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, "Agent".parse().unwrap());
        let posted = Posted::read(body, &headers, "::ffff:203.0.113.7".parse().unwrap());
        assert_eq!(posted.stamp(), "s");
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        let stamp =
            Stamp::new(SourceId::new(now), Lang::Ru, ("ab".to_owned(), 2), now.plus(-9 * SECOND));
        let sent = submission(&posted, &stamp, false, now);
        assert_eq!(serde_json::to_string(&sent.fields).unwrap(), r#"{"phone":"8 916"}"#);
        let envelope = sent.envelope;
        assert_eq!(envelope.ip.as_deref(), Some("203.0.113.7"));
        assert_eq!(envelope.user_agent.as_deref(), Some("Agent"));
        assert_eq!(envelope.landing_url.as_deref(), Some("https://a.example/p"));
        assert_eq!(envelope.fill_ms, Some(9_000));
        assert_eq!(envelope.honeypot.as_deref(), Some("x"));
        assert_eq!(envelope.preferred_time.as_deref(), Some("EVENING"));
        assert_eq!(envelope.sub_ids["sub2"], "b");
        let consent = envelope.consent.unwrap();
        assert_eq!(
            (consent.text_hash.as_deref(), consent.version.as_deref()),
            (Some("ab"), Some("2/ru"))
        );
        assert_eq!(consent.page, envelope.landing_url);
        assert_eq!(sent.idempotency_key, Some(format!("form-{}", stamp.nonce)));
    }
}
