//! Goals: what an offer pays for, and how much.
//!
//! A price is a sum, or a share of a sale within a minimum and a maximum. The rules that follow
//! from a price (what is charged, what is reserved at the award) are here, so that every surface
//! computes them alike.

use serde::{Deserialize, Serialize};

use crate::money::Bps;

crate::text_enum! {
    /// What is paid for.
    pub enum GoalKind {
        /// The lead itself, at the award.
        Lead = "LEAD",
        /// A telephone call that lasted long enough.
        Call = "CALL",
        /// A sale that the buyer reports.
        Sale = "SALE",
        /// A registration that the buyer reports.
        Registration = "REGISTRATION",
    }
}

impl GoalKind {
    /// Whether the buyer reports the event after the award: it has an attribution window, and a
    /// share of its price may be reserved.
    pub const fn is_reported(self) -> bool {
        matches!(self, Self::Sale | Self::Registration)
    }
}

/// A share of a sale, within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Percent {
    /// The share of the sale.
    pub bps: Bps,
    /// The least that one sale costs, in minor units.
    pub min: i64,
    /// The most that one sale costs, in minor units.
    pub max: i64,
}

impl Percent {
    /// The price of a sale of this amount: `round_half_even(amount × bps)`, not less than the
    /// minimum and not more than the maximum. Minor units.
    pub fn of(&self, amount: i64) -> i64 {
        self.within(self.bps.of_half_even(amount.max(0)))
    }

    /// The price within the bounds that is nearest to this one.
    pub fn within(&self, price: i64) -> i64 {
        price.max(self.min).min(self.max.max(self.min))
    }
}

/// What one event costs. Stored as a number, or as an object with `bps`, `min` and `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Price {
    /// A sum, in minor units.
    Fixed(i64),
    /// A share of the sale.
    Percent(Percent),
}

impl Price {
    /// The sum, if it is one.
    pub const fn fixed(&self) -> Option<i64> {
        match self {
            Self::Fixed(price) => Some(*price),
            Self::Percent(_) => None,
        }
    }

    /// The share, if it is one.
    pub const fn percent(&self) -> Option<Percent> {
        match self {
            Self::Fixed(_) => None,
            Self::Percent(percent) => Some(*percent),
        }
    }

    /// The least that one event costs, in minor units.
    pub const fn least(&self) -> i64 {
        match self {
            Self::Fixed(price) => *price,
            Self::Percent(percent) => percent.min,
        }
    }

    /// The most that one event costs, in minor units.
    pub const fn most(&self) -> i64 {
        match self {
            Self::Fixed(price) => *price,
            Self::Percent(percent) => percent.max,
        }
    }

    /// What an event costs. A share needs the amount of the sale: `None` without it.
    pub fn charge(&self, amount: Option<i64>) -> Option<i64> {
        match self {
            Self::Fixed(price) => Some(*price),
            Self::Percent(percent) => amount.map(|amount| percent.of(amount)),
        }
    }

    /// What an event is expected to cost: the mean of what such events did cost, brought within
    /// the bounds, or the minimum where none is known.
    pub fn expected(&self, mean: Option<i64>) -> i64 {
        match self {
            Self::Fixed(price) => *price,
            Self::Percent(percent) => mean.map_or(percent.min, |mean| percent.within(mean)),
        }
    }
}

/// How long the money of a call that nobody ended stays reserved, in seconds.
const CALL_RESERVED_S: i64 = 4 * 3_600;

/// One goal and its price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// What is paid for.
    pub kind: GoalKind,
    /// What the buyer pays for one.
    pub price: Price,
    /// SALE, REGISTRATION: how long after the award an event still counts, in seconds.
    #[serde(default)]
    pub attribution_window_s: i64,
    /// SALE, REGISTRATION: share of the highest price that is reserved at the award until the
    /// window ends.
    #[serde(default)]
    pub reserve_bps: Bps,
    /// CALL: how many connected seconds make a call that is paid for.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub min_call_seconds: i64,
    /// CALL: how long a caller who was paid for is not paid for again, in seconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub repeat_caller_window_s: i64,
    /// CALL: how many calls may last at once; 0 = no limit.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub calls_at_once: i64,
    /// SALE: whether one award may bring several sales, each with its own reference.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub several: bool,
}

fn is_zero(value: &i64) -> bool {
    *value == 0
}

impl Goal {
    /// What is reserved at the award, in minor units: nothing for a lead, which is paid at once;
    /// the whole price of a call, while it lasts; for what is reported later `reserve_bps` of the
    /// highest price, so that 10 000 mean that every sale is covered, whatever it costs.
    pub fn reserve(&self) -> i64 {
        match self.kind {
            GoalKind::Lead => 0,
            GoalKind::Call => self.price.most().max(0),
            GoalKind::Sale | GoalKind::Registration => {
                self.reserve_bps.of_half_even(self.price.most()).max(0)
            }
        }
    }

    /// How long that stays reserved after the award, in seconds.
    pub fn reserved_for_s(&self) -> i64 {
        match self.kind {
            GoalKind::Call => CALL_RESERVED_S,
            _ => self.attribution_window_s.max(0),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn goal(value: serde_json::Value) -> Goal {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn goals_of_older_versions_read_as_they_were() {
        let old = json!({"kind": "SALE", "price": 4_000, "attribution_window_s": 7_200,
            "reserve_bps": 2_500});
        let read = goal(old.clone());
        assert_eq!((read.price, read.several), (Price::Fixed(4_000), false));
        assert_eq!((read.min_call_seconds, read.repeat_caller_window_s), (0, 0));
        assert_eq!(serde_json::to_value(&read).unwrap(), old);
        let wrong: Result<Goal, _> =
            serde_json::from_value(json!({"kind": "SALE", "price": {"bps": 1, "min": 1}}));
        assert!(wrong.is_err());
    }

    #[test]
    fn what_is_reserved_follows_the_kind() {
        let percent = json!({"bps": 1_000, "min": 500, "max": 30_001});
        let sale = goal(json!({"kind": "SALE", "price": percent, "reserve_bps": 5_000,
            "attribution_window_s": 9}));
        // Half of 30 001, the half to the even neighbour.
        assert_eq!((sale.reserve(), sale.reserved_for_s()), (15_000, 9));
        let lead = goal(json!({"kind": "LEAD", "price": 700}));
        assert_eq!(lead.reserve(), 0);
        let call = goal(json!({"kind": "CALL", "price": 700, "min_call_seconds": 90}));
        assert_eq!((call.reserve(), call.reserved_for_s()), (700, CALL_RESERVED_S));
    }

    #[test]
    fn a_share_rounds_half_to_even_within_its_bounds() {
        let percent = Percent { bps: Bps(250), min: 100, max: 5_000 };
        // 2.5 % of 4 020 are 100.5, of 4 060 are 101.5.
        assert_eq!([4_020, 4_060, 0, -7].map(|amount| percent.of(amount)), [100, 102, 100, 100]);
        assert_eq!([200_000, 200_001, i64::MAX].map(|amount| percent.of(amount)), [5_000; 3]);
        let price = Price::Percent(percent);
        assert_eq!((price.charge(None), price.charge(Some(8_000))), (None, Some(200)));
        assert_eq!(
            [None, Some(7), Some(300), Some(9_999)].map(|mean| price.expected(mean)),
            [100, 100, 300, 5_000]
        );
        assert_eq!(Price::Fixed(9).charge(None), Some(9));
    }

    proptest! {
        #[test]
        fn a_share_stays_within_its_bounds_and_never_falls(
            bps in 1u32..=10_000, min in 1i64..1_000_000, more in 0i64..1_000_000_000,
            amount in 0i64..i64::MAX / 2, step in 0i64..1_000_000,
        ) {
            let percent = Percent { bps: Bps(bps), min, max: min + more };
            let price = percent.of(amount);
            prop_assert!((min..=min + more).contains(&price));
            prop_assert!(percent.of(amount + step) >= price);
            let exact = Bps(bps).of_half_even(amount);
            prop_assert_eq!(price, exact.clamp(min, min + more));
            // Within half a unit of the exact share, wherever no bound holds it.
            if price == exact {
                let off = i128::from(exact) * 10_000 - i128::from(amount) * i128::from(bps);
                prop_assert!(off.abs() <= 5_000);
            }
        }
    }
}
