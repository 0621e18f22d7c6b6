//! Reading orders: buyers their own, publishers what they may claim or have claimed, operators all.

use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::error::NOT_FOUND;
use leadbourse_core::ids::{OfferId, OrderId, OrganizationId};
use leadbourse_core::money::Currency;
use leadbourse_core::order::OrderState;
use std::collections::HashMap;

use super::model::{Claim, OnTimeShare, Order, OrdersOf};
use super::repo;
use super::service::Orders;
use crate::offers;
use crate::platform::db::Reader;
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};

/// Which orders are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct OrderFilter {
    /// Only in this state.
    pub state: Option<OrderState>,
    /// Only of this offer.
    pub offer: Option<OfferId>,
    /// For publishers: only those that it has claimed.
    pub claimed: bool,
}

impl Order {
    /// The claims that an actor may see: a publisher its own, others all.
    pub fn claims_for(&self, actor: &Actor) -> Vec<Claim> {
        let seen =
            |one: &Claim| actor.kind != OrgKind::Publisher || one.claim.publisher == actor.org;
        self.claims().filter(seen).collect()
    }
}

impl Orders {
    /// An order that the actor may see.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn get(&self, actor: &Actor, id: OrderId) -> Result<Order> {
        actor.require(Action::ReadOwn)?;
        let tx = self.db.begin_read().await?;
        let order = repo::get(&tx, id).await?.ok_or(NOT_FOUND)?;
        let seen = match actor.kind {
            OrgKind::Operator => true,
            OrgKind::Buyer => order.buyer_id == actor.org,
            OrgKind::Publisher => {
                !order.claims_for(actor).is_empty() || self.claimable(&tx, actor, &order).await?
            }
        };
        if seen { Ok(order) } else { Err(NOT_FOUND.into()) }
    }

    async fn claimable(&self, tx: &impl Reader, actor: &Actor, order: &Order) -> Result<bool> {
        let open = order.book.state == OrderState::Open && order.book.deadline > self.clock.now();
        if !open {
            return Ok(false);
        }
        let offers = self.open_to(tx, actor.org).await?;
        Ok(offers.contains(&order.offer_id))
    }

    /// The offers with open orders that a publisher may claim.
    async fn open_to(&self, tx: &impl Reader, publisher: OrganizationId) -> Result<Vec<OfferId>> {
        let ordered = repo::open_offers(tx, self.clock.now()).await?;
        let ids: Vec<OfferId> = ordered.iter().map(|(offer, _)| *offer).collect();
        let standings = offers::standings(tx, &ids).await?;
        let terms = offers::terms_of_all(tx, ordered.iter().map(|(_, version)| *version)).await?;
        let mut open = Vec::new();
        for (offer, version) in ordered {
            let Some(standing) = standings.get(&offer).filter(|one| one.is_open()) else {
                continue;
            };
            let seen = terms.get(&version).map(|terms| terms.visibility);
            if seen.is_some_and(|visibility| standing.admits(visibility, publisher)) {
                open.push(offer);
            }
        }
        open.sort_unstable();
        open.dedup();
        Ok(open)
    }

    /// Orders, newest first.
    ///
    /// # Errors
    /// Faults only.
    pub async fn list(
        &self,
        actor: &Actor,
        filter: &OrderFilter,
        page: &Page,
    ) -> Result<Paged<Order>> {
        actor.require(Action::ReadOwn)?;
        let tx = self.db.begin_read().await?;
        let mut wanted =
            repo::Wanted { state: filter.state, offer: filter.offer, ..Default::default() };
        match actor.kind {
            OrgKind::Operator => {}
            OrgKind::Buyer => wanted.buyer = Some(actor.org),
            OrgKind::Publisher => {
                let offers = self.open_to(&tx, actor.org).await?;
                wanted.publisher = Some((actor.org, offers, self.clock.now()));
                wanted.claimed = filter.claimed;
            }
        }
        repo::list(&tx, &wanted, page).await
    }

    /// How publishers keep their promises. The caller has seen claims of theirs.
    ///
    /// # Errors
    /// Faults only.
    pub async fn on_time(
        &self,
        publishers: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, OnTimeShare>> {
        let tx = self.db.begin_read().await?;
        repo::on_time(&tx, publishers).await
    }

    /// How a publisher keeps its promises: its own, any for operators.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn on_time_of(
        &self,
        actor: &Actor,
        publisher: Option<OrganizationId>,
    ) -> Result<OnTimeShare> {
        actor.require(Action::ReadOwn)?;
        let publisher = match (actor.kind, publisher) {
            (OrgKind::Publisher, None) => actor.org,
            (OrgKind::Publisher, Some(id)) if id == actor.org => id,
            (OrgKind::Operator, Some(id)) => id,
            _ => return Err(NOT_FOUND.into()),
        };
        Ok(self.on_time(&[publisher]).await?.remove(&publisher).unwrap_or_default())
    }

    /// What orders hold of a buyer's money.
    ///
    /// # Errors
    /// `NOT_FOUND` for others than the buyer and operators.
    pub async fn held(
        &self,
        actor: &Actor,
        buyer: OrganizationId,
        currency: Currency,
    ) -> Result<OrdersOf> {
        actor.require(Action::ReadMoney)?;
        if actor.kind != OrgKind::Operator && actor.org != buyer {
            return Err(NOT_FOUND.into());
        }
        let tx = self.db.begin_read().await?;
        repo::held_of(&tx, buyer, currency).await
    }
}
