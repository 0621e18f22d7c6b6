//! Where an offer takes its calls. It is no term: a buyer's desk may move without a new version,
//! and publishers learn it only with a call that was sold.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::call;
use leadbourse_core::error::{INVALID_STATE, NOT_FOUND};
use leadbourse_core::ids::OfferId;
use serde_json::json;

use super::model::Offer;
use super::{Offers, repo};
use crate::platform::audit;
use crate::platform::db::Reader;
use crate::platform::error::Result;

/// Where calls that this offer buys are connected to now.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn connect_to(tx: &impl Reader, id: OfferId) -> Result<Option<String>> {
    let found = repo::offers::by_ids(tx, &[id.uuid()]).await?.pop().ok_or(NOT_FOUND)?;
    Ok(found.connect_to)
}

impl Offers {
    /// Sets where calls are connected to; `None` takes it away, and the offer buys no calls then.
    /// Holds for calls that begin after the answer.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE` for a closed offer, `BAD_CONNECT_TO`.
    pub async fn set_connection(
        &self,
        actor: &Actor,
        id: OfferId,
        connect_to: Option<&str>,
    ) -> Result<Offer> {
        actor.require(Action::ManageOffers)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let mut offer = self.lock_own(&tx, actor, id).await?;
        if !offer.state.may_revise() {
            return Err(INVALID_STATE.into());
        }
        offer.connect_to = connect_to.map(call::connect_to).transpose()?;
        repo::offers::set_connection(&tx, &mut offer).await?;
        let detail = json!({"set": offer.connect_to.is_some()});
        audit::record(&tx, actor, "offer.set_connection", &id.to_string(), detail).await?;
        tx.commit().await?;
        Ok(offer)
    }
}
