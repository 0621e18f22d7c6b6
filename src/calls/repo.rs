//! Statements of calls.

use leadbourse_core::call::{Call, CallEnd, CallFacts, CallState, Ended, Sale, Started};
use leadbourse_core::ids::{
    AwardId, CallId, ConversionId, LeadId, NicheId, OfferId, OfferVersionId, OrganizationId,
    SourceId,
};
use leadbourse_core::money::Currency;
use leadbourse_core::time::Timestamp;
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use super::model::{CallRecord, SoldCall};
use super::reads::CallFilter;
use crate::conversions::Seen;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Context, Error, Result};
use crate::platform::paging::{Page, Paged};

const COLUMNS: &str = "id, source_id, publisher_id, niche_id, state, start_hash, caller_hash, \
     dialled_hash, started_at, connected_at, ended_at, connected_s, lead_id, award_id, offer_id, \
     offer_version_id, buyer_id, connect_to, min_call_s, price, earning, currency, conversion_id, \
     created_at, close_at, decided_at";

#[derive(FromQueryResult)]
struct CallRow {
    id: Uuid,
    source_id: Uuid,
    publisher_id: Uuid,
    niche_id: Uuid,
    state: String,
    start_hash: Option<Vec<u8>>,
    caller_hash: Option<Vec<u8>>,
    dialled_hash: Option<Vec<u8>>,
    started_at: Option<i64>,
    connected_at: Option<i64>,
    ended_at: Option<i64>,
    connected_s: Option<i64>,
    lead_id: Option<Uuid>,
    award_id: Option<Uuid>,
    offer_id: Option<Uuid>,
    offer_version_id: Option<Uuid>,
    buyer_id: Option<Uuid>,
    connect_to: Option<String>,
    min_call_s: Option<i64>,
    price: Option<i64>,
    earning: Option<i64>,
    currency: Option<String>,
    conversion_id: Option<Uuid>,
    created_at: i64,
    close_at: i64,
    decided_at: Option<i64>,
}

fn hash(bytes: Option<Vec<u8>>) -> Result<Option<[u8; 32]>> {
    let whole = |bytes: Vec<u8>| {
        bytes.try_into().map_err(|_| Error::broken("a stored hash has not 32 bytes"))
    };
    bytes.map(whole).transpose()
}

fn at(micros: Option<i64>) -> Option<Timestamp> {
    micros.map(Timestamp::from_micros)
}

impl CallRow {
    fn sold(&self) -> Result<Option<SoldCall>> {
        let Some(award) = self.award_id else { return Ok(None) };
        let broken = || Error::broken("a sold call without its sale");
        let currency = self.currency.as_deref().ok_or_else(broken)?;
        Ok(Some(SoldCall {
            award_id: AwardId(award),
            offer_id: OfferId(self.offer_id.ok_or_else(broken)?),
            offer_version_id: OfferVersionId(self.offer_version_id.ok_or_else(broken)?),
            buyer_id: OrganizationId(self.buyer_id.ok_or_else(broken)?),
            connect_to: self.connect_to.clone(),
            min_call_s: self.min_call_s.ok_or_else(broken)?,
            price: self.price.ok_or_else(broken)?,
            earning: self.earning.ok_or_else(broken)?,
            currency: currency.parse::<Currency>().context("reading a call's currency")?,
            conversion_id: self.conversion_id.map(ConversionId),
        }))
    }

    fn read(self) -> Result<CallRecord> {
        let sold = self.sold()?;
        let state: CallState = self.state.parse().context("reading a call's state")?;
        let end = match state {
            CallState::Qualified => Some(CallEnd::Qualified),
            CallState::TooShort => Some(CallEnd::TooShort),
            CallState::Repeated => Some(CallEnd::Repeated),
            CallState::Closed => Some(CallEnd::Closed),
            CallState::Announced
            | CallState::Unsold
            | CallState::Ringing
            | CallState::Connected => None,
        };
        let sale = match (&sold, self.lead_id) {
            (Some(sold), _) => Sale::Sold { min_call_s: sold.min_call_s },
            (None, Some(_)) => Sale::Unsold,
            (None, None) => Sale::NotAsked,
        };
        let content = hash(self.start_hash)?;
        let started = at(self.started_at).zip(content);
        let ended = at(self.ended_at).zip(self.connected_s);
        let facts = CallFacts {
            started: started.map(|(at, content)| Started { at, content }),
            connected_at: at(self.connected_at),
            ended: ended.map(|(at, connected_s)| Ended { at, connected_s }),
            caller: hash(self.caller_hash)?,
            dialled: hash(self.dialled_hash)?,
        };
        Ok(CallRecord {
            id: CallId(self.id),
            source_id: SourceId(self.source_id),
            publisher_id: OrganizationId(self.publisher_id),
            niche_id: NicheId(self.niche_id),
            machine: Call { facts, sale, end },
            lead_id: self.lead_id.map(LeadId),
            sold,
            created_at: Timestamp::from_micros(self.created_at),
            close_at: Timestamp::from_micros(self.close_at),
            decided_at: at(self.decided_at),
        })
    }
}

async fn some(tx: &impl Reader, tail: &str, values: Vec<Value>) -> Result<Vec<CallRecord>> {
    let text = format!("SELECT {COLUMNS} FROM calls {tail}");
    sql::find::<CallRow>(tx, &text, values).await?.into_iter().map(CallRow::read).collect()
}

/// The call of a source under the hash of its system's id, locked; made now if it is new.
pub(super) async fn lock_or_make(
    tx: &WriteTx,
    ref_hash: &[u8; 32],
    new: &CallRecord,
) -> Result<CallRecord> {
    let text = "INSERT INTO calls (id, source_id, publisher_id, niche_id, ref_hash, state, \
         created_at, close_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (source_id, ref_hash) DO NOTHING";
    let values: [Value; 8] = [
        new.id.uuid().into(),
        new.source_id.uuid().into(),
        new.publisher_id.uuid().into(),
        new.niche_id.uuid().into(),
        ref_hash.to_vec().into(),
        new.machine.state().as_str().into(),
        new.created_at.micros().into(),
        new.close_at.micros().into(),
    ];
    sql::run(tx, text, values).await?;
    let tail = format!("WHERE source_id = $1 AND ref_hash = $2{}", sql::for_update(tx));
    let values = vec![new.source_id.uuid().into(), ref_hash.to_vec().into()];
    some(tx, &tail, values).await?.pop().ok_or_else(|| Error::broken("a call is gone"))
}

/// One call, locked, with the hash of its system's id.
pub(super) async fn lock(tx: &WriteTx, id: CallId) -> Result<Option<(CallRecord, [u8; 32])>> {
    let tail = format!("WHERE id = $1{}", sql::for_update(tx));
    let Some(found) = some(tx, &tail, vec![id.uuid().into()]).await?.pop() else {
        return Ok(None);
    };
    let text = "SELECT ref_hash FROM calls WHERE id = $1";
    let row = sql::one(tx, text, [id.uuid().into()]).await?;
    let bytes: Option<Vec<u8>> = row.map(|row| row.try_get("", "ref_hash")).transpose()?;
    Ok(hash(bytes)?.map(|hash| (found, hash)))
}

/// Writes what may have changed of a locked call.
pub(super) async fn save(tx: &WriteTx, call: &CallRecord) -> Result<()> {
    let text = "UPDATE calls SET state = $1, start_hash = $2, caller_hash = $3, \
         dialled_hash = $4, started_at = $5, connected_at = $6, ended_at = $7, connected_s = $8, \
         lead_id = $9, award_id = $10, offer_id = $11, offer_version_id = $12, buyer_id = $13, \
         connect_to = $14, min_call_s = $15, price = $16, earning = $17, currency = $18, \
         conversion_id = $19, decided_at = $20 WHERE id = $21";
    let facts = &call.machine.facts;
    let bytes = |hash: Option<[u8; 32]>| hash.map(|hash| hash.to_vec());
    let sold = call.sold.as_ref();
    let values: [Value; 21] = [
        call.machine.state().as_str().into(),
        bytes(facts.started.map(|started| started.content)).into(),
        bytes(facts.caller).into(),
        bytes(facts.dialled).into(),
        facts.started.map(|started| started.at.micros()).into(),
        facts.connected_at.map(Timestamp::micros).into(),
        facts.ended.map(|ended| ended.at.micros()).into(),
        facts.ended.map(|ended| ended.connected_s).into(),
        call.lead_id.map(LeadId::uuid).into(),
        sold.map(|sold| sold.award_id.uuid()).into(),
        sold.map(|sold| sold.offer_id.uuid()).into(),
        sold.map(|sold| sold.offer_version_id.uuid()).into(),
        sold.map(|sold| sold.buyer_id.uuid()).into(),
        sold.and_then(|sold| sold.connect_to.clone()).into(),
        sold.map(|sold| sold.min_call_s).into(),
        sold.map(|sold| sold.price).into(),
        sold.map(|sold| sold.earning).into(),
        sold.map(|sold| sold.currency.code().to_owned()).into(),
        sold.and_then(|sold| sold.conversion_id).map(ConversionId::uuid).into(),
        call.decided_at.map(Timestamp::micros).into(),
        call.id.uuid().into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

/// Calls that nobody ended in time, the longest waiting first.
pub(super) async fn due(tx: &impl Reader, now: Timestamp, most: u32) -> Result<Vec<CallId>> {
    let text = format!(
        "SELECT id FROM calls WHERE state IN ('ANNOUNCED', 'RINGING', 'CONNECTED') \
         AND close_at <= $1 ORDER BY close_at LIMIT {most}"
    );
    let rows = sql::all(tx, &text, [now.micros().into()]).await?;
    rows.iter().map(|row| Ok(CallId(row.try_get("", "id")?))).collect()
}

/// Calls that are seen, newest first.
pub(super) async fn page(
    tx: &impl Reader,
    seen: Seen,
    filter: &CallFilter,
    page: &Page,
) -> Result<Paged<CallRecord>> {
    let mut wanted = seen.filter();
    wanted.and_some("state =", filter.state.map(|state| state.as_str()));
    wanted.and_some("offer_id =", filter.offer.map(|id| id.uuid()));
    wanted.and_some("source_id =", filter.source.map(|id| id.uuid()));
    let (rest, values) = wanted.page(page);
    let tail = format!("WHERE {rest}");
    Ok(Paged::cut(some(tx, &tail, values).await?, page))
}

/// One call, if it is seen.
pub(super) async fn find(tx: &impl Reader, seen: Seen, id: CallId) -> Result<Option<CallRecord>> {
    let found = some(tx, "WHERE id = $1", vec![id.uuid().into()]).await?.pop();
    Ok(found.filter(|call| match seen {
        Seen::Buyer(own) => call.sold.as_ref().is_some_and(|sold| sold.buyer_id == own),
        Seen::Publisher(own) => call.publisher_id == own,
        Seen::All => true,
    }))
}
