//! The worker: takes whatever waits, never waits for more.

use futures::FutureExt;
use leadbourse_core::error::{INTERNAL, OVERLOADED, Problem};
use leadbourse_core::exchange::Item;
use leadbourse_core::ids::NicheId;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tracing::Instrument;

use super::batch::{Answer, Attempt, attempt};
use super::finish;
use super::prepare::{Body, Prepared, item_for};
use super::service::Inner;
use super::{AwardHint, CHANNEL_AWARD};
use crate::conversions::NewAward;
use crate::platform::error::{Error, Result};

/// One lead on its way through the worker.
pub(super) struct Job {
    pub(super) prepared: Prepared,
    pub(super) reply: oneshot::Sender<Answer>,
    pub(super) taken: Taken,
}

/// Who was first: the worker that begins to decide a lead, or a sender that waits no longer.
#[derive(Clone, Debug, Default)]
pub(super) struct Taken(Arc<AtomicBool>);

impl Taken {
    /// Whether nobody was before.
    pub(super) fn first(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }
}

/// How often a batch is run again when the engine asks for it.
const MOST_RETRIES: u32 = 20;
/// How often a batch is run again after the connection was lost.
const MOST_LOSSES: u32 = 6;
/// How often a batch follows a market that keeps moving.
const MOST_REFRESHES: u32 = 50;

/// Runs until the queue is closed and empty: what was accepted is finished.
pub(super) async fn run(inner: Arc<Inner>, mut queue: mpsc::Receiver<Job>) {
    let bound = inner.intake.bound.max(1);
    let mut taken: Vec<Job> = Vec::with_capacity(bound);
    let mut waiting: Vec<Job> = Vec::new();
    let mut closing = false;
    loop {
        if waiting.is_empty() {
            let received = tokio::select! {
                biased;
                n = queue.recv_many(&mut taken, bound) => Some(n),
                () = inner.shutdown.cancelled(), if !closing => None,
            };
            match received {
                None => {
                    closing = true;
                    queue.close();
                    continue;
                }
                Some(0) => return,
                Some(_) => waiting.append(&mut taken),
            }
        }
        let (now, later) = split(std::mem::take(&mut waiting));
        waiting = later;
        // Whose sender gave up in the queue was told so, and may have been sent again.
        settle(&inner, now.into_iter().filter(|job| job.taken.first()).collect()).await;
    }
}

/// Takes the items that can share a batch. Two with one idempotency key, one external id or one
/// ping can't: the second has to see what became of the first. Pings and their posts don't share
/// with leads that have nothing to do with bids: those are asked nothing about bids then. Nor do
/// leads about which live buyers are asked, or that may be sold to orders.
fn split(jobs: Vec<Job>) -> (Vec<Job>, Vec<Job>) {
    let kind = |job: &Job| {
        let prepared = &job.prepared;
        (prepared.is_pinged(), prepared.is_live(), prepared.is_ordered())
    };
    let first = jobs.first().map(kind);
    let mut seen = HashSet::new();
    jobs.into_iter().partition(|job| {
        if Some(kind(job)) != first {
            return false;
        }
        let record = job.prepared.idempotency.map(|(id, _)| id);
        let external = finish::external(&job.prepared);
        let ping = job.prepared.item.promise.as_ref().map(|promise| promise.ping.uuid());
        let keys = [record, external, ping];
        let fresh = keys.into_iter().flatten().all(|id| !seen.contains(&id));
        seen.extend(keys.into_iter().flatten());
        fresh
    })
}

/// Decides a batch; halves it around what the database refuses, so that a poisoned lead fails
/// alone.
async fn settle(inner: &Arc<Inner>, jobs: Vec<Job>) {
    if jobs.is_empty() {
        return;
    }
    metrics::histogram!("exchange_batch_leads")
        .record(f64::from(u32::try_from(jobs.len()).unwrap_or(u32::MAX)));
    let mut stack = vec![jobs];
    while let Some(mut jobs) = stack.pop() {
        let span = tracing::info_span!("batch", leads = jobs.len());
        match unharmed(decide(inner, &mut jobs)).instrument(span).await {
            Ok((answers, awards)) => {
                for (job, answer) in jobs.into_iter().zip(answers) {
                    // Who asked may have gone; the lead is stored all the same.
                    let _ = job.reply.send(answer);
                }
                tell(inner, &awards);
            }
            Err(error)
                if jobs.len() > 1 && !error.is_connection_loss() && !error.is_retryable() =>
            {
                metrics::counter!("exchange_bisections_total").increment(1);
                tracing::warn!(leads = jobs.len(), %error, "a batch is halved");
                let second = jobs.split_off(jobs.len() / 2);
                stack.push(second);
                stack.push(jobs);
            }
            Err(error) => fail(jobs, &error),
        }
    }
}

/// Turns a panic into an error: one batch fails, the worker lives on.
async fn unharmed<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Error::broken("a batch panicked")))
}

fn fail(jobs: Vec<Job>, error: &Error) {
    let passing = error.is_connection_loss() || error.is_retryable();
    let code = if passing { OVERLOADED } else { INTERNAL };
    tracing::error!(leads = jobs.len(), %error, "leads could not be decided");
    for job in jobs {
        let _ = job.reply.send(Err(Problem::new(code)));
    }
}

/// Tries a batch until it is committed or fails for good.
async fn decide(inner: &Arc<Inner>, jobs: &mut [Job]) -> Result<(Vec<Answer>, Vec<NewAward>)> {
    let (mut retries, mut losses, mut refreshes) = (0, 0, 0);
    loop {
        let batch: Vec<&Prepared> = jobs.iter().map(|job| &job.prepared).collect();
        let outcome = attempt(inner, &batch, losses > 0).await;
        let error = match outcome {
            Ok(Attempt::Done(answers, awards)) => return Ok((answers, awards)),
            Ok(Attempt::Stale(niches)) => {
                refreshes += 1;
                if refreshes > MOST_REFRESHES {
                    return Err(OVERLOADED.into());
                }
                match follow(inner, jobs, &niches).await {
                    Ok(()) => continue,
                    Err(error) => error,
                }
            }
            Err(error) => error,
        };
        // After a lost answer to a commit, a key that is there already is our own: look again.
        let unseen = error.is_unique_violation() && losses > 0;
        let pause = if (error.is_connection_loss() || unseen) && losses < MOST_LOSSES {
            losses += 1;
            Duration::from_millis(50u64 << losses)
        } else if error.is_retryable() && retries < MOST_RETRIES {
            retries += 1;
            metrics::counter!("exchange_retries_total").increment(1);
            Duration::from_millis(rand::random_range(1..=5 * u64::from(retries)))
        } else {
            return Err(error);
        };
        tracing::debug!(%error, "a batch is tried again");
        tokio::time::sleep(pause).await;
    }
}

/// Reads the niches again and makes new shortlists.
pub(super) async fn follow(
    inner: &Arc<Inner>,
    jobs: &mut [Job],
    niches: &HashSet<NicheId>,
) -> Result<()> {
    inner.book.refresh(niches).await?;
    let book = inner.book.load();
    for job in jobs.iter_mut().filter(|job| niches.contains(&job.prepared.item.niche)) {
        let prepared = &mut job.prepared;
        let key = prepared.wish.posting_key.as_deref();
        let (niche, source) = match book.desk(prepared.wish.source, key) {
            Ok(found) => found,
            Err(problem) => {
                prepared.refused = Some(problem);
                continue;
            }
        };
        prepared.epoch = niche.epoch;
        // What was settled by the fields stands; what was settled by the source's state does not.
        let settled = prepared.settled_by_content();
        prepared.item = Item {
            may_wait: prepared.item.may_wait,
            ..item_for(prepared.item.lead, niche, source, &prepared.wish, settled, inner.take_rate)
        };
        prepared.live = prepared.item.shortlist.has_live();
        if let Body::Stored(body) = &prepared.body
            && let Some(refused) = body.refused()
        {
            prepared.item.settled = Some(refused);
        }
    }
    Ok(())
}

/// Tells subscribers about new awards; nobody waits for it.
pub(super) fn tell(inner: &Inner, awards: &[NewAward]) {
    if awards.is_empty() {
        return;
    }
    let messages: Vec<_> = awards
        .iter()
        .map(|award| AwardHint { award: award.id, buyer: award.buyer_id })
        .filter_map(|hint| serde_json::to_vec(&hint).ok())
        .collect();
    let hints = Arc::clone(&inner.hints);
    inner.shutdown.spawn("award hints", async move {
        for message in messages {
            hints.publish(CHANNEL_AWARD, message.into()).await;
        }
    });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_of_its_batch() {
        let result: Result<()> = unharmed(async { panic!("poison") }).await;
        let error = result.unwrap_err();
        assert!(!error.is_connection_loss() && !error.is_retryable());
        assert_eq!(unharmed(async { Ok(1) }).await.unwrap(), 1);
    }

    #[test]
    fn a_lead_is_taken_once() {
        let taken = Taken::default();
        assert!(taken.clone().first());
        assert!(!taken.first());
    }
}
