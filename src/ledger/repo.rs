//! Reads of the ledger, and the few statements that are not bulk.

pub(super) mod desk;

use std::collections::HashMap;

use leadbourse_core::ids::{AccountId, LedgerTxId, OrganizationId, TopUpId};
use leadbourse_core::money::{Currency, Money};
use leadbourse_core::time::Timestamp;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use super::entries::{AccountLine, Entry, TopUp, Transaction, TransactionPosting};
use super::rows::TOP_UPS;
use crate::platform::db::bulk::{self, Rows};
use crate::platform::db::sql::Filter;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Error, Result};
use crate::platform::paging::{Page, Paged};

/// Row plus deltas of the account `a`, in one statement so that a fold can't slip between.
const BALANCE: &str = "CAST(COALESCE((SELECT b.amount FROM balances b WHERE b.account_id = a.id), 0) \
     + COALESCE((SELECT SUM(d.amount) FROM balance_deltas d WHERE d.account_id = a.id), 0) AS BIGINT)";

fn currency(row: &QueryResult) -> Result<Currency> {
    let text: String = row.try_get("", "currency")?;
    text.parse().map_err(|_| Error::broken(format!("stored currency {text}")))
}

fn money(row: &QueryResult, column: &str) -> Result<Money> {
    Ok(Money::new(row.try_get("", column)?, currency(row)?))
}

fn at(row: &QueryResult) -> Result<Timestamp> {
    Ok(Timestamp::from_micros(row.try_get("", "at")?))
}

pub(super) async fn balances(
    tx: &impl Reader,
    ids: &[AccountId],
) -> Result<HashMap<AccountId, i64>> {
    let mut out = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let keys: Vec<Uuid> = chunk.iter().map(|id| id.uuid()).collect();
        let (marks, values) = sql::ids(1, &keys);
        let text = format!(
            "SELECT a.id, {BALANCE} AS amount FROM ledger_accounts a WHERE a.id IN ({marks})"
        );
        for row in sql::all(tx, &text, values).await? {
            out.insert(AccountId(row.try_get("", "id")?), row.try_get("", "amount")?);
        }
    }
    Ok(out)
}

fn line(row: &QueryResult) -> Result<AccountLine> {
    let owner: Option<Uuid> = row.try_get("", "owner_id")?;
    Ok(AccountLine {
        id: AccountId(row.try_get("", "id")?),
        code: row.try_get("", "code")?,
        kind: row.try_get("", "kind")?,
        owner: owner.map(OrganizationId),
        balance: money(row, "amount")?,
    })
}

pub(super) async fn account(tx: &impl Reader, id: AccountId) -> Result<Option<AccountLine>> {
    let text = format!(
        "SELECT a.id, a.code, a.kind, a.owner_id, a.currency, {BALANCE} AS amount \
         FROM ledger_accounts a WHERE a.id = $1"
    );
    sql::one(tx, &text, [id.uuid().into()]).await?.as_ref().map(line).transpose()
}

/// Accounts of one owner, by code.
pub(super) async fn accounts_of(
    tx: &impl Reader,
    owner: OrganizationId,
) -> Result<Vec<AccountLine>> {
    let text = format!(
        "SELECT a.id, a.code, a.kind, a.owner_id, a.currency, {BALANCE} AS amount \
         FROM ledger_accounts a WHERE a.owner_id = $1 ORDER BY a.code"
    );
    sql::all(tx, &text, [owner.uuid().into()]).await?.iter().map(line).collect()
}

pub(super) async fn accounts(
    tx: &impl Reader,
    prefix: Option<&str>,
    page: &Page,
) -> Result<Paged<AccountLine>> {
    let escaped =
        prefix.unwrap_or("").replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let mut values: Vec<Value> = vec![format!("{escaped}%").into()];
    let mut text = format!(
        "SELECT a.id, a.code, a.kind, a.owner_id, a.currency, {BALANCE} AS amount \
         FROM ledger_accounts a WHERE a.code LIKE $1 ESCAPE '\\'"
    );
    if let Some(before) = page.before_key() {
        text.push_str(" AND a.id < $2");
        values.push(before.into());
    }
    text.push_str(&format!(" ORDER BY a.id DESC LIMIT {}", page.limit()));
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(line).collect::<Result<_>>()?, page))
}

/// The postings of an account, newest first. The cursor is the transaction: an account has at
/// most one posting in each.
pub(super) async fn entries(
    tx: &impl Reader,
    account: AccountId,
    page: &Page,
) -> Result<Paged<Entry>> {
    let mut values: Vec<Value> = vec![account.uuid().into()];
    let mut text = "SELECT p.tx_id, p.amount, p.currency, p.at, t.kind, t.cause FROM postings p \
         JOIN ledger_txs t ON t.id = p.tx_id WHERE p.account_id = $1"
        .to_owned();
    if let Some(before) = page.before_key() {
        text.push_str(
            " AND (p.at < (SELECT c.at FROM ledger_txs c WHERE c.id = $2) \
             OR (p.at = (SELECT c.at FROM ledger_txs c WHERE c.id = $2) AND p.tx_id < $2))",
        );
        values.push(before.into());
    }
    text.push_str(&format!(" ORDER BY p.at DESC, p.tx_id DESC LIMIT {}", page.limit()));
    let rows = sql::all(tx, &text, values).await?;
    let entries = rows.iter().map(entry).collect::<Result<_>>()?;
    Ok(Paged::cut(entries, page))
}

fn entry(row: &QueryResult) -> Result<Entry> {
    Ok(Entry {
        tx_id: LedgerTxId(row.try_get("", "tx_id")?),
        kind: row.try_get("", "kind")?,
        cause: row.try_get("", "cause")?,
        amount: money(row, "amount")?,
        // The service fills it in: it depends on what is newer.
        balance: Money::new(0, currency(row)?),
        at: at(row)?,
    })
}

pub(super) async fn transaction(tx: &impl Reader, id: LedgerTxId) -> Result<Option<Transaction>> {
    let head = "SELECT id, kind, cause, at FROM ledger_txs WHERE id = $1";
    let Some(row) = sql::one(tx, head, [id.uuid().into()]).await? else { return Ok(None) };
    let text = "SELECT p.account_id, a.code, p.amount, p.currency FROM postings p \
         LEFT JOIN ledger_accounts a ON a.id = p.account_id WHERE p.tx_id = $1 ORDER BY p.n";
    let mut postings = Vec::new();
    for posting in sql::all(tx, text, [id.uuid().into()]).await? {
        let account_id = AccountId(posting.try_get("", "account_id")?);
        let code: Option<String> = posting.try_get("", "code")?;
        postings.push(TransactionPosting {
            account_id,
            account_code: code.unwrap_or_else(|| account_id.to_string()),
            amount: money(&posting, "amount")?,
        });
    }
    Ok(Some(Transaction {
        id,
        kind: row.try_get("", "kind")?,
        cause: row.try_get("", "cause")?,
        at: at(&row)?,
        postings,
    }))
}

/// Sums of balances by currency and kind.
pub(super) async fn sums(tx: &impl Reader) -> Result<Vec<(Currency, String, i64)>> {
    let text = "SELECT currency, kind, CAST(SUM(amount) AS BIGINT) AS amount FROM ( \
         SELECT a.currency, a.kind, b.amount FROM ledger_accounts a \
           JOIN balances b ON b.account_id = a.id \
         UNION ALL SELECT a.currency, a.kind, d.amount FROM balance_deltas d \
           JOIN ledger_accounts a ON a.id = d.account_id) s \
         GROUP BY currency, kind ORDER BY currency, kind";
    sql::all(tx, text, [])
        .await?
        .iter()
        .map(|row| Ok((currency(row)?, row.try_get("", "kind")?, row.try_get("", "amount")?)))
        .collect()
}

/// What the postings of these kinds since an instant added to an account.
pub(super) async fn moved(
    tx: &impl Reader,
    accounts: &[AccountId],
    kinds: &[&str],
    since: Timestamp,
) -> Result<i64> {
    let keys: Vec<Uuid> = accounts.iter().map(|id| id.uuid()).collect();
    let (marks, ids) = sql::ids(2, &keys);
    let next = 2 + ids.len();
    let kinds_marks: Vec<String> = (next..next + kinds.len()).map(|n| format!("${n}")).collect();
    let text = format!(
        "SELECT CAST(COALESCE(SUM(p.amount), 0) AS BIGINT) AS amount FROM postings p \
         JOIN ledger_txs t ON t.id = p.tx_id WHERE p.at >= $1 AND p.account_id IN ({marks}) \
         AND t.kind IN ({})",
        kinds_marks.join(",")
    );
    let mut values: Vec<Value> = vec![since.micros().into()];
    values.extend(ids);
    values.extend(kinds.iter().map(|kind| Value::from(*kind)));
    let row = sql::one(tx, &text, values).await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("", "amount")?))
}

pub(super) async fn insert_top_up(tx: &WriteTx, top_up: &TopUp) -> Result<()> {
    let mut rows = Rows::new(&TOP_UPS);
    rows.push([
        top_up.id.uuid().into(),
        top_up.buyer_id.uuid().into(),
        top_up.amount.minor.into(),
        top_up.amount.currency.code().into(),
        top_up.rail.as_str().into(),
        top_up.reference.as_str().into(),
        top_up.note.clone().into(),
        top_up.recorded_by.as_str().into(),
        top_up.at.micros().into(),
    ]);
    bulk::insert_many(tx, rows).await.map(drop)
}

const TOP_UP_COLUMNS: &str =
    "id, buyer_id, amount, currency, rail, reference, note, recorded_by, at";

fn top_up_of(row: &QueryResult) -> Result<TopUp> {
    Ok(TopUp {
        id: TopUpId(row.try_get("", "id")?),
        buyer_id: OrganizationId(row.try_get("", "buyer_id")?),
        amount: money(row, "amount")?,
        rail: row.try_get("", "rail")?,
        reference: row.try_get("", "reference")?,
        note: row.try_get("", "note")?,
        recorded_by: row.try_get("", "recorded_by")?,
        at: at(row)?,
    })
}

pub(super) async fn top_up(
    tx: &impl Reader,
    id: TopUpId,
    buyer: Option<OrganizationId>,
) -> Result<Option<TopUp>> {
    let text = format!("SELECT {TOP_UP_COLUMNS} FROM top_ups WHERE id = $1");
    let found = sql::one(tx, &text, [id.uuid().into()]).await?;
    let found = found.as_ref().map(top_up_of).transpose()?;
    Ok(found.filter(|top_up| buyer.is_none_or(|buyer| top_up.buyer_id == buyer)))
}

pub(super) async fn top_ups(
    tx: &impl Reader,
    buyer: Option<OrganizationId>,
    page: &Page,
) -> Result<Paged<TopUp>> {
    let mut wanted = Filter::default();
    wanted.and_some("buyer_id =", buyer.map(|id| id.uuid()));
    let (rest, values) = wanted.page(page);
    let text = format!("SELECT {TOP_UP_COLUMNS} FROM top_ups WHERE {rest}");
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(top_up_of).collect::<Result<_>>()?, page))
}

/// The oldest deltas: id and account.
pub(super) async fn deltas(tx: &impl Reader, most: u32) -> Result<Vec<(Uuid, Uuid)>> {
    let text = format!("SELECT id, account_id FROM balance_deltas ORDER BY id LIMIT {most}");
    sql::all(tx, &text, [])
        .await?
        .iter()
        .map(|row| Ok((row.try_get("", "id")?, row.try_get("", "account_id")?)))
        .collect()
}

/// One stored transaction with its postings, for `verify`.
pub(super) struct StoredTx {
    pub(super) id: LedgerTxId,
    pub(super) kind: String,
    pub(super) cause: String,
    pub(super) currency: String,
    pub(super) postings: Vec<(AccountId, i64, String)>,
}

/// The next transactions by id, with their postings.
pub(super) async fn stored_after(
    tx: &impl Reader,
    after: Option<LedgerTxId>,
    most: u32,
) -> Result<Vec<StoredTx>> {
    let after = after.map_or(Uuid::nil(), LedgerTxId::uuid);
    let text = format!(
        "SELECT id, kind, cause, currency FROM ledger_txs WHERE id > $1 ORDER BY id LIMIT {most}"
    );
    let heads = sql::all(tx, &text, [after.into()]).await?;
    let mut out = Vec::with_capacity(heads.len());
    let mut places = HashMap::with_capacity(heads.len());
    for head in &heads {
        let id = LedgerTxId(head.try_get("", "id")?);
        places.insert(id.uuid(), out.len());
        out.push(StoredTx {
            id,
            kind: head.try_get("", "kind")?,
            cause: head.try_get("", "cause")?,
            currency: head.try_get("", "currency")?,
            postings: Vec::new(),
        });
    }
    let Some(last) = out.last().map(|stored| stored.id) else { return Ok(out) };
    let text = "SELECT tx_id, account_id, amount, currency FROM postings \
         WHERE tx_id > $1 AND tx_id <= $2 ORDER BY tx_id, n";
    for row in sql::all(tx, text, [after.into(), last.uuid().into()]).await? {
        let tx_id: Uuid = row.try_get("", "tx_id")?;
        let place = places.get(&tx_id).and_then(|place| out.get_mut(*place));
        if let Some(stored) = place {
            let account = AccountId(row.try_get("", "account_id")?);
            stored.postings.push((
                account,
                row.try_get("", "amount")?,
                row.try_get("", "currency")?,
            ));
        }
    }
    Ok(out)
}

/// Transactions that postings name and that do not exist.
pub(super) async fn orphans(tx: &impl Reader) -> Result<Vec<LedgerTxId>> {
    let text = "SELECT DISTINCT p.tx_id FROM postings p \
         WHERE NOT EXISTS (SELECT 1 FROM ledger_txs t WHERE t.id = p.tx_id) LIMIT 100";
    sql::all(tx, text, [])
        .await?
        .iter()
        .map(|row| Ok(LedgerTxId(row.try_get("", "tx_id")?)))
        .collect()
}

/// Every registered account: id and code.
pub(super) async fn registry(tx: &impl Reader) -> Result<Vec<(AccountId, String)>> {
    sql::all(tx, "SELECT id, code FROM ledger_accounts ORDER BY code", [])
        .await?
        .iter()
        .map(|row| Ok((AccountId(row.try_get("", "id")?), row.try_get("", "code")?)))
        .collect()
}

/// Every kept amount: balance rows, and the sums of deltas.
pub(super) async fn kept(tx: &impl Reader) -> Result<Vec<(AccountId, i64)>> {
    let text = "SELECT account_id, CAST(amount AS BIGINT) AS amount FROM balances \
         UNION ALL SELECT account_id, CAST(SUM(amount) AS BIGINT) AS amount FROM balance_deltas \
         GROUP BY account_id";
    sql::all(tx, text, [])
        .await?
        .iter()
        .map(|row| Ok((AccountId(row.try_get("", "account_id")?), row.try_get("", "amount")?)))
        .collect()
}

/// One movement of a buyer's money as it is stored.
pub(super) struct ChargeRow {
    pub(super) tx: LedgerTxId,
    pub(super) kind: String,
    pub(super) cause: String,
    pub(super) at: Timestamp,
    /// What the buyer's own accounts gained or lost.
    pub(super) moved: i64,
    /// What the held fees gained or lost.
    pub(super) fee: i64,
}

/// Conversions and what was given back, within a period, after a transaction, oldest first.
pub(super) async fn charges(
    tx: &impl Reader,
    accounts: &[AccountId],
    fees: AccountId,
    (from, to): (Timestamp, Timestamp),
    after: Option<Uuid>,
) -> Result<Vec<ChargeRow>> {
    let keys: Vec<Uuid> = accounts.iter().map(|id| id.uuid()).collect();
    let mut values: Vec<Value> = vec![fees.uuid().into(), from.micros().into(), to.micros().into()];
    let mut behind = String::new();
    if let Some(after) = after {
        values.push(after.into());
        behind.push_str(
            "AND p.at >= (SELECT c.at FROM ledger_txs c WHERE c.id = $4) \
             AND (p.at > (SELECT c.at FROM ledger_txs c WHERE c.id = $4) OR p.tx_id > $4)",
        );
    }
    let (marks, ids) = sql::ids(values.len() + 1, &keys);
    values.extend(ids);
    let text = format!(
        "SELECT p.tx_id, t.kind, t.cause, t.at, \
           CAST(SUM(CASE WHEN p.account_id = $1 THEN p.amount ELSE 0 END) AS BIGINT) AS fee, \
           CAST(SUM(CASE WHEN p.account_id = $1 THEN 0 ELSE p.amount END) AS BIGINT) AS moved \
         FROM postings p JOIN ledger_txs t ON t.id = p.tx_id \
         WHERE p.account_id IN ({marks}) AND p.at >= $2 AND p.at < $3 {behind} \
           AND t.kind IN ('CONVERSION', 'GIVE_BACK') \
         GROUP BY p.tx_id, t.kind, t.cause, t.at ORDER BY t.at, p.tx_id LIMIT 1000"
    );
    sql::all(tx, &text, values)
        .await?
        .iter()
        .map(|row| {
            Ok(ChargeRow {
                tx: LedgerTxId(row.try_get("", "tx_id")?),
                kind: row.try_get("", "kind")?,
                cause: row.try_get("", "cause")?,
                at: at(row)?,
                moved: row.try_get("", "moved")?,
                fee: row.try_get("", "fee")?,
            })
        })
        .collect()
}

/// Buyers and currencies that have a wallet.
pub(super) async fn wallets(tx: &impl Reader) -> Result<Vec<(OrganizationId, Currency)>> {
    let text = "SELECT owner_id, currency FROM ledger_accounts WHERE kind = 'BUYER_AVAILABLE' \
         AND owner_id IS NOT NULL ORDER BY id";
    sql::all(tx, text, [])
        .await?
        .iter()
        .map(|row| Ok((OrganizationId(row.try_get("", "owner_id")?), currency(row)?)))
        .collect()
}
