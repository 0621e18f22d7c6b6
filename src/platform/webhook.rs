//! Signatures of outgoing requests, by Standard Webhooks.

use base64::Engine as _;
use http::{HeaderMap, HeaderName, HeaderValue};
use leadbourse_core::time::{SECOND, Timestamp};
use standardwebhooks::{
    HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook,
};

use crate::platform::error::{Context, Result};

/// A new signing secret, as the receiver sees it once: `whsec_` and 32 random bytes in base64.
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
    webhook.sign(message_id, seconds, body.as_bytes()).context("signing a request")
}

/// The headers of a signed request. The message id is the same at every try, so that a receiver can
/// tell a repetition. `signed` is the JSON body where there is one.
///
/// # Errors
/// When the secret is not base64.
pub fn headers(
    secret: &str,
    message_id: &str,
    at: Timestamp,
    signed: &str,
    with_body: bool,
) -> Result<HeaderMap> {
    let signature = sign(secret, message_id, at, signed)?;
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
    set(HEADER_WEBHOOK_ID, message_id)?;
    set(HEADER_WEBHOOK_TIMESTAMP, &seconds)?;
    set(HEADER_WEBHOOK_SIGNATURE, &signature)?;
    Ok(headers)
}
