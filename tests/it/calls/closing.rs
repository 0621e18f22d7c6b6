//! Calls whose end nobody told.

use leadbourse_core::time::{HOUR, MINUTE};

use super::desk::{Desk, PRICE, ended};
use crate::each_engine;

each_engine! {
    async fn a_call_without_an_end_is_closed_and_its_money_goes_back_once(app: TestApp) {
        let desk = Desk::open(&app, 10 * PRICE, |_| {}).await;
        desk.start("a", 1, 0).await;
        desk.answer("a", 5).await;
        // An end without a beginning has nobody to bill.
        let announced = desk.end("b", 30, 20).await;
        assert_eq!(announced["state"], "ANNOUNCED");
        app.advance(2 * HOUR - MINUTE).await;
        assert_eq!(desk.calls_in("CONNECTED").await, 1);
        assert_eq!(desk.wallet().await, (9 * PRICE, PRICE));
        app.advance(2 * MINUTE).await;
        desk.until_in("CLOSED", 2).await;
        assert_eq!(desk.wallet().await, (10 * PRICE, 0));

        // What is told later is kept and decides nothing.
        let late = desk.end("a", 100, 90).await;
        assert_eq!(late["state"], "CLOSED");
        assert!(late.get("conversion_id").is_none());
        let (status, other) = desk.tell("ended", ended("a", 100, 91)).await;
        assert_eq!((status, other["code"].as_str()), (409, Some("CALL_CONTRADICTION")));
        let begun = desk.start("b", 2, 0).await;
        assert_eq!(begun["state"], "CLOSED");
        assert!(begun.get("lead_id").is_none());

        // Where reservations expire, nothing is left to give back.
        app.advance(3 * HOUR).await;
        assert_eq!(desk.wallet().await, (10 * PRICE, 0));
        drop(desk);
        app.finish().await;
    }
}
