//! Two clocks: from the first sending runs the life of an idempotency key, from the last look the
//! time to the next one.

use crate::time::{HOUR, MINUTE, Timestamp};

/// How long a key is relied on, µs. The provider keeps keys for at least 24 hours; the last hour is
/// left alone, for requests under way and for clocks that differ.
pub const KEY_WINDOW: i64 = 23 * HOUR;

/// Whether a request may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// It was never sent, or its key is good: sending again does nothing twice.
    Open,
    /// The key may be forgotten: never send it again, only look for what came of it.
    Over,
}

/// Whether a request that was first sent at `first_sent` may be sent now. The first sending never
/// moves.
pub fn window(first_sent: Option<Timestamp>, now: Timestamp) -> Window {
    match first_sent {
        Some(first) if first.plus(KEY_WINDOW) <= now => Window::Over,
        _ => Window::Open,
    }
}

/// When to look again after so many looks: a minute, doubling to six hours.
pub fn check_after(looks: i32, now: Timestamp) -> Timestamp {
    let doublings = u32::try_from(looks.clamp(0, 9)).unwrap_or(0);
    now.plus((MINUTE << doublings).min(6 * HOUR))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_relied_on_for_23_hours_from_the_first_sending() {
        let at = |micros| Timestamp::from_micros(micros);
        assert_eq!(window(None, at(i64::MAX / 2)), Window::Open);
        assert_eq!(window(Some(at(0)), at(KEY_WINDOW - 1)), Window::Open);
        assert_eq!(window(Some(at(0)), at(KEY_WINDOW)), Window::Over);
    }

    #[test]
    fn looks_become_rarer() {
        let after = |looks| check_after(looks, Timestamp::from_micros(0)).micros() / MINUTE;
        assert_eq!([0, 1, 2, 8, 9, 40, -1].map(after), [1, 2, 4, 256, 360, 360, 1]);
    }
}
