//! The worker under stress: poison, a full queue, the end of the process.

use leadbourse_core::lead::LeadState;
use serde_json::json;
use std::time::Duration;

use super::market::{Market, person, terms};
use crate::each_engine;

each_engine! {
    async fn a_poisoned_lead_fails_alone(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(1_000_000).await;
        let good = market.offer(buyer, terms(100, json!({}))).await;
        let bad = market.offer(buyer, terms(100, json!({}))).await;
        let (healthy, poisoned) = (market.source(1, Some(good)).await, market.source(1, Some(bad)).await);
        // Without its counters the offer's award can't be written: only the database notices.
        market.run("DELETE FROM offer_meters WHERE offer_id = $1", vec![bad.uuid().into()]).await;
        let mut tasks = Vec::new();
        for n in 0..40u64 {
            let source = if n % 10 == 3 { &poisoned } else { &healthy };
            let request = market.request(source, json!({"fields": person(n)})).await;
            let exchange = market.exchange.clone();
            tasks.push((n, tokio::spawn(async move { exchange.submit(request).await })));
        }
        for (n, task) in tasks {
            let result = task.await.unwrap();
            if n % 10 == 3 {
                assert_eq!(result.unwrap_err().problem().unwrap().code.name, "INTERNAL");
            } else {
                assert_eq!(result.unwrap().verdict.state, LeadState::Sold);
            }
        }
        assert_eq!(market.count("leads").await, 36);
        market.check().await;
        market.close().await;
    }

    async fn what_was_accepted_is_finished_at_the_end(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(1_000_000).await;
        market.offer(buyer, terms(100, json!({}))).await;
        let source = market.source(1, None).await;
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..200u64 {
            let request = market.request(&source, json!({"fields": person(n)})).await;
            let exchange = market.exchange.clone();
            tasks.spawn(async move { exchange.submit(request).await });
        }
        let mut answered = 0;
        while let Some(task) = tasks.join_next().await {
            match task.unwrap() {
                Ok(sold) => {
                    assert_eq!(sold.verdict.state, LeadState::Sold);
                    answered += 1;
                    // The end comes at the first answer, while the others wait or are on their way.
                    market.shutdown.cancel();
                }
                Err(error) => {
                    assert_eq!(error.problem().unwrap().code.name, "SHUTTING_DOWN");
                }
            }
        }
        assert!(answered > 0);
        assert_eq!(market.count("leads").await, answered);
        market.check().await;
        market.close().await;
    }

    async fn a_full_queue_says_so_at_once_and_a_deadline_ends_the_wait(db: TestDb) {
        let market = Market::open(&db).await;
        let source = market.source(1, None).await;
        let mut config = market.config.clone();
        config.intake.queue = 2;
        config.intake.bound = 2;
        config.intake.deadline_ms = 200;
        // An instance whose workers were never started: its queue only fills.
        let stuck = Market::instance(&market.db, &market.clock, &market.vault, &config, &market.shutdown);
        let mut waiting = Vec::new();
        for n in 0..2u64 {
            let body = json!({"fields": person(n), "idempotency_key": format!("k{n}")});
            let request = market.request(&source, body).await;
            let stuck = stuck.clone();
            waiting.push(tokio::spawn(async move { stuck.submit(request).await }));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        let request = market.request(&source, json!({"fields": person(9)})).await;
        let refused = stuck.submit(request).await.unwrap_err();
        assert_eq!(refused.problem().unwrap().code.name, "OVERLOADED");
        for task in waiting {
            let late = task.await.unwrap().unwrap_err();
            assert_eq!(late.problem().unwrap().code.name, "IN_FLIGHT");
        }
        market.close().await;
    }
}
