//! Orders: leads that a buyer has promised to take and a publisher to bring.
//!
//! A claim stands before the auction, because both sides are bound by it. Its money is reserved
//! already, so funds are not asked; neither are the offer's caps, hours and pace, because the order
//! says how many and until when. What the lead is worth is asked: the conditions and the score of
//! the version that was ordered, and whether the buyer has the person.

use std::collections::HashMap;
use std::sync::Arc;

use super::allocate::{AwardPlan, Item, Outcome};
use super::book::{BookOffer, NicheBook, Seeker};
use super::desk::{Desk, Refusal};
use super::round::Round;
use super::trace::{Standing, TraceEntry};
use crate::conversion::Legs;
use crate::ids::{OrderClaimId, OrderId, OrganizationId};
use crate::lead::LeadState;
use crate::lead::fingerprint::Claim;
use crate::lead::verdict as v;
use crate::money::Bps;
use crate::time::Timestamp;

/// What the trace says beside the offer that bought for an order.
pub const BY_ORDER: &str = "ORDER";

/// A publisher's open claim whose leads its buyer takes, as the book has it.
#[derive(Clone, Debug)]
pub struct BookClaim {
    /// The order.
    pub order: OrderId,
    /// The claim.
    pub claim: OrderClaimId,
    /// Whose it is.
    pub publisher: OrganizationId,
    /// The offer, in the version that was ordered.
    pub offer: Arc<BookOffer>,
    /// What each lead costs, in minor units.
    pub price: i64,
    /// The exchange's share, pinned by the order.
    pub take_rate: Bps,
    /// Until when leads count.
    pub deadline: Timestamp,
}

/// A claim that a lead fits, as far as can be said without locking anything.
#[derive(Clone, Debug)]
pub struct Ordered {
    /// The order and the claim.
    pub by: OrderedBy,
    /// The offer, in the version that was ordered.
    pub offer: Arc<BookOffer>,
    /// Price of the lead with its legs.
    pub legs: Legs,
    /// Until when leads count.
    pub deadline: Timestamp,
    /// What the buyer must not have yet.
    pub claims: Vec<Claim>,
}

/// What an award is bought for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderedBy {
    /// The order, whose money pays.
    pub order: OrderId,
    /// The claim, which it counts for.
    pub claim: OrderClaimId,
    /// The exchange's share, pinned.
    pub take_rate: Bps,
}

/// Open claims by publisher, the most urgent first.
pub(super) type Claims = HashMap<OrganizationId, Vec<BookClaim>>;

impl NicheBook {
    /// With these open claims.
    #[must_use]
    pub fn with_claims(mut self, mut claims: Vec<BookClaim>) -> Self {
        claims.sort_by_key(|one| (one.deadline, one.claim));
        self.claims.clear();
        for one in claims {
            self.claims.entry(one.publisher).or_default().push(one);
        }
        self
    }

    /// The claims of the lead's publisher that it fits. Calls are sold as calls, and a source that
    /// is meant for another offer keeps to it.
    pub(super) fn ordered(&self, seeker: &Seeker<'_>) -> Vec<Ordered> {
        let Some(claims) = self.claims.get(&seeker.source.publisher) else { return Vec::new() };
        let fits = |one: &&BookClaim| {
            let terms = &one.offer.terms;
            !seeker.is_call
                && seeker.source.reaches(one.offer.id) == Some(false)
                && seeker.score >= terms.min_score
                && terms.conditions.iter().all(|condition| condition.holds(seeker.fields))
        };
        let ordered = |one: &BookClaim| Ordered {
            by: OrderedBy { order: one.order, claim: one.claim, take_rate: one.take_rate },
            offer: Arc::clone(&one.offer),
            legs: Legs::split(one.price, one.take_rate),
            deadline: one.deadline,
            claims: seeker.person.offer_claims(
                &self.policy.dedupe,
                one.offer.id,
                one.offer.buyer,
                one.offer.terms.dedupe_window_s,
            ),
        };
        claims.iter().filter(fits).map(ordered).collect()
    }
}

impl Round<'_> {
    /// The sale to the first claim of the publisher that awaits this lead; `None` if none does. It
    /// goes to that buyer alone.
    pub(super) fn at_order(&mut self, item: &Item) -> Option<Outcome> {
        let wanted = item.shortlist.ordered.iter().find(|one| self.awaits(item, one))?;
        let mut claims = self.lead_claims(item);
        self.claim(&wanted.claims, &mut claims);
        self.held.extend(claims.iter().map(|(id, _)| *id));
        *self.delivered.entry(wanted.by.claim).or_default() += 1;
        let price = wanted.legs.price();
        self.count(item, &wanted.offer, price);
        let entry = TraceEntry {
            outcome: Standing::Won,
            code: None,
            rank: Some(1),
            bid: Some(price),
            price: Some(price),
            detail: BY_ORDER.to_owned(),
            ..TraceEntry::out(&wanted.offer, Refusal::new(v::OUTBID))
        };
        let award = AwardPlan {
            offer: Arc::clone(&wanted.offer),
            copy_no: 1,
            lead: Some(wanted.legs),
            reserve: 0,
            bid: None,
            order: Some(wanted.by),
        };
        let sold = Outcome::unsold(LeadState::Sold, Vec::new(), vec![entry]);
        Some(Outcome { awards: vec![award], claims, ..sold })
    }

    /// Whether a claim still awaits leads, and takes this one.
    fn awaits(&self, item: &Item, one: &Ordered) -> bool {
        let room = self.market.claims.get(&one.by.claim).copied().unwrap_or_default();
        let delivered = self.delivered.get(&one.by.claim).copied().unwrap_or_default();
        let enough = item.min_earning.is_none_or(|wanted| one.legs.earning() >= wanted);
        self.market.now < one.deadline
            && delivered < room
            && enough
            && !one.claims.iter().any(|claim| self.taken(claim))
    }

    /// Counts an award against the offer's meters. Its caps are not asked: they bound what is bought
    /// beside the order, and have that much less room.
    fn count(&mut self, item: &Item, offer: &BookOffer, cost: i64) {
        let Some(desk) = self.offers.get(&offer.id) else { return };
        if let Some(mut seller) = self.seller(item, offer, desk) {
            seller.award(cost);
            self.sellers.insert((offer.id, item.publisher), seller);
        }
        self.turn = self.turn.plus(1);
        let meters = self.changed.entry(offer.id).or_insert(desk.meters);
        meters.award(cost, self.turn);
    }

    /// A desk for each offer that claims name, where no candidate has brought one.
    pub(super) fn seat_ordered(&mut self, items: &[&Item]) {
        for one in items.iter().flat_map(|item| &item.shortlist.ordered) {
            self.offers.entry(one.offer.id).or_insert_with(|| {
                let stored = self.market.meters.get(&one.offer.id).copied().unwrap_or_default();
                Desk::new(&one.offer, stored, self.market.now)
            });
        }
    }
}

#[cfg(test)]
#[path = "ordered_tests.rs"]
mod tests;
