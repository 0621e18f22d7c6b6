//! Sums over the awards of a day.

use leadbourse_core::ids::{OfferId, OrganizationId, first_at};
use leadbourse_core::time::Timestamp;
use sea_orm::Value;
use std::collections::BTreeMap;

use crate::conversions::curve::HourSpent;
use crate::platform::db::{Reader, sql};
use crate::platform::error::Result;

/// Awards of an offer and their cost, by steps of `step` microseconds from `from`.
pub(in crate::conversions) async fn by_hour(
    tx: &impl Reader,
    (offer, buyer): (OfferId, OrganizationId),
    (from, to): (Timestamp, Timestamp),
    step: i64,
) -> Result<BTreeMap<i64, HourSpent>> {
    let text = "SELECT (a.created_at - $1) / $2 AS step, COUNT(*) AS n, \
         CAST(SUM(a.price + COALESCE((SELECT SUM(r.amount) FROM reservations r \
         WHERE r.award_id = a.id), 0)) AS BIGINT) AS money \
         FROM awards a WHERE a.offer_id = $3 AND a.created_at >= $1 AND a.created_at < $4 \
         AND a.id >= $5 AND a.id < $6 AND a.buyer_id = $7 GROUP BY 1";
    let values: Vec<Value> = vec![
        from.micros().into(),
        step.max(1).into(),
        offer.uuid().into(),
        to.micros().into(),
        first_at(from).into(),
        first_at(to.plus(1_000)).into(),
        buyer.uuid().into(),
    ];
    let rows = sql::all(tx, text, values).await?;
    let mut found = BTreeMap::new();
    for row in rows {
        let spent = HourSpent { count: row.try_get("", "n")?, money: row.try_get("", "money")? };
        found.insert(row.try_get("", "step")?, spent);
    }
    Ok(found)
}
