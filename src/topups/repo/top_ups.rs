//! `card_top_ups`, `provider_customers` and `provider_fees`.

use leadbourse_core::ids::{CardTopUpId, OrganizationId, ProviderFeeId, SavedCardId};
use leadbourse_core::money::{Currency, Money};
use leadbourse_core::time::Timestamp;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use super::{flag, money, opt_word};
use crate::platform::db::row::{parsed, time, time_opt};
use crate::platform::db::sql::Filter;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};
use crate::topups::model::{CardTopUp, CardTopUpFilter};

const COLUMNS: &str = "id, buyer_id, kind, amount, currency, state, hold_reason, error, save_card, \
     card_id, customer, session, url, payment, came_in, came_currency, fee_known, note, created_by, \
     decided_by, first_sent_at, check_at, looks, created_at, ended_at";

fn read(row: &QueryResult) -> Result<CardTopUp> {
    let (came_in, came): (Option<i64>, Option<Currency>) =
        (row.try_get("", "came_in")?, opt_word(row, "came_currency")?);
    let card_id: Option<Uuid> = row.try_get("", "card_id")?;
    Ok(CardTopUp {
        id: CardTopUpId(row.try_get("", "id")?),
        buyer_id: OrganizationId(row.try_get("", "buyer_id")?),
        kind: parsed(row, "kind")?,
        amount: money(row, "amount")?,
        state: parsed(row, "state")?,
        hold_reason: opt_word(row, "hold_reason")?,
        error: row.try_get("", "error")?,
        save_card: flag(row, "save_card")?,
        card_id: card_id.map(SavedCardId),
        customer: row.try_get("", "customer")?,
        session: row.try_get("", "session")?,
        url: row.try_get("", "url")?,
        payment: row.try_get("", "payment")?,
        came_in: came_in.zip(came).map(|(minor, currency)| Money::new(minor, currency)),
        fee_known: flag(row, "fee_known")?,
        note: row.try_get("", "note")?,
        created_by: row.try_get("", "created_by")?,
        decided_by: row.try_get("", "decided_by")?,
        first_sent_at: time_opt(row, "first_sent_at")?,
        check_at: time_opt(row, "check_at")?,
        looks: row.try_get("", "looks")?,
        created_at: time(row, "created_at")?,
        ended_at: time_opt(row, "ended_at")?,
    })
}

fn values(one: &CardTopUp) -> Vec<Value> {
    let micros = |at: Option<Timestamp>| at.map(Timestamp::micros);
    vec![
        one.id.uuid().into(),
        one.buyer_id.uuid().into(),
        one.kind.as_str().into(),
        one.amount.minor.into(),
        one.amount.currency.code().into(),
        one.state.as_str().into(),
        one.hold_reason.map(|reason| reason.as_str()).into(),
        one.error.clone().into(),
        i32::from(one.save_card).into(),
        one.card_id.map(SavedCardId::uuid).into(),
        one.customer.clone().into(),
        one.session.clone().into(),
        one.url.clone().into(),
        one.payment.clone().into(),
        one.came_in.map(|sum| sum.minor).into(),
        one.came_in.map(|sum| sum.currency.code().to_owned()).into(),
        i32::from(one.fee_known).into(),
        one.note.clone().into(),
        one.created_by.clone().into(),
        one.decided_by.clone().into(),
        micros(one.first_sent_at).into(),
        micros(one.check_at).into(),
        one.looks.into(),
        one.created_at.micros().into(),
        micros(one.ended_at).into(),
    ]
}

pub(in crate::topups) async fn insert(tx: &WriteTx, one: &CardTopUp) -> Result<()> {
    let values = values(one);
    let marks: Vec<String> = (1..=values.len()).map(|n| format!("${n}")).collect();
    let text = format!("INSERT INTO card_top_ups ({COLUMNS}) VALUES ({})", marks.join(", "));
    sql::run(tx, &text, values).await.map(drop)
}

/// Writes a locked one back whole.
pub(in crate::topups) async fn save(tx: &WriteTx, one: &CardTopUp) -> Result<()> {
    let sets: Vec<String> = COLUMNS
        .split(',')
        .enumerate()
        .skip(1)
        .map(|(n, column)| format!("{} = ${}", column.trim(), n + 1))
        .collect();
    let text = format!("UPDATE card_top_ups SET {} WHERE id = $1", sets.join(", "));
    sql::run(tx, &text, values(one)).await.map(drop)
}

async fn one(tx: &impl Reader, rest: &str, key: Value) -> Result<Option<CardTopUp>> {
    let text = format!("SELECT {COLUMNS} FROM card_top_ups WHERE {rest}");
    sql::one(tx, &text, [key]).await?.as_ref().map(read).transpose()
}

pub(in crate::topups) async fn find(
    tx: &impl Reader,
    id: CardTopUpId,
) -> Result<Option<CardTopUp>> {
    one(tx, "id = $1", id.uuid().into()).await
}

pub(in crate::topups) async fn lock(tx: &WriteTx, id: CardTopUpId) -> Result<Option<CardTopUp>> {
    one(tx, &format!("id = $1{}", sql::for_update(tx)), id.uuid().into()).await
}

pub(in crate::topups) async fn by_session(
    tx: &impl Reader,
    session: &str,
) -> Result<Option<CardTopUp>> {
    one(tx, "session = $1", session.into()).await
}

pub(in crate::topups) async fn by_payment(
    tx: &impl Reader,
    payment: &str,
) -> Result<Option<CardTopUp>> {
    one(tx, "payment = $1", payment.into()).await
}

pub(in crate::topups) async fn list(
    tx: &impl Reader,
    filter: CardTopUpFilter,
    page: &Page,
) -> Result<Paged<CardTopUp>> {
    let mut wanted = Filter::default();
    wanted.and_some("buyer_id =", filter.buyer.map(|id| id.uuid()));
    wanted.and_some("state =", filter.state.map(|state| state.as_str()));
    let (rest, values) = wanted.page(page);
    let text = format!("SELECT {COLUMNS} FROM card_top_ups WHERE {rest}");
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(read).collect::<Result<_>>()?, page))
}

/// Those whose time to be looked at has come, longest waiting first.
pub(in crate::topups) async fn due(tx: &impl Reader, now: Timestamp) -> Result<Vec<CardTopUpId>> {
    let text = "SELECT id FROM card_top_ups WHERE check_at IS NOT NULL AND check_at <= $1 \
         ORDER BY check_at, id LIMIT 100";
    let rows = sql::all(tx, text, [now.micros().into()]).await?;
    rows.iter().map(|row| Ok(CardTopUpId(row.try_get("", "id")?))).collect()
}

/// What auto-recharge charged since an instant, waiting charges included; and whether one waits.
pub(in crate::topups) async fn recharged(
    tx: &impl Reader,
    buyer: OrganizationId,
    currency: Currency,
    since: Timestamp,
) -> Result<(i64, bool)> {
    let text = "SELECT \
         CAST(COALESCE(SUM(CASE WHEN created_at >= $3 AND state IN ('PENDING', 'CREDITED', 'HELD') \
           THEN amount ELSE 0 END), 0) AS BIGINT) AS amount, \
         CAST(COALESCE(SUM(CASE WHEN state IN ('PENDING', 'HELD') THEN 1 ELSE 0 END), 0) AS BIGINT) \
           AS waiting \
         FROM card_top_ups WHERE buyer_id = $1 AND currency = $2 AND kind = 'AUTO_RECHARGE'";
    let values: [Value; 3] = [buyer.uuid().into(), currency.code().into(), since.micros().into()];
    let Some(row) = sql::one(tx, text, values).await? else { return Ok((0, false)) };
    let waiting: i64 = row.try_get("", "waiting")?;
    Ok((row.try_get("", "amount")?, waiting > 0))
}

pub(in crate::topups) async fn customer_of(
    tx: &impl Reader,
    buyer: OrganizationId,
) -> Result<Option<String>> {
    let text = "SELECT customer FROM provider_customers WHERE buyer_id = $1";
    let row = sql::one(tx, text, [buyer.uuid().into()]).await?;
    row.map(|row| Ok(row.try_get("", "customer")?)).transpose()
}

/// Keeps the first customer that was made for a buyer.
pub(in crate::topups) async fn keep_customer(
    tx: &WriteTx,
    buyer: OrganizationId,
    customer: &str,
) -> Result<()> {
    let text = "INSERT INTO provider_customers (buyer_id, customer, created_at) \
         VALUES ($1, $2, $3) ON CONFLICT (buyer_id) DO NOTHING";
    let values: [Value; 3] = [buyer.uuid().into(), customer.into(), tx.now().micros().into()];
    sql::run(tx, text, values).await.map(drop)
}

/// Writes a fee down; false if it was there.
pub(in crate::topups) async fn insert_fee(
    tx: &WriteTx,
    id: ProviderFeeId,
    (reference, about): (&str, &str),
    fee: Money,
) -> Result<bool> {
    let text = "INSERT INTO provider_fees (id, reference, about, amount, currency, at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING";
    let values: [Value; 6] = [
        id.uuid().into(),
        reference.into(),
        about.into(),
        fee.minor.into(),
        fee.currency.code().into(),
        tx.now().micros().into(),
    ];
    Ok(sql::run(tx, text, values).await? == 1)
}

/// What the provider kept of a thing, in all.
pub(in crate::topups) async fn fees_of(tx: &impl Reader, about: &str) -> Result<Vec<Money>> {
    let text = "SELECT currency, CAST(SUM(amount) AS BIGINT) AS amount FROM provider_fees \
         WHERE about = $1 GROUP BY currency ORDER BY currency";
    sql::all(tx, text, [about.into()]).await?.iter().map(|row| money(row, "amount")).collect()
}
