//! An offer's meters: one locked row that intake counts in, and that what becomes of its awards
//! moves later.

use leadbourse_core::ids::OfferId;
use leadbourse_core::time::Timestamp;

use std::collections::BTreeMap;
use uuid::Uuid;

use crate::platform::db::bulk::{self, Deltas, Lock, LockMode, Locked, TableDef, Ty};
use crate::platform::db::{WriteTx, sql};
use crate::platform::error::Result;

/// The locked counters of an offer.
pub static METERS: TableDef = TableDef {
    name: "offer_meters",
    cols: &[
        ("offer_id", Ty::Uuid),
        ("day_start", Ty::I64),
        ("day_count", Ty::I64),
        ("day_money", Ty::I64),
        ("week_start", Ty::I64),
        ("week_count", Ty::I64),
        ("week_money", Ty::I64),
        ("month_start", Ty::I64),
        ("month_count", Ty::I64),
        ("month_money", Ty::I64),
        ("total_count", Ty::I64),
        ("total_money", Ty::I64),
        ("awards_count", Ty::I64),
        ("returns_count", Ty::I64),
        ("sale_count", Ty::I64),
        ("sale_money", Ty::I64),
    ],
};

/// Counts of an offer's awards and returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReturnMeter {
    /// Awards in all.
    pub awards: i64,
    /// Returns that are open or were granted.
    pub returns: i64,
}

/// Locks the offer's meters and reads its counts.
pub async fn lock_meter(tx: &WriteTx, offer: OfferId) -> Result<ReturnMeter> {
    let keys = [offer.uuid()];
    let lock = Lock::new(&METERS, &["awards_count", "returns_count"], &keys, LockMode::Update);
    let found = bulk::lock_rows(tx, &lock).await?;
    let row = found.get(&offer.uuid()).map(Vec::as_slice);
    Ok(match row {
        Some([awards, returns]) => ReturnMeter { awards: *awards, returns: *returns },
        _ => ReturnMeter::default(),
    })
}

/// Locks the meters of offers, sorted, and reads where their periods begin.
pub async fn lock_meters(tx: &WriteTx, offers: &[OfferId]) -> Result<Locked> {
    let keys: Vec<Uuid> = offers.iter().map(|offer| offer.uuid()).collect();
    let cols = &["day_start", "week_start", "month_start"];
    bulk::lock_rows(tx, &Lock::new(&METERS, cols, &keys, LockMode::Update)).await
}

/// As [`move_money`], for many awards at once: offer, time of the award, amount. `meters` are the
/// locked ones.
pub async fn move_all(
    tx: &WriteTx,
    meters: &Locked,
    moves: &[(OfferId, Timestamp, i64)],
) -> Result<()> {
    const COLUMNS: [&str; 4] = ["day_money", "week_money", "month_money", "total_money"];
    let mut sums: [BTreeMap<Uuid, i64>; 4] = Default::default();
    for (offer, awarded_at, by) in moves {
        let Some(starts) = meters.get(&offer.uuid()) else { continue };
        // The total has no beginning.
        let starts = starts.iter().copied().chain([i64::MIN]);
        for (sum, start) in sums.iter_mut().zip(starts) {
            if start <= awarded_at.micros() {
                let sum = sum.entry(offer.uuid()).or_default();
                *sum = sum.saturating_add(*by);
            }
        }
    }
    for (col, by_key) in COLUMNS.into_iter().zip(sums) {
        bulk::add_deltas(tx, Deltas { def: &METERS, col, by_key }).await?;
    }
    Ok(())
}

/// Counts returns, or takes them back.
pub async fn count_returns(tx: &WriteTx, offer: OfferId, by: i64) -> Result<()> {
    let text = "UPDATE offer_meters SET returns_count = returns_count + $1 WHERE offer_id = $2";
    sql::run(tx, text, [by.into(), offer.uuid().into()]).await.map(drop)
}

/// Moves money in the periods of an award: a return or an expired promise frees it (negative), a
/// sale takes more. A meter's period that began after the award is not touched: the award was
/// counted in an earlier one.
pub async fn move_money(
    tx: &WriteTx,
    offer: OfferId,
    awarded_at: Timestamp,
    by: i64,
) -> Result<()> {
    let text = "UPDATE offer_meters SET \
         day_money = CASE WHEN day_start <= $1 THEN day_money + $2 ELSE day_money END, \
         week_money = CASE WHEN week_start <= $1 THEN week_money + $2 ELSE week_money END, \
         month_money = CASE WHEN month_start <= $1 THEN month_money + $2 ELSE month_money END, \
         total_money = total_money + $2 WHERE offer_id = $3";
    let values = [awarded_at.micros().into(), by.into(), offer.uuid().into()];
    sql::run(tx, text, values).await.map(drop)
}

/// Counts a reported sale.
pub async fn count_sale(tx: &WriteTx, offer: OfferId, price: i64) -> Result<()> {
    let text = "UPDATE offer_meters SET sale_count = sale_count + 1, sale_money = sale_money + $1 \
         WHERE offer_id = $2";
    sql::run(tx, text, [price.into(), offer.uuid().into()]).await.map(drop)
}
