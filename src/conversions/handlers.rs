//! What jobs and messages call.

use async_trait::async_trait;
use leadbourse_core::ids::OrganizationId;
use leadbourse_core::money::Currency;

use super::service::Conversions;
use crate::platform::error::{Error, Result};
use crate::platform::{jobs, outbox};

/// The job that gives back promises whose window has ended; once a minute.
pub const RELEASE_EXPIRED: &str = "conversions.release_expired";

/// Runs [`Conversions::release_expired`].
#[derive(Clone, Debug)]
pub struct ReleaseExpired(pub Conversions);

#[async_trait]
impl jobs::Handler for ReleaseExpired {
    async fn run(&self, _job: &jobs::Job) -> Result<()> {
        self.0.release_expired().await.map(drop)
    }
}

/// Handles [`crate::ledger::BUYER_CREDITED`].
#[derive(Clone, Debug)]
pub struct BuyerCredited(pub Conversions);

#[async_trait]
impl outbox::Handler for BuyerCredited {
    async fn handle(&self, messages: &[outbox::Delivered]) -> Result<()> {
        for message in messages {
            let currency = message.payload.get("currency").cloned().unwrap_or_default();
            let currency: Currency = serde_json::from_value(currency)
                .map_err(|cause| Error::other("reading a message", cause))?;
            self.0.buyer_credited(OrganizationId(message.key), currency).await?;
        }
        Ok(())
    }
}
