//! The face of intake.

use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::error::{IN_FLIGHT, INTERNAL, OVERLOADED, SHUTTING_DOWN};
use leadbourse_core::exchange::NicheBook;
use leadbourse_core::ids::{NicheId, OrganizationId, SourceId};
use leadbourse_core::lead::fingerprint::FingerprintKey;
use leadbourse_core::lead::verdict::Verdict;
use leadbourse_core::lead::{LeadState, phone};
use leadbourse_core::ledger::Account;
use leadbourse_core::money::Bps;
use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::Instant;

use super::batch::Answered;
use super::book::{Book, SharedBook};
use super::error::{BAD_POSTING_KEY, STILL_DECIDED, UNKNOWN_SOURCE};
use super::prepare::{Prepared, Sender, SubmitRequest, Workshop, prepare};
use super::worker::{self, Job, Taken};
use crate::live::Caller;
use crate::platform::clock::Clock;
use crate::platform::config::{Config, Intake, LiveConfig, PingConfig};
use crate::platform::db::Db;
use crate::platform::error::{Error, Result};
use crate::platform::hints::Hints;
use crate::platform::idempotency;
use crate::platform::shutdown::Shutdown;
use crate::platform::vault::Vault;

/// A verdict, and whether it was given before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// The verdict.
    pub verdict: Verdict,
    /// Whether an earlier request had this answer.
    pub replayed: bool,
}

impl Submitted {
    pub(super) fn fresh(verdict: Verdict) -> Self {
        Self { verdict, replayed: false }
    }

    pub(super) fn again(verdict: Verdict) -> Self {
        Self { verdict, replayed: true }
    }

    /// Whether it is stored and live buyers are to be asked now.
    pub(super) fn waits(&self) -> bool {
        self.verdict.state == LeadState::Received && !self.replayed
    }
}

/// Intake and allocation. Cheap to clone.
#[derive(Clone)]
pub struct Exchange(pub(super) Arc<Inner>);

/// What requests and workers share.
pub(super) struct Inner {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) vault: Vault,
    pub(super) hints: Arc<dyn Hints>,
    pub(super) shutdown: Shutdown,
    pub(super) book: SharedBook,
    pub(super) take_rate: Bps,
    pub(super) intake: Intake,
    pub(super) pings: PingConfig,
    pub(super) test_leads_per_minute: u32,
    pub(super) live: LiveConfig,
    /// What asks live buyers; without it nobody is asked.
    pub(super) caller: OnceLock<Caller>,
    /// Places for leads that go through live buyers.
    pub(super) auctions: Arc<Semaphore>,
    keys: Vec<FingerprintKey>,
    queues: Vec<mpsc::Sender<Job>>,
    idle: Mutex<Vec<mpsc::Receiver<Job>>>,
    /// Ledger accounts that are known to be registered.
    accounts: Mutex<HashSet<Account>>,
    /// Publishers whose meter of bids is known to be there.
    pub(super) pingers: tokio::sync::Mutex<HashSet<OrganizationId>>,
}

impl Inner {
    pub(super) fn unknown_accounts(&self, wanted: &BTreeSet<Account>) -> Vec<Account> {
        let known = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.iter().filter(|account| !known.contains(account)).copied().collect()
    }

    pub(super) fn remember_accounts(&self, new: &[Account]) {
        if !new.is_empty() {
            let mut known = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
            known.extend(new.iter().copied());
        }
    }

    pub(super) fn workshop(&self) -> Workshop<'_> {
        Workshop {
            vault: &self.vault,
            keys: &self.keys,
            take_rate: self.take_rate,
            now: self.clock.now(),
        }
    }
}

impl Exchange {
    /// Over one database. No worker runs until [`Exchange::start`].
    pub fn new(
        db: Db,
        clock: Clock,
        vault: Vault,
        hints: Arc<dyn Hints>,
        config: &Config,
        shutdown: Shutdown,
    ) -> Self {
        let intake = config.intake.clone();
        let workers = db.useful_writers(intake.workers.max(1));
        let (queues, idle) = (0..workers).map(|_| mpsc::channel(intake.queue.max(1))).unzip();
        let keys = vault
            .fingerprint_keys()
            .iter()
            .map(|key| FingerprintKey { id: key.id, secret: key.key })
            .collect();
        Self(Arc::new(Inner {
            book: SharedBook::new(db.clone()),
            take_rate: Bps(config.money.take_rate_bps),
            accounts: Mutex::new(HashSet::new()),
            pingers: tokio::sync::Mutex::new(HashSet::new()),
            pings: config.pings.clone(),
            idle: Mutex::new(idle),
            db,
            clock,
            vault,
            hints,
            shutdown,
            test_leads_per_minute: config.limits.test_leads_per_minute,
            auctions: Arc::new(Semaphore::new(usize::try_from(config.live.runs).unwrap_or(1))),
            live: config.live.clone(),
            caller: OnceLock::new(),
            intake,
            keys,
            queues,
        }))
    }

    /// Starts the workers and fills the book. A second call does nothing.
    ///
    /// # Errors
    /// When the market can't be read.
    pub async fn start(&self) -> Result<()> {
        let idle = std::mem::take(&mut *self.0.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for queue in idle {
            self.0.shutdown.spawn("intake worker", worker::run(Arc::clone(&self.0), queue));
        }
        phone::warm_up("RU");
        self.0.book.filled().await
    }

    /// The source of a posting key.
    ///
    /// # Errors
    /// `BAD_POSTING_KEY`.
    pub async fn source_by_key(&self, posting_key: &str) -> Result<Sender> {
        let hash = crate::accounts::digest(posting_key);
        let source = self.0.book.source_by_key(&hash).await?.ok_or(BAD_POSTING_KEY)?;
        Ok(Sender { source, posting_key: Some(hash) })
    }

    /// A source that the actor may send for: its own, or any for an operator's import.
    ///
    /// # Errors
    /// `UNKNOWN_SOURCE`, also for other publishers' sources.
    pub async fn source_for(&self, actor: &Actor, id: SourceId) -> Result<Sender> {
        let source = self.0.book.source(id).await?.ok_or(Error::from(UNKNOWN_SOURCE))?;
        let own = actor.may(Action::SubmitLeads) && source.publisher == actor.org;
        let operator = actor.kind == OrgKind::Operator && actor.may(Action::Moderate);
        if own || operator {
            Ok(Sender { source, posting_key: None })
        } else {
            Err(UNKNOWN_SOURCE.into())
        }
    }

    /// A source for which anybody may speak: the person who fills its hosted form. Whether it has
    /// one is the caller's question.
    ///
    /// # Errors
    /// `UNKNOWN_SOURCE`.
    pub async fn form_sender(&self, id: SourceId) -> Result<Sender> {
        let mut source = self.0.book.source(id).await?.ok_or(Error::from(UNKNOWN_SOURCE))?;
        if !source.active {
            // It may have been let in since the book was read.
            self.0.book.catch_up().await?;
            source = self.0.book.source(id).await?.ok_or(Error::from(UNKNOWN_SOURCE))?;
        }
        Ok(Sender { source, posting_key: None })
    }

    /// The keys under which persons are fingerprinted, newest first.
    pub fn fingerprint_keys(&self) -> &[FingerprintKey] {
        &self.0.keys
    }

    /// A niche as the book knows it.
    pub fn niche(&self, id: NicheId) -> Option<Arc<NicheBook>> {
        self.0.book.load().niche(id).cloned()
    }

    /// Submits one lead and waits for its verdict. A test lead is answered and leaves no trace in
    /// the market.
    ///
    /// # Errors
    /// `OVERLOADED` when the queue is full, or when the deadline passes before anybody looked at
    /// the lead: then it is not taken, and may be sent again. `IN_FLIGHT` when the deadline passes
    /// while it is being decided, or with an idempotency key that asks for the outcome later.
    /// `IDEMPOTENCY_MISMATCH`, `BAD_POSTING_KEY`, `SHUTTING_DOWN`.
    pub async fn submit(&self, request: SubmitRequest) -> Result<Submitted> {
        if request.test {
            return self.rehearse(request).await;
        }
        let keyed = request.idempotency_key.is_some();
        let prepared = self.prepare(request).await?;
        let submitted = self.answer(prepared, keyed).await?.lead()?;
        if submitted.waits() { Ok(self.auctioned(submitted).await) } else { Ok(submitted) }
    }

    /// Queues what was prepared and waits for its answer, as [`Exchange::submit`] does.
    pub(super) async fn answer(&self, prepared: Prepared, keyed: bool) -> Result<Answered> {
        let (job, waiting) = job(prepared, keyed);
        self.queue(&job).try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Error::from(OVERLOADED),
            mpsc::error::TrySendError::Closed(_) => Error::from(SHUTTING_DOWN),
        })?;
        waiting.until(Instant::now() + Duration::from_millis(self.0.intake.deadline_ms)).await
    }

    /// Submits many leads; waits for room in the queue instead of refusing. One result per
    /// request, in order.
    pub async fn submit_many(&self, requests: Vec<SubmitRequest>) -> Vec<Result<Submitted>> {
        let mut waiting = Vec::with_capacity(requests.len());
        for request in requests {
            waiting.push(if request.test {
                self.rehearse(request).await.map(Pending::Answered)
            } else {
                self.enqueue(request).await.map(Pending::Asked)
            });
        }
        let mut results = Vec::with_capacity(waiting.len());
        let mut auctions = Vec::new();
        for entry in waiting {
            let result = match entry {
                Ok(Pending::Answered(submitted)) => Ok(submitted),
                Ok(Pending::Asked(waiting)) => {
                    let patience = Duration::from_millis(self.0.intake.deadline_ms);
                    let answer = waiting.until(Instant::now() + patience).await;
                    answer.and_then(Answered::lead)
                }
                Err(error) => Err(error),
            };
            if let Ok(submitted) = &result
                && submitted.waits()
            {
                auctions.push((results.len(), self.begin_auction(submitted.verdict.lead_id)));
            }
            results.push(result);
        }
        for (at, outcome) in auctions {
            if let (Some(verdict), Some(result)) =
                (self.outcome_of(outcome).await, results.get_mut(at))
            {
                *result = Ok(Submitted::fresh(verdict));
            }
        }
        results
    }

    async fn enqueue(&self, request: SubmitRequest) -> Result<Waiting> {
        let keyed = request.idempotency_key.is_some();
        let prepared = self.prepare(request).await?;
        let (job, waiting) = job(prepared, keyed);
        self.queue(&job).send(job).await.map_err(|_| Error::from(SHUTTING_DOWN))?;
        Ok(waiting)
    }

    pub(super) async fn put(&self, prepared: Prepared) -> Result<Submitted> {
        let keyed = prepared.idempotency.is_some();
        let (job, waiting) = job(prepared, keyed);
        self.queue(&job).send(job).await.map_err(|_| Error::from(SHUTTING_DOWN))?;
        let deadline = Instant::now() + Duration::from_millis(self.0.intake.deadline_ms);
        waiting.until(deadline).await?.lead()
    }

    /// Whether every worker still takes leads.
    pub fn is_taking(&self) -> bool {
        self.0.queues.iter().all(|queue| !queue.is_closed())
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.0
    }

    pub(super) async fn prepare(&self, mut request: SubmitRequest) -> Result<Prepared> {
        let book = self.open_desk(&request.sender, request.idempotency_key.as_deref()).await?;
        let Sender { source, posting_key } = &request.sender;
        // Niche and source come from one book: a source of an older one could have been paused.
        let (niche, source) = book.desk(source.id, posting_key.as_deref())?;
        let found = if request.ping.is_nothing() {
            None
        } else {
            self.find_ping(niche, source, &mut request).await?
        };
        prepare(&self.0.workshop(), niche, source, request, found)
    }

    /// The book by which a sender is served.
    pub(super) async fn open_desk(&self, sender: &Sender, key: Option<&str>) -> Result<Arc<Book>> {
        if self.0.shutdown.is_cancelled() {
            return Err(SHUTTING_DOWN.into());
        }
        key.map_or(Ok(()), idempotency::check)?;
        let book = self.0.book.load();
        if book.desk(sender.source.id, sender.posting_key.as_deref()).is_ok() {
            return Ok(book);
        }
        self.0.book.catch_up().await?;
        Ok(self.0.book.load())
    }

    /// The queue of a niche: leads of one niche are decided one batch after another.
    fn queue(&self, job: &Job) -> mpsc::Sender<Job> {
        let queues = &self.0.queues;
        let niche = job.prepared.item.niche.uuid().as_u128();
        let count = u128::try_from(queues.len()).unwrap_or(1).max(1);
        let index = usize::try_from(niche % count).unwrap_or(0);
        // There is always one queue.
        queues.get(index).or(queues.first()).cloned().unwrap_or_else(|| mpsc::channel(1).0)
    }
}

/// One request of several.
enum Pending {
    /// A test lead: it waits for nobody.
    Answered(Submitted),
    /// In the queue.
    Asked(Waiting),
}

/// Whoever waits for the answer to a job.
pub(super) struct Waiting {
    answer: oneshot::Receiver<super::batch::Answer>,
    taken: Taken,
    keyed: bool,
}

pub(super) fn job(prepared: Prepared, keyed: bool) -> (Job, Waiting) {
    let (reply, answer) = oneshot::channel();
    let taken = Taken::default();
    (Job { prepared, reply, taken: taken.clone() }, Waiting { answer, taken, keyed })
}

impl Waiting {
    async fn until(self, deadline: Instant) -> Result<Answered> {
        match tokio::time::timeout_at(deadline, self.answer).await {
            Ok(Ok(answer)) => Ok(answer?),
            Ok(Err(_)) => Err(INTERNAL.into()),
            // The key asks for the outcome later; the lead stays in the queue.
            Err(_) if self.keyed => Err(IN_FLIGHT.into()),
            // Nobody has looked at it and nobody will: the sender may send it again.
            Err(_) if self.taken.first() => Err(OVERLOADED.into()),
            Err(_) => Err(STILL_DECIDED.into()),
        }
    }
}
