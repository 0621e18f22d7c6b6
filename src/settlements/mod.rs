//! Statements and payouts.
//!
//! The planner freezes approved conversions into statement lines; an operator approves; the sum
//! goes into a payout, or is carried over; a file for the bank carries payouts out; an operator
//! confirms or refuses each. Who did what is on record.

mod answers;
mod approvals;
mod bank_file;
mod books;
mod executor;
mod exports;
mod handlers;
mod model;
mod papers;
mod payee;
mod payer;
mod planner;
mod proof;
mod repo;
mod resolve;
mod service;
mod void;

pub use answers::{BankAnswer, BankAnswerLine};
pub use executor::{PAY_EVERY, Rails};
pub use exports::Exported;
pub use handlers::{HOLD_END, HoldEnd, PAY, Pay, RESUME_PLANS, ResumePlans};
pub use handlers::{HOLD_END, HoldEnd, RESUME_PLANS, ResumePlans};
pub use model::{
    Payout, PayoutFile, PayoutFormat, PayoutProfile, PayoutRail, Run, RunState, Statement,
    StatementLine,
};
pub use model::{Payout, PayoutProfile, PayoutRail, Run, RunState, Statement, StatementLine};
pub use papers::StatementLines;
pub use payee::SetPayoutProfile;
pub use proof::{MAX_PROOF, NewProof, ProofRecord, base64};
pub use repo::{PayoutFilter, StatementFilter};
pub use resolve::Resolution;
pub use service::Settlements;
