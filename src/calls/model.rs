//! A call as it is stored.

use leadbourse_core::call::Call;
use leadbourse_core::ids::{
    AwardId, CallId, ConversionId, LeadId, NicheId, OfferId, OfferVersionId, OrganizationId,
    SourceId,
};
use leadbourse_core::money::Currency;
use leadbourse_core::time::Timestamp;

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// Its id.
    pub id: CallId,
    /// Where it arose.
    pub source_id: SourceId,
    /// Who sells.
    pub publisher_id: OrganizationId,
    /// The niche.
    pub niche_id: NicheId,
    /// What was told, what the market made of it, and what was decided.
    pub machine: Call,
    /// Its lead, once the market was asked.
    pub lead_id: Option<LeadId>,
    /// Who bought it, and on what terms.
    pub sold: Option<SoldCall>,
    /// When its first event came.
    pub created_at: Timestamp,
    /// When it is closed if nobody tells its end.
    pub close_at: Timestamp,
    /// When its end was decided.
    pub decided_at: Option<Timestamp>,
}

/// The sale of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoldCall {
    /// The award.
    pub award_id: AwardId,
    /// The offer.
    pub offer_id: OfferId,
    /// The version whose terms rule.
    pub offer_version_id: OfferVersionId,
    /// Who bought.
    pub buyer_id: OrganizationId,
    /// Where to connect it: a number or a SIP address of the buyer, as it was at the sale.
    pub connect_to: Option<String>,
    /// From how many connected seconds on it is billed.
    pub min_call_s: i64,
    /// What the buyer pays then, in minor units.
    pub price: i64,
    /// What the publisher gets of it, in minor units.
    pub earning: i64,
    /// The currency.
    pub currency: Currency,
    /// What was billed.
    pub conversion_id: Option<ConversionId>,
}
