//! Answers as CSV; the layout is described in [`super::answer`].

use super::ANSWER_UNREADABLE;
use super::answer::{Answer, AnswerFormat, AnswerLine, MAX_LINES, Scope, short, sum};
use crate::error::{Problem, TOO_LARGE};

/// Where the columns are.
struct Columns {
    reference: usize,
    status: usize,
    amount: Option<usize>,
    currency: Option<usize>,
    reason: Option<usize>,
    bank_reference: Option<usize>,
}

impl Columns {
    fn of(head: &csv::StringRecord) -> Option<Self> {
        let find = |names: &[&str]| {
            names.iter().find_map(|name| {
                head.iter().position(|cell| {
                    let cell = cell.trim().to_ascii_lowercase().replace(['_', ' ', '-'], "");
                    cell == *name
                })
            })
        };
        Some(Self {
            reference: find(&["endtoend", "endtoendid", "payout", "payoutid"])?,
            status: find(&["status"])?,
            amount: find(&["amount"]),
            currency: find(&["currency"]),
            reason: find(&["reason"]),
            bank_reference: find(&["reference"]),
        })
    }
}

pub(super) fn read(text: &str) -> Result<Answer, Problem> {
    let unreadable = || Problem::new(ANSWER_UNREADABLE);
    let head = text.lines().next().unwrap_or_default();
    let count = |sign: char| head.chars().filter(|letter| *letter == sign).count();
    let delimiter = if count(';') > count(',') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns =
        reader.headers().ok().and_then(Columns::of).ok_or_else(|| {
            unreadable().detail("The header needs end_to_end or payout, and status.")
        })?;
    let mut lines = Vec::new();
    for (n, record) in (1i32..).zip(reader.records()) {
        if lines.len() >= MAX_LINES {
            return Err(TOO_LARGE.into());
        }
        let record = record.map_err(|_| unreadable())?;
        lines.push(line(n, &columns, &record));
    }
    Ok(Answer { format: AnswerFormat::Csv, message: None, original: None, lines })
}

fn line(n: i32, columns: &Columns, record: &csv::StringRecord) -> AnswerLine {
    let cell = |at: Option<usize>| at.and_then(|at| record.get(at)).and_then(short);
    let (amount, currency) = (cell(columns.amount), cell(columns.currency));
    let (amount, fault) = match (amount, currency) {
        // A currency alone says nothing; an amount alone does not say of what.
        (None, _) => (None, None),
        (Some(_), None) => (None, Some(ANSWER_UNREADABLE)),
        (Some(amount), Some(currency)) => match sum(&amount, &currency) {
            Ok(sum) => (Some(sum), None),
            Err(code) => (None, Some(code)),
        },
    };
    AnswerLine {
        n,
        scope: Scope::Payment,
        reference: cell(Some(columns.reference)).unwrap_or_default(),
        status: cell(Some(columns.status)).unwrap_or_default(),
        reason: cell(columns.reason),
        amount,
        bank_reference: cell(columns.bank_reference),
        fault,
    }
}
