//! What a telephone system tells.

use leadbourse_core::call::{
    BAD_CALL_ID, CALL_TIME, CALLS_NOT_TAKEN, Call, CallEvent, CallEventKind, Said, Step,
};
use leadbourse_core::error::{NOT_FOUND, Problem, REQUIRED};
use leadbourse_core::exchange::NicheBook;
use leadbourse_core::ids::{CallId, LeadId};
use leadbourse_core::lead::submission::Submission;
use leadbourse_core::lead::verdict::{Reason, Verdict};
use leadbourse_core::lead::{Channel, LeadState, phone};
use leadbourse_core::niche::annotations::FieldKind;
use leadbourse_core::time::{DAY, MINUTE, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;

use super::model::CallRecord;
use super::repo;
use super::service::Calls;
use crate::exchange::{Sender, SubmitRequest};
use crate::leads;
use crate::platform::db::WriteTx;
use crate::platform::error::{Result, retry};

/// How far ahead of ours the clock of a telephone system may be.
const AHEAD: i64 = 5 * MINUTE;
/// How long ago an event may have happened.
const BEHIND: i64 = 7 * DAY;
/// The longest id of a call, in characters.
const MAX_ID: usize = 120;

/// One event, as a telephone system tells it.
#[derive(Clone, Debug)]
pub struct ReportCall {
    /// The source, authenticated.
    pub sender: Sender,
    /// What happened.
    pub kind: CallEventKind,
    /// The system's own id of the call; the key under which its events meet.
    pub external_id: String,
    /// When it happened, by the system's clock.
    pub at: Timestamp,
    /// The caller's number. STARTED without one is a lead without a telephone number.
    pub caller: Option<String>,
    /// The number that was dialled.
    pub dialled: Option<String>,
    /// ENDED: how long buyer and caller were connected, in seconds.
    pub connected_s: Option<i64>,
    /// STARTED: more fields and the envelope of the lead.
    pub lead: Submission,
}

/// The answer to an event.
#[derive(Clone, Debug)]
pub struct Told {
    /// The call as it stands.
    pub call: CallRecord,
    /// Why nobody bought it.
    pub reasons: Vec<Reason>,
}

/// An event that was read: what the machine takes, and the lead that it may become.
struct Read {
    ref_hash: [u8; 32],
    event: CallEvent,
    lead: Submission,
}

impl Calls {
    /// Takes an event. The one that begins a call asks the market, and the answer says where to
    /// connect it. The same event again has the same answer.
    ///
    /// # Errors
    /// `BAD_CALL_ID`, `CALL_TIME`, `REQUIRED` (ENDED without its duration), `CALL_CONTRADICTION`,
    /// `CALL_IMPOSSIBLE`, `CALLS_NOT_TAKEN`, and those of [`crate::exchange::Exchange::submit`]:
    /// the event is kept then, and has to be told again.
    pub async fn report(&self, sent: ReportCall) -> Result<Told> {
        let niche = self.exchange.niche(sent.sender.source.niche).ok_or(NOT_FOUND)?;
        let Read { ref_hash, event, lead } = self.read(&niche, &sent)?;
        let starts = sent.kind == CallEventKind::Started;
        let call = retry(|| self.take(&sent.sender, &ref_hash, &event)).await?;
        let call = match call.machine.step() {
            Step::Offer if starts => self.offer(call, sent.sender, lead).await?,
            _ => call,
        };
        self.told(call).await
    }

    /// Checks an event by itself and hides what it says about persons.
    fn read(&self, niche: &Arc<NicheBook>, sent: &ReportCall) -> Result<Read> {
        let external_id = sent.external_id.trim();
        if !(1..=MAX_ID).contains(&external_id.chars().count()) {
            return Err(Problem::new(BAD_CALL_ID).field("externalId").into());
        }
        let now = self.clock.now();
        if sent.at > now.plus(AHEAD) || sent.at < now.plus(-BEHIND) {
            return Err(Problem::new(CALL_TIME).field("at").into());
        }
        let named = niche.schema.fields().of_kind(FieldKind::Phone).next();
        let field = named.ok_or(CALLS_NOT_TAKEN)?.name.clone();
        let number = |text: &Option<String>| {
            let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty())?;
            let parsed = phone::parse(text, &niche.policy.default_region);
            Some(parsed.map_or_else(|| text.to_owned(), |phone| phone.e164))
        };
        let (caller, dialled) = (number(&sent.caller), number(&sent.dialled));
        let hidden = |what: &str, text: &Option<String>| {
            text.as_ref().map(|text| self.vault.mac(what, text.as_bytes()))
        };
        let mut lead = sent.lead.clone();
        // Its own name space: a form of the same source may use the same ids.
        let reference = format!("call:{external_id}");
        let ref_hash = self.vault.mac("external id", reference.as_bytes());
        lead.envelope.external_id = Some(reference);
        lead.envelope.dialled = dialled.clone();
        lead.max_sales = Some(1);
        if let Some(caller) = &caller {
            lead.fields.insert(field, Value::String(caller.clone()));
        }
        let said = match sent.kind {
            CallEventKind::Started => Said::Started { content: self.content(&lead)? },
            CallEventKind::Connected => Said::Connected,
            CallEventKind::Ended => Said::Ended {
                connected_s: sent
                    .connected_s
                    .ok_or_else(|| Problem::new(REQUIRED).field("connectedSeconds"))?,
            },
        };
        let event = CallEvent {
            at: sent.at,
            caller: hidden("caller", &caller),
            dialled: hidden("dialled", &dialled),
            said,
        };
        Ok(Read { ref_hash, event, lead })
    }

    /// A keyed hash of everything that a lead is made of.
    fn content(&self, lead: &Submission) -> Result<[u8; 32]> {
        let what = json!({
            "fields": lead.fields, "envelope": lead.envelope, "min_earning": lead.min_earning,
        });
        self.vault.mac_json("call start", what)
    }

    /// Adds an event to its call, and ends the call if that was its end.
    async fn take(
        &self,
        sender: &Sender,
        ref_hash: &[u8; 32],
        event: &CallEvent,
    ) -> Result<CallRecord> {
        let tx = self.db.begin_write(&self.clock).await?;
        let new = self.fresh(sender, &tx);
        let mut call = repo::lock_or_make(&tx, ref_hash, &new).await?;
        let before = call.clone();
        call.machine.take(event)?;
        if call.machine.step() == Step::Offer && event.kind() != CallEventKind::Started {
            // Its lead may be there already, if we fell between the sale and this row.
            self.adopt(&tx, &mut call, ref_hash).await?;
        }
        if let Step::End(end) = call.machine.step() {
            self.settle(&tx, &mut call, end).await?;
        }
        if call == before && call.id != new.id {
            return Ok(call);
        }
        self.finish(tx, &call).await?;
        Ok(call)
    }

    fn fresh(&self, sender: &Sender, tx: &WriteTx) -> CallRecord {
        CallRecord {
            id: CallId::new(tx.now()),
            source_id: sender.source.id,
            publisher_id: sender.source.publisher,
            niche_id: sender.source.niche,
            machine: Call::default(),
            lead_id: None,
            sold: None,
            created_at: tx.now(),
            close_at: tx.now().plus(self.patience),
            decided_at: None,
        }
    }

    /// Asks the market, and writes down what it said. Two who tell the same beginning at once have
    /// one lead between them: the call's id is its idempotency key.
    async fn offer(
        &self,
        call: CallRecord,
        sender: Sender,
        mut lead: Submission,
    ) -> Result<CallRecord> {
        lead.idempotency_key = Some(call.id.to_string());
        let request = SubmitRequest::new(sender, Channel::Call, lead);
        let verdict = self.exchange.submit(request).await?.verdict;
        retry(|| self.attach(call.id, &verdict)).await
    }

    async fn attach(&self, id: CallId, verdict: &Verdict) -> Result<CallRecord> {
        let tx = self.db.begin_write(&self.clock).await?;
        let (mut call, _) = repo::lock(&tx, id).await?.ok_or(NOT_FOUND)?;
        if call.lead_id.is_some() {
            // Somebody who told the same was faster.
            return Ok(call);
        }
        self.sell(&tx, &mut call, verdict).await?;
        match (call.machine.step(), call.machine.end) {
            (Step::End(end), _) => self.settle(&tx, &mut call, end).await?,
            // It was closed while the market was asked.
            (_, Some(end)) if call.sold.is_some() => self.settle(&tx, &mut call, end).await?,
            _ => {}
        }
        self.finish(tx, &call).await?;
        Ok(call)
    }

    /// Finds the lead of a call whose sale was not written down; does nothing if it has one.
    pub(super) async fn adopt(
        &self,
        tx: &WriteTx,
        call: &mut CallRecord,
        ref_hash: &[u8; 32],
    ) -> Result<()> {
        if call.machine.step() != Step::Offer {
            return Ok(());
        }
        match leads::by_external_ref(tx, call.source_id, ref_hash).await? {
            Some(lead) => self.sell(tx, call, &lead.verdict).await,
            None => Ok(()),
        }
    }

    async fn told(&self, call: CallRecord) -> Result<Told> {
        let unsold = call.lead_id.filter(|_| call.sold.is_none());
        let reasons = match unsold {
            Some(id) => self.reasons(id).await?,
            None => Vec::new(),
        };
        Ok(Told { call, reasons })
    }

    async fn reasons(&self, id: LeadId) -> Result<Vec<Reason>> {
        let tx = self.db.begin_read().await?;
        let lead = leads::by_ids(&tx, &[id.uuid()]).await?.remove(&id);
        let unsold = lead.filter(|lead| lead.state != LeadState::Sold);
        Ok(unsold.map(|lead| lead.verdict.reasons).unwrap_or_default())
    }
}
