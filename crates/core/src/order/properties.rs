//! The order's law: no step loses or makes money, and no lead is promised twice.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use proptest::prelude::*;

use super::{
    Claim, ORDER_CLAIM_CLOSED, ORDER_CLAIMED, ORDER_CLOSED, ORDER_TAKEN, OnTime, Order,
    OrderClaimState, OrderState,
};
use crate::ids::{OrderClaimId, OrganizationId, derive};
use crate::money::Bps;
use crate::time::{HOUR, Timestamp};

const START: Timestamp = Timestamp::from_micros(1_772_442_000_000_000);

fn publisher(n: u8) -> OrganizationId {
    OrganizationId(derive(&[b"publisher", &[n]]))
}

fn claim_id(n: usize) -> OrderClaimId {
    OrderClaimId(derive(&[b"claim", &n.to_be_bytes()]))
}

#[derive(Clone, Debug)]
enum Step {
    Claim { publisher: u8, wanted: i64, hours: i64 },
    Deliver { claim: usize },
    GiveUp { claim: usize, publisher: u8 },
    Wait { hours: i64 },
    Expire { stopped: bool },
    Cancel,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0u8..4, 0i64..30, 0i64..60)
            .prop_map(|(publisher, wanted, hours)| Step::Claim { publisher, wanted, hours }),
        8 => (0usize..6).prop_map(|claim| Step::Deliver { claim }),
        2 => (0i64..20).prop_map(|hours| Step::Wait { hours }),
        2 => (0usize..6, 0u8..4).prop_map(|(claim, publisher)| Step::GiveUp { claim, publisher }),
        2 => any::<bool>().prop_map(|stopped| Step::Expire { stopped }),
        1 => Just(Step::Cancel),
    ]
}

proptest! {
    #[test]
    fn money_is_reserved_spent_or_released_at_every_step(
        wanted in 1i64..60, price in 1i64..1_000_000, steps in prop::collection::vec(step(), 0..60),
    ) {
        let deadline = START.plus(48 * HOUR);
        let mut order = Order::place(wanted, price, deadline, START).unwrap();
        let (whole, mut now) = (wanted * price, START);
        let (mut spent, mut released) = (0, 0);
        for step in steps {
            let before = order.clone();
            match step {
                Step::Claim { publisher: who, wanted, hours } => {
                    let id = claim_id(order.claims.len());
                    let part = (wanted, now.plus(hours * HOUR));
                    if order.claim(id, publisher(who), part, now).is_err() {
                        prop_assert_eq!(&order, &before, "a refusal changes nothing");
                    }
                }
                Step::Deliver { claim } => match order.deliver(claim_id(claim), now) {
                    Ok(taken) => spent += taken,
                    Err(_) => prop_assert_eq!(&order, &before, "a refusal changes nothing"),
                },
                Step::Wait { hours } => now = now.plus(hours * HOUR),
                Step::GiveUp { claim, publisher: who } => {
                    match order.give_up(claim_id(claim), publisher(who), now) {
                        Ok(back) => released += back,
                        Err(_) => prop_assert_eq!(&order, &before, "a refusal changes nothing"),
                    }
                }
                Step::Expire { stopped } => {
                    released += order.expire(now, |_| !stopped);
                    prop_assert_eq!(order.expire(now, |_| true), 0, "exactly once");
                }
                Step::Cancel => released += order.cancel().unwrap_or(0),
            }
            prop_assert_eq!(order.spent(), spent);
            prop_assert_eq!(order.released * price, released);
            prop_assert_eq!(order.reserved() + spent + released, whole);
            prop_assert!(order.reserved() >= 0 && order.unclaimed() >= 0);
            let promised: i64 = order.claims.iter().map(Claim::rest).sum();
            prop_assert!(promised + order.delivered() + order.released <= wanted);
            let over = matches!(order.state, OrderState::Delivered | OrderState::Ended);
            prop_assert!(!over || promised > 0 || order.reserved() == 0);
        }
        // After the deadline nothing is reserved, whatever happened.
        released += order.expire(deadline, |_| true);
        prop_assert_eq!((order.reserved(), spent + released), (0, whole));
        prop_assert!(order.claims.iter().all(|claim| claim.state != OrderClaimState::Open));
        prop_assert!(matches!(order.state, OrderState::Delivered | OrderState::Ended));
        let on_time: OnTime = order.claims.iter().collect();
        prop_assert!(on_time.share().is_none_or(|share| share <= Bps::WHOLE));
    }
}

fn on_time(order: &Order) -> Option<Bps> {
    order.claims.iter().collect::<OnTime>().share()
}

#[test]
fn an_order_is_claimed_delivered_and_its_rest_released() {
    let mut order = Order::place(10, 500, START.plus(48 * HOUR), START).unwrap();
    assert_eq!((order.reserved(), order.unclaimed()), (5_000, 10));
    let (early, late) = (START.plus(HOUR), START.plus(48 * HOUR));
    order.claim(claim_id(0), publisher(0), (4, early), START).unwrap();
    let code = |refused: Result<(), crate::error::Problem>| refused.unwrap_err().code;
    let again = order.claim(claim_id(1), publisher(0), (1, early), START);
    assert_eq!(code(again), ORDER_CLAIMED);
    let more = order.claim(claim_id(1), publisher(1), (7, late), START);
    assert_eq!(code(more), ORDER_TAKEN);
    order.claim(claim_id(1), publisher(1), (6, late), START).unwrap();
    for _ in 0..3 {
        assert_eq!(order.deliver(claim_id(0), START).unwrap(), 500);
    }
    // The first claim's deadline: its last lead is open to others again, nothing goes back yet.
    assert_eq!(order.expire(early, |_| true), 0);
    assert_eq!((order.claims[0].state, order.unclaimed()), (OrderClaimState::Expired, 1));
    assert!(order.deliver(claim_id(0), early).is_err());
    assert_eq!(on_time(&order), Some(Bps(7_500)));
    // The buyer cancels: what is unclaimed goes back, the second claim may still deliver.
    assert_eq!(order.cancel().unwrap(), 500);
    let refused = order.claim(claim_id(2), publisher(2), (1, late), early);
    assert_eq!(code(refused), ORDER_CLOSED);
    assert_eq!(order.deliver(claim_id(1), early).unwrap(), 500);
    assert_eq!(order.state, OrderState::Cancelled);
    assert_eq!(order.expire(late, |_| true), 2_500);
    assert_eq!((order.state, order.reserved()), (OrderState::Ended, 0));
    assert_eq!((order.spent(), order.released), (2_000, 6));
    assert_eq!(on_time(&order), Some(Bps(4_000)));
    assert_eq!(OnTime::default().share(), None);
}

#[test]
fn what_is_no_order_is_refused() {
    let later = START.plus(HOUR);
    for (wanted, price) in [(0, 1), (100_001, 1), (1, 0), (1, -5), (100_000, i64::MAX / 10)] {
        assert!(Order::place(wanted, price, later, START).is_err(), "{wanted} at {price}");
    }
    assert!(Order::place(1, 1, START, START).is_err());
    let mut whole = Order::place(1, 7, later, START).unwrap();
    whole.claim(claim_id(0), publisher(0), (1, later), START).unwrap();
    assert_eq!(whole.deliver(claim_id(0), START).unwrap(), 7);
    assert_eq!((whole.state, whole.expire(later, |_| true)), (OrderState::Delivered, 0));
    assert!(whole.cancel().is_err());
}

#[test]
fn a_claim_that_is_given_up_counts_whole_and_one_that_could_not_be_served_does_not() {
    let later = START.plus(HOUR);
    let mut order = Order::place(10, 500, later, START).unwrap();
    order.claim(claim_id(0), publisher(0), (4, later), START).unwrap();
    order.deliver(claim_id(0), START).unwrap();
    assert!(order.give_up(claim_id(0), publisher(1), START).is_err());
    assert_eq!(order.give_up(claim_id(0), publisher(0), START).unwrap(), 0);
    let twice = order.give_up(claim_id(0), publisher(0), START).unwrap_err();
    assert_eq!(twice.code, ORDER_CLAIM_CLOSED);
    assert_eq!((order.unclaimed(), on_time(&order)), (9, Some(Bps(2_500))));
    order.claim(claim_id(1), publisher(1), (5, later), START).unwrap();
    order.deliver(claim_id(1), START).unwrap();
    // A cancelled order gives back at once what is given up.
    assert_eq!(order.cancel().unwrap(), 4 * 500);
    order.claims[1].deadline = START.plus(1);
    assert_eq!(order.expire(START.plus(1), |claim| claim.publisher != publisher(1)), 4 * 500);
    assert_eq!(order.claims[1].state, OrderClaimState::Lapsed);
    assert_eq!(order.claims[1].counts().share(), Some(Bps::WHOLE));
    assert_eq!((order.state, order.reserved()), (OrderState::Ended, 0));
}
