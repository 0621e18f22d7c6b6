//! Plain statements for repos. Placeholders are `$1, $2 …` on both engines; sums over BIGINT are
//! written `CAST(… AS BIGINT)`.

use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

use super::{Reader, WriteTx};
use crate::platform::error::Result;
use crate::platform::paging::Page;

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

/// All rows of a query, read into `R`.
pub async fn find<R: sea_orm::FromQueryResult>(
    tx: &impl Reader,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<R>> {
    let rows = all(tx, sql, values).await?;
    Ok(rows.iter().map(|row| R::from_query_result(row, "")).collect::<Result<_, _>>()?)
}

/// The first row of a query, read into `R`.
pub async fn find_one<R: sea_orm::FromQueryResult>(
    tx: &impl Reader,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<R>> {
    let row = one(tx, sql, values).await?;
    Ok(row.map(|row| R::from_query_result(&row, "")).transpose()?)
}

/// The end of a query whose rows will be written: locks them where the engine has row locks.
/// Elsewhere the write transaction is alone anyway. Add `ORDER BY` the primary key before it.
pub fn for_update(tx: &WriteTx) -> &'static str {
    match tx.engine() {
        super::Engine::Postgres => " FOR UPDATE",
        super::Engine::Sqlite => "",
    }
}

/// A growing list of conditions, all of which must hold.
#[derive(Debug)]
pub struct Filter {
    /// The conditions; `1 = 1` where there are none.
    pub text: String,
    /// Their values, for `$1, $2 …`.
    pub values: Vec<Value>,
}

impl Default for Filter {
    fn default() -> Self {
        Self { text: "1 = 1".to_owned(), values: Vec::new() }
    }
}

impl Filter {
    /// Adds a condition that lacks only its value at the end, like `state =`.
    pub fn and(&mut self, condition: &str, value: impl Into<Value>) {
        self.values.push(value.into());
        self.text.push_str(&format!(" AND {condition} ${}", self.values.len()));
    }

    /// The same where there is a value.
    pub fn and_some(&mut self, condition: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.and(condition, value);
        }
    }

    /// Adds that a column is one of these keys.
    pub fn and_in(&mut self, column: &str, keys: &[Uuid]) {
        let (marks, values) = ids(self.values.len() + 1, keys);
        self.text.push_str(&format!(" AND {column} IN ({marks})"));
        self.values.extend(values);
    }

    /// The conditions of a page of rows, newest first by their ids, with order and limit.
    pub fn page(mut self, page: &Page) -> (String, Vec<Value>) {
        self.and_some("id <", page.before_key());
        (format!("{} ORDER BY id DESC LIMIT {}", self.text, page.limit()), self.values)
    }
}
