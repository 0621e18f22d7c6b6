//! How money enters and leaves the exchange.

pub mod payout;
