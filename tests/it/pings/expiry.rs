//! What nobody posts comes back: once, and whatever happened in between.

use leadbourse::boot::App;
use leadbourse::platform::clock::Clock;
use leadbourse_core::time::SECOND;
use serde_json::json;
use std::time::Duration;

use super::stage::{Stage, code};
use crate::each_engine;

each_engine! {
    async fn expired_bids_free_money_caps_and_ceilings(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        let day = json!([{"period": "DAY", "count": 1}]);
        stage.offer(json!({"caps": day, "publisherCaps": day})).await;
        assert_eq!(stage.ping(1).await["verdict"], "BIDS");
        let full = stage.ping(2).await;
        assert_eq!((&full["verdict"], code(&full)), (&json!("NO_BID"), "OFFER_CAPPED"));
        assert_eq!(stage.wallet().await, [950_000, 50_000, 0, 1, 50_000]);
        stage.pass(29 * SECOND).await;
        assert_eq!(stage.wallet().await, [950_000, 50_000, 0, 1, 50_000]);
        stage.pass(6 * SECOND).await;
        assert_eq!(stage.wallet().await, [1_000_000, 0, 0, 0, 0]);
        for column in ["hour", "day", "week", "month", "total"] {
            for (table, what) in [("offer_meters", "count"), ("offer_meters", "money"), ("seller_meters", "count"), ("seller_meters", "money")] {
                let sql = format!("SELECT {column}_{what} AS n FROM {table}");
                assert_eq!(stage.number(&sql).await, 0, "{sql}");
            }
        }
        assert_eq!(stage.number("SELECT open_bids AS n FROM ping_meters").await, 0);
        assert_eq!(stage.number("SELECT COUNT(*) AS n FROM ledger_txs WHERE kind = 'BID_RELEASE'").await, 1);
        assert_eq!(stage.app.app.exchange.expire_bids().await.unwrap(), 0, "once");
        assert_eq!(stage.ping(3).await["verdict"], "BIDS", "there is room again");
        stage.pass(60 * SECOND).await;
        stage.app.finish().await;
    }

    async fn money_that_comes_back_pays_a_debt_first(app: TestApp) {
        let stage = Stage::open(app, 100_000).await;
        stage.offer(json!({"goals": [
            {"kind": "LEAD", "price": stage.market.money(50_000)},
            {"kind": "SALE", "price": stage.market.money(60_000), "reserveBps": 0,
             "attributionWindowS": 86_400},
        ]})).await;
        assert_eq!(stage.market.send(&stage.source, 1).await["verdict"], "SOLD");
        assert_eq!(stage.ping(2).await["verdict"], "BIDS");
        let inbox = stage.buyer.client.query("{ awards { nodes { id } } }", json!({})).await.unwrap();
        let input = json!({
            "awardId": inbox["awards"]["nodes"][0]["id"], "goal": "SALE", "externalId": "s-1",
            "idempotencyKey": "s-1",
        });
        stage.buyer.client.mutate("reportConversion", input, "conversion { id }").await.unwrap();
        assert_eq!(stage.wallet().await, [0, 50_000, 60_000, 1, 50_000]);
        stage.pass(35 * SECOND).await;
        assert_eq!(stage.wallet().await, [0, 0, 10_000, 0, 0]);
        let unfunded = "SELECT CAST(SUM(unfunded) AS BIGINT) AS n FROM conversions";
        stage.app.drain().await;
        let mut left = stage.number(unfunded).await;
        for _ in 0..200 {
            if left == 10_000 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            left = stage.number(unfunded).await;
        }
        assert_eq!(left, 10_000);
        stage.app.finish().await;
    }

    async fn a_stop_between_reserve_and_answer_leaks_nothing_past_the_time_to_live(app: TestApp) {
        let stage = Stage::open(app, 10_000_000).await;
        stage.offer(json!({})).await;
        let fields = Stage::fields(1);
        // Senders that hang up before the answer.
        let url = format!("{}/v1/pings", stage.app.url());
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_millis(3)).build().unwrap();
        let sent = (0..20).map(|_| {
            http.post(&url).bearer_auth(&stage.source.key).json(&json!({"fields": fields})).send()
        });
        futures::future::join_all(sent).await;
        for n in 0..3 {
            assert_eq!(stage.ping(n).await["verdict"], "BIDS");
        }
        let kind = stage.app.kind;
        let now = stage.app.clock.now();
        let held = "SELECT CAST(SUM(amount) AS BIGINT) AS n FROM ping_bids WHERE state = 'OPEN'";
        assert!(stage.number(held).await >= 150_000);
        let Stage { app, market, buyer, publisher, source, .. } = stage;
        drop((market, buyer, publisher, source));
        let (config, ground) = app.hand_over().await;

        let app = App::open(config, Clock::manual(now.plus(30 * SECOND))).await.unwrap();
        let found = app.settlements.verify().await.unwrap();
        assert!(found.is_empty(), "{kind:?}: what is reserved are the open bids: {found:?}");
        assert!(app.exchange.expire_bids().await.unwrap() >= 3);
        let tx = app.db.begin_read().await.unwrap();
        let open = leadbourse::pings::open_sums(&tx).await.unwrap();
        drop(tx);
        assert!(open.is_empty(), "{open:?}");
        let found = app.settlements.verify().await.unwrap();
        assert!(found.is_empty(), "{found:?}");
        app.shutdown.finish(Duration::from_secs(10)).await;
        app.db.close().await.unwrap();
        drop(ground);
    }
}
