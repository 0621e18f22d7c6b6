//! Rows of leads, contacts and events.

use leadbourse_core::ids::{LeadId, NicheId, NicheVersionId, OrganizationId, SourceId};
use leadbourse_core::lead::chain::LeadEvent;
use leadbourse_core::lead::verdict::Verdict;
use leadbourse_core::lead::{Channel, LeadState};
use leadbourse_core::score::ScoreReason;
use leadbourse_core::time::Timestamp;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::contact::{SealedContact, StoredContact};
use crate::platform::db::bulk::{OnConflict, Rows, Sets, TableDef, Ty};
use crate::platform::error::{Context, Error, Result};
use crate::platform::vault::Sealed;

pub(super) static LEADS: TableDef = TableDef {
    name: "leads",
    cols: &[
        ("id", Ty::Uuid),
        ("niche_id", Ty::Uuid),
        ("niche_version_id", Ty::Uuid),
        ("publisher_id", Ty::Uuid),
        ("source_id", Ty::Uuid),
        ("channel", Ty::Text),
        ("state", Ty::Text),
        ("reason_code", Ty::OptText),
        ("score", Ty::I32),
        ("grade", Ty::Text),
        ("intent", Ty::I32),
        ("temperature", Ty::Text),
        ("features", Ty::Text),
        ("reasons", Ty::Text),
        ("verdict", Ty::Text),
        ("trace", Ty::Text),
        ("copies", Ty::I32),
        ("supersedes", Ty::OptUuid),
        ("external_ref_hash", Ty::OptBytes),
        ("received_at", Ty::I64),
        ("decided_at", Ty::I64),
    ],
};

static CONTACTS: TableDef = TableDef {
    name: "lead_contacts",
    cols: &[
        ("lead_id", Ty::Uuid),
        ("key_id", Ty::I32),
        ("wrapped_key", Ty::Bytes),
        ("ciphertext", Ty::Bytes),
        ("keep_until", Ty::I64),
    ],
};

static EVENTS: TableDef = TableDef {
    name: "lead_events",
    cols: &[
        ("lead_id", Ty::Uuid),
        ("seq", Ty::I32),
        ("code", Ty::Text),
        ("actor", Ty::Text),
        ("at", Ty::I64),
        ("evidence_hash", Ty::Bytes),
        ("prev_hash", Ty::Bytes),
        ("hash", Ty::Bytes),
    ],
};

static EVIDENCE: TableDef = TableDef {
    name: "lead_evidence",
    cols: &[("lead_id", Ty::Uuid), ("seq", Ty::I32), ("ciphertext", Ty::Bytes)],
};

/// A decided lead that is about to be stored. The JSON texts hold no contact data.
#[derive(Clone, Debug)]
pub struct NewLead {
    /// Its id.
    pub id: LeadId,
    /// The niche.
    pub niche: NicheId,
    /// The version whose schema checked it.
    pub version: NicheVersionId,
    /// Who sent it.
    pub publisher: OrganizationId,
    /// Where it arose.
    pub source: SourceId,
    /// How it came in.
    pub channel: Channel,
    /// 0-100.
    pub score: i32,
    /// A-F.
    pub grade: &'static str,
    /// 0-100.
    pub intent: i32,
    /// `HOT` …
    pub temperature: &'static str,
    /// What training may read.
    pub features: String,
    /// The score's reasons.
    pub score_reasons: String,
    /// Keyed hash of the sender's own id.
    pub external_ref_hash: Option<[u8; 32]>,
    /// When it came in.
    pub received_at: Timestamp,
}

/// The part of a lead that a verdict decides, once or, after quarantine, again.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The new state.
    pub state: LeadState,
    /// The first reason's code.
    pub reason_code: Option<String>,
    /// What the publisher is told, as JSON.
    pub verdict: String,
    /// The operator's trace, as JSON.
    pub trace: String,
    /// How many copies were sold.
    pub copies: i32,
    /// The lead that this one corrects.
    pub supersedes: Option<LeadId>,
    /// When.
    pub decided_at: Timestamp,
}

/// Everything that a batch stores of its leads.
#[derive(Debug)]
pub struct LeadBatch {
    leads: Rows,
    contacts: Rows,
    events: Rows,
    evidence: Rows,
}

/// Sealed evidence of one event.
#[derive(Clone, Debug)]
pub struct EvidenceRow {
    /// The event's number.
    pub seq: i32,
    /// Sealed under the lead's data key.
    pub ciphertext: Vec<u8>,
}

impl Default for LeadBatch {
    fn default() -> Self {
        Self {
            leads: Rows::new(&LEADS),
            contacts: Rows::new(&CONTACTS),
            events: Rows::new(&EVENTS),
            // A lead that is decided again and again moves its first verdict once. The event of the
            // same number keeps everything else apart.
            evidence: Rows::new(&EVIDENCE).on_conflict(OnConflict::DoNothing),
        }
    }
}

impl LeadBatch {
    /// Adds a lead with its contact, which may be erased after `keep_until`.
    pub fn lead(
        &mut self,
        lead: NewLead,
        decision: Decision,
        contact: SealedContact,
        keep_until: Timestamp,
    ) {
        let id = lead.id.uuid();
        self.leads.push([
            id.into(),
            lead.niche.uuid().into(),
            lead.version.uuid().into(),
            lead.publisher.uuid().into(),
            lead.source.uuid().into(),
            lead.channel.as_str().into(),
            decision.state.as_str().into(),
            decision.reason_code.into(),
            lead.score.into(),
            lead.grade.into(),
            lead.intent.into(),
            lead.temperature.into(),
            lead.features.into(),
            lead.score_reasons.into(),
            decision.verdict.into(),
            decision.trace.into(),
            decision.copies.into(),
            decision.supersedes.map(LeadId::uuid).into(),
            lead.external_ref_hash.map(|hash| hash.to_vec()).into(),
            lead.received_at.micros().into(),
            decision.decided_at.micros().into(),
        ]);
        self.contacts.push([
            id.into(),
            contact.sealed.key_id.into(),
            contact.sealed.wrapped_key.into(),
            contact.sealed.ciphertext.into(),
            keep_until.micros().into(),
        ]);
    }

    /// Adds contact data of which no lead was made yet; it may be erased after `keep_until`.
    pub fn contact(&mut self, id: LeadId, contact: SealedContact, keep_until: Timestamp) {
        self.contacts.push([
            id.uuid().into(),
            contact.sealed.key_id.into(),
            contact.sealed.wrapped_key.into(),
            contact.sealed.ciphertext.into(),
            keep_until.micros().into(),
        ]);
    }

    /// Adds an event.
    pub fn event(&mut self, event: &LeadEvent) {
        self.events.push([
            event.lead.uuid().into(),
            event.seq.into(),
            event.code.clone().into(),
            event.actor.clone().into(),
            event.at.micros().into(),
            event.evidence_hash.to_vec().into(),
            event.prev_hash.to_vec().into(),
            event.hash.to_vec().into(),
        ]);
    }

    /// Adds sealed evidence of an event.
    pub fn evidence(&mut self, lead: LeadId, row: EvidenceRow) {
        self.evidence.push([lead.uuid().into(), row.seq.into(), row.ciphertext.into()]);
    }

    /// The rows, always of the same tables in the same order.
    pub fn into_rows(self) -> Vec<Rows> {
        vec![self.leads, self.contacts, self.events, self.evidence]
    }
}

/// The columns that a second decision replaces. Make one per plan and push with `push_decision`.
pub fn decision_sets(decisions: impl Iterator<Item = (LeadId, Decision)>) -> Sets {
    let mut sets =
        Sets::new(&LEADS, &["state", "reason_code", "verdict", "trace", "copies", "decided_at"]);
    for (lead, decision) in decisions {
        sets.push(
            lead.uuid(),
            [
                decision.state.as_str().into(),
                decision.reason_code.into(),
                decision.verdict.into(),
                decision.trace.into(),
                decision.copies.into(),
                decision.decided_at.micros().into(),
            ],
        );
    }
    sets
}

/// Until when contact data of leads that were decided again is kept.
pub fn retention_sets(until: impl Iterator<Item = (LeadId, Timestamp)>) -> Sets {
    let mut sets = Sets::new(&CONTACTS, &["keep_until"]);
    for (lead, until) in until {
        sets.push(lead.uuid(), [until.micros().into()]);
    }
    sets
}

#[derive(FromQueryResult)]
pub(super) struct LeadRow {
    id: Uuid,
    niche_id: Uuid,
    niche_version_id: Uuid,
    publisher_id: Uuid,
    source_id: Uuid,
    channel: String,
    state: String,
    reason_code: Option<String>,
    score: i32,
    grade: String,
    intent: i32,
    temperature: String,
    reasons: String,
    verdict: String,
    trace: String,
    copies: i32,
    supersedes: Option<Uuid>,
    received_at: i64,
    decided_at: i64,
    erased_at: Option<i64>,
}

/// A stored lead without its contact data.
#[derive(Clone, Debug)]
pub struct LeadRecord {
    /// Its id.
    pub id: LeadId,
    /// The niche.
    pub niche: NicheId,
    /// The version whose schema checked it.
    pub version: NicheVersionId,
    /// Who sent it.
    pub publisher: OrganizationId,
    /// Where it arose.
    pub source: SourceId,
    /// How it came in.
    pub channel: Channel,
    /// Where it stands.
    pub state: LeadState,
    /// The first reason of its verdict.
    pub reason_code: Option<String>,
    /// 0-100.
    pub score: i32,
    /// A-F.
    pub grade: String,
    /// 0-100.
    pub intent: i32,
    /// `HOT` …
    pub temperature: String,
    /// The score's reasons.
    pub score_reasons: Vec<ScoreReason>,
    /// What the publisher was told.
    pub verdict: Verdict,
    /// The stored text of the verdict, as hashed.
    pub verdict_text: String,
    /// The operator's trace, JSON, as hashed.
    pub trace_text: String,
    /// How many copies were sold.
    pub copies: i32,
    /// The lead that this one corrects.
    pub supersedes: Option<LeadId>,
    /// When it came in.
    pub received_at: Timestamp,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// When its contact data was erased.
    pub erased_at: Option<Timestamp>,
}

impl TryFrom<LeadRow> for LeadRecord {
    type Error = Error;
    fn try_from(row: LeadRow) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            niche: row.niche_id.into(),
            version: row.niche_version_id.into(),
            publisher: row.publisher_id.into(),
            source: row.source_id.into(),
            channel: row.channel.parse().context("reading a lead's channel")?,
            state: row.state.parse().context("reading a lead's state")?,
            reason_code: row.reason_code,
            score: row.score,
            grade: row.grade,
            intent: row.intent,
            temperature: row.temperature,
            score_reasons: serde_json::from_str(&row.reasons).context("reading score reasons")?,
            verdict: serde_json::from_str(&row.verdict).context("reading a verdict")?,
            verdict_text: row.verdict,
            trace_text: row.trace,
            copies: row.copies,
            supersedes: row.supersedes.map(Into::into),
            received_at: Timestamp::from_micros(row.received_at),
            decided_at: Timestamp::from_micros(row.decided_at),
            erased_at: row.erased_at.map(Timestamp::from_micros),
        })
    }
}

#[derive(FromQueryResult)]
pub(super) struct ContactRow {
    lead_id: Uuid,
    key_id: i32,
    wrapped_key: Option<Vec<u8>>,
    ciphertext: Option<Vec<u8>>,
}

impl From<ContactRow> for StoredContact {
    fn from(row: ContactRow) -> Self {
        let sealed = row.wrapped_key.zip(row.ciphertext).map(|(wrapped_key, ciphertext)| Sealed {
            key_id: row.key_id,
            wrapped_key,
            ciphertext,
        });
        Self { lead: row.lead_id, sealed }
    }
}

#[derive(FromQueryResult)]
pub(super) struct EventRow {
    lead_id: Uuid,
    seq: i32,
    code: String,
    actor: String,
    at: i64,
    evidence_hash: Vec<u8>,
    prev_hash: Vec<u8>,
    hash: Vec<u8>,
}

impl TryFrom<EventRow> for LeadEvent {
    type Error = Error;
    fn try_from(row: EventRow) -> Result<Self> {
        let hash = |bytes: Vec<u8>| -> Result<[u8; 32]> {
            bytes.try_into().map_err(|_| Error::broken("a stored hash has not 32 bytes"))
        };
        Ok(Self {
            lead: row.lead_id.into(),
            seq: row.seq,
            code: row.code,
            actor: row.actor,
            at: Timestamp::from_micros(row.at),
            evidence_hash: hash(row.evidence_hash)?,
            prev_hash: hash(row.prev_hash)?,
            hash: hash(row.hash)?,
        })
    }
}

#[derive(FromQueryResult)]
pub(super) struct EvidenceStored {
    pub(super) lead_id: Uuid,
    pub(super) seq: i32,
    pub(super) ciphertext: Option<Vec<u8>>,
}
