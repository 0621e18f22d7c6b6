//! Freeing a person after a return, where the niche says so.

use leadbourse_core::conversion::ConversionState;
use leadbourse_core::ids::LeadId;
use uuid::Uuid;

use crate::conversions::{self, Seen};
use crate::leads;
use crate::platform::db::{WriteTx, bulk};
use crate::platform::error::{Context, Result};

/// Drops the lead's dedupe claims once nothing of it stands sold any more: while another buyer
/// keeps a copy, the person stays taken. The trace of the verdict names the claims.
pub(super) async fn release(tx: &WriteTx, lead: LeadId) -> Result<()> {
    let conversions = conversions::of_lead(tx, Seen::All, lead).await?;
    if conversions.iter().any(|conversion| conversion.state != ConversionState::Returned) {
        return Ok(());
    }
    let Some(record) = leads::by_ids(tx, &[lead.uuid()]).await?.remove(&lead) else {
        return Ok(());
    };
    let trace: serde_json::Value =
        serde_json::from_str(&record.trace_text).context("reading a stored trace")?;
    let claims: Vec<(Uuid, Uuid)> = trace
        .get("claims")
        .and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|id| id.as_str().and_then(|text| text.parse().ok()))
        .map(|id: Uuid| (id, lead.uuid()))
        .collect();
    bulk::release(tx, &claims).await
}
