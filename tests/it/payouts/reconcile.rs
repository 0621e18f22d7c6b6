//! Reconciliation (сверка): the difference report, and applying it once.

use leadbourse::demo::client::text;
use leadbourse_core::time::{DAY, HOUR};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::stage::{Sold, Stage};
use crate::each_engine;
use crate::harness::market::Market;

fn goals(market: &Market) -> Value {
    json!([{"kind": "SALE", "attributionWindowS": 10 * 86_400, "several": true,
        "percent": {"bps": 1_000, "min": market.money(1_000), "max": market.money(600_000)}}])
}

const SELECTION: &str = "reconciliation { id appliedAt counts { finding rows } \
    rows(first: 100) { row finding code outcome externalId } }";

/// Findings by row, with code and outcome.
fn findings(done: &Value) -> Vec<(i64, String, Value, Value)> {
    let rows = done["reconciliation"]["rows"].as_array().unwrap();
    rows.iter()
        .map(|row| {
            let n = row["row"].as_i64().unwrap();
            (n, text(&row["finding"]), row["code"].clone(), row["outcome"].clone())
        })
        .collect()
}

/// A buyer's file with every kind of row.
fn file(sold: &[Sold], now: &str, late: &str) -> String {
    let (a, b, c) = (&sold[0].award, &sold[1].award, &sold[2].lead);
    format!(
        "award_id,lead_id,external_id,amount,currency,status,refunded,occurred_at\n\
         {a},,same,1000.00,RUB,,,{now}\n\
         {a},,dearer,2500.00,RUB,,,\n\
         ,,gone,3000.00,RUB,refunded,750.00,\n\
         ,{c},new,400.00,RUB,approved,,{now}\n\
         {b},,both,100.00,RUB,refunded,50.00,\n\
         {b},,void,100.00,RUB,cancelled,,\n\
         ,,nobody,100.00,RUB,,,\n\
         awd_01h455vb4pex5vsknk084sn02q,,x,1,RUB,,,\n\
         {b},,late,100.00,RUB,,,{late}\n\
         {b},,dollars,100.00,USD,,,\n\
         {b},,,100.00,RUB,,,\n\
         {b},,broken,one,RUB,,,\n"
    )
}

/// What the comparison finds in it: row, finding, code, outcome.
fn expected() -> Vec<(i64, String, Value, Value)> {
    let null = || Value::Null;
    let line = |n: i64, finding: &str, code: Value| (n, finding.to_owned(), code, null());
    vec![
        line(1, "EQUAL", null()),
        line(2, "AMOUNT_DIFFERS", null()),
        line(3, "REFUNDED", null()),
        line(4, "ONLY_IN_FILE", null()),
        line(5, "ONLY_IN_FILE", null()),
        line(6, "VOID", null()),
        line(7, "UNKNOWN", null()),
        line(8, "UNKNOWN", null()),
        line(9, "OUTSIDE_WINDOW", null()),
        line(10, "REFUSED", json!("AMOUNT_CURRENCY")),
        line(11, "REFUSED", json!("REQUIRED")),
        line(12, "UNREADABLE", json!("BAD_INPUT")),
        line(13, "ONLY_HERE", null()),
    ]
}

each_engine! {
    async fn a_file_is_compared_and_applied_once(app: TestApp) {
        let stage = Stage::open(app, goals).await;
        let sold = [stage.sell(1).await, stage.sell(2).await, stage.sell(3).await];
        let began = stage.app.clock.now();
        let sale = |n: usize, reference: &str, amount: i64| json!({
            "award_id": sold[n].award, "external_id": reference,
            "amount": stage.market.money(amount)});
        stage.app.clock.advance(HOUR);
        for (n, reference, amount) in
            [(0, "same", 100_000), (0, "dearer", 200_000), (1, "gone", 300_000), (1, "mine", 50_000)]
        {
            stage.billed(sale(n, reference, amount)).await;
        }
        assert_eq!(stage.wallet().await.0, 10_000_000 - 65_000);
        stage.app.clock.advance(HOUR);
        let (late, now) = (began.plus(12 * DAY).rfc3339(), stage.app.clock.now().rfc3339());
        let csv = file(&sold, &now, &late);
        let input = json!({"csv": csv, "periodFrom": began.rfc3339(), "periodTo": now});
        let buyer = &stage.buyer.client;
        let dry = buyer.mutate("checkReconciliation", input.clone(), SELECTION).await.unwrap();
        assert_eq!(findings(&dry), expected());
        assert_eq!(dry["reconciliation"]["rows"][12]["externalId"], "mine");
        let counts: BTreeMap<String, i64> = dry["reconciliation"]["counts"]
            .as_array().unwrap().iter()
            .map(|one| (text(&one["finding"]), one["rows"].as_i64().unwrap()))
            .collect();
        assert_eq!((counts["ONLY_IN_FILE"], counts["UNKNOWN"], counts["EQUAL"]), (2, 2, 1));
        assert_eq!(stage.wallet().await.0, 10_000_000 - 65_000, "a dry run moves nothing");

        // The same file is the same reconciliation; the publisher sees none of it.
        let again = buyer.mutate("checkReconciliation", input.clone(), SELECTION).await.unwrap();
        assert_eq!(again["reconciliation"]["id"], dry["reconciliation"]["id"]);
        let id = json!({"id": dry["reconciliation"]["id"]});
        let theirs = stage.publisher.client
            .try_mutate("applyReconciliation", id.clone(), "reconciliation { id }").await.unwrap();
        assert_eq!(theirs.unwrap_err()[0].code, "NOT_FOUND");

        let done = buyer.mutate("applyReconciliation", id.clone(), SELECTION).await.unwrap();
        let ok: Vec<i64> = findings(&done).into_iter()
            .filter(|(_, _, _, outcome)| *outcome == "OK").map(|(n, ..)| n).collect();
        assert_eq!(ok, [3, 4, 5]);
        // A quarter of 30,000 back; 4,000 billed; 1,000 billed and half of it back.
        let left = 10_000_000 - 65_000 + 7_500 - 4_000 - 500;
        assert_eq!(stage.wallet().await.0, left);
        for _ in 0..2 {
            buyer.mutate("applyReconciliation", id.clone(), SELECTION).await.unwrap();
            let same = buyer.mutate("checkReconciliation", input.clone(), SELECTION).await.unwrap();
            assert!(same["reconciliation"]["appliedAt"].is_string());
        }
        assert_eq!(stage.wallet().await.0, left);
        // Another file with the same rows finds that they are known.
        let more = json!({"csv": format!("{csv}\n"), "currency": "RUB"});
        let next = buyer.mutate("checkReconciliation", more, SELECTION).await.unwrap();
        let found: Vec<String> = findings(&next)[2..5].iter().map(|row| row.1.clone()).collect();
        assert_eq!(found, ["EQUAL", "EQUAL", "EQUAL"]);
        stage.app.finish().await;
    }
}
