//! `POST /v1/leads` and `POST /v1/leads:batch`.
//!
//! A parseable body from a known source always becomes a lead and a 200 verdict. Not leads: 400
//! unparsable, 401 unknown key, 404 source, 413, 415, 429, 503 with `Retry-After`.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use leadbourse_core::error::{NOT_FOUND, Problem, TOO_LARGE, UNAUTHENTICATED};
use leadbourse_core::ids::SourceId;
use leadbourse_core::lead::Channel;
use leadbourse_core::lead::submission::Submission;
use leadbourse_core::lead::verdict::Verdict;
use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::Arc;
use utoipa::OpenApi;

use super::problem::{ApiError, ProblemBody};
use super::schemas::{BatchLine, LeadBody, VerdictBody};
use crate::boot::App;
use crate::edge::errors::{self, BAD_REQUEST, UNSUPPORTED_MEDIA_TYPE};
use crate::edge::session_layer::{Authenticator, Credentials};
use crate::edge::source_limit;
use crate::exchange::{Sender, SubmitRequest, Submitted};
use crate::platform::error::{Error, Result};

/// The header of an answer that was given before.
pub(super) static REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// The header with a source's posting key.
const POSTING_KEY: &str = "x-posting-key";
/// The header with the sender's key against doing it twice.
pub(super) const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The routes of intake.
pub fn routes(app: Arc<App>) -> Router {
    Router::new().route("/v1/leads", post(one)).route("/v1/leads:batch", post(many)).with_state(app)
}

/// Describes the routes of this file.
pub fn describe() -> utoipa::openapi::OpenApi {
    Described::openapi()
}

#[derive(OpenApi)]
#[openapi(paths(one, many), components(schemas(BatchLine)))]
struct Described;

/// Submits one lead as JSON or as a form.
///
/// A parsable body from a known source always becomes a lead and a 200 verdict, wrong fields
/// included.
#[utoipa::path(
    post, path = "/v1/leads", tag = "intake", operation_id = "submitLead",
    security(("key" = [])),
    request_body(
        content((LeadBody = "application/json"), (LeadBody = "application/x-www-form-urlencoded")),
        description = "The niche's fields under `fields`, the envelope beside them; or both flat, as a form has them. `ping_id` names the ping that it follows, `bid_ids` the bids that are taken (all if none is named), `late_as`: DIRECT sends a late post to the market.",
    ),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and body give the same verdict for seven days"),
        ("X-Posting-Key" = Option<String>, Header, description = "The posting key, where Authorization is taken"),
    ),
    responses(
        (status = 200, description = "The verdict, with every reason", body = VerdictBody,
            headers(("Idempotent-Replayed" = String, description = "`true` for a verdict that was given before"))),
        (status = 400, description = "The body does not parse: BAD_REQUEST", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "The key is missing or not known: UNAUTHENTICATED, BAD_POSTING_KEY", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such source for this key: NOT_FOUND, UNKNOWN_SOURCE", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Still being worked on: IN_FLIGHT, STILL_DECIDED", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large: TOO_LARGE", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Neither JSON nor a form: UNSUPPORTED_MEDIA_TYPE", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The idempotency key was used with another body: IDEMPOTENCY_MISMATCH", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests of this source: RATE_LIMITED", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded; again after Retry-After: OVERLOADED, SHUTTING_DOWN", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn one(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> std::result::Result<Response, ApiError> {
    let form = media(&headers)?;
    let bytes = read(body, app.config.limits.body_bytes).await?;
    let mut sent = parse(form, &bytes)?;
    if let Some(key) = header_text(&headers, IDEMPOTENCY_KEY) {
        sent.idempotency_key = Some(key);
    }
    let source = authenticate(&app, &headers, &sent).await?;
    source_limit::admit(&app, &source.source).await?;
    let channel = if form { Channel::Form } else { Channel::Api };
    let submitted = app.exchange.submit(SubmitRequest::new(source, channel, sent)).await?;
    Ok(verdict_response(&submitted))
}

/// Submits many leads, one JSON object per line; answers one line per lead, in order.
#[utoipa::path(
    post, path = "/v1/leads:batch", tag = "intake", operation_id = "submitLeads",
    security(("key" = [])),
    request_body(content = String, content_type = "application/x-ndjson",
        description = "One lead per line, as in POST /v1/leads",
        example = json!("{\"fields\": {\"phone\": \"+79161234567\"}}\n{\"fields\": {\"phone\": \"+79161234568\"}}\n")),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Each line without a key of its own gets this one with its number"),
    ),
    responses(
        (status = 200, description = "One BatchLine per lead, with the verdict's members beside", body = BatchLine, content_type = "application/x-ndjson"),
        (status = 400, description = "The body is empty or no text: BAD_REQUEST", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Too many bytes or lines: TOO_LARGE", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Not NDJSON: UNSUPPORTED_MEDIA_TYPE", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn many(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> std::result::Result<Response, ApiError> {
    let kind = content_type(&headers);
    if !matches!(
        kind.as_deref(),
        Some("application/x-ndjson" | "application/jsonl" | "application/ndjson")
    ) {
        return Err(Problem::new(UNSUPPORTED_MEDIA_TYPE)
            .detail("Send application/x-ndjson.")
            .into());
    }
    let bytes = read(body, app.config.limits.batch_body_bytes).await?;
    let text = std::str::from_utf8(&bytes).map_err(|_| BAD_REQUEST)?;
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.is_empty() {
        return Err(Problem::new(BAD_REQUEST).detail("The batch has no lines.").into());
    }
    if lines.len() > app.config.limits.batch_leads {
        return Err(Problem::new(TOO_LARGE).detail("The batch has too many lines.").into());
    }
    let batch_key = header_text(&headers, IDEMPOTENCY_KEY);
    let results = submit_lines(&app, &headers, &lines, batch_key.as_deref()).await;
    let mut out = Vec::with_capacity(lines.len() * 256);
    for (line, result) in (1..).zip(results) {
        let answer = Line::of(line, result);
        serde_json::to_writer(&mut out, &answer).map_err(|e| Error::other("printing a line", e))?;
        out.push(b'\n');
    }
    let mut response = (StatusCode::OK, out).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    Ok(response)
}

/// One line of a batch's answer.
#[derive(Serialize)]
struct Line {
    line: usize,
    status: u16,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    replayed: bool,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl Line {
    fn of(line: usize, result: Result<Submitted>) -> Self {
        match result {
            Ok(Submitted { verdict, replayed }) => Self {
                line,
                status: 200,
                replayed,
                verdict: Some(verdict),
                code: None,
                detail: None,
            },
            Err(error) => {
                let problem = errors::answer(&error);
                Self {
                    line,
                    status: errors::status(&problem.code).as_u16(),
                    replayed: false,
                    verdict: None,
                    code: Some(problem.code.name.to_owned()),
                    detail: Some(problem.message.to_string()),
                }
            }
        }
    }
}

async fn submit_lines(
    app: &Arc<App>,
    headers: &HeaderMap,
    lines: &[&str],
    batch_key: Option<&str>,
) -> Vec<Result<Submitted>> {
    let mut results: Vec<Option<Result<Submitted>>> = Vec::with_capacity(lines.len());
    let mut requests = Vec::with_capacity(lines.len());
    for (number, line) in (1usize..).zip(lines) {
        let request = async {
            let mut sent = parse(false, line.as_bytes())?;
            if let (None, Some(key)) = (&sent.idempotency_key, batch_key) {
                sent.idempotency_key = Some(format!("{key}:{number}"));
            }
            let source = authenticate(app, headers, &sent).await?;
            source_limit::admit(app, &source.source).await?;
            Ok(SubmitRequest::new(source, Channel::Api, sent))
        };
        match request.await {
            Ok(request) => {
                requests.push(request);
                results.push(None);
            }
            Err(error) => results.push(Some(Err(error))),
        }
    }
    let mut submitted = app.exchange.submit_many(requests).await.into_iter();
    results
        .into_iter()
        .map(|slot| match slot {
            Some(result) => result,
            None => submitted
                .next()
                .unwrap_or_else(|| Err(Error::broken("a line of a batch got no answer"))),
        })
        .collect()
}

fn verdict_response(submitted: &Submitted) -> Response {
    let body = serde_json::to_vec(&submitted.verdict).unwrap_or_default();
    let mut response = (StatusCode::OK, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if submitted.replayed {
        headers.insert(REPLAYED.clone(), HeaderValue::from_static("true"));
    }
    response
}

/// A header as text, if it is there and is text.
pub(super) fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned)
}

/// The media type without its parameters, lower case.
pub(super) fn content_type(headers: &HeaderMap) -> Option<String> {
    let text = header_text(headers, header::CONTENT_TYPE.as_str())?;
    text.split(';').next().map(|kind| kind.trim().to_ascii_lowercase())
}

/// Whether the body is a form; refuses what is neither form nor JSON.
pub(super) fn media(headers: &HeaderMap) -> Result<bool> {
    match content_type(headers).as_deref() {
        Some("application/x-www-form-urlencoded") => Ok(true),
        _ if is_json(headers) => Ok(false),
        _ => Err(UNSUPPORTED_MEDIA_TYPE.into()),
    }
}

/// Whether the body says that it is JSON.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    content_type(headers).is_some_and(|kind| {
        kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
    })
}

/// A body of at most so many bytes.
pub(super) async fn read(body: Body, limit: usize) -> Result<Bytes> {
    // The only other failure is a sender that went away; the status then reaches nobody.
    axum::body::to_bytes(body, limit).await.map_err(|_| TOO_LARGE.into())
}

fn parse(form: bool, bytes: &[u8]) -> Result<Submission> {
    if form {
        return Ok(Submission::from_pairs(pairs(bytes)));
    }
    object(bytes).map(Submission::from_json)
}

/// The names and values of a posted form.
pub(super) fn pairs(bytes: &[u8]) -> impl Iterator<Item = (String, String)> {
    let pairs = url::form_urlencoded::parse(bytes);
    pairs.map(|(name, value)| (name.into_owned(), value.into_owned()))
}

/// A posted JSON object.
pub(super) fn object(bytes: &[u8]) -> Result<Map<String, Value>> {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => Err(Problem::new(BAD_REQUEST).detail("The body has to be a JSON object.").into()),
        Err(error) => {
            let at =
                format!("The body is not JSON (line {}, column {}).", error.line(), error.column());
            Err(Problem::new(BAD_REQUEST).detail(at).into())
        }
    }
}

/// The source that the request speaks for: by its posting key, or by an API key that names it.
pub(super) async fn authenticate(
    app: &Arc<App>,
    headers: &HeaderMap,
    sent: &Submission,
) -> Result<Sender> {
    let credentials = Credentials::from_headers(headers);
    let header_key = header_text(headers, POSTING_KEY);
    let posting = header_key.as_deref().or(sent.posting_key.as_deref());
    let named = sent.source.as_deref();
    let key = match (posting, credentials.bearer.as_deref()) {
        (Some(key), _) => key,
        (None, Some(bearer)) if bearer.starts_with(API_KEY) => {
            return by_api_key(app, &credentials, named).await;
        }
        (None, Some(bearer)) => bearer,
        (None, None) => return Err(UNAUTHENTICATED.into()),
    };
    let source = app.exchange.source_by_key(key).await?;
    match named.map(str::parse::<SourceId>) {
        None => Ok(source),
        Some(Ok(id)) if id == source.source.id => Ok(source),
        Some(_) => Err(Problem::new(NOT_FOUND).field("source").into()),
    }
}

/// How API keys begin; posting keys begin otherwise.
const API_KEY: &str = "lbk_";

async fn by_api_key(
    app: &Arc<App>,
    credentials: &Credentials,
    named: Option<&str>,
) -> Result<Sender> {
    let caller = app.caller(credentials, None).await?.ok_or(UNAUTHENTICATED)?;
    let missing = || Error::from(Problem::new(NOT_FOUND).field("source"));
    let id: SourceId = named.ok_or_else(missing)?.parse().map_err(|_| missing())?;
    app.exchange.source_for(&caller.actor, id).await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;

    #[test]
    fn only_json_and_forms_are_taken() {
        let with = |kind: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
            media(&headers)
        };
        assert!(!with("application/json; charset=utf-8").unwrap());
        assert!(with("application/x-www-form-urlencoded").unwrap());
        assert!(!with("application/ld+json").unwrap());
        assert!(with("multipart/form-data").is_err());
        assert!(media(&HeaderMap::new()).is_err());
    }

    #[test]
    fn refusals_have_the_documented_statuses() {
        let status = |error: Error| errors::status(&errors::answer(&error).code).as_u16();
        assert_eq!(status(parse(false, b"{").unwrap_err()), 400);
        assert_eq!(status(parse(false, b"[1]").unwrap_err()), 400);
        assert_eq!(status(leadbourse_core::error::IDEMPOTENCY_MISMATCH.into()), 422);
    }
}
