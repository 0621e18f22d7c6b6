//! From an award to the buyer's endpoint, with a real receiver.

mod endpoints;
mod real_data;
pub mod receiver;
mod retries;
mod sending;
pub mod stage;
mod undelivered;
