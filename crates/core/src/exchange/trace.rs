//! Why each offer did or did not buy: the operator's view of an allocation.

use serde::ser::SerializeSeq;
use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;

use super::bid::EffectiveBid;
use super::book::{BookOffer, Candidate};
use super::desk::Refusal;
use super::select::{Choice, FALLBACKS};
use crate::error::Code;
use crate::ids::{BadId, OfferId, OfferVersionId};
use crate::lead::verdict as v;
use crate::niche::routing::{Routing, Strategy};

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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Stored")]
pub struct TraceEntry {
    /// The offer.
    pub offer: OfferId,
    /// Its version.
    pub version: OfferVersionId,
    /// How it came out.
    pub outcome: Standing,
    /// Why, unless it won.
    pub code: Option<Cow<'static, str>>,
    /// 1 for the first in turn: in an auction the highest effective bid.
    pub rank: Option<u32>,
    /// The effective bid.
    pub bid: Option<i64>,
    /// The price of the lead itself.
    pub price: Option<i64>,
    /// The field of a failed condition, a full cap and the like; never a lead's value.
    pub detail: String,
    /// The number that it would take: money that is missing, the earning that would be paid, the
    /// score that is wanted.
    pub need: Option<i64>,
    /// The number of its group in a waterfall.
    pub group: Option<i32>,
}

/// Ids without their prefixes, the outcome as a letter, the code unless it won or was outbid, rank,
/// bid, price, detail; then need and group, if there is one.
#[derive(Deserialize)]
struct Stored(
    String,
    String,
    char,
    Option<Cow<'static, str>>,
    Option<u32>,
    Option<i64>,
    Option<i64>,
    String,
    #[serde(default)] Option<i64>,
    #[serde(default)] Option<i32>,
);

impl Serialize for TraceEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bare = |id: String| id.split_once('_').map(|(_, rest)| rest.to_owned()).unwrap_or(id);
        let letter = match self.outcome {
            Standing::Won => 'W',
            Standing::Lost => 'L',
            Standing::Excluded => 'X',
        };
        let code = self.code.as_deref().filter(|code| {
            self.outcome == Standing::Excluded
                || (self.outcome == Standing::Lost && *code != v::OUTBID.name)
        });
        let more = if self.group.is_some() { 2 } else { usize::from(self.need.is_some()) };
        let mut list = serializer.serialize_seq(Some(8 + more))?;
        list.serialize_element(&bare(self.offer.to_string()))?;
        list.serialize_element(&bare(self.version.to_string()))?;
        list.serialize_element(&letter)?;
        list.serialize_element(&code)?;
        list.serialize_element(&self.rank)?;
        list.serialize_element(&self.bid)?;
        list.serialize_element(&self.price)?;
        list.serialize_element(&self.detail)?;
        if more > 0 {
            list.serialize_element(&self.need)?;
        }
        if more > 1 {
            list.serialize_element(&self.group)?;
        }
        list.end()
    }
}

impl TryFrom<Stored> for TraceEntry {
    type Error = BadId;
    fn try_from(stored: Stored) -> Result<Self, BadId> {
        let Stored(offer, version, letter, code, rank, bid, price, detail, need, group) = stored;
        let (outcome, code) = match letter {
            'W' => (Standing::Won, None),
            'L' => (Standing::Lost, code.or(Some(Cow::Borrowed(v::OUTBID.name)))),
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
            need,
            group,
        })
    }
}

impl TraceEntry {
    /// An offer out of a lead's reach.
    pub fn out(offer: &BookOffer, refusal: Refusal) -> Self {
        Self {
            offer: offer.id,
            version: offer.version,
            outcome: Standing::Excluded,
            code: Some(Cow::Borrowed(refusal.code.name)),
            rank: None,
            bid: None,
            price: None,
            detail: refusal.detail.into_owned(),
            need: refusal.need,
            group: offer.place.group,
        }
    }

    /// A candidate that can't buy now.
    pub(super) fn refused(candidate: &Candidate, bid: EffectiveBid, refusal: Refusal) -> Self {
        let priced = candidate.live.is_priced();
        Self {
            bid: priced.then(|| bid.minor()),
            price: candidate.lead.filter(|_| priced).map(|legs| legs.price()),
            ..Self::out(&candidate.offer, refusal)
        }
    }
}

/// How a choice came about: what the trace says about the lead as a whole. Money in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// The strategy that chose: that of the group, in a waterfall.
    pub strategy: Strategy,
    /// The number of the group that bought, in a waterfall.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<i32>,
    /// Whether the source's target did not buy, and a fallback did.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fallback: bool,
    /// To how many buyers the lead went.
    pub copies: i32,
    /// The sum of the winners' effective bids.
    pub sum: i64,
    /// The best that another number of copies would have brought: how many, and the sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alternative: Option<(i32, i64)>,
}

impl Basis {
    /// The basis of a choice; `None` if nothing was chosen.
    pub(super) fn of(choice: &Choice, routing: &Routing) -> Option<Self> {
        let sum = choice.sum?;
        let stage = choice.stage % FALLBACKS;
        let group = routing.groups.get(usize::from(stage)).map(|group| group.number);
        Some(Self {
            strategy: routing.rule(stage).strategy,
            group,
            fallback: choice.stage >= FALLBACKS,
            copies: choice.copies(),
            sum: sum.minor(),
            alternative: choice.alternative.map(|(copies, sum)| (copies, sum.minor())),
        })
    }
}

/// The most bidders that a stored trace keeps.
const MAX_BIDDERS: usize = 60;
/// How many entries a stored trace is filled up to with excluded offers.
const FILL: usize = 12;

/// Cuts a trace that begins with the bidders to what is stored: the whole bid log, then the
/// excluded offers nearest to a sale, filled up from `more`. Gives how many others there were, by
/// code; `others` were never listed.
pub fn cut(
    entries: &mut Vec<TraceEntry>,
    more: &[TraceEntry],
    others: Option<(Code, u32)>,
) -> BTreeMap<String, u32> {
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
    if let Some((code, number)) = others {
        *rest.entry(code.name.to_owned()).or_default() += number;
    }
    rest
}

/// What an unsold lead's sender is told: the distinct reasons, the one nearest to a sale first.
pub fn unsold_reasons(
    entries: &[TraceEntry],
    more: &[TraceEntry],
    others: Option<(Code, u32)>,
) -> Vec<v::Reason> {
    let mut reasons: Vec<v::Reason> = v::NEAREST_FIRST
        .iter()
        .filter(|stage| {
            let mut all = entries.iter().chain(more);
            others.is_some_and(|(code, _)| code == **stage)
                || all.any(|entry| entry.code.as_deref() == Some(stage.name))
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
            need: None,
            group: None,
        }
    }

    #[test]
    fn an_entry_reads_back_as_it_was() {
        for outcome in Standing::ALL {
            let one = entry(7, *outcome);
            let text = serde_json::to_string(&one).unwrap();
            assert!(text.len() < 110, "{text}");
            assert_eq!(serde_json::from_str::<TraceEntry>(&text).unwrap(), one);
            for (need, group) in [(Some(40), None), (None, Some(2)), (Some(-1), Some(9))] {
                let one = TraceEntry { need, group, ..one.clone() };
                let text = serde_json::to_string(&one).unwrap();
                assert_eq!(serde_json::from_str::<TraceEntry>(&text).unwrap(), one);
            }
        }
        let later =
            TraceEntry { code: Some(v::NOT_ITS_TURN.name.into()), ..entry(7, Standing::Lost) };
        let text = serde_json::to_string(&later).unwrap();
        assert_eq!(serde_json::from_str::<TraceEntry>(&text).unwrap(), later);
    }

    #[test]
    fn the_bid_log_stays_and_the_rest_is_counted() {
        let mut trace: Vec<_> = (0..20).map(|n| entry(n, Standing::Lost)).collect();
        trace.extend((0..80).map(|n| entry(n, Standing::Excluded)));
        let rest = cut(&mut trace, &[], None);
        assert_eq!((trace.len(), rest["CONDITION_FAILED"]), (20, 80));
        let mut short: Vec<_> = (0..5).map(|n| entry(n, Standing::Excluded)).collect();
        assert!(cut(&mut short, &[], None).is_empty());
        assert_eq!(short.len(), 5);
        let more: Vec<_> = (0..30).map(|n| entry(n, Standing::Excluded)).collect();
        assert_eq!(
            cut(&mut short, &more, Some((v::CONDITION_FAILED, 100)))["CONDITION_FAILED"],
            123
        );
        assert_eq!(short.len(), 12);
    }
}
