//! Deferred and recurring work, leased from a table of the same database.
//!
//! A job is scheduled in the transaction that wants it, leased by a conditional update, run
//! outside of any transaction and finished by compare-and-set on its lease. It may run twice:
//! handlers are idempotent. Jobs with the same queue key run one at a time, in order.

mod runner;
mod store;

pub use runner::{Handler, Runner};
pub use store::{Job, JobState, JobView, list, retry_dead, schedule};

use leadbourse_core::time::Timestamp;

/// Tries after which a job is dead, unless it says otherwise.
pub const MAX_ATTEMPTS: i32 = 20;

/// Work to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct JobSpec {
    /// Which handler does it.
    pub kind: &'static str,
    /// Jobs with the same key run one at a time.
    pub queue_key: Option<String>,
    /// Not before this instant; the transaction's `now` when not given.
    pub run_at: Option<Timestamp>,
    /// Ids and plain facts; never contact data.
    pub payload: serde_json::Value,
    /// A job of the same kind and key is scheduled once, ever.
    pub dedup_key: Option<String>,
    /// Tries after which it is dead.
    pub max_attempts: i32,
}

impl JobSpec {
    /// A job to be run at once.
    pub fn new(kind: &'static str, payload: serde_json::Value) -> Self {
        Self {
            kind,
            queue_key: None,
            run_at: None,
            payload,
            dedup_key: None,
            max_attempts: MAX_ATTEMPTS,
        }
    }

    /// Not before this instant.
    #[must_use]
    pub fn at(mut self, at: Timestamp) -> Self {
        self.run_at = Some(at);
        self
    }

    /// One at a time with others of this key.
    #[must_use]
    pub fn queue(mut self, key: impl Into<String>) -> Self {
        self.queue_key = Some(key.into());
        self
    }

    /// Only once for this kind and key.
    #[must_use]
    pub fn dedup(mut self, key: impl Into<String>) -> Self {
        self.dedup_key = Some(key.into());
        self
    }
}
