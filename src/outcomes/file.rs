//! A buyer's file of sales: one row per event, with a header.

use leadbourse_core::conversion::BAD_EXTERNAL_REF;
use leadbourse_core::error::{BAD_INPUT, Problem, REQUIRED, TOO_LARGE};
use leadbourse_core::money::{Currency, Money};
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::settlement::CSV_UNREADABLE;
use leadbourse_core::time::Timestamp;

use crate::conversions::Place;

/// Rows of one file.
pub(super) const MAX_ROWS: usize = 10_000;
/// Bytes of one file.
const MAX_BYTES: usize = 4 * 1_024 * 1_024;
/// Characters of a reference.
const MAX_REFERENCE: usize = 120;

/// What one row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileRow {
    /// The award or the lead, if it is named.
    pub(super) place: Option<Place>,
    pub(super) goal: GoalKind,
    pub(super) reference: Option<String>,
    pub(super) amount: Option<Money>,
    /// What the customer got back in all; `Some(None)` is everything.
    pub(super) refunded: Option<Option<Money>>,
    pub(super) occurred_at: Option<Timestamp>,
}

/// A row by its number, from 1 without the header, or why it can't be read.
pub(super) type Read = (i32, Result<FileRow, Problem>);

/// Reads a file with a header of any of `award_id`, `lead_id`, `external_id`, `goal`, `amount` (in
/// major units), `currency`, `occurred_at`, `status` (empty, `approved`, `refunded`, `cancelled`) and
/// `refunded`. `currency` is meant where a row names none.
///
/// # Errors
/// `CSV_UNREADABLE` without a column that names the event, `TOO_LARGE`.
pub(super) fn read(text: &str, currency: Option<Currency>) -> Result<Vec<Read>, Problem> {
    if text.len() > MAX_BYTES {
        return Err(Problem::new(TOO_LARGE).field("csv"));
    }
    let unreadable = || Problem::new(CSV_UNREADABLE).field("csv");
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|_| unreadable())?.clone();
    let names = ["award_id", "lead_id", "external_id"];
    if !headers.iter().any(|header| names.contains(&header)) {
        return Err(unreadable());
    }
    let mut rows = Vec::new();
    for (n, record) in (1i32..).zip(reader.records()) {
        let record = record.map_err(|_| unreadable())?;
        if rows.len() == MAX_ROWS {
            return Err(Problem::new(TOO_LARGE).field("csv"));
        }
        rows.push((n, row(&Cells { headers: &headers, record: &record }, currency)));
    }
    Ok(rows)
}

struct Cells<'a> {
    headers: &'a csv::StringRecord,
    record: &'a csv::StringRecord,
}

impl<'a> Cells<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        let at = self.headers.iter().position(|header| header == name)?;
        self.record.get(at).filter(|text| !text.is_empty())
    }

    fn sum(
        &self,
        name: &'static str,
        currency: Option<Currency>,
    ) -> Result<Option<Money>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let currency = currency.ok_or_else(|| Problem::new(REQUIRED).field("currency"))?;
        let sum = Money::parse_decimal(text, currency);
        sum.map(Some).ok_or_else(|| Problem::new(BAD_INPUT).field(name))
    }
}

fn row(cells: &Cells<'_>, currency: Option<Currency>) -> Result<FileRow, Problem> {
    let wrong = |name: &'static str| Problem::new(BAD_INPUT).field(name);
    let place = match (cells.get("award_id"), cells.get("lead_id")) {
        (Some(id), _) => Some(id.parse().map_err(|bad: Problem| bad.field("award_id"))?),
        (None, Some(id)) => Some(id.parse().map_err(|bad: Problem| bad.field("lead_id"))?),
        (None, None) => None,
    };
    let reference = cells.get("external_id").map(ToOwned::to_owned);
    if reference.as_ref().is_some_and(|text| text.chars().count() > MAX_REFERENCE) {
        return Err(Problem::new(BAD_EXTERNAL_REF).field("external_id"));
    }
    if place.is_none() && reference.is_none() {
        return Err(Problem::new(REQUIRED).field("award_id"));
    }
    let goal = match cells.get("goal") {
        Some(text) => text.to_ascii_uppercase().parse().map_err(|_| wrong("goal"))?,
        None => GoalKind::Sale,
    };
    let currency = match cells.get("currency") {
        Some(code) => Some(code.to_ascii_uppercase().parse().map_err(|_| wrong("currency"))?),
        None => currency,
    };
    let part = cells.sum("refunded", currency)?;
    let refunded = match cells.get("status").map(str::to_ascii_lowercase).as_deref() {
        None | Some("approved" | "ok" | "paid") => part.map(Some),
        Some("refunded") => Some(part),
        Some("cancelled" | "canceled") => Some(None),
        Some(_) => return Err(wrong("status")),
    };
    let at = |text: &str| Timestamp::parse_rfc3339(text).ok_or_else(|| wrong("occurred_at"));
    Ok(FileRow {
        place,
        goal,
        reference,
        amount: cells.sum("amount", currency)?,
        refunded,
        occurred_at: cells.get("occurred_at").map(at).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn rows_are_read_one_by_one() {
        let text = "external_id,goal,amount,currency,status,refunded,occurred_at\n\
                    a,,12.50,RUB,,,\n\
                    b,registration,,,cancelled,,2026-01-02T03:04:05Z\n\
                    c,,1,RUB,refunded,0.5,\n\
                    ,,1,RUB,,,\n\
                    d,,1,,,,\n\
                    e,,x,RUB,,,\n\
                    f,,1,RUB,lost,,\n\
                    g,CLICK,,,,,\n\
                    h,,,,,,tomorrow\n";
        let rows = read(text, None).unwrap();
        let rub = |minor| Money::new(minor, Currency::RUB);
        let first = rows[0].1.as_ref().unwrap();
        assert_eq!((first.amount, first.goal), (Some(rub(1_250)), GoalKind::Sale));
        let second = rows[1].1.as_ref().unwrap();
        assert_eq!((second.refunded, second.goal), (Some(None), GoalKind::Registration));
        assert!(second.occurred_at.is_some());
        assert_eq!(rows[2].1.as_ref().unwrap().refunded, Some(Some(rub(50))));
        let wrong: Vec<_> = rows[3..]
            .iter()
            .map(|(n, row)| (*n, row.as_ref().unwrap_err().field.clone().unwrap()))
            .collect();
        let want = [
            (4, "award_id"),
            (5, "currency"),
            (6, "amount"),
            (7, "status"),
            (8, "goal"),
            (9, "occurred_at"),
        ];
        assert_eq!(wrong, want.map(|(n, field)| (n, field.into())));
        let meant = read("external_id,amount\nd,1\n", Some(Currency::RUB)).unwrap();
        assert_eq!(meant[0].1.as_ref().unwrap().amount, Some(rub(100)));
        assert_eq!(read("a,b\n1,2\n", None).unwrap_err().code, CSV_UNREADABLE);
        let long = format!("external_id\n{}", "x\n".repeat(MAX_ROWS + 1));
        assert_eq!(read(&long, None).unwrap_err().code, TOO_LARGE);
    }
}
