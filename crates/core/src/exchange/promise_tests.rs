//! Pings, posts and releases over random markets: what is held is never more than there is, and
//! when all is over nothing is held.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "counts of a few")]

use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

use super::*;
use crate::exchange::properties::{LeadSpec, NOW, OfferSpec, book, item, org};
use crate::exchange::{Allocation, Market, NicheBook, allocate};
use crate::ids::OfferId;
use crate::lead::verdict::MIN_EARNING;
use crate::money::Currency;
use crate::niche::policy::DedupeScope;
use crate::ping::{BID_EXPIRED, PING_LIMIT, PING_WITHOUT_BIDS, PingLimits};
use crate::time::SECOND;

const TTL: i64 = 30 * SECOND;

/// The exchange's memory between batches, kept as the tables keep it.
struct World {
    book: NicheBook,
    now: Timestamp,
    market: Market,
    wallets: BTreeMap<OrganizationId, i64>,
    open: Vec<Promise>,
    sold: HashMap<OfferId, i64>,
    charged: i64,
    n: usize,
}

impl World {
    fn new(specs: &[OfferSpec], funds: i64, limits: PingLimits) -> Self {
        let wallets = (1..4).map(|n| (org(n), funds)).collect();
        let market = Market { ping_limits: limits, ..Market::default() };
        let book = book(specs, DedupeScope::Niche);
        let (sold, open) = (HashMap::new(), Vec::new());
        Self { book, now: NOW, market, wallets, open, sold, charged: 0, n: 0 }
    }

    fn item(&mut self, spec: &LeadSpec) -> Item {
        self.n += 1;
        item(&self.book, self.n, spec)
    }

    fn ping(&mut self, spec: &LeadSpec) -> Outcome {
        let mut item = self.item(spec);
        (item.holds, item.may_wait) = (true, false);
        let done = self.run(&item);
        let outcome = done.outcomes.into_iter().next().unwrap();
        assert!(outcome.claims.is_empty(), "a ping takes no person");
        if !outcome.awards.is_empty() {
            let bids: Vec<PromisedBid> = outcome.awards.iter().map(|won| self.bid(won)).collect();
            for bid in &bids {
                *self.wallets.get_mut(&bid.offer.buyer).unwrap() -= bid.amount;
            }
            let ping = PingId(Uuid::from_u128(self.n as u128));
            let expires_at = self.now.plus(TTL);
            self.market.open_pings.insert(ping);
            self.open.push(Promise { ping, bids, expires_at, late_direct: false });
        }
        outcome
    }

    fn bid(&self, won: &AwardPlan) -> PromisedBid {
        let amount = won.lead.map_or(0, |legs| legs.price()) + won.reserve;
        PromisedBid {
            id: BidId(Uuid::from_u128(self.n as u128 * 100 + won.copy_no as u128)),
            offer: Arc::clone(&won.offer),
            lead: won.lead,
            take_rate: Bps(1_500),
            reserve: won.reserve,
            amount,
            held_at: self.now,
            chosen: true,
            claims: Vec::new(),
        }
    }

    fn post(&mut self, promise: Promise, spec: &LeadSpec) -> Outcome {
        let mut item = self.item(spec);
        item.promise = Some(promise.clone());
        let done = self.run(&item);
        for (key, spent) in &done.spent {
            *self.wallets.get_mut(&key.0).unwrap() -= spent;
        }
        let outcome = done.outcomes.into_iter().next().unwrap();
        if outcome.ended.is_some() {
            self.market.open_pings.remove(&promise.ping);
        }
        self.market.taken.extend(outcome.claims.iter().map(|(id, _)| *id));
        for award in &outcome.awards {
            *self.sold.entry(award.offer.id).or_default() += 1;
            self.charged += award.lead.map_or(0, |legs| legs.price()) + award.reserve;
        }
        outcome
    }

    fn run(&mut self, item: &Item) -> Allocation {
        self.market.now = self.now;
        self.market.funds =
            self.wallets.iter().map(|(buyer, sum)| ((*buyer, Currency::RUB), *sum)).collect();
        let done = allocate(&[item], &self.market);
        self.market.meters.extend(done.meters.iter().map(|(id, meters)| (*id, *meters)));
        self.market.pingers.extend(done.pingers.iter().map(|(id, meter)| (*id, *meter)));
        done
    }

    /// What no step may break.
    fn check(&self, specs: &[OfferSpec], funds: i64, limits: &PingLimits) {
        let held: i64 = self.open.iter().flat_map(|p| &p.bids).map(|bid| bid.amount).sum();
        let free: i64 = self.wallets.values().sum();
        assert_eq!(free + held + self.charged, 3 * funds, "money is neither made nor lost");
        assert!(self.wallets.values().all(|sum| *sum >= 0));
        for (n, spec) in (1u128..).zip(specs) {
            let id = OfferId(Uuid::from_u128(n));
            let meters = self.market.meters.get(&id).copied().unwrap_or_default();
            let open = self.open.iter().flat_map(|p| &p.bids).filter(|b| b.offer.id == id).count();
            let sold = self.sold.get(&id).copied().unwrap_or_default();
            assert_eq!(meters.periods.day.count, open as i64 + sold);
            assert_eq!(meters.awards, sold, "a bid is no award");
            assert!(spec.count_cap.is_none_or(|cap| meters.periods.day.count <= cap.max(0)));
            assert!(spec.money_cap.is_none_or(|cap| meters.periods.day.money <= cap.max(0)));
        }
        let open: usize = self.open.iter().map(|promise| promise.bids.len()).sum();
        assert_eq!(self.market.pingers.values().map(|m| m.open).sum::<i64>(), open as i64);
        assert!(open as i64 <= limits.open_bids);
    }
}

fn offer(price: i64, max_sales: i32) -> OfferSpec {
    OfferSpec {
        buyer: 1,
        price: Some(price),
        sale: None,
        max_sales,
        count_cap: None,
        money_cap: None,
        region: None,
        window: 0,
        priority: 0,
        shared: None,
    }
}

fn person(phone: u8) -> LeadSpec {
    LeadSpec { phone, email: None, region: "A", max_sales: 3 }
}

fn code(outcome: &Outcome) -> &str {
    outcome.reasons.first().map_or("", |reason| reason.code.as_ref())
}

const LIMITS: PingLimits =
    PingLimits { open_bids: 4, min_posted: Bps(0), after: 1_000, window_s: 3_600 };

#[test]
fn a_promised_bid_binds_though_nothing_is_left() {
    let mut world = World::new(&[offer(100, 1)], 100, LIMITS);
    assert_eq!(world.ping(&person(1)).awards.len(), 1);
    assert_eq!(code(&world.ping(&person(2))), "NO_OFFER_FUNDED", "the money is promised");
    let promise = world.open.pop().unwrap();
    let post = world.post(promise, &person(1));
    assert_eq!((post.state, post.awards.len()), (LeadState::Sold, 1));
    assert_eq!(post.awards[0].lead.unwrap().price(), 100);
    assert!(post.ended.unwrap().released.is_empty());
    world.check(&[offer(100, 1)], 100, &LIMITS);
}

#[test]
fn a_late_post_is_refused_and_frees_or_goes_to_the_market_if_asked() {
    let specs = [offer(100, 1)];
    for direct in [false, true] {
        let mut world = World::new(&specs, 100, LIMITS);
        world.ping(&person(1));
        let promise = Promise { late_direct: direct, ..world.open.pop().unwrap() };
        world.now = world.now.plus(TTL);
        let post = world.post(promise, &person(1));
        let ended = post.ended.as_ref().unwrap();
        assert!(!ended.posted && ended.released.len() == 1);
        if direct {
            assert_eq!((post.state, post.awards.len()), (LeadState::Sold, 1), "its own money");
            assert!(post.awards[0].bid.is_none());
        } else {
            assert_eq!((post.state, code(&post)), (LeadState::Rejected, BID_EXPIRED.name));
        }
        world.check(&specs, 100, &LIMITS);
        assert_eq!(world.market.pingers[&org(99)].lapsed, 1);
    }
}

#[test]
fn a_post_without_bids_says_so() {
    let mut world = World::new(&[offer(100, 1)], 0, LIMITS);
    assert_eq!(code(&world.ping(&person(1))), "NO_OFFER_FUNDED");
    let ping = PingId(Uuid::from_u128(7));
    let promise = Promise { ping, bids: Vec::new(), expires_at: world.now, late_direct: false };
    assert_eq!(code(&world.post(promise, &person(1))), PING_WITHOUT_BIDS.name);
}

#[test]
fn a_person_who_was_sold_meanwhile_frees_the_bid() {
    let specs = [offer(100, 1)];
    let mut world = World::new(&specs, 200, LIMITS);
    world.ping(&person(1));
    world.ping(&person(1));
    let (second, first) = (world.open.pop().unwrap(), world.open.pop().unwrap());
    assert_eq!(world.post(first, &person(1)).state, LeadState::Sold);
    let post = world.post(second, &person(1));
    assert_eq!((post.state, code(&post)), (LeadState::Rejected, "DUPLICATE_PHONE_30D"));
    let ended = post.ended.unwrap();
    assert!(ended.posted && ended.released.len() == 1);
    world.check(&specs, 200, &LIMITS);
}

#[test]
fn of_shared_bids_some_are_taken_and_the_others_freed() {
    let other = |buyer, price| OfferSpec { buyer, ..offer(price, 3) };
    let specs = [other(1, 100), other(2, 90), other(3, 80)];
    let mut world = World::new(&specs, 100, LIMITS);
    assert_eq!(world.ping(&person(1)).awards.len(), 3);
    let mut promise = world.open.pop().unwrap();
    promise.bids[1].chosen = false;
    let post = world.post(promise, &person(1));
    let prices: Vec<i64> = post.awards.iter().map(|a| a.lead.unwrap().price()).collect();
    assert_eq!(prices, [100, 80]);
    assert_eq!(post.awards.iter().map(|a| a.copy_no).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(post.ended.unwrap().released[0].buyer, org(2));
    world.check(&specs, 100, &LIMITS);
}

#[test]
fn a_post_that_asks_for_more_than_the_bid_sells_nothing() {
    let specs = [offer(100, 1)];
    let mut world = World::new(&specs, 100, LIMITS);
    world.ping(&person(1));
    let promise = world.open.pop().unwrap();
    let mut item = world.item(&person(1));
    (item.promise, item.min_earning) = (Some(promise), Some(86));
    let done = world.run(&item);
    assert_eq!(code(&done.outcomes[0]), MIN_EARNING.name);
    assert_eq!(done.spent[&(org(1), Currency::RUB)], -100);
}

#[test]
fn money_that_comes_back_pays_the_debt_first() {
    let specs = [offer(100, 1)];
    let mut world = World::new(&specs, 200, LIMITS);
    world.ping(&person(1));
    let promise = world.open.pop().unwrap();
    world.market.debts.insert((org(1), Currency::RUB), 30);
    world.now = world.now.plus(TTL);
    let mut item = world.item(&person(1));
    item.promise = Some(promise);
    let done = world.run(&item);
    let ended = done.outcomes[0].ended.clone().unwrap();
    assert_eq!((ended.released[0].amount, ended.released[0].to_debt), (100, 30));
    assert_eq!(done.spent[&(org(1), Currency::RUB)], -70);
}

#[test]
fn the_ceiling_narrows_copies_and_then_refuses() {
    let other = |buyer| OfferSpec { buyer, ..offer(100, 3) };
    let specs = [other(1), other(2), other(3)];
    let mut world = World::new(&specs, 1_000, LIMITS);
    assert_eq!(world.ping(&person(1)).awards.len(), 3);
    assert_eq!(world.ping(&person(2)).awards.len(), 1, "one is left of four");
    let refused = world.ping(&person(3));
    assert_eq!((refused.state, code(&refused)), (LeadState::Rejected, PING_LIMIT.name));
    world.check(&specs, 1_000, &LIMITS);
}

fn any_spec() -> impl Strategy<Value = OfferSpec> {
    (
        1..4u128,
        1..200i64,
        1..4i32,
        prop::option::of(0..6i64),
        prop::option::of(0..600i64),
        any::<bool>(),
    )
        .prop_map(|(buyer, price, max_sales, count_cap, money_cap, sale)| OfferSpec {
            buyer,
            count_cap,
            money_cap,
            sale: sale.then_some((100, 1_000)),
            ..offer(price, max_sales)
        })
}

proptest! {
    #[test]
    fn pings_and_posts_hold_no_more_than_there_is(
        specs in prop::collection::vec(any_spec(), 1..5),
        funds in 0..600i64,
        steps in prop::collection::vec((any::<bool>(), 0..12u8, 0..40i64, any::<prop::sample::Index>()), 1..40),
    ) {
        let limits = PingLimits { open_bids: 7, ..LIMITS };
        let mut world = World::new(&specs, funds, limits);
        for (posts, phone, seconds, which) in steps {
            world.now = world.now.plus(seconds * SECOND);
            if posts && !world.open.is_empty() {
                let mut promise = world.open.remove(which.index(world.open.len()));
                promise.bids[0].chosen = phone % 3 != 0;
                let (late, bids) = (world.now >= promise.expires_at, promise.bids.clone());
                let outcome = world.post(promise, &person(phone));
                let ended = outcome.ended.unwrap();
                prop_assert_eq!(ended.posted, !late);
                prop_assert_eq!(ended.released.len() + outcome.awards.len(), bids.len());
                for award in &outcome.awards {
                    let bid = bids.iter().find(|bid| bid.offer.id == award.offer.id).unwrap();
                    prop_assert_eq!(award.lead, bid.lead, "the award's price is the bid");
                }
            } else {
                world.ping(&person(phone));
            }
            world.check(&specs, funds, &limits);
        }
        // After the time to live a post of each frees what it held.
        world.now = world.now.plus(TTL);
        while let Some(promise) = world.open.pop() {
            world.post(promise, &person(200));
        }
        world.check(&specs, funds, &limits);
        prop_assert!(world.market.open_pings.is_empty());
    }
}
