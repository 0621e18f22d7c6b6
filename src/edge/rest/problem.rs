//! Refusals over REST: `application/problem+json` (RFC 9457) with the stable code.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use leadbourse_core::error::{Code, Kind, Problem};
use serde::Serialize;

use crate::edge::errors;
use crate::platform::error::Error;

/// An error that knows how to answer over REST. Handlers return `Result<_, ApiError>` and use
/// `?` on whatever a service gives.
#[derive(Debug)]
pub struct ApiError(Error);

impl<E: Into<Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// The body of a refusal.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemBody {
    /// A URI that names the kind of problem: `urn:leadbourse:problem:<CODE>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status, repeated.
    pub status: u16,
    /// The stable code, `SCREAMING_SNAKE_CASE`.
    pub code: String,
    /// An English sentence.
    pub detail: String,
    /// The input field that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        respond(&errors::answer(&self.0))
    }
}

/// The response for a refusal, with `Retry-After` where waiting helps.
pub fn respond(problem: &Problem) -> Response {
    let status = errors::status(&problem.code);
    let body = ProblemBody {
        kind: format!("urn:leadbourse:problem:{}", problem.code.name),
        status: status.as_u16(),
        code: problem.code.name.to_owned(),
        detail: problem.message.to_string(),
        field: problem.field.as_deref().map(ToOwned::to_owned),
    };
    let text = serde_json::to_vec(&body).unwrap_or_default();
    let mut response = (status, text).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json; charset=utf-8"),
    );
    if waiting_helps(&problem.code, status) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// Whether the same request may succeed a little later.
fn waiting_helps(code: &Code, status: StatusCode) -> bool {
    matches!(code.kind, Kind::Unavailable) || status == StatusCode::TOO_MANY_REQUESTS
}
