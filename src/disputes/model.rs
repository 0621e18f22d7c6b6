//! Disputes as they are stored.

use leadbourse_core::dispute::{Deadlines, DisputeKind, DisputeState};
use leadbourse_core::ids::{
    AwardId, ConversionId, DisputeId, LeadId, NicheId, OfferId, OrganizationId,
};
use leadbourse_core::money::Bps;
use leadbourse_core::time::Timestamp;

/// A disagreement about one conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// Its id.
    pub id: DisputeId,
    /// What it is about.
    pub kind: DisputeKind,
    /// The conversion.
    pub conversion_id: ConversionId,
    /// Its award.
    pub award_id: AwardId,
    /// Its lead.
    pub lead_id: LeadId,
    /// Its offer.
    pub offer_id: OfferId,
    /// Who bought.
    pub buyer_id: OrganizationId,
    /// Who sold.
    pub publisher_id: OrganizationId,
    /// The niche whose reasons and defaults rule.
    pub niche_id: NicheId,
    /// The coded reason.
    pub reason_code: String,
    /// The cumulative share of the price that is claimed.
    pub claimed: Bps,
    /// The cumulative share that was granted, once decided.
    pub decided: Option<Bps>,
    /// Where it is.
    pub state: DisputeState,
    /// When somebody has to have acted.
    pub deadlines: Deadlines,
    /// Who opened it, as printed id.
    pub opened_by: String,
    /// When.
    pub opened_at: Timestamp,
    /// When the publisher answered.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub resolved_at: Option<Timestamp>,
    /// Who ended it, as printed id.
    pub resolved_by: Option<String>,
    /// Counts changes; the save compares it.
    pub rev: i64,
}

/// One entry of a dispute's history, as all three sides see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeEvent {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// Its place in the history, from 1.
    pub seq: i32,
    /// What happened, a stable code.
    pub code: String,
    /// Who did it, as printed id.
    pub actor: String,
    /// For which organization; the nil id for the exchange's own clock.
    pub organization_id: OrganizationId,
    /// What was said; `None` if nothing was, or the lead is erased.
    pub comment: Option<String>,
    /// When.
    pub at: Timestamp,
}
