//! Allocation: which offers buy which leads, decided for a whole batch by pure functions.
//!
//! [`book`] holds the open offers of a niche and shortlists those that a lead can reach at all;
//! [`allocate`] takes the shortlists with everything that the batch has locked (meters, funds,
//! claims) and decides. The same input always gives the same output.

pub mod allocate;
pub mod bid;
pub mod bidder;
pub mod book;
pub mod desk;
pub mod estimate;
pub mod explain;
pub mod live;
pub mod ordered;
pub mod promise;
mod round;
pub mod select;
mod standings;
pub mod trace;
mod waiting;

#[cfg(test)]
mod estimate_tests;
#[cfg(test)]
mod properties;

pub use allocate::{Allocation, AwardPlan, Item, Market, Outcome, Settled, allocate};
pub use book::{BookOffer, BookSource, Candidate, Live, NicheBook, Seeker, Seller, Shortlist};
pub use desk::Refusal;
pub use live::{Reply, receive};
pub use ordered::{BY_ORDER, BookClaim, Ordered, OrderedBy};
pub use promise::{Ended, Promise, PromisedBid, Released};
pub use trace::{Basis, Standing, TraceEntry};
pub use waiting::LONGEST_WAIT;
