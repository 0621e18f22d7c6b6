//! Idempotency records: the answer to a mutation, kept with its effect for seven days.
//!
//! A record is written in the transaction of the effect. A second request with the same key
//! either waits for that transaction (the row is locked) and replays its answer, or, with another
//! body, is refused.

use leadbourse_core::error::{IDEMPOTENCY_MISMATCH, IN_FLIGHT, Problem};
use leadbourse_core::ids::derive;
use leadbourse_core::time::DAY;
use sea_orm::{QueryResult, Value};
use std::collections::HashMap;
use uuid::Uuid;

use crate::platform::db::bulk::{TableDef, Ty};
use crate::platform::db::sql;
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::{Context, Error, Result};

/// How long a key lives, µs.
pub const KEEP: i64 = 7 * DAY;
/// The longest key that is taken.
pub const MAX_KEY: usize = 255;

/// The answer columns, for storing many answers with `bulk::Sets`.
pub static ANSWERS: TableDef = TableDef {
    name: "idempotency",
    cols: &[("id", Ty::Uuid), ("response", Ty::OptText), ("status", Ty::I32)],
};

/// What stands under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Keyed hash of the request that made it.
    pub request_hash: Vec<u8>,
    /// The answer as JSON text, if it was stored.
    pub response: Option<String>,
    /// HTTP status of the answer; 0 while there is none.
    pub status: i32,
}

/// What `begin` found.
#[derive(Clone, Debug, PartialEq)]
pub enum Begin {
    /// The key is ours: do the work, then `finish`.
    Fresh,
    /// It was done before: this was the answer.
    Replay(serde_json::Value),
}

/// The id of a record: derived, so that one principal's keys never meet another's.
pub fn record_id(principal: Uuid, key: &str) -> Uuid {
    derive(&[b"idempotency", principal.as_bytes(), key.as_bytes()])
}

/// Refuses a key that is empty or too long.
///
/// # Errors
/// `BAD_INPUT` at `idempotencyKey`.
pub fn check(key: &str) -> Result<(), Problem> {
    if key.is_empty() || key.len() > MAX_KEY {
        let problem = Problem::new(leadbourse_core::error::BAD_INPUT).field("idempotencyKey");
        return Err(problem.detail("An idempotency key has 1 to 255 characters."));
    }
    Ok(())
}

/// Takes a key for this transaction, or finds the answer that was given before.
///
/// # Errors
/// `IDEMPOTENCY_MISMATCH` for another request under the same key, `IN_FLIGHT` when a record has no
/// answer.
pub async fn begin(
    tx: &WriteTx,
    principal: Uuid,
    key: &str,
    request_hash: [u8; 32],
) -> Result<Begin> {
    check(key)?;
    let (id, now) = (record_id(principal, key), tx.now().micros());
    let sql = "INSERT INTO idempotency (id, request_hash, status, created_at, expires_at) \
               VALUES ($1, $2, 0, $3, $4) ON CONFLICT (id) DO UPDATE SET \
               request_hash = excluded.request_hash, response = NULL, status = 0, \
               created_at = excluded.created_at, expires_at = excluded.expires_at \
               WHERE idempotency.expires_at <= $3 RETURNING id";
    let values: Vec<Value> =
        vec![id.into(), request_hash.to_vec().into(), now.into(), now.saturating_add(KEEP).into()];
    if !sql::all(tx, sql, values).await?.is_empty() {
        return Ok(Begin::Fresh);
    }
    let stored = read_many(tx, &[id]).await?.remove(&id).ok_or(Error::from(IN_FLIGHT))?;
    replay(&stored, &request_hash)
}

/// What a stored record answers to a request with this hash.
///
/// # Errors
/// `IDEMPOTENCY_MISMATCH`, `IN_FLIGHT`.
pub fn replay(stored: &Stored, request_hash: &[u8; 32]) -> Result<Begin> {
    if stored.request_hash.as_slice() != request_hash.as_slice() {
        return Err(IDEMPOTENCY_MISMATCH.into());
    }
    let text = stored.response.as_deref().ok_or(Error::from(IN_FLIGHT))?;
    Ok(Begin::Replay(serde_json::from_str(text).context("parsing a stored answer")?))
}

/// Stores the answer, in the transaction of the effect. Ids only: no contact data.
pub async fn finish(
    tx: &WriteTx,
    principal: Uuid,
    key: &str,
    response: &serde_json::Value,
) -> Result<()> {
    let sql = "UPDATE idempotency SET response = $1, status = 200 WHERE id = $2";
    let values: Vec<Value> = vec![response.to_string().into(), record_id(principal, key).into()];
    sql::run(tx, sql, values).await.map(|_| ())
}

/// Removes records that have lapsed, a bounded number at once; gives how many went.
pub async fn purge(tx: &WriteTx, most: u64) -> Result<u64> {
    let sql = "DELETE FROM idempotency WHERE id IN \
               (SELECT id FROM idempotency WHERE expires_at <= $1 LIMIT $2)";
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    sql::run(tx, sql, vec![tx.now().micros().into(), most.into()]).await
}

/// Reads records by id.
pub(crate) async fn read_many(tx: &impl Reader, ids: &[Uuid]) -> Result<HashMap<Uuid, Stored>> {
    let mut out = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        // Padding to a power of two keeps the number of distinct texts small.
        let width = chunk.len().next_power_of_two();
        let marks: Vec<String> = (1..=width).map(|n| format!("${n}")).collect();
        let sql = format!(
            "SELECT id, request_hash, response, status FROM idempotency WHERE id IN ({})",
            marks.join(",")
        );
        let padding = std::iter::repeat_n(Uuid::nil(), width - chunk.len());
        let values = chunk.iter().copied().chain(padding).map(Value::from);
        for row in sql::all(tx, &sql, values).await? {
            out.insert(row.try_get("", "id")?, stored(&row)?);
        }
    }
    Ok(out)
}

fn stored(row: &QueryResult) -> Result<Stored> {
    Ok(Stored {
        request_hash: row.try_get("", "request_hash")?,
        response: row.try_get("", "response")?,
        status: row.try_get("", "status")?,
    })
}
