//! Statements on runs, statements, lines, payouts and profiles. Candidates are read from the
//! conversions below, because "not on a statement yet" is a fact of this slice.

pub(super) mod answers;
pub(super) mod books;
pub(super) mod files;
pub(super) mod papers;
pub(super) mod planning;
pub(super) mod profiles;
pub(super) mod proofs;

use leadbourse_core::ids::{
    ConversionId, OrganizationId, PayoutFileId, PayoutId, SettlementRunId, StatementId,
};
use leadbourse_core::settlement::{PayoutState, StatementState};
use leadbourse_core::time::Timestamp;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use super::model::{Payout, PayoutRail, Run, RunState, Statement, StatementLine};
use crate::platform::db::bulk::{self, Lock, LockMode, Rows, TableDef, Ty};
use crate::platform::db::row::{parsed, time, time_opt};
use crate::platform::db::sql::Filter;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};

static RUNS: TableDef = TableDef {
    name: "settlement_runs",
    cols: &[
        ("id", Ty::Uuid),
        ("period_from", Ty::I64),
        ("period_to", Ty::I64),
        ("state", Ty::Text),
        ("created_by", Ty::Text),
        ("created_at", Ty::I64),
    ],
};

static STATEMENTS: TableDef = TableDef {
    name: "statements",
    cols: &[
        ("id", Ty::Uuid),
        ("run_id", Ty::Uuid),
        ("publisher_id", Ty::Uuid),
        ("currency", Ty::Text),
        ("period_from", Ty::I64),
        ("period_to", Ty::I64),
        ("state", Ty::Text),
        ("carried_in", Ty::I64),
        ("gross", Ty::I64),
        ("total", Ty::I64),
        ("lines", Ty::I32),
        ("created_at", Ty::I64),
    ],
};

static PAYOUTS: TableDef = TableDef {
    name: "payouts",
    cols: &[
        ("id", Ty::Uuid),
        ("statement_id", Ty::Uuid),
        ("publisher_id", Ty::Uuid),
        ("amount", Ty::I64),
        ("currency", Ty::Text),
        ("rail", Ty::Text),
        ("state", Ty::Text),
        ("generation", Ty::I32),
    ],
};

const RUN: &str = "id, period_from, period_to, state, created_by, created_at";
const STATEMENT: &str = "id, run_id, publisher_id, currency, period_from, period_to, number, \
     state, carried_in, gross, total, lines, carried_into, created_at, approved_by, approved_at, \
     paid_at, first_approved_by, first_approved_at";
const PAYOUT: &str = "id, statement_id, publisher_id, amount, currency, rail, state, generation, \
     reference, reason, exported_at, file_id, file_part, sent_at, leased_until, \
     details_ciphertext, details_form, resolved_at";

fn run_of(row: &QueryResult) -> Result<Run> {
    Ok(Run {
        id: SettlementRunId(row.try_get("", "id")?),
        period_from: time(row, "period_from")?,
        period_to: time(row, "period_to")?,
        state: parsed(row, "state")?,
        created_by: row.try_get("", "created_by")?,
        created_at: time(row, "created_at")?,
    })
}

fn statement_of(row: &QueryResult) -> Result<Statement> {
    let carried_into: Option<Uuid> = row.try_get("", "carried_into")?;
    Ok(Statement {
        id: StatementId(row.try_get("", "id")?),
        run_id: SettlementRunId(row.try_get("", "run_id")?),
        publisher_id: OrganizationId(row.try_get("", "publisher_id")?),
        currency: parsed(row, "currency")?,
        period_from: time(row, "period_from")?,
        period_to: time(row, "period_to")?,
        number: row.try_get("", "number")?,
        state: parsed(row, "state")?,
        carried_in: row.try_get("", "carried_in")?,
        gross: row.try_get("", "gross")?,
        total: row.try_get("", "total")?,
        lines: row.try_get("", "lines")?,
        carried_into: carried_into.map(StatementId),
        created_at: time(row, "created_at")?,
        first_approved_by: row.try_get("", "first_approved_by")?,
        first_approved_at: time_opt(row, "first_approved_at")?,
        approved_by: row.try_get("", "approved_by")?,
        approved_at: time_opt(row, "approved_at")?,
        paid_at: time_opt(row, "paid_at")?,
    })
}

fn line_of(row: &QueryResult) -> Result<StatementLine> {
    Ok(StatementLine {
        conversion_id: ConversionId(row.try_get("", "conversion_id")?),
        statement_id: StatementId(row.try_get("", "statement_id")?),
        earning: row.try_get("", "earning")?,
        given_back: row.try_get("", "given_back")?,
        amount: row.try_get("", "amount")?,
    })
}

fn payout_of(row: &QueryResult) -> Result<Payout> {
    let file: Option<Uuid> = row.try_get("", "file_id")?;
    Ok(Payout {
        id: PayoutId(row.try_get("", "id")?),
        statement_id: StatementId(row.try_get("", "statement_id")?),
        publisher_id: OrganizationId(row.try_get("", "publisher_id")?),
        amount: row.try_get("", "amount")?,
        currency: parsed(row, "currency")?,
        rail: parsed(row, "rail")?,
        state: parsed(row, "state")?,
        generation: row.try_get("", "generation")?,
        reference: row.try_get("", "reference")?,
        reason: row.try_get("", "reason")?,
        exported_at: time_opt(row, "exported_at")?,
        file_id: file.map(PayoutFileId),
        file_part: row.try_get("", "file_part")?,
        sent_at: time_opt(row, "sent_at")?,
        leased_until: row.try_get("", "leased_until")?,
        details: row.try_get("", "details_ciphertext")?,
        details_form: parsed(row, "details_form")?,
        resolved_at: time_opt(row, "resolved_at")?,
    })
}

/// Where the last run ended.
pub(super) async fn last_period_end(tx: &impl Reader) -> Result<Option<Timestamp>> {
    let row = sql::one(tx, "SELECT MAX(period_to) AS at FROM settlement_runs", []).await?;
    row.map_or(Ok(None), |row| time_opt(&row, "at"))
}

pub(super) async fn insert_run(tx: &WriteTx, run: &Run) -> Result<()> {
    let mut rows = Rows::new(&RUNS);
    rows.push([
        run.id.uuid().into(),
        run.period_from.micros().into(),
        run.period_to.micros().into(),
        run.state.as_str().into(),
        run.created_by.as_str().into(),
        run.created_at.micros().into(),
    ]);
    bulk::insert_many(tx, rows).await.map(drop)
}

pub(super) async fn run(tx: &impl Reader, id: SettlementRunId) -> Result<Option<Run>> {
    let text = format!("SELECT {RUN} FROM settlement_runs WHERE id = $1");
    sql::one(tx, &text, [id.uuid().into()]).await?.as_ref().map(run_of).transpose()
}

pub(super) async fn runs(tx: &impl Reader, page: &Page) -> Result<Paged<Run>> {
    let mut values: Vec<Value> = Vec::new();
    let mut text = format!("SELECT {RUN} FROM settlement_runs");
    if let Some(before) = page.before_key() {
        text.push_str(" WHERE id < $1");
        values.push(before.into());
    }
    text.push_str(&format!(" ORDER BY id DESC LIMIT {}", page.limit()));
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(run_of).collect::<Result<_>>()?, page))
}

/// Sets a run's state from its statements' states, unless some are still being made. The run's row
/// is locked before they are read: of two who change the last two statements at once the second
/// sees what the first did.
pub(super) async fn refresh_run(tx: &WriteTx, id: SettlementRunId) -> Result<()> {
    let keys = [id.uuid()];
    let lock = Lock::new(&RUNS, &["created_at"], &keys, LockMode::Update);
    bulk::lock_rows(tx, &lock).await?;
    if run(tx, id).await?.is_none_or(|run| run.state == RunState::Planning) {
        return Ok(());
    }
    let text = "SELECT DISTINCT state FROM statements WHERE run_id = $1";
    let mut states: Vec<StatementState> = Vec::new();
    for row in sql::all(tx, text, [id.uuid().into()]).await? {
        states.push(parsed(&row, "state")?);
    }
    let any = |state: StatementState| states.contains(&state);
    let state = if any(StatementState::Draft) {
        RunState::Planned
    } else if any(StatementState::Exported) {
        RunState::Exported
    } else if any(StatementState::Approved) {
        RunState::Approved
    } else {
        RunState::Closed
    };
    let text = "UPDATE settlement_runs SET state = $1 WHERE id = $2";
    sql::run(tx, text, [state.as_str().into(), id.uuid().into()]).await.map(drop)
}

pub(super) async fn statement(tx: &impl Reader, id: StatementId) -> Result<Option<Statement>> {
    let text = format!("SELECT {STATEMENT} FROM statements WHERE id = $1");
    sql::one(tx, &text, [id.uuid().into()]).await?.as_ref().map(statement_of).transpose()
}

/// Locks a statement and reads it as it is then.
pub(super) async fn lock_statement(tx: &WriteTx, id: StatementId) -> Result<Option<Statement>> {
    let keys = [id.uuid()];
    bulk::lock_rows(tx, &Lock::new(&STATEMENTS, &["total"], &keys, LockMode::Update)).await?;
    statement(tx, id).await
}

/// Which statements are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatementFilter {
    /// Only this publisher's.
    pub publisher: Option<OrganizationId>,
    /// Only in this state.
    pub state: Option<StatementState>,
    /// Only of this run.
    pub run: Option<SettlementRunId>,
}

pub(super) async fn statements(
    tx: &impl Reader,
    filter: StatementFilter,
    page: &Page,
) -> Result<Paged<Statement>> {
    let mut wanted = Filter::default();
    wanted.and_some("publisher_id =", filter.publisher.map(|id| id.uuid()));
    wanted.and_some("state =", filter.state.map(|state| state.as_str()));
    wanted.and_some("run_id =", filter.run.map(|id| id.uuid()));
    let (rest, values) = wanted.page(page);
    let text = format!("SELECT {STATEMENT} FROM statements WHERE {rest}");
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(statement_of).collect::<Result<_>>()?, page))
}

/// All statements of a run.
pub(super) async fn of_run(tx: &impl Reader, run: SettlementRunId) -> Result<Vec<Statement>> {
    let text = format!("SELECT {STATEMENT} FROM statements WHERE run_id = $1 ORDER BY id");
    sql::all(tx, &text, [run.uuid().into()]).await?.iter().map(statement_of).collect()
}

/// Lets what a dropped draft had taken in wait for the next one.
pub(super) async fn free_carried(tx: &WriteTx, from: StatementId) -> Result<()> {
    let text = "UPDATE statements SET carried_into = NULL WHERE carried_into = $1";
    sql::run(tx, text, [from.uuid().into()]).await.map(drop)
}

/// Which statements these took in, oldest first.
pub(super) async fn carried_from(tx: &impl Reader, into: StatementId) -> Result<Vec<StatementId>> {
    let text = "SELECT id FROM statements WHERE carried_into = $1 ORDER BY id";
    sql::all(tx, text, [into.uuid().into()])
        .await?
        .iter()
        .map(|row| Ok(StatementId(row.try_get("", "id")?)))
        .collect()
}

/// Saves what changes after the planning.
pub(super) async fn save_statement(tx: &WriteTx, statement: &Statement) -> Result<()> {
    let text = "UPDATE statements SET state = $1, number = $2, approved_by = $3, \
         approved_at = $4, paid_at = $5, first_approved_by = $6, first_approved_at = $7 \
         WHERE id = $8";
    let values: [Value; 8] = [
        statement.state.as_str().into(),
        statement.number.clone().into(),
        statement.approved_by.clone().into(),
        statement.approved_at.map(Timestamp::micros).into(),
        statement.paid_at.map(Timestamp::micros).into(),
        statement.first_approved_by.clone().into(),
        statement.first_approved_at.map(Timestamp::micros).into(),
        statement.id.uuid().into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

/// Frees the conversions of a dropped draft.
pub(super) async fn delete_lines(tx: &WriteTx, statement: StatementId) -> Result<()> {
    let text = "DELETE FROM statement_lines WHERE statement_id = $1";
    sql::run(tx, text, [statement.uuid().into()]).await.map(drop)
}

pub(super) async fn lines(
    tx: &impl Reader,
    statement: StatementId,
    page: &Page,
) -> Result<Paged<StatementLine>> {
    let mut values: Vec<Value> = vec![statement.uuid().into()];
    let mut text = "SELECT conversion_id, statement_id, earning, given_back, amount \
         FROM statement_lines WHERE statement_id = $1"
        .to_owned();
    if let Some(before) = page.before_key() {
        text.push_str(" AND conversion_id < $2");
        values.push(before.into());
    }
    text.push_str(&format!(" ORDER BY conversion_id DESC LIMIT {}", page.limit()));
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(line_of).collect::<Result<_>>()?, page))
}

/// The lines of these conversions with the states of their statements.
pub(super) async fn lines_of(
    tx: &impl Reader,
    conversions: &[ConversionId],
) -> Result<Vec<(ConversionId, StatementState)>> {
    let keys: Vec<Uuid> = conversions.iter().map(|id| id.uuid()).collect();
    let (marks, values) = sql::ids(1, &keys);
    let text = format!(
        "SELECT l.conversion_id, s.state FROM statement_lines l \
         JOIN statements s ON s.id = l.statement_id WHERE l.conversion_id IN ({marks})"
    );
    sql::all(tx, &text, values)
        .await?
        .iter()
        .map(|row| Ok((ConversionId(row.try_get("", "conversion_id")?), parsed(row, "state")?)))
        .collect()
}

pub(super) async fn insert_payout(tx: &WriteTx, payout: &Payout) -> Result<()> {
    let mut rows = Rows::new(&PAYOUTS);
    rows.push([
        payout.id.uuid().into(),
        payout.statement_id.uuid().into(),
        payout.publisher_id.uuid().into(),
        payout.amount.into(),
        payout.currency.code().into(),
        payout.rail.as_str().into(),
        payout.state.as_str().into(),
        payout.generation.into(),
    ]);
    bulk::insert_many(tx, rows).await.map(drop)
}

/// Compare-and-set on the state.
pub(super) async fn save_payout(
    tx: &WriteTx,
    payout: &Payout,
    before: PayoutState,
) -> Result<bool> {
    let text = "UPDATE payouts SET state = $1, reference = $2, exported_at = $3, \
         resolved_at = $4, details_ciphertext = $5, details_form = $6, reason = $7, file_id = $8, \
         file_part = $9, sent_at = $10, leased_until = $11 WHERE id = $12 AND state = $13";
    let values: [Value; 13] = [
        payout.state.as_str().into(),
        payout.reference.clone().into(),
        payout.exported_at.map(Timestamp::micros).into(),
        payout.resolved_at.map(Timestamp::micros).into(),
        payout.details.clone().into(),
        payout.details_form.as_str().into(),
        payout.reason.clone().into(),
        payout.file_id.map(|id| id.uuid()).into(),
        payout.file_part.into(),
        payout.sent_at.map(Timestamp::micros).into(),
        payout.leased_until.into(),
        payout.id.uuid().into(),
        before.as_str().into(),
    ];
    Ok(sql::run(tx, text, values).await? == 1)
}

pub(super) async fn payouts_by_id(tx: &impl Reader, ids: &[PayoutId]) -> Result<Vec<Payout>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let keys: Vec<Uuid> = chunk.iter().map(|id| id.uuid()).collect();
        let (marks, values) = sql::ids(1, &keys);
        let text = format!("SELECT {PAYOUT} FROM payouts WHERE id IN ({marks}) ORDER BY id");
        for row in sql::all(tx, &text, values).await? {
            found.push(payout_of(&row)?);
        }
    }
    Ok(found)
}

/// Payouts of a rail that answers at once: planned ones, those whose executor was cut off, and those
/// that are to be asked about again; oldest first.
pub(super) async fn due_payouts(
    tx: &impl Reader,
    rail: PayoutRail,
    now: Timestamp,
    most: u32,
) -> Result<Vec<PayoutId>> {
    let text = format!(
        "SELECT p.id FROM payouts p JOIN statements s ON s.id = p.statement_id \
         WHERE p.rail = $1 AND ((p.state = 'PLANNED' AND s.state = 'APPROVED') \
           OR (p.state IN ('SENT', 'UNKNOWN') AND p.leased_until <= $2)) \
         ORDER BY p.leased_until, p.id LIMIT {most}"
    );
    sql::all(tx, &text, [rail.as_str().into(), now.micros().into()])
        .await?
        .iter()
        .map(|row| Ok(PayoutId(row.try_get("", "id")?)))
        .collect()
}

/// Which payouts are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PayoutFilter {
    /// Only this publisher's.
    pub publisher: Option<OrganizationId>,
    /// Only in this state.
    pub state: Option<PayoutState>,
    /// Only over this rail.
    pub rail: Option<PayoutRail>,
}

pub(super) async fn payouts(
    tx: &impl Reader,
    filter: PayoutFilter,
    page: &Page,
) -> Result<Paged<Payout>> {
    let mut wanted = Filter::default();
    wanted.and_some("publisher_id =", filter.publisher.map(|id| id.uuid()));
    wanted.and_some("state =", filter.state.map(|state| state.as_str()));
    wanted.and_some("rail =", filter.rail.map(|rail| rail.as_str()));
    let (rest, values) = wanted.page(page);
    let text = format!("SELECT {PAYOUT} FROM payouts WHERE {rest}");
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(payout_of).collect::<Result<_>>()?, page))
}

pub(super) async fn payouts_of(
    tx: &impl Reader,
    statements: &[StatementId],
) -> Result<Vec<Payout>> {
    let keys: Vec<Uuid> = statements.iter().map(|id| id.uuid()).collect();
    let (marks, values) = sql::ids(1, &keys);
    let text = format!(
        "SELECT {PAYOUT} FROM payouts WHERE statement_id IN ({marks}) \
         ORDER BY statement_id, generation"
    );
    sql::all(tx, &text, values).await?.iter().map(payout_of).collect()
}

/// The payouts of all statements of a run.
pub(super) async fn payouts_of_run(tx: &impl Reader, run: SettlementRunId) -> Result<Vec<Payout>> {
    let text = format!(
        "SELECT {PAYOUT} FROM payouts WHERE statement_id IN \
         (SELECT id FROM statements WHERE run_id = $1) ORDER BY statement_id, generation"
    );
    sql::all(tx, &text, [run.uuid().into()]).await?.iter().map(payout_of).collect()
}
