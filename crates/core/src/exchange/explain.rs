//! Decisions in words: why a lead was sold at its price, and what would have sold it.
//!
//! An explanation is a stable code with named facts; surfaces turn it into a sentence of the
//! reader's language. Each side is told its own part only: a publisher never learns a price, a
//! buyer never another's bid, and nobody learns a lead's values.

use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::ordered::BY_ORDER;
use super::trace::{Basis, Standing, TraceEntry};
use crate::error::Code;
use crate::ids::{OfferId, OfferVersionId};
use crate::lead::verdict as v;
use crate::niche::routing::Strategy;
use crate::offer::meters::CapHit;
use crate::offer::schedule::ZoneSchedule;
use crate::offer::terms::{Terms, Visibility};
use crate::time::Timestamp;

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Everything.
    Operator,
    /// Its own offer.
    Buyer,
    /// Its own earning.
    Publisher,
}

crate::text_enum! {
    /// What an explanation says. The facts that come with it are in brackets.
    pub enum Why {
        /// The auction found it best [rank].
        ChosenByAuction = "CHOSEN_BY_AUCTION",
        /// Its priority came first [rank].
        ChosenByPriority = "CHOSEN_BY_PRIORITY",
        /// It was its turn [rank].
        ChosenInTurn = "CHOSEN_IN_TURN",
        /// The lot fell to it [rank].
        ChosenByLot = "CHOSEN_BY_LOT",
        /// Its group was asked first of those that could buy [group].
        ChosenInGroup = "CHOSEN_IN_GROUP",
        /// The source's target did not buy, and it was the fallback.
        ChosenAsFallback = "CHOSEN_AS_FALLBACK",
        /// The publisher had claimed it for an order of the buyer, which stands before the auction.
        ChosenByOrder = "CHOSEN_BY_ORDER",
        /// The price is that of the order [price].
        PriceOrdered = "PRICE_ORDERED",
        /// The earning is that of the order [earning].
        EarningOrdered = "EARNING_ORDERED",
        /// The price is that of the terms [price].
        PriceDeclared = "PRICE_DECLARED",
        /// The price is that of the terms for so many copies [price, copies, alone].
        PriceShared = "PRICE_SHARED",
        /// The price is the one agreed with this publisher [price, declared].
        PriceAgreed = "PRICE_AGREED",
        /// Nothing is paid for the lead itself, only for a sale.
        PaidBySale = "PAID_BY_SALE",
        /// The earning is that of the terms [earning].
        EarningDeclared = "EARNING_DECLARED",
        /// The earning is that of one of so many copies [earning, copies].
        EarningShared = "EARNING_SHARED",
        /// The earning is the one agreed with the buyer [earning].
        EarningAgreed = "EARNING_AGREED",
        /// The exchange keeps the difference [price, fee, earning].
        Fee = "FEE",
        /// Nobody else got the lead.
        OnlyCopy = "ONLY_COPY",
        /// So many buyers got it [copies].
        OneOfCopies = "ONE_OF_COPIES",
        /// In the ranking the price counted as this, after expected sales and returns [bid, price].
        BidCounted = "BID_COUNTED",
        /// The best offer that did not buy [offer, bid].
        RunnerUp = "RUNNER_UP",
        /// Another number of copies would have brought less [copies, sum, other_copies, other_sum].
        Alternative = "ALTERNATIVE",

        /// There was no offer in the niche.
        NeedsOffer = "NEEDS_OFFER",
        /// More money in the buyer's wallet [missing].
        NeedsFunds = "NEEDS_FUNDS",
        /// Room under a cap [cap, at].
        NeedsRoom = "NEEDS_ROOM",
        /// Room under the cap for this publisher [cap, at].
        NeedsPublisherRoom = "NEEDS_PUBLISHER_ROOM",
        /// A later hour: the offer spends evenly.
        NeedsPace = "NEEDS_PACE",
        /// A person that the buyer does not have [set].
        NeedsOtherPerson = "NEEDS_OTHER_PERSON",
        /// An hour at which the offer buys [at].
        NeedsHour = "NEEDS_HOUR",
        /// A lower ask: this would have been earned [earning].
        NeedsLowerAsk = "NEEDS_LOWER_ASK",
        /// A higher score [wanted, score].
        NeedsScore = "NEEDS_SCORE",
        /// Another value of a field [field].
        NeedsField = "NEEDS_FIELD",
        /// The buyer's approval of the publisher.
        NeedsApproval = "NEEDS_APPROVAL",
        /// A source that sells to this offer.
        NeedsTarget = "NEEDS_TARGET",
    }
}

/// A fact of an explanation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Fact {
    /// Minor units of the niche's currency.
    Money(i64),
    /// A number.
    Count(i64),
    /// A name: a field, a cap, a key set. Never a lead's value.
    Text(String),
    /// An instant.
    At(Timestamp),
}

/// One explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What it says.
    pub why: Why,
    /// The offer that it is about; for operators, and for a runner-up.
    pub offer: Option<OfferId>,
    /// How many offers it holds for.
    pub offers: u32,
    /// The facts by name.
    pub facts: Vec<(&'static str, Fact)>,
}

impl Explanation {
    fn new(why: Why) -> Self {
        Self { why, offer: None, offers: 1, facts: Vec::new() }
    }

    fn money(mut self, name: &'static str, minor: i64) -> Self {
        self.facts.push((name, Fact::Money(minor)));
        self
    }

    fn count(mut self, name: &'static str, count: impl Into<i64>) -> Self {
        self.facts.push((name, Fact::Count(count.into())));
        self
    }

    fn text(mut self, name: &'static str, text: &str) -> Self {
        self.facts.push((name, Fact::Text(text.to_owned())));
        self
    }

    fn at(mut self, name: &'static str, at: Option<Timestamp>) -> Self {
        self.facts.extend(at.map(|at| (name, Fact::At(at))));
        self
    }

    fn of(mut self, offer: OfferId) -> Self {
        self.offer = Some(offer);
        self
    }
}

/// A sale that is to be explained. Money in minor units.
#[derive(Clone, Copy, Debug)]
pub struct Sale<'a> {
    /// The offer that bought.
    pub offer: OfferId,
    /// Its terms at the award.
    pub terms: &'a Terms,
    /// What the buyer paid for the lead itself.
    pub price: i64,
    /// What the publisher got of it.
    pub earning: i64,
    /// To how many buyers the lead went.
    pub copies: i32,
    /// How the choice came about.
    pub basis: Option<&'a Basis>,
    /// The bid log.
    pub entries: &'a [TraceEntry],
}

/// Why this offer bought, at this price.
pub fn why_this_price(reader: Reader, sale: &Sale<'_>) -> Vec<Explanation> {
    let own = sale
        .entries
        .iter()
        .find(|entry| entry.offer == sale.offer && entry.outcome == Standing::Won);
    let mut found = Vec::new();
    if let Some(basis) = sale.basis {
        chosen(reader, basis, own, &mut found);
    }
    let by_order = own.is_some_and(|entry| entry.detail == BY_ORDER);
    if by_order {
        found.push(Explanation::new(Why::ChosenByOrder));
        found.push(match reader {
            Reader::Publisher => {
                Explanation::new(Why::EarningOrdered).money("earning", sale.earning)
            }
            _ => Explanation::new(Why::PriceOrdered).money("price", sale.price),
        });
    } else {
        found.push(priced(reader, sale));
    }
    if reader == Reader::Operator && sale.price > 0 {
        let fee = sale.price.saturating_sub(sale.earning);
        let fee = Explanation::new(Why::Fee).money("price", sale.price).money("fee", fee);
        found.push(fee.money("earning", sale.earning));
    }
    found.push(match sale.copies {
        ..=1 => Explanation::new(Why::OnlyCopy),
        copies => Explanation::new(Why::OneOfCopies).count("copies", copies),
    });
    if reader != Reader::Publisher
        && let Some(bid) = own.and_then(|entry| entry.bid)
        && bid != sale.price
    {
        found.push(Explanation::new(Why::BidCounted).money("bid", bid).money("price", sale.price));
    }
    if reader == Reader::Operator {
        rivals(sale, &mut found);
    }
    found
}

fn chosen(reader: Reader, basis: &Basis, own: Option<&TraceEntry>, found: &mut Vec<Explanation>) {
    let why = match basis.strategy {
        Strategy::Auction | Strategy::Waterfall => Why::ChosenByAuction,
        Strategy::Priority => Why::ChosenByPriority,
        Strategy::RoundRobin => Why::ChosenInTurn,
        Strategy::Weighted => Why::ChosenByLot,
    };
    let rank = own.and_then(|entry| entry.rank).filter(|_| reader == Reader::Operator);
    found.push(match rank {
        Some(rank) => Explanation::new(why).count("rank", rank),
        None => Explanation::new(why),
    });
    if let Some(group) = basis.group.filter(|_| reader == Reader::Operator) {
        found.push(Explanation::new(Why::ChosenInGroup).count("group", group));
    }
    // Where the lead was meant for is the publisher's business, not the buyer's.
    if basis.fallback && reader != Reader::Buyer {
        found.push(Explanation::new(Why::ChosenAsFallback));
    }
}

fn priced(reader: Reader, sale: &Sale<'_>) -> Explanation {
    let Some(declared) = sale.terms.lead_price(sale.copies, None) else {
        return Explanation::new(Why::PaidBySale);
    };
    let alone = sale.terms.lead_price(1, None).unwrap_or(declared);
    let agreed = sale.price != declared;
    let shared = sale.copies > 1 && declared != alone;
    if reader == Reader::Publisher {
        let (earning, copies) = (sale.earning, sale.copies);
        return match (agreed, shared) {
            (true, _) => Explanation::new(Why::EarningAgreed).money("earning", earning),
            (false, true) => Explanation::new(Why::EarningShared)
                .money("earning", earning)
                .count("copies", copies),
            (false, false) => Explanation::new(Why::EarningDeclared).money("earning", earning),
        };
    }
    match (agreed, shared) {
        (true, _) => Explanation::new(Why::PriceAgreed)
            .money("price", sale.price)
            .money("declared", declared),
        (false, true) => Explanation::new(Why::PriceShared)
            .money("price", sale.price)
            .count("copies", sale.copies)
            .money("alone", alone),
        (false, false) => Explanation::new(Why::PriceDeclared).money("price", sale.price),
    }
}

fn rivals(sale: &Sale<'_>, found: &mut Vec<Explanation>) {
    let lost = sale.entries.iter().filter(|entry| entry.outcome == Standing::Lost);
    if let Some(best) = lost.min_by_key(|entry| entry.rank) {
        let rival = Explanation::new(Why::RunnerUp).money("bid", best.bid.unwrap_or_default());
        found.push(rival.of(best.offer));
    }
    if let Some(basis) = sale.basis
        && let Some((copies, sum)) = basis.alternative
    {
        found.push(
            Explanation::new(Why::Alternative)
                .count("copies", basis.copies)
                .money("sum", basis.sum)
                .count("other_copies", copies)
                .money("other_sum", sum),
        );
    }
}

/// An unsold lead that is to be explained.
#[derive(Clone, Copy, Debug)]
pub struct Miss<'a> {
    /// The excluded offers nearest to a sale.
    pub entries: &'a [TraceEntry],
    /// How many others there were, by code.
    pub rest: &'a BTreeMap<String, u32>,
    /// The terms of the versions in the trace; what is missing is explained with less.
    pub terms: &'a BTreeMap<OfferVersionId, Arc<Terms>>,
    /// The lead's score.
    pub score: i32,
    /// When it was decided.
    pub decided_at: Timestamp,
}

/// What would have sold the lead, the nearest first: for an operator offer by offer, for its
/// publisher what would have been enough for the easiest offer of each kind. Nothing for a buyer,
/// who has nothing to do with a lead that it did not buy.
pub fn what_would_have_sold(reader: Reader, miss: &Miss<'_>) -> Vec<Explanation> {
    let mut found: Vec<Explanation> = Vec::new();
    if reader == Reader::Buyer {
        return found;
    }
    for code in v::NEAREST_FIRST {
        let entries = miss.entries.iter().filter(|entry| {
            entry.outcome == Standing::Excluded && entry.code.as_deref() == Some(code.name)
        });
        let more = miss.rest.get(code.name).copied().unwrap_or(0);
        match reader {
            Reader::Operator => {
                found.extend(entries.filter_map(|entry| need(miss, entry)));
                if more > 0
                    && let Some(why) = meaning(code.name)
                {
                    found.push(Explanation { offers: more, ..Explanation::new(why) });
                }
            }
            Reader::Publisher | Reader::Buyer => {
                for_publisher(miss, *code, entries, more, &mut found)
            }
        }
    }
    if found.is_empty() {
        found.push(Explanation::new(Why::NeedsOffer));
    }
    found
}

fn meaning(code: &str) -> Option<Why> {
    let table = [
        (v::NO_OFFER_FUNDED, Why::NeedsFunds),
        (v::OFFER_CAPPED, Why::NeedsRoom),
        (v::OFFER_BUSY, Why::NeedsRoom),
        (v::PUBLISHER_CAPPED, Why::NeedsPublisherRoom),
        (v::OFFER_PACED, Why::NeedsPace),
        (v::BUYER_HAS_PERSON, Why::NeedsOtherPerson),
        (v::OFFER_CLOSED_NOW, Why::NeedsHour),
        (v::MIN_EARNING, Why::NeedsLowerAsk),
        (v::SCORE_TOO_LOW, Why::NeedsScore),
        (v::CONDITION_FAILED, Why::NeedsField),
        (v::NOT_APPROVED, Why::NeedsApproval),
        (v::NOT_TARGETED, Why::NeedsTarget),
    ];
    table.iter().find(|(known, _)| known.name == code).map(|(_, why)| *why)
}

/// What one offer would have needed.
fn need(miss: &Miss<'_>, entry: &TraceEntry) -> Option<Explanation> {
    let why = meaning(entry.code.as_deref()?)?;
    let known = Explanation::new(why).of(entry.offer);
    let schedule =
        || miss.terms.get(&entry.version).and_then(|t| ZoneSchedule::new(&t.schedule).ok());
    Some(match (why, entry.need) {
        (Why::NeedsFunds, Some(missing)) => known.money("missing", missing),
        (Why::NeedsLowerAsk, Some(earning)) => known.money("earning", earning),
        (Why::NeedsScore, Some(wanted)) => known.count("wanted", wanted).count("score", miss.score),
        (Why::NeedsRoom | Why::NeedsPublisherRoom, _) => {
            let at = schedule().zip(CapHit::period_of(&entry.detail));
            let at = at.and_then(|(zone, period)| zone.next_period(period, miss.decided_at));
            known.text("cap", &entry.detail).at("at", at)
        }
        (Why::NeedsHour, _) => {
            known.at("at", schedule().and_then(|zone| zone.next_open(miss.decided_at)))
        }
        (Why::NeedsField, _) if !entry.detail.is_empty() => known.text("field", &entry.detail),
        (Why::NeedsOtherPerson, _) => known.text("set", &entry.detail),
        _ => known,
    })
}

/// What the easiest offers of one kind would have needed, without what publishers may not know:
/// private offers, money of buyers, their caps.
fn for_publisher<'e>(
    miss: &Miss<'_>,
    code: Code,
    entries: impl Iterator<Item = &'e TraceEntry>,
    more: u32,
    found: &mut Vec<Explanation>,
) {
    let mut kinds: Vec<Explanation> = Vec::new();
    for entry in entries {
        if code == v::NOT_APPROVED || code == v::NOT_TARGETED {
            let terms = miss.terms.get(&entry.version);
            if terms.is_none_or(|terms| terms.visibility == Visibility::Private) {
                continue;
            }
        }
        let Some(mut one) = need(miss, entry) else { continue };
        one.offer = None;
        one.facts.retain(|(name, _)| match one.why {
            Why::NeedsFunds | Why::NeedsRoom | Why::NeedsPublisherRoom => false,
            _ => *name != "set",
        });
        match kinds.iter_mut().find(|known| joins(known, &one)) {
            Some(known) => {
                known.offers += 1;
                if easier(&one, known) {
                    known.facts = one.facts;
                }
            }
            None => kinds.push(one),
        }
    }
    // Of those that the trace only counts, the ones that were excluded after the check of the
    // participation are open to the publisher; the others may be private and are not counted.
    match kinds.first_mut() {
        Some(known)
            if !matches!(known.why, Why::NeedsField | Why::NeedsApproval | Why::NeedsTarget) =>
        {
            known.offers += more;
        }
        None if code == v::CONDITION_FAILED && more > 0 => {
            kinds.push(Explanation::new(Why::NeedsField));
        }
        _ => {}
    }
    found.append(&mut kinds);
}

/// Two needs of one kind: of the same field, where it is a field.
fn joins(a: &Explanation, b: &Explanation) -> bool {
    a.why == b.why && (a.why != Why::NeedsField || a.facts == b.facts)
}

/// Whether the first fact of `a` asks for less than that of `b`: a lower score, a higher earning
/// that would have been paid, an earlier hour.
fn easier(a: &Explanation, b: &Explanation) -> bool {
    match (a.facts.first(), b.facts.first()) {
        (Some((_, Fact::Money(a))), Some((_, Fact::Money(b)))) => a > b,
        (Some((_, Fact::Count(a))), Some((_, Fact::Count(b)))) => a < b,
        (Some((_, Fact::At(a))), Some((_, Fact::At(b)))) => a < b,
        _ => false,
    }
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
