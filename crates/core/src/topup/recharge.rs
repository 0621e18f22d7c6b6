//! Auto-recharge: when a saved card is charged because the wallet runs low.

use chrono::{Datelike, NaiveTime, TimeZone};
use chrono_tz::Tz;

use crate::time::{DAY, HOUR, Timestamp};

/// What the buyer wants, minor units of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Under this the card is charged.
    pub threshold: i64,
    /// With so much.
    pub amount: i64,
    /// At most so much in a calendar month.
    pub monthly_max: i64,
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recharge {
    /// Nothing.
    Rest,
    /// Charge so much.
    Charge(i64),
    /// The wallet is low, but the month's maximum would be passed.
    Spent,
}

crate::text_enum! {
    /// Why auto-recharge does not charge now.
    pub enum RechargeStop {
        /// The month's maximum is reached.
        MonthlyMax = "MONTHLY_MAX",
        /// The card was declined; it is tried again later.
        Declined = "DECLINED",
        /// It was declined too often: the buyer has to look at it.
        GivenUp = "GIVEN_UP",
        /// The card was removed.
        NoCard = "NO_CARD",
        /// A payment of the buyer's was disputed.
        Chargeback = "CHARGEBACK",
    }
}

/// Decides from what is free now and what this month's charges are, waiting ones included. A
/// charge that waits for its answer is the only one: the wallet is not low twice.
pub fn recharge(settings: Settings, available: i64, this_month: i64, waiting: bool) -> Recharge {
    if waiting || available >= settings.threshold {
        return Recharge::Rest;
    }
    if this_month.saturating_add(settings.amount) > settings.monthly_max {
        return Recharge::Spent;
    }
    Recharge::Charge(settings.amount)
}

/// When the calendar month of an instant began in a time zone; in UTC where the zone is unknown.
pub fn month_start(now: Timestamp, zone: &str) -> Timestamp {
    let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
    let today = now.to_chrono().with_timezone(&zone).date_naive();
    let first = today.with_day(1).unwrap_or(today).and_time(NaiveTime::MIN);
    // A midnight that daylight saving skips begins an hour later.
    let begins = zone
        .from_local_datetime(&first)
        .earliest()
        .or_else(|| zone.from_local_datetime(&(first + chrono::TimeDelta::hours(1))).earliest());
    begins.map_or(now, |begins| Timestamp::from_micros(begins.timestamp_micros()))
}

/// When a card that was declined so many times in a row is tried again; `None`: not by itself.
pub fn after_decline(failures: i32, now: Timestamp) -> Option<Timestamp> {
    match failures {
        ..=1 => Some(now.plus(HOUR)),
        2 => Some(now.plus(6 * HOUR)),
        3 => Some(now.plus(DAY)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_low_wallet_is_charged_within_the_month() {
        let settings = Settings { threshold: 1_000, amount: 5_000, monthly_max: 12_000 };
        assert_eq!(recharge(settings, 1_000, 0, false), Recharge::Rest);
        assert_eq!(recharge(settings, 999, 0, false), Recharge::Charge(5_000));
        assert_eq!(recharge(settings, 999, 0, true), Recharge::Rest);
        assert_eq!(recharge(settings, 999, 7_000, false), Recharge::Charge(5_000));
        assert_eq!(recharge(settings, 999, 7_001, false), Recharge::Spent);
        assert_eq!(recharge(settings, 0, i64::MAX, false), Recharge::Spent);
    }

    #[test]
    fn a_month_begins_where_the_buyer_is() {
        let at = |text: &str| Timestamp::parse_rfc3339(text);
        let now = at("2026-03-31T22:30:00Z");
        let begins = |zone| now.map(|now| month_start(now, zone));
        assert_eq!(begins("UTC"), at("2026-03-01T00:00:00Z"));
        assert_eq!(begins("Europe/Moscow"), at("2026-03-31T21:00:00Z"));
        assert_eq!(begins("Nowhere/Else"), at("2026-03-01T00:00:00Z"));
    }

    #[test]
    fn a_declined_card_is_tried_ever_later_and_then_left_alone() {
        let now = Timestamp::from_micros(0);
        let wait = |failures| after_decline(failures, now).map(|at| at.micros() / HOUR);
        assert_eq!([1, 2, 3, 4, 9].map(wait), [Some(1), Some(6), Some(24), None, None]);
    }
}
