//! The courier: leases what is due in a queue, sends it, writes down what came of it. What is sent
//! and what follows from it is said by a [`Route`]; patience, leases and pauses are the same for
//! all of them.

use async_trait::async_trait;
use bytes::Bytes;
use http::Method;
use leadbourse_core::delivery::{
    DeliveryState, EndpointState, JITTER_SPAN, Patience, next_attempt,
};
use leadbourse_core::ids::OutboxId;
use leadbourse_core::time::{MINUTE, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tracing::Instrument;
use uuid::Uuid;

use super::repo::queue::{After, Attempt, Leased, Queue};
use crate::platform::bell::Bell;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, WriteTx};
use crate::platform::egress::Egress;
use crate::platform::error::{Context, Result};
use crate::platform::shutdown::Shutdown;
use crate::platform::vault::Vault;
use crate::platform::webhook;

/// How long a lease lasts, µs; longer than any exchange over HTTP may take.
pub(crate) const LEASE: i64 = MINUTE;
/// Entries on their way to one target at once.
const PER_TARGET: usize = 4;
/// How often the table is looked at when no bell rings.
const POLL: Duration = Duration::from_secs(1);
/// The target says that it is gone for good.
const GONE: u16 = 410;

/// What a courier stands on.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Opens signing secrets.
    pub vault: Vault,
    /// The door to the outside.
    pub egress: Egress,
    /// Rung when something became due.
    pub bell: Bell,
}

/// A request that is ready to go.
pub struct Call {
    /// How the address is called.
    pub method: Method,
    /// The address.
    pub url: String,
    /// The body as JSON; a request without one is signed over path and query.
    pub body: Option<String>,
    /// The id by which a receiver can tell a repetition.
    pub id: String,
    /// The signing secret, sealed.
    pub secret: Vec<u8>,
    /// Tried this once, and its failure says nothing about the target.
    pub once: bool,
}

/// What is to be done about a leased entry.
pub enum Load {
    /// Send it.
    Call(Box<Call>),
    /// It makes no sense any more, for this reason.
    Pointless(&'static str),
    /// The target was paused meanwhile: nothing is sent, nothing is counted.
    NotNow,
}

/// A kind of things that are sent.
#[async_trait]
pub trait Route: Send + Sync + 'static {
    /// Its tables.
    fn queue(&self) -> &'static Queue;

    /// Reads what is sent at this moment.
    async fn load(&self, leased: &Leased) -> Result<Load>;

    /// An entry has come to a state. `blameless` is false where its owner gave it up.
    async fn came_to(
        &self,
        tx: &WriteTx,
        leased: &Leased,
        state: DeliveryState,
        blameless: bool,
    ) -> Result<()>;

    /// The target has failed for too long, and is paused.
    async fn paused(&self, tx: &WriteTx, leased: &Leased, since: Timestamp) -> Result<()>;
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// The target took it.
    Taken { status: u16, duration_us: i64 },
    /// It did not; try again, unless it was to be tried once.
    Failed { status: Option<u16>, error: String, duration_us: i64, once: bool },
    /// It makes no sense any more.
    Pointless { error: &'static str },
    /// Not now.
    NotNow,
}

/// Sends what is due on one route.
pub struct Courier<R> {
    route: R,
    ground: Ground,
    concurrency: usize,
    patience: Patience,
    /// Entries in flight by target.
    in_flight: Mutex<HashMap<Uuid, usize>>,
}

impl<R: Route> Courier<R> {
    /// A courier of one route.
    pub fn over(route: R, ground: Ground, concurrency: usize, patience: Patience) -> Self {
        Self { route, ground, concurrency, patience, in_flight: Mutex::default() }
    }

    /// Runs until shutdown, which waits for what is being sent.
    pub async fn run(self: Arc<Self>, shutdown: Shutdown) {
        let places = Arc::new(Semaphore::new(self.concurrency));
        while !shutdown.is_cancelled() {
            let leased = match self.lease(places.available_permits()).await {
                Ok(leased) => leased,
                Err(error) => {
                    tracing::error!(%error, "deliveries could not be leased");
                    Vec::new()
                }
            };
            for one in leased {
                // There is a place for each: only this loop takes them.
                let Ok(place) = places.clone().acquire_owned().await else { return };
                let courier = self.clone();
                let span = tracing::info_span!("delivery", id = %one.id);
                shutdown.spawn("delivery", async move {
                    courier.one(one).instrument(span).await;
                    drop(place);
                    courier.ground.bell.ring_here();
                });
            }
            tokio::select! {
                () = self.ground.bell.rung() => {}
                () = tokio::time::sleep(POLL) => {}
                () = shutdown.cancelled() => {}
            }
        }
    }

    /// Sends everything that is due, until nothing is: for tests and the demo. Gives the number
    /// of tries.
    ///
    /// # Errors
    /// Database errors.
    pub async fn drain(&self) -> Result<usize> {
        let mut all = 0;
        loop {
            let leased = self.lease(self.concurrency).await?;
            if leased.is_empty() {
                return Ok(all);
            }
            all += leased.len();
            futures::future::join_all(leased.into_iter().map(|one| self.one(one))).await;
        }
    }

    /// Sends what the caller has leased itself, now.
    ///
    /// # Errors
    /// Faults of our own side; what the target does is written down.
    pub async fn send(&self, leased: &Leased) -> Result<()> {
        let outcome = self.attempt(leased).await?;
        self.finish(leased, outcome).await
    }

    async fn lease(&self, places: usize) -> Result<Vec<Leased>> {
        if places == 0 {
            return Ok(Vec::new());
        }
        let queue = self.route.queue();
        let read = self.ground.db.begin_read().await?;
        if !queue.any_due(&read, self.ground.clock.now()).await? {
            return Ok(Vec::new());
        }
        drop(read);
        let busy: Vec<Uuid> = {
            let flying = self.flying();
            flying.iter().filter(|(_, n)| **n >= PER_TARGET).map(|(id, _)| *id).collect()
        };
        let tx = self.ground.db.begin_write(&self.ground.clock).await?;
        let (token, until) = (OutboxId::new(tx.now()).uuid(), tx.now().plus(LEASE));
        let most = (count(places), count(PER_TARGET));
        let leased = queue.lease(&tx, token, until, most, &busy).await?;
        tx.commit().await?;
        let mut flying = self.flying();
        for one in &leased {
            *flying.entry(one.target).or_default() += 1;
        }
        Ok(leased)
    }

    fn flying(&self) -> MutexGuard<'_, HashMap<Uuid, usize>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One try from start to end. What fails on our side leaves the lease to lapse.
    async fn one(&self, leased: Leased) {
        let id = leased.id;
        if let Err(error) = self.send(&leased).await {
            tracing::error!(%error, %id, "a delivery could not be tried");
        }
        let mut flying = self.flying();
        if let Some(n) = flying.get_mut(&leased.target) {
            *n -= 1;
            if *n == 0 {
                flying.remove(&leased.target);
            }
        }
    }

    /// Reads and sends. No transaction is open while the other side answers.
    async fn attempt(&self, leased: &Leased) -> Result<Outcome> {
        let call = match self.route.load(leased).await? {
            Load::Call(call) => *call,
            Load::Pointless(error) => return Ok(Outcome::Pointless { error }),
            Load::NotNow => return Ok(Outcome::NotNow),
        };
        let Call { method, url, body, id, secret, once } = call;
        let secret = self.ground.vault.open_secret(&secret)?;
        let secret = String::from_utf8(secret).context("reading a signing secret")?;
        let now = self.ground.clock.now();
        let headers = match &body {
            Some(body) => webhook::headers(&secret, &id, now, body, true)?,
            None => webhook::headers(&secret, &id, now, &path_and_query(&url), false)?,
        };
        let started = Instant::now();
        let body = Bytes::from(body.unwrap_or_default());
        let answer = self.ground.egress.send(method, &url, headers, body).await;
        let duration_us = i64::try_from(started.elapsed().as_micros()).unwrap_or(i64::MAX);
        let failed = |status, error| Outcome::Failed { status, error, duration_us, once };
        Ok(match answer {
            Ok(answer) if (200..300).contains(&answer.status) => {
                Outcome::Taken { status: answer.status, duration_us }
            }
            Ok(answer) => failed(Some(answer.status), format!("HTTP {}", answer.status)),
            Err(error) => failed(None, error.to_string()),
        })
    }

    /// Writes the outcome down, if the lease is still ours.
    async fn finish(&self, leased: &Leased, outcome: Outcome) -> Result<()> {
        let tx = self.ground.db.begin_write(&self.ground.clock).await?;
        let queue = self.route.queue();
        let after = self.after(&tx, leased, &outcome);
        let Some(n) = queue.finish(&tx, leased, &after).await? else {
            tracing::warn!(id = %leased.id, "a delivery's lease was lost");
            return Ok(());
        };
        let result = match outcome {
            Outcome::Taken { .. } => "taken",
            Outcome::Failed { .. } => "failed",
            Outcome::Pointless { .. } => "pointless",
            Outcome::NotNow => "not_now",
        };
        let kind = queue.entries;
        metrics::counter!("deliveries_total", "kind" => kind, "result" => result).increment(1);
        if let Some(attempt) = attempt_of(leased, &outcome, n, &tx) {
            queue.insert_attempt(&tx, &attempt).await?;
        }
        self.route.came_to(&tx, leased, after.state, after.blameless).await?;
        match outcome {
            Outcome::Taken { .. } => queue.healthy(&tx, leased.target).await?,
            Outcome::Failed { status, once: false, .. } => {
                self.note_failure(&tx, leased, status).await?;
            }
            Outcome::Failed { .. } | Outcome::Pointless { .. } | Outcome::NotNow => {}
        }
        tx.commit().await
    }

    /// Where the entry goes.
    fn after<'a>(&self, tx: &WriteTx, leased: &Leased, outcome: &'a Outcome) -> After<'a> {
        let now = tx.now();
        let stay = |state| After {
            state,
            next_at: now,
            error: None,
            delivered_at: None,
            counts: true,
            blameless: true,
        };
        match outcome {
            Outcome::Taken { .. } => {
                After { delivered_at: Some(now), ..stay(DeliveryState::Delivered) }
            }
            // The owner took the target away, or what was told is nothing any more.
            Outcome::Pointless { error } => After {
                error: Some(error),
                counts: false,
                blameless: false,
                ..stay(DeliveryState::Dead)
            },
            Outcome::NotNow => After { counts: false, ..stay(DeliveryState::Pending) },
            Outcome::Failed { error, once: true, .. } => {
                After { error: Some(error), ..stay(DeliveryState::Dead) }
            }
            Outcome::Failed { error, .. } => {
                let failed = u32::try_from(leased.attempts).unwrap_or(0).saturating_add(1);
                let jitter = rand::random_range(0..=JITTER_SPAN);
                let next = next_attempt(failed, leased.created_at, now, &self.patience, jitter);
                let state =
                    if next.is_some() { DeliveryState::Pending } else { DeliveryState::Dead };
                After { error: Some(error), next_at: next.unwrap_or(now), ..stay(state) }
            }
        }
    }

    /// A target that gives nothing but failures for long enough pauses; one that says that it is
    /// gone pauses at once.
    async fn note_failure(&self, tx: &WriteTx, leased: &Leased, status: Option<u16>) -> Result<()> {
        let queue = self.route.queue();
        let Some(since) = queue.failing(tx, leased.target).await? else { return Ok(()) };
        if status != Some(GONE) && !self.patience.pauses(since, tx.now()) {
            return Ok(());
        }
        let (from, to) = (EndpointState::Active, EndpointState::Paused);
        if queue.move_target(tx, leased.target, from, to).await? {
            tracing::warn!(id = %leased.target, kind = queue.targets, "keeps failing and is paused");
            self.route.paused(tx, leased, since).await?;
        }
        Ok(())
    }
}

fn attempt_of(leased: &Leased, outcome: &Outcome, n: i32, tx: &WriteTx) -> Option<Attempt> {
    let (status, error, duration_us) = match outcome {
        Outcome::Taken { status, duration_us } => (Some(*status), None, *duration_us),
        Outcome::Failed { status, error, duration_us, .. } => {
            (*status, Some(error.clone()), *duration_us)
        }
        Outcome::Pointless { .. } | Outcome::NotNow => return None,
    };
    let (of, at) = (leased.id, tx.now());
    Some(Attempt { of, n, at, status: status.map(i32::from), error, duration_us })
}

/// What of an address is sent to its host, as it is sent.
fn path_and_query(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(url) => url[url::Position::BeforePath..url::Position::AfterQuery].to_owned(),
        Err(_) => String::new(),
    }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_what_the_host_gets() {
        assert_eq!(path_and_query("https://t.example"), "/");
        assert_eq!(path_and_query("https://t.example:8080/a b?x=%20ж#top"), "/a%20b?x=%20%D0%B6");
    }
}
