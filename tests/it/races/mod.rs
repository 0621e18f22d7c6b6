//! What must hold however many come at once: on SQLite, on PostgreSQL, on two instances over one
//! PostgreSQL with Redis, and again with Redis killed.

mod arena;
mod kill;

use crate::races;
use arena::Arena;
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
}
