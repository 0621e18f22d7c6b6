//! What jobs call.

use async_trait::async_trait;

use super::service::Papers;
use crate::platform::error::Result;
use crate::platform::jobs;

/// The job that issues the invoices of the month that is over; once an hour.
pub const INVOICE_MONTHS: &str = "papers.invoice_months";

/// Runs [`Papers::invoice_months`].
#[derive(Clone, Debug)]
pub struct InvoiceMonths(pub Papers);

#[async_trait]
impl jobs::Handler for InvoiceMonths {
    async fn run(&self, _job: &jobs::Job) -> Result<()> {
        self.0.invoice_months().await.map(drop)
    }
}
