//! Money: integer minor units with a currency, and integer basis points. No floats anywhere.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An ISO 4217 alphabetic currency code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

/// The text is not an active ISO 4217 code that the exchange knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an ISO 4217 currency code")]
pub struct BadCurrency;

/// Codes whose minor unit is not 1/100, with their exponent (ISO 4217, table A.1).
const EXPONENTS: &[(&[u8; 3], u32)] = &[
    (b"BHD", 3),
    (b"BIF", 0),
    (b"CLF", 4),
    (b"CLP", 0),
    (b"DJF", 0),
    (b"GNF", 0),
    (b"IQD", 3),
    (b"ISK", 0),
    (b"JOD", 3),
    (b"JPY", 0),
    (b"KMF", 0),
    (b"KRW", 0),
    (b"KWD", 3),
    (b"LYD", 3),
    (b"OMR", 3),
    (b"PYG", 0),
    (b"RWF", 0),
    (b"TND", 3),
    (b"UGX", 0),
    (b"UYI", 0),
    (b"UYW", 4),
    (b"VND", 0),
    (b"VUV", 0),
    (b"XAF", 0),
    (b"XOF", 0),
    (b"XPF", 0),
];

impl Currency {
    /// Russian rouble.
    pub const RUB: Currency = Currency(*b"RUB");
    /// US dollar.
    pub const USD: Currency = Currency(*b"USD");
    /// Euro.
    pub const EUR: Currency = Currency(*b"EUR");

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimal digits the minor unit has: 2 for RUB, 0 for JPY, 3 for KWD.
    pub fn exponent(&self) -> u32 {
        EXPONENTS.iter().find(|(code, _)| **code == self.0).map_or(2, |(_, digits)| *digits)
    }
}

impl FromStr for Currency {
    type Err = BadCurrency;
    fn from_str(text: &str) -> Result<Self, BadCurrency> {
        let bytes: [u8; 3] = text.as_bytes().try_into().map_err(|_| BadCurrency)?;
        if bytes.iter().all(u8::is_ascii_uppercase) { Ok(Self(bytes)) } else { Err(BadCurrency) }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A sum of money: minor units of one currency. There is no `+`: sums are checked by name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units (kopecks, cents); negative where a balance can be.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// A sum of `minor` units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Adds a sum of the same currency; `None` on overflow or another currency.
    pub fn checked_add(self, other: Money) -> Option<Money> {
        if self.currency != other.currency {
            return None;
        }
        self.minor.checked_add(other.minor).map(|minor| Money { minor, ..self })
    }

    /// Reads a sum in major units, like `12.50`, `12,5` or `100`: digits, and after a point or a
    /// comma at most as many as the currency has. `None` for anything else, a sign included.
    pub fn parse_decimal(text: &str, currency: Currency) -> Option<Self> {
        let text = text.trim();
        let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
        let digits = usize::try_from(currency.exponent()).ok()?;
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !plain(whole) || !plain(part) || part.len() > digits {
            return None;
        }
        if part.is_empty() && text.len() > whole.len() {
            return None;
        }
        let minor = format!("{whole}{part:0<digits$}").parse().ok()?;
        Some(Self { minor, currency })
    }

    /// The sum in major units for people and bank files: `12.50`, `100`, `1.234`.
    pub fn decimal(&self) -> String {
        let digits = usize::try_from(self.currency.exponent()).unwrap_or(2);
        let sign = if self.minor < 0 { "-" } else { "" };
        let magnitude = self.minor.unsigned_abs();
        if digits == 0 {
            return format!("{sign}{magnitude}");
        }
        let scale = 10u64.pow(self.currency.exponent());
        format!("{sign}{}.{:0digits$}", magnitude / scale, magnitude % scale)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Basis points: 1/100 of a percent; 10 000 is the whole.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Bps(pub u32);

impl Bps {
    /// The whole: 100 %.
    pub const WHOLE: Bps = Bps(10_000);

    /// `amount × bps / 10 000`, rounded half to even; exact and free of overflow for every `i64`
    /// when the rate is at most the whole. Larger rates saturate.
    pub fn of_half_even(self, amount: i64) -> i64 {
        div_half_even(i128::from(amount) * i128::from(self.0), 10_000)
    }
}

/// `dividend / divisor`, rounded half to even; saturates. The divisor has to be positive and less
/// than half of the largest `i128`; nothing divided by anything else is zero.
pub(crate) fn div_half_even(dividend: i128, divisor: i128) -> i64 {
    let (Some(quotient), Some(rest)) =
        (dividend.checked_div_euclid(divisor), dividend.checked_rem_euclid(divisor))
    else {
        return 0;
    };
    let twice = rest * 2;
    let up = twice > divisor || (twice == divisor && quotient.rem_euclid(2) == 1);
    let rounded = quotient + i128::from(up);
    i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_even_rounds_ties_to_the_even_neighbour() {
        assert_eq!(Bps(5_000).of_half_even(1), 0);
        assert_eq!(Bps(5_000).of_half_even(3), 2);
        assert_eq!(Bps(5_000).of_half_even(5), 2);
        assert_eq!(Bps(5_000).of_half_even(-1), 0);
        assert_eq!(Bps(5_000).of_half_even(-3), -2);
        assert_eq!(Bps(1_500).of_half_even(1_250), 188);
        assert_eq!(Bps::WHOLE.of_half_even(i64::MAX), i64::MAX);
    }

    #[test]
    fn decimals_follow_the_exponent() {
        assert_eq!(Money::new(1_250, Currency::RUB).to_string(), "12.50 RUB");
        assert_eq!(Money::new(-5, Currency::USD).decimal(), "-0.05");
        assert_eq!("JPY".parse().map(|c| Money::new(100, c).decimal()), Ok("100".to_owned()));
        assert_eq!("KWD".parse().map(|c| Money::new(1_234, c).decimal()), Ok("1.234".to_owned()));
        assert_eq!("rub".parse::<Currency>(), Err(BadCurrency));
    }

    #[test]
    fn decimals_read_back() {
        let read = |text, currency| Money::parse_decimal(text, currency).map(|sum| sum.minor);
        let rub = Currency::RUB;
        assert_eq!(
            [" 12.50", "12,5", "100", "0.05", "007"].map(|text| read(text, rub)),
            [Some(1_250), Some(1_250), Some(10_000), Some(5), Some(700)]
        );
        let wrong = ["", ".", "12.", ".5", "1.234", "-1", "+1", "1e3", "1 000", "1.2.3", "x"];
        assert!(wrong.iter().all(|text| read(text, rub).is_none()));
        assert_eq!(read("99999999999999999999", rub), None);
        assert_eq!("JPY".parse().map(|yen| read("100", yen)), Ok(Some(100)));
        assert_eq!("JPY".parse().map(|yen| read("100.0", yen)), Ok(None));
        for minor in [0, 5, 1_250, i64::MAX] {
            let text = Money::new(minor, rub).decimal();
            assert_eq!(Money::parse_decimal(&text, rub), Some(Money::new(minor, rub)));
        }
    }
}
