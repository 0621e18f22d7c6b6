//! Live bids in an allocation: who is asked, and that the true winner wins.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use proptest::prelude::*;
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;

use super::*;
use crate::exchange::allocate;
use crate::exchange::properties::{LeadSpec, NOW, OfferSpec, book, item, org};
use crate::money::Currency;
use crate::niche::policy::DedupeScope;

const TAKE: Bps = Bps(1_500);

fn offer(buyer: u128, price: i64) -> OfferSpec {
    OfferSpec {
        buyer,
        price: Some(price),
        sale: None,
        max_sales: 1,
        count_cap: None,
        money_cap: None,
        region: None,
        window: 0,
        priority: 0,
        shared: None,
    }
}

/// A lead within reach of these offers; those in `live` are live ones.
fn lead(n: usize, specs: &[OfferSpec], live: &[usize]) -> Item {
    let spec = LeadSpec { phone: 1, email: None, region: "A", max_sales: 1 };
    let mut item = item(&book(specs, DedupeScope::Niche), n, &spec);
    for candidate in &mut item.shortlist.candidates {
        let number = usize::try_from(candidate.offer.id.uuid().as_u128()).unwrap() - 1;
        if live.contains(&number) {
            Arc::make_mut(&mut candidate.offer).terms.mode = Mode::Live;
            candidate.live = Live::Unasked;
        }
    }
    item
}

fn market(funds: i64) -> Market {
    let funds = (1..12).map(|n| ((org(n), Currency::RUB), funds)).collect();
    Market { now: NOW, funds, taken: HashSet::new(), ..Market::default() }
}

fn id(n: usize) -> OfferId {
    OfferId(Uuid::from_u128(n as u128 + 1))
}

fn bid(price: i64) -> Reply {
    Reply::Bid { price: Some(price), took_ms: 12, least: 1 }
}

/// The trace, as `offer: code detail`.
fn codes(outcome: &Outcome) -> Vec<String> {
    let line = |entry: &crate::exchange::TraceEntry| {
        let code = entry.code.as_deref().unwrap_or("WON");
        format!("{}: {code} {}", entry.offer.uuid().as_u128() - 1, entry.detail)
    };
    outcome.trace.iter().map(line).collect()
}

#[test]
fn a_lead_waits_for_live_buyers_that_could_buy_it_and_its_person_is_taken() {
    let specs = [offer(1, 900), offer(2, 500), OfferSpec { count_cap: Some(0), ..offer(3, 700) }];
    let items = [lead(1, &specs, &[0, 2]), lead(2, &specs, &[0, 2])];
    let done = receive(&items.iter().collect::<Vec<_>>(), &market(10_000));
    let first = &done.outcomes[0];
    assert_eq!(first.state, LeadState::Received);
    assert_eq!(first.asks, [id(0)], "an offer whose cap is full is not asked");
    assert_eq!(first.claims.len(), 1);
    assert!(first.awards.is_empty() && done.meters.is_empty() && done.spent.is_empty());
    assert_eq!(done.outcomes[1].state, LeadState::Rejected, "the same person meanwhile");
}

#[test]
fn a_lead_for_which_no_live_buyer_can_pay_is_decided_at_once() {
    let specs = [offer(1, 900), offer(2, 500)];
    let item = lead(1, &specs, &[0]);
    let mut poor = market(10_000);
    poor.funds.insert((org(1), Currency::RUB), 0);
    let done = receive(&[&item], &poor);
    assert_eq!(done.outcomes[0].state, LeadState::Sold);
    assert_eq!(codes(&done.outcomes[0]), ["1: WON ", "0: LIVE_NOT_ASKED "]);
}

#[test]
fn a_live_offer_never_buys_unasked() {
    let item = lead(1, &[offer(1, 900)], &[0]);
    let done = allocate(&[&item], &market(10_000));
    assert_eq!(done.outcomes[0].state, LeadState::Unsold);
    assert_eq!(done.outcomes[0].reasons[0].code, "LIVE_NOT_ASKED");
}

#[test]
fn the_trace_says_of_each_live_buyer_what_came_of_it() {
    let specs: Vec<OfferSpec> = (1..11).map(|n| offer(n, 1_000)).collect();
    let live: Vec<usize> = (0..10).collect();
    let mut item = lead(1, &specs, &live);
    let replies = BTreeMap::from([
        (id(0), bid(700)),
        (id(1), bid(900)),
        (id(2), Reply::Declined { reason: "OUT_OF_AREA".to_owned() }),
        (id(3), Reply::Late),
        (id(4), Reply::Failed { what: "HTTP 500".to_owned() }),
        (id(5), Reply::BreakerOpen),
        (id(6), Reply::Busy),
        (id(7), Reply::Bid { price: Some(50), took_ms: 3, least: 60 }),
        (id(8), Reply::PostDeclined { reason: "DUPLICATE".to_owned() }),
    ]);
    item.shortlist = item.shortlist.heard(&replies, TAKE, true);
    let done = allocate(&[&item], &market(10_000));
    assert_eq!(
        codes(&done.outcomes[0]),
        [
            "1: WON LIVE 12 ms",
            "0: OUTBID LIVE 12 ms",
            "2: LIVE_DECLINED OUT_OF_AREA",
            "3: LIVE_LATE ",
            "4: LIVE_FAILED HTTP 500",
            "5: LIVE_BREAKER_OPEN ",
            "6: LIVE_BUSY ",
            "7: LIVE_LOW_BID ",
            "8: LIVE_POST_DECLINED DUPLICATE",
            "9: LIVE_NOT_ASKED ",
        ]
    );
    let award = &done.outcomes[0].awards[0];
    assert_eq!(award.lead.map(|legs| (legs.price(), legs.earning())), Some((900, 765)));
}

#[test]
fn without_time_only_instant_offers_are_left() {
    let specs = [offer(1, 900), offer(2, 500)];
    let mut item = lead(1, &specs, &[0]);
    item.shortlist = item.shortlist.heard(&BTreeMap::from([(id(0), bid(800))]), TAKE, false);
    let done = allocate(&[&item], &market(10_000));
    assert_eq!(codes(&done.outcomes[0]), ["1: WON ", "0: LIVE_NO_TIME "]);
}

fn any_reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        6 => (1i64..2_000, 1i64..300).prop_map(|(price, least)| Reply::Bid {
            price: Some(price), took_ms: 5, least,
        }),
        1 => Just(Reply::Bid { price: None, took_ms: 5, least: 1 }),
        1 => Just(Reply::Late),
        1 => Just(Reply::Declined { reason: String::new() }),
        1 => Just(Reply::Failed { what: "HTTP 500".to_owned() }),
        1 => Just(Reply::Released),
    ]
}

proptest! {
    /// Among bids of offers of which nothing else is known, the dearest that its buyer can pay wins,
    /// held or bought; who did not bid never does.
    #[test]
    fn the_best_timely_bid_wins(
        replies in prop::collection::vec(any_reply(), 1..10),
        instant in prop::option::of(1i64..2_000),
        funds in 1i64..2_500,
    ) {
        let mut specs: Vec<OfferSpec> = (0..replies.len()).map(|n| offer(n as u128 + 1, 1_000)).collect();
        specs.extend(instant.map(|price| offer(11, price)));
        let live: Vec<usize> = (0..replies.len()).collect();
        let mut item = lead(1, &specs, &live);
        let by_offer: BTreeMap<OfferId, Reply> =
            replies.iter().enumerate().map(|(n, reply)| (id(n), reply.clone())).collect();
        item.shortlist = item.shortlist.heard(&by_offer, TAKE, true);
        let market = Market {
            ping_limits: crate::ping::PingLimits {
                open_bids: 10, min_posted: Bps(0), after: 1_000, window_s: 3_600,
            },
            ..market(funds)
        };
        let price = |reply: &Reply| match reply {
            Reply::Bid { price, least, .. } => Some(price.unwrap_or(1_000)).filter(|p| p >= least),
            _ => None,
        };
        let bids = replies.iter().filter_map(price).chain(instant).filter(|p| *p <= funds);
        let best = bids.max();
        for holds in [false, true] {
            let one = Item { holds, ..item.clone() };
            let outcome = allocate(&[&one], &market).outcomes.pop().unwrap();
            let won = outcome.awards.first().and_then(|award| award.lead).map(|legs| legs.price());
            prop_assert_eq!(won, best);
            prop_assert!(outcome.awards.len() <= 1);
        }
    }
}
