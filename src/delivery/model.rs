//! Endpoints, deliveries and attempts as they are stored.

use leadbourse_core::delivery::{DeliveryState, EndpointState};
use leadbourse_core::ids::{AwardId, DeliveryId, EndpointId, OfferId, OrganizationId};
use leadbourse_core::time::Timestamp;

use super::repo::queue::Attempt;

/// Where a buyer wants its leads.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Whose it is.
    pub buyer_id: OrganizationId,
    /// Only for this offer's leads; all of the buyer's when not given.
    pub offer_id: Option<OfferId>,
    /// What is called.
    pub url: String,
    /// Whether it is called.
    pub state: EndpointState,
    /// Since when nothing but failures came back.
    pub failing_since: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The signing secret, sealed.
    pub(super) secret_ciphertext: Vec<u8>,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Endpoint({}, {})", self.id, self.state)
    }
}

/// One award on its way to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Derived from award and endpoint: one award goes to one endpoint once.
    pub id: DeliveryId,
    /// The award.
    pub award_id: AwardId,
    /// The endpoint.
    pub endpoint_id: EndpointId,
    /// Who bought.
    pub buyer_id: OrganizationId,
    /// The offer.
    pub offer_id: OfferId,
    /// How far it is.
    pub state: DeliveryState,
    /// Tries so far.
    pub attempts: i32,
    /// When it is tried next, while pending.
    pub next_at: Timestamp,
    /// What the last failure said.
    pub last_error: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the endpoint took it.
    pub delivered_at: Option<Timestamp>,
}

/// A delivery with what is shown beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryView {
    /// The delivery.
    pub delivery: Delivery,
    /// Where it goes.
    pub endpoint_url: String,
    /// Its tries, first one first.
    pub attempts: Vec<Attempt>,
}

/// Which deliveries are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Of this award.
    pub award: Option<AwardId>,
    /// In this state.
    pub state: Option<DeliveryState>,
}
