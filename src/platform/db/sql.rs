//! Plain statements for repos. Placeholders are `$1, $2 …` on both engines; sums over BIGINT are
//! written `CAST(… AS BIGINT)`.

use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

use super::{Reader, WriteTx};
use crate::platform::error::Result;

/// All rows of a query.
pub async fn all(
    tx: &impl Reader,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>> {
    let backend = tx.conn().get_database_backend();
    Ok(tx.conn().query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?)
}

/// The first row of a query.
pub async fn one(
    tx: &impl Reader,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<QueryResult>> {
    let backend = tx.conn().get_database_backend();
    Ok(tx.conn().query_one_raw(Statement::from_sql_and_values(backend, sql, values)).await?)
}

/// Runs a statement; gives how many rows it changed.
pub async fn run(tx: &WriteTx, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64> {
    let backend = tx.conn().get_database_backend();
    let done = tx.conn().execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(done.rows_affected())
}

/// A list for `IN (…)`: the placeholders from `$from` on, and the ids, padded to a power of two so
/// that there are few distinct texts.
pub fn ids(from: usize, ids: &[Uuid]) -> (String, Vec<Value>) {
    let width = ids.len().max(1).next_power_of_two();
    let marks: Vec<String> = (from..from + width).map(|n| format!("${n}")).collect();
    let padding = std::iter::repeat_n(Uuid::nil(), width - ids.len());
    (marks.join(","), ids.iter().copied().chain(padding).map(Value::from).collect())
}
