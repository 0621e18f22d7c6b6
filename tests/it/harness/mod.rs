//! What the tests stand on: databases of both engines, whole servers, members who act.
#![allow(dead_code, unused_imports, reason = "not every test needs every part")]

pub mod app;
pub mod cut;
pub mod engine;
pub mod market;
pub mod parties;
pub mod redis;

pub use app::TestApp;
pub use cut::cut;
pub use engine::{Ground, Kind, TestDb};
pub use market::{Lead, Market};
pub use redis::OwnRedis;

use leadbourse_core::time::Timestamp;

/// The instant at which manual clocks start: Monday, 2 March 2026, 09:00 UTC.
pub fn start_of_time() -> Timestamp {
    Timestamp::from_micros(1_772_442_000_000_000)
}
