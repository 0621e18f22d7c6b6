//! `live_runs` and `live_awards`.

use leadbourse_core::access::Scope;
use leadbourse_core::ids::{AwardId, LeadId, OfferId, OfferVersionId, OrganizationId};
use leadbourse_core::live::{AwardStep, RunStep};
use leadbourse_core::money::Currency;
use leadbourse_core::time::Timestamp;
use sea_orm::{QueryResult, Value};
use std::collections::HashMap;

use super::model::{LiveAward, LiveRun};
use crate::platform::db::bulk::{self, Rows, TableDef, Ty};
use crate::platform::db::row::{bps, parsed, time};
use crate::platform::db::sql::Filter;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Context, Result};
use crate::platform::paging::{Page, Paged};

static RUNS: TableDef = TableDef {
    name: "live_runs",
    cols: &[
        ("lead_id", Ty::Uuid),
        ("step", Ty::Text),
        ("asks", Ty::Text),
        ("replies", Ty::Text),
        ("trace", Ty::Text),
        ("claims", Ty::Text),
        ("answer_id", Ty::OptUuid),
        ("post_until", Ty::I64),
        ("silent_until", Ty::I64),
        ("created_at", Ty::I64),
        ("ended_at", Ty::I64),
    ],
};

const RUN: &str = "lead_id, step, asks, replies, trace, claims, answer_id, post_until, \
    silent_until, created_at, ended_at";

const AWARD: &str = "id, lead_id, offer_id, offer_version_id, buyer_id, publisher_id, state, price, \
    earning, take_rate_bps, reserve, amount, currency, seller_capped, on_silence, reason, \
    posted_price, created_at, ended_at";

fn document<T: serde::de::DeserializeOwned>(row: &QueryResult, column: &str) -> Result<T> {
    let text: String = row.try_get("", column)?;
    serde_json::from_str(&text).context("reading a live lead")
}

fn print(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).context("printing a live lead")
}

/// 0 is no instant.
fn maybe(row: &QueryResult, column: &str) -> Result<Option<Timestamp>> {
    Ok(Some(time(row, column)?).filter(|at| at.micros() > 0))
}

fn micros(at: Option<Timestamp>) -> i64 {
    at.map_or(0, Timestamp::micros)
}

fn run_of(row: &QueryResult) -> Result<LiveRun> {
    Ok(LiveRun {
        lead: LeadId(row.try_get("", "lead_id")?),
        step: parsed(row, "step")?,
        asks: document(row, "asks")?,
        replies: document(row, "replies")?,
        trace: row.try_get("", "trace")?,
        claims: document(row, "claims")?,
        answer_id: row.try_get("", "answer_id")?,
        post_until: time(row, "post_until")?,
        silent_until: maybe(row, "silent_until")?,
        created_at: time(row, "created_at")?,
        ended_at: maybe(row, "ended_at")?,
    })
}

fn award_of(row: &QueryResult) -> Result<LiveAward> {
    Ok(LiveAward {
        id: AwardId(row.try_get("", "id")?),
        lead: LeadId(row.try_get("", "lead_id")?),
        offer: OfferId(row.try_get("", "offer_id")?),
        offer_version: OfferVersionId(row.try_get("", "offer_version_id")?),
        buyer: OrganizationId(row.try_get("", "buyer_id")?),
        publisher: OrganizationId(row.try_get("", "publisher_id")?),
        state: parsed(row, "state")?,
        price: row.try_get("", "price")?,
        earning: row.try_get("", "earning")?,
        take_rate: bps(row, "take_rate_bps")?,
        reserve: row.try_get("", "reserve")?,
        amount: row.try_get("", "amount")?,
        currency: parsed(row, "currency")?,
        seller_capped: row.try_get::<i32>("", "seller_capped")? != 0,
        on_silence: parsed(row, "on_silence")?,
        reason: row.try_get("", "reason")?,
        posted_price: row.try_get("", "posted_price")?,
        created_at: time(row, "created_at")?,
        ended_at: maybe(row, "ended_at")?,
    })
}

/// Stores leads that begin to wait for live buyers.
///
/// # Errors
/// Database errors.
pub async fn insert_runs(tx: &WriteTx, runs: &[LiveRun]) -> Result<()> {
    let mut rows = Rows::new(&RUNS);
    for run in runs {
        rows.push([
            run.lead.uuid().into(),
            run.step.as_str().into(),
            print(&run.asks)?.into(),
            print(&run.replies)?.into(),
            run.trace.clone().into(),
            print(&run.claims)?.into(),
            bulk::Value::from(run.answer_id),
            run.post_until.micros().into(),
            micros(run.silent_until).into(),
            run.created_at.micros().into(),
            micros(run.ended_at).into(),
        ]);
    }
    bulk::insert_many(tx, rows).await.map(drop)
}

/// How far a lead is. In a write transaction its lead has to be locked.
///
/// # Errors
/// Database errors.
pub async fn run(tx: &impl Reader, lead: LeadId) -> Result<Option<LiveRun>> {
    let text = format!("SELECT {RUN} FROM live_runs WHERE lead_id = $1");
    sql::one(tx, &text, [lead.uuid().into()]).await?.as_ref().map(run_of).transpose()
}

/// Writes down how far a lead is now, if it was at `from`; false if it was not.
///
/// # Errors
/// Database errors.
pub async fn save_run(tx: &WriteTx, from: RunStep, run: &LiveRun) -> Result<bool> {
    let text = "UPDATE live_runs SET step = $1, replies = $2, trace = $3, claims = $4, \
        silent_until = $5, ended_at = $6, post_until = $7 WHERE lead_id = $8 AND step = $9";
    let values: [Value; 9] = [
        run.step.as_str().into(),
        print(&run.replies)?.into(),
        run.trace.clone().into(),
        print(&run.claims)?.into(),
        micros(run.silent_until).into(),
        micros(run.ended_at).into(),
        run.post_until.micros().into(),
        run.lead.uuid().into(),
        from.as_str().into(),
    ];
    Ok(sql::run(tx, text, values).await? == 1)
}

/// Stores an award that was offered.
///
/// # Errors
/// Database errors.
pub async fn insert_award(tx: &WriteTx, award: &LiveAward) -> Result<()> {
    let text = format!(
        "INSERT INTO live_awards ({AWARD}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
         $12, $13, $14, $15, $16, $17, $18, $19)"
    );
    let values: [Value; 19] = [
        award.id.uuid().into(),
        award.lead.uuid().into(),
        award.offer.uuid().into(),
        award.offer_version.uuid().into(),
        award.buyer.uuid().into(),
        award.publisher.uuid().into(),
        award.state.as_str().into(),
        award.price.into(),
        award.earning.into(),
        // A rate is at most 10000, so it always fits.
        i32::try_from(award.take_rate.0).unwrap_or(10_000).into(),
        award.reserve.into(),
        award.amount.into(),
        award.currency.code().into(),
        i32::from(award.seller_capped).into(),
        award.on_silence.as_str().into(),
        award.reason.clone().into(),
        award.posted_price.into(),
        award.created_at.micros().into(),
        micros(award.ended_at).into(),
    ];
    sql::run(tx, &text, values).await.map(drop)
}

/// An offered award. In a write transaction its lead has to be locked.
///
/// # Errors
/// Database errors.
pub async fn award(tx: &impl Reader, id: AwardId) -> Result<Option<LiveAward>> {
    let text = format!("SELECT {AWARD} FROM live_awards WHERE id = $1");
    sql::one(tx, &text, [id.uuid().into()]).await?.as_ref().map(award_of).transpose()
}

/// The award of a lead that still holds it; there is never more than one.
///
/// # Errors
/// Database errors.
pub async fn open_award(tx: &impl Reader, lead: LeadId) -> Result<Option<LiveAward>> {
    let text = format!("SELECT {AWARD} FROM live_awards WHERE lead_id = $1 AND ended_at = 0");
    sql::one(tx, &text, [lead.uuid().into()]).await?.as_ref().map(award_of).transpose()
}

/// What was offered of a lead, oldest first. The caller has decided that it may be seen.
///
/// # Errors
/// Database errors.
pub async fn awards_of_lead(tx: &impl Reader, lead: LeadId) -> Result<Vec<LiveAward>> {
    let text = format!("SELECT {AWARD} FROM live_awards WHERE lead_id = $1 ORDER BY id");
    sql::all(tx, &text, [lead.uuid().into()]).await?.iter().map(award_of).collect()
}

/// Moves an award, if it was in the state that it has here; false if somebody else moved it.
///
/// # Errors
/// Database errors.
pub async fn move_award(
    tx: &WriteTx,
    award: &LiveAward,
    to: AwardStep,
    (reason, posted_price): (Option<&str>, Option<i64>),
) -> Result<bool> {
    if !award.state.may_become(to) {
        return Ok(false);
    }
    let text = "UPDATE live_awards SET state = $1, reason = $2, posted_price = $3, ended_at = $4 \
        WHERE id = $5 AND state = $6";
    let ended = if to.is_open() { 0 } else { tx.now().micros() };
    let values: [Value; 6] = [
        to.as_str().into(),
        reason.map(str::to_owned).into(),
        posted_price.into(),
        ended.into(),
        award.id.uuid().into(),
        award.state.as_str().into(),
    ];
    Ok(sql::run(tx, text, values).await? == 1)
}

/// A page of offered awards: a buyer's own, or all.
pub(super) async fn list(tx: &impl Reader, scope: Scope, page: &Page) -> Result<Paged<LiveAward>> {
    let mut wanted = Filter::default();
    if let Scope::Org(own) = scope {
        wanted.and("buyer_id =", own.uuid());
    }
    let (rest, values) = wanted.page(page);
    let text = format!("SELECT {AWARD} FROM live_awards WHERE {rest}");
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(award_of).collect::<Result<_>>()?, page))
}

/// Sums for `verify`: what offered awards hold, by buyer and currency.
///
/// # Errors
/// Database errors.
pub async fn open_sums(tx: &impl Reader) -> Result<HashMap<(OrganizationId, Currency), i64>> {
    let text = "SELECT buyer_id, currency, CAST(SUM(amount) AS BIGINT) AS amount FROM live_awards \
        WHERE ended_at = 0 GROUP BY buyer_id, currency";
    let read = |row: &QueryResult| {
        let buyer = OrganizationId(row.try_get("", "buyer_id")?);
        Ok(((buyer, parsed(row, "currency")?), row.try_get("", "amount")?))
    };
    sql::all(tx, text, []).await?.iter().map(read).collect()
}
