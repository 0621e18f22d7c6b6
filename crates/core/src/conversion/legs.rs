//! What a conversion pays to whom, and what each leg has given back.

use super::RETURNED_LESS;
use crate::error::Problem;
use crate::ledger::cumulative;
use crate::money::Bps;

/// The legs of a conversion in minor units: `price = earning + fee`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Legs {
    price: i64,
    earning: i64,
    fee: i64,
}

impl Legs {
    /// Splits a price: `fee = round_half_even(price × take_rate)`, the rest is the earning.
    /// A negative price counts as zero, a rate above the whole as the whole.
    pub fn split(price: i64, take_rate: Bps) -> Self {
        let price = price.max(0);
        let fee = Bps(take_rate.0.min(Bps::WHOLE.0)).of_half_even(price);
        Self { price, earning: price - fee, fee }
    }

    /// As stored; `None` if the legs are not the price.
    pub fn stored(price: i64, earning: i64, fee: i64) -> Option<Self> {
        let whole = earning.checked_add(fee)? == price && earning >= 0 && fee >= 0;
        whole.then_some(Self { price, earning, fee })
    }

    /// What the buyer pays.
    pub fn price(&self) -> i64 {
        self.price
    }

    /// What the publisher gets.
    pub fn earning(&self) -> i64 {
        self.earning
    }

    /// What the exchange gets.
    pub fn fee(&self) -> i64 {
        self.fee
    }

    /// Raises the cumulative returned share to `to`. Answers what is given back now and the new
    /// state of what was given.
    ///
    /// # Errors
    /// `RETURNED_LESS` if the share does not grow.
    pub fn give_back(&self, given: Given, to: Bps) -> Result<(Given, Given), Problem> {
        if to.0 <= given.bps.0 || to.0 > Bps::WHOLE.0 {
            return Err(RETURNED_LESS.into());
        }
        let now = Given {
            bps: Bps(to.0 - given.bps.0),
            earning: cumulative(self.earning, given.bps, to),
            fee: cumulative(self.fee, given.bps, to),
        };
        let all = Given { bps: to, earning: given.earning + now.earning, fee: given.fee + now.fee };
        Ok((now, all))
    }
}

/// What was given back: the cumulative share, and the sum of each leg.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// The share of the price.
    pub bps: Bps,
    /// From the earning, in minor units.
    pub earning: i64,
    /// From the fee, in minor units.
    pub fee: i64,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_fee_rounds_half_to_even() {
        let legs = Legs::split(1_250, Bps(1_500));
        assert_eq!((legs.earning(), legs.fee()), (1_062, 188));
        assert_eq!(Legs::split(-5, Bps(1_500)).price(), 0);
        assert_eq!(Legs::split(7, Bps(90_000)).earning(), 0);
        assert_eq!(Legs::stored(10, 8, 1), None);
    }

    proptest! {
        #[test]
        fn steps_end_where_one_jump_ends(
            price in 0i64..=i64::MAX / 20_000,
            rate in 0u32..=10_000,
            steps in proptest::collection::btree_set(1u32..10_000, 0..6),
        ) {
            let legs = Legs::split(price, Bps(rate));
            prop_assert_eq!(legs.earning() + legs.fee(), legs.price());
            let mut given = Given::default();
            for step in steps.into_iter().chain([10_000]) {
                let (now, all) = legs.give_back(given, Bps(step)).unwrap();
                prop_assert!(now.earning >= 0 && now.fee >= 0);
                prop_assert_eq!(all.earning, Bps(step).of_half_even(legs.earning()));
                prop_assert_eq!(all.fee, Bps(step).of_half_even(legs.fee()));
                prop_assert!(legs.give_back(all, Bps(step)).is_err());
                given = all;
            }
            prop_assert_eq!((given.earning, given.fee), (legs.earning(), legs.fee()));
        }
    }
}
