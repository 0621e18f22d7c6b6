//! Statements on the lines of documents.

use std::collections::HashMap;

use leadbourse_core::ids::{ConversionId, OrganizationId, StatementId};
use sea_orm::Value;
use uuid::Uuid;

use super::{STATEMENT, line_of, statement_of};
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::Result;
use crate::settlements::model::{Statement, StatementLine};

/// Lines of a statement after a conversion, by conversion. A statement's lines are in one of the
/// two tables: those of a void one have been put aside.
pub(in crate::settlements) async fn lines_after(
    tx: &impl Reader,
    statement: StatementId,
    after: Option<ConversionId>,
    most: u32,
) -> Result<Vec<StatementLine>> {
    let part = |table: &str| {
        format!(
            "SELECT conversion_id, statement_id, earning, given_back, amount FROM {table} \
             WHERE statement_id = $1 AND conversion_id > $2"
        )
    };
    let text = format!(
        "{} UNION ALL {} ORDER BY conversion_id LIMIT {most}",
        part("statement_lines"),
        part("void_lines")
    );
    let after = after.map_or(Uuid::nil(), ConversionId::uuid);
    let values: [Value; 2] = [statement.uuid().into(), after.into()];
    sql::all(tx, &text, values).await?.iter().map(line_of).collect()
}

/// Puts the lines of a statement aside: its conversions are free, its document can be printed.
pub(in crate::settlements) async fn put_aside(tx: &WriteTx, statement: StatementId) -> Result<()> {
    let text = "INSERT INTO void_lines (conversion_id, statement_id, earning, given_back, amount) \
         SELECT conversion_id, statement_id, earning, given_back, amount FROM statement_lines \
         WHERE statement_id = $1";
    sql::run(tx, text, [statement.uuid().into()]).await?;
    super::delete_lines(tx, statement).await
}

/// Statements by id, in no order.
pub(in crate::settlements) async fn by_ids(
    tx: &impl Reader,
    ids: &[StatementId],
) -> Result<Vec<Statement>> {
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(512) {
        let keys: Vec<Uuid> = some.iter().map(|id| id.uuid()).collect();
        let (marks, values) = sql::ids(1, &keys);
        let text = format!("SELECT {STATEMENT} FROM statements WHERE id IN ({marks})");
        for row in sql::all(tx, &text, values).await? {
            found.push(statement_of(&row)?);
        }
    }
    Ok(found)
}

/// How many statements of each publisher have a number.
pub(in crate::settlements) async fn numbered(
    tx: &impl Reader,
) -> Result<HashMap<OrganizationId, i64>> {
    let text = "SELECT publisher_id, COUNT(*) AS numbered FROM statements \
         WHERE number IS NOT NULL GROUP BY publisher_id";
    sql::all(tx, text, [])
        .await?
        .iter()
        .map(|row| {
            Ok((OrganizationId(row.try_get("", "publisher_id")?), row.try_get("", "numbered")?))
        })
        .collect()
}
