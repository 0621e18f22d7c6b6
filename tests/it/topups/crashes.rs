//! Executors cut off after every step that they have: the same books in the end.

use leadbourse::topups::STEPS;
use leadbourse_core::time::MINUTE;
use serde_json::{Value, json};

use super::stage::{CHECKOUT, DISPUTE_FEE, Stage, fee_of};
use crate::with_cards;

/// What one run adds: `(available, owed, external without fees, fees)`.
type Moved = (i64, i64, i64, i64);

async fn page(stage: &Stage, types: Value) -> Moved {
    let input = json!({"amount": Stage::sum(5_000), "idempotencyKey": stage.key()});
    let client = &stage.buyer.client;
    let mut made = stage.ask(client, "createCheckout", input.clone(), CHECKOUT).await;
    if made["cardTopUp"]["url"].is_null() {
        made = stage.ask(client, "createCheckout", input, CHECKOUT).await;
    }
    let session = Stage::session(&made["cardTopUp"]["url"]);
    stage.double.tell("pay", json!({"session": session})).await;
    stage.double.tell("webhooks", types).await;
    (5_000, 0, -5_000, fee_of(5_000))
}

async fn charge(stage: &Stage) -> Moved {
    let card = stage.saved_card().await;
    let input = json!({"amount": Stage::sum(5_000), "cardId": card});
    stage.ask(&stage.buyer.client, "chargeSavedCard", input, CHECKOUT).await;
    (5_000, 0, -5_000, fee_of(5_000))
}

async fn refund(stage: &Stage, top_up: &Value) -> Moved {
    let input = json!({"cardTopUpId": top_up["id"], "amount": Stage::sum(100)});
    let done = stage.ask(&stage.buyer.client, "refundCredit", input, "creditRefund { id }").await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    (-100, 0, 100, 0)
}

async fn dispute(stage: &Stage) -> Moved {
    let all = stage.double.all("payment_intent").await;
    let disputes = stage.double.all("dispute").await;
    let fresh = all.iter().find(|one| {
        one["status"] == "succeeded"
            && !disputes.iter().any(|dispute| dispute["payment_intent"] == one["id"])
    });
    let input = json!({"payment_intent": fresh.unwrap()["id"], "amount": 1_000});
    stage.double.tell("dispute", input).await;
    stage.double.tell("webhooks", json!({})).await;
    (-1_000, 0, 1_000, DISPUTE_FEE)
}

with_cards! {
    async fn whoever_is_cut_off_is_taken_up_again(stage) {
        let steps = stage.app.app.topups.steps.clone();
        let mut sum: Moved = (0, 0, 0, 0);
        let mut first: Option<Value> = None;
        for step in STEPS {
            steps.stop_after(step);
            let moved = match *step {
                "customer.made" | "page.marked" | "page.opened" | "page.kept" => {
                    page(&stage, json!({})).await
                }
                "payment.read" | "payment.settled" => {
                    page(&stage, json!({"types": ["checkout.session.completed"]})).await
                }
                "charge.marked" | "charge.sent" | "charge.kept" => charge(&stage).await,
                "refund.marked" | "refund.sent" | "refund.kept" | "refund.read"
                | "refund.settled" => refund(&stage, first.as_ref().unwrap()).await,
                "dispute.read" | "dispute.settled" => dispute(&stage).await,
                other => panic!("no run for {other}"),
            };
            sum = (sum.0 + moved.0, sum.1 + moved.1, sum.2 + moved.2, sum.3 + moved.3);
            for _ in 0..4 {
                stage.app.clock.advance(2 * MINUTE);
                stage.app.drain().await;
            }
            stage.advance(MINUTE).await;
            assert!(!steps.waits(), "{step} was never reached");
            let (available, owed, in_refund) = stage.wallet().await;
            let (outside, fees) = stage.outside().await;
            let found = (available, owed, outside + fees, -fees);
            assert_eq!((found, in_refund), (sum, 0), "after {step}");
            stage.told(json!({})).await;
            stage.app.assert_balanced().await;
            if first.is_none() {
                // A card for the runs to come, and a top-up to give back from.
                first = Some(stage.paid(50_000, true).await);
                sum = (sum.0 + 50_000, sum.1, sum.2 - 50_000, sum.3 + fee_of(50_000));
            }
        }
        let paid = stage.double.all("payment_intent").await.iter()
            .filter(|one| one["status"] == "succeeded").count();
        assert_eq!(paid, 10, "one payment for each of the runs");
        assert_eq!(stage.double.all("refund").await.len(), 5);
        stage.finish().await;
    }
}
