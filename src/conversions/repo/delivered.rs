//! What delivery reads and writes of awards, and what becomes of those that never arrived.

use leadbourse_core::conversion::AwardState;
use leadbourse_core::ids::{AwardId, ConversionId, LeadId, OrganizationId};
use uuid::Uuid;

use crate::conversions::model::{Award, Seen};
use crate::platform::db::bulk::{self, Lock, LockMode, TableDef, Ty};
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

static AWARD_ROWS: TableDef =
    TableDef { name: "awards", cols: &[("id", Ty::Uuid), ("created_at", Ty::I64)] };

/// Locks an award and reads it as it is then.
pub async fn lock_award(tx: &WriteTx, id: AwardId) -> Result<Option<Award>> {
    let keys = [id.uuid()];
    let lock = Lock::new(&AWARD_ROWS, &["created_at"], &keys, LockMode::Update);
    bulk::lock_rows(tx, &lock).await?;
    super::award(tx, Seen::All, id).await
}

/// Takes an award back that nobody opened or saw; `false` if somebody did meanwhile. It meets the
/// buyer's opening in one row, so one of the two wins.
pub async fn take_back(tx: &WriteTx, id: AwardId) -> Result<bool> {
    let text = "UPDATE awards SET returned_at = $1 WHERE id = $2 AND state = 'UNDELIVERED' \
         AND disposition = 'NEW' AND opened_at IS NULL AND seen_at IS NULL \
         AND returned_at IS NULL";
    Ok(sql::run(tx, text, [tx.now().micros().into(), id.uuid().into()]).await? == 1)
}

/// Notes that a buyer was shown the contact data of these leads.
pub(in crate::conversions) async fn note_seen(
    tx: &WriteTx,
    buyer: OrganizationId,
    awards: &[AwardId],
) -> Result<()> {
    for chunk in awards.chunks(500) {
        let keys: Vec<Uuid> = chunk.iter().map(|id| id.uuid()).collect();
        let (marks, keys) = sql::ids(3, &keys);
        let text = format!(
            "UPDATE awards SET seen_at = $1 WHERE buyer_id = $2 AND id IN ({marks}) \
             AND seen_at IS NULL AND returned_at IS NULL"
        );
        let values = [tx.now().micros().into(), buyer.uuid().into()].into_iter().chain(keys);
        sql::run(tx, &text, values).await?;
    }
    Ok(())
}

/// The conversions of an award, by id.
pub(in crate::conversions) async fn conversion_ids(
    tx: &impl Reader,
    award: AwardId,
) -> Result<Vec<ConversionId>> {
    let text = "SELECT id FROM conversions WHERE award_id = $1 ORDER BY id";
    sql::all(tx, text, [award.uuid().into()])
        .await?
        .iter()
        .map(|row| Ok(ConversionId(row.try_get("", "id")?)))
        .collect()
}

/// Whether a buyer still has this lead: an award that was not taken back and of which something is
/// not returned, or nothing is billed yet, or money is still promised.
pub async fn stands(tx: &impl Reader, lead: LeadId) -> Result<bool> {
    let text = "SELECT 1 AS one FROM awards a WHERE a.lead_id = $1 AND a.returned_at IS NULL AND (\
         NOT EXISTS (SELECT 1 FROM conversions c WHERE c.award_id = a.id) \
         OR EXISTS (SELECT 1 FROM conversions c WHERE c.award_id = a.id AND c.state <> 'RETURNED') \
         OR EXISTS (SELECT 1 FROM reservations r WHERE r.award_id = a.id AND r.state = 'OPEN')) \
         LIMIT 1";
    Ok(sql::one(tx, text, [lead.uuid().into()]).await?.is_some())
}
