//! Statements and payouts.
//!
//! The planner freezes approved conversions into statement lines; an operator approves; the sum
//! goes into a payout, or is carried over; a file for the bank carries payouts out; an operator
//! confirms or refuses each. Who did what is on record.

mod approvals;
mod bank_file;
mod books;
mod handlers;
mod model;
mod papers;
mod payee;
mod payer;
mod planner;
mod repo;
mod service;
mod void;

pub use handlers::{HOLD_END, HoldEnd, RESUME_PLANS, ResumePlans};
pub use model::{Payout, PayoutProfile, PayoutRail, Run, RunState, Statement, StatementLine};
pub use papers::StatementLines;
pub use payee::SetPayoutProfile;
pub use payer::Exported;
pub use repo::StatementFilter;
pub use service::Settlements;
