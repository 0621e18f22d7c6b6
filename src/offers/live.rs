//! Where a live offer's buyer is asked. It is no term: a buyer's server may move without a new
//! version. That an offer is live at all is one.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::error::{INVALID_STATE, NOT_FOUND};
use leadbourse_core::ids::{OfferId, OrganizationId};
use leadbourse_core::live::connection::{Connection, LIVE_CONNECTION_MISSING};
use leadbourse_core::offer::terms::{Mode, Terms};
use leadbourse_core::time::Timestamp;
use serde_json::json;
use std::collections::HashMap;
use uuid::Uuid;

use super::lifecycle::may_steer;
use super::{Offers, repo};
use crate::platform::audit;
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::Result;

/// An offer's connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveConnection {
    /// The offer.
    pub offer_id: OfferId,
    /// Whose it is.
    pub buyer_id: OrganizationId,
    /// What is no secret.
    pub settings: Connection,
    /// The signing secret, sealed.
    pub secret_ciphertext: Vec<u8>,
    /// When it was set last.
    pub updated_at: Timestamp,
}

/// The connections of offers, in somebody else's transaction.
///
/// # Errors
/// Database errors.
pub async fn live_connections(
    tx: &impl Reader,
    offers: &[OfferId],
) -> Result<HashMap<OfferId, LiveConnection>> {
    let ids: Vec<Uuid> = offers.iter().map(|id| id.uuid()).collect();
    repo::live::by_offers(tx, &ids).await
}

/// Refuses live terms of an offer that has no connection.
pub(super) async fn has_connection(tx: &WriteTx, id: OfferId, terms: &Terms) -> Result<()> {
    if terms.mode == Mode::Live && live_connections(tx, &[id]).await?.is_empty() {
        return Err(LIVE_CONNECTION_MISSING.into());
    }
    Ok(())
}

impl Offers {
    /// Sets an offer's connection; holds for leads that are asked about after the answer. `fresh` is
    /// a sealed secret for a connection that has none yet or changes it. Gives whether it was taken.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE` for a closed offer.
    pub async fn set_live(
        &self,
        actor: &Actor,
        id: OfferId,
        settings: Connection,
        fresh: Vec<u8>,
        rotate: bool,
    ) -> Result<(LiveConnection, bool)> {
        actor.require(Action::ManageOffers)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let offer = self.lock_own(&tx, actor, id).await?;
        if !offer.state.may_revise() {
            return Err(INVALID_STATE.into());
        }
        let before = live_connections(&tx, &[id]).await?.remove(&id);
        let kept = before.map(|known| known.secret_ciphertext).filter(|_| !rotate);
        let is_fresh = kept.is_none();
        let connection = LiveConnection {
            offer_id: id,
            buyer_id: offer.buyer_id,
            settings,
            secret_ciphertext: kept.unwrap_or(fresh),
            updated_at: tx.now(),
        };
        repo::live::save(&tx, &connection).await?;
        let detail = json!({"new_secret": is_fresh});
        audit::record(&tx, actor, "offer.set_live", &id.to_string(), detail).await?;
        tx.commit().await?;
        Ok((connection, is_fresh))
    }

    /// The connection of the actor's own offer; operators see all.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn live(&self, actor: &Actor, id: OfferId) -> Result<Option<LiveConnection>> {
        let offer = self.get(actor, id).await?;
        let tx = self.db.begin_read().await?;
        Ok(live_connections(&tx, &[offer.id]).await?.remove(&id))
    }

    /// The connection of the actor's own offer, or any for operators who moderate.
    ///
    /// # Errors
    /// `NOT_FOUND`, `LIVE_CONNECTION_MISSING`.
    pub async fn live_to_test(&self, actor: &Actor, id: OfferId) -> Result<LiveConnection> {
        may_steer(actor)?;
        let tx = self.db.begin_read().await?;
        let found = repo::offers::find(&tx, actor.scope(), id).await?.ok_or(NOT_FOUND)?;
        let connection = live_connections(&tx, &[found.id]).await?.remove(&id);
        connection.ok_or_else(|| LIVE_CONNECTION_MISSING.into())
    }
}
