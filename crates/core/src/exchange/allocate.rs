//! The allocation of a batch.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

use super::book::{BookOffer, Shortlist};
use super::ordered::OrderedBy;
use super::promise::{Ended, Promise, PromisedBid};
use super::round::Round;
use super::trace::{Basis, TraceEntry};
use crate::conversion::Legs;
use crate::ids::{LeadId, NicheId, OfferId, OrderClaimId, OrganizationId, PingId};
use crate::lead::LeadState;
use crate::lead::fingerprint::Claim;
use crate::lead::verdict::Reason;
use crate::money::{Bps, Currency};
use crate::niche::policy::{DedupeMode, NichePolicy};
use crate::offer::meters::{Meters, Periods};
use crate::ping::{PingLimits, PingMeter};
use crate::time::Timestamp;

/// A verdict that was reached before the market was asked: a bad field, a risk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// REJECTED or QUARANTINED.
    pub state: LeadState,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// One lead of a batch.
#[derive(Clone, Debug)]
pub struct Item {
    /// The lead.
    pub lead: LeadId,
    /// Its niche.
    pub niche: NicheId,
    /// The niche's currency.
    pub currency: Currency,
    /// Who sells.
    pub publisher: OrganizationId,
    /// To how many buyers it may go.
    pub max_sales: i32,
    /// The least earning, in minor units.
    pub min_earning: Option<i64>,
    /// The exchange's share.
    pub take_rate: Bps,
    /// How several key sets combine.
    pub dedupe_mode: DedupeMode,
    /// Places that the person must not have taken yet, for the lead as a whole.
    pub claims: Vec<Claim>,
    /// Offers within reach and out of reach.
    pub shortlist: Shortlist,
    /// The niche's rules, for its routing.
    pub policy: Arc<NichePolicy>,
    /// Whether the lead may wait for a cap: a new one may, one that a moderator let out or that
    /// has waited for a day may not.
    pub may_wait: bool,
    /// A verdict that stands already.
    pub settled: Option<Settled>,
    /// Whether this is a ping: what is won is held for a while, nothing is sold and no claim is
    /// taken.
    pub holds: bool,
    /// The bids that a post wants to be bought at.
    pub promise: Option<Promise>,
}

/// Everything that the batch has locked.
#[derive(Clone, Debug, Default)]
pub struct Market {
    /// The instant of the allocation.
    pub now: Timestamp,
    /// Meters of the candidate offers, as stored.
    pub meters: HashMap<OfferId, Meters>,
    /// Meters of single publishers in the candidate offers that cap them, as stored.
    pub sellers: HashMap<(OfferId, OrganizationId), Periods>,
    /// Free money of the candidate buyers, in minor units.
    pub funds: HashMap<(OrganizationId, Currency), i64>,
    /// Calls that last now, of the candidate offers that limit them.
    pub calls: HashMap<OfferId, i64>,
    /// Claims that somebody outside the batch holds.
    pub taken: HashSet<Uuid>,
    /// How many leads open claims on orders still await.
    pub claims: HashMap<OrderClaimId, i64>,
    /// Pings that have neither been posted nor released.
    pub open_pings: HashSet<PingId>,
    /// What buyers of open bids owe, not negative: money that comes back pays it first.
    pub debts: HashMap<(OrganizationId, Currency), i64>,
    /// What pinging publishers hold, as stored.
    pub pingers: HashMap<OrganizationId, PingMeter>,
    /// The bounds of that.
    pub ping_limits: PingLimits,
}

/// One sale that an allocation decided.
#[derive(Clone, Debug)]
pub struct AwardPlan {
    /// The offer that buys.
    pub offer: Arc<BookOffer>,
    /// 1 for the first copy.
    pub copy_no: i32,
    /// The charge for the lead itself.
    pub lead: Option<Legs>,
    /// Money reserved for the goals that are billed later, in minor units.
    pub reserve: i64,
    /// The bid that is captured.
    pub bid: Option<PromisedBid>,
    /// The order that is served.
    pub order: Option<OrderedBy>,
}

/// What became of one lead.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// SOLD, UNSOLD, REJECTED or QUARANTINED; RECEIVED while live buyers are asked.
    pub state: LeadState,
    /// Why, most important first; empty if sold.
    pub reasons: Vec<Reason>,
    /// The sales, by copy.
    pub awards: Vec<AwardPlan>,
    /// The bid log, and the excluded offers nearest to a sale.
    pub trace: Vec<TraceEntry>,
    /// How the choice came about; `None` where nothing was chosen.
    pub basis: Option<Basis>,
    /// How many other offers there were, by code.
    pub rest: BTreeMap<String, u32>,
    /// Claims that this lead keeps, with the instant at which they lapse.
    pub claims: Vec<(Uuid, Timestamp)>,
    /// The claims for which the lead was refused as a repeat.
    pub repeated: Vec<Uuid>,
    /// What became of the ping that a post followed.
    pub ended: Option<Ended>,
    /// The live offers whose buyers are to be asked; empty unless the lead is RECEIVED.
    pub asks: Vec<OfferId>,
    /// When a lead that waits for a cap is offered again by itself.
    pub retry_at: Option<Timestamp>,
}

/// The result of a batch.
#[derive(Clone, Debug)]
pub struct Allocation {
    /// One outcome per item, in the same order.
    pub outcomes: Vec<Outcome>,
    /// The new meters of the offers that bought.
    pub meters: BTreeMap<OfferId, Meters>,
    /// The new meters of publishers in offers that cap them.
    pub sellers: BTreeMap<(OfferId, OrganizationId), Periods>,
    /// What each buyer's free money lost, in minor units.
    pub spent: BTreeMap<(OrganizationId, Currency), i64>,
    /// The new meters of publishers whose pings opened or ended.
    pub pingers: BTreeMap<OrganizationId, PingMeter>,
    /// How many leads were sold to claims on orders.
    pub delivered: BTreeMap<OrderClaimId, i64>,
}

/// Decides a batch: item by item in the given order, each seeing what those before it took.
pub fn allocate(items: &[&Item], market: &Market) -> Allocation {
    let mut round = Round::new(items, market);
    let outcomes = items.iter().map(|item| round.decide(item)).collect();
    round.finish(outcomes)
}

impl Outcome {
    pub(super) fn unsold(state: LeadState, reasons: Vec<Reason>, trace: Vec<TraceEntry>) -> Self {
        let rest = BTreeMap::new();
        let (awards, claims, repeated) = (Vec::new(), Vec::new(), Vec::new());
        let (basis, ended, asks, retry_at) = (None, None, Vec::new(), None);
        Self { state, reasons, awards, trace, basis, rest, claims, repeated, ended, asks, retry_at }
    }
}
