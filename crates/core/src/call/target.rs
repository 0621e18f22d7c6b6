//! Where a buyer takes its calls.

use super::BAD_CONNECT_TO;
use crate::error::Problem;
use crate::lead::phone;

/// The longest SIP address, in bytes.
const MAX_SIP: usize = 200;

/// Reads a telephone number with its country code, or a SIP address `sip:user@host`.
///
/// # Errors
/// `BAD_CONNECT_TO` at `connectTo`.
pub fn connect_to(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    let bad = || Problem::new(BAD_CONNECT_TO).field("connectTo");
    if let Some(address) = text.strip_prefix("sip:").or_else(|| text.strip_prefix("sips:")) {
        let (user, host) = address.split_once('@').ok_or_else(bad)?;
        let word = |part: &str, more: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
        };
        let ok = text.len() <= MAX_SIP && word(user, "+-_.") && word(host, "-.:");
        return if ok { Ok(text.to_owned()) } else { Err(bad()) };
    }
    // Without a country code nobody else would dial the same number.
    text.strip_prefix('+').ok_or_else(bad)?;
    phone::parse(text, "ZZ").map(|phone| phone.e164).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn numbers_have_a_country_code_and_addresses_a_host() {
        assert_eq!(connect_to(" +7 916 123-45-67 ").unwrap(), "+79161234567");
        assert_eq!(
            connect_to("sip:desk.1@pbx.example.com:5060").unwrap(),
            "sip:desk.1@pbx.example.com:5060"
        );
        for bad in ["", "89161234567", "+7", "sip:nobody", "sip:a b@c", "tel:+79161234567"] {
            assert_eq!(connect_to(bad).unwrap_err().code, BAD_CONNECT_TO, "{bad}");
        }
    }
}
