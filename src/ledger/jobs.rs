//! Folding deltas into balances.

use async_trait::async_trait;
use std::collections::BTreeMap;

use uuid::Uuid;

use super::repo;
use super::rows::{BALANCES, DELTAS};
use super::service::Ledger;
use crate::platform::db::WriteTx;
use crate::platform::db::bulk::{self, Deltas, Lock, LockMode};
use crate::platform::error::Result;
use crate::platform::jobs;

/// Deltas that one transaction folds.
const CHUNK: u32 = 5_000;

/// Adds the oldest deltas to their balances and deletes them; gives how many. Two folders at once
/// are safe: what one has locked and deleted the other does not see.
pub(super) async fn fold(tx: &WriteTx) -> Result<usize> {
    let found = repo::deltas(tx, CHUNK).await?;
    let accounts: BTreeMap<Uuid, Uuid> = found.into_iter().collect();
    let ids: Vec<Uuid> = accounts.keys().copied().collect();
    let locked =
        bulk::lock_rows(tx, &Lock::new(&DELTAS, &["amount"], &ids, LockMode::Update)).await?;
    let mut sums: BTreeMap<Uuid, i64> = BTreeMap::new();
    let mut gone = Vec::with_capacity(locked.len());
    for (id, row) in &locked {
        if let (Some(account), Some(amount)) = (accounts.get(id), row.first()) {
            let sum = sums.entry(*account).or_default();
            *sum = sum.saturating_add(*amount);
            gone.push(*id);
        }
    }
    bulk::add_deltas(tx, Deltas { def: &BALANCES, col: "amount", by_key: sums }).await?;
    bulk::delete_keys(tx, &DELTAS, &gone).await?;
    Ok(gone.len())
}

/// The job that folds deltas; once a minute.
pub const FOLD: &str = "ledger.fold";

/// Runs [`Ledger::fold`].
#[derive(Clone, Debug)]
pub struct Fold(pub Ledger);

#[async_trait]
impl jobs::Handler for Fold {
    async fn run(&self, _job: &jobs::Job) -> Result<()> {
        self.0.fold().await.map(drop)
    }
}
