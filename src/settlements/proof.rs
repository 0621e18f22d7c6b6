//! Proofs that a manual payout was paid: small files, sealed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::error::{NOT_FOUND, Problem};
use leadbourse_core::ids::PayoutId;
use leadbourse_core::settlement::PROOF_UNREADABLE;
use leadbourse_core::time::Timestamp;
use sha2::{Digest, Sha256};

use super::repo::{self, proofs};
use super::service::Settlements;
use crate::platform::error::Result;

/// The largest proof, bytes.
pub const MAX_PROOF: usize = 2 * 1024 * 1024;
/// Most characters of its name.
const MAX_NAME: usize = 100;

/// A proof as it is sent.
#[derive(Clone)]
pub struct NewProof {
    /// What the sender calls it.
    pub file_name: String,
    /// The file in base64.
    pub content_base64: String,
}

impl std::fmt::Debug for NewProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewProof({} characters)", self.content_base64.len())
    }
}

/// A proof that was read and checked.
pub(super) struct Proof {
    pub(super) file_name: String,
    pub(super) media_type: &'static str,
    pub(super) sha256: [u8; 32],
    pub(super) bytes: Vec<u8>,
}

/// What is known of a proof without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofRecord {
    /// The payout that it proves.
    pub payout_id: PayoutId,
    /// Its name.
    pub file_name: String,
    /// `application/pdf`, `image/png` or `image/jpeg`.
    pub media_type: String,
    /// Bytes.
    pub size: i32,
    /// The SHA-256 of the file, as in the audit log.
    pub sha256: Vec<u8>,
    /// Who added it, as printed id.
    pub added_by: String,
    /// When.
    pub at: Timestamp,
}

/// A kind of file by its first bytes, whatever its name says.
fn kind(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const KINDS: [(&[u8], &str, &str); 3] = [
        (b"%PDF-", "application/pdf", "pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
        (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    ];
    let found = KINDS.iter().find(|(magic, ..)| bytes.starts_with(magic));
    found.map(|(_, media, ending)| (*media, *ending))
}

/// A name without folders and signs that some system takes for something else.
fn plain_name(name: &str, ending: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let kept: String = stem
        .chars()
        .filter(|letter| letter.is_alphanumeric() || " -_()".contains(*letter))
        .take(MAX_NAME)
        .collect();
    let kept = kept.trim();
    format!("{}.{ending}", if kept.is_empty() { "proof" } else { kept })
}

impl Proof {
    /// Reads a proof.
    ///
    /// # Errors
    /// `PROOF_UNREADABLE`.
    pub(super) fn read(new: &NewProof) -> Result<Self, Problem> {
        let wrong = || Problem::new(PROOF_UNREADABLE).field("proof");
        if new.content_base64.len() > MAX_PROOF / 3 * 4 + 8 {
            return Err(wrong());
        }
        let bytes = STANDARD.decode(new.content_base64.trim()).map_err(|_| wrong())?;
        let (media_type, ending) =
            kind(&bytes).filter(|_| bytes.len() <= MAX_PROOF).ok_or_else(wrong)?;
        Ok(Self {
            file_name: plain_name(&new.file_name, ending),
            media_type,
            sha256: Sha256::digest(&bytes).into(),
            bytes,
        })
    }
}

/// Who may see a proof: who settles, and who was paid.
fn may_see(actor: &Actor, publisher: leadbourse_core::ids::OrganizationId) -> bool {
    let paid = actor.kind == OrgKind::Publisher && actor.org == publisher;
    actor.may(Action::Settle) || (paid && actor.may(Action::ReadMoney))
}

impl Settlements {
    /// What is known of a payout's proof; `None` where there is none, or not for this actor.
    ///
    /// # Errors
    /// Faults only.
    pub async fn proof_record(&self, actor: &Actor, id: PayoutId) -> Result<Option<ProofRecord>> {
        let tx = self.db.begin_read().await?;
        let payout = repo::payouts_by_id(&tx, &[id]).await?.pop();
        if !payout.is_some_and(|payout| may_see(actor, payout.publisher_id)) {
            return Ok(None);
        }
        proofs::record(&tx, id).await
    }

    /// A payout's proof, opened.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn proof(&self, actor: &Actor, id: PayoutId) -> Result<(ProofRecord, Vec<u8>)> {
        let record = self.proof_record(actor, id).await?.ok_or(NOT_FOUND)?;
        let tx = self.db.begin_read().await?;
        let sealed = proofs::sealed(&tx, id).await?.ok_or(NOT_FOUND)?;
        Ok((record, self.vault.open_secret(&sealed)?))
    }
}

/// A file for a payload.
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(name: &str, bytes: &[u8]) -> Result<Proof, &'static str> {
        let new = NewProof { file_name: name.to_owned(), content_base64: base64(bytes) };
        Proof::read(&new).map_err(|problem| problem.code.name)
    }

    #[test]
    fn the_first_bytes_decide_what_a_file_is() {
        let named = |name: &str, bytes: &[u8]| read(name, bytes).map(|one| one.file_name);
        assert_eq!(named("../a/Чек №1.exe", b"%PDF-1.7 x"), Ok("Чек 1.pdf".to_owned()));
        assert_eq!(named("", b"\x89PNG\r\n\x1a\nrest"), Ok("proof.png".to_owned()));
        assert_eq!(named("c:\\x.jpeg", b"\xff\xd8\xff\xe0"), Ok("x.jpg".to_owned()));
        for bytes in [&b"<html>"[..], b"", b"GIF89a", b"\x89PNG"] {
            assert_eq!(named("a.pdf", bytes), Err("PROOF_UNREADABLE"));
        }
        let mut large = b"%PDF-".to_vec();
        large.resize(MAX_PROOF, 0);
        assert!(read("a.pdf", &large).is_ok());
        large.push(0);
        assert_eq!(read("a.pdf", &large).map(|_| ()), Err("PROOF_UNREADABLE"));
        let wrong = NewProof { file_name: String::new(), content_base64: "%%%".to_owned() };
        assert!(Proof::read(&wrong).is_err());
    }
}
