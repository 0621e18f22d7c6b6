//! What an award's consequences move on its offer: meters, and the pause of an unfunded one.

use leadbourse_core::ids::{NicheId, OfferId, OfferVersionId};
use leadbourse_core::niche::policy::NichePolicy;
use leadbourse_core::offer::terms::Terms;
use leadbourse_core::time::Timestamp;

use crate::platform::db::bulk::{self, Lock, LockMode, TableDef, Ty};
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Context, Error, Result};

/// The meters that are read here.
static METERS: TableDef = TableDef {
    name: "offer_meters",
    cols: &[("offer_id", Ty::Uuid), ("awards_count", Ty::I64), ("returns_count", Ty::I64)],
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

/// Counts returns, or takes them back.
pub async fn count_returns(tx: &WriteTx, offer: OfferId, by: i64) -> Result<()> {
    let text = "UPDATE offer_meters SET returns_count = returns_count + $1 WHERE offer_id = $2";
    sql::run(tx, text, [by.into(), offer.uuid().into()]).await.map(drop)
}

/// Moves money in the periods of an award: a return or an expired promise frees it (negative), a
/// sale takes more. A meter's period that began after the award is not touched: the award was
/// counted in an earlier one.
pub(in crate::conversions) async fn move_money(
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
pub(in crate::conversions) async fn count_sale(
    tx: &WriteTx,
    offer: OfferId,
    price: i64,
) -> Result<()> {
    let text = "UPDATE offer_meters SET sale_count = sale_count + 1, sale_money = sale_money + $1 \
         WHERE offer_id = $2";
    sql::run(tx, text, [price.into(), offer.uuid().into()]).await.map(drop)
}

/// The terms of an offer version.
pub async fn terms(tx: &impl Reader, version: OfferVersionId) -> Result<Terms> {
    let text = "SELECT terms FROM offer_versions WHERE id = $1";
    let row = sql::one(tx, text, [version.uuid().into()]).await?;
    let row = row.ok_or_else(|| Error::broken(format!("{version} is gone")))?;
    let json: String = row.try_get("", "terms")?;
    serde_json::from_str(&json).context("reading stored terms")
}

/// The rules that a niche has now.
pub async fn policy(tx: &impl Reader, niche: NicheId) -> Result<NichePolicy> {
    let text = "SELECT v.policy FROM niches n JOIN niche_versions v ON v.id = n.current_version_id \
         WHERE n.id = $1";
    let row = sql::one(tx, text, [niche.uuid().into()]).await?;
    let row = row.ok_or_else(|| Error::broken(format!("{niche} is gone")))?;
    let json: String = row.try_get("", "policy")?;
    serde_json::from_str(&json).context("reading a stored policy")
}
