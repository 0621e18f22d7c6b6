//! Live buyers in an allocation: who is asked, and what the answers make of a shortlist.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::allocate::{Allocation, Item, Market, Outcome};
use super::bid::EffectiveBid;
use super::book::{Candidate, Live, Shortlist};
use super::desk::Refusal;
use super::round::Round;
use crate::conversion::Legs;
use crate::ids::OfferId;
use crate::lead::LeadState;
use crate::lead::verdict::{self as v, Reason};
use crate::money::Bps;
use crate::offer::terms::Mode;

/// What is known of one live offer, from the moment when its buyer's server was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It bids.
    Bid {
        /// In minor units; `None` is the offer's own price.
        price: Option<i64>,
        /// How long the answer took, in milliseconds.
        took_ms: u32,
        /// Less than this is no bid, in minor units.
        least: i64,
    },
    /// It does not want the lead.
    Declined {
        /// Why, as a code; may be empty.
        reason: String,
    },
    /// No answer in time.
    Late,
    /// A fault: HTTP status, no connection, an answer that does not read.
    Failed {
        /// What it was; never a value of the answer.
        what: String,
    },
    /// Not asked: it keeps failing.
    BreakerOpen,
    /// Not asked: it has as many requests as it takes.
    Busy,
    /// Not asked: nobody has said where.
    NoConnection,
    /// It won, was sent the lead and declined it.
    PostDeclined {
        /// Why, as a code; may be empty.
        reason: String,
    },
    /// It won, was sent the lead and never said whether it took it.
    Released,
}

impl Reply {
    /// The refusal, unless it is a bid.
    fn refusal(&self) -> Option<Refusal> {
        let said =
            |code, detail: &str| Refusal { detail: detail.to_owned().into(), ..Refusal::new(code) };
        Some(match self {
            Self::Bid { .. } => return None,
            Self::Declined { reason } => said(v::LIVE_DECLINED, reason),
            Self::Late => Refusal::new(v::LIVE_LATE),
            Self::Failed { what } => said(v::LIVE_FAILED, what),
            Self::BreakerOpen => Refusal::new(v::LIVE_BREAKER_OPEN),
            Self::Busy => Refusal::new(v::LIVE_BUSY),
            Self::NoConnection => Refusal::new(v::LIVE_NO_CONNECTION),
            Self::PostDeclined { reason } => said(v::LIVE_POST_DECLINED, reason),
            Self::Released => Refusal::new(v::LIVE_RELEASED),
        })
    }
}

impl Live {
    /// For the bid log: how long a live bid took.
    pub(super) fn took(&self) -> String {
        match self {
            Self::Bid(took_ms) => format!("LIVE {took_ms} ms"),
            Self::Instant | Self::Unasked | Self::Out(_) => String::new(),
        }
    }
}

impl Candidate {
    /// With what its buyer's server said. `in_time` is whether it can still be sent the lead.
    fn hear(&mut self, reply: Option<&Reply>, take_rate: Bps, in_time: bool) {
        self.live = match reply {
            None => Live::Unasked,
            Some(Reply::Bid { .. }) if !in_time => Live::Out(Refusal::new(v::LIVE_NO_TIME)),
            Some(Reply::Bid { price, took_ms, least }) => {
                if let Some(price) = price {
                    self.lead = Some(Legs::split(*price, take_rate));
                }
                let bid = self.lead.map_or(0, |legs| legs.price());
                if bid < *least {
                    Live::Out(Refusal::need(v::LIVE_LOW_BID, *least))
                } else {
                    Live::Bid(*took_ms)
                }
            }
            Some(other) => Live::Out(other.refusal().unwrap_or(Refusal::new(v::LIVE_NOT_ASKED))),
        };
    }
}

impl Shortlist {
    /// Whether a buyer's server may have to be asked.
    pub fn has_live(&self) -> bool {
        self.candidates.iter().any(|candidate| candidate.live != Live::Instant)
    }

    /// With what the buyers' servers said.
    #[must_use]
    pub fn heard(
        mut self,
        replies: &BTreeMap<OfferId, Reply>,
        take_rate: Bps,
        in_time: bool,
    ) -> Self {
        for candidate in &mut self.candidates {
            if candidate.offer.terms.mode == Mode::Live {
                candidate.hear(replies.get(&candidate.offer.id), take_rate, in_time);
            }
        }
        self
    }
}

/// Decides a batch in which live offers may be within reach: a lead that some of them could buy
/// stays RECEIVED, with the places of its person taken, until their buyers' servers were asked.
/// Everything else is decided as `allocate` does.
pub fn receive(items: &[&Item], market: &Market) -> Allocation {
    let mut round = Round::new(items, market);
    let outcomes = items.iter().map(|item| round.receive(item)).collect();
    round.finish(outcomes)
}

impl Round<'_> {
    fn receive(&mut self, item: &Item) -> Outcome {
        if item.settled.is_some() || item.promise.is_some() || item.holds {
            return self.decide(item);
        }
        let repeat = self.repeat(item);
        if let Some(sold) = repeat.is_none().then(|| self.at_order(item)).flatten() {
            return sold;
        }
        let asks = if repeat.is_some() { Vec::new() } else { self.asks(item) };
        if asks.is_empty() {
            return repeat.unwrap_or_else(|| self.at_market(item));
        }
        // Everybody who may come to buy it: another lead of the person waits for nothing meanwhile.
        let mut claims = self.lead_claims(item);
        for candidate in &item.shortlist.candidates {
            for claim in candidate.claims.iter().filter(|claim| !self.taken(claim)) {
                self.claim(std::slice::from_ref(claim), &mut claims);
            }
        }
        claims.sort_unstable();
        claims.dedup_by_key(|(id, _)| *id);
        self.held.extend(claims.iter().map(|(id, _)| *id));
        let reasons = vec![Reason::new(v::LIVE_PENDING)];
        Outcome { claims, asks, ..Outcome::unsold(LeadState::Received, reasons, Vec::new()) }
    }

    /// The live offers that could buy at some price.
    fn asks(&self, item: &Item) -> Vec<OfferId> {
        let could = |candidate: &&Candidate| {
            let Some(desk) = self.offers.get(&candidate.offer.id) else { return false };
            let bidding = Candidate { live: Live::Bid(0), ..(**candidate).clone() };
            let bid = EffectiveBid::ZERO;
            let offer = &candidate.offer;
            let meters = self.changed.get(&offer.id).unwrap_or(&desk.meters);
            let seller = self.seller(item, offer, desk);
            let key = (offer.buyer, item.currency);
            let funds = self.market.funds.get(&key).copied().unwrap_or_default();
            // One minor unit is the least bid; more is asked when it is known.
            let cost = candidate.reserve.saturating_add(1);
            self.refusal(item, &bidding, desk, bid).is_none()
                && desk.full(offer, meters, seller.as_ref(), cost).is_none()
                && funds >= cost
        };
        let live = item.shortlist.candidates.iter().filter(|c| c.live == Live::Unasked);
        live.filter(could).map(|candidate| candidate.offer.id).collect()
    }
}

#[cfg(test)]
#[path = "live_tests.rs"]
mod tests;
