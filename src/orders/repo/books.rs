//! Sums for wallets and books, and what the offer book reads.

use leadbourse_core::ids::{
    NicheId, OfferId, OfferVersionId, OrderClaimId, OrderId, OrganizationId,
};
use leadbourse_core::ledger::{Difference, Verifier};
use leadbourse_core::money::{Bps, Currency};
use leadbourse_core::time::Timestamp;
use sea_orm::{QueryResult, Value};
use std::collections::HashMap;
use uuid::Uuid;

use super::{bps, parsed, time};
use crate::orders::model::OrdersOf;
use crate::platform::db::sql::Filter;
use crate::platform::db::{Reader, sql};
use crate::platform::error::Result;

/// What orders hold of a buyer's money in one currency.
pub(in crate::orders) async fn held_of(
    tx: &impl Reader,
    buyer: OrganizationId,
    currency: Currency,
) -> Result<OrdersOf> {
    let text = "SELECT CAST(COUNT(*) AS BIGINT) AS n, \
        CAST(COALESCE(SUM((wanted - delivered - released) * price), 0) AS BIGINT) AS sum \
        FROM orders WHERE buyer_id = $1 AND currency = $2 AND ended_at = 0";
    let values: [Value; 2] = [buyer.uuid().into(), currency.code().into()];
    match sql::one(tx, text, values).await? {
        None => Ok(OrdersOf::default()),
        Some(row) => Ok(OrdersOf { count: row.try_get("", "n")?, amount: row.try_get("", "sum")? }),
    }
}

/// Sums for `verify`: what orders hold, by buyer and currency.
///
/// # Errors
/// Faults of the database.
pub async fn open_sums(tx: &impl Reader) -> Result<HashMap<(OrganizationId, Currency), i64>> {
    let text = "SELECT buyer_id, currency, \
        CAST(SUM((wanted - delivered - released) * price) AS BIGINT) AS amount \
        FROM orders GROUP BY buyer_id, currency";
    let read = |row: &QueryResult| {
        let buyer = OrganizationId(row.try_get("", "buyer_id")?);
        Ok(((buyer, parsed(row, "currency")?), row.try_get("", "amount")?))
    };
    sql::all(tx, text, []).await?.iter().map(read).collect()
}

/// Compares what orders, claims and the awards that served them say of each other.
///
/// # Errors
/// Faults of the database.
pub async fn check_books(tx: &impl Reader, verifier: &mut Verifier) -> Result<()> {
    let orders = "SELECT o.id, o.delivered AS kept, \
        CAST(COALESCE(SUM(c.delivered), 0) AS BIGINT) AS computed \
        FROM orders o LEFT JOIN order_claims c ON c.order_id = o.id GROUP BY o.id, o.delivered \
        HAVING o.delivered <> COALESCE(SUM(c.delivered), 0)";
    let claims = "SELECT c.id, c.delivered AS kept, CAST(COUNT(a.award_id) AS BIGINT) AS computed \
        FROM order_claims c LEFT JOIN order_awards a ON a.claim_id = c.id \
        GROUP BY c.id, c.delivered HAVING c.delivered <> COUNT(a.award_id)";
    for (text, is_order) in [(orders, true), (claims, false)] {
        for row in sql::all(tx, text, []).await? {
            let id: Uuid = row.try_get("", "id")?;
            let id = if is_order { OrderId(id).to_string() } else { OrderClaimId(id).to_string() };
            let (kept, computed) = (row.try_get("", "kept")?, row.try_get("", "computed")?);
            let what = format!("leads delivered to {id}");
            verifier.report(Difference::Books { what, kept, computed });
        }
    }
    Ok(())
}

/// An open claim, as the offer book wants it. Money in minor units.
#[derive(Clone, Debug)]
pub struct OpenClaim {
    /// The order.
    pub order: OrderId,
    /// The claim.
    pub claim: OrderClaimId,
    /// Whose it is.
    pub publisher: OrganizationId,
    /// The niche.
    pub niche: NicheId,
    /// The offer.
    pub offer: OfferId,
    /// The version that was ordered.
    pub offer_version: OfferVersionId,
    /// What each lead costs.
    pub price: i64,
    /// The exchange's share, pinned.
    pub take_rate: Bps,
    /// Until when leads count.
    pub deadline: Timestamp,
}

/// The open claims of a niche, or of all.
///
/// # Errors
/// Faults of the database.
pub async fn open_claims(tx: &impl Reader, niche: Option<NicheId>) -> Result<Vec<OpenClaim>> {
    let mut filter = Filter { text: "c.ended_at = 0".to_owned(), values: Vec::new() };
    filter.and_some("o.niche_id =", niche.map(|id| id.uuid()));
    let text = format!(
        "SELECT c.id, c.order_id, c.publisher_id, c.deadline, o.niche_id, o.offer_id, \
         o.offer_version_id, o.price, o.take_rate_bps \
         FROM order_claims c JOIN orders o ON o.id = c.order_id WHERE {}",
        filter.text
    );
    let read = |row: &QueryResult| {
        Ok(OpenClaim {
            order: OrderId(row.try_get("", "order_id")?),
            claim: OrderClaimId(row.try_get("", "id")?),
            publisher: OrganizationId(row.try_get("", "publisher_id")?),
            niche: NicheId(row.try_get("", "niche_id")?),
            offer: OfferId(row.try_get("", "offer_id")?),
            offer_version: OfferVersionId(row.try_get("", "offer_version_id")?),
            price: row.try_get("", "price")?,
            take_rate: bps(row, "take_rate_bps")?,
            deadline: time(row, "deadline")?,
        })
    };
    sql::all(tx, &text, filter.values).await?.iter().map(read).collect()
}
