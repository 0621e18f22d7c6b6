//! The audit log: who did what to what. Append-only, hash-chained per organization and day, so
//! that a line can't be changed or taken out unseen.

use leadbourse_core::access::{Actor, Principal, Scope};
use leadbourse_core::ids::{AuditId, OrganizationId};
use leadbourse_core::time::{DAY, Timestamp};
use sea_orm::{QueryResult, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::platform::db::sql;
use crate::platform::db::{Engine, Reader, WriteTx};
use crate::platform::error::{Context, Error, Result};
use crate::platform::paging::{Page, Paged};

/// The hash before the first line of a day.
const GENESIS: [u8; 32] = [0; 32];

/// A line of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its id.
    pub id: AuditId,
    /// For which organization the actor acted.
    pub organization_id: OrganizationId,
    /// Who: `usr_…`, `key_…` or `system`.
    pub actor: String,
    /// What was done, like `offer.pause`.
    pub action: String,
    /// To what: a printed id.
    pub subject: String,
    /// More facts; never contact data.
    pub detail: serde_json::Value,
    /// When.
    pub at: Timestamp,
    /// The line's hash, in hex.
    pub hash: String,
}

/// A break in a chain, found by `verify`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// Whose chain.
    pub organization_id: OrganizationId,
    /// Which day, counted from 1970.
    pub day: i32,
    /// At which line.
    pub seq: i64,
    /// What is wrong.
    pub what: &'static str,
}

/// How an actor is written down.
pub fn actor_text(actor: &Actor) -> String {
    match actor.principal {
        Principal::User(id) => id.to_string(),
        Principal::ApiKey(id) => id.to_string(),
        Principal::Postback(id) => id.to_string(),
        Principal::System => "system".to_owned(),
    }
}

/// Adds a line in this transaction. It locks the day's head of the organization, so call it last:
/// everything that locks after it would wait while holding it.
pub async fn record(
    tx: &WriteTx,
    actor: &Actor,
    action: &'static str,
    subject: &str,
    detail: serde_json::Value,
) -> Result<()> {
    let (org, now) = (actor.org.uuid(), tx.now());
    let day = day_of(now);
    let (seq, prev) = lock_head(tx, org, day).await?;
    let seq = seq + 1;
    let (actor, detail) = (actor_text(actor), detail.to_string());
    let hash = chain(
        &prev,
        &Line { org, day, seq, actor: &actor, action, subject, detail: &detail, at: now },
    );
    let sql = "INSERT INTO audit_log (id, organization_id, day, seq, actor, action, subject, detail, \
               at, prev_hash, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let values: Vec<Value> = vec![
        AuditId::new(now).uuid().into(),
        org.into(),
        day.into(),
        seq.into(),
        actor.into(),
        action.into(),
        subject.into(),
        detail.into(),
        now.micros().into(),
        prev.into(),
        hash.to_vec().into(),
    ];
    sql::run(tx, sql, values).await?;
    let sql = "UPDATE audit_heads SET seq = $1, hash = $2 WHERE organization_id = $3 AND day = $4";
    sql::run(tx, sql, vec![seq.into(), hash.to_vec().into(), org.into(), day.into()]).await?;
    Ok(())
}

/// Lines that the scope may see, newest first.
pub async fn list(tx: &impl Reader, scope: Scope, page: &Page) -> Result<Paged<Entry>> {
    list_of(tx, scope, None, page).await
}

/// As [`list`], only lines about one subject when it is given.
pub async fn list_of(
    tx: &impl Reader,
    scope: Scope,
    subject: Option<&str>,
    page: &Page,
) -> Result<Paged<Entry>> {
    let mut values: Vec<Value> = vec![
        page.before_key().unwrap_or(Uuid::max()).into(),
        i64::try_from(page.limit()).unwrap_or(1).into(),
    ];
    let mut conditions = String::from("id < $1");
    if let Scope::Org(org) = scope {
        values.push(org.uuid().into());
        conditions.push_str(&format!(" AND organization_id = ${}", values.len()));
    }
    if let Some(subject) = subject {
        values.push(subject.into());
        conditions.push_str(&format!(" AND subject = ${}", values.len()));
    }
    let sql = format!(
        "SELECT id, organization_id, actor, action, subject, detail, at, hash FROM audit_log \
         WHERE {conditions} ORDER BY id DESC LIMIT $2"
    );
    let rows = sql::all(tx, &sql, values).await?;
    Ok(Paged::cut(rows.iter().map(entry).collect::<Result<_>>()?, page))
}

/// Recomputes every chain and names what does not fit, and counts the lines.
pub async fn verify(tx: &impl Reader) -> Result<(u64, Vec<Break>)> {
    let mut breaks = Vec::new();
    let mut lines = 0;
    let heads =
        "SELECT organization_id, day, seq, hash FROM audit_heads ORDER BY organization_id, day";
    for head in sql::all(tx, heads, Vec::new()).await? {
        let org: Uuid = head.try_get("", "organization_id")?;
        let day: i32 = head.try_get("", "day")?;
        let last: i64 = head.try_get("", "seq")?;
        let tip: Vec<u8> = head.try_get("", "hash")?;
        lines += verify_day(tx, org, day, last, &tip, &mut breaks).await?;
    }
    Ok((lines, breaks))
}

async fn verify_day(
    tx: &impl Reader,
    org: Uuid,
    day: i32,
    last: i64,
    tip: &[u8],
    breaks: &mut Vec<Break>,
) -> Result<u64> {
    let sql = "SELECT seq, actor, action, subject, detail, at, prev_hash, hash FROM audit_log \
               WHERE organization_id = $1 AND day = $2 ORDER BY seq";
    let mut prev = GENESIS.to_vec();
    let mut expected = 0i64;
    let mut wrong = |seq: i64, what: &'static str| {
        breaks.push(Break { organization_id: OrganizationId(org), day, seq, what });
    };
    let rows = sql::all(tx, sql, vec![org.into(), day.into()]).await?;
    for row in &rows {
        expected += 1;
        let seq: i64 = row.try_get("", "seq")?;
        if seq != expected {
            wrong(seq, "a line is missing before this one");
            expected = seq;
        }
        let (actor, action): (String, String) =
            (row.try_get("", "actor")?, row.try_get("", "action")?);
        let (subject, detail): (String, String) =
            (row.try_get("", "subject")?, row.try_get("", "detail")?);
        let at = Timestamp::from_micros(row.try_get("", "at")?);
        let stored: Vec<u8> = row.try_get("", "hash")?;
        let line = Line {
            org,
            day,
            seq,
            actor: &actor,
            action: &action,
            subject: &subject,
            detail: &detail,
            at,
        };
        if row.try_get::<Vec<u8>>("", "prev_hash")? != prev
            || chain(&prev, &line).as_slice() != stored
        {
            wrong(seq, "the line does not fit its hash");
        }
        prev = stored;
    }
    if expected != last || prev != tip {
        wrong(last, "the chain does not end at its head");
    }
    Ok(u64::try_from(rows.len()).unwrap_or(0))
}

struct Line<'a> {
    org: Uuid,
    day: i32,
    seq: i64,
    actor: &'a str,
    action: &'a str,
    subject: &'a str,
    detail: &'a str,
    at: Timestamp,
}

/// SHA-256 over the previous hash and every field, each with its length.
fn chain(prev: &[u8], line: &Line<'_>) -> [u8; 32] {
    let (day, seq, at) =
        (line.day.to_be_bytes(), line.seq.to_be_bytes(), line.at.micros().to_be_bytes());
    let parts: [&[u8]; 9] = [
        prev,
        line.org.as_bytes(),
        &day,
        &seq,
        line.actor.as_bytes(),
        line.action.as_bytes(),
        line.subject.as_bytes(),
        line.detail.as_bytes(),
        &at,
    ];
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

fn day_of(at: Timestamp) -> i32 {
    i32::try_from(at.micros().div_euclid(DAY)).unwrap_or(i32::MAX)
}

async fn lock_head(tx: &WriteTx, org: Uuid, day: i32) -> Result<(i64, Vec<u8>)> {
    let sql = "INSERT INTO audit_heads (organization_id, day, seq, hash) VALUES ($1, $2, 0, $3) \
               ON CONFLICT (organization_id, day) DO NOTHING";
    sql::run(tx, sql, vec![org.into(), day.into(), GENESIS.to_vec().into()]).await?;
    let lock = if tx.engine() == Engine::Postgres { "FOR UPDATE" } else { "" };
    let sql =
        format!("SELECT seq, hash FROM audit_heads WHERE organization_id = $1 AND day = $2 {lock}");
    let rows = sql::all(tx, &sql, vec![org.into(), day.into()]).await?;
    let row = rows.first().ok_or_else(|| Error::broken("an audit head vanished"))?;
    Ok((row.try_get("", "seq")?, row.try_get("", "hash")?))
}

fn entry(row: &QueryResult) -> Result<Entry> {
    let detail: String = row.try_get("", "detail")?;
    Ok(Entry {
        id: AuditId(row.try_get("", "id")?),
        organization_id: OrganizationId(row.try_get("", "organization_id")?),
        actor: row.try_get("", "actor")?,
        action: row.try_get("", "action")?,
        subject: row.try_get("", "subject")?,
        detail: serde_json::from_str(&detail).context("parsing an audit line")?,
        at: Timestamp::from_micros(row.try_get("", "at")?),
        hash: hex::encode(row.try_get::<Vec<u8>>("", "hash")?),
    })
}
