//! Reservations of calls that last.

use leadbourse_core::ids::OfferId;
use std::collections::HashMap;
use uuid::Uuid;

use crate::platform::db::{Reader, sql};
use crate::platform::error::Result;

/// How many open reservations of calls each offer has; an offer without one is left out.
pub(in crate::conversions) async fn open(
    tx: &impl Reader,
    offers: &[OfferId],
) -> Result<HashMap<OfferId, i64>> {
    let mut found = HashMap::with_capacity(offers.len());
    for chunk in offers.chunks(500) {
        let keys: Vec<Uuid> = chunk.iter().map(|id| id.uuid()).collect();
        let (marks, values) = sql::ids(1, &keys);
        let text = format!(
            "SELECT offer_id, COUNT(*) AS n FROM reservations WHERE offer_id IN ({marks}) \
             AND state = 'OPEN' AND goal = 'CALL' GROUP BY offer_id"
        );
        for row in sql::all(tx, &text, values).await? {
            found.insert(OfferId(row.try_get("", "offer_id")?), row.try_get("", "n")?);
        }
    }
    Ok(found)
}
