//! What the sale and the end of a call move.
//!
//! Locks, in the exchange's one order: the call, its lead, the caller's claim, the offer's meter,
//! the reservation, balances.

use leadbourse_core::call::{CallEnd, Sale};
use leadbourse_core::conversion::Legs;
use leadbourse_core::lead::fingerprint::{ClaimScope, Person};
use leadbourse_core::lead::verdict::Verdict;
use leadbourse_core::niche::annotations::FieldKind;
use leadbourse_core::offer::terms::{Goal, GoalKind};
use leadbourse_core::time::SECOND;
use serde_json::json;
use uuid::Uuid;

use super::model::{CallRecord, SoldCall};
use super::service::Calls;
use crate::conversions::{self, Award};
use crate::platform::db::WriteTx;
use crate::platform::db::bulk::{self, ClaimRequest};
use crate::platform::error::{Error, Result};
use crate::{leads, niches, offers};

/// The chain's name for the exchange itself.
const EXCHANGE: &str = "exchange";

/// A claim on a caller, taken for a lead.
type Taken = Option<(Uuid, Uuid)>;

impl Calls {
    /// Writes down what the market said.
    pub(super) async fn sell(
        &self,
        tx: &WriteTx,
        call: &mut CallRecord,
        verdict: &Verdict,
    ) -> Result<()> {
        call.lead_id = Some(verdict.lead_id);
        let Some(copy) = verdict.awards.first() else {
            call.machine.sale = Sale::Unsold;
            call.decided_at = Some(tx.now());
            return Ok(());
        };
        let award = self.award(tx, copy.award_id).await?;
        let goal = call_goal(tx, &award).await?;
        let connect_to = offers::connect_to(tx, award.offer_id).await?;
        let price = goal.price.most();
        let policy = niches::policy_of(tx, award.niche_id).await?;
        let rate = policy.take_rate_bps.unwrap_or(self.conversions.take_rate());
        call.machine.sale = Sale::Sold { min_call_s: goal.min_call_seconds };
        call.sold = Some(SoldCall {
            award_id: award.id,
            offer_id: award.offer_id,
            offer_version_id: award.offer_version_id,
            buyer_id: award.buyer_id,
            connect_to,
            min_call_s: goal.min_call_seconds,
            price,
            earning: Legs::split(price, rate).earning(),
            currency: award.currency,
            conversion_id: None,
        });
        Ok(())
    }

    async fn award(&self, tx: &WriteTx, id: leadbourse_core::ids::AwardId) -> Result<Award> {
        let found = conversions::awards_to_deliver(tx, &[id]).await?.pop();
        found.ok_or_else(|| Error::broken(format!("{id} is gone")))
    }

    /// Ends a sold call: bills it, or lets its reservation go. `end` is what its length says; a
    /// person who was billed a short while ago, or money that is not reserved any more, changes it.
    pub(super) async fn settle(
        &self,
        tx: &WriteTx,
        call: &mut CallRecord,
        end: CallEnd,
    ) -> Result<()> {
        let Some(mut sold) = call.sold.take() else {
            return Err(Error::broken("a call ends that was not sold"));
        };
        let award = self.award(tx, sold.award_id).await?;
        let mut end = end;
        leads::lock(tx, &[award.lead_id.uuid()]).await?;
        let mut taken: Taken = None;
        if end == CallEnd::Qualified {
            let goal = call_goal(tx, &award).await?;
            match self.claim(tx, call, &award, &goal).await? {
                Ok(claim) => taken = claim,
                Err(()) => end = CallEnd::Repeated,
            }
        }
        offers::lock_meter(tx, award.offer_id).await?;
        if end == CallEnd::Qualified {
            let at = call.machine.facts.ended.map_or(tx.now(), |ended| ended.at.min(tx.now()));
            match self.conversions.bill_call(tx, &award, at).await? {
                Some(billed) => sold.conversion_id = Some(billed),
                None => {
                    // Its time was over: the money went back to the buyer.
                    end = CallEnd::Closed;
                    bulk::release(tx, taken.as_slice()).await?;
                }
            }
        } else {
            conversions::release_call(tx, &award).await?;
        }
        let facts = json!({
            "call": call.id, "award": award.id, "conversion": sold.conversion_id,
            "connected_seconds": call.machine.facts.ended.map(|ended| ended.connected_s),
            "min_call_seconds": sold.min_call_s,
        });
        leads::append(tx, &self.vault, award.lead_id, (end.event(), EXCHANGE), &facts).await?;
        call.machine.end = Some(end);
        call.decided_at = Some(tx.now());
        call.sold = Some(sold);
        Ok(())
    }

    /// Takes the caller for the offer's repeat-caller window; gives what was taken. `Err` if a call
    /// of this person was billed within the window.
    async fn claim(
        &self,
        tx: &WriteTx,
        call: &CallRecord,
        award: &Award,
        goal: &Goal,
    ) -> Result<std::result::Result<Taken, ()>> {
        let window = goal.repeat_caller_window_s;
        let Some(person) = self.caller(tx, call, award).await?.filter(|_| window > 0) else {
            return Ok(Ok(None));
        };
        let Some(claim) = person.claims(ClaimScope::Caller(award.offer_id), window).pop() else {
            return Ok(Ok(None));
        };
        let lead = award.lead_id.uuid();
        let until = tx.now().plus(window.saturating_mul(SECOND)).micros();
        let wanted = bulk::Claim { id: claim.id, lead_id: lead, expires_at: until };
        let request = ClaimRequest { claims: vec![wanted], ..ClaimRequest::default() };
        let won = bulk::claim_and_lock(tx, request).await?.won.contains(&claim.id);
        // Under an older key the person may be taken as well.
        let older = bulk::lock_claims(tx, &claim.older).await?;
        let stands = older.values().any(|lapse| *lapse > tx.now().micros());
        if won && stands {
            bulk::release(tx, &[(claim.id, lead)]).await?;
        }
        Ok(if won && !stands { Ok(Some((claim.id, lead))) } else { Err(()) })
    }

    /// The fingerprints of the caller; none once the contact data is erased.
    async fn caller(
        &self,
        tx: &WriteTx,
        call: &CallRecord,
        award: &Award,
    ) -> Result<Option<Person>> {
        let key = award.lead_id.uuid();
        let Some(stored) = leads::contacts(tx, &[key]).await?.remove(&key) else {
            return Ok(None);
        };
        let contact = match leads::open_contact(&self.vault, &stored) {
            Ok(contact) => contact,
            Err(error) if error.problem().is_some() => return Ok(None),
            Err(error) => return Err(error),
        };
        let niche = self.exchange.niche(call.niche_id);
        let number = niche.and_then(|niche| {
            let field = niche.schema.fields().of_kind(FieldKind::Phone).next()?;
            contact.fields.get(&field.name)?.as_str().map(ToOwned::to_owned)
        });
        let keys = self.exchange.fingerprint_keys();
        Ok(number.map(|number| Person::caller(keys, &number)))
    }
}

/// The CALL goal of the version that an award pins.
async fn call_goal(tx: &WriteTx, award: &Award) -> Result<Goal> {
    let terms = offers::terms_of(tx, award.offer_version_id).await?;
    let goal = terms.goal(GoalKind::Call).cloned();
    goal.ok_or_else(|| Error::broken(format!("{} was sold as a call, but pays for none", award.id)))
}
