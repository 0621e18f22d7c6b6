//! The HTTP server: what every answer carries, and how it ends.

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use leadbourse_core::error as core;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tracing::Instrument;

use super::rest::{self, problem};
use super::{graphql, publish, ui};
use crate::boot::App;
use crate::platform::error::Result;

/// Every route of the exchange.
///
/// # Errors
/// When the GraphQL schema does not fit its own text, which a test excludes.
pub fn router(app: &Arc<App>) -> Result<Router> {
    let https = app.config.server.public_url.as_deref().is_some_and(|u| u.starts_with("https://"));
    let routes = graphql::routes::routes(graphql::gate_of(app)?)
        .merge(rest::routes(app))
        .merge(publish::routes(app))
        .merge(ui::routes(app.config.server.demo));
    Ok(dress(routes, https))
}

/// Scripts, styles and connections come from here only. Styles may be inline because the
/// component library sets sizes and colours that way.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; \
object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Puts the layers around the routes: request ids, security headers, compression, and an answer
/// for a handler that panicked.
pub fn dress(routes: Router, https: bool) -> Router {
    // Compression of small answers costs more than it saves.
    let worth = SizeAbove::new(1_024).and(NotForContentType::IMAGES);
    routes
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            tracing::error!("a handler panicked");
            problem::respond(&core::INTERNAL.into())
        }))
        .layer(CompressionLayer::new().gzip(true).compress_when(worth))
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            headers(request, next, https)
        }))
}

/// Security headers and the request id on every answer.
async fn headers(request: Request, next: Next, https: bool) -> Response {
    let id = request_id(&request);
    // The route's pattern, not the path: a stranger may write anything into a path.
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let span = tracing::info_span!("request", id, method = %request.method(), route);
    let mut response = next.run(request).instrument(span).await.into_response();
    let headers = response.headers_mut();
    let has_policy = headers.contains_key(header::CONTENT_SECURITY_POLICY);
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    // A page with a policy of its own says itself who may frame it.
    if !has_policy {
        set(header::CONTENT_SECURITY_POLICY, POLICY);
        set(header::X_FRAME_OPTIONS, "DENY");
    }
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "same-origin");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    if https {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}

/// The sender's request id when it is a plain one, else a new one.
fn request_id(request: &Request) -> String {
    let sent = request.headers().get("x-request-id").and_then(|value| value.to_str().ok());
    match sent {
        Some(id) if (1..=64).contains(&id.len()) && id.bytes().all(plain) => id.to_owned(),
        _ => format!("{:016x}", rand::random::<u64>()),
    }
}

fn plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// Serves until the token is cancelled; accepted requests then get `grace` to finish.
pub async fn run(
    listener: TcpListener,
    app: Router,
    stop: CancellationToken,
    grace: Duration,
) -> std::io::Result<()> {
    // Answers are small: waiting to fill packets would only add latency.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
    });
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service)
        .with_graceful_shutdown(stop.clone().cancelled_owned())
        .into_future();
    tokio::pin!(serving);
    tokio::select! {
        done = &mut serving => return done,
        () = stop.cancelled() => {}
    }
    match tokio::time::timeout(grace, serving).await {
        Ok(done) => done,
        Err(_) => {
            tracing::warn!("some requests did not finish in the grace period");
            Ok(())
        }
    }
}
