//! Statements on endpoints and deliveries; what every queue has is in [`queue`].

pub(super) mod queue;

use leadbourse_core::access::Scope;
use leadbourse_core::delivery::DeliveryState;
use leadbourse_core::ids::{AwardId, DeliveryId, EndpointId, NicheId, OfferId, OrganizationId};
use sea_orm::{QueryResult, Value};
use std::collections::HashMap;
use uuid::Uuid;

use super::model::{Delivery, DeliveryFilter, Endpoint};
use crate::platform::db::bulk::{self, OnConflict, Rows, TableDef, Ty};
use crate::platform::db::row::{parsed, time, time_opt};
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Error, Result};
use crate::platform::paging::{Page, Paged};

/// The queue of deliveries.
pub(super) static QUEUE: queue::Queue = queue::Queue {
    entries: "deliveries",
    target: "endpoint_id",
    subject: "award_id",
    owner: "buyer_id",
    targets: "endpoints",
    tries: "delivery_attempts",
    tried: "delivery_id",
};

const ENDPOINT: &str =
    "id, buyer_id, offer_id, url, secret_ciphertext, state, failing_since, created_at";
const DELIVERY: &str = "id, award_id, endpoint_id, buyer_id, offer_id, state, attempts, next_at, \
     last_error, created_at, delivered_at";

static DELIVERIES: TableDef = TableDef {
    name: "deliveries",
    cols: &[
        ("id", Ty::Uuid),
        ("award_id", Ty::Uuid),
        ("endpoint_id", Ty::Uuid),
        ("buyer_id", Ty::Uuid),
        ("offer_id", Ty::Uuid),
        ("state", Ty::Text),
        ("next_at", Ty::I64),
        ("created_at", Ty::I64),
    ],
};

fn endpoint_of(row: &QueryResult) -> Result<Endpoint> {
    let offer: Option<Uuid> = row.try_get("", "offer_id")?;
    Ok(Endpoint {
        id: EndpointId(row.try_get("", "id")?),
        buyer_id: OrganizationId(row.try_get("", "buyer_id")?),
        offer_id: offer.map(OfferId),
        url: row.try_get("", "url")?,
        state: parsed(row, "state")?,
        failing_since: time_opt(row, "failing_since")?,
        created_at: time(row, "created_at")?,
        secret_ciphertext: row.try_get("", "secret_ciphertext")?,
    })
}

fn delivery_of(row: &QueryResult) -> Result<Delivery> {
    Ok(Delivery {
        id: DeliveryId(row.try_get("", "id")?),
        award_id: AwardId(row.try_get("", "award_id")?),
        endpoint_id: EndpointId(row.try_get("", "endpoint_id")?),
        buyer_id: OrganizationId(row.try_get("", "buyer_id")?),
        offer_id: OfferId(row.try_get("", "offer_id")?),
        state: parsed(row, "state")?,
        attempts: row.try_get("", "attempts")?,
        next_at: time(row, "next_at")?,
        last_error: row.try_get("", "last_error")?,
        created_at: time(row, "created_at")?,
        delivered_at: time_opt(row, "delivered_at")?,
    })
}

/// A condition on the buyer for the placeholder `$n`; operators see all.
fn scoped(scope: Scope, n: usize) -> (String, Option<Value>) {
    match scope {
        Scope::All => (String::new(), None),
        Scope::Org(org) => (format!(" AND buyer_id = ${n}"), Some(org.uuid().into())),
    }
}

pub(super) async fn insert_endpoint(tx: &WriteTx, endpoint: &Endpoint) -> Result<()> {
    let text = "INSERT INTO endpoints (id, buyer_id, offer_id, url, secret_ciphertext, state, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values: [Value; 7] = [
        endpoint.id.uuid().into(),
        endpoint.buyer_id.uuid().into(),
        endpoint.offer_id.map(OfferId::uuid).into(),
        endpoint.url.clone().into(),
        endpoint.secret_ciphertext.clone().into(),
        endpoint.state.as_str().into(),
        endpoint.created_at.micros().into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

/// Endpoints that are not deleted, newest first; at most 100.
pub(super) async fn endpoints(tx: &impl Reader, scope: Scope) -> Result<Vec<Endpoint>> {
    let (condition, value) = scoped(scope, 1);
    let text = format!(
        "SELECT {ENDPOINT} FROM endpoints WHERE state <> 'DELETED'{condition} \
         ORDER BY id DESC LIMIT 100"
    );
    sql::all(tx, &text, value).await?.iter().map(endpoint_of).collect()
}

pub(super) async fn endpoint(
    tx: &impl Reader,
    scope: Scope,
    id: EndpointId,
) -> Result<Option<Endpoint>> {
    let (condition, value) = scoped(scope, 2);
    let text = format!("SELECT {ENDPOINT} FROM endpoints WHERE id = $1{condition}");
    let values = std::iter::once(Value::from(id.uuid())).chain(value);
    sql::one(tx, &text, values).await?.as_ref().map(endpoint_of).transpose()
}

/// The endpoints of these buyers that are called or will be again.
pub(super) async fn endpoints_of_buyers(
    tx: &impl Reader,
    buyers: &[Uuid],
) -> Result<Vec<Endpoint>> {
    let mut out = Vec::new();
    for chunk in buyers.chunks(500) {
        let (marks, values) = sql::ids(1, chunk);
        let text = format!(
            "SELECT {ENDPOINT} FROM endpoints WHERE state <> 'DELETED' AND buyer_id IN ({marks})"
        );
        for row in sql::all(tx, &text, values).await? {
            out.push(endpoint_of(&row)?);
        }
    }
    Ok(out)
}

pub(super) async fn count_endpoints(tx: &impl Reader, buyer: OrganizationId) -> Result<i64> {
    let text = "SELECT COUNT(*) AS n FROM endpoints WHERE buyer_id = $1 AND state <> 'DELETED'";
    match sql::one(tx, text, [buyer.uuid().into()]).await? {
        Some(row) => Ok(row.try_get("", "n")?),
        None => Ok(0),
    }
}

/// A delivery that is to be made.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewDelivery {
    pub(super) award: AwardId,
    pub(super) endpoint: EndpointId,
    pub(super) buyer: OrganizationId,
    pub(super) offer: OfferId,
}

/// Makes deliveries; those that are there already are left as they are.
pub(super) async fn insert_deliveries(tx: &WriteTx, new: &[NewDelivery]) -> Result<u64> {
    let mut rows = Rows::new(&DELIVERIES).on_conflict(OnConflict::DoNothing);
    let now = tx.now().micros();
    for one in new {
        let (award, endpoint) = (one.award.uuid(), one.endpoint.uuid());
        let id = DeliveryId::derived(&[b"delivery", award.as_bytes(), endpoint.as_bytes()]);
        rows.push([
            id.uuid().into(),
            award.into(),
            endpoint.into(),
            one.buyer.uuid().into(),
            one.offer.uuid().into(),
            DeliveryState::Pending.as_str().into(),
            now.into(),
            now.into(),
        ]);
    }
    bulk::insert_many(tx, rows).await
}

pub(super) async fn delivery(
    tx: &impl Reader,
    scope: Scope,
    id: DeliveryId,
) -> Result<Option<Delivery>> {
    let (condition, value) = scoped(scope, 2);
    let text = format!("SELECT {DELIVERY} FROM deliveries WHERE id = $1{condition}");
    let values = std::iter::once(Value::from(id.uuid())).chain(value);
    sql::one(tx, &text, values).await?.as_ref().map(delivery_of).transpose()
}

/// A page of deliveries. Their ids are derived, so the order is by id only to page steadily.
pub(super) async fn deliveries(
    tx: &impl Reader,
    scope: Scope,
    filter: &DeliveryFilter,
    page: &Page,
) -> Result<Paged<Delivery>> {
    let after = match page.before_key() {
        Some(id) => created_at(tx, id).await?.map(|at| (at, id)),
        None => None,
    };
    let (at, id) = after.unwrap_or((i64::MAX, Uuid::max()));
    let limit = i64::try_from(page.limit()).unwrap_or(1);
    let mut values: Vec<Value> = vec![at.into(), id.into(), limit.into()];
    let mut conditions = String::new();
    let mut add = |condition: &str, value: Value| {
        values.push(value);
        conditions.push_str(&format!(" AND {condition} = ${}", values.len()));
    };
    if let Scope::Org(org) = scope {
        add("buyer_id", org.uuid().into());
    }
    if let Some(award) = filter.award {
        add("award_id", award.uuid().into());
    }
    if let Some(state) = filter.state {
        add("state", state.as_str().into());
    }
    let text = format!(
        "SELECT {DELIVERY} FROM deliveries WHERE (created_at < $1 OR (created_at = $1 AND id < $2))\
         {conditions} ORDER BY created_at DESC, id DESC LIMIT $3"
    );
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(delivery_of).collect::<Result<_>>()?, page))
}

async fn created_at(tx: &impl Reader, id: Uuid) -> Result<Option<i64>> {
    let text = "SELECT created_at FROM deliveries WHERE id = $1";
    let row = sql::one(tx, text, [id.into()]).await?;
    Ok(row.map(|row| row.try_get("", "created_at")).transpose()?)
}

/// Deliveries of awards.
pub(super) async fn deliveries_of_awards(
    tx: &impl Reader,
    scope: Scope,
    awards: &[Uuid],
) -> Result<Vec<Delivery>> {
    let (condition, value) = scoped(scope, 1);
    let (marks, ids) = sql::ids(2, awards);
    // The placeholder of the scope is always there, so that the ids keep their places.
    let value = value.unwrap_or_else(|| Uuid::nil().into());
    let condition = if condition.is_empty() { " AND buyer_id <> $1" } else { &condition };
    let text = format!(
        "SELECT {DELIVERY} FROM deliveries WHERE award_id IN ({marks}){condition} \
         ORDER BY created_at, id"
    );
    let rows = sql::all(tx, &text, std::iter::once(value).chain(ids)).await?;
    rows.iter().map(delivery_of).collect()
}

/// URLs of endpoints, deleted ones too.
pub(super) async fn urls(tx: &impl Reader, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let (marks, values) = sql::ids(1, ids);
    let text = format!("SELECT id, url FROM endpoints WHERE id IN ({marks})");
    let rows = sql::all(tx, &text, values).await?;
    rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "url")?))).collect()
}

/// Whether a delivery of this award arrived or is still to be tried.
pub(super) async fn has_way(tx: &impl Reader, award: AwardId) -> Result<bool> {
    let text = "SELECT 1 AS one FROM deliveries WHERE award_id = $1 \
         AND state IN ('PENDING', 'DELIVERED') LIMIT 1";
    Ok(sql::one(tx, text, [award.uuid().into()]).await?.is_some())
}

/// The slug of a niche.
pub(super) async fn niche_slug(tx: &impl Reader, id: NicheId) -> Result<String> {
    let row = sql::one(tx, "SELECT slug FROM niches WHERE id = $1", [id.uuid().into()]).await?;
    let row = row.ok_or_else(|| Error::broken(format!("{id} is gone")))?;
    Ok(row.try_get("", "slug")?)
}

/// Whether an offer is this buyer's.
pub(super) async fn owns_offer(
    tx: &impl Reader,
    buyer: OrganizationId,
    offer: OfferId,
) -> Result<bool> {
    let text = "SELECT 1 AS one FROM offers WHERE id = $1 AND buyer_id = $2";
    Ok(sql::one(tx, text, [offer.uuid().into(), buyer.uuid().into()]).await?.is_some())
}

/// The active offers that a failing endpoint serves.
pub(super) async fn offers_served(tx: &impl Reader, endpoint: &Endpoint) -> Result<Vec<OfferId>> {
    let text = "SELECT id FROM offers WHERE buyer_id = $1 AND state = 'ACTIVE' \
         AND (id = $2 OR $3 = 1) ORDER BY id";
    let values: [Value; 3] = [
        endpoint.buyer_id.uuid().into(),
        endpoint.offer_id.map_or(Uuid::nil(), OfferId::uuid).into(),
        i64::from(endpoint.offer_id.is_none()).into(),
    ];
    let rows = sql::all(tx, text, values).await?;
    rows.iter().map(|row| Ok(OfferId(row.try_get("", "id")?))).collect()
}
