//! Meters between rows and core: those of offers, locked with the batch, and those of single
//! publishers in offers that cap them.

use leadbourse_core::exchange::Item;
use leadbourse_core::ids::{OfferId, OrganizationId};
use leadbourse_core::offer::meters::{Meter, Meters, Periods};
use leadbourse_core::time::Timestamp;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

use crate::offers::{METERS, SELLER_METERS, SELLER_PLACES, seller_id};
use crate::platform::db::WriteTx;
use crate::platform::db::bulk::{self, Lock, LockMode, OnConflict, Rows, Sets};
use crate::platform::error::Result;

/// So many columns, the first ones, are of the periods.
const OF_PERIODS: usize = 14;
/// So many columns, the first ones, are written by intake; the others are moved later.
const OF_INTAKE: usize = 19;

/// The columns of the periods, in the order in which they are locked, read and written.
const PERIODS: &[&str] = METER_COLUMNS.split_at(OF_PERIODS).0;

/// The meter columns in the order in which they are locked and read.
pub(super) const METER_COLUMNS: &[&str] = &[
    "hour_start",
    "hour_count",
    "hour_money",
    "day_start",
    "day_count",
    "day_money",
    "week_start",
    "week_count",
    "week_money",
    "month_start",
    "month_count",
    "month_money",
    "total_count",
    "total_money",
    "window_start",
    "window_count",
    "window_money",
    "awards_count",
    "last_award",
    "returns_count",
    "sale_count",
    "sale_money",
    "call_count",
    "registration_count",
];

fn read_periods(row: &[i64]) -> Periods {
    let at = |index: usize| row.get(index).copied().unwrap_or_default();
    Periods {
        hour: meter(row, 0),
        day: meter(row, 3),
        week: meter(row, 6),
        month: meter(row, 9),
        total: Meter { start: Timestamp::default(), count: at(12), money: at(13) },
    }
}

fn meter(row: &[i64], from: usize) -> Meter {
    let at = |index: usize| row.get(index).copied().unwrap_or_default();
    Meter { start: Timestamp::from_micros(at(from)), count: at(from + 1), money: at(from + 2) }
}

/// Reads a locked row of an offer's meters.
pub(super) fn read_meters(row: &[i64]) -> Meters {
    let at = |index: usize| row.get(index).copied().unwrap_or_default();
    Meters {
        periods: read_periods(row),
        window: meter(row, 14),
        awards: at(17),
        last_award: Timestamp::from_micros(at(18)),
        returns: at(19),
        sales: at(20),
        sale_money: at(21),
        calls: at(22),
        registrations: at(23),
    }
}

/// The numbers of the periods, in the order of [`PERIODS`].
fn numbers(p: &Periods) -> [i64; OF_PERIODS] {
    [
        p.hour.start.micros(),
        p.hour.count,
        p.hour.money,
        p.day.start.micros(),
        p.day.count,
        p.day.money,
        p.week.start.micros(),
        p.week.count,
        p.week.money,
        p.month.start.micros(),
        p.month.count,
        p.month.money,
        p.total.count,
        p.total.money,
    ]
}

/// The new meters of offers.
pub(super) fn meter_sets(meters: &BTreeMap<OfferId, Meters>) -> Sets {
    let mut sets = Sets::new(&METERS, METER_COLUMNS.split_at(OF_INTAKE).0);
    for (offer, m) in meters {
        let mut row = [0; OF_INTAKE];
        let (periods, others) = row.split_at_mut(OF_PERIODS);
        periods.copy_from_slice(&numbers(&m.periods));
        let window = &m.window;
        others.copy_from_slice(&[
            window.start.micros(),
            window.count,
            window.money,
            m.awards,
            m.last_award.micros(),
        ]);
        sets.push(OfferId::uuid(*offer), row.map(Into::into));
    }
    sets
}

/// The new meters of publishers in offers that cap them.
pub(super) fn seller_sets(sellers: &BTreeMap<(OfferId, OrganizationId), Periods>) -> Sets {
    let mut sets = Sets::new(&SELLER_METERS, PERIODS);
    for ((offer, publisher), periods) in sellers {
        sets.push(seller_id(*offer, *publisher), numbers(periods).map(Into::into));
    }
    sets
}

/// The meters of the batch's publishers in the candidate offers that cap publishers. Nothing is
/// asked where none does. The rows are made here, because two batches that bring a publisher's
/// first leads must meet in one; the offers' rows are locked already.
pub(super) async fn sellers(
    tx: &WriteTx,
    items: &[&Item],
) -> Result<HashMap<(OfferId, OrganizationId), Periods>> {
    let mut wanted: BTreeMap<Uuid, (OfferId, OrganizationId)> = BTreeMap::new();
    for item in items {
        let candidates = item.shortlist.candidates.iter().map(|candidate| &candidate.offer);
        let promised = item.promise.iter().flat_map(|promise| &promise.bids).map(|bid| &bid.offer);
        let ordered = item.shortlist.ordered.iter().map(|one| &one.offer);
        for offer in candidates.chain(promised).chain(ordered) {
            if !offer.terms.publisher_caps.is_empty() {
                let place = (offer.id, item.publisher);
                wanted.insert(seller_id(place.0, place.1), place);
            }
        }
    }
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let mut rows = Rows::new(&SELLER_PLACES).on_conflict(OnConflict::DoNothing);
    for (id, (offer, publisher)) in &wanted {
        rows.push([(*id).into(), offer.uuid().into(), publisher.uuid().into()]);
    }
    bulk::insert_many(tx, rows).await?;
    read_sellers(tx, &wanted).await
}

/// Locks the meters of publishers in offers, by key, and reads those that are there.
pub(super) async fn read_sellers(
    tx: &WriteTx,
    wanted: &BTreeMap<Uuid, (OfferId, OrganizationId)>,
) -> Result<HashMap<(OfferId, OrganizationId), Periods>> {
    let keys: Vec<Uuid> = wanted.keys().copied().collect();
    let lock = Lock::new(&SELLER_METERS, PERIODS, &keys, LockMode::Update);
    let found = bulk::lock_rows(tx, &lock).await?;
    let read = |(id, row): (Uuid, Vec<i64>)| Some((*wanted.get(&id)?, read_periods(&row)));
    Ok(found.into_iter().filter_map(read).collect())
}
