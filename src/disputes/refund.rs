//! Refunds: a customer got the money of a reported sale back, so its share of the price goes back
//! to the buyer.
//!
//! Nobody is asked: the buyer reports a refund as it reported the sale. It is recorded as a return
//! with the reason [`REFUNDED`], granted at once, so both sides find it where returns are, and its
//! money moves by the same cumulative rule. What is reported is what the customer got back *in all*:
//! the same refund again changes nothing, and a later one only adds the difference.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::conversion::event::{self, Refund};
use leadbourse_core::conversion::{
    ConversionState, NOT_REFUNDABLE, REFUND_TOO_LATE, RETURN_OPEN, conversion_id,
};
use leadbourse_core::error::{NOT_FOUND, Problem};
use leadbourse_core::ids::ConversionId;
use leadbourse_core::money::Money;
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::time::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::model::Dispute;
use super::repo;
use super::service::Disputes;
use crate::conversions::{self, Conversion, Place, Reported, Seen};
use crate::offers;
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::{Result, retry};
use crate::platform::{audit, once};

/// The reason of a return that a refund is. No niche has it among its own.
pub const REFUNDED: &str = "REFUNDED";

/// Which reported event was refunded.
#[derive(Clone, Debug, Serialize)]
pub enum Sale {
    /// The one that led to this conversion.
    Conversion(ConversionId),
    /// The one that was reported with this reference.
    Event {
        /// On which award.
        place: Place,
        /// What had happened.
        goal: GoalKind,
        /// The buyer's reference.
        external_id: String,
    },
}

/// A refund as a buyer reports it.
#[derive(Clone, Debug, Serialize)]
pub struct RefundSale {
    /// Which event.
    pub sale: Sale,
    /// What the customer got back in all; everything if not said.
    pub refunded: Option<Money>,
}

impl Disputes {
    /// Gives the share of a refund back, while the money of the sale is held.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NOT_REFUNDABLE`, `REFUND_TOO_LATE`, `RETURN_OPEN`, `REFUND_RANGE`,
    /// `REFUND_NEEDS_AMOUNT`, `AMOUNT_CURRENCY`, and those of idempotency keys.
    pub async fn refund(
        &self,
        actor: &Actor,
        input: &RefundSale,
        key: Option<&str>,
    ) -> Result<Reported> {
        actor.require(Action::ReportOutcomes)?;
        let (id, replayed) = retry(|| self.try_refund(actor, input, key)).await?;
        let tx = self.db.begin_read().await?;
        let conversion = conversions::read(&tx, Seen::by(actor), id).await?.ok_or(NOT_FOUND)?;
        Ok(Reported { conversion, replayed })
    }

    /// The conversion that a refund would be about.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn refundable(&self, actor: &Actor, sale: &Sale) -> Result<Conversion> {
        actor.require(Action::ReportOutcomes)?;
        find(&self.db.begin_read().await?, actor, sale).await
    }

    async fn try_refund(
        &self,
        actor: &Actor,
        input: &RefundSale,
        key: Option<&str>,
    ) -> Result<(ConversionId, bool)> {
        let tx = self.db.begin_write(&self.clock).await?;
        if let Some(id) = once::begin(&tx, actor, key, "refundSale", input).await? {
            return Ok((id, true));
        }
        let known = find(&tx, actor, &input.sale).await?;
        if !known.goal.is_reported() {
            return Err(NOT_REFUNDABLE.into());
        }
        let refunded = event::in_currency(known.currency, input.refunded, "refunded")?;
        offers::lock_meter(&tx, known.offer_id).await?;
        let conversion = conversions::lock_for_return(&tx, known.id).await?.ok_or(NOT_FOUND)?;
        let refund = event::refund(conversion.amount, refunded)?;
        let fresh = self.give(&tx, actor, &conversion, refund).await?;
        once::finish(&tx, actor, key, &known.id).await?;
        tx.commit().await?;
        Ok((known.id, !fresh))
    }

    /// Gives back what a refund adds to what was returned before; `false` if it adds nothing.
    async fn give(
        &self,
        tx: &WriteTx,
        actor: &Actor,
        conversion: &Conversion,
        refund: Refund,
    ) -> Result<bool> {
        let more = refund.refunded.is_some_and(|sum| sum > conversion.refunded);
        let returns = refund.share > conversion.given.bps;
        if !more && !returns {
            return Ok(false);
        }
        still_held(conversion, tx.now())?;
        if repo::open_of(tx, conversion.id).await?.is_some() {
            return Err(RETURN_OPEN.into());
        }
        if let Some(sum) = refund.refunded.filter(|_| more) {
            conversions::note_refund(tx, conversion.id, sum).await?;
        }
        if returns {
            let mut dispute =
                Dispute::granted(conversion, REFUNDED, refund.share, actor.name(), tx.now());
            repo::insert(tx, &dispute).await?;
            repo::save(tx, &dispute).await?;
            dispute.rev += 1;
            self.tell(tx, &dispute, REFUNDED, &actor.name(), actor.org, None).await?;
            let given = conversions::give_back(tx, conversion, refund.share, dispute.id).await?;
            let money = given.earning.saturating_add(given.fee).saturating_neg();
            let by = if given.whole { -1 } else { 0 };
            offers::count_events(tx, conversion.offer_id, conversion.goal, (by, money)).await?;
        }
        let detail = json!({"award": conversion.award_id, "share": refund.share});
        audit::record(tx, actor, "conversion.refund", &conversion.id.to_string(), detail).await?;
        Ok(true)
    }
}

/// The conversion of a report, if it is the actor's.
async fn find(tx: &impl Reader, actor: &Actor, sale: &Sale) -> Result<Conversion> {
    let id = match sale {
        Sale::Conversion(id) => *id,
        Sale::Event { place, goal, external_id } => {
            let award = conversions::award_at(tx, actor.org, *place).await?;
            conversion_id(award.id, *goal, Some(conversions::reference(external_id)?))
        }
    };
    conversions::read(tx, Seen::Buyer(actor.org), id).await?.ok_or(NOT_FOUND.into())
}

/// Money that was released is not taken back, and after the lock nothing changes.
fn still_held(conversion: &Conversion, now: Timestamp) -> Result<(), Problem> {
    let held = conversion.state == ConversionState::Held;
    if held && now < conversion.clocks.lock_at() { Ok(()) } else { Err(REFUND_TOO_LATE.into()) }
}
