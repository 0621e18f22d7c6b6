//! Deferred work: the beginning of a version that was approved for later.

use async_trait::async_trait;
use leadbourse_core::ids::OfferId;

use super::Offers;
use crate::platform::error::{Error, Result};
use crate::platform::jobs::{Handler, Job};

/// The kind of job that lets a version begin.
pub const VERSION_DUE: &str = "offers.version_due";

/// Does [`VERSION_DUE`].
pub struct VersionDue(pub Offers);

#[async_trait]
impl Handler for VersionDue {
    async fn run(&self, job: &Job) -> Result<()> {
        let id = job.payload.get("offer").and_then(|id| id.as_str());
        let id: OfferId = id
            .and_then(|id| id.parse().ok())
            .ok_or_else(|| Error::broken("a version is due, but of no offer"))?;
        self.0.begin_due(id).await
    }
}
