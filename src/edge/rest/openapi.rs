//! The OpenAPI description of the REST surface, collected from the handlers.

use axum::routing::get;
use axum::{Json, Router};
use utoipa::OpenApi;

use super::{calls, conversions, health, intake, pings, postback, problem};

/// What the handlers say of themselves.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Leadbourse REST interface",
        description = "Intake for affiliates, and operations. Everything else is GraphQL, at /graphql.",
        license(name = "Apache-2.0 OR MIT")
    ),
    paths(
        intake::one,
        intake::many,
        pings::one,
        conversions::report,
        postback::by_get,
        postback::by_post,
        calls::event,
        calls::named,
        health::alive,
        health::ready,
        health::metrics
    ),
    components(schemas(problem::ProblemBody)),
    tags(
        (name = "intake", description = "Leads in, verdicts out."),
        (name = "outcomes", description = "What became of a lead, told by its buyer."),
        (name = "calls", description = "Telephone calls: what happens, and where to connect them."),
        (name = "operations", description = "For whoever runs the exchange.")
    )
)]
struct Api;

/// The description as indented JSON, as it is committed in `docs/openapi.json`.
pub fn text() -> String {
    let description = serde_json::to_value(Api::openapi()).unwrap_or_default();
    format!("{description:#}\n")
}

/// `/v1/openapi.json`.
pub fn routes() -> Router {
    Router::new().route("/v1/openapi.json", get(|| async { Json(Api::openapi()) }))
}
