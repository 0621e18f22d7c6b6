//! GraphQL over HTTP on a small schema: methods, media types, statuses, limits, CSRF.

use std::sync::atomic::Ordering;

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use super::toy::{self, Toy};

const RESPONSE: &str = "application/graphql-response+json";

async fn post(toy: &Toy, accept: &str, body: Value) -> Response {
    Client::new().post(toy.url()).header("accept", accept).json(&body).send().await.unwrap()
}

async fn code_of(response: Response) -> String {
    let body: Value = response.json().await.unwrap();
    body["errors"][0]["extensions"]["code"].as_str().unwrap_or("none").to_owned()
}

#[tokio::test]
async fn a_mutation_never_runs_by_get() {
    let toy = toy::serve().await;
    for query in ["mutation { bump }", "mutation A { bump } query B { hello }"] {
        let response = Client::new()
            .get(toy.url())
            .query(&[
                ("query", query),
                ("operationName", if query.contains('A') { "A" } else { "" }),
            ])
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(response.headers()["allow"], "POST");
        assert_eq!(code_of(response).await, "MUTATION_BY_GET");
    }
    assert_eq!(toy.bumps.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_answers_type_and_status_follow_accept() {
    let toy = toy::serve().await;
    let wrong = json!({"query": "{ nothing }"});
    let response = post(&toy, RESPONSE, wrong.clone()).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with(RESPONSE));
    let body: Value = response.json().await.unwrap();
    assert!(body.get("data").is_none(), "{body}");
    assert_eq!(post(&toy, "application/json", wrong).await.status(), StatusCode::OK);
    let image = post(&toy, "image/png", json!({"query": "{ hello }"})).await;
    assert_eq!(image.status(), StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn an_error_while_running_is_200_with_data_and_no_cause() {
    let toy = toy::serve().await;
    let response = post(&toy, RESPONSE, json!({"query": "{ hello broken hidden }"})).await;
    assert_eq!(response.status(), StatusCode::OK);
    let text = response.text().await.unwrap();
    assert!(!text.contains("cause"), "{text}");
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(body["data"], json!({"hello": "world", "broken": null, "hidden": null}));
    let mut codes: Vec<_> =
        body["errors"].as_array().unwrap().iter().map(|e| &e["extensions"]["code"]).collect();
    codes.sort_by_key(|code| code.to_string());
    assert_eq!(codes, ["INTERNAL", "NOT_FOUND"]);
}

#[tokio::test]
async fn variables_are_checked_and_documents_out_of_the_cache_too() {
    let toy = toy::serve().await;
    let query = "query($a: Int!, $b: Int!) { sum(a: $a, b: $b) }";
    for _ in 0..2 {
        let good = json!({"query": query, "variables": {"a": 1, "b": 2}});
        let body: Value = post(&toy, RESPONSE, good).await.json().await.unwrap();
        assert_eq!(body["data"]["sum"], 3);
        let missing = json!({"query": query, "variables": {"a": 1}});
        assert_eq!(post(&toy, RESPONSE, missing).await.status(), StatusCode::BAD_REQUEST);
        let wrong = json!({"query": query, "variables": {"a": 1, "b": "two"}});
        assert_eq!(post(&toy, RESPONSE, wrong).await.status(), StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn everything_has_a_limit() {
    let toy = toy::serve().await;
    let long = json!({"query": format!("{{ hello }} #{}", "x".repeat(20_000))});
    assert_eq!(code_of(post(&toy, RESPONSE, long).await).await, "GRAPHQL_TOO_COMPLEX");
    let body = json!({"query": "{ hello }", "variables": {"x": "y".repeat(60_000)}});
    let response = post(&toy, RESPONSE, body).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let aliases: String = (0..11).map(|n| format!("a{n}: hello ")).collect();
    let response = post(&toy, RESPONSE, json!({"query": format!("{{ {aliases} }}")})).await;
    assert_eq!(code_of(response).await, "GRAPHQL_TOO_MANY_ALIASES");
    let one = json!({"query": "{ hello }"});
    let three: Value = post(&toy, RESPONSE, json!([one, one, one])).await.json().await.unwrap();
    assert_eq!(three.as_array().unwrap().len(), 3);
    let response = post(&toy, RESPONSE, json!([one, one, one, one])).await;
    assert_eq!(code_of(response).await, "GRAPHQL_BATCH_TOO_LONG");
}

#[tokio::test]
async fn a_cookie_needs_the_csrf_token_and_our_origin() {
    let toy = toy::serve().await;
    let send = |query: &'static str, headers: Vec<(&'static str, &'static str)>| {
        let mut request = Client::new().post(toy.url()).json(&json!({"query": query}));
        request = request.header("cookie", "leadbourse_session=good");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        async move { request.send().await.unwrap() }
    };
    let refused = send("mutation { bump }", vec![]).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert_eq!(code_of(refused).await, "CSRF_FAILED");
    let refused = send("mutation { signIn bump }", vec![("x-csrf-token", "wrong")]).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let refused = send("{ hello }", vec![("origin", "https://evil.example")]).await;
    assert_eq!(code_of(refused).await, "ORIGIN_REFUSED");
    let done = send("mutation { bump }", vec![("x-csrf-token", "token")]).await;
    assert_eq!(code_of(done).await, "none");
    assert_eq!(code_of(send("mutation { signIn }", vec![]).await).await, "none");
    assert_eq!(code_of(send("{ hello }", vec![]).await).await, "none");
}

#[tokio::test]
async fn a_wrong_key_is_401_and_a_subscription_is_sent_elsewhere() {
    let toy = toy::serve().await;
    let request = Client::new().post(toy.url()).bearer_auth("nonsense");
    let response = request.json(&json!({"query": "{ hello }"})).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
    let response = post(&toy, RESPONSE, json!({"query": "subscription { ticks }"})).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(code_of(response).await, "SUBSCRIPTION_OVER_HTTP");
}
