//! Transactions: what a repo gets in its hands.

use leadbourse_core::time::Timestamp;
use sea_orm::DatabaseTransaction;
use std::sync::atomic::{AtomicBool, Ordering};

use super::connect::{Db, Engine};
use crate::platform::error::Result;

/// Something that can be read from: either transaction. Repos take `tx: &impl Reader`.
pub trait Reader: Sync {
    /// The connection to run queries on.
    fn conn(&self) -> &DatabaseTransaction;
    /// Which engine it is; only `platform` asks.
    fn engine(&self) -> Engine;
}

/// A transaction that only reads. Dropping it ends it.
pub struct ReadTx {
    tx: DatabaseTransaction,
    engine: Engine,
}

impl ReadTx {
    pub(super) fn new(tx: DatabaseTransaction, engine: Engine) -> Self {
        Self { tx, engine }
    }
}

impl Reader for ReadTx {
    fn conn(&self) -> &DatabaseTransaction {
        &self.tx
    }
    fn engine(&self) -> Engine {
        self.engine
    }
}

/// A transaction that writes. Dropping it without `commit` rolls everything back.
pub struct WriteTx {
    tx: DatabaseTransaction,
    db: Db,
    now: Timestamp,
    wake_outbox: AtomicBool,
    wake_jobs: AtomicBool,
}

impl Reader for WriteTx {
    fn conn(&self) -> &DatabaseTransaction {
        &self.tx
    }
    fn engine(&self) -> Engine {
        self.db.engine()
    }
}

impl WriteTx {
    pub(super) fn new(tx: DatabaseTransaction, db: Db, now: Timestamp) -> Self {
        let (wake_outbox, wake_jobs) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { tx, db, now, wake_outbox, wake_jobs }
    }

    /// The one instant of this transaction.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Rings the outbox's bell after the commit. `outbox::enqueue` does it by itself; who writes
    /// outbox rows in bulk calls it.
    pub fn will_wake_outbox(&self) {
        self.wake_outbox.store(true, Ordering::Relaxed);
    }

    /// Rings the job runner's bell after the commit.
    pub fn will_wake_jobs(&self) {
        self.wake_jobs.store(true, Ordering::Relaxed);
    }

    /// Makes everything durable, then wakes whom it concerns.
    pub async fn commit(self) -> Result<()> {
        let Self { tx, db, wake_outbox, wake_jobs, .. } = self;
        tx.commit().await?;
        if wake_outbox.into_inner() {
            db.outbox_bell().ring();
        }
        if wake_jobs.into_inner() {
            db.jobs_bell().ring();
        }
        Ok(())
    }

    /// Gives everything up. Dropping does the same, later.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.tx.rollback().await?)
    }
}
