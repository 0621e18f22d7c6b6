//! When an offer buys and when its cap periods begin, in the offer's own time zone.

use chrono::{
    DateTime, Datelike, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta,
    TimeZone, Timelike,
};
use chrono_tz::Tz;
use std::collections::HashSet;

use super::schedule_check;
use super::terms::{Schedule, Window};
use crate::error::Problem;
use crate::time::Timestamp;

/// The instants at which the current day, week and month began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodStarts {
    /// Local midnight.
    pub day: Timestamp,
    /// Midnight of Monday.
    pub week: Timestamp,
    /// Midnight of the first.
    pub month: Timestamp,
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
        if self.windows.is_empty() {
            return true;
        }
        let day = local.weekday().number_from_monday();
        let minute = local.hour() * 60 + local.minute();
        self.windows.iter().any(|window| {
            window.days.iter().any(|d| u32::from(*d) == day)
                && (u32::from(window.from_minute)..u32::from(window.to_minute)).contains(&minute)
        })
    }

    /// When the day, the ISO week and the month of this instant began.
    pub fn starts(&self, at: Timestamp) -> PeriodStarts {
        let today = self.local(at).date_naive();
        let back = u64::from(today.weekday().num_days_from_monday());
        let monday = today.checked_sub_days(Days::new(back)).unwrap_or(today);
        let first = today.with_day(1).unwrap_or(today);
        PeriodStarts {
            day: self.midnight(today),
            week: self.midnight(monday),
            month: self.midnight(first),
        }
    }

    /// The first instant of a local day. Where daylight saving skips midnight, the day begins
    /// later; where it repeats midnight, at the first one.
    fn midnight(&self, date: NaiveDate) -> Timestamp {
        let mut wall: NaiveDateTime = date.and_time(NaiveTime::MIN);
        for _ in 0..48 {
            match self.zone.from_local_datetime(&wall) {
                LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => {
                    return Timestamp::from_chrono(at.to_utc());
                }
                LocalResult::None => wall += TimeDelta::minutes(30),
            }
        }
        Timestamp::from_chrono(date.and_time(NaiveTime::MIN).and_utc())
    }
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

    fn work_week() -> Vec<Window> {
        vec![Window { days: vec![1, 2, 3, 4, 5], from_minute: 540, to_minute: 1_080 }]
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
