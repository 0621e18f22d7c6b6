//! When a delivery is tried, tried again, and given up.

mod schedule;
mod states;

pub use schedule::{JITTER_SPAN, Patience, next_attempt};
pub use states::{DeliveryState, EndpointState};
