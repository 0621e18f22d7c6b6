//! The read that makes the offer book: one snapshot over the tables of niches, offers,
//! participations, sources and organizations. Intake owns it as one query model, because a book
//! must not be put together from several moments.

use leadbourse_core::ids::{
    LeadId, NicheId, NicheVersionId, OfferId, OfferVersionId, OrganizationId,
};
use leadbourse_core::offer::terms::Terms;
use leadbourse_core::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

use crate::offers::{self, Standing};
use crate::orders::{self, OpenClaim};
use crate::platform::db::bulk::{self, OnConflict, Rows, TableDef, Ty};
use crate::platform::db::{Reader, WriteTx, epoch, sql};
use crate::platform::error::Result;

/// The claims.
pub(super) static CLAIMS: TableDef = TableDef {
    name: "claims",
    cols: &[("id", Ty::Uuid), ("lead_id", Ty::Uuid), ("expires_at", Ty::I64)],
};

/// A niche in its current version.
#[derive(FromQueryResult)]
pub(super) struct NicheRow {
    pub(super) id: Uuid,
    pub(super) currency: String,
    pub(super) state: String,
    pub(super) version_id: Uuid,
    pub(super) schema: String,
    pub(super) policy: String,
}

/// An open offer in its effective version.
#[derive(FromQueryResult)]
pub(super) struct OfferRow {
    pub(super) id: Uuid,
    pub(super) buyer_id: Uuid,
    pub(super) niche_id: Uuid,
    pub(super) name: String,
    pub(super) created_at: i64,
    pub(super) connect_to: Option<String>,
    pub(super) version_id: Uuid,
    pub(super) terms: String,
}

/// A participation in an open offer.
#[derive(FromQueryResult)]
pub(super) struct SellerRow {
    pub(super) offer_id: Uuid,
    pub(super) publisher_id: Uuid,
    pub(super) state: String,
    pub(super) price_override: Option<i64>,
}

/// A source with the state of its publisher.
#[derive(FromQueryResult)]
pub(super) struct SourceRow {
    pub(super) id: Uuid,
    pub(super) publisher_id: Uuid,
    pub(super) niche_id: Uuid,
    pub(super) target_offer_id: Option<Uuid>,
    pub(super) fallback: String,
    pub(super) fallback_offer_id: Option<Uuid>,
    pub(super) max_sales: i32,
    pub(super) min_earning: Option<i64>,
    pub(super) state: String,
    pub(super) publisher_state: String,
    pub(super) posting_key_hash: Vec<u8>,
    /// How many postbacks the publisher has.
    pub(super) postbacks: i32,
}

/// Everything of the asked niches, at one moment.
pub(super) struct Snapshot {
    pub(super) epochs: HashMap<Uuid, i64>,
    pub(super) niches: Vec<NicheRow>,
    pub(super) offers: Vec<OfferRow>,
    pub(super) sellers: Vec<SellerRow>,
    pub(super) sources: Vec<SourceRow>,
    pub(super) claims: Vec<ClaimRow>,
}

/// An open claim on an order whose buyer takes leads.
pub(super) struct ClaimRow {
    pub(super) claim: OpenClaim,
    pub(super) buyer: OrganizationId,
    pub(super) name: String,
    /// Those of the version that was ordered.
    pub(super) terms: Arc<Terms>,
}

/// The claims that are served: of all niches, or of one.
async fn claims(tx: &impl Reader, niche: Option<NicheId>) -> Result<Vec<ClaimRow>> {
    let open = orders::open_claims(tx, niche).await?;
    let named: Vec<OfferId> = open.iter().map(|claim| claim.offer).collect();
    let standings = offers::standings(tx, &named).await?;
    let terms = offers::terms_of_all(tx, open.iter().map(|claim| claim.offer_version)).await?;
    let mut found = Vec::with_capacity(open.len());
    for claim in open {
        let Some(ruling) = terms.get(&claim.offer_version).cloned() else { continue };
        let kept = |one: &&Standing| one.keeps_promises(ruling.visibility, claim.publisher);
        if let Some(standing) = standings.get(&claim.offer).filter(kept) {
            let (buyer, name) = (standing.offer.buyer_id, standing.offer.name.clone());
            found.push(ClaimRow { claim, buyer, name, terms: ruling });
        }
    }
    Ok(found)
}

async fn all<T: FromQueryResult>(tx: &impl Reader, sql: &str) -> Result<Vec<T>> {
    let statement = Statement::from_string(tx.conn().get_database_backend(), sql.to_owned());
    Ok(T::find_by_statement(statement).all(tx.conn()).await?)
}

async fn of_niche<T: FromQueryResult>(tx: &impl Reader, sql: &str, niche: Uuid) -> Result<Vec<T>> {
    let backend = tx.conn().get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [Value::from(niche)]);
    Ok(T::find_by_statement(statement).all(tx.conn()).await?)
}

const NICHES: &str = "SELECT n.id, n.currency, n.state, v.id AS version_id, v.schema, v.policy \
    FROM niches n JOIN niche_versions v ON v.id = n.current_version_id";
const OFFERS: &str = "SELECT o.id, o.buyer_id, o.niche_id, o.name, o.created_at, o.connect_to, v.id AS version_id, v.terms \
    FROM offers o JOIN offer_versions v ON v.id = o.current_version_id \
    JOIN organizations b ON b.id = o.buyer_id \
    WHERE o.state = 'ACTIVE' AND b.state = 'ACTIVE'";
const SELLERS: &str = "SELECT p.offer_id, p.publisher_id, p.state, p.price_override \
    FROM participations p JOIN offers o ON o.id = p.offer_id WHERE o.state = 'ACTIVE'";
const SOURCES: &str = "SELECT s.id, s.publisher_id, s.niche_id, s.target_offer_id, s.fallback, \
    s.fallback_offer_id, s.max_sales, s.min_earning, s.state, p.state AS publisher_state, s.posting_key_hash, p.postbacks \
    FROM sources s JOIN organizations p ON p.id = s.publisher_id";

/// Reads the market: all of it, or the given niches.
pub(super) async fn snapshot(
    tx: &impl Reader,
    only: Option<&HashSet<NicheId>>,
) -> Result<Snapshot> {
    let epochs = epoch::read_all(tx).await?;
    let Some(only) = only else {
        return Ok(Snapshot {
            epochs,
            niches: all(tx, NICHES).await?,
            offers: all(tx, OFFERS).await?,
            sellers: all(tx, SELLERS).await?,
            sources: all(tx, SOURCES).await?,
            claims: claims(tx, None).await?,
        });
    };
    let mut found = Snapshot {
        epochs,
        niches: Vec::new(),
        offers: Vec::new(),
        sellers: Vec::new(),
        sources: Vec::new(),
        claims: Vec::new(),
    };
    for niche in only {
        let id = niche.uuid();
        found.niches.extend(of_niche(tx, &format!("{NICHES} WHERE n.id = $1"), id).await?);
        found.offers.extend(of_niche(tx, &format!("{OFFERS} AND o.niche_id = $1"), id).await?);
        found.sellers.extend(of_niche(tx, &format!("{SELLERS} AND o.niche_id = $1"), id).await?);
        found.sources.extend(of_niche(tx, &format!("{SOURCES} WHERE s.niche_id = $1"), id).await?);
        found.claims.extend(claims(tx, Some(*niche)).await?);
    }
    Ok(found)
}

/// Which of these claims stand at `now`. For claims under older fingerprint keys, which are never
/// taken any more and therefore need no lock.
pub(super) async fn standing(
    tx: &WriteTx,
    ids: &[Uuid],
    now: Timestamp,
) -> Result<HashMap<Uuid, Uuid>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        lead_id: Uuid,
    }
    let mut found = HashMap::new();
    for chunk in ids.chunks(500) {
        let width = chunk.len().next_power_of_two();
        let marks: Vec<String> = (2..=width + 1).map(|n| format!("${n}")).collect();
        let sql = format!(
            "SELECT id, lead_id FROM claims WHERE expires_at > $1 AND id IN ({})",
            marks.join(",")
        );
        let padding = std::iter::repeat_n(Uuid::nil(), width - chunk.len());
        let mut values: Vec<Value> = vec![now.micros().into()];
        values.extend(chunk.iter().copied().chain(padding).map(Value::from));
        let statement =
            Statement::from_sql_and_values(tx.conn().get_database_backend(), sql, values);
        let rows = Row::find_by_statement(statement).all(tx.conn()).await?;
        found.extend(rows.into_iter().map(|row| (row.id, row.lead_id)));
    }
    Ok(found)
}

impl OfferRow {
    pub(super) fn ids(&self) -> (OfferId, OfferVersionId, OrganizationId) {
        (self.id.into(), self.version_id.into(), self.buyer_id.into())
    }
}

impl NicheRow {
    pub(super) fn ids(&self) -> (NicheId, NicheVersionId) {
        (self.id.into(), self.version_id.into())
    }
}

/// Until when leads wait.
static QUEUED: TableDef =
    TableDef { name: "queued_leads", cols: &[("lead_id", Ty::Uuid), ("retry_at", Ty::I64)] };

/// Writes down until when leads wait. A wait that is known already stays one.
pub(super) async fn queue(tx: &WriteTx, waits: &[(Uuid, Timestamp)]) -> Result<()> {
    let mut rows = Rows::new(&QUEUED).on_conflict(OnConflict::DoNothing);
    for (lead, at) in waits {
        rows.push([(*lead).into(), at.micros().into()]);
    }
    bulk::insert_many(tx, rows).await.map(drop)
}

/// Leads whose wait is over, the longest first.
pub(super) async fn due(tx: &impl Reader, now: Timestamp, most: u64) -> Result<Vec<LeadId>> {
    let text = "SELECT lead_id, MIN(retry_at) AS at FROM queued_leads WHERE retry_at <= $1 \
         GROUP BY lead_id ORDER BY at, lead_id LIMIT $2";
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = sql::all(tx, text, [now.micros().into(), most.into()]).await?;
    rows.iter().map(|row| Ok(LeadId(row.try_get("", "lead_id")?))).collect()
}

/// Forgets waits that are over.
pub(super) async fn unqueue(tx: &WriteTx, leads: &[LeadId], now: Timestamp) -> Result<()> {
    if leads.is_empty() {
        return Ok(());
    }
    let keys: Vec<Uuid> = leads.iter().map(|lead| lead.uuid()).collect();
    let (list, ids) = sql::ids(2, &keys);
    let text = format!("DELETE FROM queued_leads WHERE retry_at <= $1 AND lead_id IN ({list})");
    let values = [Value::from(now.micros())].into_iter().chain(ids);
    sql::run(tx, &text, values).await.map(drop)
}
