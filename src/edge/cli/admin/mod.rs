//! Commands that look at or change the exchange: the same code inside a running server and
//! without one. What they do is recorded as the system's deed, or as the member's named by `--as`.

mod endpoint;
mod journal;
mod people;
mod settle;
mod verify;

use clap::Subcommand;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

use super::import;
use super::socket::Out;
use crate::boot::App;
use crate::platform::clock::Clock;
use crate::platform::error::Result;

pub use endpoint::EndpointCommand;
pub use people::{KeyCommand, UserCommand};
pub use settle::Settle;

/// A command as it is sent to a running server.
#[derive(Serialize, Deserialize)]
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
    /// Recompute every lead's chain of verdicts, its evidence, and the audit log.
    Verify,
    /// Send the leads of a CSV file, one verdict per row.
    Import(Box<import::Import>),
    /// Settle a period: plan, approve, export, confirm.
    Settle(settle::Settle),
    /// People.
    User {
        /// What to do.
        #[command(subcommand)]
        command: UserCommand,
    },
    /// API keys.
    Key {
        /// What to do.
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Buyers' endpoints.
    Endpoint {
        /// What to do.
        #[command(subcommand)]
        command: EndpointCommand,
    },
}

/// The double-entry ledger.
#[derive(Debug, Serialize, Deserialize, Subcommand)]
#[serde(rename_all = "snake_case")]
pub enum LedgerCommand {
    /// Recompute every balance from the postings and name any difference.
    Verify,
    /// Print the journal of a period for accountants.
    Journal(journal::Journal),
}

impl Command {
    /// What only the caller's side knows is filled in: paths.
    ///
    /// # Errors
    /// When a file is not there.
    pub fn prepared(self) -> Result<Self> {
        Ok(match self {
            Self::Import(import) => Self::Import(Box::new(import.absolute()?)),
            other => other,
        })
    }

    /// The clock that a command brings with it, where no server runs.
    pub fn own_clock(&self) -> Option<Clock> {
        match self {
            Self::Import(import) => import.own_clock(),
            _ => None,
        }
    }

    /// Whether it only reads: then it opens the database read-only when no server answers.
    pub fn only_reads(&self) -> bool {
        matches!(self, Self::Ledger { .. } | Self::Verify)
    }
}

/// Runs a command.
///
/// # Errors
/// What the use case refuses.
pub async fn run(app: &Arc<App>, request: Request, out: &Out) -> Result<Value> {
    match request.command {
        Command::Ledger { command: LedgerCommand::Verify } => verify::ledger(app, out).await,
        Command::Ledger { command: LedgerCommand::Journal(journal) } => {
            journal::run(app, &journal, out).await
        }
        Command::Verify => verify::leads(app, out).await,
        Command::Settle(settle) => settle::run(app, settle, out).await,
        Command::User { command } => people::user(app, command).await,
        Command::Key { command } => people::key(app, command).await,
        Command::Endpoint { command } => endpoint::run(app, command, out).await,
        Command::Import(import) => import::run(app, *import, out).await,
    }
}
