//! Statements of clicks.

use leadbourse_core::click::BotReason;
use leadbourse_core::ids::{
    ClickId, LeadId, NicheId, OfferId, OfferVersionId, OrganizationId, SourceId,
};
use leadbourse_core::time::Timestamp;
use sea_orm::{FromQueryResult, Value};
use std::collections::HashMap;
use uuid::Uuid;

use super::model::{Click, Pin};
use crate::conversions::Seen;
use crate::platform::db::bulk::{Rows, TableDef, Ty};
use crate::platform::db::sql::Filter;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Context, Error, Result};
use crate::platform::paging::{Page, Paged};

static CLICKS: TableDef = TableDef {
    name: "clicks",
    cols: &[
        ("id", Ty::Uuid),
        ("source_id", Ty::Uuid),
        ("publisher_id", Ty::Uuid),
        ("niche_id", Ty::Uuid),
        ("offer_id", Ty::OptUuid),
        ("offer_version_id", Ty::OptUuid),
        ("buyer_id", Ty::OptUuid),
        ("own_price", Ty::OptI64),
        ("bot", Ty::OptText),
        ("evidence_hash", Ty::Bytes),
        ("created_at", Ty::I64),
    ],
};

static CLICK_LEADS: TableDef = TableDef {
    name: "click_leads",
    cols: &[
        ("lead_id", Ty::Uuid),
        ("click_id", Ty::Uuid),
        ("publisher_id", Ty::Uuid),
        ("created_at", Ty::I64),
    ],
};

const COLUMNS: &str = "id, source_id, publisher_id, niche_id, offer_id, offer_version_id, \
     buyer_id, own_price, bot, evidence_hash, created_at";

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    source_id: Uuid,
    publisher_id: Uuid,
    niche_id: Uuid,
    offer_id: Option<Uuid>,
    offer_version_id: Option<Uuid>,
    buyer_id: Option<Uuid>,
    own_price: Option<i64>,
    bot: Option<String>,
    evidence_hash: Vec<u8>,
    created_at: i64,
}

impl Row {
    fn read(self) -> Result<Click> {
        let pin = match (self.offer_id, self.offer_version_id, self.buyer_id) {
            (Some(offer), Some(version), Some(buyer)) => Some(Pin {
                offer_id: OfferId(offer),
                offer_version_id: OfferVersionId(version),
                buyer_id: OrganizationId(buyer),
                own_price: self.own_price,
            }),
            _ => None,
        };
        let bot: Option<BotReason> =
            self.bot.map(|text| text.parse()).transpose().context("reading a click's reason")?;
        let evidence_hash = self.evidence_hash.try_into();
        Ok(Click {
            id: ClickId(self.id),
            source_id: SourceId(self.source_id),
            publisher_id: OrganizationId(self.publisher_id),
            niche_id: NicheId(self.niche_id),
            pin,
            bot,
            evidence_hash: evidence_hash
                .map_err(|_| Error::broken("a stored hash has not 32 bytes"))?,
            created_at: Timestamp::from_micros(self.created_at),
        })
    }
}

/// A lead that names a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The lead.
    pub lead: LeadId,
    /// The click that it names.
    pub click: ClickId,
    /// Who sent the lead. The click counts only if it is the same publisher's.
    pub publisher: OrganizationId,
}

/// The rows of leads that name clicks, for intake's one write.
pub fn join_rows(joined: &[Joined], now: Timestamp) -> Rows {
    let mut rows = Rows::new(&CLICK_LEADS);
    for one in joined {
        rows.push([
            one.lead.uuid().into(),
            one.click.uuid().into(),
            one.publisher.uuid().into(),
            now.micros().into(),
        ]);
    }
    rows
}

pub(super) fn rows(clicks: &[Click]) -> Rows {
    let mut rows = Rows::new(&CLICKS);
    for click in clicks {
        let pin = click.pin;
        rows.push([
            click.id.uuid().into(),
            click.source_id.uuid().into(),
            click.publisher_id.uuid().into(),
            click.niche_id.uuid().into(),
            pin.map(|pin| pin.offer_id.uuid()).into(),
            pin.map(|pin| pin.offer_version_id.uuid()).into(),
            pin.map(|pin| pin.buyer_id.uuid()).into(),
            pin.and_then(|pin| pin.own_price).into(),
            click.bot.map(|bot| bot.as_str().to_owned()).into(),
            click.evidence_hash.to_vec().into(),
            click.created_at.micros().into(),
        ]);
    }
    rows
}

async fn some(tx: &impl Reader, tail: &str, values: Vec<Value>) -> Result<Vec<Click>> {
    let text = format!("SELECT {COLUMNS} FROM clicks {tail}");
    sql::find::<Row>(tx, &text, values).await?.into_iter().map(Row::read).collect()
}

/// One click.
pub async fn find(tx: &impl Reader, id: ClickId) -> Result<Option<Click>> {
    Ok(some(tx, "WHERE id = $1", vec![id.uuid().into()]).await?.pop())
}

/// One click, locked: of two first reports on it the second waits and finds what the first did.
pub async fn lock(tx: &WriteTx, id: ClickId) -> Result<Option<Click>> {
    let tail = format!("WHERE id = $1{}", sql::for_update(tx));
    Ok(some(tx, &tail, vec![id.uuid().into()]).await?.pop())
}

/// The leads of a click's publisher that name it, oldest first.
pub async fn leads_of(tx: &impl Reader, click: &Click) -> Result<Vec<LeadId>> {
    let text = "SELECT lead_id FROM click_leads WHERE click_id = $1 AND publisher_id = $2 \
         ORDER BY created_at, lead_id";
    let values: [Value; 2] = [click.id.uuid().into(), click.publisher_id.uuid().into()];
    let rows = sql::all(tx, text, values).await?;
    rows.iter().map(|row| Ok(LeadId(row.try_get("", "lead_id")?))).collect()
}

/// The leads that name these clicks, of the clicks' own publishers.
pub(super) async fn leads_of_all(
    tx: &impl Reader,
    clicks: &[ClickId],
) -> Result<HashMap<ClickId, Vec<LeadId>>> {
    let mut found: HashMap<ClickId, Vec<LeadId>> = HashMap::new();
    for chunk in clicks.chunks(500) {
        let keys: Vec<Uuid> = chunk.iter().map(|id| id.uuid()).collect();
        let (marks, values) = sql::ids(1, &keys);
        let text = format!(
            "SELECT j.click_id, j.lead_id FROM click_leads j JOIN clicks c ON c.id = j.click_id \
             AND c.publisher_id = j.publisher_id WHERE j.click_id IN ({marks}) ORDER BY j.lead_id"
        );
        for row in sql::all(tx, &text, values).await? {
            let click = ClickId(row.try_get("", "click_id")?);
            found.entry(click).or_default().push(LeadId(row.try_get("", "lead_id")?));
        }
    }
    Ok(found)
}

/// Clicks that are seen, newest first.
pub(super) async fn page(
    tx: &impl Reader,
    seen: Seen,
    source: Option<SourceId>,
    page: &Page,
) -> Result<Paged<Click>> {
    let mut wanted = seen.filter();
    wanted.and_some("source_id =", source.map(|id| id.uuid()));
    let (rest, values) = wanted.page(page);
    let tail = format!("WHERE {rest}");
    Ok(Paged::cut(some(tx, &tail, values).await?, page))
}

/// The newest clicks of a period, at most so many; of a publisher, or of everybody.
pub(super) async fn newest(
    tx: &impl Reader,
    publisher: Option<OrganizationId>,
    source: Option<SourceId>,
    (from, to): (Timestamp, Timestamp),
    most: usize,
) -> Result<Vec<Click>> {
    let mut wanted = Filter::default();
    wanted.and("created_at >=", from.micros());
    wanted.and("created_at <", to.micros());
    wanted.and_some("publisher_id =", publisher.map(|id| id.uuid()));
    wanted.and_some("source_id =", source.map(|id| id.uuid()));
    let tail = format!("WHERE {} ORDER BY id DESC LIMIT {most}", wanted.text);
    some(tx, &tail, wanted.values).await
}
