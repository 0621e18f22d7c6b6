//! Which leads an order takes: what is asked of them, and what of the offer is not.

use leadbourse::demo::client::Client;
use leadbourse_core::time::{HOUR, SECOND};
use serde_json::{Value, json};

use super::stage::{Stage, refused};
use crate::each_engine;
use crate::harness::market::Lead;

/// What is read about why the newest award was bought.
async fn why(who: &Client) -> Vec<String> {
    let document = "{ awards { nodes { whyThisPrice { code } } } }";
    let seen = who.query(document, json!({})).await.unwrap();
    let said = seen["awards"]["nodes"][0]["whyThisPrice"].as_array().unwrap().clone();
    said.iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
}

each_engine! {
    async fn conditions_and_score_of_the_ordered_version_and_the_person_are_asked(app: TestApp) {
        let moscow = json!([{"op": "EQ", "field": "region", "value": "RU-MOW"}]);
        let stage = Stage::with(app, 1_000_000, json!({"conditions": moscow})).await;
        let order = stage.place(9, 48).await;
        stage.claim(&stage.paul, &order, 9, 48).await;
        let elsewhere = stage.send_with(&stage.site, 1, json!({"region": "RU-SPE"})).await;
        assert_eq!(elsewhere["reasons"][0]["code"], "CONDITION_FAILED");
        assert_eq!(stage.send(&stage.site, 2).await, "40000");
        let again = stage.send(&stage.site, 2).await;
        assert!(again.starts_with("DUPLICATE_"), "{again}");
        let bad = stage.send_with(&stage.site, 3, json!({"phone": "12"})).await;
        assert_eq!(bad["verdict"], "REJECTED");
        // What rules later does not change what was ordered.
        let mut terms = stage.market.terms(70_000);
        terms["conditions"] = json!([{"op": "EQ", "field": "region", "value": "RU-SPE"}]);
        let input = json!({"offerId": stage.offer.id, "name": "The offer", "terms": terms});
        let revised = stage.buyer.client.mutate("reviseOffer", input, "offer { draft { id } }").await.unwrap();
        stage.buyer.client.mutate("submitOffer", json!({"offerId": stage.offer.id}), "offer { id }").await.unwrap();
        let input = json!({"versionId": revised["offer"]["draft"]["id"], "approve": true});
        stage.market.operator.mutate("reviewOffer", input, "offer { id }").await.unwrap();
        assert_eq!(stage.send(&stage.site, 4).await, "40000");
        let elsewhere = stage.send_with(&stage.site, 5, json!({"region": "RU-SPE"})).await;
        assert_eq!(elsewhere["earning"]["minor"], "59500", "sold by the new terms, to the market");
        assert_eq!(stage.numbers(&order).await, ("OPEN".to_owned(), [9, 2, 7, 0, 0]));
        stage.app.finish().await;
    }

    async fn caps_and_hours_are_not_asked_but_the_award_counts(app: TestApp) {
        let one = json!([{"period": "DAY", "count": 1}]);
        // Open on Sundays only; the clock stands on a Monday.
        let window = json!({"days": [7], "fromMinute": 0, "toMinute": 1_440});
        let hours = json!({"timeZone": "Europe/Moscow", "windows": [window], "holidays": []});
        let more = json!({"caps": one, "publisherCaps": one, "schedule": hours});
        let stage = Stage::with(app, 1_000_000, more).await;
        let order = stage.place(3, 48).await;
        stage.claim(&stage.paul, &order, 3, 48).await;
        for n in 1..=3 {
            assert_eq!(stage.send(&stage.site, n).await, "40000");
        }
        assert_eq!(stage.send(&stage.site, 4).await, "OFFER_CLOSED_NOW");
        for table in ["offer_meters", "seller_meters"] {
            let sql = format!("SELECT day_count * 1000000 + day_money AS n FROM {table}");
            assert_eq!(stage.count(&sql).await, 3_120_000, "{table}");
        }
        assert_eq!(stage.count("SELECT awards_count AS n FROM offer_meters").await, 3);
        stage.app.finish().await;
    }

    async fn a_lead_after_the_deadline_is_not_sold_to_the_claim_even_before_the_clock_ran(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        let order = stage.place(5, 48).await;
        stage.claim(&stage.paul, &order, 5, 24).await;
        stage.app.clock.advance(24 * HOUR - 1);
        assert_eq!(stage.send(&stage.site, 1).await, "40000");
        stage.app.clock.advance(1);
        assert_eq!(stage.send(&stage.site, 2).await, "50000");
        stage.pass(0).await;
        assert_eq!(stage.numbers(&order).await, ("OPEN".to_owned(), [5, 1, 0, 4, 0]));
        stage.app.finish().await;
    }

    async fn an_ordered_lead_goes_to_that_buyer_alone_and_the_trace_says_why(app: TestApp) {
        let stage = Stage::with(app, 1_000_000, json!({"maxSales": 3})).await;
        let rich = stage.market.buyer("Rich Rival", 1_000_000).await;
        let mut terms = stage.market.terms(90_000);
        terms["maxSales"] = json!(3);
        stage.market.offer(&rich, "Dear", terms).await;
        let order = stage.place(1, 48).await;
        stage.claim(&stage.paul, &order, 1, 48).await;
        // A test and a simulation say so, and take nothing of the claim.
        let lead = Lead::body(1);
        let input = json!({"sourceId": stage.site.id, "fields": lead["fields"]});
        let selection = "simulation { sales { price { minor } } }";
        let would = stage.market.operator.mutate("simulateLead", input, selection).await.unwrap();
        let sales = would["simulation"]["sales"].as_array().unwrap();
        assert_eq!((sales.len(), &sales[0]["price"]["minor"]), (1, &json!("40000")));
        assert_eq!(stage.numbers(&order).await.1, [1, 0, 1, 0, 0]);
        let sold = stage.market.send(&stage.site, 1).await;
        assert_eq!(sold["awards"].as_array().unwrap().len(), 1);
        assert_eq!(sold["earning"]["minor"], "34000");
        let operator = why(&stage.market.operator).await;
        assert_eq!(operator, ["CHOSEN_BY_ORDER", "PRICE_ORDERED", "FEE", "ONLY_COPY"]);
        let buyer = why(&stage.buyer.client).await;
        assert_eq!(buyer, ["CHOSEN_BY_ORDER", "PRICE_ORDERED", "ONLY_COPY"]);
        // The next one goes to the auction.
        let next = stage.market.send(&stage.site, 2).await;
        assert_eq!(next["awards"].as_array().unwrap().len(), 2);
        stage.app.finish().await;
    }

    async fn pings_ask_the_market_and_late_posts_serve_claims(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        let order = stage.place(2, 48).await;
        stage.claim(&stage.paul, &order, 2, 48).await;
        let mut fields = Lead::fields(1);
        fields.retain(|name, _| !["name", "phone", "email"].contains(&name.as_str()));
        let input = json!({"sourceId": stage.site.id, "fields": fields});
        let selection = "verdict { pingId bids { earning { minor } } }";
        let ping = stage.paul.client.mutate("submitPing", input, selection).await.unwrap();
        assert_eq!(ping["verdict"]["bids"][0]["earning"]["minor"], "42500");
        stage.app.clock.advance(60 * SECOND);
        let mut body = Lead::body(1);
        body["ping_id"] = ping["verdict"]["pingId"].clone();
        body["late_as"] = json!("DIRECT");
        let visitor = Client::new(&stage.market.base).unwrap();
        let (_, verdict) = visitor.post_lead(&stage.site.key, &body).await.unwrap();
        assert_eq!((&verdict["verdict"], &verdict["earning"]["minor"]), (&json!("SOLD"), &json!("34000")));
        stage.pass(0).await;
        assert_eq!(stage.wallet().await, [920_000, 40_000, 0, 1, 40_000]);
        stage.app.finish().await;
    }

    async fn what_is_no_order_and_no_claim_is_refused(app: TestApp) {
        let stage = Stage::open(app, 100_000).await;
        let place = |wanted: i64, hours: i64, more: Value| {
            let mut input = json!({
                "offerId": stage.offer.id, "wanted": wanted, "deadline": stage.after(hours),
                "idempotencyKey": format!("{wanted}/{hours}/{more}"),
            });
            for (key, value) in more.as_object().unwrap() {
                input[key] = value.clone();
            }
            input
        };
        let buyer = &stage.buyer.client;
        for (input, code) in [
            (place(0, 1, json!({})), "ORDER_SIZE wanted"),
            (place(100_001, 1, json!({})), "ORDER_SIZE wanted"),
            (place(1, 0, json!({})), "ORDER_DEADLINE deadline"),
            (place(1, 1, json!({"price": {"minor": "0", "currency": "RUB"}})), "ORDER_SIZE wanted"),
            (place(1, 1, json!({"price": {"minor": "100", "currency": "EUR"}})), "AMOUNT_CURRENCY price"),
            (place(3, 1, json!({})), "INSUFFICIENT_FUNDS"),
        ] {
            assert_eq!(refused(buyer, "placeOrder", input.clone()).await, code, "{input}");
        }
        let mut hybrid = stage.market.terms(50_000);
        let sale = json!({"kind": "SALE", "price": stage.market.money(1), "attributionWindowS": 86_400});
        hybrid["goals"].as_array_mut().unwrap().push(sale);
        let hybrid = stage.market.offer(&stage.buyer, "Hybrid", hybrid).await;
        let input = place(1, 1, json!({"offerId": hybrid.id}));
        assert_eq!(refused(buyer, "placeOrder", input).await, "ORDER_OFFER");
        assert_eq!(stage.wallet().await, [100_000, 0, 0, 0, 0], "a refusal holds nothing");

        let order = stage.place(2, 24).await;
        let claim = |wanted: i64, hours: i64| json!({
            "orderId": order["id"], "wanted": wanted, "deadline": stage.after(hours),
            "idempotencyKey": format!("{wanted}/{hours}"),
        });
        let paul = &stage.paul.client;
        assert_eq!(refused(paul, "claimOrder", claim(0, 1)).await, "ORDER_SIZE wanted");
        assert_eq!(refused(paul, "claimOrder", claim(3, 1)).await, "ORDER_TAKEN wanted");
        assert_eq!(refused(paul, "claimOrder", claim(1, 25)).await, "ORDER_DEADLINE deadline");
        let made = stage.claim(&stage.paul, &order, 1, 24).await;
        assert_eq!(stage.claim(&stage.paul, &order, 1, 24).await["id"], made["id"], "the same key");
        assert_eq!(refused(paul, "claimOrder", claim(1, 1)).await, "ORDER_CLAIMED");
        let mismatch = json!({
            "orderId": order["id"], "wanted": 2, "idempotencyKey":
            format!("claim/{}/1/24", order["id"].as_str().unwrap()),
        });
        assert_eq!(refused(paul, "claimOrder", mismatch).await, "IDEMPOTENCY_MISMATCH");
        stage.cancel(&order).await;
        let late = claim(1, 2);
        assert_eq!(refused(&stage.rita.client, "claimOrder", late).await, "ORDER_CLOSED");
        let again = json!({"orderId": order["id"], "idempotencyKey": "again"});
        assert_eq!(refused(buyer, "cancelOrder", again).await, "ORDER_CLOSED");
        stage.release(&stage.paul, &made).await;
        let again = json!({"claimId": made["id"], "idempotencyKey": "again"});
        assert_eq!(refused(paul, "releaseClaim", again).await, "ORDER_CLAIM_CLOSED");
        assert_eq!(stage.wallet().await, [100_000, 0, 0, 0, 0]);
        stage.app.finish().await;
    }
}
