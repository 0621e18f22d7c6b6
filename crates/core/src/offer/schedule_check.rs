//! Whether a schedule makes sense: a real time zone, real days, windows that do not overlap.

use chrono::NaiveDate;
use std::collections::HashSet;

use super::terms::{Schedule, Window};
use crate::error::Problem;

crate::codes! {
    SCHEDULE_TIME_ZONE: Invalid = "That is not an IANA time zone, like Europe/Moscow.";
    SCHEDULE_WINDOW: Invalid = "A window is on days 1-7, from a minute of the day to a later one.";
    SCHEDULE_OVERLAP: Invalid = "Two windows overlap on the same day.";
    SCHEDULE_HOLIDAY: Invalid = "A holiday is a day like 2027-01-01, named once.";
    SCHEDULE_TOO_LONG: Invalid = "There are too many windows or holidays.";
}

/// Most weekly windows.
pub const MAX_WINDOWS: usize = 50;
/// Most holidays.
pub const MAX_HOLIDAYS: usize = 400;
/// Minutes of a day; a window may end there.
pub const DAY_MINUTES: u16 = 1_440;

/// Every way in which the schedule is wrong; `path` names it in the input.
pub fn schedule(schedule: &Schedule, path: &str) -> Vec<Problem> {
    let mut found = Vec::new();
    if schedule.time_zone.parse::<chrono_tz::Tz>().is_err() {
        found.push(Problem::new(SCHEDULE_TIME_ZONE).field(format!("{path}.timeZone")));
    }
    if schedule.windows.len() > MAX_WINDOWS {
        found.push(Problem::new(SCHEDULE_TOO_LONG).field(format!("{path}.windows")));
    }
    if schedule.holidays.len() > MAX_HOLIDAYS {
        found.push(Problem::new(SCHEDULE_TOO_LONG).field(format!("{path}.holidays")));
    }
    let mut taken: Vec<(u8, u16, u16)> = Vec::new();
    for (index, window) in schedule.windows.iter().enumerate() {
        let at = format!("{path}.windows[{index}]");
        if !is_window(window) {
            found.push(Problem::new(SCHEDULE_WINDOW).field(at));
            continue;
        }
        let overlaps = window.days.iter().any(|day| {
            taken.iter().any(|(other, from, to)| {
                other == day && window.from_minute < *to && *from < window.to_minute
            })
        });
        if overlaps {
            found.push(Problem::new(SCHEDULE_OVERLAP).field(at));
        }
        taken.extend(window.days.iter().map(|day| (*day, window.from_minute, window.to_minute)));
    }
    let mut days = HashSet::new();
    for (index, holiday) in schedule.holidays.iter().enumerate() {
        let day = NaiveDate::parse_from_str(holiday, "%Y-%m-%d").ok();
        let exact = day.is_some_and(|day| day.format("%Y-%m-%d").to_string() == *holiday);
        if !exact || !days.insert(day) {
            found.push(Problem::new(SCHEDULE_HOLIDAY).field(format!("{path}.holidays[{index}]")));
        }
    }
    found
}

fn is_window(window: &Window) -> bool {
    let days: HashSet<u8> = window.days.iter().copied().collect();
    !days.is_empty()
        && days.len() == window.days.len()
        && days.iter().all(|day| (1..=7).contains(day))
        && window.from_minute < window.to_minute
        && window.to_minute <= DAY_MINUTES
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn window(days: &[u8], from_minute: u16, to_minute: u16) -> Window {
        Window { days: days.to_vec(), from_minute, to_minute, count: None, money: None }
    }

    fn codes(windows: Vec<Window>, holidays: &[&str]) -> Vec<&'static str> {
        let value = Schedule {
            time_zone: "Asia/Vladivostok".to_owned(),
            windows,
            holidays: holidays.iter().map(|day| (*day).to_owned()).collect(),
        };
        schedule(&value, "s").iter().map(|problem| problem.code.name).collect()
    }

    #[test]
    fn good_schedules_pass() {
        assert!(codes(vec![], &[]).is_empty());
        let touching = vec![window(&[1, 2], 0, 720), window(&[2, 3], 720, DAY_MINUTES)];
        assert!(codes(touching, &["2028-02-29", "2027-01-01"]).is_empty());
    }

    #[test]
    fn windows_and_holidays_are_checked() {
        for bad in [
            window(&[], 0, 10),
            window(&[0], 0, 10),
            window(&[8], 0, 10),
            window(&[1, 1], 0, 10),
            window(&[1], 10, 10),
            window(&[1], 0, 1_441),
        ] {
            assert_eq!(codes(vec![bad], &[]), ["SCHEDULE_WINDOW"]);
        }
        let overlapping = vec![window(&[1, 2], 0, 60), window(&[2], 59, 100)];
        assert_eq!(codes(overlapping, &[]), ["SCHEDULE_OVERLAP"]);
        assert_eq!(codes(vec![], &["2027-02-29"]), ["SCHEDULE_HOLIDAY"]);
        assert_eq!(codes(vec![], &["2027-1-1"]), ["SCHEDULE_HOLIDAY"]);
        assert_eq!(codes(vec![], &["2027-01-01", "2027-01-01"]), ["SCHEDULE_HOLIDAY"]);
        assert_eq!(codes(vec![window(&[1], 0, 1); 51], &[])[0], "SCHEDULE_TOO_LONG");
    }
}
