//! Reads and writes of the niches' tables.

use leadbourse_core::ids::{NicheId, NicheVersionId};
use leadbourse_core::niche::policy::NichePolicy;
use sea_orm::Value;
use uuid::Uuid;

use super::model::Niche;
use super::rows::{NicheRow, VersionRow};
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Context, Error, Result};

pub(super) async fn active(tx: &impl Reader) -> Result<Vec<Niche>> {
    some(tx, "state = 'ACTIVE' ORDER BY id", Vec::new()).await
}

pub(super) async fn by_ids(tx: &impl Reader, ids: &[Uuid]) -> Result<Vec<Niche>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (marks, values) = sql::ids(1, ids);
    some(tx, &format!("id IN ({marks})"), values).await
}

pub(super) async fn by_slug(tx: &impl Reader, slug: &str) -> Result<Option<Niche>> {
    Ok(some(tx, "slug = $1", vec![slug.into()]).await?.pop())
}

pub(super) async fn lock(tx: &WriteTx, id: NicheId) -> Result<Option<Niche>> {
    let tail = format!("id = $1{}", sql::for_update(tx));
    Ok(some(tx, &tail, vec![id.uuid().into()]).await?.pop())
}

async fn some(tx: &impl Reader, tail: &str, values: Vec<Value>) -> Result<Vec<Niche>> {
    let sql = format!("SELECT {} FROM niches WHERE {tail}", NicheRow::COLUMNS);
    sql::find::<NicheRow>(tx, &sql, values).await?.into_iter().map(NicheRow::read).collect()
}

pub(super) async fn versions(tx: &impl Reader, ids: &[Uuid]) -> Result<Vec<VersionRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (marks, values) = sql::ids(1, ids);
    let columns = VersionRow::COLUMNS;
    sql::find(tx, &format!("SELECT {columns} FROM niche_versions WHERE id IN ({marks})"), values)
        .await
}

/// Ids of all versions of a niche, newest first.
pub(super) async fn version_ids(tx: &impl Reader, niche: NicheId) -> Result<Vec<NicheVersionId>> {
    let sql = "SELECT id FROM niche_versions WHERE niche_id = $1 ORDER BY version DESC";
    let rows = sql::all(tx, sql, [niche.uuid().into()]).await?;
    rows.iter().map(|row| Ok(NicheVersionId(row.try_get("", "id")?))).collect()
}

pub(super) async fn insert(tx: &WriteTx, niche: &Niche) -> Result<()> {
    let sql = "INSERT INTO niches (id, slug, names, currency, state, current_version_id, \
               created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let names = serde_json::to_string(&niche.names).context("writing a niche's names")?;
    let values: Vec<Value> = vec![
        niche.id.uuid().into(),
        niche.slug.as_str().into(),
        names.into(),
        niche.currency.code().into(),
        niche.state.as_str().into(),
        niche.current_version_id.uuid().into(),
        niche.created_at.micros().into(),
    ];
    sql::run(tx, sql, values).await.map(drop)
}

/// A version to be written, with its documents as text.
pub(super) struct NewVersion<'a> {
    pub(super) id: NicheVersionId,
    pub(super) niche_id: NicheId,
    pub(super) version: i32,
    pub(super) schema: String,
    pub(super) policy: String,
    pub(super) created_by: &'a str,
}

pub(super) async fn insert_version(tx: &WriteTx, new: NewVersion<'_>) -> Result<()> {
    let sql = "INSERT INTO niche_versions (id, niche_id, version, schema, policy, created_at, \
               created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values: Vec<Value> = vec![
        new.id.uuid().into(),
        new.niche_id.uuid().into(),
        new.version.into(),
        new.schema.into(),
        new.policy.into(),
        tx.now().micros().into(),
        new.created_by.into(),
    ];
    sql::run(tx, sql, values).await.map(drop)
}

pub(super) async fn set_current(tx: &WriteTx, id: NicheId, version: NicheVersionId) -> Result<()> {
    let sql = "UPDATE niches SET current_version_id = $1 WHERE id = $2";
    sql::run(tx, sql, [version.uuid().into(), id.uuid().into()]).await.map(drop)
}

/// The rules that a niche has now.
///
/// # Errors
/// A niche that is gone, and faults of the database.
pub async fn policy_of(tx: &impl Reader, niche: NicheId) -> Result<NichePolicy> {
    let text = "SELECT v.policy FROM niches n JOIN niche_versions v ON v.id = n.current_version_id \
                WHERE n.id = $1";
    let row = sql::one(tx, text, [niche.uuid().into()]).await?;
    let row = row.ok_or_else(|| Error::broken(format!("{niche} is gone")))?;
    let json: String = row.try_get("", "policy")?;
    serde_json::from_str(&json).context("reading a stored policy")
}
