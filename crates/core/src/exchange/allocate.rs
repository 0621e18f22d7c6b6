//! The allocation of a batch.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

use super::bid::{EffectiveBid, niche_sale_rate};
use super::book::{BookOffer, Candidate, Shortlist};
use super::select::{Bidder, choose};
use super::trace::{Standing, TraceEntry, cut, unsold_reasons};
use crate::conversion::Legs;
use crate::error::Code;
use crate::ids::{LeadId, NicheId, OfferId, OrganizationId};
use crate::lead::LeadState;
use crate::lead::fingerprint::Claim;
use crate::lead::verdict::{self as v, Reason, window_name};
use crate::money::{Bps, Currency};
use crate::niche::policy::DedupeMode;
use crate::offer::meters::Meters;
use crate::offer::terms::GoalKind;
use crate::time::{SECOND, Timestamp};
use std::sync::Arc;

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
    /// A verdict that stands already.
    pub settled: Option<Settled>,
}

/// Everything that the batch has locked.
#[derive(Clone, Debug, Default)]
pub struct Market {
    /// The instant of the allocation.
    pub now: Timestamp,
    /// Meters of the candidate offers, as stored.
    pub meters: HashMap<OfferId, Meters>,
    /// Free money of the candidate buyers, in minor units.
    pub funds: HashMap<(OrganizationId, Currency), i64>,
    /// Claims that somebody outside the batch holds.
    pub taken: HashSet<Uuid>,
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
    /// Money reserved for the SALE goal, in minor units.
    pub reserve: i64,
}

/// What became of one lead.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// SOLD, UNSOLD, REJECTED or QUARANTINED.
    pub state: LeadState,
    /// Why, most important first; empty if sold.
    pub reasons: Vec<Reason>,
    /// The sales, by copy.
    pub awards: Vec<AwardPlan>,
    /// The bid log, and the excluded offers nearest to a sale.
    pub trace: Vec<TraceEntry>,
    /// How many other offers there were, by code.
    pub rest: BTreeMap<String, u32>,
    /// Claims that this lead keeps, with the instant at which they lapse.
    pub claims: Vec<(Uuid, Timestamp)>,
    /// The claims for which the lead was refused as a repeat.
    pub repeated: Vec<Uuid>,
}

/// The result of a batch.
#[derive(Clone, Debug)]
pub struct Allocation {
    /// One outcome per item, in the same order.
    pub outcomes: Vec<Outcome>,
    /// The new meters of the offers that bought.
    pub meters: BTreeMap<OfferId, Meters>,
    /// What each buyer's free money lost, in minor units.
    pub spent: BTreeMap<(OrganizationId, Currency), i64>,
}

/// Decides a batch: item by item in the given order, each seeing what those before it took.
pub fn allocate(items: &[&Item], market: &Market) -> Allocation {
    let mut round = Round::new(items, market);
    let outcomes = items.iter().map(|item| round.decide(item)).collect();
    Allocation { outcomes, meters: round.changed, spent: round.spent }
}

/// The state of a batch under way.
struct Round<'a> {
    market: &'a Market,
    sale_rates: HashMap<NicheId, i64>,
    offers: HashMap<OfferId, Desk>,
    changed: BTreeMap<OfferId, Meters>,
    spent: BTreeMap<(OrganizationId, Currency), i64>,
    held: HashSet<Uuid>,
}

/// What is the same for an offer during the whole batch.
struct Desk {
    /// As they stood when the batch began, periods rolled: bids are reckoned from these.
    meters: Meters,
    open: bool,
}

/// A candidate with its bid.
struct Ranked<'a> {
    candidate: &'a Candidate,
    bid: EffectiveBid,
}

impl<'a> Round<'a> {
    fn new(items: &[&Item], market: &'a Market) -> Self {
        let mut offers: HashMap<OfferId, Desk> = HashMap::new();
        let mut sellers: HashMap<NicheId, BTreeMap<OfferId, Meters>> = HashMap::new();
        for item in items {
            for candidate in &item.shortlist.candidates {
                let offer = &candidate.offer;
                if offers.contains_key(&offer.id) {
                    continue;
                }
                let starts = offer.schedule.starts(market.now);
                let meters = market.meters.get(&offer.id).copied().unwrap_or_default().at(starts);
                if offer.terms.goal(GoalKind::Sale).is_some() {
                    sellers.entry(item.niche).or_default().insert(offer.id, meters);
                }
                offers.insert(offer.id, Desk { meters, open: offer.schedule.open_at(market.now) });
            }
        }
        let sale_rates = sellers
            .into_iter()
            .map(|(niche, meters)| (niche, niche_sale_rate(meters.values())))
            .collect();
        Self {
            market,
            sale_rates,
            offers,
            changed: BTreeMap::new(),
            spent: BTreeMap::new(),
            held: HashSet::new(),
        }
    }

    fn taken(&self, claim: &Claim) -> bool {
        let taken = |id: &Uuid| self.market.taken.contains(id) || self.held.contains(id);
        taken(&claim.id) || claim.older.iter().any(taken)
    }

    fn decide(&mut self, item: &Item) -> Outcome {
        if let Some(settled) = &item.settled {
            return Outcome::unsold(settled.state, settled.reasons.clone(), Vec::new());
        }
        let repeated: Vec<&Claim> = item.claims.iter().filter(|claim| self.taken(claim)).collect();
        let is_repeat = match item.dedupe_mode {
            DedupeMode::Any => !repeated.is_empty(),
            DedupeMode::All => !repeated.is_empty() && repeated.len() == item.claims.len(),
        };
        if is_repeat {
            let reasons = repeated.iter().map(|claim| duplicate_reason(claim)).collect();
            let mut outcome = Outcome::unsold(LeadState::Rejected, reasons, Vec::new());
            outcome.repeated = repeated.iter().map(|claim| claim.id).collect();
            return outcome;
        }
        let mut trace = Vec::new();
        let ranked = self.rank(item, &mut trace);
        let bidders: Vec<Bidder> = ranked
            .iter()
            .map(|r| Bidder {
                buyer: r.candidate.offer.buyer,
                bid: r.bid,
                max_sales: r.candidate.offer.terms.max_sales,
            })
            .collect();
        let chosen = choose(&bidders, item.max_sales);
        let mut entries = log(&ranked, &chosen);
        entries.append(&mut trace);
        let excluded = &item.shortlist.excluded;
        let mut outcome = if chosen.is_empty() {
            let reasons = unsold_reasons(&entries, excluded);
            Outcome::unsold(LeadState::Unsold, reasons, entries)
        } else {
            self.sell(item, &ranked, &chosen, entries)
        };
        outcome.rest = cut(&mut outcome.trace, excluded);
        outcome
    }

    /// The candidates that can buy now, best first. The others go into the trace.
    fn rank<'i>(&self, item: &'i Item, trace: &mut Vec<TraceEntry>) -> Vec<Ranked<'i>> {
        let mut ranked = Vec::with_capacity(item.shortlist.candidates.len());
        for candidate in &item.shortlist.candidates {
            let offer = &candidate.offer;
            let Some(desk) = self.offers.get(&offer.id) else { continue };
            let niche_rate = self.sale_rates.get(&item.niche).copied().unwrap_or_default();
            let price = candidate.lead.map(|legs| legs.price());
            let bid = EffectiveBid::of(&offer.terms, price, &desk.meters, niche_rate);
            match self.refusal(item, candidate, desk, bid) {
                None => ranked.push(Ranked { candidate, bid }),
                Some((code, detail)) => trace.push(TraceEntry {
                    outcome: Standing::Excluded,
                    code: Some(code),
                    detail,
                    ..entry(candidate, bid)
                }),
            }
        }
        ranked.sort_by(|a, b| {
            let (x, y) = (&a.candidate.offer, &b.candidate.offer);
            b.bid
                .cmp(&a.bid)
                .then(y.terms.priority.cmp(&x.terms.priority))
                .then(x.created_at.cmp(&y.created_at))
                .then(x.id.cmp(&y.id))
        });
        ranked
    }

    fn refusal(
        &self,
        item: &Item,
        candidate: &Candidate,
        desk: &Desk,
        bid: EffectiveBid,
    ) -> Option<(Cow<'static, str>, String)> {
        let because = |code: Code| Some((Cow::Borrowed(code.name), String::new()));
        let offer = &candidate.offer;
        // A sale-only offer guarantees nothing; what it is expected to bring has to be enough.
        let expected = Legs::split(bid.minor(), item.take_rate).earning();
        if candidate.lead.is_none() && item.min_earning.is_some_and(|wanted| expected < wanted) {
            return because(v::MIN_EARNING);
        }
        if !desk.open {
            return because(v::OFFER_CLOSED_NOW);
        }
        if let Some(claim) = candidate.claims.iter().find(|claim| self.taken(claim)) {
            let what = format!("{} within {}", set_name(&claim.names), window_name(claim.window_s));
            return Some((Cow::Borrowed(v::BUYER_HAS_PERSON.name), what));
        }
        let meters = self.changed.get(&offer.id).unwrap_or(&desk.meters);
        if !meters.allow(&offer.terms.caps, candidate.cost()) {
            return because(v::OFFER_CAPPED);
        }
        let key = (offer.buyer, item.currency);
        let funds = self.market.funds.get(&key).copied().unwrap_or_default();
        let left = funds.saturating_sub(self.spent.get(&key).copied().unwrap_or_default());
        if candidate.cost() > left {
            return because(v::NO_OFFER_FUNDED);
        }
        None
    }

    fn sell(
        &mut self,
        item: &Item,
        ranked: &[Ranked<'_>],
        chosen: &[usize],
        trace: Vec<TraceEntry>,
    ) -> Outcome {
        let mut awards = Vec::with_capacity(chosen.len());
        let mut claims = Vec::new();
        let lapse = |claim: &Claim| self.market.now.plus(claim.window_s.saturating_mul(SECOND));
        let lead_claims = item.claims.iter().filter(|claim| !self.taken(claim));
        claims.extend(lead_claims.map(|claim| (claim.id, lapse(claim))));
        for (copy_no, winner) in (1..).zip(chosen.iter().filter_map(|index| ranked.get(*index))) {
            let candidate = winner.candidate;
            let offer = &candidate.offer;
            let rolled = self.offers.get(&offer.id).map(|desk| desk.meters).unwrap_or_default();
            self.changed.entry(offer.id).or_insert(rolled).award(candidate.cost());
            *self.spent.entry((offer.buyer, item.currency)).or_default() += candidate.cost();
            claims.extend(candidate.claims.iter().map(|claim| (claim.id, lapse(claim))));
            awards.push(AwardPlan {
                offer: Arc::clone(offer),
                copy_no,
                lead: candidate.lead,
                reserve: candidate.reserve,
            });
        }
        self.held.extend(claims.iter().map(|(id, _)| *id));
        Outcome {
            state: LeadState::Sold,
            reasons: Vec::new(),
            awards,
            trace,
            rest: BTreeMap::new(),
            claims,
            repeated: Vec::new(),
        }
    }
}

impl Outcome {
    fn unsold(state: LeadState, reasons: Vec<Reason>, trace: Vec<TraceEntry>) -> Self {
        let rest = BTreeMap::new();
        let (awards, claims, repeated) = (Vec::new(), Vec::new(), Vec::new());
        Self { state, reasons, awards, trace, rest, claims, repeated }
    }
}

fn entry(candidate: &Candidate, bid: EffectiveBid) -> TraceEntry {
    TraceEntry {
        offer: candidate.offer.id,
        version: candidate.offer.version,
        outcome: Standing::Lost,
        code: None,
        rank: None,
        bid: Some(bid.minor()),
        price: candidate.lead.map(|legs| legs.price()),
        detail: String::new(),
    }
}

/// The bid log of those that could have bought.
fn log(ranked: &[Ranked<'_>], chosen: &[usize]) -> Vec<TraceEntry> {
    let mut entries = Vec::with_capacity(ranked.len());
    for (index, bidder) in ranked.iter().enumerate() {
        let won = chosen.contains(&index);
        entries.push(TraceEntry {
            outcome: if won { Standing::Won } else { Standing::Lost },
            code: (!won).then_some(Cow::Borrowed(v::OUTBID.name)),
            rank: u32::try_from(index + 1).ok(),
            ..entry(bidder.candidate, bidder.bid)
        });
    }
    entries
}

fn set_name(names: &[String]) -> String {
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
