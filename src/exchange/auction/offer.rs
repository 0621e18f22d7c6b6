//! Step 2: the auction's result among the timely bids and the instant offers, in one transaction.

use leadbourse_core::error::OVERLOADED;
use leadbourse_core::exchange::{Item, Market, Outcome, Reply, allocate};
use leadbourse_core::ids::{AwardId, BidId, LeadId, NicheId, OfferId};
use leadbourse_core::lead::verdict::Verdict;
use leadbourse_core::ledger::{Account, templates};
use leadbourse_core::live::{AwardStep, RunStep};
use leadbourse_core::offer::terms::Mode;
use serde_json::json;
use std::collections::{BTreeMap, HashSet};

use super::begin::millis;
use super::case::{Final, KeptTrace, NO_LIMITS, lock_run, only, own, prepared, wanted};
use crate::exchange::batch;
use crate::exchange::locks::{self, Keys, stale_niches};
use crate::exchange::meters::{meter_sets, seller_sets};
use crate::exchange::plan::EXCHANGE;
use crate::exchange::prepare::Prepared;
use crate::exchange::service::Exchange;
use crate::leads;
use crate::ledger;
use crate::live::{self, LiveAward, LiveRun};
use crate::offers;
use crate::platform::db::WriteTx;
use crate::platform::db::bulk;
use crate::platform::error::{Error, Result, retry};

/// How often it follows a market that keeps moving.
const MOST_REFRESHES: u32 = 20;

/// What came of a turn.
pub(super) enum Turn {
    /// The lead is decided.
    Decided(Verdict),
    /// A live buyer won: it is to be sent the lead.
    Offered(Box<LiveAward>),
    /// Somebody else has moved the lead on.
    Gone,
}

enum Tried {
    Turn(Turn),
    Stale(HashSet<NicheId>),
}

impl Exchange {
    /// Decides the lead by what the live buyers said, or offers it to the one that won.
    pub(super) async fn turn(
        &self,
        lead: LeadId,
        replies: &BTreeMap<OfferId, Reply>,
    ) -> Result<Turn> {
        for _ in 0..MOST_REFRESHES {
            match retry(|| self.try_turn(lead, replies)).await? {
                Tried::Turn(turn) => return Ok(turn),
                Tried::Stale(niches) => self.0.book.refresh(&niches).await?,
            }
        }
        Err(OVERLOADED.into())
    }

    async fn try_turn(&self, lead: LeadId, replies: &BTreeMap<OfferId, Reply>) -> Result<Tried> {
        let inner = &*self.0;
        let tx = inner.db.begin_write(&inner.clock).await?;
        let Some(run) = lock_run(&tx, lead, &[RunStep::Asking, RunStep::Ranking]).await? else {
            return Ok(Tried::Turn(Turn::Gone));
        };
        let mut prepared = prepared(inner, &tx, lead, None).await?;
        // The time for posts begins when the asks have ended: after a crash they were asked anew.
        let post_until = match run.step {
            RunStep::Asking => tx.now().plus(millis(inner.live.post_until_ms)),
            _ => run.post_until,
        };
        let run = LiveRun { post_until, ..run };
        let in_time = tx.now() < post_until;
        let list = std::mem::take(&mut prepared.item.shortlist);
        prepared.item.shortlist = list.heard(replies, prepared.item.take_rate, in_time);
        let open = [&prepared];
        let claims = wanted(&prepared, &run, tx.now());
        let keys = Keys::of(&open, false);
        let request = locks::request(&open, &keys, claims.clone(), &tx);
        let claimed = bulk::claim_and_lock(&tx, request).await?;
        let stale = stale_niches(&open, &claimed);
        if !stale.is_empty() {
            tx.rollback().await?;
            return Ok(Tried::Stale(stale));
        }
        let items = only(&prepared);
        let (market, holders) = batch::market(&tx, &items, &claimed, NO_LIMITS).await?;
        let allocation = allocate(&items, &market);
        let outcome = allocation.outcomes.first();
        let won = outcome.and_then(|outcome| outcome.awards.first());
        let run = LiveRun { replies: replies.clone(), ..run };
        if let (Some(outcome), Some(won)) = (outcome, won)
            && won.offer.terms.mode == Mode::Live
        {
            let claims = own(&claimed, lead).into_iter().collect();
            let run = LiveRun { trace: KeptTrace::of(outcome)?, claims, ..run };
            let award = self.offer(tx, run, &prepared, &market).await?;
            return Ok(Tried::Turn(Turn::Offered(Box::new(award))));
        }
        let last = Final { prepared: &prepared, allocation: &allocation, claims, claimed, holders };
        Ok(Tried::Turn(Turn::Decided(last.write(inner, tx, run).await?)))
    }

    /// Reserves the winner's money and place, and writes down that it is offered the lead. Nobody
    /// else is while that stands.
    async fn offer(
        &self,
        tx: WriteTx,
        run: LiveRun,
        prepared: &Prepared,
        market: &Market,
    ) -> Result<LiveAward> {
        // The same allocation, as a hold: nothing is sold before the buyer accepts.
        let held = Item { holds: true, ..prepared.item.clone() };
        let allocation = allocate(&[&held], market);
        let outcome = allocation.outcomes.first();
        let award = outcome.and_then(|outcome| live_award(outcome, prepared, &tx));
        let mut award = award.ok_or_else(|| Error::broken("a held auction has another winner"))?;
        let known = offers::live_connections(&tx, &[award.offer]).await?;
        let connection = known.get(&award.offer);
        let connection = connection.ok_or_else(|| Error::broken("a bid without a connection"))?;
        award.on_silence = connection.settings.on_silence;
        let accounts = Account::of_buyer(award.buyer, award.currency);
        ledger::ensure_accounts(&tx, &accounts).await?;
        bulk::set_rows(&tx, meter_sets(&allocation.meters)).await?;
        bulk::set_rows(&tx, seller_sets(&allocation.sellers)).await?;
        let (bid, amount) = (BidId(award.id.uuid()), award.amount);
        let reserved = templates::reserve_bid(bid, award.buyer, amount, award.currency, tx.now())?;
        ledger::post(&tx, &[reserved]).await?;
        live::insert_award(&tx, &award).await?;
        let from = run.step;
        let run = LiveRun { step: RunStep::Offered, ..run };
        if !live::save_run(&tx, from, &run).await? {
            return Err(Error::broken("a live run moved under its lead's lock"));
        }
        let evidence = json!({"award": award.id, "offer": award.offer});
        let vault = &self.0.vault;
        leads::append(&tx, vault, run.lead, ("OFFERED", EXCHANGE), &evidence).await?;
        tx.commit().await?;
        Ok(award)
    }
}

/// The live award of an outcome that holds for one.
fn live_award(outcome: &Outcome, prepared: &Prepared, tx: &WriteTx) -> Option<LiveAward> {
    let won = outcome.awards.first().filter(|won| won.offer.terms.mode == Mode::Live)?;
    let legs = won.lead?;
    Some(LiveAward {
        id: AwardId::new(tx.now()),
        lead: prepared.item.lead,
        offer: won.offer.id,
        offer_version: won.offer.version,
        buyer: won.offer.buyer,
        publisher: prepared.item.publisher,
        state: AwardStep::Offered,
        price: legs.price(),
        earning: legs.earning(),
        take_rate: prepared.item.take_rate,
        reserve: won.reserve,
        amount: legs.price().saturating_add(won.reserve),
        currency: prepared.item.currency,
        seller_capped: !won.offer.terms.publisher_caps.is_empty(),
        on_silence: leadbourse_core::live::OnSilence::Released,
        reason: None,
        posted_price: None,
        created_at: tx.now(),
        ended_at: None,
    })
}
