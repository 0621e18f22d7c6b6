//! The outbox: what leaves a transaction, in the transaction.
//!
//! A message is a row, written with the effect that it tells of. The runner leases rows, hands
//! them to the handlers of their topic outside of any transaction, and removes them by
//! compare-and-set on the lease. So a message is handled at least once: handlers are idempotent.
//! Payloads hold ids only; contact data is read again, from its one place, at the moment of use.

use async_trait::async_trait;
use leadbourse_core::ids::OutboxId;
use leadbourse_core::time::{DAY, MINUTE, SECOND, Timestamp};
use sea_orm::{QueryResult, Value};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument;
use uuid::Uuid;

use crate::platform::clock::Clock;
use crate::platform::db::bulk::{self, Rows, TableDef, Ty};
use crate::platform::db::sql;
use crate::platform::db::{Db, Engine, Reader, WriteTx};
use crate::platform::error::{Context, Result};
use crate::platform::shutdown::Shutdown;

/// `outbox`, for plans that write it in bulk.
pub static OUTBOX: TableDef = TableDef {
    name: "outbox",
    cols: &[
        ("id", Ty::Uuid),
        ("topic", Ty::Text),
        ("key", Ty::Uuid),
        ("payload", Ty::Text),
        ("created_at", Ty::I64),
    ],
};

/// How long a lease lasts, µs.
const LEASE: i64 = 2 * MINUTE;
/// Messages per lease.
const BATCH: i64 = 500;
/// Tries after which a message is parked for an operator.
const MAX_ATTEMPTS: i32 = 30;
/// How long a message of a topic without handler waits for a program that knows it, µs.
const UNKNOWN_KEPT: i64 = DAY;
/// Pause between rounds under load, so that a round carries many messages.
const LINGER: Duration = Duration::from_millis(25);
/// How often the table is looked at when no bell rings.
const POLL: Duration = Duration::from_secs(1);

/// A message to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// What it is about, like `award.created`.
    pub topic: &'static str,
    /// The id of the thing that it is about.
    pub key: Uuid,
    /// Ids and plain facts; never contact data.
    pub payload: serde_json::Value,
}

impl Message {
    /// A message.
    pub fn new(topic: &'static str, key: impl Into<Uuid>, payload: serde_json::Value) -> Self {
        Self { topic, key: key.into(), payload }
    }
}

/// A message as a handler gets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivered {
    /// The row's id; the same at every try.
    pub id: OutboxId,
    /// The topic.
    pub topic: String,
    /// The id of the thing that it is about.
    pub key: Uuid,
    /// The payload.
    pub payload: serde_json::Value,
    /// When it was written.
    pub created_at: Timestamp,
    /// Which try this is, from 1.
    pub attempts: i32,
}

/// Handles messages of one topic. A failing batch is tried again one by one.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Does the work for these messages; doing it twice must change nothing.
    async fn handle(&self, messages: &[Delivered]) -> Result<()>;
}

/// Writes one message in this transaction.
pub async fn enqueue(tx: &WriteTx, message: Message) -> Result<()> {
    enqueue_all(tx, &[message]).await
}

/// Writes messages in this transaction.
pub async fn enqueue_all(tx: &WriteTx, messages: &[Message]) -> Result<()> {
    if messages.is_empty() {
        return Ok(());
    }
    tx.will_wake_outbox();
    bulk::insert_many(tx, rows(messages, tx.now())).await.map(|_| ())
}

/// Messages as rows of a bulk plan; ring `tx.will_wake_outbox()` beside it.
pub fn rows(messages: &[Message], now: Timestamp) -> Rows {
    let mut rows = Rows::new(&OUTBOX);
    for message in messages {
        rows.push([
            OutboxId::new(now).uuid().into(),
            message.topic.into(),
            message.key.into(),
            message.payload.to_string().into(),
            now.micros().into(),
        ]);
    }
    rows
}

/// How many messages wait, and how many of them are parked after too many tries.
pub async fn backlog(tx: &impl Reader) -> Result<(i64, i64)> {
    let sql = "SELECT COUNT(*) AS n, COUNT(CASE WHEN leased_until = $1 THEN 1 END) AS parked \
               FROM outbox";
    let rows = sql::all(tx, sql, vec![i64::MAX.into()]).await?;
    match rows.first() {
        Some(row) => Ok((row.try_get("", "n")?, row.try_get("", "parked")?)),
        None => Ok((0, 0)),
    }
}

/// Takes messages from the table and hands them out.
pub struct Runner {
    db: Db,
    clock: Clock,
    handlers: HashMap<&'static str, Vec<Arc<dyn Handler>>>,
}

impl Runner {
    /// A runner without handlers.
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock, handlers: HashMap::new() }
    }

    /// Adds a handler for a topic; a topic may have several, which run in this order.
    #[must_use]
    pub fn on(mut self, topic: &'static str, handler: Arc<dyn Handler>) -> Self {
        self.handlers.entry(topic).or_default().push(handler);
        self
    }

    /// Runs until shutdown. What was leased is finished first.
    pub async fn run(self: Arc<Self>, shutdown: Shutdown) {
        while !shutdown.is_cancelled() {
            let handled = match self.round().await {
                Ok(n) => n,
                Err(error) => {
                    tracing::error!(%error, "the outbox could not be read");
                    0
                }
            };
            let pause = async {
                if handled > 0 {
                    tokio::time::sleep(LINGER).await;
                    return;
                }
                tokio::select! {
                    () = self.db.outbox_bell().rung() => tokio::time::sleep(LINGER).await,
                    () = tokio::time::sleep(POLL) => {}
                }
            };
            tokio::select! { () = pause => {}, () = shutdown.cancelled() => break }
        }
    }

    /// Handles everything that is due, until nothing is: for tests, imports and the demo. Gives
    /// the number of messages that were handled.
    pub async fn drain(&self) -> Result<usize> {
        let mut all = 0;
        loop {
            match self.round().await? {
                0 => return Ok(all),
                n => all += n,
            }
        }
    }

    /// One lease; gives how many messages were finished.
    async fn round(&self) -> Result<usize> {
        let token = OutboxId::new(self.clock.now()).uuid();
        let leased = self.lease(token).await?;
        if leased.is_empty() {
            return Ok(0);
        }
        let mut done = Vec::with_capacity(leased.len());
        let mut failed: Vec<(Delivered, i64)> = Vec::new();
        for (topic, messages) in by_topic(leased) {
            match self.handlers.get(topic.as_str()) {
                Some(handlers) => {
                    let span = tracing::info_span!("messages", topic, count = messages.len());
                    self.hand_out(handlers, messages, &mut done, &mut failed)
                        .instrument(span)
                        .await;
                }
                None => self.put_aside(messages, &mut done, &mut failed),
            }
        }
        metrics::counter!("outbox_handled_total").increment(done.len() as u64);
        metrics::counter!("outbox_failed_total").increment(failed.len() as u64);
        self.finish(token, &done, &failed).await?;
        Ok(done.len())
    }

    async fn hand_out(
        &self,
        handlers: &[Arc<dyn Handler>],
        messages: Vec<Delivered>,
        done: &mut Vec<Uuid>,
        failed: &mut Vec<(Delivered, i64)>,
    ) {
        if handle_all(handlers, &messages).await.is_ok() {
            done.extend(messages.iter().map(|message| message.id.uuid()));
            return;
        }
        for message in messages {
            match handle_all(handlers, std::slice::from_ref(&message)).await {
                Ok(()) => done.push(message.id.uuid()),
                Err(error) => {
                    let (topic, id, attempts) = (&message.topic, message.id, message.attempts);
                    tracing::warn!(%error, topic, %id, attempts, "a message was not handled");
                    let next = next_try(self.clock.now(), attempts);
                    failed.push((message, next));
                }
            }
        }
    }

    /// A topic that this program does not know may belong to a newer one beside it: it waits.
    fn put_aside(
        &self,
        messages: Vec<Delivered>,
        done: &mut Vec<Uuid>,
        failed: &mut Vec<(Delivered, i64)>,
    ) {
        let now = self.clock.now();
        for message in messages {
            if now.since(message.created_at) > UNKNOWN_KEPT {
                tracing::warn!(topic = message.topic, id = %message.id, "no handler: dropped");
                done.push(message.id.uuid());
            } else {
                failed.push((message, now.plus(10 * MINUTE).micros()));
            }
        }
    }

    async fn lease(&self, token: Uuid) -> Result<Vec<Delivered>> {
        // A glance without a write transaction: an idle runner must not take the writer's turn.
        let read = self.db.begin_read().await?;
        let now = self.clock.now();
        let due = "SELECT 1 AS one FROM outbox WHERE leased_until <= $1 LIMIT 1";
        if sql::all(&read, due, vec![now.micros().into()]).await?.is_empty() {
            return Ok(Vec::new());
        }
        drop(read);
        let tx = self.db.begin_write(&self.clock).await?;
        let skip = if tx.engine() == Engine::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
        // The predicate is repeated outside: without it PostgreSQL leases rows twice.
        let sql = format!(
            "UPDATE outbox SET lease_token = $1, leased_until = $2, attempts = attempts + 1 \
             WHERE id IN (SELECT id FROM outbox WHERE leased_until <= $3 ORDER BY id LIMIT $4 {skip}) \
             AND leased_until <= $3 RETURNING id, topic, key, payload, created_at, attempts"
        );
        let now = tx.now();
        let values: Vec<Value> =
            vec![token.into(), now.plus(LEASE).micros().into(), now.micros().into(), BATCH.into()];
        let rows = sql::all(&tx, &sql, values).await?;
        let mut leased = rows.iter().map(delivered).collect::<Result<Vec<_>>>()?;
        tx.commit().await?;
        leased.sort_by_key(|message| message.id);
        Ok(leased)
    }

    async fn finish(&self, token: Uuid, done: &[Uuid], failed: &[(Delivered, i64)]) -> Result<()> {
        let tx = self.db.begin_write(&self.clock).await?;
        for chunk in done.chunks(500) {
            // Padded so that there is one text: the lease token comes first, then 500 ids.
            let marks: Vec<String> = (2..=501).map(|n| format!("${n}")).collect();
            let sql = format!(
                "DELETE FROM outbox WHERE lease_token = $1 AND id IN ({})",
                marks.join(",")
            );
            let padding = std::iter::repeat_n(Uuid::nil(), 500 - chunk.len());
            let values = std::iter::once(token).chain(chunk.iter().copied()).chain(padding);
            sql::run(&tx, &sql, values.map(Value::from)).await?;
        }
        for (message, next) in failed {
            let sql = "UPDATE outbox SET lease_token = NULL, leased_until = $1 \
                       WHERE id = $2 AND lease_token = $3";
            sql::run(&tx, sql, vec![(*next).into(), message.id.uuid().into(), token.into()])
                .await?;
        }
        tx.commit().await
    }
}

async fn handle_all(handlers: &[Arc<dyn Handler>], messages: &[Delivered]) -> Result<()> {
    for handler in handlers {
        handler.handle(messages).await?;
    }
    Ok(())
}

/// Groups messages by topic, keeping the order inside each.
fn by_topic(messages: Vec<Delivered>) -> Vec<(String, Vec<Delivered>)> {
    let mut groups: Vec<(String, Vec<Delivered>)> = Vec::new();
    for message in messages {
        match groups.iter_mut().find(|(topic, _)| *topic == message.topic) {
            Some((_, group)) => group.push(message),
            None => groups.push((message.topic.clone(), vec![message])),
        }
    }
    groups
}

/// When a failed message is tried again: doubling to ten minutes, with jitter; parked at the end.
fn next_try(now: Timestamp, attempts: i32) -> i64 {
    if attempts >= MAX_ATTEMPTS {
        return i64::MAX;
    }
    let doublings = u32::try_from(attempts.clamp(1, 12)).unwrap_or(1) - 1;
    let base = (SECOND << doublings).min(10 * MINUTE);
    now.plus(base / 2 + rand::random_range(0..=base / 2)).micros()
}

fn delivered(row: &QueryResult) -> Result<Delivered> {
    let payload: String = row.try_get("", "payload")?;
    Ok(Delivered {
        id: OutboxId(row.try_get("", "id")?),
        topic: row.try_get("", "topic")?,
        key: row.try_get("", "key")?,
        payload: serde_json::from_str(&payload).context("parsing a message")?,
        created_at: Timestamp::from_micros(row.try_get("", "created_at")?),
        attempts: row.try_get("", "attempts")?,
    })
}
