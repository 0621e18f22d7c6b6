//! Public pages for publishers and the people on their sites. They set no cookies and show no
//! secret; each brings its own, stricter content policy.

pub mod form;
pub mod form_page;
pub mod form_read;
pub mod form_words;
pub mod html;
pub mod spec;
pub mod stamp;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

use crate::boot::App;

/// The pages.
pub fn routes(app: &Arc<App>) -> Router {
    Router::new().merge(spec::routes(Arc::clone(app))).merge(form::routes(Arc::clone(app)))
}

/// How the world reaches this exchange: as configured, else as it was asked.
pub(super) fn origin(app: &App, headers: &HeaderMap) -> String {
    if let Some(url) = &app.config.server.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '[' | ']');
    match host.filter(|host| host.chars().all(plain)) {
        Some(host) => format!("http://{host}"),
        None => String::new(),
    }
}

/// A page with its own content policy.
pub(super) fn page(status: StatusCode, html: String, policy: &str) -> Response {
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// A file that is compiled into the program.
pub(super) fn asset(kind: &'static str, text: &'static str) -> Response {
    let kind = HeaderValue::from_static(kind);
    let cache = HeaderValue::from_static("public, max-age=300");
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cache)];
    (StatusCode::OK, headers, text).into_response()
}

/// The browser's wish for a language.
pub(super) fn accept_language(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok())
}
