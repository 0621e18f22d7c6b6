//! Buyers that were sent a lead and say nothing.

use leadbourse_core::time::SECOND;
use serde_json::json;

use super::buyers::Says;
use super::stage::{Stage, app};
use crate::each_engine;

each_engine! {
    async fn a_status_that_says_yes_sells_at_the_bid(kind: Kind) {
        let Some(app) = app(kind).await else { return };
        let stage = Stage::open(app).await;
        let status = format!("{}/one/status", stage.buyers.base);
        let one = stage.buyer_with("one", Says::bid("700.00"), json!({"statusUrl": status})).await;
        let instant = stage.instant("Inga Instant", 55_000).await;
        stage.buyers.says("one/post", Says::Nothing);
        stage.buyers.says("one/status", Says::status(202));
        let waits = stage.send(1).await;
        assert_eq!(waits["verdict"], "RECEIVED", "{waits}");
        stage.app.clock.advance(20 * SECOND);
        // The exchange's own worker may have the job in its hands.
        stage.while_waiting(|| stage.buyers.asked("one/status").is_empty()).await;
        assert!(stage.buyers.asked("one/status")[0].signed);
        assert_eq!(stage.lead(&waits["lead_id"]).await.0, "RECEIVED", "not yet is no word");
        stage.buyers.says("one/status", Says::yes());
        let trace = stage.until_passing(&waits["lead_id"], "SOLD").await;
        assert_eq!(trace, ["one: WON LIVE", "Inga Instant: OUTBID"]);
        assert_eq!(stage.wallet(&one.seat).await, [930_000, 0]);
        assert_eq!(stage.inbox(&one.seat).await, ["70000"]);
        assert!(stage.inbox(&instant).await.is_empty());
        assert_eq!(stage.buyers.asked("one/post").len(), 1, "a post is never sent twice");
        // Nothing asks any more.
        let asked = stage.buyers.asked("one/status").len();
        stage.pass(700 * SECOND).await;
        assert_eq!(stage.buyers.asked("one/status").len(), asked);
        stage.app.finish().await;
    }

    async fn a_publisher_hears_of_a_live_lead_when_it_is_decided(kind: Kind) {
        let Some(app) = app(kind).await else { return };
        let stage = Stage::open(app).await;
        let status = format!("{}/one/status", stage.buyers.base);
        stage.buyer_with("one", Says::bid("700.00"), json!({"statusUrl": status})).await;
        let told = "postback { id }";
        let input = json!({"name": "Tracker", "events": ["SOLD", "UNSOLD", "CONVERSION_CREATED"],
            "url": format!("{}/one/tracker?e={{event}}", stage.buyers.base)});
        stage.publisher.client.mutate("createPublisherPostback", input, told).await.unwrap();
        stage.app.clock.advance(1_000);
        stage.buyers.says("one/tracker", Says::status(200));
        stage.buyers.says("one/post", Says::Nothing);
        stage.buyers.says("one/status", Says::status(202));
        let waits = stage.send(1).await;
        assert_eq!(waits["verdict"], "RECEIVED", "{waits}");
        let log = "{ notices { nodes { event leadId } } }";
        let heard = async || {
            stage.app.drain().await;
            let found = stage.publisher.client.query(log, json!({})).await.unwrap();
            let list = found["notices"]["nodes"].as_array().unwrap().clone();
            let mut events: Vec<String> = list
                .iter()
                .map(|one| {
                    assert_eq!(one["leadId"], waits["lead_id"]);
                    one["event"].as_str().unwrap().to_owned()
                })
                .collect();
            events.sort();
            events
        };
        assert_eq!(heard().await, [] as [&str; 0], "nothing is decided yet");
        stage.buyers.says("one/status", Says::yes());
        stage.pass(20 * SECOND).await;
        stage.until_passing(&waits["lead_id"], "SOLD").await;
        assert_eq!(heard().await, ["CONVERSION_CREATED", "SOLD"]);
        stage.app.finish().await;
    }

    async fn a_status_that_says_no_frees_the_lead(kind: Kind) {
        let Some(app) = app(kind).await else { return };
        let stage = Stage::open(app).await;
        let status = format!("{}/one/status", stage.buyers.base);
        let one = stage.buyer_with("one", Says::bid("700.00"), json!({"statusUrl": status})).await;
        stage.buyers.says("one/post", Says::status(502));
        stage.buyers.says("one/status", Says::status(404));
        let waits = stage.send(1).await;
        assert_eq!(waits["verdict"], "RECEIVED", "a fault of the buyer's server says nothing: {waits}");
        stage.pass(20 * SECOND).await;
        let trace = stage.until(&waits["lead_id"], "UNSOLD").await;
        assert_eq!(trace, ["one: LIVE_POST_DECLINED NOT_RECEIVED"]);
        assert_eq!(stage.wallet(&one.seat).await, [1_000_000, 0]);
        assert_eq!(stage.offered(&one.seat).await, ["DECLINED 70000 NOT_RECEIVED -"]);
        // Nobody has the person: it may be sent again.
        stage.buyers.says("one/post", Says::yes());
        assert_eq!(stage.send(1).await["verdict"], "SOLD");
        stage.app.finish().await;
    }

    async fn silence_is_a_sale_where_the_buyer_has_declared_so(kind: Kind) {
        let Some(app) = app(kind).await else { return };
        let stage = Stage::open(app).await;
        let one = stage.buyer_with("one", Says::bid("700.00"), json!({"onSilence": "SOLD"})).await;
        stage.buyers.says("one/post", Says::Nothing);
        let waits = stage.send(1).await;
        assert_eq!(waits["verdict"], "RECEIVED", "{waits}");
        // What was declared when it was offered counts.
        let input = stage.connection("one", &one.offer.id);
        let set = one.seat.client.mutate("setLiveConnection", input, "secret connection { offerId }");
        assert!(set.await.unwrap()["secret"].is_null(), "the secret stays, and is not shown");
        for _ in 0..29 {
            stage.pass(20 * SECOND).await;
        }
        assert_eq!(stage.lead(&waits["lead_id"]).await.0, "RECEIVED");
        stage.pass(20 * SECOND).await;
        stage.until(&waits["lead_id"], "SOLD").await;
        assert_eq!(stage.wallet(&one.seat).await, [930_000, 0]);
        assert_eq!(stage.offered(&one.seat).await, ["AWARDED 70000 - -"]);
        stage.app.finish().await;
    }
}
