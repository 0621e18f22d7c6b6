//! The line of an even spending over one day, hour by hour: what a buyer's day is compared with.

use super::schedule::ZoneSchedule;
use super::terms::{Cap, CapPeriod};
use crate::time::{HOUR, Timestamp};

/// One hour of a day, and where an even spending of the day's cap stands at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinePoint {
    /// Its start.
    pub from: Timestamp,
    /// Its end; the day's end at the latest.
    pub to: Timestamp,
    /// Awards, if a cap of the day counts them.
    pub count: Option<i64>,
    /// Money in minor units, if a cap of the day bounds it.
    pub money: Option<i64>,
}

/// The local day of an instant as hours from its midnight, 23 to 25 of them, with the line of its
/// caps. Offers that spend as leads come have the same line: it shows what even would be.
pub fn day_line(schedule: &ZoneSchedule, caps: &[Cap], at: Timestamp) -> Vec<LinePoint> {
    let (start, end) = schedule.day_at(at);
    let cap = caps.iter().find(|cap| cap.period == CapPeriod::Day);
    let mut points = Vec::with_capacity(25);
    let mut from = start;
    while from < end {
        let to = from.plus(HOUR).min(end);
        let share = schedule.share_at(start, to);
        let line = |most: Option<i64>| most.map(|most| share.line(most));
        points.push(LinePoint {
            from,
            to,
            count: line(cap.and_then(|cap| cap.count)),
            money: line(cap.and_then(|cap| cap.money)),
        });
        from = to;
    }
    points
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::offer::terms::{Schedule, Window};

    fn line(zone: &str, windows: Vec<Window>, at: &str) -> Vec<LinePoint> {
        let schedule = Schedule { time_zone: zone.into(), windows, holidays: Vec::new() };
        let cap = Cap { period: CapPeriod::Day, count: Some(18), money: None };
        let at = Timestamp::parse_rfc3339(at).unwrap();
        day_line(&ZoneSchedule::new(&schedule).unwrap(), &[cap], at)
    }

    #[test]
    fn the_line_rises_in_open_hours_only() {
        let window =
            Window { days: vec![5], from_minute: 540, to_minute: 1_080, count: None, money: None };
        let day = line("Europe/Moscow", vec![window], "2026-11-20T12:34:56Z");
        assert_eq!(day.len(), 24);
        assert_eq!(day[0].from, Timestamp::parse_rfc3339("2026-11-19T21:00:00Z").unwrap());
        let counts: Vec<i64> = day.iter().map(|point| point.count.unwrap()).collect();
        // Nothing until nine, two an hour until eighteen, then all.
        assert_eq!(counts[..10], [0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
        assert_eq!(counts[9..18], [2, 4, 6, 8, 10, 12, 14, 16, 18]);
        assert_eq!(counts[23], 18);
        assert!(day.iter().all(|point| point.money.is_none()));
    }

    #[test]
    fn days_of_daylight_saving_have_23_and_25_hours() {
        assert_eq!(line("Europe/Berlin", vec![], "2026-03-29T10:00:00Z").len(), 23);
        let long = line("Europe/Berlin", vec![], "2026-10-25T10:00:00Z");
        assert_eq!((long.len(), long[24].count), (25, Some(18)));
    }
}
