//! Who sees what of a ping, and GraphQL's way in.

use leadbourse_core::time::SECOND;
use serde_json::{Value, json};

use super::stage::Stage;
use crate::each_engine;
use crate::harness::market::{Lead, Seat};

const PINGS: &str = "{ pings { nodes { id state score fields hashedFields reasons { code } \
    source { name } lead { id } expiresAt endedAt trace { outcome offerName } \
    bids { offerName state copies exclusive earning { minor } price { minor } \
    reserved { minor } award { id } } } } }";

async fn pings(seat: &leadbourse::demo::client::Client) -> Vec<Value> {
    let answer = seat.query(PINGS, json!({})).await.unwrap();
    answer["pings"]["nodes"].as_array().unwrap().clone()
}

each_engine! {
    async fn graphql_pings_and_posts_as_rest_does(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        stage.offer(json!({})).await;
        let Seat { client, .. } = &stage.publisher;
        let input = json!({
            "sourceId": stage.source.id, "fields": Stage::fields(1), "meta": {"sub1": "a"},
            "idempotencyKey": "p-1",
        });
        let selection = "verdict { pingId outcome replayed reasons { code } expiresAt earning { minor } \
            bids { bidId offerName earning { minor } copies exclusive } }";
        let first = client.mutate("submitPing", input.clone(), selection).await.unwrap();
        let verdict = &first["verdict"];
        assert_eq!((&verdict["outcome"], &verdict["replayed"]), (&json!("BIDS"), &json!(false)));
        assert_eq!(verdict["bids"][0]["offerName"], "The offer");
        assert_eq!(verdict["bids"][0]["earning"]["minor"], "42500");
        let again = client.mutate("submitPing", input, selection).await.unwrap();
        assert_eq!(again["verdict"]["replayed"], true);
        assert_eq!(again["verdict"]["pingId"], verdict["pingId"]);

        let lead = |late: &str| json!({
            "sourceId": stage.source.id, "fields": Lead::fields(1), "pingId": verdict["pingId"],
            "bidIds": [verdict["bids"][0]["bidId"]], "lateAs": late,
            "consent": {"text": "I agree."},
        });
        let selection = "verdict { state reasons { code } awards { earning { minor } } }";
        let sold = client.mutate("submitLead", lead("REFUSED"), selection).await.unwrap();
        assert_eq!(sold["verdict"]["state"], "SOLD", "{sold}");
        assert_eq!(sold["verdict"]["awards"][0]["earning"]["minor"], "42500");
        stage.app.finish().await;
    }

    async fn publishers_see_their_pings_operators_all_buyers_none(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        stage.offer(json!({})).await;
        let ping = stage.ping(1).await;
        assert_eq!(stage.post(1, &ping, json!({})).await["verdict"], "SOLD");
        // Of one instant the order is anybody's.
        stage.app.clock.advance(SECOND);
        stage.ping(2).await;
        stage.pass(35 * SECOND).await;
        stage.ping_with(json!({"fields": {}})).await;

        let own = pings(&stage.publisher.client).await;
        let states: Vec<&str> = own.iter().map(|ping| ping["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["REFUSED", "EXPIRED", "POSTED"]);
        let posted = &own[2];
        assert_eq!(posted["fields"]["region"], "RU-MOW");
        assert_eq!(posted["source"]["name"], "Site");
        assert!(posted["lead"]["id"].is_string() && posted["trace"].is_null());
        let bid = &posted["bids"][0];
        assert_eq!((&bid["state"], &bid["earning"]["minor"]), (&json!("CAPTURED"), &json!("42500")));
        assert!(bid["price"].is_null() && bid["reserved"].is_null(), "the price is not theirs");
        assert!(bid["award"]["id"].is_string());
        assert_eq!(own[1]["bids"][0]["state"], "EXPIRED");

        let all = pings(&stage.market.operator).await;
        assert_eq!(all.len(), 3);
        assert_eq!(all[2]["bids"][0]["price"]["minor"], "50000");
        assert_eq!(all[2]["trace"], json!([{"outcome": "WON", "offerName": "The offer"}]));

        let other = stage.market.publisher("Peter Publisher").await;
        assert!(pings(&other.client).await.is_empty());
        let id = &own[2]["id"];
        let one = "query($id: ID!) { ping(id: $id) { id } }";
        let seen = stage.publisher.client.query(one, json!({"id": id})).await.unwrap();
        assert_eq!(&seen["ping"]["id"], id);
        let seen = other.client.query(one, json!({"id": id})).await.unwrap();
        assert!(seen["ping"].is_null());
        assert!(stage.buyer.client.query(PINGS, json!({})).await.is_err());

        let ratios = "{ pingRatios { source { name } pings withBids posted expired postRatioBps } }";
        let found = stage.publisher.client.query(ratios, json!({})).await.unwrap();
        assert_eq!(
            found["pingRatios"],
            json!([{
                "source": {"name": "Site"}, "pings": 3, "withBids": 2, "posted": 1, "expired": 1,
                "postRatioBps": 5_000,
            }])
        );
        let filtered = "{ pings(state: EXPIRED) { nodes { state } } }";
        let found = stage.market.operator.query(filtered, json!({})).await.unwrap();
        assert_eq!(found["pings"]["nodes"], json!([{"state": "EXPIRED"}]));
        stage.app.finish().await;
    }
}
