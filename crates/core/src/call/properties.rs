//! The order in which events come, and how often, leaves no trace.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation)]

use proptest::prelude::*;

use super::*;
use crate::time::{SECOND, Timestamp};

/// What the services around the machine do: one event, then every step that it asks for.
fn tell(call: &mut Call, event: &CallEvent, sale: Sale) -> Result<(), crate::error::Problem> {
    call.take(event)?;
    loop {
        match call.step() {
            Step::Wait => return Ok(()),
            Step::Offer => call.sale = sale,
            Step::End(end) => call.end = Some(end),
        }
    }
}

const CALLER: [u8; 32] = [1; 32];
const START: i64 = 1_000 * SECOND;

fn event(at: i64, said: Said) -> CallEvent {
    CallEvent { at: Timestamp::from_micros(at), caller: Some(CALLER), dialled: None, said }
}

/// A call that rang for some seconds and was spoken for some.
fn whole(ring_s: i64, spoken_s: i64) -> [CallEvent; 3] {
    let answered = START + ring_s * SECOND;
    let end = answered + spoken_s * SECOND;
    [
        event(START, Said::Started { content: [7; 32] }),
        event(answered, Said::Connected),
        event(end, Said::Ended { connected_s: spoken_s }),
    ]
}

fn sale() -> impl Strategy<Value = Sale> {
    prop_oneof![Just(Sale::Unsold), (0i64..200).prop_map(|min_call_s| Sale::Sold { min_call_s })]
}

proptest! {
    #[test]
    fn every_order_and_every_repetition_end_alike(
        ring in 0i64..60, spoken in 0i64..300, sale in sale(), wanted in 1usize..8,
        more in proptest::collection::vec(0usize..3, 0..12), seed in any::<u64>(),
    ) {
        let events = whole(ring, spoken);
        // Which of the three are told at all, each at least once, and some of them again.
        let told: Vec<usize> = (0..3).filter(|n| wanted & (1 << n) != 0).collect();
        let again = more.into_iter().filter(|n| told.contains(n));
        let mut order: Vec<usize> = told.iter().copied().chain(again).collect();
        let mut straight = Call::default();
        for n in &told {
            tell(&mut straight, &events[*n], sale).unwrap();
        }
        // Any order: a shuffle by a small generator, so that a failure shrinks.
        let mut state = seed | 1;
        for at in (1..order.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            order.swap(at, (state >> 33) as usize % (at + 1));
        }
        let mut shuffled = Call::default();
        for n in &order {
            tell(&mut shuffled, &events[*n], sale).unwrap();
        }
        prop_assert_eq!(shuffled, straight);
        prop_assert_eq!(shuffled.state(), straight.state());
        if told.len() == 3 {
            let expected = match sale {
                Sale::Sold { min_call_s } if spoken > 0 && spoken >= min_call_s => CallState::Qualified,
                Sale::Sold { .. } => CallState::TooShort,
                _ => CallState::Unsold,
            };
            prop_assert_eq!(shuffled.state(), expected);
        }
    }

    #[test]
    fn a_contradiction_is_refused_and_changes_nothing(
        ring in 0i64..60, spoken in 10i64..300, which in 0usize..3, by in 1i64..5, caller in any::<bool>(),
    ) {
        let events = whole(ring, spoken);
        let mut call = Call::default();
        for event in &events {
            tell(&mut call, event, Sale::Sold { min_call_s: 60 }).unwrap();
        }
        let before = call;
        let mut other = events[which];
        if caller {
            other.caller = Some([2; 32]);
        } else {
            other.at = other.at.plus(by);
        }
        let refused = tell(&mut call, &other, Sale::Unsold).unwrap_err();
        prop_assert_eq!(refused.code, CALL_CONTRADICTION);
        prop_assert_eq!(call, before);
    }
}

#[test]
fn nobody_is_connected_for_longer_than_the_call_lasted() {
    let mut call = Call::default();
    let sold = Sale::Sold { min_call_s: 60 };
    tell(&mut call, &event(START, Said::Started { content: [7; 32] }), sold).unwrap();
    let end =
        |after: i64, connected_s: i64| event(START + after * SECOND, Said::Ended { connected_s });
    for (after, connected_s) in [(57, 60), (-3, 0), (10, -1)] {
        let refused = tell(&mut call, &end(after, connected_s), sold).unwrap_err();
        assert_eq!(refused.code, CALL_IMPOSSIBLE);
    }
    assert_eq!(call.state(), CallState::Ringing);
    tell(&mut call, &end(58, 60), sold).unwrap();
    assert_eq!(call.state(), CallState::Qualified);
}

#[test]
fn an_end_after_the_closing_is_kept_and_decides_nothing() {
    let sold = Sale::Sold { min_call_s: 60 };
    let events = whole(5, 90);
    let mut call = Call::default();
    tell(&mut call, &events[0], sold).unwrap();
    call.end = Some(CallEnd::Closed);
    tell(&mut call, &events[2], sold).unwrap();
    assert_eq!(call.state(), CallState::Closed);
    assert_eq!(call.facts.ended.map(|ended| ended.connected_s), Some(90));
    // The same without a beginning: a call that was never sold.
    let mut call = Call::default();
    tell(&mut call, &events[2], sold).unwrap();
    call.end = Some(CallEnd::Closed);
    tell(&mut call, &events[0], sold).unwrap();
    assert_eq!((call.sale, call.state()), (Sale::NotAsked, CallState::Closed));
}

#[test]
fn the_last_second_counts() {
    for (spoken, expected) in [(59, CallState::TooShort), (60, CallState::Qualified)] {
        let mut call = Call::default();
        for event in whole(3, spoken) {
            tell(&mut call, &event, Sale::Sold { min_call_s: 60 }).unwrap();
        }
        assert_eq!(call.state(), expected);
    }
    // A call that nobody answered is never billed, whatever the least is.
    let mut call = Call::default();
    for event in [whole(3, 0)[0], whole(3, 0)[2]] {
        tell(&mut call, &event, Sale::Sold { min_call_s: 0 }).unwrap();
    }
    assert_eq!(call.state(), CallState::TooShort);
}
