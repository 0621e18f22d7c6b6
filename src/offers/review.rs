//! An operator's review of a version, and the moment from which it rules.

use leadbourse_core::access::{Action, Actor, Scope};
use leadbourse_core::account::input;
use leadbourse_core::error::{NOT_FOUND, Problem};
use leadbourse_core::ids::{OfferId, OfferVersionId};
use leadbourse_core::offer::state::{
    OfferCommand, OfferState, VersionCommand, VersionState, ruling,
};
use leadbourse_core::time::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::error::NOTE_REQUIRED;
use super::jobs::VERSION_DUE;
use super::lifecycle::done_before;
use super::model::{Offer, OfferVersion};
use super::{Offers, live, repo};
use crate::platform::audit;
use crate::platform::db::WriteTx;
use crate::platform::error::Result;
use crate::platform::jobs::{self, JobSpec};
use crate::platform::once;

/// An operator's decision on a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Review {
    /// Whether it may rule.
    pub approve: bool,
    /// What the buyer should know; needed for a refusal.
    pub note: Option<String>,
    /// From when it rules; at once if not given or past.
    pub effective_at: Option<Timestamp>,
}

impl Offers {
    /// Approves or refuses a version in review. Until an approved one begins, the old one rules.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`, `NOTE_REQUIRED`, `IDEMPOTENCY_MISMATCH`,
    /// `LIVE_CONNECTION_MISSING`.
    pub async fn review(
        &self,
        actor: &Actor,
        id: OfferVersionId,
        review: &Review,
        key: Option<&str>,
    ) -> Result<Offer> {
        actor.require(Action::Moderate)?;
        let note = input::note(review.note.as_deref(), 1_000, "note")?;
        if !review.approve && note.is_none() {
            return Err(Problem::new(NOTE_REQUIRED).field("note").into());
        }
        let tx = self.db.begin_write(&self.clock).await?;
        let request = (id, review);
        if let Some(done) = done_before(&tx, actor, key, "reviewOffer", &request).await? {
            return Ok(done);
        }
        let seen = repo::versions::by_ids(&tx, &[id.uuid()]).await?.pop().ok_or(NOT_FOUND)?;
        let mut offer = self.lock(&tx, Scope::All, seen.offer_id).await?;
        let mut versions = repo::versions::of_locked(&tx, offer.id).await?;
        let version = versions.iter_mut().find(|version| version.id == id).ok_or(NOT_FOUND)?;
        let command = if review.approve { VersionCommand::Approve } else { VersionCommand::Refuse };
        version.state = version.state.apply(command)?;
        if review.approve {
            live::has_connection(&tx, offer.id, &version.terms).await?;
        }
        version.decided_at = Some(tx.now());
        version.note = note;
        if review.approve {
            let wanted = review.effective_at.unwrap_or(tx.now());
            version.effective_at = Some(wanted.max(tx.now()));
        }
        repo::versions::decide(&tx, version, &actor.name()).await?;
        let decided = version.clone();
        if offer.state == OfferState::InReview {
            let command = if review.approve { OfferCommand::Approve } else { OfferCommand::Refuse };
            offer.state = offer.state.apply(command)?;
        }
        if review.approve {
            self.settle_versions(&tx, &mut offer, &versions, Some(&decided)).await?;
        }
        repo::offers::update(&tx, &mut offer).await?;
        let detail = json!({
            "version": id, "approve": review.approve, "note": decided.note,
            "effective_at": decided.effective_at.map(Timestamp::rfc3339),
        });
        audit::record(&tx, actor, "offer.review", &offer.id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &offer.id).await?;
        tx.commit().await?;
        Ok(offer)
    }

    /// Lets the version begin that is due by now; nothing if none is. Safe to do twice.
    ///
    /// # Errors
    /// Faults only.
    pub(super) async fn begin_due(&self, id: OfferId) -> Result<()> {
        let tx = self.db.begin_write(&self.clock).await?;
        let mut offer = self.lock(&tx, Scope::All, id).await?;
        let before = offer.current_version_id;
        let versions = repo::versions::of_locked(&tx, id).await?;
        self.settle_versions(&tx, &mut offer, &versions, None).await?;
        if offer.current_version_id != before {
            repo::offers::update(&tx, &mut offer).await?;
        }
        tx.commit().await
    }

    /// Points the offer at the version that rules now, supersedes those that will not rule any
    /// more, and plans the beginning of a `fresh` one that is still to come.
    async fn settle_versions(
        &self,
        tx: &WriteTx,
        offer: &mut Offer,
        versions: &[OfferVersion],
        fresh: Option<&OfferVersion>,
    ) -> Result<()> {
        let approved: Vec<(&OfferVersion, Timestamp)> = versions
            .iter()
            .filter(|version| version.state == VersionState::Effective)
            .filter_map(|version| Some((version, version.effective_at?)))
            .collect();
        let times: Vec<_> = approved.iter().map(|(version, at)| (version.version, *at)).collect();
        let now_rules = ruling(&times, tx.now()).and_then(|at| approved.get(at)).map(|(v, _)| *v);
        let newest = fresh.or(now_rules);
        for (version, at) in &approved {
            let followed = now_rules.is_some_and(|ruler| version.version < ruler.version);
            // One that has not begun will never rule if a newer one was approved.
            let overtaken =
                *at > tx.now() && newest.is_some_and(|newest| version.version < newest.version);
            if followed || overtaken {
                let state = version.state.apply(VersionCommand::Supersede)?;
                repo::versions::set_state(tx, version.id, state).await?;
            }
        }
        if let Some(version) = now_rules {
            offer.current_version_id = Some(version.id);
        }
        if let Some((version, at)) =
            fresh.and_then(|fresh| Some((fresh, fresh.effective_at.filter(|at| *at > tx.now())?)))
        {
            let payload = json!({"offer": offer.id});
            let spec = JobSpec::new(VERSION_DUE, payload).at(at).dedup(version.id.to_string());
            jobs::schedule(tx, spec).await?;
        }
        Ok(())
    }
}
