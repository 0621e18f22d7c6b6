//! The answer to a ping: what it takes, what it says, what it says again.

use leadbourse_core::time::SECOND;
use serde_json::{Value, json};

use super::stage::{EARNING, Stage, code};
use crate::each_engine;
use crate::harness::market::Lead;

each_engine! {
    async fn a_ping_is_bid_for_and_its_post_is_bought_at_the_bid(app: TestApp) {
        let stage = Stage::open(app, 10_000_000).await;
        let offer = stage.offer(json!({})).await;
        let ping = stage.ping(1).await;
        let expires_at = stage.app.clock.now().plus(30 * SECOND).rfc3339();
        assert_eq!(ping["verdict"], "BIDS", "{ping}");
        assert_eq!(
            ping["bids"],
            json!([{
                "bid_id": ping["bids"][0]["bid_id"], "offer_id": offer.id, "offer": "The offer",
                "earning": {"minor": EARNING, "currency": "RUB"},
                "copies": 1, "exclusive": true, "expires_at": expires_at,
            }])
        );
        assert_eq!(ping["earning"]["minor"], EARNING);
        assert_eq!(ping["expires_at"], expires_at.as_str());
        let text = ping.to_string();
        assert!(!text.contains("price") && !text.contains("50000"), "the price is the buyer's");
        assert_eq!(stage.wallet().await, [9_950_000, 50_000, 0, 1, 50_000]);
        assert_eq!(stage.number("SELECT day_count AS n FROM offer_meters").await, 1);
        assert_eq!(stage.number("SELECT awards_count AS n FROM offer_meters").await, 0);

        let sold = stage.post(1, &ping, json!({})).await;
        assert_eq!(sold["verdict"], "SOLD", "{sold}");
        assert_eq!(sold["earning"]["minor"], EARNING);
        assert_eq!(stage.wallet().await, [9_950_000, 0, 0, 0, 0]);
        assert_eq!(stage.number("SELECT day_count AS n FROM offer_meters").await, 1);
        assert_eq!(stage.number("SELECT awards_count AS n FROM offer_meters").await, 1);
        assert_eq!(stage.number("SELECT open_bids AS n FROM ping_meters").await, 0);
        assert_eq!(stage.number("SELECT posted AS n FROM ping_meters").await, 1);
        stage.app.finish().await;
    }

    async fn a_form_pings_as_json_does(app: TestApp) {
        let stage = Stage::open(app, 10_000_000).await;
        stage.offer(json!({})).await;
        let pairs = [
            ("region", "RU-MOW"), ("purpose", "RESALE"), ("loan_amount", "3000000"),
            ("hash_phone", ""), ("sub_id_1", "spring"),
        ];
        let ping = stage.form("/v1/pings", &pairs).await;
        assert_eq!(ping["verdict"], "BIDS", "{ping}");
        let id = ping["ping_id"].as_str().unwrap();
        let mut post: Vec<(&str, &str)> = pairs[..3].to_vec();
        post.extend([("phone", "+79160000001"), ("consent", "on"), ("ping_id", id)]);
        let sold = stage.form("/v1/leads", &post).await;
        assert_eq!(sold["verdict"], "SOLD", "{sold}");
        stage.app.finish().await;
    }

    async fn contact_data_has_no_way_into_a_ping(app: TestApp) {
        let stage = Stage::open(app, 10_000_000).await;
        stage.offer(json!({})).await;
        let answer = stage.ping_with(json!({"fields": Lead::fields(1)})).await;
        assert_eq!(answer["verdict"], "REFUSED");
        let told: Vec<(&str, &str)> = answer["reasons"].as_array().unwrap().iter()
            .map(|reason| (reason["code"].as_str().unwrap(), reason["path"].as_str().unwrap()))
            .collect();
        assert_eq!(
            told,
            [
                ("FIELD_NOT_IN_PING", "fields.name"),
                ("FIELD_NOT_IN_PING", "fields.phone"),
                ("FIELD_NOT_IN_PING", "fields.email"),
            ]
        );
        assert_eq!(answer["bids"], json!([]));
        let kept = stage.number("SELECT COUNT(*) AS n FROM pings WHERE features = '{}'").await;
        assert_eq!(kept, 1, "nothing of it is kept");

        let missing = stage.ping_with(json!({"fields": {"region": "RU-MOW"}})).await;
        let paths: Vec<_> = missing["reasons"].as_array().unwrap().iter()
            .map(|reason| (reason["code"].clone(), reason["path"].clone())).collect();
        assert_eq!(
            paths,
            [
                (json!("FIELD_REQUIRED"), json!("fields.purpose")),
                (json!("FIELD_REQUIRED"), json!("fields.loan_amount")),
            ],
            "what a ping does not bring is asked for at the post"
        );
        stage.app.finish().await;
    }

    async fn nobody_bids_with_a_reason(app: TestApp) {
        let stage = Stage::open(app, 10_000).await;
        stage.offer(json!({})).await;
        let answer = stage.ping(1).await;
        assert_eq!((&answer["verdict"], code(&answer)), (&json!("NO_BID"), "NO_OFFER_FUNDED"));
        assert!(answer.get("expires_at").is_none());
        let post = stage.post(1, &answer, json!({})).await;
        assert_eq!((&post["verdict"], code(&post)), (&json!("REJECTED"), "PING_WITHOUT_BIDS"));
        stage.app.finish().await;
    }

    async fn an_offer_that_asks_for_what_pings_do_not_bring_makes_no_promise(app: TestApp) {
        let stage = Stage::open(app, 10_000_000).await;
        let condition = json!({"op": "NOT", "of": {"op": "EQ", "field": "credit_history", "value": "BAD"}});
        stage.offer(json!({"conditions": [condition]})).await;
        let answer = stage.ping(1).await;
        assert_eq!((&answer["verdict"], code(&answer)), (&json!("NO_BID"), "CONDITION_FAILED"));
        assert_eq!(stage.market.send(&stage.source, 1).await["verdict"], "SOLD");
        stage.app.finish().await;
    }

    async fn the_same_key_and_body_are_answered_again(app: TestApp) {
        let stage = Stage::open(app, 10_000_000).await;
        stage.offer(json!({})).await;
        let key = &stage.source.key;
        let body = json!({"fields": Stage::fields(1)});
        let first = stage.send("/v1/pings", key, &body, "a").await;
        assert!(!first.headers().contains_key("idempotent-replayed"));
        let first: Value = first.json().await.unwrap();
        let again = stage.send("/v1/pings", key, &body, "a").await;
        assert_eq!(again.headers()["idempotent-replayed"], "true");
        assert_eq!(again.json::<Value>().await.unwrap(), first);
        assert_eq!(stage.wallet().await, [9_950_000, 50_000, 0, 1, 50_000], "one bid");
        let other = json!({"fields": Stage::fields(2), "max_sales": 1});
        assert_eq!(stage.send("/v1/pings", key, &other, "a").await.status(), 422);

        // A post may be named as its ping.
        let mut post = Lead::body(1);
        post["ping_id"] = first["ping_id"].clone();
        let sold: Value = stage.send("/v1/leads", key, &post, "a").await.json().await.unwrap();
        assert_eq!(sold["verdict"], "SOLD", "{sold}");
        let again = stage.send("/v1/leads", key, &post, "a").await;
        assert_eq!(again.headers()["idempotent-replayed"], "true");
        assert_eq!(again.json::<Value>().await.unwrap(), sold);
        // And a ping is posted once, also without a key.
        let again = stage.send("/v1/leads", key, &post, "").await;
        assert_eq!(again.headers()["idempotent-replayed"], "true");
        assert_eq!(again.json::<Value>().await.unwrap(), sold);
        let answered: Value = stage.send("/v1/pings", key, &body, "a").await.json().await.unwrap();
        assert_eq!(answered, first, "the stored answer, whatever became of it");
        assert_eq!(stage.number("SELECT COUNT(*) AS n FROM awards").await, 1);
        stage.app.finish().await;
    }
}
