//! Conversion between currencies at a rate that an operator names.

use std::fmt;
use std::str::FromStr;

use crate::error::Problem;
use crate::money::{Currency, div_half_even};

crate::codes! {
    FX_RATE: Invalid = "The rate is a number greater than zero with at most 12 digits after the point, like 0.01085.";
    FX_SAME_CURRENCY: Invalid = "Money is converted into another currency.";
    FX_NOTHING: Invalid = "At this rate the sum is worth nothing, or too much, in the other currency.";
}

/// The most digits after the point.
const DIGITS: usize = 12;

/// How many major units of the bought currency one major unit of the sold one brings: exact, a
/// whole number over a power of ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    digits: u64,
    /// Digits after the point.
    scale: u32,
}

impl Rate {
    /// What a sum is worth: `sum × rate`, in minor units of `to`, rounded half to even.
    ///
    /// # Errors
    /// `FX_SAME_CURRENCY`; `FX_NOTHING` if nothing is left or the sum does not fit.
    pub fn convert(self, minor: i64, from: Currency, to: Currency) -> Result<i64, Problem> {
        if from == to {
            return Err(Problem::new(FX_SAME_CURRENCY).field("to"));
        }
        let nothing = || Problem::new(FX_NOTHING).field("rate");
        let up = 10i128.checked_pow(to.exponent()).ok_or_else(nothing)?;
        let down = 10i128.checked_pow(from.exponent() + self.scale).ok_or_else(nothing)?;
        let product = i128::from(minor).checked_mul(i128::from(self.digits));
        let product = product.and_then(|product| product.checked_mul(up)).ok_or_else(nothing)?;
        let worth = div_half_even(product, down);
        if worth <= 0 || worth == i64::MAX { Err(nothing()) } else { Ok(worth) }
    }
}

impl FromStr for Rate {
    type Err = Problem;

    /// Reads digits with a point or a comma.
    fn from_str(text: &str) -> Result<Self, Problem> {
        let bad = || Problem::new(FX_RATE).field("rate");
        let text = text.trim();
        let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let bare = part.is_empty() && text.len() > whole.len();
        if whole.is_empty() || bare || part.len() > DIGITS || !plain(whole) || !plain(part) {
            return Err(bad());
        }
        let digits: u64 = format!("{whole}{part}").parse().map_err(|_| bad())?;
        let scale = u32::try_from(part.len()).map_err(|_| bad())?;
        if digits == 0 { Err(bad()) } else { Ok(Self { digits, scale }) }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = 10u64.pow(self.scale);
        if self.scale == 0 {
            return write!(f, "{}", self.digits);
        }
        let width = usize::try_from(self.scale).unwrap_or(0);
        write!(f, "{}.{:0width$}", self.digits / one, self.digits % one)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn rates_convert_between_currencies_of_any_exponent() {
        let of = |rate: &str, minor, from: &str, to: &str| {
            rate.parse::<Rate>().unwrap().convert(minor, currency(from), currency(to))
        };
        // 1,000.00 RUB at 0.01085 are 10.85 USD.
        assert_eq!(of("0.01085", 100_000, "RUB", "USD").unwrap(), 1_085);
        // Half to even: 0.5 cents of 2 and of 6 kopecks at a quarter.
        assert_eq!(of("0,25", 2, "RUB", "USD").unwrap_err().code, FX_NOTHING);
        assert_eq!(of("0.25", 6, "RUB", "USD").unwrap(), 2);
        // 10.00 USD are 1,500 JPY, which have no smaller unit; and back.
        assert_eq!(of("150", 1_000, "USD", "JPY").unwrap(), 1_500);
        assert_eq!(of("0.0066", 1_500, "JPY", "USD").unwrap(), 990);
        // Three digits: 10.00 USD are 3.070 KWD.
        assert_eq!(of("0.307", 1_000, "USD", "KWD").unwrap(), 3_070);
        assert_eq!(of("475.5", 1_000, "USD", "KZT").unwrap(), 475_500);
        assert_eq!(of("1", 5, "RUB", "RUB").unwrap_err().code, FX_SAME_CURRENCY);
        assert_eq!(of("99999999", i64::MAX, "RUB", "USD").unwrap_err().code, FX_NOTHING);
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in ["", "0", "0.0", "-1", "1.", ".5", "1e3", "1.0000000000001", "1 000", "NaN"] {
            assert_eq!(text.parse::<Rate>().unwrap_err().code, FX_RATE, "{text}");
        }
        assert!("99999999999999999999999".parse::<Rate>().is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_prints_as_it_reads(text in "[0-9]{1,6}([.][0-9]{1,12})?") {
            if let Ok(rate) = text.parse::<Rate>() {
                prop_assert_eq!(rate.to_string().parse::<Rate>().unwrap(), rate);
            }
        }

        #[test]
        fn more_money_is_never_worth_less(a in 1i64..1_000_000_000, b in 1i64..1_000_000_000, rate in 1u64..1_000_000) {
            let rate = Rate { digits: rate, scale: 4 };
            let worth = |minor| rate.convert(minor, Currency::RUB, Currency::USD).unwrap_or(0);
            prop_assert!(worth(a.max(b)) >= worth(a.min(b)));
        }
    }
}
