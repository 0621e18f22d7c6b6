//! The CSV of a document: RFC 4180 with a head line, a row per carried sum and per line. The
//! column `amount` sums to the total.

use super::{Head, Line};
use crate::money::{Currency, Money};

/// The names of the columns.
pub fn csv_head() -> &'static str {
    "kind,id,conversion,award,lead,offer,offer_name,goal,at,gross,given_back,fee,amount,currency,\
     reason\r\n"
}

/// Everything before the first line: the head line, and what earlier statements carried in.
pub fn csv_opening(head: &Head, out: &mut String) {
    out.push_str(csv_head());
    for carried in &head.carried {
        let amount = decimal(carried.amount, head.currency);
        let id = carried.statement.to_string();
        let reason = carried.number.as_deref().unwrap_or_default();
        let cells = [
            "CARRIED_IN",
            &id,
            "",
            "",
            "",
            "",
            "",
            "",
            &head.issued_at.rfc3339(),
            "",
            "",
            "",
            &amount,
            head.currency.code(),
            reason,
        ];
        row(&cells, out);
    }
}

/// One line.
pub fn csv_line(head: &Head, line: &Line, out: &mut String) {
    let sum = |minor: i64| decimal(minor, head.currency);
    let id = |id: Option<String>| id.unwrap_or_default();
    let name = line.offer.and_then(|offer| head.offers.get(&offer)).map_or("", String::as_str);
    let cells: [&str; 15] = [
        line.kind.as_str(),
        &line.id,
        &id(line.conversion.map(|id| id.to_string())),
        &id(line.award.map(|id| id.to_string())),
        &id(line.lead.map(|id| id.to_string())),
        &id(line.offer.map(|id| id.to_string())),
        name,
        line.goal.map_or("", |goal| goal.as_str()),
        &line.at.rfc3339(),
        &sum(line.gross),
        &sum(line.given_back),
        &id(line.fee.map(sum)),
        &sum(line.amount),
        head.currency.code(),
        line.reason.as_deref().unwrap_or_default(),
    ];
    row(&cells, out);
}

fn decimal(minor: i64, currency: Currency) -> String {
    Money::new(minor, currency).decimal()
}

fn row(cells: &[&str], out: &mut String) {
    for (n, cell) in cells.iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        self::cell(cell, out);
    }
    out.push_str("\r\n");
}

/// A cell that no spreadsheet takes for a formula. A sum may begin with a minus.
fn cell(text: &str, out: &mut String) {
    let negative = text
        .strip_prefix('-')
        .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !negative;
    let quoted = text.contains([',', '"', '\r', '\n']);
    if quoted {
        out.push('"');
    }
    if formula {
        out.push('\'');
    }
    if quoted {
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::super::tests::{head, line};
    use super::*;

    #[test]
    fn rows_are_these_and_sum_to_the_total() {
        let (head, first, second) = (head(), line(1, 850, 50), line(2, 1_000, 0));
        let mut out = String::new();
        csv_opening(&head, &mut out);
        csv_line(&head, &first, &mut out);
        csv_line(&head, &second, &mut out);
        let rows: Vec<&str> = out.split("\r\n").collect();
        assert_eq!(rows.len(), 5);
        assert!(rows[1].starts_with("CARRIED_IN,stm_"));
        assert!(rows[1].ends_with(",,,,,,,2026-11-02T09:30:00.500Z,,,,-0.20,RUB,"), "{}", rows[1]);
        let end = ",\"'=Mortgage, Moscow\",LEAD,2026-10-31T22:30:00Z,8.50,0.50,,8.00,RUB,";
        assert!(rows[2].starts_with("CONVERSION,cnv_") && rows[2].ends_with(end), "{}", rows[2]);
        assert_eq!(rows[4], "");
    }

    #[test]
    fn quotes_are_doubled_and_formulas_are_text() {
        let of = |text: &str| {
            let mut out = String::new();
            cell(text, &mut out);
            out
        };
        assert_eq!(of("a \"b\""), "\"a \"\"b\"\"\"");
        assert_eq!(of("-1.50"), "-1.50");
        assert_eq!(of("-1+2"), "'-1+2");
        assert_eq!(of("@x"), "'@x");
    }
}
