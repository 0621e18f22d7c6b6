//! What a bank answers to a file of payments: `pain.002` (`.001.10`, and older versions with the
//! same names), or CSV.
//!
//! CSV has a header; the columns may come in any order, separated by commas or semicolons:
//!
//! | column | |
//! |---|---|
//! | `end_to_end` or `payout` | the payment's `EndToEndId`, or the payout's id |
//! | `status` | a code of ISO 20022 (`ACSC`, `RJCT`, …) or `CONFIRMED`, `REFUSED`, `PENDING` |
//! | `amount`, `currency` | optional, both or none; major units with a point |
//! | `reason` | optional: why it was refused, as a code |
//! | `reference` | optional: the bank's own reference |
//!
//! Other columns are passed over, so the exported file with a `status` is an answer as well.

use super::{ANSWER_UNREADABLE, answer_csv, answer_xml};
use crate::error::{Code, Problem, TOO_LARGE};
use crate::money::{Currency, Money};

/// The largest file that is read, bytes.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// The most lines of a file.
pub const MAX_LINES: usize = 10_000;
/// The most characters that are kept of a text.
pub(super) const MAX_TEXT: usize = 140;

crate::text_enum! {
    /// How an answer is written.
    pub enum AnswerFormat {
        /// ISO 20022 `pain.002`.
        Pain002 = "PAIN_002",
        /// The documented CSV.
        Csv = "CSV",
    }
}

crate::text_enum! {
    /// What a status means.
    pub enum Said {
        /// The money left, or arrived.
        Confirmed = "CONFIRMED",
        /// It did not leave.
        Refused = "REFUSED",
        /// The bank is at it.
        Pending = "PENDING",
    }
}

crate::text_enum! {
    /// What a line of an answer is about.
    pub enum Scope {
        /// One payment.
        Payment = "PAYMENT",
        /// Every payment of one part of a file.
        Part = "PART",
        /// Every payment of a file.
        File = "FILE",
    }
}

/// One thing that the bank says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerLine {
    /// Its number, from 1.
    pub n: i32,
    /// What it is about.
    pub scope: Scope,
    /// How the bank calls that: an `EndToEndId`, a `PmtInfId` or a `MsgId`, as sent.
    pub reference: String,
    /// The status as sent.
    pub status: String,
    /// The first reason's code.
    pub reason: Option<String>,
    /// The sum, where the bank repeats it.
    pub amount: Option<Money>,
    /// The bank's own reference.
    pub bank_reference: Option<String>,
    /// Why the line can't be read.
    pub fault: Option<Code>,
}

/// A whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How it was written.
    pub format: AnswerFormat,
    /// The bank's identification of its message.
    pub message: Option<String>,
    /// The identification of the file that it answers.
    pub original: Option<String>,
    /// Everything that it says.
    pub lines: Vec<AnswerLine>,
}

/// What a status means; `None` for one that the exchange does not know.
pub fn said(status: &str) -> Option<Said> {
    match status.to_ascii_uppercase().as_str() {
        // Settled on the creditor's account; settled on the debtor's.
        "ACCC" | "ACSC" | "CONFIRMED" => Some(Said::Confirmed),
        "RJCT" | "CANC" | "REFUSED" => Some(Said::Refused),
        "ACCP" | "ACFC" | "ACSP" | "ACTC" | "ACWC" | "ACWP" | "BLCK" | "PART" | "PATC" | "PDNG"
        | "PRES" | "RCVD" | "PENDING" => Some(Said::Pending),
        _ => None,
    }
}

/// Reads an answer of either form.
///
/// # Errors
/// `TOO_LARGE`, `ANSWER_UNREADABLE`. What is wrong with one line is in that line.
pub fn read(bytes: &[u8]) -> Result<Answer, Problem> {
    if bytes.len() > MAX_BYTES {
        return Err(TOO_LARGE.into());
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Problem::new(ANSWER_UNREADABLE).detail("The file is no UTF-8."))?;
    let text = text.trim_start_matches('\u{feff}');
    let answer = if text.trim_start().starts_with('<') {
        answer_xml::read(text.trim_start())?
    } else {
        answer_csv::read(text)?
    };
    if answer.lines.is_empty() {
        return Err(Problem::new(ANSWER_UNREADABLE).detail("The file says nothing."));
    }
    Ok(answer)
}

/// A text without spaces around it, cut; `None` when empty.
pub(super) fn short(text: &str) -> Option<String> {
    let cut: String = text.trim().chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect();
    (!cut.is_empty()).then_some(cut)
}

/// A sum in major units. Banks may write more zeros than the currency has places.
pub(super) fn sum(amount: &str, currency: &str) -> Result<Money, Code> {
    let currency: Currency =
        currency.trim().to_ascii_uppercase().parse().map_err(|_| ANSWER_UNREADABLE)?;
    let amount = amount.trim();
    let places = usize::try_from(currency.exponent()).unwrap_or(0);
    let cut = match amount.split_once('.') {
        Some((whole, part)) if part.len() > places => {
            let (kept, rest) = part.split_at_checked(places).ok_or(ANSWER_UNREADABLE)?;
            if rest.bytes().any(|byte| byte != b'0') {
                return Err(ANSWER_UNREADABLE);
            }
            if kept.is_empty() { whole.to_owned() } else { format!("{whole}.{kept}") }
        }
        _ => amount.to_owned(),
    };
    Money::parse_decimal(&cut, currency).ok_or(ANSWER_UNREADABLE)
}
