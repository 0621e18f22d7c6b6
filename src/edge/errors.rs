//! The one mapper from what a use case fails with to what is answered, for every surface.
//!
//! A refusal is answered as it is. A fault is logged here, once, with its cause, and answered as
//! `INTERNAL` without it.

use axum::http::StatusCode;
use leadbourse_core::codes;
use leadbourse_core::error::{self as core, Code, Kind, Problem};

use crate::platform::error::Error;

codes! {
    BAD_REQUEST: Invalid = "The request could not be read.";
    CSRF_FAILED: Invalid = "The X-CSRF-Token header is missing or wrong; load the page again.";
    ORIGIN_REFUSED: Invalid = "Requests from this origin are not accepted.";
    METHOD_NOT_ALLOWED: Invalid = "This method is not allowed here.";
    MUTATION_BY_GET: Invalid = "Mutations are sent by POST, never by GET.";
    NOT_ACCEPTABLE: Invalid = "None of the accepted media types can be answered.";
    UNSUPPORTED_MEDIA_TYPE: Invalid = "Send the body as one of the documented media types.";
    GRAPHQL_PARSE_FAILED: Invalid = "The GraphQL document does not parse.";
    GRAPHQL_VALIDATION_FAILED: Invalid = "The GraphQL document is not valid for this schema.";
    GRAPHQL_TOO_DEEP: Limit = "The GraphQL document is nested too deeply.";
    GRAPHQL_TOO_COMPLEX: Limit = "The GraphQL document asks for too much at once.";
    GRAPHQL_TOO_MANY_ALIASES: Limit = "The GraphQL document has too many aliases.";
    GRAPHQL_BATCH_TOO_LONG: Limit = "Too many requests in one batch.";
    SUBSCRIPTION_OVER_HTTP: Invalid = "Subscriptions are served over graphql-transport-ws on this path.";
    TOO_MANY_OPERATIONS: Limit = "Too many operations run on this connection.";
}

/// The answer for an error. Faults are logged with their cause; the answer does not show it.
pub fn answer(error: &Error) -> Problem {
    match error.problem() {
        Some(problem) => problem.clone(),
        None => {
            tracing::error!(error = %error, cause = ?std::error::Error::source(error), "request failed");
            Problem::new(core::INTERNAL)
        }
    }
}

/// The HTTP status of a refusal.
pub fn status(code: &Code) -> StatusCode {
    match code.name {
        "BAD_REQUEST"
        | "BAD_ID"
        | "GRAPHQL_PARSE_FAILED"
        | "GRAPHQL_VALIDATION_FAILED"
        | "SUBSCRIPTION_OVER_HTTP"
        | "GRAPHQL_TOO_DEEP"
        | "GRAPHQL_TOO_COMPLEX"
        | "GRAPHQL_TOO_MANY_ALIASES"
        | "GRAPHQL_BATCH_TOO_LONG" => StatusCode::BAD_REQUEST,
        "CSRF_FAILED" | "ORIGIN_REFUSED" => StatusCode::FORBIDDEN,
        "METHOD_NOT_ALLOWED" | "MUTATION_BY_GET" => StatusCode::METHOD_NOT_ALLOWED,
        "NOT_ACCEPTABLE" => StatusCode::NOT_ACCEPTABLE,
        "UNSUPPORTED_MEDIA_TYPE" => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "TOO_LARGE" => StatusCode::PAYLOAD_TOO_LARGE,
        _ => match code.kind {
            Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::Limit => StatusCode::TOO_MANY_REQUESTS,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_follow_the_kind_unless_the_code_says_more() {
        assert_eq!(status(&core::NOT_FOUND), StatusCode::NOT_FOUND);
        assert_eq!(status(&core::TOO_LARGE), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(status(&core::RATE_LIMITED), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(status(&core::IDEMPOTENCY_MISMATCH), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(status(&core::OVERLOADED), StatusCode::SERVICE_UNAVAILABLE);
    }
}
