//! Statements of the slice.

pub(super) mod books;
pub(super) mod cards;
pub(super) mod others;
pub(super) mod top_ups;

use leadbourse_core::money::{Currency, Money};
use leadbourse_core::time::Timestamp;
use sea_orm::QueryResult;
use std::str::FromStr;

use crate::platform::error::{Error, Result};

fn word<T: FromStr>(row: &QueryResult, column: &str) -> Result<T> {
    let text: String = row.try_get("", column)?;
    text.parse().map_err(|_| Error::broken(format!("stored {column} {text}")))
}

fn opt_word<T: FromStr>(row: &QueryResult, column: &str) -> Result<Option<T>> {
    let text: Option<String> = row.try_get("", column)?;
    text.map(|text| text.parse().map_err(|_| Error::broken(format!("stored {column} {text}"))))
        .transpose()
}

fn money(row: &QueryResult, amount: &str) -> Result<Money> {
    Ok(Money::new(row.try_get("", amount)?, word::<Currency>(row, "currency")?))
}

fn at(row: &QueryResult, column: &str) -> Result<Timestamp> {
    Ok(Timestamp::from_micros(row.try_get("", column)?))
}

fn opt_at(row: &QueryResult, column: &str) -> Result<Option<Timestamp>> {
    let micros: Option<i64> = row.try_get("", column)?;
    Ok(micros.map(Timestamp::from_micros))
}

fn flag(row: &QueryResult, column: &str) -> Result<bool> {
    let stored: i32 = row.try_get("", column)?;
    Ok(stored != 0)
}
