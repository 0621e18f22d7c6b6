//! Recomputes balances from postings and names every difference.

use std::collections::BTreeMap;
use std::fmt;

use super::account::Account;
use crate::ids::{AccountId, LedgerTxId};

/// One thing that is wrong in a stored ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A transaction's postings do not net to zero.
    Unbalanced {
        /// The transaction.
        tx: LedgerTxId,
        /// What they net to.
        net: i64,
    },
    /// A transaction has no posting, or a posting no transaction.
    Incomplete {
        /// The transaction.
        tx: LedgerTxId,
    },
    /// A transaction's id does not derive from its kind and cause.
    Forged {
        /// The transaction.
        tx: LedgerTxId,
    },
    /// A posting is in another currency than its account or transaction.
    Currency {
        /// The transaction.
        tx: LedgerTxId,
        /// The account.
        account: AccountId,
    },
    /// A posting, delta or balance names an account that is not registered, or the registered
    /// code does not give this id.
    UnknownAccount {
        /// The account.
        account: AccountId,
    },
    /// The kept balance is not the sum of the postings.
    Balance {
        /// The account's code, or its id when it has none.
        account: String,
        /// What is kept.
        kept: i64,
        /// What the postings give.
        computed: i64,
    },
    /// The balance is outside the account's range.
    OutOfRange {
        /// The account's code.
        account: String,
        /// The balance.
        balance: i64,
    },
    /// A sum that another table keeps does not agree with the ledger.
    Books {
        /// What was compared.
        what: String,
        /// What the other table says.
        kept: i64,
        /// What the ledger says.
        computed: i64,
    },
    /// A document that is printed again is not what was issued.
    Paper {
        /// The document and which form of it.
        what: String,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Unbalanced { tx, net } => write!(f, "{tx} nets to {net}, not to zero"),
            Difference::Incomplete { tx } => write!(f, "{tx} is incomplete"),
            Difference::Forged { tx } => write!(f, "{tx} does not derive from its cause"),
            Difference::Currency { tx, account } => {
                write!(f, "{tx} posts to {account} in another currency")
            }
            Difference::UnknownAccount { account } => write!(f, "{account} is not registered"),
            Difference::Balance { account, kept, computed } => {
                write!(f, "{account} keeps {kept}, its postings give {computed}")
            }
            Difference::OutOfRange { account, balance } => {
                write!(f, "{account} has {balance}, which is out of its range")
            }
            Difference::Books { what, kept, computed } => {
                write!(f, "{what}: the table says {kept}, the ledger {computed}")
            }
            Difference::Paper { what } => write!(f, "{what} is not what was issued"),
        }
    }
}

/// Collects a stored ledger row by row, then names the differences.
#[derive(Debug, Default)]
pub struct Verifier {
    accounts: BTreeMap<AccountId, Account>,
    kept: BTreeMap<AccountId, i64>,
    computed: BTreeMap<AccountId, i64>,
    found: Vec<Difference>,
}

impl Verifier {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// A registered account with its code.
    pub fn account(&mut self, id: AccountId, code: &str) {
        match Account::parse(code).filter(|account| account.id() == id) {
            Some(account) => {
                self.accounts.insert(id, account);
            }
            None => self.found.push(Difference::UnknownAccount { account: id }),
        }
    }

    /// A kept balance or a delta that is not folded yet.
    pub fn kept(&mut self, id: AccountId, amount: i64) {
        let sum = self.kept.entry(id).or_default();
        *sum = sum.saturating_add(amount);
    }

    /// A transaction with its postings `(account, amount, currency)`.
    pub fn transaction(
        &mut self,
        id: LedgerTxId,
        derived: LedgerTxId,
        currency: &str,
        postings: &[(AccountId, i64, String)],
    ) {
        if id != derived {
            self.found.push(Difference::Forged { tx: id });
        }
        if postings.len() < 2 {
            self.found.push(Difference::Incomplete { tx: id });
        }
        let mut net: i64 = 0;
        for (account, amount, posted_in) in postings {
            net = net.saturating_add(*amount);
            let sum = self.computed.entry(*account).or_default();
            *sum = sum.saturating_add(*amount);
            let wrong = self.accounts.get(account).is_some_and(|known| {
                known.currency().code() != posted_in || known.currency().code() != currency
            });
            if wrong {
                self.found.push(Difference::Currency { tx: id, account: *account });
            }
        }
        if net != 0 {
            self.found.push(Difference::Unbalanced { tx: id, net });
        }
    }

    /// A difference that the caller found.
    pub fn report(&mut self, difference: Difference) {
        self.found.push(difference);
    }

    /// What the postings of an account give so far.
    pub fn computed(&self, account: AccountId) -> i64 {
        self.computed.get(&account).copied().unwrap_or(0)
    }

    /// The registered accounts with what their postings give.
    pub fn balances(&self) -> impl Iterator<Item = (&Account, i64)> {
        self.accounts.iter().map(|(id, account)| (account, self.computed(*id)))
    }

    /// Every difference, in a stable order: transactions as they came, then accounts.
    pub fn finish(mut self) -> Vec<Difference> {
        let ids: std::collections::BTreeSet<AccountId> =
            self.kept.keys().chain(self.computed.keys()).copied().collect();
        for id in ids {
            let kept = self.kept.get(&id).copied().unwrap_or(0);
            let computed = self.computed.get(&id).copied().unwrap_or(0);
            let Some(account) = self.accounts.get(&id) else {
                self.found.push(Difference::UnknownAccount { account: id });
                continue;
            };
            if kept != computed {
                let account = account.code();
                self.found.push(Difference::Balance { account, kept, computed });
            }
            if !account.kind().guard().holds(computed) {
                self.found
                    .push(Difference::OutOfRange { account: account.code(), balance: computed });
            }
        }
        self.found
    }
}
