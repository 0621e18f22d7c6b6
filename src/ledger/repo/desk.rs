//! Statements of FINANCE's desk: credit, currencies, closes, the journal.

use std::collections::HashMap;

use leadbourse_core::error::NOT_FOUND;
use leadbourse_core::ids::{
    AccountId, CreditChangeId, FxConversionId, LedgerCloseId, LedgerTxId, OrganizationId,
};
use leadbourse_core::money::{Currency, Money};
use leadbourse_core::time::Timestamp;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use super::{at, currency, money};
use crate::ledger::closing::LedgerClose;
use crate::ledger::credit::CreditChange;
use crate::ledger::fx::FxConversion;
use crate::ledger::journal::{JournalPeriod, JournalTx};
use crate::platform::db::sql::Filter;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Error, Result};
use crate::platform::paging::{Page, Paged};

const CREDIT: &str = "id, buyer_id, currency, before_limit, after_limit, note, decided_by, at";

fn credit_of(row: &QueryResult) -> Result<CreditChange> {
    Ok(CreditChange {
        id: CreditChangeId(row.try_get("", "id")?),
        buyer_id: OrganizationId(row.try_get("", "buyer_id")?),
        before: money(row, "before_limit")?,
        after: money(row, "after_limit")?,
        note: row.try_get("", "note")?,
        decided_by: row.try_get("", "decided_by")?,
        at: at(row)?,
    })
}

pub(in crate::ledger) async fn insert_credit_change(
    tx: &WriteTx,
    change: &CreditChange,
) -> Result<()> {
    let text =
        format!("INSERT INTO credit_changes ({CREDIT}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
    let values: [Value; 8] = [
        change.id.uuid().into(),
        change.buyer_id.uuid().into(),
        change.after.currency.code().into(),
        change.before.minor.into(),
        change.after.minor.into(),
        change.note.as_str().into(),
        change.decided_by.as_str().into(),
        change.at.micros().into(),
    ];
    sql::run(tx, &text, values).await.map(drop)
}

pub(in crate::ledger) async fn credit_change(
    tx: &impl Reader,
    id: CreditChangeId,
) -> Result<CreditChange> {
    let text = format!("SELECT {CREDIT} FROM credit_changes WHERE id = $1");
    let row = sql::one(tx, &text, [id.uuid().into()]).await?;
    credit_of(&row.ok_or(NOT_FOUND)?)
}

pub(in crate::ledger) async fn credit_changes(
    tx: &impl Reader,
    buyer: Option<OrganizationId>,
    page: &Page,
) -> Result<Paged<CreditChange>> {
    let mut wanted = Filter::default();
    wanted.and_some("buyer_id =", buyer.map(|id| id.uuid()));
    let (rest, values) = wanted.page(page);
    let text = format!("SELECT {CREDIT} FROM credit_changes WHERE {rest}");
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(credit_of).collect::<Result<_>>()?, page))
}

const FX: &str = "id, buyer_id, sold, sold_currency, bought, bought_currency, rate, note, \
     decided_by, at";

fn sum(row: &QueryResult, column: &str) -> Result<Money> {
    let code: String = row.try_get("", &format!("{column}_currency"))?;
    let currency: Currency =
        code.parse().map_err(|_| Error::broken(format!("stored currency {code}")))?;
    Ok(Money::new(row.try_get("", column)?, currency))
}

fn fx_of(row: &QueryResult) -> Result<FxConversion> {
    Ok(FxConversion {
        id: FxConversionId(row.try_get("", "id")?),
        buyer_id: OrganizationId(row.try_get("", "buyer_id")?),
        sold: sum(row, "sold")?,
        bought: sum(row, "bought")?,
        rate: row.try_get("", "rate")?,
        note: row.try_get("", "note")?,
        decided_by: row.try_get("", "decided_by")?,
        at: at(row)?,
    })
}

pub(in crate::ledger) async fn insert_fx_conversion(
    tx: &WriteTx,
    done: &FxConversion,
) -> Result<()> {
    let text = format!(
        "INSERT INTO fx_conversions ({FX}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    );
    let values: [Value; 10] = [
        done.id.uuid().into(),
        done.buyer_id.uuid().into(),
        done.sold.minor.into(),
        done.sold.currency.code().into(),
        done.bought.minor.into(),
        done.bought.currency.code().into(),
        done.rate.as_str().into(),
        done.note.clone().into(),
        done.decided_by.as_str().into(),
        done.at.micros().into(),
    ];
    sql::run(tx, &text, values).await.map(drop)
}

pub(in crate::ledger) async fn fx_conversion(
    tx: &impl Reader,
    id: FxConversionId,
) -> Result<FxConversion> {
    let text = format!("SELECT {FX} FROM fx_conversions WHERE id = $1");
    let row = sql::one(tx, &text, [id.uuid().into()]).await?;
    fx_of(&row.ok_or(NOT_FOUND)?)
}

pub(in crate::ledger) async fn fx_conversions(
    tx: &impl Reader,
    buyer: Option<OrganizationId>,
    page: &Page,
) -> Result<Paged<FxConversion>> {
    let mut wanted = Filter::default();
    wanted.and_some("buyer_id =", buyer.map(|id| id.uuid()));
    let (rest, values) = wanted.page(page);
    let text = format!("SELECT {FX} FROM fx_conversions WHERE {rest}");
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(fx_of).collect::<Result<_>>()?, page))
}

/// Every close, newest first: one a month.
pub(in crate::ledger) async fn closes(tx: &impl Reader) -> Result<Vec<LedgerClose>> {
    let text = "SELECT id, closed_until, note, closed_by, at FROM ledger_closes \
         ORDER BY closed_until DESC";
    sql::all(tx, text, [])
        .await?
        .iter()
        .map(|row| {
            Ok(LedgerClose {
                id: LedgerCloseId(row.try_get("", "id")?),
                closed_until: Timestamp::from_micros(row.try_get("", "closed_until")?),
                note: row.try_get("", "note")?,
                closed_by: row.try_get("", "closed_by")?,
                at: at(row)?,
            })
        })
        .collect()
}

pub(in crate::ledger) async fn insert_close(tx: &WriteTx, close: &LedgerClose) -> Result<()> {
    let text = "INSERT INTO ledger_closes (id, closed_until, note, closed_by, at) \
         VALUES ($1, $2, $3, $4, $5)";
    let values: [Value; 5] = [
        close.id.uuid().into(),
        close.closed_until.micros().into(),
        close.note.clone().into(),
        close.closed_by.as_str().into(),
        close.at.micros().into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

/// The next transactions of a period by id, with their postings.
pub(in crate::ledger) async fn journal(
    tx: &impl Reader,
    period: JournalPeriod,
    after: Option<LedgerTxId>,
    most: u32,
) -> Result<Vec<JournalTx>> {
    let text = format!(
        "SELECT id, kind, cause, at FROM ledger_txs WHERE id > $1 AND at >= $2 AND at < $3 \
         ORDER BY id LIMIT {most}"
    );
    let after = after.map_or(Uuid::nil(), LedgerTxId::uuid);
    let values: [Value; 3] = [after.into(), period.from.micros().into(), period.to.micros().into()];
    let mut found: Vec<JournalTx> = Vec::new();
    for row in sql::all(tx, &text, values).await? {
        found.push(JournalTx {
            id: LedgerTxId(row.try_get("", "id")?),
            kind: row.try_get("", "kind")?,
            cause: row.try_get("", "cause")?,
            at: at(&row)?,
            postings: Vec::new(),
        });
    }
    let places: HashMap<Uuid, usize> =
        found.iter().enumerate().map(|(place, one)| (one.id.uuid(), place)).collect();
    let keys: Vec<Uuid> = found.iter().map(|one| one.id.uuid()).collect();
    for chunk in keys.chunks(500) {
        let (marks, values) = sql::ids(1, chunk);
        let text = format!(
            "SELECT p.tx_id, a.code, p.amount, p.currency FROM postings p \
             JOIN ledger_accounts a ON a.id = p.account_id \
             WHERE p.tx_id IN ({marks}) ORDER BY p.tx_id, p.n"
        );
        for row in sql::all(tx, &text, values).await? {
            let id: Uuid = row.try_get("", "tx_id")?;
            let amount = Money::new(row.try_get("", "amount")?, currency(&row)?);
            let place = places.get(&id).and_then(|place| found.get_mut(*place));
            if let Some(one) = place {
                one.postings.push((row.try_get("", "code")?, amount));
            }
        }
    }
    Ok(found)
}

/// What an account gained after a transaction, or in all that is left out when none is named.
pub(in crate::ledger) async fn gained_after(
    tx: &impl Reader,
    account: AccountId,
    last: Option<LedgerTxId>,
) -> Result<i64> {
    let Some(last) = last else { return Ok(0) };
    let text = "SELECT CAST(COALESCE(SUM(p.amount), 0) AS BIGINT) AS amount FROM postings p \
         WHERE p.account_id = $1 \
         AND (p.at > (SELECT c.at FROM ledger_txs c WHERE c.id = $2) \
           OR (p.at = (SELECT c.at FROM ledger_txs c WHERE c.id = $2) AND p.tx_id > $2))";
    let row = sql::one(tx, text, [account.uuid().into(), last.uuid().into()]).await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("", "amount")?))
}
