//! Who sends: what was true of a source when a request came in is looked at again when its lead is
//! decided.

use leadbourse_core::lead::LeadState;
use serde_json::json;
use std::time::Duration;

use super::market::{Market, person, terms};
use crate::each_engine;

each_engine! {
    async fn a_source_paused_after_the_request_was_recognised_sells_nothing(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(10_000).await;
        market.offer(buyer, terms(100, json!({}))).await;
        let source = market.source(1, None).await;
        let other = market.source(1, None).await;
        let early = market.request(&source, json!({"fields": person(1)})).await;
        let earlier = market.request(&source, json!({"fields": person(2)})).await;
        market.run("UPDATE sources SET state = 'PAUSED' WHERE publisher_id = $1", vec![source.publisher.uuid().into()]).await;
        market.raise().await;
        // The worker follows the market with somebody else's lead: the book is new, the request is old.
        assert_eq!(market.send(&other, person(3)).await.unwrap().verdict.state, LeadState::Sold);
        for request in [early, earlier] {
            let verdict = market.exchange.submit(request).await.unwrap().verdict;
            assert_eq!(verdict.state, LeadState::Rejected);
            assert_eq!(verdict.reasons[0].code, "SOURCE_NOT_ACTIVE");
        }
        assert_eq!(market.count("awards").await, 1);
        market.check().await;
        market.close().await;
    }

    async fn a_posting_key_that_was_rotated_is_refused_at_once(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(10_000).await;
        market.offer(buyer, terms(100, json!({}))).await;
        let source = market.source(1, None).await;
        let stolen = market.request(&source, json!({"fields": person(1)})).await;
        let rotated = "UPDATE sources SET posting_key_hash = $1 WHERE publisher_id = $2";
        market.run(rotated, vec![vec![7u8; 32].into(), source.publisher.uuid().into()]).await;
        market.raise().await;
        // Nothing has read the market since: only the worker can notice.
        let refused = market.exchange.submit(stolen).await.unwrap_err();
        assert_eq!(refused.problem().unwrap().code.name, "BAD_POSTING_KEY");
        assert!(market.exchange.source_by_key(&source.key).await.is_err());
        assert_eq!(market.count("leads").await, 0);
        market.check().await;
        market.close().await;
    }

    async fn a_lead_whose_sender_gave_up_in_the_queue_is_not_decided(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(10_000).await;
        market.offer(buyer, terms(100, json!({}))).await;
        let source = market.source(1, None).await;
        let mut config = market.config.clone();
        config.intake.deadline_ms = 100;
        let slow = Market::instance(&market.db, &market.clock, &market.vault, &config, &market.shutdown);
        let plain = market.request(&source, json!({"fields": person(1)})).await;
        let keyed = json!({"fields": person(2), "idempotency_key": "mine"});
        let keyed = market.request(&source, keyed).await;
        let again = keyed.clone();
        let gone = slow.submit(plain).await.unwrap_err();
        assert_eq!(gone.problem().unwrap().code.name, "OVERLOADED");
        let later = slow.submit(keyed).await.unwrap_err();
        assert_eq!(later.problem().unwrap().code.name, "IN_FLIGHT");
        // Now its worker begins: what was given up is dropped, what has a key is decided.
        slow.start().await.unwrap();
        let mut sold = market.exchange.submit(again.clone()).await;
        while sold.as_ref().is_err_and(|error| error.problem().unwrap().code.name == "IN_FLIGHT") {
            tokio::time::sleep(Duration::from_millis(20)).await;
            sold = market.exchange.submit(again.clone()).await;
        }
        assert_eq!(sold.unwrap().verdict.state, LeadState::Sold);
        assert_eq!(market.count("leads").await, 1);
        market.check().await;
        market.close().await;
    }

    async fn the_order_of_names_does_not_make_another_request(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(10_000).await;
        market.offer(buyer, terms(100, json!({}))).await;
        let source = market.source(1, None).await;
        let one = json!({"fields": {"phone": "+79161234567", "name": "Анна", "region": "MOW"},
                         "sub_ids": {"a": "1", "b": "2"}, "idempotency_key": "k"});
        let other = json!({"idempotency_key": "k", "sub_ids": {"b": "2", "a": "1"},
                           "fields": {"region": "MOW", "name": "Анна", "phone": "+79161234567"}});
        let first = market.exchange.submit(market.request(&source, one).await).await.unwrap();
        let second = market.exchange.submit(market.request(&source, other).await).await.unwrap();
        assert_eq!((first.replayed, second.replayed), (false, true));
        assert_eq!(first.verdict, second.verdict);
        market.close().await;
    }
}
