//! A circuit breaker: an endpoint that only fails is left alone for a while, then tried once.
//!
//! Closed: everybody calls. After so many failures in a row it opens: nobody calls. When its pause
//! is over one caller may try (half open); if that works it closes, else the pause begins anew. A
//! probe of which nothing is heard for a whole pause counts as lost, and another may try.

use crate::time::Timestamp;

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Failures in a row that open it; at least 1.
    pub failures: u32,
    /// How long it stays open, in microseconds.
    pub pause: i64,
}

/// Whether one may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Yes, like everybody.
    Free,
    /// Yes, as the one who tries.
    Probe,
    /// No.
    Refused,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Closed,
    Open {
        until: Timestamp,
    },
    HalfOpen {
        /// When somebody else may try.
        until: Timestamp,
    },
}

/// The breaker of one endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    state: State,
    failed: u32,
}

impl Breaker {
    /// Asks for leave to call. Whoever gets it reports by [`Breaker::report`], or by
    /// [`Breaker::give_back`] if nothing was called after all.
    pub fn admit(&mut self, rules: &Rules, now: Timestamp) -> Admission {
        match self.state {
            State::Closed => Admission::Free,
            State::Open { until } | State::HalfOpen { until } if now < until => Admission::Refused,
            State::Open { .. } | State::HalfOpen { .. } => {
                self.state = State::HalfOpen { until: now.plus(rules.pause) };
                Admission::Probe
            }
        }
    }

    /// A call ended. One that began before the breaker opened says nothing new when it fails, and
    /// closes it when it works: the endpoint lives.
    pub fn report(&mut self, rules: &Rules, worked: bool, now: Timestamp) {
        if worked {
            *self = Self::default();
            return;
        }
        self.failed = self.failed.saturating_add(1);
        match self.state {
            State::Closed if self.failed >= rules.failures.max(1) => self.open(rules, now),
            State::HalfOpen { .. } => self.open(rules, now),
            State::Closed | State::Open { .. } => {}
        }
    }

    /// A probe was not used: the next may try at once.
    pub fn give_back(&mut self, now: Timestamp) {
        if let State::HalfOpen { .. } = self.state {
            self.state = State::Open { until: now };
        }
    }

    /// Whether nobody may call now.
    pub fn is_open(&self, now: Timestamp) -> bool {
        match self.state {
            State::Closed => false,
            State::Open { until } | State::HalfOpen { until } => now < until,
        }
    }

    fn open(&mut self, rules: &Rules, now: Timestamp) {
        self.state = State::Open { until: now.plus(rules.pause) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SECOND;
    use proptest::prelude::*;

    const RULES: Rules = Rules { failures: 3, pause: 30 * SECOND };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * SECOND)
    }

    fn failing(times: u32) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..times {
            assert_eq!(breaker.admit(&RULES, at(0)), Admission::Free);
            breaker.report(&RULES, false, at(0));
        }
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_only() {
        let mut breaker = failing(2);
        breaker.report(&RULES, true, at(0));
        for _ in 0..2 {
            breaker.report(&RULES, false, at(1));
        }
        assert!(!breaker.is_open(at(1)), "a success in between begins the count anew");
        breaker.report(&RULES, false, at(1));
        assert!(breaker.is_open(at(1)));
        assert_eq!(breaker.admit(&RULES, at(30)), Admission::Refused);
    }

    #[test]
    fn one_probe_decides() {
        let mut breaker = failing(3);
        assert_eq!(breaker.admit(&RULES, at(30)), Admission::Probe);
        assert_eq!(breaker.admit(&RULES, at(30)), Admission::Refused, "the others wait");
        breaker.report(&RULES, false, at(31));
        assert_eq!(breaker.admit(&RULES, at(60)), Admission::Refused);
        assert_eq!(breaker.admit(&RULES, at(61)), Admission::Probe);
        breaker.report(&RULES, true, at(62));
        assert_eq!(breaker.admit(&RULES, at(62)), Admission::Free);
    }

    #[test]
    fn a_lost_or_unused_probe_does_not_keep_it_shut() {
        let mut breaker = failing(3);
        assert_eq!(breaker.admit(&RULES, at(30)), Admission::Probe);
        assert_eq!(breaker.admit(&RULES, at(60)), Admission::Probe, "nothing was heard");
        breaker.give_back(at(61));
        assert_eq!(breaker.admit(&RULES, at(61)), Admission::Probe);
    }

    #[test]
    fn a_late_failure_does_not_lengthen_the_pause() {
        let mut breaker = failing(3);
        breaker.report(&RULES, false, at(29));
        assert_eq!(breaker.admit(&RULES, at(30)), Admission::Probe);
    }

    proptest! {
        #[test]
        fn it_is_never_shut_for_longer_than_a_pause(
            steps in proptest::collection::vec((0u8..4, 0i64..40), 0..60)
        ) {
            let (mut breaker, mut now) = (Breaker::default(), at(0));
            for (what, seconds) in steps {
                now = now.plus(seconds * SECOND);
                match what {
                    0 => drop(breaker.admit(&RULES, now)),
                    1 => breaker.report(&RULES, true, now),
                    2 => breaker.report(&RULES, false, now),
                    _ => breaker.give_back(now),
                }
                let later = now.plus(RULES.pause);
                prop_assert_ne!(breaker.clone().admit(&RULES, later), Admission::Refused);
            }
        }
    }
}
