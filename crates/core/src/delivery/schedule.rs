//! The schedule of tries: soon at first, then ever more patiently, with jitter, to a deadline.

use crate::time::{HOUR, MINUTE, SECOND, Timestamp};

/// Pauses after the first, second, … failed try, µs. The last one repeats.
const PAUSES: &[i64] = &[
    5 * SECOND,
    30 * SECOND,
    2 * MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    4 * HOUR,
    8 * HOUR,
];

/// `jitter` runs from 0 to this: the pause is stretched from 80 % to 120 %.
pub const JITTER_SPAN: u32 = 10_000;

/// How patient an installation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// After so long (µs) since its making a delivery that fails is dead.
    pub give_up: i64,
    /// After so long (µs) of nothing but failures an endpoint pauses.
    pub pause_after: i64,
}

impl Patience {
    /// Whether an endpoint that has failed since `failing_since` pauses now.
    pub fn pauses(&self, failing_since: Timestamp, now: Timestamp) -> bool {
        now.since(failing_since) >= self.pause_after
    }
}

/// When a delivery that has failed `failed` times is tried again; `None` when it is dead. The last
/// try comes at the deadline itself. `jitter` is a random number from 0 to [`JITTER_SPAN`], which
/// keeps deliveries that failed together from coming back together.
pub fn next_attempt(
    failed: u32,
    created_at: Timestamp,
    now: Timestamp,
    patience: &Patience,
    jitter: u32,
) -> Option<Timestamp> {
    let deadline = created_at.plus(patience.give_up);
    if now >= deadline {
        return None;
    }
    let index = usize::try_from(failed.saturating_sub(1)).unwrap_or(usize::MAX);
    let pause = PAUSES.get(index).or(PAUSES.last()).copied().unwrap_or(HOUR);
    let jitter = i64::from(jitter.min(JITTER_SPAN));
    let stretched = pause / 10 * 8 + pause / 10 * 4 / i64::from(JITTER_SPAN) * jitter;
    Some(now.plus(stretched).min(deadline))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    const PATIENCE: Patience = Patience { give_up: 72 * HOUR, pause_after: 15 * MINUTE };
    const START: Timestamp = Timestamp::from_micros(1_772_442_000_000_000);

    #[test]
    fn the_pauses_grow_and_the_last_try_is_at_the_deadline() {
        let first = next_attempt(1, START, START, &PATIENCE, JITTER_SPAN / 2).unwrap();
        assert_eq!(first.since(START), 5 * SECOND);
        let (mut now, mut failed, mut tries) = (START, 0, 1);
        while let Some(next) = next_attempt(failed + 1, START, now, &PATIENCE, 5_000) {
            assert!(next > now);
            (now, failed, tries) = (next, failed + 1, tries + 1);
        }
        assert_eq!(now, START.plus(72 * HOUR));
        assert!((15..30).contains(&tries), "{tries} tries");
    }

    #[test]
    fn an_endpoint_pauses_after_a_quarter_of_an_hour() {
        assert!(!PATIENCE.pauses(START, START.plus(15 * MINUTE - 1)));
        assert!(PATIENCE.pauses(START, START.plus(15 * MINUTE)));
    }

    proptest! {
        #[test]
        fn the_next_try_is_later_and_never_past_the_deadline(
            failed in 0u32..1_000, age in 0i64..100 * HOUR, jitter in 0u32..20_000,
        ) {
            let now = START.plus(age);
            match next_attempt(failed, START, now, &PATIENCE, jitter) {
                Some(next) => {
                    prop_assert!(next > now && next <= START.plus(PATIENCE.give_up));
                    prop_assert!(next.since(now) <= 8 * HOUR / 10 * 12);
                }
                None => prop_assert!(age >= PATIENCE.give_up),
            }
        }
    }
}
