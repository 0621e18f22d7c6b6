//! The choice of winners: who buys, and in how many copies.
//!
//! Bidders of the first stage that can buy at all are looked at; a lead's copies all come from
//! one stage. For each number of copies `n` the set of `n` is the first `n` different buyers, in
//! the order of the stage's rule, that allow `n`. An auction takes the set with the largest sum
//! of effective bids. Every other strategy is bound to its first bidder: of the sets with whom it
//! takes the one with the largest sum. The smaller number of copies wins a tie, so an exclusive
//! bid has to be beaten, not met, by the sum of shared ones.

use super::bid::EffectiveBid;
use super::bidder::{Bidder, order};
use crate::niche::routing::{Routing, Rule, Strategy};

/// What was chosen. Indices are into the bidders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The winners by copy; empty if nobody can buy.
    pub winners: Vec<usize>,
    /// All bidders, in the order of their turns.
    pub ranking: Vec<usize>,
    /// The stage that bought.
    pub stage: u16,
    /// The sum of the winners' effective bids.
    pub sum: Option<EffectiveBid>,
    /// The best set with another number of copies: how many, and its sum.
    pub alternative: Option<(i32, EffectiveBid)>,
}

impl Choice {
    /// To how many buyers the lead goes.
    pub fn copies(&self) -> i32 {
        i32::try_from(self.winners.len()).unwrap_or(i32::MAX)
    }
}

/// A number of copies with its buyers.
struct Set {
    winners: Vec<usize>,
    order: Vec<usize>,
    sum: EffectiveBid,
}

/// Chooses winners among bidders, for at most `most` copies. `routing` is that of the niche; a
/// bidder's stage is a group of it; from [`FALLBACKS`] on, a group among the fallbacks.
pub fn choose(bidders: &[Bidder], routing: &Routing, most: i32) -> Choice {
    let mut stages: Vec<u16> = bidders.iter().map(|bidder| bidder.turn.stage).collect();
    stages.sort_unstable();
    stages.dedup();
    let mut choice = Choice::default();
    for stage in stages {
        let rule = routing.rule(stage % FALLBACKS);
        let members = (0..bidders.len())
            .filter(|at| bidders.get(*at).is_some_and(|b| b.turn.stage == stage))
            .collect();
        let base = sorted(bidders, members, rule, 1);
        if !choice.winners.is_empty() {
            choice.ranking.extend(base);
            continue;
        }
        match in_stage(bidders, &base, rule, most) {
            None => choice.ranking.extend(base),
            Some((best, alternative)) => {
                choice.ranking.extend(best.order);
                choice.winners = best.winners;
                choice.stage = stage;
                choice.sum = Some(best.sum);
                choice.alternative = alternative;
            }
        }
    }
    choice
}

/// The first stage of fallbacks: the same groups again, for what a source's target did not buy.
pub const FALLBACKS: u16 = 1_000;

fn sorted(bidders: &[Bidder], mut list: Vec<usize>, rule: Rule<'_>, copies: i32) -> Vec<usize> {
    list.sort_by(|a, b| match (bidders.get(*a), bidders.get(*b)) {
        (Some(a), Some(b)) => order(rule, copies, a, b),
        _ => a.cmp(b),
    });
    list
}

fn in_stage(
    bidders: &[Bidder],
    base: &[usize],
    rule: Rule<'_>,
    most: i32,
) -> Option<(Set, Option<(i32, EffectiveBid)>)> {
    let prices_differ =
        base.iter().any(|at| bidders.get(*at).is_some_and(|b| !b.by_copies.is_empty()));
    let most = most.min(i32::try_from(base.len()).unwrap_or(i32::MAX));
    let mut sets: Vec<Set> = Vec::new();
    for copies in 1..=most {
        let order = if copies > 1 && prices_differ && rule.looks_at_bids() {
            sorted(bidders, base.to_vec(), rule, copies)
        } else {
            base.to_vec()
        };
        sets.extend(set_of(bidders, order, copies));
    }
    if rule.strategy != Strategy::Auction {
        let first = base.iter().find(|at| sets.iter().any(|set| set.winners.contains(at)))?;
        sets.retain(|set| set.winners.contains(first));
    }
    let mut best: Option<Set> = None;
    let mut second: Option<(i32, EffectiveBid)> = None;
    for set in sets {
        let beaten = match &best {
            Some(best) if set.sum <= best.sum => Some((set.winners.len(), set.sum)),
            _ => best.replace(set).map(|old| (old.winners.len(), old.sum)),
        };
        if let Some((copies, sum)) = beaten
            && second.is_none_or(|(_, known)| sum > known)
        {
            second = Some((i32::try_from(copies).unwrap_or(i32::MAX), sum));
        }
    }
    best.map(|best| (best, second))
}

/// The first `copies` different buyers in this order that allow so many, if there are so many.
fn set_of(bidders: &[Bidder], order: Vec<usize>, copies: i32) -> Option<Set> {
    let wanted = usize::try_from(copies).ok()?;
    let mut winners: Vec<usize> = Vec::with_capacity(wanted);
    let mut sum = EffectiveBid::ZERO;
    for at in &order {
        let Some(bidder) = bidders.get(*at) else { continue };
        let Some(bid) = bidder.bid_for(copies) else { continue };
        let has = |won: &usize| bidders.get(*won).is_some_and(|other| other.buyer == bidder.buyer);
        if winners.iter().any(has) {
            continue;
        }
        winners.push(*at);
        sum = sum.plus(bid);
        if winners.len() == wanted {
            return Some(Set { winners, order, sum });
        }
    }
    None
}

#[cfg(test)]
#[path = "select_tests.rs"]
mod tests;
