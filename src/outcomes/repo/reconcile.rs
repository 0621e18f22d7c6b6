//! Statements on reconciliations and their rows.

use leadbourse_core::access::Scope;
use leadbourse_core::ids::{AwardId, ConversionId, OrganizationId, ReconciliationId, derive};
use leadbourse_core::reconcile::Finding;
use leadbourse_core::time::Timestamp;
use sea_orm::{QueryResult, Value};
use std::collections::BTreeMap;
use uuid::Uuid;

use crate::outcomes::model::{Reconciled, Reconciliation};
use crate::platform::db::bulk::{self, Rows, Sets, TableDef, Ty};
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Error, Result};

static ROWS: TableDef = TableDef {
    name: "reconciliation_rows",
    cols: &[
        ("id", Ty::Uuid),
        ("reconciliation_id", Ty::Uuid),
        ("n", Ty::I32),
        ("finding", Ty::Text),
        ("code", Ty::OptText),
        ("award_id", Ty::OptUuid),
        ("conversion_id", Ty::OptUuid),
        ("goal", Ty::Text),
        ("external_ref", Ty::OptText),
        ("currency", Ty::OptText),
        ("amount", Ty::OptI64),
        ("known_amount", Ty::OptI64),
        ("refund", Ty::I32),
        ("refunded", Ty::OptI64),
        ("occurred_at", Ty::OptI64),
        ("outcome", Ty::OptText),
    ],
};

const COLUMNS: &str = "n, finding, code, award_id, conversion_id, goal, external_ref, currency, \
     amount, known_amount, refund, refunded, occurred_at, outcome";

const NO_REFUND: i32 = 0;
const WHOLE: i32 = 1;
const PART: i32 = 2;

fn row_id(of: ReconciliationId, n: i32) -> Uuid {
    derive(&[b"reconciliation row", of.uuid().as_bytes(), &n.to_be_bytes()])
}

/// Stores a comparison in the place of an earlier one of the same file that was not applied.
pub(in crate::outcomes) async fn store(
    tx: &WriteTx,
    (id, buyer, hash): (ReconciliationId, OrganizationId, Vec<u8>),
    rows: &[Reconciled],
) -> Result<()> {
    let text = "INSERT INTO reconciliations (id, buyer_id, file_hash, created_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at \
         WHERE reconciliations.applied_at IS NULL RETURNING id";
    let values: [Value; 4] =
        [id.uuid().into(), buyer.uuid().into(), hash.into(), tx.now().micros().into()];
    if sql::all(tx, text, values).await?.is_empty() {
        // Applied meanwhile: what was applied stays.
        return Ok(());
    }
    let text = "DELETE FROM reconciliation_rows WHERE reconciliation_id = $1";
    sql::run(tx, text, [id.uuid().into()]).await?;
    let mut new = Rows::new(&ROWS);
    for row in rows {
        let (refund, refunded) = match row.refunded {
            None => (NO_REFUND, None),
            Some(None) => (WHOLE, None),
            Some(Some(sum)) => (PART, Some(sum)),
        };
        new.push([
            row_id(id, row.n).into(),
            id.uuid().into(),
            row.n.into(),
            row.finding.as_str().into(),
            row.code.clone().into(),
            row.award_id.map(AwardId::uuid).into(),
            row.conversion_id.map(ConversionId::uuid).into(),
            row.goal.as_str().into(),
            row.reference.clone().into(),
            row.currency.map(|currency| currency.code().to_owned()).into(),
            row.amount.into(),
            row.known_amount.into(),
            refund.into(),
            refunded.into(),
            row.occurred_at.map(Timestamp::micros).into(),
            row.outcome.clone().into(),
        ]);
    }
    bulk::insert_many(tx, new).await.map(drop)
}

/// Writes down what became of the applied rows; `false` if somebody else did before.
pub(in crate::outcomes) async fn finish(
    tx: &WriteTx,
    id: ReconciliationId,
    done: &[(i32, &'static str)],
) -> Result<bool> {
    let text = "UPDATE reconciliations SET applied_at = $1 WHERE id = $2 AND applied_at IS NULL";
    if sql::run(tx, text, [tx.now().micros().into(), id.uuid().into()]).await? == 0 {
        return Ok(false);
    }
    let mut sets = Sets::new(&ROWS, &["outcome"]);
    for (n, code) in done {
        sets.push(row_id(id, *n), [Some((*code).to_owned()).into()]);
    }
    bulk::set_rows(tx, sets).await?;
    Ok(true)
}

fn scope(scope: Scope, values: &mut Vec<Value>) -> String {
    match scope {
        Scope::All => String::new(),
        Scope::Org(own) => {
            values.push(own.uuid().into());
            format!(" AND buyer_id = ${}", values.len())
        }
    }
}

async fn read(
    tx: &impl Reader,
    condition: &str,
    values: Vec<Value>,
) -> Result<Vec<Reconciliation>> {
    let text = format!(
        "SELECT id, buyer_id, created_at, applied_at FROM reconciliations WHERE {condition} \
         ORDER BY created_at DESC, id LIMIT 100"
    );
    let mut found = Vec::new();
    for row in sql::all(tx, &text, values).await? {
        let applied_at: Option<i64> = row.try_get("", "applied_at")?;
        found.push(Reconciliation {
            id: ReconciliationId(row.try_get("", "id")?),
            buyer_id: OrganizationId(row.try_get("", "buyer_id")?),
            created_at: Timestamp::from_micros(row.try_get("", "created_at")?),
            applied_at: applied_at.map(Timestamp::from_micros),
            counts: BTreeMap::new(),
        });
    }
    let keys: Vec<Uuid> = found.iter().map(|one| one.id.uuid()).collect();
    let (marks, keys) = sql::ids(1, &keys);
    let text = format!(
        "SELECT reconciliation_id, finding, COUNT(*) AS n FROM reconciliation_rows \
         WHERE reconciliation_id IN ({marks}) GROUP BY reconciliation_id, finding"
    );
    for row in sql::all(tx, &text, keys).await? {
        let of = ReconciliationId(row.try_get("", "reconciliation_id")?);
        let n: i64 = row.try_get("", "n")?;
        if let Some(one) = found.iter_mut().find(|one| one.id == of) {
            one.counts.insert(finding(&row)?, n);
        }
    }
    Ok(found)
}

pub(in crate::outcomes) async fn get(
    tx: &impl Reader,
    whose: Scope,
    id: ReconciliationId,
) -> Result<Option<Reconciliation>> {
    let mut values: Vec<Value> = vec![id.uuid().into()];
    let own = scope(whose, &mut values);
    Ok(read(tx, &format!("id = $1{own}"), values).await?.pop())
}

pub(in crate::outcomes) async fn list(
    tx: &impl Reader,
    whose: Scope,
) -> Result<Vec<Reconciliation>> {
    let mut values = Vec::new();
    let own = scope(whose, &mut values);
    read(tx, &format!("1 = 1{own}"), values).await
}

/// Rows by number after `after`.
pub(in crate::outcomes) async fn rows(
    tx: &impl Reader,
    id: ReconciliationId,
    only: Option<Finding>,
    after: i32,
    most: u32,
) -> Result<Vec<Reconciled>> {
    let mut values: Vec<Value> = vec![id.uuid().into(), after.into()];
    let mut text = format!(
        "SELECT {COLUMNS} FROM reconciliation_rows WHERE reconciliation_id = $1 AND n > $2"
    );
    if let Some(only) = only {
        values.push(only.as_str().into());
        text.push_str(" AND finding = $3");
    }
    text.push_str(&format!(" ORDER BY n LIMIT {most}"));
    sql::all(tx, &text, values).await?.iter().map(row_of).collect()
}

/// The rows that applying does something about, by number.
pub(in crate::outcomes) async fn to_apply(
    tx: &impl Reader,
    id: ReconciliationId,
) -> Result<Vec<Reconciled>> {
    let text = format!(
        "SELECT {COLUMNS} FROM reconciliation_rows WHERE reconciliation_id = $1 \
         AND finding IN ('ONLY_IN_FILE', 'REFUNDED') ORDER BY n"
    );
    sql::all(tx, &text, [id.uuid().into()]).await?.iter().map(row_of).collect()
}

fn finding(row: &QueryResult) -> Result<Finding> {
    let text: String = row.try_get("", "finding")?;
    text.parse().map_err(|_| Error::broken(format!("stored finding {text}")))
}

fn row_of(row: &QueryResult) -> Result<Reconciled> {
    let award: Option<Uuid> = row.try_get("", "award_id")?;
    let conversion: Option<Uuid> = row.try_get("", "conversion_id")?;
    let goal: String = row.try_get("", "goal")?;
    let currency: Option<String> = row.try_get("", "currency")?;
    let occurred_at: Option<i64> = row.try_get("", "occurred_at")?;
    let refunded: Option<i64> = row.try_get("", "refunded")?;
    let refund: i32 = row.try_get("", "refund")?;
    let broken = |what: &str| Error::broken(format!("stored {what} of a reconciled row"));
    Ok(Reconciled {
        n: row.try_get("", "n")?,
        finding: finding(row)?,
        code: row.try_get("", "code")?,
        award_id: award.map(AwardId),
        conversion_id: conversion.map(ConversionId),
        goal: goal.parse().map_err(|_| broken("goal"))?,
        reference: row.try_get("", "external_ref")?,
        currency: currency.map(|code| code.parse().map_err(|_| broken("currency"))).transpose()?,
        amount: row.try_get("", "amount")?,
        known_amount: row.try_get("", "known_amount")?,
        refunded: (refund != NO_REFUND).then_some(refunded),
        occurred_at: occurred_at.map(Timestamp::from_micros),
        outcome: row.try_get("", "outcome")?,
    })
}
