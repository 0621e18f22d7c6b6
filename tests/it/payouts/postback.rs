//! Postbacks: addresses, signatures, repeats, and the log that the buyer reads.

use hmac::{Hmac, Mac};
use leadbourse::demo::client::text;
use leadbourse_core::time::{MINUTE, SECOND};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;

use super::stage::Stage;
use crate::each_engine;
use crate::harness::TestApp;
use crate::harness::market::Market;

fn goals(market: &Market) -> Value {
    json!([
        {"kind": "SALE", "attributionWindowS": 86_400,
            "percent": {"bps": 1_000, "min": market.money(1_000), "max": market.money(600_000)}},
        {"kind": "REGISTRATION", "price": market.money(20_000), "attributionWindowS": 86_400},
    ])
}

/// An address of the buyer's: its id, its URL, its key.
async fn address(stage: &Stage, more: Value) -> (String, String, String) {
    let mut input = json!({"name": "shop"});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    let selection = "token { id signed } secrets { path signingSecret }";
    let made = stage.buyer.client.mutate("createPostbackToken", input, selection).await.unwrap();
    let url = format!("{}{}", stage.app.url(), text(&made["secrets"]["path"]));
    let secret = made["secrets"]["signingSecret"].as_str().unwrap_or_default().to_owned();
    (text(&made["token"]["id"]), url, secret)
}

async fn read(answer: Response) -> (u16, bool, Value) {
    let replayed = answer.headers().contains_key("idempotent-replayed");
    (answer.status().as_u16(), replayed, answer.json().await.unwrap())
}

fn sign(secret: &str, at: i64, raw: &str) -> String {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.{raw}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

fn seconds(app: &TestApp) -> i64 {
    app.clock.now().micros() / SECOND
}

/// Code, field and replay of every logged postback, newest first.
async fn log(stage: &Stage) -> Vec<(String, Value, bool)> {
    let query = "{postbacks{nodes{code field replayed method awardId goal conversionId}}}";
    let found = stage.buyer.client.query(query, json!({})).await.unwrap();
    let lines = found["postbacks"]["nodes"].as_array().unwrap();
    lines
        .iter()
        .map(|line| {
            (text(&line["code"]), line["field"].clone(), line["replayed"].as_bool().unwrap())
        })
        .collect()
}

each_engine! {
    async fn a_shop_reports_by_get_and_post(app: TestApp) {
        let stage = Stage::open(app, goals).await;
        let (id, url, _) = address(&stage, json!({})).await;
        let sold = stage.sell(1).await;
        let get = async |query: String| {
            stage.app.clock.advance(1_000);
            read(stage.http.get(format!("{url}?{query}")).send().await.unwrap()).await
        };
        let sale = format!("lead={}&txid=o-1&amount=1000.50&currency=rub", sold.lead);
        let (status, replayed, first) = get(sale.clone()).await;
        assert_eq!((status, replayed), (200, false), "{first}");
        assert_eq!(first["price"], stage.market.money(10_005));
        let (status, replayed, again) = get(sale).await;
        assert_eq!((status, replayed, &again), (200, true, &first), "answered like the first");
        let form = [("award", sold.award.as_str()), ("goal", "registration"), ("txid", "u-1")];
        stage.app.clock.advance(1_000);
        let posted = read(stage.http.post(&url).form(&form).send().await.unwrap()).await;
        assert_eq!((posted.0, &posted.2["price"]), (200, &stage.market.money(20_000)));
        let body = json!({"award_id": sold.award, "external_id": "o-1", "status": "refund",
            "refunded": 250.125});
        stage.app.clock.advance(1_000);
        let refused = read(stage.http.post(&url).json(&body).send().await.unwrap()).await;
        assert_eq!((refused.0, &refused.2["code"]), (422, &json!("BAD_INPUT")));
        let body = json!({"award_id": sold.award, "external_id": "o-1", "status": "refund",
            "refunded": "500.25"});
        stage.app.clock.advance(1_000);
        let given = read(stage.http.post(&url).json(&body).send().await.unwrap()).await;
        assert_eq!((given.0, &given.2["returned_bps"]), (200, &json!(5_000)));

        for (query, status, code) in [
            (format!("award={}&txid=o-1&amount=7", sold.award), 409, "EVENT_DIFFERS"),
            (format!("award={}&txid=o-2&amount=7&currency=USD", sold.award), 422, "AMOUNT_CURRENCY"),
            (format!("award={}&txid=o-2&status=lost", sold.award), 422, "POSTBACK_STATUS"),
            (format!("award={}", sold.award), 422, "REQUIRED"),
            ("txid=1".to_owned(), 422, "REQUIRED"),
            ("award=awd_01h455vb4pex5vsknk084sn02q&txid=1".to_owned(), 404, "NOT_FOUND"),
        ] {
            let answer = get(query.clone()).await;
            assert_eq!((answer.0, &answer.2["code"]), (status, &json!(code)), "{query}");
        }
        // 10,005 less half of it, and the registration.
        assert_eq!(stage.wallet().await, (10_000_000 - 5_003 - 20_000, 0, 0));
        let line = |code: &str, field: Value, replayed| (code.to_owned(), field, replayed);
        assert_eq!(log(&stage).await, [
            line("NOT_FOUND", json!("awardId"), false),
            line("REQUIRED", json!("award"), false),
            line("REQUIRED", json!("txid"), false),
            line("POSTBACK_STATUS", json!("status"), false),
            line("AMOUNT_CURRENCY", json!("amount.currency"), false),
            line("EVENT_DIFFERS", json!("amount"), false),
            line("OK", Value::Null, false),
            line("BAD_INPUT", json!("refunded"), false),
            line("OK", Value::Null, false),
            line("OK", Value::Null, true),
            line("OK", Value::Null, false),
        ]);
        // A revoked address is none, and that is logged as well; an unknown one is nobody's.
        stage.buyer.client.mutate("revokePostbackToken", json!({"id": id}), "token { revokedAt }")
            .await.unwrap();
        assert_eq!(get(format!("award={}&txid=o-9", sold.award)).await.0, 404);
        assert_eq!(log(&stage).await[0], line("POSTBACK_TOKEN", Value::Null, false));
        let nobody = stage.http.get(format!("{}/v1/postback/pbk_no?txid=1", stage.app.url()));
        assert_eq!(nobody.send().await.unwrap().status(), StatusCode::NOT_FOUND);
        assert_eq!(log(&stage).await.len(), 12);
        stage.app.finish().await;
    }

    async fn a_signed_address_takes_signed_postbacks_only(app: TestApp) {
        let stage = Stage::open(app, goals).await;
        let (id, url, secret) = address(&stage, json!({"signed": true})).await;
        let sold = stage.sell(1).await;
        let now = seconds(&stage.app);
        let get = async |query: &str| {
            let answer = stage.http.get(format!("{url}?{query}")).send().await.unwrap();
            let (status, _, body) = read(answer).await;
            (status, body["code"].as_str().unwrap_or("OK").to_owned())
        };
        let plain = format!("award={}&txid=a&amount=100&ts={now}", sold.award);
        assert_eq!(get(&plain).await, (422, "POSTBACK_UNSIGNED".to_owned()));
        let good = sign(&secret, now, &plain);
        let other = plain.replace("amount=100", "amount=900");
        assert_eq!(get(&format!("{other}&sig={good}")).await.1, "POSTBACK_SIGNATURE");
        let wrong = sign("pbs_guess", now, &plain);
        assert_eq!(get(&format!("{plain}&sig={wrong}")).await.1, "POSTBACK_SIGNATURE");
        assert_eq!(get(&format!("{plain}&sig={good}")).await, (200, "OK".to_owned()));
        // A recorded call is worthless ten minutes later.
        stage.app.clock.advance(10 * MINUTE);
        assert_eq!(get(&format!("{plain}&sig={good}")).await.1, "POSTBACK_STALE");
        // By POST the headers sign the raw body.
        let now = seconds(&stage.app);
        let body = json!({"award": sold.award, "goal": "REGISTRATION", "txid": "u"}).to_string();
        let post = stage.http.post(&url).header("content-type", "application/json")
            .header("x-postback-timestamp", now.to_string())
            .header("x-postback-signature", sign(&secret, now, &body)).body(body.clone());
        assert_eq!(post.send().await.unwrap().status(), 200);
        // A new address ends the old one, and its key.
        let selection = "token { id } secrets { path signingSecret }";
        let made = stage.buyer.client
            .mutate("rotatePostbackToken", json!({"id": id}), selection).await.unwrap();
        assert_ne!(text(&made["secrets"]["signingSecret"]), secret);
        assert_eq!(get(&format!("{plain}&sig={good}")).await.1, "POSTBACK_TOKEN");
        stage.app.finish().await;
    }

    async fn an_address_of_one_offer_takes_no_other_and_the_log_is_the_buyers(app: TestApp) {
        let stage = Stage::open(app, goals).await;
        let sold = stage.sell(1).await;
        let mut terms = stage.market.terms(1);
        terms["goals"] = goals(&stage.market);
        let other = stage.market.offer(&stage.buyer, "Other", terms).await;
        let (_, url, _) = address(&stage, json!({"offerId": other.id})).await;
        let (_, own, _) = address(&stage, json!({"offerId": stage.offer.id})).await;
        let query = format!("award={}&txid=a&goal=REGISTRATION", sold.award);
        let get = async |url: &str| {
            stage.http.get(format!("{url}?{query}")).send().await.unwrap().status().as_u16()
        };
        assert_eq!((get(&url).await, get(&own).await), (404, 200));
        let query = "{postbacks{nodes{code}} postbackTokens{name prefix}}";
        let theirs = stage.publisher.client.query(query, json!({})).await.unwrap();
        assert_eq!(theirs, json!({"postbacks": {"nodes": []}, "postbackTokens": []}));
        let ours = stage.buyer.client.query(query, json!({})).await.unwrap();
        assert_eq!(ours["postbacks"]["nodes"].as_array().unwrap().len(), 2);
        assert_eq!(ours["postbackTokens"].as_array().unwrap().len(), 2);
        stage.app.finish().await;
    }
}
