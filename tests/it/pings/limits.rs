//! Pings can't starve a buyer: how many bids a publisher may hold, and how many it has to post.

use leadbourse_core::time::{HOUR, SECOND};
use serde_json::json;

use super::stage::{Stage, code};
use crate::harness::{Kind, TestApp};

async fn a_ceiling_of_open_bids(kind: Kind) {
    let Some(app) = TestApp::with(kind, |config| config.pings.open_bids = 2).await else { return };
    let stage = Stage::open(app, 1_000_000).await;
    stage.offer(json!({})).await;
    let first = stage.ping(1).await;
    assert_eq!(stage.ping(2).await["verdict"], "BIDS");
    let refused = stage.ping(3).await;
    assert_eq!((&refused["verdict"], code(&refused)), (&json!("REFUSED"), "PING_LIMIT"));
    assert_eq!(stage.wallet().await, [900_000, 100_000, 0, 2, 100_000]);
    // Another publisher is not held back by it, nor is a direct lead.
    let other = stage.market.publisher("Peter Publisher").await;
    let source = stage.market.source(&other, "Site", 1).await;
    let body = json!({"fields": Stage::fields(4)});
    let answer: serde_json::Value =
        stage.send("/v1/pings", &source.key, &body, "").await.json().await.unwrap();
    assert_eq!(answer["verdict"], "BIDS");
    assert_eq!(stage.market.send(&stage.source, 5).await["verdict"], "SOLD");
    // A post makes room, and so does the clock.
    assert_eq!(stage.post(1, &first, json!({})).await["verdict"], "SOLD");
    assert_eq!(stage.ping(6).await["verdict"], "BIDS");
    assert_eq!(code(&stage.ping(7).await), "PING_LIMIT");
    stage.pass(35 * SECOND).await;
    assert_eq!(stage.ping(8).await["verdict"], "BIDS");
    stage.pass(35 * SECOND).await;
    assert_eq!(stage.wallet().await, [900_000, 0, 0, 0, 0]);
    stage.app.finish().await;
}

async fn a_least_share_of_posts(kind: Kind) {
    let settle = |config: &mut leadbourse::platform::config::Config| {
        config.pings.min_post_ratio_bps = 5_000;
        config.pings.ratio_after = 2;
    };
    let Some(app) = TestApp::with(kind, settle).await else { return };
    let stage = Stage::open(app, 1_000_000).await;
    stage.offer(json!({})).await;
    stage.ping(1).await;
    let second = stage.ping(2).await;
    let late = stage.ping(3).await;
    assert_eq!(stage.post(2, &second, json!({})).await["verdict"], "SOLD");
    stage.pass(35 * SECOND).await;
    assert_eq!(code(&stage.post(3, &late, json!({})).await), "BID_EXPIRED");
    // One of three was posted: below half.
    let refused = stage.ping(4).await;
    assert_eq!((&refused["verdict"], code(&refused)), (&json!("REFUSED"), "PING_LIMIT"));
    assert_eq!(stage.market.send(&stage.source, 5).await["verdict"], "SOLD", "no ping, no limit");
    // It holds for the window and the one after it.
    stage.pass(HOUR).await;
    assert_eq!(code(&stage.ping(6).await), "PING_LIMIT");
    stage.pass(HOUR).await;
    assert_eq!(stage.ping(7).await["verdict"], "BIDS");
    stage.pass(35 * SECOND).await;
    stage.app.finish().await;
}

macro_rules! on_both {
    ($($name:ident)*) => {
        $(
            mod $name {
                use super::*;

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn sqlite() {
                    super::$name(Kind::Sqlite).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn postgres() {
                    super::$name(Kind::Postgres).await;
                }
            }
        )*
    };
}

on_both! { a_ceiling_of_open_bids a_least_share_of_posts }
