//! Reads of pings and bids.

use leadbourse_core::access::Scope;
use leadbourse_core::ids::{
    AwardId, BidId, LeadId, NicheId, NicheVersionId, OfferId, OfferVersionId, OrganizationId,
    PingId, SourceId, first_at,
};
use leadbourse_core::money::Currency;
use leadbourse_core::ping::PingState;
use leadbourse_core::time::Timestamp;
use sea_orm::{QueryResult, Value};
use std::collections::HashMap;
use uuid::Uuid;

use super::model::{Bid, OpenBids, Ping, SourceRatio};
use crate::platform::db::bulk::{self, OnConflict, Rows, TableDef, Ty};
use crate::platform::db::row::{bps, parsed, time, time_or_zero};
use crate::platform::db::sql::Filter;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Context, Result};
use crate::platform::paging::{Page, Paged};

const PING: &str = "id, niche_id, niche_version_id, publisher_id, source_id, channel, state, score, \
    features, prints, verdict, trace, lead_id, received_at, expires_at, ended_at";

const BID: &str = "id, ping_id, offer_id, offer_version_id, buyer_id, publisher_id, copies, place, \
    price, earning, take_rate_bps, reserve, amount, currency, seller_capped, state, award_id, \
    created_at, expires_at, ended_at";

/// What a list of pings is narrowed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct PingFilter {
    /// Only this state.
    pub state: Option<PingState>,
    /// Only this source.
    pub source: Option<SourceId>,
}

fn document<T: serde::de::DeserializeOwned>(row: &QueryResult, column: &str) -> Result<T> {
    let text: String = row.try_get("", column)?;
    serde_json::from_str(&text).context("reading a stored ping")
}

fn ping_of(row: &QueryResult) -> Result<Ping> {
    let lead: Option<Uuid> = row.try_get("", "lead_id")?;
    Ok(Ping {
        id: PingId(row.try_get("", "id")?),
        niche: NicheId(row.try_get("", "niche_id")?),
        niche_version: NicheVersionId(row.try_get("", "niche_version_id")?),
        publisher: OrganizationId(row.try_get("", "publisher_id")?),
        source: SourceId(row.try_get("", "source_id")?),
        channel: row.try_get("", "channel")?,
        state: parsed(row, "state")?,
        score: row.try_get("", "score")?,
        fields: document(row, "features")?,
        prints: document(row, "prints")?,
        verdict: document(row, "verdict")?,
        trace_text: row.try_get("", "trace")?,
        lead: lead.map(LeadId),
        received_at: time(row, "received_at")?,
        expires_at: time(row, "expires_at")?,
        ended_at: time_or_zero(row, "ended_at")?,
    })
}

fn bid_of(row: &QueryResult) -> Result<Bid> {
    let award: Option<Uuid> = row.try_get("", "award_id")?;
    Ok(Bid {
        id: BidId(row.try_get("", "id")?),
        ping: PingId(row.try_get("", "ping_id")?),
        offer: OfferId(row.try_get("", "offer_id")?),
        offer_version: OfferVersionId(row.try_get("", "offer_version_id")?),
        buyer: OrganizationId(row.try_get("", "buyer_id")?),
        publisher: OrganizationId(row.try_get("", "publisher_id")?),
        copies: row.try_get("", "copies")?,
        place: row.try_get("", "place")?,
        price: row.try_get("", "price")?,
        earning: row.try_get("", "earning")?,
        take_rate: bps(row, "take_rate_bps")?,
        reserve: row.try_get("", "reserve")?,
        amount: row.try_get("", "amount")?,
        currency: parsed(row, "currency")?,
        seller_capped: row.try_get::<i32>("", "seller_capped")? != 0,
        state: parsed(row, "state")?,
        award: award.map(AwardId),
        created_at: time(row, "created_at")?,
        expires_at: time(row, "expires_at")?,
        ended_at: time_or_zero(row, "ended_at")?,
    })
}

/// Pings by id. The caller has decided that their ids may be named.
pub async fn by_ids(tx: &impl Reader, ids: &[PingId]) -> Result<HashMap<PingId, Ping>> {
    let mut out = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let keys: Vec<Uuid> = chunk.iter().map(|id| id.uuid()).collect();
        let (marks, values) = sql::ids(1, &keys);
        let text = format!("SELECT {PING} FROM pings WHERE id IN ({marks})");
        for row in sql::all(tx, &text, values).await? {
            let ping = ping_of(&row)?;
            out.insert(ping.id, ping);
        }
    }
    Ok(out)
}

/// The bids of pings, by ping and place. What was bid never changes, only what became of it.
pub async fn bids_of(tx: &impl Reader, pings: &[PingId]) -> Result<Vec<Bid>> {
    let mut out = Vec::new();
    for chunk in pings.chunks(500) {
        let keys: Vec<Uuid> = chunk.iter().map(|id| id.uuid()).collect();
        let (marks, values) = sql::ids(1, &keys);
        let text = format!(
            "SELECT {BID} FROM ping_bids WHERE ping_id IN ({marks}) ORDER BY ping_id, place"
        );
        for row in sql::all(tx, &text, values).await? {
            out.push(bid_of(&row)?);
        }
    }
    Ok(out)
}

pub(super) async fn list(
    tx: &impl Reader,
    scope: Scope,
    filter: &PingFilter,
    page: &Page,
) -> Result<Paged<Ping>> {
    let mut wanted = Filter::default();
    if let Scope::Org(own) = scope {
        wanted.and("publisher_id =", own.uuid());
    }
    wanted.and_some("state =", filter.state.map(|state| state.as_str()));
    wanted.and_some("source_id =", filter.source.map(|id| id.uuid()));
    let (rest, values) = wanted.page(page);
    let text = format!("SELECT {PING} FROM pings WHERE {rest}");
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(ping_of).collect::<Result<_>>()?, page))
}

/// What became of pings since an instant, by source.
pub(super) async fn ratios(
    tx: &impl Reader,
    scope: Scope,
    since: Timestamp,
) -> Result<Vec<SourceRatio>> {
    let count = |states: &str| {
        format!("CAST(SUM(CASE WHEN state IN ({states}) THEN 1 ELSE 0 END) AS BIGINT)")
    };
    let mut text = format!(
        "SELECT source_id, CAST(COUNT(*) AS BIGINT) AS pings, {} AS with_bids, {} AS posted, \
         {} AS expired FROM pings WHERE id >= $1",
        count("'OPEN', 'POSTED', 'EXPIRED'"),
        count("'POSTED'"),
        count("'EXPIRED'"),
    );
    // Ids begin with their time.
    let mut values: Vec<Value> = vec![first_at(since).into()];
    if let Scope::Org(own) = scope {
        text.push_str(" AND publisher_id = $2");
        values.push(own.uuid().into());
    }
    text.push_str(" GROUP BY source_id ORDER BY source_id");
    let read = |row: &QueryResult| {
        Ok(SourceRatio {
            source: SourceId(row.try_get("", "source_id")?),
            pings: row.try_get("", "pings")?,
            with_bids: row.try_get("", "with_bids")?,
            posted: row.try_get("", "posted")?,
            expired: row.try_get("", "expired")?,
        })
    };
    sql::all(tx, &text, values).await?.iter().map(read).collect()
}

/// A buyer's open bids in one currency.
pub(super) async fn open_of(
    tx: &impl Reader,
    buyer: OrganizationId,
    currency: Currency,
) -> Result<OpenBids> {
    let text = "SELECT CAST(COUNT(*) AS BIGINT) AS n, CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS sum \
        FROM ping_bids WHERE buyer_id = $1 AND state = 'OPEN' AND currency = $2";
    let values: [Value; 2] = [buyer.uuid().into(), currency.code().into()];
    match sql::one(tx, text, values).await? {
        None => Ok(OpenBids::default()),
        Some(row) => Ok(OpenBids { count: row.try_get("", "n")?, amount: row.try_get("", "sum")? }),
    }
}

/// Sums for `verify`: what open bids hold, by buyer and currency.
pub async fn open_sums(tx: &impl Reader) -> Result<HashMap<(OrganizationId, Currency), i64>> {
    let text = "SELECT buyer_id, currency, CAST(SUM(amount) AS BIGINT) AS amount FROM ping_bids \
        WHERE state = 'OPEN' GROUP BY buyer_id, currency";
    let read = |row: &QueryResult| {
        let buyer = OrganizationId(row.try_get("", "buyer_id")?);
        Ok(((buyer, parsed(row, "currency")?), row.try_get("", "amount")?))
    };
    sql::all(tx, text, []).await?.iter().map(read).collect()
}

/// Open pings whose time is over, oldest first.
pub async fn due(tx: &impl Reader, now: Timestamp, most: u32) -> Result<Vec<PingId>> {
    let text = format!(
        "SELECT id FROM pings WHERE state = 'OPEN' AND expires_at <= $1 ORDER BY expires_at LIMIT {most}"
    );
    let rows = sql::all(tx, &text, [now.micros().into()]).await?;
    rows.iter().map(|row| Ok(PingId(row.try_get("", "id")?))).collect()
}

/// What makes a publisher's meter.
static METER_PLACES: TableDef =
    TableDef { name: "ping_meters", cols: &[("publisher_id", Ty::Uuid)] };

/// Makes a publisher's meter, if there is none. In a transaction of its own: the row has to be
/// there before a batch locks it in its turn.
pub async fn ensure_meter(tx: &WriteTx, publisher: OrganizationId) -> Result<()> {
    let mut rows = Rows::new(&METER_PLACES).on_conflict(OnConflict::DoNothing);
    rows.push([publisher.uuid().into()]);
    bulk::insert_many(tx, rows).await.map(drop)
}
