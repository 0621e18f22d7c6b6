//! The routing simulator: the answer of a true lead, and nothing of it stays.

use serde_json::{Value, json};

use crate::each_engine;
use crate::harness::market::{Lead, Market, Source};

const SHOWN: &str = "simulation { \
    verdict { state test earning: awards { earning { minor } } reasons { code path } } \
    sales { copyNo price { minor } earning { minor } offer { id } whyThisPrice { code } } \
    trace { offerId outcome code rank price { minor } } \
    wouldHaveSold { code offerId facts { name count money { minor } } } }";

async fn simulated(market: &Market, source: &Source, n: u64) -> Value {
    let input = json!({"sourceId": source.id, "fields": Lead::body(n)["fields"]});
    let done = market.operator.mutate("simulateLead", input, SHOWN).await.unwrap();
    done["simulation"].clone()
}

each_engine! {
    async fn a_simulation_answers_like_the_market_and_leaves_nothing(app: TestApp) {
        let market = Market::open(&app).await;
        let ann = market.buyer("Ann", 10_000_000).await;
        let bob = market.buyer("Bob", 10_000_000).await;
        let mut terms = market.terms(90_000);
        terms["caps"] = json!([{"period": "TOTAL", "count": 1}]);
        let best = market.offer(&ann, "Best", terms).await;
        let next = market.offer(&bob, "Next", market.terms(50_000)).await;
        let publisher = market.publisher("Pub").await;
        let source = market.source(&publisher, "Site", 1).await;

        for _ in 0..2 {
            let seen = simulated(&market, &source, 1).await;
            assert_eq!(
                seen["verdict"],
                json!({"state": "SOLD", "test": true, "reasons": [],
                    "earning": [{"earning": {"minor": "76500"}}]})
            );
            let sale = &seen["sales"][0];
            assert_eq!(sale["offer"]["id"], best.id);
            assert_eq!((&sale["copyNo"], &sale["price"]["minor"], &sale["earning"]["minor"]),
                (&json!(1), &json!("90000"), &json!("76500")));
            let why: Vec<&str> = sale["whyThisPrice"].as_array().unwrap().iter()
                .map(|why| why["code"].as_str().unwrap()).collect();
            assert_eq!(why, ["CHOSEN_BY_AUCTION", "PRICE_DECLARED", "FEE", "ONLY_COPY", "BID_COUNTED", "RUNNER_UP"]);
            assert_eq!(
                seen["trace"],
                json!([
                    {"offerId": best.id, "outcome": "WON", "code": null, "rank": 1,
                        "price": {"minor": "90000"}},
                    {"offerId": next.id, "outcome": "LOST", "code": "OUTBID", "rank": 2,
                        "price": {"minor": "50000"}},
                ])
            );
        }
        // Neither list knows of it, and the person and the cap are free.
        let nothing = "{ leads { nodes { id } } testLeads { nodes { id } } }";
        let seen = market.operator.query(nothing, json!({})).await.unwrap();
        assert_eq!(seen, json!({"leads": {"nodes": []}, "testLeads": {"nodes": []}}));
        let sold = market.send(&source, 1).await;
        assert_eq!((&sold["verdict"], &sold["awards"][0]["offer_id"]), (&json!("SOLD"), &json!(best.id)));

        // The market has changed, and the simulator says so.
        let repeated = simulated(&market, &source, 1).await;
        assert_eq!(repeated["verdict"]["reasons"][0]["code"], "DUPLICATE_PHONE_30D");
        let second = simulated(&market, &source, 2).await;
        assert_eq!(second["sales"][0]["offer"]["id"], next.id);
        let pause = json!({"offerId": next.id});
        bob.client.mutate("pauseOffer", pause, "offer { state }").await.unwrap();
        let third = simulated(&market, &source, 3).await;
        assert_eq!(third["verdict"]["state"], "UNSOLD");
        assert_eq!(third["sales"], json!([]));
        assert_eq!(third["wouldHaveSold"][0]["code"], "NEEDS_ROOM", "{third}");
        assert_eq!(third["wouldHaveSold"][0]["offerId"], best.id);
        app.finish().await;
    }

    async fn only_moderators_simulate(app: TestApp) {
        let market = Market::open(&app).await;
        let publisher = market.publisher("Pub").await;
        let source = market.source(&publisher, "Site", 1).await;
        let input = json!({"sourceId": source.id, "fields": {}});
        let refused = publisher.client
            .try_mutate("simulateLead", input, "simulation { verdict { state } }").await.unwrap();
        assert_eq!(refused.unwrap_err()[0].code, "NOT_FOUND");
        // Without consent the niche refuses, as it would a true lead.
        let input = json!({"sourceId": source.id, "consent": false,
            "fields": Lead::body(1)["fields"]});
        let seen = market.operator.mutate("simulateLead", input, SHOWN).await.unwrap();
        assert_eq!(
            seen["simulation"]["verdict"]["reasons"],
            json!([{"code": "CONSENT_MISSING", "path": "consent"}])
        );
        app.finish().await;
    }
}
