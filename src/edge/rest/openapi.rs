//! The OpenAPI description of the REST surface, collected from the handlers.
//!
//! A file with routes has a `describe()` beside its `routes()`, which names its handlers; each
//! handler says what it takes and answers in `#[utoipa::path(…)]`. Add the file to [`PARTS`], print
//! the description with `leadbourse openapi > docs/openapi.json`, and a test is content: it compares
//! every `/v1` route in the source with the description.

use axum::routing::get;
use axum::{Json, Router};
use utoipa::OpenApi;
use utoipa::openapi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

use super::{calls, conversions, documents, health, intake, pings, postback, problem, stripe};
use crate::edge::publish;

/// Every file with routes of the REST surface.
const PARTS: &[fn() -> openapi::OpenApi] = &[
    intake::describe,
    pings::describe,
    calls::describe,
    conversions::describe,
    postback::describe,
    stripe::describe,
    documents::describe,
    publish::spec::describe,
    describe,
    health::describe,
];

/// What is said of the whole surface.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Leadbourse REST interface",
        description = "Intake for affiliates, and operations. Everything else is GraphQL, at /graphql. \
            Refusals are application/problem+json with a stable code; docs/ERRORS.md lists all codes.",
        license(name = "Apache-2.0 OR MIT")
    ),
    components(schemas(problem::ProblemBody)),
    tags(
        (name = "intake", description = "Leads in, verdicts out."),
        (name = "outcomes", description = "What became of a lead, told by its buyer."),
        (name = "documents", description = "Statements, invoices and credit notes as PDF, CSV and JSON."),
        (name = "calls", description = "Telephone calls: what happens, and where to connect them."),
        (name = "operations", description = "For whoever runs the exchange, and this description.")
    )
)]
struct Frame;

/// This file's own route.
#[derive(OpenApi)]
#[openapi(paths(own))]
struct Own;

/// Describes the routes of this file.
pub fn describe() -> openapi::OpenApi {
    Own::openapi()
}

/// The whole description.
pub fn description() -> openapi::OpenApi {
    let mut all = Frame::openapi();
    for part in PARTS {
        all.merge(part());
    }
    let key = |text: &str| {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(text));
        SecurityScheme::Http(bearer.build())
    };
    let schemes = all.components.get_or_insert_default();
    schemes.add_security_scheme(
        "key",
        key("The posting key of a source, or an API key with `source` in the body."),
    );
    all
}

/// The description as indented JSON, as it is committed in `docs/openapi.json`.
pub fn text() -> String {
    let description = serde_json::to_value(description()).unwrap_or_default();
    format!("{description:#}\n")
}

/// This description.
#[utoipa::path(get, path = "/v1/openapi.json", tag = "operations",
    responses((status = 200, description = "OpenAPI 3.1.", body = Object)))]
pub async fn own() -> Json<openapi::OpenApi> {
    Json(description())
}

/// `/v1/openapi.json`.
pub fn routes() -> Router {
    Router::new().route("/v1/openapi.json", get(own))
}
