//! Checks of what people type when they sign up: names, e-mail, password, time zone, addresses.

use crate::error::{BAD_INPUT, OUT_OF_RANGE, Problem, REQUIRED, TOO_LONG};
use crate::lead::verdict::BAD_EMAIL;

crate::codes! {
    PASSWORD_TOO_SHORT: Invalid = "The password must have at least 10 characters.";
    BAD_TIME_ZONE: Invalid = "That is not an IANA time zone, like Europe/Moscow.";
    BAD_LOCALE: Invalid = "The languages are en and ru.";
    BAD_COUNTRY: Invalid = "A country is two letters, like RU.";
    BAD_ADDRESS: Invalid = "That is not an IP address or a network like 192.0.2.0/24.";
}

/// Fewest characters of a password.
pub const PASSWORD_MIN: usize = 10;
/// Most bytes of a password: more would only make hashing slow.
pub const PASSWORD_MAX_BYTES: usize = 256;
/// Most characters of a name of a person, organization, key, offer or source.
pub const NAME_MAX: usize = 120;

/// A name: trimmed, not empty, at most [`NAME_MAX`] characters, no control characters.
pub fn name(text: &str, field: &'static str) -> Result<String, Problem> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(Problem::new(REQUIRED).field(field));
    }
    if trimmed.chars().count() > NAME_MAX {
        return Err(Problem::new(TOO_LONG).field(field));
    }
    if trimmed.chars().any(char::is_control) {
        return Err(Problem::new(BAD_INPUT).field(field));
    }
    Ok(trimmed.to_owned())
}

/// A free text, trimmed; empty becomes `None`; at most `max` characters.
pub fn note(
    text: Option<&str>,
    max: usize,
    field: &'static str,
) -> Result<Option<String>, Problem> {
    let Some(trimmed) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if trimmed.chars().count() > max {
        return Err(Problem::new(TOO_LONG).field(field));
    }
    if trimmed.chars().any(|c| c.is_control() && c != '\n' && c != '\t' && c != '\r') {
        return Err(Problem::new(BAD_INPUT).field(field));
    }
    Ok(Some(trimmed.to_owned()))
}

/// The e-mail that a person signs in with: lower case, one `@`, a domain with a dot.
pub fn login_email(text: &str, field: &'static str) -> Result<String, Problem> {
    let bad = || Problem::new(BAD_EMAIL).field(field);
    let address = text.trim().to_lowercase();
    if address.len() > 254 {
        return Err(bad());
    }
    garde::rules::email::parse_email(&address).map_err(|_| bad())?;
    let (_, domain) = address.rsplit_once('@').ok_or_else(bad)?;
    if domain.contains('.') && !domain.ends_with('.') { Ok(address) } else { Err(bad()) }
}

/// A new password: long enough, not absurdly long. No rules of composition: length is what helps.
pub fn password(text: &str, field: &'static str) -> Result<(), Problem> {
    if text.chars().count() < PASSWORD_MIN {
        return Err(Problem::new(PASSWORD_TOO_SHORT).field(field));
    }
    if text.len() > PASSWORD_MAX_BYTES {
        return Err(Problem::new(TOO_LONG).field(field));
    }
    Ok(())
}

/// An IANA time zone.
pub fn time_zone(text: &str, field: &'static str) -> Result<String, Problem> {
    text.parse::<chrono_tz::Tz>()
        .map(|zone| zone.name().to_owned())
        .map_err(|_| Problem::new(BAD_TIME_ZONE).field(field))
}

/// A language of the exchange.
pub fn locale(text: &str, field: &'static str) -> Result<String, Problem> {
    match text {
        "en" | "ru" => Ok(text.to_owned()),
        _ => Err(Problem::new(BAD_LOCALE).field(field)),
    }
}

/// A country, ISO 3166-1 alpha-2.
pub fn country(text: &str, field: &'static str) -> Result<String, Problem> {
    if text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase()) {
        Ok(text.to_owned())
    } else {
        Err(Problem::new(BAD_COUNTRY).field(field))
    }
}

/// A network that a key may be used from: an address, or an address with a prefix length.
/// Answers the canonical text.
pub fn network(text: &str, field: &'static str) -> Result<String, Problem> {
    let bad = || Problem::new(BAD_ADDRESS).field(field);
    let (address, bits) = match text.trim().split_once('/') {
        None => (text.trim(), None),
        Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| bad())?)),
    };
    let address: std::net::IpAddr = address.parse().map_err(|_| bad())?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(most);
    if bits > most {
        return Err(Problem::new(OUT_OF_RANGE).field(field));
    }
    Ok(format!("{address}/{bits}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(name("  Ромашка ", "name"), Ok("Ромашка".to_owned()));
        assert_eq!(name(" ", "name").unwrap_err().code, REQUIRED);
        assert_eq!(name(&"я".repeat(121), "name").unwrap_err().code, TOO_LONG);
        assert_eq!(name("a\u{7}b", "name").unwrap_err().code, BAD_INPUT);
    }

    #[test]
    fn login_emails_are_one_spelling() {
        assert_eq!(login_email(" Ann@Example.COM ", "email"), Ok("ann@example.com".to_owned()));
        for bad in ["", "ann", "ann@", "@example.com", "ann@localhost", "a b@example.com"] {
            assert_eq!(login_email(bad, "email").unwrap_err().code, BAD_EMAIL, "{bad}");
        }
    }

    #[test]
    fn passwords_need_length_only() {
        assert!(password("correct horse", "password").is_ok());
        assert_eq!(password("123456789", "password").unwrap_err().code, PASSWORD_TOO_SHORT);
        assert_eq!(password(&"x".repeat(257), "password").unwrap_err().code, TOO_LONG);
    }

    #[test]
    fn zones_countries_languages_networks() {
        assert_eq!(time_zone("Europe/Moscow", "z"), Ok("Europe/Moscow".to_owned()));
        assert!(time_zone("Mars/Phobos", "z").is_err());
        assert!(locale("ru", "l").is_ok() && locale("de", "l").is_err());
        assert!(country("RU", "c").is_ok() && country("ru", "c").is_err());
        assert_eq!(network("192.0.2.1", "ip"), Ok("192.0.2.1/32".to_owned()));
        assert_eq!(network("2001:db8::/32", "ip"), Ok("2001:db8::/32".to_owned()));
        assert!(network("192.0.2.0/33", "ip").is_err());
        assert!(network("example.com", "ip").is_err());
    }
}
