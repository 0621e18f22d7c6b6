//! Effective bids: what a lead is worth to an offer, all goals and returns considered.
//!
//! `Σ over goals (price × rate) × (1 − expected return share)`. The rate of LEAD is 1; those of
//! the other goals are the offer's measured rates, shrunk to the niche's; a new offer is judged by
//! its niche until it has a history. A share of a sale counts as what the offer's sales have cost
//! on average, or as its minimum before the first. Integers only: rates are parts per million.

use crate::money::div_half_even;
use crate::offer::meters::Meters;
use crate::offer::terms::{GoalKind, Terms};

/// One in parts per million.
pub const ONE: i64 = 1_000_000;
/// How many awards of its niche's average an offer is credited with.
const PRIOR_WEIGHT: i64 = 20;
/// The rates of a niche of which nothing is known: half of the calls last long enough, one lead in
/// ten registers, one in twenty buys.
const FIRST_RATES: Rates = Rates { call: 500_000, sale: 50_000, registration: 100_000 };
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

/// How often an award brings each event that is paid for later, in parts per million.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// A call that is long enough.
    pub call: i64,
    /// A sale.
    pub sale: i64,
    /// A registration.
    pub registration: i64,
}

impl Rates {
    /// A niche's rates, each from the meters of the offers that have such a goal.
    pub fn of_niche<'a>(offers: impl Iterator<Item = (&'a Terms, &'a Meters)> + Clone) -> Self {
        let rate = |kind: GoalKind| {
            let having = offers.clone().filter(|(terms, _)| terms.goal(kind).is_some());
            let (events, awards) = having.fold((0i64, 0i64), |(events, awards), (_, m)| {
                (events.saturating_add(m.events(kind)), awards.saturating_add(m.awards))
            });
            shrunk(events, awards, FIRST_RATES.of(kind))
        };
        Self {
            call: rate(GoalKind::Call),
            sale: rate(GoalKind::Sale),
            registration: rate(GoalKind::Registration),
        }
    }

    /// The rate of one kind. Every award is a lead.
    pub const fn of(&self, kind: GoalKind) -> i64 {
        match kind {
            GoalKind::Lead => ONE,
            GoalKind::Call => self.call,
            GoalKind::Sale => self.sale,
            GoalKind::Registration => self.registration,
        }
    }
}

/// An effective bid, exact for ranking: minor units times 10^12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EffectiveBid(i128);

impl EffectiveBid {
    /// The bid of an offer. `lead_price` is the price of its LEAD goal after the publisher's own
    /// price; `niche` the niche's rates.
    pub fn of(terms: &Terms, lead_price: Option<i64>, meters: &Meters, niche: &Rates) -> Self {
        let gross: i128 = terms
            .goals
            .iter()
            .map(|goal| match goal.kind {
                GoalKind::Lead => {
                    let price = lead_price.unwrap_or(goal.price.least());
                    i128::from(price) * i128::from(ONE)
                }
                kind => {
                    let rate = shrunk(meters.events(kind), meters.awards, niche.of(kind));
                    let price = goal.price.expected(meters.mean_sale());
                    i128::from(price) * i128::from(rate)
                }
            })
            .sum();
        let returned = shrunk(meters.returns, meters.awards, FIRST_RETURN_RATE);
        Self(gross.saturating_mul(i128::from(ONE - returned)))
    }

    /// Rounded half to even, in minor units: what people see.
    pub fn minor(self) -> i64 {
        div_half_even(self.0, i128::from(ONE) * i128::from(ONE))
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

    fn rates(sale: i64) -> Rates {
        Rates { sale, ..FIRST_RATES }
    }

    #[test]
    fn a_new_offer_is_judged_by_its_niche() {
        let lead = terms(json!([{"kind": "LEAD", "price": 1_000}]));
        let bid = EffectiveBid::of(&lead, None, &Meters::default(), &FIRST_RATES);
        assert_eq!(bid.minor(), 950);
        let sale = terms(json!([{"kind": "SALE", "price": 20_000}]));
        assert_eq!(
            EffectiveBid::of(&sale, None, &Meters::default(), &rates(100_000)).minor(),
            1_900
        );
    }

    #[test]
    fn history_moves_the_bid_and_returns_cost() {
        let sale = terms(json!([{"kind": "SALE", "price": 20_000}]));
        let good = Meters { awards: 980, sales: 300, ..Meters::default() };
        let returned = Meters { returns: 500, ..good };
        let bid = |m: &Meters| EffectiveBid::of(&sale, None, m, &rates(50_000));
        assert_eq!(bid(&good).minor(), 6_014);
        assert!(bid(&returned) < bid(&good));
    }

    #[test]
    fn rates_stay_within_their_range() {
        assert_eq!(shrunk(1_000, 10, ONE), ONE);
        assert_eq!(shrunk(-5, -5, 0), 0);
        assert_eq!(Rates::of_niche([].into_iter()), FIRST_RATES);
    }

    #[test]
    fn every_goal_counts_by_its_own_rate() {
        let both = terms(json!([
            {"kind": "REGISTRATION", "price": 1_000},
            {"kind": "SALE", "price": {"bps": 500, "min": 2_000, "max": 40_000}}
        ]));
        let niche = Rates { call: ONE, sale: 100_000, registration: 200_000 };
        let bid = |m: &Meters| EffectiveBid::of(&both, None, m, &niche).minor();
        // New: 1 000 × 20 % + the minimum 2 000 × 10 %, less 5 % of returns.
        assert_eq!(bid(&Meters::default()), 380);
        // Sales of 30 000 on average, one in ten awards; no registration in 980.
        let known = Meters { awards: 980, sales: 98, sale_money: 98 * 30_000, ..Meters::default() };
        // 1 000 × 4 / 1 000 + 30 000 × 100 / 1 000, less 1 / 1 000.
        assert_eq!(bid(&known), 3_001);
        let dearer = Meters { sale_money: 98 * 90_000, ..known };
        assert_eq!(bid(&dearer), 4_000, "no more than the maximum");
    }

    #[test]
    fn a_niche_has_a_rate_for_each_kind_from_the_offers_that_have_it() {
        let sale = terms(json!([{"kind": "SALE", "price": 20_000}]));
        let call = terms(json!([{"kind": "CALL", "price": 900}]));
        let sold = Meters { awards: 80, sales: 24, calls: 80, ..Meters::default() };
        let called = Meters { awards: 80, sales: 80, calls: 20, ..Meters::default() };
        let rates = Rates::of_niche([(&sale, &sold), (&call, &called)].into_iter());
        // (24 + 20 × 5 %) / 100, (20 + 20 × 50 %) / 100; nothing known of registrations.
        assert_eq!(rates, Rates { call: 300_000, sale: 250_000, registration: 100_000 });
    }
}
