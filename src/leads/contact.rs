//! Sealing and opening a lead's contact data.

use leadbourse_core::lead::envelope::Envelope;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use uuid::Uuid;

use crate::platform::error::{Context, Error, Result};
use crate::platform::vault::{Sealed, Vault};

/// A lead's contact data: what was sent about a person, and from where.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// The normalised fields.
    pub fields: Map<String, Value>,
    /// Envelope.
    pub envelope: Envelope,
    /// To how many buyers it may go at most, if the sender said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_sales: Option<i32>,
    /// The least earning in minor units, if the sender said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_earning: Option<i64>,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contact({} fields)", self.fields.len())
    }
}

/// The salts of a lead's first two pieces of evidence; sealed with the contact data, so that
/// erasing the one makes the hashes of the other meaningless.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salts {
    /// Of what was received.
    pub received: [u8; 16],
    /// Of the verdict.
    pub verdict: [u8; 16],
}

impl fmt::Debug for Salts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salts")
    }
}

impl Salts {
    /// New random salts.
    pub fn fresh() -> Self {
        Self { received: rand::random(), verdict: rand::random() }
    }
}

/// What is stored of a contact, and the evidence that its hash covers.
#[derive(Clone, Debug)]
pub struct SealedContact {
    /// For `lead_contacts`.
    pub sealed: Sealed,
    /// `SHA-256(salt ‖ evidence)` of what was received.
    pub evidence_hash: [u8; 32],
}

/// Layout: version byte, two salts of 16 bytes, then the contact as JSON.
const VERSION: u8 = 1;
const HEAD: usize = 33;

/// Seals a contact under a new data key.
///
/// # Errors
/// When the vault has no key.
pub fn seal(vault: &Vault, contact: &Contact, salts: &Salts) -> Result<SealedContact> {
    let mut plain = Vec::with_capacity(512);
    plain.push(VERSION);
    plain.extend_from_slice(&salts.received);
    plain.extend_from_slice(&salts.verdict);
    serde_json::to_writer(&mut plain, contact).context("printing a contact")?;
    let evidence = plain.get(HEAD..).unwrap_or_default();
    let evidence_hash = leadbourse_core::lead::chain::evidence_hash(&salts.received, evidence);
    Ok(SealedContact { sealed: vault.seal(&plain)?, evidence_hash })
}

/// An opened contact with its evidence.
pub(super) struct Opened {
    pub(super) contact: Contact,
    pub(super) salts: Salts,
    pub(super) evidence: Vec<u8>,
}

/// Opens what [`seal`] gave.
pub(super) fn open(vault: &Vault, sealed: &Sealed) -> Result<Opened> {
    let plain = vault.open(sealed)?;
    let broken = || Error::broken("sealed contact has an unknown layout");
    let (head, evidence) = plain.split_at_checked(HEAD).ok_or_else(broken)?;
    let (version, salts) = head.split_first().ok_or_else(broken)?;
    let (received, verdict) = salts.split_at_checked(16).ok_or_else(broken)?;
    if *version != VERSION {
        return Err(broken());
    }
    let salts = Salts {
        received: received.try_into().context("reading a salt")?,
        verdict: verdict.try_into().context("reading a salt")?,
    };
    let contact = serde_json::from_slice(evidence).context("parsing a sealed contact")?;
    Ok(Opened { contact, salts, evidence: evidence.to_vec() })
}

/// Evidence of a later event: 16 bytes of salt, then the evidence.
pub(super) fn seal_evidence(
    vault: &Vault,
    to: &Sealed,
    evidence: &[u8],
) -> Result<(Vec<u8>, [u8; 32])> {
    let salt: [u8; 16] = rand::random();
    let hash = leadbourse_core::lead::chain::evidence_hash(&salt, evidence);
    let plain = [salt.as_slice(), evidence].concat();
    Ok((vault.seal_under(&to.wrapped_key, to.key_id, &plain)?, hash))
}

/// Seals evidence whose salt is known already.
pub(super) fn seal_known(
    vault: &Vault,
    to: &Sealed,
    salt: &[u8; 16],
    evidence: &[u8],
) -> Result<Vec<u8>> {
    let plain = [salt.as_slice(), evidence].concat();
    vault.seal_under(&to.wrapped_key, to.key_id, &plain)
}

/// Splits opened evidence into salt and text.
pub(super) fn split_evidence(plain: &[u8]) -> Option<(&[u8], &[u8])> {
    plain.split_at_checked(16)
}

/// What the verdict's hash covers: the stored verdict and the stored trace.
pub(super) fn verdict_evidence(verdict: &str, trace: &str) -> Vec<u8> {
    [verdict.as_bytes(), b"\n", trace.as_bytes()].concat()
}

/// A stored contact with its sealed bytes; `None` once erased.
#[derive(Clone, Debug)]
pub struct StoredContact {
    pub(super) lead: Uuid,
    pub(super) sealed: Option<Sealed>,
}

impl StoredContact {
    /// Whether there is nothing to open any more.
    pub fn is_erased(&self) -> bool {
        self.sealed.is_none()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use leadbourse_core::lead::chain::evidence_hash;
    use serde_json::json;

    #[test]
    fn a_contact_opens_as_it_was_sealed_and_its_evidence_proves_itself() {
        let vault = Vault::ephemeral().unwrap();
        let contact = Contact {
            fields: json!({"phone": "+79161234567"}).as_object().unwrap().clone(),
            envelope: Envelope { ip: Some("203.0.113.7".into()), ..Envelope::default() },
            max_sales: Some(1),
            min_earning: None,
        };
        let salts = Salts::fresh();
        let sealed = seal(&vault, &contact, &salts).unwrap();
        let opened = open(&vault, &sealed.sealed).unwrap();
        assert_eq!(opened.contact, contact);
        assert_eq!(opened.salts, salts);
        assert_eq!(evidence_hash(&salts.received, &opened.evidence), sealed.evidence_hash);
        assert!(!format!("{contact:?}").contains("7916"));
        assert!(open(&Vault::ephemeral().unwrap(), &sealed.sealed).is_err());
    }
}
