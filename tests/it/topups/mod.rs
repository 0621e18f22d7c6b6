//! Top-ups by card, against the double in `tests/stripe-double`.

mod cards;
mod chargebacks;
mod crashes;
mod double;
mod paying;
mod real_data;
mod refunds;
pub mod stage;
mod telling;
