//! What a buyer's answer says: found by JSON pointers or regular expressions that the buyer has
//! given, because no two systems answer alike.

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Problem;
use crate::money::Currency;
use crate::offer::validate::MAX_PRICE;

crate::codes! {
    LIVE_POINTER: Invalid = "A JSON pointer is empty or begins with a slash, and has at most 200 characters.";
    LIVE_REGEX: Invalid = "The regular expression does not read, is too large, or has no group to take the value from.";
    LIVE_WORDS: Invalid = "Name 1 to 20 values that mean yes, each of at most 60 characters.";
}

/// Longest pointer or expression, in bytes.
const MAX_FIND: usize = 200;
/// Most values that mean yes.
const MAX_WORDS: usize = 20;
/// Longest of them, in characters.
const MAX_WORD: usize = 60;
/// Memory that one compiled expression may take, in bytes.
const MAX_COMPILED: usize = 64 * 1024;
/// Longest reason that is kept, in characters.
const MAX_REASON: usize = 60;
/// Longest address to which a person's browser is sent, in bytes.
const MAX_REDIRECT: usize = 2_048;

/// Where a value is found in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Find {
    /// A JSON pointer (RFC 6901).
    Pointer(String),
    /// A regular expression; the value is its first group.
    Regex(String),
}

/// What means yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// Where the answer says so.
    pub find: Find,
    /// The values that mean yes, in any case of letters; every other value means no.
    pub words: Vec<String>,
}

crate::text_enum! {
    /// In which units a price is answered.
    pub enum PriceUnit {
        /// Kopecks, cents: whole numbers.
        Minor = "MINOR",
        /// Roubles, dollars: `12.5`.
        Major = "MAJOR",
    }
}

/// How an endpoint's answers are read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What means yes. Without it every answer of 200-299 with a body does.
    pub accept: Option<Accept>,
    /// The price; without it the offer's own price is bid.
    pub price: Option<Find>,
    /// In which units.
    pub price_unit: PriceUnit,
    /// Why not.
    pub reason: Option<Find>,
    /// Where the person's browser is sent after a purchase.
    pub redirect: Option<Find>,
}

impl Default for Mapping {
    /// The protocol's own answer: `{"accept": true, "price": "425.00", "reason": …,
    /// "redirect_url": …}`.
    fn default() -> Self {
        let at = |pointer: &str| Find::Pointer(pointer.to_owned());
        Self {
            accept: Some(Accept { find: at("/accept"), words: vec!["true".to_owned()] }),
            price: Some(at("/price")),
            price_unit: PriceUnit::Major,
            reason: Some(at("/reason")),
            redirect: Some(at("/redirect_url")),
        }
    }
}

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heard {
    /// Yes.
    Yes {
        /// The price, in minor units, if one was named.
        price: Option<i64>,
        /// Where the person's browser is sent.
        redirect: Option<String>,
    },
    /// No.
    No {
        /// Why, as a short code; empty if that was not said or may be a person's data.
        reason: String,
    },
    /// Something that can't be read. The text names the part, never a value.
    Unclear(String),
}

/// A mapping, ready to read.
#[derive(Clone, Debug)]
pub struct Reader {
    accept: Option<(Finder, Vec<String>)>,
    price: Option<Finder>,
    price_unit: PriceUnit,
    reason: Option<Finder>,
    redirect: Option<Finder>,
}

#[derive(Clone, Debug)]
enum Finder {
    Pointer(String),
    Regex(Box<Regex>),
}

impl Reader {
    /// Reads a mapping.
    ///
    /// # Errors
    /// Every part that is wrong, under its path in the input.
    pub fn new(mapping: &Mapping) -> Result<Self, Vec<Problem>> {
        let mut wrong = Vec::new();
        let mut part = |find: Option<&Find>, path: &'static str| match find.map(Finder::new) {
            Some(Err(problem)) => {
                wrong.push(problem.field(path));
                None
            }
            Some(Ok(finder)) => Some(finder),
            None => None,
        };
        let accept = part(mapping.accept.as_ref().map(|accept| &accept.find), "mapping.accept");
        let price = part(mapping.price.as_ref(), "mapping.price");
        let reason = part(mapping.reason.as_ref(), "mapping.reason");
        let redirect = part(mapping.redirect.as_ref(), "mapping.redirect");
        let mut words = Vec::new();
        if let Some(accept) = &mapping.accept {
            words = accept.words.iter().map(|word| word.trim().to_lowercase()).collect();
            let fits = |word: &String| !word.is_empty() && word.chars().count() <= MAX_WORD;
            if words.is_empty() || words.len() > MAX_WORDS || !words.iter().all(fits) {
                wrong.push(Problem::new(LIVE_WORDS).field("mapping.acceptWords"));
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let accept = accept.map(|finder| (finder, words));
        Ok(Self { accept, price, price_unit: mapping.price_unit, reason, redirect })
    }

    /// What a body of a successful answer says. The status is judged by the caller.
    pub fn read(&self, body: &[u8], currency: Currency) -> Heard {
        let text = String::from_utf8_lossy(body);
        if text.trim().is_empty() {
            return Heard::No { reason: String::new() };
        }
        let json: Option<Value> = serde_json::from_str(&text).ok();
        let value = |finder: &Finder| finder.value(&text, json.as_ref());
        if let Some((finder, words)) = &self.accept {
            let Some(said) = value(finder) else { return unclear("accept is not there") };
            if !words.contains(&said.trim().to_lowercase()) {
                let said = self.reason.as_ref().and_then(value);
                return Heard::No { reason: said.map(|text| as_code(&text)).unwrap_or_default() };
            }
        }
        let price = match self.price.as_ref().and_then(value) {
            None => None,
            Some(said) => match price_of(&said, self.price_unit, currency) {
                Some(price) => Some(price),
                None => return unclear("the price does not read"),
            },
        };
        let redirect = self.redirect.as_ref().and_then(value).filter(|url| is_address(url));
        Heard::Yes { price, redirect }
    }
}

fn unclear(what: &str) -> Heard {
    Heard::Unclear(what.to_owned())
}

impl Finder {
    fn new(find: &Find) -> Result<Self, Problem> {
        match find {
            Find::Pointer(pointer) => {
                let reads = pointer.is_empty() || pointer.starts_with('/');
                if !reads || pointer.len() > MAX_FIND {
                    return Err(LIVE_POINTER.into());
                }
                Ok(Self::Pointer(pointer.clone()))
            }
            Find::Regex(text) => {
                let compiled = (text.len() <= MAX_FIND)
                    .then(|| RegexBuilder::new(text).size_limit(MAX_COMPILED).build().ok())
                    .flatten()
                    .filter(|regex| regex.captures_len() > 1);
                compiled.map(|regex| Self::Regex(Box::new(regex))).ok_or(LIVE_REGEX.into())
            }
        }
    }

    /// The value as text; `None` where there is none, or `null`, or a list or an object.
    fn value(&self, text: &str, json: Option<&Value>) -> Option<String> {
        match self {
            Self::Pointer(pointer) => match json?.pointer(pointer)? {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                Value::Bool(yes) => Some(yes.to_string()),
                Value::Null | Value::Array(_) | Value::Object(_) => None,
            },
            Self::Regex(regex) => Some(regex.captures(text)?.get(1)?.as_str().to_owned()),
        }
    }
}

/// A price in minor units: a plain decimal number, exact to the minor unit, more than nothing.
pub fn price_of(text: &str, unit: PriceUnit, currency: Currency) -> Option<i64> {
    let digits = match unit {
        PriceUnit::Minor => 0,
        PriceUnit::Major => usize::try_from(currency.exponent()).ok()?,
    };
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(part) {
        return None;
    }
    // `12.500` is 12.50; `12.505` is no price.
    let (kept, rest) = part.split_at_checked(digits).unwrap_or((part, ""));
    if rest.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let price: i64 = format!("{whole}{kept:0<digits$}").parse().ok()?;
    (1..=MAX_PRICE).contains(&price).then_some(price)
}

/// A reason as a code that may be kept: one word of letters, lines and hyphens. Whatever has blanks,
/// digits or other signs may quote the person, and is not kept.
fn as_code(text: &str) -> String {
    let text = text.trim();
    let plain = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '-');
    if text.chars().count() > MAX_REASON || !text.chars().all(plain) {
        return String::new();
    }
    text.replace('-', "_").to_uppercase()
}

fn is_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\');
    url.len() <= MAX_REDIRECT && rest.is_some_and(|rest| !rest.is_empty()) && url.bytes().all(plain)
}
