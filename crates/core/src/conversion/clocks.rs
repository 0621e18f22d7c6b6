//! The three instants of a conversion.

use crate::offer::terms::Terms;
use crate::time::{SECOND, Timestamp};

/// `return_until ≤ hold_until ≤ lock_at`, fixed at creation; they never move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    return_until: Timestamp,
    hold_until: Timestamp,
    lock_at: Timestamp,
}

impl Clocks {
    /// From the terms of the offer version. Whatever the terms say, a later clock is never
    /// before an earlier one, and none is before `at`.
    pub fn fix(at: Timestamp, terms: &Terms) -> Self {
        Self::fix_seconds(at, terms.return_window_s, terms.hold_s, terms.lock_s)
    }

    /// From bare durations in seconds after `at`.
    pub fn fix_seconds(at: Timestamp, return_s: i64, hold_s: i64, lock_s: i64) -> Self {
        let after = |seconds: i64| at.plus(seconds.max(0).saturating_mul(SECOND));
        let return_until = after(return_s);
        let hold_until = after(hold_s).max(return_until);
        let lock_at = after(lock_s).max(hold_until);
        Self { return_until, hold_until, lock_at }
    }

    /// As stored; `None` if the order is broken.
    pub fn stored(
        return_until: Timestamp,
        hold_until: Timestamp,
        lock_at: Timestamp,
    ) -> Option<Self> {
        (return_until <= hold_until && hold_until <= lock_at).then_some(Self {
            return_until,
            hold_until,
            lock_at,
        })
    }

    /// The last instant at which a return may be opened.
    pub fn return_until(&self) -> Timestamp {
        self.return_until
    }

    /// When the earning stops being held, unless a return is open.
    pub fn hold_until(&self) -> Timestamp {
        self.hold_until
    }

    /// When an open dispute ends by its default.
    pub fn lock_at(&self) -> Timestamp {
        self.lock_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_order_holds_for_any_terms(at in any::<i64>(), r in any::<i64>(), h in any::<i64>(), l in any::<i64>()) {
            let at = Timestamp::from_micros(at);
            let clocks = Clocks::fix_seconds(at, r, h, l);
            prop_assert!(at <= clocks.return_until());
            prop_assert!(clocks.return_until() <= clocks.hold_until());
            prop_assert!(clocks.hold_until() <= clocks.lock_at());
        }
    }
}
