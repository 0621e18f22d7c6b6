//! Making and changing postbacks, and the dictionary.

use leadbourse_core::notice::MACROS;
use serde_json::json;

use super::stage::{Stage, queries};
use crate::each_engine;

each_engine! {
    async fn what_is_no_postback_is_refused_at_its_field(app: TestApp) {
        let stage = Stage::open(app).await;
        let refused = async |url: &str, name: &str, events: &[&str]| {
            let input = json!({"name": name, "url": url, "events": events});
            let client = &stage.publisher.client;
            let done = client.try_mutate("createPublisherPostback", input, "secret").await.unwrap();
            let problem = done.unwrap_err().remove(0);
            (problem.code.clone(), problem.field.clone().unwrap_or_default())
        };
        let good = "https://tracker.example.com/";
        let at = |code: &str, field: &str| (code.to_owned(), field.to_owned());
        assert_eq!(refused("https://t.example/{nothing}", "x", &["SOLD"]).await, at("NOTICE_MACRO", "url"));
        assert_eq!(refused("https://{sub1}.example/", "x", &["SOLD"]).await, at("NOTICE_ADDRESS", "url"));
        assert_eq!(refused("https://10.0.0.1/", "x", &["SOLD"]).await, at("NOTICE_ADDRESS", "url"));
        assert_eq!(refused(good, "x", &[]).await, at("NOTICE_EVENTS", "events"));
        assert_eq!(refused(good, "x", &["TEST"]).await, at("NOTICE_EVENTS", "events"));
        assert_eq!(refused(good, " ", &["SOLD"]).await.1, "name");
        for n in 0..20 {
            let input = json!({"name": format!("t{n}"), "url": good, "events": ["SOLD"]});
            assert_eq!(stage.code("createPublisherPostback", input).await, None);
        }
        assert_eq!(refused(good, "x", &["SOLD"]).await.0, "NOTICE_LIMIT");
        // Neither buyers nor operators have postbacks.
        for other in [&stage.buyer.client, &stage.market.operator] {
            let input = json!({"name": "x", "url": good, "events": ["SOLD"]});
            let done = other.try_mutate("createPublisherPostback", input, "secret").await.unwrap();
            assert_eq!(done.unwrap_err()[0].code, "NOT_FOUND");
        }
        stage.app.finish().await;
    }

    async fn a_change_holds_from_then_on(app: TestApp) {
        let stage = Stage::open(app).await;
        let made = stage.postback("old={event}", &["UNSOLD"], json!({})).await;
        stage.send(1, json!({})).await;
        let input = json!({"id": made.id, "name": "renamed", "url": stage.address("new={event}"),
            "events": ["SOLD"], "method": "POST", "sourceId": stage.source.id});
        stage.app.clock.advance(1_000);
        stage.app.drain().await;
        assert_eq!(stage.code("updatePublisherPostback", input).await, None);
        stage.app.clock.advance(1_000);
        stage.send(2, json!({})).await;
        let got = stage.heard(1).await;
        assert_eq!(queries(&got), ["new=SOLD"]);
        assert!(got[0].asked.starts_with("POST "));
        let seen = stage.seen(&made.id).await;
        assert_eq!(seen["events"], json!(["SOLD"]));
        assert_eq!((&seen["method"], &seen["source"]["id"]), (&json!("POST"), &json!(stage.source.id)));
        stage.app.finish().await;
    }

    async fn the_dictionary_is_what_core_says(app: TestApp) {
        let stage = Stage::open(app).await;
        let query = "{ postbackMacros { name about { en ru } example } }";
        let found = stage.publisher.client.query(query, json!({})).await.unwrap();
        let words: Vec<_> = MACROS.iter()
            .map(|one| json!({"name": one.name, "about": {"en": one.en, "ru": one.ru},
                "example": one.example}))
            .collect();
        assert_eq!(found["postbackMacros"], json!(words));
        stage.app.finish().await;
    }
}
