//! Statements on orders and claims.

mod books;

pub(super) use books::held_of;
pub use books::{OpenClaim, check_books, open_claims, open_sums};

use leadbourse_core::ids::{
    NicheId, OfferId, OfferVersionId, OrderClaimId, OrderId, OrganizationId,
};
use leadbourse_core::order::{self, OnTime, OrderState};
use leadbourse_core::time::Timestamp;
use sea_orm::QueryResult;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

use super::model::{OnTimeShare, Order};
use super::rows::{CLAIM_COLUMNS, ORDER_CLAIMS, ORDER_COLUMNS, ORDERS};
use crate::platform::db::bulk::{self, Lock, LockMode, Rows, Sets};
use crate::platform::db::row::{bps, parsed, time, time_or_zero};
use crate::platform::db::sql::Filter;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};

const ORDER: &str = "id, offer_id, offer_version_id, buyer_id, niche_id, wanted, price, \
    take_rate_bps, currency, deadline, state, released, created_by, created_at, ended_at";

const CLAIM: &str =
    "id, order_id, publisher_id, wanted, delivered, deadline, state, created_at, ended_at";

fn order_of(row: &QueryResult) -> Result<Order> {
    Ok(Order {
        id: OrderId(row.try_get("", "id")?),
        offer_id: OfferId(row.try_get("", "offer_id")?),
        offer_version_id: OfferVersionId(row.try_get("", "offer_version_id")?),
        buyer_id: OrganizationId(row.try_get("", "buyer_id")?),
        niche_id: NicheId(row.try_get("", "niche_id")?),
        take_rate: bps(row, "take_rate_bps")?,
        currency: parsed(row, "currency")?,
        book: order::Order {
            wanted: row.try_get("", "wanted")?,
            price: row.try_get("", "price")?,
            deadline: time(row, "deadline")?,
            state: parsed(row, "state")?,
            released: row.try_get("", "released")?,
            claims: Vec::new(),
        },
        times: Vec::new(),
        created_by: row.try_get("", "created_by")?,
        created_at: time(row, "created_at")?,
        ended_at: time_or_zero(row, "ended_at")?,
    })
}

fn claim_of(row: &QueryResult) -> Result<order::Claim> {
    Ok(order::Claim {
        id: OrderClaimId(row.try_get("", "id")?),
        publisher: OrganizationId(row.try_get("", "publisher_id")?),
        wanted: row.try_get("", "wanted")?,
        delivered: row.try_get("", "delivered")?,
        deadline: time(row, "deadline")?,
        state: parsed(row, "state")?,
    })
}

/// Adds their claims to orders.
async fn with_claims(tx: &impl Reader, mut orders: Vec<Order>) -> Result<Vec<Order>> {
    let places: HashMap<Uuid, usize> =
        orders.iter().enumerate().map(|(at, order)| (order.id.uuid(), at)).collect();
    let ids: Vec<Uuid> = orders.iter().map(|order| order.id.uuid()).collect();
    for chunk in ids.chunks(500) {
        let (marks, values) = sql::ids(1, chunk);
        let text =
            format!("SELECT {CLAIM} FROM order_claims WHERE order_id IN ({marks}) ORDER BY id");
        for row in sql::all(tx, &text, values).await? {
            let of: Uuid = row.try_get("", "order_id")?;
            let Some(order) = places.get(&of).and_then(|at| orders.get_mut(*at)) else { continue };
            order.book.claims.push(claim_of(&row)?);
            order.times.push((time(&row, "created_at")?, time_or_zero(&row, "ended_at")?));
        }
    }
    Ok(orders)
}

/// Orders by id. The caller has decided that they may be seen.
pub(super) async fn by_ids(tx: &impl Reader, ids: &[OrderId]) -> Result<Vec<Order>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let (marks, values) = sql::ids(1, &keys);
    let text = format!("SELECT {ORDER} FROM orders WHERE id IN ({marks})");
    let rows = sql::all(tx, &text, values).await?;
    with_claims(tx, rows.iter().map(order_of).collect::<Result<_>>()?).await
}

/// One order.
pub(super) async fn get(tx: &impl Reader, id: OrderId) -> Result<Option<Order>> {
    Ok(by_ids(tx, &[id]).await?.pop())
}

/// The order of a claim.
pub(super) async fn order_of_claim(tx: &impl Reader, id: OrderClaimId) -> Result<Option<OrderId>> {
    let text = "SELECT order_id FROM order_claims WHERE id = $1";
    let row = sql::one(tx, text, [id.uuid().into()]).await?;
    row.map(|row| Ok(OrderId(row.try_get("", "order_id")?))).transpose()
}

/// Locks an order, then its claims, and reads them as they are then.
pub(super) async fn lock(tx: &WriteTx, id: OrderId) -> Result<Option<Order>> {
    let update = LockMode::Update;
    bulk::lock_rows(tx, &Lock::new(&ORDERS, ORDER_COLUMNS, &[id.uuid()], update)).await?;
    let Some(order) = get(tx, id).await? else { return Ok(None) };
    let claims: Vec<Uuid> = order.book.claims.iter().map(|claim| claim.id.uuid()).collect();
    bulk::lock_rows(tx, &Lock::new(&ORDER_CLAIMS, CLAIM_COLUMNS, &claims, update)).await?;
    Ok(Some(order))
}

/// Stores a new order, which has no claims yet.
pub(super) async fn insert(tx: &WriteTx, order: &Order) -> Result<()> {
    let mut rows = Rows::new(&ORDERS);
    rows.push([
        order.id.uuid().into(),
        order.offer_id.uuid().into(),
        order.offer_version_id.uuid().into(),
        order.buyer_id.uuid().into(),
        order.niche_id.uuid().into(),
        order.book.wanted.into(),
        order.book.price.into(),
        i32::try_from(order.take_rate.0).unwrap_or(10_000).into(),
        order.currency.code().into(),
        order.book.deadline.micros().into(),
        order.book.state.as_str().into(),
        0i64.into(),
        0i64.into(),
        order.created_by.clone().into(),
        order.created_at.micros().into(),
        0i64.into(),
    ]);
    bulk::insert_many(tx, rows).await.map(drop)
}

/// Stores a new claim of a locked order.
pub(super) async fn insert_claim(tx: &WriteTx, order: OrderId, claim: &order::Claim) -> Result<()> {
    let mut rows = Rows::new(&ORDER_CLAIMS);
    rows.push([
        claim.id.uuid().into(),
        order.uuid().into(),
        claim.publisher.uuid().into(),
        claim.wanted.into(),
        claim.delivered.into(),
        claim.deadline.micros().into(),
        claim.state.as_str().into(),
        tx.now().micros().into(),
        0i64.into(),
    ]);
    bulk::insert_many(tx, rows).await.map(drop)
}

/// Writes what changed of a locked order and its claims. An end that has not come is stored as 0.
pub(super) async fn save(tx: &WriteTx, before: &Order, after: &Order) -> Result<()> {
    let stored = |at: Option<Timestamp>| at.map_or(0, Timestamp::micros);
    let mut claims = Sets::new(&ORDER_CLAIMS, &["state", "ended_at"]);
    for (old, new) in before.book.claims.iter().zip(after.claims()) {
        if old.state != new.claim.state {
            let state = new.claim.state.as_str();
            claims.push(new.claim.id.uuid(), [state.into(), stored(new.ended_at).into()]);
        }
    }
    bulk::set_rows(tx, claims).await?;
    let ended_at = stored(after.ended_at);
    let mut orders = Sets::new(&ORDERS, &["state", "released", "ended_at"]);
    let state = after.book.state.as_str();
    orders.push(after.id.uuid(), [state.into(), after.book.released.into(), ended_at.into()]);
    bulk::set_rows(tx, orders).await
}

/// What a list of orders is narrowed to.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) state: Option<OrderState>,
    pub(super) offer: Option<OfferId>,
    pub(super) buyer: Option<OrganizationId>,
    /// A publisher, and the offers of which it may claim open orders.
    pub(super) publisher: Option<(OrganizationId, Vec<OfferId>, Timestamp)>,
    /// Only what the publisher has claimed.
    pub(super) claimed: bool,
}

pub(super) async fn list(tx: &impl Reader, wanted: &Wanted, page: &Page) -> Result<Paged<Order>> {
    let mut filter = Filter::default();
    filter.and_some("state =", wanted.state.map(|state| state.as_str()));
    filter.and_some("offer_id =", wanted.offer.map(|id| id.uuid()));
    filter.and_some("buyer_id =", wanted.buyer.map(|id| id.uuid()));
    if let Some((publisher, offers, now)) = &wanted.publisher {
        filter.values.push(publisher.uuid().into());
        let own = format!(
            "id IN (SELECT order_id FROM order_claims WHERE publisher_id = ${})",
            filter.values.len()
        );
        let text = if wanted.claimed {
            own
        } else {
            filter.values.push(now.micros().into());
            let open = format!("state = 'OPEN' AND deadline > ${}", filter.values.len());
            let keys: Vec<Uuid> = offers.iter().map(|id| id.uuid()).collect();
            let (marks, values) = sql::ids(filter.values.len() + 1, &keys);
            filter.values.extend(values);
            format!("({own} OR ({open} AND offer_id IN ({marks})))")
        };
        filter.text.push_str(&format!(" AND {text}"));
    }
    let (rest, values) = filter.page(page);
    let text = format!("SELECT {ORDER} FROM orders WHERE {rest}");
    let rows = sql::all(tx, &text, values).await?;
    let orders = with_claims(tx, rows.iter().map(order_of).collect::<Result<_>>()?).await?;
    Ok(Paged::cut(orders, page))
}

/// The offers, each with the version that was ordered, that have orders which may be claimed.
pub(super) async fn open_offers(
    tx: &impl Reader,
    now: Timestamp,
) -> Result<HashSet<(OfferId, OfferVersionId)>> {
    let text = "SELECT DISTINCT offer_id, offer_version_id FROM orders \
        WHERE ended_at = 0 AND state = 'OPEN' AND deadline > $1";
    let read = |row: &QueryResult| {
        let version = OfferVersionId(row.try_get("", "offer_version_id")?);
        Ok((OfferId(row.try_get("", "offer_id")?), version))
    };
    sql::all(tx, text, [now.micros().into()]).await?.iter().map(read).collect()
}

/// Orders of which something is over: a claim's deadline, their own.
pub(super) async fn due(tx: &impl Reader, now: Timestamp, most: u32) -> Result<Vec<OrderId>> {
    let text = format!(
        "SELECT id FROM orders WHERE ended_at = 0 AND deadline <= $1 \
         UNION SELECT order_id FROM order_claims WHERE ended_at = 0 AND deadline <= $1 LIMIT {most}"
    );
    let rows = sql::all(tx, &text, [now.micros().into()]).await?;
    rows.iter().map(|row| Ok(OrderId(row.try_get("", "id")?))).collect()
}

/// Open orders with their offers.
pub(super) async fn open_orders(tx: &impl Reader) -> Result<Vec<(OrderId, OfferId)>> {
    let text = "SELECT id, offer_id FROM orders WHERE ended_at = 0 AND state = 'OPEN'";
    let read = |row: &QueryResult| {
        Ok((OrderId(row.try_get("", "id")?), OfferId(row.try_get("", "offer_id")?)))
    };
    sql::all(tx, text, []).await?.iter().map(read).collect()
}

/// How publishers keep their promises; those without claims are left out.
pub(super) async fn on_time(
    tx: &impl Reader,
    publishers: &[OrganizationId],
) -> Result<HashMap<OrganizationId, OnTimeShare>> {
    if publishers.is_empty() {
        return Ok(HashMap::new());
    }
    let keys: Vec<Uuid> = publishers.iter().map(|id| id.uuid()).collect();
    let (marks, values) = sql::ids(1, &keys);
    let text = format!("SELECT {CLAIM} FROM order_claims WHERE publisher_id IN ({marks})");
    let mut by_publisher: HashMap<OrganizationId, Vec<order::Claim>> = HashMap::new();
    for row in sql::all(tx, &text, values).await? {
        let claim = claim_of(&row)?;
        by_publisher.entry(claim.publisher).or_default().push(claim);
    }
    let share = |claims: Vec<order::Claim>| OnTimeShare {
        claims: i64::try_from(claims.len()).unwrap_or(i64::MAX),
        counted: claims.iter().collect::<OnTime>(),
    };
    Ok(by_publisher.into_iter().map(|(id, claims)| (id, share(claims))).collect())
}
