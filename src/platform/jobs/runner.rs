//! Runs jobs: leases, hands out, finishes.

use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;
use tracing::Instrument;

use super::store::{self, Job};
use super::{JobSpec, schedule};
use crate::platform::clock::Clock;
use crate::platform::db::{Db, bulk};
use crate::platform::error::{Error, Result};
use crate::platform::idempotency;
use crate::platform::shutdown::Shutdown;

/// How often the table is looked at when no bell rings.
const POLL: Duration = Duration::from_secs(1);
/// A handler that takes longer is stopped, before its lease ends.
const PATIENCE: Duration = Duration::from_secs(9 * 60);
/// Jobs that run side by side in one process.
const CONCURRENCY: usize = 4;
/// The housekeeping job's kind.
const HOUSEKEEPING: &str = "platform.housekeeping";

/// Does the work of one kind of job.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Does it; doing it twice must change nothing.
    async fn run(&self, job: &Job) -> Result<()>;
}

struct Recurring {
    kind: &'static str,
    period: i64,
    /// The last tick that this process scheduled.
    seen: AtomicI64,
}

/// Takes jobs from the table and runs them.
pub struct Runner {
    db: Db,
    clock: Clock,
    handlers: HashMap<&'static str, Arc<dyn Handler>>,
    recurring: Vec<Recurring>,
}

impl Runner {
    /// A runner that knows only its own housekeeping (old jobs, lapsed idempotency records).
    pub fn new(db: Db, clock: Clock) -> Self {
        let keeper = Arc::new(Housekeeping { db: db.clone(), clock: clock.clone() });
        Self { db, clock, handlers: HashMap::new(), recurring: Vec::new() }.every(
            HOUSEKEEPING,
            leadbourse_core::time::HOUR,
            keeper,
        )
    }

    /// Adds the handler of a kind.
    #[must_use]
    pub fn on(mut self, kind: &'static str, handler: Arc<dyn Handler>) -> Self {
        self.handlers.insert(kind, handler);
        self
    }

    /// Sets the handler of a kind and schedules it once per period (µs), whatever the number of
    /// instances. Ticks that passed while nothing ran are not made up for: one run does all that
    /// is due.
    #[must_use]
    pub fn every(mut self, kind: &'static str, period: i64, handler: Arc<dyn Handler>) -> Self {
        let seen = AtomicI64::new(i64::MIN);
        self.recurring.push(Recurring { kind, period: period.max(1), seen });
        self.on(kind, handler)
    }

    /// Runs until shutdown, which waits for what is running then.
    pub async fn run(self: Arc<Self>, shutdown: Shutdown) {
        // Each job is a task of its own: polled from this loop, one that holds a connection
        // would stand still while the loop waits for one.
        let places = Arc::new(Semaphore::new(CONCURRENCY));
        while !shutdown.is_cancelled() {
            if let Err(error) = self.tick().await {
                tracing::error!(%error, "recurring jobs could not be scheduled");
            }
            while let Ok(place) = places.clone().try_acquire_owned() {
                match self.lease().await {
                    Ok(Some(job)) => {
                        let runner = self.clone();
                        let span = tracing::info_span!("job", kind = %job.kind, id = %job.id);
                        shutdown.spawn("job", async move {
                            runner.run_one(job).instrument(span).await;
                            drop(place);
                            runner.db.jobs_bell().ring_here();
                        });
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::error!(%error, "jobs could not be leased");
                        break;
                    }
                }
            }
            tokio::select! {
                () = self.db.jobs_bell().rung() => {}
                () = tokio::time::sleep(POLL) => {}
                () = shutdown.cancelled() => {}
            }
        }
    }

    /// Runs everything that is due, one by one, until nothing is: for tests, imports and the
    /// demo. Gives the number of jobs that were run.
    pub async fn drain(&self) -> Result<usize> {
        self.tick().await?;
        let mut all = 0;
        while let Some(job) = self.lease().await? {
            self.run_one(job).await;
            all += 1;
        }
        Ok(all)
    }

    async fn lease(&self) -> Result<Option<Job>> {
        let mut kinds: Vec<&str> = self.handlers.keys().copied().collect();
        kinds.sort_unstable();
        store::lease(&self.db, &self.clock, &kinds).await
    }

    /// Schedules the current tick of each recurring kind, unless this process already did.
    async fn tick(&self) -> Result<()> {
        let now = self.clock.now().micros();
        let due: Vec<(&Recurring, i64)> = self
            .recurring
            .iter()
            .map(|recurring| (recurring, now.div_euclid(recurring.period)))
            .filter(|(recurring, tick)| recurring.seen.load(Ordering::Relaxed) != *tick)
            .collect();
        if due.is_empty() {
            return Ok(());
        }
        let tx = self.db.begin_write(&self.clock).await?;
        for (recurring, tick) in &due {
            let spec = JobSpec::new(recurring.kind, serde_json::json!({}))
                .dedup(tick.to_string())
                .queue(recurring.kind);
            schedule(&tx, spec).await?;
        }
        tx.commit().await?;
        for (recurring, tick) in due {
            recurring.seen.store(tick, Ordering::Relaxed);
        }
        Ok(())
    }

    async fn run_one(&self, job: Job) {
        let outcome = match self.handlers.get(job.kind.as_str()) {
            Some(handler) => match tokio::time::timeout(PATIENCE, handler.run(&job)).await {
                Ok(outcome) => outcome,
                Err(_) => Err(Error::broken("the job took too long and was stopped")),
            },
            None => Err(Error::broken("no handler for this kind of job")),
        };
        if let Err(error) = &outcome {
            let (kind, id, attempts) = (&job.kind, job.id, job.attempts);
            tracing::warn!(%error, kind, %id, attempts, "a job failed");
        }
        let result = if outcome.is_ok() { "done" } else { "failed" };
        metrics::counter!("jobs_total", "kind" => job.kind.clone(), "result" => result)
            .increment(1);
        let outcome = outcome.map_err(|error| error.to_string());
        if let Err(error) = store::finish(&self.db, &self.clock, &job, outcome).await {
            tracing::error!(%error, id = %job.id, "a job's end could not be written");
        }
    }
}

struct Housekeeping {
    db: Db,
    clock: Clock,
}

#[async_trait]
impl Handler for Housekeeping {
    async fn run(&self, _job: &Job) -> Result<()> {
        const MOST: u64 = 1_000;
        loop {
            // Short transactions: intake must not wait for the broom.
            let tx = self.db.begin_write(&self.clock).await?;
            let lapsed = idempotency::purge(&tx, MOST).await?;
            let old = store::purge(&tx, i64::try_from(MOST).unwrap_or(1)).await?;
            tx.commit().await?;
            // Claims alone: a transaction that holds some must not wait for other rows.
            let tx = self.db.begin_write(&self.clock).await?;
            let free = bulk::purge_claims(&tx, u32::try_from(MOST).unwrap_or(1)).await?;
            tx.commit().await?;
            if lapsed < MOST && old < MOST && free < MOST {
                return Ok(());
            }
            tokio::task::yield_now().await;
        }
    }
}
