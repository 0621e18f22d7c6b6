//! The floor: doors to the database, bulk writes, claims, outbox, jobs, idempotency, audit,
//! outgoing HTTP, hints.

mod audit;
mod bulk;
mod claims;
mod config;
mod doors;
mod egress;
mod hints;
mod idempotency;
mod jobs;
mod outbox;
