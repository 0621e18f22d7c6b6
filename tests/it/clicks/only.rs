//! Click-only: the first report on a click makes lead, award and conversion.

use futures::future::join_all;
use leadbourse_core::time::DAY;
use serde_json::{Value, json};

use super::road::{REGISTRATION, Road, SALE, terms};
use crate::each_engine;

each_engine! {
    async fn two_reports_one_of_them_repeated_end_in_a_paid_statement(app: TestApp) {
        let road = Road::open(&app, 1_000_000, |_| {}).await;
        let key = road.key().await;
        let click = road.click("?sub1=a").await;
        let (status, first) = road.report(&key, &click, "REGISTRATION", "r-1").await;
        assert_eq!(status, 200, "{first}");
        assert_eq!(road.free().await, 1_000_000 - REGISTRATION);
        let (status, again) = road.report(&key, &click, "REGISTRATION", "r-1").await;
        assert_eq!((status, &again["conversion_id"]), (200, &first["conversion_id"]));
        let (status, sold) = road.report(&key, &click, "SALE", "s-1").await;
        assert_eq!((status, &sold["award_id"]), (200, &first["award_id"]), "{sold}");
        assert_ne!(sold["conversion_id"], first["conversion_id"]);
        assert_eq!(road.free().await, 1_000_000 - REGISTRATION - SALE);

        let leads = "{ leads { nodes { channel state fields chainValid \
                     awards { conversions { goal } } } } }";
        let leads = road.publisher.client.query(leads, json!({})).await.unwrap();
        let nodes = leads["leads"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), 1);
        let lead = &nodes[0];
        assert_eq!((&lead["channel"], &lead["state"]), (&json!("CLICK"), &json!("SOLD")));
        assert_eq!((&lead["fields"], &lead["chainValid"]), (&json!({}), &json!(true)));
        let billed = lead["awards"][0]["conversions"].as_array().unwrap();
        let mut goals: Vec<_> = billed.iter().map(|one| one["goal"].as_str().unwrap()).collect();
        goals.sort_unstable();
        assert_eq!(goals, ["REGISTRATION", "SALE"]);

        // 85 % of both prices.
        assert_eq!(road.settle(&app).await, (2, 102_000));
        let paid = "{ statements { nodes { state } } earnings { paid { minor } } }";
        let paid = road.publisher.client.query(paid, json!({})).await.unwrap();
        assert_eq!(paid["statements"]["nodes"][0]["state"], "PAID");
        assert_eq!(paid["earnings"][0]["paid"]["minor"], "102000");
        drop(road);
        app.finish().await;
    }

    async fn the_version_of_the_click_rules(app: TestApp) {
        let road = Road::open(&app, 1_000_000, |_| {}).await;
        let key = road.key().await;
        let old = road.click("").await;
        let mut dearer = terms(&road.market, |_| {});
        dearer["goals"][0]["price"] = road.market.money(30_000);
        let input = json!({"offerId": road.offer.id, "terms": dearer});
        let revised = road.buyer.client.mutate("reviseOffer", input, "offer { draft { id } }").await.unwrap();
        road.buyer.client.mutate("submitOffer", json!({"offerId": road.offer.id}), "offer { id }").await.unwrap();
        let input = json!({"versionId": revised["offer"]["draft"]["id"], "approve": true});
        road.market.operator.mutate("reviewOffer", input, "offer { id }").await.unwrap();
        let new = road.click("").await;
        // A paused offer pays for the clicks that it got.
        road.buyer.client.mutate("pauseOffer", json!({"offerId": road.offer.id}), "offer { id }").await.unwrap();
        for (click, price) in [(&old, REGISTRATION), (&new, 30_000)] {
            let before = road.free().await;
            let (status, done) = road.report(&key, click, "REGISTRATION", "r").await;
            assert_eq!(status, 200, "{done}");
            assert_eq!(before - road.free().await, price);
        }
        drop(road);
        app.finish().await;
    }

    async fn what_is_not_the_buyers_or_came_too_late_is_refused(app: TestApp) {
        let road = Road::open(&app, 1_000_000, |terms| {
            terms["caps"] = json!([{"period": "DAY", "count": 1}]);
        }).await;
        let key = road.key().await;
        let (one, two) = (road.click("").await, road.click("").await);
        let robot = road.visit(&road.source.id, "", "curl/8.5.0").await.click();
        let code = async |click: &str, goal: &str, id: &str| -> Value {
            road.report(&key, click, goal, id).await.1["code"].clone()
        };
        assert_eq!(code(&robot, "SALE", "1").await, "CLICK_BOT");
        assert_eq!(code("clk_01j00000000000000000000000", "SALE", "1").await, "NOT_FOUND");
        assert_eq!(code(&one, "LEAD", "1").await, "NO_SUCH_GOAL");
        assert_eq!(code(&one, "REGISTRATION", "1").await, Value::Null);
        assert_eq!(code(&one, "REGISTRATION", "2").await, "GOAL_DONE");
        assert_eq!(code(&two, "REGISTRATION", "3").await, "OFFER_CAPPED");
        app.advance(2 * DAY).await;
        // The cap has room again, and the report may come again.
        assert_eq!(code(&two, "REGISTRATION", "3").await, Value::Null);
        app.advance(29 * DAY).await;
        assert_eq!(code(&two, "SALE", "4").await, "CLICK_TOO_OLD");
        assert_eq!(road.free().await, 1_000_000 - 2 * REGISTRATION);
        drop(road);
        app.finish().await;
    }

    async fn a_first_report_told_by_many_is_one_lead(app: TestApp) {
        let road = Road::open(&app, 1_000_000, |_| {}).await;
        let key = road.key().await;
        let click = road.click("").await;
        let told = (0..10).map(|_| road.report(&key, &click, "REGISTRATION", "r"));
        let told = join_all(told).await;
        assert!(told.iter().all(|(status, _)| *status == 200), "{told:?}");
        assert!(told.iter().all(|(_, one)| one["conversion_id"] == told[0].1["conversion_id"]));
        assert_eq!(road.free().await, 1_000_000 - REGISTRATION);
        assert_eq!(road.publisher.client.all("leads", "id").await.unwrap().len(), 1);
        drop(road);
        app.finish().await;
    }
}
