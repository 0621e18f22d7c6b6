//! The terms of an offer version. Money in minor units of the niche's currency, durations in
//! seconds, shares in basis points.

use serde::{Deserialize, Serialize};

use super::conditions::Condition;
pub use super::goal::{Goal, GoalKind, Percent, Price};
use crate::money::Bps;

crate::text_enum! {
    /// The length of a cap's period, in the offer's time zone.
    pub enum CapPeriod {
        /// A clock hour.
        Hour = "HOUR",
        /// A calendar day.
        Day = "DAY",
        /// An ISO week, from Monday.
        Week = "WEEK",
        /// A calendar month.
        Month = "MONTH",
        /// The life of the offer.
        Total = "TOTAL",
    }
}

/// The most that an offer buys in a period. Either bound may be absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// The period.
    pub period: CapPeriod,
    /// The most awards.
    #[serde(default)]
    pub count: Option<i64>,
    /// The most money (conversions and reservations), in minor units.
    #[serde(default)]
    pub money: Option<i64>,
}

/// When an offer buys, in its own time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// IANA time zone, like `Europe/Moscow`. Caps count in it too.
    pub time_zone: String,
    /// Weekly windows; none means always.
    #[serde(default)]
    pub windows: Vec<Window>,
    /// Days without buying, as `YYYY-MM-DD`.
    #[serde(default)]
    pub holidays: Vec<String>,
}

/// A window on some days of the week. `to` may be 24:00 = 1440.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// ISO days, Monday = 1 … Sunday = 7.
    pub days: Vec<u8>,
    /// First minute of the day, 0-1439.
    pub from_minute: u16,
    /// First minute after the window, 1-1440, later than `from_minute`.
    pub to_minute: u16,
    /// The most awards in one occurrence of the window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// The most money in one occurrence of the window, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub money: Option<i64>,
}

/// The price of a lead that several buyers get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedPrice {
    /// To how many buyers in all the lead is sold, 2 or more.
    pub copies: i32,
    /// What this buyer pays for its copy then, in minor units.
    pub price: i64,
}

crate::text_enum! {
    /// What happens to a lead that an offer would buy if a cap were not full, when nobody else
    /// buys it.
    pub enum OverCap {
        /// It stays unsold.
        Next = "NEXT",
        /// It goes to quarantine: a moderator lets it into the market when the cap has room.
        Quarantine = "QUARANTINE",
        /// It waits in quarantine until the cap's next period, a day at most, and is offered to
        /// the market again by itself.
        Queue = "QUEUE",
    }
}

crate::text_enum! {
    /// How the day's caps are spent.
    pub enum Pacing {
        /// As leads come.
        None = "NONE",
        /// Evenly over the open time of the day: an award waits until its share of the day has
        /// passed.
        Even = "EVEN",
    }
}

crate::text_enum! {
    /// Who may take the offer.
    pub enum Visibility {
        /// Everybody sells to it at once.
        Public = "PUBLIC",
        /// Everybody sees it; the buyer approves each publisher.
        ByApplication = "BY_APPLICATION",
        /// Only invited publishers see it.
        Private = "PRIVATE",
    }
}

crate::text_enum! {
    /// How an offer buys.
    pub enum Mode {
        /// By its terms, at once.
        Instant = "INSTANT",
        /// The buyer's own server is asked about each lead, and may bid.
        Live = "LIVE",
    }
}

/// All terms of one offer version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// How it buys. The terms of an instant offer do not say so, which every older version is.
    #[serde(default = "instant", skip_serializing_if = "Mode::is_instant")]
    pub mode: Mode,
    /// What is paid for: one goal, or two of different kinds.
    pub goals: Vec<Goal>,
    /// Caps; at most one per period.
    #[serde(default)]
    pub caps: Vec<Cap>,
    /// Caps on what is bought from one publisher; at most one per period.
    #[serde(default)]
    pub publisher_caps: Vec<Cap>,
    /// What a full cap means for a lead that nobody else buys.
    #[serde(default = "next")]
    pub over_cap: OverCap,
    /// How the caps of the day are spent.
    #[serde(default = "unpaced")]
    pub pacing: Pacing,
    /// Schedule and time zone.
    pub schedule: Schedule,
    /// What leads must satisfy.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// The lowest score bought, 0-100.
    #[serde(default)]
    pub min_score: i32,
    /// To how many buyers a lead may be sold in all; 1 = exclusive.
    pub max_sales: i32,
    /// Prices of a lead that several buyers get, by ascending number of copies. The price of the
    /// LEAD goal is that of an only copy, and holds until a number of copies is named here.
    #[serde(default)]
    pub shared_prices: Vec<SharedPrice>,
    /// How long this buyer does not want the same person again, in seconds; 0 = no own rule.
    #[serde(default)]
    pub dedupe_window_s: i64,
    /// How long after the award the buyer may return, in seconds.
    pub return_window_s: i64,
    /// How long the earning is held, in seconds; not shorter than the return window.
    pub hold_s: i64,
    /// When the verdict becomes final, in seconds after the award; not before the hold's end.
    pub lock_s: i64,
    /// The largest share of awards that may be returned, in basis points.
    #[serde(default = "whole")]
    pub max_return_share_bps: Bps,
    /// Who may sell.
    pub visibility: Visibility,
    /// Ties go to the higher priority, then to the older offer.
    #[serde(default)]
    pub priority: i32,
    /// What publishers should know: allowed traffic, what a good lead is. Not contact data.
    #[serde(default)]
    pub description: String,
}

fn whole() -> Bps {
    Bps::WHOLE
}

fn next() -> OverCap {
    OverCap::Next
}

fn instant() -> Mode {
    Mode::Instant
}

impl Mode {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
    fn is_instant(&self) -> bool {
        *self == Self::Instant
    }
}

fn unpaced() -> Pacing {
    Pacing::None
}

impl Terms {
    /// The goal of this kind, if the offer pays for it.
    pub fn goal(&self, kind: GoalKind) -> Option<&Goal> {
        self.goals.iter().find(|goal| goal.kind == kind)
    }

    /// What one of `copies` copies of a lead costs, in minor units. A publisher's own price of the
    /// LEAD goal moves the shared prices in proportion, rounded half to even. `None` without a
    /// LEAD goal.
    pub fn lead_price(&self, copies: i32, own: Option<i64>) -> Option<i64> {
        let declared = self.goal(GoalKind::Lead)?.price.fixed()?;
        let named = self.shared_prices.iter().rev().find(|shared| shared.copies <= copies);
        Some(match (named, own) {
            (None, own) => own.unwrap_or(declared),
            (Some(shared), None) => shared.price,
            (Some(shared), Some(own)) => proportion(own, shared.price, declared),
        })
    }

    /// What one award can cost at once: the lead's price and what is reserved for the goals that
    /// are billed later, in minor units. Saturates.
    pub fn cost_at_award(&self) -> i64 {
        self.cost_at(None)
    }

    /// The same for a publisher whose leads have an own price.
    pub fn cost_at(&self, own_price: Option<i64>) -> i64 {
        let lead = self.goal(GoalKind::Lead).and_then(|goal| goal.price.fixed());
        let lead = lead.map_or(0, |price| own_price.unwrap_or(price));
        lead.saturating_add(self.reserve_at_award())
    }

    /// What is reserved at the award for the goals that are billed later, in minor units.
    /// Saturates.
    pub fn reserve_at_award(&self) -> i64 {
        self.goals.iter().map(Goal::reserve).fold(0i64, i64::saturating_add)
    }
}

/// `own × part / whole`, rounded half to even; saturates. Nothing of a whole that is nothing.
fn proportion(own: i64, part: i64, whole: i64) -> i64 {
    if whole <= 0 {
        return 0;
    }
    let (product, whole) = (i128::from(own) * i128::from(part), i128::from(whole));
    let (quotient, rest) = (product.div_euclid(whole), product.rem_euclid(whole) * 2);
    let up = rest > whole || (rest == whole && quotient.rem_euclid(2) == 1);
    i64::try_from(quotient + i128::from(up)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::super::validate::tests::sample;
    use super::*;
    use serde_json::json;

    #[test]
    fn the_price_of_a_copy_follows_the_number_of_copies() {
        let mut value = sample();
        value["max_sales"] = json!(5);
        value["shared_prices"] =
            json!([{"copies": 2, "price": 30_000}, {"copies": 4, "price": 12_345}]);
        let terms: Terms = serde_json::from_value(value).unwrap();
        let prices = |own| (1..=5).map(|n| terms.lead_price(n, own).unwrap()).collect::<Vec<_>>();
        assert_eq!(prices(None), [50_000, 30_000, 30_000, 12_345, 12_345]);
        // 60 000 is 6/5 of the declared price: 36 000, and 14 814.
        assert_eq!(prices(Some(60_000)), [60_000, 36_000, 36_000, 14_814, 14_814]);
        // 12 345 × 2 / 50 000 = 0.4938; 30 000 × 2 / 50 000 = 1.2.
        assert_eq!(prices(Some(2)), [2, 1, 1, 0, 0]);
    }

    #[test]
    fn proportions_round_half_to_even() {
        assert_eq!(proportion(1, 5, 10), 0);
        assert_eq!(proportion(3, 5, 10), 2);
        assert_eq!(proportion(1, 6, 10), 1);
        assert_eq!(proportion(i64::MAX, i64::MAX, 1), i64::MAX);
        assert_eq!(proportion(5, 5, 0), 0);
    }

    #[test]
    fn terms_of_older_versions_read_with_todays_defaults() {
        let terms: Terms = serde_json::from_value(sample()).unwrap();
        assert_eq!((terms.over_cap, terms.pacing), (OverCap::Next, Pacing::None));
        assert!(terms.shared_prices.is_empty() && terms.publisher_caps.is_empty());
        assert_eq!(terms.mode, Mode::Instant);
        let printed = serde_json::to_value(&terms).unwrap();
        assert!(printed.get("mode").is_none(), "an instant offer's terms print as they always did");
        let mut value = sample();
        value["mode"] = json!("LIVE");
        let live: Terms = serde_json::from_value(value).unwrap();
        assert_eq!(serde_json::to_value(&live).unwrap()["mode"], "LIVE");
    }
}
