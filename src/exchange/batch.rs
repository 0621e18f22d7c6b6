//! One batch in one write transaction: take and lock, decide, write, commit.

use leadbourse_core::error::Problem;
use leadbourse_core::exchange::{Allocation, Item, Market, Outcome, allocate, receive};
use leadbourse_core::ids::{LeadId, NicheId, OfferId};
use leadbourse_core::lead::LeadState;
use leadbourse_core::ledger::Account;
use leadbourse_core::ping::{PingLimits, PingState};
use leadbourse_core::time::Timestamp;
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

use super::finish::{self, person_claims};
use super::locks::{self, Keys, request, stale_niches};
use super::meters::{self, read_meters};
use super::ping::Pinged;
use super::plan::Gathered;
use super::prepare::{Body, Prepared};
use super::quarantine::{decided_before, record_decisions};
use super::repo;
use super::service::{Inner, Submitted};
use crate::conversions::{self, NewAward};
use crate::leads;
use crate::ledger;
use crate::orders::{self, CLAIM_DONE, Delivered};
use crate::pings;
use crate::platform::db::WriteTx;
use crate::platform::db::bulk::{self, Claimed, WritePlan};
use crate::platform::error::{Error, Result};
use crate::platform::idempotency::{self, Begin};
use crate::platform::outbox::Message;

/// What came of a try.
pub(super) enum Attempt {
    /// Committed: one answer per lead, in order, and the new awards.
    Done(Vec<Answer>, Vec<NewAward>),
    /// The market has moved on in these niches; nothing was written.
    Stale(HashSet<NicheId>),
}

/// What came of a rehearsal; nothing of it was written.
pub(super) enum Rehearsed {
    /// What a true lead would have got.
    Decided(Box<Outcome>),
    /// The market has moved on in these niches.
    Stale(HashSet<NicheId>),
}

/// Decides one lead with everything that a true one would lock and claim, and rolls back.
pub(super) async fn rehearse(inner: &Inner, prepared: &Prepared) -> Result<Rehearsed> {
    let tx = inner.db.begin_write(&inner.clock).await?;
    let batch = [prepared];
    let keys = Keys::of(&batch, prepared.is_pinged());
    let wanted = finish::wanted(&batch, tx.now());
    let claimed = bulk::claim_and_lock(&tx, request(&batch, &keys, wanted, &tx)).await?;
    let stale = stale_niches(&batch, &claimed);
    if !stale.is_empty() {
        tx.rollback().await?;
        return Ok(Rehearsed::Stale(stale));
    }
    let items = [&prepared.item];
    let (market, _) = market(&tx, &items, &claimed, inner.ping_limits()).await?;
    tx.rollback().await?;
    let outcome = allocate(&items, &market).outcomes.pop();
    let outcome = outcome.ok_or_else(|| Error::broken("an allocation without an outcome"))?;
    Ok(Rehearsed::Decided(Box::new(outcome)))
}

/// The answer to one submission.
pub(super) type Answer = std::result::Result<Answered, Problem>;

/// What an answer is about.
#[derive(Debug)]
pub(super) enum Answered {
    Lead(Submitted),
    Ping(Pinged),
}

impl Answered {
    /// The answer to a lead.
    pub(super) fn lead(self) -> Result<Submitted> {
        match self {
            Self::Lead(submitted) => Ok(submitted),
            Self::Ping(_) => Err(leadbourse_core::error::INTERNAL.into()),
        }
    }
}

/// Runs a batch. `after_loss` says that an earlier try may have committed unseen.
pub(super) async fn attempt(
    inner: &Inner,
    batch: &[&Prepared],
    after_loss: bool,
) -> Result<Attempt> {
    let tx = inner.db.begin_write(&inner.clock).await?;
    let refused = |prepared: &&Prepared| prepared.refused.clone().map(Err);
    let mut answers: Vec<Option<Answer>> = batch.iter().map(refused).collect();
    if after_loss {
        find_committed(&tx, batch, &mut answers).await?;
        find_pings(&tx, batch, &mut answers).await?;
    }
    lock_stored(&tx, batch, &mut answers).await?;
    let open = still_open(batch, &answers);
    let pinged = batch.iter().any(|prepared| prepared.is_pinged());
    let claims = finish::wanted(&open, tx.now());
    let keys = Keys::of(&open, pinged);
    let claimed = bulk::claim_and_lock(&tx, request(&open, &keys, claims.clone(), &tx)).await?;
    let stale = stale_niches(&open, &claimed);
    if !stale.is_empty() {
        tx.rollback().await?;
        return Ok(Attempt::Stale(stale));
    }
    replays(batch, &claimed, &mut answers);
    let mut gathered = gather(inner, batch, tx.now());
    let supersedes = external_ids(&tx, batch, &claimed, &mut answers, &mut gathered).await?;
    if pinged {
        posted_before(&tx, batch, &claimed, &mut answers, &mut gathered).await?;
    }

    let open = still_open(batch, &answers);
    let items: Vec<&Item> = open.iter().map(|prepared| &prepared.item).collect();
    let limits = inner.ping_limits();
    let (market, mut holders) = market(&tx, &items, &claimed, limits).await?;
    let live = inner.asks_live() && open.iter().any(|prepared| prepared.is_live());
    let allocation = if live { receive(&items, &market) } else { allocate(&items, &market) };
    let decided: Vec<(&Prepared, &Outcome)> =
        open.iter().copied().zip(&allocation.outcomes).collect();
    for (prepared, outcome) in &decided {
        holders.extend(outcome.claims.iter().map(|(id, _)| (*id, prepared.item.lead.uuid())));
    }
    let mut given = give(&mut gathered, &decided, &supersedes, &holders)?;
    let kept = finish::keep(&claims, &claimed.won, &decided, tx.now());
    let new_accounts = inner.unknown_accounts(&gathered.accounts);
    if !new_accounts.is_empty() {
        ledger::ensure_accounts(&tx, &new_accounts).await?;
    }
    let served = serve(&mut gathered, &items, &allocation, &claimed);
    if gathered.tells_any() {
        tx.will_wake_outbox();
    }
    let runs = if live { inner.runs(&decided, tx.now()) } else { Vec::new() };
    let awards = gathered.awards.clone();
    let mut plan = gathered.into_plan(&allocation, kept, pinged)?;
    count_served(&mut plan, &served, &claimed, tx.now())?;
    bulk::write_all(&tx, plan).await?;
    if !runs.is_empty() {
        inner.keep_runs(&tx, &runs).await?;
    }
    record_decisions(&tx, &open).await?;
    tx.commit().await?;
    inner.remember_accounts(&new_accounts);
    let answers = batch
        .iter()
        .zip(answers)
        .map(|(prepared, answer)| match answer {
            Some(answer) => answer,
            None => given
                .remove(&prepared.item.lead)
                .ok_or_else(|| leadbourse_core::error::INTERNAL.into()),
        })
        .collect();
    Ok(Attempt::Done(answers, awards))
}

/// The epochs are locked and the book has them: who wants to hear what happens is known as of now.
fn gather<'a>(inner: &'a Inner, batch: &[&Prepared], now: Timestamp) -> Gathered<'a> {
    let book = inner.book.load();
    let sources = batch.iter().map(|prepared| prepared.wish.source);
    Gathered::new(&inner.vault, now).telling(sources.filter(|source| book.is_heard(*source)))
}

/// What the batch sold to orders. Of claims that have got everything the book is told, so that the
/// next leads of their publishers lock nothing for them.
fn serve(
    gathered: &mut Gathered<'_>,
    items: &[&Item],
    allocation: &Allocation,
    claimed: &Claimed,
) -> Vec<Delivered> {
    let Some((_, claims)) = locks::ordered(claimed) else { return Vec::new() };
    let done = orders::finished(&allocation.delivered, claims);
    let named =
        |item: &&&Item| item.shortlist.ordered.iter().any(|one| done.contains(&one.by.claim));
    let niches: BTreeSet<NicheId> = items.iter().filter(named).map(|item| item.niche).collect();
    for niche in niches {
        gathered.send(Message::new(CLAIM_DONE, niche.uuid(), serde_json::json!({})));
    }
    std::mem::take(&mut gathered.delivered)
}

/// Counts what was sold to orders, in a batch that locks them.
fn count_served(
    plan: &mut WritePlan,
    served: &[Delivered],
    claimed: &Claimed,
    now: Timestamp,
) -> Result<()> {
    match locks::ordered(claimed) {
        Some(locked) => orders::writes(plan, served, locked, now),
        None => Ok(()),
    }
}

/// Gathers what was decided; gives each answer.
fn give(
    gathered: &mut Gathered<'_>,
    decided: &[(&Prepared, &Outcome)],
    supersedes: &HashMap<LeadId, LeadId>,
    holders: &HashMap<Uuid, Uuid>,
) -> Result<HashMap<LeadId, Answered>> {
    let mut given: HashMap<LeadId, Answered> = HashMap::with_capacity(decided.len());
    for (prepared, outcome) in decided {
        let answer = if let Body::Ping(draft) = &prepared.body {
            let verdict = gathered.pinged(prepared, draft, outcome)?;
            metrics::counter!("exchange_pings_total", "verdict" => verdict.outcome.as_str())
                .increment(1);
            Answered::Ping(Pinged { verdict, replayed: false })
        } else {
            let before = supersedes.get(&prepared.item.lead).copied();
            let verdict = gathered.decided(prepared, outcome, before, holders)?;
            count(outcome.state);
            Answered::Lead(Submitted::fresh(verdict))
        };
        given.insert(prepared.item.lead, answer);
    }
    Ok(given)
}

/// The leads that have no answer yet.
fn still_open<'a>(batch: &[&'a Prepared], answers: &[Option<Answer>]) -> Vec<&'a Prepared> {
    batch.iter().zip(answers).filter(|(_, answer)| answer.is_none()).map(|(p, _)| *p).collect()
}

/// Answers those whose idempotency key was used before.
fn replays(batch: &[&Prepared], claimed: &Claimed, answers: &mut [Option<Answer>]) {
    for (prepared, answer) in batch.iter().zip(answers) {
        let Some((record, hash)) = prepared.idempotency else { continue };
        if answer.is_some() || claimed.fresh.contains(&record) {
            continue;
        }
        let Some(stored) = claimed.replays.get(&record) else {
            *answer = Some(Err(leadbourse_core::error::IN_FLIGHT.into()));
            continue;
        };
        *answer = Some(match idempotency::replay(stored, &hash) {
            Ok(Begin::Replay(value)) => again(prepared, value),
            Ok(Begin::Fresh) => Err(leadbourse_core::error::IN_FLIGHT.into()),
            Err(error) => Err(told(&error)),
        });
    }
}

/// A stored answer, as what it answered.
fn again(prepared: &Prepared, value: serde_json::Value) -> Answer {
    let read = if matches!(prepared.body, Body::Ping(_)) {
        let ping = |verdict| Answered::Ping(Pinged { verdict, replayed: true });
        serde_json::from_value(value).map(ping)
    } else {
        serde_json::from_value(value).map(|verdict| Answered::Lead(Submitted::again(verdict)))
    };
    read.map_err(|_| leadbourse_core::error::INTERNAL.into())
}

/// What a sender is told of an error.
fn told(error: &Error) -> Problem {
    error.problem().cloned().unwrap_or(leadbourse_core::error::INTERNAL.into())
}

/// Looks at senders' own ids that were seen before: a sold or quarantined lead answers again, a
/// refused or unsold one is corrected. Gives the leads that are superseded.
async fn external_ids(
    tx: &WriteTx,
    batch: &[&Prepared],
    claimed: &Claimed,
    answers: &mut [Option<Answer>],
    gathered: &mut Gathered<'_>,
) -> Result<HashMap<LeadId, LeadId>> {
    let mut supersedes = HashMap::new();
    let mut seen: Vec<(usize, LeadId)> = Vec::new();
    for (index, prepared) in batch.iter().enumerate() {
        let Some(claim) = finish::external(prepared) else { continue };
        let open = answers.get(index).is_some_and(Option::is_none);
        if let (true, false, Some(holder)) =
            (open, claimed.won.contains(&claim), claimed.holders.get(&claim))
        {
            seen.push((index, LeadId(*holder)));
        }
    }
    if seen.is_empty() {
        return Ok(supersedes);
    }
    let ids: Vec<Uuid> = seen.iter().map(|(_, id)| id.uuid()).collect();
    let known = leads::by_ids(tx, &ids).await?;
    for (index, holder) in seen {
        let (Some(prepared), Some(record)) = (batch.get(index), known.get(&holder)) else {
            continue;
        };
        match record.state {
            LeadState::Sold | LeadState::Quarantined | LeadState::Received => {
                if let Some((record_id, _)) = prepared.idempotency {
                    gathered.answered(record_id, &record.verdict)?;
                }
                if let Some(answer) = answers.get_mut(index) {
                    *answer = Some(Ok(Answered::Lead(Submitted::again(record.verdict.clone()))));
                }
            }
            LeadState::Rejected | LeadState::Unsold | LeadState::Expired => {
                supersedes.insert(prepared.item.lead, holder);
            }
        }
    }
    Ok(supersedes)
}

/// Everything that the allocation may know, and who holds the claims that were lost.
pub(super) async fn market(
    tx: &WriteTx,
    items: &[&Item],
    claimed: &Claimed,
    ping_limits: PingLimits,
) -> Result<(Market, HashMap<Uuid, Uuid>)> {
    let mut market = Market { now: tx.now(), ping_limits, ..Market::default() };
    if let Some(rows) = claimed.locked.first() {
        market.meters = rows.iter().map(|(id, row)| (OfferId(*id), read_meters(row))).collect();
    }
    market.sellers = meters::sellers(tx, items).await?;
    market.calls = lasting_calls(tx, items).await?;
    let balances = locks::balances(claimed)?;
    locks::bids(claimed, items, &mut market)?;
    let mut older = Vec::new();
    for item in items {
        for candidate in &item.shortlist.candidates {
            let buyer = candidate.offer.buyer;
            market.funds.entry((buyer, item.currency)).or_insert_with(|| {
                let id = Account::available(buyer, item.currency).id().uuid();
                balances.get(&id).and_then(|row| row.first()).copied().unwrap_or_default()
            });
        }
        for claim in person_claims(item) {
            if item.holds {
                // A ping takes nothing: it looks at what stands.
                older.push(claim.id);
            } else if !claimed.won.contains(&claim.id)
                && claimed.holders.get(&claim.id) != Some(&item.lead.uuid())
            {
                // What a lead took itself, while live buyers were asked, is not in its way.
                market.taken.insert(claim.id);
            }
            older.extend(claim.older.iter().copied());
        }
    }
    let mut holders = claimed.holders.clone();
    if !older.is_empty() {
        let standing = repo::standing(tx, &older, tx.now()).await?;
        market.taken.extend(standing.keys().copied());
        holders.extend(standing);
    }
    Ok((market, holders))
}

/// The calls that last in the candidate offers that limit them. Nothing is asked where none does;
/// the offers' meters are locked, and no call begins or ends without them.
async fn lasting_calls(tx: &WriteTx, items: &[&Item]) -> Result<HashMap<OfferId, i64>> {
    let candidates = items.iter().flat_map(|item| &item.shortlist.candidates);
    let limited: BTreeSet<OfferId> = candidates
        .filter(|candidate| candidate.lines.is_some())
        .map(|candidate| candidate.offer.id)
        .collect();
    let limited: Vec<OfferId> = limited.into_iter().collect();
    conversions::open_calls(tx, &limited).await
}

/// After a lost connection: leads that an earlier try stored are answered as they stand.
async fn find_committed(
    tx: &WriteTx,
    batch: &[&Prepared],
    answers: &mut [Option<Answer>],
) -> Result<()> {
    let ids: Vec<Uuid> = batch
        .iter()
        .filter(|prepared| matches!(prepared.body, Body::New(_)))
        .map(|prepared| prepared.item.lead.uuid())
        .collect();
    let known = leads::by_ids(tx, &ids).await?;
    for (prepared, answer) in batch.iter().zip(answers) {
        if let (Body::New(_), Some(record)) = (&prepared.body, known.get(&prepared.item.lead)) {
            *answer = Some(Ok(Answered::Lead(Submitted::fresh(record.verdict.clone()))));
        }
    }
    Ok(())
}

/// Pings that an earlier try stored.
async fn find_pings(
    tx: &WriteTx,
    batch: &[&Prepared],
    answers: &mut [Option<Answer>],
) -> Result<()> {
    let draft = |prepared: &Prepared| match &prepared.body {
        Body::Ping(draft) => Some(draft.id),
        _ => None,
    };
    let ids: Vec<_> = batch.iter().filter_map(|prepared| draft(prepared)).collect();
    let known = pings::by_ids(tx, &ids).await?;
    for (prepared, answer) in batch.iter().zip(answers) {
        if let Some(ping) = draft(prepared).and_then(|id| known.get(&id)) {
            let verdict = ping.verdict.clone();
            *answer = Some(Ok(Answered::Ping(Pinged { verdict, replayed: false })));
        }
    }
    Ok(())
}

/// Posts of pings that were posted before: the same answer again, as with a sender's own id.
async fn posted_before(
    tx: &WriteTx,
    batch: &[&Prepared],
    claimed: &Claimed,
    answers: &mut [Option<Answer>],
    gathered: &mut Gathered<'_>,
) -> Result<()> {
    let ended = locks::ended_pings(claimed);
    let waits = |(prepared, answer): &(&&Prepared, &mut Option<Answer>)| {
        let ping = prepared.item.promise.as_ref().map(|promise| promise.ping);
        answer.is_none() && ping.is_some_and(|ping| ended.contains(&ping))
    };
    let ids: Vec<_> = ended.iter().copied().collect();
    let known = pings::by_ids(tx, &ids).await?;
    let posted = known.values().filter(|ping| ping.state == PingState::Posted);
    let leads: Vec<Uuid> = posted.filter_map(|ping| ping.lead).map(LeadId::uuid).collect();
    let leads = leads::by_ids(tx, &leads).await?;
    for (prepared, answer) in batch.iter().zip(answers).filter(waits) {
        let ping = prepared.item.promise.as_ref().and_then(|promise| known.get(&promise.ping));
        let Some(record) = ping.and_then(|ping| leads.get(&ping.lead?)) else { continue };
        if let Some((record_id, _)) = prepared.idempotency {
            gathered.answered(record_id, &record.verdict)?;
        }
        *answer = Some(Ok(Answered::Lead(Submitted::again(record.verdict.clone()))));
    }
    Ok(())
}

/// Locks leads that are decided again; those that were decided meanwhile are answered: by what
/// their own key decided, else that they wait for nobody.
async fn lock_stored(
    tx: &WriteTx,
    batch: &[&Prepared],
    answers: &mut [Option<Answer>],
) -> Result<()> {
    let stored = |prepared: &Prepared| matches!(prepared.body, Body::Stored(_));
    let ids: Vec<Uuid> = batch.iter().filter(|p| stored(p)).map(|p| p.item.lead.uuid()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    leads::lock(tx, &ids).await?;
    let known = leads::by_ids(tx, &ids).await?;
    let keyed = |p: &&Prepared| p.idempotency.filter(|_| stored(p)).map(|(record, _)| record);
    let records: Vec<Uuid> = batch.iter().filter_map(keyed).collect();
    let kept = idempotency::read_many(tx, &records).await?;
    for (prepared, answer) in batch.iter().zip(answers).filter(|(p, _)| stored(p)) {
        let state = known.get(&prepared.item.lead).map(|record| record.state);
        if state != Some(LeadState::Quarantined) {
            let before = decided_before(&kept, prepared.idempotency);
            let before = before.map(|verdict| Answered::Lead(Submitted::again(verdict)));
            *answer = Some(before.map_err(|error| told(&error)));
        }
    }
    Ok(())
}

fn count(state: LeadState) {
    metrics::counter!("exchange_leads_total", "state" => state.as_str()).increment(1);
}
