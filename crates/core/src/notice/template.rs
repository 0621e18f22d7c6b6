//! An address with macros.

use std::fmt::Write as _;

use super::macros::MACROS;
use super::{NOTICE_ADDRESS, NOTICE_MACRO};
use crate::error::{Problem, TOO_LONG};

/// The longest template, in bytes.
const MAX_TEMPLATE: usize = 2_048;
/// The longest part of an unknown macro that a refusal repeats.
const SHOWN: usize = 30;

/// One piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Macro(&'static str),
}

/// An address with macros, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

impl Template {
    /// Reads an address. Macros may stand in path and query, never in scheme or host. Whether the
    /// host may be called at all is the question of whoever calls.
    ///
    /// # Errors
    /// `TOO_LONG`, `NOTICE_ADDRESS`, `NOTICE_MACRO`, all at `url`.
    pub fn parse(text: &str) -> Result<Template, Problem> {
        if text.len() > MAX_TEMPLATE {
            return Err(Problem::new(TOO_LONG).field("url"));
        }
        let wrong = || Problem::new(NOTICE_ADDRESS).field("url");
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(wrong());
        }
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let host = rest.and_then(|rest| rest.split(['/', '?', '#', '\\']).next());
        let host = host.ok_or_else(wrong)?;
        if host.is_empty() || host.contains(['{', '}', '@']) {
            return Err(wrong());
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, next) = after.split_once('}').ok_or_else(|| unknown(after))?;
            let known = MACROS.iter().map(|one| one.name).find(|known| *known == name);
            pieces.push(text_piece(before)?);
            pieces.push(Piece::Macro(known.ok_or_else(|| unknown(name))?));
            rest = next;
        }
        pieces.push(text_piece(rest)?);
        Ok(Template(pieces))
    }

    /// The address with every macro's value, percent-encoded; what has none is empty.
    pub fn render(&self, value: impl Fn(&str) -> Option<String>) -> String {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Macro(name) => encode(&value(name).unwrap_or_default(), &mut out),
            }
        }
        out
    }
}

fn text_piece(text: &str) -> Result<Piece, Problem> {
    if text.contains('}') { Err(unknown("}")) } else { Ok(Piece::Text(text.to_owned())) }
}

fn unknown(name: &str) -> Problem {
    let shown: String = name.chars().filter(char::is_ascii_graphic).take(SHOWN).collect();
    Problem::new(NOTICE_MACRO)
        .field("url")
        .detail(format!("The address has a macro that does not exist: {{{shown}}}."))
}

/// Everything but unreserved characters as `%XX`.
fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn macros_are_replaced_and_encoded() {
        let text = "https://t.example/p?c={click_id}&s={sub1}&e={earning}&x={sub2}";
        let url = Template::parse(text).unwrap().render(|name| match name {
            "click_id" => Some("a b&c=1".to_owned()),
            "sub1" => Some("весна/{lead_id}".to_owned()),
            "earning" => Some("425.00".to_owned()),
            _ => None,
        });
        assert_eq!(
            url,
            "https://t.example/p?c=a%20b%26c%3D1&s=%D0%B2%D0%B5%D1%81%D0%BD%D0%B0%2F%7Blead_id%7D\
             &e=425.00&x="
        );
    }

    #[test]
    fn what_is_no_template_is_refused_with_its_reason() {
        let code = |text: &str| Template::parse(text).map_err(|problem| problem.code.name);
        for bad in [
            "t.example",
            "ftp://t.example",
            "https://",
            "https://{sub1}.example/",
            "https://u@t.example/",
            "https://t.example/ x",
            "https://{sub1}\\t.example/",
        ] {
            assert_eq!(code(bad), Err("NOTICE_ADDRESS"), "{bad}");
        }
        for bad in [
            "https://t.example/{nobody}",
            "https://t.example/{sub1",
            "https://t.example/}",
            "https://t.example/}{sub1}",
            "https://t.example/{sub11}",
            "https://t.example/{}",
        ] {
            assert_eq!(code(bad), Err("NOTICE_MACRO"), "{bad}");
        }
        let long = format!("https://t.example/{}", "x".repeat(2_048));
        assert_eq!(code(&long), Err("TOO_LONG"));
        assert!(code("http://127.0.0.1:9/{event_id}").is_ok(), "the door for requests decides");
    }

    proptest! {
        #[test]
        fn a_value_never_leaves_its_place(value in ".{0,40}") {
            let template = Template::parse("https://t.example/?a={sub1}&b=1").unwrap();
            let url = template.render(|_| Some(value.clone()));
            let inner = url.strip_prefix("https://t.example/?a=").unwrap();
            let inner = inner.strip_suffix("&b=1").unwrap();
            let plain = |c: char| c.is_ascii_alphanumeric() || "-._~%".contains(c);
            prop_assert!(inner.chars().all(plain));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "(https://)?[a-z{}/?@ ]{0,40}") {
            if let Ok(template) = Template::parse(&text) {
                prop_assert!(template.render(|_| None).len() <= text.len());
            }
        }
    }
}
