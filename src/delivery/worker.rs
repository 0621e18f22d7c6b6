//! The worker: leases, sends, writes down.

use leadbourse_core::access::Scope;
use leadbourse_core::conversion::AwardState;
use leadbourse_core::delivery::{
    DeliveryState, EndpointState, JITTER_SPAN, Patience, next_attempt,
};
use leadbourse_core::ids::{EndpointId, OutboxId};
use leadbourse_core::time::{HOUR, MINUTE};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tracing::Instrument;
use uuid::Uuid;

use super::handlers::{ENDPOINT_FAILING, own_actor};
use super::model::{Attempt, Endpoint, Leased, Outcome};
use super::render;
use super::repo::{self, After};
use super::service::Deliveries;
use super::undelivered::dead_letter;
use crate::conversions;
use crate::leads;
use crate::platform::audit;
use crate::platform::config::DeliveryConfig;
use crate::platform::db::WriteTx;
use crate::platform::error::{Context, Error, Result};
use crate::platform::outbox::{self, Message};
use crate::platform::shutdown::Shutdown;

/// How long a lease lasts, µs; longer than any exchange over HTTP may take.
const LEASE: i64 = MINUTE;
/// Deliveries to one endpoint at once.
const PER_ENDPOINT: usize = 4;
/// How often the table is looked at when no bell rings.
const POLL: Duration = Duration::from_secs(1);
/// The endpoint says that it is gone for good.
const GONE: u16 = 410;

/// Sends what is due.
pub struct Worker {
    own: Deliveries,
    concurrency: usize,
    patience: Patience,
    /// Deliveries in flight by endpoint.
    in_flight: Mutex<HashMap<EndpointId, usize>>,
}

impl Worker {
    /// A worker over the same database as the service.
    pub fn new(own: Deliveries, config: &DeliveryConfig) -> Self {
        let patience = Patience {
            give_up: i64::from(config.give_up_hours).saturating_mul(HOUR),
            pause_after: i64::from(config.pause_after_minutes).saturating_mul(MINUTE),
        };
        Self { own, concurrency: config.concurrency, patience, in_flight: Mutex::default() }
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
                let worker = self.clone();
                let span = tracing::info_span!("delivery", id = %one.delivery.id);
                shutdown.spawn("delivery", async move {
                    worker.one(one).instrument(span).await;
                    drop(place);
                    worker.own.bell.ring_here();
                });
            }
            tokio::select! {
                () = self.own.bell.rung() => {}
                () = tokio::time::sleep(POLL) => {}
                () = shutdown.cancelled() => {}
            }
        }
    }

    /// Sends everything that is due, until nothing is: for tests and the demo. Gives the number
    /// of tries.
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

    async fn lease(&self, places: usize) -> Result<Vec<Leased>> {
        if places == 0 {
            return Ok(Vec::new());
        }
        let read = self.own.db.begin_read().await?;
        if !repo::any_due(&read, self.own.clock.now()).await? {
            return Ok(Vec::new());
        }
        drop(read);
        let busy: Vec<Uuid> = {
            let flying = self.flying();
            flying.iter().filter(|(_, n)| **n >= PER_ENDPOINT).map(|(id, _)| id.uuid()).collect()
        };
        let tx = self.own.db.begin_write(&self.own.clock).await?;
        let (token, until) = (OutboxId::new(tx.now()).uuid(), tx.now().plus(LEASE));
        let most = (count(places), count(PER_ENDPOINT));
        let leased = repo::lease(&tx, token, until, most, &busy).await?;
        tx.commit().await?;
        let mut flying = self.flying();
        for one in &leased {
            *flying.entry(one.delivery.endpoint_id).or_default() += 1;
        }
        Ok(leased)
    }

    fn flying(&self) -> MutexGuard<'_, HashMap<EndpointId, usize>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One try from start to end. What fails on our side leaves the lease to lapse.
    async fn one(&self, leased: Leased) {
        let id = leased.delivery.id;
        let outcome = match self.attempt(&leased).await {
            Ok(outcome) => self.finish(&leased, outcome).await,
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            tracing::error!(%error, %id, "a delivery could not be tried");
        }
        let mut flying = self.flying();
        if let Some(n) = flying.get_mut(&leased.delivery.endpoint_id) {
            *n -= 1;
            if *n == 0 {
                flying.remove(&leased.delivery.endpoint_id);
            }
        }
    }

    /// Renders and sends. No transaction is open while the other side answers.
    async fn attempt(&self, leased: &Leased) -> Result<Outcome> {
        let own = &self.own;
        let (endpoint, body) = match self.prepare(leased).await? {
            Ok(ready) => ready,
            Err(outcome) => return Ok(outcome),
        };
        let secret = own.vault.open_secret(&endpoint.secret_ciphertext)?;
        let secret = String::from_utf8(secret).context("reading a signing secret")?;
        let headers = render::headers(&secret, leased.delivery.id, own.clock.now(), &body)?;
        let started = Instant::now();
        let answer = own.egress.post(&endpoint.url, headers, body.into()).await;
        let duration_us = i64::try_from(started.elapsed().as_micros()).unwrap_or(i64::MAX);
        Ok(match answer {
            Ok(answer) if (200..300).contains(&answer.status) => {
                Outcome::Taken { status: answer.status, duration_us }
            }
            Ok(answer) => Outcome::Failed {
                status: Some(answer.status),
                error: format!("HTTP {}", answer.status),
                duration_us,
            },
            Err(error) => Outcome::Failed { status: None, error: error.to_string(), duration_us },
        })
    }

    /// Reads what is sent; the outcome at once when nothing is to be sent.
    async fn prepare(
        &self,
        leased: &Leased,
    ) -> Result<std::result::Result<(Endpoint, String), Outcome>> {
        let delivery = &leased.delivery;
        let pointless = |error: &str| Ok(Err(Outcome::Pointless { error: error.to_owned() }));
        let tx = self.own.db.begin_read().await?;
        let endpoint = repo::endpoint(&tx, Scope::All, delivery.endpoint_id).await?;
        let Some(endpoint) = endpoint else { return pointless("the endpoint is gone") };
        match endpoint.state {
            EndpointState::Active => {}
            EndpointState::Paused => return Ok(Err(Outcome::NotNow)),
            EndpointState::Deleted => return pointless("the endpoint was deleted"),
        }
        let award = conversions::awards_to_deliver(&tx, &[delivery.award_id]).await?.pop();
        let award = award.ok_or_else(|| Error::broken(format!("{} is gone", delivery.award_id)))?;
        if award.returned_at.is_some() {
            return pointless("the award was given back");
        }
        let ids = [award.lead_id.uuid()];
        let lead = leads::by_ids(&tx, &ids).await?.remove(&award.lead_id);
        let lead = lead.ok_or_else(|| Error::broken(format!("{} is gone", award.lead_id)))?;
        let stored = leads::contacts(&tx, &ids).await?.remove(&award.lead_id.uuid());
        let Some(stored) = stored.filter(|_| lead.erased_at.is_none()) else {
            return pointless("the lead was erased");
        };
        let contact = leads::open_contact(&self.own.vault, &stored)?;
        let niche = repo::niche_slug(&tx, award.niche_id).await?;
        let body = render::body(&award, &lead, &niche, &contact);
        Ok(Ok((endpoint, body)))
    }

    /// Writes the outcome down, if the lease is still ours.
    async fn finish(&self, leased: &Leased, outcome: Outcome) -> Result<()> {
        let tx = self.own.db.begin_write(&self.own.clock).await?;
        let after = self.after(&tx, leased, &outcome);
        let Some(n) = repo::finish(&tx, leased, &after).await? else {
            tracing::warn!(id = %leased.delivery.id, "a delivery's lease was lost");
            return Ok(());
        };
        let result = match outcome {
            Outcome::Taken { .. } => "taken",
            Outcome::Failed { .. } => "failed",
            Outcome::Pointless { .. } => "pointless",
            Outcome::NotNow => "not_now",
        };
        metrics::counter!("deliveries_total", "result" => result).increment(1);
        let (award, endpoint) = (leased.delivery.award_id, leased.delivery.endpoint_id);
        if let Some(attempt) = attempt_of(leased, &outcome, n, &tx) {
            repo::insert_attempt(&tx, &attempt).await?;
        }
        match after.state {
            DeliveryState::Delivered => {
                conversions::mark_delivery(&tx, award, AwardState::Delivered).await?;
            }
            DeliveryState::Dead => dead_letter(&tx, award, after.blameless).await?,
            DeliveryState::Pending => {}
        }
        match outcome {
            Outcome::Taken { .. } => repo::healthy(&tx, endpoint).await?,
            Outcome::Failed { status, .. } => self.note_failure(&tx, leased, status).await?,
            Outcome::Pointless { .. } | Outcome::NotNow => {}
        }
        tx.commit().await
    }

    /// Where the delivery goes.
    fn after<'a>(&self, tx: &WriteTx, leased: &Leased, outcome: &'a Outcome) -> After<'a> {
        let (delivery, now) = (&leased.delivery, tx.now());
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
            // The buyer took the endpoint away, or the award is not the buyer's any more.
            Outcome::Pointless { error } => After {
                error: Some(error),
                counts: false,
                blameless: false,
                ..stay(DeliveryState::Dead)
            },
            Outcome::NotNow => After { counts: false, ..stay(DeliveryState::Pending) },
            Outcome::Failed { error, .. } => {
                let failed = u32::try_from(delivery.attempts).unwrap_or(0).saturating_add(1);
                let jitter = rand::random_range(0..=JITTER_SPAN);
                let next = next_attempt(failed, delivery.created_at, now, &self.patience, jitter);
                let state =
                    if next.is_some() { DeliveryState::Pending } else { DeliveryState::Dead };
                After { error: Some(error), next_at: next.unwrap_or(now), ..stay(state) }
            }
        }
    }

    /// An endpoint that gives nothing but failures for long enough pauses, and its offers with it;
    /// one that says that it is gone pauses at once.
    async fn note_failure(&self, tx: &WriteTx, leased: &Leased, status: Option<u16>) -> Result<()> {
        let endpoint = leased.delivery.endpoint_id;
        let Some(since) = repo::failing(tx, endpoint).await? else { return Ok(()) };
        if status != Some(GONE) && !self.patience.pauses(since, tx.now()) {
            return Ok(());
        }
        let (from, to) = (EndpointState::Active, EndpointState::Paused);
        if repo::move_endpoint(tx, endpoint, from, to).await? {
            tracing::warn!(id = %endpoint, "an endpoint keeps failing and is paused");
            let buyer = leased.delivery.buyer_id;
            let payload = json!({ "buyer": buyer });
            outbox::enqueue(tx, Message::new(ENDPOINT_FAILING, endpoint.uuid(), payload)).await?;
            let detail = json!({ "reason": "failing", "since": since.rfc3339() });
            let actor = own_actor(buyer);
            audit::record(tx, &actor, "endpoint.pause", &endpoint.to_string(), detail).await?;
        }
        Ok(())
    }
}

fn attempt_of(leased: &Leased, outcome: &Outcome, n: i32, tx: &WriteTx) -> Option<Attempt> {
    let (status, error, duration_us) = match outcome {
        Outcome::Taken { status, duration_us } => (Some(*status), None, *duration_us),
        Outcome::Failed { status, error, duration_us } => {
            (*status, Some(error.clone()), *duration_us)
        }
        Outcome::Pointless { .. } | Outcome::NotNow => return None,
    };
    let (delivery_id, at) = (leased.delivery.id, tx.now());
    Some(Attempt { delivery_id, n, at, status: status.map(i32::from), error, duration_us })
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
