//! What is known of pings and bids.

use leadbourse_core::ids::{
    AwardId, BidId, LeadId, NicheId, NicheVersionId, OfferId, OfferVersionId, OrganizationId,
    PingId, SourceId,
};
use leadbourse_core::money::{Bps, Currency};
use leadbourse_core::ping::{BidState, PingState, PingVerdict};
use leadbourse_core::time::Timestamp;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A stored ping. Its fields are pseudonymous and kept like a lead's features.
#[derive(Clone, Debug)]
pub struct Ping {
    /// Its id.
    pub id: PingId,
    /// The niche.
    pub niche: NicheId,
    /// The version that it was checked by.
    pub niche_version: NicheVersionId,
    /// Who asked.
    pub publisher: OrganizationId,
    /// For which source.
    pub source: SourceId,
    /// How it came in.
    pub channel: String,
    /// Where it is in its life.
    pub state: PingState,
    /// The score of what was pinged, 0-100.
    pub score: i32,
    /// The fields, normalised; empty if it was refused.
    pub fields: Map<String, Value>,
    /// Keyed fingerprints of the hashes that it brought, by field: the kind, then hex.
    pub prints: BTreeMap<String, String>,
    /// The answer as it was given.
    pub verdict: PingVerdict,
    /// The operator's trace, as stored.
    pub trace_text: String,
    /// The lead that it was posted with.
    pub lead: Option<LeadId>,
    /// When it came in.
    pub received_at: Timestamp,
    /// Until when its bids are reserved.
    pub expires_at: Timestamp,
    /// When it ended, if it has.
    pub ended_at: Option<Timestamp>,
}

/// A stored bid. Money in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bid {
    /// Its id.
    pub id: BidId,
    /// The ping.
    pub ping: PingId,
    /// The offer.
    pub offer: OfferId,
    /// The version whose terms rule, pinned.
    pub offer_version: OfferVersionId,
    /// Whose money.
    pub buyer: OrganizationId,
    /// Who asked.
    pub publisher: OrganizationId,
    /// To how many buyers in all the lead may go at this price.
    pub copies: i32,
    /// Its place among the ping's bids, from 1.
    pub place: i32,
    /// What the buyer pays for the lead itself.
    pub price: i64,
    /// What the publisher gets of it.
    pub earning: i64,
    /// The exchange's share, pinned.
    pub take_rate: Bps,
    /// What is reserved for the SALE goal.
    pub reserve: i64,
    /// Everything that is reserved.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
    /// Whether it counts in the publisher's own meter in the offer.
    pub seller_capped: bool,
    /// Where it is in its life.
    pub state: BidState,
    /// The award that it became.
    pub award: Option<AwardId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is reserved.
    pub expires_at: Timestamp,
    /// When it ended, if it has.
    pub ended_at: Option<Timestamp>,
}

/// A buyer's open bids in one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenBids {
    /// How many.
    pub count: i64,
    /// The money that they hold, in minor units.
    pub amount: i64,
}

/// What became of a source's pings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceRatio {
    /// The source.
    pub source: SourceId,
    /// Pings in all.
    pub pings: i64,
    /// Those that got bids.
    pub with_bids: i64,
    /// Those that were posted in time.
    pub posted: i64,
    /// Those that nobody posted in time.
    pub expired: i64,
}
