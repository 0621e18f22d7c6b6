//! The steps after which an executor may be cut off, by name: tests cut it off at every one of them.

use std::sync::{Arc, Mutex, PoisonError};

use crate::platform::error::{Error, Result};

macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        $($(#[$doc])* pub(super) const $name: &str = $text;)+
        /// Every step.
        pub const STEPS: &[&str] = &[$($text),+];
    };
}

steps! {
    /// The buyer's customer was made at the provider; nothing is written.
    CUSTOMER_MADE = "customer.made";
    /// That a page is asked for is written; nobody asked.
    PAGE_MARKED = "page.marked";
    /// The page is open; nothing is written.
    PAGE_OPENED = "page.opened";
    /// The page is written.
    PAGE_KEPT = "page.kept";
    /// That a card is charged is written; nobody asked.
    CHARGE_MARKED = "charge.marked";
    /// The card was charged; nothing is written.
    CHARGE_SENT = "charge.sent";
    /// The payment is written.
    CHARGE_KEPT = "charge.kept";
    /// How the payment stands was read; nothing is written.
    PAYMENT_READ = "payment.read";
    /// What follows is written.
    PAYMENT_SETTLED = "payment.settled";
    /// That money is sent back is written; nobody asked.
    REFUND_MARKED = "refund.marked";
    /// It was sent back; nothing is written.
    REFUND_SENT = "refund.sent";
    /// The refund is written.
    REFUND_KEPT = "refund.kept";
    /// How the refund stands was read; nothing is written.
    REFUND_READ = "refund.read";
    /// What follows is written.
    REFUND_SETTLED = "refund.settled";
    /// How a dispute stands was read; nothing is written.
    DISPUTE_READ = "dispute.read";
    /// What follows is written.
    DISPUTE_SETTLED = "dispute.settled";
}

/// Where an executor stops, if anywhere.
#[derive(Clone, Debug, Default)]
pub struct Steps(Arc<Mutex<Option<&'static str>>>);

impl Steps {
    /// Stops the next executor that has done this step.
    pub fn stop_after(&self, step: &'static str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(step);
    }

    /// Whether the stop waits for an executor still.
    pub fn waits(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    pub(super) fn done(&self, step: &'static str) -> Result<()> {
        let mut stop = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *stop == Some(step) {
            *stop = None;
            return Err(Error::broken(format!("stopped after {step}")));
        }
        Ok(())
    }
}
