//! Trackers that do not answer as they should, and calls that are made again.

use leadbourse_core::time::{HOUR, MINUTE};
use serde_json::{Value, json};

use super::stage::{Stage, queries};
use crate::each_engine;

each_engine! {
    async fn a_failure_is_tried_again_under_the_same_event_id(app: TestApp) {
        let stage = Stage::open(app).await;
        let made = stage.postback("id={event_id}", &["SOLD"], json!({})).await;
        stage.tracker.says(503);
        stage.send(1, json!({})).await;
        stage.heard(1).await;
        let log = stage.log_with("PENDING", 1).await;
        assert_eq!(log[0]["lastError"], "HTTP 503");
        assert!(log[0]["nextAt"].is_string());
        assert!(stage.seen(&made.id).await["failingSince"].is_string());
        stage.tracker.says(200);
        stage.app.clock.advance(MINUTE);
        let got = stage.heard(2).await;
        assert_eq!(got[0].asked, got[1].asked);
        assert_eq!(got[0].headers["webhook-id"], got[1].headers["webhook-id"]);
        let log = stage.log_with("DELIVERED", 1).await;
        assert_eq!(log[0]["attempts"], json!([
            {"n": 1, "status": 503, "error": "HTTP 503"}, {"n": 2, "status": 200, "error": null},
        ]));
        assert_eq!(log[0]["eventId"], json!(got[0].headers["webhook-id"]));
        assert_eq!(stage.seen(&made.id).await["failingSince"], Value::Null);
        stage.app.finish().await;
    }

    async fn a_replay_is_a_try_more_and_a_key_makes_it_one(app: TestApp) {
        let stage = Stage::open(app).await;
        let made = stage.postback("id={event_id}", &["SOLD"], json!({})).await;
        stage.send(1, json!({})).await;
        stage.heard(1).await;
        let notice = stage.log_with("DELIVERED", 1).await[0]["id"].clone();
        let input = json!({"id": notice, "idempotencyKey": "again"});
        for _ in 0..2 {
            assert_eq!(stage.code("replayNotice", input.clone()).await, None);
        }
        let got = stage.heard(2).await;
        assert_eq!(got[0].headers["webhook-id"], got[1].headers["webhook-id"]);
        let log = stage.log_with("DELIVERED", 1).await;
        assert_eq!(log[0]["attempts"].as_array().unwrap().len(), 2);
        assert_eq!(stage.code("deletePublisherPostback", json!({"id": made.id})).await, None);
        assert_eq!(stage.code("replayNotice", json!({"id": notice})).await.unwrap(), "INVALID_STATE");
        assert_eq!(stage.seen(&made.id).await, Value::Null);
        stage.send(2, json!({})).await;
        stage.heard(2).await;
        assert_eq!(stage.log().await.len(), 1, "nobody listens any more");
        stage.app.finish().await;
    }

    async fn a_day_of_failures_pauses_and_what_waits_is_sent_afterwards(app: TestApp) {
        let stage = Stage::open(app).await;
        let made = stage.postback("l={lead_id}", &["SOLD"], json!({})).await;
        stage.tracker.says(500);
        let first = stage.send(1, json!({})).await;
        stage.heard(1).await;
        for _ in 0..9 {
            stage.app.advance(3 * HOUR).await;
        }
        stage.becomes(&made.id, "PAUSED").await;
        let tries = stage.tracker.got().len();
        assert!((5..12).contains(&tries), "{tries} tries");
        let audit = "{ auditLog { nodes { action actor } } }";
        let log = stage.publisher.client.query(audit, json!({})).await.unwrap();
        let lines = log["auditLog"]["nodes"].as_array().unwrap();
        let paused = lines.iter().filter(|line| line["action"] == "publisher_postback.pause");
        assert_eq!(paused.count(), 1);

        stage.tracker.says(200);
        let second = stage.send(2, json!({})).await;
        stage.app.advance(2 * HOUR).await;
        assert_eq!(stage.tracker.got().len(), tries, "a paused postback is not called");
        // But it can be tested, which changes nothing.
        assert_eq!(stage.code("testPostback", json!({"id": made.id})).await, None);
        assert_eq!(stage.tracker.got().len(), tries + 1);
        assert_eq!(stage.seen(&made.id).await["state"], "PAUSED");
        let input = json!({"id": made.id, "paused": false});
        assert_eq!(stage.code("setPublisherPostbackPaused", input).await, None);
        let got = stage.heard(tries + 3).await;
        let line = |verdict: &Value| format!("l={}", verdict["lead_id"].as_str().unwrap());
        let mut lines = vec![line(&first), line(&second)];
        lines.sort();
        assert_eq!(queries(&got[tries + 1..]), lines);
        stage.log_with("DELIVERED", 3).await;
        stage.app.finish().await;
    }

    async fn a_tracker_that_is_gone_pauses_at_once(app: TestApp) {
        let stage = Stage::open(app).await;
        let made = stage.postback("", &["SOLD"], json!({})).await;
        stage.tracker.says(410);
        stage.send(1, json!({})).await;
        stage.heard(1).await;
        stage.log_with("PENDING", 1).await;
        assert_eq!(stage.seen(&made.id).await["state"], "PAUSED");
        // Three days later what waits is given up.
        stage.app.advance(72 * HOUR).await;
        stage.app.advance(HOUR).await;
        stage.log_with("DEAD", 1).await;
        assert_eq!(stage.tracker.got().len(), 1);
        stage.app.finish().await;
    }

    async fn a_test_is_answered_with_its_try(app: TestApp) {
        let stage = Stage::open(app).await;
        let made = stage.postback("e={event}&m={earning}&c={click_id}&u={sub1}", &["SOLD"], json!({})).await;
        let selection = "notice { event state lastError lead { id } attempts { n status error } }";
        let test = async || {
            let input = json!({"id": made.id});
            let done = stage.publisher.client.mutate("testPostback", input, selection).await;
            done.unwrap()["notice"].clone()
        };
        assert_eq!(test().await, json!({"event": "TEST", "state": "DELIVERED", "lastError": null,
            "lead": null, "attempts": [{"n": 1, "status": 200, "error": null}]}));
        let example = "e=TEST&m=425.00&c=clk_01jq2v5w3tf6grd4y7c0s8b2ma&u=radio";
        assert_eq!(queries(&stage.tracker.got()), [example]);
        stage.tracker.says(404);
        let failed = test().await;
        assert_eq!((&failed["state"], &failed["lastError"]), (&json!("DEAD"), &json!("HTTP 404")));
        stage.app.advance(HOUR).await;
        assert_eq!(stage.tracker.got().len(), 2, "a test is tried once");
        let seen = stage.seen(&made.id).await;
        assert_eq!((&seen["state"], &seen["failingSince"]), (&json!("ACTIVE"), &Value::Null));
        stage.app.finish().await;
    }
}
