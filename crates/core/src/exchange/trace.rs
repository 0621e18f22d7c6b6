//! Why each offer did or did not buy: the operator's view of an allocation.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

use crate::error::Code;
use crate::ids::{OfferId, OfferVersionId};
use crate::lead::verdict as v;

crate::text_enum! {
    /// How an offer came out of an allocation.
    pub enum Standing {
        /// It bought.
        Won = "WON",
        /// It could have bought, but others paid more.
        Lost = "LOST",
        /// It could not buy.
        Excluded = "EXCLUDED",
    }
}

/// One offer in the trace. Money in minor units of the niche's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceEntry {
    /// The offer.
    pub offer: OfferId,
    /// Its version.
    pub version: OfferVersionId,
    /// How it came out.
    pub outcome: Standing,
    /// Why, unless it won.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Cow<'static, str>>,
    /// 1 for the highest effective bid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    /// The effective bid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bid: Option<i64>,
    /// The price of the lead itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<i64>,
    /// The field of a failed condition, a wanted score and the like; never a lead's value.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// The most entries that a stored trace keeps; winners and losers come before the excluded.
pub const MAX_ENTRIES: usize = 60;

/// Exclusions in the order in which a lead meets them; the later, the nearer it was to a sale.
const STAGES: &[Code] = &[
    v::NO_OFFER,
    v::NOT_TARGETED,
    v::NOT_APPROVED,
    v::CONDITION_FAILED,
    v::SCORE_TOO_LOW,
    v::MIN_EARNING,
    v::OFFER_CLOSED_NOW,
    v::BUYER_HAS_PERSON,
    v::OFFER_CAPPED,
    v::NO_OFFER_FUNDED,
];

/// What an unsold lead's sender is told: the distinct reasons, the one nearest to a sale first.
pub fn unsold_reasons(entries: &[TraceEntry]) -> Vec<v::Reason> {
    let mut reasons: Vec<v::Reason> = STAGES
        .iter()
        .rev()
        .filter(|stage| entries.iter().any(|entry| entry.code.as_deref() == Some(stage.name)))
        .map(|stage| v::Reason::new(*stage))
        .collect();
    if reasons.len() > 1 {
        // That other offers were never meant is no news beside a real reason.
        reasons.retain(|reason| reason.code != v::NOT_TARGETED.name);
    }
    if reasons.is_empty() {
        reasons.push(v::Reason::new(v::NO_OFFER));
    }
    reasons
}
