//! What must hold however many come at once: on SQLite, on PostgreSQL, on two instances over one
//! PostgreSQL with Redis, and again with Redis killed.

mod arena;
mod kill;
mod orders;
mod pings;

use crate::races;
use arena::Arena;
use leadbourse_core::time::DAY;
use serde_json::{Value, json};
use std::time::Duration;

races! {
    async fn two_hundred_submissions_of_one_person_sell_once(arena: Arena) {
        arena.offer(50_000, 100_000_000, serde_json::json!([])).await;
        let verdicts = arena.send_at_once((0..200).map(|_| 7)).await;
        let sold = verdicts.iter().filter(|v| v["verdict"] == "SOLD").count();
        assert_eq!(sold, 1);
        let duplicates = verdicts
            .iter()
            .filter(|v| v["reasons"][0]["code"].as_str().unwrap_or("").starts_with("DUPLICATE_"))
            .count();
        assert_eq!(duplicates, 199);
        assert_eq!(arena.awards().await, 1);
        arena.finish().await;
    }

    async fn five_hundred_against_a_cap_and_a_budget_sell_what_the_budget_pays(arena: Arena) {
        let caps = serde_json::json!([{"period": "DAY", "count": 37}]);
        arena.offer(50_000, 20 * 50_000, caps).await;
        let verdicts = arena.send_at_once(0..500).await;
        let sold = verdicts.iter().filter(|v| v["verdict"] == "SOLD").count();
        assert_eq!(sold, 20);
        assert_eq!(arena.awards().await, 20);
        let unfunded =
            verdicts.iter().filter(|v| v["reasons"][0]["code"] == "NO_OFFER_FUNDED").count();
        assert_eq!(unfunded, 480);
        arena.finish().await;
    }

    async fn five_hundred_against_a_cap_sell_what_the_cap_allows(arena: Arena) {
        let caps = serde_json::json!([{"period": "DAY", "count": 37}]);
        arena.offer(50_000, 100_000_000, caps).await;
        let verdicts = arena.send_at_once(0..500).await;
        assert_eq!(verdicts.iter().filter(|v| v["verdict"] == "SOLD").count(), 37);
        assert_eq!(arena.awards().await, 37);
        arena.finish().await;
    }

    async fn no_award_is_later_than_the_answer_to_a_pause(arena: Arena) {
        let offer = arena.offer(50_000, 100_000_000, serde_json::json!([])).await;
        let sending = arena.start_sending(0..500);
        while arena.answered() < 60 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        arena.pause(&offer).await;
        // Everything that was awarded is committed before the pause's own commit.
        let at_the_answer = arena.awards().await;
        let verdicts = sending.await.unwrap();
        assert_eq!(verdicts.len(), 500);
        assert_eq!(arena.awards().await, at_the_answer, "an award came after the pause");
        let sold = verdicts.iter().filter(|v| v["verdict"] == "SOLD").count();
        assert_eq!(i64::try_from(sold).unwrap(), at_the_answer);
        arena.finish().await;
    }

    async fn two_settlement_runs_at_once_pay_once(arena: Arena) {
        arena.offer(50_000, 100_000_000, json!([])).await;
        let verdicts = arena.send_at_once(0..20).await;
        assert!(verdicts.iter().all(|verdict| verdict["verdict"] == "SOLD"), "{verdicts:?}");
        // 85 % of each price; the exchange keeps the rest.
        let earned = 20 * 42_500;
        arena.advance(20 * DAY).await;

        let selection = "run { statements { nodes { id lineCount total { minor } } } }";
        let runs = arena.at_once(6, ("planSettlement", json!({}), selection)).await;
        let statements: Vec<Value> = runs
            .iter()
            .flat_map(|run| run.as_ref().unwrap()["run"]["statements"]["nodes"].as_array().unwrap())
            .cloned()
            .collect();
        assert_eq!(statements.len(), 1, "{statements:?}");
        assert_eq!(statements[0]["lineCount"], 20);
        assert_eq!(statements[0]["total"]["minor"], earned.to_string());
        assert_eq!(arena.number("SELECT COUNT(*) AS n FROM statement_lines").await, 20);

        let input = json!({"id": statements[0]["id"]});
        let selection = "statement { payouts { id } }";
        let approved = arena.at_once(6, ("approveStatement", input, selection)).await;
        let payout = done_once(approved)["statement"]["payouts"][0]["id"].clone();
        let input = json!({"payoutId": payout, "confirmed": true, "reference": "bank 1"});
        done_once(arena.at_once(6, ("resolvePayout", input, "payout { id }")).await);

        let paid = "SELECT COUNT(*) AS n FROM payouts WHERE state = 'CONFIRMED'";
        assert_eq!(arena.number(paid).await, 1);
        let sum = "SELECT CAST(SUM(amount) AS BIGINT) AS n FROM payouts";
        assert_eq!(arena.number(sum).await, earned);
        for kind in ["PAYOUT_BEGIN", "PAYOUT_CONFIRMED"] {
            let posted = format!("SELECT COUNT(*) AS n FROM ledger_txs WHERE kind = '{kind}'");
            assert_eq!(arena.number(&posted).await, 1, "{kind}");
        }
        arena.finish().await;
    }
}

/// The one payload among refusals of what was done already.
fn done_once(answers: Vec<Result<Value, String>>) -> Value {
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert!(refused.iter().all(|code| code == &Err("INVALID_STATE".to_owned())), "{refused:?}");
    assert_eq!(done.len(), 1, "{done:?}");
    done.into_iter().next().unwrap().unwrap()
}
