//! Events that buyers report: sales and registrations.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::conversion::BAD_EXTERNAL_REF;
use leadbourse_core::error::Problem;
use leadbourse_core::ids::ConversionId;
use leadbourse_core::money::{Bps, Money};
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::time::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::bill::{Event, bill};
use super::model::Conversion;
use super::place::{self, Place};
use super::service::Conversions;
use crate::offers::{self, PauseReason};
use crate::platform::error::{Result, retry};
use crate::platform::{audit, once};

/// An event as a buyer reports it.
#[derive(Clone, Debug, Serialize)]
pub struct ReportConversion {
    /// On which award.
    pub place: Place,
    /// What happened.
    pub goal: GoalKind,
    /// The buyer's own reference; the same one is billed once.
    pub external_id: String,
    /// What the customer paid; needed where a share of the sale is paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// When it happened; now if not said.
    pub occurred_at: Option<Timestamp>,
}

/// The conversion that a report led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The conversion, as it stands now.
    pub conversion: Conversion,
    /// Whether it had been billed before, or the sender's key had been used for it.
    pub replayed: bool,
}

impl Conversions {
    /// Bills an event: takes the reservation, then free money; what is missing is owed, the
    /// conversion stays unfunded, and the offer pauses at once. The same award, goal and reference
    /// again give the same conversion.
    ///
    /// # Errors
    /// Those of [`bill`], `BAD_EXTERNAL_REF`, and those of idempotency keys.
    pub async fn report(
        &self,
        actor: &Actor,
        input: &ReportConversion,
        key: Option<&str>,
    ) -> Result<Reported> {
        actor.require(Action::ReportOutcomes)?;
        let (id, replayed) = retry(|| self.try_report(actor, input, key)).await?;
        Ok(Reported { conversion: self.conversion(actor, id).await?, replayed })
    }

    /// As [`Conversions::report`]; gives the conversion alone.
    ///
    /// # Errors
    /// The same.
    pub async fn report_conversion(
        &self,
        actor: &Actor,
        input: ReportConversion,
        key: Option<&str>,
    ) -> Result<Conversion> {
        Ok(self.report(actor, &input, key).await?.conversion)
    }

    async fn try_report(
        &self,
        actor: &Actor,
        input: &ReportConversion,
        key: Option<&str>,
    ) -> Result<(ConversionId, bool)> {
        let tx = self.db.begin_write(&self.clock).await?;
        if let Some(id) = once::begin(&tx, actor, key, "reportConversion", input).await? {
            return Ok((id, true));
        }
        let award = place::award_at(&tx, actor.org, input.place).await?;
        let event = Event {
            goal: input.goal,
            reference: reference(&input.external_id)?,
            amount: input.amount,
            occurred_at: input.occurred_at,
        };
        offers::lock_meter(&tx, award.offer_id).await?;
        let billed = bill(&tx, award.id, &event, self.take_rate()).await?;
        if billed.owed > 0 {
            // Last of all: the pause raises the market's epoch, and intake takes that last too.
            offers::pause_in(&tx, award.offer_id, PauseReason::Unfunded).await?;
        }
        if billed.fresh {
            let detail = json!({"award": award.id, "goal": input.goal, "owed": billed.owed});
            audit::record(&tx, actor, "conversion.report", &billed.id.to_string(), detail).await?;
        }
        once::finish(&tx, actor, key, &billed.id).await?;
        tx.commit().await?;
        Ok((billed.id, !billed.fresh))
    }

    /// The installation's share of a price.
    pub fn take_rate(&self) -> Bps {
        Bps(self.money.take_rate_bps)
    }
}

/// A reference without the space around it.
///
/// # Errors
/// `BAD_EXTERNAL_REF`.
pub fn reference(text: &str) -> Result<&str, Problem> {
    let text = text.trim();
    if (1..=120).contains(&text.chars().count()) {
        Ok(text)
    } else {
        Err(Problem::new(BAD_EXTERNAL_REF).field("externalId"))
    }
}
