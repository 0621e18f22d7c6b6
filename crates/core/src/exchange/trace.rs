//! Why each offer did or did not buy: the operator's view of an allocation.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::error::Code;
use crate::ids::{BadId, OfferId, OfferVersionId};
use crate::lead::verdict as v;

crate::text_enum! {
    /// How an offer came out of an allocation.
    pub enum Standing {
        /// It bought.
        Won = "WON",
        /// It could have bought, but others paid more.
        Lost = "LOST",
        /// It could not buy.
        Excluded = "EXCLUDED",
    }
}

/// One offer in the trace. Money in minor units of the niche's currency. Stored as a short list,
/// because every lead keeps a dozen of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct TraceEntry {
    /// The offer.
    pub offer: OfferId,
    /// Its version.
    pub version: OfferVersionId,
    /// How it came out.
    pub outcome: Standing,
    /// Why, unless it won.
    pub code: Option<Cow<'static, str>>,
    /// 1 for the highest effective bid.
    pub rank: Option<u32>,
    /// The effective bid.
    pub bid: Option<i64>,
    /// The price of the lead itself.
    pub price: Option<i64>,
    /// The field of a failed condition, a wanted score and the like; never a lead's value.
    pub detail: String,
}

/// Ids without their prefixes, the outcome as a letter, the code only of the excluded, rank, bid,
/// price, detail.
#[derive(Serialize, Deserialize)]
struct Stored(
    String,
    String,
    char,
    Option<Cow<'static, str>>,
    Option<u32>,
    Option<i64>,
    Option<i64>,
    String,
);

impl From<TraceEntry> for Stored {
    fn from(entry: TraceEntry) -> Self {
        let bare = |id: String| id.split_once('_').map(|(_, rest)| rest.to_owned()).unwrap_or(id);
        let (letter, code) = match entry.outcome {
            Standing::Won => ('W', None),
            Standing::Lost => ('L', None),
            Standing::Excluded => ('X', entry.code),
        };
        Self(
            bare(entry.offer.to_string()),
            bare(entry.version.to_string()),
            letter,
            code,
            entry.rank,
            entry.bid,
            entry.price,
            entry.detail,
        )
    }
}

impl TryFrom<Stored> for TraceEntry {
    type Error = BadId;
    fn try_from(stored: Stored) -> Result<Self, BadId> {
        let Stored(offer, version, letter, code, rank, bid, price, detail) = stored;
        let (outcome, code) = match letter {
            'W' => (Standing::Won, None),
            'L' => (Standing::Lost, Some(Cow::Borrowed(v::OUTBID.name))),
            _ => (Standing::Excluded, code),
        };
        Ok(Self {
            offer: format!("{}_{offer}", OfferId::PREFIX).parse()?,
            version: format!("{}_{version}", OfferVersionId::PREFIX).parse()?,
            outcome,
            code,
            rank,
            bid,
            price,
            detail,
        })
    }
}

/// The most bidders that a stored trace keeps.
const MAX_BIDDERS: usize = 60;
/// How many entries a stored trace is filled up to with excluded offers.
const FILL: usize = 12;

/// Cuts a trace that begins with the bidders to what is stored: the whole bid log, then the
/// excluded offers nearest to a sale, filled up from `more`. Gives how many others there were, by
/// code.
pub fn cut(entries: &mut Vec<TraceEntry>, more: &[TraceEntry]) -> BTreeMap<String, u32> {
    let bidders = entries.iter().filter(|entry| entry.outcome != Standing::Excluded).count();
    let kept = bidders.clamp(FILL, MAX_BIDDERS).min(entries.len());
    let mut rest = BTreeMap::new();
    let mut count = |entry: &TraceEntry| {
        let code = entry.code.as_deref().unwrap_or("WON");
        match rest.get_mut(code) {
            Some(number) => *number += 1,
            None => drop(rest.insert(code.to_owned(), 1)),
        }
    };
    for entry in entries.drain(kept..) {
        count(&entry);
    }
    let room = FILL.saturating_sub(entries.len());
    entries.extend(more.iter().take(room).cloned());
    more.iter().skip(room).for_each(count);
    rest
}

/// Exclusions in the order in which a lead meets them; the later, the nearer it was to a sale.
const STAGES: &[Code] = &[
    v::NO_OFFER,
    v::NOT_TARGETED,
    v::NOT_APPROVED,
    v::CONDITION_FAILED,
    v::SCORE_TOO_LOW,
    v::MIN_EARNING,
    v::OFFER_CLOSED_NOW,
    v::BUYER_HAS_PERSON,
    v::OFFER_CAPPED,
    v::NO_OFFER_FUNDED,
];

/// What an unsold lead's sender is told: the distinct reasons, the one nearest to a sale first.
pub fn unsold_reasons(entries: &[TraceEntry], more: &[TraceEntry]) -> Vec<v::Reason> {
    let mut reasons: Vec<v::Reason> = STAGES
        .iter()
        .rev()
        .filter(|stage| {
            let mut all = entries.iter().chain(more);
            all.any(|entry| entry.code.as_deref() == Some(stage.name))
        })
        .map(|stage| v::Reason::new(*stage))
        .collect();
    if reasons.len() > 1 {
        // That other offers were never meant is no news beside a real reason.
        reasons.retain(|reason| reason.code != v::NOT_TARGETED.name);
    }
    if reasons.is_empty() {
        reasons.push(v::Reason::new(v::NO_OFFER));
    }
    reasons
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use uuid::Uuid;

    fn entry(n: u128, outcome: Standing) -> TraceEntry {
        TraceEntry {
            offer: OfferId(Uuid::from_u128(n)),
            version: OfferVersionId(Uuid::from_u128(n + 1)),
            outcome,
            code: match outcome {
                Standing::Won => None,
                Standing::Lost => Some(Cow::Borrowed("OUTBID")),
                Standing::Excluded => Some(Cow::Borrowed("CONDITION_FAILED")),
            },
            rank: Some(1),
            bid: Some(950),
            price: None,
            detail: "region".into(),
        }
    }

    #[test]
    fn an_entry_reads_back_as_it_was() {
        for outcome in Standing::ALL {
            let one = entry(7, *outcome);
            let text = serde_json::to_string(&one).unwrap();
            assert!(text.len() < 110, "{text}");
            assert_eq!(serde_json::from_str::<TraceEntry>(&text).unwrap(), one);
        }
    }

    #[test]
    fn the_bid_log_stays_and_the_rest_is_counted() {
        let mut trace: Vec<_> = (0..20).map(|n| entry(n, Standing::Lost)).collect();
        trace.extend((0..80).map(|n| entry(n, Standing::Excluded)));
        let rest = cut(&mut trace, &[]);
        assert_eq!((trace.len(), rest["CONDITION_FAILED"]), (20, 80));
        let mut short: Vec<_> = (0..5).map(|n| entry(n, Standing::Excluded)).collect();
        assert!(cut(&mut short, &[]).is_empty());
        assert_eq!(short.len(), 5);
        let more: Vec<_> = (0..30).map(|n| entry(n, Standing::Excluded)).collect();
        assert_eq!(cut(&mut short, &more)["CONDITION_FAILED"], 23);
        assert_eq!(short.len(), 12);
    }
}
