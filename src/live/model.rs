//! What is kept of a lead that goes through live buyers.

use leadbourse_core::exchange::Reply;
use leadbourse_core::ids::{AwardId, LeadId, OfferId, OfferVersionId, OrganizationId};
use leadbourse_core::live::{AwardStep, OnSilence, RunStep};
use leadbourse_core::money::{Bps, Currency};
use leadbourse_core::time::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

/// How far a RECEIVED lead is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveRun {
    /// The lead.
    pub lead: LeadId,
    /// The step that it has reached.
    pub step: RunStep,
    /// The offers whose buyers are asked.
    pub asks: Vec<OfferId>,
    /// What they said, once that is known.
    pub replies: BTreeMap<OfferId, Reply>,
    /// The trace of the latest allocation, JSON; empty before the first.
    pub trace: String,
    /// The places of its person that it took when it came.
    pub claims: Vec<Uuid>,
    /// The sender's idempotency record, which waits for the verdict.
    pub answer_id: Option<Uuid>,
    /// Until when the next in rank is still sent the lead.
    pub post_until: Timestamp,
    /// Until when a silent winner is waited for.
    pub silent_until: Option<Timestamp>,
    /// When it came.
    pub created_at: Timestamp,
    /// When it was decided.
    pub ended_at: Option<Timestamp>,
}

/// An award that its buyer's server has to accept. Money in minor units. Once accepted it is an
/// award like every other, under the same id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveAward {
    /// The id of the award that it becomes.
    pub id: AwardId,
    /// The lead.
    pub lead: LeadId,
    /// The offer.
    pub offer: OfferId,
    /// The version that won.
    pub offer_version: OfferVersionId,
    /// Who buys.
    pub buyer: OrganizationId,
    /// Who sells.
    pub publisher: OrganizationId,
    /// How far it is.
    pub state: AwardStep,
    /// The bid: what is charged, whatever the post's answer says.
    pub price: i64,
    /// What of it the publisher gets.
    pub earning: i64,
    /// The exchange's share, pinned.
    pub take_rate: Bps,
    /// The part of the amount that is reserved for goals that are billed later.
    pub reserve: i64,
    /// Everything that is reserved.
    pub amount: i64,
    /// The niche's currency.
    pub currency: Currency,
    /// Whether the offer caps its publishers.
    pub seller_capped: bool,
    /// What silence means, as declared when it was offered.
    pub on_silence: OnSilence,
    /// Why it was declined, as a code.
    pub reason: Option<String>,
    /// The price that the post's answer named.
    pub posted_price: Option<i64>,
    /// When it was offered.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}
