//! The first statement of a batch: idempotency keys, claims and locks, in the one lock order.

use sea_orm::sea_query::ArrayType;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use uuid::Uuid;

use super::postgres::{Builder, lock_select};
use super::sqlite::placeholders;
use super::{Lock, LockMode, Locked, Reader, TableDef, Ty, Value, execute, query, sorted, sqlite};
use crate::platform::db::connect::Engine;
use crate::platform::db::tx::WriteTx;
use crate::platform::error::{Error, Result};
use crate::platform::idempotency::Stored;

/// An idempotency record to be taken.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    /// Derived from principal and key.
    pub id: Uuid,
    /// Keyed hash of the request.
    pub request_hash: [u8; 32],
    /// When it lapses, µs.
    pub expires_at: i64,
}

/// A dedupe claim to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Derived from scope, scope id, key set and fingerprint.
    pub id: Uuid,
    /// Who claims.
    pub lead_id: Uuid,
    /// When it lapses, µs.
    pub expires_at: i64,
}

/// What a batch takes and locks. Order inside does not matter: everything is sorted here. Of
/// entries with the same id the first counts.
#[derive(Clone, Debug, Default)]
pub struct ClaimRequest<'a> {
    /// Idempotency keys.
    pub idempotency: Vec<IdempotencyKey>,
    /// Claims.
    pub claims: Vec<Claim>,
    /// Rows to lock, in the order meters, balances, epochs.
    pub locks: Vec<Lock<'a>>,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Claimed {
    /// Idempotency ids that are ours now.
    pub fresh: HashSet<Uuid>,
    /// What stands under the others. A record of our own transaction is never here.
    pub replays: HashMap<Uuid, Stored>,
    /// Who holds each asked claim after this statement: our lead where it was won.
    pub holders: HashMap<Uuid, Uuid>,
    /// Claims that this statement took (new, or expired before).
    pub won: HashSet<Uuid>,
    /// Locked rows, one map per asked lock, in the same order.
    pub locked: Vec<Locked>,
}

/// Takes idempotency keys and claims, and locks rows: one statement on PostgreSQL (a second one
/// only for what was lost), a few on SQLite. A claim or key that stands is replaced only when it
/// has expired at the transaction's `now`.
///
/// # Errors
/// Database errors only; a deadlock is retryable as a whole transaction.
pub async fn claim_and_lock(tx: &WriteTx, request: ClaimRequest<'_>) -> Result<Claimed> {
    let idempotency: BTreeMap<Uuid, IdempotencyKey> =
        request.idempotency.into_iter().rev().map(|key| (key.id, key)).collect();
    let claims: BTreeMap<Uuid, Claim> =
        request.claims.into_iter().rev().map(|claim| (claim.id, claim)).collect();
    let mut out = match tx.engine() {
        Engine::Postgres => take_postgres(tx, &idempotency, &claims, &request.locks).await?,
        Engine::Sqlite => take_sqlite(tx, &idempotency, &claims, &request.locks).await?,
    };
    for id in &out.won {
        if let Some(claim) = claims.get(id) {
            out.holders.insert(*id, claim.lead_id);
        }
    }
    let lost: Vec<Uuid> = claims.keys().filter(|id| !out.won.contains(*id)).copied().collect();
    if !lost.is_empty() {
        read_holders(tx, &lost, &mut out.holders).await?;
    }
    let known: Vec<Uuid> =
        idempotency.keys().filter(|id| !out.fresh.contains(*id)).copied().collect();
    if !known.is_empty() {
        out.replays = crate::platform::idempotency::read_many(tx, &known).await?;
    }
    Ok(out)
}

/// The statement for PostgreSQL. The parts run in the order of the UNION ALL that pulls them, and
/// each part takes its rows sorted, so two batches can't wait for each other in a ring.
fn merged_claim(
    now: i64,
    idempotency: &BTreeMap<Uuid, IdempotencyKey>,
    claims: &BTreeMap<Uuid, Claim>,
    locks: &[Lock<'_>],
) -> Result<Builder> {
    let mut to = Builder::default();
    let now = to.bind(Value::BigInt(Some(now)), "bigint");
    let ids = to.bind_uuids(&idempotency.keys().copied().collect::<Vec<_>>());
    let hashes = idempotency.values().map(|key| Value::Bytes(Some(key.request_hash.to_vec())));
    let hashes = to.bind(array(ArrayType::Bytes, hashes), "bytea[]");
    let lapse = idempotency.values().map(|key| Value::BigInt(Some(key.expires_at)));
    let lapse = to.bind(array(ArrayType::BigInt, lapse), "bigint[]");
    let _ = write!(
        to.sql,
        "WITH k AS (INSERT INTO idempotency AS t (id, request_hash, status, created_at, expires_at) \
         SELECT a.i, a.h, 0, {now}, a.e FROM UNNEST({ids}, {hashes}, {lapse}) AS a(i, h, e) \
         ON CONFLICT (id) DO UPDATE SET request_hash = EXCLUDED.request_hash, response = NULL, \
         status = 0, created_at = EXCLUDED.created_at, expires_at = EXCLUDED.expires_at \
         WHERE t.expires_at <= {now} RETURNING t.id)"
    );
    let ids = to.bind_uuids(&claims.keys().copied().collect::<Vec<_>>());
    let leads: Vec<Uuid> = claims.values().map(|claim| claim.lead_id).collect();
    let leads = to.bind_uuids(&leads);
    let lapse = claims.values().map(|claim| Value::BigInt(Some(claim.expires_at)));
    let lapse = to.bind(array(ArrayType::BigInt, lapse), "bigint[]");
    let _ = write!(
        to.sql,
        ", c AS (INSERT INTO claims AS t (id, lead_id, expires_at) \
         SELECT a.i, a.l, a.e FROM UNNEST({ids}, {leads}, {lapse}) AS a(i, l, e) \
         ON CONFLICT (id) DO UPDATE SET lead_id = EXCLUDED.lead_id, \
         expires_at = EXCLUDED.expires_at WHERE t.expires_at <= {now} RETURNING t.id)"
    );
    for (index, lock) in locks.iter().enumerate() {
        let _ = write!(to.sql, ", l{index} AS (");
        lock_select(&mut to, lock)?;
        to.sql.push(')');
    }
    to.sql.push_str(
        " SELECT -2 AS tag, id AS k, NULL::bigint[] AS v FROM k \
         UNION ALL SELECT -1, id, NULL FROM c",
    );
    for index in 0..locks.len() {
        let _ = write!(to.sql, " UNION ALL SELECT {index}, k, v FROM l{index}");
    }
    Ok(to)
}

fn array(ty: ArrayType, items: impl Iterator<Item = Value>) -> Value {
    Value::Array(ty, Some(Box::new(items.collect())))
}

async fn take_postgres(
    tx: &WriteTx,
    idempotency: &BTreeMap<Uuid, IdempotencyKey>,
    claims: &BTreeMap<Uuid, Claim>,
    locks: &[Lock<'_>],
) -> Result<Claimed> {
    let builder = merged_claim(tx.now().micros(), idempotency, claims, locks)?;
    let mut out = Claimed { locked: vec![Locked::new(); locks.len()], ..Default::default() };
    for row in query(tx, builder.sql, builder.values).await? {
        let tag: i32 = row.try_get("", "tag")?;
        let key: Uuid = row.try_get("", "k")?;
        match tag {
            -2 => drop(out.fresh.insert(key)),
            -1 => drop(out.won.insert(key)),
            _ => {
                let at = usize::try_from(tag).unwrap_or(usize::MAX);
                let to = out.locked.get_mut(at).ok_or_else(|| Error::broken("unknown lock tag"))?;
                to.insert(key, row.try_get("", "v")?);
            }
        }
    }
    Ok(out)
}

async fn take_sqlite(
    tx: &WriteTx,
    idempotency: &BTreeMap<Uuid, IdempotencyKey>,
    claims: &BTreeMap<Uuid, Claim>,
    locks: &[Lock<'_>],
) -> Result<Claimed> {
    let now = tx.now().micros();
    let mut out = Claimed::default();
    let keys: Vec<&IdempotencyKey> = idempotency.values().collect();
    for chunk in keys.chunks(1_000) {
        let mut values = Vec::with_capacity(chunk.len() * 5 + 1);
        for key in chunk {
            values.extend([Value::from(key.id), key.request_hash.to_vec().into()]);
            values.extend([Value::from(0i32), now.into(), key.expires_at.into()]);
        }
        values.push(now.into());
        let sql = format!(
            "INSERT INTO idempotency (id, request_hash, status, created_at, expires_at) VALUES {} \
             ON CONFLICT (id) DO UPDATE SET request_hash = excluded.request_hash, response = NULL, \
             status = 0, created_at = excluded.created_at, expires_at = excluded.expires_at \
             WHERE idempotency.expires_at <= ? RETURNING id",
            placeholders(5, chunk.len())
        );
        for row in query(tx, sql, values).await? {
            out.fresh.insert(row.try_get("", "id")?);
        }
    }
    let all: Vec<&Claim> = claims.values().collect();
    for chunk in all.chunks(2_000) {
        let mut values = Vec::with_capacity(chunk.len() * 3 + 1);
        for claim in chunk {
            values.extend([claim.id.into(), claim.lead_id.into(), Value::from(claim.expires_at)]);
        }
        values.push(now.into());
        let sql = format!(
            "INSERT INTO claims (id, lead_id, expires_at) VALUES {} ON CONFLICT (id) DO UPDATE SET \
             lead_id = excluded.lead_id, expires_at = excluded.expires_at \
             WHERE claims.expires_at <= ? RETURNING id",
            placeholders(3, chunk.len())
        );
        for row in query(tx, sql, values).await? {
            out.won.insert(row.try_get("", "id")?);
        }
    }
    for lock in locks {
        let rows =
            if lock.keys.is_empty() { Locked::new() } else { sqlite::read(tx, lock).await? };
        out.locked.push(rows);
    }
    Ok(out)
}

/// Who holds the claims that were lost. Their rows were locked by the upsert, so they stand.
async fn read_holders(tx: &WriteTx, lost: &[Uuid], to: &mut HashMap<Uuid, Uuid>) -> Result<()> {
    let rows = match tx.engine() {
        Engine::Postgres => {
            let mut builder = Builder::default();
            let keys = builder.bind_uuids(&sorted(lost));
            let _ = write!(builder.sql, "SELECT id, lead_id FROM claims WHERE id = ANY({keys})");
            query(tx, builder.sql, builder.values).await?
        }
        Engine::Sqlite => {
            let mut rows = Vec::new();
            for chunk in lost.chunks(8_000) {
                let marks = vec!["?"; chunk.len()].join(",");
                let sql = format!("SELECT id, lead_id FROM claims WHERE id IN ({marks})");
                let values = chunk.iter().map(|key| Value::from(*key)).collect();
                rows.extend(query(tx, sql, values).await?);
            }
            rows
        }
    };
    for row in rows {
        to.insert(row.try_get("", "id")?, row.try_get("", "lead_id")?);
    }
    Ok(())
}

static CLAIMS: TableDef = TableDef {
    name: "claims",
    cols: &[("id", Ty::Uuid), ("lead_id", Ty::Uuid), ("expires_at", Ty::I64)],
};

/// Locks claims, sorted, and gives when each lapses, µs. Claims come before meters and balances,
/// so who may have to drop some at the end locks them at the beginning.
pub async fn lock_claims(tx: &WriteTx, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    let lock = Lock::new(&CLAIMS, &["expires_at"], ids, LockMode::Update);
    let found = super::lock_rows(tx, &lock).await?;
    Ok(found.into_iter().filter_map(|(id, row)| Some((id, *row.first()?))).collect())
}

/// Drops a bounded number of claims that have lapsed; gives how many went. They are locked as
/// everybody locks claims, and looked at again under the lock.
pub async fn purge_claims(tx: &WriteTx, most: u32) -> Result<u64> {
    let now = tx.now().micros();
    let sql =
        format!("SELECT id FROM claims WHERE expires_at <= $1 ORDER BY expires_at LIMIT {most}");
    let mut ids: Vec<Uuid> = Vec::new();
    for row in crate::platform::db::sql::all(tx, &sql, [now.into()]).await? {
        ids.push(row.try_get("", "id")?);
    }
    let locked = lock_claims(tx, &ids).await?;
    let lapsed: Vec<Uuid> =
        locked.into_iter().filter(|(_, lapse)| *lapse <= now).map(|(id, _)| id).collect();
    super::delete_keys(tx, &CLAIMS, &lapsed).await?;
    Ok(u64::try_from(lapsed.len()).unwrap_or(u64::MAX))
}

/// Drops claims, but only those that these leads still hold: what was not sold goes in the same
/// transaction, by primary key (a search by lead would scan).
pub async fn release(tx: &WriteTx, claims: &[(Uuid, Uuid)]) -> Result<()> {
    let sorted: BTreeMap<Uuid, Uuid> = claims.iter().copied().collect();
    if sorted.is_empty() {
        return Ok(());
    }
    if tx.engine() == Engine::Postgres {
        let mut to = Builder::default();
        let ids = to.bind_uuids(&sorted.keys().copied().collect::<Vec<_>>());
        let leads = to.bind_uuids(&sorted.values().copied().collect::<Vec<_>>());
        let _ = write!(
            to.sql,
            "DELETE FROM claims AS t USING UNNEST({ids}, {leads}) AS a(i, l) \
             WHERE t.id = a.i AND t.lead_id = a.l"
        );
        execute(tx, to.sql, to.values).await?;
        return Ok(());
    }
    let pairs: Vec<(Uuid, Uuid)> = sorted.into_iter().collect();
    for chunk in pairs.chunks(4_000) {
        let values =
            chunk.iter().flat_map(|(id, lead)| [Value::from(*id), (*lead).into()]).collect();
        let sql = format!(
            "DELETE FROM claims WHERE (id, lead_id) IN (VALUES {})",
            placeholders(2, chunk.len())
        );
        execute(tx, sql, values).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;
    use crate::platform::db::epoch::MARKET_EPOCHS;

    #[test]
    fn the_text_of_the_claim_does_not_depend_on_the_number_of_rows() {
        let text = |n: u128| {
            let keys: Vec<Uuid> = (0..n).map(Uuid::from_u128).collect();
            let idem = keys
                .iter()
                .map(|id| (*id, IdempotencyKey { id: *id, request_hash: [0; 32], expires_at: 1 }))
                .collect();
            let claims = keys
                .iter()
                .map(|id| (*id, Claim { id: *id, lead_id: *id, expires_at: 1 }))
                .collect();
            let lock = Lock::new(&MARKET_EPOCHS, &["epoch"], &keys, LockMode::Share);
            merged_claim(5, &idem, &claims, &[lock]).unwrap().sql
        };
        assert_eq!(text(1), text(64));
        assert_eq!(text(0), text(1));
    }
}
