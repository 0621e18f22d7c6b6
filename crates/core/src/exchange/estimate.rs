//! What an offer would have bought: its terms, played against leads of the past.
//!
//! Every lead goes through the rules that decide real ones, at the instant at which it came, with
//! the offer's own caps filling up on the way. Against the others the offer wins where a lead
//! found no buyer, where a copy was left for it, or where its effective bid is above the lowest
//! that won. What others would have bid against it is not guessed.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::allocate::{Item, Market, allocate};
use super::book::{BookOffer, BookSource, NicheBook, Seeker};
use super::trace::{Standing, TraceEntry};
use crate::ids::{LeadId, OrganizationId, SourceId};
use crate::lead::fingerprint::Person;
use crate::lead::verdict as v;
use crate::money::Bps;
use crate::offer::meters::Meters;
use crate::offer::source::Fallback;
use crate::time::Timestamp;

/// A lead of the past, without anything that names a person.
#[derive(Clone, Debug)]
pub struct PastLead {
    /// The lead.
    pub lead: LeadId,
    /// Who sent it.
    pub publisher: OrganizationId,
    /// When it came.
    pub at: Timestamp,
    /// Its pseudonymous fields.
    pub fields: Map<String, Value>,
    /// Its score, 0-100.
    pub score: i32,
    /// To how many buyers its source lets it go.
    pub max_sales: i32,
    /// The effective bids that won it, in minor units; none if it stayed unsold.
    pub won_by: Vec<i64>,
}

/// What the terms would have brought. Money in minor units of the niche's currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Leads that were looked at.
    pub leads: i64,
    /// Of them within the conditions and the score.
    pub matched: i64,
    /// Of them bought.
    pub bought: i64,
    /// Of those bought, how many nobody had bought.
    pub unsold_before: i64,
    /// Prices of the LEAD goal of what was bought.
    pub spent: i64,
    /// Effective bids of what was bought: all goals, at their expected rates.
    pub value: i64,
    /// Why the others were not, by code; `OUTBID` where somebody paid more.
    pub missed: BTreeMap<String, i64>,
}

/// Plays the leads, oldest first, against a book whose only offer is the one to be judged. Its
/// history is `meters`; what its caps had already counted is left out.
pub fn estimate(book: &NicheBook, meters: Meters, leads: &[PastLead], share: Bps) -> Estimate {
    let mut found = Estimate::default();
    let Some(offer) = book.offers().first() else { return found };
    let fresh = Meters { periods: Default::default(), window: Default::default(), ..meters };
    let mut market = Market::default();
    market.meters.insert(offer.id, fresh);
    market.funds.insert((offer.buyer, book.currency), i64::MAX);
    for past in leads {
        found.leads += 1;
        market.now = past.at;
        let item = item(book, past, share);
        found.matched += i64::from(!item.shortlist.candidates.is_empty());
        let sale = allocate(&[&item], &market);
        let Some(outcome) = sale.outcomes.into_iter().next() else { continue };
        let Some(won) = outcome.awards.first() else {
            let code = outcome.trace.first().and_then(|entry| entry.code.clone());
            found.miss(code.as_deref().unwrap_or(v::NO_OFFER.name));
            continue;
        };
        let bid = outcome.trace.iter().find_map(winning_bid).unwrap_or_default();
        if !wins(past, offer, bid) {
            found.miss(v::OUTBID.name);
            continue;
        }
        found.bought += 1;
        found.unsold_before += i64::from(past.won_by.is_empty());
        let price = won.lead.map_or(0, |legs| legs.price());
        found.spent = found.spent.saturating_add(price);
        found.value = found.value.saturating_add(bid);
        // Only what caps count moves on: the past returns nothing, so its rates would only rise.
        market.meters.extend(
            sale.meters
                .into_iter()
                .map(|(id, moved)| (id, Meters { awards: meters.awards, ..moved })),
        );
        for (key, periods) in sale.sellers {
            market.sellers.insert(key, periods);
        }
    }
    found
}

impl Estimate {
    fn miss(&mut self, code: &str) {
        *self.missed.entry(code.to_owned()).or_default() += 1;
    }
}

/// The effective bid of the entry that won, in minor units.
pub fn winning_bid(entry: &TraceEntry) -> Option<i64> {
    (entry.outcome == Standing::Won).then_some(entry.bid)?
}

fn wins(past: &PastLead, offer: &BookOffer, bid: i64) -> bool {
    let sold = i32::try_from(past.won_by.len()).unwrap_or(i32::MAX);
    let room = past.max_sales.min(offer.terms.max_sales);
    let shared = sold > 0 && sold < room;
    let beaten = past.won_by.iter().min().is_none_or(|lowest| bid > *lowest);
    shared || beaten
}

fn item(book: &NicheBook, past: &PastLead, share: Bps) -> Item {
    let source = BookSource {
        id: SourceId(past.publisher.uuid()),
        publisher: past.publisher,
        niche: book.niche,
        active: true,
        target: None,
        fallback: Fallback::None,
        max_sales: past.max_sales,
        min_earning: None,
    };
    let nobody = Person::new(&book.policy.dedupe, &[], &BTreeMap::new());
    let seeker = Seeker {
        source: &source,
        fields: &past.fields,
        is_call: false,
        score: past.score,
        person: &nobody,
        min_earning: None,
        default_take_rate: share,
    };
    Item {
        lead: past.lead,
        niche: book.niche,
        currency: book.currency,
        publisher: past.publisher,
        max_sales: past.max_sales,
        min_earning: None,
        take_rate: book.take_rate(share),
        dedupe_mode: book.policy.dedupe.mode,
        claims: Vec::new(),
        shortlist: book.shortlist(&seeker),
        policy: Arc::clone(&book.policy),
        may_wait: false,
        settled: None,
        holds: false,
        promise: None,
    }
}
