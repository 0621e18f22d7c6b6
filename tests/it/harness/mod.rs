//! What the tests stand on: databases of both engines, whole servers, clients.

pub mod engine;
pub mod redis;

pub use engine::{Kind, TestDb};
#[allow(unused_imports, reason = "for the tests that kill a Redis")]
pub use redis::OwnRedis;

use leadbourse_core::time::Timestamp;

/// The instant at which manual clocks start: Monday, 2 March 2026, 09:00 UTC.
pub fn start_of_time() -> Timestamp {
    Timestamp::from_micros(1_772_442_000_000_000)
}
