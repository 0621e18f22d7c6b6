//! The double-entry ledger: accounts, transactions, balances.
//!
//! Balances are kept in two ways. A *locked* account has one row in `balances` that a writer
//! locks before it decides. A *summed* account (a publisher's held earnings, the fees held from
//! one buyer) only gets rows in `balance_deltas`, so that nothing that every award touches is one
//! row; a job folds them. The balance is always the row plus its deltas.

mod charges;
mod closing;
mod credit;
mod entries;
mod funds;
mod fx;
mod jobs;
mod journal;
mod post;
mod repo;
mod rows;
mod service;
mod verify;

pub use charges::{Charge, Charged, charges, wallets};
pub use closing::{LedgerClose, PERIOD_CLOSED};
pub use credit::CreditChange;
pub use entries::{AccountLine, Entry, Summary, TopUp, Transaction, TransactionPosting};
pub use funds::{Funds, funds};
pub use fx::{ConvertMoney, FxConversion};
pub use jobs::{FOLD, Fold};
pub use journal::{JournalLayout, JournalPage, JournalPeriod};
pub use post::{Posted, balances, debt_of, ensure_accounts, lock_balances, post, rows};
pub use rows::{BALANCES, tables};
pub use service::{Earnings, Ledger, RecordTopUp, Wallet, credit, credited, tell_credited};
pub use verify::collect;

/// Sent when a buyer's money came in: what the buyer owed may be paid now. The key is the buyer.
pub const BUYER_CREDITED: &str = "ledger.buyer_credited";

leadbourse_core::codes! {
    NO_SUCH_BUYER: Invalid = "There is no such buyer.";
    BAD_REFERENCE: Invalid = "The reference has to have 1 to 200 characters.";
}
