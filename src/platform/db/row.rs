//! Reads the columns of a row into the domain's types. What does not read is a broken store, never
//! a panic and never a default.

use std::str::FromStr;

use leadbourse_core::money::Bps;
use leadbourse_core::time::Timestamp;
use sea_orm::QueryResult;

use crate::platform::error::{Error, Result};

/// A word or id that is stored as text.
pub fn parsed<T: FromStr>(row: &QueryResult, column: &str) -> Result<T> {
    let text: String = row.try_get("", column)?;
    text.parse().map_err(|_| Error::broken(format!("stored {column} {text}")))
}

/// A time, stored in microseconds.
pub fn time(row: &QueryResult, column: &str) -> Result<Timestamp> {
    Ok(Timestamp::from_micros(row.try_get("", column)?))
}

/// A time that may be absent (`NULL`).
pub fn time_opt(row: &QueryResult, column: &str) -> Result<Option<Timestamp>> {
    let at: Option<i64> = row.try_get("", column)?;
    Ok(at.map(Timestamp::from_micros))
}

/// A time whose absence is stored as 0, where the column is part of an index or a comparison.
pub fn time_or_zero(row: &QueryResult, column: &str) -> Result<Option<Timestamp>> {
    Ok(Some(time(row, column)?).filter(|at| at.micros() > 0))
}

/// A share in basis points.
pub fn bps(row: &QueryResult, column: &str) -> Result<Bps> {
    share(column, row.try_get("", column)?)
}

/// A share in basis points that may be absent (`NULL`).
pub fn bps_opt(row: &QueryResult, column: &str) -> Result<Option<Bps>> {
    let stored: Option<i32> = row.try_get("", column)?;
    stored.map(|stored| share(column, stored)).transpose()
}

fn share(column: &str, stored: i32) -> Result<Bps> {
    let share = u32::try_from(stored).map(Bps);
    share.map_err(|_| Error::broken(format!("stored {column} {stored}")))
}
