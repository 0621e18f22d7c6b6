//! The journal for accountants, from the command line.

use clap::Args;
use leadbourse_core::error::{BAD_INPUT, Problem};
use leadbourse_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::socket::Out;
use crate::boot::App;
use crate::ledger::{JournalLayout, JournalPeriod};
use crate::platform::error::Result;

/// Which part of the journal, and how.
#[derive(Debug, Serialize, Deserialize, Args)]
pub struct Journal {
    /// The first instant (RFC 3339), like `2026-03-01T00:00:00+03:00`.
    #[arg(long)]
    from: String,
    /// The first instant after the period (RFC 3339).
    #[arg(long)]
    to: String,
    /// `csv`: a row per posting; `1c`: a row per pair of accounts.
    #[arg(long, default_value = "csv")]
    layout: String,
}

/// Prints the journal, some thousand transactions at a time.
pub(super) async fn run(app: &App, journal: &Journal, out: &Out) -> Result<Value> {
    let period =
        JournalPeriod { from: instant(&journal.from, "from")?, to: instant(&journal.to, "to")? };
    let bad = |_| Problem::new(BAD_INPUT).field("layout").detail("Give csv or 1c.");
    let layout: JournalLayout = journal.layout.to_uppercase().parse().map_err(bad)?;
    let mut after = None;
    loop {
        let page = app.ledger.journal(period, layout, after).await?;
        out.text(page.text).await;
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(Value::Null),
        }
    }
}

fn instant(text: &str, field: &'static str) -> Result<Timestamp> {
    let bad = || Problem::new(BAD_INPUT).field(field).detail("Give an RFC 3339 instant.");
    Ok(Timestamp::parse_rfc3339(text).ok_or_else(bad)?)
}
