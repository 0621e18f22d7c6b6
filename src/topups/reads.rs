//! Who sees what.

use leadbourse_core::access::{Action, Actor, OrgKind, Scope};
use leadbourse_core::error::{NOT_FOUND, Problem};
use leadbourse_core::ids::{CardTopUpId, OrganizationId};
use leadbourse_core::money::Money;
use leadbourse_core::topup::{CardTopUpState, ChargebackState, ProviderEventState, refundable};

use super::model::{
    CardTopUp, CardTopUpFilter, CardTopUpView, Chargeback, CreditRefund, ProviderEvent,
};
use super::repo::{others, top_ups};
use super::service::TopUps;
use crate::ledger;
use crate::platform::db::Reader;
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};

/// Buyers see their own, operators with the right all or one buyer's, publishers none.
fn scope(actor: &Actor, asked: Option<OrganizationId>) -> Result<Option<OrganizationId>, Problem> {
    actor.require(Action::ReadMoney)?;
    if actor.kind == OrgKind::Publisher {
        return Err(NOT_FOUND.into());
    }
    match actor.scope() {
        Scope::All => Ok(asked),
        Scope::Org(own) => Ok(Some(own)),
    }
}

/// Top-ups with what went back of them and what still may, read at once.
async fn views(tx: &impl Reader, top_ups: Vec<CardTopUp>) -> Result<Vec<CardTopUpView>> {
    let ids: Vec<CardTopUpId> = top_ups.iter().map(|one| one.id).collect();
    let gone = others::gone(tx, &ids).await?;
    let wallet = |one: &CardTopUp| (one.buyer_id, one.amount.currency);
    let wallets: Vec<_> = top_ups.iter().map(wallet).collect();
    let funds = ledger::funds(tx, &wallets).await?;
    let view = |top_up: CardTopUp| {
        let gone = gone.get(&top_up.id).copied().unwrap_or_default();
        let funds = funds.get(&wallet(&top_up)).copied().unwrap_or_default();
        let credited = match top_up.state {
            CardTopUpState::Credited => top_up.came_in.map_or(0, |sum| sum.minor),
            _ => 0,
        };
        let refundable = refundable(credited, gone.in_all(), funds.own(), funds.owed);
        CardTopUpView { top_up, refunded: gone.refunded, refundable }
    };
    Ok(top_ups.into_iter().map(view).collect())
}

impl TopUps {
    /// Top-ups by card, newest first.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right.
    pub async fn list(
        &self,
        actor: &Actor,
        mut filter: CardTopUpFilter,
        page: &Page,
    ) -> Result<Paged<CardTopUpView>> {
        filter.buyer = scope(actor, filter.buyer)?;
        let tx = self.db.begin_read().await?;
        let found = top_ups::list(&tx, filter, page).await?;
        Ok(Paged { items: views(&tx, found.items).await?, has_next: found.has_next })
    }

    /// One top-up that the actor may see.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn one(&self, actor: &Actor, id: CardTopUpId) -> Result<CardTopUpView> {
        let buyer = scope(actor, None)?;
        let tx = self.db.begin_read().await?;
        let found = top_ups::find(&tx, id).await?;
        let found = found.filter(|one| buyer.is_none_or(|buyer| one.buyer_id == buyer));
        let shown = views(&tx, vec![found.ok_or(NOT_FOUND)?]).await?.pop();
        shown.ok_or(NOT_FOUND.into())
    }

    /// What the provider kept of a top-up and of disputes about it, by currency; for operators.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right.
    pub async fn fees(&self, actor: &Actor, id: CardTopUpId) -> Result<Vec<Money>> {
        actor.require(Action::ReadLedger)?;
        let tx = self.db.begin_read().await?;
        top_ups::fees_of(&tx, &id.to_string()).await
    }

    /// Refunds of credit, newest first.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right.
    pub async fn refunds(
        &self,
        actor: &Actor,
        buyer: Option<OrganizationId>,
        top_up: Option<CardTopUpId>,
        page: &Page,
    ) -> Result<Paged<CreditRefund>> {
        let buyer = scope(actor, buyer)?;
        let tx = self.db.begin_read().await?;
        others::refunds(&tx, buyer, top_up, page).await
    }

    /// Chargebacks, newest first: a buyer sees its own.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right.
    pub async fn chargebacks(
        &self,
        actor: &Actor,
        buyer: Option<OrganizationId>,
        state: Option<ChargebackState>,
        page: &Page,
    ) -> Result<Paged<Chargeback>> {
        let buyer = scope(actor, buyer)?;
        let tx = self.db.begin_read().await?;
        others::chargebacks(&tx, buyer, state, page).await
    }

    /// What the provider told, newest first; for operators.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right.
    pub async fn events(
        &self,
        actor: &Actor,
        state: Option<ProviderEventState>,
        page: &Page,
    ) -> Result<Paged<ProviderEvent>> {
        actor.require(Action::ReadLedger)?;
        let tx = self.db.begin_read().await?;
        others::events(&tx, state, page).await
    }
}
