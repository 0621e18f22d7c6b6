//! What intake hands over: awards, conversions and reservations that are about to be stored.

use leadbourse_core::conversion::{Clocks, Legs, conversion_id, reservation_id};
use leadbourse_core::error::Problem;
use leadbourse_core::ids::{
    AwardId, ConversionId, LeadId, NicheId, OfferId, OfferVersionId, OrganizationId, ReservationId,
    SourceId,
};
use leadbourse_core::ledger::templates::{Parties, conversion_created, reserve};
use leadbourse_core::ledger::{Funding, LedgerTx};
use leadbourse_core::money::{Bps, Currency};
use leadbourse_core::offer::terms::{GoalKind, Terms};
use leadbourse_core::time::{SECOND, Timestamp};

/// One sale of one lead to one offer version. Born `AWARDED` with the disposition `NEW`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAward {
    /// Its id.
    pub id: AwardId,
    /// The lead.
    pub lead_id: LeadId,
    /// The offer.
    pub offer_id: OfferId,
    /// The version whose terms rule this award.
    pub offer_version_id: OfferVersionId,
    /// Who buys.
    pub buyer_id: OrganizationId,
    /// Who sells.
    pub publisher_id: OrganizationId,
    /// Where the lead arose.
    pub source_id: SourceId,
    /// The niche.
    pub niche_id: NicheId,
    /// 1 for the first copy.
    pub copy_no: i32,
    /// What the buyer pays at the award (0 without a LEAD goal), in minor units.
    pub price: i64,
    /// What the publisher gets of it, in minor units.
    pub earning: i64,
    /// The niche's currency.
    pub currency: Currency,
    /// The final count of copies that this award allows.
    pub max_sales: i32,
    /// When.
    pub created_at: Timestamp,
}

/// One billable event on an award. Born `HELD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewConversion {
    /// Derived from award, goal and external reference.
    pub id: ConversionId,
    /// The award.
    pub award_id: AwardId,
    /// The lead.
    pub lead_id: LeadId,
    /// The offer.
    pub offer_id: OfferId,
    /// The version whose terms rule it.
    pub offer_version_id: OfferVersionId,
    /// Who pays.
    pub buyer_id: OrganizationId,
    /// Who earns.
    pub publisher_id: OrganizationId,
    /// The niche.
    pub niche_id: NicheId,
    /// What is paid for.
    pub goal: GoalKind,
    /// The buyer's reference of what it reported.
    pub external_ref: Option<String>,
    /// What the customer paid, if the buyer said so, in minor units.
    pub amount: Option<i64>,
    /// Price, earning and fee.
    pub legs: Legs,
    /// The exchange's share, pinned.
    pub take_rate: Bps,
    /// The currency of the legs.
    pub currency: Currency,
    /// Where the price comes from; `owed` makes it unfunded.
    pub funding: Funding,
    /// The three instants.
    pub clocks: Clocks,
    /// When the event happened.
    pub occurred_at: Timestamp,
    /// When it was billed.
    pub created_at: Timestamp,
}

impl NewConversion {
    /// The conversion of a LEAD goal, billed at the award: from the buyer's free money, or from
    /// what a bid reserved.
    pub fn for_lead(award: &NewAward, terms: &Terms, legs: (Legs, Bps), funding: Funding) -> Self {
        let at = award.created_at;
        Self::on_award(award, GoalKind::Lead, None, legs, funding, Clocks::fix(at, terms), (at, at))
    }

    /// A conversion of any goal. `times` are when it happened and when it is billed.
    pub fn on_award(
        award: &NewAward,
        goal: GoalKind,
        external_ref: Option<String>,
        (legs, take_rate): (Legs, Bps),
        funding: Funding,
        clocks: Clocks,
        (occurred_at, created_at): (Timestamp, Timestamp),
    ) -> Self {
        Self {
            id: conversion_id(award.id, goal, external_ref.as_deref()),
            award_id: award.id,
            lead_id: award.lead_id,
            offer_id: award.offer_id,
            offer_version_id: award.offer_version_id,
            buyer_id: award.buyer_id,
            publisher_id: award.publisher_id,
            niche_id: award.niche_id,
            goal,
            external_ref,
            amount: None,
            legs,
            take_rate,
            currency: award.currency,
            funding,
            clocks,
            occurred_at,
            created_at,
        }
    }

    /// Who pays whom.
    pub fn parties(&self) -> Parties {
        Parties { buyer: self.buyer_id, publisher: self.publisher_id, currency: self.currency }
    }

    /// The ledger transaction that bills it.
    ///
    /// # Errors
    /// If the funding is not the price, or the price is zero: core's guards against a wrong caller.
    pub fn ledger_tx(&self) -> Result<LedgerTx, Problem> {
        conversion_created(
            self.id,
            self.parties(),
            self.funding,
            self.legs.earning(),
            self.legs.fee(),
            self.created_at,
        )
    }
}

/// Funds held for a goal that is billed later. Born `OPEN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReservation {
    /// Derived from award and goal.
    pub id: ReservationId,
    /// The award.
    pub award_id: AwardId,
    /// The goal.
    pub goal: GoalKind,
    /// The offer.
    pub offer_id: OfferId,
    /// Whose money.
    pub buyer_id: OrganizationId,
    /// How much, in minor units; greater than zero.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
    /// When it is given back: the attribution window ends.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
}

impl NewReservation {
    /// The reservations that the goals ask for at the award: one for each that is billed later and
    /// reserves anything.
    pub fn for_goals<'t>(award: &'t NewAward, terms: &'t Terms) -> impl Iterator<Item = Self> {
        let reserving = terms.goals.iter().filter(|goal| goal.reserve() > 0);
        reserving.map(|goal| Self {
            id: reservation_id(award.id, goal.kind),
            award_id: award.id,
            goal: goal.kind,
            offer_id: award.offer_id,
            buyer_id: award.buyer_id,
            amount: goal.reserve(),
            currency: award.currency,
            expires_at: award.created_at.plus(goal.reserved_for_s().saturating_mul(SECOND)),
            created_at: award.created_at,
        })
    }

    /// The ledger transaction that promises the money.
    ///
    /// # Errors
    /// If the amount is not greater than zero.
    pub fn ledger_tx(&self) -> Result<LedgerTx, Problem> {
        let goal = self.goal.as_str();
        reserve(self.award_id, goal, self.buyer_id, self.amount, self.currency, self.created_at)
    }
}
