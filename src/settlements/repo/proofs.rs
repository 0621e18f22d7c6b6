//! Proofs of manual payouts.

use leadbourse_core::ids::PayoutId;
use sea_orm::Value;

use super::time;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::Result;
use crate::settlements::proof::{Proof, ProofRecord};

pub(in crate::settlements) async fn insert(
    tx: &WriteTx,
    (payout, by): (PayoutId, &str),
    proof: &Proof,
    sealed: Vec<u8>,
) -> Result<()> {
    let text = "INSERT INTO payout_proofs \
         (payout_id, file_name, media_type, size, sha256, ciphertext, added_by, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values: [Value; 8] = [
        payout.uuid().into(),
        proof.file_name.as_str().into(),
        proof.media_type.into(),
        i32::try_from(proof.bytes.len()).unwrap_or(i32::MAX).into(),
        proof.sha256.to_vec().into(),
        sealed.into(),
        by.into(),
        tx.now().micros().into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

pub(in crate::settlements) async fn record(
    tx: &impl Reader,
    payout: PayoutId,
) -> Result<Option<ProofRecord>> {
    let text = "SELECT file_name, media_type, size, sha256, added_by, at FROM payout_proofs \
         WHERE payout_id = $1";
    let Some(row) = sql::one(tx, text, [payout.uuid().into()]).await? else { return Ok(None) };
    Ok(Some(ProofRecord {
        payout_id: payout,
        file_name: row.try_get("", "file_name")?,
        media_type: row.try_get("", "media_type")?,
        size: row.try_get("", "size")?,
        sha256: row.try_get("", "sha256")?,
        added_by: row.try_get("", "added_by")?,
        at: time(&row, "at")?,
    }))
}

pub(in crate::settlements) async fn sealed(
    tx: &impl Reader,
    payout: PayoutId,
) -> Result<Option<Vec<u8>>> {
    let text = "SELECT ciphertext FROM payout_proofs WHERE payout_id = $1";
    let row = sql::one(tx, text, [payout.uuid().into()]).await?;
    Ok(row.map(|row| row.try_get("", "ciphertext")).transpose()?)
}
