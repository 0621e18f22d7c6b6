//! An offer's meters: what it bought in the current day, week and month and in all. One locked
//! row per offer; the award updates it in the same transaction.

use super::schedule::PeriodStarts;
use super::terms::{Cap, CapPeriod};
use crate::time::Timestamp;

/// Awards and money in one period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meter {
    /// When the period began.
    pub start: Timestamp,
    /// Awards.
    pub count: i64,
    /// Conversions and reservations, less what was given back, in minor units.
    pub money: i64,
}

impl Meter {
    fn rolled(self, start: Timestamp) -> Self {
        // A clock that went back keeps the later period: it must not open a cap again.
        if start > self.start { Self { start, count: 0, money: 0 } } else { self }
    }

    fn add(&mut self, count: i64, money: i64) {
        self.count = self.count.saturating_add(count);
        self.money = self.money.saturating_add(money);
    }
}

/// All meters of an offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meters {
    /// The current day.
    pub day: Meter,
    /// The current week.
    pub week: Meter,
    /// The current month.
    pub month: Meter,
    /// The offer's life; its start is not used.
    pub total: Meter,
    /// Awards ever.
    pub awards: i64,
    /// Awards of which a conversion was returned.
    pub returns: i64,
    /// Sales reported.
    pub sales: i64,
    /// Money of reported sales.
    pub sale_money: i64,
}

impl Meters {
    /// The meters as they stand at an instant: periods that ended begin anew.
    #[must_use]
    pub fn at(self, starts: PeriodStarts) -> Self {
        Self {
            day: self.day.rolled(starts.day),
            week: self.week.rolled(starts.week),
            month: self.month.rolled(starts.month),
            ..self
        }
    }

    fn meter(&self, period: CapPeriod) -> &Meter {
        match period {
            CapPeriod::Day => &self.day,
            CapPeriod::Week => &self.week,
            CapPeriod::Month => &self.month,
            CapPeriod::Total => &self.total,
        }
    }

    /// Whether one more award of `money` fits under every cap. Call it on meters made by
    /// [`Meters::at`].
    pub fn allow(&self, caps: &[Cap], money: i64) -> bool {
        caps.iter().all(|cap| {
            let meter = self.meter(cap.period);
            cap.count.is_none_or(|most| meter.count < most)
                && cap.money.is_none_or(|most| meter.money.saturating_add(money) <= most)
        })
    }

    /// Counts one award of `money`.
    pub fn award(&mut self, money: i64) {
        for meter in [&mut self.day, &mut self.week, &mut self.month, &mut self.total] {
            meter.add(1, money);
        }
        self.awards = self.awards.saturating_add(1);
    }

    /// Frees `money` of an award made at `awarded_at`, in every period that still contains it.
    /// Counts stay: a return frees money caps only.
    pub fn give_back(&mut self, money: i64, awarded_at: Timestamp) {
        for meter in [&mut self.day, &mut self.week, &mut self.month] {
            if awarded_at >= meter.start {
                meter.add(0, money.saturating_neg());
            }
        }
        self.total.add(0, money.saturating_neg());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use crate::time::DAY;

    fn starts(day: i64) -> PeriodStarts {
        let at = |d: i64| Timestamp::from_micros(d * DAY);
        PeriodStarts { day: at(day), week: at(day - day % 7), month: at(day - day % 30) }
    }

    #[test]
    fn caps_hold_to_the_last_unit_and_open_with_the_next_period() {
        let caps = [
            Cap { period: CapPeriod::Day, count: Some(2), money: Some(150) },
            Cap { period: CapPeriod::Total, count: Some(3), money: None },
        ];
        let mut meters = Meters::default().at(starts(60));
        assert!(meters.allow(&caps, 150) && !meters.allow(&caps, 151));
        meters.award(100);
        assert!(meters.allow(&caps, 50) && !meters.allow(&caps, 51));
        meters.award(50);
        assert!(!meters.allow(&caps, 0));
        let mut next = meters.at(starts(61));
        assert_eq!((next.day.count, next.total.count), (0, 2));
        assert!(next.allow(&caps, 150));
        next.award(0);
        assert!(!next.allow(&caps, 0));
    }

    #[test]
    fn a_return_frees_money_but_no_count_and_only_in_its_periods() {
        let mut meters = Meters::default().at(starts(60));
        meters.award(100);
        let awarded = Timestamp::from_micros(60 * DAY + 1);
        let mut later = meters.at(starts(61));
        later.award(40);
        later.give_back(100, awarded);
        assert_eq!((later.day.count, later.day.money), (1, 40));
        assert_eq!((later.month.count, later.month.money), (2, 40));
        assert_eq!((later.total.count, later.total.money), (2, 40));
    }

    #[test]
    fn a_clock_that_goes_back_opens_no_cap() {
        let mut meters = Meters::default().at(starts(61));
        meters.award(1);
        assert_eq!(meters.at(starts(60)).day.count, 1);
    }
}
