//! An offer's meters: one locked row that intake counts in, and that what becomes of its awards
//! moves later.

use leadbourse_core::ids::{OfferId, OrganizationId, derive};
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::time::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

use crate::platform::db::bulk::{self, Deltas, Lock, LockMode, Locked, TableDef, Ty, Value};
use crate::platform::db::{WriteTx, sql};
use crate::platform::error::Result;

/// The locked counters of an offer.
pub static METERS: TableDef = TableDef {
    name: "offer_meters",
    cols: &[
        ("offer_id", Ty::Uuid),
        ("hour_start", Ty::I64),
        ("hour_count", Ty::I64),
        ("hour_money", Ty::I64),
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
        ("window_start", Ty::I64),
        ("window_count", Ty::I64),
        ("window_money", Ty::I64),
        ("awards_count", Ty::I64),
        ("last_award", Ty::I64),
        ("returns_count", Ty::I64),
        ("sale_count", Ty::I64),
        ("sale_money", Ty::I64),
        ("call_count", Ty::I64),
        ("registration_count", Ty::I64),
    ],
};

/// The meters of publishers. Whoever reads or moves a row holds the offer's row of
/// `offer_meters`, so these rows are never waited for.
pub static SELLER_METERS: TableDef = TableDef {
    name: "seller_meters",
    cols: &[
        ("id", Ty::Uuid),
        ("hour_start", Ty::I64),
        ("hour_count", Ty::I64),
        ("hour_money", Ty::I64),
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
    ],
};

/// What makes a row of a publisher's meters.
pub static SELLER_PLACES: TableDef = TableDef {
    name: "seller_meters",
    cols: &[("id", Ty::Uuid), ("offer_id", Ty::Uuid), ("publisher_id", Ty::Uuid)],
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
    let cols = &["hour_start", "day_start", "week_start", "month_start", "window_start"];
    bulk::lock_rows(tx, &Lock::new(&METERS, cols, &keys, LockMode::Update)).await
}

/// Money that moves in the periods of one award.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The offer that bought.
    pub offer: OfferId,
    /// Who sold.
    pub publisher: OrganizationId,
    /// When.
    pub awarded_at: Timestamp,
    /// What is added, in minor units.
    pub by: i64,
}

/// As [`move_money`], for many awards at once. `meters` are the locked ones.
pub async fn move_all(tx: &WriteTx, meters: &Locked, moves: &[Moved]) -> Result<()> {
    let of_offers = moves.iter().map(|moved| (moved.offer.uuid(), moved));
    let columns =
        ["hour_money", "day_money", "week_money", "month_money", "window_money", "total_money"];
    add_moves(tx, &METERS, columns, meters, of_offers).await?;
    let of_sellers: Vec<(Uuid, &Moved)> =
        moves.iter().map(|moved| (seller_id(moved.offer, moved.publisher), moved)).collect();
    let keys: Vec<Uuid> = of_sellers.iter().map(|(key, _)| *key).collect();
    let cols = &["hour_start", "day_start", "week_start", "month_start"];
    let lock = Lock::new(&SELLER_METERS, cols, &keys, LockMode::Update);
    let sellers = bulk::lock_rows(tx, &lock).await?;
    let columns = ["hour_money", "day_money", "week_money", "month_money", "total_money"];
    add_moves(tx, &SELLER_METERS, columns, &sellers, of_sellers.into_iter()).await
}

/// Adds to each column what moved in its period. `starts` are the beginnings of all but the last,
/// the total, which has none; keys that are not in it have no row.
async fn add_moves<'m, const N: usize>(
    tx: &WriteTx,
    def: &'static TableDef,
    columns: [&'static str; N],
    starts: &Locked,
    moves: impl Iterator<Item = (Uuid, &'m Moved)>,
) -> Result<()> {
    let mut sums: [BTreeMap<Uuid, i64>; N] = std::array::from_fn(|_| BTreeMap::new());
    for (key, moved) in moves {
        let Some(starts) = starts.get(&key) else { continue };
        let starts = starts.iter().copied().chain([i64::MIN]);
        for (sum, start) in sums.iter_mut().zip(starts) {
            if start <= moved.awarded_at.micros() {
                let sum = sum.entry(key).or_default();
                *sum = sum.saturating_add(moved.by);
            }
        }
    }
    for (col, by_key) in columns.into_iter().zip(sums) {
        bulk::add_deltas(tx, Deltas { def, col, by_key }).await?;
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
/// counted in an earlier one. The publisher's own meters in the offer follow, under the lock of
/// the offer's row.
pub async fn move_money(
    tx: &WriteTx,
    (offer, publisher): (OfferId, OrganizationId),
    awarded_at: Timestamp,
    by: i64,
) -> Result<()> {
    let at = awarded_at.micros();
    let of_offer = ["hour", "day", "week", "month", "window"];
    let text = moving("offer_meters", "offer_id", &of_offer);
    sql::run(tx, &text, [at.into(), by.into(), offer.uuid().into()]).await?;
    let text = moving("seller_meters", "id", &["hour", "day", "week", "month"]);
    let seller = seller_id(offer, publisher);
    sql::run(tx, &text, [at.into(), by.into(), seller.into()]).await.map(drop)
}

/// The statement that adds `$2` to the total and to each period that holds the instant `$1`, in
/// the row with key `$3`.
fn moving(table: &str, key: &str, periods: &[&str]) -> String {
    let moved: String = periods
        .iter()
        .map(|p| {
            format!(
                "{p}_money = CASE WHEN {p}_start <= $1 THEN {p}_money + $2 ELSE {p}_money END, "
            )
        })
        .collect();
    format!("UPDATE {table} SET {moved}total_money = total_money + $2 WHERE {key} = $3")
}

/// The key of a publisher's meters in an offer.
pub fn seller_id(offer: OfferId, publisher: OrganizationId) -> Uuid {
    derive(&[b"seller meters", offer.uuid().as_bytes(), publisher.uuid().as_bytes()])
}

/// Counts events of a goal that is billed after the award, or takes them back: `by` events, and
/// for sales what they cost in minor units. The offer's meter is locked.
pub async fn count_events(
    tx: &WriteTx,
    offer: OfferId,
    goal: GoalKind,
    (by, money): (i64, i64),
) -> Result<()> {
    let text = match goal {
        // Awards are counted by intake.
        GoalKind::Lead => return Ok(()),
        GoalKind::Call => {
            "UPDATE offer_meters SET call_count = call_count + $1 WHERE offer_id = $2"
        }
        GoalKind::Registration => {
            "UPDATE offer_meters SET registration_count = registration_count + $1 \
             WHERE offer_id = $2"
        }
        GoalKind::Sale => {
            "UPDATE offer_meters SET sale_count = sale_count + $1, sale_money = sale_money + $3 \
             WHERE offer_id = $2"
        }
    };
    let mut values: Vec<Value> = vec![by.into(), offer.uuid().into()];
    if goal == GoalKind::Sale {
        values.push(money.into());
    }
    sql::run(tx, text, values).await.map(drop)
}
