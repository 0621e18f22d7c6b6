//! Freeing a person after a return, where the niche says so.
//!
//! Intake locks claims before meters and balances. So a decision that may free a person locks the
//! lead's claims first, before everything else, and drops them at the end, when it knows.

use leadbourse_core::ids::LeadId;
use uuid::Uuid;

use crate::conversions;
use crate::leads;
use crate::platform::db::{WriteTx, bulk};
use crate::platform::error::{Context, Result};

/// The claims of one lead, locked.
pub(super) struct Claims {
    lead: LeadId,
    ids: Vec<Uuid>,
}

/// Locks the lead's dedupe claims. The trace of the verdict names them. Of two buyers' returns of
/// one lead the second waits here, and then sees what the first did.
pub(super) async fn lock(tx: &WriteTx, lead: LeadId) -> Result<Claims> {
    let Some(record) = leads::by_ids(tx, &[lead.uuid()]).await?.remove(&lead) else {
        return Ok(Claims { lead, ids: Vec::new() });
    };
    let trace: serde_json::Value =
        serde_json::from_str(&record.trace_text).context("reading a stored trace")?;
    let ids: Vec<Uuid> = trace
        .get("claims")
        .and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|id| id.as_str().and_then(|text| text.parse().ok()))
        .collect();
    bulk::lock_claims(tx, &ids).await?;
    Ok(Claims { lead, ids })
}

impl Claims {
    /// Drops them once nothing of the lead stands sold any more: while another buyer keeps a copy,
    /// or may still report a sale on one, the person stays taken.
    pub(super) async fn release(self, tx: &WriteTx) -> Result<()> {
        if conversions::stands(tx, self.lead).await? {
            return Ok(());
        }
        let held: Vec<(Uuid, Uuid)> =
            self.ids.into_iter().map(|id| (id, self.lead.uuid())).collect();
        bulk::release(tx, &held).await
    }
}
