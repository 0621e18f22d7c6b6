//! What delivery reads and writes of awards.

use leadbourse_core::conversion::AwardState;
use leadbourse_core::ids::AwardId;

use crate::conversions::model::{Award, Seen};
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::Result;

/// Awards by id, for the exchange's own work.
pub async fn awards_to_deliver(tx: &impl Reader, ids: &[AwardId]) -> Result<Vec<Award>> {
    super::awards(tx, Seen::All, ids).await
}

/// Writes down what became of an award's delivery. An award that was taken once stays delivered.
pub async fn mark_delivery(tx: &WriteTx, award: AwardId, state: AwardState) -> Result<()> {
    let text = "UPDATE awards SET state = $1 WHERE id = $2 AND state <> 'DELIVERED'";
    sql::run(tx, text, [state.as_str().into(), award.uuid().into()]).await.map(drop)
}
