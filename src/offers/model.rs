//! What the offers slice shows to others.

use leadbourse_core::ids::{
    NicheId, OfferId, OfferVersionId, OrganizationId, ParticipationId, SourceId,
};
use leadbourse_core::offer::participation::ParticipationState;
use leadbourse_core::offer::source::{Fallback, SourceKind, SourceState};
use leadbourse_core::offer::state::{OfferState, VersionState};
use leadbourse_core::offer::terms::Terms;
use leadbourse_core::time::Timestamp;
use std::sync::Arc;

/// A buyer's offer. Its terms are in its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The id.
    pub id: OfferId,
    /// Who pays.
    pub buyer_id: OrganizationId,
    /// The niche.
    pub niche_id: NicheId,
    /// Its name; publishers see it.
    pub name: String,
    /// Where it stands.
    pub state: OfferState,
    /// The version that rules, if one has begun.
    pub current_version_id: Option<OfferVersionId>,
    /// Why it is paused.
    pub pause_reason: Option<String>,
    /// Where its calls are connected to: a number or a SIP address.
    pub connect_to: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// One immutable version of an offer's terms.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferVersion {
    /// The id.
    pub id: OfferVersionId,
    /// The offer.
    pub offer_id: OfferId,
    /// Its number, from 1.
    pub version: i32,
    /// The terms.
    pub terms: Arc<Terms>,
    /// Where it stands.
    pub state: VersionState,
    /// When it was written.
    pub created_at: Timestamp,
    /// When its review was asked for.
    pub submitted_at: Option<Timestamp>,
    /// When an operator decided.
    pub decided_at: Option<Timestamp>,
    /// What the operator noted.
    pub note: Option<String>,
    /// From when it rules, if approved.
    pub effective_at: Option<Timestamp>,
}

/// A publisher's participation in an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participation {
    /// The id.
    pub id: ParticipationId,
    /// The offer.
    pub offer_id: OfferId,
    /// The publisher.
    pub publisher_id: OrganizationId,
    /// Where it stands.
    pub state: ParticipationState,
    /// What the publisher wrote.
    pub message: Option<String>,
    /// What the buyer pays for this publisher's leads instead of the offer's price, in minor units.
    pub price_override: Option<i64>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When the buyer decided.
    pub decided_at: Option<Timestamp>,
    /// What the buyer noted.
    pub note: Option<String>,
}

/// Where a publisher's traffic arises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The id.
    pub id: SourceId,
    /// Whose traffic it is.
    pub publisher_id: OrganizationId,
    /// Its niche.
    pub niche_id: NicheId,
    /// Its name.
    pub name: String,
    /// How its leads arrive.
    pub kind: SourceKind,
    /// What traffic it brings, in the publisher's words.
    pub traffic: String,
    /// The only offer that may buy; `None` for the whole market.
    pub target_offer_id: Option<OfferId>,
    /// Who may buy if the target does not.
    pub fallback: Fallback,
    /// To how many buyers a lead may be sold.
    pub max_sales: i32,
    /// The least earning, in minor units of the niche's currency.
    pub min_earning: Option<i64>,
    /// Where it stands.
    pub state: SourceState,
    /// How its posting key begins.
    pub posting_key_prefix: String,
    /// Where its tracking link leads.
    pub link_url: Option<String>,
    /// The parameter that carries the click id there.
    pub link_param: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When an operator decided.
    pub decided_at: Option<Timestamp>,
    /// What the operator noted.
    pub note: Option<String>,
}
