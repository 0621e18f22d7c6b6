//! Awards and conversions as they are stored.

use leadbourse_core::access::{Actor, OrgKind};
use leadbourse_core::conversion::{
    AwardState, Clocks, ConversionState, Disposition, Given, Legs, ReservationState,
};
use leadbourse_core::ids::{
    AwardId, ConversionId, LeadId, NicheId, OfferId, OfferVersionId, OrganizationId, ReservationId,
    SourceId,
};
use leadbourse_core::ledger::templates::Parties;
use leadbourse_core::money::{Bps, Currency};
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::time::Timestamp;

/// Whose rows a read of awards, conversions or disputes may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A buyer's own.
    Buyer(OrganizationId),
    /// A publisher's own.
    Publisher(OrganizationId),
    /// Everybody's: operators and the exchange's own work.
    All,
}

impl Seen {
    /// What an actor sees.
    pub fn by(actor: &Actor) -> Self {
        match actor.kind {
            OrgKind::Buyer => Seen::Buyer(actor.org),
            OrgKind::Publisher => Seen::Publisher(actor.org),
            OrgKind::Operator => Seen::All,
        }
    }

    /// Whether a row with these two parties is seen.
    pub fn sees(self, buyer: OrganizationId, publisher: OrganizationId) -> bool {
        match self {
            Seen::Buyer(own) => own == buyer,
            Seen::Publisher(own) => own == publisher,
            Seen::All => true,
        }
    }
}

/// One sale of one lead to one offer version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Award {
    /// Its id.
    pub id: AwardId,
    /// The lead.
    pub lead_id: LeadId,
    /// The offer.
    pub offer_id: OfferId,
    /// The version whose terms rule.
    pub offer_version_id: OfferVersionId,
    /// Who bought. Prices are shown to this side only.
    pub buyer_id: OrganizationId,
    /// Who sold. Earnings are shown to this side only.
    pub publisher_id: OrganizationId,
    /// Where the lead arose.
    pub source_id: SourceId,
    /// The niche.
    pub niche_id: NicheId,
    /// 1 for the first copy.
    pub copy_no: i32,
    /// Technical state.
    pub state: AwardState,
    /// Paid at the award, minor units.
    pub price: i64,
    /// Earned at the award, minor units.
    pub earning: i64,
    /// The currency.
    pub currency: Currency,
    /// The final count of copies that it allows.
    pub max_sales: i32,
    /// What the buyer says about the lead.
    pub disposition: Disposition,
    /// Since when.
    pub disposition_at: Option<Timestamp>,
    /// When the buyer first opened it.
    pub opened_at: Option<Timestamp>,
    /// When its contact data was first shown to the buyer, in a list or by the API.
    pub seen_at: Option<Timestamp>,
    /// When the exchange took it back, because it was never delivered, opened or seen.
    pub returned_at: Option<Timestamp>,
    /// When it was sold.
    pub created_at: Timestamp,
}

/// One entry of the history of dispositions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DispositionEntry {
    /// The award.
    pub award_id: AwardId,
    /// What was said.
    pub value: Disposition,
    /// Who said it, as printed id.
    pub actor: String,
    /// When.
    pub at: Timestamp,
}

/// One billable event on an award.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// Its id.
    pub id: ConversionId,
    /// The award.
    pub award_id: AwardId,
    /// The lead.
    pub lead_id: LeadId,
    /// The offer.
    pub offer_id: OfferId,
    /// The version whose terms rule.
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
    /// What the customer paid, if the buyer said so, minor units.
    pub amount: Option<i64>,
    /// What of it the customer got back in all, minor units.
    pub refunded: i64,
    /// Where its money is.
    pub state: ConversionState,
    /// Price, earning, fee.
    pub legs: Legs,
    /// The pinned share of the exchange.
    pub take_rate: Bps,
    /// What was given back.
    pub given: Given,
    /// The currency.
    pub currency: Currency,
    /// What of the price the buyer still owes, minor units.
    pub unfunded: i64,
    /// The three instants.
    pub clocks: Clocks,
    /// When the event happened.
    pub occurred_at: Timestamp,
    /// When it was billed.
    pub created_at: Timestamp,
    /// When the hold ended.
    pub approved_at: Option<Timestamp>,
}

impl Conversion {
    /// Who pays whom.
    pub fn parties(&self) -> Parties {
        Parties { buyer: self.buyer_id, publisher: self.publisher_id, currency: self.currency }
    }

    /// Whether a return may be opened at `now`, as far as its own clocks and state say.
    pub fn is_returnable(&self, now: Timestamp) -> bool {
        self.state == ConversionState::Held && now <= self.clocks.return_until()
    }

    /// What is left of the earning, minor units.
    pub fn remaining_earning(&self) -> i64 {
        self.legs.earning().saturating_sub(self.given.earning)
    }

    /// What is left of the fee, minor units.
    pub fn remaining_fee(&self) -> i64 {
        self.legs.fee().saturating_sub(self.given.fee)
    }
}

/// Money promised to a goal that is billed later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// Its id.
    pub id: ReservationId,
    /// The award.
    pub award_id: AwardId,
    /// What it is promised to.
    pub goal: GoalKind,
    /// The offer.
    pub offer_id: OfferId,
    /// Whose money.
    pub buyer_id: OrganizationId,
    /// How much, minor units.
    pub amount: i64,
    /// How much a conversion took.
    pub captured: i64,
    /// The currency.
    pub currency: Currency,
    /// Where it is.
    pub state: ReservationState,
    /// When the attribution window ends.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
}
