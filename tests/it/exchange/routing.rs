//! Strategies, shared prices, fallbacks, caps and pacing through intake, with everything stored.

use leadbourse::exchange::{OnQueued, TOPIC_QUEUED};
use leadbourse::platform::outbox::Runner;
use leadbourse_core::ids::{LeadId, OfferId};
use leadbourse_core::lead::LeadState;
use leadbourse_core::lead::verdict::Verdict;
use leadbourse_core::time::HOUR;
use serde_json::{Value, json};
use std::sync::Arc;

use super::market::{Market, Src, person, policy, terms};
use crate::each_engine;

async fn sold(market: &Market, source: &Src, n: u64) -> Verdict {
    market.send(source, person(n)).await.unwrap().verdict
}

async fn buyer_of(market: &Market, source: &Src, n: u64) -> OfferId {
    sold(market, source, n).await.awards[0].offer_id
}

async fn code(market: &Market, source: &Src, n: u64) -> String {
    sold(market, source, n).await.reasons[0].code.to_string()
}

async fn trace(market: &Market, lead: LeadId) -> Value {
    let tx = market.db.begin_read().await.unwrap();
    let record = leadbourse::leads::by_ids(&tx, &[lead.uuid()]).await.unwrap().remove(&lead);
    serde_json::from_str(&record.unwrap().trace_text).unwrap()
}

fn routed(routing: Value) -> Value {
    let mut policy = policy();
    policy["routing"] = routing;
    policy
}

each_engine! {
    async fn turns_are_stored_and_outlive_the_instance(db: TestDb) {
        let market = Market::with(&db, routed(json!({"strategy": "ROUND_ROBIN"}))).await;
        let buyer = market.buyer(100_000).await;
        let mut offers = Vec::new();
        for price in [300, 200, 100] {
            offers.push(market.offer(buyer, terms(price, json!({}))).await);
            market.clock.advance(1);
        }
        let source = market.source(1, None).await;
        let mut won = Vec::new();
        for n in 0..4 {
            won.push(buyer_of(&market, &source, n).await);
        }
        // Never awarded first, the oldest of those; then round again.
        assert_eq!(won, [offers[0], offers[1], offers[2], offers[0]]);
        let other = Market::instance(
            &market.db, &market.clock, &market.vault, &market.config, &market.shutdown,
        );
        other.start().await.unwrap();
        let request = market.request(&source, json!({"fields": person(9)})).await;
        let next = other.submit(request).await.unwrap().verdict;
        assert_eq!(next.awards[0].offer_id, offers[1]);
        market.check().await;
        market.close().await;
    }

    async fn groups_of_a_waterfall_follow_the_niches_next_version(db: TestDb) {
        let market = Market::open(&db).await;
        let (a, b) = (market.buyer(1_000).await, market.buyer(10_000).await);
        let first = market.offer(a, terms(500, json!({}))).await;
        let second = market.offer(b, terms(900, json!({}))).await;
        let source = market.source(1, None).await;
        assert_eq!(buyer_of(&market, &source, 1).await, second);
        market.publish(routed(json!({
            "strategy": "WATERFALL", "groups": [{"number": 1}, {"number": 2}],
            "offers": {first.to_string(): {"group": 1}, second.to_string(): {"group": 2}}
        }))).await;
        let lead = sold(&market, &source, 2).await;
        assert_eq!(lead.awards[0].offer_id, first);
        let told = trace(&market, lead.lead_id).await;
        assert_eq!(told["basis"], json!({"strategy": "AUCTION", "group": 1, "copies": 1, "sum": 475}));
        let other = told["entries"].as_array().unwrap().iter().find(|e| e[2] == "L").unwrap();
        assert_eq!((&other[3], &other[9]), (&json!("NOT_ITS_TURN"), &json!(2)));
        assert_eq!(buyer_of(&market, &source, 3).await, first);
        // The first group's money is spent.
        assert_eq!(buyer_of(&market, &source, 4).await, second);
        market.check().await;
        market.close().await;
    }

    async fn shared_copies_are_charged_their_price(db: TestDb) {
        let market = Market::open(&db).await;
        let (a, b) = (market.buyer(10_000).await, market.buyer(10_000).await);
        let shared = json!({"max_sales": 2, "shared_prices": [{"copies": 2, "price": 700}]});
        market.offer(a, terms(1_000, shared.clone())).await;
        market.offer(b, terms(1_000, shared)).await;
        let both = market.source(2, None).await;
        let alone = market.source(1, None).await;
        let two = sold(&market, &both, 1).await;
        assert_eq!(two.awards.len(), 2);
        assert_eq!(two.awards[0].earning.minor, "595");
        assert_eq!(two.earning.minor, "1190");
        assert_eq!((market.available(a).await, market.available(b).await), (9_300, 9_300));
        let one = sold(&market, &alone, 2).await;
        assert_eq!(one.earning.minor, "850");
        let charged = market.number("SELECT CAST(SUM(price) AS BIGINT) AS n FROM conversions", vec![]).await;
        assert_eq!(charged, 700 + 700 + 1_000);
        assert_eq!(trace(&market, two.lead_id).await["basis"]["alternative"], json!([1, 950]));
        market.check().await;
        market.close().await;
    }

    async fn what_the_target_does_not_buy_falls_back(db: TestDb) {
        let market = Market::open(&db).await;
        let (poor, rich) = (market.buyer(500).await, market.buyer(10_000).await);
        let target = market.offer(poor, terms(500, json!({}))).await;
        let other = market.offer(rich, terms(300, json!({}))).await;
        let best = market.offer(rich, terms(800, json!({}))).await;
        let source = market.source(1, Some(target)).await;
        assert_eq!(buyer_of(&market, &source, 1).await, target);
        assert_eq!(code(&market, &source, 2).await, "NO_OFFER_FUNDED");
        market.fall_back(&source, "OFFER", Some(other)).await;
        assert_eq!(buyer_of(&market, &source, 3).await, other);
        market.fall_back(&source, "MARKET", None).await;
        let lead = sold(&market, &source, 4).await;
        assert_eq!(lead.awards[0].offer_id, best);
        assert_eq!(trace(&market, lead.lead_id).await["basis"]["fallback"], json!(true));
        market.check().await;
        market.close().await;
    }

    async fn hours_windows_and_publishers_have_their_own_caps(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(100_000).await;
        let hourly = market.offer(buyer, terms(100, json!({"caps": [{"period": "HOUR", "count": 1}]}))).await;
        let source = market.source(1, Some(hourly)).await;
        assert_eq!(buyer_of(&market, &source, 1).await, hourly);
        assert_eq!(code(&market, &source, 2).await, "OFFER_CAPPED");
        market.clock.advance(HOUR);
        assert_eq!(buyer_of(&market, &source, 3).await, hourly);

        let all_day = json!([{"days": [1, 2, 3, 4, 5, 6, 7], "from_minute": 0, "to_minute": 1440, "money": 250}]);
        let window = market
            .offer(buyer, terms(100, json!({"schedule": {"time_zone": "Europe/Moscow", "windows": all_day}})))
            .await;
        let source = market.source(1, Some(window)).await;
        assert_eq!(buyer_of(&market, &source, 11).await, window);
        assert_eq!(buyer_of(&market, &source, 12).await, window);
        assert_eq!(code(&market, &source, 13).await, "OFFER_CAPPED");
        market.clock.advance(24 * HOUR);
        assert_eq!(buyer_of(&market, &source, 14).await, window);

        let fair = market
            .offer(buyer, terms(100, json!({"publisher_caps": [{"period": "TOTAL", "count": 2}]})))
            .await;
        let (one, two) = (market.source(1, Some(fair)).await, market.source(1, Some(fair)).await);
        assert_eq!(buyer_of(&market, &one, 21).await, fair);
        assert_eq!(buyer_of(&market, &one, 22).await, fair);
        let refused = sold(&market, &one, 23).await;
        assert_eq!(refused.reasons[0].code, "PUBLISHER_CAPPED");
        assert_eq!(trace(&market, refused.lead_id).await["entries"][0][7], json!("TOTAL"));
        assert_eq!(buyer_of(&market, &two, 24).await, fair);
        assert_eq!(market.count("seller_meters").await, 2);
        let counted = market
            .number("SELECT CAST(SUM(total_count) AS BIGINT) AS n FROM seller_meters", vec![])
            .await;
        assert_eq!(counted, 3);
        market.check().await;
        market.close().await;
    }

    async fn a_publishers_cap_holds_under_concurrent_batches(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(1_000_000).await;
        let fair = market
            .offer(buyer, terms(100, json!({"publisher_caps": [{"period": "DAY", "count": 5}]})))
            .await;
        let source = market.source(1, Some(fair)).await;
        let other = Market::instance(
            &market.db, &market.clock, &market.vault, &market.config, &market.shutdown,
        );
        other.start().await.unwrap();
        let mut running = Vec::new();
        for n in 0..40u64 {
            let request = market.request(&source, json!({"fields": person(100 + n)})).await;
            let exchange = if n % 2 == 0 { market.exchange.clone() } else { other.clone() };
            running.push(tokio::spawn(async move { exchange.submit(request).await }));
        }
        let mut won = 0;
        for one in running {
            let verdict = one.await.unwrap().unwrap().verdict;
            won += i32::from(verdict.state == LeadState::Sold);
        }
        assert_eq!(won, 5);
        assert_eq!(market.available(buyer).await, 1_000_000 - 500);
        market.check().await;
        market.close().await;
    }

    async fn a_full_cap_may_hold_the_lead_until_a_moderator_lets_it_out(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(10_000).await;
        let offer = market
            .offer(buyer, terms(100, json!({"over_cap": "QUARANTINE", "caps": [{"period": "DAY", "count": 1}]})))
            .await;
        let source = market.source(1, Some(offer)).await;
        assert_eq!(buyer_of(&market, &source, 1).await, offer);
        let waiting = sold(&market, &source, 2).await;
        assert_eq!(waiting.state, LeadState::Quarantined);
        assert_eq!(waiting.reasons[0].code, "WAITS_FOR_CAP");
        assert_eq!(market.available(buyer).await, 9_900);
        // The person is not taken while the lead waits.
        assert_eq!(market.count("claims").await, 1);
        market.clock.advance(24 * HOUR);
        market
            .exchange
            .decide_quarantine(&market.operator, waiting.lead_id, true, None, None)
            .await
            .unwrap();
        assert_eq!(market.available(buyer).await, 9_800);
        // Let out too early, it is unsold and does not go back.
        let early = sold(&market, &source, 3).await;
        assert_eq!(early.state, LeadState::Quarantined);
        market.exchange.decide_quarantine(&market.operator, early.lead_id, true, None, None).await.unwrap();
        let tx = market.db.begin_read().await.unwrap();
        let id = early.lead_id;
        let record = leadbourse::leads::by_ids(&tx, &[id.uuid()]).await.unwrap().remove(&id).unwrap();
        assert_eq!(record.state, LeadState::Unsold);
        drop(tx);
        market.check().await;
        market.close().await;
    }

    async fn a_full_cap_may_queue_the_lead_until_its_next_period(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(10_000).await;
        let offer = market
            .offer(buyer, terms(100, json!({"over_cap": "QUEUE", "caps": [{"period": "HOUR", "count": 1}]})))
            .await;
        let source = market.source(1, Some(offer)).await;
        let midday = 24 * HOUR - market.clock.now().micros().rem_euclid(24 * HOUR);
        market.clock.advance(midday + 12 * HOUR + HOUR / 2);
        assert_eq!(buyer_of(&market, &source, 1).await, offer);
        let mut waiting = Vec::new();
        for n in 2..=4 {
            let verdict = sold(&market, &source, n).await;
            assert_eq!(verdict.state, LeadState::Quarantined);
            assert_eq!(verdict.reasons[0].code, "QUEUED_FOR_CAP");
            waiting.push(verdict.lead_id);
        }
        let runner = Runner::new(market.db.clone(), market.clock.clone())
            .on(TOPIC_QUEUED, Arc::new(OnQueued(market.exchange.clone())));
        let states = async || {
            let tx = market.db.begin_read().await.unwrap();
            let keys: Vec<_> = waiting.iter().map(|id| id.uuid()).collect();
            let found = leadbourse::leads::by_ids(&tx, &keys).await.unwrap();
            waiting.iter().map(|id| found[id].state).collect::<Vec<_>>()
        };
        let tell = async || while runner.drain().await.unwrap() > 0 {};
        tell().await;
        assert_eq!(market.count("queued_leads").await, 3);
        // Half an hour later a new hour begins: one fits, the others wait for the next one.
        assert_eq!(market.exchange.offer_again().await.unwrap(), 0);
        market.clock.advance(HOUR / 2);
        assert_eq!(market.exchange.offer_again().await.unwrap(), 3);
        tell().await;
        let (q, s) = (LeadState::Quarantined, LeadState::Sold);
        assert_eq!(states().await.iter().filter(|state| **state == s).count(), 1);
        assert_eq!(market.count("queued_leads").await, 2);
        assert_eq!(market.available(buyer).await, 9_800);
        // A moderator is faster with one of them; the hour's place is taken by the other.
        let held = states().await.iter().position(|state| *state == q).unwrap();
        let moderator = market.operator;
        let exchange = &market.exchange;
        exchange.decide_quarantine(&moderator, waiting[held], false, None, None).await.unwrap();
        market.clock.advance(HOUR);
        assert_eq!(market.exchange.offer_again().await.unwrap(), 1);
        assert_eq!(market.count("queued_leads").await, 0);
        assert_eq!(market.available(buyer).await, 9_700);
        let mut ends = states().await;
        ends.sort_by_key(|state| state.to_string());
        assert_eq!(ends, [LeadState::Rejected, s, s]);
        market.check().await;
        market.close().await;
    }

    async fn a_lead_queues_for_a_day_at_most(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(10_000).await;
        let offer = market
            .offer(buyer, terms(100, json!({"over_cap": "QUEUE", "caps": [{"period": "DAY", "count": 1}]})))
            .await;
        let source = market.source(1, Some(offer)).await;
        assert_eq!(buyer_of(&market, &source, 1).await, offer);
        let waiting = sold(&market, &source, 2).await;
        assert_eq!(waiting.reasons[0].code, "QUEUED_FOR_CAP");
        let runner = Runner::new(market.db.clone(), market.clock.clone())
            .on(TOPIC_QUEUED, Arc::new(OnQueued(market.exchange.clone())));
        while runner.drain().await.unwrap() > 0 {}
        // Its day has come, but another lead is faster.
        market.clock.advance(24 * HOUR);
        assert_eq!(buyer_of(&market, &source, 3).await, offer);
        assert_eq!(market.exchange.offer_again().await.unwrap(), 1);
        let tx = market.db.begin_read().await.unwrap();
        let id = waiting.lead_id;
        let record = leadbourse::leads::by_ids(&tx, &[id.uuid()]).await.unwrap().remove(&id).unwrap();
        drop(tx);
        assert_eq!((record.state, record.reason_code.as_deref()), (LeadState::Unsold, Some("OFFER_CAPPED")));
        market.check().await;
        market.close().await;
    }

    async fn an_even_spending_waits_for_its_share_of_the_day(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(10_000).await;
        let paced = json!({"pacing": "EVEN", "caps": [{"period": "DAY", "count": 24}]});
        let offer = market.offer(buyer, terms(100, paced)).await;
        let source = market.source(1, Some(offer)).await;
        // To the second minute after midnight in Moscow: the day begins with one award.
        let now = market.clock.now();
        let moscow = now.micros() + 3 * HOUR;
        market.clock.advance(24 * HOUR - moscow.rem_euclid(24 * HOUR) + HOUR / 30);
        assert_eq!(buyer_of(&market, &source, 1).await, offer);
        assert_eq!(code(&market, &source, 2).await, "OFFER_PACED");
        market.clock.advance(HOUR);
        assert_eq!(buyer_of(&market, &source, 3).await, offer);
        assert_eq!(code(&market, &source, 4).await, "OFFER_PACED");
        market.check().await;
        market.close().await;
    }
}
