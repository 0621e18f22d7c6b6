//! `offers` and `offer_meters`.

use leadbourse_core::access::Scope;
use leadbourse_core::ids::{OfferId, OfferVersionId, OrganizationId};
use leadbourse_core::offer::meters::Meters;
use leadbourse_core::offer::state::OfferState;
use sea_orm::Value;
use std::collections::HashMap;
use uuid::Uuid;

use super::Wanted;
use crate::offers::model::Offer;
use crate::offers::reads::OfferFilter;
use crate::offers::rows::{MetersRow, OfferRow};
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};

async fn some(tx: &impl Reader, tail: &str, values: Vec<Value>) -> Result<Vec<Offer>> {
    let sql = format!("SELECT {} FROM offers o {tail}", OfferRow::COLUMNS);
    sql::find::<OfferRow>(tx, &sql, values).await?.into_iter().map(OfferRow::read).collect()
}

pub(in crate::offers) async fn by_ids(tx: &impl Reader, ids: &[Uuid]) -> Result<Vec<Offer>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (marks, values) = sql::ids(1, ids);
    some(tx, &format!("WHERE o.id IN ({marks})"), values).await
}

/// An offer that the scope may see, not locked.
pub(in crate::offers) async fn find(
    tx: &impl Reader,
    scope: Scope,
    id: OfferId,
) -> Result<Option<Offer>> {
    let found = by_ids(tx, &[id.uuid()]).await?.pop();
    Ok(found.filter(|offer| match scope {
        Scope::All => true,
        Scope::Org(own) => offer.buyer_id == own,
    }))
}

pub(in crate::offers) async fn lock(tx: &WriteTx, id: OfferId) -> Result<Option<Offer>> {
    let tail = format!("WHERE o.id = $1{}", sql::for_update(tx));
    Ok(some(tx, &tail, vec![id.uuid().into()]).await?.pop())
}

/// A buyer's active offers, by id.
pub(in crate::offers) async fn active_of(
    tx: &impl Reader,
    buyer: OrganizationId,
) -> Result<Vec<OfferId>> {
    let text = "SELECT id FROM offers WHERE buyer_id = $1 AND state = 'ACTIVE' ORDER BY id";
    let rows = sql::all(tx, text, [buyer.uuid().into()]).await?;
    rows.iter().map(|row| Ok(OfferId(row.try_get("", "id")?))).collect()
}

pub(in crate::offers) async fn list(
    tx: &impl Reader,
    scope: Scope,
    filter: &OfferFilter,
    page: &Page,
) -> Result<Paged<Offer>> {
    let own = match scope {
        Scope::All => None,
        Scope::Org(own) => Some(own.uuid()),
    };
    let Wanted { sql, values } = Wanted::page("o.id", page)
        .and_some("o.buyer_id", own)
        .and_some("o.buyer_id", filter.buyer_id.map(|id| id.uuid()))
        .and_some("o.niche_id", filter.niche_id.map(|id| id.uuid()))
        .and_some("o.state", filter.state.map(OfferState::as_str));
    let rows = some(tx, &format!("WHERE {sql} ORDER BY o.id DESC LIMIT $2"), values).await?;
    Ok(Paged::cut(rows, page))
}

/// Offers with terms that rule, of active buyers, that are active or paused: what publishers may
/// find, before the visibility of the terms is asked.
pub(in crate::offers) async fn listed(
    tx: &impl Reader,
    filter: &OfferFilter,
    page: &Page,
) -> Result<Vec<Offer>> {
    let Wanted { sql, values } = Wanted::page("o.id", page)
        .and_some("o.niche_id", filter.niche_id.map(|id| id.uuid()))
        .and_text("o.state IN ('ACTIVE', 'PAUSED')")
        .and_text("o.current_version_id IS NOT NULL")
        .and_text("b.state = 'ACTIVE'");
    let tail = format!(
        "JOIN organizations b ON b.id = o.buyer_id WHERE {sql} ORDER BY o.id DESC LIMIT $2"
    );
    some(tx, &tail, values).await
}

/// One offer as [`listed`] would show it.
pub(in crate::offers) async fn listed_one(tx: &impl Reader, id: OfferId) -> Result<Option<Offer>> {
    let tail = "JOIN organizations b ON b.id = o.buyer_id WHERE o.id = $1 \
                AND o.state IN ('ACTIVE', 'PAUSED') AND o.current_version_id IS NOT NULL \
                AND b.state = 'ACTIVE'";
    Ok(some(tx, tail, vec![id.uuid().into()]).await?.pop())
}

pub(in crate::offers) async fn insert(tx: &WriteTx, offer: &Offer) -> Result<()> {
    let sql = "INSERT INTO offers (id, buyer_id, niche_id, name, state, created_at, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values: Vec<Value> = vec![
        offer.id.uuid().into(),
        offer.buyer_id.uuid().into(),
        offer.niche_id.uuid().into(),
        offer.name.as_str().into(),
        offer.state.as_str().into(),
        offer.created_at.micros().into(),
        offer.updated_at.micros().into(),
    ];
    sql::run(tx, sql, values).await?;
    let sql = "INSERT INTO offer_meters (offer_id) VALUES ($1)";
    sql::run(tx, sql, [offer.id.uuid().into()]).await.map(drop)
}

/// Writes what may change of an offer that is locked.
/// Saves an offer as changed now.
pub(in crate::offers) async fn update(tx: &WriteTx, offer: &mut Offer) -> Result<()> {
    offer.updated_at = tx.now();
    let sql = "UPDATE offers SET name = $1, state = $2, current_version_id = $3, \
               pause_reason = $4, updated_at = $5, rev = rev + 1 WHERE id = $6";
    let values: Vec<Value> = vec![
        offer.name.as_str().into(),
        offer.state.as_str().into(),
        offer.current_version_id.map(OfferVersionId::uuid).into(),
        offer.pause_reason.clone().into(),
        offer.updated_at.micros().into(),
        offer.id.uuid().into(),
    ];
    sql::run(tx, sql, values).await.map(drop)
}

/// Writes where calls are connected to.
pub(in crate::offers) async fn set_connection(tx: &WriteTx, offer: &mut Offer) -> Result<()> {
    offer.updated_at = tx.now();
    let sql = "UPDATE offers SET connect_to = $1, updated_at = $2, rev = rev + 1 WHERE id = $3";
    let values: Vec<Value> = vec![
        offer.connect_to.clone().into(),
        offer.updated_at.micros().into(),
        offer.id.uuid().into(),
    ];
    sql::run(tx, sql, values).await.map(drop)
}

pub(in crate::offers) async fn meters(
    tx: &impl Reader,
    ids: &[Uuid],
) -> Result<HashMap<OfferId, Meters>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let (marks, values) = sql::ids(1, ids);
    let sql = format!("SELECT * FROM offer_meters WHERE offer_id IN ({marks})");
    let rows = sql::find::<MetersRow>(tx, &sql, values).await?;
    Ok(rows.iter().map(|row| (OfferId(row.offer_id), row.read())).collect())
}
