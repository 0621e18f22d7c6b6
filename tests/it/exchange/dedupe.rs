//! One person, one sale.

use leadbourse_core::lead::LeadState;
use leadbourse_core::time::DAY;
use serde_json::json;

use super::market::{Market, person, policy, terms};
use crate::each_engine;

each_engine! {
    async fn a_sold_person_is_refused_until_the_window_ends(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(10_000).await;
        market.offer(buyer, terms(100, json!({}))).await;
        let source = market.source(1, None).await;
        assert_eq!(market.send(&source, person(1)).await.unwrap().verdict.state, LeadState::Sold);
        let mut again = person(1);
        again["phone"] = json!("8 (916) 000-00-01");
        let verdict = market.send(&source, again.clone()).await.unwrap().verdict;
        assert_eq!(verdict.state, LeadState::Rejected);
        assert_eq!(verdict.reasons[0].code, "DUPLICATE_PHONE_30D");
        assert_eq!(verdict.reasons[0].path.as_deref(), Some("fields.phone"));
        market.clock.advance(30 * DAY);
        assert_eq!(market.send(&source, again).await.unwrap().verdict.state, LeadState::Sold);
        market.check().await;
        market.close().await;
    }

    async fn an_unsold_person_is_not_taken_and_an_empty_field_never_matches(db: TestDb) {
        let market = Market::open(&db).await;
        let source = market.source(1, None).await;
        assert_eq!(market.send(&source, person(1)).await.unwrap().verdict.reasons[0].code, "NO_OFFER");
        assert_eq!(market.count("claims").await, 0);
        let buyer = market.buyer(10_000).await;
        market.offer(buyer, terms(100, json!({}))).await;
        let mut one = person(1);
        one["email"] = json!("");
        assert_eq!(market.send(&source, one).await.unwrap().verdict.state, LeadState::Sold);
        let mut two = person(2);
        two["email"] = json!("");
        assert_eq!(market.send(&source, two).await.unwrap().verdict.state, LeadState::Sold);
        market.check().await;
        market.close().await;
    }

    async fn all_mode_wants_every_filled_set_to_match(db: TestDb) {
        let mut rules = policy();
        rules["dedupe"]["mode"] = json!("ALL");
        let market = Market::with(&db, rules).await;
        let buyer = market.buyer(10_000).await;
        market.offer(buyer, terms(100, json!({}))).await;
        let source = market.source(1, None).await;
        let lead = |phone: &str, email: &str| json!({"phone": phone, "email": email});
        let state = async |fields| market.send(&source, fields).await.unwrap().verdict.state;
        assert_eq!(state(lead("+79160000001", "a@mail.ru")).await, LeadState::Sold);
        assert_eq!(state(lead("+79160000001", "b@mail.ru")).await, LeadState::Sold);
        assert_eq!(state(lead("+79160000001", "a@mail.ru")).await, LeadState::Rejected);
        assert_eq!(state(json!({"phone": "+79160000001"})).await, LeadState::Rejected);
        market.check().await;
        market.close().await;
    }

    async fn a_buyers_own_window_excludes_only_that_buyer(db: TestDb) {
        let mut rules = policy();
        rules["dedupe"]["scope"] = json!("OFFER");
        let market = Market::with(&db, rules).await;
        let (a, b) = (market.buyer(10_000).await, market.buyer(10_000).await);
        market.offer(a, terms(300, json!({"dedupe_window_s": 86_400}))).await;
        market.offer(b, terms(200, json!({}))).await;
        let source = market.source(1, None).await;
        let send = async || market.send(&source, person(1)).await.unwrap().verdict;
        assert_eq!(send().await.earning.minor, "255");
        assert_eq!(send().await.earning.minor, "170");
        let third = send().await;
        assert_eq!(third.state, LeadState::Unsold);
        assert_eq!(third.reasons[0].code, "BUYER_HAS_PERSON");
        market.check().await;
        market.close().await;
    }
}
