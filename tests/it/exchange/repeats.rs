//! Idempotency keys and senders' own ids.

use leadbourse_core::lead::LeadState;
use serde_json::{Value, json};

use super::market::{Market, person, terms};
use crate::each_engine;

each_engine! {
    async fn the_same_key_and_body_give_the_same_verdict(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(10_000).await;
        market.offer(buyer, terms(100, json!({}))).await;
        let source = market.source(1, None).await;
        let send = async |body: Value| {
            market.exchange.submit(market.request(&source, body).await).await
        };
        let body = json!({"fields": person(1), "idempotency_key": "k1"});
        let first = send(body.clone()).await.unwrap();
        let second = send(body).await.unwrap();
        assert!(!first.replayed && second.replayed);
        assert_eq!(first.verdict, second.verdict);
        let other = send(json!({"fields": person(2), "idempotency_key": "k1"})).await.unwrap_err();
        assert_eq!(other.problem().unwrap().code.name, "IDEMPOTENCY_MISMATCH");
        assert_eq!(market.count("leads").await, 1);
        market.clock.advance(8 * leadbourse_core::time::DAY);
        let later = send(json!({"fields": person(2), "idempotency_key": "k1"})).await.unwrap();
        assert!(!later.replayed);
        market.check().await;
        market.close().await;
    }

    async fn fifty_at_once_with_one_key_make_one_lead(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(10_000).await;
        market.offer(buyer, terms(100, json!({}))).await;
        let source = market.source(1, None).await;
        let mut tasks = Vec::new();
        for _ in 0..50 {
            let body = json!({"fields": person(1), "idempotency_key": "k"});
            let request = market.request(&source, body).await;
            let exchange = market.exchange.clone();
            tasks.push(tokio::spawn(async move { exchange.submit(request).await.unwrap() }));
        }
        let mut fresh = 0;
        let mut ids = std::collections::HashSet::new();
        for task in tasks {
            let got = task.await.unwrap();
            fresh += u32::from(!got.replayed);
            ids.insert(got.verdict.lead_id);
            assert_eq!(got.verdict.state, LeadState::Sold);
        }
        assert_eq!((fresh, ids.len()), (1, 1));
        assert_eq!(market.available(buyer).await, 9_900);
        market.check().await;
        market.close().await;
    }

    async fn a_senders_id_answers_again_when_sold_and_may_be_corrected_when_refused(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(10_000).await;
        market.offer(buyer, terms(100, json!({}))).await;
        let source = market.source(1, None).await;
        let send = async |fields: Value| {
            let body = json!({"fields": fields, "external_id": "crm-7"});
            market.exchange.submit(market.request(&source, body).await).await.unwrap()
        };
        let refused = send(json!({"phone": "1"})).await.verdict;
        assert_eq!(refused.state, LeadState::Rejected);
        let sold = send(person(1)).await.verdict;
        assert_eq!(sold.state, LeadState::Sold);
        assert_eq!(sold.supersedes, Some(refused.lead_id));
        let again = send(person(2)).await;
        assert!(again.replayed);
        assert_eq!(again.verdict, sold);
        assert_eq!(market.count("awards").await, 1);
        let elsewhere = market.source(1, None).await;
        let body = json!({"fields": person(3), "external_id": "crm-7"});
        let other = market.exchange.submit(market.request(&elsewhere, body).await).await.unwrap();
        assert!(!other.replayed, "another source's ids are its own");
        market.check().await;
        market.close().await;
    }
}
