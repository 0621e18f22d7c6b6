//! What jobs and messages call.

use async_trait::async_trait;

use super::service::Disputes;
use crate::platform::error::Result;
use crate::platform::{jobs, outbox};
use leadbourse_core::ids::AwardId;

/// The job that applies deadlines; once a minute.
pub const DEADLINES: &str = "disputes.deadlines";

/// Runs [`Disputes::tick`].
#[derive(Clone, Debug)]
pub struct Deadlines(pub Disputes);

#[async_trait]
impl jobs::Handler for Deadlines {
    async fn run(&self, _job: &jobs::Job) -> Result<()> {
        self.0.tick().await.map(drop)
    }
}

/// Handles [`crate::delivery::AWARD_UNDELIVERED`].
#[derive(Clone, Debug)]
pub struct OnUndelivered(pub Disputes);

#[async_trait]
impl outbox::Handler for OnUndelivered {
    async fn handle(&self, messages: &[outbox::Delivered]) -> Result<()> {
        for message in messages {
            self.0.return_undelivered(AwardId(message.key)).await?;
        }
        Ok(())
    }
}
