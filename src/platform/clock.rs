//! The one place that reads the time.

use leadbourse_core::time::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Gives the time: the system's, or one that tests, imports and the demo move by hand.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until it is moved. Clones move together.
    pub fn manual(at: Timestamp) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(at.micros()))))
    }

    /// Whether this clock is moved by hand.
    pub fn is_manual(&self) -> bool {
        matches!(self.0, Source::Manual(_))
    }

    /// The current instant.
    #[allow(clippy::disallowed_methods, reason = "this is the one door to the system clock")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::Manual(at) => Timestamp::from_micros(at.load(Ordering::SeqCst)),
            Source::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
            }
        }
    }

    /// Moves a manual clock by so many microseconds; the system's clock does not move.
    pub fn advance(&self, micros: i64) {
        if let Source::Manual(at) = &self.0 {
            at.fetch_add(micros, Ordering::SeqCst);
        }
    }

    /// Sets a manual clock; the system's clock does not move.
    pub fn set(&self, to: Timestamp) {
        if let Source::Manual(at) = &self.0 {
            at.store(to.micros(), Ordering::SeqCst);
        }
    }
}
