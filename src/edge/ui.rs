//! The web UI, embedded in the program.
//!
//! Files with a hash in their name are cached for ever; everything else is asked for anew with an
//! `ETag`. A path that is no file is a place inside the single-page application.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use leadbourse_core::error as core;
use rust_embed::{EmbeddedFile, RustEmbed};

use super::errors;
use super::rest::problem;

#[derive(RustEmbed)]
#[folder = "frontend/dist"]
struct Dist;

/// The page that is shown when the program was built without the front end.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Leadbourse</title>\
<h1>Leadbourse is running</h1><p>This program was built without its front end. Run <code>make build</code> \
with Node installed, or use the <a href=\"/graphql\">GraphQL</a> and REST interfaces.</p></html>";

/// Paths that belong to interfaces: an unknown one is a problem, not a page.
const INTERFACES: &[&str] =
    &["/v1/", "/f/", "/spec/", "/graphql", "/healthz", "/readyz", "/metrics"];

/// The UI behind every other route, and GraphiQL in demo mode.
pub fn routes(demo: bool) -> Router {
    let routes = Router::new().fallback(serve);
    if !demo {
        return routes;
    }
    let graphiql = |headers: HeaderMap| async move { page("graphiql.html", &headers) };
    routes.route("/graphiql", get(graphiql))
}

/// Answers whatever no route took.
pub async fn serve(request: Request) -> Response {
    let path = request.uri().path();
    if INTERFACES.iter().any(|prefix| path.starts_with(prefix)) || path == "/v1" {
        return problem::respond(&core::NOT_FOUND.into());
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return problem::respond(&errors::METHOD_NOT_ALLOWED.into());
    }
    let name = path.trim_start_matches('/');
    // GraphiQL has a route of its own, in demo mode only.
    let name = if name == "graphiql.html" { "" } else { name };
    if let Some(file) = (!name.is_empty()).then(|| Dist::get(name)).flatten() {
        return answer(name, &file, request.headers());
    }
    // A missing file of the build (an old tab asks for an old script) must not become a page.
    if name.rsplit('/').next().is_some_and(|last| last.contains('.')) {
        return problem::respond(&core::NOT_FOUND.into());
    }
    page("index.html", request.headers())
}

/// A page of the build by its file name.
pub fn page(name: &str, headers: &HeaderMap) -> Response {
    match Dist::get(name) {
        Some(file) => answer(name, &file, headers),
        None => {
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            (StatusCode::OK, [(header::CONTENT_TYPE, html)], NOT_BUILT).into_response()
        }
    }
}

/// Whether the front end is inside this program.
pub fn is_built() -> bool {
    Dist::get("index.html").is_some()
}

fn answer(name: &str, file: &EmbeddedFile, asked: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", hex::encode(file.metadata.sha256_hash().get(..12).unwrap_or(&[])));
    let forever = name.starts_with("assets/");
    let cache = if forever { "public, max-age=31536000, immutable" } else { "no-cache" };
    let same =
        asked.get(header::IF_NONE_MATCH).is_some_and(|held| held.as_bytes() == tag.as_bytes());
    let mut response = if same {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.data.clone().into_owned()).into_response()
    };
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, value);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if !same && let Ok(value) = HeaderValue::from_str(file.metadata.mimetype()) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    response
}
