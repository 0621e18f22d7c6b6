//! The jobs table.

use leadbourse_core::error::NOT_FOUND;
use leadbourse_core::ids::JobId;
use leadbourse_core::time::{DAY, MINUTE, SECOND, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use super::JobSpec;
use crate::platform::clock::Clock;
use crate::platform::db::sql;
use crate::platform::db::{Db, Engine, Reader, WriteTx};
use crate::platform::error::{Context, Error, Result};
use crate::platform::paging::{Page, Paged};

/// How long a lease lasts, µs. A handler is stopped before it ends.
pub(super) const LEASE: i64 = 10 * MINUTE;
/// How long finished jobs are kept, µs.
const KEEP_DONE: i64 = 7 * DAY;
/// Leasing is serialised by this lock, so that two instances never run one queue side by side.
const LEASE_LOCK: &str = "SELECT pg_advisory_xact_lock(7305804404)";

/// A job in a handler's hands.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Which handler does it.
    pub kind: String,
    /// What it is about.
    pub payload: serde_json::Value,
    /// Which try this is, from 1.
    pub attempts: i32,
    /// When it was due.
    pub run_at: Timestamp,
    pub(super) max_attempts: i32,
    pub(super) token: Uuid,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Due or waiting.
    Ready,
    /// Finished.
    Done,
    /// Given up after too many tries; an operator may retry it.
    Dead,
}

impl JobState {
    /// As stored.
    pub fn code(self) -> &'static str {
        match self {
            JobState::Ready => "READY",
            JobState::Done => "DONE",
            JobState::Dead => "DEAD",
        }
    }

    fn parse(text: &str) -> Result<Self> {
        match text {
            "READY" => Ok(JobState::Ready),
            "DONE" => Ok(JobState::Done),
            "DEAD" => Ok(JobState::Dead),
            _ => Err(Error::broken(format!("job state {text}"))),
        }
    }
}

/// A job as operators see it.
#[derive(Clone, Debug, PartialEq)]
pub struct JobView {
    /// Its id.
    pub id: JobId,
    /// Its kind.
    pub kind: String,
    /// Where it stands.
    pub state: JobState,
    /// When it is due.
    pub run_at: Timestamp,
    /// Tries so far.
    pub attempts: i32,
    /// What the last failure said.
    pub last_error: Option<String>,
    /// When it was scheduled.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// Schedules a job in this transaction; `None` when its dedup key was taken before.
pub async fn schedule(tx: &WriteTx, spec: JobSpec) -> Result<Option<JobId>> {
    let id = JobId::new(tx.now());
    let run_at = spec.run_at.unwrap_or(tx.now());
    let sql = "INSERT INTO jobs (id, kind, queue_key, dedup_key, payload, state, run_at, \
               max_attempts, created_at) VALUES ($1, $2, $3, $4, $5, 'READY', $6, $7, $8) \
               ON CONFLICT (kind, dedup_key) DO NOTHING";
    let values: Vec<Value> = vec![
        id.uuid().into(),
        spec.kind.into(),
        spec.queue_key.into(),
        spec.dedup_key.into(),
        spec.payload.to_string().into(),
        run_at.micros().into(),
        spec.max_attempts.into(),
        tx.now().micros().into(),
    ];
    if sql::run(tx, sql, values).await? == 0 {
        return Ok(None);
    }
    tx.will_wake_jobs();
    Ok(Some(id))
}

/// Jobs in one state, newest first.
pub async fn list(tx: &impl Reader, state: JobState, page: &Page) -> Result<Paged<JobView>> {
    let after = page.before_key().unwrap_or(Uuid::max());
    let sql = "SELECT id, kind, state, run_at, attempts, last_error, created_at, finished_at \
               FROM jobs WHERE state = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    let limit = i64::try_from(page.limit()).unwrap_or(1);
    let rows = sql::all(tx, sql, vec![state.code().into(), after.into(), limit.into()]).await?;
    Ok(Paged::cut(rows.iter().map(view).collect::<Result<_>>()?, page))
}

/// Gives a dead job another set of tries.
///
/// # Errors
/// `NOT_FOUND` when there is no dead job with this id.
pub async fn retry_dead(tx: &WriteTx, id: JobId) -> Result<()> {
    let sql = "UPDATE jobs SET state = 'READY', attempts = 0, run_at = $1, finished_at = NULL, \
               lease_token = NULL, leased_until = 0 WHERE id = $2 AND state = 'DEAD'";
    let values: Vec<Value> = vec![tx.now().micros().into(), id.uuid().into()];
    if sql::run(tx, sql, values).await? == 0 {
        return Err(NOT_FOUND.into());
    }
    tx.will_wake_jobs();
    Ok(())
}

/// Leases one due job of these kinds, or none.
pub(super) async fn lease(db: &Db, clock: &Clock, kinds: &[&str]) -> Result<Option<Job>> {
    let now = clock.now().micros();
    let marks: Vec<String> = (2..2 + kinds.len()).map(|n| format!("${n}")).collect();
    // A queue is busy while one of its jobs is leased; of the others the oldest goes first.
    let due = format!(
        "SELECT j.id FROM jobs j WHERE j.state = 'READY' AND j.run_at <= $1 AND j.leased_until <= $1 \
         AND j.kind IN ({}) AND (j.queue_key IS NULL OR NOT EXISTS (SELECT 1 FROM jobs o \
         WHERE o.queue_key = j.queue_key AND o.state = 'READY' AND o.id <> j.id \
         AND (o.leased_until > $1 OR o.run_at < j.run_at OR (o.run_at = j.run_at AND o.id < j.id)))) \
         ORDER BY j.run_at, j.id LIMIT 1",
        marks.join(", ")
    );
    let mut values: Vec<Value> = vec![now.into()];
    values.extend(kinds.iter().map(|kind| Value::from(*kind)));
    let read = db.begin_read().await?;
    if sql::all(&read, &due, values.clone()).await?.is_empty() {
        return Ok(None);
    }
    drop(read);
    let tx = db.begin_write(clock).await?;
    if tx.engine() == Engine::Postgres {
        tx.conn().execute_unprepared(LEASE_LOCK).await?;
    }
    let Some(row) = sql::all(&tx, &due, values).await?.into_iter().next() else {
        return Ok(None);
    };
    let (id, token): (Uuid, Uuid) = (row.try_get("", "id")?, JobId::new(tx.now()).uuid());
    let sql = "UPDATE jobs SET lease_token = $1, leased_until = $2, attempts = attempts + 1 \
               WHERE id = $3 AND state = 'READY' AND leased_until <= $4 \
               RETURNING id, kind, payload, attempts, max_attempts, run_at";
    let until = tx.now().plus(LEASE).micros();
    let rows = sql::all(&tx, sql, vec![token.into(), until.into(), id.into(), now.into()]).await?;
    let job = rows.first().map(|row| leased(row, token)).transpose()?;
    tx.commit().await?;
    Ok(job)
}

/// Ends a leased job: done, to be tried again, or dead. Does nothing when the lease was lost.
pub(super) async fn finish(
    db: &Db,
    clock: &Clock,
    job: &Job,
    outcome: std::result::Result<(), String>,
) -> Result<()> {
    let tx = db.begin_write(clock).await?;
    let now = tx.now();
    let (state, run_at, error) = match outcome {
        Ok(()) => (JobState::Done, job.run_at, None),
        Err(error) if job.attempts >= job.max_attempts => (JobState::Dead, job.run_at, Some(error)),
        Err(error) => (JobState::Ready, backoff(now, job.attempts), Some(error)),
    };
    let ended = (state != JobState::Ready).then(|| now.micros());
    let sql = "UPDATE jobs SET state = $1, run_at = $2, last_error = $3, finished_at = $4, \
               lease_token = NULL, leased_until = 0 WHERE id = $5 AND lease_token = $6";
    let values: Vec<Value> = vec![
        state.code().into(),
        run_at.micros().into(),
        error.into(),
        ended.into(),
        job.id.uuid().into(),
        job.token.into(),
    ];
    sql::run(&tx, sql, values).await?;
    tx.commit().await
}

/// Removes finished jobs that nobody looks at any more, a bounded number at once.
pub(super) async fn purge(tx: &WriteTx, most: i64) -> Result<u64> {
    let sql = "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE state = 'DONE' \
               AND finished_at <= $1 LIMIT $2)";
    let before = tx.now().plus(-KEEP_DONE).micros();
    sql::run(tx, sql, vec![before.into(), most.into()]).await
}

/// Doubling from five seconds to an hour, with jitter.
fn backoff(now: Timestamp, attempts: i32) -> Timestamp {
    let doublings = u32::try_from(attempts.clamp(1, 12)).unwrap_or(1) - 1;
    let base = ((5 * SECOND) << doublings).min(60 * MINUTE);
    now.plus(base / 2 + rand::random_range(0..=base / 2))
}

fn leased(row: &QueryResult, token: Uuid) -> Result<Job> {
    let payload: String = row.try_get("", "payload")?;
    Ok(Job {
        id: JobId(row.try_get("", "id")?),
        kind: row.try_get("", "kind")?,
        payload: serde_json::from_str(&payload).context("parsing a job")?,
        attempts: row.try_get("", "attempts")?,
        run_at: Timestamp::from_micros(row.try_get("", "run_at")?),
        max_attempts: row.try_get("", "max_attempts")?,
        token,
    })
}

fn view(row: &QueryResult) -> Result<JobView> {
    let state: String = row.try_get("", "state")?;
    let finished_at: Option<i64> = row.try_get("", "finished_at")?;
    Ok(JobView {
        id: JobId(row.try_get("", "id")?),
        kind: row.try_get("", "kind")?,
        state: JobState::parse(&state)?,
        run_at: Timestamp::from_micros(row.try_get("", "run_at")?),
        attempts: row.try_get("", "attempts")?,
        last_error: row.try_get("", "last_error")?,
        created_at: Timestamp::from_micros(row.try_get("", "created_at")?),
        finished_at: finished_at.map(Timestamp::from_micros),
    })
}
