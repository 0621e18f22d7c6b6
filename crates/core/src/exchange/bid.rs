//! Effective bids: what a lead is worth to an offer, all goals and returns considered.
//!
//! `Σ over goals (price × rate) × (1 − expected return share)`. The rate of LEAD is 1; that of
//! SALE is the offer's measured conversion rate, shrunk to the niche's; a new offer is judged by
//! its niche until it has a history. Integers only: rates are parts per million.

use crate::offer::meters::Meters;
use crate::offer::terms::{GoalKind, Terms};

/// One in parts per million.
pub const ONE: i64 = 1_000_000;
/// How many awards of its niche's average an offer is credited with.
const PRIOR_WEIGHT: i64 = 20;
/// The conversion rate of a niche of which nothing is known: 5 %.
const FIRST_SALE_RATE: i64 = 50_000;
/// The return share of an offer of which nothing is known: 5 %.
const FIRST_RETURN_RATE: i64 = 50_000;

/// `(events + weight × prior) / (trials + weight)` in parts per million, within 0 and 1.
pub fn shrunk(events: i64, trials: i64, prior: i64) -> i64 {
    let events = i128::from(events.max(0));
    let trials = i128::from(trials.max(0));
    let weight = i128::from(PRIOR_WEIGHT);
    let rate = (events * i128::from(ONE) + weight * i128::from(prior)) / (trials + weight);
    i64::try_from(rate.clamp(0, i128::from(ONE))).unwrap_or(ONE)
}

/// A niche's conversion rate from the meters of its SALE offers.
pub fn niche_sale_rate<'a>(meters: impl Iterator<Item = &'a Meters>) -> i64 {
    let (sales, awards) = meters.fold((0i64, 0i64), |(sales, awards), m| {
        (sales.saturating_add(m.sales), awards.saturating_add(m.awards))
    });
    shrunk(sales, awards, FIRST_SALE_RATE)
}

/// An effective bid, exact for ranking: minor units times 10^12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EffectiveBid(i128);

impl EffectiveBid {
    /// The bid of an offer. `lead_price` is the price of its LEAD goal after the publisher's own
    /// price; `niche_rate` the niche's conversion rate.
    pub fn of(terms: &Terms, lead_price: Option<i64>, meters: &Meters, niche_rate: i64) -> Self {
        let sale_rate = shrunk(meters.sales, meters.awards, niche_rate);
        let gross: i128 = terms
            .goals
            .iter()
            .map(|goal| match goal.kind {
                GoalKind::Lead => i128::from(lead_price.unwrap_or(goal.price)) * i128::from(ONE),
                GoalKind::Sale => i128::from(goal.price) * i128::from(sale_rate),
            })
            .sum();
        let returned = shrunk(meters.returns, meters.awards, FIRST_RETURN_RATE);
        Self(gross.saturating_mul(i128::from(ONE - returned)))
    }

    /// Rounded half to even, in minor units: what people see.
    pub fn minor(self) -> i64 {
        let scale = i128::from(ONE) * i128::from(ONE);
        let quotient = self.0.div_euclid(scale);
        let rest = self.0.rem_euclid(scale) * 2;
        let up = rest > scale || (rest == scale && quotient.rem_euclid(2) == 1);
        i64::try_from(quotient + i128::from(up)).unwrap_or(i64::MAX)
    }

    /// Both together, for choosing between numbers of copies.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Nothing.
    pub const ZERO: Self = Self(0);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use serde_json::json;

    fn terms(goals: serde_json::Value) -> Terms {
        serde_json::from_value(json!({
            "goals": goals, "schedule": {"time_zone": "UTC"}, "max_sales": 1,
            "return_window_s": 0, "hold_s": 0, "lock_s": 0, "visibility": "PUBLIC"
        }))
        .unwrap()
    }

    #[test]
    fn a_new_offer_is_judged_by_its_niche() {
        let lead = terms(json!([{"kind": "LEAD", "price": 1_000}]));
        let bid = EffectiveBid::of(&lead, None, &Meters::default(), FIRST_SALE_RATE);
        assert_eq!(bid.minor(), 950);
        let sale = terms(json!([{"kind": "SALE", "price": 20_000}]));
        assert_eq!(EffectiveBid::of(&sale, None, &Meters::default(), 100_000).minor(), 1_900);
    }

    #[test]
    fn history_moves_the_bid_and_returns_cost() {
        let sale = terms(json!([{"kind": "SALE", "price": 20_000}]));
        let good = Meters { awards: 980, sales: 300, ..Meters::default() };
        let returned = Meters { returns: 500, ..good };
        let bid = |m: &Meters| EffectiveBid::of(&sale, None, m, 50_000);
        assert_eq!(bid(&good).minor(), 6_014);
        assert!(bid(&returned) < bid(&good));
    }

    #[test]
    fn rates_stay_within_their_range() {
        assert_eq!(shrunk(1_000, 10, ONE), ONE);
        assert_eq!(shrunk(-5, -5, 0), 0);
        assert_eq!(niche_sale_rate([].into_iter()), FIRST_SALE_RATE);
    }
}
