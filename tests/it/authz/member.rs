//! A member that sees the raw answers: for tests of rights.

use reqwest::Client;
use serde_json::{Value, json};

/// Somebody signed in, or a visitor.
#[derive(Clone)]
pub struct Member {
    http: Client,
    base: String,
    /// `name=value` of the session cookie.
    pub cookie: Option<String>,
    csrf: String,
}

impl Member {
    /// A visitor.
    pub fn visitor(base: &str) -> Self {
        Self {
            http: Client::builder().no_proxy().build().unwrap(),
            base: base.to_owned(),
            cookie: None,
            csrf: String::new(),
        }
    }

    /// Signs in.
    pub async fn sign_in(base: &str, email: &str, password: &str) -> Self {
        let mut member = Self::visitor(base);
        let query = "mutation($input: SignInInput!) { signIn(input: $input) \
                     { viewer { csrfToken } userErrors { code } } }";
        let input = json!({"email": email, "password": password});
        let body = json!({"query": query, "variables": {"input": input}});
        let response =
            member.http.post(format!("{base}/graphql")).json(&body).send().await.unwrap();
        let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
        member.cookie = cookie.split(';').next().map(ToOwned::to_owned);
        let answer: Value = response.json().await.unwrap();
        member.csrf = answer["data"]["signIn"]["viewer"]["csrfToken"].as_str().unwrap().to_owned();
        member
    }

    /// The raw answer to a document.
    pub async fn ask(&self, query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables});
        let mut request = self.http.post(format!("{}/graphql", self.base)).json(&body);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie).header("x-csrf-token", &self.csrf);
        }
        request.send().await.unwrap().json().await.unwrap()
    }
}
