//! Billing an event after the award, in the caller's transaction.
//!
//! The caller has locked the meter of the award's offer, and nothing that comes after it in the order
//! of locks: of two reports of one event the second finds what the first did. If anything is owed
//! afterwards, the caller pauses the offer, last of all.

use leadbourse_core::conversion::event::{
    charge, in_currency, in_window, reported_goal, same_amount,
};
use leadbourse_core::conversion::{
    AWARD_TAKEN_BACK, Clocks, ConversionState, GOAL_DONE, Legs, ReservationState, conversion_id,
    reservation_id,
};
use leadbourse_core::error::NOT_FOUND;
use leadbourse_core::ids::{AwardId, ConversionId};
use leadbourse_core::ledger::{Account, Funding, templates};
use leadbourse_core::money::{Bps, Money};
use leadbourse_core::offer::terms::{GoalKind, Terms};
use leadbourse_core::time::Timestamp;

use super::model::{Award, Conversion, Seen};
use super::new::{NewAward, NewConversion};
use super::repo;
use super::rows::reported_rows;
use super::tell;
use crate::ledger;
use crate::niches;
use crate::offers;
use crate::platform::db::WriteTx;
use crate::platform::db::bulk;
use crate::platform::error::Result;

/// An event that a buyer reports, or that an operator has found to have happened.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// What happened.
    pub goal: GoalKind,
    /// The reporter's reference, trimmed: one per award and goal is billed once.
    pub reference: &'a str,
    /// What the customer paid.
    pub amount: Option<Money>,
    /// When it happened; now if not said.
    pub occurred_at: Option<Timestamp>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Billed {
    /// The conversion.
    pub id: ConversionId,
    /// Whether it was billed now, not before.
    pub fresh: bool,
    /// What the buyer could not pay, minor units.
    pub owed: i64,
}

/// Bills an event, or finds that it was billed before.
///
/// # Errors
/// `NOT_FOUND`, `AWARD_TAKEN_BACK`, `NO_SUCH_GOAL`, `GOAL_DONE`, `OUTSIDE_WINDOW`, `EVENT_DIFFERS`,
/// `AMOUNT_NEEDED`, `AMOUNT_RANGE`, `AMOUNT_CURRENCY`.
pub async fn bill(
    tx: &WriteTx,
    award: AwardId,
    event: &Event<'_>,
    default_take: Bps,
) -> Result<Billed> {
    let award = repo::award(tx, Seen::All, award).await?.ok_or(NOT_FOUND)?;
    if award.returned_at.is_some() {
        return Err(AWARD_TAKEN_BACK.into());
    }
    let amount = in_currency(award.currency, event.amount, "amount")?;
    let id = conversion_id(award.id, event.goal, Some(event.reference));
    let before = repo::conversions_of_awards(tx, Seen::All, &[award.id]).await?;
    if let Some(known) = before.iter().find(|known| known.id == id) {
        same_amount(known.amount, amount)?;
        return Ok(Billed { id, fresh: false, owed: 0 });
    }
    let terms = offers::terms_of(tx, award.offer_version_id).await?;
    let goal = reported_goal(&terms, event.goal)?;
    if !goal.several && reached(&before, event.goal).is_some() {
        return Err(GOAL_DONE.into());
    }
    let now = tx.now();
    let occurred_at = event.occurred_at.unwrap_or(now);
    in_window(goal, award.created_at, occurred_at, now)?;
    let charge = Charge { goal: event.goal, price: charge(goal, amount)?, amount, occurred_at };
    let reference = Some(event.reference.to_owned());
    let funding = charge_goal(tx, &award, &terms, reference, charge, default_take).await?;
    Ok(Billed { id, fresh: true, owed: funding.owed })
}

/// The conversion by which a goal was reached on an award. One that was returned whole does not
/// count: the event did not last, and another may follow.
pub fn reached(conversions: &[Conversion], goal: GoalKind) -> Option<&Conversion> {
    let standing = |one: &&Conversion| one.goal == goal && one.state != ConversionState::Returned;
    conversions.iter().find(standing)
}

/// A price to be charged for an event.
#[derive(Clone, Copy, Debug)]
pub struct Charge {
    /// What happened.
    pub goal: GoalKind,
    /// What it costs, minor units; more than nothing.
    pub price: i64,
    /// What the customer paid, if known, minor units.
    pub amount: Option<i64>,
    /// When it happened.
    pub occurred_at: Timestamp,
}

/// Writes a conversion and moves its money: the goal's reservation first, then free money; the rest
/// is owed. Gives where the price came from.
///
/// # Errors
/// Faults, and sums that the ledger does not hold.
pub async fn charge_goal(
    tx: &WriteTx,
    award: &Award,
    terms: &Terms,
    reference: Option<String>,
    charge: Charge,
    default_take: Bps,
) -> Result<Funding> {
    let now = tx.now();
    let policy = niches::policy_of(tx, award.niche_id).await?;
    let take_rate = policy.take_rate_bps.unwrap_or(default_take);
    let reserved = capture(tx, award.id, charge).await?;
    let (buyer, currency) = (award.buyer_id, award.currency);
    let available = Account::available(buyer, currency);
    let accounts = [available, Account::owed(buyer, currency), Account::reserved(buyer, currency)];
    let balances = ledger::lock_balances(tx, &accounts).await?;
    let free = balances.get(&available.id()).copied().unwrap_or(0);
    let funding = Funding::plan(charge.price, reserved, free);
    let mut conversion = NewConversion::on_award(
        &as_new(award),
        charge.goal,
        reference,
        (Legs::split(charge.price, take_rate), take_rate),
        funding,
        Clocks::fix(now, terms),
        (charge.occurred_at, now),
    );
    conversion.amount = charge.amount;
    tell::created(tx, award, &conversion).await?;
    let mut posted = vec![conversion.ledger_tx()?];
    let rest = reserved.saturating_sub(funding.reserved);
    if rest > 0 {
        let goal = charge.goal.as_str();
        posted.push(templates::release(award.id, goal, buyer, rest, currency, 0, now)?);
    }
    bulk::insert_many(tx, reported_rows(&[conversion])).await?;
    ledger::post(tx, &posted).await?;
    let moved = charge.price.saturating_sub(reserved);
    let place = (award.offer_id, award.publisher_id);
    offers::move_money(tx, place, award.created_at, moved).await?;
    offers::count_events(tx, award.offer_id, charge.goal, (1, charge.price)).await?;
    Ok(funding)
}

/// Ends the reservation of a goal, if it is still open; gives what was reserved.
async fn capture(tx: &WriteTx, award: AwardId, charge: Charge) -> Result<i64> {
    let promise = repo::reservation(tx, reservation_id(award, charge.goal)).await?;
    let Some(promise) = promise.filter(|one| one.state == ReservationState::Open) else {
        return Ok(0);
    };
    let taken = charge.price.min(promise.amount);
    let ours = repo::end_reservation(tx, promise.id, ReservationState::Captured, taken).await?;
    Ok(if ours { promise.amount } else { 0 })
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
