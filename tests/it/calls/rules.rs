//! Each rule of a call, with exact values.

use serde_json::{Value, json};

use super::desk::{DESK, Desk, EARNING, LEAST, PRICE, caller, ended, second, started};
use crate::each_engine;

/// The three events of a call of 70 seconds.
fn events(id: &str, n: u64) -> [(&'static str, Value); 3] {
    [
        ("started", started(id, n, 0)),
        ("connected", json!({"external_id": id, "at": second(4), "caller": caller(n)})),
        ("ended", ended(id, 74, 70)),
    ]
}

const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

each_engine! {
    async fn every_order_and_every_repetition_bill_once(app: TestApp) {
        let desk = Desk::open(&app, 10 * PRICE, |_| {}).await;
        for (n, order) in (0u64..).zip(ORDERS) {
            let id = format!("call {n}");
            let events = events(&id, n);
            let mut last = Value::Null;
            for at in order.into_iter().chain(order) {
                let (name, body) = &events[at];
                let (status, answer) = desk.tell(name, body.clone()).await;
                assert_eq!(status, 200, "{order:?} {answer}");
                last = answer;
            }
            assert_eq!(last["state"], "QUALIFIED", "{order:?} {last}");
            let billed = PRICE * i64::try_from(n + 1).unwrap();
            assert_eq!(desk.wallet().await, (10 * PRICE - billed, 0), "{order:?}");
        }
        assert_eq!(desk.calls_in("QUALIFIED").await, 6);
        drop(desk);
        app.finish().await;
    }

    async fn the_last_second_counts(app: TestApp) {
        let desk = Desk::open(&app, 10 * PRICE, |_| {}).await;
        for (id, n, connected_s, state) in
            [("a", 1, LEAST - 1, "TOO_SHORT"), ("b", 2, LEAST, "QUALIFIED"), ("c", 3, 0, "TOO_SHORT")]
        {
            assert_eq!(desk.start(id, n, 0).await["state"], "RINGING");
            assert_eq!(desk.wallet().await.1, PRICE);
            let over = desk.end(id, 80, connected_s).await;
            assert_eq!(over["state"], state, "{over}");
            assert_eq!(over.get("conversion_id").is_some(), state == "QUALIFIED");
        }
        assert_eq!(desk.wallet().await, (9 * PRICE, 0));
        drop(desk);
        app.finish().await;
    }

    async fn contradictions_and_nonsense_are_refused_with_codes(app: TestApp) {
        let desk = Desk::open(&app, 10 * PRICE, |_| {}).await;
        desk.start("a", 1, 0).await;
        desk.answer("a", 5).await;
        let refused = [
            ("started", started("a", 2, 0), 409, "CALL_CONTRADICTION", "caller"),
            ("started", started("a", 1, 1), 409, "CALL_CONTRADICTION", "at"),
            ("connected", json!({"call_id": "a", "at": second(6)}), 409, "CALL_CONTRADICTION", "at"),
            ("ended", ended("a", 30, 60), 422, "CALL_IMPOSSIBLE", "at"),
            ("ended", json!({"external_id": "a", "at": second(9)}), 422, "REQUIRED", "connectedSeconds"),
            ("ended", json!({"external_id": "a", "connected_seconds": 9}), 422, "REQUIRED", "at"),
            ("ended", ended("a", 3_600, 9), 422, "CALL_TIME", "at"),
            ("started", json!({"at": second(0)}), 422, "REQUIRED", "external_id"),
            ("events", json!({"external_id": "a", "event": "sung", "at": second(0)}), 422, "BAD_INPUT", "event"),
        ];
        for (event, body, status, code, field) in refused {
            let (got, answer) = desk.tell(event, body.clone()).await;
            assert_eq!((got, &answer["code"], &answer["field"]), (status, &json!(code), &json!(field)), "{body}");
        }
        let mut other = started("a", 1, 0);
        other["fields"]["region"] = json!("RU-SPE");
        assert_eq!(desk.tell("started", other).await.1["field"], "fields");
        assert_eq!(desk.tell("sung", json!({})).await.0, 404);
        // Nothing of it was kept.
        let body = json!({"event": "ended", "external_id": "a", "at": second(70), "connected_seconds": "65"});
        assert_eq!(desk.tell("events", body).await.1["state"], "QUALIFIED");
        let late = desk.tell("ended", ended("a", 71, 65)).await;
        assert_eq!((late.0, &late.1["code"]), (409, &json!("CALL_CONTRADICTION")));
        assert_eq!(desk.wallet().await, (9 * PRICE, 0));
        drop(desk);
        app.finish().await;
    }

    async fn who_calls_again_within_the_window_is_billed_once(app: TestApp) {
        const WEEK_S: i64 = 604_800;
        let desk = Desk::open(&app, 10 * PRICE, |goal| {
            goal["repeatCallerWindowS"] = json!(WEEK_S);
        }).await;
        // A short call takes no place; the first long one does.
        let short = [("a", 0, 10, "TOO_SHORT"), ("b", 100, 90, "QUALIFIED"), ("c", 200, 90, "REPEATED")];
        for (id, after, connected_s, state) in short {
            assert_eq!(desk.start(id, 1, after).await["state"], "RINGING");
            assert_eq!(desk.end(id, after + 95, connected_s).await["state"], state, "{id}");
        }
        assert_eq!(desk.wallet().await, (9 * PRICE, 0));
        // Somebody else, and the same person after the window.
        desk.start("d", 2, 0).await;
        assert_eq!(desk.end("d", 95, 90).await["state"], "QUALIFIED");
        app.advance((WEEK_S + 1) * leadbourse_core::time::SECOND).await;
        desk.start("e", 1, WEEK_S).await;
        assert_eq!(desk.end("e", WEEK_S + 90, 90).await["state"], "QUALIFIED");
        assert_eq!(desk.wallet().await, (7 * PRICE, 0));
        drop(desk);
        app.finish().await;
    }

    async fn only_an_offer_with_lines_and_money_takes_a_call(app: TestApp) {
        let desk = Desk::open(&app, PRICE, |goal| goal["callsAtOnce"] = json!(2)).await;
        for bad in ["89161234567", "nowhere", "sip:me"] {
            assert_eq!(desk.connect_to(json!(bad)).await, Err("BAD_CONNECT_TO".to_owned()));
        }
        desk.connect_to(Value::Null).await.unwrap();
        let unsold = desk.start("a", 1, 0).await;
        assert_eq!(unsold["state"], "UNSOLD");
        assert_eq!(unsold["reasons"][0]["code"], "NO_CONNECTION");
        assert!(unsold.get("connect_to").is_none());
        // It stays so, whatever happens later; its end decides nothing.
        desk.connect_to(json!("sip:desk@pbx.example.com")).await.unwrap();
        assert_eq!(desk.start("a", 1, 0).await, unsold);
        assert_eq!(desk.end("a", 90, 80).await["state"], "UNSOLD");

        let second_call = desk.start("b", 2, 0).await;
        assert_eq!(second_call["connect_to"], "sip:desk@pbx.example.com");
        let poor = desk.start("c", 3, 0).await;
        assert_eq!(poor["reasons"][0]["code"], "NO_OFFER_FUNDED", "{poor}");
        desk.market.top_up(&desk.buyer, 5 * PRICE, "more").await;
        assert_eq!(desk.start("d", 4, 0).await["state"], "RINGING");
        let busy = desk.start("e", 5, 0).await;
        assert_eq!(busy["reasons"][0]["code"], "OFFER_BUSY", "{busy}");
        desk.end("b", 90, 10).await;
        assert_eq!(desk.start("f", 6, 0).await["state"], "RINGING");
        // A form is no call, and a call without a number is no lead that could be sold.
        let form = desk.market.send(&desk.source, 9).await;
        assert_eq!(form["reasons"][0]["code"], "BUYS_CALLS");
        let hidden = desk.tell("started", json!({"external_id": "g", "at": second(0)})).await.1;
        assert_eq!(hidden["state"], "UNSOLD");
        assert_eq!(hidden["reasons"][0]["code"], "FIELD_REQUIRED");
        for (id, after) in [("d", 90), ("f", 90)] {
            desk.end(id, after, 0).await;
        }
        assert_eq!(desk.wallet().await, (6 * PRICE, 0));
        drop(desk);
        app.finish().await;
    }

    async fn graphql_takes_the_same_events(app: TestApp) {
        let desk = Desk::open(&app, PRICE, |_| {}).await;
        let visitor = app.visitor();
        let tell = async |input: Value| {
            let mut input = input;
            input["postingKey"] = json!(desk.source.key);
            input["externalId"] = json!("a");
            let selection = "call { state connectTo minCallSeconds earning { minor } conversionId }";
            visitor.mutate("reportCall", input, selection).await.unwrap()["call"].clone()
        };
        let begun = tell(json!({"event": "STARTED", "at": second(0), "caller": caller(1)})).await;
        assert_eq!((&begun["state"], &begun["connectTo"]), (&json!("RINGING"), &json!(DESK)));
        let over = tell(json!({"event": "ENDED", "at": second(70), "connectedSeconds": 65})).await;
        assert_eq!(over["state"], "QUALIFIED");
        assert_eq!(over["earning"]["minor"], EARNING.to_string());
        drop(desk);
        app.finish().await;
    }
}
