//! The REST surface around intake: health, the description, pages and refusals.

mod form;
mod intake;
mod spec;
mod tests;

use reqwest::{Client, StatusCode};
use serde_json::Value;
use std::path::Path;

use crate::harness::{Kind, TestApp};

#[test]
fn the_openapi_description_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let printed = leadbourse::edge::rest::openapi::text();
    assert!(
        committed == printed,
        "docs/openapi.json is not current: run `leadbourse openapi > docs/openapi.json`"
    );
}

/// Literals like `"/v1/leads"` that follow `.route(` in the source.
fn routes(dir: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            routes(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        for rest in text.split(".route(").skip(1) {
            let literal = rest.trim_start().strip_prefix('"').and_then(|r| r.split('"').next());
            found.extend(literal.filter(|path| path.starts_with("/v1/")).map(str::to_owned));
        }
    }
}

#[test]
fn every_route_is_described_with_its_answers() {
    let text = leadbourse::edge::rest::openapi::text();
    let description: Value = serde_json::from_str(&text).unwrap();
    let paths = description["paths"].as_object().unwrap();
    let mut found = Vec::new();
    routes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/edge"), &mut found);
    assert!(found.len() >= 4, "the routes were not found: {found:?}");
    for path in found {
        assert!(paths.contains_key(&path), "{path} is not in the OpenAPI description");
    }
    for (path, operations) in paths {
        for (method, operation) in operations.as_object().unwrap() {
            let at = format!("{method} {path}");
            assert!(operation["summary"].is_string(), "{at} has no summary");
            let answers = operation["responses"].as_object().unwrap();
            assert!(answers.contains_key("200"), "{at} has no good answer");
            for (status, answer) in answers {
                assert!(answer["content"].is_object(), "{at} {status} has no schema");
            }
        }
    }
}

#[tokio::test]
async fn it_says_how_it_is() {
    let app = TestApp::new(Kind::Sqlite).await.unwrap();
    let get = |path: &str| Client::new().get(format!("{}{path}", app.url())).send();
    assert_eq!(get("/healthz").await.unwrap().status(), StatusCode::OK);
    assert_eq!(get("/readyz").await.unwrap().status(), StatusCode::OK);
    assert_eq!(get("/metrics").await.unwrap().status(), StatusCode::OK);
    let description: Value = get("/v1/openapi.json").await.unwrap().json().await.unwrap();
    assert!(description["paths"]["/v1/leads"]["post"].is_object(), "{description}");
    app.app.closing.cancel();
    app.finish().await;
}

#[tokio::test]
async fn pages_and_refusals_carry_their_headers() {
    let app = TestApp::new(Kind::Sqlite).await.unwrap();
    let get = |path: &str| Client::new().get(format!("{}{path}", app.url())).send();
    let page = get("/offers/ofr_01h455vb4pex5vsknk084sn02q").await.unwrap();
    assert_eq!(page.status(), StatusCode::OK, "a place inside the application");
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"));
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    assert!(page.headers().contains_key("x-request-id"));

    for missing in ["/assets/old-1234.js", "/v1/nothing", "/graphqlx"] {
        let answer = get(missing).await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{missing}");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "NOT_FOUND");
    }
    // GraphiQL is for the demo.
    let graphiql = get("/graphiql").await.unwrap().text().await.unwrap();
    assert!(!graphiql.contains("GraphiQL"));
    let posted = Client::new().post(format!("{}/offers", app.url())).send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
    app.finish().await;
}
