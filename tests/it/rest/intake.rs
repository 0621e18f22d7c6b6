//! `POST /v1/leads` and `/v1/leads:batch`: statuses, forms, replays.

use reqwest::Client;
use serde_json::{Value, json};

use crate::harness::market::{Lead, Market};
use crate::harness::{Kind, TestApp};

#[tokio::test]
async fn every_answer_has_its_status() {
    let app = TestApp::new(Kind::Sqlite).await.unwrap();
    let market = Market::open(&app).await;
    let buyer = market.buyer("Berta Buyer", 10_000_000).await;
    market.offer(&buyer, "Offer", market.terms(50_000)).await;
    let publisher = market.publisher("Paul Publisher").await;
    let source = market.source(&publisher, "Site", 1).await;
    let http = Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/v1/leads", app.url());
    let post = || http.post(&url).bearer_auth(&source.key);

    let sold = post().json(&Lead::body(1)).header("idempotency-key", "a").send().await.unwrap();
    assert_eq!(sold.status(), 200);
    assert!(!sold.headers().contains_key("idempotent-replayed"));
    let sold: Value = sold.json().await.unwrap();
    assert_eq!(sold["verdict"], "SOLD", "{sold}");
    assert_eq!(sold["earning"]["currency"], market.currency.as_str());
    let again = post().json(&Lead::body(1)).header("idempotency-key", "a").send().await.unwrap();
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(again.json::<Value>().await.unwrap(), sold);
    let other = post().json(&Lead::body(2)).header("idempotency-key", "a").send().await.unwrap();
    assert_eq!(other.status(), 422);
    assert_eq!(other.json::<Value>().await.unwrap()["code"], "IDEMPOTENCY_MISMATCH");

    let refused = post().json(&json!({"fields": {"phone": "1"}})).send().await.unwrap();
    assert_eq!(refused.status(), 200, "wrong fields are a verdict");
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["verdict"], "REJECTED");
    assert_eq!(refused["reasons"][0]["code"], "BAD_PHONE");

    let mut form: Vec<(String, String)> = Lead::fields(3)
        .into_iter()
        .map(|(k, v)| (k, v.as_str().map_or_else(|| v.to_string(), ToOwned::to_owned)))
        .collect();
    form.push(("consent".into(), "on".into()));
    form.push(("sub_id_1".into(), "spring".into()));
    let posted: Value = post().form(&form).send().await.unwrap().json().await.unwrap();
    assert_eq!(posted["verdict"], "SOLD", "{posted}");

    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status();
    assert_eq!(status(post().header("content-type", "application/json").body("{")).await, 400);
    assert_eq!(status(post().header("content-type", "text/plain").body("x")).await, 415);
    assert_eq!(status(http.post(&url).json(&Lead::body(4))).await, 401);
    assert_eq!(status(http.post(&url).bearer_auth("psk_wrong").json(&Lead::body(4))).await, 401);
    let mut named = Lead::body(4);
    named["source"] = json!("src_01h455vb4pex5vsknk084sn02q");
    assert_eq!(status(post().json(&named)).await, 404);
    let huge = json!({"fields": {"name": "x".repeat(600_000)}});
    assert_eq!(status(post().json(&huge)).await, 413);
    app.finish().await;
}

#[tokio::test]
async fn a_batch_answers_line_by_line() {
    let app = TestApp::new(Kind::Sqlite).await.unwrap();
    let market = Market::open(&app).await;
    let buyer = market.buyer("Berta Buyer", 10_000_000).await;
    market.offer(&buyer, "Offer", market.terms(50_000)).await;
    let publisher = market.publisher("Paul Publisher").await;
    let source = market.source(&publisher, "Site", 1).await;
    let lines = format!("{}\n{{broken\n\n{}\n{}\n", Lead::body(1), Lead::body(1), Lead::body(2));
    let http = Client::builder().no_proxy().build().unwrap();
    let send = || {
        http.post(format!("{}/v1/leads:batch", app.url()))
            .bearer_auth(&source.key)
            .header("content-type", "application/x-ndjson")
            .header("idempotency-key", "file-1")
            .body(lines.clone())
            .send()
    };
    let read = async |response: reqwest::Response| -> Vec<Value> {
        assert_eq!(response.status(), 200);
        let text = response.text().await.unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let first = read(send().await.unwrap()).await;
    assert_eq!(first.len(), 4);
    assert_eq!(first[0]["verdict"], "SOLD", "{first:?}");
    assert_eq!((&first[1]["status"], &first[1]["code"]), (&json!(400), &json!("BAD_REQUEST")));
    assert_eq!(first[2]["verdict"], "REJECTED");
    assert_eq!(first[3]["verdict"], "SOLD");
    let second = read(send().await.unwrap()).await;
    assert_eq!(second[0]["replayed"], true);
    assert_eq!(second[0]["lead_id"], first[0]["lead_id"]);
    app.finish().await;
}
