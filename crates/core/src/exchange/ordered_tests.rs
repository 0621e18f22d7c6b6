//! Claims on orders in an allocation: they stand before the auction, and never get more than they
//! await.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use proptest::prelude::*;
use std::sync::Arc;
use uuid::Uuid;

use super::*;
use crate::exchange::properties::{LeadSpec, NOW, OfferSpec, book, item, org};
use crate::exchange::{Live, Market, allocate, receive};
use crate::ids::OfferId;
use crate::money::Currency;
use crate::niche::policy::DedupeScope;
use crate::offer::terms::Mode;
use crate::time::SECOND;

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

fn claim_id(n: u128) -> OrderClaimId {
    OrderClaimId(Uuid::from_u128(n))
}

/// A claim of the publisher of every lead here on an order of the offer with this number.
fn claim(book: &NicheBook, n: u128, offer: usize, price: i64) -> BookClaim {
    BookClaim {
        order: OrderId(Uuid::from_u128(n)),
        claim: claim_id(n),
        publisher: org(99),
        offer: Arc::clone(&book.offers()[offer]),
        price,
        take_rate: Bps(1_000),
        deadline: NOW.plus(SECOND * i64::try_from(n).unwrap()),
    }
}

fn lead(phone: u8) -> LeadSpec {
    LeadSpec { phone, email: None, region: "A", max_sales: 3 }
}

fn market(room: &[(u128, i64)], funds: i64) -> Market {
    let claims = room.iter().map(|(n, room)| (claim_id(*n), *room)).collect();
    let funds = (1..4).map(|n| ((org(n), Currency::RUB), funds)).collect();
    Market { now: NOW, claims, funds, ..Market::default() }
}

/// Offer and price of each sale, and the claim that it served.
fn sales(outcome: &Outcome) -> Vec<(u128, i64, Option<u128>)> {
    let one = |award: &AwardPlan| {
        let price = award.lead.map_or(0, |legs| legs.price());
        (award.offer.id.uuid().as_u128(), price, award.order.map(|by| by.claim.uuid().as_u128()))
    };
    outcome.awards.iter().map(one).collect()
}

#[test]
fn a_claim_stands_before_the_auction_and_asks_for_no_money_caps_or_hours() {
    let capped = OfferSpec { count_cap: Some(0), money_cap: Some(0), ..offer(1, 100) };
    let plain = book(&[capped, offer(2, 900)], DedupeScope::Niche);
    let claims = vec![claim(&plain, 1, 0, 70)];
    let book = plain.with_claims(claims);
    let (first, second) = (item(&book, 1, &lead(1)), item(&book, 2, &lead(2)));
    let done = allocate(&[&first, &second], &market(&[(1, 1)], 900));
    assert_eq!(sales(&done.outcomes[0]), [(1, 70, Some(1))]);
    let legs = done.outcomes[0].awards[0].lead.unwrap();
    assert_eq!((legs.earning(), legs.fee()), (63, 7), "by the share that the order pinned");
    let trace = &done.outcomes[0].trace;
    assert_eq!((trace.len(), trace[0].detail.as_str()), (1, BY_ORDER));
    assert!(done.outcomes[0].basis.is_none());
    // The claim is delivered: the next lead goes to the market.
    assert_eq!(sales(&done.outcomes[1]), [(2, 900, None)]);
    assert_eq!(done.delivered.get(&claim_id(1)), Some(&1));
    // Its money was reserved before: only the auction's sale is spent now.
    assert_eq!(done.spent.values().sum::<i64>(), 900);
    let meters = done.meters[&OfferId(Uuid::from_u128(1))];
    assert_eq!((meters.awards, meters.periods.day.count, meters.periods.day.money), (1, 1, 70));
}

#[test]
fn the_most_urgent_claim_is_served_first_and_not_after_its_deadline() {
    let plain = book(&[offer(1, 100), offer(2, 100)], DedupeScope::Niche);
    let claims = vec![claim(&plain, 2, 1, 50), claim(&plain, 1, 0, 60)];
    let book = plain.with_claims(claims);
    let items: Vec<Item> = (1..=3).map(|n| item(&book, n.into(), &lead(n))).collect();
    let items: Vec<&Item> = items.iter().collect();
    let done = allocate(&items, &market(&[(1, 1), (2, 5)], 1_000));
    let got: Vec<_> = done.outcomes.iter().flat_map(sales).collect();
    assert_eq!(got, [(1, 60, Some(1)), (2, 50, Some(2)), (2, 50, Some(2))]);
    // At the deadline of the first only the second is open; at that of the second, none.
    for (after, wanted) in [(1, (2, 50, Some(2))), (2, (2, 100, None))] {
        let market = Market { now: NOW.plus(after * SECOND), ..market(&[(1, 1), (2, 5)], 1_000) };
        let done = allocate(&items[..1], &market);
        assert_eq!(sales(&done.outcomes[0]), [wanted], "{after} s");
    }
}

#[test]
fn conditions_score_persons_and_the_publishers_own_terms_are_asked() {
    let only_b = OfferSpec { region: Some("B"), ..offer(1, 100) };
    let plain = book(&[only_b, offer(2, 90)], DedupeScope::Offer);
    let strict = |claim: BookClaim, score: i32| {
        let mut offer = (*claim.offer).clone();
        offer.terms.min_score = score;
        BookClaim { offer: Arc::new(offer), ..claim }
    };
    let elsewhere = book(&[offer(1, 100), offer(2, 90)], DedupeScope::Offer)
        .with_claims(vec![claim(&plain, 1, 0, 60), strict(claim(&plain, 2, 1, 60), 51)]);
    assert!(item(&elsewhere, 1, &lead(1)).shortlist.ordered.is_empty(), "condition and score");
    let good = book(&[offer(1, 100)], DedupeScope::Offer);
    let claims = vec![strict(claim(&good, 1, 0, 60), 50)];
    let good = good.with_claims(claims);
    let mut first = item(&good, 1, &lead(1));
    assert_eq!(first.shortlist.ordered.len(), 1);
    let again = item(&good, 2, &lead(1));
    let room = market(&[(1, 5)], 1_000);
    let done = allocate(&[&first, &again], &room);
    assert_eq!(sales(&done.outcomes[0]), [(1, 60, Some(1))]);
    assert!(done.outcomes[1].awards.is_empty(), "the buyer has the person");
    // 60 less a tenth is 54: who asks for more is not sold to the order.
    first.min_earning = Some(54);
    assert_eq!(sales(&allocate(&[&first], &room).outcomes[0]), [(1, 60, Some(1))]);
    first.min_earning = Some(55);
    assert_eq!(sales(&allocate(&[&first], &room).outcomes[0]), [(1, 100, None)]);
    // A claim that is not locked awaits nothing.
    first.min_earning = None;
    assert_eq!(sales(&allocate(&[&first], &market(&[], 1_000)).outcomes[0]), [(1, 100, None)]);
    let pinged = first.shortlist.clone().for_ping(&good.schema);
    assert!(pinged.ordered.is_empty(), "a ping holds nothing of a claim");
}

#[test]
fn nobody_is_asked_live_about_a_lead_that_is_promised() {
    let plain = book(&[offer(1, 100), offer(2, 900)], DedupeScope::Niche);
    let claims = vec![claim(&plain, 1, 0, 70)];
    let book = plain.with_claims(claims);
    let items: Vec<Item> = (1..=2)
        .map(|n| {
            let mut item = item(&book, n.into(), &lead(n));
            for candidate in item.shortlist.candidates.iter_mut().skip(1) {
                Arc::make_mut(&mut candidate.offer).terms.mode = Mode::Live;
                candidate.live = Live::Unasked;
            }
            item
        })
        .collect();
    let done = receive(&[&items[0], &items[1]], &market(&[(1, 1)], 1_000));
    assert_eq!(sales(&done.outcomes[0]), [(1, 70, Some(1))]);
    assert_eq!(done.outcomes[1].state, LeadState::Received, "the second asks");
}

proptest! {
    #[test]
    fn claims_get_no_more_than_they_await_and_money_is_not_spent_twice(
        rooms in prop::collection::vec(0i64..6, 3), funds in 0i64..2_000,
        phones in prop::collection::vec(0u8..20, 1..40),
    ) {
        let specs = [offer(1, 100), offer(2, 120), offer(3, 80)];
        let plain = book(&specs, DedupeScope::Niche);
        let claims = (0..3).map(|n| claim(&plain, n as u128 + 1, n, 60)).collect();
        let book = plain.with_claims(claims);
        let items: Vec<Item> =
            phones.iter().enumerate().map(|(n, phone)| item(&book, n, &lead(*phone))).collect();
        let items: Vec<&Item> = items.iter().collect();
        let room: Vec<(u128, i64)> = (1..4u128).zip(rooms).collect();
        let done = allocate(&items, &market(&room, funds));
        let sold: Vec<_> = done.outcomes.iter().flat_map(sales).collect();
        for (n, room) in room {
            let got = sold.iter().filter(|sale| sale.2 == Some(n)).count();
            let got = i64::try_from(got).unwrap();
            prop_assert!(got <= room);
            prop_assert_eq!(done.delivered.get(&claim_id(n)).copied().unwrap_or(0), got);
        }
        let paid: i64 = sold.iter().filter(|sale| sale.2.is_none()).map(|sale| sale.1).sum();
        prop_assert_eq!(done.spent.values().sum::<i64>(), paid);
        prop_assert!(done.spent.values().all(|spent| *spent <= funds));
    }
}
