//! An offer's meters: what it bought in the current hour, day, week, month and window of its
//! schedule, and in all. One locked row per offer; the award updates it in the same transaction.
//! Whoever holds that row may also move the meters of single publishers in the offer.

use super::schedule::PeriodStarts;
use super::terms::{Cap, CapPeriod, GoalKind, Window};
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

    /// Whether one more award of `cost` does not fit; true if it is the money that does not.
    fn full(&self, count: Option<i64>, money: Option<i64>, cost: i64) -> Option<bool> {
        if count.is_some_and(|most| self.count >= most) {
            return Some(false);
        }
        money.is_some_and(|most| self.money.saturating_add(cost) > most).then_some(true)
    }

    fn free(&mut self, money: i64, held_at: Timestamp) {
        if held_at >= self.start {
            self.add(-1, money.saturating_neg());
        }
    }

    fn add(&mut self, count: i64, money: i64) {
        self.count = self.count.saturating_add(count);
        self.money = self.money.saturating_add(money);
    }
}

/// Meters of the periods that caps bound: an offer's, or those of one publisher in an offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Periods {
    /// The current clock hour.
    pub hour: Meter,
    /// The current day.
    pub day: Meter,
    /// The current week.
    pub week: Meter,
    /// The current month.
    pub month: Meter,
    /// The whole life; its start is not used.
    pub total: Meter,
}

/// A cap that has no room for one more award.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapHit {
    /// Its period; `None` for a window of the schedule.
    pub period: Option<CapPeriod>,
    /// Whether the money is spent, not the count.
    pub money: bool,
}

impl CapHit {
    /// The period in such a name; `None` for a window.
    pub fn period_of(name: &str) -> Option<CapPeriod> {
        name.strip_suffix("_MONEY").unwrap_or(name).parse().ok()
    }

    /// As a trace names it: `DAY`, `DAY_MONEY`, `WINDOW`.
    pub fn name(self) -> &'static str {
        match (self.period, self.money) {
            (Some(CapPeriod::Hour), false) => "HOUR",
            (Some(CapPeriod::Hour), true) => "HOUR_MONEY",
            (Some(CapPeriod::Day), false) => "DAY",
            (Some(CapPeriod::Day), true) => "DAY_MONEY",
            (Some(CapPeriod::Week), false) => "WEEK",
            (Some(CapPeriod::Week), true) => "WEEK_MONEY",
            (Some(CapPeriod::Month), false) => "MONTH",
            (Some(CapPeriod::Month), true) => "MONTH_MONEY",
            (Some(CapPeriod::Total), false) => "TOTAL",
            (Some(CapPeriod::Total), true) => "TOTAL_MONEY",
            (None, false) => "WINDOW",
            (None, true) => "WINDOW_MONEY",
        }
    }
}

impl Periods {
    /// The meters as they stand at an instant: periods that ended begin anew.
    #[must_use]
    pub fn at(self, starts: PeriodStarts) -> Self {
        Self {
            hour: self.hour.rolled(starts.hour),
            day: self.day.rolled(starts.day),
            week: self.week.rolled(starts.week),
            month: self.month.rolled(starts.month),
            total: self.total,
        }
    }

    /// The meter of a period.
    pub fn meter(&self, period: CapPeriod) -> &Meter {
        match period {
            CapPeriod::Hour => &self.hour,
            CapPeriod::Day => &self.day,
            CapPeriod::Week => &self.week,
            CapPeriod::Month => &self.month,
            CapPeriod::Total => &self.total,
        }
    }

    /// The first cap under which one more award of `money` does not fit. Call it on meters made
    /// by [`Periods::at`].
    pub fn full(&self, caps: &[Cap], money: i64) -> Option<CapHit> {
        caps.iter().find_map(|cap| {
            let hit = self.meter(cap.period).full(cap.count, cap.money, money)?;
            Some(CapHit { period: Some(cap.period), money: hit })
        })
    }

    /// Counts one award of `money`.
    pub fn award(&mut self, money: i64) {
        let Self { hour, day, week, month, total } = self;
        for meter in [hour, day, week, month, total] {
            meter.add(1, money);
        }
    }

    /// Takes back one hold of `money`, made at `held_at`, in every period that still contains it:
    /// count and money, because nothing was bought.
    pub fn free(&mut self, money: i64, held_at: Timestamp) {
        let Self { hour, day, week, month, total } = self;
        for meter in [hour, day, week, month] {
            meter.free(money, held_at);
        }
        total.add(-1, money.saturating_neg());
    }

    /// Frees `money` of an award made at `awarded_at`, in every period that still contains it.
    /// Counts stay: a return frees money caps only.
    pub fn give_back(&mut self, money: i64, awarded_at: Timestamp) {
        let Self { hour, day, week, month, total } = self;
        for meter in [hour, day, week, month] {
            if awarded_at >= meter.start {
                meter.add(0, money.saturating_neg());
            }
        }
        total.add(0, money.saturating_neg());
    }
}

/// All meters of an offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meters {
    /// The periods of its caps.
    pub periods: Periods,
    /// The current occurrence of a window of its schedule.
    pub window: Meter,
    /// Awards ever.
    pub awards: i64,
    /// Awards of which a conversion was returned.
    pub returns: i64,
    /// Calls that were paid for.
    pub calls: i64,
    /// Sales reported, less those that were refunded whole.
    pub sales: i64,
    /// What those sales cost, less what was refunded, in minor units.
    pub sale_money: i64,
    /// Registrations reported.
    pub registrations: i64,
    /// The turn of its last award: an instant, moved on by a microsecond where awards of one
    /// instant have to be told apart. Zero before the first.
    pub last_award: Timestamp,
}

impl Meters {
    /// The meters as they stand at an instant: periods that ended begin anew.
    #[must_use]
    pub fn at(self, starts: PeriodStarts) -> Self {
        let window = starts.window.map_or(self.window, |start| self.window.rolled(start));
        Self { periods: self.periods.at(starts), window, ..self }
    }

    /// How many events of a kind there were. Each award is a lead.
    pub fn events(&self, kind: GoalKind) -> i64 {
        match kind {
            GoalKind::Lead => self.awards,
            GoalKind::Call => self.calls,
            GoalKind::Sale => self.sales,
            GoalKind::Registration => self.registrations,
        }
    }

    /// What a sale has cost on average, in minor units; `None` before the first.
    pub fn mean_sale(&self) -> Option<i64> {
        (self.sales > 0).then(|| self.sale_money.max(0) / self.sales)
    }

    /// Whether one more award of `money` fits under every cap. Call it on meters made by
    /// [`Meters::at`].
    pub fn allow(&self, caps: &[Cap], money: i64) -> bool {
        self.periods.full(caps, money).is_none()
    }

    /// Whether one more award of `money` does not fit into this window of the schedule.
    pub fn full_window(&self, window: &Window, money: i64) -> Option<CapHit> {
        let hit = self.window.full(window.count, window.money, money)?;
        Some(CapHit { period: None, money: hit })
    }

    /// Counts one award of `money`, at this turn.
    pub fn award(&mut self, money: i64, turn: Timestamp) {
        self.hold(money, turn);
        self.capture();
    }

    /// Counts a bid of `money` against the caps, at this turn. It is no award yet.
    pub fn hold(&mut self, money: i64, turn: Timestamp) {
        self.periods.award(money);
        self.window.add(1, money);
        self.last_award = self.last_award.max(turn);
    }

    /// A held bid became an award.
    pub fn capture(&mut self) {
        self.awards = self.awards.saturating_add(1);
    }

    /// A bid of `money`, held at `held_at`, bought nothing.
    pub fn free(&mut self, money: i64, held_at: Timestamp) {
        self.periods.free(money, held_at);
        self.window.free(money, held_at);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use crate::time::DAY;

    fn starts(day: i64) -> PeriodStarts {
        let at = |d: i64| Timestamp::from_micros(d * DAY);
        PeriodStarts {
            hour: at(day),
            day: at(day),
            week: at(day - day % 7),
            month: at(day - day % 30),
            window: None,
        }
    }

    #[test]
    fn caps_hold_to_the_last_unit_and_open_with_the_next_period() {
        let caps = [
            Cap { period: CapPeriod::Day, count: Some(2), money: Some(150) },
            Cap { period: CapPeriod::Total, count: Some(3), money: None },
        ];
        let mut meters = Meters::default().at(starts(60));
        assert!(meters.allow(&caps, 150) && !meters.allow(&caps, 151));
        meters.award(100, Timestamp::default());
        assert!(meters.allow(&caps, 50) && !meters.allow(&caps, 51));
        meters.award(50, Timestamp::default());
        assert!(!meters.allow(&caps, 0));
        let mut next = meters.at(starts(61));
        assert_eq!((next.periods.day.count, next.periods.total.count), (0, 2));
        assert!(next.allow(&caps, 150));
        next.award(0, Timestamp::default());
        assert!(!next.allow(&caps, 0));
    }

    #[test]
    fn a_return_frees_money_but_no_count_and_only_in_its_periods() {
        let mut meters = Meters::default().at(starts(60));
        meters.award(100, Timestamp::default());
        let awarded = Timestamp::from_micros(60 * DAY + 1);
        let mut later = meters.at(starts(61));
        later.award(40, Timestamp::default());
        later.periods.give_back(100, awarded);
        assert_eq!((later.periods.day.count, later.periods.day.money), (1, 40));
        assert_eq!((later.periods.month.count, later.periods.month.money), (2, 40));
        assert_eq!((later.periods.total.count, later.periods.total.money), (2, 40));
    }

    #[test]
    fn a_clock_that_goes_back_opens_no_cap() {
        let mut meters = Meters::default().at(starts(61));
        meters.award(1, Timestamp::default());
        assert_eq!(meters.at(starts(60)).periods.day.count, 1);
    }

    #[test]
    fn a_full_cap_is_named_and_a_window_counts_by_itself() {
        let caps = [
            Cap { period: CapPeriod::Hour, count: Some(1), money: None },
            Cap { period: CapPeriod::Day, count: None, money: Some(100) },
        ];
        let mut meters = Meters::default().at(starts(60));
        meters.award(60, Timestamp::from_micros(5));
        assert_eq!(meters.periods.full(&caps, 1).unwrap().name(), "HOUR");
        assert_eq!(meters.periods.full(&caps[1..], 41).unwrap().name(), "DAY_MONEY");
        assert_eq!(meters.periods.full(&caps[1..], 40), None);
        let window =
            Window { days: vec![1], from_minute: 0, to_minute: 60, count: Some(1), money: None };
        assert_eq!(meters.full_window(&window, 0).unwrap().name(), "WINDOW");
        let next = PeriodStarts { window: Some(Timestamp::from_micros(60 * DAY)), ..starts(60) };
        assert_eq!(meters.at(next).full_window(&window, 0), None);
        // The turn never goes back.
        meters.award(0, Timestamp::from_micros(3));
        assert_eq!(meters.last_award, Timestamp::from_micros(5));
    }
}
