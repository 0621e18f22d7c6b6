//! The one bulk door, and the only place that knows how each engine likes many rows.
//!
//! PostgreSQL takes arrays (`UNNEST`), so that the text of a statement is the same whatever the
//! number of rows: sqlx caches prepared statements by text, and varying texts cost half of the
//! throughput. `write_all` and `claim_and_lock` merge a whole batch into one data-modifying CTE,
//! because round trips dominate small batches. SQLite takes `VALUES` in chunks, one statement per
//! table and chunk.
//!
//! Rules that callers keep: list every table of a plan always, empty ones too (the text follows
//! the plan, not the rows); no plan inserts and updates the same row (the parts of one CTE see one
//! snapshot and have no promised order); sums over BIGINT are `CAST(… AS BIGINT)`.

mod claim;
mod postgres;
mod sqlite;

pub use claim::{
    Claim, ClaimRequest, Claimed, IdempotencyKey, claim_and_lock, lock_claims, purge_claims,
    release,
};
/// A value of a row; slices build rows from it without knowing the engine.
pub use sea_orm::Value;

use sea_orm::{ConnectionTrait, DbBackend, ExecResult, QueryResult, Statement};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

use super::connect::Engine;
use super::tx::{Reader, WriteTx};
use crate::platform::error::{Error, Result};

/// The type of a column. The `Opt` ones may hold NULL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it: the column's type, nullable with Opt")]
pub enum Ty {
    Uuid,
    I64,
    I32,
    Bool,
    Bytes,
    Text,
    OptUuid,
    OptI64,
    OptI32,
    OptBool,
    OptBytes,
    OptText,
}

impl Ty {
    /// Whether NULL is allowed.
    pub fn nullable(self) -> bool {
        matches!(
            self,
            Ty::OptUuid | Ty::OptI64 | Ty::OptI32 | Ty::OptBool | Ty::OptBytes | Ty::OptText
        )
    }

    /// Whether the value may stand in a column of this type.
    fn accepts(self, value: &Value) -> bool {
        let (kind, null) = match value {
            Value::Uuid(v) => (Ty::Uuid, v.is_none()),
            Value::BigInt(v) => (Ty::I64, v.is_none()),
            Value::Int(v) => (Ty::I32, v.is_none()),
            Value::Bool(v) => (Ty::Bool, v.is_none()),
            Value::Bytes(v) => (Ty::Bytes, v.is_none()),
            Value::String(v) => (Ty::Text, v.is_none()),
            _ => return false,
        };
        kind == self.base() && (!null || self.nullable())
    }

    /// The type without its nullability.
    fn base(self) -> Ty {
        match self {
            Ty::Uuid | Ty::OptUuid => Ty::Uuid,
            Ty::I64 | Ty::OptI64 => Ty::I64,
            Ty::I32 | Ty::OptI32 => Ty::I32,
            Ty::Bool | Ty::OptBool => Ty::Bool,
            Ty::Bytes | Ty::OptBytes => Ty::Bytes,
            Ty::Text | Ty::OptText => Ty::Text,
        }
    }
}

/// A table as bulk statements see it. **The first column is the primary key** wherever rows are
/// locked, updated or deleted by key; tables with a composite key are only inserted into. Columns
/// that are left out get their defaults.
#[derive(Debug)]
pub struct TableDef {
    /// The table's name.
    pub name: &'static str,
    /// Name and type of each column.
    pub cols: &'static [(&'static str, Ty)],
}

impl TableDef {
    fn key(&self) -> Result<&'static str> {
        let first = self.cols.first().ok_or_else(|| self.broken("has no columns"))?;
        Ok(first.0)
    }

    fn ty(&self, column: &str) -> Result<Ty> {
        let found = self.cols.iter().find(|(name, _)| *name == column);
        found.map(|(_, ty)| *ty).ok_or_else(|| self.broken(&format!("has no column {column}")))
    }

    fn broken(&self, what: &str) -> Error {
        Error::broken(format!("bulk table {}: {what}", self.name))
    }
}

/// Rows to be inserted, kept column by column.
#[derive(Clone, Debug)]
pub struct Rows {
    def: &'static TableDef,
    n: usize,
    cols: Vec<Vec<Value>>,
    conflict: OnConflict,
    /// The first thing that was wrong with a pushed row; it fails the statement, not the process.
    wrong: Option<String>,
}

impl Rows {
    /// No rows yet.
    pub fn new(def: &'static TableDef) -> Self {
        let cols = def.cols.iter().map(|_| Vec::new()).collect();
        Self { def, n: 0, cols, conflict: OnConflict::Fail, wrong: None }
    }

    /// What happens when a key is there already; `Fail` unless said.
    #[must_use]
    pub fn on_conflict(mut self, conflict: OnConflict) -> Self {
        self.conflict = conflict;
        self
    }

    /// Adds a row: one value per column, in the table's order. A row of a wrong shape makes the
    /// later write fail with its name.
    pub fn push<const N: usize>(&mut self, row: [Value; N]) {
        if N != self.def.cols.len() {
            self.wrong.get_or_insert_with(|| {
                format!("{}: {N} values for {} columns", self.def.name, self.def.cols.len())
            });
            return;
        }
        for ((value, to), (name, ty)) in row.into_iter().zip(&mut self.cols).zip(self.def.cols) {
            if !ty.accepts(&value) {
                self.wrong.get_or_insert_with(|| {
                    format!("{}.{name}: the value is no {ty:?}", self.def.name)
                });
            }
            to.push(value);
        }
        self.n += 1;
    }

    /// Adds the rows of another set of the same table.
    pub fn append(&mut self, other: Rows) {
        if !std::ptr::eq(self.def, other.def) && self.def.name != other.def.name {
            self.wrong = Some(format!("{} rows appended to {}", other.def.name, self.def.name));
            return;
        }
        for (to, from) in self.cols.iter_mut().zip(other.cols) {
            to.extend(from);
        }
        self.n += other.n;
        self.wrong = self.wrong.take().or(other.wrong);
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.n
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// The table.
    pub fn table(&self) -> &'static TableDef {
        self.def
    }

    fn check(&self) -> Result<()> {
        match &self.wrong {
            Some(what) => Err(Error::broken(format!("bulk rows: {what}"))),
            None => Ok(()),
        }
    }
}

/// What happens when a row's key is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// The statement fails with a unique violation.
    Fail,
    /// The row is left out.
    DoNothing,
}

/// New values for some columns of existing rows, one row per key.
#[derive(Clone, Debug)]
pub struct Sets {
    def: &'static TableDef,
    set: &'static [&'static str],
    keys: Vec<Uuid>,
    cols: Vec<Vec<Value>>,
    wrong: Option<String>,
}

impl Sets {
    /// Sets of these columns.
    pub fn new(def: &'static TableDef, set: &'static [&'static str]) -> Self {
        Self {
            def,
            set,
            keys: Vec::new(),
            cols: set.iter().map(|_| Vec::new()).collect(),
            wrong: None,
        }
    }

    /// The new values of the row with this key, in the order of the columns given to `new`. A key
    /// comes at most once.
    pub fn push<const N: usize>(&mut self, key: Uuid, values: [Value; N]) {
        if N != self.set.len() {
            self.wrong = Some(format!("{}: {N} values for {:?}", self.def.name, self.set));
            return;
        }
        for ((value, to), name) in values.into_iter().zip(&mut self.cols).zip(self.set) {
            if !self.def.ty(name).is_ok_and(|ty| ty.accepts(&value)) {
                self.wrong = Some(format!("{}.{name}: wrong type", self.def.name));
            }
            to.push(value);
        }
        self.keys.push(key);
    }

    /// How many rows will change.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether none will.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    fn check(&self) -> Result<()> {
        match &self.wrong {
            Some(what) => Err(Error::broken(format!("bulk sets: {what}"))),
            None => Ok(()),
        }
    }
}

/// Amounts to be added to one BIGINT column, by key.
#[derive(Clone, Debug)]
pub struct Deltas {
    /// The table.
    pub def: &'static TableDef,
    /// The column.
    pub col: &'static str,
    /// What is added, by key. Sorted, so that rows are taken in order.
    pub by_key: BTreeMap<Uuid, i64>,
}

/// Rows to be deleted by key.
#[derive(Clone, Debug)]
pub struct Deletes {
    /// The table.
    pub def: &'static TableDef,
    /// The keys; those that are not there are passed over.
    pub keys: Vec<Uuid>,
}

/// How a row is locked on PostgreSQL; SQLite's writer is alone anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockMode {
    /// `FOR SHARE`: nobody may change it until the end.
    Share,
    /// `FOR UPDATE`: nobody else may lock or change it until the end.
    Update,
}

/// Rows to be locked and read: their BIGINT columns come back.
#[derive(Clone, Copy, Debug)]
pub struct Lock<'a> {
    /// The table.
    pub def: &'static TableDef,
    /// The BIGINT columns to read, in the order in which they come back.
    pub cols: &'static [&'static str],
    /// The keys, in any order; they are locked sorted.
    pub keys: &'a [Uuid],
    /// How.
    pub mode: LockMode,
}

impl<'a> Lock<'a> {
    /// A lock request.
    pub fn new(
        def: &'static TableDef,
        cols: &'static [&'static str],
        keys: &'a [Uuid],
        mode: LockMode,
    ) -> Self {
        Self { def, cols, keys, mode }
    }
}

/// Locked rows by key: the asked columns, in the asked order. Keys without a row are missing.
pub type Locked = HashMap<Uuid, Vec<i64>>;

/// Everything that one batch writes. The parts of a plan must not touch the same row twice.
#[derive(Clone, Debug, Default)]
pub struct WritePlan {
    /// Inserts, one per table.
    pub inserts: Vec<Rows>,
    /// Additions, one per table and column.
    pub deltas: Vec<Deltas>,
    /// Replacements of columns.
    pub sets: Vec<Sets>,
    /// Deletions.
    pub deletes: Vec<Deletes>,
}

/// Inserts the rows of one table; gives the number that went in.
pub async fn insert_many(tx: &WriteTx, rows: Rows) -> Result<u64> {
    rows.check()?;
    if rows.is_empty() {
        return Ok(0);
    }
    match tx.engine() {
        Engine::Postgres => postgres::insert(tx, rows).await,
        Engine::Sqlite => sqlite::insert(tx, rows).await,
    }
}

/// Adds amounts to a column.
///
/// # Errors
/// When a key has no row: money must not vanish.
pub async fn add_deltas(tx: &WriteTx, deltas: Deltas) -> Result<()> {
    if deltas.by_key.is_empty() {
        return Ok(());
    }
    match tx.engine() {
        Engine::Postgres => {
            let plan = WritePlan { deltas: vec![deltas], ..Default::default() };
            postgres::write_all(tx, plan).await
        }
        Engine::Sqlite => sqlite::add_deltas(tx, deltas).await,
    }
}

/// Replaces columns of existing rows. The rows should be locked already.
///
/// # Errors
/// When a key has no row.
pub async fn set_rows(tx: &WriteTx, sets: Sets) -> Result<()> {
    sets.check()?;
    if sets.is_empty() {
        return Ok(());
    }
    match tx.engine() {
        Engine::Postgres => {
            let plan = WritePlan { sets: vec![sets], ..Default::default() };
            postgres::write_all(tx, plan).await
        }
        Engine::Sqlite => sqlite::set_rows(tx, sets).await,
    }
}

/// Deletes rows by primary key.
pub async fn delete_keys(tx: &WriteTx, def: &'static TableDef, keys: &[Uuid]) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    let deletes = Deletes { def, keys: keys.to_vec() };
    match tx.engine() {
        Engine::Postgres => {
            let plan = WritePlan { deletes: vec![deletes], ..Default::default() };
            postgres::write_all(tx, plan).await
        }
        Engine::Sqlite => sqlite::delete(tx, deletes).await,
    }
}

/// Locks rows in the order of their keys and reads them as they are once locked.
pub async fn lock_rows(tx: &WriteTx, lock: &Lock<'_>) -> Result<Locked> {
    if lock.keys.is_empty() {
        return Ok(Locked::new());
    }
    match tx.engine() {
        Engine::Postgres => postgres::lock(tx, lock).await,
        Engine::Sqlite => sqlite::read(tx, lock).await,
    }
}

/// Writes a whole batch: one statement on PostgreSQL, one per table and chunk on SQLite.
///
/// # Errors
/// When a row does not fit its table, a key of deltas or sets has no row, or a constraint says no.
pub async fn write_all(tx: &WriteTx, plan: WritePlan) -> Result<()> {
    for rows in &plan.inserts {
        rows.check()?;
    }
    for sets in &plan.sets {
        sets.check()?;
    }
    match tx.engine() {
        Engine::Postgres => postgres::write_all(tx, plan).await,
        Engine::Sqlite => sqlite::write_all(tx, plan).await,
    }
}

async fn execute(tx: &WriteTx, sql: String, values: Vec<Value>) -> Result<ExecResult> {
    Ok(tx.conn().execute_raw(statement(tx, sql, values)).await?)
}

async fn query(tx: &WriteTx, sql: String, values: Vec<Value>) -> Result<Vec<QueryResult>> {
    Ok(tx.conn().query_all_raw(statement(tx, sql, values)).await?)
}

fn statement(tx: &WriteTx, sql: String, values: Vec<Value>) -> Statement {
    let backend = match tx.engine() {
        Engine::Postgres => DbBackend::Postgres,
        Engine::Sqlite => DbBackend::Sqlite,
    };
    Statement::from_sql_and_values(backend, sql, values)
}

/// Sorted and without repeats.
fn sorted(keys: &[Uuid]) -> Vec<Uuid> {
    let mut out = keys.to_vec();
    out.sort_unstable();
    out.dedup();
    out
}

/// Fails when fewer rows changed than keys were given.
fn expect_all(table: &str, wanted: usize, found: i64) -> Result<()> {
    if usize::try_from(found).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    Err(Error::broken(format!("{table}: {wanted} rows should have changed, {found} did")))
}
