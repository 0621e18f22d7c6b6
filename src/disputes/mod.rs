//! Returns, refunds, claims that an event was not reported, and their arbitration.
//!
//! A buyer claims within the return window; the publisher accepts or contests; an operator
//! decides; deadlines decide where people do not. The ledger gives back by the cumulative rule in
//! the same transaction as the decision.

mod claims;
mod comments;
mod handlers;
mod missing;
mod model;
mod reads;
mod refund;
mod repo;
mod service;
mod undelivered;

pub use handlers::{DEADLINES, Deadlines, OnUndelivered};
pub use missing::{ClaimConversion, NOT_REPORTED};
pub use model::{Claim, Dispute, DisputeEvent};
pub use reads::{conversions_of, open_on};
pub use refund::{REFUNDED, RefundSale, Sale};
pub use service::{Disputes, OpenReturn};
pub use undelivered::UNDELIVERED;
