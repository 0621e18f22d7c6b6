//! Market epochs: one number per niche, raised in the transaction of every change that the offer
//! book must see. Intake reads it `FOR SHARE` before it allocates, as the last of its locks; so who
//! raises one has locked claims, counters and balances before, and locks only the market's own rows
//! and the audit log after it.

use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

use super::bulk::{self, Lock, LockMode, TableDef, Ty};
use super::{Reader, WriteTx, sql};
use crate::platform::error::Result;

/// `market_epochs`, for `claim_and_lock`.
pub static MARKET_EPOCHS: TableDef =
    TableDef { name: "market_epochs", cols: &[("niche_id", Ty::Uuid), ("epoch", Ty::I64)] };

/// Raises the epochs of these niches, making the rows that are missing. Sorted, so that two
/// raisers never wait for each other in a ring.
pub async fn raise(tx: &WriteTx, niches: &[Uuid]) -> Result<()> {
    let sorted: BTreeSet<Uuid> = niches.iter().copied().collect();
    for niche in sorted {
        let upsert = "INSERT INTO market_epochs (niche_id, epoch) VALUES ($1, 1) \
                   ON CONFLICT (niche_id) DO UPDATE SET epoch = market_epochs.epoch + 1";
        sql::run(tx, upsert, vec![niche.into()]).await?;
    }
    Ok(())
}

/// Raises every niche's epoch: for changes of organizations, which may touch any market.
pub async fn raise_all(tx: &WriteTx) -> Result<()> {
    let all: Vec<Uuid> = read_all(tx).await?.into_keys().collect();
    // Locked in order first: a bare UPDATE of all rows would lock them in any order.
    bulk::lock_rows(tx, &Lock::new(&MARKET_EPOCHS, &["epoch"], &all, LockMode::Update)).await?;
    sql::run(tx, "UPDATE market_epochs SET epoch = epoch + 1", Vec::new()).await?;
    Ok(())
}

/// The epochs as they are now, by niche.
pub async fn read_all(tx: &impl Reader) -> Result<HashMap<Uuid, i64>> {
    let rows = sql::all(tx, "SELECT niche_id, epoch FROM market_epochs", Vec::new()).await?;
    rows.iter().map(|row| Ok((row.try_get("", "niche_id")?, row.try_get("", "epoch")?))).collect()
}
