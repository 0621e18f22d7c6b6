//! A lead under auction, as its tables have it.

use leadbourse_core::error::NOT_FOUND;
use leadbourse_core::exchange::{Allocation, Basis, Item, Outcome, TraceEntry};
use leadbourse_core::ids::{AwardId, LeadId};
use leadbourse_core::lead::LeadState;
use leadbourse_core::lead::verdict::Verdict;
use leadbourse_core::live::RunStep;
use leadbourse_core::money::Bps;
use leadbourse_core::ping::PingLimits;
use leadbourse_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

use crate::accounts;
use crate::exchange::finish::{self, Kept};
use crate::exchange::plan::Gathered;
use crate::exchange::prepare::{Body, Prepared, StoredBody};
use crate::exchange::quarantine::{stored, stored_parts};
use crate::exchange::service::Inner;
use crate::exchange::worker::tell;
use crate::leads;
use crate::ledger;
use crate::live::{self, LiveRun};
use crate::platform::db::bulk::{self, Claim, Claimed};
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::{Context, Error, Result};

/// Live auctions hold no pings: no ceiling of them applies.
pub(super) const NO_LIMITS: PingLimits =
    PingLimits { open_bids: i64::MAX, min_posted: Bps(0), after: i64::MAX, window_s: 3_600 };

/// The trace of an allocation, kept until the lead is decided.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct KeptTrace {
    entries: Vec<TraceEntry>,
    #[serde(default)]
    basis: Option<Basis>,
    #[serde(default)]
    rest: BTreeMap<String, u32>,
}

impl KeptTrace {
    /// What an outcome says, as text.
    pub(super) fn of(outcome: &Outcome) -> Result<String> {
        let kept = Self {
            entries: outcome.trace.clone(),
            basis: outcome.basis.clone(),
            rest: outcome.rest.clone(),
        };
        serde_json::to_string(&kept).context("printing a trace")
    }

    /// Gives an outcome the trace of the auction that it ends.
    pub(super) fn put_into(text: &str, outcome: &mut Outcome) -> Result<()> {
        let kept: Self = serde_json::from_str(text).context("reading a kept trace")?;
        outcome.trace = kept.entries;
        outcome.basis = kept.basis;
        outcome.rest = kept.rest;
        Ok(())
    }
}

/// Locks a lead and reads how far it is; `None` if it is not at one of these steps any more.
pub(super) async fn lock_run(
    tx: &WriteTx,
    lead: LeadId,
    steps: &[RunStep],
) -> Result<Option<LiveRun>> {
    leads::lock(tx, &[lead.uuid()]).await?;
    Ok(live::run(tx, lead).await?.filter(|run| steps.contains(&run.step)))
}

/// Prepares a stored lead by the market as it is in the book. `accepted` is the award that ends it.
pub(super) async fn prepared(
    inner: &Inner,
    tx: &impl Reader,
    lead: LeadId,
    accepted: Option<(AwardId, Option<String>)>,
) -> Result<Prepared> {
    let record = leads::by_ids(tx, &[lead.uuid()]).await?.remove(&lead).ok_or(NOT_FOUND)?;
    if record.state != LeadState::Received {
        return Err(Error::broken(format!("{lead} is decided and has a live run")));
    }
    let (contact, last) = stored_parts(tx, lead).await?;
    if inner.book.load().desk(record.source, None).is_err() {
        inner.book.catch_up().await?;
    }
    let (actor, release, note) = (None, true, None);
    let mut prepared =
        stored(inner, StoredBody { record, contact, last, actor, release, note, accepted })?;
    // Its publisher's claims had their turn when it came: now it belongs to those that were asked.
    prepared.item.shortlist.ordered.clear();
    Ok(prepared)
}

/// What is asked of the claims: what the lead may come to take, and what it took when it came.
pub(super) fn wanted(prepared: &Prepared, run: &LiveRun, now: Timestamp) -> Vec<Claim> {
    let mut claims = finish::wanted(&[prepared], now);
    let known: HashSet<Uuid> = claims.iter().map(|claim| claim.id).collect();
    let lead_id = run.lead.uuid();
    let others = run.claims.iter().filter(|id| !known.contains(id));
    claims.extend(others.map(|id| Claim { id: *id, lead_id, expires_at: now.micros() }));
    claims
}

/// The claims that are the lead's now: what it had, and what it took in this transaction.
pub(super) fn own(claimed: &Claimed, lead: LeadId) -> HashSet<Uuid> {
    let held = claimed.holders.iter().filter(|(_, holder)| **holder == lead.uuid());
    held.map(|(id, _)| *id).chain(claimed.won.iter().copied()).collect()
}

/// A decision that is about to be written.
pub(super) struct Final<'a> {
    pub(super) prepared: &'a Prepared,
    pub(super) allocation: &'a Allocation,
    pub(super) claims: Vec<Claim>,
    pub(super) claimed: Claimed,
    pub(super) holders: HashMap<Uuid, Uuid>,
}

impl Final<'_> {
    /// Writes the lead's verdict with everything that belongs to it, ends its run and commits.
    pub(super) async fn write(self, inner: &Inner, tx: WriteTx, run: LiveRun) -> Result<Verdict> {
        let outcome = self.allocation.outcomes.first();
        let outcome = outcome.ok_or_else(|| Error::broken("an allocation without an outcome"))?;
        // The epoch may not have been read here: who wants to hear is asked, not known.
        let publisher = self.prepared.item.publisher;
        let heard = !accounts::listening(&tx, [publisher]).await?.is_empty();
        let heard = heard.then_some(self.prepared.wish.source);
        let mut gathered = Gathered::new(&inner.vault, tx.now()).telling(heard);
        let supersedes = match &self.prepared.body {
            Body::Stored(body) => body.record.supersedes,
            Body::New(_) | Body::Ping(_) => None,
        };
        let verdict = gathered.decided(self.prepared, outcome, supersedes, &self.holders)?;
        if let Some(record) = run.answer_id {
            let text = serde_json::to_string(&verdict).context("printing a verdict")?;
            gathered.answer(record, text);
        }
        let kept = self.kept(outcome, run.lead, &tx);
        let new_accounts = inner.unknown_accounts(&gathered.accounts);
        if !new_accounts.is_empty() {
            ledger::ensure_accounts(&tx, &new_accounts).await?;
        }
        if gathered.tells_any() {
            tx.will_wake_outbox();
        }
        let awards = gathered.awards.clone();
        bulk::write_all(&tx, gathered.into_plan(self.allocation, kept, false)?).await?;
        let from = run.step;
        let done = LiveRun { step: RunStep::Done, ended_at: Some(tx.now()), ..run };
        if !live::save_run(&tx, from, &done).await? {
            return Err(Error::broken("a live run moved under its lead's lock"));
        }
        tx.commit().await?;
        inner.remember_accounts(&new_accounts);
        metrics::counter!("exchange_leads_total", "state" => outcome.state.as_str()).increment(1);
        tell(inner, &awards);
        Ok(verdict)
    }

    /// What of the claims stays: everything else that is the lead's is dropped.
    fn kept(&self, outcome: &Outcome, lead: LeadId, tx: &WriteTx) -> Kept {
        let decided = [(self.prepared, outcome)];
        let mut kept = finish::keep(&self.claims, &self.claimed.won, &decided, tx.now());
        let stays: HashSet<Uuid> = outcome.claims.iter().map(|(id, _)| *id).collect();
        kept.dropped = own(&self.claimed, lead).difference(&stays).copied().collect();
        kept.dropped.sort_unstable();
        kept
    }
}

/// The items of one lead.
pub(super) fn only(prepared: &Prepared) -> [&Item; 1] {
    [&prepared.item]
}
