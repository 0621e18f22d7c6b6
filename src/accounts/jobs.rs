//! Recurring work of accounts.

use async_trait::async_trait;

use super::{Accounts, repo};
use crate::platform::error::Result;
use crate::platform::jobs;

/// The hourly job that deletes sessions which have ended.
pub const SWEEP_SESSIONS: &str = "accounts.sweep_sessions";

/// Runs [`Accounts::sweep_sessions`].
#[derive(Clone)]
pub struct SweepSessions(pub Accounts);

#[async_trait]
impl jobs::Handler for SweepSessions {
    async fn run(&self, _job: &jobs::Job) -> Result<()> {
        self.0.sweep_sessions().await.map(drop)
    }
}

impl Accounts {
    /// Deletes sessions that have lapsed or were ended, a bounded number per transaction; gives
    /// how many went.
    ///
    /// # Errors
    /// Database errors.
    pub async fn sweep_sessions(&self) -> Result<u64> {
        const MOST: u32 = 1_000;
        let mut all = 0;
        loop {
            let tx = self.db.begin_write(&self.clock).await?;
            let gone = repo::purge_sessions(&tx, MOST).await?;
            tx.commit().await?;
            all += gone;
            if gone < u64::from(MOST) {
                return Ok(all);
            }
            tokio::task::yield_now().await;
        }
    }
}
