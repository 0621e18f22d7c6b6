//! How money enters and leaves the exchange: providers, and what all rails of payouts share.

pub mod payout;
pub mod stripe;
mod stripe_answers;
