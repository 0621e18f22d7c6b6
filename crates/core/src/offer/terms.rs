//! The terms of an offer version. Money in minor units of the niche's currency, durations in
//! seconds, shares in basis points.

use serde::{Deserialize, Serialize};

use super::conditions::Condition;
use crate::money::Bps;

crate::text_enum! {
    /// What is paid for.
    pub enum GoalKind {
        /// The lead itself, at the award.
        Lead = "LEAD",
        /// A sale that the buyer reports.
        Sale = "SALE",
    }
}

/// One goal and its price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// What is paid for.
    pub kind: GoalKind,
    /// The price that the buyer pays for one, in minor units.
    pub price: i64,
    /// SALE: how long after the award a sale still counts, in seconds.
    #[serde(default)]
    pub attribution_window_s: i64,
    /// SALE: share of the price that is reserved at the award until the window ends.
    #[serde(default)]
    pub reserve_bps: Bps,
}

crate::text_enum! {
    /// The length of a cap's period, in the offer's time zone.
    pub enum CapPeriod {
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

/// All terms of one offer version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// What is paid for: one goal, or LEAD with SALE.
    pub goals: Vec<Goal>,
    /// Caps; at most one per period.
    #[serde(default)]
    pub caps: Vec<Cap>,
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

impl Terms {
    /// The goal of this kind, if the offer pays for it.
    pub fn goal(&self, kind: GoalKind) -> Option<&Goal> {
        self.goals.iter().find(|goal| goal.kind == kind)
    }

    /// What one award can cost at once: the lead's price and the share of the sale's price that
    /// is reserved, in minor units. Saturates.
    pub fn cost_at_award(&self) -> i64 {
        self.goals
            .iter()
            .map(|goal| match goal.kind {
                GoalKind::Lead => goal.price,
                GoalKind::Sale => goal.reserve_bps.of_half_even(goal.price),
            })
            .fold(0i64, i64::saturating_add)
    }
}
