//! Numbers of banks and accounts: IBAN, BIC, and the Russian pair of BIK and account. A value of
//! these types is valid: there is no other way to make one.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

use super::countries;
use super::{ACCOUNT_KEY_INVALID, ACCOUNT_SHAPE_INVALID, BIC_INVALID, BIK_INVALID, IBAN_INVALID};
use crate::error::{Code, Problem};

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The number without spaces, in capitals.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Problem;
            fn try_from(text: String) -> Result<Self, Problem> {
                text.parse().map_err(|code: Code| code.into())
            }
        }

        impl From<$name> for String {
            fn from(number: $name) -> String {
                number.0
            }
        }

        // Account numbers are nothing for logs.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

number! {
    /// An international bank account number (ISO 13616): known country, its length and form, and
    /// check digits that fit.
    Iban
}

number! {
    /// A bank's code (ISO 9362): eight characters, or eleven with a branch.
    Bic
}

number! {
    /// A Russian bank's code: nine digits.
    Bik
}

number! {
    /// A Russian account: twenty digits. Whether its key fits a bank is asked with [`key_fits`].
    RuAccount
}

/// As it is typed: in groups, with dashes, in small letters.
fn plain(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len().min(40));
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() {
            out.push(letter.to_ascii_uppercase());
        } else if !letter.is_whitespace() && letter != '-' {
            return None;
        }
        if out.len() > 40 {
            return None;
        }
    }
    Some(out)
}

/// The remainder by 97 of a text in which letters stand for 10 to 35.
fn mod_97(letters: impl Iterator<Item = char>) -> Option<u32> {
    let mut rest = 0u32;
    for letter in letters {
        let value = letter.to_digit(36)?;
        rest = (rest * if value < 10 { 10 } else { 100 } + value) % 97;
    }
    Some(rest)
}

impl FromStr for Iban {
    type Err = Code;
    fn from_str(text: &str) -> Result<Self, Code> {
        let text = plain(text).ok_or(IBAN_INVALID)?;
        let (Some(code), Some(check), Some(bban)) = (text.get(..2), text.get(2..4), text.get(4..))
        else {
            return Err(IBAN_INVALID);
        };
        let country = countries::find(code).ok_or(IBAN_INVALID)?;
        let digits = check.bytes().all(|byte| byte.is_ascii_digit());
        let turned = bban.chars().chain(code.chars()).chain(check.chars());
        let fits = text.len() == country.length
            && digits
            && countries::fits(bban, country.form)
            && mod_97(turned) == Some(1);
        // 00, 01 and 99 have remainders that are right as well; the standard gives 02 to 98.
        let odd = matches!(check, "00" | "01" | "99");
        if fits && !odd { Ok(Self(text)) } else { Err(IBAN_INVALID) }
    }
}

impl Iban {
    /// The country's code.
    pub fn country(&self) -> &str {
        self.0.get(..2).unwrap_or_default()
    }

    /// Whether SEPA transfers reach it.
    pub fn in_sepa(&self) -> bool {
        countries::find(self.country()).is_some_and(|country| country.sepa)
    }

    /// The IBAN of a country's account, check digits and all; `None` where the form is wrong.
    pub fn of(country: &str, bban: &str) -> Option<Self> {
        let turned = bban.chars().chain(country.chars()).chain("00".chars());
        let check = 98 - mod_97(turned)?;
        format!("{country}{check:02}{bban}").parse().ok()
    }
}

impl FromStr for Bic {
    type Err = Code;
    fn from_str(text: &str) -> Result<Self, Code> {
        let text = plain(text).ok_or(BIC_INVALID)?;
        let form = if text.len() == 8 { "4c2a2c" } else { "4c2a5c" };
        if countries::fits(&text, form) { Ok(Self(text)) } else { Err(BIC_INVALID) }
    }
}

impl FromStr for Bik {
    type Err = Code;
    fn from_str(text: &str) -> Result<Self, Code> {
        let text = plain(text).ok_or(BIK_INVALID)?;
        // The first two digits are the country's number: 04 banks, 01 and 02 the treasury, 00
        // institutions of the Bank of Russia, 03 and 05 are in reserve.
        let known = text.starts_with('0') && countries::fits(&text, "9n");
        if known { Ok(Self(text)) } else { Err(BIK_INVALID) }
    }
}

impl FromStr for RuAccount {
    type Err = Code;
    fn from_str(text: &str) -> Result<Self, Code> {
        let text = plain(text).ok_or(ACCOUNT_SHAPE_INVALID)?;
        if countries::fits(&text, "20n") { Ok(Self(text)) } else { Err(ACCOUNT_SHAPE_INVALID) }
    }
}

/// Whether the account's key, its ninth digit, fits the bank: the digits of the bank's number and
/// of the account, weighed 7, 1, 3, sum up to a multiple of ten.
///
/// A credit institution's number is the last three digits of its BIK; accounts that the Bank of
/// Russia keeps itself (those three are at most 002) take a zero and the fifth and sixth digit.
///
/// # Errors
/// `ACCOUNT_KEY_INVALID`.
pub fn key_fits(bik: &Bik, account: &RuAccount) -> Result<(), Code> {
    let tail = bik.0.get(6..).unwrap_or_default();
    let number = match tail {
        "000" | "001" | "002" => format!("0{}", bik.0.get(4..6).unwrap_or_default()),
        _ => tail.to_owned(),
    };
    let weights = [7u32, 1, 3];
    let sum: u32 = number
        .chars()
        .chain(account.0.chars())
        .zip(weights.iter().cycle())
        .map(|(digit, weight)| digit.to_digit(10).unwrap_or(0) * weight % 10)
        .sum();
    if sum.is_multiple_of(10) { Ok(()) } else { Err(ACCOUNT_KEY_INVALID) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_ibans_are_right_and_typed_in_many_ways() {
        for text in [
            "DE89 3704 0044 0532 0130 00",
            "GB82 WEST 1234 5698 7654 32",
            "fr14 2004 1010 0505 0001 3m02 606",
            "NO93-8601-1117-947",
            "KZ86125KZT5004100100",
            "MT84MALT011000012345MTLCAST001S",
            "SC18SSCB11010000000000001497USD",
        ] {
            let read = text.parse::<Iban>();
            assert!(read.is_ok(), "{text}");
            let iban = read.unwrap();
            assert!(iban.as_str().len() > 14);
            let again = Iban::of(iban.country(), iban.as_str().get(4..).unwrap());
            assert_eq!(again.as_ref(), Some(&iban));
        }
        let german: Iban = "DE89370400440532013000".parse().unwrap();
        assert!(german.in_sepa());
        assert_eq!(format!("{german:?}"), "Iban(…)");
        let kazakh: Iban = "KZ86125KZT5004100100".parse().unwrap();
        assert!(!kazakh.in_sepa());
    }

    #[test]
    fn wrong_ibans_are_refused() {
        for text in [
            "",
            "DE",
            "DE89370400440532013001",
            "DE8937040044053201300",
            "DE893704004405320130000",
            "ZZ89370400440532013000",
            "DE8937040044053201300A",
            "DE89/3704/0044/0532/0130/00",
            "ДЕ89370400440532013000",
            "GB82WEST1234569876543２",
        ] {
            assert_eq!(text.parse::<Iban>(), Err(IBAN_INVALID), "{text}");
        }
    }

    #[test]
    fn bics_have_eight_or_eleven() {
        for text in ["DEUTDEFF", "deutdeff500", "SABRRUMM", "E097AEXX"] {
            assert!(text.parse::<Bic>().is_ok(), "{text}");
        }
        for text in ["DEUTDEF", "DEUTDEFF5", "DEUTDEFF5000", "DEUT1EFF", "DEUTDE.F", ""] {
            assert_eq!(text.parse::<Bic>(), Err(BIC_INVALID), "{text}");
        }
    }

    #[test]
    fn a_russian_account_has_a_key_that_fits_its_bank() {
        let keys = |bik: &str, head: &str, tail: &str| -> Vec<u32> {
            let bik: Bik = bik.parse().unwrap();
            (0..10)
                .filter(|key| {
                    let account = format!("{head}{key}{tail}").parse().unwrap();
                    key_fits(&bik, &account).is_ok()
                })
                .collect()
        };
        // Only one of ten keys fits, and another one at another bank.
        assert_eq!(keys("044525225", "40702810", "00000000001"), [2]);
        assert_eq!(keys("044525225", "40817810", "00000001234"), [0]);
        // At the Bank of Russia itself another number counts: the published account for taxes.
        assert_eq!(keys("044583001", "40101810", "00000010041"), [8]);
        let wrong = "40702810000000000001".parse().unwrap();
        let bik = "044525225".parse().unwrap();
        assert_eq!(key_fits(&bik, &wrong), Err(ACCOUNT_KEY_INVALID));
        assert_eq!("44525225".parse::<Bik>(), Err(BIK_INVALID));
        assert_eq!("144525225".parse::<Bik>(), Err(BIK_INVALID));
        assert_eq!("4070281090000000000".parse::<RuAccount>(), Err(ACCOUNT_SHAPE_INVALID));
        assert_eq!("4070281090000000000A".parse::<RuAccount>(), Err(ACCOUNT_SHAPE_INVALID));
    }

    proptest! {
        #[test]
        fn no_text_is_a_fault(text in ".{0,60}") {
            let _ = text.parse::<Iban>();
            let _ = text.parse::<Bic>();
            let _ = text.parse::<Bik>();
            let _ = text.parse::<RuAccount>();
        }

        #[test]
        fn one_wrong_digit_is_always_noticed(digits in "[0-9]{18}", at in 0usize..18, by in 1u8..10) {
            let right = Iban::of("DE", &digits).unwrap();
            let mut wrong = right.as_str().as_bytes().to_vec();
            if let Some(byte) = wrong.get_mut(4 + at) {
                *byte = b'0' + (*byte - b'0' + by) % 10;
            }
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assert_eq!(wrong.parse::<Iban>(), Err(IBAN_INVALID));
        }
    }
}
