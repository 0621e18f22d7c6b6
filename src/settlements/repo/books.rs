//! Sums for `verify`.

use leadbourse_core::ids::{OrganizationId, StatementId};
use leadbourse_core::money::Currency;

use super::parsed;
use crate::platform::db::{Reader, sql};
use crate::platform::error::Result;
use crate::settlements::books::PayoutSum;

pub(in crate::settlements) async fn payout_sums(tx: &impl Reader) -> Result<Vec<PayoutSum>> {
    let text = "SELECT publisher_id, currency, rail, \
         CAST(SUM(CASE WHEN state IN ('PLANNED', 'EXPORTED', 'SENT', 'UNKNOWN') THEN amount ELSE 0 END) \
           AS BIGINT) AS under_way, \
         CAST(SUM(CASE WHEN state = 'CONFIRMED' THEN amount ELSE 0 END) AS BIGINT) AS confirmed \
         FROM payouts GROUP BY publisher_id, currency, rail";
    sql::all(tx, text, [])
        .await?
        .iter()
        .map(|row| {
            Ok(PayoutSum {
                publisher: OrganizationId(row.try_get("", "publisher_id")?),
                currency: parsed(row, "currency")?,
                rail: parsed(row, "rail")?,
                under_way: row.try_get("", "under_way")?,
                confirmed: row.try_get("", "confirmed")?,
            })
        })
        .collect()
}

/// Top-ups by rail and currency.
pub(in crate::settlements) async fn top_up_sums(
    tx: &impl Reader,
) -> Result<Vec<(String, Currency, i64)>> {
    let text = "SELECT rail, currency, CAST(SUM(amount) AS BIGINT) AS amount FROM top_ups \
         GROUP BY rail, currency";
    sql::all(tx, text, [])
        .await?
        .iter()
        .map(|row| {
            Ok((row.try_get("", "rail")?, parsed(row, "currency")?, row.try_get("", "amount")?))
        })
        .collect()
}

/// Statements that are not the sum of their lines, and lines that are not their conversion.
pub(in crate::settlements) async fn statement_faults(
    tx: &impl Reader,
) -> Result<Vec<(String, i64, i64)>> {
    let mut out = Vec::new();
    let text = "SELECT id, gross, total, carried_in, computed FROM ( \
         SELECT s.id, s.gross, s.total, s.carried_in, CAST(COALESCE((SELECT SUM(l.amount) \
           FROM statement_lines l WHERE l.statement_id = s.id), 0) AS BIGINT) AS computed \
         FROM statements s WHERE s.state NOT IN ('CANCELLED', 'VOID')) x \
         WHERE gross <> computed OR total <> gross + carried_in";
    for row in sql::all(tx, text, []).await? {
        let id = StatementId(row.try_get("", "id")?);
        out.push((format!("{id} gross"), row.try_get("", "gross")?, row.try_get("", "computed")?));
    }
    let text = "SELECT id, carried_in, computed FROM ( \
         SELECT s.id, s.carried_in, CAST(COALESCE((SELECT SUM(c.total) FROM statements c \
           WHERE c.carried_into = s.id), 0) AS BIGINT) AS computed \
         FROM statements s WHERE s.state NOT IN ('CANCELLED', 'VOID')) x \
         WHERE carried_in <> computed";
    for row in sql::all(tx, text, []).await? {
        let id = StatementId(row.try_get("", "id")?);
        let (kept, computed) = (row.try_get("", "carried_in")?, row.try_get("", "computed")?);
        out.push((format!("{id} carried in"), kept, computed));
    }
    let text = "SELECT l.statement_id, l.amount, \
         CAST(c.earning - c.given_earning AS BIGINT) AS computed FROM statement_lines l \
         JOIN conversions c ON c.id = l.conversion_id \
         WHERE l.amount <> c.earning - c.given_earning OR l.amount <> l.earning - l.given_back \
         OR c.state <> 'APPROVED'";
    for row in sql::all(tx, text, []).await? {
        let id = StatementId(row.try_get("", "statement_id")?);
        out.push((format!("{id} line"), row.try_get("", "amount")?, row.try_get("", "computed")?));
    }
    Ok(out)
}

/// Things that have exactly one transaction each.
pub(in crate::settlements) async fn counts(
    tx: &impl Reader,
) -> Result<Vec<(&'static str, i64, i64)>> {
    let approved =
        "conversions WHERE state = 'APPROVED' AND earning - given_earning + fee - given_fee > 0";
    let bids: [&str; 2] = ["ping_bids WHERE amount > 0", "live_awards WHERE amount > 0"];
    let pairs: [(&'static str, &[&str], &str); 6] = [
        ("conversions and their transactions", &["conversions"], "CONVERSION"),
        ("top-ups and their transactions", &["top_ups"], "TOP_UP"),
        ("reservations and their transactions", &["reservations"], "RESERVE"),
        ("bids and their transactions", &bids, "BID_RESERVE"),
        ("payouts and their transactions", &["payouts"], "PAYOUT_BEGIN"),
        ("ended holds and their transactions", &[approved], "HOLD_END"),
    ];
    let mut out = Vec::new();
    for (what, tables, kind) in pairs {
        let counted: Vec<String> =
            tables.iter().map(|table| format!("(SELECT COUNT(*) FROM {table})")).collect();
        let text = format!(
            "SELECT {} AS kept, \
             (SELECT COUNT(*) FROM ledger_txs WHERE kind = '{kind}') AS computed",
            counted.join(" + ")
        );
        if let Some(row) = sql::one(tx, &text, []).await? {
            out.push((what, row.try_get("", "kept")?, row.try_get("", "computed")?));
        }
    }
    Ok(out)
}
