//! Sums for `verify`: what the tables of this slice say that accounts have to hold.

use leadbourse_core::ids::OrganizationId;
use leadbourse_core::ledger::{Account, Rail};
use leadbourse_core::money::Currency;
use std::collections::HashMap;

use crate::platform::db::row::parsed;
use crate::platform::db::{Reader, sql};
use crate::platform::error::{Error, Result};

/// What the tables say.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// By account; of external accounts only what this slice moved, top-ups themselves not.
    pub kept: HashMap<Account, i64>,
    /// How much more a buyer may owe than its conversions explain, by its account.
    pub lost: HashMap<Account, i64>,
}

/// Reads the sums.
///
/// # Errors
/// Faults of the database.
pub async fn books(tx: &impl Reader) -> Result<Books> {
    let queries: [(&str, &str); 5] = [
        (
            "in_refund",
            "SELECT buyer_id, currency, CAST(SUM(amount) AS BIGINT) AS amount FROM credit_refunds \
             WHERE state IN ('PENDING', 'UNKNOWN') GROUP BY buyer_id, currency",
        ),
        (
            "outside",
            "SELECT buyer_id, currency, CAST(SUM(amount) AS BIGINT) AS amount FROM ( \
             SELECT buyer_id, currency, amount FROM credit_refunds WHERE state = 'CONFIRMED' \
             UNION ALL SELECT buyer_id, currency, amount FROM chargebacks WHERE state <> 'WON') x \
             GROUP BY buyer_id, currency",
        ),
        (
            "lost",
            "SELECT buyer_id, currency, CAST(SUM(from_owed - written_off) AS BIGINT) AS amount \
             FROM chargebacks WHERE state <> 'WON' GROUP BY buyer_id, currency",
        ),
        (
            "written_off",
            "SELECT buyer_id, currency, CAST(SUM(written_off) AS BIGINT) AS amount \
             FROM chargebacks GROUP BY buyer_id, currency",
        ),
        (
            "fees",
            "SELECT id AS buyer_id, currency, CAST(amount AS BIGINT) AS amount FROM provider_fees",
        ),
    ];
    let mut books = Books::default();
    for (what, text) in queries {
        for row in sql::all(tx, text, []).await? {
            let buyer = OrganizationId(row.try_get("", "buyer_id")?);
            let currency: Currency = parsed(&row, "currency")?;
            let amount: i64 = row.try_get("", "amount")?;
            let outside = Account::external(Rail::Stripe, currency);
            let mut add = |account, amount| *books.kept.entry(account).or_default() += amount;
            match what {
                "in_refund" => add(Account::in_refund(buyer, currency), amount),
                "outside" => add(outside, amount),
                "written_off" => add(Account::bad_debt(currency), -amount),
                "fees" => {
                    add(outside, amount);
                    add(Account::provider_fees(currency), -amount);
                }
                "lost" => {
                    books.lost.insert(Account::owed(buyer, currency), amount);
                }
                other => return Err(Error::broken(format!("no account for {other}"))),
            }
        }
    }
    Ok(books)
}
