//! `participations`.

use leadbourse_core::ids::{OfferId, OrganizationId, ParticipationId};
use leadbourse_core::offer::participation::ParticipationState;
use leadbourse_core::time::Timestamp;
use sea_orm::Value;
use uuid::Uuid;

use super::Wanted;
use crate::offers::model::Participation;
use crate::offers::participations::{ParticipationFilter, Side};
use crate::offers::rows::ParticipationRow;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};

async fn some(tx: &impl Reader, tail: &str, values: Vec<Value>) -> Result<Vec<Participation>> {
    let sql = format!("SELECT {} FROM participations p {tail}", ParticipationRow::COLUMNS);
    sql::find::<ParticipationRow>(tx, &sql, values)
        .await?
        .into_iter()
        .map(ParticipationRow::read)
        .collect()
}

pub(in crate::offers) async fn by_ids(
    tx: &impl Reader,
    ids: &[Uuid],
) -> Result<Vec<Participation>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (marks, values) = sql::ids(1, ids);
    some(tx, &format!("WHERE p.id IN ({marks})"), values).await
}

pub(in crate::offers) async fn lock(
    tx: &WriteTx,
    id: ParticipationId,
) -> Result<Option<Participation>> {
    let tail = format!("WHERE p.id = $1{}", sql::for_update(tx));
    Ok(some(tx, &tail, vec![id.uuid().into()]).await?.pop())
}

pub(in crate::offers) async fn lock_place(
    tx: &WriteTx,
    offer: OfferId,
    publisher: OrganizationId,
) -> Result<Option<Participation>> {
    let tail = format!("WHERE p.offer_id = $1 AND p.publisher_id = $2{}", sql::for_update(tx));
    Ok(some(tx, &tail, vec![offer.uuid().into(), publisher.uuid().into()]).await?.pop())
}

/// All participations in these offers.
pub(in crate::offers) async fn of_offers(
    tx: &impl Reader,
    offers: &[Uuid],
) -> Result<Vec<Participation>> {
    if offers.is_empty() {
        return Ok(Vec::new());
    }
    let (marks, values) = sql::ids(1, offers);
    some(tx, &format!("WHERE p.offer_id IN ({marks})"), values).await
}

/// The participations of one publisher in these offers.
pub(in crate::offers) async fn of_publisher(
    tx: &impl Reader,
    publisher: OrganizationId,
    offers: &[Uuid],
) -> Result<Vec<Participation>> {
    if offers.is_empty() {
        return Ok(Vec::new());
    }
    let (marks, mut values) = sql::ids(2, offers);
    values.insert(0, publisher.uuid().into());
    some(tx, &format!("WHERE p.publisher_id = $1 AND p.offer_id IN ({marks})"), values).await
}

fn wanted(base: Wanted, side: Side, filter: &ParticipationFilter) -> Wanted {
    let base = match side {
        Side::Buyer(own) => base.and("o.buyer_id", own.uuid()),
        Side::Publisher(own) => base.and("p.publisher_id", own.uuid()),
        Side::Operator => base,
    };
    base.and_some("p.offer_id", filter.offer_id.map(|id| id.uuid()))
        .and_some("p.state", filter.state.map(ParticipationState::as_str))
}

pub(in crate::offers) async fn list(
    tx: &impl Reader,
    side: Side,
    filter: &ParticipationFilter,
    page: &Page,
) -> Result<Paged<Participation>> {
    let Wanted { sql, values } = wanted(Wanted::page("p.id", page), side, filter);
    let tail =
        format!("JOIN offers o ON o.id = p.offer_id WHERE {sql} ORDER BY p.id DESC LIMIT $2");
    Ok(Paged::cut(some(tx, &tail, values).await?, page))
}

pub(in crate::offers) async fn count(
    tx: &impl Reader,
    side: Side,
    filter: &ParticipationFilter,
) -> Result<i64> {
    let base = Wanted { sql: "1 = 1".to_owned(), values: Vec::new() };
    let Wanted { sql, values } = wanted(base, side, filter);
    let sql = format!(
        "SELECT COUNT(*) AS n FROM participations p JOIN offers o ON o.id = p.offer_id WHERE {sql}"
    );
    Ok(match sql::one(tx, &sql, values).await? {
        Some(row) => row.try_get("", "n")?,
        None => 0,
    })
}

pub(in crate::offers) async fn insert(
    tx: &WriteTx,
    participation: &Participation,
    decided_by: Option<&str>,
) -> Result<()> {
    let sql = "INSERT INTO participations (id, offer_id, publisher_id, state, message, created_at, \
               decided_at, decided_by, price_override) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values: Vec<Value> = vec![
        participation.id.uuid().into(),
        participation.offer_id.uuid().into(),
        participation.publisher_id.uuid().into(),
        participation.state.as_str().into(),
        participation.message.clone().into(),
        participation.created_at.micros().into(),
        participation.decided_at.map(Timestamp::micros).into(),
        decided_by.map(str::to_owned).into(),
        participation.price_override.into(),
    ];
    sql::run(tx, sql, values).await.map(drop)
}

pub(in crate::offers) async fn decide(
    tx: &WriteTx,
    participation: &Participation,
    decided_by: &str,
) -> Result<()> {
    let sql = "UPDATE participations SET state = $1, decided_at = $2, decided_by = $3, note = $4, \
               price_override = $5 WHERE id = $6";
    let values: Vec<Value> = vec![
        participation.state.as_str().into(),
        participation.decided_at.map(Timestamp::micros).into(),
        decided_by.into(),
        participation.note.clone().into(),
        participation.price_override.into(),
        participation.id.uuid().into(),
    ];
    sql::run(tx, sql, values).await.map(drop)
}
