//! Clicks on tracking links.
//!
//! A click is written before the browser is sent on, many of them in one transaction. Whatever it
//! tells about a person is sealed in the one table of contact data, under the id that its lead will
//! have. A lead may name its click; and where a link leads to a buyer's own page, the exchange makes
//! the lead out of the click itself, when the buyer reports what came of it.

mod model;
mod reads;
mod repo;
mod service;
mod worker;

pub use model::{Click, Pin};
pub use reads::{ClickFilter, ClickRow, ClickStats, StatsBy, StatsWish};
pub use repo::{Joined, find, join_rows, leads_of, lock};
pub use service::{Clicks, Gone, Visitor};
