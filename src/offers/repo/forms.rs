//! `source_forms`.

use leadbourse_core::ids::SourceId;
use sea_orm::Value;

use crate::offers::forms::SourceForm;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Context, Result};

pub(in crate::offers) async fn find(
    tx: &impl Reader,
    source: SourceId,
) -> Result<Option<SourceForm>> {
    let text = "SELECT settings, consent_version FROM source_forms WHERE source_id = $1";
    let Some(row) = sql::one(tx, text, [source.uuid().into()]).await? else { return Ok(None) };
    let settings: String = row.try_get("", "settings")?;
    Ok(Some(SourceForm {
        settings: serde_json::from_str(&settings).context("reading a form")?,
        consent_version: row.try_get("", "consent_version")?,
    }))
}

pub(in crate::offers) async fn save(
    tx: &WriteTx,
    source: SourceId,
    form: &SourceForm,
) -> Result<()> {
    let text = "INSERT INTO source_forms (source_id, settings, consent_version, updated_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (source_id) DO UPDATE SET \
         settings = excluded.settings, consent_version = excluded.consent_version, \
         updated_at = excluded.updated_at";
    let values: [Value; 4] = [
        source.uuid().into(),
        serde_json::to_string(&form.settings).context("printing a form")?.into(),
        form.consent_version.into(),
        tx.now().micros().into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}
