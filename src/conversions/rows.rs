//! Tables as bulk statements see them, and the rows that intake inserts.

use leadbourse_core::conversion::{AwardState, ConversionState, Disposition, ReservationState};

use super::new::{NewAward, NewConversion, NewReservation};
use crate::platform::db::bulk::{Rows, TableDef, Ty, Value};

/// Awards.
pub static AWARDS: TableDef = TableDef {
    name: "awards",
    cols: &[
        ("id", Ty::Uuid),
        ("lead_id", Ty::Uuid),
        ("offer_id", Ty::Uuid),
        ("offer_version_id", Ty::Uuid),
        ("buyer_id", Ty::Uuid),
        ("publisher_id", Ty::Uuid),
        ("source_id", Ty::Uuid),
        ("niche_id", Ty::Uuid),
        ("copy_no", Ty::I32),
        ("state", Ty::Text),
        ("price", Ty::I64),
        ("earning", Ty::I64),
        ("currency", Ty::Text),
        ("max_sales", Ty::I32),
        ("disposition", Ty::Text),
        ("created_at", Ty::I64),
    ],
};

/// Conversions.
pub static CONVERSIONS: TableDef =
    TableDef { name: REPORTED.name, cols: REPORTED.cols.split_at(COLUMNS).0 };

/// How many columns those are: all but what the customer paid, which intake does not write.
const COLUMNS: usize = 22;

/// Conversions that are reported, with what the customer paid.
static REPORTED: TableDef = TableDef {
    name: "conversions",
    cols: &[
        ("id", Ty::Uuid),
        ("award_id", Ty::Uuid),
        ("lead_id", Ty::Uuid),
        ("offer_id", Ty::Uuid),
        ("offer_version_id", Ty::Uuid),
        ("buyer_id", Ty::Uuid),
        ("publisher_id", Ty::Uuid),
        ("niche_id", Ty::Uuid),
        ("goal", Ty::Text),
        ("external_ref", Ty::OptText),
        ("state", Ty::Text),
        ("price", Ty::I64),
        ("earning", Ty::I64),
        ("fee", Ty::I64),
        ("take_rate_bps", Ty::I32),
        ("currency", Ty::Text),
        ("unfunded", Ty::I64),
        ("return_until", Ty::I64),
        ("hold_until", Ty::I64),
        ("lock_at", Ty::I64),
        ("occurred_at", Ty::I64),
        ("created_at", Ty::I64),
        ("amount", Ty::OptI64),
    ],
};

/// Reservations.
pub static RESERVATIONS: TableDef = TableDef {
    name: "reservations",
    cols: &[
        ("id", Ty::Uuid),
        ("award_id", Ty::Uuid),
        ("goal", Ty::Text),
        ("offer_id", Ty::Uuid),
        ("buyer_id", Ty::Uuid),
        ("amount", Ty::I64),
        ("currency", Ty::Text),
        ("state", Ty::Text),
        ("expires_at", Ty::I64),
        ("created_at", Ty::I64),
    ],
};

/// The money columns of a conversion that change after its birth.
pub(super) static CONVERSION_MONEY: TableDef = TableDef {
    name: "conversions",
    cols: &[
        ("id", Ty::Uuid),
        ("state", Ty::Text),
        ("returned_bps", Ty::I32),
        ("given_earning", Ty::I64),
        ("given_fee", Ty::I64),
        ("unfunded", Ty::I64),
        ("approved_at", Ty::OptI64),
        ("price", Ty::I64),
    ],
};

/// The history of dispositions.
pub(super) static DISPOSITIONS: TableDef = TableDef {
    name: "dispositions",
    cols: &[
        ("id", Ty::Uuid),
        ("award_id", Ty::Uuid),
        ("value", Ty::Text),
        ("actor", Ty::Text),
        ("at", Ty::I64),
    ],
};

/// The rows of new awards, for intake's one write.
pub fn award_rows(awards: &[NewAward]) -> Rows {
    let mut rows = Rows::new(&AWARDS);
    for award in awards {
        rows.push([
            award.id.uuid().into(),
            award.lead_id.uuid().into(),
            award.offer_id.uuid().into(),
            award.offer_version_id.uuid().into(),
            award.buyer_id.uuid().into(),
            award.publisher_id.uuid().into(),
            award.source_id.uuid().into(),
            award.niche_id.uuid().into(),
            award.copy_no.into(),
            AwardState::Awarded.as_str().into(),
            award.price.into(),
            award.earning.into(),
            award.currency.code().into(),
            award.max_sales.into(),
            Disposition::New.as_str().into(),
            award.created_at.micros().into(),
        ]);
    }
    rows
}

/// The rows of new conversions, for intake's one write.
pub fn conversion_rows(conversions: &[NewConversion]) -> Rows {
    let mut rows = Rows::new(&CONVERSIONS);
    for conversion in conversions {
        rows.push(values(conversion));
    }
    rows
}

/// The rows of conversions that are billed after the award.
pub(super) fn reported_rows(conversions: &[NewConversion]) -> Rows {
    let mut rows = Rows::new(&REPORTED);
    for conversion in conversions {
        let mut row: [Value; COLUMNS + 1] = std::array::from_fn(|_| Value::from(conversion.amount));
        let (known, _) = row.split_at_mut(COLUMNS);
        known.clone_from_slice(&values(conversion));
        rows.push(row);
    }
    rows
}

fn values(conversion: &NewConversion) -> [Value; COLUMNS] {
    // A rate is at most 10000, so it always fits.
    let take_rate = i32::try_from(conversion.take_rate.0).unwrap_or(10_000);
    [
        conversion.id.uuid().into(),
        conversion.award_id.uuid().into(),
        conversion.lead_id.uuid().into(),
        conversion.offer_id.uuid().into(),
        conversion.offer_version_id.uuid().into(),
        conversion.buyer_id.uuid().into(),
        conversion.publisher_id.uuid().into(),
        conversion.niche_id.uuid().into(),
        conversion.goal.as_str().into(),
        Value::from(conversion.external_ref.clone()),
        ConversionState::Held.as_str().into(),
        conversion.legs.price().into(),
        conversion.legs.earning().into(),
        conversion.legs.fee().into(),
        take_rate.into(),
        conversion.currency.code().into(),
        conversion.funding.owed.into(),
        conversion.clocks.return_until().micros().into(),
        conversion.clocks.hold_until().micros().into(),
        conversion.clocks.lock_at().micros().into(),
        conversion.occurred_at.micros().into(),
        conversion.created_at.micros().into(),
    ]
}

/// The rows of new reservations.
pub fn reservation_rows(reservations: &[NewReservation]) -> Rows {
    let mut rows = Rows::new(&RESERVATIONS);
    for reservation in reservations {
        rows.push([
            reservation.id.uuid().into(),
            reservation.award_id.uuid().into(),
            reservation.goal.as_str().into(),
            reservation.offer_id.uuid().into(),
            reservation.buyer_id.uuid().into(),
            reservation.amount.into(),
            reservation.currency.code().into(),
            ReservationState::Open.as_str().into(),
            reservation.expires_at.micros().into(),
            reservation.created_at.micros().into(),
        ]);
    }
    rows
}
