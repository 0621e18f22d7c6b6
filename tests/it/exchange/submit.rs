//! From a submission to rows: verdicts, money, caps, conditions, the trace.

use leadbourse_core::lead::LeadState;
use serde_json::json;

use super::market::{Market, person, terms};
use crate::each_engine;

each_engine! {
    async fn a_lead_is_sold_to_the_best_bid_and_everything_adds_up(db: TestDb) {
        let market = Market::open(&db).await;
        let rich = market.buyer(10_000).await;
        let other = market.buyer(10_000).await;
        market.offer(other, terms(900, json!({}))).await;
        let best = market.offer(rich, terms(1_000, json!({}))).await;
        let source = market.source(1, None).await;

        let sold = market.send(&source, person(1)).await.unwrap().verdict;
        assert_eq!(sold.state, LeadState::Sold);
        assert_eq!(sold.awards[0].offer_id, best);
        assert_eq!(sold.earning.minor, "850");
        assert_eq!(market.available(rich).await, 9_000);
        assert_eq!(market.available(other).await, 10_000);
        for (table, rows) in [
            ("leads", 1), ("lead_contacts", 1), ("lead_events", 2), ("awards", 1),
            ("conversions", 1), ("claims", 1), ("outbox", 1), ("postings", 7),
        ] {
            assert_eq!(market.count(table).await, rows, "{table}");
        }
        market.check().await;
        market.close().await;
    }

    async fn wrong_fields_are_a_verdict_with_every_reason(db: TestDb) {
        let market = Market::open(&db).await;
        let source = market.source(1, None).await;
        let fields = json!({"phone": "12", "amount": "many", "colour": "red", "email": "x@y"});
        let verdict = market.send(&source, fields).await.unwrap().verdict;
        assert_eq!(verdict.state, LeadState::Rejected);
        let mut got: Vec<(String, String)> = verdict
            .reasons
            .iter()
            .map(|r| (r.code.to_string(), r.path.clone().unwrap_or_default()))
            .collect();
        got.sort();
        let want = [
            ("BAD_EMAIL", "fields.email"), ("BAD_PHONE", "fields.phone"),
            ("FIELD_TYPE", "fields.amount"), ("FIELD_UNKNOWN", "fields.colour"),
        ];
        assert_eq!(got, want.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert_eq!(verdict.score, None);
        // No contact data outside the vault.
        let leaked = market
            .number("SELECT COUNT(*) AS n FROM leads WHERE verdict LIKE '%many%' OR trace LIKE '%many%' OR features LIKE '%many%'", vec![])
            .await;
        assert_eq!(leaked, 0);
        market.check().await;
        market.close().await;
    }

    async fn several_copies_go_to_different_buyers_under_everybodys_limit(db: TestDb) {
        let market = Market::open(&db).await;
        let (a, b, c) = (market.buyer(5_000).await, market.buyer(5_000).await, market.buyer(5_000).await);
        market.offer(a, terms(400, json!({"max_sales": 3}))).await;
        market.offer(b, terms(300, json!({"max_sales": 2}))).await;
        market.offer(c, terms(600, json!({"max_sales": 1}))).await;
        let shared = market.source(3, None).await;
        let exclusive = market.source(1, None).await;
        let two = market.send(&shared, person(1)).await.unwrap().verdict;
        assert_eq!(two.awards.iter().map(|s| s.copy_no).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(two.earning.minor, (340 + 255).to_string());
        let one = market.send(&exclusive, person(2)).await.unwrap().verdict;
        assert_eq!(one.earning.minor, "510");
        market.check().await;
        market.close().await;
    }

    async fn caps_conditions_score_and_schedule_exclude_with_their_codes(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(100_000).await;
        let capped = market.offer(buyer, terms(100, json!({"caps": [{"period": "DAY", "count": 1}]}))).await;
        let source = market.source(1, Some(capped)).await;
        assert_eq!(market.send(&source, person(1)).await.unwrap().verdict.state, LeadState::Sold);
        let code = |v: leadbourse_core::lead::verdict::Verdict| v.reasons[0].code.to_string();
        assert_eq!(code(market.send(&source, person(2)).await.unwrap().verdict), "OFFER_CAPPED");
        // Midnight in Moscow is 21:00 UTC: the cap opens again.
        market.clock.advance(12 * leadbourse_core::time::HOUR);
        assert_eq!(market.send(&source, person(2)).await.unwrap().verdict.state, LeadState::Sold);

        let picky = market
            .offer(buyer, terms(100, json!({"conditions": [{"op": "EQ", "field": "region", "value": "SPE"}]})))
            .await;
        let source = market.source(1, Some(picky)).await;
        assert_eq!(code(market.send(&source, person(3)).await.unwrap().verdict), "CONDITION_FAILED");
        let strict = market.offer(buyer, terms(100, json!({"min_score": 70}))).await;
        let source = market.source(1, Some(strict)).await;
        assert_eq!(code(market.send(&source, person(4)).await.unwrap().verdict), "SCORE_TOO_LOW");
        let mut hot = person(4);
        hot["urgent"] = json!(true);
        hot["amount"] = json!(5_000);
        assert_eq!(market.send(&source, hot).await.unwrap().verdict.state, LeadState::Sold);
        let night = market
            .offer(buyer, terms(100, json!({"schedule": {"time_zone": "Europe/Moscow",
                "windows": [{"days": [1, 2, 3, 4, 5, 6, 7], "from_minute": 720, "to_minute": 780}]}})))
            .await;
        let source = market.source(1, Some(night)).await;
        assert_eq!(code(market.send(&source, person(5)).await.unwrap().verdict), "OFFER_CLOSED_NOW");
        let poor = market.buyer(50).await;
        let unfunded = market.offer(poor, terms(100, json!({}))).await;
        let source = market.source(1, Some(unfunded)).await;
        assert_eq!(code(market.send(&source, person(6)).await.unwrap().verdict), "NO_OFFER_FUNDED");
        let private = market.offer(buyer, terms(100, json!({"visibility": "PRIVATE"}))).await;
        let source = market.source(1, Some(private)).await;
        assert_eq!(code(market.send(&source, person(7)).await.unwrap().verdict), "NOT_APPROVED");
        market.check().await;
        market.close().await;
    }

    async fn a_sale_goal_reserves_and_does_not_charge(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(10_000).await;
        let hybrid = json!({"goals": [
            {"kind": "LEAD", "price": 500},
            {"kind": "SALE", "price": 8_000, "attribution_window_s": 2_592_000, "reserve_bps": 5_000}
        ]});
        let offer = market.offer(buyer, terms(0, hybrid)).await;
        let source = market.source(1, Some(offer)).await;
        let first = market.send(&source, person(1)).await.unwrap().verdict;
        assert_eq!(first.earning.minor, "425");
        assert_eq!(market.available(buyer).await, 10_000 - 500 - 4_000);
        assert_eq!(market.count("reservations").await, 1);
        assert_eq!(market.send(&source, person(2)).await.unwrap().verdict.state, LeadState::Sold);
        let third = market.send(&source, person(3)).await.unwrap().verdict;
        assert_eq!(third.reasons[0].code, "NO_OFFER_FUNDED");
        market.check().await;
        market.close().await;
    }

    async fn a_paused_source_and_an_unknown_key_do_not_sell(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(10_000).await;
        market.offer(buyer, terms(100, json!({}))).await;
        let source = market.source(1, None).await;
        let request = market.request(&source, json!({"fields": person(1)})).await;
        market.run("UPDATE sources SET state = 'PAUSED'", vec![]).await;
        market.raise().await;
        // The request was authenticated before the pause; the batch sees the newer market.
        let verdict = market.exchange.submit(request).await.unwrap().verdict;
        assert_eq!(verdict.reasons[0].code, "SOURCE_NOT_ACTIVE");
        assert!(market.exchange.source_by_key("psk_nobody").await.is_err());
        market.check().await;
        market.close().await;
    }
}
