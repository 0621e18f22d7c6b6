//! The whole way of a call: from its beginning to a paid statement.

use leadbourse_core::time::DAY;
use serde_json::json;

use super::desk::{DESK, Desk, EARNING, PRICE};
use crate::each_engine;

each_engine! {
    async fn a_call_from_its_beginning_to_a_paid_statement(app: TestApp) {
        let desk = Desk::open(&app, 10 * PRICE, |_| {}).await;
        let begun = desk.start("a", 1, 0).await;
        assert_eq!(begun["state"], "RINGING", "{begun}");
        assert_eq!(begun["connect_to"], DESK);
        assert_eq!(begun["min_call_seconds"], 60);
        assert_eq!(begun["earning"]["minor"], EARNING.to_string());
        assert_eq!(desk.wallet().await, (9 * PRICE, PRICE));

        assert_eq!(desk.answer("a", 5).await["state"], "CONNECTED");
        let over = desk.end("a", 95, 90).await;
        assert_eq!(over["state"], "QUALIFIED", "{over}");
        assert!(over["conversion_id"].as_str().unwrap().starts_with("cnv_"));
        assert_eq!(desk.wallet().await, (9 * PRICE, 0));
        // Told again: the same answer, and nothing is billed twice.
        assert_eq!(desk.end("a", 95, 90).await, over);
        assert_eq!(desk.start("a", 1, 0).await, over);

        let chain = "{ leads { nodes { channel state events { code } chainValid } } }";
        let lead = desk.publisher.client.query(chain, json!({})).await.unwrap();
        let lead = &lead["leads"]["nodes"][0];
        assert_eq!((&lead["channel"], &lead["state"]), (&json!("CALL"), &json!("SOLD")));
        assert_eq!(lead["chainValid"], true);
        let codes: Vec<_> =
            lead["events"].as_array().unwrap().iter().map(|event| &event["code"]).collect();
        assert_eq!(codes, ["RECEIVED", "SOLD", "CALL_QUALIFIED"]);

        app.advance(20 * DAY).await;
        let chief = &desk.market.operator;
        let selection = "run { statements { nodes { id lineCount total { minor } } } }";
        let input = json!({"idempotencyKey": "plan"});
        let planned = chief.mutate("planSettlement", input, selection).await.unwrap();
        let statement = &planned["run"]["statements"]["nodes"][0];
        assert_eq!(statement["lineCount"], 1);
        assert_eq!(statement["total"]["minor"], EARNING.to_string());
        let input = json!({"id": statement["id"], "idempotencyKey": "approve"});
        let approved = chief.mutate("approveStatement", input, "statement { payouts { id } }");
        let payout = approved.await.unwrap()["statement"]["payouts"][0]["id"].clone();
        let input = json!({
            "payoutId": payout, "confirmed": true, "reference": "bank 1", "idempotencyKey": "paid",
        });
        chief.mutate("resolvePayout", input, "payout { id }").await.unwrap();
        let paid = "{ statements { nodes { state } } earnings { paid { minor } held { minor } } }";
        let paid = desk.publisher.client.query(paid, json!({})).await.unwrap();
        assert_eq!(paid["statements"]["nodes"][0]["state"], "PAID");
        assert_eq!(paid["earnings"][0]["paid"]["minor"], EARNING.to_string());
        assert_eq!(paid["earnings"][0]["held"]["minor"], "0");
        drop(desk);
        app.finish().await;
    }
}
