//! Saved cards, and wallets that fill themselves.

use leadbourse_core::time::{DAY, HOUR, MINUTE};
use serde_json::{Value, json};

use super::stage::{CHECKOUT, Stage};
use crate::with_cards;

/// Saves a card and gives its id; the wallet has 5,000 then.
async fn with_card(stage: &Stage, number: &str) -> String {
    let made = stage.checkout(5_000, true).await;
    let session = Stage::session(&made["url"]);
    stage.double.tell("pay", json!({"session": session, "card": number})).await;
    stage.told(json!({})).await;
    stage.saved_card().await
}

async fn charge(stage: &Stage, card: &str) -> Value {
    let input = json!({"amount": Stage::sum(2_000), "cardId": card});
    let made = stage.ask(&stage.buyer.client, "chargeSavedCard", input, CHECKOUT).await;
    assert_eq!(made["userErrors"], json!([]), "{made}");
    made["cardTopUp"].clone()
}

async fn settings(stage: &Stage) -> Value {
    let document = "{ autoRecharges { enabled failures retryAt stop } }";
    let found = stage.buyer.client.query(document, json!({})).await.unwrap();
    found["autoRecharges"][0].clone()
}

async fn recharge(stage: &Stage, card: &str, monthly: i64) {
    let input = json!({
        "enabled": true, "threshold": Stage::sum(6_000), "amount": Stage::sum(2_000),
        "monthlyMax": Stage::sum(monthly), "cardId": card,
    });
    let set = stage.ask(&stage.buyer.client, "setAutoRecharge", input, "autoRecharge { enabled }");
    assert_eq!(set.await["autoRecharge"]["enabled"], true);
}

with_cards! {
    async fn a_saved_card_is_charged_once_however_the_answer_is_lost(stage) {
        let card = with_card(&stage, "4242424242424242").await;
        assert_eq!(charge(&stage, &card).await["state"], "CREDITED");
        assert_eq!(stage.wallet().await, (7_000, 0, 0));
        stage.double.fault("POST /v1/payment_intents", "drop", json!({})).await;
        let lost = charge(&stage, &card).await;
        assert_eq!(lost["state"], "PENDING");
        stage.advance(2 * MINUTE).await;
        assert_eq!(stage.top_up(&lost["id"]).await["state"], "CREDITED");
        stage.told(json!({"times": 2, "reverse": true})).await;
        assert_eq!(stage.wallet().await, (9_000, 0, 0));
        assert_eq!(stage.double.all("payment_intent").await.len(), 3);
        stage.finish().await;
    }

    async fn a_key_that_was_forgotten_is_not_used_again(stage) {
        let card = with_card(&stage, "4242424242424242").await;
        // Done and not heard of, for longer than keys are kept.
        stage.double.fault("POST /v1/payment_intents", "drop", json!({})).await;
        let done = charge(&stage, &card).await;
        // Neither done nor heard of.
        stage.double.fault("POST /v1/payment_intents", "status", json!({"status": 500, "times": 1}))
            .await;
        let never = charge(&stage, &card).await;
        stage.double.fault("GET /v1", "status", json!({"status": 503, "times": 2})).await;
        stage.double.tell("keys/expire", json!({})).await;
        stage.advance(24 * HOUR).await;
        stage.advance(6 * HOUR).await;
        assert_eq!(stage.top_up(&done["id"]).await["state"], "CREDITED");
        let held = stage.top_up(&never["id"]).await;
        assert_eq!((&held["state"], &held["holdReason"]), (&json!("HELD"), &json!("UNANSWERED")));
        assert_eq!(stage.wallet().await, (7_000, 0, 0));
        let asked = stage.double.tell("requests", json!({})).await;
        let posts = asked.as_array().unwrap().iter()
            .filter(|one| one["method"] == "POST" && one["path"] == "/v1/payment_intents").count();
        assert_eq!(posts, 2, "nothing is sent again after the window");
        stage.finish().await;
    }

    async fn a_declined_saved_card_says_why(stage) {
        let card = with_card(&stage, "4000000000000341").await;
        let made = charge(&stage, &card).await;
        assert_eq!((&made["state"], &made["error"]), (&json!("FAILED"), &json!("generic_decline")));
        stage.told(json!({})).await;
        assert_eq!(stage.wallet().await, (5_000, 0, 0));
        let gone = stage.ask(&stage.buyer.client, "removeSavedCard", json!({"cardId": card}),
            "card { removedAt }").await;
        assert!(gone["card"]["removedAt"].is_string(), "{gone}");
        let input = json!({"amount": Stage::sum(2_000), "cardId": card});
        let made = stage.ask(&stage.buyer.client, "chargeSavedCard", input, CHECKOUT).await;
        assert_eq!(made["userErrors"][0]["code"], "NO_SAVED_CARD");
        stage.finish().await;
    }

    async fn a_low_wallet_fills_itself_within_the_month(stage) {
        let card = with_card(&stage, "4242424242424242").await;
        recharge(&stage, &card, 3_000).await;
        stage.advance(2 * MINUTE).await;
        assert_eq!(stage.wallet().await, (7_000, 0, 0));
        stage.advance(2 * MINUTE).await;
        assert_eq!(stage.wallet().await, (7_000, 0, 0), "it is not low any more");
        // Credit goes back to the card: low again, and the month's maximum would be passed.
        let first = stage.double.all("payment_intent").await.len();
        let top_up = stage.buyer.client.all("cardTopUps", "id kind").await.unwrap();
        let page = top_up.iter().find(|one| one["kind"] == "CHECKOUT").unwrap();
        let input = json!({"cardTopUpId": page["id"], "amount": Stage::sum(5_000)});
        let back = stage.ask(&stage.buyer.client, "refundCredit", input, "creditRefund { state }");
        assert_eq!(back.await["creditRefund"]["state"], "CONFIRMED");
        stage.advance(2 * MINUTE).await;
        assert_eq!(stage.wallet().await, (2_000, 0, 0));
        assert_eq!(settings(&stage).await["stop"], "MONTHLY_MAX");
        assert_eq!(stage.double.all("payment_intent").await.len(), first);
        // A new month.
        stage.advance(31 * DAY).await;
        stage.advance(2 * MINUTE).await;
        assert_eq!(stage.wallet().await, (4_000, 0, 0));
        stage.finish().await;
    }

    async fn a_declined_card_is_left_alone_for_longer_and_longer(stage) {
        let card = with_card(&stage, "4000000000000341").await;
        recharge(&stage, &card, 100_000).await;
        let tries = async || {
            stage.double.all("charge").await.iter().filter(|one| one["paid"] == false).count()
        };
        stage.advance(2 * MINUTE).await;
        assert_eq!((tries().await, &settings(&stage).await["stop"]), (1, &json!("DECLINED")));
        stage.advance(50 * MINUTE).await;
        assert_eq!(tries().await, 1);
        stage.advance(11 * MINUTE).await;
        assert_eq!(tries().await, 2);
        stage.advance(6 * HOUR + MINUTE).await;
        assert_eq!(tries().await, 3);
        stage.advance(DAY + MINUTE).await;
        assert_eq!((tries().await, &settings(&stage).await["stop"]), (4, &json!("GIVEN_UP")));
        stage.advance(10 * DAY).await;
        assert_eq!(tries().await, 4);
        assert_eq!(stage.wallet().await, (5_000, 0, 0));
        stage.finish().await;
    }
}
