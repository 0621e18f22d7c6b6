//! The state of a batch under way, and the decision about one lead.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

use super::allocate::{Allocation, AwardPlan, Item, Market, Outcome};
use super::bid::{EffectiveBid, Rates};
use super::bidder::{Bidder, Lot, Turn};
use super::book::{BookOffer, Candidate};
use super::desk::{Desk, Refusal};
use super::select::{Choice, FALLBACKS, choose};
use super::standings::log;
use super::trace::{Basis, TraceEntry, cut, unsold_reasons};
use super::waiting::{Wait, wait_for};
use crate::conversion::Legs;
use crate::ids::{NicheId, OfferId, OrderClaimId, OrganizationId};
use crate::lead::LeadState;
use crate::lead::fingerprint::Claim;
use crate::lead::verdict::{self as v, Reason, window_name};
use crate::money::Currency;
use crate::niche::policy::DedupeMode;
use crate::niche::routing::Strategy;
use crate::offer::meters::{Meters, Periods};
use crate::offer::terms::{GoalKind, Terms};
use crate::ping::{PING_LIMIT, PingMeter};
use crate::time::{SECOND, Timestamp};

/// The state of a batch under way.
pub(super) struct Round<'a> {
    pub(super) market: &'a Market,
    rates: HashMap<NicheId, Rates>,
    pub(super) offers: HashMap<OfferId, Desk>,
    pub(super) changed: BTreeMap<OfferId, Meters>,
    pub(super) sellers: BTreeMap<(OfferId, OrganizationId), Periods>,
    pub(super) spent: BTreeMap<(OrganizationId, Currency), i64>,
    /// What came back paid of buyers' debts.
    pub(super) repaid: BTreeMap<(OrganizationId, Currency), i64>,
    pub(super) pingers: BTreeMap<OrganizationId, PingMeter>,
    /// Calls that began in this batch.
    calls: HashMap<OfferId, i64>,
    pub(super) held: HashSet<Uuid>,
    /// What claims on orders got in this batch.
    pub(super) delivered: BTreeMap<OrderClaimId, i64>,
    /// The turn of the latest award: now, or later than every turn that was ever given.
    pub(super) turn: Timestamp,
}

/// A candidate with its bids.
pub(super) struct Ranked<'i> {
    pub(super) candidate: &'i Candidate,
    /// Why it can't be the only buyer, if so.
    pub(super) not_alone: Option<Refusal>,
}

impl<'a> Round<'a> {
    pub(super) fn new(items: &[&Item], market: &'a Market) -> Self {
        let mut offers: HashMap<OfferId, Desk> = HashMap::new();
        let mut niches: HashMap<NicheId, BTreeMap<OfferId, (&Terms, Meters)>> = HashMap::new();
        let mut turn = market.now.plus(-1);
        for item in items {
            for candidate in &item.shortlist.candidates {
                let offer = &candidate.offer;
                if offers.contains_key(&offer.id) {
                    continue;
                }
                let stored = market.meters.get(&offer.id).copied().unwrap_or_default();
                let desk = Desk::new(offer, stored, market.now);
                turn = turn.max(desk.meters.last_award);
                let later = offer.terms.goals.iter().any(|goal| goal.kind != GoalKind::Lead);
                if later {
                    let known = (&offer.terms, desk.meters);
                    niches.entry(item.niche).or_default().insert(offer.id, known);
                }
                offers.insert(offer.id, desk);
            }
        }
        for bid in items.iter().filter_map(|item| item.promise.as_ref()).flat_map(|p| &p.bids) {
            offers.entry(bid.offer.id).or_insert_with(|| {
                let stored = market.meters.get(&bid.offer.id).copied().unwrap_or_default();
                Desk::new(&bid.offer, stored, market.now)
            });
        }
        let rates = niches
            .into_iter()
            .map(|(niche, offers)| {
                let offers = offers.values().map(|(terms, meters)| (*terms, meters));
                (niche, Rates::of_niche(offers))
            })
            .collect();
        let mut round = Self {
            market,
            rates,
            offers,
            changed: BTreeMap::new(),
            sellers: BTreeMap::new(),
            spent: BTreeMap::new(),
            calls: HashMap::new(),
            repaid: BTreeMap::new(),
            pingers: BTreeMap::new(),
            held: HashSet::new(),
            delivered: BTreeMap::new(),
            turn,
        };
        round.seat_ordered(items);
        round
    }

    pub(super) fn finish(self, outcomes: Vec<Outcome>) -> Allocation {
        let Self { changed: meters, sellers, spent, pingers, delivered, .. } = self;
        Allocation { outcomes, meters, sellers, spent, pingers, delivered }
    }

    pub(super) fn taken(&self, claim: &Claim) -> bool {
        let taken = |id: &Uuid| self.market.taken.contains(id) || self.held.contains(id);
        taken(&claim.id) || claim.older.iter().any(taken)
    }

    pub(super) fn decide(&mut self, item: &Item) -> Outcome {
        if let Some(settled) = &item.settled {
            return self.settled(item, settled);
        }
        if let Some(promise) = &item.promise {
            return self.post(item, promise);
        }
        if item.holds && self.room(item.publisher) < 1 {
            let reasons = vec![Reason::new(PING_LIMIT)];
            return Outcome::unsold(LeadState::Rejected, reasons, Vec::new());
        }
        self.at_market(item)
    }

    /// A lead, or a ping, that no promise speaks for.
    pub(super) fn at_market(&mut self, item: &Item) -> Outcome {
        if let Some(refused) = self.repeat(item) {
            return refused;
        }
        if let Some(sold) = self.at_order(item) {
            return sold;
        }
        let mut excluded = Vec::new();
        let (ranked, bidders) = self.bidders(item, &mut excluded);
        let most = if item.holds {
            item.max_sales.min(i32::try_from(self.room(item.publisher)).unwrap_or(i32::MAX))
        } else {
            item.max_sales
        };
        let choice = choose(&bidders, &item.policy.routing, most);
        let mut entries = log(&ranked, &bidders, &choice, &item.policy.routing);
        entries.append(&mut excluded);
        let mut outcome = if choice.winners.is_empty() {
            self.unsold(item, entries)
        } else {
            self.sell(item, &ranked, &choice, entries)
        };
        outcome.rest = cut(&mut outcome.trace, &item.shortlist.excluded, item.shortlist.others);
        outcome
    }

    /// The refusal of a person who was sold before.
    pub(super) fn repeat(&self, item: &Item) -> Option<Outcome> {
        let repeated: Vec<&Claim> = item.claims.iter().filter(|claim| self.taken(claim)).collect();
        let is_repeat = match item.dedupe_mode {
            DedupeMode::Any => !repeated.is_empty(),
            DedupeMode::All => !repeated.is_empty() && repeated.len() == item.claims.len(),
        };
        is_repeat.then(|| {
            let reasons = repeated.iter().map(|claim| duplicate_reason(claim)).collect();
            let mut outcome = Outcome::unsold(LeadState::Rejected, reasons, Vec::new());
            outcome.repeated = repeated.iter().map(|claim| claim.id).collect();
            outcome
        })
    }

    /// The candidates that can buy now. The others go into the trace.
    fn bidders<'i>(
        &self,
        item: &'i Item,
        trace: &mut Vec<TraceEntry>,
    ) -> (Vec<Ranked<'i>>, Vec<Bidder>) {
        let mut ranked = Vec::with_capacity(item.shortlist.candidates.len());
        let mut bidders = Vec::with_capacity(item.shortlist.candidates.len());
        for candidate in &item.shortlist.candidates {
            let Some(desk) = self.offers.get(&candidate.offer.id) else { continue };
            match self.bidder(item, candidate, desk) {
                Ok((bidder, not_alone)) => {
                    bidders.push(bidder);
                    ranked.push(Ranked { candidate, not_alone });
                }
                Err((bid, refusal)) => trace.push(TraceEntry::refused(candidate, bid, refusal)),
            }
        }
        (ranked, bidders)
    }

    /// A candidate as a bidder, with the reason why it can't be the only buyer; or its bid and
    /// the reason why it can't buy at all.
    fn bidder(
        &self,
        item: &Item,
        candidate: &Candidate,
        desk: &Desk,
    ) -> Result<(Bidder, Option<Refusal>), (EffectiveBid, Refusal)> {
        let offer = &candidate.offer;
        let rates = self.rates.get(&item.niche).copied().unwrap_or_default();
        let bid = |copies: i32| {
            let price = candidate.legs_for(copies).map(|legs| legs.price());
            EffectiveBid::of(&offer.terms, price, &desk.meters, &rates)
        };
        let alone = bid(1);
        if let Some(refusal) = self.refusal(item, candidate, desk, alone) {
            return Err((alone, refusal));
        }
        let not_alone = self.refusal_for(item, candidate, desk, 1);
        let mut by_copies = Vec::new();
        if !candidate.shared.is_empty() {
            by_copies.push(not_alone.is_none().then_some(alone));
            for copies in 2..=offer.terms.max_sales.min(item.max_sales) {
                let can = self.refusal_for(item, candidate, desk, copies).is_none();
                by_copies.push(can.then(|| bid(copies)));
            }
        }
        let shown = by_copies.iter().flatten().next().copied().unwrap_or(alone);
        match not_alone {
            Some(refusal) if by_copies.iter().all(Option::is_none) => Err((alone, refusal)),
            not_alone => {
                let bidder = Bidder {
                    offer: offer.id,
                    buyer: offer.buyer,
                    max_sales: offer.terms.max_sales,
                    bid: shown,
                    by_copies,
                    turn: self.turn_of(item, candidate, desk),
                };
                Ok((bidder, not_alone))
            }
        }
    }

    fn turn_of(&self, item: &Item, candidate: &Candidate, desk: &Desk) -> Turn {
        let (offer, stage) = (&candidate.offer, candidate.stage());
        let by_lot = item.policy.routing.rule(stage % FALLBACKS).strategy;
        let meters = self.changed.get(&offer.id).unwrap_or(&desk.meters);
        Turn {
            stage,
            priority: offer.place.priority,
            created_at: offer.created_at,
            last_award: meters.last_award,
            lot: if by_lot == Strategy::Weighted {
                Lot::draw(item.lead, offer.id, offer.place.weight)
            } else {
                Lot::default()
            },
        }
    }

    /// Why the offer can't buy at all, in whatever number of copies.
    pub(super) fn refusal(
        &self,
        item: &Item,
        candidate: &Candidate,
        desk: &Desk,
        bid: EffectiveBid,
    ) -> Option<Refusal> {
        // An offer without a LEAD goal guarantees nothing; what it is expected to bring has to be
        // enough.
        if candidate.lead.is_none()
            && let Some(wanted) = item.min_earning
        {
            let expected = Legs::split(bid.minor(), item.take_rate).earning();
            if expected < wanted {
                return Some(Refusal::need(v::MIN_EARNING, expected));
            }
        }
        if let Some(closed) = desk.closed() {
            return Some(closed);
        }
        let lasting = |calls: &HashMap<OfferId, i64>| calls.get(&candidate.offer.id).copied();
        let lasting = lasting(&self.market.calls).unwrap_or(0) + lasting(&self.calls).unwrap_or(0);
        if candidate.lines.is_some_and(|lines| lasting >= lines) {
            let detail = "CALLS_AT_ONCE".into();
            return Some(Refusal { detail, ..Refusal::new(v::OFFER_BUSY) });
        }
        let Some(taken) = candidate.claims.iter().find(|claim| self.taken(claim)) else {
            return candidate.live.refusal();
        };
        let what = format!("{} within {}", set_name(&taken.names), window_name(taken.window_s));
        Some(Refusal { detail: what.into(), ..Refusal::new(v::BUYER_HAS_PERSON) })
    }

    /// Why the offer can't buy one of so many copies.
    fn refusal_for(
        &self,
        item: &Item,
        candidate: &Candidate,
        desk: &Desk,
        copies: i32,
    ) -> Option<Refusal> {
        let offer = &candidate.offer;
        let cost = candidate.cost_for(copies);
        if let (Some(legs), Some(wanted)) = (candidate.legs_for(copies), item.min_earning)
            && legs.earning() < wanted
        {
            return Some(Refusal::need(v::MIN_EARNING, legs.earning()));
        }
        let meters = self.changed.get(&offer.id).unwrap_or(&desk.meters);
        let seller = self.seller(item, offer, desk);
        if let Some(full) = desk.full(offer, meters, seller.as_ref(), cost) {
            return Some(full);
        }
        let key = (offer.buyer, item.currency);
        let funds = self.market.funds.get(&key).copied().unwrap_or_default();
        let left = funds.saturating_sub(self.spent.get(&key).copied().unwrap_or_default());
        (cost > left).then(|| Refusal::need(v::NO_OFFER_FUNDED, cost.saturating_sub(left)))
    }

    /// The meters of the item's publisher in an offer that caps publishers.
    pub(super) fn seller(&self, item: &Item, offer: &BookOffer, desk: &Desk) -> Option<Periods> {
        if offer.terms.publisher_caps.is_empty() {
            return None;
        }
        let key = (offer.id, item.publisher);
        let changed = self.sellers.get(&key).copied();
        let stored = || self.market.sellers.get(&key).copied().unwrap_or_default().at(desk.starts);
        Some(changed.unwrap_or_else(stored))
    }

    fn unsold(&self, item: &Item, entries: Vec<TraceEntry>) -> Outcome {
        if item.may_wait
            && let Some(wait) = wait_for(item, &entries, self.market.now)
        {
            let (code, retry_at) = match wait {
                Wait::Until(at) => (v::QUEUED_FOR_CAP, Some(at)),
                Wait::ForModerator => (v::WAITS_FOR_CAP, None),
            };
            let held = Outcome::unsold(LeadState::Quarantined, vec![Reason::new(code)], entries);
            return Outcome { retry_at, ..held };
        }
        let reasons = unsold_reasons(&entries, &item.shortlist.excluded, item.shortlist.others);
        Outcome::unsold(LeadState::Unsold, reasons, entries)
    }

    fn sell(
        &mut self,
        item: &Item,
        ranked: &[Ranked<'_>],
        choice: &Choice,
        trace: Vec<TraceEntry>,
    ) -> Outcome {
        let copies = choice.copies();
        let mut awards = Vec::with_capacity(choice.winners.len());
        let mut claims = if item.holds { Vec::new() } else { self.lead_claims(item) };
        let winners = choice.winners.iter().filter_map(|index| ranked.get(*index));
        for (copy_no, winner) in (1..).zip(winners) {
            let candidate = winner.candidate;
            if !item.holds {
                self.claim(&candidate.claims, &mut claims);
            }
            self.take(item, candidate, candidate.cost_for(copies));
            awards.push(AwardPlan {
                offer: Arc::clone(&candidate.offer),
                copy_no,
                lead: candidate.legs_for(copies),
                reserve: candidate.reserve,
                bid: None,
                order: None,
            });
        }
        if item.holds {
            self.pinger(item.publisher).opened(i64::from(copies));
        }
        self.held.extend(claims.iter().map(|(id, _)| *id));
        Outcome {
            awards,
            claims,
            basis: Basis::of(choice, &item.policy.routing),
            ..Outcome::unsold(LeadState::Sold, Vec::new(), trace)
        }
    }

    /// What a sold lead takes as a whole.
    pub(super) fn lead_claims(&self, item: &Item) -> Vec<(Uuid, Timestamp)> {
        let mut claims = Vec::new();
        for claim in item.claims.iter().filter(|claim| !self.taken(claim)) {
            self.claim(std::slice::from_ref(claim), &mut claims);
        }
        claims
    }

    /// Adds places that are taken, with the instant at which they lapse.
    pub(super) fn claim(&self, places: &[Claim], to: &mut Vec<(Uuid, Timestamp)>) {
        for claim in places {
            let lapse = self.market.now.plus(claim.window_s.saturating_mul(SECOND));
            to.extend([Some(claim.id), claim.alias].into_iter().flatten().map(|id| (id, lapse)));
        }
    }

    /// Moves the meters and the money of one award.
    fn take(&mut self, item: &Item, candidate: &Candidate, cost: i64) {
        let offer = &candidate.offer;
        let Some(desk) = self.offers.get(&offer.id) else { return };
        if let Some(mut seller) = self.seller(item, offer, desk) {
            seller.award(cost);
            self.sellers.insert((offer.id, item.publisher), seller);
        }
        self.turn = self.turn.plus(1);
        let meters = self.changed.entry(offer.id).or_insert(desk.meters);
        if item.holds {
            meters.hold(cost, self.turn);
        } else {
            meters.award(cost, self.turn);
        }
        *self.spent.entry((offer.buyer, item.currency)).or_default() += cost;
        if candidate.lines.is_some() {
            *self.calls.entry(offer.id).or_default() += 1;
        }
    }
}

pub(super) fn set_name(names: &[String]) -> String {
    names.join("_").to_uppercase()
}

/// `DUPLICATE_PHONE_30D`: the key set and the window are part of the code.
fn duplicate_reason(claim: &Claim) -> Reason {
    let name =
        format!("{}_{}_{}", v::DUPLICATE.name, set_name(&claim.names), window_name(claim.window_s));
    let mut reason = Reason::new(v::DUPLICATE).named(name);
    reason.path = Some(format!("fields.{}", claim.names.join("+")));
    reason
}
