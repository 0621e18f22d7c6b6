#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
use super::super::bid::Rates;
use super::super::bidder::{Lot, Turn};
use super::*;
use crate::ids::{LeadId, OfferId, OrganizationId};
use crate::niche::routing::TieBreak;
use crate::offer::meters::Meters;
use crate::time::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

fn bid(price: i64) -> EffectiveBid {
    let terms = serde_json::from_value(json!({
        "goals": [{"kind": "LEAD", "price": price}], "schedule": {"time_zone": "UTC"},
        "max_sales": 1, "return_window_s": 0, "hold_s": 0, "lock_s": 0, "visibility": "PUBLIC"
    }))
    .unwrap();
    EffectiveBid::of(&terms, None, &Meters::default(), &Rates::default())
}

fn bidder(n: u128, buyer: u128, price: i64, max_sales: i32) -> Bidder {
    Bidder {
        offer: OfferId(Uuid::from_u128(n)),
        buyer: OrganizationId(Uuid::from_u128(buyer)),
        max_sales,
        bid: bid(price),
        by_copies: Vec::new(),
        turn: Turn {
            stage: 0,
            priority: 0,
            created_at: Timestamp::default(),
            last_award: Timestamp::default(),
            lot: Lot::default(),
        },
    }
}

/// Bidders of different buyers, as (price, max_sales).
fn field(specs: &[(i64, i32)]) -> Vec<Bidder> {
    (1..).zip(specs).map(|(n, (price, most))| bidder(n, n, *price, *most)).collect()
}

fn routing(value: Value) -> Routing {
    serde_json::from_value(value).unwrap()
}

fn won(bidders: &[Bidder], most: i32) -> Vec<usize> {
    choose(bidders, &Routing::default(), most).winners
}

#[test]
fn an_exclusive_bid_wins_only_if_it_beats_the_sum_of_shared_ones() {
    let mixed = field(&[(500, 1), (300, 3), (300, 2), (100, 3)]);
    let choice = choose(&mixed, &Routing::default(), 3);
    assert_eq!(choice.winners, [1, 2]);
    assert_eq!(choice.sum, Some(bid(300).plus(bid(300))));
    assert_eq!(choice.alternative, Some((1, bid(500))));
    let rich = field(&[(700, 1), (300, 3), (300, 2)]);
    assert_eq!(won(&rich, 3), [0]);
    assert_eq!(won(&rich[1..], 1), [0]);
    // Six hundred meets the sum and is not beaten by it.
    assert_eq!(won(&field(&[(600, 1), (300, 3), (300, 2)]), 3), [0]);
}

#[test]
fn every_winner_allows_the_final_count_and_no_buyer_wins_twice() {
    let field =
        [bidder(1, 1, 300, 3), bidder(2, 1, 290, 3), bidder(3, 2, 100, 3), bidder(4, 3, 90, 2)];
    assert_eq!(won(&field, 3), [0, 2]);
    assert!(won(&[], 3).is_empty());
}

#[test]
fn a_free_bid_still_sells() {
    assert_eq!(won(&field(&[(0, 1)]), 1), [0]);
}

#[test]
fn shared_prices_decide_between_one_copy_and_several() {
    let mut two = field(&[(1_000, 2), (900, 2)]);
    two[0].by_copies = vec![Some(bid(1_000)), Some(bid(600))];
    two[1].by_copies = vec![Some(bid(900)), Some(bid(300))];
    assert_eq!(won(&two, 2), [0]);
    two[1].by_copies[1] = Some(bid(401));
    assert_eq!(won(&two, 2), [0, 1]);
    // Whoever can pay for a shared copy only is no buyer without a second one.
    two[0].by_copies[0] = None;
    assert_eq!(won(&two[..1], 2), [] as [usize; 0]);
    assert_eq!(won(&two, 1), [1]);
}

#[test]
fn the_first_in_turn_buys_whatever_others_bid() {
    let mut three = field(&[(100, 1), (900, 2), (800, 2)]);
    three[0].turn.priority = 5;
    let by_priority = routing(json!({"strategy": "PRIORITY"}));
    assert_eq!(choose(&three, &by_priority, 3).winners, [0]);
    three[0].max_sales = 2;
    // Now the first shares with the next that allows two.
    assert_eq!(choose(&three, &by_priority, 3).winners, [0, 1]);
    for (index, day) in [(0, 3), (1, 1), (2, 2)] {
        three[index].turn.last_award = Timestamp::from_micros(day);
    }
    let robin = routing(json!({"strategy": "ROUND_ROBIN"}));
    assert_eq!(choose(&three, &robin, 1).ranking, [1, 2, 0]);
}

#[test]
fn stages_take_turns_and_never_share() {
    let mut three = field(&[(100, 3), (900, 3), (800, 3)]);
    three[1].turn.stage = 1;
    three[2].turn.stage = 1;
    let groups = routing(json!({"strategy": "WATERFALL", "groups": [{"number": 1}]}));
    let choice = choose(&three, &groups, 3);
    assert_eq!((choice.winners, choice.stage), (vec![0], 0));
    assert_eq!(choice.ranking, [0, 1, 2]);
    three[0].by_copies = vec![None, Some(bid(50))];
    let choice = choose(&three, &groups, 3);
    assert_eq!((choice.winners, choice.stage), (vec![1, 2], 1));
}

#[test]
fn declared_tie_breaks_replace_the_strategys_own() {
    let mut two = field(&[(100, 1), (100, 1)]);
    two[0].turn.priority = 9;
    two[0].turn.last_award = Timestamp::from_micros(8);
    assert_eq!(won(&two, 1), [0]);
    let recent = routing(json!({"tie_breaks": ["LEAST_RECENT"]}));
    assert_eq!(recent.rule(0).tie_breaks, [TieBreak::LeastRecent]);
    assert_eq!(choose(&two, &recent, 1).winners, [1]);
}

#[test]
fn a_lot_is_the_same_for_the_same_lead() {
    let weighted = routing(json!({"strategy": "WEIGHTED"}));
    let lead = LeadId(Uuid::from_u128(77));
    let mut four = field(&[(10, 1), (20, 1), (30, 1), (40, 1)]);
    for bidder in &mut four {
        bidder.turn.lot = Lot::draw(lead, bidder.offer, 100);
    }
    let all = choose(&four, &weighted, 1).ranking;
    let first = all[0];
    four.remove(first);
    // Whoever leaves moves nobody else.
    let rest: Vec<_> = choose(&four, &weighted, 1).ranking;
    let shifted: Vec<usize> =
        all[1..].iter().map(|at| if *at > first { at - 1 } else { *at }).collect();
    assert_eq!(rest, shifted);
}

#[test]
fn copies_are_not_gathered_from_several_stages() {
    // Both take only a lead that is sold twice, and each would be the other's second.
    let pair_only = |n: u128, stage: u16| {
        let mut one = bidder(n, n, 100, 2);
        one.by_copies = vec![None, Some(bid(100))];
        one.turn.stage = stage;
        one
    };
    let mut third = bidder(3, 1, 5, 1);
    third.turn.stage = 2;
    let bidders = [pair_only(1, 0), pair_only(2, 1), third];
    let choice = choose(&bidders, &Routing::default(), 2);
    assert_eq!((choice.winners, choice.stage, choice.sum), (vec![2], 2, Some(bid(5))));
}

/// Tries every subset.
fn brute(bidders: &[Bidder], most: i32) -> Option<EffectiveBid> {
    (1u32..1 << bidders.len())
        .filter_map(|mask| {
            let set: Vec<&Bidder> = bidders
                .iter()
                .enumerate()
                .filter(|(at, _)| mask & (1 << at) != 0)
                .map(|(_, b)| b)
                .collect();
            let copies = i32::try_from(set.len()).unwrap();
            let mut buyers: Vec<_> = set.iter().map(|b| b.buyer).collect();
            buyers.sort_unstable();
            buyers.dedup();
            if copies > most || buyers.len() != set.len() {
                return None;
            }
            set.iter()
                .map(|b| b.bid_for(copies))
                .try_fold(EffectiveBid::ZERO, |sum, bid| Some(sum.plus(bid?)))
        })
        .max()
}

fn any_bidders() -> impl Strategy_<Value = Vec<Bidder>> {
    let one = (
        1..5u128,
        prop::collection::vec(prop::option::weighted(0.8, 0..60i64), 1..4),
        1..4i32,
        (0..3u16, -2..3i32, 0..4i64, 0..4i64, 1..50i32),
    );
    prop::collection::vec(one, 0..7).prop_map(|specs| {
        (1..)
            .zip(specs)
            .map(|(n, (buyer, prices, most, (stage, priority, created, last, weight)))| {
                let mut one = bidder(n, buyer, prices[0].unwrap_or(0), most);
                if prices.len() > 1 {
                    one.by_copies = prices.iter().map(|price| price.map(bid)).collect();
                }
                one.turn = Turn {
                    stage,
                    priority,
                    created_at: Timestamp::from_micros(created),
                    last_award: Timestamp::from_micros(last),
                    lot: Lot::draw(LeadId(Uuid::from_u128(9)), one.offer, weight),
                };
                one
            })
            .collect()
    })
}

use proptest::strategy::Strategy as Strategy_;

fn any_routing() -> impl Strategy_<Value = Routing> {
    let groups = json!([
        {"number": 1, "strategy": "PRIORITY"}, {"number": 2, "strategy": "ROUND_ROBIN"}
    ]);
    prop::sample::select(vec![
        json!({}),
        json!({"strategy": "PRIORITY"}),
        json!({"strategy": "ROUND_ROBIN"}),
        json!({"strategy": "WEIGHTED", "tie_breaks": ["BID"]}),
        json!({"strategy": "WATERFALL", "groups": groups}),
    ])
    .prop_map(routing)
}

proptest! {
    #[test]
    fn an_auction_finds_the_largest_sum(mut bidders in any_bidders(), most in 1..4i32) {
        for bidder in &mut bidders {
            bidder.turn.stage = 0;
        }
        let choice = choose(&bidders, &Routing::default(), most);
        prop_assert_eq!(choice.sum, brute(&bidders, most));
    }

    #[test]
    fn whatever_the_strategy_the_sale_is_lawful(
        bidders in any_bidders(), routing in any_routing(), most in 1..4i32,
    ) {
        let choice = choose(&bidders, &routing, most);
        let copies = choice.copies();
        prop_assert!(copies <= most);
        let won: Vec<&Bidder> = choice.winners.iter().map(|at| &bidders[*at]).collect();
        for winner in &won {
            prop_assert!(winner.bid_for(copies).is_some());
            prop_assert!(winner.max_sales >= copies);
            prop_assert_eq!(winner.turn.stage, choice.stage);
        }
        let mut buyers: Vec<_> = won.iter().map(|b| b.buyer).collect();
        buyers.sort_unstable();
        buyers.dedup();
        prop_assert_eq!(buyers.len(), won.len());
        let mut ranked = choice.ranking.clone();
        ranked.sort_unstable();
        prop_assert_eq!(ranked, (0..bidders.len()).collect::<Vec<_>>());
        // Nothing sold means that nobody could have bought alone.
        if copies == 0 {
            prop_assert!(bidders.iter().all(|b| b.bid_for(1).is_none()));
        }
        // No earlier stage could have sold it. Copies come from one stage, so each is looked at.
        for stage in (0..choice.stage).filter(|_| copies > 0) {
            let alone: Vec<Bidder> =
                bidders.iter().filter(|b| b.turn.stage == stage).cloned().collect();
            prop_assert_eq!(brute(&alone, most), None);
        }
    }

    #[test]
    fn strategies_other_than_an_auction_sell_to_the_first_in_turn(
        mut bidders in any_bidders(),
        strategy in prop::sample::select(vec!["PRIORITY", "ROUND_ROBIN", "WEIGHTED"]),
        most in 1..4i32,
    ) {
        for bidder in &mut bidders {
            bidder.turn.stage = 0;
            bidder.by_copies = Vec::new();
        }
        let choice = choose(&bidders, &routing(json!({"strategy": strategy})), most);
        prop_assert_eq!(choice.winners.first(), choice.ranking.first());
        if let Some(first) = choice.winners.first() {
            let first = &bidders[*first];
            for other in &bidders {
                match strategy {
                    "PRIORITY" => prop_assert!(other.turn.priority <= first.turn.priority),
                    "ROUND_ROBIN" => prop_assert!(other.turn.last_award >= first.turn.last_award),
                    _ => {}
                }
            }
        }
    }
}
