//! Pings and their bids as they are stored: read here, written by intake.
//!
//! A bid is a reservation: of money, of a place under the caps, of the publisher's own ceiling. It
//! stands while its ping is open, and a ping ends once: by its post or by the clock. Both lock the
//! ping's row and look whether it has ended, so one of them wins.

mod model;
mod repo;
mod rows;
mod service;

pub use model::{Bid, OpenBids, Ping, SourceRatio};
pub use repo::{PingFilter, bids_of, by_ids, due, ensure_meter, open_sums};
pub use rows::{
    EndedBid, EndedPing, METER_COLUMNS, NewPing, PING_BIDS, PING_COLUMNS, PING_METERS, PINGS,
    bid_rows, bid_sets, meter_sets, ping_rows, ping_sets, read_meter,
};
pub use service::Pings;
