//! Pings: parts of a person's request, sent ahead to ask for bids. A bid is reserved for a short
//! time; the post that follows in time is bought at the bid.

pub mod check;
pub mod limit;
pub mod submission;

pub use limit::{PingLimits, PingMeter};
pub use submission::{PingSubmission, PostedPing};

use serde::{Deserialize, Serialize};

use crate::error::Code;
use crate::ids::{BidId, OfferId, PingId};
use crate::lead::verdict::{Reason, ShownMoney};

crate::codes! {
    PING_LIMIT: Limit = "This publisher holds too many unposted bids, or posts too few of the pings that were bid for.";
    FIELD_NOT_IN_PING: Invalid = "A ping takes only the fields that the niche shows before a purchase.";
    BAD_HASH: Invalid = "A hash is 64 hex digits of SHA-256, or 32 of MD5 where the niche takes it.";
    HASH_NOT_TAKEN: Invalid = "The niche takes no such hash of this field.";
    PING_UNKNOWN: Invalid = "There is no such ping of this source.";
    BID_UNKNOWN: Invalid = "The ping has no such bid.";
    PING_CONTRADICTED: Conflict = "The post says something else than its ping.";
    BID_EXPIRED: Conflict = "The bids of this ping are reserved no longer.";
    PING_WITHOUT_BIDS: Conflict = "The ping got no bids.";
}

crate::text_enum! {
    /// Where a ping is in its life.
    pub enum PingState {
        /// Its bids are reserved.
        Open = "OPEN",
        /// Nobody bid.
        NoBid = "NO_BID",
        /// Refused for its content, as a repeat, or past a limit.
        Refused = "REFUSED",
        /// Its post came in time.
        Posted = "POSTED",
        /// No post came in time.
        Expired = "EXPIRED",
    }
}

crate::text_enum! {
    /// Where a bid is in its life.
    pub enum BidState {
        /// Money and caps are held.
        Open = "OPEN",
        /// The post was bought at it.
        Captured = "CAPTURED",
        /// The post went without it.
        Released = "RELEASED",
        /// No post came in time.
        Expired = "EXPIRED",
    }
}

crate::text_enum! {
    /// The answer to a ping.
    pub enum PingOutcome {
        /// There are bids.
        Bids = "BIDS",
        /// Nobody bid.
        NoBid = "NO_BID",
        /// Refused.
        Refused = "REFUSED",
    }
}

impl PingOutcome {
    /// The state in which a ping with this answer begins.
    pub fn state(self) -> PingState {
        match self {
            Self::Bids => PingState::Open,
            Self::NoBid => PingState::NoBid,
            Self::Refused => PingState::Refused,
        }
    }
}

/// A bid as its publisher sees it: the earning, never the price or the buyer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownBid {
    /// The bid.
    pub bid_id: BidId,
    /// The offer that bids.
    pub offer_id: OfferId,
    /// Its name.
    pub offer: String,
    /// What the lead itself earns; what later goals bring is reported later.
    pub earning: ShownMoney,
    /// To how many buyers in all the lead may go at this price.
    pub copies: i32,
    /// Whether it may go to this buyer only.
    pub exclusive: bool,
    /// Until when it is reserved, RFC 3339.
    pub expires_at: String,
}

/// The answer to a ping, stored as it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PingVerdict {
    /// The ping.
    pub ping_id: PingId,
    /// BIDS, NO_BID or REFUSED.
    #[serde(rename = "verdict")]
    pub outcome: PingOutcome,
    /// Every reason, most important first; empty if there are bids.
    pub reasons: Vec<Reason>,
    /// The bids, best first.
    pub bids: Vec<ShownBid>,
    /// What all bids together earn.
    pub earning: ShownMoney,
    /// Until when the bids are reserved, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// When it came in, RFC 3339.
    pub received_at: String,
}

/// Why a post finds no bid.
pub(crate) const fn missing(had_bids: bool) -> Code {
    if had_bids { BID_EXPIRED } else { PING_WITHOUT_BIDS }
}
