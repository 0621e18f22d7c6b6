//! Clicks on tracking links: who is no person, and what a link may say.

use indexmap::IndexMap;

use crate::error::Problem;
use crate::lead::envelope::{MAX_SUB_ID, MAX_SUB_IDS};

crate::codes! {
    BAD_LINK_URL: Invalid = "The landing page has to be an https address without a password.";
    BAD_LINK_PARAM: Invalid = "The name of the parameter has to be 1 to 40 letters, digits, `_` or `-`, and not be in the address.";
    CLICK_BOT: Conflict = "The click came from a machine.";
    CLICK_TOO_OLD: Invalid = "The click is older than the offer's attribution window.";
    CLICK_NOT_PINNED: Conflict = "The link of this click led to no offer: only its lead can be reported on.";
}

crate::text_enum! {
    /// Why a click does not count as a person's.
    pub enum BotReason {
        /// The browser says that it is a machine, or says nothing.
        UserAgent = "USER_AGENT",
        /// Too many from one address in a minute.
        Rate = "RATE",
    }
}

/// The default name of the parameter that carries the click id to the landing page.
pub const CLICK_PARAM: &str = "click_id";

/// Words in the names of programs that fetch pages for nobody.
const MACHINES: &[&str] = &[
    "bot",
    "crawl",
    "spider",
    "slurp",
    "preview",
    "headless",
    "phantom",
    "selenium",
    "puppeteer",
    "playwright",
    "curl/",
    "wget",
    "python",
    "java/",
    "okhttp",
    "go-http-client",
    "libwww",
    "httpclient",
    "axios",
    "node-fetch",
    "scrapy",
    "facebookexternalhit",
    "whatsapp",
    "telegrambot",
    "vkshare",
    "skypeuripreview",
    "monitor",
    "uptime",
    "lighthouse",
    "validator",
];

/// Whether a browser's name says that no person looks. An empty one does.
pub fn is_machine(user_agent: &str) -> bool {
    let name = user_agent.trim().to_lowercase();
    name.is_empty() || MACHINES.iter().any(|word| name.contains(word))
}

/// Checks the name of the parameter that carries the click id.
///
/// # Errors
/// `BAD_LINK_PARAM` at `linkParam`.
pub fn param(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if (1..=40).contains(&name.len()) && name.chars().all(plain) {
        Ok(name.to_owned())
    } else {
        Err(Problem::new(BAD_LINK_PARAM).field("linkParam"))
    }
}

/// What a link's query says about the traffic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// `sub1` … `sub10`.
    pub sub_ids: IndexMap<String, String>,
    /// `utm_source` and the like.
    pub utm: IndexMap<String, String>,
}

/// The most UTM marks of a click.
const MAX_UTM: usize = 10;

impl Marks {
    /// Reads the marks of a query. Nobody is told about a wrong mark, because the person who
    /// clicks is not the one who wrote the link: what is too long is cut, what is unknown passed
    /// over, and of two the first counts.
    pub fn read(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut marks = Self::default();
        for (name, value) in pairs {
            let value = cut(value.trim());
            if value.is_empty() {
                continue;
            }
            if let Some(number) = sub_number(&name) {
                if marks.sub_ids.len() < MAX_SUB_IDS {
                    marks.sub_ids.entry(format!("sub{number}")).or_insert(value);
                }
            } else if name.starts_with("utm_") && name.len() <= 40 && marks.utm.len() < MAX_UTM {
                marks.utm.entry(name).or_insert(value);
            }
        }
        marks
    }
}

/// `sub1` … `sub10`, `sub_1`, `sub_id_1`: the number.
fn sub_number(name: &str) -> Option<u8> {
    let rest = name.strip_prefix("sub")?;
    let digits = rest.trim_start_matches("_id").trim_start_matches('_');
    let number: u8 = digits.parse().ok()?;
    (1..=10).contains(&number).then_some(number)
}

/// At most [`MAX_SUB_ID`] bytes, whole characters.
fn cut(text: &str) -> String {
    let mut end = text.len().min(MAX_SUB_ID);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn machines_say_so_or_say_nothing() {
        for machine in
            ["", " ", "Googlebot/2.1", "curl/8.5.0", "HeadlessChrome/120", "python-requests/2"]
        {
            assert!(is_machine(machine), "{machine}");
        }
        let person = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36";
        assert!(!is_machine(person));
    }

    #[test]
    fn marks_are_cut_and_the_first_counts() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let long = "я".repeat(200);
        let marks = Marks::read([
            pair("sub1", "a"),
            pair("sub_id_1", "b"),
            pair("sub10", &long),
            pair("sub11", "x"),
            pair("sub2", " "),
            pair("utm_source", "radio"),
            pair("other", "x"),
        ]);
        assert_eq!(marks.sub_ids.len(), 2);
        assert_eq!((marks.sub_ids["sub1"].as_str(), marks.sub_ids["sub10"].len()), ("a", 254));
        assert_eq!(marks.utm["utm_source"], "radio");
        assert_eq!(marks.utm.len(), 1);
    }

    #[test]
    fn names_of_parameters_are_plain() {
        assert_eq!(param(" click_id ").unwrap(), "click_id");
        for bad in ["", "a b", "a=b", "клик", &"x".repeat(41)] {
            assert_eq!(param(bad).unwrap_err().code, BAD_LINK_PARAM);
        }
    }
}
