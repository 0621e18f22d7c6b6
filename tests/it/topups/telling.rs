//! What the provider tells: believed when it is signed, kept before it is answered, done once.

use leadbourse_core::time::{MINUTE, SECOND};
use serde_json::json;

use super::stage::Stage;
use crate::with_cards;

with_cards! {
    async fn only_what_is_signed_is_believed(stage) {
        let made = stage.checkout(5_000, false).await;
        stage.double.tell("pay", json!({"session": Stage::session(&made["url"])})).await;
        let url = format!("{}/v1/stripe/webhook", stage.app.url());
        let bare = reqwest::Client::new().post(&url).body("{}").send().await.unwrap();
        assert_eq!(bare.status(), 422);
        for (how, status) in [
            (json!({"keep": true, "secret": "whsec_wrong"}), 422),
            (json!({"keep": true, "offset": -301}), 422),
            (json!({"keep": true, "offset": 301}), 422),
        ] {
            let sent = stage.told(how).await;
            assert!(sent.iter().all(|one| one["status"] == status), "{sent:?}");
        }
        assert_eq!(stage.wallet().await, (0, 0, 0));
        assert_eq!(stage.events("DONE").await.len(), 0);
        // The secret before the change, and the edge of the tolerance.
        let sent = stage.told(json!({"secret": "whsec_old", "offset": -300})).await;
        assert!(sent.iter().all(|one| one["status"] == 200), "{sent:?}");
        assert_eq!(stage.wallet().await, (5_000, 0, 0));
        stage.finish().await;
    }

    async fn what_is_not_understood_is_kept_and_what_is_not_known_is_held(stage) {
        let thing = |id: &str| json!({"type": "thing.changed", "object": {"id": id}});
        stage.double.tell("tell", thing("th_1")).await;
        let about = json!({"type": "payment_intent.succeeded", "object": {"id": "pi_nobody"}});
        stage.double.tell("tell", about).await;
        let sent = stage.told(json!({"times": 3})).await;
        assert!(sent.iter().all(|one| one["status"] == 200));
        assert_eq!(stage.events("IGNORED").await.len(), 1);
        let held = stage.events("HELD").await;
        assert_eq!((held.len(), &held[0]["note"]), (1, &json!("payment: resource_missing")));
        let input = json!({"id": held[0]["id"], "note": "a test of theirs"});
        let dismiss = async |who| {
            let document = "mutation($input: DismissProviderEventInput!) { \
                dismissProviderEvent(input: $input) { event { state note } userErrors { code } } }";
            let client: &leadbourse::demo::client::Client = who;
            client.query(document, json!({"input": input})).await.unwrap()
                ["dismissProviderEvent"].clone()
        };
        let own = dismiss(&stage.buyer.client).await;
        assert_eq!(own["userErrors"][0]["code"], "NOT_FOUND");
        let done = dismiss(&stage.market.operator).await;
        assert_eq!(done["event"]["note"], "payment: resource_missing; a test of theirs");
        let again = dismiss(&stage.market.operator).await;
        assert_eq!(again["userErrors"][0]["code"], "NOT_HELD");
        stage.finish().await;
    }

    async fn events_are_listed_newest_first_as_they_happened(stage) {
        for at in 0..12 {
            let id = format!("th_{at}");
            let thing = json!({"type": format!("thing.n{at}"), "object": {"id": id}});
            stage.double.tell("tell", thing).await;
            stage.advance(SECOND).await;
        }
        // The last is told first.
        stage.told(json!({"reverse": true})).await;
        let kinds: Vec<_> =
            stage.events("IGNORED").await.into_iter().map(|one| one["kind"].clone()).collect();
        let expected: Vec<_> = (0..12).rev().map(|at| json!(format!("thing.n{at}"))).collect();
        assert_eq!(kinds, expected);
        stage.finish().await;
    }

    async fn an_event_waits_until_the_provider_answers(stage) {
        let made = stage.checkout(5_000, false).await;
        stage.double.tell("pay", json!({"session": Stage::session(&made["url"])})).await;
        for _ in 0..2 {
            stage.double.fault("GET /v1/payment_intents", "status", json!({"status": 500})).await;
        }
        let types = json!({"types": ["payment_intent.succeeded"]});
        let sent = stage.double.tell("webhooks", types).await;
        assert_eq!(sent[0]["status"], 200, "it is stored before it is looked at");
        for _ in 0..5 {
            stage.app.clock.advance(MINUTE / 2);
            stage.app.drain().await;
        }
        stage.settled().await;
        assert_eq!(stage.top_up(&made["id"]).await["state"], "CREDITED");
        assert_eq!(stage.wallet().await, (5_000, 0, 0));
        stage.finish().await;
    }

    async fn money_that_comes_in_twice_for_one_page_is_held(stage) {
        let made = stage.paid(5_000, false).await;
        let again = reqwest::Client::new()
            .post(format!("{}/v1/customers", stage.double.url))
            .bearer_auth("sk_test_double").body("name=x").send().await.unwrap();
        assert!(again.status().is_success());
        // A second page under the same name, as a faulty provider would make.
        let customer = stage.double.all("customer").await.last().unwrap()["id"].clone();
        let form = format!(
            "mode=payment&success_url=http://x/&customer={}&line_items[0][quantity]=1\
             &line_items[0][price_data][currency]=rub&line_items[0][price_data][unit_amount]=5000\
             &payment_intent_data[metadata][leadbourse_id]={}",
            customer.as_str().unwrap(), made["id"].as_str().unwrap(),
        );
        let session = reqwest::Client::new()
            .post(format!("{}/v1/checkout/sessions", stage.double.url))
            .bearer_auth("sk_test_double").body(form).send().await.unwrap()
            .json::<serde_json::Value>().await.unwrap();
        stage.double.tell("pay", json!({"session": session["id"]})).await;
        stage.told(json!({})).await;
        assert_eq!(stage.wallet().await, (5_000, 0, 0));
        let held = stage.events("HELD").await;
        assert_eq!(held.len(), 1, "{held:?}");
        assert!(held[0]["note"].as_str().unwrap().starts_with("a second payment"), "{held:?}");
        stage.finish().await;
    }
}
