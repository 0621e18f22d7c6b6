//! The offer book of one niche, as intake holds it in memory, and the shortlist of one lead.

use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;

use super::desk::Refusal;
use super::ordered::{Claims, Ordered};
use super::select::FALLBACKS;
use super::trace::TraceEntry;
use crate::conversion::Legs;
use crate::error::{Code, Problem};
use crate::ids::{NicheId, NicheVersionId, OfferId, OfferVersionId, OrganizationId, SourceId};
use crate::lead::fingerprint::{Claim, Person};
use crate::lead::verdict as v;
use crate::money::{Bps, Currency};
use crate::niche::policy::NichePolicy;
use crate::niche::routing::{Placed, Routing};
use crate::niche::schema::FieldSchema;
use crate::offer::conditions::{Condition, EqualityIndex};
use crate::offer::participation::{ParticipationState, may_sell};
use crate::offer::schedule::ZoneSchedule;
use crate::offer::source::Fallback;
use crate::offer::terms::{GoalKind, Mode, Terms};
use crate::time::Timestamp;

/// A publisher's participation in an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seller {
    /// Where it stands.
    pub state: ParticipationState,
    /// Its own price of the LEAD goal, in minor units.
    pub price_override: Option<i64>,
}

/// An offer that may buy now: ACTIVE, of an ACTIVE buyer, in its effective version.
#[derive(Clone, Debug)]
pub struct BookOffer {
    /// The offer.
    pub id: OfferId,
    /// The effective version.
    pub version: OfferVersionId,
    /// Who pays.
    pub buyer: OrganizationId,
    /// What publishers that may sell to it call it.
    pub name: String,
    /// Breaks ties: the older first.
    pub created_at: Timestamp,
    /// The terms.
    pub terms: Terms,
    /// The schedule, read.
    pub schedule: ZoneSchedule,
    /// Participations by publisher.
    pub sellers: HashMap<OrganizationId, Seller>,
    /// Its place in the niche's routing; the book fills it in.
    pub place: Placed,
    /// Whether it has said where its calls go.
    pub takes_calls: bool,
}

impl BookOffer {
    /// Reads the schedule of the terms.
    ///
    /// # Errors
    /// When the schedule does not make sense; such an offer can't buy.
    pub fn new(
        id: OfferId,
        version: OfferVersionId,
        buyer: OrganizationId,
        created_at: Timestamp,
        terms: Terms,
        sellers: HashMap<OrganizationId, Seller>,
    ) -> Result<Self, Problem> {
        let schedule = ZoneSchedule::new(&terms.schedule)?;
        let place = Routing::default().place(id, terms.priority);
        let (name, takes_calls) = (String::new(), false);
        Ok(Self {
            id,
            version,
            buyer,
            name,
            created_at,
            terms,
            schedule,
            sellers,
            place,
            takes_calls,
        })
    }

    /// With its name.
    #[must_use]
    pub fn named(self, name: String) -> Self {
        Self { name, ..self }
    }
}

/// A publisher's source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookSource {
    /// The source.
    pub id: SourceId,
    /// Whose traffic it is.
    pub publisher: OrganizationId,
    /// Its niche.
    pub niche: NicheId,
    /// Whether source and publisher are both active.
    pub active: bool,
    /// The only offer that may buy; `None` for the whole market.
    pub target: Option<OfferId>,
    /// Who may buy if the target does not.
    pub fallback: Fallback,
    /// To how many buyers a lead may be sold.
    pub max_sales: i32,
    /// The least earning, in minor units.
    pub min_earning: Option<i64>,
}

impl BookSource {
    /// Whether leads of this source may go to the offer: `Some(true)` as a fallback only.
    pub fn reaches(&self, offer: OfferId) -> Option<bool> {
        match (self.target, self.fallback) {
            (None, _) => Some(false),
            (Some(target), _) if target == offer => Some(false),
            (Some(_), Fallback::Market) => Some(true),
            (Some(_), Fallback::Offer(other)) => (other == offer).then_some(true),
            (Some(_), Fallback::None) => None,
        }
    }
}

/// A niche with its rules and everything that is open in it.
#[derive(Debug)]
pub struct NicheBook {
    /// The niche.
    pub niche: NicheId,
    /// The version that leads are checked by now.
    pub version: NicheVersionId,
    /// Whether the niche takes leads.
    pub active: bool,
    /// The niche's currency.
    pub currency: Currency,
    /// The compiled fields.
    pub schema: Arc<FieldSchema>,
    /// The rules.
    pub policy: Arc<NichePolicy>,
    /// The market epoch that this book was read at.
    pub epoch: i64,
    offers: Vec<Arc<BookOffer>>,
    index: EqualityIndex,
    pub(super) claims: Claims,
}

/// What the shortlist has to know of a lead.
#[derive(Clone, Copy, Debug)]
pub struct Seeker<'a> {
    /// Where it came from.
    pub source: &'a BookSource,
    /// Its normalised fields.
    pub fields: &'a Map<String, Value>,
    /// Its score, 0-100.
    pub score: i32,
    /// Its fingerprints.
    pub person: &'a Person,
    /// Whether it is a telephone call.
    pub is_call: bool,
    /// The least earning, if the submission asks for more than its source.
    pub min_earning: Option<i64>,
    /// The exchange's share where the niche says nothing.
    pub default_take_rate: Bps,
}

/// An offer that can buy the lead, as far as can be said without locking anything.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The offer.
    pub offer: Arc<BookOffer>,
    /// Price of the lead itself with its legs; `None` without a LEAD goal.
    pub lead: Option<Legs>,
    /// The same for 2, 3 … copies, where the price depends on their number; else empty.
    pub shared: Vec<Legs>,
    /// Whether it may buy only what the source's target does not.
    pub fallback: bool,
    /// Money reserved for the goals that are billed later, in minor units.
    pub reserve: i64,
    /// What the buyer must not have yet.
    pub claims: Vec<Claim>,
    /// Of a call: how many the offer takes at once; `None` without a limit.
    pub lines: Option<i64>,
    /// What its buyer's server said, if that has to be asked.
    pub live: Live,
}

/// What stands between a live offer and its bid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Live {
    /// Nothing: the offer buys by its terms.
    Instant,
    /// Its buyer's server was not asked.
    Unasked,
    /// It bid, in so many milliseconds. The bid is the candidate's price.
    Bid(u32),
    /// It does not buy.
    Out(Refusal),
}

impl Live {
    /// Why the offer can't buy, if so.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Instant | Self::Bid(_) => None,
            Self::Unasked => Some(Refusal::new(v::LIVE_NOT_ASKED)),
            Self::Out(refusal) => Some(refusal.clone()),
        }
    }

    /// Whether there is a price.
    pub(super) fn is_priced(&self) -> bool {
        matches!(self, Self::Instant | Self::Bid(_))
    }
}

impl Candidate {
    /// Price of one copy with its legs, if the lead goes to this many buyers in all.
    pub fn legs_for(&self, copies: i32) -> Option<Legs> {
        let index = usize::try_from(copies.saturating_sub(2)).ok().filter(|_| copies > 1);
        let shared = index.and_then(|index| self.shared.get(index).or(self.shared.last()));
        shared.copied().or(self.lead)
    }

    /// What the buyer must have free for one copy, in minor units.
    pub fn cost_for(&self, copies: i32) -> i64 {
        self.legs_for(copies).map_or(0, |legs| legs.price()).saturating_add(self.reserve)
    }

    /// When it is asked: before all whose number is higher.
    pub fn stage(&self) -> u16 {
        self.offer.place.stage.saturating_add(if self.fallback { FALLBACKS } else { 0 })
    }
}

/// The offers within reach of a lead and those that are not, with the reason.
#[derive(Clone, Debug, Default)]
pub struct Shortlist {
    /// Within reach.
    pub candidates: Vec<Candidate>,
    /// Out of reach.
    pub excluded: Vec<TraceEntry>,
    /// How many more are out of reach, which nobody looked at one by one, and why.
    pub others: Option<(Code, u32)>,
    /// Its publisher's claims on orders that it fits.
    pub ordered: Vec<Ordered>,
}

impl Shortlist {
    /// What is left of it for a ping: an offer with a condition about a field that pings do not
    /// bring could promise nothing.
    #[must_use]
    pub fn for_ping(mut self, schema: &FieldSchema) -> Self {
        // A claim is served by leads: a ping holds nothing of it.
        self.ordered.clear();
        let pinged = |name: &str| schema.field(name).is_some_and(|field| field.ping);
        let unseen = |offer: &BookOffer| {
            let unknown =
                |condition: &Condition| condition.unknown_field(&pinged).map(str::to_owned);
            offer.terms.conditions.iter().find_map(unknown)
        };
        for candidate in std::mem::take(&mut self.candidates) {
            match unseen(&candidate.offer) {
                None => self.candidates.push(candidate),
                Some(field) => {
                    let refusal =
                        Refusal { detail: field.into(), ..Refusal::new(v::CONDITION_FAILED) };
                    self.excluded.push(TraceEntry::out(&candidate.offer, refusal));
                }
            }
        }
        self
    }

    fn take(&mut self, offer: &BookOffer, found: Result<Candidate, Refusal>) {
        match found {
            Ok(candidate) => self.candidates.push(candidate),
            Err(refusal) => self.excluded.push(TraceEntry::out(offer, refusal)),
        }
    }
}

/// Up to how many offers of a niche are looked at one by one.
const LISTED: usize = 200;

impl NicheBook {
    /// A book of these offers. They are kept in order of their ids, so that every instance lists
    /// them alike.
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        niche: NicheId,
        version: NicheVersionId,
        active: bool,
        currency: Currency,
        schema: Arc<FieldSchema>,
        policy: Arc<NichePolicy>,
        epoch: i64,
        mut offers: Vec<BookOffer>,
    ) -> Self {
        offers.sort_by_key(|offer| offer.id);
        for offer in &mut offers {
            offer.place = policy.routing.place(offer.id, offer.terms.priority);
        }
        let offers: Vec<Arc<BookOffer>> = offers.into_iter().map(Arc::new).collect();
        let index =
            EqualityIndex::new(offers.iter().map(|offer| offer.terms.conditions.as_slice()));
        let claims = Claims::new();
        Self { niche, version, active, currency, schema, policy, epoch, offers, index, claims }
    }

    /// The open offers.
    pub fn offers(&self) -> &[Arc<BookOffer>] {
        &self.offers
    }

    /// An open offer.
    pub fn offer(&self, id: OfferId) -> Option<&Arc<BookOffer>> {
        let at = self.offers.binary_search_by_key(&id, |offer| offer.id).ok()?;
        self.offers.get(at)
    }

    /// The exchange's share: the niche's own, else the installation's.
    pub fn take_rate(&self, default: Bps) -> Bps {
        self.policy.take_rate_bps.unwrap_or(default)
    }

    /// Shortlists the offers for a lead. In a small niche every offer is looked at, so that the
    /// trace can name it; in a large one only those that the lead can reach at all, and the others
    /// are counted.
    pub fn shortlist(&self, seeker: &Seeker<'_>) -> Shortlist {
        let mut list = Shortlist { ordered: self.ordered(seeker), ..Shortlist::default() };
        let indexed = self.index.candidates(seeker.fields);
        if self.offers.len() <= LISTED {
            let mut indexed = indexed.into_iter().peekable();
            for (number, offer) in self.offers.iter().enumerate() {
                let within_index = indexed.next_if_eq(&number).is_some();
                list.take(offer, self.within_reach(offer, seeker, within_index));
            }
            return list;
        }
        let named = [seeker.source.target, seeker.source.fallback.offer()];
        let code = if seeker.source.target.is_some() && seeker.source.fallback != Fallback::Market {
            for id in named.into_iter().flatten() {
                let Ok(number) = self.offers.binary_search_by_key(&id, |offer| offer.id) else {
                    continue;
                };
                if let Some(offer) = self.offers.get(number) {
                    let within_index = indexed.binary_search(&number).is_ok();
                    list.take(offer, self.within_reach(offer, seeker, within_index));
                }
            }
            v::NOT_TARGETED
        } else {
            for offer in indexed.into_iter().filter_map(|number| self.offers.get(number)) {
                list.take(offer, self.within_reach(offer, seeker, true));
            }
            v::CONDITION_FAILED
        };
        let seen = list.candidates.len() + list.excluded.len();
        let others = u32::try_from(self.offers.len().saturating_sub(seen)).unwrap_or(u32::MAX);
        list.others = (others > 0).then_some((code, others));
        list
    }

    fn within_reach(
        &self,
        offer: &Arc<BookOffer>,
        seeker: &Seeker<'_>,
        within_index: bool,
    ) -> Result<Candidate, Refusal> {
        let because = |code: Code| Err(Refusal::new(code));
        let Some(fallback) = seeker.source.reaches(offer.id) else {
            return because(v::NOT_TARGETED);
        };
        let seller = offer.sellers.get(&seeker.source.publisher);
        if !may_sell(offer.terms.visibility, seller.map(|seller| seller.state)) {
            return because(v::NOT_APPROVED);
        }
        let call = offer.terms.goal(GoalKind::Call);
        match (seeker.is_call, call) {
            (true, None) => return because(v::BUYS_NO_CALLS),
            (true, Some(_)) if !offer.takes_calls => return because(v::NO_CONNECTION),
            (false, Some(_)) => return because(v::BUYS_CALLS),
            _ => {}
        }
        let lines = call.map(|goal| goal.calls_at_once).filter(|lines| *lines > 0);
        let failed =
            offer.terms.conditions.iter().find(|condition| !condition.holds(seeker.fields));
        if let Some(condition) = failed {
            let subject = condition.subject().unwrap_or_default().to_owned();
            return Err(Refusal { detail: subject.into(), ..Refusal::new(v::CONDITION_FAILED) });
        }
        if !within_index {
            return because(v::CONDITION_FAILED);
        }
        if seeker.score < offer.terms.min_score {
            return Err(Refusal::need(v::SCORE_TOO_LOW, offer.terms.min_score.into()));
        }
        let own_price = seller
            .filter(|seller| seller.state == ParticipationState::Approved)
            .and_then(|seller| seller.price_override);
        let take_rate = self.take_rate(seeker.default_take_rate);
        let legs = |copies: i32| {
            offer.terms.lead_price(copies, own_price).map(|price| Legs::split(price, take_rate))
        };
        let lead = legs(1);
        let wanted = seeker.min_earning.max(seeker.source.min_earning);
        let is_live = offer.terms.mode == Mode::Live;
        // What a live buyer pays is not known before it is asked.
        if let (Some(legs), Some(wanted), false) = (lead, wanted, is_live)
            && legs.earning() < wanted
        {
            return Err(Refusal::need(v::MIN_EARNING, legs.earning()));
        }
        let shared = if offer.terms.shared_prices.is_empty() {
            Vec::new()
        } else {
            (2..=offer.terms.max_sales.min(seeker.source.max_sales)).filter_map(legs).collect()
        };
        let reserve = offer.terms.reserve_at_award();
        let claims = seeker.person.offer_claims(
            &self.policy.dedupe,
            offer.id,
            offer.buyer,
            offer.terms.dedupe_window_s,
        );
        let offer = Arc::clone(offer);
        let live = if is_live { Live::Unasked } else { Live::Instant };
        Ok(Candidate { offer, lead, shared, fallback, reserve, claims, lines, live })
    }
}
