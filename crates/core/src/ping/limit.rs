//! How much of the market one publisher may hold without posting.
//!
//! Two numbers bound it: how many bids may be open at once, and which share of the pings that got
//! bids has to be posted. The share is judged over the current and the last window, once enough
//! pings have ended; a publisher below it may ping again when those windows have passed.

use crate::money::Bps;
use crate::time::{SECOND, Timestamp};

/// The bounds; from the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PingLimits {
    /// Most open bids of one publisher.
    pub open_bids: i64,
    /// The least share of ended pings that were posted.
    pub min_posted: Bps,
    /// So many ended pings are looked at first.
    pub after: i64,
    /// Length of a window, in seconds.
    pub window_s: i64,
}

impl Default for PingLimits {
    fn default() -> Self {
        Self { open_bids: 500, min_posted: Bps(100), after: 1_000, window_s: 3_600 }
    }
}

/// What one publisher holds and did. One locked row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PingMeter {
    /// Open bids.
    pub open: i64,
    /// When the current window began.
    pub window_start: Timestamp,
    /// Pings posted in it.
    pub posted: i64,
    /// Pings with bids that nobody posted in it.
    pub lapsed: i64,
    /// Posted in the window before.
    pub posted_before: i64,
    /// Lapsed in the window before.
    pub lapsed_before: i64,
}

impl PingMeter {
    /// The meter as it stands at an instant.
    #[must_use]
    pub fn at(self, now: Timestamp, limits: &PingLimits) -> Self {
        let length = limits.window_s.max(1).saturating_mul(SECOND);
        let start = Timestamp::from_micros(now.micros() - now.micros().rem_euclid(length));
        // A clock that went back keeps the later window.
        if start <= self.window_start {
            return self;
        }
        let follows = self.window_start.plus(length) == start;
        let before = |count: i64| if follows { count } else { 0 };
        Self {
            open: self.open,
            window_start: start,
            posted: 0,
            lapsed: 0,
            posted_before: before(self.posted),
            lapsed_before: before(self.lapsed),
        }
    }

    /// How many more bids may be opened now. Call it on a meter made by [`PingMeter::at`].
    pub fn room(&self, limits: &PingLimits) -> i64 {
        if self.posts_too_few(limits) {
            0
        } else {
            limits.open_bids.saturating_sub(self.open).max(0)
        }
    }

    fn posts_too_few(&self, limits: &PingLimits) -> bool {
        let posted = i128::from(self.posted) + i128::from(self.posted_before);
        let ended = posted + i128::from(self.lapsed) + i128::from(self.lapsed_before);
        ended >= i128::from(limits.after.max(1))
            && posted * 10_000 < ended * i128::from(limits.min_posted.0)
    }

    /// Bids were opened.
    pub fn opened(&mut self, bids: i64) {
        self.open = self.open.saturating_add(bids);
    }

    /// A ping with so many bids ended.
    pub fn ended(&mut self, bids: i64, posted: bool) {
        self.open = self.open.saturating_sub(bids);
        let count = if posted { &mut self.posted } else { &mut self.lapsed };
        *count = count.saturating_add(1);
    }
}

/// Basis points of posts among ended pings, rounded down; `None` before the first has ended.
pub fn post_ratio(posted: i64, ended: i64) -> Option<i64> {
    (ended > 0).then(|| posted.max(0).saturating_mul(10_000) / ended)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use proptest::prelude::*;

    const LIMITS: PingLimits =
        PingLimits { open_bids: 3, min_posted: Bps(2_000), after: 5, window_s: 60 };

    fn second(n: i64) -> Timestamp {
        Timestamp::from_micros(n * SECOND)
    }

    #[test]
    fn open_bids_take_room_until_their_ping_ends() {
        let mut meter = PingMeter::default().at(second(600), &LIMITS);
        assert_eq!(meter.room(&LIMITS), 3);
        meter.opened(2);
        assert_eq!(meter.room(&LIMITS), 1);
        meter.opened(1);
        assert_eq!(meter.room(&LIMITS), 0);
        meter.ended(2, true);
        assert_eq!((meter.room(&LIMITS), meter.posted, meter.lapsed), (2, 1, 0));
    }

    #[test]
    fn whoever_posts_too_few_waits_until_the_windows_have_passed() {
        let mut meter = PingMeter::default().at(second(600), &LIMITS);
        for _ in 0..4 {
            meter.opened(1);
            meter.ended(1, false);
        }
        assert_eq!(meter.room(&LIMITS), 3, "four are not enough to judge by");
        meter.opened(1);
        meter.ended(1, false);
        assert_eq!(meter.room(&LIMITS), 0, "0 of 5");
        assert_eq!(meter.at(second(660), &LIMITS).room(&LIMITS), 0, "the window before counts");
        assert_eq!(meter.at(second(720), &LIMITS).room(&LIMITS), 3);
        meter.ended(0, true);
        assert_eq!(meter.room(&LIMITS), 0, "1 of 6 is below 20 %");
        meter.ended(0, true);
        assert_eq!(meter.room(&LIMITS), 3, "2 of 7 is above");
    }

    #[test]
    fn a_share_of_nothing_is_nothing() {
        assert_eq!(post_ratio(0, 0), None);
        assert_eq!(post_ratio(1, 3), Some(3_333));
        assert_eq!(post_ratio(3, 3), Some(10_000));
    }

    proptest! {
        #[test]
        fn what_is_open_never_passes_the_ceiling(steps in prop::collection::vec((0..4i64, any::<bool>(), 0..50i64), 0..60)) {
            let (mut meter, mut open, mut now) = (PingMeter::default(), Vec::new(), 600);
            for (wanted, posts, passes) in steps {
                now += passes;
                meter = meter.at(second(now), &LIMITS);
                let taken = wanted.min(meter.room(&LIMITS));
                meter.opened(taken);
                open.push(taken);
                prop_assert!(meter.open <= LIMITS.open_bids);
                if posts {
                    meter.ended(open.remove(0), true);
                }
                prop_assert_eq!(meter.open, open.iter().sum::<i64>());
            }
            for bids in open {
                meter.ended(bids, false);
            }
            prop_assert_eq!(meter.open, 0);
        }
    }
}
