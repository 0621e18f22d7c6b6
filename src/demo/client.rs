//! A member at work: a small GraphQL client with a cookie session, over loopback. The demo market
//! is made through the same door that everybody uses, and so are the tests.

use serde_json::{Value, json};
use std::time::Duration;

use crate::platform::error::{Context, Error, Result};

/// One signed-in member, or a visitor.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    csrf: Option<String>,
    organization: Option<String>,
}

/// What a refusal said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub code: String,
    /// The input field.
    pub field: Option<String>,
    /// The sentence.
    pub message: String,
}

impl Client {
    /// A visitor of the server at `base`, like `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// When the TLS and cookie machinery of the client does not start.
    #[allow(clippy::disallowed_methods, reason = "talks to this program's own loopback address")]
    pub fn new(base: &str) -> Result<Self> {
        let http = reqwest::Client::builder()
            .cookie_store(true)
            .no_proxy()
            .timeout(Duration::from_secs(60))
            .build()
            .context("making an HTTP client")?;
        let base = base.trim_end_matches('/').to_owned();
        Ok(Self { http, base, csrf: None, organization: None })
    }

    /// The server's address.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Acts for another of the member's organizations from now on.
    #[must_use]
    pub fn for_organization(mut self, id: &str) -> Self {
        self.organization = Some(id.to_owned());
        self
    }

    /// Makes a user with an organization and signs in as its owner.
    ///
    /// # Errors
    /// The refusal, as text.
    pub async fn sign_up(&mut self, input: Value) -> Result<Value> {
        let viewer = self.mutate("signUp", input, VIEWER).await?;
        self.remember(&viewer);
        Ok(viewer)
    }

    /// Signs in.
    ///
    /// # Errors
    /// The refusal, as text.
    pub async fn sign_in(&mut self, email: &str, password: &str) -> Result<Value> {
        let input = json!({"email": email, "password": password});
        let viewer = self.mutate("signIn", input, VIEWER).await?;
        self.remember(&viewer);
        Ok(viewer)
    }

    fn remember(&mut self, payload: &Value) {
        self.csrf = at(payload, "/viewer/csrfToken").as_str().map(str::to_owned);
    }

    /// Runs a document; the answer's `data`. Top-level errors are errors.
    ///
    /// # Errors
    /// Transport failures and GraphQL errors.
    pub async fn query(&self, document: &str, variables: Value) -> Result<Value> {
        let mut request = self
            .http
            .post(format!("{}/graphql", self.base))
            .json(&json!({"query": document, "variables": variables}));
        if let Some(token) = &self.csrf {
            request = request.header("x-csrf-token", token);
        }
        if let Some(organization) = &self.organization {
            request = request.header("x-organization", organization);
        }
        let response = request.send().await.context("sending a GraphQL request")?;
        let status = response.status();
        let text = response.text().await.context("reading a GraphQL answer")?;
        let mut answer: Value = serde_json::from_str(&text)
            .map_err(|cause| Error::other(format!("a GraphQL answer ({status}): {text}"), cause))?;
        if let Some(errors) = answer.get("errors").filter(|errors| !errors.is_null()) {
            return Err(Error::broken(format!("GraphQL refused: {errors} in {document}")));
        }
        Ok(answer.get_mut("data").map(Value::take).unwrap_or_default())
    }

    /// Gets a path of the server, as a link in the browser does.
    ///
    /// # Errors
    /// Transport failures.
    pub async fn get(&self, path: &str) -> Result<reqwest::Response> {
        let request = self.http.get(format!("{}{path}", self.base));
        request.send().await.context("getting a path")
    }

    /// Runs `mutation name(input)` and returns the payload with the given selection.
    ///
    /// # Errors
    /// Transport failures, GraphQL errors and `userErrors`.
    pub async fn mutate(&self, name: &str, input: Value, selection: &str) -> Result<Value> {
        match self.try_mutate(name, input, selection).await? {
            Ok(payload) => Ok(payload),
            Err(refusals) => Err(Error::broken(format!("{name} was refused: {refusals:?}"))),
        }
    }

    /// Like [`Client::mutate`], with refusals as a value.
    ///
    /// # Errors
    /// Transport failures and GraphQL errors.
    pub async fn try_mutate(
        &self,
        name: &str,
        input: Value,
        selection: &str,
    ) -> Result<std::result::Result<Value, Vec<Refusal>>> {
        let ty = name.get(..1).unwrap_or_default().to_uppercase() + name.get(1..).unwrap_or("");
        let document = format!(
            "mutation Run($input: {ty}Input!) {{ {name}(input: $input) {{ {selection} \
             userErrors {{ code field message }} }} }}"
        );
        let mut data = self.query(&document, json!({"input": input})).await?;
        let payload = data.get_mut(name).map(Value::take).unwrap_or_default();
        let refusals: Vec<Refusal> = at(&payload, "/userErrors")
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .map(|error| Refusal {
                code: text(at(error, "/code")),
                field: at(error, "/field").as_str().map(str::to_owned),
                message: text(at(error, "/message")),
            })
            .collect();
        Ok(if refusals.is_empty() { Ok(payload) } else { Err(refusals) })
    }

    /// All nodes of a connection, page after page. `field` is the field with its other arguments,
    /// like `awards(disposition: NEW)`.
    ///
    /// # Errors
    /// Transport failures and GraphQL errors.
    pub async fn all(&self, field: &str, selection: &str) -> Result<Vec<Value>> {
        let (name, rest) = field.split_once('(').unwrap_or((field, ")"));
        let mut nodes = Vec::new();
        let mut after = Value::Null;
        loop {
            let document = format!(
                "query Page($after: String) {{ {name}(first: 50, after: $after, {rest} {{ nodes {{ \
                 {selection} }} pageInfo {{ hasNextPage endCursor }} }} }}"
            );
            let mut data = self.query(&document, json!({"after": after})).await?;
            let mut page = data.get_mut(name).map(Value::take).unwrap_or_default();
            if let Some(Value::Array(more)) = page.get_mut("nodes").map(Value::take) {
                nodes.extend(more);
            }
            if *at(&page, "/pageInfo/hasNextPage") != true {
                return Ok(nodes);
            }
            after = at(&page, "/pageInfo/endCursor").clone();
        }
    }

    /// Posts one lead by REST with a source's key; status and body.
    ///
    /// # Errors
    /// Transport failures.
    pub async fn post_lead(&self, key: &str, body: &Value) -> Result<(u16, Value)> {
        let response = self
            .http
            .post(format!("{}/v1/leads", self.base))
            .bearer_auth(key)
            .json(body)
            .send()
            .await
            .context("posting a lead")?;
        let status = response.status().as_u16();
        let text = response.text().await.context("reading a verdict")?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }
}

const VIEWER: &str = "viewer { csrfToken organization { id name state } user { id email } }";

/// The value at a JSON pointer like `/viewer/organization/id`; null where there is none.
pub fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// A JSON text, or nothing.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
