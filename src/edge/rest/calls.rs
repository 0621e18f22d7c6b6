//! `POST /v1/calls/{started|connected|ended}` and `POST /v1/calls/events`: what a telephone system
//! tells about its calls.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use leadbourse_core::call::CallEventKind;
use leadbourse_core::error::{BAD_INPUT, NOT_FOUND, Problem, REQUIRED};
use leadbourse_core::lead::submission::Submission;
use leadbourse_core::lead::verdict::{Reason, ShownMoney};
use leadbourse_core::time::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::Arc;
use utoipa::OpenApi;

use super::intake;
use super::problem::ApiError;
use crate::boot::App;
use crate::calls::{ReportCall, Told};
use crate::edge::errors::BAD_REQUEST;
use crate::edge::source_limit;
use crate::platform::error::Result;

/// The routes of calls.
pub fn routes(app: Arc<App>) -> Router {
    Router::new()
        .route("/v1/calls/events", post(event))
        .route("/v1/calls/{event}", post(named))
        .with_state(app)
}

/// Describes the routes of this file.
pub fn describe() -> utoipa::openapi::OpenApi {
    Described::openapi()
}

#[derive(OpenApi)]
#[openapi(paths(event, named))]
struct Described;

/// Where a call stands, as its telephone system and publisher are told.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CallAnswer {
    /// The call.
    pub call_id: String,
    /// ANNOUNCED, UNSOLD, RINGING, CONNECTED, QUALIFIED, TOO_SHORT, REPEATED or CLOSED.
    pub state: String,
    /// Where to connect it: a number or a SIP address. Absent unless it was sold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_to: Option<String>,
    /// Its lead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_id: Option<String>,
    /// Its award.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub award_id: Option<String>,
    /// What was billed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversion_id: Option<String>,
    /// From how many connected seconds on it is paid for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_call_seconds: Option<i64>,
    /// What is earned then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub earning: Option<ShownMoney>,
    /// Why nobody bought it.
    #[schema(value_type = Vec<Object>)]
    pub reasons: Vec<Reason>,
}

impl From<Told> for CallAnswer {
    fn from(Told { call, reasons }: Told) -> Self {
        let sold = call.sold.as_ref();
        Self {
            call_id: call.id.to_string(),
            state: call.machine.state().to_string(),
            connect_to: sold.and_then(|sold| sold.connect_to.clone()),
            lead_id: call.lead_id.map(|id| id.to_string()),
            award_id: sold.map(|sold| sold.award_id.to_string()),
            conversion_id: sold.and_then(|sold| sold.conversion_id).map(|id| id.to_string()),
            min_call_seconds: sold.map(|sold| sold.min_call_s),
            earning: sold.map(|sold| ShownMoney::new(sold.earning, sold.currency)),
            reasons,
        }
    }
}

/// Tells an event of a call; the body names it in `event`.
#[utoipa::path(
    post, path = "/v1/calls/events", tag = "calls",
    request_body(content = Object, description = "`event` (STARTED, CONNECTED, ENDED), `external_id`, `at` (RFC 3339); `caller` and `dialled`; `connected_seconds` with ENDED; with STARTED also fields and envelope as in POST /v1/leads. JSON or a form."),
    params(("Authorization" = Option<String>, Header, description = "Bearer <posting key of the source>, or <API key> with `source` in the body")),
    responses(
        (status = 200, description = "Where the call stands; the beginning of a call answers where to connect it", body = CallAnswer),
        (status = 400, description = "The body does not parse", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "The key is not known", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such source for this key, no such event", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "An earlier event of this call says something else", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Something of the event is missing or impossible", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests of this source", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Busy; tell it again after Retry-After seconds", body = super::problem::ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn event(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> std::result::Result<Json<CallAnswer>, ApiError> {
    tell(&app, &headers, body, None).await.map(Json).map_err(Into::into)
}

/// Tells an event of a call; the path names it.
#[utoipa::path(
    post, path = "/v1/calls/{event}", tag = "calls",
    request_body(content = Object, description = "As in POST /v1/calls/events, without `event`."),
    params(("event" = String, Path, description = "started, connected or ended")),
    responses(
        (status = 200, description = "Where the call stands", body = CallAnswer),
        (status = 404, description = "No such event, no such source for this key", body = super::problem::ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn named(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> std::result::Result<Json<CallAnswer>, ApiError> {
    let kind = kind_of(&name).ok_or(NOT_FOUND)?;
    tell(&app, &headers, body, Some(kind)).await.map(Json).map_err(Into::into)
}

fn kind_of(name: &str) -> Option<CallEventKind> {
    name.trim().to_ascii_uppercase().parse().ok()
}

async fn tell(
    app: &Arc<App>,
    headers: &HeaderMap,
    body: Body,
    kind: Option<CallEventKind>,
) -> Result<CallAnswer> {
    let form = intake::media(headers)?;
    let bytes = intake::read(body, app.config.limits.body_bytes).await?;
    let mut parts = object(form, &bytes)?;
    let kind = match kind {
        Some(kind) => kind,
        None => {
            let name = text(&mut parts, &["event"])?.ok_or_else(|| missing("event"))?;
            kind_of(&name).ok_or_else(|| Problem::new(BAD_INPUT).field("event"))?
        }
    };
    let external_id = text(&mut parts, &["external_id", "call_id"])?;
    let external_id = external_id.ok_or_else(|| missing("external_id"))?;
    let at = text(&mut parts, &["at"])?.ok_or_else(|| missing("at"))?;
    let at = Timestamp::parse_rfc3339(&at).ok_or_else(|| Problem::new(BAD_INPUT).field("at"))?;
    let caller = text(&mut parts, &["caller"])?;
    let dialled = text(&mut parts, &["dialled", "dialed"])?;
    let connected_s = text(&mut parts, &["connected_seconds"])?
        .map(|seconds| seconds.trim().parse::<i64>())
        .transpose()
        .map_err(|_| Problem::new(BAD_INPUT).field("connected_seconds"))?;
    let lead = Submission::from_json(parts);
    let sender = intake::authenticate(app, headers, &lead).await?;
    source_limit::admit(app, &sender.source).await?;
    let sent = ReportCall { sender, kind, external_id, at, caller, dialled, connected_s, lead };
    Ok(app.calls.report(sent).await?.into())
}

fn missing(field: &'static str) -> Problem {
    Problem::new(REQUIRED).field(field)
}

/// Takes a part out of the body under the first of its names that is there; nothing if empty.
fn text(parts: &mut Map<String, Value>, names: &[&'static str]) -> Result<Option<String>> {
    let mut found = None;
    for name in names {
        let told = match parts.remove(*name) {
            None | Some(Value::Null) => continue,
            Some(Value::String(text)) => text,
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => return Err(Problem::new(BAD_INPUT).field(*name).into()),
        };
        if !told.trim().is_empty() {
            found = found.or(Some(told));
        }
    }
    Ok(found)
}

fn object(form: bool, bytes: &[u8]) -> Result<Map<String, Value>> {
    if form {
        let mut parts = Map::new();
        for (name, value) in url::form_urlencoded::parse(bytes) {
            parts.entry(name).or_insert(Value::String(value.into_owned()));
        }
        return Ok(parts);
    }
    match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(parts)) => Ok(parts),
        _ => Err(Problem::new(BAD_REQUEST).detail("The body has to be a JSON object.").into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use serde_json::json;

    #[test]
    fn parts_are_taken_under_their_first_name() {
        let body = json!({"call_id": "b", "external_id": "a", "at": 5, "caller": " ", "x": [1]});
        let mut parts = body.as_object().unwrap().clone();
        assert_eq!(text(&mut parts, &["external_id", "call_id"]).unwrap().unwrap(), "a");
        assert_eq!(text(&mut parts, &["at"]).unwrap().unwrap(), "5");
        assert_eq!(text(&mut parts, &["caller"]).unwrap(), None);
        assert!(text(&mut parts, &["x"]).is_err() && !parts.contains_key("call_id"));
        assert_eq!(object(true, b"at=1&at=2").unwrap()["at"], "1");
        assert!(object(false, b"[]").is_err());
    }
}
