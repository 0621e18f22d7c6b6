//! Statements on awards, conversions, reservations and dispositions.

pub(in crate::conversions) mod calls;
pub(in crate::conversions) mod clicks;
pub(super) mod curve;
pub(super) mod delivered;

use leadbourse_core::conversion::{
    AwardState, Clocks, ConversionState, Disposition, Given, Legs, ReservationState,
};
use leadbourse_core::ids::{
    AttemptId, AwardId, ConversionId, LeadId, NicheId, OfferId, OfferVersionId, OrganizationId,
    ReservationId, SourceId,
};
use leadbourse_core::money::Currency;
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::time::Timestamp;
use sea_orm::{QueryResult, Value};
use std::collections::HashSet;
use uuid::Uuid;

use super::model::{Award, Conversion, DispositionEntry, Reservation, Seen};
use super::rows::DISPOSITIONS;
use crate::platform::db::bulk::{self, Rows};
use crate::platform::db::row::{bps, parsed, time, time_opt};
use crate::platform::db::sql::Filter;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Error, Result};
use crate::platform::paging::{Page, Paged};

const AWARD: &str = "id, lead_id, offer_id, offer_version_id, buyer_id, publisher_id, source_id, \
     niche_id, copy_no, state, price, earning, currency, max_sales, disposition, disposition_at, \
     opened_at, seen_at, returned_at, created_at";

const CONVERSION: &str = "id, award_id, lead_id, offer_id, offer_version_id, buyer_id, \
     publisher_id, niche_id, goal, external_ref, amount, refunded, state, price, earning, fee, \
     take_rate_bps, currency, returned_bps, given_earning, given_fee, unfunded, return_until, hold_until, \
     lock_at, occurred_at, created_at, approved_at";

const RESERVATION: &str = "id, award_id, goal, offer_id, buyer_id, amount, captured, currency, \
     state, expires_at, created_at";

fn award_of(row: &QueryResult) -> Result<Award> {
    Ok(Award {
        id: AwardId(row.try_get("", "id")?),
        lead_id: LeadId(row.try_get("", "lead_id")?),
        offer_id: OfferId(row.try_get("", "offer_id")?),
        offer_version_id: OfferVersionId(row.try_get("", "offer_version_id")?),
        buyer_id: OrganizationId(row.try_get("", "buyer_id")?),
        publisher_id: OrganizationId(row.try_get("", "publisher_id")?),
        source_id: SourceId(row.try_get("", "source_id")?),
        niche_id: NicheId(row.try_get("", "niche_id")?),
        copy_no: row.try_get("", "copy_no")?,
        state: parsed::<AwardState>(row, "state")?,
        price: row.try_get("", "price")?,
        earning: row.try_get("", "earning")?,
        currency: parsed::<Currency>(row, "currency")?,
        max_sales: row.try_get("", "max_sales")?,
        disposition: parsed::<Disposition>(row, "disposition")?,
        disposition_at: time_opt(row, "disposition_at")?,
        opened_at: time_opt(row, "opened_at")?,
        seen_at: time_opt(row, "seen_at")?,
        returned_at: time_opt(row, "returned_at")?,
        created_at: time(row, "created_at")?,
    })
}

fn conversion_of(row: &QueryResult) -> Result<Conversion> {
    let id = ConversionId(row.try_get("", "id")?);
    let legs = Legs::stored(
        row.try_get("", "price")?,
        row.try_get("", "earning")?,
        row.try_get("", "fee")?,
    )
    .ok_or_else(|| Error::broken(format!("{id}: the legs are not the price")))?;
    let clocks =
        Clocks::stored(time(row, "return_until")?, time(row, "hold_until")?, time(row, "lock_at")?)
            .ok_or_else(|| Error::broken(format!("{id}: the clocks are out of order")))?;
    Ok(Conversion {
        id,
        award_id: AwardId(row.try_get("", "award_id")?),
        lead_id: LeadId(row.try_get("", "lead_id")?),
        offer_id: OfferId(row.try_get("", "offer_id")?),
        offer_version_id: OfferVersionId(row.try_get("", "offer_version_id")?),
        buyer_id: OrganizationId(row.try_get("", "buyer_id")?),
        publisher_id: OrganizationId(row.try_get("", "publisher_id")?),
        niche_id: NicheId(row.try_get("", "niche_id")?),
        goal: parsed::<GoalKind>(row, "goal")?,
        external_ref: row.try_get("", "external_ref")?,
        amount: row.try_get("", "amount")?,
        refunded: row.try_get("", "refunded")?,
        state: parsed::<ConversionState>(row, "state")?,
        legs,
        take_rate: bps(row, "take_rate_bps")?,
        given: Given {
            bps: bps(row, "returned_bps")?,
            earning: row.try_get("", "given_earning")?,
            fee: row.try_get("", "given_fee")?,
        },
        currency: parsed::<Currency>(row, "currency")?,
        unfunded: row.try_get("", "unfunded")?,
        clocks,
        occurred_at: time(row, "occurred_at")?,
        created_at: time(row, "created_at")?,
        approved_at: time_opt(row, "approved_at")?,
    })
}

fn reservation_of(row: &QueryResult) -> Result<Reservation> {
    Ok(Reservation {
        id: ReservationId(row.try_get("", "id")?),
        award_id: AwardId(row.try_get("", "award_id")?),
        goal: parsed::<GoalKind>(row, "goal")?,
        offer_id: OfferId(row.try_get("", "offer_id")?),
        buyer_id: OrganizationId(row.try_get("", "buyer_id")?),
        amount: row.try_get("", "amount")?,
        captured: row.try_get("", "captured")?,
        currency: parsed::<Currency>(row, "currency")?,
        state: parsed::<ReservationState>(row, "state")?,
        expires_at: time(row, "expires_at")?,
        created_at: time(row, "created_at")?,
    })
}

impl Seen {
    /// A filter that lets through what is seen, of tables with `buyer_id` and `publisher_id`.
    pub fn filter(self) -> Filter {
        let mut filter = Filter::default();
        match self {
            Seen::Buyer(own) => filter.and("buyer_id =", own.uuid()),
            Seen::Publisher(own) => filter.and("publisher_id =", own.uuid()),
            Seen::All => {}
        }
        filter
    }
}

pub(super) async fn awards(tx: &impl Reader, seen: Seen, ids: &[AwardId]) -> Result<Vec<Award>> {
    let mut filter = seen.filter();
    let keys: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    filter.and_in("id", &keys);
    let text = format!("SELECT {AWARD} FROM awards WHERE {}", filter.text);
    sql::all(tx, &text, filter.values).await?.iter().map(award_of).collect()
}

pub(super) async fn award(tx: &impl Reader, seen: Seen, id: AwardId) -> Result<Option<Award>> {
    Ok(awards(tx, seen, &[id]).await?.pop())
}

pub(super) async fn awards_of_leads(
    tx: &impl Reader,
    seen: Seen,
    leads: &[LeadId],
) -> Result<Vec<Award>> {
    let mut filter = seen.filter();
    let keys: Vec<Uuid> = leads.iter().map(|id| id.uuid()).collect();
    filter.and_in("lead_id", &keys);
    let text =
        format!("SELECT {AWARD} FROM awards WHERE {} ORDER BY lead_id, copy_no", filter.text);
    sql::all(tx, &text, filter.values).await?.iter().map(award_of).collect()
}

pub(super) async fn award_page(
    tx: &impl Reader,
    seen: Seen,
    offer: Option<OfferId>,
    disposition: Option<Disposition>,
    page: &Page,
) -> Result<Paged<Award>> {
    let mut filter = seen.filter();
    if let Some(offer) = offer {
        filter.and("offer_id =", offer.uuid());
    }
    if let Some(disposition) = disposition {
        filter.and("disposition =", disposition.as_str());
    }
    let (rest, values) = filter.page(page);
    let text = format!("SELECT {AWARD} FROM awards WHERE {rest}");
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(award_of).collect::<Result<_>>()?, page))
}

pub(super) async fn mark_opened(tx: &WriteTx, id: AwardId) -> Result<bool> {
    let text = "UPDATE awards SET opened_at = $1 \
         WHERE id = $2 AND opened_at IS NULL AND returned_at IS NULL";
    Ok(sql::run(tx, text, [tx.now().micros().into(), id.uuid().into()]).await? == 1)
}

/// Compare-and-set: `false` if somebody else changed the disposition meanwhile.
pub(super) async fn set_disposition(
    tx: &WriteTx,
    award: &Award,
    value: Disposition,
    actor: &str,
) -> Result<bool> {
    let now = tx.now().micros();
    let text = "UPDATE awards SET disposition = $1, disposition_at = $2 \
         WHERE id = $3 AND disposition = $4";
    let values: [Value; 4] = [
        value.as_str().into(),
        now.into(),
        award.id.uuid().into(),
        award.disposition.as_str().into(),
    ];
    if sql::run(tx, text, values).await? == 0 {
        return Ok(false);
    }
    let mut rows = Rows::new(&DISPOSITIONS);
    rows.push([
        // An entry has no printed id of its own; any time-ordered one serves.
        AttemptId::new(tx.now()).uuid().into(),
        award.id.uuid().into(),
        value.as_str().into(),
        actor.into(),
        now.into(),
    ]);
    bulk::insert_many(tx, rows).await?;
    Ok(true)
}

/// The history of dispositions, oldest first.
pub(super) async fn dispositions(
    tx: &impl Reader,
    awards: &[AwardId],
) -> Result<Vec<DispositionEntry>> {
    let keys: Vec<Uuid> = awards.iter().map(|id| id.uuid()).collect();
    let (marks, values) = sql::ids(1, &keys);
    let text = format!(
        "SELECT award_id, value, actor, at FROM dispositions WHERE award_id IN ({marks}) ORDER BY id"
    );
    sql::all(tx, &text, values)
        .await?
        .iter()
        .map(|row| {
            Ok(DispositionEntry {
                award_id: AwardId(row.try_get("", "award_id")?),
                value: parsed(row, "value")?,
                actor: row.try_get("", "actor")?,
                at: time(row, "at")?,
            })
        })
        .collect()
}

pub(super) async fn conversions(
    tx: &impl Reader,
    seen: Seen,
    ids: &[ConversionId],
) -> Result<Vec<Conversion>> {
    let mut out = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(512) {
        let mut filter = seen.filter();
        let keys: Vec<Uuid> = chunk.iter().map(|id| id.uuid()).collect();
        filter.and_in("id", &keys);
        let text = format!("SELECT {CONVERSION} FROM conversions WHERE {}", filter.text);
        for row in sql::all(tx, &text, filter.values).await? {
            out.push(conversion_of(&row)?);
        }
    }
    Ok(out)
}

/// What a buyer reported with these references.
pub(super) async fn by_references(
    tx: &impl Reader,
    buyer: OrganizationId,
    references: &[String],
) -> Result<Vec<Conversion>> {
    // Padding to a power of two keeps the number of distinct texts small.
    let width = references.len().max(1).next_power_of_two();
    let marks: Vec<String> = (2..width + 2).map(|n| format!("${n}")).collect();
    let text = format!(
        "SELECT {CONVERSION} FROM conversions WHERE buyer_id = $1 AND external_ref IS NOT NULL \
         AND external_ref IN ({})",
        marks.join(",")
    );
    let padding = std::iter::repeat_n(Value::from(""), width - references.len());
    let values = references.iter().map(|text| Value::from(text.as_str())).chain(padding);
    let values = std::iter::once(buyer.uuid().into()).chain(values);
    sql::all(tx, &text, values).await?.iter().map(conversion_of).collect()
}

/// What a buyer reported to have happened in a period, oldest first.
pub(super) async fn reported_between(
    tx: &impl Reader,
    buyer: OrganizationId,
    (from, to): (Timestamp, Timestamp),
    most: u32,
) -> Result<Vec<Conversion>> {
    let text = format!(
        "SELECT {CONVERSION} FROM conversions WHERE buyer_id = $1 AND external_ref IS NOT NULL \
         AND occurred_at >= $2 AND occurred_at < $3 ORDER BY occurred_at, id LIMIT {most}"
    );
    let values: [Value; 3] = [buyer.uuid().into(), from.micros().into(), to.micros().into()];
    sql::all(tx, &text, values).await?.iter().map(conversion_of).collect()
}

/// Notes what a customer got back in all. The conversion is locked.
pub async fn note_refund(tx: &WriteTx, id: ConversionId, refunded: i64) -> Result<()> {
    let text = "UPDATE conversions SET refunded = $1 WHERE id = $2";
    sql::run(tx, text, [refunded.into(), id.uuid().into()]).await.map(drop)
}

pub(super) async fn conversions_of_awards(
    tx: &impl Reader,
    seen: Seen,
    awards: &[AwardId],
) -> Result<Vec<Conversion>> {
    let mut filter = seen.filter();
    let keys: Vec<Uuid> = awards.iter().map(|id| id.uuid()).collect();
    filter.and_in("award_id", &keys);
    let text =
        format!("SELECT {CONVERSION} FROM conversions WHERE {} ORDER BY award_id, id", filter.text);
    sql::all(tx, &text, filter.values).await?.iter().map(conversion_of).collect()
}

pub(super) async fn conversion_page(
    tx: &impl Reader,
    seen: Seen,
    state: Option<ConversionState>,
    page: &Page,
) -> Result<Paged<Conversion>> {
    let mut filter = seen.filter();
    if let Some(state) = state {
        filter.and("state =", state.as_str());
    }
    let (rest, values) = filter.page(page);
    let text = format!("SELECT {CONVERSION} FROM conversions WHERE {rest}");
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(conversion_of).collect::<Result<_>>()?, page))
}

/// Conversions whose hold is over and that are paid for, by id after `after`.
pub(super) async fn due(
    tx: &impl Reader,
    now: Timestamp,
    after: Option<ConversionId>,
    most: u32,
) -> Result<Vec<ConversionId>> {
    let after = after.map_or(Uuid::nil(), ConversionId::uuid);
    let text = format!(
        "SELECT id FROM conversions WHERE state = 'HELD' AND hold_until <= $1 AND unfunded = 0 \
         AND id > $2 ORDER BY id LIMIT {most}"
    );
    sql::all(tx, &text, [now.micros().into(), after.into()])
        .await?
        .iter()
        .map(|row| Ok(ConversionId(row.try_get("", "id")?)))
        .collect()
}

/// A buyer's conversions that are not fully paid for, oldest first.
pub(super) async fn unfunded_of(
    tx: &impl Reader,
    buyer: OrganizationId,
    currency: Currency,
) -> Result<Vec<Conversion>> {
    let text = format!(
        "SELECT {CONVERSION} FROM conversions WHERE buyer_id = $1 AND unfunded > 0 \
         AND currency = $2 ORDER BY created_at, id"
    );
    let values: [Value; 2] = [buyer.uuid().into(), currency.code().into()];
    sql::all(tx, &text, values).await?.iter().map(conversion_of).collect()
}

pub(super) async fn reservation(
    tx: &impl Reader,
    id: ReservationId,
) -> Result<Option<Reservation>> {
    let text = format!("SELECT {RESERVATION} FROM reservations WHERE id = $1");
    sql::one(tx, &text, [id.uuid().into()]).await?.as_ref().map(reservation_of).transpose()
}

/// Reservations whose window has ended, oldest first.
pub(super) async fn expired(
    tx: &impl Reader,
    now: Timestamp,
    most: u32,
) -> Result<Vec<Reservation>> {
    let text = format!(
        "SELECT {RESERVATION} FROM reservations WHERE state = 'OPEN' AND expires_at <= $1 \
         ORDER BY expires_at LIMIT {most}"
    );
    sql::all(tx, &text, [now.micros().into()]).await?.iter().map(reservation_of).collect()
}

/// What is still promised to an award, by id.
pub(super) async fn promised(tx: &impl Reader, award: AwardId) -> Result<Vec<Reservation>> {
    let text = format!(
        "SELECT {RESERVATION} FROM reservations WHERE award_id = $1 AND state = 'OPEN' ORDER BY id"
    );
    sql::all(tx, &text, [award.uuid().into()]).await?.iter().map(reservation_of).collect()
}

/// Compare-and-set from `OPEN`: capture and expiry meet here, and one of them wins.
pub(super) async fn end_reservation(
    tx: &WriteTx,
    id: ReservationId,
    state: ReservationState,
    captured: i64,
) -> Result<bool> {
    let text = "UPDATE reservations SET state = $1, captured = $2 WHERE id = $3 AND state = 'OPEN'";
    let values: [Value; 3] = [state.as_str().into(), captured.into(), id.uuid().into()];
    Ok(sql::run(tx, text, values).await? == 1)
}

/// Ends those that are still open; gives which. Their offers' meters are locked, so a capture is
/// either done or waits.
pub(super) async fn release_reservations(
    tx: &WriteTx,
    ids: &[ReservationId],
) -> Result<HashSet<ReservationId>> {
    let mut out = HashSet::new();
    for chunk in ids.chunks(500) {
        let keys: Vec<Uuid> = chunk.iter().map(|id| id.uuid()).collect();
        let (marks, values) = sql::ids(1, &keys);
        let text = format!(
            "UPDATE reservations SET state = 'RELEASED', captured = 0 WHERE id IN ({marks}) \
             AND state = 'OPEN' RETURNING id"
        );
        for row in sql::all(tx, &text, values).await? {
            out.insert(ReservationId(row.try_get("", "id")?));
        }
    }
    Ok(out)
}

/// Sums for `verify`: what the tables say that an account has to hold.
pub(super) async fn book_sums(
    tx: &impl Reader,
) -> Result<Vec<(Uuid, Currency, &'static str, i64)>> {
    let queries: [(&'static str, &str); 5] = [
        (
            "held",
            "SELECT publisher_id AS owner, currency, CAST(SUM(earning - given_earning) AS BIGINT) \
             AS amount FROM conversions WHERE state = 'HELD' GROUP BY publisher_id, currency",
        ),
        (
            "fees_held",
            "SELECT buyer_id AS owner, currency, CAST(SUM(fee - given_fee) AS BIGINT) AS amount \
             FROM conversions WHERE state = 'HELD' GROUP BY buyer_id, currency",
        ),
        (
            "reserved",
            "SELECT buyer_id AS owner, currency, CAST(SUM(amount) AS BIGINT) AS amount \
             FROM reservations WHERE state = 'OPEN' GROUP BY buyer_id, currency",
        ),
        (
            "owed",
            "SELECT buyer_id AS owner, currency, CAST(SUM(-unfunded) AS BIGINT) AS amount \
             FROM conversions WHERE unfunded > 0 GROUP BY buyer_id, currency",
        ),
        (
            "approved",
            "SELECT publisher_id AS owner, currency, CAST(SUM(earning - given_earning) AS BIGINT) \
             AS amount FROM conversions WHERE state = 'APPROVED' GROUP BY publisher_id, currency",
        ),
    ];
    let mut out = Vec::new();
    for (what, text) in queries {
        for row in sql::all(tx, text, []).await? {
            let currency = parsed::<Currency>(&row, "currency")?;
            out.push((row.try_get("", "owner")?, currency, what, row.try_get("", "amount")?));
        }
    }
    Ok(out)
}
