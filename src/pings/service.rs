//! Reading pings: publishers their own, operators all.

use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::error::NOT_FOUND;
use leadbourse_core::ids::{OrganizationId, PingId};
use leadbourse_core::money::Currency;
use leadbourse_core::time::DAY;

use super::model::{Bid, OpenBids, Ping, SourceRatio};
use super::repo::{self, PingFilter};
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};

/// How far back the share of posts is counted.
const RATIO_SPAN: i64 = DAY;

/// The pings of the exchange.
#[derive(Clone, Debug)]
pub struct Pings {
    db: Db,
    clock: Clock,
}

impl Pings {
    /// Over one database.
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    /// A ping that the actor may see.
    ///
    /// # Errors
    /// `NOT_FOUND`, always for buyers: what was asked and not sold is not theirs.
    pub async fn get(&self, actor: &Actor, id: PingId) -> Result<Ping> {
        may_see(actor)?;
        let tx = self.db.begin_read().await?;
        let found = repo::by_ids(&tx, &[id]).await?.remove(&id);
        let seen =
            found.filter(|ping| actor.kind == OrgKind::Operator || ping.publisher == actor.org);
        seen.ok_or_else(|| NOT_FOUND.into())
    }

    /// Pings, newest first.
    ///
    /// # Errors
    /// `NOT_FOUND` for buyers.
    pub async fn list(
        &self,
        actor: &Actor,
        filter: &PingFilter,
        page: &Page,
    ) -> Result<Paged<Ping>> {
        may_see(actor)?;
        let tx = self.db.begin_read().await?;
        repo::list(&tx, actor.scope(), filter, page).await
    }

    /// The bids of pings that the actor may see, by ping and place.
    ///
    /// # Errors
    /// `NOT_FOUND` for buyers.
    pub async fn bids(&self, actor: &Actor, pings: &[PingId]) -> Result<Vec<Bid>> {
        may_see(actor)?;
        let tx = self.db.begin_read().await?;
        let mut bids = repo::bids_of(&tx, pings).await?;
        bids.retain(|bid| actor.kind == OrgKind::Operator || bid.publisher == actor.org);
        Ok(bids)
    }

    /// What became of the pings of the last 24 hours, by source.
    ///
    /// # Errors
    /// `NOT_FOUND` for buyers.
    pub async fn ratios(&self, actor: &Actor) -> Result<Vec<SourceRatio>> {
        may_see(actor)?;
        let tx = self.db.begin_read().await?;
        repo::ratios(&tx, actor.scope(), self.clock.now().plus(-RATIO_SPAN)).await
    }

    /// What a buyer's open bids hold in one currency.
    ///
    /// # Errors
    /// `NOT_FOUND` for others than the buyer and operators.
    pub async fn open_bids(
        &self,
        actor: &Actor,
        buyer: OrganizationId,
        currency: Currency,
    ) -> Result<OpenBids> {
        actor.require(Action::ReadMoney)?;
        if actor.kind != OrgKind::Operator && actor.org != buyer {
            return Err(NOT_FOUND.into());
        }
        let tx = self.db.begin_read().await?;
        repo::open_of(&tx, buyer, currency).await
    }
}

fn may_see(actor: &Actor) -> Result<()> {
    actor.require(Action::ReadLeads)?;
    if actor.kind == OrgKind::Buyer { Err(NOT_FOUND.into()) } else { Ok(()) }
}
