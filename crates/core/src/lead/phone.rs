//! Telephone numbers, by Google's metadata.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType, Region};

/// A valid telephone number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// `+79161234567`.
    pub e164: String,
    /// ISO country, where the number tells it.
    pub region: Option<String>,
    /// Whether the line type is one that private persons rarely have.
    pub unusual: bool,
}

/// The longest text that can be a number.
const MAX_LEN: usize = 64;

/// Reads a number in any usual spelling. `default_region` (ISO 3166-1 alpha-2) is taken for
/// numbers without a country code. `None` if the number is not valid.
pub fn parse(text: &str, default_region: &str) -> Option<Phone> {
    if text.len() > MAX_LEN {
        return None;
    }
    let region = Region::from_code(default_region).ok();
    let number = PHONE_NUMBER_UTIL.parse(text, region).ok()?;
    if !PHONE_NUMBER_UTIL.is_valid_number(&number) {
        return None;
    }
    let unusual = matches!(
        PHONE_NUMBER_UTIL.get_number_type(&number),
        PhoneNumberType::TollFree
            | PhoneNumberType::PremiumRate
            | PhoneNumberType::SharedCost
            | PhoneNumberType::VoIP
            | PhoneNumberType::Pager
            | PhoneNumberType::UAN
            | PhoneNumberType::VoiceMail
    );
    Some(Phone {
        e164: PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned(),
        region: PHONE_NUMBER_UTIL
            .get_region_for_number(&number)
            .map(|region| region.as_region_str().to_string()),
        unusual,
    })
}

/// Loads the metadata and compiles the patterns of a region, so that the first lead is not slow.
pub fn warm_up(region: &str) {
    for sample in ["+79161234567", "+12025550143", "+4915112345678", "9161234567"] {
        let _ = parse(sample, region);
    }
}

/// The number with all but its country code's start and last two digits hidden: `+7•••••••••67`.
pub fn mask(e164: &str) -> String {
    let digits: Vec<char> = e164.chars().collect();
    let shown = digits.len().saturating_sub(2);
    digits.iter().enumerate().map(|(i, c)| if i < 2 || i >= shown { *c } else { '•' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_number_are_one_number() {
        let want = Some("+79161234567".to_owned());
        for text in ["8 (916) 123-45-67", "+7 916 123 45 67", "9161234567", "tel:+7-916-123-45-67"]
        {
            assert_eq!(parse(text, "RU").map(|p| p.e164), want, "{text}");
        }
        assert_eq!(parse("123", "RU"), None);
        assert_eq!(parse("", "RU"), None);
        assert_eq!(parse(&"9".repeat(100), "RU"), None);
        assert_eq!(parse("+44 20 7946 0958", "RU").map(|p| p.e164), Some("+442079460958".into()));
    }

    #[test]
    fn a_masked_number_keeps_two_digits_at_the_end() {
        assert_eq!(mask("+79161234567"), "+7••••••••67");
        assert_eq!(mask("+7"), "+7");
    }
}
