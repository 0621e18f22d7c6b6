//! From outcomes to rows, for pings and for the ends of pings.

use leadbourse_core::exchange::{AwardPlan, Ended, Outcome};
use leadbourse_core::ids::{AwardId, BidId, LeadId, OrganizationId};
use leadbourse_core::lead::LeadState;
use leadbourse_core::lead::verdict::ShownMoney;
use leadbourse_core::ledger::{Account, LedgerTx, templates};
use leadbourse_core::money::Currency;
use leadbourse_core::ping::{BidState, PingOutcome, PingState, PingVerdict, ShownBid};
use leadbourse_core::time::{SECOND, Timestamp};

use super::ping::PingDraft;
use super::plan::{Gathered, StoredTrace};
use super::prepare::Prepared;
use crate::ledger::credited;
use crate::pings::{self, Bid, EndedBid, EndedPing, NewPing, Ping};
use crate::platform::db::bulk::{Rows, Sets};
use crate::platform::error::{Context, Result};

/// What a batch writes about pings.
#[derive(Default)]
pub(super) struct PingRows {
    pings: Vec<NewPing>,
    bids: Vec<Bid>,
    ended: Vec<EndedPing>,
    ended_bids: Vec<EndedBid>,
}

impl PingRows {
    /// The rows and changes, always of the same tables in the same order.
    pub(super) fn into_parts(self, now: Timestamp) -> Result<([Rows; 2], [Sets; 2])> {
        Ok((
            [pings::ping_rows(&self.pings)?, pings::bid_rows(&self.bids)],
            [pings::ping_sets(&self.ended, now), pings::bid_sets(&self.ended_bids, now)],
        ))
    }

    pub(super) fn captured(&mut self, bid: BidId, award: AwardId) {
        self.ended_bids.push(EndedBid { id: bid, state: BidState::Captured, award: Some(award) });
    }
}

impl Gathered<'_> {
    /// Adds one decided ping; gives its answer.
    pub(super) fn pinged(
        &mut self,
        prepared: &Prepared,
        draft: &PingDraft,
        outcome: &Outcome,
    ) -> Result<PingVerdict> {
        let now = self.now();
        let expires_at = now.plus(draft.ttl_s.saturating_mul(SECOND));
        let bids: Vec<Bid> = outcome
            .awards
            .iter()
            .map(|won| bid_of(prepared, draft, won, outcome, (now, expires_at)))
            .collect();
        for bid in &bids {
            self.accounts.extend(Account::of_buyer(bid.buyer, bid.currency));
            if bid.amount > 0 {
                let (buyer, currency) = (bid.buyer, bid.currency);
                self.post(templates::reserve_bid(bid.id, buyer, bid.amount, currency, now)?);
            }
        }
        let verdict = answer(prepared, draft, outcome, &bids, expires_at);
        let text = serde_json::to_string(&verdict).context("printing an answer")?;
        let trace = StoredTrace::of_ping(outcome, &prepared.risk);
        let state = verdict.outcome.state();
        let ping = Ping {
            id: draft.id,
            niche: prepared.item.niche,
            niche_version: draft.version,
            publisher: prepared.item.publisher,
            source: prepared.wish.source,
            channel: draft.channel.as_str().to_owned(),
            state,
            score: draft.score,
            fields: draft.fields.clone(),
            prints: draft.prints.clone(),
            verdict: verdict.clone(),
            trace_text: serde_json::to_string(&trace).context("printing a trace")?,
            lead: None,
            received_at: draft.received_at,
            expires_at,
            ended_at: (state != PingState::Open).then_some(now),
        };
        if let Some((record, _)) = prepared.idempotency {
            self.answer(record, text.clone());
        }
        self.pings.pings.push(NewPing { ping, verdict_text: text });
        self.pings.bids.extend(bids);
        Ok(verdict)
    }

    /// Writes down the end of a post's ping, and gives back what it did not take.
    pub(super) fn ended(&mut self, prepared: &Prepared, ended: &Ended) -> Result<()> {
        let (state, bid_state) = if ended.posted {
            (PingState::Posted, BidState::Released)
        } else {
            (PingState::Expired, BidState::Expired)
        };
        let lead: Option<LeadId> = ended.posted.then_some(prepared.item.lead);
        self.pings.ended.push(EndedPing { id: ended.ping, state, lead });
        let (currency, now) = (prepared.item.currency, self.now());
        for released in &ended.released {
            self.pings.ended_bids.push(EndedBid {
                id: released.bid,
                state: bid_state,
                award: None,
            });
            if released.amount > 0 {
                let (bid, buyer) = (released.bid, released.buyer);
                let tx = release(bid, buyer, (released.amount, released.to_debt), currency, now)?;
                self.post(tx);
            }
            self.accounts.extend(Account::of_buyer(released.buyer, currency));
            if released.to_debt > 0 {
                self.send(credited(released.buyer, currency));
            }
        }
        Ok(())
    }
}

/// The transaction that gives a bid's money back.
pub(super) fn release(
    bid: BidId,
    buyer: OrganizationId,
    (amount, to_debt): (i64, i64),
    currency: Currency,
    now: Timestamp,
) -> Result<LedgerTx> {
    Ok(templates::release_bid(bid, buyer, amount, currency, to_debt, now)?)
}

fn bid_of(
    prepared: &Prepared,
    draft: &PingDraft,
    won: &AwardPlan,
    outcome: &Outcome,
    (now, expires_at): (Timestamp, Timestamp),
) -> Bid {
    let price = won.lead.map_or(0, |legs| legs.price());
    Bid {
        id: BidId::new(now),
        ping: draft.id,
        offer: won.offer.id,
        offer_version: won.offer.version,
        buyer: won.offer.buyer,
        publisher: prepared.item.publisher,
        copies: i32::try_from(outcome.awards.len()).unwrap_or(i32::MAX),
        place: won.copy_no,
        price,
        earning: won.lead.map_or(0, |legs| legs.earning()),
        take_rate: prepared.item.take_rate,
        reserve: won.reserve,
        amount: price.saturating_add(won.reserve),
        currency: prepared.item.currency,
        seller_capped: !won.offer.terms.publisher_caps.is_empty(),
        state: BidState::Open,
        award: None,
        created_at: now,
        expires_at,
        ended_at: None,
    }
}

fn answer(
    prepared: &Prepared,
    draft: &PingDraft,
    outcome: &Outcome,
    bids: &[Bid],
    expires_at: Timestamp,
) -> PingVerdict {
    let currency = prepared.item.currency;
    let shown = bids.iter().zip(&outcome.awards).map(|(bid, won)| ShownBid {
        bid_id: bid.id,
        offer_id: bid.offer,
        offer: won.offer.name.clone(),
        earning: ShownMoney::new(bid.earning, currency),
        copies: bid.copies,
        exclusive: bid.copies == 1,
        expires_at: expires_at.rfc3339(),
    });
    let earned = bids.iter().map(|bid| bid.earning).fold(0i64, i64::saturating_add);
    let verdict = match outcome.state {
        LeadState::Sold => PingOutcome::Bids,
        LeadState::Rejected => PingOutcome::Refused,
        _ => PingOutcome::NoBid,
    };
    PingVerdict {
        ping_id: draft.id,
        outcome: verdict,
        reasons: outcome.reasons.clone(),
        bids: shown.collect(),
        earning: ShownMoney::new(earned, currency),
        expires_at: (verdict == PingOutcome::Bids).then(|| expires_at.rfc3339()),
        received_at: draft.received_at.rfc3339(),
    }
}
