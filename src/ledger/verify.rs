//! Feeding the stored ledger to core's verifier.

use leadbourse_core::ledger::{Difference, LedgerTx, TxKind, Verifier};

use super::repo;
use crate::platform::db::Reader;
use crate::platform::error::Result;

/// Transactions that are read at once.
const CHUNK: u32 = 2_000;

/// Reads every account, balance, transaction and posting in one snapshot. The caller may add what
/// its own tables say before it asks for the differences.
pub async fn collect(tx: &impl Reader) -> Result<Verifier> {
    let mut verifier = Verifier::new();
    for (id, code) in repo::registry(tx).await? {
        verifier.account(id, &code);
    }
    for (id, amount) in repo::kept(tx).await? {
        verifier.kept(id, amount);
    }
    let mut after = None;
    loop {
        let stored = repo::stored_after(tx, after, CHUNK).await?;
        let Some(last) = stored.last() else { break };
        after = Some(last.id);
        for one in &stored {
            match TxKind::parse(&one.kind) {
                Some(kind) => {
                    let derived = LedgerTx::id_of(kind, &one.cause);
                    verifier.transaction(one.id, derived, &one.currency, &one.postings);
                }
                None => verifier.report(Difference::Forged { tx: one.id }),
            }
        }
    }
    for tx in repo::orphans(tx).await? {
        verifier.report(Difference::Incomplete { tx });
    }
    Ok(verifier)
}
