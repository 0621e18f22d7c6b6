//! `POST /v1/stripe/webhook`: what the card provider tells. Nobody signs in here; the body is signed.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName};
use axum::{Json, Router, routing::post};
use serde::Serialize;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

use super::intake::read;
use super::problem::ApiError;
use crate::boot::App;

/// The header with the signature.
static SIGNATURE: HeaderName = HeaderName::from_static("stripe-signature");
/// Bytes of an event.
const MAX_BODY: usize = 512 * 1_024;

/// The route.
pub fn routes(app: Arc<App>) -> Router {
    Router::new().route("/v1/stripe/webhook", post(take)).with_state(app)
}

/// Describes the route of this file.
pub fn describe() -> utoipa::openapi::OpenApi {
    Described::openapi()
}

#[derive(OpenApi)]
#[openapi(paths(take))]
struct Described;

/// The answer to an event.
#[derive(Serialize, ToSchema)]
pub struct Received {
    /// Always true: it is stored, and looked at afterwards.
    pub received: bool,
}

/// Takes an event. It is stored before it is answered; the same one again changes nothing.
#[utoipa::path(
    post, path = "/v1/stripe/webhook", tag = "operations",
    request_body(content = Object, description = "An event as Stripe sends it, signed in the header Stripe-Signature"),
    responses(
        (status = 200, description = "It is stored", body = Received),
        (status = 409, description = "Paying by card is not set up", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The signature is missing, wrong, or older than five minutes", body = super::problem::ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn take(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> std::result::Result<Json<Received>, ApiError> {
    let body = read(body, MAX_BODY).await?;
    let signature = headers.get(&SIGNATURE).and_then(|value| value.to_str().ok());
    app.topups.receive(signature, &body).await?;
    Ok(Json(Received { received: true }))
}
