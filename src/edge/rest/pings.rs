//! `POST /v1/pings`.
//!
//! A parseable body from a known source is always answered 200 with a verdict; the rest is as at
//! `POST /v1/leads`.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use leadbourse_core::lead::Channel;
use leadbourse_core::ping::PingSubmission;
use std::sync::Arc;
use utoipa::OpenApi;

use super::intake::{
    IDEMPOTENCY_KEY, REPLAYED, authenticate, header_text, media, object, pairs, read,
};
use super::problem::ApiError;
use crate::boot::App;
use crate::edge::source_limit;
use crate::exchange::{PingRequest, Pinged};
use crate::platform::error::Result;

/// The route of pings.
pub fn routes(app: Arc<App>) -> Router {
    Router::new().route("/v1/pings", post(one)).with_state(app)
}

/// Describes the routes of this file.
pub fn describe() -> utoipa::openapi::OpenApi {
    Described::openapi()
}

#[derive(OpenApi)]
#[openapi(paths(one))]
struct Described;

/// Asks for bids, as JSON or as a form. The bids are reserved until `expires_at`.
#[utoipa::path(
    post, path = "/v1/pings", tag = "intake", operation_id = "submitPing",
    request_body(content = Object, description = "The niche's ping fields under `fields`, hashes of contact data under `hashes`; or both flat, also as a form, hashes as `hash_<field>`. No contact data."),
    params(
        ("Authorization" = Option<String>, Header, description = "Bearer <posting key of the source>, or <API key> with `source` in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and body give the same answer for seven days"),
    ),
    responses(
        (status = 200, description = "The answer: BIDS, NO_BID or REFUSED, with every reason and every bid", body = Object),
        (status = 400, description = "The body does not parse", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "The key is not known", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such source for this key", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A request with this idempotency key is still being worked on", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Neither JSON nor a form", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The idempotency key was used with another body", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests of this source", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The queue is full; try again after Retry-After seconds", body = super::problem::ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn one(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> std::result::Result<Response, ApiError> {
    let form = media(&headers)?;
    let bytes = read(body, app.config.limits.body_bytes).await?;
    let mut ping = parse(form, &bytes)?;
    if let Some(key) = header_text(&headers, IDEMPOTENCY_KEY) {
        ping.sent.idempotency_key = Some(key);
    }
    let sender = authenticate(&app, &headers, &ping.sent).await?;
    source_limit::admit(&app, &sender.source).await?;
    let channel = if form { Channel::Form } else { Channel::Api };
    Ok(answer(&app.exchange.ping(PingRequest { sender, channel, ping }).await?))
}

fn parse(form: bool, bytes: &[u8]) -> Result<PingSubmission> {
    if form {
        return Ok(PingSubmission::from_pairs(pairs(bytes)));
    }
    object(bytes).map(PingSubmission::from_json)
}

fn answer(pinged: &Pinged) -> Response {
    let body = serde_json::to_vec(&pinged.verdict).unwrap_or_default();
    let mut response = (StatusCode::OK, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if pinged.replayed {
        headers.insert(REPLAYED.clone(), HeaderValue::from_static("true"));
    }
    response
}
