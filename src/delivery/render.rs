//! The body of a delivery, rendered at the moment of sending, and its signature.

use http::{HeaderMap, HeaderName, HeaderValue};
use leadbourse_core::time::{SECOND, Timestamp};
use serde_json::json;
use standardwebhooks::{
    HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook,
};

use crate::conversions::Award;
use crate::leads::{Contact, LeadRecord};
use crate::platform::error::{Context, Result};
use base64::Engine as _;

/// A new signing secret, as the buyer sees it once: `whsec_` and 32 random bytes in base64.
pub fn signing_secret() -> String {
    let bytes: [u8; 32] = rand::random();
    format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode(bytes))
}

/// The signature of a body by Standard Webhooks: `v1,<base64>`.
///
/// # Errors
/// When the secret is not base64.
pub fn sign(secret: &str, message_id: &str, at: Timestamp, body: &str) -> Result<String> {
    let webhook = Webhook::new(secret).context("reading a signing secret")?;
    let seconds = at.micros().div_euclid(SECOND);
    webhook.sign(message_id, seconds, body.as_bytes()).context("signing a delivery")
}

/// The headers of one try. The message id is the same at every try, so that a receiver can tell a
/// repetition. `signed` is the body where there is one.
pub(super) fn headers(
    secret: &str,
    id: &str,
    at: Timestamp,
    signed: &str,
    with_body: bool,
) -> Result<HeaderMap> {
    let signature = sign(secret, id, at, signed)?;
    let seconds = at.micros().div_euclid(SECOND).to_string();
    let mut headers = HeaderMap::new();
    let mut set = |name: &'static str, value: &str| -> Result<()> {
        let value = HeaderValue::from_str(value).context("making a header")?;
        headers.insert(HeaderName::from_static(name), value);
        Ok(())
    };
    if with_body {
        set("content-type", "application/json")?;
    }
    set(HEADER_WEBHOOK_ID, id)?;
    set(HEADER_WEBHOOK_TIMESTAMP, &seconds)?;
    set(HEADER_WEBHOOK_SIGNATURE, &signature)?;
    Ok(headers)
}

/// What the buyer is told: the award, the lead's score, the person. The publisher's own things
/// (sub-ids, click, external id) and its earning are not for the buyer.
pub(super) fn body(award: &Award, lead: &LeadRecord, niche: &str, contact: &Contact) -> String {
    let envelope = &contact.envelope;
    json!({
        "type": "lead.awarded",
        "timestamp": award.created_at.rfc3339(),
        "data": {
            "award_id": award.id,
            "lead_id": award.lead_id,
            "offer_id": award.offer_id,
            "offer_version_id": award.offer_version_id,
            "niche": niche,
            "copy_no": award.copy_no,
            "max_sales": award.max_sales,
            "price": { "minor": award.price.to_string(), "currency": award.currency },
            "channel": lead.channel,
            "received_at": lead.received_at.rfc3339(),
            "score": {
                "score": lead.score,
                "grade": lead.grade,
                "intent": lead.intent,
                "temperature": lead.temperature,
            },
            "fields": contact.fields,
            "preferred_time": envelope.preferred_time,
            "consent": envelope.consent,
            "certificate_urls": envelope.certificate_urls,
            "landing_url": envelope.landing_url,
            "ip": envelope.ip,
            "user_agent": envelope.user_agent,
        }
    })
    .to_string()
}
