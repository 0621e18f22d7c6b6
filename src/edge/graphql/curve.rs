//! A buyer's day: what an offer bought hour by hour, beside the line of an even spending.

use async_graphql::{Context, SimpleObject};
use leadbourse_core::ids::{OfferId, OrganizationId};
use leadbourse_core::money::Currency;
use leadbourse_core::offer::curve::day_line;
use leadbourse_core::offer::schedule::ZoneSchedule;
use leadbourse_core::offer::terms::{Pacing as CorePacing, Terms};

use super::context::{actor, app};
use super::scalars::{DateTime, Money, money};
use crate::platform::error::Result;

/// A local day of an offer.
#[derive(SimpleObject)]
pub struct OfferDayCurve {
    /// Its midnight.
    pub from: DateTime,
    /// The next one.
    pub to: DateTime,
    /// Whether the offer spends evenly.
    pub paced: bool,
    /// Its hours, 23 to 25.
    pub points: Vec<OfferDayPoint>,
}

/// One hour of a day.
#[derive(SimpleObject)]
pub struct OfferDayPoint {
    /// Its start.
    pub from: DateTime,
    /// Awards in it.
    pub count: i64,
    /// What they cost at the award: prices and reservations.
    pub money: Money,
    /// Awards of the day until its end.
    pub total_count: i64,
    /// What they cost.
    pub total_money: Money,
    /// Where an even spending of the day's count stands at its end.
    pub line_count: Option<i64>,
    /// Where an even spending of the day's money stands at its end.
    pub line_money: Option<Money>,
}

/// The day of `at`, or today, of an offer and its buyer, under these terms.
pub async fn of_offer(
    ctx: &Context<'_>,
    place: (OfferId, OrganizationId),
    terms: &Terms,
    currency: Currency,
    at: Option<DateTime>,
) -> async_graphql::Result<OfferDayCurve> {
    let app = app(ctx)?;
    let schedule = schedule(terms)?;
    let at = at.map_or_else(|| app.clock.now(), |at| at.0);
    let (from, to) = schedule.day_at(at);
    let spent = app.conversions.spent_by_hour(&actor(ctx)?, place, (from, to)).await?;
    let (mut count, mut sum) = (0i64, 0i64);
    let mut points = Vec::with_capacity(25);
    for (hour, point) in (0i64..).zip(day_line(&schedule, &terms.caps, at)) {
        let now = spent.get(&hour).copied().unwrap_or_default();
        count = count.saturating_add(now.count);
        sum = sum.saturating_add(now.money);
        points.push(OfferDayPoint {
            from: DateTime(point.from),
            count: now.count,
            money: money(now.money, currency),
            total_count: count,
            total_money: money(sum, currency),
            line_count: point.count,
            line_money: point.money.map(|line| money(line, currency)),
        });
    }
    let paced = terms.pacing == CorePacing::Even;
    Ok(OfferDayCurve { from: DateTime(from), to: DateTime(to), paced, points })
}

fn schedule(terms: &Terms) -> Result<ZoneSchedule> {
    Ok(ZoneSchedule::new(&terms.schedule)?)
}
