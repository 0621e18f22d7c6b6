//! E-mail addresses, as a lead form should judge them.

/// A valid address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// As sent, trimmed, with the domain in lower case.
    pub address: String,
    /// For recognising repeats: lower case, without `+tag`, Gmail's dots removed.
    pub canonical: String,
    /// Whether the domain gives out throw-away mailboxes.
    pub disposable: bool,
}

/// Top-level names that never receive mail (RFC 6761 and its like).
const SPECIAL_USE: &[&str] = &["arpa", "invalid", "local", "localhost", "onion", "test"];

/// Well-known givers of throw-away mailboxes.
const DISPOSABLE: &[&str] = &[
    "10minutemail.com",
    "dispostable.com",
    "dropmail.me",
    "emailondeck.com",
    "fakeinbox.com",
    "getnada.com",
    "grr.la",
    "guerrillamail.com",
    "guerrillamail.info",
    "guerrillamail.net",
    "inboxbear.com",
    "mailcatch.com",
    "maildrop.cc",
    "mailinator.com",
    "mailnesia.com",
    "mintemail.com",
    "moakt.com",
    "mohmal.com",
    "mytemp.email",
    "sharklasers.com",
    "spam4.me",
    "temp-mail.org",
    "tempail.com",
    "tempmail.plus",
    "tempr.email",
    "throwawaymail.com",
    "trashmail.com",
    "trbvm.com",
    "yopmail.com",
    "yopmail.fr",
];

/// Reads an address. `None` if no person could have a mailbox there.
pub fn parse(text: &str) -> Option<Email> {
    let text = text.trim_matches(' ');
    let (local, domain) = text.rsplit_once('@')?;
    if local.len() > 64 || text.len() > 254 || !local_ok(local) || !domain_ok(domain) {
        return None;
    }
    // The parser knows ASCII local parts only; letters of other scripts count as letters.
    let ascii_local: String =
        local.chars().map(|c| if !c.is_ascii() && c.is_alphanumeric() { 'a' } else { c }).collect();
    garde::rules::email::parse_email(&format!("{ascii_local}@{domain}")).ok()?;
    let domain = domain.to_lowercase();
    Some(Email {
        canonical: canonical(local, &domain),
        disposable: DISPOSABLE.contains(&domain.as_str()),
        address: format!("{local}@{domain}"),
    })
}

fn local_ok(local: &str) -> bool {
    !local.starts_with('.') && !local.ends_with('.') && !local.contains("..")
}

fn domain_ok(domain: &str) -> bool {
    if !domain.chars().all(|c| c == '.' || c == '-' || c.is_alphanumeric()) {
        return false;
    }
    let Some((_, top)) = domain.rsplit_once('.') else { return false };
    let top = top.to_lowercase();
    !top.is_empty()
        && !top.chars().all(|c| c.is_ascii_digit())
        && !SPECIAL_USE.contains(&top.as_str())
        && domain.split('.').all(|label| {
            // "xn--" is the only place where a double hyphen in third place is right.
            let third = label.get(2..4) == Some("--");
            !label.is_empty() && (!third || label.to_ascii_lowercase().starts_with("xn--"))
        })
}

fn canonical(local: &str, domain: &str) -> String {
    let local = local.to_lowercase();
    let local = local.split_once('+').map_or(local.as_str(), |(name, _)| name);
    match domain {
        "gmail.com" | "googlemail.com" => format!("{}@gmail.com", local.replace('.', "")),
        "ya.ru" | "yandex.ru" | "yandex.com" | "yandex.by" | "yandex.kz" => {
            format!("{}@yandex.ru", local.replace('.', "-"))
        }
        _ => format!("{local}@{domain}"),
    }
}

/// `i•••@example.com`: enough to recognise one's own address.
pub fn mask(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => {
            let first: String = local.chars().take(1).collect();
            format!("{first}•••@{domain}")
        }
        None => "•••".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_mailboxes_are_told_from_nonsense() {
        for good in
            ["a@iana.org", "user+tag@web.de", "дмитрий@почта.рф", "user@bücher.de", " u@web.de "]
        {
            assert!(parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "a",
            "a@b",
            ".a@web.de",
            "a.@web.de",
            "a..b@web.de",
            "a@web.123",
            "a@x.invalid",
            "a@[1.2.3.4]",
            "a@-web.de",
            "a b@web.de",
            "a\u{200b}@web.de",
            "a@web.de\r\nBcc: x@y.de",
            "a@@web.de",
            "\"q\"@web.de",
            "a@web.de.",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn one_mailbox_has_one_canonical_form() {
        let canonical = |text: &str| parse(text).map(|e| e.canonical);
        assert_eq!(canonical("I.Ivanov+ads@GoogleMail.com"), canonical("iivanov@gmail.com"));
        assert_eq!(canonical("Ivan@Mail.ru"), Some("ivan@mail.ru".to_owned()));
        assert_eq!(parse("x@yopmail.com").map(|e| e.disposable), Some(true));
    }

    #[test]
    fn a_masked_address_shows_one_letter() {
        assert_eq!(mask("ivan@mail.ru"), "i•••@mail.ru");
    }
}
