//! Reads of leads. Every read takes a scope or ids that the caller was allowed to name.

pub(super) mod rehearsed;

use leadbourse_core::access::{OrgKind, Scope};
use leadbourse_core::ids::{LeadId, NicheId, SourceId};
use leadbourse_core::lead::LeadState;
use leadbourse_core::lead::chain::LeadEvent;
use sea_orm::{FromQueryResult, Statement, Value};
use std::collections::HashMap;
use uuid::Uuid;

use super::contact::StoredContact;
use super::rows::{ContactRow, EventRow, EvidenceStored, LeadRecord, LeadRow};
use crate::platform::db::bulk::{Lock, LockMode, TableDef, Ty, lock_rows};
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};

const COLUMNS: &str = "id, niche_id, niche_version_id, publisher_id, source_id, channel, state, \
    reason_code, score, grade, intent, temperature, reasons, verdict, trace, copies, supersedes, \
    received_at, decided_at, erased_at";

/// What a list of leads is narrowed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeadFilter {
    /// Only this state.
    pub state: Option<LeadState>,
    /// Only this niche.
    pub niche: Option<NicheId>,
    /// Only this source.
    pub source: Option<SourceId>,
}

/// Conditions and parameters of a WHERE clause.
#[derive(Default)]
struct Clause {
    sql: String,
    values: Vec<Value>,
}

impl Clause {
    fn and(&mut self, condition: &str, value: impl Into<Value>) {
        self.values.push(value.into());
        let place = format!("${}", self.values.len());
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(&condition.replace('?', &place));
    }
}

async fn all<T: FromQueryResult>(
    tx: &impl Reader,
    sql: String,
    values: Vec<Value>,
) -> Result<Vec<T>> {
    let backend = sea_orm::ConnectionTrait::get_database_backend(tx.conn());
    let statement = Statement::from_sql_and_values(backend, sql, values);
    Ok(T::find_by_statement(statement).all(tx.conn()).await?)
}

/// `$1, $2, …` padded to a power of two, so that few distinct texts exist, and the values.
fn id_list(ids: &[Uuid]) -> (String, Vec<Value>) {
    let width = ids.len().next_power_of_two();
    let marks: Vec<String> = (1..=width).map(|n| format!("${n}")).collect();
    let padding = std::iter::repeat_n(Uuid::nil(), width - ids.len());
    (marks.join(","), ids.iter().copied().chain(padding).map(Value::from).collect())
}

/// A page of leads that the scope may see as their publisher or operator.
pub(super) async fn list(
    tx: &impl Reader,
    scope: Scope,
    filter: &LeadFilter,
    page: &Page,
) -> Result<Paged<LeadRecord>> {
    let mut clause = Clause::default();
    if let Scope::Org(org) = scope {
        clause.and("publisher_id = ?", org.uuid());
    }
    if let Some(state) = filter.state {
        clause.and("state = ?", state.as_str());
    }
    if let Some(niche) = filter.niche {
        clause.and("niche_id = ?", niche.uuid());
    }
    if let Some(source) = filter.source {
        clause.and("source_id = ?", source.uuid());
    }
    if let Some(before) = page.before_key() {
        clause.and("id < ?", before);
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM leads{} ORDER BY id DESC LIMIT {}",
        clause.sql,
        page.limit()
    );
    let rows: Vec<LeadRow> = all(tx, sql, clause.values).await?;
    let records = rows.into_iter().map(LeadRecord::try_from).collect::<Result<Vec<_>>>()?;
    Ok(Paged::cut(records, page))
}

/// Leads by id. The caller has decided that their ids may be named.
pub async fn by_ids(tx: &impl Reader, ids: &[Uuid]) -> Result<HashMap<LeadId, LeadRecord>> {
    let mut out = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let (marks, values) = id_list(chunk);
        let sql = format!("SELECT {COLUMNS} FROM leads WHERE id IN ({marks})");
        for row in all::<LeadRow>(tx, sql, values).await? {
            let record = LeadRecord::try_from(row)?;
            out.insert(record.id, record);
        }
    }
    Ok(out)
}

/// The newest lead of a source under each hash of the sender's own id.
pub async fn by_external_ref(
    tx: &impl Reader,
    source: SourceId,
    hash: &[u8; 32],
) -> Result<Option<LeadRecord>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM leads WHERE source_id = $1 AND external_ref_hash = $2 \
         ORDER BY id DESC LIMIT 1"
    );
    let rows: Vec<LeadRow> = all(tx, sql, vec![source.uuid().into(), hash.to_vec().into()]).await?;
    rows.into_iter().next().map(LeadRecord::try_from).transpose()
}

/// Stored contacts by lead.
pub async fn contacts(tx: &impl Reader, ids: &[Uuid]) -> Result<HashMap<Uuid, StoredContact>> {
    let mut out = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let (marks, values) = id_list(chunk);
        let sql = format!(
            "SELECT lead_id, key_id, wrapped_key, ciphertext FROM lead_contacts \
             WHERE lead_id IN ({marks})"
        );
        for row in all::<ContactRow>(tx, sql, values).await? {
            let contact = StoredContact::from(row);
            out.insert(contact.lead, contact);
        }
    }
    Ok(out)
}

/// Drops contact data of which a lead is about to be made: it is written anew with the lead.
pub async fn drop_contact(tx: &WriteTx, id: LeadId) -> Result<()> {
    let text = "DELETE FROM lead_contacts WHERE lead_id = $1";
    crate::platform::db::sql::run(tx, text, [id.uuid().into()]).await.map(drop)
}

/// The events of leads, each chain in order.
pub(super) async fn events(
    tx: &impl Reader,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<LeadEvent>>> {
    let mut out: HashMap<Uuid, Vec<LeadEvent>> = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let (marks, values) = id_list(chunk);
        let sql = format!(
            "SELECT lead_id, seq, code, actor, at, evidence_hash, prev_hash, hash \
             FROM lead_events WHERE lead_id IN ({marks}) ORDER BY lead_id, seq"
        );
        for row in all::<EventRow>(tx, sql, values).await? {
            let event = LeadEvent::try_from(row)?;
            out.entry(event.lead.uuid()).or_default().push(event);
        }
    }
    Ok(out)
}

/// The last event of each lead's chain. Lock the lead first.
pub async fn last_events(tx: &impl Reader, ids: &[Uuid]) -> Result<HashMap<Uuid, LeadEvent>> {
    let chains = events(tx, ids).await?;
    Ok(chains.into_iter().filter_map(|(id, mut chain)| chain.pop().map(|e| (id, e))).collect())
}

/// Sealed evidence of later events, by lead and number.
pub(super) async fn evidence(
    tx: &impl Reader,
    ids: &[Uuid],
) -> Result<HashMap<(Uuid, i32), Option<Vec<u8>>>> {
    let mut out = HashMap::new();
    for chunk in ids.chunks(500) {
        let (marks, values) = id_list(chunk);
        let sql = format!(
            "SELECT lead_id, seq, ciphertext FROM lead_evidence WHERE lead_id IN ({marks})"
        );
        for row in all::<EvidenceStored>(tx, sql, values).await? {
            out.insert((row.lead_id, row.seq), row.ciphertext);
        }
    }
    Ok(out)
}

/// Locks leads for a change, in the order of their ids.
pub async fn lock(tx: &WriteTx, ids: &[Uuid]) -> Result<()> {
    static LOCKED: TableDef =
        TableDef { name: "leads", cols: &[("id", Ty::Uuid), ("decided_at", Ty::I64)] };
    lock_rows(tx, &Lock::new(&LOCKED, &["decided_at"], ids, LockMode::Update)).await?;
    Ok(())
}

/// Ids of all leads after a key, oldest first: for walks over the whole table.
pub(super) async fn walk(tx: &impl Reader, after: Uuid, most: u64) -> Result<Vec<Uuid>> {
    #[derive(FromQueryResult)]
    struct Id {
        id: Uuid,
    }
    let sql = format!("SELECT id FROM leads WHERE id > $1 ORDER BY id LIMIT {most}");
    let rows: Vec<Id> = all(tx, sql, vec![after.into()]).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Whether a lead was sold to this buyer. Reads the awards, which lie above this slice, because
/// the right to see a lead is a question about the lead.
pub(super) async fn bought_by(
    tx: &impl Reader,
    lead: LeadId,
    scope: Scope,
    kind: OrgKind,
) -> Result<bool> {
    let (Scope::Org(org), OrgKind::Buyer) = (scope, kind) else { return Ok(false) };
    #[derive(FromQueryResult)]
    struct One {
        n: i64,
    }
    let sql = "SELECT COUNT(*) AS n FROM awards WHERE lead_id = $1 AND buyer_id = $2".to_owned();
    let rows: Vec<One> = all(tx, sql, vec![lead.uuid().into(), org.uuid().into()]).await?;
    Ok(rows.first().is_some_and(|row| row.n > 0))
}

/// Whether this buyer may see the lead's contact data: it bought the lead, and not every award of
/// it was taken back unopened.
pub(super) async fn open_to(
    tx: &impl Reader,
    lead: LeadId,
    scope: Scope,
    kind: OrgKind,
) -> Result<bool> {
    let (Scope::Org(org), OrgKind::Buyer) = (scope, kind) else { return Ok(false) };
    #[derive(FromQueryResult)]
    struct One {
        n: i64,
    }
    let sql = "SELECT COUNT(*) AS n FROM awards WHERE lead_id = $1 AND buyer_id = $2 \
        AND returned_at IS NULL";
    let values = vec![lead.uuid().into(), org.uuid().into()];
    let rows: Vec<One> = all(tx, sql.to_owned(), values).await?;
    Ok(rows.first().is_some_and(|row| row.n > 0))
}
