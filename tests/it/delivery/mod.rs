//! From an award to the buyer's endpoint, with a real receiver.

mod endpoints;
mod real_data;
mod receiver;
mod retries;
mod sending;
mod stage;
mod undelivered;
