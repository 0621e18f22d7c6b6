//! The offer book of one niche, as intake holds it in memory, and the shortlist of one lead.

use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::trace::{Standing, TraceEntry};
use crate::conversion::Legs;
use crate::error::{Code, Problem};
use crate::ids::{NicheId, NicheVersionId, OfferId, OfferVersionId, OrganizationId, SourceId};
use crate::lead::fingerprint::{Claim, Person};
use crate::lead::verdict as v;
use crate::money::{Bps, Currency};
use crate::niche::policy::NichePolicy;
use crate::niche::schema::FieldSchema;
use crate::offer::conditions::EqualityIndex;
use crate::offer::participation::{ParticipationState, may_sell};
use crate::offer::schedule::ZoneSchedule;
use crate::offer::terms::{GoalKind, Terms};
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
    /// Breaks ties: the older first.
    pub created_at: Timestamp,
    /// The terms.
    pub terms: Terms,
    /// The schedule, read.
    pub schedule: ZoneSchedule,
    /// Participations by publisher.
    pub sellers: HashMap<OrganizationId, Seller>,
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
        Ok(Self { id, version, buyer, created_at, terms, schedule, sellers })
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
    /// To how many buyers a lead may be sold.
    pub max_sales: i32,
    /// The least earning, in minor units.
    pub min_earning: Option<i64>,
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
    /// Money reserved for the SALE goal, in minor units.
    pub reserve: i64,
    /// What the buyer must not have yet.
    pub claims: Vec<Claim>,
}

impl Candidate {
    /// What the buyer must have free, in minor units.
    pub fn cost(&self) -> i64 {
        self.lead.map_or(0, |legs| legs.price()).saturating_add(self.reserve)
    }
}

/// The offers within reach of a lead and those that are not, with the reason.
#[derive(Clone, Debug, Default)]
pub struct Shortlist {
    /// Within reach.
    pub candidates: Vec<Candidate>,
    /// Out of reach.
    pub excluded: Vec<TraceEntry>,
}

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
        let offers: Vec<Arc<BookOffer>> = offers.into_iter().map(Arc::new).collect();
        let index =
            EqualityIndex::new(offers.iter().map(|offer| offer.terms.conditions.as_slice()));
        Self { niche, version, active, currency, schema, policy, epoch, offers, index }
    }

    /// The open offers.
    pub fn offers(&self) -> &[Arc<BookOffer>] {
        &self.offers
    }

    /// The exchange's share: the niche's own, else the installation's.
    pub fn take_rate(&self, default: Bps) -> Bps {
        self.policy.take_rate_bps.unwrap_or(default)
    }

    /// Shortlists the offers for a lead.
    pub fn shortlist(&self, seeker: &Seeker<'_>) -> Shortlist {
        let mut list = Shortlist::default();
        let mut indexed = self.index.candidates(seeker.fields).into_iter().peekable();
        for (number, offer) in self.offers.iter().enumerate() {
            let within_index = indexed.next_if_eq(&number).is_some();
            match self.within_reach(offer, seeker, within_index) {
                Ok(candidate) => list.candidates.push(candidate),
                Err((code, detail)) => list.excluded.push(TraceEntry {
                    offer: offer.id,
                    version: offer.version,
                    outcome: Standing::Excluded,
                    code: Some(Cow::Borrowed(code.name)),
                    rank: None,
                    bid: None,
                    price: None,
                    detail,
                }),
            }
        }
        list
    }

    fn within_reach(
        &self,
        offer: &Arc<BookOffer>,
        seeker: &Seeker<'_>,
        within_index: bool,
    ) -> Result<Candidate, (Code, String)> {
        let because = |code: Code| Err((code, String::new()));
        if seeker.source.target.is_some_and(|target| target != offer.id) {
            return because(v::NOT_TARGETED);
        }
        let seller = offer.sellers.get(&seeker.source.publisher);
        if !may_sell(offer.terms.visibility, seller.map(|seller| seller.state)) {
            return because(v::NOT_APPROVED);
        }
        let failed =
            offer.terms.conditions.iter().find(|condition| !condition.holds(seeker.fields));
        if let Some(condition) = failed {
            return Err((v::CONDITION_FAILED, condition.subject().unwrap_or_default().to_owned()));
        }
        if !within_index {
            return because(v::CONDITION_FAILED);
        }
        if seeker.score < offer.terms.min_score {
            return Err((v::SCORE_TOO_LOW, format!("wants {}", offer.terms.min_score)));
        }
        let price_override = seller
            .filter(|seller| seller.state == ParticipationState::Approved)
            .and_then(|seller| seller.price_override);
        let take_rate = self.take_rate(seeker.default_take_rate);
        let lead = offer
            .terms
            .goal(GoalKind::Lead)
            .map(|goal| Legs::split(price_override.unwrap_or(goal.price), take_rate));
        let wanted = seeker.min_earning.max(seeker.source.min_earning);
        if let (Some(legs), Some(wanted)) = (lead, wanted)
            && legs.earning() < wanted
        {
            return because(v::MIN_EARNING);
        }
        let reserve = offer
            .terms
            .goal(GoalKind::Sale)
            .map_or(0, |goal| goal.reserve_bps.of_half_even(goal.price).max(0));
        let claims = seeker.person.offer_claims(
            &self.policy.dedupe,
            offer.id,
            offer.buyer,
            offer.terms.dedupe_window_s,
        );
        Ok(Candidate { offer: Arc::clone(offer), lead, reserve, claims })
    }
}
