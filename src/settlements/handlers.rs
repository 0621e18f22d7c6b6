//! What jobs call.

use async_trait::async_trait;

use super::service::Settlements;
use crate::platform::error::Result;
use crate::platform::jobs;

/// The job that ends holds; once a minute.
pub const HOLD_END: &str = "settlements.hold_end";

/// Runs [`Settlements::hold_end`].
#[derive(Clone, Debug)]
pub struct HoldEnd(pub Settlements);

#[async_trait]
impl jobs::Handler for HoldEnd {
    async fn run(&self, _job: &jobs::Job) -> Result<()> {
        self.0.hold_end().await.map(drop)
    }
}

/// The job that goes on with plans that were interrupted; once a minute.
pub const RESUME_PLANS: &str = "settlements.resume_plans";

/// Runs [`Settlements::resume_plans`].
#[derive(Clone, Debug)]
pub struct ResumePlans(pub Settlements);

#[async_trait]
impl jobs::Handler for ResumePlans {
    async fn run(&self, _job: &jobs::Job) -> Result<()> {
        self.0.resume_plans().await.map(drop)
    }
}

/// The job that pays over rails that answer at once.
pub const PAY: &str = "settlements.pay";

/// Runs [`Settlements::pay_due`].
#[derive(Clone, Debug)]
pub struct Pay(pub Settlements);

#[async_trait]
impl jobs::Handler for Pay {
    async fn run(&self, _job: &jobs::Job) -> Result<()> {
        self.0.pay_due().await.map(drop)
    }
}
