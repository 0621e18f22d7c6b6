//! Bulk statements for SQLite: `VALUES` in chunks below the limit of variables.

use std::fmt::Write as _;
use uuid::Uuid;

use super::postgres::require_i64;
use super::{
    Deletes, Deltas, Lock, Locked, OnConflict, Rows, Sets, Value, WritePlan, execute, expect_all,
    query, sorted,
};
use crate::platform::db::tx::WriteTx;
use crate::platform::error::Result;

/// SQLite takes 32,766 variables; a smaller chunk keeps the prepared text short.
const VARIABLES: usize = 8_000;

/// `(?,?,?),(?,?,?)`.
pub(super) fn placeholders(width: usize, rows: usize) -> String {
    let one = format!("({})", vec!["?"; width].join(","));
    vec![one; rows].join(",")
}

/// Turns columns into rows, chunk by chunk.
pub(super) fn chunks(columns: Vec<Vec<Value>>) -> Vec<(usize, Vec<Value>)> {
    let width = columns.len().max(1);
    let rows = columns.first().map_or(0, Vec::len);
    let per_chunk = (VARIABLES / width).max(1);
    let mut sources: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
    let mut out = Vec::new();
    let mut left = rows;
    while left > 0 {
        let n = left.min(per_chunk);
        let mut values = Vec::with_capacity(n * width);
        for _ in 0..n {
            values.extend(sources.iter_mut().filter_map(Iterator::next));
        }
        out.push((n, values));
        left -= n;
    }
    out
}

pub(super) async fn insert(tx: &WriteTx, rows: Rows) -> Result<u64> {
    let names: Vec<&str> = rows.def.cols.iter().map(|(name, _)| *name).collect();
    let head = format!("INSERT INTO {} ({}) VALUES ", rows.def.name, names.join(", "));
    let tail = if rows.conflict == OnConflict::DoNothing { " ON CONFLICT DO NOTHING" } else { "" };
    let mut affected = 0;
    for (n, values) in chunks(rows.cols) {
        let sql = format!("{head}{}{tail}", placeholders(names.len(), n));
        affected += execute(tx, sql, values).await?.rows_affected();
    }
    Ok(affected)
}

pub(super) async fn add_deltas(tx: &WriteTx, deltas: Deltas) -> Result<()> {
    let key = deltas.def.key()?;
    let (name, col) = (deltas.def.name, deltas.col);
    let keys = deltas.by_key.keys().map(|key| Value::from(*key)).collect();
    let amounts = deltas.by_key.values().map(|amount| Value::from(*amount)).collect();
    let (wanted, mut found) = (deltas.by_key.len(), 0u64);
    for (n, values) in chunks(vec![keys, amounts]) {
        let sql = format!(
            "WITH a(k, d) AS (VALUES {}) UPDATE {name} SET {col} = {name}.{col} + a.d FROM a \
             WHERE {name}.{key} = a.k",
            placeholders(2, n)
        );
        found += execute(tx, sql, values).await?.rows_affected();
    }
    expect_all(name, wanted, i64::try_from(found).unwrap_or(-1))
}

pub(super) async fn set_rows(tx: &WriteTx, sets: Sets) -> Result<()> {
    let key = sets.def.key()?;
    let name = sets.def.name;
    let (mut names, mut assign) = ("k".to_owned(), String::new());
    for (index, column) in sets.set.iter().enumerate() {
        let _ = write!(names, ", v{index}");
        let _ = write!(assign, "{}{column} = a.v{index}", if index == 0 { "" } else { ", " });
    }
    let wanted = sets.len();
    let mut columns = vec![sets.keys.iter().map(|key| Value::from(*key)).collect::<Vec<_>>()];
    columns.extend(sets.cols);
    let (width, mut found) = (columns.len(), 0u64);
    for (n, values) in chunks(columns) {
        let sql = format!(
            "WITH a({names}) AS (VALUES {}) UPDATE {name} SET {assign} FROM a WHERE {name}.{key} = a.k",
            placeholders(width, n)
        );
        found += execute(tx, sql, values).await?.rows_affected();
    }
    expect_all(name, wanted, i64::try_from(found).unwrap_or(-1))
}

pub(super) async fn delete(tx: &WriteTx, deletes: Deletes) -> Result<()> {
    let key = deletes.def.key()?;
    for chunk in deletes.keys.chunks(VARIABLES) {
        let marks = vec!["?"; chunk.len()].join(",");
        let sql = format!("DELETE FROM {} WHERE {key} IN ({marks})", deletes.def.name);
        execute(tx, sql, chunk.iter().map(|key| Value::from(*key)).collect()).await?;
    }
    Ok(())
}

pub(super) async fn read(tx: &WriteTx, lock: &Lock<'_>) -> Result<Locked> {
    let key = lock.def.key()?;
    for name in lock.cols {
        require_i64(lock.def, name)?;
    }
    let keys: Vec<Uuid> = sorted(lock.keys);
    let mut out = Locked::with_capacity(keys.len());
    for chunk in keys.chunks(VARIABLES) {
        let marks = vec!["?"; chunk.len()].join(",");
        let mut sql = format!("SELECT {key}");
        for name in lock.cols {
            let _ = write!(sql, ", {name}");
        }
        let _ = write!(sql, " FROM {} WHERE {key} IN ({marks})", lock.def.name);
        let values = chunk.iter().map(|key| Value::from(*key)).collect();
        for row in query(tx, sql, values).await? {
            let mut values = Vec::with_capacity(lock.cols.len());
            for name in lock.cols {
                values.push(row.try_get("", name)?);
            }
            out.insert(row.try_get("", key)?, values);
        }
    }
    Ok(out)
}

pub(super) async fn write_all(tx: &WriteTx, plan: WritePlan) -> Result<()> {
    for rows in plan.inserts {
        insert(tx, rows).await?;
    }
    for deltas in plan.deltas {
        add_deltas(tx, deltas).await?;
    }
    for sets in plan.sets {
        set_rows(tx, sets).await?;
    }
    for deletes in plan.deletes {
        delete(tx, deletes).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn chunks_keep_rows_whole_and_in_order() {
        let column: Vec<Value> = (0..10_000i64).map(Value::from).collect();
        let parts = chunks(vec![column.clone(), column]);
        assert_eq!(parts.iter().map(|(n, _)| n).sum::<usize>(), 10_000);
        assert!(parts.iter().all(|(n, values)| values.len() == n * 2 && values.len() <= VARIABLES));
        assert_eq!(parts[1].1[0], Value::from(4_000i64));
    }
}
