//! Months of a calendar in a zone.

use chrono::{Duration, MappedLocalTime, Months, NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Tz;

use crate::time::Timestamp;

/// The first instant of a day in a zone. Where clocks skip midnight, the day begins after the gap;
/// where they show it twice, with the first.
pub fn day_start(day: NaiveDate, zone: Tz) -> Timestamp {
    let mut wall = day.and_time(NaiveTime::MIN);
    // The longest gap that a zone ever had is a day.
    for _ in 0..97 {
        match zone.from_local_datetime(&wall) {
            MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => {
                return Timestamp::from_chrono(at.to_utc());
            }
            MappedLocalTime::None => wall += Duration::minutes(15),
        }
    }
    Timestamp::from_chrono(wall.and_utc())
}

/// The instants between which a month lies: its first, and the first of the next one.
pub fn month_bounds(month: NaiveDate, zone: Tz) -> (Timestamp, Timestamp) {
    let next = month.checked_add_months(Months::new(1)).unwrap_or(month);
    (day_start(month, zone), day_start(next, zone))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn months_begin_at_local_midnight() {
        let (from, to) = month_bounds(day(2026, 10, 1), Tz::Europe__Berlin);
        // Summer time ends within the month.
        assert_eq!(from.rfc3339(), "2026-09-30T22:00:00Z");
        assert_eq!(to.rfc3339(), "2026-10-31T23:00:00Z");
        // Clocks in Beirut skip from midnight to one on this day.
        let at = day_start(day(2026, 3, 29), Tz::Asia__Beirut);
        assert_eq!(at.rfc3339(), "2026-03-28T22:00:00Z");
        // Samoa had no 30 December 2011.
        assert_eq!(
            day_start(day(2011, 12, 30), Tz::Pacific__Apia),
            day_start(day(2011, 12, 31), Tz::Pacific__Apia)
        );
    }

    proptest! {
        #[test]
        fn months_neither_overlap_nor_leave_gaps(year in 1990i32..2037, month in 1u32..=12, zone in 0usize..chrono_tz::TZ_VARIANTS.len()) {
            let zone = *chrono_tz::TZ_VARIANTS.get(zone).unwrap();
            let first = day(year, month, 1);
            let next = first.checked_add_months(Months::new(1)).unwrap();
            let (from, to) = month_bounds(first, zone);
            prop_assert!(from < to);
            prop_assert_eq!(to, month_bounds(next, zone).0);
        }
    }
}
