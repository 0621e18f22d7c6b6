//! GraphQL over HTTP, to the letter of its specification.
//!
//! GET runs queries only. POST takes `application/json`. The answer's type follows `Accept`, and
//! its status follows that type: with `application/graphql-response+json` a document that does
//! not parse or validate is 400 without `data`; with `application/json` it is 200.

use async_graphql::parser::types::OperationType;
use async_graphql::{Executor, Response as GraphqlResponse, ServerError, Value, Variables};
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use leadbourse_core::access::Action;
use leadbourse_core::error::{self as core, Problem};
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::context::{Client, Viewer};
use super::errors as graphql_errors;
use super::gate::{Gate, Params, Prepared};
use super::negotiate::{self, Media};
use crate::edge::errors;
use crate::edge::session_layer::{self, Credentials};

/// Root fields of mutations that a browser without a session must be able to run.
const WITHOUT_CSRF: &[&str] = &["signIn", "signUp", "__typename"];

/// Root fields that are intake.
pub(super) const INTAKE: &[&str] = &["submitLead", "submitLeads"];

/// A response body: no `data` entry when nothing ran.
#[derive(Serialize)]
struct Written<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'r Value>,
    #[serde(skip_serializing_if = "<[ServerError]>::is_empty")]
    errors: &'r [ServerError],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'r BTreeMap<String, Value>,
}

impl<'r> From<&'r GraphqlResponse> for Written<'r> {
    fn from(response: &'r GraphqlResponse) -> Self {
        let data = (!graphql_errors::is_request_error(response)).then_some(&response.data);
        Self { data, errors: &response.errors, extensions: &response.extensions }
    }
}

/// One HTTP request, taken apart.
pub struct Incoming {
    /// GET or POST.
    pub method: Method,
    /// The headers.
    pub headers: HeaderMap,
    /// The query string of a GET.
    pub query: Option<String>,
    /// The body of a POST.
    pub body: Body,
    /// The peer.
    pub ip: Option<IpAddr>,
}

/// Answers a request for `/graphql` that is no WebSocket.
pub async fn answer<E: Executor>(gate: &Gate<E>, incoming: Incoming) -> Response {
    let Some(media) = negotiate::accepted(&incoming.headers) else {
        return refuse(Media::Json, &errors::NOT_ACCEPTABLE.into());
    };
    match respond(gate, incoming, media).await {
        Ok(response) => response,
        Err(problem) => refuse(media, &problem),
    }
}

async fn respond<E: Executor>(
    gate: &Gate<E>,
    incoming: Incoming,
    media: Media,
) -> Result<Response, Problem> {
    let Incoming { method, headers, query, body, ip } = incoming;
    let get = method == Method::GET || method == Method::HEAD;
    if !get && method != Method::POST {
        return Err(errors::METHOD_NOT_ALLOWED.into());
    }
    if !get && !session_layer::origin_is_ours(&headers, gate.public_url.as_deref()) {
        return Err(errors::ORIGIN_REFUSED.into());
    }
    let asked = if get {
        Asked::One(from_query(query.as_deref().unwrap_or_default())?)
    } else {
        let limit = most_bytes(gate, &headers, ip).await?;
        from_body(gate, &headers, body, limit).await?
    };
    let credentials = Credentials::from_headers(&headers);
    let caller =
        gate.authenticator.caller(&credentials, ip).await.map_err(|e| errors::answer(&e))?;
    let sender = Sender {
        viewer: Viewer(caller.map(Arc::new)),
        client: Client { ip, cookies: true, secure: is_secure(gate.public_url.as_deref()) },
        headers,
        get,
    };
    match asked {
        Asked::One(params) => {
            let response = run(gate, params, &sender).await?;
            Ok(write_one(media, response))
        }
        Asked::Batch(all) => {
            let mut responses = Vec::with_capacity(all.len());
            for params in all {
                // One after the other: mutations of a batch keep their order.
                responses.push(match run(gate, params, &sender).await {
                    Ok(response) => response,
                    Err(problem) => graphql_errors::refused(&problem),
                });
            }
            Ok(write_batch(media, responses))
        }
    }
}

/// How large the body may be. Who settles uploads files; everybody else is held to the small limit
/// before a byte is read.
async fn most_bytes<E: Executor>(
    gate: &Gate<E>,
    headers: &HeaderMap,
    ip: Option<IpAddr>,
) -> Result<usize, Problem> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let announced = announced.and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
    if announced <= gate.body_bytes {
        return Ok(gate.body_bytes);
    }
    let credentials = Credentials::from_headers(headers);
    let caller =
        gate.authenticator.caller(&credentials, ip).await.map_err(|e| errors::answer(&e))?;
    let uploads = caller.is_some_and(|caller| caller.actor.may(Action::Settle));
    Ok(if uploads { gate.upload_bytes } else { gate.body_bytes })
}

/// Cookies are marked `Secure` when the world reaches us over https.
fn is_secure(public_url: Option<&str>) -> bool {
    public_url.is_some_and(|url| url.starts_with("https://"))
}

enum Asked {
    One(Params),
    Batch(Vec<Params>),
}

struct Sender {
    viewer: Viewer,
    client: Client,
    headers: HeaderMap,
    get: bool,
}

/// Runs one request; an error is a refusal by the transport.
async fn run<E: Executor>(
    gate: &Gate<E>,
    params: Params,
    sender: &Sender,
) -> Result<GraphqlResponse, Problem> {
    let prepared = match gate.prepare(params) {
        Ok(prepared) => prepared,
        Err(response) => return Ok(*response),
    };
    match prepared.operation {
        OperationType::Query => {}
        OperationType::Subscription => return Err(errors::SUBSCRIPTION_OVER_HTTP.into()),
        OperationType::Mutation if sender.get => return Err(errors::MUTATION_BY_GET.into()),
        OperationType::Mutation => check_csrf(&prepared, sender)?,
    }
    // Intake has a limit of its own, per source.
    if !prepared.asks_only(INTAKE) {
        let caller = sender.viewer.0.as_deref();
        gate.authenticator.admit(caller, sender.client.ip).await?;
    }
    Ok(gate.execute(&prepared, &sender.viewer, &sender.client).await)
}

fn check_csrf(prepared: &Prepared, sender: &Sender) -> Result<(), Problem> {
    let Some(caller) = sender.viewer.0.as_ref() else { return Ok(()) };
    if prepared.asks_only(WITHOUT_CSRF) {
        return Ok(());
    }
    session_layer::check_csrf(caller, &sender.headers)
}

/// The parameters of a GET: `variables` and `extensions` are JSON texts.
fn from_query(query: &str) -> Result<Params, Problem> {
    let mut pairs: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        pairs.insert(name.into_owned(), value.into_owned());
    }
    let bad = |what: &'static str| Problem::new(errors::BAD_REQUEST).field(what);
    let query = pairs.remove("query").ok_or_else(|| bad("query"))?;
    let variables = match pairs.get("variables").filter(|text| !text.is_empty()) {
        Some(text) => Some(serde_json::from_str::<Variables>(text).map_err(|_| bad("variables"))?),
        None => None,
    };
    let extensions = match pairs.get("extensions").filter(|text| !text.is_empty()) {
        Some(text) => Some(serde_json::from_str(text).map_err(|_| bad("extensions"))?),
        None => None,
    };
    let operation_name = pairs.remove("operationName").filter(|name| !name.is_empty());
    Ok(Params { query, operation_name, variables, extensions })
}

/// The parameters of a POST: one object, or a batch of them.
async fn from_body<E: Executor>(
    gate: &Gate<E>,
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Asked, Problem> {
    let encoded = headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"));
    let bytes = read(body, limit).await?;
    // An empty body is malformed whatever its type; this answer says more than 415.
    if bytes.is_empty() {
        return Err(Problem::new(errors::BAD_REQUEST).detail("The body is empty."));
    }
    if encoded || !negotiate::is_json(headers) {
        return Err(errors::UNSUPPORTED_MEDIA_TYPE.into());
    }
    let malformed = |e: serde_json::Error| Problem::new(errors::BAD_REQUEST).detail(describe(&e));
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if first != Some(&b'[') {
        return serde_json::from_slice(&bytes).map(Asked::One).map_err(malformed);
    }
    let all: Vec<Params> = serde_json::from_slice(&bytes).map_err(malformed)?;
    if all.is_empty() {
        return Err(Problem::new(errors::BAD_REQUEST).detail("The batch is empty."));
    }
    if all.len() > gate.batch {
        return Err(errors::GRAPHQL_BATCH_TOO_LONG.into());
    }
    Ok(Asked::Batch(all))
}

/// Where the JSON broke, without quoting it: a body may hold contact data.
fn describe(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Data => "A parameter has the wrong type",
        _ => "The body is not JSON",
    };
    format!("{what} (line {}, column {}).", error.line(), error.column())
}

/// Reads a body up to the limit.
async fn read(body: Body, limit: usize) -> Result<Bytes, Problem> {
    axum::body::to_bytes(body, limit).await.map_err(|error| {
        let too_large = std::error::Error::source(&error)
            .is_some_and(|cause| cause.to_string().contains("length limit"));
        if too_large { core::TOO_LARGE.into() } else { errors::BAD_REQUEST.into() }
    })
}

fn write_one(media: Media, mut response: GraphqlResponse) -> Response {
    let status = match media {
        Media::Response if graphql_errors::is_request_error(&response) => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    let cookies = std::mem::take(&mut response.http_headers);
    let mut answer = write(media, status, &Written::from(&response));
    answer.headers_mut().extend(cookies);
    answer
}

fn write_batch(media: Media, mut responses: Vec<GraphqlResponse>) -> Response {
    let headers: Vec<_> =
        responses.iter_mut().map(|response| std::mem::take(&mut response.http_headers)).collect();
    let bodies: Vec<Written<'_>> = responses.iter().map(Written::from).collect();
    let mut answer = write(media, StatusCode::OK, &bodies);
    for more in headers {
        for (name, value) in &more {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    answer
}

/// A refusal by the transport itself, before any document was looked at.
fn refuse(media: Media, problem: &Problem) -> Response {
    let response = graphql_errors::refused(problem);
    let status = errors::status(&problem.code);
    let mut answer = write(media, status, &Written::from(&response));
    let headers = answer.headers_mut();
    if status == StatusCode::METHOD_NOT_ALLOWED {
        let allowed = if problem.code == errors::MUTATION_BY_GET { "POST" } else { "GET, POST" };
        headers.insert(header::ALLOW, HeaderValue::from_static(allowed));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    answer
}

fn write(media: Media, status: StatusCode, body: &impl Serialize) -> Response {
    let text = serde_json::to_vec(body).unwrap_or_default();
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media.content_type())),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, text).into_response()
}
