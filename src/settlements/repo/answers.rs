//! Banks' answers and their lines.

use leadbourse_core::bank::AnswerFinding;
use leadbourse_core::ids::{BankAnswerId, PayoutFileId, PayoutId};
use leadbourse_core::money::{Currency, Money};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use super::{PAYOUT, parsed, payout_of, time, time_opt};
use crate::platform::db::bulk::{self, Rows, TableDef, Ty};
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Error, Result};
use crate::settlements::answers::{BankAnswer, BankAnswerLine};
use crate::settlements::model::Payout;

static LINES: TableDef = TableDef {
    name: "bank_answer_lines",
    cols: &[
        ("answer_id", Ty::Uuid),
        ("n", Ty::I32),
        ("scope", Ty::Text),
        ("reference", Ty::Text),
        ("status", Ty::Text),
        ("reason", Ty::OptText),
        ("currency", Ty::OptText),
        ("amount", Ty::OptI64),
        ("bank_reference", Ty::OptText),
        ("payout_id", Ty::OptUuid),
        ("finding", Ty::Text),
        ("code", Ty::OptText),
    ],
};

const ANSWER: &str = "id, format, message, original, created_by, created_at, applied_at";
const LINE: &str = "n, scope, reference, status, reason, currency, amount, bank_reference, \
     payout_id, finding, code, outcome";

fn line_of(row: &QueryResult) -> Result<BankAnswerLine> {
    let currency: Option<String> = row.try_get("", "currency")?;
    let amount: Option<i64> = row.try_get("", "amount")?;
    let currency: Option<Currency> = currency
        .map(|text| text.parse().map_err(|_| Error::broken(format!("stored currency {text}"))))
        .transpose()?;
    let payout: Option<Uuid> = row.try_get("", "payout_id")?;
    Ok(BankAnswerLine {
        n: row.try_get("", "n")?,
        scope: parsed(row, "scope")?,
        reference: row.try_get("", "reference")?,
        status: row.try_get("", "status")?,
        reason: row.try_get("", "reason")?,
        amount: amount.zip(currency).map(|(minor, currency)| Money::new(minor, currency)),
        bank_reference: row.try_get("", "bank_reference")?,
        payout_id: payout.map(PayoutId),
        finding: parsed(row, "finding")?,
        code: row.try_get("", "code")?,
        outcome: row.try_get("", "outcome")?,
    })
}

/// All payouts of a file, whatever became of them.
pub(in crate::settlements) async fn payouts_of_file(
    tx: &impl Reader,
    file: PayoutFileId,
) -> Result<Vec<Payout>> {
    let text = format!("SELECT {PAYOUT} FROM payouts WHERE file_id = $1 ORDER BY id");
    sql::all(tx, &text, [file.uuid().into()]).await?.iter().map(payout_of).collect()
}

/// Stores a comparison in the place of an earlier one of the same file that was not applied. One
/// that is being applied keeps its lines: their outcomes are the record of what was done.
pub(in crate::settlements) async fn store(
    tx: &WriteTx,
    answer: &BankAnswer,
    lines: &[BankAnswerLine],
) -> Result<()> {
    let text = "INSERT INTO bank_answers \
         (id, format, message, original, lines, created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE \
         SET created_at = excluded.created_at WHERE bank_answers.applied_at IS NULL \
         AND NOT EXISTS (SELECT 1 FROM bank_answer_lines l \
           WHERE l.answer_id = bank_answers.id AND l.outcome IS NOT NULL) RETURNING id";
    let count = i32::try_from(lines.len()).unwrap_or(i32::MAX);
    let values: [Value; 7] = [
        answer.id.uuid().into(),
        answer.format.as_str().into(),
        answer.message.clone().into(),
        answer.original.clone().into(),
        count.into(),
        answer.created_by.as_str().into(),
        answer.created_at.micros().into(),
    ];
    if sql::all(tx, text, values).await?.is_empty() {
        return Ok(());
    }
    let text = "DELETE FROM bank_answer_lines WHERE answer_id = $1";
    sql::run(tx, text, [answer.id.uuid().into()]).await?;
    let mut rows = Rows::new(&LINES);
    for line in lines {
        rows.push([
            answer.id.uuid().into(),
            line.n.into(),
            line.scope.as_str().into(),
            line.reference.as_str().into(),
            line.status.as_str().into(),
            line.reason.clone().into(),
            line.amount.map(|sum| sum.currency.code().to_owned()).into(),
            line.amount.map(|sum| sum.minor).into(),
            line.bank_reference.clone().into(),
            line.payout_id.map(|id| id.uuid()).into(),
            line.finding.as_str().into(),
            line.code.clone().into(),
        ]);
    }
    bulk::insert_many(tx, rows).await.map(drop)
}

async fn read(tx: &impl Reader, condition: &str, values: Vec<Value>) -> Result<Vec<BankAnswer>> {
    let text = format!(
        "SELECT {ANSWER} FROM bank_answers WHERE {condition} \
         ORDER BY created_at DESC, id LIMIT 100"
    );
    let mut found = Vec::new();
    for row in sql::all(tx, &text, values).await? {
        let id = BankAnswerId(row.try_get("", "id")?);
        found.push(BankAnswer {
            id,
            format: parsed(&row, "format")?,
            message: row.try_get("", "message")?,
            original: row.try_get("", "original")?,
            counts: counts(tx, id).await?,
            created_by: row.try_get("", "created_by")?,
            created_at: time(&row, "created_at")?,
            applied_at: time_opt(&row, "applied_at")?,
        });
    }
    Ok(found)
}

async fn counts(tx: &impl Reader, id: BankAnswerId) -> Result<Vec<(AnswerFinding, i64)>> {
    let text = "SELECT finding, COUNT(*) AS n FROM bank_answer_lines WHERE answer_id = $1 \
         GROUP BY finding ORDER BY finding";
    sql::all(tx, text, [id.uuid().into()])
        .await?
        .iter()
        .map(|row| Ok((parsed(row, "finding")?, row.try_get("", "n")?)))
        .collect()
}

pub(in crate::settlements) async fn get(
    tx: &impl Reader,
    id: BankAnswerId,
) -> Result<Option<BankAnswer>> {
    Ok(read(tx, "id = $1", vec![id.uuid().into()]).await?.pop())
}

pub(in crate::settlements) async fn list(tx: &impl Reader) -> Result<Vec<BankAnswer>> {
    read(tx, "1 = 1", Vec::new()).await
}

pub(in crate::settlements) async fn lines(
    tx: &impl Reader,
    id: BankAnswerId,
    finding: Option<AnswerFinding>,
    (after, first): (i32, u32),
) -> Result<Vec<BankAnswerLine>> {
    let mut wanted = sql::Filter::default();
    wanted.and("answer_id =", id.uuid());
    wanted.and("n >", after);
    wanted.and_some("finding =", finding.map(|finding| finding.as_str()));
    let condition = wanted.text;
    let text =
        format!("SELECT {LINE} FROM bank_answer_lines WHERE {condition} ORDER BY n LIMIT {first}");
    sql::all(tx, &text, wanted.values).await?.iter().map(line_of).collect()
}

/// The lines that confirm or refuse and are not done yet.
pub(in crate::settlements) async fn to_apply(
    tx: &impl Reader,
    id: BankAnswerId,
) -> Result<Vec<BankAnswerLine>> {
    let text = format!(
        "SELECT {LINE} FROM bank_answer_lines WHERE answer_id = $1 AND outcome IS NULL \
         AND finding IN ('CONFIRMS', 'REFUSES') ORDER BY n"
    );
    sql::all(tx, &text, [id.uuid().into()]).await?.iter().map(line_of).collect()
}

/// Takes a line's outcome; `false` when somebody has it.
pub(in crate::settlements) async fn take(
    tx: &WriteTx,
    id: BankAnswerId,
    n: i32,
    outcome: &str,
) -> Result<bool> {
    let text = "UPDATE bank_answer_lines SET outcome = $1 \
         WHERE answer_id = $2 AND n = $3 AND outcome IS NULL";
    let values: [Value; 3] = [outcome.into(), id.uuid().into(), n.into()];
    Ok(sql::run(tx, text, values).await? == 1)
}

/// Ends an answer of which every line is done; `false` if somebody else did, or one is left.
pub(in crate::settlements) async fn finish(tx: &WriteTx, id: BankAnswerId) -> Result<bool> {
    let text = "UPDATE bank_answers SET applied_at = $1 WHERE id = $2 AND applied_at IS NULL \
         AND NOT EXISTS (SELECT 1 FROM bank_answer_lines l WHERE l.answer_id = bank_answers.id \
           AND l.outcome IS NULL AND l.finding IN ('CONFIRMS', 'REFUSES'))";
    let values: [Value; 2] = [tx.now().micros().into(), id.uuid().into()];
    Ok(sql::run(tx, text, values).await? == 1)
}
