//! Reported sales.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::conversion::{
    AWARD_TAKEN_BACK, BAD_EXTERNAL_REF, Clocks, Legs, NO_SUCH_GOAL, OUTSIDE_WINDOW,
    ReservationState, conversion_id, reservation_id,
};
use leadbourse_core::error::{NOT_FOUND, Problem};
use leadbourse_core::ids::{AwardId, ConversionId};
use leadbourse_core::ledger::{Account, Funding, templates};
use leadbourse_core::money::Bps;
use leadbourse_core::offer::terms::{Goal, GoalKind};
use leadbourse_core::time::{SECOND, Timestamp};
use serde::Serialize;
use serde_json::json;

use super::model::{Award, Conversion, Seen};
use super::new::{NewAward, NewConversion};
use super::repo;
use super::rows::conversion_rows;
use super::service::Conversions;
use crate::ledger;
use crate::niches;
use crate::offers::{self, PauseReason};
use crate::platform::db::WriteTx;
use crate::platform::db::bulk;
use crate::platform::error::{Result, retry};
use crate::platform::{audit, once};

/// A sale as a buyer reports it.
#[derive(Clone, Debug, Serialize)]
pub struct ReportConversion {
    /// On which award.
    pub award_id: AwardId,
    /// What happened.
    pub goal: GoalKind,
    /// The buyer's own reference; the same one is billed once.
    pub external_id: String,
    /// When it happened; now if not said.
    pub occurred_at: Option<Timestamp>,
}

impl Conversions {
    /// Bills a sale: takes the reservation, then free money; what is missing is owed, the
    /// conversion stays unfunded, and the offer pauses at once.
    ///
    /// # Errors
    /// `NOT_FOUND`, `AWARD_TAKEN_BACK`, `NO_SUCH_GOAL`, `OUTSIDE_WINDOW`, `BAD_EXTERNAL_REF`, and those of
    /// idempotency keys. The same award, goal and reference again give the same conversion.
    pub async fn report_conversion(
        &self,
        actor: &Actor,
        input: ReportConversion,
        key: Option<&str>,
    ) -> Result<Conversion> {
        actor.require(Action::ReportOutcomes)?;
        let id = retry(|| self.try_report(actor, &input, key)).await?;
        self.conversion(actor, id).await
    }

    async fn try_report(
        &self,
        actor: &Actor,
        input: &ReportConversion,
        key: Option<&str>,
    ) -> Result<ConversionId> {
        let tx = self.db.begin_write(&self.clock).await?;
        if let Some(id) = once::begin(&tx, actor, key, "reportConversion", input).await? {
            return Ok(id);
        }
        let award = repo::award(&tx, Seen::Buyer(actor.org), input.award_id).await?;
        let award = award.ok_or(NOT_FOUND)?;
        check_reference(&input.external_id)?;
        // One lock per offer, before the look: of two reports of one sale the second finds it.
        offers::lock_meter(&tx, award.offer_id).await?;
        let award = repo::award(&tx, Seen::All, award.id).await?.ok_or(NOT_FOUND)?;
        if award.returned_at.is_some() {
            return Err(AWARD_TAKEN_BACK.into());
        }
        let reference = input.external_id.trim();
        let id = conversion_id(award.id, input.goal, Some(reference));
        if repo::conversions(&tx, Seen::All, &[id]).await?.is_empty() {
            let billed = self.bill(&tx, &award, input, reference).await?;
            if billed.owed > 0 {
                // Last of all: the pause raises the market's epoch, and intake takes that last too.
                offers::pause_in(&tx, award.offer_id, PauseReason::Unfunded).await?;
            }
            let detail = json!({"award": award.id, "goal": input.goal, "owed": billed.owed});
            audit::record(&tx, actor, "conversion.report", &id.to_string(), detail).await?;
        }
        once::finish(&tx, actor, key, &id).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Writes the conversion and moves its money; gives where the price came from.
    async fn bill(
        &self,
        tx: &WriteTx,
        award: &Award,
        input: &ReportConversion,
        reference: &str,
    ) -> Result<Funding> {
        let now = tx.now();
        let terms = offers::terms_of(tx, award.offer_version_id).await?;
        let goal = terms.goals.iter().find(|goal| goal.kind == input.goal);
        let goal = goal.filter(|goal| goal.kind == GoalKind::Sale);
        let goal = goal.ok_or_else(|| Problem::new(NO_SUCH_GOAL).field("goal"))?;
        let occurred_at = input.occurred_at.unwrap_or(now);
        check_window(award, goal, occurred_at, now)?;
        let policy = niches::policy_of(tx, award.niche_id).await?;
        let take_rate = policy.take_rate_bps.unwrap_or(Bps(self.money.take_rate_bps));

        let promise = repo::reservation(tx, reservation_id(award.id, input.goal)).await?;
        let promise = promise.filter(|promise| promise.state == ReservationState::Open);
        let reserved = promise.as_ref().map_or(0, |promise| promise.amount);
        let taken = goal.price.min(reserved);
        let captured = match &promise {
            Some(promise) => {
                repo::end_reservation(tx, promise.id, ReservationState::Captured, taken).await?
            }
            None => false,
        };
        let reserved = if captured { reserved } else { 0 };

        let (buyer, currency) = (award.buyer_id, award.currency);
        let available = Account::available(buyer, currency);
        let accounts =
            [available, Account::owed(buyer, currency), Account::reserved(buyer, currency)];
        let balances = ledger::lock_balances(tx, &accounts).await?;
        let free = balances.get(&available.id()).copied().unwrap_or(0);
        let funding = Funding::plan(goal.price, reserved, free);
        let conversion = NewConversion::on_award(
            &as_new(award),
            input.goal,
            Some(reference.to_owned()),
            (Legs::split(goal.price, take_rate), take_rate),
            funding,
            Clocks::fix(now, &terms),
            (occurred_at, now),
        );
        let mut posted = vec![conversion.ledger_tx()?];
        let rest = reserved.saturating_sub(funding.reserved);
        if rest > 0 {
            let goal = input.goal.as_str();
            posted.push(templates::release(award.id, goal, buyer, rest, currency, 0, now)?);
        }
        bulk::insert_many(tx, conversion_rows(&[conversion])).await?;
        ledger::post(tx, &posted).await?;
        let moved = goal.price.saturating_sub(reserved);
        let place = (award.offer_id, award.publisher_id);
        offers::move_money(tx, place, award.created_at, moved).await?;
        offers::count_sale(tx, award.offer_id, goal.price).await?;
        Ok(funding)
    }
}

pub(super) fn check_reference(reference: &str) -> Result<(), Problem> {
    let length = reference.trim().chars().count();
    if (1..=120).contains(&length) {
        Ok(())
    } else {
        Err(Problem::new(BAD_EXTERNAL_REF).field("externalId"))
    }
}

fn check_window(
    award: &Award,
    goal: &Goal,
    occurred_at: Timestamp,
    now: Timestamp,
) -> Result<(), Problem> {
    let window = goal.attribution_window_s.max(0).saturating_mul(SECOND);
    let end = award.created_at.plus(window);
    if occurred_at < award.created_at || occurred_at > end || occurred_at > now {
        return Err(Problem::new(OUTSIDE_WINDOW).field("occurredAt"));
    }
    Ok(())
}

/// The part of a stored award that a conversion copies.
fn as_new(award: &Award) -> NewAward {
    NewAward {
        id: award.id,
        lead_id: award.lead_id,
        offer_id: award.offer_id,
        offer_version_id: award.offer_version_id,
        buyer_id: award.buyer_id,
        publisher_id: award.publisher_id,
        source_id: award.source_id,
        niche_id: award.niche_id,
        copy_no: award.copy_no,
        price: award.price,
        earning: award.earning,
        currency: award.currency,
        max_sales: award.max_sales,
        created_at: award.created_at,
    }
}
