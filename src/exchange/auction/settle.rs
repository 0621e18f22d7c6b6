//! Step 3: what the winner said about the lead, in one transaction.

use leadbourse_core::conversion::Legs;
use leadbourse_core::exchange::{Promise, PromisedBid, Reply, Shortlist, allocate};
use leadbourse_core::ids::{AwardId, BidId, LeadId, OfferId, PingId};
use leadbourse_core::lead::verdict::Verdict;
use leadbourse_core::live::{AwardStep, Posted, RunStep};
use leadbourse_core::ping::BidState;
use leadbourse_core::time::{SECOND, Timestamp};
use serde_json::json;
use std::collections::BTreeMap;

use super::case::{Final, KeptTrace, NO_LIMITS, lock_run, only, own, prepared, wanted};
use super::jobs::AWAIT_LIVE;
use crate::exchange::batch;
use crate::exchange::expire::give_back;
use crate::exchange::locks::{self, Keys};
use crate::exchange::plan::EXCHANGE;
use crate::exchange::posted::offer_of;
use crate::exchange::prepare::Prepared;
use crate::exchange::service::Exchange;
use crate::leads;
use crate::live::{self, LiveAward, LiveRun};
use crate::pings::Bid;
use crate::platform::db::WriteTx;
use crate::platform::db::bulk;
use crate::platform::error::{Error, Result, retry};
use crate::platform::jobs::{self, JobSpec};

/// How an offered award ends, or that it does not end yet.
#[derive(Clone, Debug)]
pub(super) enum Ending {
    /// The buyer said so, or did not say.
    Posted(Posted),
    /// It was silent for too long, and has declared that this means no.
    Released,
}

/// What became of the lead.
pub(super) enum Settled {
    /// It is sold.
    Decided(Verdict),
    /// The next in rank is to be tried, by these replies.
    Next(BTreeMap<OfferId, Reply>),
    /// It waits for the silent buyer.
    Waits,
    /// Somebody else has ended the award.
    Gone,
}

impl Exchange {
    /// Writes down what a live buyer said about its award. Only the first word counts.
    pub(super) async fn settle(
        &self,
        lead: LeadId,
        award: AwardId,
        ending: &Ending,
    ) -> Result<Settled> {
        retry(|| self.try_settle(lead, award, ending)).await
    }

    async fn try_settle(&self, lead: LeadId, id: AwardId, ending: &Ending) -> Result<Settled> {
        let inner = &*self.0;
        let tx = inner.db.begin_write(&inner.clock).await?;
        let run = lock_run(&tx, lead, &[RunStep::Offered, RunStep::Waiting]).await?;
        let award = live::award(&tx, id).await?.filter(|award| award.state.is_open());
        let (Some(run), Some(award)) = (run, award) else { return Ok(Settled::Gone) };
        match ending {
            Ending::Posted(Posted::Accepted { price, redirect }) => {
                let verdict = self.capture(tx, run, award, (*price, redirect.clone())).await?;
                Ok(Settled::Decided(verdict))
            }
            Ending::Posted(Posted::Declined { reason }) => {
                let reply = Reply::PostDeclined { reason: reason.clone() };
                self.release(tx, run, award, (reply, reason)).await
            }
            Ending::Released => self.release(tx, run, award, (Reply::Released, "SILENT")).await,
            Ending::Posted(Posted::Silent) if award.state == AwardStep::Offered => {
                self.wait_for(tx, run, award).await
            }
            Ending::Posted(Posted::Silent) => Ok(Settled::Waits),
        }
    }

    /// The buyer took it: the reservation pays the conversion, the lead is sold. The bid is charged,
    /// whatever the answer named.
    async fn capture(
        &self,
        tx: WriteTx,
        run: LiveRun,
        award: LiveAward,
        (posted_price, redirect): (Option<i64>, Option<String>),
    ) -> Result<Verdict> {
        let inner = &*self.0;
        let mut prepared = prepared(inner, &tx, run.lead, Some((award.id, redirect))).await?;
        self.promise(&tx, &mut prepared, &award).await?;
        let open = [&prepared];
        let claims = wanted(&prepared, &run, tx.now());
        // A promise binds whatever the market is now.
        let keys = Keys::of(&open, false).without_epochs();
        let request = locks::request(&open, &keys, claims.clone(), &tx);
        let claimed = bulk::claim_and_lock(&tx, request).await?;
        let items = only(&prepared);
        let (mut market, holders) = batch::market(&tx, &items, &claimed, NO_LIMITS).await?;
        locks::promised(&claimed, &items, &mut market)?;
        market.open_pings.insert(PingId(run.lead.uuid()));
        market.taken.clear();
        let mut allocation = allocate(&items, &market);
        let mine = own(&claimed, run.lead);
        for outcome in &mut allocation.outcomes {
            if outcome.awards.is_empty() {
                return Err(Error::broken("an accepted award was not allocated"));
            }
            KeptTrace::put_into(&run.trace, outcome)?;
            outcome.claims.retain(|(id, _)| mine.contains(id));
        }
        let moved = live::move_award(&tx, &award, AwardStep::Awarded, (None, posted_price)).await?;
        if !moved {
            return Err(Error::broken("an offered award moved under its lead's lock"));
        }
        let last = Final { prepared: &prepared, allocation: &allocation, claims, claimed, holders };
        last.write(inner, tx, run).await
    }

    /// Makes a lead the post of what was offered: only this bid, in the version that won.
    async fn promise(
        &self,
        tx: &WriteTx,
        prepared: &mut Prepared,
        award: &LiveAward,
    ) -> Result<()> {
        let bid = bid_of(award);
        let book = self.niche(prepared.item.niche);
        let book = book.ok_or_else(|| Error::broken("a lead's niche is not in the book"))?;
        let offer = offer_of(tx, &book, &bid).await?;
        let fee = award.price.saturating_sub(award.earning);
        let claims = prepared.wish.person.offer_claims(
            &book.policy.dedupe,
            offer.id,
            award.buyer,
            offer.terms.dedupe_window_s,
        );
        let promised = PromisedBid {
            id: bid.id,
            offer,
            lead: Legs::stored(award.price, award.earning, fee),
            take_rate: award.take_rate,
            reserve: award.reserve,
            amount: award.amount,
            held_at: award.created_at,
            chosen: true,
            claims,
        };
        let item = &mut prepared.item;
        item.settled = None;
        item.min_earning = None;
        item.shortlist = Shortlist::default();
        item.promise = Some(Promise {
            ping: bid.ping,
            bids: vec![promised],
            expires_at: bid.expires_at,
            late_direct: false,
        });
        Ok(())
    }

    /// The buyer did not take it: its money and its place are free, and the next in rank is tried.
    async fn release(
        &self,
        tx: WriteTx,
        mut run: LiveRun,
        award: LiveAward,
        (reply, reason): (Reply, &str),
    ) -> Result<Settled> {
        let inner = &*self.0;
        give_back(inner, &tx, &bid_of(&award)).await?;
        let kept = Some(reason).filter(|reason| !reason.is_empty());
        if !live::move_award(&tx, &award, AwardStep::Declined, (kept, None)).await? {
            return Err(Error::broken("an offered award moved under its lead's lock"));
        }
        let code = if reply == Reply::Released { "RELEASED" } else { "DECLINED" };
        let (from, lead) = (run.step, run.lead);
        run.step = RunStep::Ranking;
        run.replies.insert(award.offer, reply);
        run.silent_until = None;
        if !live::save_run(&tx, from, &run).await? {
            return Err(Error::broken("a live run moved under its lead's lock"));
        }
        let evidence = json!({"award": award.id, "offer": award.offer, "reason": kept});
        leads::append(&tx, &inner.vault, lead, (code, EXCHANGE), &evidence).await?;
        tx.commit().await?;
        Ok(Settled::Next(run.replies))
    }

    /// Nobody knows whether the buyer took it: everything stays, and a job asks.
    async fn wait_for(&self, tx: WriteTx, run: LiveRun, award: LiveAward) -> Result<Settled> {
        let inner = &*self.0;
        if !live::move_award(&tx, &award, AwardStep::Unknown, (None, None)).await? {
            return Err(Error::broken("an offered award moved under its lead's lock"));
        }
        let (from, lead) = (run.step, run.lead);
        let until = tx.now().plus(i64::from(inner.live.silence_s).saturating_mul(SECOND));
        let run = LiveRun { step: RunStep::Waiting, silent_until: Some(until), ..run };
        if !live::save_run(&tx, from, &run).await? {
            return Err(Error::broken("a live run moved under its lead's lock"));
        }
        let first = tx.now().plus(inner.status_every()).min(until);
        let job = JobSpec::new(AWAIT_LIVE, json!({"lead": lead, "award": award.id}));
        jobs::schedule(&tx, job.at(first)).await?;
        let evidence = json!({"award": award.id, "offer": award.offer});
        leads::append(&tx, &inner.vault, lead, ("UNKNOWN", EXCHANGE), &evidence).await?;
        tx.commit().await?;
        metrics::counter!("live_unknown_total").increment(1);
        Ok(Settled::Waits)
    }
}

/// An offered award as a bid: it holds what a bid on a ping holds.
fn bid_of(award: &LiveAward) -> Bid {
    Bid {
        id: BidId(award.id.uuid()),
        ping: PingId(award.lead.uuid()),
        offer: award.offer,
        offer_version: award.offer_version,
        buyer: award.buyer,
        publisher: award.publisher,
        copies: 1,
        place: 1,
        price: award.price,
        earning: award.earning,
        take_rate: award.take_rate,
        reserve: award.reserve,
        amount: award.amount,
        currency: award.currency,
        seller_capped: award.seller_capped,
        state: BidState::Open,
        award: Some(award.id),
        created_at: award.created_at,
        // It ends by a word, never by the clock.
        expires_at: Timestamp::from_micros(i64::MAX),
        ended_at: None,
    }
}
