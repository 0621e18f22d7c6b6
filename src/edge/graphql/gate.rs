//! The one way from a transport (HTTP or WebSocket) to the schema.
//!
//! Both transports parse through the cache, apply the document limits, know the operation before
//! it runs, and put the same data into the context.

use async_graphql::parser::types::{ExecutableDocument, OperationType};
use async_graphql::{Executor, Request, Response, Variables};
use futures::stream::BoxStream;
use leadbourse_core::error::Problem;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;

use super::context::{Client, Viewer};
use super::doc_cache::DocCache;
use super::errors as graphql_errors;
use super::limits::{self, DocumentLimits};
use super::nulls::{self, TypeMap};
use crate::edge::errors;
use crate::edge::session_layer::Authenticator;

/// The well-known parameters of a GraphQL request, in a body, a query string or a message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Params {
    /// The document.
    pub query: String,
    /// Which of its operations.
    #[serde(default)]
    pub operation_name: Option<String>,
    /// Values of its variables.
    #[serde(default)]
    pub variables: Option<Variables>,
    /// Extensions; accepted and not used.
    #[serde(default)]
    pub extensions: Option<HashMap<String, serde_json::Value>>,
}

/// Puts what resolvers need into a request's context.
pub trait Furnish: Send + Sync + 'static {
    /// Adds services and loaders for this caller.
    fn furnish(&self, request: Request, viewer: &Viewer) -> Request;
}

/// A session's rights may have changed: everybody who holds one looks again.
pub trait SessionWatch: Send + Sync + 'static {
    /// Yields whenever some session ended or some member's rights changed.
    fn changes(&self) -> BoxStream<'static, ()>;
}

/// What the transports share.
pub struct Gate<E> {
    /// The schema.
    pub executor: E,
    /// Its types, to put nulls where errors are.
    pub types: TypeMap,
    /// Parsed documents.
    pub documents: DocCache,
    /// What one document may ask for.
    pub limits: DocumentLimits,
    /// Bytes of one HTTP body or message.
    pub body_bytes: usize,
    /// The same for who settles: banks' answers and proofs are files.
    pub upload_bytes: usize,
    /// Requests in one HTTP batch.
    pub batch: usize,
    /// How callers are recognised.
    pub authenticator: Arc<dyn Authenticator>,
    /// What goes into the context.
    pub furnish: Arc<dyn Furnish>,
    /// When to look at rights again.
    pub sessions: Arc<dyn SessionWatch>,
    /// How the world reaches us, for the Origin check.
    pub public_url: Option<String>,
    /// WebSocket timing.
    pub ws: super::ws::WsLimits,
    /// Ends every socket at shutdown.
    pub shutdown: tokio_util::sync::CancellationToken,
}

/// A request that has been parsed and measured.
pub struct Prepared {
    /// What it does.
    pub operation: OperationType,
    /// The document, for questions about its root fields.
    pub document: Arc<ExecutableDocument>,
    operation_name: Option<String>,
    query: String,
    variables: Variables,
}

impl Prepared {
    /// The names of the root fields.
    pub fn root_fields(&self) -> Vec<&str> {
        limits::operation(&self.document, self.operation_name.as_deref())
            .map(|operation| limits::root_fields(&self.document, operation))
            .unwrap_or_default()
    }

    /// Whether every root field is one of these, and there is at least one.
    pub fn asks_only(&self, names: &[&str]) -> bool {
        let fields = self.root_fields();
        !fields.is_empty() && fields.iter().all(|field| names.contains(field))
    }
}

impl<E: Executor> Gate<E> {
    /// Parses and measures; the refusal is a request error (it never ran).
    pub fn prepare(&self, params: Params) -> Result<Prepared, Box<Response>> {
        let refuse = |problem: Problem| Box::new(graphql_errors::refused(&problem));
        if params.query.len() > self.limits.bytes {
            return Err(refuse(errors::GRAPHQL_TOO_COMPLEX.into()));
        }
        let document = self.documents.parse(&params.query).map_err(|mut error| {
            let extensions = error.extensions.get_or_insert_default();
            extensions.set("code", errors::GRAPHQL_PARSE_FAILED.name);
            Box::new(Response::from_errors(vec![error]))
        })?;
        let name = params.operation_name.filter(|name| !name.is_empty());
        let variables = params.variables.unwrap_or_default();
        let Some(operation) = limits::operation(&document, name.as_deref()) else {
            let problem = Problem::new(errors::GRAPHQL_VALIDATION_FAILED)
                .detail("Name one of the document's operations in operationName.");
            return Err(refuse(problem));
        };
        limits::check(&document, operation, &variables, &self.limits).map_err(refuse)?;
        if let Some(variable) = limits::missing_variable(operation, &variables) {
            let problem = Problem::new(errors::GRAPHQL_VALIDATION_FAILED)
                .detail(format!("The variable ${variable} must have a value."));
            return Err(refuse(problem));
        }
        let operation = operation.ty;
        Ok(Prepared { operation, document, operation_name: name, query: params.query, variables })
    }

    /// The executable request with its context.
    pub fn request(&self, prepared: &Prepared, viewer: &Viewer, client: &Client) -> Request {
        let mut request = Request::new(prepared.query.clone());
        request.variables = prepared.variables.clone();
        request.operation_name.clone_from(&prepared.operation_name);
        request.set_parsed_query((*prepared.document).clone());
        self.furnish.furnish(request.data(viewer.clone()).data(client.clone()), viewer)
    }

    /// Runs a query or mutation.
    pub async fn execute(&self, prepared: &Prepared, viewer: &Viewer, client: &Client) -> Response {
        let mut response = self.executor.execute(self.request(prepared, viewer, client)).await;
        self.finish(prepared, &mut response);
        response
    }

    /// Gives a response its public form: nulls in their places, codes on the errors.
    pub fn finish(&self, prepared: &Prepared, response: &mut Response) {
        if response.errors.is_empty() {
            return;
        }
        let name = prepared.operation_name.as_deref();
        if let Some(operation) = limits::operation(&prepared.document, name) {
            nulls::complete(&self.types, &prepared.document, operation, response);
        }
        graphql_errors::finish(response);
    }
}
