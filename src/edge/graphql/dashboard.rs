//! The numbers of a role's start page.

use async_graphql::{Context, Object, SimpleObject};
use leadbourse_core::money::Money as CoreMoney;

use super::context::{actor, app};
use super::scalars::Money;
use crate::insights;

/// Queries for start pages.
#[derive(Default)]
pub struct DashboardQuery;

/// Numbers for the role's start page. A buyer's leads are the awards that it got.
#[derive(SimpleObject)]
pub struct Dashboard {
    /// Leads today, in the organization's time zone.
    pub leads_today: i32,
    /// Of them sold.
    pub sold_today: i32,
    /// What was spent today, by currency, net of returns.
    pub spent_today: Vec<Money>,
    /// What was earned today: a publisher's earnings, the operator's fees.
    pub earned_today: Vec<Money>,
    /// Disputes that somebody has to answer or decide.
    pub open_disputes: i32,
    /// Organizations that wait for the operator.
    pub pending_organizations: i32,
    /// Offer versions in review.
    pub pending_offers: i32,
    /// Sources in review.
    pub pending_sources: i32,
    /// Participations that wait for a buyer.
    pub pending_participations: i32,
    /// Leads that wait in quarantine for a moderator; zero for all but operators.
    pub held_leads: i32,
    /// The last fourteen days, oldest first.
    pub days: Vec<DashboardDay>,
}

/// One day of the chart.
#[derive(SimpleObject)]
pub struct DashboardDay {
    /// The date in the organization's time zone.
    pub day: String,
    /// Leads.
    pub leads: i32,
    /// Of them sold.
    pub sold: i32,
    /// Spent by a buyer, earned by a publisher, turned over on the exchange.
    pub money: Vec<Money>,
}

#[Object]
impl DashboardQuery {
    /// Numbers for the start page of the acting organization.
    async fn dashboard(&self, ctx: &Context<'_>) -> async_graphql::Result<Dashboard> {
        let actor = actor(ctx)?;
        Ok(app(ctx)?.insights.dashboard(&actor).await?.into())
    }
}

impl From<insights::Dashboard> for Dashboard {
    fn from(found: insights::Dashboard) -> Self {
        let today = found.days.last().cloned().unwrap_or_default();
        Self {
            leads_today: int(today.leads),
            sold_today: int(today.sold),
            spent_today: sums(today.spent),
            earned_today: sums(today.earned),
            open_disputes: int(found.open_disputes),
            pending_organizations: int(found.pending_organizations),
            pending_offers: int(found.pending_offers),
            pending_sources: int(found.pending_sources),
            pending_participations: int(found.pending_participations),
            held_leads: int(found.held_leads),
            days: found.days.into_iter().map(DashboardDay::from).collect(),
        }
    }
}

impl From<insights::DayNumbers> for DashboardDay {
    fn from(day: insights::DayNumbers) -> Self {
        let money = if day.spent.is_empty() { day.earned } else { day.spent };
        Self { leads: int(day.leads), sold: int(day.sold), money: sums(money), day: day.day }
    }
}

fn sums(all: Vec<CoreMoney>) -> Vec<Money> {
    all.into_iter().map(Money::from).collect()
}

/// Counts that do not fit GraphQL's Int stop at its end.
fn int(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
