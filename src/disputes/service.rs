//! Use cases of disputes.

use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::conversion::{ConversionState, allowed_returns};
use leadbourse_core::dispute::{
    self as rules, BAD_SHARE, COMMENT_REQUIRED, Command, Deadlines, DisputeKind, DisputeState,
    NOT_RETURNABLE, RETURN_EXISTS, RETURN_SHARE_EXCEEDED, RETURN_WINDOW_OVER, Step, UNKNOWN_REASON,
    Verdict,
};
use leadbourse_core::error::{NOT_FOUND, Problem, STALE, TOO_LONG};
use leadbourse_core::ids::{ConversionId, DisputeId, OrganizationId};
use leadbourse_core::money::{Bps, Money};
use leadbourse_core::niche::policy::NichePolicy;
use serde::Serialize;
use serde_json::json;

use super::claims::{self, Claims};
use super::model::Dispute;
use super::{comments, repo};
use crate::conversions::{self, Conversion, Seen};
use crate::niches;
use crate::offers;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, WriteTx};
use crate::platform::error::{Result, retry};
use crate::platform::vault::Vault;
use crate::platform::{audit, once};

/// Characters of a comment.
const MAX_COMMENT: usize = 4_000;
/// Disputes that one look of the clock takes.
const DUE: u32 = 200;

/// A buyer's claim on a conversion.
#[derive(Clone, Debug, Serialize)]
pub struct OpenReturn {
    /// The conversion.
    pub conversion_id: ConversionId,
    /// One of the niche's reasons.
    pub reason_code: String,
    /// What is wrong, in words. It may name the person, so it is sealed and never hashed.
    #[serde(skip)]
    pub comment: Option<String>,
    /// The share of the price that is claimed in all; the whole if not said.
    pub share: Option<Bps>,
}

/// The use cases of disputes.
#[derive(Clone, Debug)]
pub struct Disputes {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) vault: Vault,
    /// The installation's share of a price.
    pub(super) take_rate: Bps,
}

/// Who does something to a dispute, and what.
#[derive(Clone, Copy)]
pub(super) struct Act<'a> {
    /// `None` is the exchange's clock.
    pub(super) actor: Option<&'a Actor>,
    pub(super) command: Command,
    pub(super) comment: Option<&'a str>,
    pub(super) key: Option<&'a str>,
    pub(super) operation: &'static str,
    /// The only kind of dispute to which it can be done.
    pub(super) only: Option<DisputeKind>,
    /// The amount for which a claim is granted in part.
    pub(super) amount: Option<Money>,
}

impl<'a> Act<'a> {
    /// Something that a member does.
    pub(super) fn by(actor: &'a Actor, command: Command, operation: &'static str) -> Self {
        Self { actor: Some(actor), ..Self::due(command, operation) }
    }

    /// Something that the exchange's clock does.
    fn due(command: Command, operation: &'static str) -> Self {
        let (comment, key, only, amount) = (None, None, None, None);
        Self { actor: None, command, comment, key, operation, only, amount }
    }

    pub(super) fn saying(self, comment: Option<&'a str>) -> Self {
        Self { comment, ..self }
    }

    pub(super) fn keyed(self, key: Option<&'a str>) -> Self {
        Self { key, ..self }
    }

    pub(super) fn on(self, kind: DisputeKind) -> Self {
        Self { only: Some(kind), ..self }
    }
}

impl Disputes {
    /// On a database, with the installation's share of a price.
    pub fn new(db: Db, clock: Clock, vault: Vault, take_rate: Bps) -> Self {
        Self { db, clock, vault, take_rate }
    }

    /// Opens a return.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NOT_RETURNABLE`, `RETURN_WINDOW_OVER`, `RETURN_EXISTS`, `UNKNOWN_REASON`,
    /// `COMMENT_REQUIRED`, `BAD_SHARE`, `RETURN_SHARE_EXCEEDED`.
    pub async fn open_return(
        &self,
        actor: &Actor,
        input: OpenReturn,
        key: Option<&str>,
    ) -> Result<Dispute> {
        actor.require(Action::OpenReturns)?;
        retry(|| self.try_open(actor, &input, key)).await
    }

    async fn try_open(
        &self,
        actor: &Actor,
        input: &OpenReturn,
        key: Option<&str>,
    ) -> Result<Dispute> {
        let tx = self.db.begin_write(&self.clock).await?;
        if let Some(id) = once::begin(&tx, actor, key, "openReturn", input).await? {
            return repo::get(&tx, Seen::by(actor), id).await?.ok_or(NOT_FOUND.into());
        }
        let id = input.conversion_id;
        let conversion = conversions::read(&tx, Seen::Buyer(actor.org), id).await?;
        let offer = conversion.ok_or(NOT_FOUND)?.offer_id;
        check_comment(input.comment.as_deref())?;
        let meter = offers::lock_meter(&tx, offer).await?;
        let conversion = conversions::lock(&tx, &[id]).await?.pop().ok_or(NOT_FOUND)?;
        let policy = niches::policy_of(&tx, conversion.niche_id).await?;
        let terms = offers::terms_of(&tx, conversion.offer_version_id).await?;
        let claimed = check_return(&conversion, &policy, input, tx.now())?;
        if !repo::open_on(&tx, &[id]).await?.is_empty() {
            return Err(RETURN_EXISTS.into());
        }
        // An award counts once, however many of its events are returned, in whatever steps.
        let counted = repo::counts_as_returned(&tx, conversion.award_id, None).await?;
        let most = allowed_returns(meter.awards.max(1), terms.max_return_share_bps);
        if !counted && meter.returns >= most {
            return Err(RETURN_SHARE_EXCEEDED.into());
        }
        let dispute = begin(&conversion, &policy, input, claimed, &actor.name(), tx.now());
        repo::insert(&tx, &dispute).await.map_err(|error| {
            if error.is_unique_violation() { RETURN_EXISTS.into() } else { error }
        })?;
        if !counted {
            offers::count_returns(&tx, offer, 1).await?;
        }
        let comment = input.comment.as_deref();
        self.tell(&tx, &dispute, "OPENED", &actor.name(), actor.org, comment).await?;
        let detail = json!({"conversion": id, "reason": input.reason_code, "share": claimed});
        audit::record(&tx, actor, "return.open", &dispute.id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &dispute.id).await?;
        tx.commit().await?;
        Ok(dispute)
    }

    /// The publisher accepts or contests a return.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`, `ANSWER_TOO_LATE`.
    pub async fn answer_return(
        &self,
        actor: &Actor,
        id: DisputeId,
        accept: bool,
        comment: Option<&str>,
        key: Option<&str>,
    ) -> Result<Dispute> {
        actor.require(Action::AnswerDisputes)?;
        let command = if accept { Command::Accept } else { Command::Contest };
        let operation = if accept { "return.accept" } else { "return.contest" };
        let act = Act::by(actor, command, operation).saying(comment).keyed(key);
        self.act(id, act.on(DisputeKind::Return)).await?.ok_or(NOT_FOUND.into())
    }

    /// The buyer takes a return back.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`.
    pub async fn withdraw_return(
        &self,
        actor: &Actor,
        id: DisputeId,
        key: Option<&str>,
    ) -> Result<Dispute> {
        actor.require(Action::OpenReturns)?;
        let act = Act::by(actor, Command::Withdraw, "return.withdraw").keyed(key);
        self.act(id, act.on(DisputeKind::Return)).await?.ok_or(NOT_FOUND.into())
    }

    /// An operator decides a contested dispute.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`, `BAD_SHARE`.
    pub async fn decide(
        &self,
        actor: &Actor,
        id: DisputeId,
        verdict: Verdict,
        comment: Option<&str>,
        key: Option<&str>,
    ) -> Result<Dispute> {
        actor.require(Action::DecideDisputes)?;
        let command = Command::Decide(verdict);
        let act = Act::by(actor, command, "dispute.decide").saying(comment).keyed(key);
        self.act(id, act).await?.ok_or(NOT_FOUND.into())
    }

    /// Applies every deadline that has come; gives how many disputes moved.
    pub async fn tick(&self) -> Result<usize> {
        let mut moved = 0;
        loop {
            let tx = self.db.begin_read().await?;
            let due = repo::due(&tx, self.clock.now(), DUE).await?;
            drop(tx);
            let mut now_moved = 0;
            for id in due {
                let act = Act::due(Command::Tick, "dispute.deadline");
                now_moved += usize::from(self.act(id, act).await?.is_some());
            }
            moved += now_moved;
            if now_moved == 0 {
                return Ok(moved);
            }
        }
    }

    /// Applies a command. `None` if a tick found nothing to do.
    pub(super) async fn act(&self, id: DisputeId, act: Act<'_>) -> Result<Option<Dispute>> {
        retry(|| self.try_act(id, act)).await
    }

    async fn try_act(&self, id: DisputeId, act: Act<'_>) -> Result<Option<Dispute>> {
        let seen = act.actor.map_or(Seen::All, Seen::by);
        let tx = self.db.begin_write(&self.clock).await?;
        if let Some(actor) = act.actor {
            let command = format!("{:?}", act.command);
            let replay: Option<DisputeId> = match act.amount {
                Some(amount) => {
                    let request = (id, command, amount);
                    once::begin(&tx, actor, act.key, act.operation, &request).await?
                }
                None => once::begin(&tx, actor, act.key, act.operation, &(id, command)).await?,
            };
            if let Some(id) = replay {
                return repo::get(&tx, seen, id).await;
            }
        }
        let known = repo::get(&tx, seen, id).await?.ok_or(NOT_FOUND)?;
        if act.only.is_some_and(|kind| kind != known.kind) {
            return Err(NOT_FOUND.into());
        }
        check_comment(act.comment)?;
        if known.kind == DisputeKind::MissingConversion {
            return self.act_on_claim(tx, &known, act).await;
        }
        let about = known.conversion_id.ok_or(NOT_FOUND)?;
        let policy = niches::policy_of(&tx, known.niche_id).await?;
        let claims = match act.command {
            // Gives nothing back, so it frees nobody.
            Command::Contest | Command::Withdraw => None,
            _ if policy.dedupe.release_on_return => Some(claims::lock(&tx, known.lead_id).await?),
            _ => None,
        };
        offers::lock_meter(&tx, known.offer_id).await?;
        let conversion = conversions::lock_for_return(&tx, about).await?;
        let conversion = conversion.ok_or(NOT_FOUND)?;
        let mut dispute = repo::lock(&tx, id).await?.ok_or(NOT_FOUND)?;
        let judged = rules::Dispute {
            state: dispute.state,
            claimed: dispute.claimed,
            returned: conversion.given.bps,
            deadlines: dispute.deadlines,
            on_silence: policy.on_silence,
        };
        let Some(step) = judged.apply(act.command, tx.now())? else { return Ok(None) };
        let name = act.actor.map_or_else(|| "system".to_owned(), Actor::name);
        let organization = act.actor.map_or_else(OrganizationId::default, |actor| actor.org);
        self.take(&tx, &mut dispute, &conversion, step, claims, &name).await?;
        self.tell(&tx, &dispute, step.event, &name, organization, act.comment).await?;
        let system = Actor::system(organization);
        let actor = act.actor.unwrap_or(&system);
        let detail = json!({"state": dispute.state, "share": dispute.decided});
        audit::record(&tx, actor, act.operation, &id.to_string(), detail).await?;
        once::finish(&tx, actor, act.key, &id).await?;
        tx.commit().await?;
        Ok(Some(dispute))
    }

    /// Moves the money of a step and saves the dispute.
    async fn take(
        &self,
        tx: &WriteTx,
        dispute: &mut Dispute,
        conversion: &Conversion,
        step: Step,
        claims: Option<Claims>,
        name: &str,
    ) -> Result<()> {
        dispute.step(&step, name, conversion.given.bps, tx.now());
        match step.give_back_to {
            Some(share) => {
                let given = conversions::give_back(tx, conversion, share, dispute.id).await?;
                if let (true, Some(claims)) = (given.whole, claims) {
                    claims.release(tx).await?;
                }
            }
            None if !step.state.is_open() => {
                let award = dispute.award_id;
                if !repo::counts_as_returned(tx, award, Some(dispute.id)).await? {
                    offers::count_returns(tx, dispute.offer_id, -1).await?;
                }
            }
            None => {}
        }
        if !repo::save(tx, dispute).await? {
            return Err(STALE.into());
        }
        dispute.rev += 1;
        Ok(())
    }

    /// Says something in a dispute that is still open. All three sides read it.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`, `COMMENT_REQUIRED`, `TOO_LONG`.
    pub async fn comment(&self, actor: &Actor, id: DisputeId, text: &str) -> Result<Dispute> {
        actor.require(match actor.kind {
            OrgKind::Buyer => Action::OpenReturns,
            OrgKind::Publisher => Action::AnswerDisputes,
            OrgKind::Operator => Action::DecideDisputes,
        })?;
        let tx = self.db.begin_write(&self.clock).await?;
        let seen = repo::get(&tx, Seen::by(actor), id).await?;
        seen.ok_or(NOT_FOUND)?;
        check_comment(Some(text))?;
        if text.trim().is_empty() {
            return Err(Problem::new(COMMENT_REQUIRED).field("comment").into());
        }
        let dispute = repo::lock(&tx, id).await?.ok_or(NOT_FOUND)?;
        if !dispute.state.is_open() {
            return Err(leadbourse_core::error::INVALID_STATE.into());
        }
        self.tell(&tx, &dispute, "COMMENT", &actor.name(), actor.org, Some(text)).await?;
        tx.commit().await?;
        Ok(dispute)
    }

    /// Adds an event, its comment sealed under the lead's key.
    pub(super) async fn tell(
        &self,
        tx: &WriteTx,
        dispute: &Dispute,
        code: &str,
        actor: &str,
        organization: OrganizationId,
        comment: Option<&str>,
    ) -> Result<()> {
        let comment = comment.map(str::trim).filter(|text| !text.is_empty());
        let sealed = match comment {
            Some(text) => comments::seal(tx, &self.vault, dispute.lead_id, text).await?,
            None => None,
        };
        repo::add_event(tx, dispute.id, code, actor, organization, sealed).await
    }
}

pub(super) fn check_comment(comment: Option<&str>) -> Result<(), Problem> {
    match comment {
        Some(text) if text.chars().count() > MAX_COMMENT => {
            Err(Problem::new(TOO_LONG).field("comment"))
        }
        _ => Ok(()),
    }
}

/// Whether this conversion may be returned for this reason and share, now. Gives the share.
fn check_return(
    conversion: &Conversion,
    policy: &NichePolicy,
    input: &OpenReturn,
    now: leadbourse_core::time::Timestamp,
) -> Result<Bps, Problem> {
    if conversion.state != ConversionState::Held {
        return Err(NOT_RETURNABLE.into());
    }
    if now > conversion.clocks.return_until() {
        return Err(RETURN_WINDOW_OVER.into());
    }
    let reason = policy.return_reasons.iter().find(|reason| reason.code == input.reason_code);
    let reason = reason.ok_or_else(|| Problem::new(UNKNOWN_REASON).field("reasonCode"))?;
    let said = input.comment.as_ref().is_some_and(|text| !text.trim().is_empty());
    if reason.comment_required && !said {
        return Err(Problem::new(COMMENT_REQUIRED).field("comment"));
    }
    let share = input.share.unwrap_or(Bps::WHOLE);
    if share <= conversion.given.bps || share > Bps::WHOLE {
        return Err(Problem::new(BAD_SHARE).field("shareBps"));
    }
    Ok(share)
}

fn begin(
    conversion: &Conversion,
    policy: &NichePolicy,
    input: &OpenReturn,
    claimed: Bps,
    actor: &str,
    now: leadbourse_core::time::Timestamp,
) -> Dispute {
    let lock_at = conversion.clocks.lock_at();
    Dispute {
        id: DisputeId::new(now),
        kind: DisputeKind::Return,
        conversion_id: Some(conversion.id),
        award_id: conversion.award_id,
        lead_id: conversion.lead_id,
        offer_id: conversion.offer_id,
        buyer_id: conversion.buyer_id,
        publisher_id: conversion.publisher_id,
        niche_id: conversion.niche_id,
        reason_code: input.reason_code.clone(),
        claimed,
        decided: None,
        state: DisputeState::Open,
        deadlines: Deadlines::fix(now, policy.dispute_answer_s, policy.dispute_decide_s, lock_at),
        claim: None,
        opened_by: actor.to_owned(),
        opened_at: now,
        answered_at: None,
        resolved_at: None,
        resolved_by: None,
        rev: 0,
    }
}
