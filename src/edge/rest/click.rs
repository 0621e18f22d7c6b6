//! `GET /c/{source}`: a click on a tracking link, written down and sent on.
//!
//! The only address that it ever sends anybody to is the landing page of the source's settings:
//! nothing of the request goes into it but the id of the click.

use axum::Router;
use axum::extract::{ConnectInfo, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use leadbourse_core::click::Marks;
use leadbourse_core::error::Kind;
use leadbourse_core::ids::SourceId;
use std::net::SocketAddr;
use std::sync::Arc;

use super::intake::header_text;
use super::problem;
use crate::boot::App;
use crate::clicks::{Gone, Visitor};
use crate::edge::errors;
use crate::platform::error::Result;

/// The route of tracking links.
pub fn routes(app: Arc<App>) -> Router {
    Router::new().route("/c/{source}", get(click)).with_state(app)
}

async fn click(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(source): Path<String>,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
) -> Response {
    // Whoever asks with HEAD looks at the link and does not follow it.
    if method != Method::GET {
        return (StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, "no-store")]).into_response();
    }
    let Ok(source) = source.parse::<SourceId>() else { return closed(&headers) };
    let pairs = url::form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes());
    let visitor = Visitor {
        ip: Some(peer.ip().to_canonical()),
        user_agent: header_text(&headers, header::USER_AGENT.as_str()).unwrap_or_default(),
        marks: Marks::read(pairs.map(|(name, value)| (name.into_owned(), value.into_owned()))),
    };
    answer(app.clicks.record(source, visitor).await, &headers)
}

fn answer(gone: Result<Gone>, headers: &HeaderMap) -> Response {
    match gone {
        Ok(Gone::To(url)) => match HeaderValue::from_str(&url) {
            Ok(location) => {
                let mut response = StatusCode::FOUND.into_response();
                response.headers_mut().insert(header::LOCATION, location);
                no_store(response)
            }
            // A stored address is ASCII; this one was not.
            Err(_) => closed(headers),
        },
        Ok(Gone::Closed) => closed(headers),
        Err(error) => {
            let refusal = errors::answer(&error);
            match refusal.code.kind {
                Kind::NotFound => closed(headers),
                _ => problem::respond(&refusal),
            }
        }
    }
}

/// A page for people, in their language; links that were never there and links that are paused get
/// the same one.
fn closed(headers: &HeaderMap) -> Response {
    let language = header_text(headers, header::ACCEPT_LANGUAGE.as_str()).unwrap_or_default();
    let page = if language.trim_start().to_ascii_lowercase().starts_with("ru") { RU } else { EN };
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    no_store((StatusCode::NOT_FOUND, kind, page).into_response())
}

fn no_store(mut response: Response) -> Response {
    let value = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, value);
    response
}

const EN: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width\"><title>This link leads nowhere now</title>\
<h1>This link leads nowhere now</h1><p>The offer behind it has ended or takes nobody at this hour. \
You have lost nothing: close this page, or ask whoever gave you the link.</p></html>";

const RU: &str = "<!doctype html><html lang=\"ru\"><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width\"><title>Ссылка сейчас никуда не ведёт</title>\
<h1>Ссылка сейчас никуда не ведёт</h1><p>Предложение за ней закончилось или не принимает заявки в это \
время. Вы ничего не потеряли: закройте страницу или спросите того, кто дал вам ссылку.</p></html>";
