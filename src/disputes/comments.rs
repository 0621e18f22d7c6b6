//! Comments are free text about a person: sealed under the lead's key, gone with the lead.

use std::collections::HashMap;

use leadbourse_core::ids::{DisputeId, LeadId};
use uuid::Uuid;

use super::model::{Dispute, DisputeEvent};
use super::repo::{self, StoredEvent};
use crate::leads;
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::Result;
use crate::platform::vault::Vault;

/// Seals a comment; `None` if the lead is erased.
pub(super) async fn seal(
    tx: &WriteTx,
    vault: &Vault,
    lead: LeadId,
    text: &str,
) -> Result<Option<Vec<u8>>> {
    match leads::contacts(tx, &[lead.uuid()]).await?.get(&lead.uuid()) {
        Some(contact) => leads::seal_note(vault, contact, text),
        None => Ok(None),
    }
}

/// The histories of disputes with their comments opened.
pub(super) async fn read(
    tx: &impl Reader,
    vault: &Vault,
    disputes: &[Dispute],
) -> Result<Vec<DisputeEvent>> {
    let ids: Vec<DisputeId> = disputes.iter().map(|dispute| dispute.id).collect();
    let lead_of: HashMap<DisputeId, Uuid> =
        disputes.iter().map(|dispute| (dispute.id, dispute.lead_id.uuid())).collect();
    let leads_asked: Vec<Uuid> = lead_of.values().copied().collect();
    let contacts = leads::contacts(tx, &leads_asked).await?;
    let mut out = Vec::new();
    for event in repo::events(tx, &ids).await? {
        let StoredEvent { dispute_id, seq, code, actor, organization_id, comment, at } = event;
        let contact = lead_of.get(&dispute_id).and_then(|lead| contacts.get(lead));
        let comment = match (comment, contact) {
            (Some(sealed), Some(contact)) => leads::open_note(vault, contact, &sealed)?,
            _ => None,
        };
        out.push(DisputeEvent { dispute_id, seq, code, actor, organization_id, comment, at });
    }
    Ok(out)
}
