//! Statements of the slice.

pub(super) mod books;
pub(super) mod cards;
pub(super) mod others;
pub(super) mod top_ups;

use leadbourse_core::money::{Currency, Money};
use sea_orm::QueryResult;
use std::str::FromStr;

use crate::platform::db::row::parsed;
use crate::platform::error::{Error, Result};

fn opt_word<T: FromStr>(row: &QueryResult, column: &str) -> Result<Option<T>> {
    let text: Option<String> = row.try_get("", column)?;
    text.map(|text| text.parse().map_err(|_| Error::broken(format!("stored {column} {text}"))))
        .transpose()
}

fn money(row: &QueryResult, amount: &str) -> Result<Money> {
    Ok(Money::new(row.try_get("", amount)?, parsed::<Currency>(row, "currency")?))
}

fn flag(row: &QueryResult, column: &str) -> Result<bool> {
    let stored: i32 = row.try_get("", column)?;
    Ok(stored != 0)
}
