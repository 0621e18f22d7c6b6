//! What an offer has been worth to those who sold to it: figures of the past, for its catalogue.

use super::meters::Meters;
use super::terms::{GoalKind, Terms};
use super::visible::earning;
use crate::money::{Bps, div_half_even};

/// Fewer awards than this say nothing yet, and might tell of one publisher.
pub const ENOUGH: i64 = 20;

/// What an offer's leads have brought so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// How many it bought.
    pub awards: i64,
    /// What one of them earns on average at today's terms, in minor units: every goal as often as
    /// it was reached, less what was returned. Sales count with what they cost.
    pub earning: i64,
    /// The share of awards of which nothing was returned.
    pub approved: Bps,
}

impl Measured {
    /// What the meters tell, at the publisher's own price of a lead if it has one; `None` with
    /// fewer than [`ENOUGH`] awards.
    pub fn of(
        terms: &Terms,
        meters: &Meters,
        take_rate: Bps,
        own_price: Option<i64>,
    ) -> Option<Self> {
        let awards = meters.awards;
        if awards < ENOUGH {
            return None;
        }
        let paid: i128 = terms
            .goals
            .iter()
            .map(|goal| match goal.kind {
                GoalKind::Lead => {
                    let price = own_price.unwrap_or(goal.price.least());
                    i128::from(price) * i128::from(awards)
                }
                GoalKind::Sale => i128::from(meters.sale_money.max(0)),
                kind => i128::from(goal.price.least()) * i128::from(meters.events(kind).max(0)),
            })
            .sum();
        let kept = awards.saturating_sub(meters.returns.clamp(0, awards));
        let whole = i128::from(awards);
        let price = div_half_even(paid.saturating_mul(i128::from(kept)), whole * whole);
        let approved = div_half_even(i128::from(kept) * i128::from(Bps::WHOLE.0), whole);
        Some(Self {
            awards,
            earning: earning(price, take_rate),
            approved: Bps(u32::try_from(approved).unwrap_or(0)),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn terms(goals: serde_json::Value) -> Terms {
        serde_json::from_value(json!({
            "goals": goals, "schedule": {"time_zone": "UTC"}, "max_sales": 1,
            "return_window_s": 0, "hold_s": 0, "lock_s": 0, "visibility": "PUBLIC"
        }))
        .unwrap()
    }

    fn meters(awards: i64, returns: i64) -> Meters {
        Meters { awards, returns, ..Meters::default() }
    }

    #[test]
    fn a_short_history_says_nothing() {
        let lead = terms(json!([{"kind": "LEAD", "price": 1_000}]));
        assert_eq!(Measured::of(&lead, &meters(19, 0), Bps(1_500), None), None);
        let twenty = Measured::of(&lead, &meters(20, 0), Bps(1_500), None);
        assert_eq!(twenty, Some(Measured { awards: 20, earning: 850, approved: Bps::WHOLE }));
    }

    #[test]
    fn returns_lessen_both_figures() {
        let lead = terms(json!([{"kind": "LEAD", "price": 1_000}]));
        // 30 of 40 stay: 750 of each thousand, less 15 %: 637.5, and the fee's half goes to even.
        let found = Measured::of(&lead, &meters(40, 10), Bps(1_500), None);
        assert_eq!(found, Some(Measured { awards: 40, earning: 638, approved: Bps(7_500) }));
        let own = Measured::of(&lead, &meters(40, 10), Bps(1_500), Some(2_000));
        assert_eq!(own.map(|found| found.earning), Some(1_275));
    }

    #[test]
    fn later_goals_count_as_often_as_they_were_reached() {
        let hybrid = terms(json!([
            {"kind": "LEAD", "price": 100},
            {"kind": "SALE", "price": 5_000},
        ]));
        // 50 leads for 100 each and four sales that cost 22,000: 540 a lead.
        let sold = Meters { sales: 4, sale_money: 22_000, ..meters(50, 0) };
        let found = Measured::of(&hybrid, &sold, Bps(0), None);
        assert_eq!(found.map(|found| found.earning), Some(540));
    }

    proptest! {
        #[test]
        fn never_more_than_the_price_and_never_less_than_nothing(
            price in 0i64..1_000_000_000, awards in 20i64..1_000_000, returns in -5i64..2_000_000,
            rate in 0u32..=10_000,
        ) {
            let lead = terms(json!([{"kind": "LEAD", "price": price}]));
            let found = Measured::of(&lead, &meters(awards, returns), Bps(rate), None).unwrap();
            prop_assert!((0..=price).contains(&found.earning));
            prop_assert!(found.approved <= Bps::WHOLE);
        }
    }
}
