//! The journal of a period for accountants, a page of transactions at a time.

use leadbourse_core::error::{OUT_OF_RANGE, Problem};
use leadbourse_core::ids::LedgerTxId;
use leadbourse_core::ledger::Account;
use leadbourse_core::ledger::journal::{chart, pairs};
use leadbourse_core::money::Money;
use leadbourse_core::time::Timestamp;

use super::repo::desk;
use super::service::Ledger;
use crate::platform::error::{Context, Error, Result};

/// Transactions that are read at once.
const CHUNK: u32 = 2_000;

leadbourse_core::text_enum! {
    /// How the journal is written.
    pub enum JournalLayout {
        /// A row per posting, comma separated, with debit and credit columns.
        Csv = "CSV",
        /// A row per pair of accounts, semicolon separated, for 1C.
        OneC = "1C",
    }
}

/// Which part of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalPeriod {
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
}

/// A part of the file, and where the next one begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalPage {
    /// Rows with their ends of line.
    pub text: String,
    /// `None` when this was the last.
    pub next: Option<LedgerTxId>,
}

/// A transaction with its postings by account code.
pub(super) struct JournalTx {
    pub(super) id: LedgerTxId,
    pub(super) kind: String,
    pub(super) cause: String,
    pub(super) at: Timestamp,
    pub(super) postings: Vec<(String, Money)>,
}

impl Ledger {
    /// The next rows of the journal, after a transaction. The file is in the order of transaction
    /// ids and the same whenever it is made, as long as its period is over. No actor: it holds ids
    /// and sums, and is for who owns the machine.
    ///
    /// # Errors
    /// `OUT_OF_RANGE` for a period that ends before it begins.
    pub async fn journal(
        &self,
        period: JournalPeriod,
        layout: JournalLayout,
        after: Option<LedgerTxId>,
    ) -> Result<JournalPage> {
        if period.to <= period.from {
            return Err(Problem::new(OUT_OF_RANGE).field("to").into());
        }
        let tx = self.db.begin_read().await?;
        let found = desk::journal(&tx, period, after, CHUNK).await?;
        let full = u32::try_from(found.len()).unwrap_or(u32::MAX) == CHUNK;
        let next = found.last().map(|one| one.id).filter(|_| full);
        let text = match layout {
            JournalLayout::Csv => csv(&found, after.is_none())?,
            JournalLayout::OneC => one_c(&found, after.is_none())?,
        };
        Ok(JournalPage { text, next })
    }
}

const CSV_HEAD: [&str; 8] =
    ["transaction", "at", "kind", "cause", "account", "debit", "credit", "currency"];

fn csv(found: &[JournalTx], head: bool) -> Result<String> {
    let mut out = writer(b',');
    if head {
        out.write_record(CSV_HEAD).context("printing the journal")?;
    }
    for tx in found {
        for (account, amount) in &tx.postings {
            let sum = Money::new(amount.minor.saturating_abs(), amount.currency).decimal();
            let (debit, credit) =
                if amount.minor < 0 { (sum, String::new()) } else { (String::new(), sum) };
            let (id, at) = (tx.id.to_string(), tx.at.rfc3339());
            let row = [&id, &at, &tx.kind, &tx.cause, account, &debit, &credit];
            let row = row.into_iter().map(String::as_str).chain([amount.currency.code()]);
            out.write_record(row).context("printing the journal")?;
        }
    }
    text(out)
}

const ONE_C_HEAD: [&str; 9] = [
    "Дата",
    "Номер",
    "СчетДт",
    "СубконтоДт",
    "СчетКт",
    "СубконтоКт",
    "Сумма",
    "Валюта",
    "Содержание",
];

fn one_c(found: &[JournalTx], head: bool) -> Result<String> {
    let mut out = writer(b';');
    if head {
        out.write_record(ONE_C_HEAD).context("printing the journal")?;
    }
    for tx in found {
        let date = tx.at.to_chrono().format("%d.%m.%Y %H:%M:%S").to_string();
        let id = tx.id.to_string();
        let postings: Vec<(&String, i64)> =
            tx.postings.iter().map(|(account, amount)| (account, amount.minor)).collect();
        let Some((_, first)) = tx.postings.first() else { continue };
        let content = format!("{} {}", tx.kind, tx.cause);
        for pair in pairs(&postings) {
            let sum = Money::new(pair.amount, first.currency).decimal().replace('.', ",");
            let (debit, credit) = (number(pair.debit), number(pair.credit));
            let row: [&str; 9] = [
                &date,
                &id,
                debit,
                pair.debit,
                credit,
                pair.credit,
                &sum,
                first.currency.code(),
                &content,
            ];
            out.write_record(row).context("printing the journal")?;
        }
    }
    text(out)
}

/// The account's number in the chart.
fn number(code: &str) -> &'static str {
    Account::parse(code).map_or("", |account| chart(account.kind()))
}

fn writer(delimiter: u8) -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new())
}

fn text(out: csv::Writer<Vec<u8>>) -> Result<String> {
    let bytes = out.into_inner().map_err(|error| {
        Error::other("printing the journal", std::io::Error::other(error.to_string()))
    })?;
    String::from_utf8(bytes).context("printing the journal")
}
