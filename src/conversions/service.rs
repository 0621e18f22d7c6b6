//! Use cases of awards and conversions.

use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::conversion::{AWARD_TAKEN_BACK, ConversionState, Disposition};
use leadbourse_core::error::{NOT_FOUND, STALE};
use leadbourse_core::ids::{AwardId, ConversionId, LeadId, OfferId, OrganizationId};
use leadbourse_core::money::Currency;
use serde_json::json;
use std::collections::HashSet;

use super::model::{Award, Conversion, DispositionEntry, Seen};
use super::place::{self, Place};
use super::{money, repo};
use crate::platform::audit;
use crate::platform::clock::Clock;
use crate::platform::config::MoneyConfig;
use crate::platform::db::Db;
use crate::platform::error::{Result, retry};
use crate::platform::paging::{Page, Paged};

/// Reservations that one transaction gives back.
const EXPIRED: u32 = 200;

/// The use cases of awards, dispositions, conversions and reservations.
#[derive(Clone, Debug)]
pub struct Conversions {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) money: MoneyConfig,
}

impl Conversions {
    /// On a database, with the installation's default take rate.
    pub fn new(db: Db, clock: Clock, money: MoneyConfig) -> Self {
        Self { db, clock, money }
    }

    /// One award that the actor may see.
    pub async fn award(&self, actor: &Actor, id: AwardId) -> Result<Award> {
        actor.require(Action::ReadLeads)?;
        let tx = self.db.begin_read().await?;
        repo::award(&tx, Seen::by(actor), id).await?.ok_or(NOT_FOUND.into())
    }

    /// The award that a buyer's report would be about.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn award_at(&self, actor: &Actor, place: Place) -> Result<Award> {
        actor.require(Action::ReportOutcomes)?;
        let tx = self.db.begin_read().await?;
        place::award_at(&tx, actor.org, place).await
    }

    /// Awards by id, those that the actor may see; at most 100.
    pub async fn awards_by_id(&self, actor: &Actor, ids: &[AwardId]) -> Result<Vec<Award>> {
        actor.require(Action::ReadLeads)?;
        let tx = self.db.begin_read().await?;
        repo::awards(&tx, Seen::by(actor), ids).await
    }

    /// The awards of leads, those that the actor may see, by lead and copy.
    pub async fn awards_of_leads(&self, actor: &Actor, leads: &[LeadId]) -> Result<Vec<Award>> {
        actor.require(Action::ReadLeads)?;
        let tx = self.db.begin_read().await?;
        repo::awards_of_leads(&tx, Seen::by(actor), leads).await
    }

    /// Awards, newest first: a buyer's inbox, a publisher's sales, everything for operators.
    pub async fn awards(
        &self,
        actor: &Actor,
        offer: Option<OfferId>,
        disposition: Option<Disposition>,
        page: &Page,
    ) -> Result<Paged<Award>> {
        actor.require(Action::ReadLeads)?;
        let tx = self.db.begin_read().await?;
        repo::award_page(&tx, Seen::by(actor), offer, disposition, page).await
    }

    /// The history of dispositions of awards that the actor may see, oldest first.
    pub async fn dispositions(
        &self,
        actor: &Actor,
        awards: &[AwardId],
    ) -> Result<Vec<DispositionEntry>> {
        let seen: Vec<AwardId> =
            self.awards_by_id(actor, awards).await?.iter().map(|award| award.id).collect();
        let tx = self.db.begin_read().await?;
        repo::dispositions(&tx, &seen).await
    }

    /// One conversion that the actor may see.
    pub async fn conversion(&self, actor: &Actor, id: ConversionId) -> Result<Conversion> {
        self.conversions_by_id(actor, &[id]).await?.pop().ok_or(NOT_FOUND.into())
    }

    /// Conversions by id, those that the actor may see.
    pub async fn conversions_by_id(
        &self,
        actor: &Actor,
        ids: &[ConversionId],
    ) -> Result<Vec<Conversion>> {
        actor.require(Action::ReadLeads)?;
        let tx = self.db.begin_read().await?;
        repo::conversions(&tx, Seen::by(actor), ids).await
    }

    /// The conversions of awards, those that the actor may see.
    pub async fn conversions_of_awards(
        &self,
        actor: &Actor,
        awards: &[AwardId],
    ) -> Result<Vec<Conversion>> {
        actor.require(Action::ReadLeads)?;
        let tx = self.db.begin_read().await?;
        repo::conversions_of_awards(&tx, Seen::by(actor), awards).await
    }

    /// Conversions, newest first.
    pub async fn conversions(
        &self,
        actor: &Actor,
        state: Option<ConversionState>,
        page: &Page,
    ) -> Result<Paged<Conversion>> {
        actor.require(Action::ReadLeads)?;
        let tx = self.db.begin_read().await?;
        repo::conversion_page(&tx, Seen::by(actor), state, page).await
    }

    /// Marks an award as opened by its buyer; the first time counts.
    ///
    /// # Errors
    /// `NOT_FOUND`; `AWARD_TAKEN_BACK` if it was given back unopened.
    pub async fn open_award(&self, actor: &Actor, id: AwardId) -> Result<Award> {
        actor.require(Action::ReadContacts)?;
        let seen = Seen::by(actor);
        let tx = self.db.begin_write(&self.clock).await?;
        let award = repo::award(&tx, seen, id).await?;
        award.filter(|award| award.buyer_id == actor.org).ok_or(NOT_FOUND)?;
        repo::mark_opened(&tx, id).await?;
        let award = repo::award(&tx, seen, id).await?.ok_or(NOT_FOUND)?;
        if award.returned_at.is_some() {
            return Err(AWARD_TAKEN_BACK.into());
        }
        tx.commit().await?;
        Ok(award)
    }

    /// Which of these leads may be shown unmasked to a member of the buyer that bought them. What is
    /// shown counts as seen: such an award is not taken back any more, and one that was taken back
    /// is not shown.
    pub async fn show_contacts(&self, actor: &Actor, leads: &[LeadId]) -> Result<HashSet<LeadId>> {
        if actor.kind != OrgKind::Buyer || !actor.may(Action::ReadContacts) || leads.is_empty() {
            return Ok(HashSet::new());
        }
        let seen = Seen::Buyer(actor.org);
        let tx = self.db.begin_read().await?;
        let mut own = repo::awards_of_leads(&tx, seen, leads).await?;
        drop(tx);
        let fresh: Vec<AwardId> = own
            .iter()
            .filter(|award| award.seen_at.is_none() && award.returned_at.is_none())
            .map(|award| award.id)
            .collect();
        if !fresh.is_empty() {
            let tx = self.db.begin_write(&self.clock).await?;
            repo::delivered::note_seen(&tx, actor.org, &fresh).await?;
            // Read again: one may have been taken back before it was noted.
            own = repo::awards_of_leads(&tx, seen, leads).await?;
            tx.commit().await?;
        }
        Ok(own
            .iter()
            .filter(|award| award.returned_at.is_none())
            .map(|award| award.lead_id)
            .collect())
    }

    /// Says what became of a lead. The history is kept; the same value again is no new entry.
    ///
    /// # Errors
    /// `NOT_FOUND`; `STALE` if somebody else said something at the same time.
    pub async fn set_disposition(
        &self,
        actor: &Actor,
        id: AwardId,
        value: Disposition,
    ) -> Result<Award> {
        actor.require(Action::ReportOutcomes)?;
        debug_assert_eq!(actor.kind, OrgKind::Buyer);
        let seen = Seen::Buyer(actor.org);
        let tx = self.db.begin_write(&self.clock).await?;
        let award = repo::award(&tx, seen, id).await?.ok_or(NOT_FOUND)?;
        if award.disposition == value {
            return Ok(award);
        }
        if !repo::set_disposition(&tx, &award, value, &actor.name()).await? {
            return Err(STALE.into());
        }
        let detail = json!({"from": award.disposition, "to": value});
        audit::record(&tx, actor, "award.disposition", &id.to_string(), detail).await?;
        let award = repo::award(&tx, seen, id).await?.ok_or(NOT_FOUND)?;
        tx.commit().await?;
        Ok(award)
    }

    /// Gives back promises whose attribution window has ended; gives how many.
    pub async fn release_expired(&self) -> Result<usize> {
        let mut all = 0;
        loop {
            let released = retry(|| async {
                let tx = self.db.begin_write(&self.clock).await?;
                let released = money::release_expired(&tx, EXPIRED).await?;
                tx.commit().await?;
                Ok(released)
            })
            .await?;
            all += released;
            if released == 0 {
                return Ok(all);
            }
        }
    }

    /// Marks as paid what a buyer's new money has paid: the handler of
    /// [`crate::ledger::BUYER_CREDITED`].
    pub async fn buyer_credited(&self, buyer: OrganizationId, currency: Currency) -> Result<()> {
        retry(|| async {
            let tx = self.db.begin_write(&self.clock).await?;
            money::settle_debts(&tx, buyer, currency).await?;
            tx.commit().await
        })
        .await
    }
}
