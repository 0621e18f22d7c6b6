//! The service, and the closing of calls that nobody ended.

use leadbourse_core::call::{CallEnd, Sale, Step};
use leadbourse_core::ids::CallId;
use leadbourse_core::time::SECOND;

use super::model::CallRecord;
use super::repo;
use crate::conversions::Conversions;
use crate::exchange::Exchange;
use crate::platform::clock::Clock;
use crate::platform::config::CallsConfig;
use crate::platform::db::{Db, WriteTx};
use crate::platform::error::{Result, retry};
use crate::platform::vault::Vault;

/// Calls that one run of the job looks at.
const DUE: u32 = 200;

/// The use cases of calls. Cheap to clone.
#[derive(Clone)]
pub struct Calls {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) vault: Vault,
    pub(super) exchange: Exchange,
    pub(super) conversions: Conversions,
    /// How long an end is waited for, in microseconds.
    pub(super) patience: i64,
}

impl Calls {
    /// Over one database and its exchange.
    pub fn new(
        (db, clock, vault): (Db, Clock, Vault),
        exchange: Exchange,
        conversions: Conversions,
        config: &CallsConfig,
    ) -> Self {
        let patience = i64::from(config.max_seconds).saturating_mul(SECOND);
        Self { db, clock, vault, exchange, conversions, patience }
    }

    /// Closes calls whose end nobody told in time; gives how many. Nothing is billed, and what was
    /// reserved goes back once: here or where reservations expire, whoever is first.
    ///
    /// # Errors
    /// Database errors.
    pub async fn close_due(&self) -> Result<usize> {
        let mut closed = 0;
        loop {
            let tx = self.db.begin_read().await?;
            let due = repo::due(&tx, self.clock.now(), DUE).await?;
            drop(tx);
            if due.is_empty() {
                return Ok(closed);
            }
            for id in due {
                closed += usize::from(retry(|| self.close(id)).await?);
            }
        }
    }

    async fn close(&self, id: CallId) -> Result<bool> {
        let tx = self.db.begin_write(&self.clock).await?;
        let Some((mut call, ref_hash)) = repo::lock(&tx, id).await? else { return Ok(false) };
        if !call.machine.state().is_open() || call.close_at > tx.now() {
            return Ok(false);
        }
        self.adopt(&tx, &mut call, &ref_hash).await?;
        match (call.machine.step(), call.machine.sale) {
            (Step::End(end), _) => self.settle(&tx, &mut call, end).await?,
            (_, Sale::Sold { .. }) => self.settle(&tx, &mut call, CallEnd::Closed).await?,
            (_, Sale::Unsold) => {}
            (_, Sale::NotAsked) => {
                call.machine.end = Some(CallEnd::Closed);
                call.decided_at = Some(tx.now());
            }
        }
        self.finish(tx, &call).await?;
        Ok(true)
    }

    pub(super) async fn finish(&self, tx: WriteTx, call: &CallRecord) -> Result<()> {
        repo::save(&tx, call).await?;
        tx.commit().await
    }
}
