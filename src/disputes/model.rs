//! Disputes as they are stored.

use leadbourse_core::dispute::{Deadlines, DisputeKind, DisputeState, Step};
use leadbourse_core::ids::{
    AwardId, ConversionId, DisputeId, LeadId, NicheId, OfferId, OrganizationId,
};
use leadbourse_core::money::{Bps, Currency};
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::time::Timestamp;

use crate::conversions::Conversion;

/// A disagreement about one conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// Its id.
    pub id: DisputeId,
    /// What it is about.
    pub kind: DisputeKind,
    /// The conversion; of a claim that it was not reported, the one that the claim led to.
    pub conversion_id: Option<ConversionId>,
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
    /// What was not reported, if it is about that.
    pub claim: Option<Claim>,
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

/// An event that a publisher says was not reported. Sums in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What happened.
    pub goal: GoalKind,
    /// What the customer paid, if the publisher said so.
    pub amount: Option<i64>,
    /// What the buyer would pay.
    pub price: i64,
    /// What the publisher would get of it.
    pub earning: i64,
    /// The currency.
    pub currency: Currency,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The amount for which it was granted.
    pub decided_amount: Option<i64>,
}

impl Dispute {
    /// Takes a step: the state and who ended it. `kept` is the share that stays returned where
    /// nothing is granted.
    pub(super) fn step(&mut self, step: &Step, by: &str, kept: Bps, now: Timestamp) {
        let was_open = self.state == DisputeState::Open;
        self.state = step.state;
        if was_open && step.state != DisputeState::Withdrawn {
            self.answered_at = Some(now);
        }
        if !step.state.is_open() {
            self.resolved_at = Some(now);
            self.resolved_by = Some(by.to_owned());
            self.decided = Some(step.give_back_to.unwrap_or(kept));
        }
    }

    /// A return that nobody has to be asked about, granted at once: `share` is what of the
    /// conversion is returned in all.
    pub(super) fn granted(
        conversion: &Conversion,
        reason: &str,
        share: Bps,
        by: String,
        now: Timestamp,
    ) -> Self {
        let lock_at = conversion.clocks.lock_at();
        Self {
            id: DisputeId::new(now),
            kind: DisputeKind::Return,
            conversion_id: Some(conversion.id),
            award_id: conversion.award_id,
            lead_id: conversion.lead_id,
            offer_id: conversion.offer_id,
            buyer_id: conversion.buyer_id,
            publisher_id: conversion.publisher_id,
            niche_id: conversion.niche_id,
            reason_code: reason.to_owned(),
            claimed: share,
            decided: Some(share),
            state: DisputeState::Upheld,
            deadlines: Deadlines { answer_by: now, decide_by: now, lock_at },
            claim: None,
            opened_by: by.clone(),
            opened_at: now,
            answered_at: None,
            resolved_at: Some(now),
            resolved_by: Some(by),
            rev: 0,
        }
    }
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
