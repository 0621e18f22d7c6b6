//! Reading clicks, and what came of them.

use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::error::{NOT_FOUND, OUT_OF_RANGE, Problem};
use leadbourse_core::ids::{ClickId, LeadId, OrganizationId, SourceId};
use leadbourse_core::time::Timestamp;
use std::collections::{BTreeMap, HashMap};

use super::model::Click;
use super::repo;
use super::service::Clicks;
use crate::conversions::{self, Seen};
use crate::leads;
use crate::platform::db::Reader;
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};

/// What a list of clicks is narrowed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClickFilter {
    /// Only of this source.
    pub source: Option<SourceId>,
}

/// A click with what may be shown of it.
#[derive(Clone, Debug)]
pub struct ClickRow {
    /// The click.
    pub click: Click,
    /// Sub-ids and UTM marks of its link; for its publisher, while they are kept.
    pub marks: Vec<(String, String)>,
    /// The leads that name it or were made of it, oldest first.
    pub leads: Vec<LeadId>,
}

/// By what clicks are summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatsBy {
    /// By source.
    Source,
    /// By the sub-id with this number, 1-10.
    SubId(u8),
}

/// Which clicks are summed up, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatsWish {
    /// By what.
    pub by: StatsBy,
    /// Only of this source.
    pub source: Option<SourceId>,
    /// From when.
    pub from: Timestamp,
    /// Until before when.
    pub to: Timestamp,
}

/// Clicks with the same source or sub-id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClickStats {
    /// The printed source, or the sub-id's value; empty where there was none.
    pub key: String,
    /// Clicks of persons.
    pub clicks: i64,
    /// Clicks of machines.
    pub bots: i64,
    /// Leads of persons' clicks.
    pub leads: i64,
    /// Conversions that were not returned whole.
    pub conversions: i64,
    /// What they earn, less what was given back, in minor units. One niche has one currency; of
    /// sources of several niches the sums are told apart by source.
    pub earning: i64,
}

impl ClickStats {
    /// Conversions per click, in basis points, rounded down; of no clicks, nothing.
    pub fn rate_bps(&self) -> Option<i64> {
        (self.clicks > 0).then(|| self.conversions.saturating_mul(10_000) / self.clicks)
    }
}

/// The most clicks that are summed up at once: the newest of a period.
const MOST_SUMMED: usize = 5_000;

impl Clicks {
    /// Clicks, newest first: a publisher's own, all for operators. Buyers see what came of them.
    ///
    /// # Errors
    /// `NOT_FOUND` for buyers.
    pub async fn list(
        &self,
        actor: &Actor,
        filter: &ClickFilter,
        page: &Page,
    ) -> Result<Paged<ClickRow>> {
        not_for_buyers(actor)?;
        let tx = self.0.db.begin_read().await?;
        let found = repo::page(&tx, Seen::by(actor), filter.source, page).await?;
        let ids: Vec<ClickId> = found.items.iter().map(|click| click.id).collect();
        let mut joined = repo::leads_of_all(&tx, &ids).await?;
        let mut marks = match actor.kind {
            OrgKind::Publisher => self.marks(&tx, &found.items).await?,
            _ => HashMap::new(),
        };
        Ok(found.map(|click| ClickRow {
            marks: marks.remove(&click.id).unwrap_or_default(),
            leads: joined.remove(&click.id).unwrap_or_default(),
            click,
        }))
    }

    /// What the links of these clicks said; nothing of those whose data is gone.
    async fn marks(
        &self,
        tx: &impl Reader,
        clicks: &[Click],
    ) -> Result<HashMap<ClickId, Vec<(String, String)>>> {
        let keys: Vec<_> = clicks.iter().map(|click| click.id.uuid()).collect();
        let mut found = HashMap::with_capacity(clicks.len());
        for (key, stored) in leads::contacts(tx, &keys).await? {
            if let Ok(contact) = leads::open_contact(&self.0.vault, &stored) {
                let envelope = contact.envelope;
                let marks = envelope.sub_ids.into_iter().chain(envelope.utm);
                found.insert(ClickId(key), marks.collect());
            }
        }
        Ok(found)
    }

    /// Sums up the newest clicks of a period, most clicks first. A publisher sees its own, an
    /// operator all.
    ///
    /// # Errors
    /// `NOT_FOUND` for buyers, `OUT_OF_RANGE` for a period that ends before it begins; by sub-id
    /// only for publishers, whose words they are.
    pub async fn stats(&self, actor: &Actor, wish: &StatsWish) -> Result<Vec<ClickStats>> {
        not_for_buyers(actor)?;
        let publisher = (actor.kind == OrgKind::Publisher).then_some(actor.org);
        if let StatsBy::SubId(number) = wish.by
            && (publisher.is_none() || !(1..=10).contains(&number))
        {
            return Err(Problem::new(OUT_OF_RANGE).field("subId").into());
        }
        if wish.to <= wish.from {
            return Err(Problem::new(OUT_OF_RANGE).field("to").into());
        }
        let tx = self.0.db.begin_read().await?;
        let period = (wish.from, wish.to);
        let clicks = repo::newest(&tx, publisher, wish.source, period, MOST_SUMMED).await?;
        self.summed(&tx, &clicks, wish.by, publisher).await
    }

    async fn summed(
        &self,
        tx: &impl Reader,
        clicks: &[Click],
        by: StatsBy,
        publisher: Option<OrganizationId>,
    ) -> Result<Vec<ClickStats>> {
        let ids: Vec<ClickId> = clicks.iter().map(|click| click.id).collect();
        let joined = repo::leads_of_all(tx, &ids).await?;
        let leads: Vec<LeadId> = joined.values().flatten().copied().collect();
        let seen = publisher.map_or(Seen::All, Seen::Publisher);
        let billed = conversions::billed_of_leads(tx, seen, &leads).await?;
        let marks = match by {
            StatsBy::Source => HashMap::new(),
            StatsBy::SubId(_) => self.marks(tx, clicks).await?,
        };
        let mut sums: BTreeMap<String, ClickStats> = BTreeMap::new();
        for click in clicks {
            let key = match by {
                StatsBy::Source => click.source_id.to_string(),
                StatsBy::SubId(number) => {
                    let name = format!("sub{number}");
                    let mut own = marks.get(&click.id).into_iter().flatten();
                    own.find(|(mark, _)| *mark == name)
                        .map(|(_, value)| value.clone())
                        .unwrap_or_default()
                }
            };
            let sum = sums
                .entry(key.clone())
                .or_insert_with(|| ClickStats { key, ..ClickStats::default() });
            if click.bot.is_some() {
                sum.bots += 1;
            } else {
                sum.clicks += 1;
            }
            for lead in joined.get(&click.id).into_iter().flatten() {
                let billed = billed.get(lead).copied().unwrap_or_default();
                sum.leads += 1;
                sum.conversions = sum.conversions.saturating_add(billed.count);
                sum.earning = sum.earning.saturating_add(billed.earning);
            }
        }
        let mut rows: Vec<ClickStats> = sums.into_values().collect();
        rows.sort_by(|a, b| b.clicks.cmp(&a.clicks).then_with(|| a.key.cmp(&b.key)));
        Ok(rows)
    }
}

fn not_for_buyers(actor: &Actor) -> Result<()> {
    actor.require(Action::ReadLeads)?;
    match actor.kind {
        OrgKind::Buyer => Err(NOT_FOUND.into()),
        OrgKind::Publisher | OrgKind::Operator => Ok(()),
    }
}
