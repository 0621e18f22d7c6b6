//! `leadbourse verify`: recomputes every chain and every piece of evidence that is still there.

use leadbourse_core::ids::LeadId;
use leadbourse_core::lead::chain::{self, ChainFault, LeadEvent};
use std::collections::HashMap;
use uuid::Uuid;

use super::contact::{StoredContact, open, split_evidence, verdict_evidence};
use super::repo;
use super::rows::LeadRecord;
use crate::platform::db::{Db, Reader};
use crate::platform::error::Result;
use crate::platform::vault::Vault;

/// What is wrong with a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeadFault {
    /// Its chain does not verify.
    Chain(ChainFault),
    /// The evidence of an event is not what was hashed.
    Evidence {
        /// The event's number.
        seq: i32,
    },
    /// The contact data is there but does not open.
    Sealed,
    /// The contact row is missing.
    NoContact,
}

/// The result of a walk over all leads.
#[derive(Clone, Debug, Default)]
pub struct VerifyReport {
    /// Leads seen.
    pub leads: u64,
    /// Events recomputed.
    pub events: u64,
    /// Leads whose evidence was erased; their chains verify all the same.
    pub erased: u64,
    /// Every fault found.
    pub faults: Vec<(LeadId, LeadFault)>,
}

/// Leads per read.
const STEP: u64 = 500;

/// Walks over all leads in one snapshot.
///
/// # Errors
/// Database errors only; faults are in the report.
pub async fn verify_all(db: &Db, vault: &Vault) -> Result<VerifyReport> {
    let tx = db.begin_read().await?;
    let mut report = VerifyReport::default();
    let mut after = Uuid::nil();
    loop {
        let ids = repo::walk(&tx, after, STEP).await?;
        let Some(last) = ids.last() else { return Ok(report) };
        after = *last;
        verify_some(&tx, vault, &ids, &mut report).await?;
    }
}

pub(super) async fn verify_some(
    tx: &impl Reader,
    vault: &Vault,
    ids: &[Uuid],
    report: &mut VerifyReport,
) -> Result<()> {
    let leads = repo::by_ids(tx, ids).await?;
    let chains = repo::events(tx, ids).await?;
    let contacts = repo::contacts(tx, ids).await?;
    let evidence = repo::evidence(tx, ids).await?;
    let none = Vec::new();
    for id in ids {
        let Some(lead) = leads.get(&LeadId(*id)) else { continue };
        let events = chains.get(id).unwrap_or(&none);
        report.leads += 1;
        report.events += u64::try_from(events.len()).unwrap_or(0);
        if let Err(fault) = chain::verify(events) {
            report.faults.push((lead.id, LeadFault::Chain(fault)));
            continue;
        }
        match check_evidence(vault, lead, events, contacts.get(id), &evidence) {
            Ok(erased) => report.erased += u64::from(erased),
            Err(fault) => report.faults.push((lead.id, fault)),
        }
    }
    Ok(())
}

/// Whether the evidence was erased, or what is wrong with it.
fn check_evidence(
    vault: &Vault,
    lead: &LeadRecord,
    events: &[LeadEvent],
    contact: Option<&StoredContact>,
    later: &HashMap<(Uuid, i32), Option<Vec<u8>>>,
) -> Result<bool, LeadFault> {
    let contact = contact.ok_or(LeadFault::NoContact)?;
    let Some(sealed) = &contact.sealed else { return Ok(true) };
    let opened = open(vault, sealed).map_err(|_| LeadFault::Sealed)?;
    for event in events {
        let wrong = LeadFault::Evidence { seq: event.seq };
        let hash = match later.get(&(lead.id.uuid(), event.seq)) {
            Some(Some(ciphertext)) => {
                let plain = vault
                    .open_under(&sealed.wrapped_key, sealed.key_id, ciphertext)
                    .map_err(|_| LeadFault::Sealed)?;
                let (salt, text) = split_evidence(&plain).ok_or(LeadFault::Sealed)?;
                chain::evidence_hash(salt, text)
            }
            Some(None) => continue,
            None if event.seq == 1 => {
                chain::evidence_hash(&opened.salts.received, &opened.evidence)
            }
            None => {
                let text = verdict_evidence(&lead.verdict_text, &lead.trace_text);
                chain::evidence_hash(&opened.salts.verdict, &text)
            }
        };
        if hash != event.evidence_hash {
            return Err(wrong);
        }
    }
    Ok(false)
}
