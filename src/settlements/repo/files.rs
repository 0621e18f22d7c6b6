//! Files of payouts.

use leadbourse_core::ids::{PayoutFileId, SettlementRunId};
use sea_orm::{QueryResult, Value};

use super::{parsed, time};
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::Result;
use crate::settlements::model::PayoutFile;

const FILE: &str = "id, run_id, format, file_name, payouts, created_by, created_at";

fn file_of(row: &QueryResult) -> Result<PayoutFile> {
    Ok(PayoutFile {
        id: PayoutFileId(row.try_get("", "id")?),
        run_id: SettlementRunId(row.try_get("", "run_id")?),
        format: parsed(row, "format")?,
        file_name: row.try_get("", "file_name")?,
        payouts: row.try_get("", "payouts")?,
        created_by: row.try_get("", "created_by")?,
        created_at: time(row, "created_at")?,
    })
}

pub(in crate::settlements) async fn insert(tx: &WriteTx, file: &PayoutFile) -> Result<()> {
    let text = format!("INSERT INTO payout_files ({FILE}) VALUES ($1, $2, $3, $4, $5, $6, $7)");
    let values: [Value; 7] = [
        file.id.uuid().into(),
        file.run_id.uuid().into(),
        file.format.as_str().into(),
        file.file_name.as_str().into(),
        file.payouts.into(),
        file.created_by.as_str().into(),
        file.created_at.micros().into(),
    ];
    sql::run(tx, &text, values).await.map(drop)
}

pub(in crate::settlements) async fn get(
    tx: &impl Reader,
    id: PayoutFileId,
) -> Result<Option<PayoutFile>> {
    let text = format!("SELECT {FILE} FROM payout_files WHERE id = $1");
    sql::one(tx, &text, [id.uuid().into()]).await?.as_ref().map(file_of).transpose()
}

/// The files of a run, oldest first.
pub(in crate::settlements) async fn of_run(
    tx: &impl Reader,
    run: SettlementRunId,
) -> Result<Vec<PayoutFile>> {
    let text = format!("SELECT {FILE} FROM payout_files WHERE run_id = $1 ORDER BY id");
    sql::all(tx, &text, [run.uuid().into()]).await?.iter().map(file_of).collect()
}
