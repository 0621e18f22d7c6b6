//! Unused credit goes back to its card, once, and never more than there is.

use leadbourse_core::time::{HOUR, MINUTE};
use serde_json::{Value, json};

use super::stage::{Stage, fee_of};
use crate::with_cards;

async fn refund(stage: &Stage, top_up: &Value, minor: Option<i64>) -> Value {
    let input = json!({"cardTopUpId": top_up["id"], "amount": minor.map(Stage::sum)});
    stage.ask(&stage.buyer.client, "refundCredit", input, "creditRefund { id state error }").await
}

async fn states(stage: &Stage) -> Vec<Value> {
    let found = stage.buyer.client.all("creditRefunds", "state").await.unwrap();
    found.into_iter().map(|one| one["state"].clone()).collect()
}

with_cards! {
    async fn credit_goes_back_in_parts_and_never_more_than_there_is(stage) {
        let top_up = stage.paid(5_000, false).await;
        let part = refund(&stage, &top_up, Some(2_000)).await;
        assert_eq!(part["creditRefund"]["state"], "CONFIRMED", "{part}");
        assert_eq!(stage.wallet().await, (3_000, 0, 0));
        assert_eq!(stage.outside().await, (fee_of(5_000) - 3_000, -fee_of(5_000)));
        let more = refund(&stage, &top_up, Some(3_001)).await;
        assert_eq!(more["userErrors"][0]["code"], "NOTHING_TO_REFUND");
        let rest = refund(&stage, &top_up, None).await;
        assert_eq!(rest["creditRefund"]["state"], "CONFIRMED");
        assert_eq!(stage.wallet().await, (0, 0, 0));
        stage.told(json!({"times": 2, "reverse": true})).await;
        assert_eq!(stage.wallet().await, (0, 0, 0));
        let none = refund(&stage, &top_up, None).await;
        assert_eq!(none["userErrors"][0]["code"], "NOTHING_TO_REFUND");
        stage.finish().await;
    }

    async fn a_refund_whose_answer_is_lost_goes_once(stage) {
        let top_up = stage.paid(5_000, false).await;
        stage.double.fault("POST /v1/refunds", "drop", json!({})).await;
        let lost = refund(&stage, &top_up, Some(2_000)).await;
        assert_eq!(lost["creditRefund"]["state"], "PENDING");
        assert_eq!(stage.wallet().await, (3_000, 0, 2_000), "it can't be spent meanwhile");
        stage.advance(2 * MINUTE).await;
        assert_eq!(states(&stage).await, ["CONFIRMED"]);
        stage.told(json!({})).await;
        assert_eq!(stage.wallet().await, (3_000, 0, 0));
        assert_eq!(stage.double.all("refund").await.len(), 1);
        stage.finish().await;
    }

    async fn what_the_provider_refuses_is_credit_again(stage) {
        let top_up = stage.paid(5_000, false).await;
        let payment = stage.double.all("payment_intent").await[0]["id"].clone();
        // Its bank disputes it, and nobody has told yet.
        stage.double.tell("dispute", json!({"payment_intent": payment})).await;
        let refused = refund(&stage, &top_up, Some(2_000)).await;
        assert_eq!(refused["creditRefund"]["state"], "REFUSED", "{refused}");
        assert_eq!(refused["creditRefund"]["error"], "charge_disputed");
        assert_eq!(stage.wallet().await, (5_000, 0, 0));
        stage.finish().await;
    }

    async fn what_the_card_does_not_take_comes_back(stage) {
        let top_up = stage.paid(5_000, false).await;
        let went = refund(&stage, &top_up, Some(2_000)).await;
        assert_eq!(went["creditRefund"]["state"], "CONFIRMED");
        stage.told(json!({})).await;
        let refund = stage.double.all("refund").await[0]["id"].clone();
        stage.double.tell("refund/fail", json!({"refund": refund})).await;
        stage.told(json!({"times": 2})).await;
        assert_eq!(states(&stage).await, ["RETURNED"]);
        assert_eq!(stage.wallet().await, (5_000, 0, 0));
        assert_eq!(stage.outside().await, (fee_of(5_000) - 5_000, -fee_of(5_000)));
        stage.finish().await;
    }

    async fn what_nobody_knows_stays_out_of_the_wallet(stage) {
        let top_up = stage.paid(5_000, false).await;
        stage.double.fault("POST /v1/refunds", "status", json!({"status": 500})).await;
        let lost = refund(&stage, &top_up, Some(2_000)).await;
        assert_eq!(lost["creditRefund"]["state"], "PENDING");
        stage.double.tell("keys/expire", json!({})).await;
        stage.advance(24 * HOUR).await;
        assert_eq!(states(&stage).await, ["UNKNOWN"]);
        assert_eq!(stage.wallet().await, (3_000, 0, 2_000));
        assert_eq!(stage.double.all("refund").await.len(), 0);
        stage.finish().await;
    }

    async fn a_refund_and_a_sale_do_not_both_take_the_last_money(stage) {
        let offer = stage.market.offer(&stage.buyer, "Offer", stage.market.terms(30_000)).await;
        assert!(!offer.id.is_empty());
        let publisher = stage.market.publisher("Paul Publisher").await;
        let source = stage.market.source(&publisher, "Site", 1).await;
        let top_up = stage.paid(30_000, false).await;
        let (refunded, verdict) = tokio::join!(
            refund(&stage, &top_up, Some(30_000)),
            stage.market.send(&source, 1),
        );
        let gone = refunded["creditRefund"]["state"] == "CONFIRMED";
        let sold = verdict["awards"].as_array().is_some_and(|awards| !awards.is_empty());
        assert!(gone != sold, "one of them: {refunded} {verdict}");
        assert_eq!(stage.wallet().await, (0, 0, 0));
        stage.finish().await;
    }
}
