//! Use cases of leads: reading them masked, revealing them with a reason, proving them.

use leadbourse_core::access::{Action, Actor, OrgKind, Scope};
use leadbourse_core::error::{NOT_FOUND, Problem};
use leadbourse_core::ids::LeadId;
use leadbourse_core::lead::chain::{self, LeadEvent};
use leadbourse_core::lead::mask::masked;
use leadbourse_core::niche::schema::FieldSchema;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

use super::contact::{self, Contact, Salts, SealedContact, StoredContact, open, split_evidence};
use super::error::{ERASED, REASON_TOO_SHORT};
use super::repo::{self, LeadFilter};
use super::rows::{EvidenceRow, LeadBatch, LeadRecord};
use super::verify::{VerifyReport, verify_all};
use crate::platform::audit;
use crate::platform::clock::Clock;
use crate::platform::db::bulk::{WritePlan, write_all};
use crate::platform::db::{Db, Reader, WriteTx};
use crate::platform::error::{Context, Error, Result};
use crate::platform::paging::{Page, Paged};
use crate::platform::vault::{Sealed, Vault};

/// The code of the event that a reveal appends.
const REVEALED: &str = "REVEALED";

/// The leads of the exchange.
#[derive(Clone, Debug)]
pub struct Leads {
    pub(super) db: Db,
    pub(super) clock: Clock,
    vault: Vault,
}

/// One event as people see it.
#[derive(Clone, Debug)]
pub struct EventView {
    /// The event.
    pub event: LeadEvent,
    /// Its evidence, where the reader may see it and it was not erased.
    pub evidence: Option<Value>,
}

/// A lead's chain as people see it.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    /// The events, in order.
    pub events: Vec<EventView>,
    /// Whether every event fits the hash of the one before.
    pub valid: bool,
}

/// Opens a stored contact. For callers that have decided that it may be seen: delivery to the
/// winner, the buyer's inbox, intake itself.
///
/// # Errors
/// `ERASED` once the data key is gone.
pub fn open_contact(vault: &Vault, stored: &StoredContact) -> Result<Contact> {
    let sealed = stored.sealed.as_ref().ok_or(Error::from(ERASED))?;
    Ok(open(vault, sealed)?.contact)
}

/// Opens contact data that was sealed before its lead is made: as it is stored, and its salts.
/// `evidence_hash` is the one that sealing gave.
///
/// # Errors
/// `ERASED` once the data key is gone.
pub fn reopen(
    vault: &Vault,
    stored: &StoredContact,
    evidence_hash: [u8; 32],
) -> Result<(SealedContact, Salts)> {
    let sealed = stored.sealed.as_ref().ok_or(Error::from(ERASED))?;
    let salts = open(vault, sealed)?.salts;
    Ok((SealedContact { sealed: sealed.clone(), evidence_hash }, salts))
}

/// Evidence rows for a later decision: the first verdict moves into sealed evidence, because the
/// lead's own columns are about to show the new one. It stays where it is if it was moved before.
/// Gives the rows and the new event's hash.
///
/// # Errors
/// `ERASED` once the data key is gone.
pub fn reseal_verdicts(
    vault: &Vault,
    stored: &StoredContact,
    before: &LeadRecord,
    next_seq: i32,
    (verdict, trace): (&str, &str),
) -> Result<(Vec<EvidenceRow>, [u8; 32])> {
    let sealed = stored.sealed.as_ref().ok_or(Error::from(ERASED))?;
    let opened = open(vault, sealed)?;
    let old = contact::verdict_evidence(&before.verdict_text, &before.trace_text);
    let new = contact::verdict_evidence(verdict, trace);
    let old = contact::seal_known(vault, sealed, &opened.salts.verdict, &old)?;
    let (ciphertext, hash) = contact::seal_evidence(vault, sealed, &new)?;
    let rows =
        vec![EvidenceRow { seq: 2, ciphertext: old }, EvidenceRow { seq: next_seq, ciphertext }];
    Ok((rows, hash))
}

/// Adds an event to the chain of a lead that the caller has locked. `evidence` holds codes and
/// ids, never contact data; it is sealed with the lead, and of an erased lead only its hash is
/// kept.
///
/// # Errors
/// Database errors, a lead without events.
pub async fn append(
    tx: &WriteTx,
    vault: &Vault,
    id: LeadId,
    (code, actor): (&str, &str),
    evidence: &Value,
) -> Result<i32> {
    let key = id.uuid();
    let stored = repo::contacts(tx, &[key]).await?.remove(&key);
    let sealed = stored.and_then(|stored| stored.sealed);
    let last = repo::last_events(tx, &[key]).await?.remove(&key);
    let last = last.ok_or_else(|| Error::broken("a lead without events"))?;
    let text = evidence.to_string();
    let (ciphertext, hash) = match &sealed {
        Some(sealed) => {
            let (ciphertext, hash) = contact::seal_evidence(vault, sealed, text.as_bytes())?;
            (Some(ciphertext), hash)
        }
        None => (None, chain::evidence_hash(&rand::random::<[u8; 16]>(), text.as_bytes())),
    };
    let event = last.next(code, actor, tx.now(), hash);
    let mut batch = LeadBatch::default();
    batch.event(&event);
    if let Some(ciphertext) = ciphertext {
        batch.evidence(id, EvidenceRow { seq: event.seq, ciphertext });
    }
    write_all(tx, WritePlan { inserts: batch.into_rows(), ..WritePlan::default() }).await?;
    Ok(event.seq)
}

impl Leads {
    /// Over one database.
    pub fn new(db: Db, clock: Clock, vault: Vault) -> Self {
        Self { db, clock, vault }
    }

    /// A lead that the actor may see: its publisher, a buyer that bought it, an operator.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn get(&self, actor: &Actor, id: LeadId) -> Result<LeadRecord> {
        actor.require(Action::ReadLeads)?;
        let tx = self.db.begin_read().await?;
        let lead = repo::by_ids(&tx, &[id.uuid()]).await?.remove(&id).ok_or(NOT_FOUND)?;
        let seen = match (actor.scope(), actor.kind) {
            (Scope::All, _) => true,
            (Scope::Org(org), OrgKind::Publisher) => lead.publisher == org,
            (scope, kind) => repo::bought_by(&tx, id, scope, kind).await?,
        };
        if seen { Ok(lead) } else { Err(NOT_FOUND.into()) }
    }

    /// A page of the publisher's own leads, or of all for operators. Buyers read awards instead.
    ///
    /// # Errors
    /// `NOT_FOUND` for buyers.
    pub async fn list(
        &self,
        actor: &Actor,
        filter: &LeadFilter,
        page: &Page,
    ) -> Result<Paged<LeadRecord>> {
        actor.require(Action::ReadLeads)?;
        if actor.kind == OrgKind::Buyer {
            return Err(NOT_FOUND.into());
        }
        let tx = self.db.begin_read().await?;
        repo::list(&tx, actor.scope(), filter, page).await
    }

    /// The fields as this actor may see them, and whether they are masked. `lead` came from
    /// [`Leads::get`] or [`Leads::list`]; `schema` is that of the lead's niche version.
    ///
    /// # Errors
    /// Database errors; an erased lead has no fields and is no error.
    pub async fn fields(
        &self,
        actor: &Actor,
        lead: &LeadRecord,
        schema: &FieldSchema,
    ) -> Result<(Map<String, Value>, bool)> {
        let tx = self.db.begin_read().await?;
        let stored = repo::contacts(&tx, &[lead.id.uuid()]).await?.remove(&lead.id.uuid());
        let Some(sealed) = stored.and_then(|stored| stored.sealed) else {
            return Ok((Map::new(), true));
        };
        let contact = open(&self.vault, &sealed)?.contact;
        let open_to = actor.may(Action::ReadContacts)
            && repo::open_to(&tx, lead.id, actor.scope(), actor.kind).await?;
        if open_to {
            Ok((contact.fields, false))
        } else {
            Ok((masked(schema, &contact.fields), true))
        }
    }

    /// The chains of leads that the actor may see, however many with the same few statements.
    /// Operators see the evidence of decisions; what was received stays sealed.
    ///
    /// # Errors
    /// Database errors.
    pub async fn chains<'l>(
        &self,
        actor: &Actor,
        leads: impl IntoIterator<Item = &'l LeadRecord>,
    ) -> Result<HashMap<LeadId, Chain>> {
        let leads: Vec<&LeadRecord> = leads.into_iter().collect();
        let ids: Vec<uuid::Uuid> = leads.iter().map(|lead| lead.id.uuid()).collect();
        let tx = self.db.begin_read().await?;
        let mut events = repo::events(&tx, &ids).await?;
        let (contacts, evidence) = if actor.kind == OrgKind::Operator {
            (repo::contacts(&tx, &ids).await?, repo::evidence(&tx, &ids).await?)
        } else {
            (HashMap::new(), HashMap::new())
        };
        drop(tx);
        let mut chains = HashMap::with_capacity(leads.len());
        for lead in leads {
            let id = lead.id.uuid();
            let events = events.remove(&id).unwrap_or_default();
            let valid = chain::verify(&events).is_ok();
            let sealed = contacts.get(&id).and_then(|stored| stored.sealed.as_ref());
            let seen = |event: LeadEvent| {
                let later = evidence.get(&(id, event.seq)).and_then(Option::as_ref);
                let evidence = sealed.and_then(|sealed| self.evidence(lead, &event, sealed, later));
                EventView { event, evidence }
            };
            let events = events.into_iter().map(seen).collect();
            chains.insert(lead.id, Chain { events, valid });
        }
        Ok(chains)
    }

    /// What a decision was based on, while its lead's key is there: sealed beside the event, or
    /// still the lead's own verdict.
    fn evidence(
        &self,
        lead: &LeadRecord,
        event: &LeadEvent,
        sealed: &Sealed,
        later: Option<&Vec<u8>>,
    ) -> Option<Value> {
        match later {
            Some(ciphertext) => {
                let plain = self.vault.open_under(&sealed.wrapped_key, sealed.key_id, ciphertext);
                split_evidence(&plain.ok()?).map(|(_, text)| as_json(text))
            }
            None if event.seq > 1 => serde_json::from_str(&lead.verdict_text).ok(),
            None => None,
        }
    }

    /// Reveals a lead's contact data to an operator. The reason goes into the lead's chain and
    /// into the audit log before anything is shown.
    ///
    /// # Errors
    /// `NOT_FOUND`, `REASON_TOO_SHORT`, `ERASED`.
    pub async fn reveal(&self, actor: &Actor, id: LeadId, reason: &str) -> Result<Contact> {
        actor.require(Action::RevealContacts)?;
        let reason = reason.trim();
        if !(5..=500).contains(&reason.chars().count()) {
            return Err(Problem::new(REASON_TOO_SHORT).field("reason").into());
        }
        let tx = self.db.begin_write(&self.clock).await?;
        repo::lock(&tx, &[id.uuid()]).await?;
        let stored =
            repo::contacts(&tx, &[id.uuid()]).await?.remove(&id.uuid()).ok_or(NOT_FOUND)?;
        let sealed = stored.sealed.as_ref().ok_or(Error::from(ERASED))?;
        let contact = open(&self.vault, sealed)?.contact;
        let last = repo::last_events(&tx, &[id.uuid()]).await?.remove(&id.uuid());
        let last = last.ok_or_else(|| Error::broken("a lead without events"))?;
        let text = json!({"reason": reason}).to_string();
        let (ciphertext, hash) = contact::seal_evidence(&self.vault, sealed, text.as_bytes())?;
        let event = last.next(REVEALED, &audit::actor_text(actor), tx.now(), hash);
        let mut batch = LeadBatch::default();
        batch.event(&event);
        batch.evidence(id, EvidenceRow { seq: event.seq, ciphertext });
        write_all(&tx, WritePlan { inserts: batch.into_rows(), ..WritePlan::default() }).await?;
        audit::record(&tx, actor, "lead.reveal", &id.to_string(), json!({"seq": event.seq}))
            .await?;
        tx.commit().await?;
        Ok(contact)
    }

    /// Opens contacts for callers that have decided that they may be seen; erased ones are left
    /// out.
    ///
    /// # Errors
    /// Database errors.
    pub async fn open_contacts(
        &self,
        tx: &impl Reader,
        ids: &[LeadId],
    ) -> Result<HashMap<LeadId, Contact>> {
        let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.uuid()).collect();
        let stored = repo::contacts(tx, &ids).await?;
        let mut out = HashMap::with_capacity(stored.len());
        for (id, contact) in stored {
            if let Some(sealed) = &contact.sealed {
                out.insert(LeadId(id), open(&self.vault, sealed)?.contact);
            }
        }
        Ok(out)
    }

    /// Recomputes every chain and all evidence.
    ///
    /// # Errors
    /// Database errors; faults are in the report.
    pub async fn verify(&self) -> Result<VerifyReport> {
        verify_all(&self.db, &self.vault).await
    }
}

/// Evidence as JSON: one document, or verdict and trace on two lines.
fn as_json(text: &[u8]) -> Value {
    let text = String::from_utf8_lossy(text);
    if let Ok(value) = serde_json::from_str(&text) {
        return value;
    }
    match text.split_once('\n') {
        Some((verdict, _)) => serde_json::from_str(verdict).context("evidence").unwrap_or_default(),
        None => Value::Null,
    }
}
