//! `offer_versions`.

use leadbourse_core::ids::{OfferId, OfferVersionId};
use leadbourse_core::offer::state::VersionState;
use leadbourse_core::time::Timestamp;
use sea_orm::Value;
use uuid::Uuid;

use super::Wanted;
use crate::offers::model::OfferVersion;
use crate::offers::rows::VersionRow;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Context, Result};
use crate::platform::paging::{Page, Paged};

async fn some(tx: &impl Reader, tail: &str, values: Vec<Value>) -> Result<Vec<OfferVersion>> {
    let sql = format!("SELECT {} FROM offer_versions v WHERE {tail}", VersionRow::COLUMNS);
    sql::find::<VersionRow>(tx, &sql, values).await?.into_iter().map(VersionRow::read).collect()
}

pub(in crate::offers) async fn by_ids(tx: &impl Reader, ids: &[Uuid]) -> Result<Vec<OfferVersion>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (marks, values) = sql::ids(1, ids);
    some(tx, &format!("v.id IN ({marks})"), values).await
}

/// All versions of these offers, newest first within each.
pub(in crate::offers) async fn of_offers(
    tx: &impl Reader,
    offers: &[Uuid],
) -> Result<Vec<OfferVersion>> {
    if offers.is_empty() {
        return Ok(Vec::new());
    }
    let (marks, values) = sql::ids(1, offers);
    some(tx, &format!("v.offer_id IN ({marks}) ORDER BY v.offer_id, v.version DESC"), values).await
}

/// All versions of one offer, newest first. The offer is locked, and so are they.
pub(in crate::offers) async fn of_locked(
    tx: &WriteTx,
    offer: OfferId,
) -> Result<Vec<OfferVersion>> {
    of_offers(tx, &[offer.uuid()]).await
}

/// The versions that wait for an operator, newest first.
pub(in crate::offers) async fn in_review(
    tx: &impl Reader,
    page: &Page,
) -> Result<Paged<OfferVersion>> {
    let Wanted { sql, values } = Wanted::page("v.id", page).and("v.state", "IN_REVIEW");
    let rows = some(tx, &format!("{sql} ORDER BY v.id DESC LIMIT $2"), values).await?;
    Ok(Paged::cut(rows, page))
}

pub(in crate::offers) async fn count_in_review(tx: &impl Reader) -> Result<i64> {
    let sql = "SELECT COUNT(*) AS n FROM offer_versions WHERE state = 'IN_REVIEW'";
    Ok(match sql::one(tx, sql, []).await? {
        Some(row) => row.try_get("", "n")?,
        None => 0,
    })
}

pub(in crate::offers) async fn insert(
    tx: &WriteTx,
    version: &OfferVersion,
    created_by: &str,
) -> Result<()> {
    let sql = "INSERT INTO offer_versions (id, offer_id, version, terms, state, created_by, \
               created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let terms = serde_json::to_string(&*version.terms).context("writing terms")?;
    let values: Vec<Value> = vec![
        version.id.uuid().into(),
        version.offer_id.uuid().into(),
        version.version.into(),
        terms.into(),
        version.state.as_str().into(),
        created_by.into(),
        version.created_at.micros().into(),
    ];
    sql::run(tx, sql, values).await.map(drop)
}

pub(in crate::offers) async fn set_state(
    tx: &WriteTx,
    id: OfferVersionId,
    state: VersionState,
) -> Result<()> {
    let sql = "UPDATE offer_versions SET state = $1 WHERE id = $2";
    sql::run(tx, sql, [state.as_str().into(), id.uuid().into()]).await.map(drop)
}

pub(in crate::offers) async fn submit(tx: &WriteTx, id: OfferVersionId) -> Result<()> {
    let sql = "UPDATE offer_versions SET state = 'IN_REVIEW', submitted_at = $1 WHERE id = $2";
    sql::run(tx, sql, [tx.now().micros().into(), id.uuid().into()]).await.map(drop)
}

/// Writes an operator's decision.
pub(in crate::offers) async fn decide(
    tx: &WriteTx,
    version: &OfferVersion,
    decided_by: &str,
) -> Result<()> {
    let sql = "UPDATE offer_versions SET state = $1, decided_by = $2, decided_at = $3, note = $4, \
               effective_at = $5 WHERE id = $6";
    let values: Vec<Value> = vec![
        version.state.as_str().into(),
        decided_by.into(),
        version.decided_at.map(Timestamp::micros).into(),
        version.note.clone().into(),
        version.effective_at.map(Timestamp::micros).into(),
        version.id.uuid().into(),
    ];
    sql::run(tx, sql, values).await.map(drop)
}
