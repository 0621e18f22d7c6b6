//! Pausing, resuming and closing offers. The epoch rises in the same transaction, so no award
//! commits after a pause has answered.

use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::error::{NOT_FOUND, Problem};
use leadbourse_core::ids::{OfferId, OrganizationId};
use leadbourse_core::offer::state::{OfferCommand, OfferState};
use serde::Serialize;
use serde_json::json;

use super::error::PAUSED_BY_OPERATOR;
use super::model::Offer;
use super::service::supersede_open;
use super::{Offers, repo};
use crate::accounts::require_active;
use crate::niches::raise_epoch;
use crate::platform::audit;
use crate::platform::db::WriteTx;
use crate::platform::error::Result;
use crate::platform::once;

leadbourse_core::text_enum! {
    /// Why an offer is paused.
    pub enum PauseReason {
        /// The buyer wanted it.
        Buyer = "BUYER",
        /// An operator wanted it; only an operator resumes.
        Operator = "OPERATOR",
        /// The buyer owes money for reported sales.
        Unfunded = "UNFUNDED",
        /// The buyer's endpoint has failed for too long.
        DeliveryFailing = "DELIVERY_FAILING",
        /// The bank of the buyer's card took a payment back.
        Chargeback = "CHARGEBACK",
    }
}

/// Pauses an offer in somebody else's transaction, as the exchange itself. True if it was active.
/// Raises the epoch, which comes after claims, meters and balances in the order of locks: call it
/// when all of those are locked, and before the audit log.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn pause_in(tx: &WriteTx, id: OfferId, reason: PauseReason) -> Result<bool> {
    let seen = repo::offers::by_ids(tx, &[id.uuid()]).await?.pop().ok_or(NOT_FOUND)?;
    raise_epoch(tx, &[seen.niche_id]).await?;
    let mut offer = repo::offers::lock(tx, id).await?.ok_or(NOT_FOUND)?;
    if offer.state != OfferState::Active {
        return Ok(false);
    }
    offer.state = offer.state.apply(OfferCommand::Pause)?;
    offer.pause_reason = Some(reason.as_str().to_owned());
    repo::offers::update(tx, &mut offer).await?;
    Ok(true)
}

/// Pauses every active offer of a buyer, as [`pause_in`] does; gives which.
///
/// # Errors
/// Faults of the database.
pub async fn pause_all_in(
    tx: &WriteTx,
    buyer: OrganizationId,
    reason: PauseReason,
) -> Result<Vec<OfferId>> {
    let mut paused = Vec::new();
    for id in repo::offers::active_of(tx, buyer).await? {
        if pause_in(tx, id, reason).await? {
            paused.push(id);
        }
    }
    Ok(paused)
}

/// Buyers manage their own offers, operators moderate all.
pub(super) fn may_steer(actor: &Actor) -> Result<(), Problem> {
    match actor.kind {
        OrgKind::Operator => actor.require(Action::Moderate),
        OrgKind::Buyer | OrgKind::Publisher => actor.require(Action::ManageOffers),
    }
}

/// Takes the key of a change of an offer. `Some` is the offer as it stands if the key's change was
/// made before.
pub(super) async fn done_before(
    tx: &WriteTx,
    actor: &Actor,
    key: Option<&str>,
    operation: &str,
    request: &impl Serialize,
) -> Result<Option<Offer>> {
    let before: Option<OfferId> = once::begin(tx, actor, key, operation, request).await?;
    let Some(id) = before else { return Ok(None) };
    // The key is a person's, who may have gone over to another organization.
    repo::offers::find(tx, actor.scope(), id).await?.ok_or(NOT_FOUND.into()).map(Some)
}

impl Offers {
    /// Stops the buying for now. When this has answered, nothing is bought any more.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`, `IDEMPOTENCY_MISMATCH`.
    pub async fn pause(&self, actor: &Actor, id: OfferId, key: Option<&str>) -> Result<Offer> {
        may_steer(actor)?;
        let tx = self.db.begin_write(&self.clock).await?;
        if let Some(done) = done_before(&tx, actor, key, "pauseOffer", &id).await? {
            return Ok(done);
        }
        let mut offer = self.lock(&tx, actor.scope(), id).await?;
        offer.state = offer.state.apply(OfferCommand::Pause)?;
        let reason = match actor.kind {
            OrgKind::Operator => PauseReason::Operator,
            OrgKind::Buyer | OrgKind::Publisher => PauseReason::Buyer,
        };
        offer.pause_reason = Some(reason.as_str().to_owned());
        self.steered(tx, actor, key, offer, "offer.pause").await
    }

    /// Goes on buying.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`, `PAUSED_BY_OPERATOR`, `ORGANIZATION_NOT_ACTIVE`,
    /// `IDEMPOTENCY_MISMATCH`.
    pub async fn resume(&self, actor: &Actor, id: OfferId, key: Option<&str>) -> Result<Offer> {
        may_steer(actor)?;
        let tx = self.db.begin_write(&self.clock).await?;
        if let Some(done) = done_before(&tx, actor, key, "resumeOffer", &id).await? {
            return Ok(done);
        }
        let mut offer = self.lock(&tx, actor.scope(), id).await?;
        offer.state = offer.state.apply(OfferCommand::Resume)?;
        let by_operator = offer.pause_reason.as_deref() == Some(PauseReason::Operator.as_str());
        if by_operator && actor.kind != OrgKind::Operator {
            return Err(PAUSED_BY_OPERATOR.into());
        }
        require_active(&tx, offer.buyer_id).await?;
        offer.pause_reason = None;
        self.steered(tx, actor, key, offer, "offer.resume").await
    }

    /// Ends the offer for good. What it bought stays as it is.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`, `IDEMPOTENCY_MISMATCH`.
    pub async fn close(&self, actor: &Actor, id: OfferId, key: Option<&str>) -> Result<Offer> {
        may_steer(actor)?;
        let tx = self.db.begin_write(&self.clock).await?;
        if let Some(done) = done_before(&tx, actor, key, "closeOffer", &id).await? {
            return Ok(done);
        }
        let mut offer = self.lock(&tx, actor.scope(), id).await?;
        offer.state = offer.state.apply(OfferCommand::Close)?;
        offer.pause_reason = None;
        let versions = repo::versions::of_locked(&tx, id).await?;
        supersede_open(&tx, &versions).await?;
        self.steered(tx, actor, key, offer, "offer.close").await
    }

    async fn steered(
        &self,
        tx: WriteTx,
        actor: &Actor,
        key: Option<&str>,
        mut offer: Offer,
        action: &'static str,
    ) -> Result<Offer> {
        repo::offers::update(&tx, &mut offer).await?;
        let detail = json!({"state": offer.state, "reason": offer.pause_reason});
        audit::record(&tx, actor, action, &offer.id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &offer.id).await?;
        tx.commit().await?;
        Ok(offer)
    }
}
