//! Calls that nobody ended.

use async_trait::async_trait;

use super::service::Calls;
use crate::platform::error::Result;
use crate::platform::jobs;

/// The job that closes calls whose end nobody told in time; once a minute.
pub const CLOSE_CALLS: &str = "calls.close";

/// Runs [`Calls::close_due`].
#[derive(Clone)]
pub struct CloseCalls(pub Calls);

#[async_trait]
impl jobs::Handler for CloseCalls {
    async fn run(&self, _job: &jobs::Job) -> Result<()> {
        self.0.close_due().await.map(drop)
    }
}
