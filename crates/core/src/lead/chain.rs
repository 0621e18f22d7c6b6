//! A lead's append-only chain of verdicts. It holds hashes, never values: when the evidence is
//! erased the chain still verifies.

use sha2::{Digest, Sha256};

use crate::ids::LeadId;
use crate::time::Timestamp;

/// A SHA-256.
pub type Hash = [u8; 32];

/// One event of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadEvent {
    /// The lead.
    pub lead: LeadId,
    /// 1, 2, 3 …
    pub seq: i32,
    /// What happened, like `RECEIVED` or `SOLD`.
    pub code: String,
    /// Who did it: `exchange`, or a printed user or key id.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// `SHA-256(salt ‖ evidence)`.
    pub evidence_hash: Hash,
    /// Hash of the event before; zeros for the first.
    pub prev_hash: Hash,
    /// Hash of everything above.
    pub hash: Hash,
}

/// `SHA-256(salt ‖ evidence)`.
pub fn evidence_hash(salt: &[u8], evidence: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(salt);
    hash.update(evidence);
    hash.finalize().into()
}

impl LeadEvent {
    /// The first event of a chain.
    pub fn first(
        lead: LeadId,
        code: &str,
        actor: &str,
        at: Timestamp,
        evidence_hash: Hash,
    ) -> Self {
        Self::sealed(lead, 1, code, actor, at, evidence_hash, [0; 32])
    }

    /// The event after this one.
    #[must_use]
    pub fn next(&self, code: &str, actor: &str, at: Timestamp, evidence_hash: Hash) -> Self {
        Self::sealed(
            self.lead,
            self.seq.saturating_add(1),
            code,
            actor,
            at,
            evidence_hash,
            self.hash,
        )
    }

    fn sealed(
        lead: LeadId,
        seq: i32,
        code: &str,
        actor: &str,
        at: Timestamp,
        evidence_hash: Hash,
        prev_hash: Hash,
    ) -> Self {
        let mut event = Self {
            lead,
            seq,
            code: code.to_owned(),
            actor: actor.to_owned(),
            at,
            evidence_hash,
            prev_hash,
            hash: [0; 32],
        };
        event.hash = event.computed();
        event
    }

    /// The hash that this event must have.
    pub fn computed(&self) -> Hash {
        let mut hash = Sha256::new();
        hash.update(self.lead.uuid().as_bytes());
        hash.update(self.seq.to_be_bytes());
        for text in [&self.code, &self.actor] {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        }
        hash.update(self.at.micros().to_be_bytes());
        hash.update(self.evidence_hash);
        hash.update(self.prev_hash);
        hash.finalize().into()
    }
}

/// What is wrong with a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainFault {
    /// There is no event.
    Empty,
    /// The numbers do not run 1, 2, 3 …
    Gap {
        /// The number that was expected.
        expected: i32,
    },
    /// An event does not continue the one before.
    Broken {
        /// Its number.
        seq: i32,
    },
    /// An event was changed after it was written.
    Changed {
        /// Its number.
        seq: i32,
    },
}

/// Checks a whole chain, in order of `seq`.
///
/// # Errors
/// The first fault found.
pub fn verify(events: &[LeadEvent]) -> Result<(), ChainFault> {
    if events.is_empty() {
        return Err(ChainFault::Empty);
    }
    let mut prev: Hash = [0; 32];
    for (expected, event) in (1..).zip(events) {
        if event.seq != expected {
            return Err(ChainFault::Gap { expected });
        }
        if event.prev_hash != prev {
            return Err(ChainFault::Broken { seq: event.seq });
        }
        if event.computed() != event.hash {
            return Err(ChainFault::Changed { seq: event.seq });
        }
        prev = event.hash;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;

    fn chain() -> Vec<LeadEvent> {
        let at = Timestamp::from_micros(1_000);
        let first =
            LeadEvent::first(LeadId(uuid::Uuid::from_u128(7)), "RECEIVED", "exchange", at, [1; 32]);
        let second = first.next("SOLD", "exchange", at.plus(5), [2; 32]);
        vec![first, second]
    }

    #[test]
    fn every_change_is_found() {
        assert_eq!(verify(&chain()), Ok(()));
        assert_eq!(verify(&[]), Err(ChainFault::Empty));
        let mut changed = chain();
        changed[0].code = "REJECTED".into();
        assert_eq!(verify(&changed), Err(ChainFault::Changed { seq: 1 }));
        let mut moved = chain();
        moved[1].at = moved[1].at.plus(1);
        assert_eq!(verify(&moved), Err(ChainFault::Changed { seq: 2 }));
        let mut rehashed = chain();
        rehashed[0].code = "REJECTED".into();
        rehashed[0].hash = rehashed[0].computed();
        assert_eq!(verify(&rehashed), Err(ChainFault::Broken { seq: 2 }));
        assert_eq!(verify(&chain()[1..]), Err(ChainFault::Gap { expected: 1 }));
    }
}
