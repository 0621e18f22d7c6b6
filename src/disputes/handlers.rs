//! What jobs call.

use async_trait::async_trait;

use super::service::Disputes;
use crate::platform::error::Result;
use crate::platform::jobs;

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
