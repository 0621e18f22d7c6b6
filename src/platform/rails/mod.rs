//! Providers that move money outside of the exchange.

pub mod stripe;
mod stripe_answers;
