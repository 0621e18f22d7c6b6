//! Orders with a deadline: a buyer orders so many leads of an offer by a date, publishers claim
//! parts of it, and intake sells their leads to it before it asks the market.
//!
//! The row of the order is the lock of everything that belongs to it: whoever changes a claim has
//! locked its order first. What is reserved is always `(wanted − delivered − released) × price`.

mod deadline;
mod model;
mod reads;
mod repo;
mod rows;
mod service;

pub use deadline::{DEADLINES, Deadlines, OnClaimDone};
pub use model::{Claim, OnTimeShare, Order, OrdersOf};
pub use reads::OrderFilter;
pub use repo::{OpenClaim, check_books, open_claims, open_sums};
pub use rows::{
    CLAIM_COLUMNS, Delivered, ORDER_CLAIMS, ORDER_COLUMNS, ORDERS, finished, room, writes,
};
pub use service::{ClaimOrder, Orders, PlaceOrder};

/// Outbox topic of a claim that has got all its leads; the key is the claim's niche. The book may
/// forget it.
pub const CLAIM_DONE: &str = "order.claim_done";
