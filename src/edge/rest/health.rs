//! For whoever runs it: alive, ready, and numbers.

use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use leadbourse_core::error as core;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use utoipa::OpenApi;

use super::problem;
use crate::boot::App;
use crate::platform::telemetry;

/// `/healthz`, `/readyz`, `/metrics`.
pub fn routes(app: Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(app)
}

/// Describes the routes of this file.
pub fn describe() -> utoipa::openapi::OpenApi {
    Described::openapi()
}

#[derive(OpenApi)]
#[openapi(paths(alive, ready, metrics))]
struct Described;

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "operations",
    responses((status = 200, description = "The process answers.", body = str)))]
pub async fn alive() -> &'static str {
    "ok"
}

/// The database answers and no shutdown is under way.
#[utoipa::path(get, path = "/readyz", tag = "operations", responses(
    (status = 200, description = "Requests are welcome.", body = str),
    (status = 503, description = "Starting, shutting down, or the database is away.",
        body = problem::ProblemBody, content_type = "application/problem+json")))]
pub async fn ready(State(app): State<Arc<App>>) -> Response {
    if app.closing.is_cancelled() {
        return problem::respond(&core::SHUTTING_DOWN.into());
    }
    if !app.exchange.is_taking() {
        return problem::respond(&core::OVERLOADED.into());
    }
    match tokio::time::timeout(Duration::from_secs(2), app.db.ping()).await {
        Ok(Ok(())) => "ready".into_response(),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the database does not answer");
            problem::respond(&core::OVERLOADED.into())
        }
        Err(_) => problem::respond(&core::OVERLOADED.into()),
    }
}

/// Numbers for Prometheus; only for neighbours, they tell how the business goes.
#[utoipa::path(get, path = "/metrics", tag = "operations", responses(
    (status = 200, description = "Prometheus text format.", body = str),
    (status = 404, description = "Asked from a public address.", body = problem::ProblemBody, content_type = "application/problem+json")))]
pub async fn metrics(ConnectInfo(peer): ConnectInfo<SocketAddr>) -> Response {
    if !is_neighbour(peer.ip()) {
        return problem::respond(&core::NOT_FOUND.into());
    }
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    (StatusCode::OK, [(header::CONTENT_TYPE, text)], telemetry::render_metrics()).into_response()
}

/// Loopback and private networks.
fn is_neighbour(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}
