//! Reading numbers. Ids carry their time, so a range of days is a range of the primary key.

use leadbourse_core::ids::{NicheId, OrganizationId, first_at};
use leadbourse_core::money::Currency;
use leadbourse_core::time::Timestamp;
use sea_orm::Value;
use uuid::Uuid;

use super::estimate::MOST_LEADS;
use super::{Dashboard, MoneyRow, Side};
use crate::platform::db::{Reader, sql};
use crate::platform::error::{Error, Result};

/// The organization's time zone, by its IANA name.
pub(super) async fn time_zone(tx: &impl Reader, org: OrganizationId) -> Result<Option<String>> {
    let text = "SELECT time_zone FROM organizations WHERE id = $1";
    let row = sql::one(tx, text, vec![org.uuid().into()]).await?;
    Ok(row.map(|row| row.try_get("", "time_zone")).transpose()?)
}

/// `CASE` that gives the index of the day into which `column` falls. The instants are our own
/// numbers, so they may stand in the text.
fn day_index(column: &str, starts: &[Timestamp]) -> String {
    let arms: String = starts
        .iter()
        .skip(1)
        .enumerate()
        .map(|(index, end)| format!(" WHEN {column} < {} THEN {index}", end.micros()))
        .collect();
    format!("CASE{arms} ELSE {} END", starts.len())
}

/// For each day with leads: its index, leads, sold leads.
pub(super) async fn leads_by_day(
    tx: &impl Reader,
    (side, org): (Side, Uuid),
    starts: &[Timestamp],
) -> Result<Vec<(usize, i64, i64)>> {
    let first = starts.first().copied().unwrap_or_default();
    let (table, at, sold, own) = match side {
        Side::Buyer => ("awards", "created_at", "COUNT(*)", "AND buyer_id = $3"),
        Side::Publisher => ("leads", "received_at", SOLD, "AND publisher_id = $3"),
        Side::Operator => ("leads", "received_at", SOLD, ""),
    };
    let day = day_index(at, starts);
    let text = format!(
        "SELECT {day} AS day, COUNT(*) AS leads, {sold} AS sold FROM {table} \
         WHERE id >= $1 AND {at} >= $2 {own} GROUP BY 1"
    );
    let rows = sql::all(tx, &text, range(side, org, first)).await?;
    rows.iter()
        .map(|row| {
            let day = row.try_get::<i32>("", "day")?;
            let day = usize::try_from(day).unwrap_or(usize::MAX);
            Ok((day, row.try_get("", "leads")?, row.try_get("", "sold")?))
        })
        .collect()
}

const SOLD: &str = "COUNT(CASE WHEN state = 'SOLD' THEN 1 END)";

fn range(side: Side, org: Uuid, first: Timestamp) -> Vec<Value> {
    let mut values: Vec<Value> = vec![first_at(first).into(), first.micros().into()];
    if side != Side::Operator {
        values.push(org.into());
    }
    values
}

/// Sums of conversions by day and currency, net of what was given back.
pub(super) async fn money_by_day(
    tx: &impl Reader,
    (side, org): (Side, Uuid),
    starts: &[Timestamp],
) -> Result<Vec<MoneyRow>> {
    let first = starts.first().copied().unwrap_or_default();
    let own = match side {
        Side::Buyer => "AND buyer_id = $3",
        Side::Publisher => "AND publisher_id = $3",
        Side::Operator => "",
    };
    let day = day_index("created_at", starts);
    let text = format!(
        "SELECT {day} AS day, currency, \
         CAST(SUM(price - given_earning - given_fee) AS BIGINT) AS price, \
         CAST(SUM(earning - given_earning) AS BIGINT) AS earning, \
         CAST(SUM(fee - given_fee) AS BIGINT) AS fee \
         FROM conversions WHERE id >= $1 AND created_at >= $2 {own} GROUP BY 1, 2"
    );
    let rows = sql::all(tx, &text, range(side, org, first)).await?;
    rows.iter()
        .map(|row| {
            let currency: String = row.try_get("", "currency")?;
            let currency: Currency =
                currency.parse().map_err(|_| Error::broken("a currency that is none"))?;
            let day = usize::try_from(row.try_get::<i32>("", "day")?).unwrap_or(usize::MAX);
            let number = |name: &str| row.try_get::<i64>("", name);
            let (price, earning, fee) = (number("price")?, number("earning")?, number("fee")?);
            Ok(MoneyRow { day, currency, price, earning, fee })
        })
        .collect()
}

/// What waits for somebody. For buyers and publishers their own things only.
pub(super) async fn pending(tx: &impl Reader, (side, org): (Side, Uuid)) -> Result<Dashboard> {
    const DISPUTES: &str =
        "SELECT COUNT(*) AS n FROM disputes WHERE state IN ('OPEN', 'CONTESTED')";
    const OFFERS: &str = "SELECT COUNT(*) AS n FROM offer_versions v WHERE v.state = 'IN_REVIEW'";
    const SOURCES: &str = "SELECT COUNT(*) AS n FROM sources WHERE state = 'PENDING'";
    const ASKED: &str = "SELECT COUNT(*) AS n FROM participations p WHERE p.state = 'REQUESTED'";
    const HELD: &str = "SELECT COUNT(*) AS n FROM leads WHERE state = 'QUARANTINED'";
    const ORGANIZATIONS: &str = "SELECT COUNT(*) AS n FROM organizations WHERE state = 'PENDING'";
    let own: Vec<Value> = vec![org.into()];
    let mut found = Dashboard::default();
    match side {
        Side::Buyer => {
            let of_buyer = "AND EXISTS (SELECT 1 FROM offers o WHERE o.buyer_id = $1 AND o.id =";
            found.open_disputes =
                count(tx, &format!("{DISPUTES} AND buyer_id = $1"), own.clone()).await?;
            found.pending_offers =
                count(tx, &format!("{OFFERS} {of_buyer} v.offer_id)"), own.clone()).await?;
            found.pending_participations =
                count(tx, &format!("{ASKED} {of_buyer} p.offer_id)"), own).await?;
        }
        Side::Publisher => {
            let by_publisher = "AND publisher_id = $1";
            found.open_disputes =
                count(tx, &format!("{DISPUTES} {by_publisher}"), own.clone()).await?;
            found.pending_sources =
                count(tx, &format!("{SOURCES} {by_publisher}"), own.clone()).await?;
            found.pending_participations =
                count(tx, &format!("{ASKED} {by_publisher}"), own).await?;
        }
        Side::Operator => {
            found.open_disputes = count(tx, DISPUTES, vec![]).await?;
            found.pending_organizations = count(tx, ORGANIZATIONS, vec![]).await?;
            found.pending_offers = count(tx, OFFERS, vec![]).await?;
            found.pending_sources = count(tx, SOURCES, vec![]).await?;
            found.pending_participations = count(tx, ASKED, vec![]).await?;
            found.held_leads = count(tx, HELD, vec![]).await?;
        }
    }
    Ok(found)
}

async fn count(tx: &impl Reader, text: &str, values: Vec<Value>) -> Result<i64> {
    let row = sql::one(tx, text, values).await?;
    Ok(row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0))
}

/// A lead of the past with nothing that names a person.
#[derive(Debug, sea_orm::FromQueryResult)]
pub(super) struct PastRow {
    pub(super) id: Uuid,
    pub(super) publisher_id: Uuid,
    pub(super) received_at: i64,
    pub(super) score: i32,
    pub(super) features: String,
    /// The bid log, if the lead was sold.
    pub(super) trace: Option<String>,
    /// To how many buyers its source lets a lead go.
    pub(super) max_sales: i32,
}

/// How many leads of all niches are looked through for those of one.
const LOOKED_THROUGH: i64 = 50_000;

/// The newest leads of a niche since an instant that went to the market, newest first.
pub(super) async fn past_leads(
    tx: &impl Reader,
    niche: NicheId,
    since: Timestamp,
) -> Result<Vec<PastRow>> {
    let text = format!(
        "SELECT l.id, l.publisher_id, l.received_at, l.score, l.features, \
         CASE WHEN l.state = 'SOLD' THEN l.trace END AS trace, s.max_sales \
         FROM (SELECT * FROM leads WHERE id >= $1 ORDER BY id DESC LIMIT {LOOKED_THROUGH}) l \
         JOIN sources s ON s.id = l.source_id \
         WHERE l.niche_id = $2 AND l.state IN ('SOLD', 'UNSOLD') \
         ORDER BY l.id DESC LIMIT {MOST_LEADS}"
    );
    sql::find(tx, &text, vec![first_at(since).into(), niche.uuid().into()]).await
}
