//! What an offer bought, hour by hour.

use leadbourse_core::access::{Action, Actor, Scope};
use leadbourse_core::error::NOT_FOUND;
use leadbourse_core::ids::{OfferId, OrganizationId};
use leadbourse_core::time::{HOUR, Timestamp};
use std::collections::BTreeMap;

use super::{Conversions, repo};
use crate::platform::error::Result;

/// One hour's awards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HourSpent {
    /// How many.
    pub count: i64,
    /// What they cost at the award: prices and reservations, in minor units.
    pub money: i64,
}

impl Conversions {
    /// What an offer bought from `from` until `to`, by hours counted from `from`. Hours without an
    /// award are missing. For its buyer and operators.
    ///
    /// # Errors
    /// `NOT_FOUND` for everybody else.
    pub async fn spent_by_hour(
        &self,
        actor: &Actor,
        (offer, buyer): (OfferId, OrganizationId),
        (from, to): (Timestamp, Timestamp),
    ) -> Result<BTreeMap<i64, HourSpent>> {
        actor.require(Action::ReadOwn)?;
        match actor.scope() {
            Scope::Org(own) if own != buyer => return Err(NOT_FOUND.into()),
            Scope::Org(_) | Scope::All => {}
        }
        let tx = self.db.begin_read().await?;
        repo::curve::by_hour(&tx, (offer, buyer), (from, to), HOUR).await
    }
}
