//! Payment pages: paid once, told of in any order, cut off anywhere.

use leadbourse_core::time::{HOUR, MINUTE};
use serde_json::{Value, json};

use super::stage::{CHECKOUT, Stage, fee_of};
use crate::with_cards;

with_cards! {
    async fn a_payment_told_of_twice_and_backwards_is_credited_once(stage) {
        let made = stage.checkout(5_000, false).await;
        assert_eq!((&made["state"], &made["error"]), (&json!("PENDING"), &Value::Null));
        let session = Stage::session(&made["url"]);
        stage.double.tell("pay", json!({"session": session})).await;
        let sent = stage.told(json!({"reverse": true, "times": 2})).await;
        assert!(sent.len() >= 8 && sent.iter().all(|one| one["status"] == 200), "{sent:?}");
        assert_eq!(stage.wallet().await, (5_000, 0, 0));
        assert_eq!(stage.outside().await, (fee_of(5_000) - 5_000, -fee_of(5_000)));
        let now = stage.top_up(&made["id"]).await;
        assert_eq!((&now["state"], &now["url"]), (&json!("CREDITED"), &Value::Null));
        assert_eq!(now["providerFees"], json!([{"minor": "175", "currency": "RUB"}]));
        assert_eq!(now["refundable"]["minor"], "5000");
        let found = stage.market.operator.all("topUps", "rail reference").await.unwrap();
        assert_eq!((found.len(), &found[0]["rail"]), (1, &json!("STRIPE")));
        assert_eq!(stage.events("HELD").await.len(), 0);
        stage.finish().await;
    }

    async fn a_lost_answer_opens_no_second_page(stage) {
        let key = stage.key();
        let input = json!({"amount": Stage::sum(5_000), "idempotencyKey": key});
        for fault in [
            json!({"kind": "drop"}),
            json!({"kind": "lose"}),
            json!({"kind": "status", "status": 500}),
            json!({"kind": "status", "status": 429}),
            json!({"kind": "status", "status": 409}),
        ] {
            let kind = fault["kind"].as_str().unwrap().to_owned();
            stage.double.fault("POST /v1/checkout/sessions", &kind, fault).await;
            let made =
                stage.ask(&stage.buyer.client, "createCheckout", input.clone(), CHECKOUT).await;
            let (state, url) = (&made["cardTopUp"]["state"], &made["cardTopUp"]["url"]);
            assert_eq!((state, url), (&json!("PENDING"), &Value::Null));
        }
        let made = stage.ask(&stage.buyer.client, "createCheckout", input, CHECKOUT).await;
        let session = Stage::session(&made["cardTopUp"]["url"]);
        let all = stage.double.all("checkout.session").await;
        assert_eq!((all.len(), &all[0]["id"]), (1, &json!(session)));
        let asked = stage.double.tell("requests", json!({})).await;
        let keys: Vec<&str> = asked.as_array().unwrap().iter()
            .filter(|one| one["path"] == "/v1/checkout/sessions")
            .map(|one| one["key"].as_str().unwrap())
            .collect();
        assert_eq!(keys.len(), 6);
        assert!(keys.iter().all(|key| *key == made["cardTopUp"]["id"]), "{keys:?}");
        stage.double.tell("pay", json!({"session": session})).await;
        stage.told(json!({})).await;
        assert_eq!(stage.wallet().await, (5_000, 0, 0));
        stage.finish().await;
    }

    async fn a_page_whose_address_was_lost_is_credited_all_the_same(stage) {
        stage.double.fault("POST /v1/checkout/sessions", "drop", json!({})).await;
        let made = stage.checkout(5_000, false).await;
        assert_eq!(made["url"], Value::Null);
        let session = stage.double.all("checkout.session").await[0]["id"].clone();
        stage.double.tell("pay", json!({"session": session})).await;
        stage.told(json!({"types": ["checkout.session.completed"]})).await;
        assert_eq!(stage.top_up(&made["id"]).await["state"], "CREDITED");
        assert_eq!(stage.wallet().await, (5_000, 0, 0));
        stage.finish().await;
    }

    async fn a_payment_that_nobody_tells_of_is_found(stage) {
        let made = stage.checkout(5_000, false).await;
        stage.double.tell("pay", json!({"session": Stage::session(&made["url"])})).await;
        assert_eq!(stage.wallet().await, (0, 0, 0));
        stage.advance(2 * MINUTE).await;
        assert_eq!(stage.top_up(&made["id"]).await["state"], "CREDITED");
        // What is told afterwards changes nothing.
        stage.told(json!({})).await;
        assert_eq!(stage.wallet().await, (5_000, 0, 0));
        stage.finish().await;
    }

    async fn a_declined_card_leaves_the_page_open_for_another(stage) {
        let made = stage.checkout(5_000, false).await;
        let session = Stage::session(&made["url"]);
        let declined = json!({"session": session, "card": "4000000000000002"});
        stage.double.tell("pay", declined).await;
        stage.told(json!({})).await;
        assert_eq!(stage.top_up(&made["id"]).await["state"], "PENDING");
        stage.double.tell("pay", json!({"session": session})).await;
        stage.told(json!({})).await;
        assert_eq!(stage.top_up(&made["id"]).await["state"], "CREDITED");
        assert_eq!(stage.wallet().await, (5_000, 0, 0));
        assert_eq!(stage.events("HELD").await.len(), 0);
        stage.finish().await;
    }

    async fn a_page_that_nobody_pays_on_ends(stage) {
        let made = stage.checkout(5_000, false).await;
        stage.double.tell("expire", json!({"session": Stage::session(&made["url"])})).await;
        stage.told(json!({})).await;
        let now = stage.top_up(&made["id"]).await;
        assert_eq!((&now["state"], &now["url"]), (&json!("EXPIRED"), &Value::Null));
        stage.advance(25 * HOUR).await;
        assert_eq!(stage.wallet().await, (0, 0, 0));
        stage.finish().await;
    }

    async fn what_is_not_what_was_asked_for_is_held(stage) {
        let other = reqwest::Client::new()
            .post(format!("{}/v1/customers", stage.double.url))
            .bearer_auth("sk_test_double").body("name=Other").send().await.unwrap()
            .json::<Value>().await.unwrap();
        let cases = [
            (json!({"amount": 4_000}), "AMOUNT_MISMATCH"),
            (json!({"currency": "usd"}), "CURRENCY_MISMATCH"),
            (json!({"customer": other["id"]}), "BUYER_MISMATCH"),
        ];
        let mut held = Vec::new();
        for (forged, reason) in cases {
            let made = stage.checkout(5_000, false).await;
            let mut pay = json!({"session": Stage::session(&made["url"])});
            for (name, value) in forged.as_object().unwrap() {
                pay[name] = value.clone();
            }
            stage.double.tell("pay", pay).await;
            stage.told(json!({})).await;
            let now = stage.top_up(&made["id"]).await;
            assert_eq!((&now["state"], &now["holdReason"]), (&json!("HELD"), &json!(reason)));
            held.push(made["id"].clone());
        }
        assert_eq!(stage.wallet().await, (0, 0, 0));
        let list = "{ cardTopUps(state: HELD) { nodes { id } } }";
        let found = stage.market.operator.query(list, json!({})).await.unwrap();
        assert_eq!(found["cardTopUps"]["nodes"].as_array().unwrap().len(), 3);
        // FINANCE takes what came in of the first, and gives the second back by hand.
        let decide = |id: &Value, credit: bool| json!({"cardTopUpId": id, "credit": credit});
        let operator = &stage.market.operator;
        let name = "resolveHeldTopUp";
        let done = stage.ask(operator, name, decide(&held[0], true), CHECKOUT).await;
        assert_eq!(done["cardTopUp"]["state"], "CREDITED", "{done}");
        assert_eq!(stage.wallet().await, (4_000, 0, 0));
        let done = stage.ask(operator, name, decide(&held[1], false), CHECKOUT).await;
        assert_eq!(done["cardTopUp"]["state"], "DISMISSED", "{done}");
        let again = stage.ask(operator, name, decide(&held[1], true), CHECKOUT).await;
        assert_eq!(again["userErrors"][0]["code"], "NOT_HELD");
        // No buyer decides about its own.
        let own = stage.ask(&stage.buyer.client, name, decide(&held[2], true), CHECKOUT).await;
        assert_eq!(own["userErrors"][0]["code"], "NOT_FOUND");
        stage.finish().await;
    }

    async fn sums_that_no_card_is_charged_with_are_refused(stage) {
        let ask = async |minor: &str, currency: &str| {
            let input = json!({"amount": {"minor": minor, "currency": currency}});
            let made = stage.ask(&stage.buyer.client, "createCheckout", input, CHECKOUT).await;
            (made["userErrors"][0]["code"].clone(), made["userErrors"][0]["field"].clone())
        };
        assert_eq!(ask("999", "RUB").await, (json!("TOP_UP_TOO_SMALL"), json!("amount")));
        assert_eq!(ask("10000001", "RUB").await, (json!("TOP_UP_TOO_LARGE"), json!("amount")));
        assert_eq!(ask("5001", "KWD").await, (json!("CURRENCY_NOT_PAYABLE"), json!("amount")));
        assert_eq!(stage.double.all("checkout.session").await.len(), 0);
        // Without a minor unit, with three digits, and with Stripe's own count of one.
        for (minor, currency, sent) in [("5000", "JPY", 5_000), ("5120", "KWD", 5_120),
            ("5000", "ISK", 500_000)] {
            let input = json!({"amount": {"minor": minor, "currency": currency}});
            let made = stage.ask(&stage.buyer.client, "createCheckout", input, CHECKOUT).await;
            let session = Stage::session(&made["cardTopUp"]["url"]);
            let all = stage.double.all("checkout.session").await;
            assert_eq!(all[0]["amount_total"], sent, "{currency}");
            stage.double.tell("pay", json!({"session": session})).await;
            stage.told(json!({})).await;
            let now = stage.top_up(&made["cardTopUp"]["id"]).await;
            assert_eq!(now["state"], "CREDITED", "{now}");
            assert_eq!(now["cameIn"], json!({"minor": minor, "currency": currency}));
        }
        stage.finish().await;
    }
}
