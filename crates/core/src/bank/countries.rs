//! Which countries have IBANs, and how they look: code, length, the form of what follows the check
//! digits, and whether the country takes SEPA transfers. Facts of the public IBAN registry.
//!
//! A form is a row of counted classes: `n` digits, `a` capital letters, `c` either.

/// One country's IBANs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Country {
    pub(super) code: &'static str,
    pub(super) length: usize,
    pub(super) form: &'static str,
    pub(super) sepa: bool,
}

const fn sepa(code: &'static str, length: usize, form: &'static str) -> Country {
    Country { code, length, form, sepa: true }
}

const fn other(code: &'static str, length: usize, form: &'static str) -> Country {
    Country { code, length, form, sepa: false }
}

/// By code.
pub(super) const COUNTRIES: &[Country] = &[
    sepa("AD", 24, "8n12c"),
    other("AE", 23, "19n"),
    sepa("AL", 28, "8n16c"),
    sepa("AT", 20, "16n"),
    other("AZ", 28, "4a20c"),
    other("BA", 20, "16n"),
    sepa("BE", 16, "12n"),
    sepa("BG", 22, "4a6n8c"),
    other("BH", 22, "4a14c"),
    other("BI", 27, "23n"),
    other("BR", 29, "23n1a1c"),
    other("BY", 28, "4c4n16c"),
    sepa("CH", 21, "5n12c"),
    other("CR", 22, "18n"),
    sepa("CY", 28, "8n16c"),
    sepa("CZ", 24, "20n"),
    sepa("DE", 22, "18n"),
    other("DJ", 27, "23n"),
    sepa("DK", 18, "14n"),
    other("DO", 28, "4c20n"),
    sepa("EE", 20, "16n"),
    other("EG", 29, "25n"),
    sepa("ES", 24, "20n"),
    sepa("FI", 18, "14n"),
    other("FK", 18, "2a12n"),
    other("FO", 18, "14n"),
    sepa("FR", 27, "10n11c2n"),
    sepa("GB", 22, "4a14n"),
    other("GE", 22, "2a16n"),
    sepa("GI", 23, "4a15c"),
    other("GL", 18, "14n"),
    sepa("GR", 27, "7n16c"),
    other("GT", 28, "24c"),
    other("HN", 28, "4a20n"),
    sepa("HR", 21, "17n"),
    sepa("HU", 28, "24n"),
    sepa("IE", 22, "4a14n"),
    other("IL", 23, "19n"),
    other("IQ", 23, "4a15n"),
    sepa("IS", 26, "22n"),
    sepa("IT", 27, "1a10n12c"),
    other("JO", 30, "4a4n18c"),
    other("KW", 30, "4a22c"),
    other("KZ", 20, "3n13c"),
    other("LB", 28, "4n20c"),
    other("LC", 32, "4a24c"),
    sepa("LI", 21, "5n12c"),
    sepa("LT", 20, "16n"),
    sepa("LU", 20, "3n13c"),
    sepa("LV", 21, "4a13c"),
    other("LY", 25, "21n"),
    sepa("MC", 27, "10n11c2n"),
    sepa("MD", 24, "20c"),
    sepa("ME", 22, "18n"),
    sepa("MK", 19, "3n10c2n"),
    other("MN", 20, "16n"),
    other("MR", 27, "23n"),
    sepa("MT", 31, "4a5n18c"),
    other("MU", 30, "4a19n3a"),
    other("NI", 28, "4a20n"),
    sepa("NL", 18, "4a10n"),
    sepa("NO", 15, "11n"),
    other("OM", 23, "3n16c"),
    other("PK", 24, "4a16c"),
    sepa("PL", 28, "24n"),
    other("PS", 29, "4a21c"),
    sepa("PT", 25, "21n"),
    other("QA", 29, "4a21c"),
    sepa("RO", 24, "4a16c"),
    other("RS", 22, "18n"),
    other("RU", 33, "14n15c"),
    other("SA", 24, "2n18c"),
    other("SC", 31, "4a20n3a"),
    other("SD", 18, "14n"),
    sepa("SE", 24, "20n"),
    sepa("SI", 19, "15n"),
    sepa("SK", 24, "20n"),
    sepa("SM", 27, "1a10n12c"),
    other("SO", 23, "19n"),
    other("ST", 25, "21n"),
    other("SV", 28, "4a20n"),
    other("TL", 23, "19n"),
    other("TN", 24, "20n"),
    other("TR", 26, "6n16c"),
    other("UA", 29, "6n19c"),
    sepa("VA", 22, "18n"),
    other("VG", 24, "4a16n"),
    other("XK", 20, "16n"),
    other("YE", 30, "4a4n18c"),
];

/// The country of a code.
pub(super) fn find(code: &str) -> Option<&'static Country> {
    COUNTRIES.iter().find(|country| country.code == code)
}

/// Whether a text has a form.
pub(super) fn fits(text: &str, form: &str) -> bool {
    let mut rest = text.chars();
    let mut count = 0usize;
    for letter in form.chars() {
        if let Some(digit) = letter.to_digit(10) {
            count = count * 10 + usize::try_from(digit).unwrap_or(0);
            continue;
        }
        for _ in 0..count {
            let fine = match (rest.next(), letter) {
                (Some(found), 'n') => found.is_ascii_digit(),
                (Some(found), 'a') => found.is_ascii_uppercase(),
                (Some(found), _) => found.is_ascii_digit() || found.is_ascii_uppercase(),
                (None, _) => false,
            };
            if !fine {
                return false;
            }
        }
        count = 0;
    }
    rest.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_as_long_as_its_country_says() {
        for country in COUNTRIES {
            let counted: usize = country
                .form
                .split(|letter: char| letter.is_ascii_lowercase())
                .filter_map(|count| count.parse::<usize>().ok())
                .sum();
            assert_eq!(counted + 4, country.length, "{}", country.code);
        }
        assert!(COUNTRIES.is_sorted_by_key(|country| country.code));
        assert!(fits("AB12", "2a2n") && !fits("AB1", "2a2n") && !fits("AB123", "2a2n"));
        assert!(fits("A1", "2c") && !fits("a1", "2c") && !fits("1A", "2n"));
    }
}
