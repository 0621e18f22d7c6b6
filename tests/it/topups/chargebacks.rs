//! Banks that take payments back: the buyer pays, no publisher does.

use leadbourse_core::ledger::{Account, Rail};
use leadbourse_core::time::MINUTE;
use serde_json::{Value, json};

use super::stage::{DISPUTE_FEE, RUB, Stage, fee_of};
use crate::harness::market::{Offer, Seat};
use crate::with_cards;

/// A buyer who paid 80,000 and spent 60,000 of it; then its bank takes the payment back.
async fn disputed(stage: &Stage) -> (Value, Offer, Seat) {
    let offer = stage.market.offer(&stage.buyer, "Offer", stage.market.terms(30_000)).await;
    let publisher = stage.market.publisher("Paul Publisher").await;
    let source = stage.market.source(&publisher, "Site", 1).await;
    stage.paid(80_000, true).await;
    for n in 0..2 {
        stage.market.send(&source, n).await;
    }
    assert_eq!(stage.wallet().await, (20_000, 0, 0));
    let payment = stage.double.all("payment_intent").await[0]["id"].clone();
    let dispute = stage.double.tell("dispute", json!({"payment_intent": payment})).await;
    stage.told(json!({"times": 2, "reverse": true})).await;
    (dispute, offer, publisher)
}

async fn held(stage: &Stage, publisher: &Seat) -> i64 {
    stage.balance(Account::held(publisher.organization.parse().unwrap(), RUB)).await
}

async fn only(stage: &Stage) -> Value {
    let want = "id state reason note evidenceDue amount { minor } fromAvailable { minor } \
                fromOwed { minor } writtenOff { minor }";
    let found = stage.market.operator.all("chargebacks", want).await.unwrap();
    assert_eq!(found.len(), 1);
    found[0].clone()
}

with_cards! {
    async fn an_opened_one_takes_what_is_there_and_stops_the_buyer(stage) {
        let (_, offer, publisher) = disputed(&stage).await;
        assert_eq!(stage.wallet().await, (0, -60_000, 0));
        let fees = fee_of(80_000) + DISPUTE_FEE;
        assert_eq!(stage.outside().await, (fees, -fees));
        assert_eq!(held(&stage, &publisher).await, 51_000, "the publisher's earnings stay");
        let shown = only(&stage).await;
        assert_eq!(shown["state"], "OPEN");
        assert_eq!((&shown["fromAvailable"]["minor"], &shown["fromOwed"]["minor"]),
            (&json!("20000"), &json!("60000")));
        assert!(shown["evidenceDue"].is_string());
        let document = "query($o: ID!, $b: ID!) { offer(id: $o) { state pauseReason } \
                        organization(id: $b) { state } }";
        let ids = json!({"o": offer.id, "b": stage.buyer.organization});
        let found = stage.market.operator.query(document, ids).await.unwrap();
        assert_eq!(found["offer"], json!({"state": "PAUSED", "pauseReason": "CHARGEBACK"}));
        assert_eq!(found["organization"]["state"], "SUSPENDED");
        let source = stage.market.source(&publisher, "Second", 1).await;
        let verdict = stage.market.send(&source, 7).await;
        assert_eq!(verdict["awards"], json!([]), "it buys nothing any more");
        // It may pay what it owes.
        let made = stage.checkout(80_000, false).await;
        stage.double.tell("pay", json!({"session": Stage::session(&made["url"])})).await;
        stage.told(json!({})).await;
        assert_eq!(stage.wallet().await, (20_000, 0, 0));
        stage.finish().await;
    }

    async fn a_won_one_gives_back_what_it_took(stage) {
        let (dispute, _, publisher) = disputed(&stage).await;
        let close = json!({"dispute": dispute["id"], "status": "won"});
        stage.double.tell("dispute/close", close).await;
        stage.told(json!({"times": 2, "reverse": true})).await;
        assert_eq!(only(&stage).await["state"], "WON");
        assert_eq!(stage.wallet().await, (20_000, 0, 0));
        let fees = fee_of(80_000) + DISPUTE_FEE;
        assert_eq!(stage.outside().await, (fees - 80_000, -fees));
        assert_eq!(held(&stage, &publisher).await, 51_000);
        stage.finish().await;
    }

    async fn what_a_lost_one_left_owing_may_be_written_off(stage) {
        let (dispute, _, publisher) = disputed(&stage).await;
        let shown = only(&stage).await;
        let operator = &stage.market.operator;
        let write_off = || async {
            let input = json!({"id": shown["id"]});
            stage.ask(operator, "writeOffChargeback", input, "chargeback { state }").await
        };
        assert_eq!(write_off().await["userErrors"][0]["code"], "INVALID_STATE");
        let close = json!({"dispute": dispute["id"], "status": "lost"});
        stage.double.tell("dispute/close", close).await;
        stage.told(json!({"times": 2})).await;
        assert_eq!(only(&stage).await["state"], "LOST");
        assert_eq!(stage.wallet().await, (0, -60_000, 0));
        // Some of it is paid before the rest is given up.
        let made = stage.checkout(15_000, false).await;
        stage.double.tell("pay", json!({"session": Stage::session(&made["url"])})).await;
        stage.told(json!({})).await;
        assert_eq!(stage.wallet().await, (0, -45_000, 0));
        assert_eq!(write_off().await["chargeback"]["state"], "LOST");
        assert_eq!(only(&stage).await["writtenOff"]["minor"], "45000");
        assert_eq!(stage.wallet().await, (0, 0, 0));
        assert_eq!(stage.balance(Account::bad_debt(RUB)).await, -45_000);
        assert_eq!(write_off().await["userErrors"][0]["code"], "NOTHING_TO_WRITE_OFF");
        assert_eq!(held(&stage, &publisher).await, 51_000);
        stage.finish().await;
    }

    async fn a_dispute_told_of_only_when_it_is_over_is_opened_and_closed_at_once(stage) {
        stage.paid(5_000, false).await;
        let payment = stage.double.all("payment_intent").await[0]["id"].clone();
        let dispute = stage.double.tell("dispute", json!({"payment_intent": payment})).await;
        let close = json!({"dispute": dispute["id"], "status": "won"});
        stage.double.tell("dispute/close", close).await;
        stage.told(json!({"types": ["charge.dispute.closed"]})).await;
        assert_eq!(only(&stage).await["state"], "WON");
        assert_eq!(stage.wallet().await, (5_000, 0, 0));
        stage.advance(MINUTE).await;
        stage.finish().await;
    }

    async fn an_inquiry_takes_nothing_and_an_unknown_payment_is_held(stage) {
        stage.paid(5_000, false).await;
        let payment = stage.double.all("payment_intent").await[0]["id"].clone();
        let inquiry = json!({"payment_intent": payment, "inquiry": true});
        stage.double.tell("dispute", inquiry).await;
        stage.told(json!({})).await;
        assert_eq!(stage.wallet().await, (5_000, 0, 0));
        assert!(stage.market.operator.all("chargebacks", "id").await.unwrap().is_empty());
        assert_eq!(stage.balance(Account::external(Rail::Stripe, RUB)).await, fee_of(5_000) - 5_000);
        let http = reqwest::Client::new();
        let form = "amount=5000&currency=rub";
        let bare = http.post(format!("{}/v1/payment_intents", stage.double.url))
            .bearer_auth("sk_test_double").body(form).send().await.unwrap();
        assert!(bare.status().is_success());
        stage.told(json!({})).await;
        assert_eq!(stage.events("HELD").await.len(), 0, "not ours, and nothing to do");
        let note = json!({"id": "cbk_00000000000000000000000000", "note": "x"});
        let document = "mutation($input: NoteChargebackInput!) { noteChargeback(input: $input) \
                        { userErrors { code } } }";
        let none = stage.market.operator.query(document, json!({"input": note})).await.unwrap();
        assert_eq!(none["noteChargeback"]["userErrors"][0]["code"], "NOT_FOUND");
        stage.finish().await;
    }
}
