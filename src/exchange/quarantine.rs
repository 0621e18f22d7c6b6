//! A moderator's decision about a quarantined lead: refused for good, or let into the market.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::error::{IN_FLIGHT, NOT_FOUND};
use leadbourse_core::exchange::allocate::Settled;
use leadbourse_core::ids::LeadId;
use leadbourse_core::lead::LeadState;
use leadbourse_core::lead::chain::LeadEvent;
use leadbourse_core::lead::fingerprint::Person;
use leadbourse_core::lead::normalise::normalise;
use leadbourse_core::lead::risk::judge;
use leadbourse_core::lead::verdict::{RISK_REFUSED, Reason, Verdict};
use serde_json::json;
use std::collections::HashMap;
use uuid::Uuid;

use super::Exchange;
use super::prepare::{Body, Prepared, StoredBody, Wish, item_for};
use super::service::Inner;
use crate::leads;
use crate::platform::audit;
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::{Context, Error, Result};
use crate::platform::idempotency::{self, Begin, Stored, read_many};
use crate::platform::once;

impl StoredBody {
    /// The verdict of a moderator who refused the lead.
    pub(super) fn refused(&self) -> Option<Settled> {
        (!self.release).then(|| Settled {
            state: LeadState::Rejected,
            reasons: vec![Reason::new(RISK_REFUSED)],
        })
    }
}

impl Prepared {
    /// The verdict that stands whatever the market does.
    pub(super) fn settled_by_content(&self) -> Option<Settled> {
        let source = leadbourse_core::lead::verdict::SOURCE_NOT_ACTIVE.name;
        self.item
            .settled
            .clone()
            .filter(|settled| settled.reasons.first().is_none_or(|reason| reason.code != source))
    }
}

impl Exchange {
    /// Decides a quarantined lead: refuses it, or sells it if the market wants it now. The key
    /// goes with the batch that decides the lead.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NOT_QUARANTINED`, `ERASED`, `IDEMPOTENCY_MISMATCH`, and `IN_FLIGHT` for a key
    /// whose lead is still being decided.
    pub async fn decide_quarantine(
        &self,
        actor: &Actor,
        id: LeadId,
        release: bool,
        note: Option<&str>,
        key: Option<&str>,
    ) -> Result<()> {
        actor.require(Action::DecideDisputes)?;
        let request = (id, release, note);
        let key =
            key.map(|key| once::record(actor, key, "decideQuarantine", &request)).transpose()?;
        match self.prepare_stored(actor, request, key).await? {
            Some(prepared) => self.put(prepared).await.map(drop),
            None => Ok(()),
        }
    }

    /// `None` when the key's decision was taken before.
    async fn prepare_stored(
        &self,
        actor: &Actor,
        (id, release, note): (LeadId, bool, Option<&str>),
        idempotency: Option<(Uuid, [u8; 32])>,
    ) -> Result<Option<Prepared>> {
        let inner = self.inner();
        let tx = inner.db.begin_read().await?;
        let record = leads::by_ids(&tx, &[id.uuid()]).await?.remove(&id).ok_or(NOT_FOUND)?;
        if record.state != LeadState::Quarantined {
            let records: Vec<Uuid> = idempotency.iter().map(|(record, _)| *record).collect();
            let kept = read_many(&tx, &records).await?;
            return decided_before(&kept, idempotency).map(|_| None);
        }
        let (contact, last) = stored_parts(&tx, id).await?;
        drop(tx);
        // A lead of a source that this book does not know yet: the worker would find out late.
        if inner.book.load().desk(record.source, None).is_err() {
            inner.book.catch_up().await?;
        }
        let note = note.map(str::to_owned);
        let actor = Some(*actor);
        let body = StoredBody { record, contact, last, actor, release, note, accepted: None };
        let mut prepared = stored(inner, body)?;
        prepared.item.may_wait = false;
        Ok(Some(Prepared { idempotency, ..prepared }))
    }
}

/// Prepares a stored lead anew, by the market as it is in the book now.
///
/// # Errors
/// `ERASED`, and `UNKNOWN_SOURCE` when the book does not have its source.
pub(super) fn stored(inner: &Inner, body: StoredBody) -> Result<Prepared> {
    let opened = leads::open_contact(&inner.vault, &body.contact)?;
    let record = &body.record;
    let current = inner.book.load();
    let (book, source) = current.desk(record.source, None)?;
    let shop = inner.workshop();
    let normalised = normalise(&book.schema, &book.policy.default_region, &opened.fields);
    let risk = judge(&book.schema, &normalised, &opened.envelope);
    let person = Person::new(&book.policy.dedupe, shop.keys, &normalised.canonical);
    let wish = Wish {
        source: record.source,
        channel: record.channel,
        posting_key: None,
        fields: normalised.fields,
        score: record.score,
        person,
        max_sales: opened.max_sales,
        min_earning: opened.min_earning,
        holds: false,
        found: None,
    };
    let item = item_for(record.id, book, source, &wish, body.refused(), shop.take_rate);
    Ok(Prepared {
        live: item.shortlist.has_live(),
        item,
        body: Body::Stored(Box::new(body)),
        wish,
        idempotency: None,
        risk,
        retention_s: book.policy.contact_retention_s,
        epoch: book.epoch,
        refused: None,
    })
}

/// The answer to a decision about a lead that waits for none: what its key decided before, or that
/// somebody else did.
pub(super) fn decided_before(
    kept: &HashMap<Uuid, Stored>,
    key: Option<(Uuid, [u8; 32])>,
) -> Result<Verdict> {
    let stored = key.and_then(|(record, hash)| Some((kept.get(&record)?, hash)));
    let Some((stored, hash)) = stored else { return Err(leads::NOT_QUARANTINED.into()) };
    match idempotency::replay(stored, &hash)? {
        Begin::Replay(answer) => serde_json::from_value(answer).context("reading a stored verdict"),
        Begin::Fresh => Err(IN_FLIGHT.into()),
    }
}

/// Writes down who decided which leads of a batch, in its transaction. Last, because a line locks
/// its organization's head; the heads of a batch are locked in one order.
pub(super) async fn record_decisions(tx: &WriteTx, decided: &[&Prepared]) -> Result<()> {
    let mut stored: Vec<(&Actor, &StoredBody)> = decided
        .iter()
        .filter_map(|prepared| match &prepared.body {
            Body::Stored(body) => Some((body.actor.as_ref()?, body.as_ref())),
            Body::New(_) | Body::Ping(_) => None,
        })
        .collect();
    stored.sort_by_key(|(actor, body)| (actor.org, body.record.id));
    for (actor, body) in stored {
        let detail = json!({"release": body.release, "note": body.note});
        let subject = body.record.id.to_string();
        audit::record(tx, actor, "lead.decide_quarantine", &subject, detail).await?;
    }
    Ok(())
}

/// Contact data and the last event of a stored lead.
pub(super) type StoredParts = (leads::StoredContact, LeadEvent);

/// What is stored of leads beside their records.
pub(super) async fn all_stored_parts(
    tx: &impl Reader,
    ids: &[LeadId],
) -> Result<HashMap<LeadId, StoredParts>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let contacts = leads::contacts(tx, &ids).await?;
    let mut events = leads::last_events(tx, &ids).await?;
    let both = contacts.into_iter().filter_map(|(id, contact)| {
        let last = events.remove(&id)?;
        Some((LeadId(id), (contact, last)))
    });
    Ok(both.collect())
}

/// The same of one lead.
pub(super) async fn stored_parts(tx: &impl Reader, id: LeadId) -> Result<StoredParts> {
    let found = all_stored_parts(tx, &[id]).await?.remove(&id);
    found.ok_or_else(|| Error::broken("a lead without contact data or events"))
}
