//! Tests of the mapping: what is read, and that nothing else is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use proptest::prelude::*;
use serde_json::json;

use super::mapping::*;
use crate::money::Currency;

const RUB: Currency = Currency::RUB;

fn reader(mapping: &Mapping) -> Reader {
    Reader::new(mapping).unwrap()
}

fn heard(mapping: &Mapping, body: &str) -> Heard {
    reader(mapping).read(body.as_bytes(), RUB)
}

fn yes(price: Option<i64>) -> Heard {
    Heard::Yes { price, redirect: None }
}

fn no(reason: &str) -> Heard {
    Heard::No { reason: reason.to_owned() }
}

#[test]
fn the_protocols_own_answer_reads_without_any_mapping() {
    let own = Mapping::default();
    assert_eq!(heard(&own, r#"{"accept": true, "price": "425.00"}"#), yes(Some(42_500)));
    assert_eq!(heard(&own, r#"{"accept": true, "price": 425.5}"#), yes(Some(42_550)));
    assert_eq!(heard(&own, r#"{"accept": true}"#), yes(None));
    assert_eq!(heard(&own, r#"{"accept": false, "reason": "out-of-area"}"#), no("OUT_OF_AREA"));
    assert_eq!(heard(&own, ""), no(""));
    let with = r#"{"accept": true, "redirect_url": "https://buyer.example/thanks?x=1"}"#;
    let redirect = Some("https://buyer.example/thanks?x=1".to_owned());
    assert_eq!(heard(&own, with), Heard::Yes { price: None, redirect });
    assert_eq!(heard(&own, "<html>"), Heard::Unclear("accept is not there".to_owned()));
    let odd = heard(&own, r#"{"accept": true, "price": "cheap"}"#);
    assert_eq!(odd, Heard::Unclear("the price does not read".to_owned()));
}

#[test]
fn other_systems_answers_read_by_expressions() {
    let mapping = Mapping {
        accept: Some(Accept {
            find: Find::Regex(r"<status>(\w+)</status>".to_owned()),
            words: vec!["Matched".to_owned(), "OK".to_owned()],
        }),
        price: Some(Find::Regex(r"<bid>([0-9]+)</bid>".to_owned())),
        price_unit: PriceUnit::Minor,
        reason: Some(Find::Regex("<why>(.*?)</why>".to_owned())),
        redirect: None,
    };
    assert_eq!(heard(&mapping, "<status>MATCHED</status><bid>1200</bid>"), yes(Some(1_200)));
    assert_eq!(heard(&mapping, "<status>No</status><why>CAP</why>"), no("CAP"));
    let bare = Mapping { accept: None, ..mapping };
    assert_eq!(heard(&bare, "<bid>7</bid>"), yes(Some(7)));
}

#[test]
fn a_reason_that_may_be_a_persons_data_is_not_kept() {
    let own = Mapping::default();
    for said in ["+79161234567", "Ivan Petrov", "a@b.example", "phone 7916", "x1"] {
        let body = json!({"accept": false, "reason": said}).to_string();
        assert_eq!(heard(&own, &body), no(""), "{said}");
    }
}

#[test]
fn an_address_is_http_and_plain() {
    let own = Mapping::default();
    for url in ["javascript:alert(1)", "https://", "https://a.example/ b", "ftp://a.example"] {
        let body = json!({"accept": true, "redirect_url": url}).to_string();
        assert_eq!(heard(&own, &body), yes(None), "{url}");
    }
}

#[test]
fn prices_are_exact() {
    let major = |text| price_of(text, PriceUnit::Major, RUB);
    assert_eq!(major("12"), Some(1_200));
    assert_eq!(major("12.5"), Some(1_250));
    assert_eq!(major(" 12.500 "), Some(1_250));
    for wrong in ["", ".5", "-1", "+1", "1e3", "12.505", "0", "0.00", "1,5", "99999999999999999999"]
    {
        assert_eq!(major(wrong), None, "{wrong}");
    }
    assert_eq!(price_of("12.5", PriceUnit::Minor, RUB), None);
    assert_eq!(price_of("12.0", PriceUnit::Minor, RUB), Some(12));
    assert_eq!(price_of("1.234", PriceUnit::Major, "KWD".parse().unwrap()), Some(1_234));
    assert_eq!(price_of("50", PriceUnit::Major, "JPY".parse().unwrap()), Some(50));
}

#[test]
fn a_mapping_that_does_not_read_names_its_parts() {
    let mapping = Mapping {
        accept: Some(Accept { find: Find::Pointer("accept".to_owned()), words: vec![] }),
        price: Some(Find::Regex("no group".to_owned())),
        reason: Some(Find::Regex("(".to_owned())),
        redirect: Some(Find::Regex(format!("({})", "a{1000}".repeat(20)))),
        ..Mapping::default()
    };
    let wrong = Reader::new(&mapping).unwrap_err();
    let named: Vec<_> = wrong.iter().map(|p| (p.code.name, p.field.as_deref().unwrap())).collect();
    assert_eq!(
        named,
        [
            ("LIVE_POINTER", "mapping.accept"),
            ("LIVE_REGEX", "mapping.price"),
            ("LIVE_REGEX", "mapping.reason"),
            ("LIVE_REGEX", "mapping.redirect"),
            ("LIVE_WORDS", "mapping.acceptWords"),
        ]
    );
}

proptest! {
    #[test]
    fn any_bytes_are_read_and_no_price_is_made_up(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let heard = reader(&Mapping::default()).read(&body, RUB);
        // Bytes at random are no JSON object that says yes.
        let is_yes = matches!(heard, Heard::Yes { .. });
        prop_assert!(!is_yes);
    }

    #[test]
    fn what_is_bid_is_what_is_read(price in 1i64..100_000_000_000, text in any::<bool>()) {
        let shown = format!("{}.{:02}", price / 100, price % 100);
        let number = if text { format!("\"{shown}\"") } else { shown };
        let body = format!("{{\"x\": [], \"accept\": true, \"price\": {number}}}");
        // A number in JSON is read as printed: within what a double holds exactly to the kopeck.
        prop_assert_eq!(heard(&Mapping::default(), &body), yes(Some(price)));
    }

    #[test]
    fn only_the_words_that_mean_yes_do(word in "[a-z]{1,8}") {
        let body = json!({"accept": word.to_uppercase()}).to_string();
        let mapping = Mapping {
            accept: Some(Accept {
                find: Find::Pointer("/accept".to_owned()), words: vec!["yes".to_owned()],
            }),
            ..Mapping::default()
        };
        let expected = if word == "yes" { yes(None) } else { no("") };
        prop_assert_eq!(heard(&mapping, &body), expected);
    }

    #[test]
    fn a_kept_reason_has_no_digits(reason in ".{0,80}") {
        let body = json!({"accept": false, "reason": reason}).to_string();
        let Heard::No { reason } = heard(&Mapping::default(), &body) else { panic!("no") };
        prop_assert!(reason.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
        prop_assert!(reason.len() <= 60);
    }
}
