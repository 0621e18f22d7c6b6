//! `sources`.

use leadbourse_core::access::Scope;
use leadbourse_core::ids::SourceId;
use leadbourse_core::offer::source::SourceState;
use leadbourse_core::time::Timestamp;
use sea_orm::Value;
use uuid::Uuid;

use super::Wanted;
use crate::offers::model::Source;
use crate::offers::rows::SourceRow;
use crate::offers::sources::SourceFilter;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};

async fn some(tx: &impl Reader, tail: &str, values: Vec<Value>) -> Result<Vec<Source>> {
    let sql = format!("SELECT {} FROM sources s WHERE {tail}", SourceRow::COLUMNS);
    sql::find::<SourceRow>(tx, &sql, values).await?.into_iter().map(SourceRow::read).collect()
}

pub(in crate::offers) async fn by_ids(tx: &impl Reader, ids: &[Uuid]) -> Result<Vec<Source>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (marks, values) = sql::ids(1, ids);
    some(tx, &format!("s.id IN ({marks})"), values).await
}

/// A source that the scope may see, not locked.
pub(in crate::offers) async fn find(
    tx: &impl Reader,
    scope: Scope,
    id: SourceId,
) -> Result<Option<Source>> {
    let found = by_ids(tx, &[id.uuid()]).await?.pop();
    Ok(found.filter(|source| match scope {
        Scope::All => true,
        Scope::Org(own) => source.publisher_id == own,
    }))
}

pub(in crate::offers) async fn lock(tx: &WriteTx, id: SourceId) -> Result<Option<Source>> {
    let tail = format!("s.id = $1{}", sql::for_update(tx));
    Ok(some(tx, &tail, vec![id.uuid().into()]).await?.pop())
}

pub(in crate::offers) async fn list(
    tx: &impl Reader,
    scope: Scope,
    filter: &SourceFilter,
    page: &Page,
) -> Result<Paged<Source>> {
    let own = match scope {
        Scope::All => None,
        Scope::Org(own) => Some(own.uuid()),
    };
    let Wanted { sql, values } = Wanted::page("s.id", page)
        .and_some("s.publisher_id", own)
        .and_some("s.state", filter.state.map(SourceState::as_str));
    let rows = some(tx, &format!("{sql} ORDER BY s.id DESC LIMIT $2"), values).await?;
    Ok(Paged::cut(rows, page))
}

pub(in crate::offers) async fn count_pending(tx: &impl Reader) -> Result<i64> {
    let sql = "SELECT COUNT(*) AS n FROM sources WHERE state = 'PENDING'";
    Ok(match sql::one(tx, sql, []).await? {
        Some(row) => row.try_get("", "n")?,
        None => 0,
    })
}

pub(in crate::offers) async fn insert(
    tx: &WriteTx,
    source: &Source,
    key_hash: Vec<u8>,
) -> Result<()> {
    let sql = "INSERT INTO sources (id, publisher_id, niche_id, name, kind, traffic, \
               target_offer_id, max_sales, min_earning, state, posting_key_hash, \
               posting_key_prefix, created_at, fallback, fallback_offer_id) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    let values: Vec<Value> = vec![
        source.id.uuid().into(),
        source.publisher_id.uuid().into(),
        source.niche_id.uuid().into(),
        source.name.as_str().into(),
        source.kind.as_str().into(),
        source.traffic.as_str().into(),
        source.target_offer_id.map(|id| id.uuid()).into(),
        source.max_sales.into(),
        source.min_earning.into(),
        source.state.as_str().into(),
        key_hash.into(),
        source.posting_key_prefix.as_str().into(),
        source.created_at.micros().into(),
        source.fallback.kind().as_str().into(),
        source.fallback.offer().map(|id| id.uuid()).into(),
    ];
    sql::run(tx, sql, values).await.map(drop)
}

/// Writes what a publisher may change of a source that is locked.
pub(in crate::offers) async fn update(tx: &WriteTx, source: &Source) -> Result<()> {
    let sql = "UPDATE sources SET name = $1, traffic = $2, target_offer_id = $3, max_sales = $4, \
               min_earning = $5, state = $6, fallback = $7, fallback_offer_id = $8 \
               WHERE id = $9";
    let values: Vec<Value> = vec![
        source.name.as_str().into(),
        source.traffic.as_str().into(),
        source.target_offer_id.map(|id| id.uuid()).into(),
        source.max_sales.into(),
        source.min_earning.into(),
        source.state.as_str().into(),
        source.fallback.kind().as_str().into(),
        source.fallback.offer().map(|id| id.uuid()).into(),
        source.id.uuid().into(),
    ];
    sql::run(tx, sql, values).await.map(drop)
}

pub(in crate::offers) async fn decide(
    tx: &WriteTx,
    source: &Source,
    decided_by: &str,
) -> Result<()> {
    let sql = "UPDATE sources SET state = $1, decided_at = $2, decided_by = $3, note = $4 \
               WHERE id = $5";
    let values: Vec<Value> = vec![
        source.state.as_str().into(),
        source.decided_at.map(Timestamp::micros).into(),
        decided_by.into(),
        source.note.clone().into(),
        source.id.uuid().into(),
    ];
    sql::run(tx, sql, values).await.map(drop)
}

pub(in crate::offers) async fn set_key(
    tx: &WriteTx,
    id: SourceId,
    key_hash: Vec<u8>,
    prefix: &str,
) -> Result<()> {
    let sql = "UPDATE sources SET posting_key_hash = $1, posting_key_prefix = $2 WHERE id = $3";
    sql::run(tx, sql, [key_hash.into(), prefix.into(), id.uuid().into()]).await.map(drop)
}
