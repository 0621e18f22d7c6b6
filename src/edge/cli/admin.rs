//! Commands that look at or change the exchange: the same code inside a running server and
//! without one.

use clap::Subcommand;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

use super::socket::Out;
use crate::boot::App;
use crate::ledger;
use crate::platform::error::Result;

/// A command with what it needs to know of its sender.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    /// What to do.
    pub command: Command,
}

/// What can be done inside the exchange.
#[derive(Debug, Serialize, Deserialize, Subcommand)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// The double-entry ledger.
    Ledger {
        /// What to do with it.
        #[command(subcommand)]
        command: LedgerCommand,
    },
}

/// The double-entry ledger.
#[derive(Debug, Serialize, Deserialize, Subcommand)]
#[serde(rename_all = "snake_case")]
pub enum LedgerCommand {
    /// Recompute every balance from the postings and name any difference.
    Verify,
}

impl Command {
    /// Whether it only reads: then it may run beside a server that it cannot reach.
    pub fn only_reads(&self) -> bool {
        matches!(self, Self::Ledger { command: LedgerCommand::Verify })
    }
}

/// Runs a command.
///
/// # Errors
/// What the use case refuses.
pub async fn run(app: &Arc<App>, request: Request, out: &Out) -> Result<Value> {
    match request.command {
        Command::Ledger { command: LedgerCommand::Verify } => ledger_verify(app, out).await,
    }
}

async fn ledger_verify(app: &App, out: &Out) -> Result<Value> {
    let tx = app.db.begin_read().await?;
    let differences = ledger::collect(&tx).await?.finish();
    for difference in &differences {
        out.line(format!("{difference}")).await;
    }
    Ok(json!({ "clean": differences.is_empty(), "differences": differences.len() }))
}
