//! The money of calls: reserved by intake while a call lasts, taken or let go at its end.

use leadbourse_core::conversion::{ReservationState, conversion_id, reservation_id};
use leadbourse_core::ids::{ConversionId, OfferId};
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::time::Timestamp;
use std::collections::HashMap;

use super::bill::{Charge, charge_goal};
use super::model::Award;
use super::service::Conversions;
use super::{money, repo};
use crate::offers;
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::Result;

/// How many calls of each of these offers last now: their reservations are open. Exact for whoever
/// holds the offers' meters, under which every call begins and ends.
pub async fn open_calls(tx: &impl Reader, offers: &[OfferId]) -> Result<HashMap<OfferId, i64>> {
    repo::calls::open(tx, offers).await
}

/// Lets go of what is reserved for a call; `false` if nothing is any more. The meter of the
/// award's offer is locked.
pub async fn release_call(tx: &WriteTx, award: &Award) -> Result<bool> {
    let promise = repo::reservation(tx, reservation_id(award.id, GoalKind::Call)).await?;
    Ok(money::release(tx, promise.into_iter().collect()).await? > 0)
}

impl Conversions {
    /// Bills a call that was long enough, with the money that is reserved for it; gives what was
    /// billed. `None` if nothing is reserved any more. The meter of the award's offer is locked, so
    /// the reservation does not end beside it.
    ///
    /// # Errors
    /// Faults only.
    pub async fn bill_call(
        &self,
        tx: &WriteTx,
        award: &Award,
        occurred_at: Timestamp,
    ) -> Result<Option<ConversionId>> {
        let promise = repo::reservation(tx, reservation_id(award.id, GoalKind::Call)).await?;
        let open = promise.filter(|promise| promise.state == ReservationState::Open);
        let Some(promise) = open else { return Ok(None) };
        let terms = offers::terms_of(tx, award.offer_version_id).await?;
        let charge =
            Charge { goal: GoalKind::Call, price: promise.amount, amount: None, occurred_at };
        charge_goal(tx, award, &terms, None, charge, self.take_rate()).await?;
        Ok(Some(conversion_id(award.id, GoalKind::Call, None)))
    }
}
