//! `credit_refunds`, `chargebacks` and `provider_events`.

use leadbourse_core::ids::{
    CardTopUpId, ChargebackId, CreditRefundId, OrganizationId, ProviderEventId,
};
use leadbourse_core::time::Timestamp;
use leadbourse_core::topup::{ChargebackState, ProviderEventState};
use sea_orm::{QueryResult, Value};
use std::collections::HashMap;

use super::money;
use crate::platform::db::row::{parsed, time, time_opt};
use crate::platform::db::sql::Filter;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};
use crate::topups::model::{Chargeback, CreditRefund, ProviderEvent};

const REFUND: &str = "id, buyer_id, card_top_up_id, amount, currency, state, refund, error, \
     requested_by, first_sent_at, check_at, looks, created_at, ended_at";
const CHARGEBACK: &str = "id, dispute, card_top_up_id, buyer_id, amount, currency, state, reason, \
     from_available, from_owed, written_off, evidence_due, note, opened_at, ended_at";
const EVENT: &str = "id, event, kind, about, state, note, received_at, ended_at";

fn refund(row: &QueryResult) -> Result<CreditRefund> {
    Ok(CreditRefund {
        id: CreditRefundId(row.try_get("", "id")?),
        buyer_id: OrganizationId(row.try_get("", "buyer_id")?),
        card_top_up_id: CardTopUpId(row.try_get("", "card_top_up_id")?),
        amount: money(row, "amount")?,
        state: parsed(row, "state")?,
        refund: row.try_get("", "refund")?,
        error: row.try_get("", "error")?,
        requested_by: row.try_get("", "requested_by")?,
        first_sent_at: time_opt(row, "first_sent_at")?,
        check_at: time_opt(row, "check_at")?,
        looks: row.try_get("", "looks")?,
        created_at: time(row, "created_at")?,
        ended_at: time_opt(row, "ended_at")?,
    })
}

fn chargeback(row: &QueryResult) -> Result<Chargeback> {
    Ok(Chargeback {
        id: ChargebackId(row.try_get("", "id")?),
        dispute: row.try_get("", "dispute")?,
        card_top_up_id: CardTopUpId(row.try_get("", "card_top_up_id")?),
        buyer_id: OrganizationId(row.try_get("", "buyer_id")?),
        amount: money(row, "amount")?,
        state: parsed(row, "state")?,
        reason: row.try_get("", "reason")?,
        from_available: row.try_get("", "from_available")?,
        from_owed: row.try_get("", "from_owed")?,
        written_off: row.try_get("", "written_off")?,
        evidence_due: time_opt(row, "evidence_due")?,
        note: row.try_get("", "note")?,
        opened_at: time(row, "opened_at")?,
        ended_at: time_opt(row, "ended_at")?,
    })
}

fn event(row: &QueryResult) -> Result<ProviderEvent> {
    Ok(ProviderEvent {
        id: ProviderEventId(row.try_get("", "id")?),
        event: row.try_get("", "event")?,
        kind: row.try_get("", "kind")?,
        about: row.try_get("", "about")?,
        state: parsed(row, "state")?,
        note: row.try_get("", "note")?,
        received_at: time(row, "received_at")?,
        ended_at: time_opt(row, "ended_at")?,
    })
}

pub(in crate::topups) async fn insert_refund(tx: &WriteTx, one: &CreditRefund) -> Result<()> {
    let text = format!(
        "INSERT INTO credit_refunds ({REFUND}) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
    );
    let values: [Value; 14] = [
        one.id.uuid().into(),
        one.buyer_id.uuid().into(),
        one.card_top_up_id.uuid().into(),
        one.amount.minor.into(),
        one.amount.currency.code().into(),
        one.state.as_str().into(),
        one.refund.clone().into(),
        one.error.clone().into(),
        one.requested_by.as_str().into(),
        one.first_sent_at.map(Timestamp::micros).into(),
        one.check_at.map(Timestamp::micros).into(),
        one.looks.into(),
        one.created_at.micros().into(),
        one.ended_at.map(Timestamp::micros).into(),
    ];
    sql::run(tx, &text, values).await.map(drop)
}

pub(in crate::topups) async fn save_refund(tx: &WriteTx, one: &CreditRefund) -> Result<()> {
    let text = "UPDATE credit_refunds SET state = $2, refund = $3, error = $4, first_sent_at = $5, \
         check_at = $6, looks = $7, ended_at = $8 WHERE id = $1";
    let values: [Value; 8] = [
        one.id.uuid().into(),
        one.state.as_str().into(),
        one.refund.clone().into(),
        one.error.clone().into(),
        one.first_sent_at.map(Timestamp::micros).into(),
        one.check_at.map(Timestamp::micros).into(),
        one.looks.into(),
        one.ended_at.map(Timestamp::micros).into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

pub(in crate::topups) async fn find_refund(
    tx: &impl Reader,
    id: CreditRefundId,
) -> Result<Option<CreditRefund>> {
    let text = format!("SELECT {REFUND} FROM credit_refunds WHERE id = $1");
    sql::one(tx, &text, [id.uuid().into()]).await?.as_ref().map(refund).transpose()
}

pub(in crate::topups) async fn lock_refund(
    tx: &WriteTx,
    id: CreditRefundId,
) -> Result<Option<CreditRefund>> {
    let text = format!("SELECT {REFUND} FROM credit_refunds WHERE id = $1{}", sql::for_update(tx));
    sql::one(tx, &text, [id.uuid().into()]).await?.as_ref().map(refund).transpose()
}

pub(in crate::topups) async fn refunds(
    tx: &impl Reader,
    buyer: Option<OrganizationId>,
    top_up: Option<CardTopUpId>,
    page: &Page,
) -> Result<Paged<CreditRefund>> {
    let mut wanted = Filter::default();
    wanted.and_some("buyer_id =", buyer.map(|id| id.uuid()));
    wanted.and_some("card_top_up_id =", top_up.map(|id| id.uuid()));
    let (rest, values) = wanted.page(page);
    let text = format!("SELECT {REFUND} FROM credit_refunds WHERE {rest}");
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(refund).collect::<Result<_>>()?, page))
}

/// Refunds whose time to be looked at has come.
pub(in crate::topups) async fn refunds_due(
    tx: &impl Reader,
    now: Timestamp,
) -> Result<Vec<CreditRefundId>> {
    let text = "SELECT id FROM credit_refunds WHERE check_at IS NOT NULL AND check_at <= $1 \
         ORDER BY check_at, id LIMIT 100";
    let rows = sql::all(tx, text, [now.micros().into()]).await?;
    rows.iter().map(|row| Ok(CreditRefundId(row.try_get("", "id")?))).collect()
}

/// What is no longer there of a top-up.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::topups) struct Gone {
    /// What went or goes back, in minor units.
    pub(in crate::topups) refunded: i64,
    /// What its bank took, in minor units.
    pub(in crate::topups) taken: i64,
}

impl Gone {
    /// Both, in minor units.
    pub(in crate::topups) fn in_all(self) -> i64 {
        self.refunded.saturating_add(self.taken)
    }
}

/// What is gone of top-ups, read at once; those of which nothing is gone are left out.
pub(in crate::topups) async fn gone(
    tx: &impl Reader,
    top_ups: &[CardTopUpId],
) -> Result<HashMap<CardTopUpId, Gone>> {
    let mut found: HashMap<CardTopUpId, Gone> = HashMap::new();
    if top_ups.is_empty() {
        return Ok(found);
    }
    let keys: Vec<_> = top_ups.iter().map(|id| id.uuid()).collect();
    let (marks, values) = sql::ids(1, &keys);
    let text = format!(
        "SELECT card_top_up_id, CAST(SUM(refunded) AS BIGINT) AS refunded, \
           CAST(SUM(taken) AS BIGINT) AS taken FROM ( \
             SELECT card_top_up_id, amount AS refunded, 0 AS taken FROM credit_refunds \
             WHERE state IN ('PENDING', 'UNKNOWN', 'CONFIRMED') AND card_top_up_id IN ({marks}) \
             UNION ALL \
             SELECT card_top_up_id, 0 AS refunded, amount AS taken FROM chargebacks \
             WHERE state <> 'WON' AND card_top_up_id IN ({marks}) \
           ) AS gone GROUP BY card_top_up_id"
    );
    for row in sql::all(tx, &text, values).await? {
        let gone =
            Gone { refunded: row.try_get("", "refunded")?, taken: row.try_get("", "taken")? };
        found.insert(CardTopUpId(row.try_get("", "card_top_up_id")?), gone);
    }
    Ok(found)
}

pub(in crate::topups) async fn insert_chargeback(tx: &WriteTx, one: &Chargeback) -> Result<()> {
    let text = format!(
        "INSERT INTO chargebacks ({CHARGEBACK}) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
    );
    let values: [Value; 15] = [
        one.id.uuid().into(),
        one.dispute.as_str().into(),
        one.card_top_up_id.uuid().into(),
        one.buyer_id.uuid().into(),
        one.amount.minor.into(),
        one.amount.currency.code().into(),
        one.state.as_str().into(),
        one.reason.as_str().into(),
        one.from_available.into(),
        one.from_owed.into(),
        one.written_off.into(),
        one.evidence_due.map(Timestamp::micros).into(),
        one.note.clone().into(),
        one.opened_at.micros().into(),
        one.ended_at.map(Timestamp::micros).into(),
    ];
    sql::run(tx, &text, values).await.map(drop)
}

pub(in crate::topups) async fn save_chargeback(tx: &WriteTx, one: &Chargeback) -> Result<()> {
    let text = "UPDATE chargebacks SET state = $2, written_off = $3, evidence_due = $4, note = $5, \
         ended_at = $6 WHERE id = $1";
    let values: [Value; 6] = [
        one.id.uuid().into(),
        one.state.as_str().into(),
        one.written_off.into(),
        one.evidence_due.map(Timestamp::micros).into(),
        one.note.clone().into(),
        one.ended_at.map(Timestamp::micros).into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

pub(in crate::topups) async fn lock_chargeback(
    tx: &WriteTx,
    id: ChargebackId,
) -> Result<Option<Chargeback>> {
    let text = format!("SELECT {CHARGEBACK} FROM chargebacks WHERE id = $1{}", sql::for_update(tx));
    sql::one(tx, &text, [id.uuid().into()]).await?.as_ref().map(chargeback).transpose()
}

pub(in crate::topups) async fn chargebacks(
    tx: &impl Reader,
    buyer: Option<OrganizationId>,
    state: Option<ChargebackState>,
    page: &Page,
) -> Result<Paged<Chargeback>> {
    let mut wanted = Filter::default();
    wanted.and_some("buyer_id =", buyer.map(|id| id.uuid()));
    wanted.and_some("state =", state.map(|state| state.as_str()));
    let (rest, values) = wanted.page(page);
    let text = format!("SELECT {CHARGEBACK} FROM chargebacks WHERE {rest}");
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(chargeback).collect::<Result<_>>()?, page))
}

/// Stores an event; false if it was there.
pub(in crate::topups) async fn insert_event(
    tx: &WriteTx,
    one: &ProviderEvent,
    body: Vec<u8>,
) -> Result<bool> {
    let text = "INSERT INTO provider_events (id, event, kind, about, sealed, state, received_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING";
    let values: [Value; 7] = [
        one.id.uuid().into(),
        one.event.as_str().into(),
        one.kind.as_str().into(),
        one.about.clone().into(),
        body.into(),
        one.state.as_str().into(),
        one.received_at.micros().into(),
    ];
    Ok(sql::run(tx, text, values).await? == 1)
}

pub(in crate::topups) async fn find_event(
    tx: &impl Reader,
    id: ProviderEventId,
) -> Result<Option<ProviderEvent>> {
    let text = format!("SELECT {EVENT} FROM provider_events WHERE id = $1");
    sql::one(tx, &text, [id.uuid().into()]).await?.as_ref().map(event).transpose()
}

/// Ends an event that is still as it was; false if somebody else did.
pub(in crate::topups) async fn end_event(
    tx: &WriteTx,
    id: ProviderEventId,
    (from, to): (ProviderEventState, ProviderEventState),
    note: Option<&str>,
) -> Result<bool> {
    let text = "UPDATE provider_events SET state = $3, note = $4, ended_at = $5 \
         WHERE id = $1 AND state = $2";
    let values: [Value; 5] = [
        id.uuid().into(),
        from.as_str().into(),
        to.as_str().into(),
        note.map(str::to_owned).into(),
        tx.now().micros().into(),
    ];
    Ok(sql::run(tx, text, values).await? == 1)
}

pub(in crate::topups) async fn events(
    tx: &impl Reader,
    state: Option<ProviderEventState>,
    page: &Page,
) -> Result<Paged<ProviderEvent>> {
    let mut wanted = Filter::default();
    wanted.and_some("state =", state.map(|state| state.as_str()));
    let (rest, values) = wanted.page(page);
    let text = format!("SELECT {EVENT} FROM provider_events WHERE {rest}");
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(event).collect::<Result<_>>()?, page))
}
