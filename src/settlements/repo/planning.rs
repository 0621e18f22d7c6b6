//! Statements of the planner: sets of rows, never one by one.

use std::collections::{BTreeMap, HashMap};

use leadbourse_core::ids::{OrganizationId, SettlementRunId, StatementId};
use leadbourse_core::money::Currency;
use leadbourse_core::settlement::Carried;
use leadbourse_core::time::Timestamp;
use sea_orm::Value;
use uuid::Uuid;

use super::{RUN, RUNS, STATEMENTS, parsed, run, run_of};
use crate::platform::db::bulk::{self, Lock, LockMode, Rows};
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::Result;
use crate::settlements::model::{Run, RunState, Statement};

/// A publisher that has something to settle in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::settlements) struct Payee {
    pub(in crate::settlements) publisher: OrganizationId,
    pub(in crate::settlements) currency: Currency,
    /// How many new lines there are; none where only carried sums wait.
    pub(in crate::settlements) lines: i64,
}

/// A payee with the statement that may be made for it.
#[derive(Clone, Copy, Debug)]
pub(in crate::settlements) struct Wanted {
    pub(in crate::settlements) payee: Payee,
    pub(in crate::settlements) statement: StatementId,
}

type Whose = (OrganizationId, Currency);

/// Statement lines are found by their key: a conversion has at most one.
const UNSETTLED: &str = "c.state = 'APPROVED' AND c.approved_at <= $1 AND NOT EXISTS \
     (SELECT 1 FROM statement_lines l WHERE l.conversion_id = c.id)";

const WAITING: &str = "s.state = 'CARRIED' AND s.carried_into IS NULL";

/// Everybody who has something to settle, in a stable order.
pub(in crate::settlements) async fn payees(
    tx: &impl Reader,
    until: Timestamp,
) -> Result<Vec<Payee>> {
    let text = format!(
        "SELECT c.publisher_id, c.currency, COUNT(*) AS lines FROM conversions c \
         WHERE {UNSETTLED} GROUP BY c.publisher_id, c.currency \
         UNION ALL SELECT DISTINCT s.publisher_id, s.currency, CAST(0 AS BIGINT) AS lines \
         FROM statements s WHERE {WAITING}"
    );
    let mut found: BTreeMap<Whose, i64> = BTreeMap::new();
    for row in sql::all(tx, &text, [until.micros().into()]).await? {
        let lines: i64 = row.try_get("", "lines")?;
        let publisher = OrganizationId(row.try_get("", "publisher_id")?);
        *found.entry((publisher, parsed(&row, "currency")?)).or_default() += lines;
    }
    Ok(found
        .into_iter()
        .map(|((publisher, currency), lines)| Payee { publisher, currency, lines })
        .collect())
}

/// Runs whose statements are still being made, oldest first.
pub(in crate::settlements) async fn open_runs(tx: &impl Reader) -> Result<Vec<Run>> {
    let text = format!("SELECT {RUN} FROM settlement_runs WHERE state = $1 ORDER BY id");
    sql::all(tx, &text, [RunState::Planning.as_str().into()]).await?.iter().map(run_of).collect()
}

/// Locks a run; gives its state.
pub(in crate::settlements) async fn lock_run(
    tx: &WriteTx,
    id: SettlementRunId,
) -> Result<Option<RunState>> {
    let keys = [id.uuid()];
    bulk::lock_rows(tx, &Lock::new(&RUNS, &["created_at"], &keys, LockMode::Update)).await?;
    Ok(run(tx, id).await?.map(|run| run.state))
}

/// Lets a run's state follow from its statements.
pub(in crate::settlements) async fn end_planning(tx: &WriteTx, id: SettlementRunId) -> Result<()> {
    let text = "UPDATE settlement_runs SET state = $1 WHERE id = $2";
    let values: [Value; 2] = [RunState::Planned.as_str().into(), id.uuid().into()];
    sql::run(tx, text, values).await.map(drop)
}

/// Freezes all that is unsettled of these payees into lines of their statements. Lock the
/// publishers' payable balances first.
pub(in crate::settlements) async fn take_lines(
    tx: &WriteTx,
    wanted: &[Wanted],
    until: Timestamp,
) -> Result<()> {
    let mut marks = Vec::with_capacity(wanted.len());
    let mut values: Vec<Value> = vec![until.micros().into()];
    for one in wanted.iter().filter(|one| one.payee.lines > 0) {
        let n = values.len();
        marks.push(format!("(${}, ${}, ${})", n + 1, n + 2, n + 3));
        values.push(one.payee.publisher.uuid().into());
        values.push(one.payee.currency.code().into());
        values.push(one.statement.uuid().into());
    }
    if marks.is_empty() {
        return Ok(());
    }
    let text = format!(
        "INSERT INTO statement_lines (conversion_id, statement_id, earning, given_back, amount) \
         WITH wanted (publisher_id, currency, statement_id) AS (VALUES {}) \
         SELECT c.id, w.statement_id, c.earning, c.given_earning, c.earning - c.given_earning \
         FROM wanted w JOIN conversions c \
           ON c.publisher_id = w.publisher_id AND c.currency = w.currency WHERE {UNSETTLED}",
        marks.join(", ")
    );
    sql::run(tx, &text, values).await.map(drop)
}

/// How many lines these statements have, and their sums.
pub(in crate::settlements) async fn line_sums(
    tx: &impl Reader,
    wanted: &[Wanted],
) -> Result<HashMap<StatementId, (i64, i64)>> {
    let keys: Vec<Uuid> = wanted.iter().map(|one| one.statement.uuid()).collect();
    let (marks, values) = sql::ids(1, &keys);
    let text = format!(
        "SELECT statement_id, COUNT(*) AS lines, CAST(SUM(amount) AS BIGINT) AS gross \
         FROM statement_lines WHERE statement_id IN ({marks}) GROUP BY statement_id"
    );
    sql::all(tx, &text, values)
        .await?
        .iter()
        .map(|row| {
            let sums = (row.try_get("", "lines")?, row.try_get("", "gross")?);
            Ok((StatementId(row.try_get("", "statement_id")?), sums))
        })
        .collect()
}

/// The statements of these payees whose totals wait for the next one. Lock the publishers' payable
/// balances first.
pub(in crate::settlements) async fn carried(
    tx: &impl Reader,
    wanted: &[Wanted],
) -> Result<HashMap<Whose, Vec<Carried>>> {
    let keys: Vec<Uuid> = wanted.iter().map(|one| one.payee.publisher.uuid()).collect();
    let (marks, values) = sql::ids(1, &keys);
    let text = format!(
        "SELECT s.id, s.publisher_id, s.currency, s.total FROM statements s \
         WHERE s.publisher_id IN ({marks}) AND {WAITING} ORDER BY s.id"
    );
    let mut found: HashMap<Whose, Vec<Carried>> = HashMap::new();
    for row in sql::all(tx, &text, values).await? {
        let publisher = OrganizationId(row.try_get("", "publisher_id")?);
        let currency: Currency = parsed(&row, "currency")?;
        let statement = StatementId(row.try_get("", "id")?);
        let amount: i64 = row.try_get("", "total")?;
        let waiting = Carried { statement, publisher, currency, amount };
        found.entry((publisher, currency)).or_default().push(waiting);
    }
    Ok(found)
}

/// Points carried statements at the drafts that take them in; `false` if one does not wait any
/// more. Lock the publishers' payable balances first.
pub(in crate::settlements) async fn link_carried(
    tx: &WriteTx,
    links: &[(StatementId, StatementId)],
) -> Result<bool> {
    let mut linked = 0;
    for chunk in links.chunks(500) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 2);
        let mut marks = Vec::with_capacity(chunk.len());
        for (from, into) in chunk {
            marks.push(format!("(${}, ${})", values.len() + 1, values.len() + 2));
            values.extend([Value::from(from.uuid()), Value::from(into.uuid())]);
        }
        let text = format!(
            "WITH links (id, into_id) AS (VALUES {}) \
             UPDATE statements SET carried_into = links.into_id FROM links \
             WHERE statements.id = links.id AND statements.state = 'CARRIED' \
             AND statements.carried_into IS NULL",
            marks.join(", ")
        );
        linked += sql::run(tx, &text, values).await?;
    }
    Ok(usize::try_from(linked) == Ok(links.len()))
}

/// Stores drafts.
pub(in crate::settlements) async fn insert_statements(
    tx: &WriteTx,
    statements: &[Statement],
) -> Result<()> {
    let mut rows = Rows::new(&STATEMENTS);
    for statement in statements {
        rows.push([
            statement.id.uuid().into(),
            statement.run_id.uuid().into(),
            statement.publisher_id.uuid().into(),
            statement.currency.code().into(),
            statement.period_from.micros().into(),
            statement.period_to.micros().into(),
            statement.state.as_str().into(),
            statement.carried_in.into(),
            statement.gross.into(),
            statement.total.into(),
            statement.lines.into(),
            statement.created_at.micros().into(),
        ]);
    }
    bulk::insert_many(tx, rows).await.map(drop)
}
