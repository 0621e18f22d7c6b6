//! What is done later: events, looking again, recharging.

use async_trait::async_trait;
use leadbourse_core::ids::ProviderEventId;

use super::repo::{others, top_ups};
use super::service::TopUps;
use crate::platform::error::{Context, Error, Result};
use crate::platform::jobs;

/// The job that does what follows from one event.
pub const PROVIDER_EVENT: &str = "topups.event";
/// The job that looks at whatever nobody has told of; once a minute.
pub const LOOK: &str = "topups.look";
/// The job that charges cards of low wallets; once a minute.
pub const RECHARGE: &str = "topups.recharge";

/// Runs [`TopUps::process`].
#[derive(Clone)]
pub struct ProviderEvents(pub TopUps);

#[async_trait]
impl jobs::Handler for ProviderEvents {
    async fn run(&self, job: &jobs::Job) -> Result<()> {
        let id = job.payload.get("event").cloned().unwrap_or_default();
        let id: ProviderEventId = serde_json::from_value(id).context("reading a job")?;
        self.0.process(id).await
    }
}

/// Runs [`TopUps::look`].
#[derive(Clone)]
pub struct LookAgain(pub TopUps);

#[async_trait]
impl jobs::Handler for LookAgain {
    async fn run(&self, _job: &jobs::Job) -> Result<()> {
        self.0.look().await.map(drop)
    }
}

/// Runs [`TopUps::recharge`].
#[derive(Clone)]
pub struct RechargeWallets(pub TopUps);

#[async_trait]
impl jobs::Handler for RechargeWallets {
    async fn run(&self, _job: &jobs::Job) -> Result<()> {
        self.0.recharge().await.map(drop)
    }
}

impl TopUps {
    /// Looks at every top-up and refund whose time has come; gives how many. One that fails does
    /// not stop the others.
    ///
    /// # Errors
    /// The first fault, after all were tried.
    pub async fn look(&self) -> Result<usize> {
        if !self.configured() {
            return Ok(0);
        }
        let tx = self.db.begin_read().await?;
        let now = self.clock.now();
        let waiting = top_ups::due(&tx, now).await?;
        let refunds = others::refunds_due(&tx, now).await?;
        drop(tx);
        let all = waiting.len() + refunds.len();
        let mut fault: Option<Error> = None;
        for id in waiting {
            if let Err(error) = self.advance(id).await {
                tracing::warn!(%error, %id, "a top-up could not be looked at");
                fault.get_or_insert(error);
            }
        }
        for id in refunds {
            if let Err(error) = self.advance_refund(id).await {
                tracing::warn!(%error, %id, "a refund could not be looked at");
                fault.get_or_insert(error);
            }
        }
        fault.map_or(Ok(all), Err)
    }
}
