//! What must hold however many call at once.

use futures::future::join_all;
use serde_json::json;

use super::desk::{Desk, PRICE, in_state};
use crate::each_engine;

each_engine! {
    async fn two_hundred_calls_at_once_find_three_lines(app: TestApp) {
        let desk = Desk::open(&app, 20 * PRICE, |goal| goal["callsAtOnce"] = json!(3)).await;
        let answers = desk.start_at_once(200).await;
        assert_eq!((in_state(&answers, "RINGING"), in_state(&answers, "UNSOLD")), (3, 197));
        let busy = answers.iter().filter(|a| a["reasons"][0]["code"] == "OFFER_BUSY").count();
        assert_eq!(busy, 197);
        assert_eq!(desk.wallet().await, (17 * PRICE, 3 * PRICE));

        // One of the three ends, told by ten at once: one bill, and one line is free again.
        let lasting: Vec<String> = (0..200)
            .filter(|n| answers[*n]["state"] == "RINGING")
            .map(|n| format!("call {n}"))
            .collect();
        let told = join_all((0..10).map(|_| desk.end(&lasting[0], 90, 80))).await;
        assert_eq!(in_state(&told, "QUALIFIED"), 10);
        assert_eq!(desk.wallet().await, (17 * PRICE, 2 * PRICE));
        let more = join_all((0..10u64).map(|n| {
            let desk = &desk;
            async move { desk.start(&format!("more {n}"), 500 + n, 0).await }
        }))
        .await;
        assert_eq!(in_state(&more, "RINGING"), 1);
        assert_eq!(desk.wallet().await, (16 * PRICE, 3 * PRICE));
        drop(desk);
        app.finish().await;
    }

    async fn two_hundred_calls_at_once_reserve_what_the_wallet_holds(app: TestApp) {
        let desk = Desk::open(&app, 20 * PRICE + PRICE / 2, |_| {}).await;
        let answers = desk.start_at_once(200).await;
        assert_eq!((in_state(&answers, "RINGING"), in_state(&answers, "UNSOLD")), (20, 180));
        assert_eq!(desk.wallet().await, (PRICE / 2, 20 * PRICE));
        let ends = (0..200).filter(|n| answers[*n]["state"] == "RINGING").zip(0..);
        let told = join_all(ends.map(|(n, i)| {
            let desk = &desk;
            // Every other one is long enough.
            async move { desk.end(&format!("call {n}"), 90, if i % 2 == 0 { 80 } else { 5 }).await }
        }))
        .await;
        assert_eq!((in_state(&told, "QUALIFIED"), in_state(&told, "TOO_SHORT")), (10, 10));
        assert_eq!(desk.wallet().await, (10 * PRICE + PRICE / 2, 0));
        drop(desk);
        app.finish().await;
    }

    async fn one_beginning_told_by_many_is_one_call(app: TestApp) {
        let desk = Desk::open(&app, 20 * PRICE, |_| {}).await;
        let told = join_all((0..20).map(|_| desk.start("same", 1, 0))).await;
        assert!(told.iter().all(|answer| *answer == told[0]), "{told:?}");
        assert_eq!(told[0]["state"], "RINGING");
        assert_eq!(desk.wallet().await, (19 * PRICE, PRICE));
        assert_eq!(desk.calls_in("RINGING").await, 1);
        drop(desk);
        app.finish().await;
    }
}
