//! Leads, their contact data and their event chains.
//!
//! Contact data exists in `lead_contacts` only, sealed under one data key per lead. Everything
//! else here holds ids, codes and hashes.

mod contact;
mod error;
mod notes;
mod rehearsed;
mod repo;
mod rows;
mod service;
mod verify;

pub use contact::{Contact, Salts, SealedContact, StoredContact, seal};
pub use error::{CODES, NOT_QUARANTINED};
pub use notes::{open_note, seal_note};
pub use rehearsed::{SWEEP_TESTS, SweepTests, TestLead, keep_test};
pub use repo::{LeadFilter, by_external_ref, by_ids, contacts, drop_contact, last_events, lock};
pub use rows::{
    Decision, EvidenceRow, LeadBatch, LeadRecord, NewLead, decision_sets, retention_sets,
};
pub use service::{Chain, EventView, Leads, append, open_contact, reopen, reseal_verdicts};
pub use verify::{LeadFault, VerifyReport, verify_all};

/// What the hash of a verdict's event covers: the stored verdict and the stored trace.
pub fn verdict_hash(salts: &Salts, verdict: &str, trace: &str) -> [u8; 32] {
    let evidence = contact::verdict_evidence(verdict, trace);
    leadbourse_core::lead::chain::evidence_hash(&salts.verdict, &evidence)
}
