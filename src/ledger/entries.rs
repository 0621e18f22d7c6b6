//! What reads of the ledger give.

use leadbourse_core::ids::{AccountId, LedgerTxId, OrganizationId, TopUpId};
use leadbourse_core::money::{Currency, Money};
use leadbourse_core::time::Timestamp;

/// A registered account with its balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLine {
    /// Its id.
    pub id: AccountId,
    /// Its readable name.
    pub code: String,
    /// The stored name of its kind.
    pub kind: String,
    /// Whose it is.
    pub owner: Option<OrganizationId>,
    /// Its balance.
    pub balance: Money,
}

/// One posting as an account's owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The transaction.
    pub tx_id: LedgerTxId,
    /// The stored name of its kind.
    pub kind: String,
    /// What it derives from.
    pub cause: String,
    /// What the account gained or lost.
    pub amount: Money,
    /// What the account held after it.
    pub balance: Money,
    /// When.
    pub at: Timestamp,
}

/// One posting of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionPosting {
    /// The account.
    pub account_id: AccountId,
    /// Its readable name.
    pub account_code: String,
    /// What it gained or lost.
    pub amount: Money,
}

/// A whole transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Its id.
    pub id: LedgerTxId,
    /// The stored name of its kind.
    pub kind: String,
    /// What it derives from.
    pub cause: String,
    /// When.
    pub at: Timestamp,
    /// Its postings.
    pub postings: Vec<TransactionPosting>,
}

/// The exchange's books in one currency: sums over all accounts of a kind, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The currency.
    pub currency: Currency,
    /// Buyers' free money.
    pub buyer_funds: i64,
    /// Buyers' promised money.
    pub reserved: i64,
    /// What buyers owe, zero or negative.
    pub owed: i64,
    /// Publishers' earnings on hold.
    pub publisher_held: i64,
    /// Publishers' earnings that may be settled.
    pub publisher_payable: i64,
    /// Money on its way to publishers.
    pub in_payout: i64,
    /// Fees on hold.
    pub fees_held: i64,
    /// Earned fees.
    pub fees: i64,
    /// The world outside.
    pub external: i64,
    /// Whether all accounts of this currency sum to zero.
    pub balanced: bool,
}

/// Money that came in for a buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUp {
    /// Its id.
    pub id: TopUpId,
    /// Whose money.
    pub buyer_id: OrganizationId,
    /// How much.
    pub amount: Money,
    /// The stored name of the rail.
    pub rail: String,
    /// The bank's or the operator's reference.
    pub reference: String,
    /// A note of the operator.
    pub note: Option<String>,
    /// Who recorded it, as printed id.
    pub recorded_by: String,
    /// When.
    pub at: Timestamp,
}
