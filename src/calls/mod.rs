//! Telephone calls that are paid for when they last long enough.
//!
//! A telephone system tells what happens; the rules are core's (`call`). The beginning of a call is
//! submitted to the exchange as a lead and sold like one; the buyer's money is reserved while the
//! call lasts, and its end takes the reservation or lets it go.

mod jobs;
mod model;
mod reads;
mod repo;
mod report;
mod service;
mod settle;

pub use jobs::{CLOSE_CALLS, CloseCalls};
pub use model::{CallRecord, SoldCall};
pub use reads::CallFilter;
pub use report::{ReportCall, Told};
pub use service::Calls;
