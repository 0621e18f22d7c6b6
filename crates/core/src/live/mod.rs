//! Live buyers: the buyer's own server is asked what it pays for a lead, and the winner's takes it
//! or declines it.
//!
//! Pure rules only: what an answer says ([`mapping`]), when an endpoint is left alone ([`breaker`]),
//! what follows from an answer ([`steps`]), which connections may be kept ([`connection`]), and what
//! a test of an endpoint has shown ([`contract`]). Who wins is decided by `exchange`, like every
//! other allocation.

pub mod breaker;
pub mod connection;
pub mod contract;
pub mod mapping;
pub mod steps;

#[cfg(test)]
mod mapping_tests;

pub use connection::{Connection, Limits, OnSilence};
pub use mapping::{Heard, Mapping, Reader};
pub use steps::{AwardStep, Posted, RunStep};
