//! `saved_cards` and `auto_recharges`.

use leadbourse_core::ids::{OrganizationId, SavedCardId};
use leadbourse_core::money::Currency;
use leadbourse_core::time::Timestamp;
use sea_orm::{QueryResult, Value};

use super::{flag, opt_word};
use crate::platform::db::row::{parsed, time, time_opt};
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::Result;
use crate::topups::model::{AutoRecharge, SavedCard};

const CARD: &str =
    "id, buyer_id, method, brand, last4, exp_month, exp_year, created_at, removed_at";
const RECHARGE: &str = "buyer_id, currency, enabled, threshold, amount, monthly_max, card_id, \
     failures, retry_at, stop, updated_by, updated_at";

fn card(row: &QueryResult) -> Result<SavedCard> {
    Ok(SavedCard {
        id: SavedCardId(row.try_get("", "id")?),
        buyer_id: OrganizationId(row.try_get("", "buyer_id")?),
        method: row.try_get("", "method")?,
        brand: row.try_get("", "brand")?,
        last4: row.try_get("", "last4")?,
        exp_month: row.try_get("", "exp_month")?,
        exp_year: row.try_get("", "exp_year")?,
        created_at: time(row, "created_at")?,
        removed_at: time_opt(row, "removed_at")?,
    })
}

fn recharge(row: &QueryResult) -> Result<AutoRecharge> {
    Ok(AutoRecharge {
        buyer_id: OrganizationId(row.try_get("", "buyer_id")?),
        currency: parsed(row, "currency")?,
        enabled: flag(row, "enabled")?,
        threshold: row.try_get("", "threshold")?,
        amount: row.try_get("", "amount")?,
        monthly_max: row.try_get("", "monthly_max")?,
        card_id: SavedCardId(row.try_get("", "card_id")?),
        failures: row.try_get("", "failures")?,
        retry_at: time_opt(row, "retry_at")?,
        stop: opt_word(row, "stop")?,
        updated_by: row.try_get("", "updated_by")?,
        updated_at: time(row, "updated_at")?,
    })
}

/// Keeps a card; one that is known stays as it was, removed or not.
pub(in crate::topups) async fn keep(tx: &WriteTx, card: &SavedCard) -> Result<()> {
    let text = "INSERT INTO saved_cards (id, buyer_id, method, brand, last4, exp_month, exp_year, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING";
    let values: [Value; 8] = [
        card.id.uuid().into(),
        card.buyer_id.uuid().into(),
        card.method.as_str().into(),
        card.brand.clone().into(),
        card.last4.clone().into(),
        card.exp_month.into(),
        card.exp_year.into(),
        card.created_at.micros().into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

/// The cards of a buyer that may be charged, newest first.
pub(in crate::topups) async fn of(
    tx: &impl Reader,
    buyer: OrganizationId,
) -> Result<Vec<SavedCard>> {
    let text = format!(
        "SELECT {CARD} FROM saved_cards WHERE buyer_id = $1 AND removed_at IS NULL \
         ORDER BY created_at DESC, id DESC"
    );
    sql::all(tx, &text, [buyer.uuid().into()]).await?.iter().map(card).collect()
}

/// A card that a buyer has or had.
pub(in crate::topups) async fn find(
    tx: &impl Reader,
    buyer: OrganizationId,
    id: SavedCardId,
) -> Result<Option<SavedCard>> {
    let text = format!("SELECT {CARD} FROM saved_cards WHERE id = $1 AND buyer_id = $2");
    let values: [Value; 2] = [id.uuid().into(), buyer.uuid().into()];
    sql::one(tx, &text, values).await?.as_ref().map(card).transpose()
}

pub(in crate::topups) async fn remove(tx: &WriteTx, id: SavedCardId) -> Result<bool> {
    let text = "UPDATE saved_cards SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL";
    let values: [Value; 2] = [id.uuid().into(), tx.now().micros().into()];
    Ok(sql::run(tx, text, values).await? == 1)
}

pub(in crate::topups) async fn recharges_of(
    tx: &impl Reader,
    buyer: OrganizationId,
) -> Result<Vec<AutoRecharge>> {
    let text =
        format!("SELECT {RECHARGE} FROM auto_recharges WHERE buyer_id = $1 ORDER BY currency");
    sql::all(tx, &text, [buyer.uuid().into()]).await?.iter().map(recharge).collect()
}

/// Those that are on, a page of them by key.
pub(in crate::topups) async fn recharges_on(
    tx: &impl Reader,
    after: Option<(OrganizationId, Currency)>,
) -> Result<Vec<AutoRecharge>> {
    let (buyer, currency) = after
        .map_or((uuid::Uuid::nil(), String::new()), |(buyer, currency)| {
            (buyer.uuid(), currency.code().to_owned())
        });
    let text = format!(
        "SELECT {RECHARGE} FROM auto_recharges WHERE enabled = 1 \
         AND (buyer_id > $1 OR (buyer_id = $1 AND currency > $2)) \
         ORDER BY buyer_id, currency LIMIT 500"
    );
    let values: [Value; 2] = [buyer.into(), currency.into()];
    sql::all(tx, &text, values).await?.iter().map(recharge).collect()
}

pub(in crate::topups) async fn lock_recharge(
    tx: &WriteTx,
    buyer: OrganizationId,
    currency: Currency,
) -> Result<Option<AutoRecharge>> {
    let text = format!(
        "SELECT {RECHARGE} FROM auto_recharges WHERE buyer_id = $1 AND currency = $2{}",
        sql::for_update(tx)
    );
    let values: [Value; 2] = [buyer.uuid().into(), currency.code().into()];
    sql::one(tx, &text, values).await?.as_ref().map(recharge).transpose()
}

pub(in crate::topups) async fn save_recharge(tx: &WriteTx, one: &AutoRecharge) -> Result<()> {
    let text = format!(
        "INSERT INTO auto_recharges ({RECHARGE}) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (buyer_id, currency) DO UPDATE SET enabled = excluded.enabled, \
         threshold = excluded.threshold, amount = excluded.amount, \
         monthly_max = excluded.monthly_max, card_id = excluded.card_id, \
         failures = excluded.failures, retry_at = excluded.retry_at, stop = excluded.stop, \
         updated_by = excluded.updated_by, updated_at = excluded.updated_at"
    );
    let values: [Value; 12] = [
        one.buyer_id.uuid().into(),
        one.currency.code().into(),
        i32::from(one.enabled).into(),
        one.threshold.into(),
        one.amount.into(),
        one.monthly_max.into(),
        one.card_id.uuid().into(),
        one.failures.into(),
        one.retry_at.map(Timestamp::micros).into(),
        one.stop.map(|stop| stop.as_str()).into(),
        one.updated_by.as_str().into(),
        one.updated_at.micros().into(),
    ];
    sql::run(tx, &text, values).await.map(drop)
}
