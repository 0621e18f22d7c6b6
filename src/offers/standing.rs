//! How offers stand for those that have promised to bring leads, or may promise it.

use leadbourse_core::ids::{OfferId, OrganizationId};
use leadbourse_core::offer::participation::{ParticipationState, may_sell};
use leadbourse_core::offer::state::OfferState;
use leadbourse_core::offer::terms::Visibility;
use std::collections::HashMap;
use uuid::Uuid;

use super::lifecycle::PauseReason;
use super::model::Offer;
use super::repo;
use crate::accounts::organizations_in;
use crate::platform::db::Reader;
use crate::platform::error::Result;

/// An offer with what decides whether its buyer takes leads.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The offer.
    pub offer: Offer,
    /// Whether its buyer trades.
    pub buyer_active: bool,
    /// The state of each publisher's participation.
    pub sellers: HashMap<OrganizationId, ParticipationState>,
}

impl Standing {
    /// Whether it buys at all now.
    pub fn is_open(&self) -> bool {
        self.buyer_active && self.offer.state == OfferState::Active
    }

    /// Whether a publisher may sell to it, if it is as visible as this.
    pub fn admits(&self, visibility: Visibility, publisher: OrganizationId) -> bool {
        may_sell(visibility, self.sellers.get(&publisher).copied())
    }

    /// Whether what was promised before is still taken from a publisher. A buyer that pauses or
    /// closes its offer, or owes money, is bound: the promised money lies aside. What an operator
    /// has stopped, or what can't be delivered, is not.
    pub fn keeps_promises(&self, visibility: Visibility, publisher: OrganizationId) -> bool {
        let reason = self.offer.pause_reason.as_deref();
        let stops = [PauseReason::Operator, PauseReason::DeliveryFailing].map(PauseReason::as_str);
        let stopped =
            self.offer.state == OfferState::Paused && reason.is_some_and(|r| stops.contains(&r));
        self.buyer_active && !stopped && self.admits(visibility, publisher)
    }
}

/// How these offers stand, in somebody else's transaction. Offers that are not there are left out.
///
/// # Errors
/// Faults of the database.
pub async fn standings(tx: &impl Reader, offers: &[OfferId]) -> Result<HashMap<OfferId, Standing>> {
    let ids: Vec<Uuid> = offers.iter().map(|id| id.uuid()).collect();
    let mut sellers: HashMap<OfferId, HashMap<OrganizationId, ParticipationState>> = HashMap::new();
    for one in repo::participations::of_offers(tx, &ids).await? {
        sellers.entry(one.offer_id).or_default().insert(one.publisher_id, one.state);
    }
    let offers = repo::offers::by_ids(tx, &ids).await?;
    let buyers = organizations_in(tx, offers.iter().map(|offer| offer.buyer_id)).await?;
    let mut found = HashMap::with_capacity(offers.len());
    for offer in offers {
        let buyer_active = buyers.get(&offer.buyer_id).is_some_and(|buyer| buyer.state.trades());
        let sellers = sellers.remove(&offer.id).unwrap_or_default();
        found.insert(offer.id, Standing { offer, buyer_active, sellers });
    }
    Ok(found)
}
