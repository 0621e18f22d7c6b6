//! Bids that were promised to a ping, and what becomes of them when its post comes.
//!
//! A promise binds: its money and its place under the caps are held already, so nothing is judged
//! again but the person. Whatever the post does not take is freed in the same decision.

use std::sync::Arc;

use super::allocate::{AwardPlan, Item, Outcome, Settled};
use super::book::BookOffer;
use super::desk::Refusal;
use super::round::{Round, set_name};
use super::trace::{Standing, TraceEntry, unsold_reasons};
use crate::conversion::Legs;
use crate::ids::{BidId, OrganizationId, PingId};
use crate::lead::LeadState;
use crate::lead::fingerprint::Claim;
use crate::lead::verdict::{self as v, Reason, window_name};
use crate::money::Bps;
use crate::ping::{PingMeter, missing};
use crate::time::Timestamp;

/// The bids of a ping, as its post finds them.
#[derive(Clone, Debug)]
pub struct Promise {
    /// The ping.
    pub ping: PingId,
    /// All its bids, best first.
    pub bids: Vec<PromisedBid>,
    /// Until when they are reserved.
    pub expires_at: Timestamp,
    /// Whether a late post goes to the market as it is.
    pub late_direct: bool,
}

/// One reserved bid.
#[derive(Clone, Debug)]
pub struct PromisedBid {
    /// The bid.
    pub id: BidId,
    /// The offer, in the version that bid.
    pub offer: Arc<BookOffer>,
    /// Price of the lead itself with its legs.
    pub lead: Option<Legs>,
    /// The exchange's share, pinned.
    pub take_rate: Bps,
    /// The part that is reserved for the SALE goal, in minor units.
    pub reserve: i64,
    /// Everything that is reserved, in minor units.
    pub amount: i64,
    /// When.
    pub held_at: Timestamp,
    /// Whether the post wants it.
    pub chosen: bool,
    /// What the buyer must not have yet.
    pub claims: Vec<Claim>,
}

/// The end of a ping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The ping.
    pub ping: PingId,
    /// Posted in time, or not.
    pub posted: bool,
    /// The bids that bought nothing.
    pub released: Vec<Released>,
}

/// A bid that bought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Released {
    /// The bid.
    pub bid: BidId,
    /// Whose money it was.
    pub buyer: OrganizationId,
    /// What comes back, in minor units.
    pub amount: i64,
    /// What of it pays the buyer's debt.
    pub to_debt: i64,
}

impl Round<'_> {
    /// What stands whatever the market does. A post whose content is refused may be sent again:
    /// its bids stay. One that waits for a moderator gives them back.
    pub(super) fn settled(&mut self, item: &Item, settled: &Settled) -> Outcome {
        let mut outcome = Outcome::unsold(settled.state, settled.reasons.clone(), Vec::new());
        if let Some(promise) = &item.promise
            && settled.state == LeadState::Quarantined
            && self.market.open_pings.contains(&promise.ping)
        {
            let posted = self.market.now < promise.expires_at;
            outcome.ended = Some(self.end(item, promise, posted, &[]));
        }
        outcome
    }

    /// Decides a post.
    pub(super) fn post(&mut self, item: &Item, promise: &Promise) -> Outcome {
        let open = self.market.open_pings.contains(&promise.ping);
        if !open || self.market.now >= promise.expires_at {
            let ended = open.then(|| self.end(item, promise, false, &[]));
            let mut outcome = if promise.late_direct {
                self.at_market(item)
            } else {
                let reasons = vec![Reason::new(missing(!promise.bids.is_empty()))];
                Outcome::unsold(LeadState::Rejected, reasons, Vec::new())
            };
            outcome.ended = ended;
            return outcome;
        }
        let mut outcome = self.repeat(item).unwrap_or_else(|| self.capture(item, promise));
        let captured: Vec<BidId> = outcome
            .awards
            .iter()
            .filter_map(|award| award.bid.as_ref())
            .map(|bid| bid.id)
            .collect();
        outcome.ended = Some(self.end(item, promise, true, &captured));
        outcome
    }

    /// Buys at the chosen bids.
    fn capture(&mut self, item: &Item, promise: &Promise) -> Outcome {
        let (mut awards, mut won, mut out) = (Vec::new(), Vec::new(), Vec::new());
        let mut claims = self.lead_claims(item);
        for bid in promise.bids.iter().filter(|bid| bid.chosen) {
            let copy_no = i32::try_from(awards.len()).unwrap_or(i32::MAX).saturating_add(1);
            if let Some(refusal) = self.declined(item, bid, copy_no) {
                out.push(TraceEntry::out(&bid.offer, refusal));
                continue;
            }
            self.claim(&bid.claims, &mut claims);
            if let Some(desk) = self.offers.get(&bid.offer.id) {
                self.changed.entry(bid.offer.id).or_insert(desk.meters).capture();
            }
            let price = bid.lead.map(|legs| legs.price());
            won.push(TraceEntry {
                outcome: Standing::Won,
                code: None,
                rank: u32::try_from(copy_no).ok(),
                bid: price,
                price,
                ..TraceEntry::out(&bid.offer, Refusal::new(v::OUTBID))
            });
            awards.push(AwardPlan {
                offer: Arc::clone(&bid.offer),
                copy_no,
                lead: bid.lead,
                reserve: bid.reserve,
                bid: Some(bid.clone()),
                order: None,
            });
        }
        if awards.is_empty() {
            let reasons = unsold_reasons(&out, &[], None);
            return Outcome::unsold(LeadState::Unsold, reasons, out);
        }
        won.append(&mut out);
        self.held.extend(claims.iter().map(|(id, _)| *id));
        Outcome { awards, claims, ..Outcome::unsold(LeadState::Sold, Vec::new(), won) }
    }

    /// Why a chosen bid does not buy: the post asks for more, or the buyer has the person.
    fn declined(&self, item: &Item, bid: &PromisedBid, copy_no: i32) -> Option<Refusal> {
        if copy_no > item.max_sales {
            return Some(Refusal::new(v::SOLD_SHARED));
        }
        let earning = bid.lead.map_or(0, |legs| legs.earning());
        if item.min_earning.is_some_and(|wanted| earning < wanted) {
            return Some(Refusal::need(v::MIN_EARNING, earning));
        }
        let taken = bid.claims.iter().find(|claim| self.taken(claim))?;
        let what = format!("{} within {}", set_name(&taken.names), window_name(taken.window_s));
        Some(Refusal { detail: what.into(), ..Refusal::new(v::BUYER_HAS_PERSON) })
    }

    /// Ends a ping; frees every bid of it that was not captured.
    fn end(&mut self, item: &Item, promise: &Promise, posted: bool, captured: &[BidId]) -> Ended {
        let left = promise.bids.iter().filter(|bid| !captured.contains(&bid.id));
        let released = left.map(|bid| self.free(item, bid)).collect();
        let bids = i64::try_from(promise.bids.len()).unwrap_or(i64::MAX);
        self.pinger(item.publisher).ended(bids, posted);
        Ended { ping: promise.ping, posted, released }
    }

    fn free(&mut self, item: &Item, bid: &PromisedBid) -> Released {
        let offer = &bid.offer;
        if let Some(desk) = self.offers.get(&offer.id) {
            if let Some(mut seller) = self.seller(item, offer, desk) {
                seller.free(bid.amount, bid.held_at);
                self.sellers.insert((offer.id, item.publisher), seller);
            }
            let meters = self.changed.entry(offer.id).or_insert(desk.meters);
            meters.free(bid.amount, bid.held_at);
        }
        let key = (offer.buyer, item.currency);
        let debt = self.market.debts.get(&key).copied().unwrap_or_default();
        let repaid = self.repaid.entry(key).or_default();
        let to_debt = bid.amount.min(debt.saturating_sub(*repaid)).max(0);
        *repaid = repaid.saturating_add(to_debt);
        *self.spent.entry(key).or_default() -= bid.amount.saturating_sub(to_debt);
        Released { bid: bid.id, buyer: offer.buyer, amount: bid.amount, to_debt }
    }

    /// The meter of a pinging publisher.
    pub(super) fn pinger(&mut self, publisher: OrganizationId) -> &mut PingMeter {
        let meter = self.pinger_of(publisher);
        self.pingers.entry(publisher).or_insert(meter)
    }

    fn pinger_of(&self, publisher: OrganizationId) -> PingMeter {
        let stored = || self.market.pingers.get(&publisher).copied().unwrap_or_default();
        let meter = self.pingers.get(&publisher).copied().unwrap_or_else(stored);
        meter.at(self.market.now, &self.market.ping_limits)
    }

    /// How many more bids a publisher may open.
    pub(super) fn room(&self, publisher: OrganizationId) -> i64 {
        self.pinger_of(publisher).room(&self.market.ping_limits)
    }
}

#[cfg(test)]
#[path = "promise_tests.rs"]
mod tests;
