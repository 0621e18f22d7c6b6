//! `GET` and `POST /v1/postback/{token}`: a buyer's tracker or shop reports what became of a lead.
//!
//! GET changes something here, against the custom of the web, because it is what the field uses for
//! calls between servers. No browser has a reason to call it, the token in the address is the right
//! to do so, and what is reported is done once by its reference.

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName};
use axum::response::Response;
use axum::{Router, routing::get};
use leadbourse_core::error::{Problem, RATE_LIMITED};
use serde_json::Value;
use std::sync::Arc;
use utoipa::OpenApi;

use super::conversions::answer;
use super::intake::{content_type, header_text, is_json, read};
use super::problem::ApiError;
use crate::boot::App;
use crate::edge::errors::{BAD_REQUEST, UNSUPPORTED_MEDIA_TYPE};
use crate::outcomes::{Method, Postback};
use crate::platform::error::Result;

/// The header with the time of a signature.
static SIGNED_AT: HeaderName = HeaderName::from_static("x-postback-timestamp");
/// The header with a signature.
static SIGNATURE: HeaderName = HeaderName::from_static("x-postback-signature");
/// Bytes of a postback's body.
const MAX_BODY: usize = 64 * 1_024;

/// The routes of postbacks.
pub fn routes(app: Arc<App>) -> Router {
    Router::new().route("/v1/postback/{token}", get(by_get).post(by_post)).with_state(app)
}

/// Describes the routes of this file.
pub fn describe() -> utoipa::openapi::OpenApi {
    Described::openapi()
}

#[derive(OpenApi)]
#[openapi(paths(by_get, by_post))]
struct Described;

/// Reports by GET: the values are in the query.
#[utoipa::path(
    get, path = "/v1/postback/{token}", tag = "outcomes",
    params(
        ("token" = String, Path, description = "The token of the address"),
        ("award" = Option<String>, Query, description = "The award, `awd_…`, or the lead, `lead_…`; also as `award_id`, `lead`, `lead_id`"),
        ("click_id" = Option<String>, Query, description = "The click, `clk_…`, as the buyer's own page got it, instead of award and lead; also as `click`"),
        ("goal" = Option<String>, Query, description = "`SALE` or `REGISTRATION`, on a click also `LEAD`; a sale if not said"),
        ("txid" = Option<String>, Query, description = "The sender's own reference; the same one is billed once; also as `external_id`. With a click it may be left out: the click is the reference then"),
        ("amount" = Option<String>, Query, description = "What the customer paid, in major units, like `1500.00`"),
        ("currency" = Option<String>, Query, description = "ISO 4217; the award's currency if not said, and no other"),
        ("status" = Option<String>, Query, description = "`refund`, or nothing"),
        ("refunded" = Option<String>, Query, description = "For a refund: what the customer got back in all, in major units; everything if not said"),
        ("occurred_at" = Option<String>, Query, description = "RFC 3339, or seconds since 1970; now if not said"),
        ("ts" = Option<String>, Query, description = "When it was signed, in seconds since 1970; or in the header X-Postback-Timestamp"),
        ("sig" = Option<String>, Query, description = "The last value: hex(HMAC-SHA-256(secret, ts + `.` + the query before `&sig=`)); or in the header X-Postback-Signature, over the whole query"),
    ),
    responses(
        (status = 200, description = "The conversion; with `Idempotent-Replayed: true` if it was billed before", body = super::conversions::ConversionBody),
        (status = 404, description = "No such address, or no such award of its buyer", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The goal was reached before, the reference was used with another amount, or the money was released", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A value is wrong, the signature is, or the event lies outside the attribution window", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many calls of this address", body = super::problem::ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn by_get(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> std::result::Result<Response, ApiError> {
    let query = query.unwrap_or_default();
    let (at, signature) = signed(&headers);
    // A signature inside the query comes last, and is over what stands before it.
    let (raw, inside) = match query.rsplit_once("&sig=") {
        Some((raw, signature)) if signature_of(&headers).is_none() => (raw, Some(signature)),
        _ => (query.as_str(), None),
    };
    let values = pairs(raw.as_bytes());
    let ts = values.iter().find(|(name, _)| name == "ts").map(|(_, value)| value.as_str());
    let sent = Postback {
        token: &token,
        method: Method::Get,
        values: &values,
        signed_at: at.as_deref().or(ts),
        signature: signature.as_deref().or(inside),
        raw: raw.as_bytes(),
    };
    take(&app, &sent).await
}

/// Reports by POST: the values are in the body, as a form or as flat JSON.
#[utoipa::path(
    post, path = "/v1/postback/{token}", tag = "outcomes",
    request_body(content = Object, description = "The values of the GET, as a form or as a flat JSON object. Signed: headers X-Postback-Timestamp and X-Postback-Signature = hex(HMAC-SHA-256(secret, timestamp + `.` + raw body))"),
    params(("token" = String, Path, description = "The token of the address")),
    responses(
        (status = 200, description = "As for GET", body = super::conversions::ConversionBody),
        (status = 400, description = "The body does not parse", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such address, or no such award of its buyer", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "As for GET", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Neither a form nor JSON", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "As for GET", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many calls of this address", body = super::problem::ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn by_post(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> std::result::Result<Response, ApiError> {
    let form = content_type(&headers).as_deref() == Some("application/x-www-form-urlencoded");
    if !form && !is_json(&headers) {
        return Err(UNSUPPORTED_MEDIA_TYPE.into());
    }
    let bytes = read(body, MAX_BODY).await?;
    let values = if form { pairs(&bytes) } else { flat(&bytes)? };
    let (at, signature) = signed(&headers);
    let sent = Postback {
        token: &token,
        method: Method::Post,
        values: &values,
        signed_at: at.as_deref(),
        signature: signature.as_deref(),
        raw: &bytes,
    };
    take(&app, &sent).await
}

async fn take(app: &App, sent: &Postback<'_>) -> std::result::Result<Response, ApiError> {
    let most = app.config.limits.source_requests_per_minute;
    let beginning: String = sent.token.chars().take(16).collect();
    let key = format!("postback:{beginning}");
    if most > 0 && !app.hints.rate_limit(&key, most, 60).await {
        return Err(RATE_LIMITED.into());
    }
    Ok(answer(&app.outcomes.postback(sent).await?))
}

fn signature_of(headers: &HeaderMap) -> Option<String> {
    header_text(headers, SIGNATURE.as_str())
}

fn signed(headers: &HeaderMap) -> (Option<String>, Option<String>) {
    (header_text(headers, SIGNED_AT.as_str()), signature_of(headers))
}

fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    let pairs = url::form_urlencoded::parse(bytes);
    pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// A flat JSON object; what is neither text, number nor truth is refused.
fn flat(bytes: &[u8]) -> Result<Vec<(String, String)>> {
    let wrong = || Problem::new(BAD_REQUEST).detail("The body has to be a flat JSON object.");
    let Ok(Value::Object(body)) = serde_json::from_slice(bytes) else { return Err(wrong().into()) };
    let mut values = Vec::with_capacity(body.len());
    for (name, value) in body {
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            Value::Null => continue,
            Value::Array(_) | Value::Object(_) => return Err(wrong().into()),
        };
        values.push((name, text));
    }
    Ok(values)
}
