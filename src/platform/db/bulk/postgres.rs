//! Bulk statements for PostgreSQL: arrays in, one merged CTE.

use sea_orm::sea_query::ArrayType;
use std::fmt::Write as _;
use uuid::Uuid;

use super::{
    Deletes, Deltas, Lock, LockMode, Locked, OnConflict, Rows, Sets, TableDef, Ty, Value,
    WritePlan, expect_all, query, sorted,
};
use crate::platform::db::tx::WriteTx;
use crate::platform::error::{Error, Result};

/// A growing statement: its text and its parameters.
#[derive(Default)]
pub(super) struct Builder {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

impl Builder {
    /// Adds a parameter; gives its placeholder with a cast.
    pub(super) fn bind(&mut self, value: Value, cast: &str) -> String {
        self.values.push(value);
        format!("${}::{cast}", self.values.len())
    }

    /// Adds an array of UUIDs.
    pub(super) fn bind_uuids(&mut self, keys: &[Uuid]) -> String {
        let items = keys.iter().map(|key| Value::Uuid(Some(*key))).collect();
        self.bind(Value::Array(ArrayType::Uuid, Some(Box::new(items))), "uuid[]")
    }

    fn push(&mut self, text: &str) {
        self.sql.push_str(text);
    }
}

/// The array type, the SQL type and the filler of an absent value.
fn array_of(ty: Ty) -> (ArrayType, &'static str, Value) {
    match ty.base() {
        Ty::I64 => (ArrayType::BigInt, "bigint[]", Value::BigInt(Some(0))),
        Ty::I32 => (ArrayType::Int, "integer[]", Value::Int(Some(0))),
        Ty::Bool => (ArrayType::Bool, "boolean[]", Value::Bool(Some(false))),
        Ty::Bytes => (ArrayType::Bytes, "bytea[]", Value::Bytes(Some(Vec::new()))),
        Ty::Text => (ArrayType::String, "text[]", Value::String(Some(String::new()))),
        _ => (ArrayType::Uuid, "uuid[]", Value::Uuid(Some(Uuid::nil()))),
    }
}

fn is_null(value: &Value) -> bool {
    matches!(
        value,
        Value::Uuid(None)
            | Value::BigInt(None)
            | Value::Int(None)
            | Value::Bool(None)
            | Value::Bytes(None)
            | Value::String(None)
    )
}

/// `SELECT … FROM UNNEST(arrays) AS a(…)` with the select list. Arrays of sea-query can't hold
/// NULL, so nullable columns carry a filler, and one bit mask per row says which are absent.
fn select_unnest(
    to: &mut Builder,
    cols: &[(&str, Ty)],
    columns: Vec<Vec<Value>>,
) -> (String, String) {
    let rows = columns.first().map_or(0, Vec::len);
    let masked = cols.iter().any(|(_, ty)| ty.nullable());
    let mut mask = vec![0i64; if masked { rows } else { 0 }];
    let (mut list, mut arrays, mut names) = (String::new(), String::new(), String::new());
    for (index, ((_, ty), values)) in cols.iter().zip(columns).enumerate() {
        let bit = 1i64 << index.min(62);
        let (array, cast, filler) = array_of(*ty);
        let filled = values
            .into_iter()
            .enumerate()
            .map(|(row, value)| {
                if !is_null(&value) {
                    return value;
                }
                if let Some(bits) = mask.get_mut(row) {
                    *bits |= bit;
                }
                filler.clone()
            })
            .collect();
        let place = to.bind(Value::Array(array, Some(Box::new(filled))), cast);
        let comma = if index == 0 { "" } else { ", " };
        let _ = write!(arrays, "{comma}{place}");
        let _ = write!(names, "{comma}c{index}");
        if ty.nullable() {
            let _ = write!(list, "{comma}CASE WHEN a.m & {bit} = 0 THEN a.c{index} END");
        } else {
            let _ = write!(list, "{comma}a.c{index}");
        }
    }
    if masked {
        let items = mask.into_iter().map(|bits| Value::BigInt(Some(bits))).collect();
        let place = to.bind(Value::Array(ArrayType::BigInt, Some(Box::new(items))), "bigint[]");
        let _ = write!(arrays, ", {place}");
        names.push_str(", m");
    }
    (list, format!("UNNEST({arrays}) AS a({names})"))
}

fn add_insert(to: &mut Builder, rows: Rows) {
    let (def, conflict) = (rows.def, rows.conflict);
    let (list, from) = select_unnest(to, def.cols, rows.cols);
    let names: Vec<&str> = def.cols.iter().map(|(name, _)| *name).collect();
    let _ =
        write!(to.sql, "INSERT INTO {} ({}) SELECT {list} FROM {from}", def.name, names.join(", "));
    if conflict == OnConflict::DoNothing {
        to.push(" ON CONFLICT DO NOTHING");
    }
}

fn add_delta(to: &mut Builder, deltas: &Deltas) -> Result<()> {
    let key = deltas.def.key()?;
    let keys: Vec<Uuid> = deltas.by_key.keys().copied().collect();
    let amounts = deltas.by_key.values().map(|amount| Value::BigInt(Some(*amount))).collect();
    let keys = to.bind_uuids(&keys);
    let amounts = to.bind(Value::Array(ArrayType::BigInt, Some(Box::new(amounts))), "bigint[]");
    let (name, col) = (deltas.def.name, deltas.col);
    let _ = write!(
        to.sql,
        "UPDATE {name} AS t SET {col} = t.{col} + a.d FROM UNNEST({keys}, {amounts}) AS a(k, d) \
         WHERE t.{key} = a.k RETURNING 1"
    );
    Ok(())
}

fn add_sets(to: &mut Builder, sets: Sets) -> Result<()> {
    let key = sets.def.key()?;
    let mut cols = vec![(key, Ty::Uuid)];
    for name in sets.set {
        cols.push((name, sets.def.ty(name)?));
    }
    let mut columns = vec![sets.keys.iter().map(|key| Value::Uuid(Some(*key))).collect::<Vec<_>>()];
    columns.extend(sets.cols);
    let (list, from) = select_unnest(to, &cols, columns);
    let mut assign = String::new();
    for (index, name) in sets.set.iter().enumerate() {
        let _ = write!(assign, "{}{name} = v.v{}", if index == 0 { "" } else { ", " }, index + 1);
    }
    let names: Vec<String> = (0..cols.len()).map(|index| format!("v{index}")).collect();
    let _ = write!(
        to.sql,
        "UPDATE {} AS t SET {assign} FROM (SELECT {list} FROM {from}) AS v({}) WHERE t.{key} = v.v0 \
         RETURNING 1",
        sets.def.name,
        names.join(", ")
    );
    Ok(())
}

fn add_delete(to: &mut Builder, deletes: &Deletes) -> Result<()> {
    let key = deletes.def.key()?;
    let keys = to.bind_uuids(&sorted(&deletes.keys));
    let _ = write!(to.sql, "DELETE FROM {} WHERE {key} = ANY({keys})", deletes.def.name);
    Ok(())
}

pub(super) async fn insert(tx: &WriteTx, rows: Rows) -> Result<u64> {
    let mut builder = Builder::default();
    add_insert(&mut builder, rows);
    Ok(super::execute(tx, builder.sql, builder.values).await?.rows_affected())
}

/// What a merged statement must report: the table and how many of its rows should change.
type Expected = Vec<(&'static str, usize)>;

/// One `WITH i0 AS (INSERT …), …, u0 AS (UPDATE …) SELECT counts`.
pub(super) fn merge(plan: WritePlan) -> Result<(Builder, Expected)> {
    let mut to = Builder::default();
    let mut expected: Expected = Vec::new();
    let mut part = 0usize;
    let mut open = |to: &mut Builder, name: &str| {
        let _ = write!(to.sql, "{}{name}{part} AS (", if part == 0 { "WITH " } else { ", " });
        part += 1;
        part - 1
    };
    for rows in plan.inserts {
        open(&mut to, "i");
        add_insert(&mut to, rows);
        to.push(")");
    }
    let mut counted = Vec::new();
    for deltas in &plan.deltas {
        counted.push(open(&mut to, "u"));
        expected.push((deltas.def.name, deltas.by_key.len()));
        add_delta(&mut to, deltas)?;
        to.push(")");
    }
    for sets in plan.sets {
        counted.push(open(&mut to, "u"));
        expected.push((sets.def.name, sets.len()));
        add_sets(&mut to, sets)?;
        to.push(")");
    }
    for deletes in &plan.deletes {
        open(&mut to, "d");
        add_delete(&mut to, deletes)?;
        to.push(")");
    }
    to.push(" SELECT 1::bigint AS one");
    for (index, part) in counted.iter().enumerate() {
        let _ = write!(to.sql, ", (SELECT COUNT(*) FROM u{part}) AS n{index}");
    }
    Ok((to, expected))
}

pub(super) async fn write_all(tx: &WriteTx, plan: WritePlan) -> Result<()> {
    let parts = plan.inserts.len() + plan.deltas.len() + plan.sets.len() + plan.deletes.len();
    if parts == 0 {
        return Ok(());
    }
    let (builder, expected) = merge(plan)?;
    let rows = query(tx, builder.sql, builder.values).await?;
    let row = rows.first().ok_or_else(|| Error::broken("the merged write gave no row"))?;
    for (index, (table, wanted)) in expected.into_iter().enumerate() {
        expect_all(table, wanted, row.try_get("", &format!("n{index}"))?)?;
    }
    Ok(())
}

/// `SELECT key, ARRAY[columns] … ORDER BY key FOR UPDATE`, for its own statement or a CTE.
pub(super) fn lock_select(to: &mut Builder, lock: &Lock<'_>) -> Result<()> {
    let key = lock.def.key()?;
    let mut cols = String::new();
    for (index, name) in lock.cols.iter().enumerate() {
        require_i64(lock.def, name)?;
        let _ = write!(cols, "{}{name}", if index == 0 { "" } else { ", " });
    }
    let keys = to.bind_uuids(&sorted(lock.keys));
    let how = match lock.mode {
        LockMode::Share => "SHARE",
        LockMode::Update => "UPDATE",
    };
    let name = lock.def.name;
    let _ = write!(
        to.sql,
        "SELECT {key} AS k, ARRAY[{cols}]::bigint[] AS v FROM {name} WHERE {key} = ANY({keys}) \
         ORDER BY {key} FOR {how}"
    );
    Ok(())
}

pub(super) fn require_i64(def: &'static TableDef, column: &str) -> Result<()> {
    match def.ty(column)? {
        Ty::I64 | Ty::I32 => Ok(()),
        _ => Err(def.broken(&format!("{column} is no integer that can be locked and read"))),
    }
}

pub(super) async fn lock(tx: &WriteTx, lock: &Lock<'_>) -> Result<Locked> {
    let mut builder = Builder::default();
    lock_select(&mut builder, lock)?;
    let rows = query(tx, builder.sql, builder.values).await?;
    rows.iter().map(|row| Ok((row.try_get("", "k")?, row.try_get("", "v")?))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;

    static TABLE: TableDef = TableDef {
        name: "things",
        cols: &[("id", Ty::Uuid), ("n", Ty::I64), ("note", Ty::OptText), ("raw", Ty::OptBytes)],
    };

    fn plan(n: usize) -> WritePlan {
        let mut rows = Rows::new(&TABLE).on_conflict(OnConflict::DoNothing);
        let mut sets = Sets::new(&TABLE, &["note", "n"]);
        let mut deltas = Deltas { def: &TABLE, col: "n", by_key: Default::default() };
        for i in 0..n {
            let id = Uuid::from_u128(i as u128);
            rows.push([id.into(), 1i64.into(), Option::<String>::None.into(), vec![1u8].into()]);
            sets.push(id, ["x".into(), 2i64.into()]);
            deltas.by_key.insert(id, 5);
        }
        let deletes =
            Deletes { def: &TABLE, keys: (0..n).map(|i| Uuid::from_u128(i as u128)).collect() };
        WritePlan {
            inserts: vec![rows],
            deltas: vec![deltas],
            sets: vec![sets],
            deletes: vec![deletes],
        }
    }

    #[test]
    fn the_text_of_a_plan_does_not_depend_on_the_number_of_rows() {
        let texts: Vec<String> =
            [0, 1, 64].into_iter().map(|n| merge(plan(n)).unwrap().0.sql).collect();
        assert_eq!(texts[0], texts[1]);
        assert_eq!(texts[1], texts[2]);
    }

    #[test]
    fn a_row_of_the_wrong_shape_is_named() {
        let mut rows = Rows::new(&TABLE);
        rows.push([Uuid::nil().into(), "text".into(), "x".into(), vec![0u8].into()]);
        assert!(rows.check().unwrap_err().to_string().contains("things.n"));
        let mut rows = Rows::new(&TABLE);
        rows.push([Uuid::nil().into(), Option::<i64>::None.into(), "x".into(), vec![0u8].into()]);
        assert!(rows.check().is_err());
    }
}
