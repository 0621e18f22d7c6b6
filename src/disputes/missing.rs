//! Claims that an event was not reported: a publisher says that a sale or a registration happened on
//! its award, and the buyer did not tell.
//!
//! The same life cycle as a return with the sides changed: the buyer accepts or contests, silence
//! means what the niche says, an operator decides. What is granted is billed like a report, with the
//! claim's own id as its reference, so a decision bills once.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::conversion::event::{charge, in_currency, in_window, reported_goal, share_of};
use leadbourse_core::conversion::{AWARD_TAKEN_BACK, GOAL_DONE, Legs, NO_SUCH_GOAL, conversion_id};
use leadbourse_core::dispute::{
    self as rules, CLAIM_EXISTS, CLAIM_PARTIAL, CLAIM_TOO_LATE, COMMENT_REQUIRED, Command,
    Deadlines, DisputeKind, DisputeState, Verdict,
};
use leadbourse_core::error::{NOT_FOUND, Problem, STALE};
use leadbourse_core::ids::{AwardId, DisputeId, OrganizationId};
use leadbourse_core::money::{Bps, Money};
use leadbourse_core::niche::policy::NichePolicy;
use leadbourse_core::offer::terms::{Goal, GoalKind, Terms};
use leadbourse_core::time::{SECOND, Timestamp};
use serde::Serialize;
use serde_json::json;

use super::model::{Claim, Dispute};
use super::repo;
use super::service::{Act, Disputes, check_comment};
use crate::conversions::{self, Award, Charge, Seen};
use crate::niches;
use crate::offers::{self, PauseReason};
use crate::platform::db::WriteTx;
use crate::platform::error::{Result, retry};
use crate::platform::{audit, once};

/// The reason of every such claim. No niche has it among its own.
pub const NOT_REPORTED: &str = "NOT_REPORTED";

/// A publisher's claim on its award.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimConversion {
    /// The award.
    pub award_id: AwardId,
    /// What was not reported.
    pub goal: GoalKind,
    /// What the customer paid; needed where a share of the sale is paid.
    pub amount: Option<Money>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// How the publisher knows. It may name the person, so it is sealed and never hashed.
    #[serde(skip)]
    pub comment: String,
}

impl Disputes {
    /// Opens a claim.
    ///
    /// # Errors
    /// `NOT_FOUND`, `COMMENT_REQUIRED`, `AWARD_TAKEN_BACK`, `NO_SUCH_GOAL`, `GOAL_DONE`,
    /// `OUTSIDE_WINDOW`, `CLAIM_TOO_LATE`, `CLAIM_EXISTS`, `AMOUNT_NEEDED`, `AMOUNT_RANGE`,
    /// `AMOUNT_CURRENCY`.
    pub async fn claim(
        &self,
        actor: &Actor,
        input: &ClaimConversion,
        key: Option<&str>,
    ) -> Result<Dispute> {
        actor.require(Action::AnswerDisputes)?;
        retry(|| self.try_claim(actor, input, key)).await
    }

    async fn try_claim(
        &self,
        actor: &Actor,
        input: &ClaimConversion,
        key: Option<&str>,
    ) -> Result<Dispute> {
        let tx = self.db.begin_write(&self.clock).await?;
        if let Some(id) = once::begin(&tx, actor, key, "claimConversion", input).await? {
            return repo::get(&tx, Seen::by(actor), id).await?.ok_or(NOT_FOUND.into());
        }
        let own = Seen::Publisher(actor.org);
        let award = conversions::read_award(&tx, own, input.award_id).await?.ok_or(NOT_FOUND)?;
        check_comment(Some(&input.comment))?;
        if input.comment.trim().is_empty() {
            return Err(Problem::new(COMMENT_REQUIRED).field("comment").into());
        }
        offers::lock_meter(&tx, award.offer_id).await?;
        let terms = offers::terms_of(&tx, award.offer_version_id).await?;
        let policy = niches::policy_of(&tx, award.niche_id).await?;
        let goal = claimable(&tx, &award, &terms, input).await?;
        let amount = in_currency(award.currency, input.amount, "amount")?;
        let price = charge(goal, amount)?;
        let take_rate = policy.take_rate_bps.unwrap_or(self.take_rate);
        let claim = Claim {
            goal: input.goal,
            amount,
            price,
            earning: Legs::split(price, take_rate).earning(),
            currency: award.currency,
            occurred_at: input.occurred_at,
            decided_amount: None,
        };
        let dispute = begin(&award, &policy, claim, &actor.name(), tx.now());
        repo::insert(&tx, &dispute).await.map_err(|error| {
            if error.is_unique_violation() { CLAIM_EXISTS.into() } else { error }
        })?;
        let comment = Some(input.comment.as_str());
        self.tell(&tx, &dispute, "OPENED", &actor.name(), actor.org, comment).await?;
        let detail = json!({"award": award.id, "goal": input.goal});
        audit::record(&tx, actor, "claim.open", &dispute.id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &dispute.id).await?;
        tx.commit().await?;
        Ok(dispute)
    }

    /// The buyer accepts or contests a claim.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`, `ANSWER_TOO_LATE`.
    pub async fn answer_claim(
        &self,
        actor: &Actor,
        id: DisputeId,
        accept: bool,
        comment: Option<&str>,
        key: Option<&str>,
    ) -> Result<Dispute> {
        actor.require(Action::ReportOutcomes)?;
        let command = if accept { Command::Accept } else { Command::Contest };
        let operation = if accept { "claim.accept" } else { "claim.contest" };
        let act = Act::by(actor, command, operation).saying(comment).keyed(key);
        self.act(id, act.on(DisputeKind::MissingConversion)).await?.ok_or(NOT_FOUND.into())
    }

    /// The publisher takes a claim back.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`.
    pub async fn withdraw_claim(
        &self,
        actor: &Actor,
        id: DisputeId,
        key: Option<&str>,
    ) -> Result<Dispute> {
        actor.require(Action::AnswerDisputes)?;
        let act = Act::by(actor, Command::Withdraw, "claim.withdraw").keyed(key);
        self.act(id, act.on(DisputeKind::MissingConversion)).await?.ok_or(NOT_FOUND.into())
    }

    /// An operator grants a contested claim for a smaller sale than was claimed.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`, `CLAIM_PARTIAL`, `AMOUNT_CURRENCY`.
    pub async fn decide_amount(
        &self,
        actor: &Actor,
        id: DisputeId,
        amount: Money,
        comment: Option<&str>,
        key: Option<&str>,
    ) -> Result<Dispute> {
        actor.require(Action::DecideDisputes)?;
        // The share follows from the amount once the claim is read.
        let command = Command::Decide(Verdict::Partial(Bps(0)));
        let act = Act::by(actor, command, "dispute.decide").saying(comment).keyed(key);
        let act = Act { amount: Some(amount), ..act };
        self.act(id, act.on(DisputeKind::MissingConversion)).await?.ok_or(NOT_FOUND.into())
    }

    /// Applies a command to a claim. `None` if a tick found nothing to do.
    pub(super) async fn act_on_claim(
        &self,
        tx: WriteTx,
        known: &Dispute,
        act: Act<'_>,
    ) -> Result<Option<Dispute>> {
        let now = tx.now();
        offers::lock_meter(&tx, known.offer_id).await?;
        let mut dispute = repo::lock(&tx, known.id).await?.ok_or(NOT_FOUND)?;
        let policy = niches::policy_of(&tx, dispute.niche_id).await?;
        let (command, amount) = granted(&dispute, act)?;
        let judged = rules::Dispute {
            state: dispute.state,
            claimed: Bps::WHOLE,
            returned: Bps(0),
            deadlines: dispute.deadlines,
            on_silence: policy.on_silence,
        };
        let Some(step) = judged.apply(command, now)? else { return Ok(None) };
        let name = act.actor.map_or_else(|| "system".to_owned(), Actor::name);
        dispute.step(&step, &name, Bps(0), now);
        let mut owed = 0;
        let mut event = step.event;
        if step.give_back_to.is_some() {
            match self.grant(&tx, &mut dispute, amount).await? {
                Some(missing) => owed = missing,
                None => event = "REFUSED_TAKEN_BACK",
            }
        }
        if !repo::save(&tx, &dispute).await? {
            return Err(STALE.into());
        }
        dispute.rev += 1;
        let organization = act.actor.map_or_else(OrganizationId::default, |actor| actor.org);
        self.tell(&tx, &dispute, event, &name, organization, act.comment).await?;
        if owed > 0 {
            offers::pause_in(&tx, dispute.offer_id, PauseReason::Unfunded).await?;
        }
        let system = Actor::system(organization);
        let actor = act.actor.unwrap_or(&system);
        let detail = json!({"state": dispute.state, "conversion": dispute.conversion_id});
        audit::record(&tx, actor, act.operation, &dispute.id.to_string(), detail).await?;
        once::finish(&tx, actor, act.key, &dispute.id).await?;
        tx.commit().await?;
        Ok(Some(dispute))
    }

    /// Bills what a claim was granted for; gives what the buyer could not pay. Where the buyer has
    /// reported the event meanwhile, and the offer pays once, that report is the answer. `None`, and
    /// the claim refused, if the award was taken back meanwhile.
    async fn grant(
        &self,
        tx: &WriteTx,
        dispute: &mut Dispute,
        amount: Option<i64>,
    ) -> Result<Option<i64>> {
        let claim = dispute.claim.as_mut().ok_or(NOT_FOUND)?;
        let award = conversions::read_award(tx, Seen::All, dispute.award_id).await?;
        let award = award.ok_or(NOT_FOUND)?;
        if award.returned_at.is_some() {
            dispute.state = DisputeState::Refused;
            dispute.decided = Some(Bps(0));
            return Ok(None);
        }
        let terms = offers::terms_of(tx, award.offer_version_id).await?;
        let goal = terms.goal(claim.goal).ok_or(NO_SUCH_GOAL)?;
        claim.decided_amount = amount;
        let billed = conversions::of_awards(tx, &[award.id]).await?;
        if let Some(known) = conversions::reached(&billed, claim.goal).filter(|_| !goal.several) {
            dispute.conversion_id = Some(known.id);
            return Ok(Some(0));
        }
        let reference = dispute.id.to_string();
        dispute.conversion_id = Some(conversion_id(award.id, claim.goal, Some(&reference)));
        let charge = Charge {
            goal: claim.goal,
            price: charge(goal, amount)?,
            amount,
            occurred_at: claim.occurred_at,
        };
        let reference = Some(reference);
        let funding =
            conversions::charge_goal(tx, &award, &terms, reference, charge, self.take_rate).await?;
        Ok(Some(funding.owed))
    }
}

/// The goal that is claimed, if it may be.
async fn claimable<'t>(
    tx: &WriteTx,
    award: &Award,
    terms: &'t Terms,
    input: &ClaimConversion,
) -> Result<&'t Goal> {
    if award.returned_at.is_some() {
        return Err(AWARD_TAKEN_BACK.into());
    }
    let goal = reported_goal(terms, input.goal)?;
    in_window(goal, award.created_at, input.occurred_at, tx.now())?;
    // As long as what was billed in the window's last moment would not be final.
    let last = goal.attribution_window_s.saturating_add(terms.lock_s).saturating_mul(SECOND);
    if tx.now() > award.created_at.plus(last) {
        return Err(CLAIM_TOO_LATE.into());
    }
    let billed = conversions::of_awards(tx, &[award.id]).await?;
    if !goal.several && conversions::reached(&billed, input.goal).is_some() {
        return Err(GOAL_DONE.into());
    }
    if repo::open_claim(tx, award.id, input.goal).await? {
        return Err(CLAIM_EXISTS.into());
    }
    Ok(goal)
}

/// The command with the share that an operator's amount is, and the amount that is granted.
fn granted(dispute: &Dispute, act: Act<'_>) -> Result<(Command, Option<i64>)> {
    let claim = dispute.claim.as_ref().ok_or(NOT_FOUND)?;
    if !matches!(act.command, Command::Decide(Verdict::Partial(_))) {
        return Ok((act.command, claim.amount));
    }
    let wrong = || Problem::new(CLAIM_PARTIAL).field("amount");
    let amount = act.amount.ok_or_else(wrong)?;
    let claimed = claim.amount.ok_or_else(wrong)?;
    if amount.currency != claim.currency {
        let code = leadbourse_core::conversion::AMOUNT_CURRENCY;
        return Err(Problem::new(code).field("amount.currency").into());
    }
    if !(1..claimed).contains(&amount.minor) {
        return Err(wrong().into());
    }
    let share = share_of(amount.minor, claimed).max(Bps(1));
    Ok((Command::Decide(Verdict::Partial(share)), Some(amount.minor)))
}

fn begin(
    award: &Award,
    policy: &NichePolicy,
    claim: Claim,
    actor: &str,
    now: Timestamp,
) -> Dispute {
    let (answer_s, decide_s) = (policy.dispute_answer_s, policy.dispute_decide_s);
    let lock_at = now.plus(answer_s.saturating_add(decide_s).max(0).saturating_mul(SECOND));
    Dispute {
        id: DisputeId::new(now),
        kind: DisputeKind::MissingConversion,
        conversion_id: None,
        award_id: award.id,
        lead_id: award.lead_id,
        offer_id: award.offer_id,
        buyer_id: award.buyer_id,
        publisher_id: award.publisher_id,
        niche_id: award.niche_id,
        reason_code: NOT_REPORTED.to_owned(),
        claimed: Bps::WHOLE,
        decided: None,
        state: DisputeState::Open,
        deadlines: Deadlines::fix(now, answer_s, decide_s, lock_at),
        claim: Some(claim),
        opened_by: actor.to_owned(),
        opened_at: now,
        answered_at: None,
        resolved_at: None,
        resolved_by: None,
        rev: 0,
    }
}
