//! Writing offers: drafts, revisions, submission.

use leadbourse_core::access::{Action, Actor, Scope};
use leadbourse_core::account::input;
use leadbourse_core::error::{BAD_INPUT, INVALID_STATE, NOT_FOUND, Problem};
use leadbourse_core::ids::{NicheId, OfferId, OfferVersionId};
use leadbourse_core::money::Bps;
use leadbourse_core::offer::state::{OfferCommand, OfferState, VersionCommand, VersionState};
use leadbourse_core::offer::terms::Terms;
use leadbourse_core::offer::validate;
use serde_json::json;
use std::sync::Arc;

use super::error::{OFFER_NOTHING_TO_SUBMIT, OFFER_UNCHANGED};
use super::model::{Offer, OfferVersion};
use super::{live, repo};
use crate::accounts::require_active;
use crate::niches::{NicheVersion, Niches, raise_epoch};
use crate::platform::audit;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, WriteTx};
use crate::platform::error::{Error, Result};

/// The offers, participations and sources of the exchange. Cheap to clone.
#[derive(Clone)]
pub struct Offers {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) niches: Niches,
    /// The exchange's share where a niche says nothing.
    pub(super) take_rate: Bps,
}

pub(super) fn checked(terms: &Terms, version: &NicheVersion) -> Result<()> {
    let problems = validate::terms(terms, version.fields(), &version.policy);
    problems.into_iter().next().map_or(Ok(()), |problem| Err(Error::from(problem)))
}

impl Offers {
    /// Offers over this database. `take_rate` is the share where a niche says nothing.
    pub fn new(db: Db, clock: Clock, niches: Niches, take_rate: Bps) -> Self {
        Self { db, clock, niches, take_rate }
    }

    /// The exchange's share in a niche of this version.
    pub fn take_rate(&self, version: &NicheVersion) -> Bps {
        version.policy.take_rate_bps.unwrap_or(self.take_rate)
    }

    /// Everything that speaks against these terms in this niche. Empty: nothing.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NICHE_ARCHIVED`.
    pub async fn problems(
        &self,
        actor: &Actor,
        niche: NicheId,
        terms: &Terms,
    ) -> Result<Vec<Problem>> {
        actor.require(Action::ManageOffers)?;
        let tx = self.db.begin_read().await?;
        let (_, version) = self.niches.open_in(&tx, niche).await?;
        Ok(validate::terms(terms, version.fields(), &version.policy))
    }

    /// Drafts an offer with its first version.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NICHE_ARCHIVED`, the first thing that is wrong with name or terms.
    pub async fn create(
        &self,
        actor: &Actor,
        niche_id: NicheId,
        name: &str,
        terms: Terms,
    ) -> Result<Offer> {
        actor.require(Action::ManageOffers)?;
        let name = input::name(name, "name")?;
        let tx = self.db.begin_write(&self.clock).await?;
        let (_, version) = self.niches.open_in(&tx, niche_id).await?;
        checked(&terms, &version)?;
        let offer = Offer {
            id: OfferId::new(tx.now()),
            buyer_id: actor.org,
            niche_id,
            name,
            state: OfferState::Draft,
            current_version_id: None,
            pause_reason: None,
            connect_to: None,
            created_at: tx.now(),
            updated_at: tx.now(),
        };
        repo::offers::insert(&tx, &offer).await?;
        let version = draft(&tx, actor, offer.id, 1, terms).await?;
        let detail = json!({"niche": niche_id, "version": version.id});
        audit::record(&tx, actor, "offer.create", &offer.id.to_string(), detail).await?;
        tx.commit().await?;
        Ok(offer)
    }

    /// Changes name or terms. Other terms make a new draft version, which takes the place of one
    /// that is not decided yet; the version that rules goes on ruling.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`, `OFFER_UNCHANGED`, the first thing that is wrong.
    pub async fn revise(
        &self,
        actor: &Actor,
        id: OfferId,
        name: Option<&str>,
        terms: Terms,
    ) -> Result<Offer> {
        actor.require(Action::ManageOffers)?;
        let name = name.map(|name| input::name(name, "name")).transpose()?;
        let tx = self.db.begin_write(&self.clock).await?;
        let mut offer = self.lock_own(&tx, actor, id).await?;
        if !offer.state.may_revise() {
            return Err(INVALID_STATE.into());
        }
        let versions = repo::versions::of_locked(&tx, id).await?;
        let newest = versions.first().ok_or_else(|| Error::broken(format!("{id} has no terms")))?;
        let renamed = name.as_ref().is_some_and(|name| *name != offer.name);
        let stands = matches!(newest.state, VersionState::Refused | VersionState::Superseded);
        let same = !stands && *newest.terms == terms;
        if same && !renamed {
            return Err(OFFER_UNCHANGED.into());
        }
        if let Some(name) = name {
            offer.name = name;
        }
        let mut detail = json!({"renamed": renamed});
        if !same {
            let (_, niche) = self.niches.open_in(&tx, offer.niche_id).await?;
            checked(&terms, &niche)?;
            supersede_open(&tx, &versions).await?;
            if offer.state == OfferState::InReview {
                offer.state = offer.state.apply(OfferCommand::Withdraw)?;
            }
            let version = draft(&tx, actor, id, newest.version + 1, terms).await?;
            detail = json!({"renamed": renamed, "version": version.id});
        }
        repo::offers::update(&tx, &mut offer).await?;
        audit::record(&tx, actor, "offer.revise", &id.to_string(), detail).await?;
        tx.commit().await?;
        Ok(offer)
    }

    /// Asks for the review of the draft.
    ///
    /// # Errors
    /// `NOT_FOUND`, `OFFER_NOTHING_TO_SUBMIT`, `ORGANIZATION_NOT_ACTIVE`,
    /// `LIVE_CONNECTION_MISSING`, and what is wrong with the terms if the niche has changed
    /// meanwhile.
    pub async fn submit(&self, actor: &Actor, id: OfferId) -> Result<Offer> {
        actor.require(Action::ManageOffers)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let mut offer = self.lock_own(&tx, actor, id).await?;
        require_active(&tx, actor.org).await?;
        let versions = repo::versions::of_locked(&tx, id).await?;
        let newest = versions.first().filter(|version| version.state == VersionState::Draft);
        let version = newest.ok_or(OFFER_NOTHING_TO_SUBMIT)?;
        let (_, niche) = self.niches.open_in(&tx, offer.niche_id).await?;
        checked(&version.terms, &niche)?;
        live::has_connection(&tx, id, &version.terms).await?;
        version.state.apply(VersionCommand::Submit)?;
        if !offer.state.may_revise() {
            return Err(INVALID_STATE.into());
        }
        if offer.state == OfferState::Draft {
            offer.state = offer.state.apply(OfferCommand::Submit)?;
        }
        repo::versions::submit(&tx, version.id).await?;
        repo::offers::update(&tx, &mut offer).await?;
        let detail = json!({"version": version.id});
        audit::record(&tx, actor, "offer.submit", &id.to_string(), detail).await?;
        tx.commit().await?;
        Ok(offer)
    }

    /// Locks an offer of the actor's organization after raising its niche's epoch. The market's own
    /// rows come after the epoch that guards them; claims, meters and balances come before it, and
    /// nothing that changes an offer locks those.
    pub(super) async fn lock_own(&self, tx: &WriteTx, actor: &Actor, id: OfferId) -> Result<Offer> {
        self.lock(tx, Scope::Org(actor.org), id).await
    }

    /// As [`Offers::lock_own`], for what the scope may see.
    pub(super) async fn lock(&self, tx: &WriteTx, scope: Scope, id: OfferId) -> Result<Offer> {
        let seen = repo::offers::find(tx, scope, id).await?.ok_or(NOT_FOUND)?;
        raise_epoch(tx, &[seen.niche_id]).await?;
        repo::offers::lock(tx, id).await?.ok_or_else(|| NOT_FOUND.into())
    }
}

/// Writes a new draft version.
async fn draft(
    tx: &WriteTx,
    actor: &Actor,
    offer_id: OfferId,
    number: i32,
    terms: Terms,
) -> Result<OfferVersion> {
    let version = OfferVersion {
        id: OfferVersionId::new(tx.now()),
        offer_id,
        version: number,
        terms: Arc::new(terms),
        state: VersionState::Draft,
        created_at: tx.now(),
        submitted_at: None,
        decided_at: None,
        note: None,
        effective_at: None,
    };
    match repo::versions::insert(tx, &version, &actor.name()).await {
        Err(error) if error.is_unique_violation() => Err(BAD_INPUT.into()),
        outcome => outcome.map(|()| version),
    }
}

/// Takes every version that is not decided out of the way.
pub(super) async fn supersede_open(tx: &WriteTx, versions: &[OfferVersion]) -> Result<()> {
    for version in versions.iter().filter(|version| version.state.is_open()) {
        let state = version.state.apply(VersionCommand::Supersede)?;
        repo::versions::set_state(tx, version.id, state).await?;
    }
    Ok(())
}
