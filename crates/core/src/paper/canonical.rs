//! The canonical JSON of a document: RFC 8785 with no number in it. Keys are sorted, there is no
//! white space, every integer is a string, every time is UTC in RFC 3339.

use std::collections::BTreeMap;

use super::tax::Tax;
use super::{CarriedIn, FORMAT, Head, Line, Party, Totals};

/// A value. There are no numbers: readers disagree about large ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// Text; also every integer, id and time.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// An object; its keys come out sorted.
    Map(BTreeMap<&'static str, Json>),
}

impl Json {
    fn text(value: impl ToString) -> Self {
        Json::Text(value.to_string())
    }

    fn maybe(value: Option<impl ToString>) -> Self {
        value.map_or(Json::Null, Json::text)
    }

    /// Prints the value at the end of `out`.
    pub fn print(&self, out: &mut String) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(true) => out.push_str("true"),
            Json::Bool(false) => out.push_str("false"),
            Json::Text(text) => quote(text, out),
            Json::List(items) => {
                out.push('[');
                for (n, item) in items.iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    item.print(out);
                }
                out.push(']');
            }
            Json::Map(entries) => {
                out.push('{');
                for (n, (key, value)) in entries.iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    entry(key, value, out);
                }
                out.push('}');
            }
        }
    }
}

fn entry(key: &str, value: &Json, out: &mut String) {
    quote(key, out);
    out.push(':');
    value.print(out);
}

/// Escapes as RFC 8785 does: what has a short form gets it, other control characters are `\u00xx`,
/// everything else stays as it is.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{9}' => out.push_str("\\t"),
            '\u{a}' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\u{d}' => out.push_str("\\r"),
            control if u32::from(control) < 0x20 => {
                out.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
}

fn party(of: &Party) -> Json {
    Json::Map(BTreeMap::from([
        ("address", Json::maybe(of.address.as_ref())),
        ("country", Json::maybe(of.country.as_ref())),
        ("id", Json::text(&of.id)),
        ("legalName", Json::maybe(of.legal_name.as_ref())),
        ("name", Json::text(&of.name)),
        ("taxNumber", Json::maybe(of.tax_number.as_ref())),
    ]))
}

fn carried(of: &CarriedIn) -> Json {
    Json::Map(BTreeMap::from([
        ("amount", Json::text(of.amount)),
        ("number", Json::maybe(of.number.as_ref())),
        ("statement", Json::text(of.statement)),
    ]))
}

/// One line of the list `lines`.
pub fn line_json(line: &Line) -> Json {
    Json::Map(BTreeMap::from([
        ("amount", Json::text(line.amount)),
        ("at", Json::text(line.at.rfc3339())),
        ("award", Json::maybe(line.award)),
        ("conversion", Json::maybe(line.conversion)),
        ("fee", Json::maybe(line.fee)),
        ("givenBack", Json::text(line.given_back)),
        ("goal", Json::maybe(line.goal)),
        ("gross", Json::text(line.gross)),
        ("id", Json::text(&line.id)),
        ("kind", Json::text(line.kind)),
        ("lead", Json::maybe(line.lead)),
        ("offer", Json::maybe(line.offer)),
        ("reason", Json::maybe(line.reason.as_ref())),
    ]))
}

/// Everything but the lines.
fn frame(head: &Head, totals: &Totals) -> BTreeMap<&'static str, Json> {
    let offers = head.offers.iter().map(|(id, name)| {
        Json::Map(BTreeMap::from([("id", Json::text(id)), ("name", Json::text(name))]))
    });
    let period = BTreeMap::from([
        ("from", Json::text(head.period_from.rfc3339())),
        ("to", Json::text(head.period_to.rfc3339())),
    ]);
    let tax = Tax::of(head, totals);
    let tax = BTreeMap::from([
        ("amount", Json::text(tax.amount)),
        ("base", Json::text(tax.base)),
        ("included", Json::Bool(true)),
        ("rateBps", Json::text(head.tax_rate_bps)),
    ]);
    let sums = BTreeMap::from([
        ("adjustments", Json::text(totals.adjustments)),
        ("carriedIn", Json::text(totals.carried_in)),
        ("fee", Json::text(totals.fee)),
        ("givenBack", Json::text(totals.given_back)),
        ("gross", Json::text(totals.gross)),
        ("lines", Json::text(totals.lines)),
        ("total", Json::text(totals.total)),
    ]);
    BTreeMap::from([
        ("carriedIn", Json::List(head.carried.iter().map(carried).collect())),
        ("currency", Json::text(head.currency)),
        ("format", Json::text(FORMAT)),
        ("issuedAt", Json::text(head.issued_at.rfc3339())),
        ("issuer", party(&head.issuer)),
        ("kind", Json::text(head.kind)),
        ("language", Json::text(head.language)),
        ("model", Json::text(head.model)),
        ("number", Json::text(&head.number)),
        ("offers", Json::List(offers.collect())),
        ("period", Json::Map(period)),
        ("recipient", party(&head.recipient)),
        ("refersTo", Json::maybe(head.refers_to.as_ref())),
        ("tax", Json::Map(tax)),
        ("timeZone", Json::text(&head.time_zone)),
        ("totals", Json::Map(sums)),
    ])
}

const LINES: &str = "lines";

/// Prints what comes before the first line. The lines follow, with commas between them.
pub fn opening(head: &Head, totals: &Totals, out: &mut String) {
    out.push('{');
    for (key, value) in frame(head, totals).iter().filter(|(key, _)| **key < LINES) {
        entry(key, value, out);
        out.push(',');
    }
    quote(LINES, out);
    out.push_str(":[");
}

/// Prints what comes after the last line.
pub fn closing(head: &Head, totals: &Totals, out: &mut String) {
    out.push(']');
    for (key, value) in frame(head, totals).iter().filter(|(key, _)| **key > LINES) {
        out.push(',');
        entry(key, value, out);
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::super::tests::{head, line, whole};
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    /// What RFC 8785 says of a value without numbers, by other means.
    fn reference(value: &Value, out: &mut String) {
        match value {
            Value::Object(map) => {
                let sorted: BTreeMap<&String, &Value> = map.iter().collect();
                out.push('{');
                for (n, (key, value)) in sorted.into_iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    out.push_str(&serde_json::to_string(key).unwrap());
                    out.push(':');
                    reference(value, out);
                }
                out.push('}');
            }
            Value::Array(items) => {
                out.push('[');
                for (n, item) in items.iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    reference(item, out);
                }
                out.push(']');
            }
            Value::Number(number) => panic!("{number} is a number"),
            plain => out.push_str(&serde_json::to_string(plain).unwrap()),
        }
    }

    #[test]
    fn the_form_is_exactly_this() {
        let text = whole(&head(), &[line(1, 850, 50)]);
        assert!(text.starts_with(
            "{\"carriedIn\":[{\"amount\":\"-20\",\"number\":null,\"statement\":\"stm_"
        ));
        let value: Value = serde_json::from_str(&text).unwrap();
        let mut again = String::new();
        reference(&value, &mut again);
        assert_eq!(text, again);
        assert_eq!(
            value.pointer("/totals").unwrap().to_string(),
            "{\"adjustments\":\"0\",\"carriedIn\":\"-20\",\"fee\":\"0\",\"givenBack\":\"50\",\
             \"gross\":\"850\",\"lines\":\"1\",\"total\":\"780\"}"
        );
        assert_eq!(value.pointer("/issuedAt").unwrap(), "2026-11-02T09:30:00.500Z");
        assert_eq!(value.pointer("/lines/0/amount").unwrap(), "800");
        assert_eq!(value.pointer("/recipient/name").unwrap(), "Аня и лиды");
    }

    proptest! {
        #[test]
        fn any_text_is_quoted_as_the_standard_says(text in any::<String>()) {
            let mut out = String::new();
            Json::Text(text.clone()).print(&mut out);
            prop_assert_eq!(out, serde_json::to_string(&text).unwrap());
        }

        #[test]
        fn documents_are_canonical_whatever_is_in_them(
            name in any::<String>(), sums in proptest::collection::vec((0i64..1_000_000, 0i64..1_000), 0..20),
        ) {
            let mut head = head();
            head.recipient.name = name;
            let lines: Vec<_> =
                (0u8..).zip(&sums).map(|(n, (gross, back))| line(n, *gross, *back)).collect();
            let text = whole(&head, &lines);
            let mut again = String::new();
            reference(&serde_json::from_str(&text).unwrap(), &mut again);
            prop_assert_eq!(text, again);
        }
    }
}
