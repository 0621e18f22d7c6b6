//! Between ISO 4217's minor units and the provider's.
//!
//! They are the same but for a few currencies (Stripe, "Supported currencies"): ISK and UGX have no
//! minor unit in ISO and are sent with two digits that have to be zero; MGA has two in ISO and is
//! sent without; currencies with three digits are sent with a last digit of zero. What can't be
//! sent exactly is refused, never rounded.

use super::CURRENCY_NOT_PAYABLE;
use crate::error::Problem;
use crate::money::{Currency, Money};

/// Currencies with a minor unit in ISO that are sent in whole units.
const SENT_WHOLE: &[&str] = &["MGA"];
/// Currencies without a minor unit in ISO that are sent in hundredths.
const SENT_IN_HUNDREDTHS: &[&str] = &["ISK", "UGX"];
/// More digits than this the provider does not take.
const MOST: i64 = 99_999_999;

/// The amount as the provider wants it.
///
/// # Errors
/// `CURRENCY_NOT_PAYABLE` when it can't be said exactly, or is too large.
pub fn to_provider(sum: Money) -> Result<i64, Problem> {
    let code = sum.currency.code();
    let sent = if SENT_IN_HUNDREDTHS.contains(&code) {
        sum.minor.checked_mul(100)
    } else if SENT_WHOLE.contains(&code) {
        (sum.minor % 100 == 0).then_some(sum.minor / 100)
    } else {
        match sum.currency.exponent() {
            0 | 2 => Some(sum.minor),
            3 => (sum.minor % 10 == 0).then_some(sum.minor),
            _ => None,
        }
    };
    let sent = sent.filter(|sent| (0..=MOST).contains(sent));
    sent.ok_or_else(|| Problem::new(CURRENCY_NOT_PAYABLE).field("amount"))
}

/// What the provider's amount is in ISO's minor units; `None` when it is no whole number of them.
pub fn from_provider(sent: i64, currency: Currency) -> Option<Money> {
    let code = currency.code();
    let minor = if SENT_IN_HUNDREDTHS.contains(&code) {
        (sent % 100 == 0).then_some(sent / 100)?
    } else if SENT_WHOLE.contains(&code) {
        sent.checked_mul(100)?
    } else {
        sent
    };
    Some(Money::new(minor, currency))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sum(minor: i64, code: &str) -> Money {
        Money::new(minor, code.parse().unwrap())
    }

    #[test]
    fn minor_units_are_isos_but_for_the_known_few() {
        let cases = [
            (1_250, "RUB", Some(1_250)),
            (1_250, "USD", Some(1_250)),
            (500, "JPY", Some(500)),
            (500, "KRW", Some(500)),
            (5, "ISK", Some(500)),
            (7, "UGX", Some(700)),
            (500, "MGA", Some(5)),
            (550, "MGA", None),
            (5_120, "KWD", Some(5_120)),
            (5_124, "KWD", None),
            (1_000, "CLF", None),
            (99_999_999, "RUB", Some(99_999_999)),
            (100_000_000, "RUB", None),
            (-1, "RUB", None),
        ];
        for (minor, code, sent) in cases {
            let there = to_provider(sum(minor, code));
            assert_eq!(there.as_ref().ok(), sent.as_ref(), "{minor} {code}");
            if let Ok(sent) = there {
                assert_eq!(from_provider(sent, sum(minor, code).currency), Some(sum(minor, code)));
            }
        }
        assert_eq!(from_provider(550, "ISK".parse().unwrap()), None);
    }
}
