//! When an offer buys and when its cap periods begin, in the offer's own time zone.

use chrono::{
    DateTime, Datelike, Days, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta,
    TimeZone, Timelike,
};
use chrono_tz::Tz;
use std::collections::HashSet;

use super::schedule_check::{self, DAY_MINUTES};
use super::terms::{CapPeriod, Schedule, Window};
use crate::error::Problem;
use crate::time::{HOUR, SECOND, Timestamp};

/// The instants at which the current periods began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodStarts {
    /// The clock hour.
    pub hour: Timestamp,
    /// Local midnight.
    pub day: Timestamp,
    /// Midnight of Monday.
    pub week: Timestamp,
    /// Midnight of the first.
    pub month: Timestamp,
    /// The window of the schedule, if there are windows and one is open.
    pub window: Option<Timestamp>,
}

/// How much of a local day's open time has passed, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayShare {
    /// Passed.
    pub elapsed: i64,
    /// In all; 0 on a day without buying.
    pub total: i64,
}

impl DayShare {
    /// What of `most` an even spending has reached, rounded down. All of it where the day has no
    /// open time: nothing is bought then anyway.
    pub fn line(self, most: i64) -> i64 {
        if self.total <= 0 {
            return most;
        }
        let share = i128::from(most) * i128::from(self.elapsed) / i128::from(self.total);
        i64::try_from(share).unwrap_or(i64::MAX)
    }
}

/// A schedule that was read and checked once.
#[derive(Clone, Debug)]
pub struct ZoneSchedule {
    zone: Tz,
    windows: Vec<Window>,
    holidays: HashSet<NaiveDate>,
}

impl ZoneSchedule {
    /// Reads the terms.
    ///
    /// # Errors
    /// The first fault that [`schedule_check`] finds.
    pub fn new(schedule: &Schedule) -> Result<Self, Problem> {
        if let Some(problem) = schedule_check::schedule(schedule, "schedule").into_iter().next() {
            return Err(problem);
        }
        let zone: Tz =
            schedule.time_zone.parse().map_err(|_| schedule_check::SCHEDULE_TIME_ZONE)?;
        let holidays = schedule
            .holidays
            .iter()
            .filter_map(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
            .collect();
        Ok(Self { zone, windows: schedule.windows.clone(), holidays })
    }

    fn local(&self, at: Timestamp) -> DateTime<Tz> {
        at.to_chrono().with_timezone(&self.zone)
    }

    /// Whether the offer buys at this instant. By the wall clock: an hour that daylight saving
    /// repeats is open twice, one that it skips never comes.
    pub fn open_at(&self, at: Timestamp) -> bool {
        if self.windows.is_empty() && self.holidays.is_empty() {
            return true;
        }
        let local = self.local(at);
        if self.holidays.contains(&local.date_naive()) {
            return false;
        }
        self.windows.is_empty() || self.window_on(&local).is_some()
    }

    /// The window that is open at this instant; `None` if none is, or if the offer has none.
    pub fn window_at(&self, at: Timestamp) -> Option<&Window> {
        if self.windows.is_empty() {
            return None;
        }
        let local = self.local(at);
        if self.holidays.contains(&local.date_naive()) { None } else { self.window_on(&local) }
    }

    fn window_on(&self, local: &DateTime<Tz>) -> Option<&Window> {
        let minute = local.hour() * 60 + local.minute();
        self.windows.iter().find(|window| {
            falls_on(window, local.date_naive())
                && (u32::from(window.from_minute)..u32::from(window.to_minute)).contains(&minute)
        })
    }

    /// When the hour, the day, the ISO week, the month and the open window of this instant began.
    pub fn starts(&self, at: Timestamp) -> PeriodStarts {
        let local = self.local(at);
        let today = local.date_naive();
        let back = u64::from(today.weekday().num_days_from_monday());
        let monday = today.checked_sub_days(Days::new(back)).unwrap_or(today);
        let first = today.with_day(1).unwrap_or(today);
        let past_hour = i64::from(local.minute() * 60 + local.second()) * SECOND
            + i64::from(local.timestamp_subsec_micros());
        PeriodStarts {
            hour: at.plus(-past_hour),
            day: self.midnight(today),
            week: self.midnight(monday),
            month: self.midnight(first),
            window: self.window_at(at).map(|window| self.instant(today, window.from_minute)),
        }
    }

    /// How much of the local day's open time has passed. An hour that daylight saving repeats
    /// lengthens the day, one that it skips shortens it.
    pub fn day_share(&self, at: Timestamp) -> DayShare {
        self.share_at(at, at)
    }

    /// How much of the open time of `day`'s local day has passed at `at`, which may be its end.
    pub fn share_at(&self, day: Timestamp, at: Timestamp) -> DayShare {
        let mut share = DayShare { elapsed: 0, total: 0 };
        for (from, to) in self.open_hours(self.local(day).date_naive()) {
            share.total += to.since(from).max(0);
            share.elapsed += at.min(to).since(from).max(0);
        }
        share
    }

    /// The open times of a local day, in order.
    fn open_hours(&self, date: NaiveDate) -> Vec<(Timestamp, Timestamp)> {
        if self.holidays.contains(&date) {
            return Vec::new();
        }
        if self.windows.is_empty() {
            return vec![(self.midnight(date), self.instant(date, DAY_MINUTES))];
        }
        let mut hours: Vec<(Timestamp, Timestamp)> = self
            .windows
            .iter()
            .filter(|window| falls_on(window, date))
            .map(|window| {
                (self.instant(date, window.from_minute), self.instant(date, window.to_minute))
            })
            .collect();
        hours.sort_unstable();
        hours
    }

    /// The local day of an instant and the one after it, as instants.
    pub fn day_at(&self, at: Timestamp) -> (Timestamp, Timestamp) {
        let today = self.local(at).date_naive();
        (self.midnight(today), self.instant(today, DAY_MINUTES))
    }

    /// The first instant after `at` at which the offer buys: `at` itself if it buys then. `None`
    /// if it does not buy within the next year.
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        if self.open_at(at) {
            return Some(at);
        }
        let mut day = self.local(at).date_naive();
        for _ in 0..=366 {
            let next = self.open_hours(day).into_iter().find(|(_, to)| *to > at);
            if let Some((from, _)) = next {
                return Some(from.max(at));
            }
            day = day.succ_opt()?;
        }
        None
    }

    /// When a cap of this period has room again: the start of the next one. `None` for TOTAL.
    pub fn next_period(&self, period: CapPeriod, at: Timestamp) -> Option<Timestamp> {
        let starts = self.starts(at);
        let today = self.local(at).date_naive();
        let first = today.with_day(1).unwrap_or(today);
        match period {
            CapPeriod::Hour => Some(starts.hour.plus(HOUR)),
            CapPeriod::Day => Some(self.instant(today, DAY_MINUTES)),
            CapPeriod::Week => {
                let left = u64::from(7 - today.weekday().num_days_from_monday());
                today.checked_add_days(Days::new(left)).map(|monday| self.midnight(monday))
            }
            CapPeriod::Month => {
                first.checked_add_months(Months::new(1)).map(|next| self.midnight(next))
            }
            CapPeriod::Total => None,
        }
    }

    fn midnight(&self, date: NaiveDate) -> Timestamp {
        self.instant(date, 0)
    }

    /// The first instant of a minute of a local day; minute 1440 is the next midnight. Where
    /// daylight saving skips it, it comes later; where it is repeated, the first one counts.
    fn instant(&self, date: NaiveDate, minute: u16) -> Timestamp {
        let start = date.and_time(NaiveTime::MIN);
        let mut wall: NaiveDateTime = start + TimeDelta::minutes(minute.into());
        for _ in 0..48 {
            match self.zone.from_local_datetime(&wall) {
                LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => {
                    return Timestamp::from_chrono(at.to_utc());
                }
                LocalResult::None => wall += TimeDelta::minutes(30),
            }
        }
        Timestamp::from_chrono(start.and_utc())
    }
}

fn falls_on(window: &Window, date: NaiveDate) -> bool {
    let day = date.weekday().number_from_monday();
    window.days.iter().any(|d| u32::from(*d) == day)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    fn schedule(zone: &str, windows: Vec<Window>, holidays: &[&str]) -> ZoneSchedule {
        ZoneSchedule::new(&Schedule {
            time_zone: zone.into(),
            windows,
            holidays: holidays.iter().map(|h| (*h).to_owned()).collect(),
        })
        .unwrap()
    }

    fn window(days: &[u8], from_minute: u16, to_minute: u16) -> Window {
        Window { days: days.to_vec(), from_minute, to_minute, count: None, money: None }
    }

    fn work_week() -> Vec<Window> {
        vec![window(&[1, 2, 3, 4, 5], 540, 1_080)]
    }

    #[test]
    fn windows_and_holidays_count_in_the_offers_zone() {
        let moscow = schedule("Europe/Moscow", work_week(), &["2026-05-01"]);
        assert!(moscow.open_at(at("2026-11-20T06:00:00Z"))); // Friday 09:00 in Moscow
        assert!(!moscow.open_at(at("2026-11-20T05:59:59Z")));
        assert!(!moscow.open_at(at("2026-11-20T15:00:00Z"))); // 18:00, the window's end
        assert!(!moscow.open_at(at("2026-11-21T09:00:00Z"))); // Saturday
        assert!(!moscow.open_at(at("2026-05-01T09:00:00Z"))); // holiday
        assert!(schedule("Europe/Moscow", vec![], &[]).open_at(at("2026-11-21T02:00:00Z")));
    }

    #[test]
    fn daylight_saving_moves_the_instant_and_not_the_wall_clock() {
        let berlin = schedule("Europe/Berlin", work_week(), &[]);
        assert!(berlin.open_at(at("2026-03-27T08:00:00Z"))); // 09:00 winter time
        assert!(!berlin.open_at(at("2026-03-30T06:59:00Z"))); // 08:59 summer time
        assert!(berlin.open_at(at("2026-03-30T07:00:00Z"))); // 09:00 summer time
        // The day on which the clock goes back has 25 hours.
        let first = berlin.starts(at("2026-10-25T10:00:00Z")).day;
        let next = berlin.starts(at("2026-10-26T10:00:00Z")).day;
        assert_eq!(next.since(first), 25 * crate::time::HOUR);
    }

    #[test]
    fn a_day_whose_midnight_is_skipped_begins_later() {
        // In 2018 Sao Paulo moved its clocks at midnight of 4 November.
        let sao_paulo = schedule("America/Sao_Paulo", vec![], &[]);
        let starts = sao_paulo.starts(at("2018-11-04T12:00:00Z"));
        assert_eq!(starts.day, at("2018-11-04T03:00:00Z"));
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        let starts = schedule("Asia/Yekaterinburg", vec![], &[]).starts(at("2026-11-22T20:00:00Z"));
        assert_eq!(starts.day, at("2026-11-22T19:00:00Z")); // already Monday the 23rd there
        assert_eq!(starts.week, at("2026-11-22T19:00:00Z"));
        assert_eq!(starts.month, at("2026-10-31T19:00:00Z"));
    }

    #[test]
    fn hours_and_windows_begin_by_the_wall_clock() {
        let two = vec![window(&[5], 540, 720), window(&[5], 720, 1_080)];
        let moscow = schedule("Europe/Moscow", two, &["2026-11-27"]);
        let starts = moscow.starts(at("2026-11-20T07:45:30.5Z")); // Friday 10:45:30 in Moscow
        assert_eq!(starts.hour, at("2026-11-20T07:00:00Z"));
        assert_eq!(starts.window, Some(at("2026-11-20T06:00:00Z")));
        assert_eq!(
            moscow.starts(at("2026-11-20T09:00:00Z")).window,
            Some(at("2026-11-20T09:00:00Z"))
        );
        assert_eq!(moscow.starts(at("2026-11-20T15:00:00Z")).window, None);
        assert_eq!(moscow.window_at(at("2026-11-27T09:00:00Z")), None); // the holiday
        // India is half an hour off: its hours begin at half past.
        let india = schedule("Asia/Kolkata", vec![], &[]);
        assert_eq!(india.starts(at("2026-11-20T07:45:00Z")).hour, at("2026-11-20T07:30:00Z"));
    }

    #[test]
    fn the_share_of_a_day_is_that_of_its_open_time() {
        let two = vec![window(&[5], 840, 960), window(&[5], 540, 720)];
        let moscow = schedule("Europe/Moscow", two, &[]);
        let share = |text| moscow.day_share(at(text));
        assert_eq!(share("2026-11-20T05:00:00Z"), DayShare { elapsed: 0, total: 5 * HOUR });
        // 13:00 in Moscow: the first window of three hours is over, the second has not begun.
        assert_eq!(share("2026-11-20T10:00:00Z"), DayShare { elapsed: 3 * HOUR, total: 5 * HOUR });
        assert_eq!(share("2026-11-20T12:00:00Z").line(10), 8);
        assert_eq!(share("2026-11-20T11:59:59Z").line(10), 7);
        assert_eq!(share("2026-11-21T10:00:00Z"), DayShare { elapsed: 0, total: 0 });
        // The day on which the clock goes back has 25 hours.
        let berlin = schedule("Europe/Berlin", vec![], &[]);
        assert_eq!(berlin.day_share(at("2026-10-25T10:00:00Z")).total, 25 * HOUR);
        assert_eq!(berlin.day_share(at("2026-10-25T10:00:00Z")).elapsed, 12 * HOUR);
    }

    #[test]
    fn the_next_opening_skips_closed_days() {
        let moscow = schedule("Europe/Moscow", work_week(), &["2026-11-23"]);
        let next = |text| moscow.next_open(at(text)).unwrap();
        assert_eq!(next("2026-11-20T08:00:00Z"), at("2026-11-20T08:00:00Z"));
        // Friday evening: Monday is a holiday.
        assert_eq!(next("2026-11-20T16:00:00Z"), at("2026-11-24T06:00:00Z"));
        assert_eq!(next("2026-11-24T02:00:00Z"), at("2026-11-24T06:00:00Z"));
        let period = |period| moscow.next_period(period, at("2026-11-20T08:30:00Z"));
        assert_eq!(period(CapPeriod::Hour), Some(at("2026-11-20T09:00:00Z")));
        assert_eq!(period(CapPeriod::Day), Some(at("2026-11-20T21:00:00Z")));
        assert_eq!(period(CapPeriod::Week), Some(at("2026-11-22T21:00:00Z")));
        assert_eq!(period(CapPeriod::Month), Some(at("2026-11-30T21:00:00Z")));
        assert_eq!(period(CapPeriod::Total), None);
    }

    proptest! {
        #[test]
        fn a_period_contains_its_instant(
            micros in 1_000_000_000_000_000i64..2_000_000_000_000_000,
            zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Apia"]),
        ) {
            let at = Timestamp::from_micros(micros);
            let zone = schedule(zone, vec![], &[]);
            let starts = zone.starts(at);
            prop_assert!(starts.day <= at && at.since(starts.day) < 26 * crate::time::HOUR);
            prop_assert!(starts.week <= starts.day && starts.month <= starts.day);
            prop_assert_eq!(zone.starts(starts.day).day, starts.day);
        }
    }
}
