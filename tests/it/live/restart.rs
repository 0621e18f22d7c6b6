//! An exchange that ends in the middle, and what the next one makes of it.

use leadbourse_core::time::SECOND;
use serde_json::{Value, json};

use super::buyers::Says;
use super::stage::{Stage, patient, patient_app};
use crate::each_engine;

/// The one lead there is.
async fn the_lead(stage: &Stage) -> Value {
    let found = stage.market.operator.query("{ leads { nodes { id } } }", json!({})).await.unwrap();
    let nodes = found["leads"]["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 1);
    nodes[0]["id"].clone()
}

each_engine! {
    async fn a_lead_that_was_being_asked_about_is_asked_about_again(kind: Kind) {
        let Some(app) = patient_app(kind).await else { return };
        let stage = Stage::open(app).await;
        let one = stage.buyer("one", Says::bid("700.00")).await;
        stage.buyer_with("slow", Says::Nothing, patient()).await;
        let sender = stage.send_and_leave(1);
        stage.buyers.until_asked("slow/ask").await;
        sender.abort();
        let stage = stage.restart().await;
        let lead = the_lead(&stage).await;
        assert_eq!(stage.lead(&lead).await.0, "RECEIVED");
        assert!(stage.buyers.asked("/post").is_empty());
        stage.buyers.says("slow/ask", Says::bid("600.00"));
        stage.pass(60 * SECOND).await;
        let trace = stage.until(&lead, "SOLD").await;
        assert_eq!(trace, ["one: WON LIVE", "slow: OUTBID LIVE"]);
        assert_eq!(stage.buyers.asked("/post").len(), 1);
        let one = stage.again(one).await;
        assert_eq!(stage.wallet(&one).await, [930_000, 0]);
        stage.app.finish().await;
    }

    async fn a_lead_that_was_on_its_way_is_waited_for_and_sold_once(kind: Kind) {
        let Some(app) = patient_app(kind).await else { return };
        let stage = Stage::open(app).await;
        let status = format!("{}/one/status", stage.buyers.base);
        let mut settings = patient();
        settings["statusUrl"] = json!(status);
        let one = stage.buyer_with("one", Says::bid("700.00"), settings).await;
        stage.buyer("two", Says::bid("690.00")).await;
        stage.buyers.says("one/post", Says::Nothing);
        stage.buyers.says("one/status", Says::yes());
        let sender = stage.send_and_leave(1);
        stage.buyers.until_asked("one/post").await;
        sender.abort();
        let stage = stage.restart().await;
        let lead = the_lead(&stage).await;
        assert_eq!(stage.lead(&lead).await.0, "RECEIVED");
        let one = stage.again(one).await;
        assert_eq!(stage.wallet(&one).await, [930_000, 70_000]);
        // The job finds an offer of which nobody knows whether it arrived, and asks.
        stage.pass(60 * SECOND).await;
        stage.pass(60 * SECOND).await;
        let trace = stage.until(&lead, "SOLD").await;
        assert_eq!(trace, ["one: WON LIVE", "two: OUTBID LIVE"]);
        assert_eq!(stage.buyers.asked("/post").len(), 1, "never to somebody else, never again");
        assert_eq!(stage.wallet(&one).await, [930_000, 0]);
        assert_eq!(stage.inbox(&one).await, ["70000"]);
        stage.app.finish().await;
    }
}
