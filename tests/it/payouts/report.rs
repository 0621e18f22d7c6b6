//! `POST /v1/conversions`: statuses, replays, refunds.

use serde_json::{Value, json};

use super::stage::Stage;
use crate::each_engine;
use crate::harness::market::Market;

fn goals(market: &Market) -> Value {
    json!([{"kind": "SALE", "attributionWindowS": 86_400,
        "percent": {"bps": 1_000, "min": market.money(1_000), "max": market.money(600_000)}}])
}

each_engine! {
    async fn every_answer_has_its_status(app: TestApp) {
        let stage = Stage::open(app, goals).await;
        let sold = stage.sell(1).await;
        let body = json!({"award_id": sold.award, "external_id": "a",
            "amount": stage.market.money(100_000)});
        let (status, replayed, first) = stage.report(&body).await;
        assert_eq!((status, replayed), (200, false), "{first}");
        assert_eq!(first["price"], stage.market.money(10_000));
        assert_eq!((&first["state"], &first["returned_bps"]), (&json!("HELD"), &json!(0)));
        let (status, replayed, again) = stage.report(&body).await;
        assert_eq!((status, replayed), (200, true));
        assert_eq!(again, first);

        let with = |part: &str, value: Value| {
            let mut changed = body.clone();
            changed[part] = value;
            changed
        };
        let dollars = json!({"minor": "1", "currency": "USD"});
        for (wrong, want, name) in [
            (with("amount", stage.market.money(100_001)), 409, "EVENT_DIFFERS"),
            (with("external_id", json!("b")), 409, "GOAL_DONE"),
            (with("amount", dollars), 422, "AMOUNT_CURRENCY"),
            (with("goal", json!("LEAD")), 422, "NO_SUCH_GOAL"),
            (with("goal", json!("CLICK")), 422, "BAD_INPUT"),
            (with("external_id", json!(" ")), 422, "BAD_EXTERNAL_REF"),
            (with("award_id", json!("awd_01h455vb4pex5vsknk084sn02q")), 404, "NOT_FOUND"),
            (with("award_id", json!("nonsense")), 400, "BAD_ID"),
            (with("lead_id", json!(sold.lead)), 422, "REQUIRED"),
            (with("contact", json!("x")), 400, "BAD_REQUEST"),
        ] {
            let (status, _, answer) = stage.report(&wrong).await;
            assert_eq!((status, &answer["code"]), (want, &json!(name)), "{answer}");
        }
        let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status();
        let url = format!("{}/v1/conversions", stage.app.url());
        assert_eq!(status(stage.http.post(&url).json(&body)).await, 401);
        assert_eq!(status(stage.http.post(&url).bearer_auth("lbk_no").json(&body)).await, 401);
        assert_eq!(status(stage.http.post(&url).bearer_auth(&stage.key).body("{}")).await, 415);
        assert_eq!(status(stage.post(&json!({}))).await, 400);
        // The same key with another body.
        let keyed = |body: &Value| stage.post(body).header("idempotency-key", "k");
        assert_eq!(status(keyed(&body)).await, 200);
        assert_eq!(status(keyed(&with("amount", stage.market.money(5)))).await, 422);
        assert_eq!(stage.wallet().await, (9_990_000, 0, 0));
        stage.app.finish().await;
    }

    async fn a_refund_over_http_gives_its_share_back(app: TestApp) {
        let stage = Stage::open(app, goals).await;
        let sold = stage.sell(1).await;
        let sale = json!({"award_id": sold.award, "external_id": "a",
            "amount": stage.market.money(4_000_000)});
        stage.billed(sale).await;
        let refund = |part: i64| json!({"lead_id": sold.lead, "external_id": "a",
            "status": "REFUNDED", "refunded": stage.market.money(part)});
        let (status, replayed, answer) = stage.report(&refund(1_000_000)).await;
        assert_eq!((status, replayed, &answer["returned_bps"]), (200, false, &json!(2_500)));
        assert!(stage.report(&refund(1_000_000)).await.1, "said twice, given back once");
        assert_eq!(stage.wallet().await, (9_700_000, 0, 0));
        let (status, _, answer) = stage.report(&refund(4_000_001)).await;
        assert_eq!((status, &answer["code"]), (422, &json!("REFUND_RANGE")));
        // The publisher sees why.
        let query = "{disputes{nodes{reasonCode state decidedBps}}}";
        let seen = stage.publisher.client.query(query, json!({})).await.unwrap();
        assert_eq!(
            seen["disputes"]["nodes"],
            json!([{"reasonCode": "REFUNDED", "state": "UPHELD", "decidedBps": 2_500}])
        );
        // What is left of the earning is paid: 340,000 less 85,000.
        assert_eq!(stage.settle().await, (1, 255_000));
        let (status, _, answer) = stage.report(&refund(2_000_000)).await;
        assert_eq!((status, &answer["code"]), (409, &json!("REFUND_TOO_LATE")));
        stage.app.finish().await;
    }
}
