//! Posting: the only way in which balances move.

use std::collections::{BTreeMap, HashMap};

use leadbourse_core::error::Problem;
use leadbourse_core::ids::{AccountId, OrganizationId, PostingId};
use leadbourse_core::ledger::{
    ALREADY_POSTED, Account, AccountKind, Guard, INSUFFICIENT_FUNDS, Keeping, LEDGER_OVERFLOW,
    LedgerTx,
};
use leadbourse_core::money::Currency;
use leadbourse_core::time::Timestamp;
use uuid::Uuid;

use super::closing::PERIOD_CLOSED;
use super::repo;
use super::rows::{ACCOUNTS, BALANCES, DELTAS, POSTINGS, TXS};
use crate::platform::db::bulk::{self, Deltas, Lock, LockMode, OnConflict, Rows};
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::{Error, Result};

/// What transactions write: three tables, and additions to locked balances.
#[derive(Clone, Debug)]
pub struct Posted {
    /// Rows of [`super::tables`], in its order; possibly empty, never missing.
    pub inserts: Vec<Rows>,
    /// What is added to `balances`, by account.
    pub balances: Deltas,
}

/// The rows of transactions. Intake merges them into its one statement, after it has locked the
/// balances that [`Posted::balances`] names and checked them; everybody else calls [`post`].
///
/// # Errors
/// `LEDGER_OVERFLOW`.
pub fn rows(txs: &[LedgerTx]) -> Result<Posted> {
    let mut heads = Rows::new(&TXS);
    let mut postings = Rows::new(&POSTINGS);
    let mut locked: BTreeMap<Uuid, i64> = BTreeMap::new();
    let mut summed: BTreeMap<Uuid, (i64, Timestamp)> = BTreeMap::new();
    for tx in txs {
        let (id, at) = (tx.id().uuid(), tx.at());
        let currency = tx.currency();
        heads.push([
            id.into(),
            tx.kind().as_str().into(),
            tx.cause().into(),
            currency.code().into(),
            at.micros().into(),
        ]);
        for (n, posting) in (0i32..).zip(tx.postings()) {
            let account = posting.account_id.uuid();
            postings.push([
                id.into(),
                n.into(),
                account.into(),
                posting.amount.into(),
                currency.code().into(),
                at.micros().into(),
            ]);
            let sum = match posting.account.kind().keeping() {
                Keeping::Locked => locked.entry(account).or_default(),
                Keeping::Summed => &mut summed.entry(account).or_insert((0, at)).0,
            };
            *sum = sum.checked_add(posting.amount).ok_or(LEDGER_OVERFLOW)?;
        }
    }
    let mut deltas = Rows::new(&DELTAS);
    for (account, (amount, at)) in summed {
        let id = PostingId::new(at).uuid();
        deltas.push([id.into(), account.into(), amount.into(), at.micros().into()]);
    }
    let balances = Deltas { def: &BALANCES, col: "amount", by_key: locked };
    Ok(Posted { inserts: vec![heads, postings, deltas], balances })
}

/// Registers accounts that are not registered yet, with a balance of zero. Sorted, so that two
/// callers never wait for each other in a ring.
pub async fn ensure_accounts(tx: &WriteTx, accounts: &[Account]) -> Result<()> {
    let sorted: BTreeMap<AccountId, &Account> =
        accounts.iter().map(|account| (account.id(), account)).collect();
    let mut registry = Rows::new(&ACCOUNTS).on_conflict(OnConflict::DoNothing);
    let mut balances = Rows::new(&BALANCES).on_conflict(OnConflict::DoNothing);
    for (id, account) in sorted {
        registry.push([
            id.uuid().into(),
            account.code().into(),
            account.kind().as_str().into(),
            account.owner().map(OrganizationId::uuid).into(),
            account.currency().code().into(),
        ]);
        balances.push([id.uuid().into(), 0i64.into()]);
    }
    bulk::insert_many(tx, registry).await?;
    bulk::insert_many(tx, balances).await?;
    Ok(())
}

/// Locks the balances of these accounts (making rows that are missing) and reads them. Only the
/// row is read: a summed account's deltas are not in it.
pub async fn lock_balances(tx: &WriteTx, accounts: &[Account]) -> Result<HashMap<AccountId, i64>> {
    let keys: Vec<Uuid> = accounts.iter().map(|account| account.id().uuid()).collect();
    let lock = Lock::new(&BALANCES, &["amount"], &keys, LockMode::Update);
    let mut found = bulk::lock_rows(tx, &lock).await?;
    if keys.iter().any(|key| !found.contains_key(key)) {
        ensure_accounts(tx, accounts).await?;
        found = bulk::lock_rows(tx, &lock).await?;
    }
    Ok(found
        .into_iter()
        .filter_map(|(key, row)| row.first().map(|amount| (AccountId(key), *amount)))
        .collect())
}

/// How much a buyer owes, not negative. Locks the buyer's debt and free money.
pub async fn debt_of(tx: &WriteTx, buyer: OrganizationId, currency: Currency) -> Result<i64> {
    let (owed, available) = (Account::owed(buyer, currency), Account::available(buyer, currency));
    let found = lock_balances(tx, &[owed, available]).await?;
    Ok(found.get(&owed.id()).copied().unwrap_or(0).saturating_neg().max(0))
}

/// The balances of accounts as they are: rows and deltas in one statement. Accounts without a
/// row have zero.
pub async fn balances(tx: &impl Reader, accounts: &[Account]) -> Result<HashMap<AccountId, i64>> {
    let ids: Vec<AccountId> = accounts.iter().map(Account::id).collect();
    repo::balances(tx, &ids).await
}

/// Posts transactions: locks the balances that they move, sorted, refuses what would leave an
/// account's range, and writes everything.
///
/// # Errors
/// `INSUFFICIENT_FUNDS` if a buyer's free or promised money would fall below zero;
/// `ALREADY_POSTED` if a transaction with the same kind and cause exists; `PERIOD_CLOSED`.
pub async fn post(tx: &WriteTx, txs: &[LedgerTx]) -> Result<()> {
    let mut accounts: Vec<Account> =
        txs.iter().flat_map(|tx| tx.postings().iter().map(|p| p.account)).collect();
    if accounts.is_empty() {
        return Ok(());
    }
    accounts.sort_unstable();
    accounts.dedup();
    let posted = rows(txs)?;
    ensure_accounts(tx, &accounts).await?;
    let locked: Vec<Account> = accounts
        .iter()
        .filter(|account| account.kind().keeping() == Keeping::Locked)
        .copied()
        .collect();
    let before = lock_balances(tx, &locked).await?;
    for account in &locked {
        let id = account.id();
        let old = before.get(&id).copied().unwrap_or(0);
        let delta = posted.balances.by_key.get(&id.uuid()).copied().unwrap_or(0);
        check(account, old, delta)?;
    }
    for inserts in posted.inserts {
        bulk::insert_many(tx, inserts).await.map_err(refused)?;
    }
    let mut moved = posted.balances;
    moved.by_key.retain(|_, delta| *delta != 0);
    bulk::add_deltas(tx, moved).await
}

/// What the database's own guards mean.
fn refused(error: Error) -> Error {
    if error.is_unique_violation() {
        ALREADY_POSTED.into()
    } else if error.is_closed_period() {
        PERIOD_CLOSED.into()
    } else {
        error
    }
}

/// Refuses a movement that leaves the account's range, or goes further out of it.
fn check(account: &Account, old: i64, delta: i64) -> Result<()> {
    let new = old.checked_add(delta).ok_or(LEDGER_OVERFLOW)?;
    let guard = account.kind().guard();
    let worse = match guard {
        Guard::NotNegative => delta < 0,
        Guard::NotPositive => delta > 0,
        Guard::Free => false,
    };
    if !worse || guard.holds(new) {
        return Ok(());
    }
    match account.kind() {
        AccountKind::BuyerAvailable | AccountKind::BuyerReserved => {
            Err(Problem::new(INSUFFICIENT_FUNDS).into())
        }
        _ => Err(Error::broken(format!("{} would have {new}", account.code()))),
    }
}
