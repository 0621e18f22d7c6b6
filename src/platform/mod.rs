//! What the slices stand on: database, jobs, outbox, hints, egress, secrets, telemetry.

pub mod clock;
pub mod config;
pub mod db;
pub mod error;
pub mod idempotency;
pub mod once;
pub mod paging;
pub mod shutdown;
pub mod vault;
