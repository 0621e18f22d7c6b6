//! What the slices stand on: database, jobs, outbox, hints, egress, secrets, telemetry.

pub mod audit;
pub mod bell;
pub mod clock;
pub mod config;
pub mod db;
pub mod egress;
pub mod error;
pub mod hints;
pub mod idempotency;
pub mod jobs;
pub mod once;
pub mod outbox;
pub mod paging;
pub mod rails;
pub mod shutdown;
pub mod telemetry;
pub mod vault;
pub mod webhook;
