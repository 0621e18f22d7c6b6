//! `GET /v1/statements/{file}`, `GET /v1/documents/{file}`: a document as a file, for a browser's session and for an API key.

use axum::body::Body;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::get};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::TryStreamExt;
use leadbourse_core::access::Actor;
use leadbourse_core::error::{NOT_FOUND, UNAUTHENTICATED};
use leadbourse_core::ids::StatementId;
use leadbourse_core::paper::PaperKind;
use serde::Deserialize;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;
use utoipa::OpenApi;

use super::problem::ApiError;
use crate::boot::App;
use crate::edge::session_layer::{Authenticator, Credentials};
use crate::papers::{Download, Form};
use crate::platform::error::Result;
use crate::settlements::StatementLines;

/// The routes of documents.
pub fn routes(app: Arc<App>) -> Router {
    Router::new()
        .route("/v1/statements/{file}", get(statement))
        .route("/v1/documents/{file}", get(document))
        .with_state(app)
}

/// Describes the routes of this file.
pub fn describe() -> utoipa::openapi::OpenApi {
    Described::openapi()
}

#[derive(OpenApi)]
#[openapi(paths(statement, document))]
struct Described;

/// Whom a browser's link speaks for: a link has no headers.
#[derive(Debug, Default, Deserialize)]
pub struct For {
    organization: Option<String>,
}

/// A statement's document. The PDF carries the SHA-256 of the JSON and of the CSV.
#[utoipa::path(
    get, path = "/v1/statements/{file}", tag = "documents", operation_id = "downloadStatement",
    security(("key" = [])),
    params(
        ("file" = String, Path, description = "The statement's id with `.pdf`, `.csv` or `.json`, like `stm_….pdf`"),
        ("organization" = Option<String>, Query, description = "The organization acted for, where a session has several; a header `X-Organization` does the same"),
        ("Authorization" = Option<String>, Header, description = "Bearer <API key> with the scope READ_MONEY; a browser's session does as well"),
    ),
    responses(
        (status = 200, description = "The file, with its SHA-256 in `Repr-Digest` (JSON and CSV), and `X-Document-State: ISSUED` or `VOID`", body = String, content_type = "application/pdf"),
        (status = 401, description = "Neither a session nor a key that is known", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such document of this organization, or none yet", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = super::problem::ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn statement(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(file): Path<String>,
    Query(acting): Query<For>,
    headers: HeaderMap,
) -> std::result::Result<Response, ApiError> {
    let actor = reader(&app, peer, acting, &headers).await?;
    let (id, form) = named(&file)?;
    let (document, lines) = app.settlements.document(&actor, id).await?;
    Ok(answer(app.papers.download(document, form, lines).await?))
}

/// Any document: a statement, an invoice, a credit note. The PDF carries the SHA-256 of the JSON and
/// of the CSV.
#[utoipa::path(
    get, path = "/v1/documents/{file}", tag = "documents", operation_id = "downloadDocument",
    security(("key" = [])),
    params(
        ("file" = String, Path, description = "The document's id with `.pdf`, `.csv` or `.json`, like `doc_….pdf`"),
        ("organization" = Option<String>, Query, description = "The organization acted for, where a session has several; a header `X-Organization` does the same"),
        ("Authorization" = Option<String>, Header, description = "Bearer <API key> with the scope READ_MONEY; a browser's session does as well"),
    ),
    responses(
        (status = 200, description = "The file, with its SHA-256 in `Repr-Digest` (JSON and CSV), and `X-Document-State: ISSUED` or `VOID`", body = String, content_type = "application/pdf"),
        (status = 401, description = "Neither a session nor a key that is known", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such document of this organization", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = super::problem::ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn document(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(file): Path<String>,
    Query(acting): Query<For>,
    headers: HeaderMap,
) -> std::result::Result<Response, ApiError> {
    let actor = reader(&app, peer, acting, &headers).await?;
    let (id, form) = named(&file)?;
    let found = app.papers.document(&actor, id).await?;
    let download = match found.kind {
        PaperKind::Statement => {
            let lines = StatementLines::of(StatementId(found.subject));
            app.papers.download(found, form, lines).await?
        }
        PaperKind::Invoice | PaperKind::CreditNote => {
            app.papers.download_charges(found, form).await?
        }
    };
    Ok(answer(download))
}

/// Who asks. Nothing is changed by these routes, so a session needs no CSRF token.
async fn reader(app: &App, peer: SocketAddr, acting: For, headers: &HeaderMap) -> Result<Actor> {
    let ip = Some(peer.ip().to_canonical());
    let mut shown = Credentials::from_headers(headers);
    shown.organization = shown.organization.or(acting.organization);
    let caller = app.caller(&shown, ip).await?;
    app.admit(caller.as_ref(), ip).await?;
    Ok(caller.ok_or(UNAUTHENTICATED)?.actor)
}

/// `stm_….pdf` is an id and a form.
fn named<T: FromStr>(file: &str) -> Result<(T, Form)> {
    let (id, form) = file.rsplit_once('.').ok_or(NOT_FOUND)?;
    let form = form.parse().map_err(|_| NOT_FOUND)?;
    Ok((id.parse().map_err(|_| NOT_FOUND)?, form))
}

/// The file on its way.
fn answer(download: Download) -> Response {
    let Download { document, file_name, form, body } = download;
    let broken = |error| {
        tracing::error!(%error, "a document broke off");
        std::io::Error::other("the document broke off")
    };
    let mut response = Body::from_stream(body.map_err(broken)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(form.media_type()));
    let digest = match form {
        Form::Pdf => None,
        Form::Csv => Some(document.csv_sha256),
        Form::Json => Some(document.json_sha256),
    };
    let digest = digest.map(|hash| format!("sha-256=:{}:", STANDARD.encode(hash)));
    let state = if document.voided.is_some() { "VOID" } else { "ISSUED" };
    let named = format!("attachment; filename=\"{file_name}\"");
    let dynamic = [
        (header::CONTENT_DISPOSITION, Some(named)),
        (header::HeaderName::from_static("repr-digest"), digest),
        (header::HeaderName::from_static("x-document-state"), Some(state.to_owned())),
        (header::CACHE_CONTROL, Some("private, no-store".to_owned())),
    ];
    for (name, value) in dynamic {
        if let Some(value) = value.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(name, value);
        }
    }
    response
}
