//! Awards that never arrived: what no destination took and nobody opened is returned in full.
//!
//! The buyer did not get what it paid for, and nobody is asked: the exchange records a return with
//! the reason [`UNDELIVERED`], upheld at once, whose money moves by the same cumulative rule as
//! every return's. Both sides find it where returns are; the lead's chain has an event of it.

use leadbourse_core::access::{Actor, OrgKind};
use leadbourse_core::conversion::ConversionState;
use leadbourse_core::dispute::DisputeState;
use leadbourse_core::ids::{AwardId, OrganizationId};
use leadbourse_core::money::Bps;
use leadbourse_core::offer::terms::GoalKind;
use serde_json::json;

use super::claims;
use super::model::Dispute;
use super::repo;
use super::service::Disputes;
use crate::conversions::{self, Award, Conversion};
use crate::platform::audit;
use crate::platform::db::WriteTx;
use crate::platform::error::{Result, retry};
use crate::{delivery, leads, niches, offers};

/// The reason of a return that the exchange itself records. No niche has it among its own.
pub const UNDELIVERED: &str = "UNDELIVERED";

/// The code of the event in the lead's chain.
const EVENT: &str = "UNDELIVERED_RETURNED";

/// Who does it.
const SYSTEM: &str = "system";

impl Disputes {
    /// Returns an award in full whose last delivery died and that nobody opened. Doing it twice
    /// changes nothing; an award that was opened, seen, judged or used to report a sale stays, and
    /// so does one whose money was released already. Gives whether it was returned.
    ///
    /// # Errors
    /// Faults only.
    pub async fn return_undelivered(&self, id: AwardId) -> Result<bool> {
        retry(|| self.try_return_undelivered(id)).await
    }

    async fn try_return_undelivered(&self, id: AwardId) -> Result<bool> {
        let tx = self.db.begin_write(&self.clock).await?;
        let Some(award) = conversions::awards_to_deliver(&tx, &[id]).await?.pop() else {
            return Ok(false);
        };
        // In the order of locks: lead, claims, meter, conversions, award, dispute, balances.
        leads::lock(&tx, &[award.lead_id.uuid()]).await?;
        let policy = niches::policy_of(&tx, award.niche_id).await?;
        let claims = claims::lock(&tx, award.lead_id).await?;
        offers::lock_meter(&tx, award.offer_id).await?;
        let billed = conversions::lock_award_for_return(&tx, &award).await?;
        // Whoever reported a sale had the lead; and a return never meets money whose hold is over,
        // whether the job that releases it has run yet or not.
        let now = tx.now();
        let untouched = |one: &Conversion| {
            one.goal == GoalKind::Lead
                && one.state == ConversionState::Held
                && one.clocks.hold_until() > now
        };
        if !billed.iter().all(untouched) {
            return Ok(false);
        }
        let still = conversions::lock_award(&tx, id).await?;
        if still.is_none() || delivery::has_way(&tx, id).await? {
            return Ok(false);
        }
        if !conversions::take_back(&tx, id).await? {
            return Ok(false);
        }
        for conversion in &billed {
            self.drop_open(&tx, conversion).await?;
            self.uphold(&tx, conversion).await?;
        }
        conversions::release_promise(&tx, &award).await?;
        if policy.dedupe.release_on_return {
            claims.release(&tx).await?;
        }
        self.tell_all(&tx, &award, &billed).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// A return that somebody opened on it is not needed any more.
    async fn drop_open(&self, tx: &WriteTx, conversion: &Conversion) -> Result<()> {
        let Some(open) = repo::open_of(tx, conversion.id).await? else { return Ok(()) };
        let Some(mut dispute) = repo::lock(tx, open).await? else { return Ok(()) };
        dispute.state = DisputeState::Withdrawn;
        dispute.resolved_at = Some(tx.now());
        dispute.resolved_by = Some(SYSTEM.to_owned());
        dispute.decided = Some(conversion.given.bps);
        repo::save(tx, &dispute).await?;
        let system = OrganizationId::default();
        self.tell(tx, &dispute, UNDELIVERED, SYSTEM, system, None).await?;
        if !repo::counts_as_returned(tx, conversion.award_id, Some(dispute.id)).await? {
            offers::count_returns(tx, conversion.offer_id, -1).await?;
        }
        Ok(())
    }

    /// Records the return and gives everything back. It does not count against the buyer's share
    /// of returns: it says nothing about the lead.
    async fn uphold(&self, tx: &WriteTx, conversion: &Conversion) -> Result<()> {
        let mut dispute =
            Dispute::granted(conversion, UNDELIVERED, Bps::WHOLE, SYSTEM.to_owned(), tx.now());
        repo::insert(tx, &dispute).await?;
        repo::save(tx, &dispute).await?;
        dispute.rev += 1;
        let system = OrganizationId::default();
        self.tell(tx, &dispute, UNDELIVERED, SYSTEM, system, None).await?;
        conversions::give_back(tx, conversion, Bps::WHOLE, dispute.id).await.map(drop)
    }

    /// The lead's chain and the buyer's log say what happened.
    async fn tell_all(&self, tx: &WriteTx, award: &Award, billed: &[Conversion]) -> Result<()> {
        let ids: Vec<_> = billed.iter().map(|conversion| conversion.id).collect();
        let facts = json!({"award": award.id, "conversions": ids});
        let event = (EVENT, "exchange");
        leads::append(tx, &self.vault, award.lead_id, event, &facts).await?;
        let actor = Actor { kind: OrgKind::Buyer, ..Actor::system(award.buyer_id) };
        audit::record(tx, &actor, "award.undelivered", &award.id.to_string(), facts).await
    }
}
