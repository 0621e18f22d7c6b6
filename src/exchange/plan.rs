//! From outcomes to rows: everything that a batch writes, as one plan.

use leadbourse_core::conversion::Clocks;
use leadbourse_core::exchange::{Allocation, AwardPlan, Basis, OrderedBy, Outcome, TraceEntry};
use leadbourse_core::ids::{AwardId, LeadId, SourceId};
use leadbourse_core::lead::LeadState;
use leadbourse_core::lead::chain::LeadEvent;
use leadbourse_core::lead::risk::Risk;
use leadbourse_core::lead::verdict::{ShownMoney, SoldCopy, Verdict};
use leadbourse_core::ledger::{Account, Funding, LedgerTx};
use leadbourse_core::money::Bps;
use leadbourse_core::notice::{Happening, NoticeEvent};
use leadbourse_core::time::{SECOND, Timestamp};
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

use super::finish::Kept;
use super::meters::{meter_sets, seller_sets};
use super::plan_pings::{PingRows, release};
use super::prepare::{Body, NewBody, Prepared, StoredBody};
use super::repo::CLAIMS;
use super::{TOPIC_AWARDED, TOPIC_QUEUED};
use crate::clicks::{self, Joined};
use crate::conversions::{
    NewAward, NewConversion, NewReservation, award_rows, conversion_rows, happened,
    reservation_rows,
};
use crate::leads::{
    Decision, LeadBatch, decision_sets, reseal_verdicts, retention_sets, verdict_hash,
};
use crate::ledger;
use crate::orders::Delivered;
use crate::pings;
use crate::platform::audit;
use crate::platform::db::bulk::{Deletes, Sets, WritePlan};
use crate::platform::error::{Context, Error, Result};
use crate::platform::idempotency::ANSWERS;
use crate::platform::outbox::{self, Message};
use crate::platform::vault::Vault;

/// The chain's name for the exchange itself.
pub(super) const EXCHANGE: &str = "exchange";
/// What the chain says of a lead about which live buyers are asked.
const ASKED: &str = "ASKED";

/// The operator's trace as it is stored and hashed.
#[derive(Serialize)]
pub(super) struct StoredTrace<'a> {
    entries: &'a [TraceEntry],
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'a Basis>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    rest: &'a BTreeMap<String, u32>,
    risk: &'a Risk,
    claims: Vec<Uuid>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    repeats: Vec<Repeat>,
}

impl<'a> StoredTrace<'a> {
    /// A ping takes no claims.
    pub(super) fn of_ping(outcome: &'a Outcome, risk: &'a Risk) -> Self {
        Self {
            entries: &outcome.trace,
            basis: outcome.basis.as_ref(),
            rest: &outcome.rest,
            risk,
            claims: Vec::new(),
            repeats: Vec::new(),
        }
    }
}

/// A claim that was taken, and by which lead.
#[derive(Serialize)]
struct Repeat {
    claim: Uuid,
    lead: Option<LeadId>,
}

/// What a batch gathers while it walks over its outcomes.
pub(super) struct Gathered<'a> {
    vault: &'a Vault,
    now: Timestamp,
    leads: LeadBatch,
    decisions: Vec<(LeadId, Decision)>,
    retained: Vec<(LeadId, Timestamp)>,
    pub(super) awards: Vec<NewAward>,
    conversions: Vec<NewConversion>,
    reservations: Vec<NewReservation>,
    txs: Vec<LedgerTx>,
    messages: Vec<Message>,
    pub(super) accounts: BTreeSet<Account>,
    answers: Vec<(Uuid, String)>,
    joined: Vec<Joined>,
    /// Sources whose publishers are told what happens.
    heard: HashSet<SourceId>,
    pub(super) pings: PingRows,
    /// What was sold to orders.
    pub(super) delivered: Vec<Delivered>,
}

impl<'a> Gathered<'a> {
    pub(super) fn new(vault: &'a Vault, now: Timestamp) -> Self {
        Self {
            vault,
            now,
            leads: LeadBatch::default(),
            decisions: Vec::new(),
            retained: Vec::new(),
            awards: Vec::new(),
            conversions: Vec::new(),
            reservations: Vec::new(),
            txs: Vec::new(),
            messages: Vec::new(),
            accounts: BTreeSet::new(),
            answers: Vec::new(),
            joined: Vec::new(),
            heard: HashSet::new(),
            pings: PingRows::default(),
            delivered: Vec::new(),
        }
    }

    /// With the sources whose publishers are told what happens.
    #[must_use]
    pub(super) fn telling(mut self, heard: impl IntoIterator<Item = SourceId>) -> Self {
        self.heard.extend(heard);
        self
    }

    /// The instant of the batch.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Adds a transaction of the ledger.
    pub(super) fn post(&mut self, tx: LedgerTx) {
        self.txs.push(tx);
    }

    /// Adds a message.
    pub(super) fn send(&mut self, message: Message) {
        self.messages.push(message);
    }

    /// Adds the stored answer of an idempotency record.
    pub(super) fn answer(&mut self, record: Uuid, text: String) {
        self.answers.push((record, text));
    }

    /// Adds one decided lead; gives its verdict. `repeats` names the holders of the claims that
    /// made it a repeat.
    pub(super) fn decided(
        &mut self,
        prepared: &Prepared,
        outcome: &Outcome,
        supersedes: Option<LeadId>,
        holders: &HashMap<Uuid, Uuid>,
    ) -> Result<Verdict> {
        let sold = self.sell(prepared, outcome)?;
        let verdict = verdict(prepared, outcome, &sold, supersedes);
        let verdict_text = serde_json::to_string(&verdict).context("printing a verdict")?;
        let trace = StoredTrace {
            entries: &outcome.trace,
            basis: outcome.basis.as_ref(),
            rest: &outcome.rest,
            risk: &prepared.risk,
            claims: outcome.claims.iter().map(|(id, _)| *id).collect(),
            repeats: outcome
                .repeated
                .iter()
                .map(|claim| Repeat {
                    claim: *claim,
                    lead: holders.get(claim).map(|id| LeadId(*id)),
                })
                .collect(),
        };
        let trace = serde_json::to_string(&trace).context("printing a trace")?;
        if let Some(at) = outcome.retry_at {
            let lead = prepared.item.lead.uuid();
            self.messages.push(Message::new(TOPIC_QUEUED, lead, json!({"at": at.micros()})));
        }
        let decision = Decision {
            state: outcome.state,
            reason_code: outcome.reasons.first().map(|reason| reason.code.to_string()),
            verdict: verdict_text.clone(),
            trace,
            copies: i32::try_from(outcome.awards.len()).unwrap_or(i32::MAX),
            supersedes,
            decided_at: self.now,
        };
        match &prepared.body {
            Body::New(body) => self.store_new(prepared, body, outcome, decision),
            Body::Ping(_) => return Err(Error::broken("a ping is no lead")),
            Body::Stored(body) => {
                self.store_again(body, decision)?;
                self.retained.push((prepared.item.lead, self.keep_until(prepared, outcome)));
            }
        }
        if let Some(ended) = &outcome.ended {
            self.ended(prepared, ended)?;
        }
        self.tell(prepared, outcome)?;
        // A lead that waits for live buyers is answered by their verdict.
        if let Some((record, _)) = prepared.idempotency
            && outcome.state != LeadState::Received
        {
            self.answers.push((record, verdict_text));
        }
        Ok(verdict)
    }

    /// Tells the publisher what became of the lead, if it wants to hear; what was billed with it was
    /// told by [`Gathered::sell`].
    fn tell(&mut self, prepared: &Prepared, outcome: &Outcome) -> Result<()> {
        let source = prepared.wish.source;
        let event = NoticeEvent::of_lead(outcome.state);
        let Some(event) = event.filter(|_| self.heard.contains(&source)) else { return Ok(()) };
        let sold = outcome.awards.iter().filter_map(|award| award.lead);
        let reason = outcome.reasons.first().filter(|_| event != NoticeEvent::Sold);
        let happening = Happening {
            event,
            at: self.now,
            publisher: prepared.item.publisher,
            source,
            lead: prepared.item.lead,
            status: outcome.state,
            reason: reason.map(|reason| reason.code.to_string()),
            sale: None,
            earning: sold.map(|legs| legs.earning()).fold(0, i64::saturating_add),
            returned: 0,
            share: Bps(0),
            currency: prepared.item.currency,
        };
        self.messages.push(happened(&happening)?);
        Ok(())
    }

    /// Stores the answer of a request that was answered without a new lead.
    pub(super) fn answered(&mut self, record: Uuid, verdict: &Verdict) -> Result<()> {
        self.answers.push((record, serde_json::to_string(verdict).context("printing a verdict")?));
        Ok(())
    }

    fn store_new(
        &mut self,
        prepared: &Prepared,
        body: &NewBody,
        outcome: &Outcome,
        decision: Decision,
    ) {
        let received = LeadEvent::first(
            body.lead.id,
            "RECEIVED",
            EXCHANGE,
            body.lead.received_at,
            body.contact.evidence_hash,
        );
        let hash = verdict_hash(&body.salts, &decision.verdict, &decision.trace);
        let code =
            if outcome.state == LeadState::Received { ASKED } else { outcome.state.as_str() };
        let decided = received.next(code, EXCHANGE, self.now, hash);
        self.leads.event(&received);
        self.leads.event(&decided);
        let (lead, publisher) = (body.lead.id, body.lead.publisher);
        self.joined.extend(body.click.map(|click| Joined { lead, click, publisher }));
        let keep_until = self.keep_until(prepared, outcome);
        self.leads.lead(body.lead.clone(), decision, body.contact.clone(), keep_until);
    }

    /// When contact data may go: some time after the last award's lock.
    fn keep_until(&self, prepared: &Prepared, outcome: &Outcome) -> Timestamp {
        let locked = outcome
            .awards
            .iter()
            .map(|award| Clocks::fix(self.now, &award.offer.terms).lock_at())
            .fold(self.now, Timestamp::max);
        locked.plus(prepared.retention_s.max(0).saturating_mul(SECOND))
    }

    fn store_again(&mut self, body: &StoredBody, decision: Decision) -> Result<()> {
        let last = &body.last;
        let seq = last.seq.saturating_add(1);
        let texts = (decision.verdict.as_str(), decision.trace.as_str());
        let (evidence, hash) =
            reseal_verdicts(self.vault, &body.contact, &body.record, seq, texts)?;
        let actor = body.actor.as_ref().map_or_else(|| EXCHANGE.to_owned(), audit::actor_text);
        self.leads.event(&last.next(decision.state.as_str(), &actor, self.now, hash));
        for row in evidence {
            self.leads.evidence(body.record.id, row);
        }
        self.decisions.push((body.record.id, decision));
        Ok(())
    }

    fn sell(&mut self, prepared: &Prepared, outcome: &Outcome) -> Result<Vec<SoldCopy>> {
        let mut sold = Vec::with_capacity(outcome.awards.len());
        for plan in &outcome.awards {
            let award = self.award(prepared, plan);
            if let Some(legs) = plan.lead.filter(|legs| legs.price() > 0) {
                let pinned = plan.bid.as_ref().map(|bid| bid.take_rate);
                let (rate, funding) = match pinned.or(plan.order.map(|by| by.take_rate)) {
                    Some(rate) => (rate, Funding::from_reserved(legs.price())),
                    None => (prepared.item.take_rate, Funding::from_available(legs.price())),
                };
                let conversion =
                    NewConversion::for_lead(&award, &plan.offer.terms, (legs, rate), funding);
                self.txs.push(conversion.ledger_tx()?);
                if self.heard.contains(&award.source_id) {
                    self.messages.push(happened(&conversion.created(award.source_id))?);
                }
                self.conversions.push(conversion);
            }
            let mut reserved = 0i64;
            let promises = NewReservation::for_goals(&award, &plan.offer.terms);
            // What a bid held for the goals goes back, and is promised to the award.
            if let Some(bid) = plan.bid.as_ref().filter(|bid| bid.reserve > 0) {
                let held = (bid.reserve, 0);
                self.txs.push(release(bid.id, award.buyer_id, held, award.currency, self.now)?);
            }
            for reservation in promises {
                reserved = reserved.saturating_add(reservation.amount);
                self.txs.push(reservation.ledger_tx()?);
                self.reservations.push(reservation);
            }
            if reserved != plan.reserve {
                return Err(Error::broken("a reservation is not what was allocated"));
            }
            if let Some(bid) = &plan.bid {
                self.pings.captured(bid.id, award.id);
            }
            if let Some(OrderedBy { order, claim, .. }) = plan.order {
                self.delivered.push(Delivered { award: award.id, claim, order });
            }
            self.accounts.extend(Account::of_buyer(award.buyer_id, award.currency));
            self.accounts.extend(Account::of_publisher(award.publisher_id, award.currency));
            self.messages.push(Message::new(
                TOPIC_AWARDED,
                award.id.uuid(),
                json!({"lead": award.lead_id, "offer": award.offer_id, "buyer": award.buyer_id}),
            ));
            sold.push(SoldCopy {
                award_id: award.id,
                offer_id: award.offer_id,
                copy_no: award.copy_no,
                earning: ShownMoney::new(award.earning, award.currency),
            });
            self.awards.push(award);
        }
        Ok(sold)
    }

    fn award(&self, prepared: &Prepared, plan: &AwardPlan) -> NewAward {
        let accepted = match &prepared.body {
            Body::Stored(body) => body.accepted.as_ref().map(|(id, _)| *id),
            Body::New(_) | Body::Ping(_) => None,
        };
        NewAward {
            id: accepted.unwrap_or_else(|| AwardId::new(self.now)),
            lead_id: prepared.item.lead,
            offer_id: plan.offer.id,
            offer_version_id: plan.offer.version,
            buyer_id: plan.offer.buyer,
            publisher_id: prepared.item.publisher,
            source_id: prepared.wish.source,
            niche_id: prepared.item.niche,
            copy_no: plan.copy_no,
            price: plan.lead.map_or(0, |legs| legs.price()),
            earning: plan.lead.map_or(0, |legs| legs.earning()),
            currency: prepared.item.currency,
            max_sales: plan.offer.terms.max_sales,
            created_at: self.now,
        }
    }

    /// The whole plan. Its tables are always the same in the same order, so that the statement's
    /// text is always the same; batches of pings and their posts have some more.
    pub(super) fn into_plan(
        self,
        allocation: &Allocation,
        kept: Kept,
        pinged: bool,
    ) -> Result<WritePlan> {
        let posted = ledger::rows(&self.txs)?;
        let mut inserts = self.leads.into_rows();
        inserts.push(award_rows(&self.awards));
        inserts.push(conversion_rows(&self.conversions));
        inserts.push(reservation_rows(&self.reservations));
        inserts.extend(posted.inserts);
        inserts.push(outbox::rows(&self.messages, self.now));
        inserts.push(clicks::join_rows(&self.joined, self.now));
        let mut claims = Sets::new(&CLAIMS, &["lead_id", "expires_at"]);
        for (id, (lead, until)) in kept.moved {
            claims.push(id, [lead.into(), until.micros().into()]);
        }
        let mut answers = Sets::new(&ANSWERS, &["response", "status"]);
        for (record, text) in self.answers {
            answers.push(record, [Some(text).into(), 200i32.into()]);
        }
        let mut sets = vec![
            meter_sets(&allocation.meters),
            seller_sets(&allocation.sellers),
            claims,
            answers,
            decision_sets(self.decisions.into_iter()),
            retention_sets(self.retained.into_iter()),
        ];
        if pinged {
            let (rows, ended) = self.pings.into_parts(self.now)?;
            inserts.extend(rows);
            sets.extend(ended);
            sets.push(pings::meter_sets(&allocation.pingers));
        }
        Ok(WritePlan {
            inserts,
            deltas: vec![posted.balances],
            sets,
            deletes: vec![Deletes { def: &CLAIMS, keys: kept.dropped }],
        })
    }

    /// Whether messages go out with it.
    pub(super) fn tells_any(&self) -> bool {
        !self.messages.is_empty()
    }
}

/// What the sender is told.
pub(super) fn verdict(
    prepared: &Prepared,
    outcome: &Outcome,
    sold: &[SoldCopy],
    supersedes: Option<LeadId>,
) -> Verdict {
    let earned = outcome.awards.iter().filter_map(|award| award.lead).map(|legs| legs.earning());
    let earning = earned.fold(0i64, i64::saturating_add);
    let (score, temperature, received_at) = match &prepared.body {
        Body::New(body) => {
            let score = body.score.as_ref();
            (score.map(|s| s.score), score.map(|s| s.temperature), body.lead.received_at)
        }
        Body::Stored(body) => {
            let old = &body.record.verdict;
            (old.score, old.temperature, body.record.received_at)
        }
        Body::Ping(draft) => (Some(draft.score), None, draft.received_at),
    };
    Verdict {
        lead_id: prepared.item.lead,
        test: false,
        state: outcome.state,
        reasons: if outcome.state == LeadState::Sold {
            Vec::new()
        } else {
            outcome.reasons.clone()
        },
        awards: sold.to_vec(),
        earning: ShownMoney::new(earning, prepared.item.currency),
        score,
        temperature,
        redirect_url: match &prepared.body {
            Body::Stored(body) => body.accepted.as_ref().and_then(|(_, url)| url.clone()),
            Body::New(_) | Body::Ping(_) => None,
        },
        supersedes,
        received_at: received_at.rfc3339(),
    }
}
