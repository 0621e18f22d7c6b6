//! What a post may say, and at what it is bought.

use leadbourse_core::time::SECOND;
use serde_json::{Value, json};

use super::stage::{EARNING, Stage, code};
use crate::each_engine;
use crate::harness::market::Lead;

each_engine! {
    async fn a_contradiction_is_refused_with_the_difference_and_may_be_corrected(app: TestApp) {
        let stage = Stage::open(app, 10_000_000).await;
        stage.offer(json!({})).await;
        let ping = stage.ping(1).await;
        let mut fields = Lead::fields(1);
        fields["region"] = json!("RU-SPE");
        fields["loan_amount"] = json!(6_000_000);
        fields.remove("employment");
        let post = stage.post(1, &ping, json!({"fields": fields})).await;
        assert_eq!(post["verdict"], "REJECTED");
        let told: Vec<(&str, &str, &str)> = post["reasons"].as_array().unwrap().iter()
            .map(|r| (r["code"].as_str().unwrap(), r["path"].as_str().unwrap(), r["message"].as_str().unwrap()))
            .collect();
        let contradicted = "PING_CONTRADICTED";
        assert_eq!(
            told,
            [
                (contradicted, "fields.region", "The ping said “RU-MOW”, the post says “RU-SPE”."),
                (contradicted, "fields.loan_amount", "The ping said 5000000, the post says 6000000."),
                (contradicted, "fields.employment", "The ping said “EMPLOYED”, the post says nothing."),
            ]
        );
        assert_eq!(stage.wallet().await, [9_950_000, 50_000, 0, 1, 50_000], "the bid stands");
        let sold = stage.post(1, &ping, json!({})).await;
        assert_eq!(sold["verdict"], "SOLD", "{sold}");
        assert_eq!(stage.wallet().await, [9_950_000, 0, 0, 0, 0]);
        stage.app.finish().await;
    }

    async fn what_the_ping_left_out_may_be_added_unless_the_offer_excludes_it(app: TestApp) {
        let stage = Stage::open(app, 10_000_000).await;
        let few = json!({"op": "NOT", "of": {"op": "EQ", "field": "programme", "value": "MILITARY"}});
        stage.offer(json!({"conditions": [few]})).await;
        let with = |programme: &str| {
            let mut fields = Lead::fields(1);
            fields.insert("programme".to_owned(), json!(programme));
            json!({"fields": fields})
        };
        let ping = stage.ping(1).await;
        let post = stage.post(1, &ping, with("MILITARY")).await;
        assert_eq!((code(&post), &post["reasons"][0]["path"]), ("PING_CONTRADICTED", &json!("fields.programme")));
        assert_eq!(stage.post(1, &ping, with("FAMILY")).await["verdict"], "SOLD");
        stage.app.finish().await;
    }

    async fn a_late_post_is_refused_or_goes_to_the_market_if_asked(app: TestApp) {
        // Money for one: the late direct post needs what its own bid held.
        let stage = Stage::open(app, 50_000).await;
        stage.offer(json!({})).await;
        let ping = stage.ping(1).await;
        assert_eq!(stage.wallet().await, [0, 50_000, 0, 1, 50_000]);
        stage.app.clock.advance(30 * SECOND);
        let post = stage.post(1, &ping, json!({})).await;
        assert_eq!((&post["verdict"], code(&post)), (&json!("REJECTED"), "BID_EXPIRED"));
        assert_eq!(stage.wallet().await, [50_000, 0, 0, 0, 0], "freed at once");

        let ping = stage.ping(2).await;
        stage.app.clock.advance(30 * SECOND);
        let post = stage.post(2, &ping, json!({"late_as": "DIRECT"})).await;
        assert_eq!(post["verdict"], "SOLD", "{post}");
        assert_eq!(stage.wallet().await, [0, 0, 0, 0, 0]);
        stage.app.drain().await;
        let expired = "SELECT COUNT(*) AS n FROM pings WHERE state = 'EXPIRED' AND lead_id IS NULL";
        assert_eq!(stage.number(expired).await, 2);
        assert_eq!(stage.number("SELECT lapsed AS n FROM ping_meters").await, 2);
        stage.app.finish().await;
    }

    async fn of_shared_bids_the_publisher_posts_to_some(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        let (second, third) =
            (stage.market.buyer("Bo Buyer", 1_000_000).await, stage.market.buyer("Bill Buyer", 1_000_000).await);
        let shared = |price: i64| json!({
            "maxSales": 3, "goals": [{"kind": "LEAD", "price": stage.market.money(price)}],
        });
        stage.offer_of(&stage.buyer, "First", shared(60_000)).await;
        stage.offer_of(&second, "Second", shared(50_000)).await;
        stage.offer_of(&third, "Third", shared(40_000)).await;
        let ping = stage.ping(1).await;
        let shown: Vec<(&str, &str, i64, bool)> = ping["bids"].as_array().unwrap().iter()
            .map(|bid| (
                bid["offer"].as_str().unwrap(), bid["earning"]["minor"].as_str().unwrap(),
                bid["copies"].as_i64().unwrap(), bid["exclusive"].as_bool().unwrap(),
            ))
            .collect();
        assert_eq!(
            shown,
            [("First", "51000", 3, false), ("Second", "42500", 3, false), ("Third", "34000", 3, false)]
        );
        assert_eq!(ping["earning"]["minor"], "127500");
        let wanted = json!([ping["bids"][0]["bid_id"], ping["bids"][2]["bid_id"]]);
        let wrong = stage.post(1, &ping, json!({"bid_ids": ["bid_01h455vb4pex5vsknk084sn02q"]})).await;
        assert_eq!((code(&wrong), &wrong["reasons"][0]["path"]), ("BID_UNKNOWN", &json!("bid_ids[0]")));
        let sold = stage.post(1, &ping, json!({"bid_ids": wanted})).await;
        let earned: Vec<&str> = sold["awards"].as_array().unwrap().iter()
            .map(|award| award["earning"]["minor"].as_str().unwrap()).collect();
        assert_eq!(earned, ["51000", "34000"]);
        let states = "SELECT COUNT(*) AS n FROM ping_bids WHERE state = ";
        assert_eq!(stage.number(&format!("{states}'CAPTURED'")).await, 2);
        assert_eq!(stage.number(&format!("{states}'RELEASED'")).await, 1);
        let held = "SELECT CAST(SUM(day_count) AS BIGINT) AS n FROM offer_meters";
        assert_eq!(stage.number(held).await, 2, "the one left has its place again");
        assert_eq!(stage.number("SELECT open_bids AS n FROM ping_meters").await, 0);
        stage.app.finish().await;
    }

    async fn a_bid_is_a_promise_though_the_offer_pauses_and_changes(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        let offer = stage.offer(json!({})).await;
        let first = stage.ping(1).await;
        let second = stage.ping(2).await;
        let input = json!({
            "offerId": offer.id, "name": "The offer", "terms": stage.market.terms(40_000),
        });
        let revised = stage.buyer.client.mutate("reviseOffer", input, "offer { id draft { id } }").await.unwrap();
        let version = revised["offer"]["draft"]["id"].clone();
        stage.buyer.client.mutate("submitOffer", json!({"offerId": offer.id}), "offer { id }").await.unwrap();
        let input = json!({"versionId": version, "approve": true});
        stage.market.operator.mutate("reviewOffer", input, "offer { id }").await.unwrap();
        stage.app.drain().await;
        let sold = stage.post(1, &first, json!({})).await;
        assert_eq!((&sold["verdict"], &sold["earning"]["minor"]), (&json!("SOLD"), &json!(EARNING)));

        stage.buyer.client.mutate("pauseOffer", json!({"offerId": offer.id}), "offer { state }").await.unwrap();
        assert_eq!(stage.ping(3).await["verdict"], "NO_BID", "no new bids");
        let sold = stage.post(2, &second, json!({})).await;
        assert_eq!((&sold["verdict"], &sold["earning"]["minor"]), (&json!("SOLD"), &json!(EARNING)));
        assert_eq!(stage.wallet().await, [900_000, 0, 0, 0, 0]);
        stage.app.finish().await;
    }

    async fn a_person_sold_between_ping_and_post_frees_the_bid(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        stage.offer(json!({})).await;
        let ping = stage.ping(1).await;
        assert_eq!(stage.market.send(&stage.source, 1).await["verdict"], "SOLD");
        let post = stage.post(1, &ping, json!({})).await;
        assert_eq!((&post["verdict"], code(&post)), (&json!("REJECTED"), "DUPLICATE_PHONE_30D"));
        assert_eq!(stage.wallet().await, [950_000, 0, 0, 0, 0]);
        assert_eq!(stage.number("SELECT day_count AS n FROM offer_meters").await, 1);
        stage.app.finish().await;
    }

    async fn a_ping_belongs_to_its_source(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        stage.offer(json!({})).await;
        let ping = stage.ping(1).await;
        let other = stage.market.source(&stage.publisher, "Other site", 1).await;
        let mut body = Lead::body(1);
        for named in [ping["ping_id"].clone(), json!("png_01h455vb4pex5vsknk084sn02q"), json!("?")] {
            body["ping_id"] = named;
            let post: Value = stage.send("/v1/leads", &other.key, &body, "").await.json().await.unwrap();
            assert_eq!((&post["verdict"], code(&post)), (&json!("REJECTED"), "PING_UNKNOWN"));
            assert_eq!(post["reasons"][0]["path"], "ping_id");
        }
        assert_eq!(stage.post(1, &ping, json!({})).await["verdict"], "SOLD");
        stage.app.finish().await;
    }

    async fn a_bid_of_two_goals_holds_both_and_leaves_the_second_reserved(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        stage.offer(json!({"goals": [
            {"kind": "LEAD", "price": stage.market.money(50_000)},
            {"kind": "SALE", "price": stage.market.money(200_000), "reserveBps": 2_500,
             "attributionWindowS": 86_400},
        ]})).await;
        let ping = stage.ping(1).await;
        assert_eq!(ping["bids"][0]["earning"]["minor"], EARNING);
        assert_eq!(stage.wallet().await, [900_000, 100_000, 0, 1, 100_000]);
        stage.app.assert_balanced().await;
        assert_eq!(stage.post(1, &ping, json!({})).await["verdict"], "SOLD");
        assert_eq!(stage.wallet().await, [900_000, 50_000, 0, 0, 0]);
        stage.app.assert_balanced().await;
        stage.app.clock.advance(86_401 * SECOND);
        stage.app.app.conversions.release_expired().await.unwrap();
        assert_eq!(stage.wallet().await, [950_000, 0, 0, 0, 0]);
        stage.app.finish().await;
    }
}
