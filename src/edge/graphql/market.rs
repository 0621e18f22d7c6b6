//! Small things that the nouns of the market share.

use leadbourse_core::error::{Kind, Problem};
use leadbourse_core::money::Currency;

use super::scalars::MoneyInput;
use crate::platform::error::{Error, Result};

leadbourse_core::codes! {
    CURRENCY_MISMATCH: Invalid = "The niche has another currency.";
}

/// A query's single thing: what is not there, or not for the asker, is null.
pub fn or_null<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Error::Problem(problem)) if problem.code.kind == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Minor units of a sum in the niche's currency.
pub fn minor(sum: &MoneyInput, currency: Currency, field: &str) -> Result<i64, Problem> {
    let sum = sum.parse(field)?;
    if sum.currency == currency {
        Ok(sum.minor)
    } else {
        let detail = format!("The niche's currency is {currency}.");
        Err(Problem::new(CURRENCY_MISMATCH).field(format!("{field}.currency")).detail(detail))
    }
}
