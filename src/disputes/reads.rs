//! Reads of disputes.

use std::collections::{HashMap, HashSet};

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::dispute::DisputeState;
use leadbourse_core::error::NOT_FOUND;
use leadbourse_core::ids::{ConversionId, DisputeId};
use leadbourse_core::niche::policy::Localized;

use super::missing::NOT_REPORTED;
use super::model::{Dispute, DisputeEvent};
use super::refund::REFUNDED;
use super::service::Disputes;
use super::undelivered::UNDELIVERED;
use super::{comments, repo};
use crate::conversions::Seen;
use crate::niches;
use crate::platform::db::Reader;
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};

impl Disputes {
    /// One dispute that the actor may see.
    pub async fn dispute(&self, actor: &Actor, id: DisputeId) -> Result<Dispute> {
        actor.require(Action::ReadLeads)?;
        let tx = self.db.begin_read().await?;
        repo::get(&tx, Seen::by(actor), id).await?.ok_or(NOT_FOUND.into())
    }

    /// Disputes, newest first. `open` asks for those that still wait for somebody, or the others.
    pub async fn disputes(
        &self,
        actor: &Actor,
        state: Option<DisputeState>,
        open: Option<bool>,
        page: &Page,
    ) -> Result<Paged<Dispute>> {
        actor.require(Action::ReadLeads)?;
        let tx = self.db.begin_read().await?;
        repo::page(&tx, Seen::by(actor), state.map(DisputeState::as_str), open, page).await
    }

    /// The newest dispute of each conversion that has one.
    pub async fn of_conversions(
        &self,
        actor: &Actor,
        conversions: &[ConversionId],
    ) -> Result<HashMap<ConversionId, Dispute>> {
        actor.require(Action::ReadLeads)?;
        let tx = self.db.begin_read().await?;
        let found = repo::of_conversions(&tx, Seen::by(actor), conversions).await?;
        // By id, so the newest stays.
        let known = |dispute: Dispute| dispute.conversion_id.map(|id| (id, dispute));
        Ok(found.into_iter().filter_map(known).collect())
    }

    /// The histories of disputes that the actor was shown.
    pub async fn events(&self, actor: &Actor, disputes: &[Dispute]) -> Result<Vec<DisputeEvent>> {
        actor.require(Action::ReadLeads)?;
        let seen = Seen::by(actor);
        let own: Vec<Dispute> = disputes
            .iter()
            .filter(|dispute| seen.sees(dispute.buyer_id, dispute.publisher_id))
            .cloned()
            .collect();
        let tx = self.db.begin_read().await?;
        comments::read(&tx, &self.vault, &own).await
    }

    /// What people read for the dispute's reason; `None` if the niche has dropped it since.
    pub async fn reason_label(&self, dispute: &Dispute) -> Result<Option<Localized>> {
        let own = match dispute.reason_code.as_str() {
            UNDELIVERED => Some(("Never delivered and never opened", "Не доставлен и не открыт")),
            NOT_REPORTED => Some(("Not reported", "Не сообщено")),
            REFUNDED => Some(("The customer got the money back", "Покупателю вернули деньги")),
            _ => None,
        };
        if let Some((en, ru)) = own {
            return Ok(Some(Localized { en: en.to_owned(), ru: ru.to_owned() }));
        }
        let tx = self.db.begin_read().await?;
        let policy = niches::policy_of(&tx, dispute.niche_id).await?;
        let found = policy.return_reasons.into_iter().find(|one| one.code == dispute.reason_code);
        Ok(found.map(|reason| reason.label))
    }

    /// How many disputes wait for somebody, as the actor sees it.
    pub async fn count_open(&self, actor: &Actor) -> Result<i64> {
        actor.require(Action::ReadLeads)?;
        let tx = self.db.begin_read().await?;
        repo::count_open(&tx, Seen::by(actor)).await
    }
}

/// Which of these conversions have an open dispute: the end of their hold has to wait.
pub async fn open_on(
    tx: &impl Reader,
    conversions: &[ConversionId],
) -> Result<HashSet<ConversionId>> {
    repo::open_on(tx, conversions).await
}

/// The conversions that decisions are about, in somebody else's transaction.
///
/// # Errors
/// Faults of the database.
pub async fn conversions_of(
    tx: &impl Reader,
    disputes: &[DisputeId],
) -> Result<HashMap<DisputeId, ConversionId>> {
    let mut found = HashMap::with_capacity(disputes.len());
    for some in disputes.chunks(512) {
        found.extend(repo::conversions_of(tx, some).await?);
    }
    Ok(found)
}
