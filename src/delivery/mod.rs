//! Delivery: a sold lead goes to the buyer's endpoints, signed, until they take it.
//!
//! An award leaves intake as an outbox message; here it becomes one delivery per endpoint. The
//! worker leases what is due, renders the body at that moment from the one place that holds
//! contact data, posts it outside of any transaction and writes the outcome by compare-and-set.
//! The inbox counts as delivery: no clock of a conversion waits for an endpoint.

mod courier;
mod error;
mod handlers;
mod model;
mod render;
mod repo;
mod service;
mod undelivered;
mod worker;

pub(crate) use courier::LEASE;
pub use courier::{Call, Courier, Ground, Load, Route};
pub use error::CODES;
pub use handlers::{AWARD_CREATED, ENDPOINT_FAILING, GIVE_UP, GiveUp, OnAward, OnFailing};
pub use model::{Delivery, DeliveryFilter, DeliveryView, Endpoint};
pub use repo::queue::{Attempt, Leased, Queue};
pub use service::Deliveries;
pub use undelivered::{AWARD_UNDELIVERED, has_way};
pub use worker::Worker;

pub use crate::platform::webhook::{sign, signing_secret};
