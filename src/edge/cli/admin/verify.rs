//! The two proofs: of the books, and of the verdicts.

use serde_json::{Value, json};

use super::super::socket::Out;
use crate::boot::App;
use crate::platform::audit;
use crate::platform::error::Result;

/// Recomputes the ledger and compares it with every table that explains it.
pub(super) async fn ledger(app: &App, out: &Out) -> Result<Value> {
    let differences = app.settlements.verify().await?;
    for difference in &differences {
        out.line(difference.to_string()).await;
    }
    Ok(json!({ "clean": differences.is_empty(), "differences": differences.len() }))
}

/// Recomputes every lead's chain and evidence, and the audit log's chains.
pub(super) async fn leads(app: &App, out: &Out) -> Result<Value> {
    let report = app.leads.verify().await?;
    for (lead, fault) in &report.faults {
        out.line(format!("{lead}: {fault:?}")).await;
    }
    let tx = app.db.begin_read().await?;
    let (lines, breaks) = audit::verify(&tx).await?;
    for broken in &breaks {
        let audit::Break { organization_id, day, seq, what } = broken;
        out.line(format!("audit log of {organization_id}, day {day}, line {seq}: {what}")).await;
    }
    Ok(json!({
        "clean": report.faults.is_empty() && breaks.is_empty(),
        "leads": report.leads,
        "events": report.events,
        "erased": report.erased,
        "faults": report.faults.len(),
        "audit_lines": lines,
        "audit_breaks": breaks.len(),
    }))
}
