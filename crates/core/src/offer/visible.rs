//! What a publisher sees of an offer's terms: earnings, never prices.

use super::terms::{GoalKind, Terms};
use crate::money::Bps;

/// What a publisher earns for one goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisibleGoal {
    /// What is paid for.
    pub kind: GoalKind,
    /// Price − fee, in minor units.
    pub earning: i64,
    /// SALE: how long after the award a sale still counts, in seconds.
    pub attribution_window_s: i64,
}

/// What of a price is the publisher's: the price less the fee, the fee rounded half to even.
pub fn earning(price: i64, take_rate: Bps) -> i64 {
    price.saturating_sub(take_rate.of_half_even(price))
}

/// What a publisher earns for one copy of a lead that several buyers get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedEarning {
    /// To how many buyers in all the lead is sold.
    pub copies: i32,
    /// Price − fee of this offer's copy, in minor units.
    pub earning: i64,
}

/// What shared copies earn, by number of copies. `price_override` moves them in proportion.
pub fn shared(terms: &Terms, take_rate: Bps, price_override: Option<i64>) -> Vec<SharedEarning> {
    let price = |copies| terms.lead_price(copies, price_override);
    let copies = terms.shared_prices.iter().map(|shared| shared.copies);
    copies
        .filter_map(|copies| {
            Some(SharedEarning { copies, earning: earning(price(copies)?, take_rate) })
        })
        .collect()
}

/// The goals as a publisher sees them. `price_override` replaces the price of the LEAD goal.
pub fn goals(terms: &Terms, take_rate: Bps, price_override: Option<i64>) -> Vec<VisibleGoal> {
    terms
        .goals
        .iter()
        .map(|goal| {
            let price = match goal.kind {
                GoalKind::Lead => price_override.unwrap_or(goal.price),
                GoalKind::Sale => goal.price,
            };
            VisibleGoal {
                kind: goal.kind,
                earning: earning(price, take_rate),
                attribution_window_s: goal.attribution_window_s,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::validate::tests::sample;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn publishers_see_earnings() {
        let terms: Terms = serde_json::from_value(sample()).unwrap();
        let seen = |over| -> Vec<i64> {
            goals(&terms, Bps(1_500), over).iter().map(|goal| goal.earning).collect()
        };
        assert_eq!(seen(None), [42_500, 425_000]);
        assert_eq!(seen(Some(60_000)), [51_000, 425_000]);
    }

    proptest! {
        #[test]
        fn earning_and_fee_are_the_price(price in 0i64..=100_000_000_000, bps in 0u32..=10_000) {
            let earned = earning(price, Bps(bps));
            prop_assert_eq!(earned + Bps(bps).of_half_even(price), price);
            prop_assert!((0..=price).contains(&earned));
        }
    }
}
