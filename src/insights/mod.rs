//! Numbers about the business, read across slices and never written: what a start page shows.

mod estimate;
mod repo;

use chrono::{Days, NaiveDate, TimeZone};
use chrono_tz::Tz;
use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::error as core;
use leadbourse_core::money::{Currency, Money};
use leadbourse_core::time::Timestamp;
use std::collections::BTreeMap;

pub use estimate::OfferEstimate;

use crate::niches::Niches;
use crate::offers::Offers;
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::shutdown::Shutdown;

/// How many days the chart shows, today included.
const DAYS: usize = 14;

/// Reads numbers. Cheap to clone.
#[derive(Clone)]
pub struct Insights {
    db: Db,
    clock: Clock,
    niches: Niches,
    offers: Offers,
    tasks: Shutdown,
}

/// The numbers of a role's start page. A buyer's `leads` are the awards that it got, a
/// publisher's the leads that it sent, an operator's all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dashboard {
    /// The last fourteen days, oldest first; the last one is today.
    pub days: Vec<DayNumbers>,
    /// Disputes that somebody still has to answer or decide.
    pub open_disputes: i64,
    /// Organizations that wait for the operator.
    pub pending_organizations: i64,
    /// Offer versions in review.
    pub pending_offers: i64,
    /// Sources in review.
    pub pending_sources: i64,
    /// Participations that wait for the buyer.
    pub pending_participations: i64,
    /// Leads in quarantine: only an operator is told.
    pub held_leads: i64,
}

/// One day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayNumbers {
    /// The date in the organization's time zone, `2026-11-22`.
    pub day: String,
    /// Leads.
    pub leads: i64,
    /// Of them sold.
    pub sold: i64,
    /// What conversions of the day cost buyers, by currency; net of what was returned.
    pub spent: Vec<Money>,
    /// What they brought: publishers their earning, operators the fee.
    pub earned: Vec<Money>,
}

/// Whose rows are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Buyer,
    Publisher,
    Operator,
}

impl Insights {
    /// Over this database; long sums run as `tasks`.
    pub fn new(db: Db, clock: Clock, niches: Niches, offers: Offers, tasks: Shutdown) -> Self {
        Self { db, clock, niches, offers, tasks }
    }

    /// The start page of the actor's organization.
    ///
    /// # Errors
    /// `NOT_FOUND` when the actor may not read, database errors.
    pub async fn dashboard(&self, actor: &Actor) -> Result<Dashboard> {
        actor.require(Action::ReadOwn)?;
        let side = match actor.kind {
            OrgKind::Buyer => Side::Buyer,
            OrgKind::Publisher => Side::Publisher,
            OrgKind::Operator => Side::Operator,
        };
        let may_see_money = actor.may(Action::ReadMoney);
        let tx = self.db.begin_read().await?;
        let zone = repo::time_zone(&tx, actor.org).await?.ok_or(core::NOT_FOUND)?;
        let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
        let calendar = Calendar::up_to(self.clock.now(), zone);
        let scope = (side, actor.org.uuid());
        let mut days = calendar.empty_days();
        for (index, leads, sold) in repo::leads_by_day(&tx, scope, &calendar.starts).await? {
            if let Some(day) = days.get_mut(index) {
                (day.leads, day.sold) = (leads, sold);
            }
        }
        if may_see_money {
            let rows = repo::money_by_day(&tx, scope, &calendar.starts).await?;
            add_money(&mut days, side, rows);
        }
        let pending = repo::pending(&tx, scope).await?;
        Ok(Dashboard { days, ..pending })
    }
}

/// The sums of one day and currency, net of what was given back.
struct MoneyRow {
    day: usize,
    currency: Currency,
    price: i64,
    earning: i64,
    fee: i64,
}

fn add_money(days: &mut [DayNumbers], side: Side, rows: Vec<MoneyRow>) {
    let mut sorted: BTreeMap<(usize, Currency), MoneyRow> = BTreeMap::new();
    for row in rows {
        sorted.insert((row.day, row.currency), row);
    }
    for ((index, currency), row) in sorted {
        let Some(day) = days.get_mut(index) else { continue };
        let sum = |minor| Money::new(minor, currency);
        match side {
            Side::Buyer => day.spent.push(sum(row.price)),
            Side::Publisher => day.earned.push(sum(row.earning)),
            Side::Operator => {
                day.spent.push(sum(row.price));
                day.earned.push(sum(row.fee));
            }
        }
    }
}

/// The days of the chart, in a time zone.
struct Calendar {
    dates: Vec<NaiveDate>,
    /// When each day begins, and at the end when the last one ends.
    starts: Vec<Timestamp>,
}

impl Calendar {
    fn up_to(now: Timestamp, zone: Tz) -> Self {
        let today = now.to_chrono().with_timezone(&zone).date_naive();
        let back = |n: usize| {
            let days = Days::new(u64::try_from(n).unwrap_or(0));
            today.checked_sub_days(days).unwrap_or(today)
        };
        let dates: Vec<NaiveDate> = (0..DAYS).rev().map(back).collect();
        let tomorrow = today.succ_opt().unwrap_or(today);
        let starts = dates.iter().copied().chain([tomorrow]).map(|day| midnight(day, zone));
        Self { starts: starts.collect(), dates }
    }

    fn empty_days(&self) -> Vec<DayNumbers> {
        self.dates
            .iter()
            .map(|date| DayNumbers { day: date.to_string(), ..DayNumbers::default() })
            .collect()
    }
}

/// When a date begins. Where the clock jumps over midnight the day begins an hour later.
fn midnight(date: NaiveDate, zone: Tz) -> Timestamp {
    (0..=2)
        .filter_map(|hour| date.and_hms_opt(hour, 0, 0))
        .find_map(|local| zone.from_local_datetime(&local).earliest())
        .map_or_else(Timestamp::default, |at| {
            Timestamp::from_chrono(at.with_timezone(&chrono::Utc))
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;

    #[test]
    fn days_begin_at_local_midnight() {
        let now = Timestamp::parse_rfc3339("2026-11-22T22:30:00Z").unwrap();
        let calendar = Calendar::up_to(now, chrono_tz::Europe::Moscow);
        assert_eq!(calendar.dates.len(), DAYS);
        assert_eq!(calendar.dates[DAYS - 1].to_string(), "2026-11-23");
        assert_eq!(calendar.starts[DAYS - 1].rfc3339(), "2026-11-22T21:00:00Z");
        assert_eq!(calendar.starts[DAYS].rfc3339(), "2026-11-23T21:00:00Z");
    }

    #[test]
    fn each_side_sees_its_own_money() {
        let row = || MoneyRow { day: 0, currency: Currency::RUB, price: 100, earning: 85, fee: 15 };
        let sums = |side| {
            let mut days = vec![DayNumbers::default()];
            add_money(&mut days, side, vec![row()]);
            let sum = |all: &[Money]| all.first().map(|money| money.minor);
            (sum(&days[0].spent), sum(&days[0].earned))
        };
        assert_eq!(sums(Side::Buyer), (Some(100), None));
        assert_eq!(sums(Side::Publisher), (None, Some(85)));
        assert_eq!(sums(Side::Operator), (Some(100), Some(15)));
    }
}
