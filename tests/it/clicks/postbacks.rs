//! Click-only by postback: the buyer's tracker knows one address and the click's id, nothing else.

use futures::future::join_all;
use leadbourse::demo::client::text;
use serde_json::{Value, json};

use super::road::{REGISTRATION, Road, SALE, terms};
use crate::each_engine;

/// A tracker with an address of the buyer's.
struct Tracker<'a> {
    road: &'a Road,
    path: String,
}

impl<'a> Tracker<'a> {
    async fn of(road: &'a Road, offer: Option<&str>) -> Self {
        let input = json!({"name": "tracker", "offerId": offer});
        let made = road.buyer.client.mutate("createPostbackToken", input, "secrets { path }").await;
        Self { road, path: text(&made.unwrap()["secrets"]["path"]) }
    }

    /// Status, whether it was a replay, and the answer.
    async fn get(&self, query: &str) -> (u16, bool, Value) {
        let answer = self.road.get(&format!("{}?{query}", self.path)).await;
        let replayed = answer.headers().contains_key("idempotent-replayed");
        (answer.status().as_u16(), replayed, answer.json().await.unwrap())
    }

    /// The code of a refusal.
    async fn code(&self, query: &str) -> Value {
        self.get(query).await.2["code"].clone()
    }
}

each_engine! {
    async fn two_postbacks_one_of_them_repeated_end_in_a_paid_statement(app: TestApp) {
        let road = Road::open(&app, 1_000_000, |_| {}).await;
        let tracker = Tracker::of(&road, None).await;
        let click = road.click("?sub1=radio").await;
        let registered = format!("click_id={click}&goal=registration&txid=r-1");
        let (status, replayed, first) = tracker.get(&registered).await;
        assert_eq!((status, replayed), (200, false), "{first}");
        assert_eq!(first["price"], road.market.money(REGISTRATION));
        let (status, replayed, again) = tracker.get(&registered).await;
        assert_eq!((status, replayed, &again), (200, true, &first), "answered like the first");
        let bought = format!("click={click}&txid=s-1&amount=9000.00");
        let (status, replayed, sold) = tracker.get(&bought).await;
        assert_eq!((status, replayed, &sold["award_id"]), (200, false, &first["award_id"]));
        assert_eq!(road.free().await, 1_000_000 - REGISTRATION - SALE);

        let leads = "{ leads { nodes { channel state chainValid awards { id conversions { goal } } } } }";
        let leads = road.publisher.client.query(leads, json!({})).await.unwrap();
        let nodes = leads["leads"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), 1);
        assert_eq!((&nodes[0]["channel"], &nodes[0]["state"]), (&json!("CLICK"), &json!("SOLD")));
        assert_eq!(nodes[0]["chainValid"], json!(true));
        assert_eq!(nodes[0]["awards"][0]["id"], first["award_id"]);
        assert_eq!(nodes[0]["awards"][0]["conversions"].as_array().unwrap().len(), 2);
        let log = "{ postbacks { nodes { code replayed awardId conversionId } } }";
        let log = road.buyer.client.query(log, json!({})).await.unwrap();
        let line = |one: &Value, replayed: bool| {
            json!({"code": "OK", "replayed": replayed, "awardId": one["award_id"],
                "conversionId": one["conversion_id"]})
        };
        let lines = [line(&sold, false), line(&first, true), line(&first, false)];
        assert_eq!(log["postbacks"]["nodes"], json!(lines));

        // 85 % of both prices.
        assert_eq!(road.settle(&app).await, (2, 102_000));
        let paid = "{ statements { nodes { state } } earnings { held { minor } paid { minor } } }";
        let paid = road.publisher.client.query(paid, json!({})).await.unwrap();
        assert_eq!(paid["statements"]["nodes"][0]["state"], "PAID");
        assert_eq!(paid["earnings"][0]["held"]["minor"], "0");
        assert_eq!(paid["earnings"][0]["paid"]["minor"], "102000");
        drop(road);
        app.finish().await;
    }

    async fn a_first_postback_that_comes_many_times_at_once_is_one_lead(app: TestApp) {
        let road = Road::open(&app, 1_000_000, |_| {}).await;
        let tracker = Tracker::of(&road, None).await;
        let click = road.click("").await;
        // Without a reference: the click is the reference.
        let query = format!("click_id={click}&goal=REGISTRATION");
        let told = join_all((0..10).map(|_| tracker.get(&query))).await;
        assert!(told.iter().all(|(status, _, _)| *status == 200), "{told:?}");
        assert_eq!(told.iter().filter(|(_, replayed, _)| !replayed).count(), 1);
        assert!(told.iter().all(|(_, _, one)| one["conversion_id"] == told[0].2["conversion_id"]));
        assert_eq!(road.free().await, 1_000_000 - REGISTRATION);
        assert_eq!(road.publisher.client.all("leads", "id").await.unwrap().len(), 1);
        drop(road);
        app.finish().await;
    }

    async fn a_lead_goal_is_paid_by_a_postback_and_a_sale_is_refunded(app: TestApp) {
        let road = Road::open(&app, 1_000_000, |terms| {
            let lead = json!({"kind": "LEAD", "price": {"minor": "30000", "currency": "RUB"}});
            terms["goals"][0] = lead;
        }).await;
        assert_eq!(road.market.currency, "RUB");
        let tracker = Tracker::of(&road, None).await;
        let click = road.click("").await;
        let (status, replayed, lead) = tracker.get(&format!("click_id={click}&goal=LEAD")).await;
        assert_eq!((status, replayed, &lead["price"]), (200, false, &road.market.money(30_000)));
        let (status, replayed, again) = tracker.get(&format!("click_id={click}&goal=LEAD")).await;
        assert_eq!((status, replayed, &again), (200, true, &lead));
        let sale = format!("click_id={click}&txid=s-1&amount=2000.00");
        assert_eq!(tracker.get(&sale).await.0, 200);
        assert_eq!(road.free().await, 1_000_000 - 30_000 - SALE);
        let refund = format!("click_id={click}&txid=s-1&status=refund&refunded=500.00");
        let (status, _, given) = tracker.get(&refund).await;
        assert_eq!((status, &given["returned_bps"]), (200, &json!(2_500)), "{given}");
        assert_eq!(road.free().await, 1_000_000 - 30_000 - SALE + SALE / 4);
        drop(road);
        app.finish().await;
    }

    async fn what_a_postback_may_not_report_on_a_click_is_refused(app: TestApp) {
        let road = Road::open(&app, 1_000_000, |_| {}).await;
        let other = terms(&road.market, |_| {});
        let other = road.market.offer(&road.buyer, "Other", other).await;
        let (click, free) = (road.click("").await, road.free().await);
        let foreign = Tracker::of(&road, Some(&other.id)).await;
        let query = format!("click_id={click}&goal=REGISTRATION&txid=1");
        assert_eq!(foreign.code(&query).await, "NOT_FOUND", "the address is another offer's");
        let tracker = Tracker::of(&road, Some(&road.offer.id)).await;
        for (query, code) in [
            ("click_id=clk_01j00000000000000000000000&txid=1".to_owned(), "NOT_FOUND"),
            ("click_id=nonsense&txid=1".to_owned(), "BAD_ID"),
            (format!("click_id={click}&award=awd_01h455vb4pex5vsknk084sn02q&txid=1"), "BAD_INPUT"),
            (format!("click_id={click}&goal=LEAD"), "NO_SUCH_GOAL"),
            (format!("click_id={click}&txid=1&amount=5&currency=USD"), "AMOUNT_CURRENCY"),
            (format!("click_id={click}&txid=1&status=refund"), "NOT_FOUND"),
        ] {
            assert_eq!(tracker.code(&query).await, code, "{query}");
        }
        assert_eq!(road.free().await, free);
        assert_eq!(tracker.get(&query).await.0, 200);
        assert_eq!(tracker.code(&format!("click_id={click}&goal=REGISTRATION&txid=2")).await, "GOAL_DONE");
        let rival = road.market.buyer("Rita Rival", 1_000_000).await;
        let input = json!({"name": "theirs"});
        let made = rival.client.mutate("createPostbackToken", input, "secrets { path }").await;
        let path = text(&made.unwrap()["secrets"]["path"]);
        let theirs = Tracker { road: &road, path };
        assert_eq!(theirs.code(&query).await, "NOT_FOUND", "another buyer's click");
        drop(theirs);
        assert_eq!(road.free().await, free - REGISTRATION);
        drop(tracker);
        drop(foreign);
        drop(road);
        app.finish().await;
    }
}
