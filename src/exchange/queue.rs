//! Leads that wait for a full cap: they are offered again by themselves when it begins anew.

use async_trait::async_trait;
use futures::future::join_all;
use leadbourse_core::error::{Code, IN_FLIGHT, INTERNAL, OVERLOADED, SHUTTING_DOWN};
use leadbourse_core::exchange::LONGEST_WAIT;
use leadbourse_core::lead::LeadState;
use leadbourse_core::time::Timestamp;
use uuid::Uuid;

use super::prepare::StoredBody;
use super::quarantine::{StoredParts, all_stored_parts, stored};
use super::service::Exchange;
use super::{STILL_DECIDED, repo};
use crate::leads::{self, LeadRecord};
use crate::platform::error::{Error, Result};
use crate::platform::jobs;
use crate::platform::outbox::{self, Delivered};

/// Outbox topic of a lead that waits; the key is the lead, the payload says until when.
pub const TOPIC_QUEUED: &str = "lead.queued";

/// The job that offers waiting leads again; every minute.
pub const OFFER_AGAIN: &str = "exchange.offer_again";

/// Leads that are offered again at once.
const AT_ONCE: u64 = 200;

/// Writes down until when leads wait.
#[derive(Clone)]
pub struct OnQueued(pub Exchange);

#[async_trait]
impl outbox::Handler for OnQueued {
    async fn handle(&self, messages: &[Delivered]) -> Result<()> {
        let waits = messages.iter().map(told).collect::<Result<Vec<_>>>()?;
        let inner = self.0.inner();
        let tx = inner.db.begin_write(&inner.clock).await?;
        repo::queue(&tx, &waits).await?;
        tx.commit().await
    }
}

fn told(message: &Delivered) -> Result<(Uuid, Timestamp)> {
    let at = message.payload.get("at").and_then(serde_json::Value::as_i64);
    let at = at.ok_or_else(|| Error::broken(format!("{TOPIC_QUEUED} without at")))?;
    Ok((message.key, Timestamp::from_micros(at)))
}

/// Runs [`Exchange::offer_again`].
#[derive(Clone)]
pub struct OfferAgain(pub Exchange);

#[async_trait]
impl jobs::Handler for OfferAgain {
    async fn run(&self, _job: &jobs::Job) -> Result<()> {
        self.0.offer_again().await.map(drop)
    }
}

impl Exchange {
    /// Offers the leads to the market whose wait is over; gives how many were decided. One that
    /// finds the cap full again waits once more, up to a day after it came in.
    ///
    /// # Errors
    /// Database errors. Leads that the full queue did not take are tried again by the next run.
    pub async fn offer_again(&self) -> Result<usize> {
        let inner = self.inner();
        let now = inner.clock.now();
        let mut all = 0;
        loop {
            let tx = inner.db.begin_read().await?;
            let due = repo::due(&tx, now, AT_ONCE).await?;
            let ids: Vec<Uuid> = due.iter().map(|id| id.uuid()).collect();
            let mut records = leads::by_ids(&tx, &ids).await?;
            let mut parts = all_stored_parts(&tx, &due).await?;
            drop(tx);
            if due.is_empty() {
                return Ok(all);
            }
            // The book may be older than their sources.
            inner.book.catch_up().await?;
            let asked = due.iter().map(|id| {
                let lead = records.remove(id).zip(parts.remove(id));
                async { (*id, self.once_more(lead, now).await) }
            });
            let mut over = Vec::new();
            for (id, done) in join_all(asked).await {
                all += usize::from(matches!(done, Ok(true)));
                match done {
                    Ok(_) => over.push(id),
                    Err(error) if is_busy(&error) => {}
                    Err(error) => return Err(error),
                }
            }
            let waits = over.len() < due.len();
            let tx = inner.db.begin_write(&inner.clock).await?;
            repo::unqueue(&tx, &over, now).await?;
            tx.commit().await?;
            if waits {
                return Ok(all);
            }
        }
    }

    /// Whether the lead was decided; otherwise it waits no longer, because somebody else decided
    /// it or its data was erased.
    async fn once_more(
        &self,
        lead: Option<(LeadRecord, StoredParts)>,
        now: Timestamp,
    ) -> Result<bool> {
        let Some((record, (contact, last))) = lead else { return Ok(false) };
        if record.state != LeadState::Quarantined {
            return Ok(false);
        }
        let may_wait = now < record.received_at.plus(LONGEST_WAIT);
        let (actor, release, note, accepted) = (None, true, None, None);
        let body = StoredBody { record, contact, last, actor, release, note, accepted };
        let done = match stored(self.inner(), body) {
            Ok(mut prepared) => {
                prepared.item.may_wait = may_wait;
                self.put(prepared).await.map(drop)
            }
            Err(error) => Err(error),
        };
        match done {
            Ok(()) => Ok(true),
            Err(Error::Problem(problem)) if !BUSY.contains(&problem.code) => {
                tracing::info!(code = problem.code.name, "a waiting lead can't be offered again");
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}

/// What passes by itself.
const BUSY: [Code; 5] = [OVERLOADED, IN_FLIGHT, STILL_DECIDED, SHUTTING_DOWN, INTERNAL];

fn is_busy(error: &Error) -> bool {
    matches!(error, Error::Problem(problem) if BUSY.contains(&problem.code))
}
