//! Publishers ask to sell to an offer; buyers answer.

use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::account::input;
use leadbourse_core::error::{BAD_INPUT, INVALID_STATE, NOT_FOUND, Problem};
use leadbourse_core::ids::{OfferId, OrganizationId, ParticipationId};
use leadbourse_core::offer::participation::{ParticipationCommand, ParticipationState, may_see};
use leadbourse_core::offer::terms::Visibility;
use serde_json::json;
use std::collections::HashMap;

use super::error::{ALREADY_APPLIED, NO_SUCH_PUBLISHER, PARTICIPATION_NOT_NEEDED};
use super::model::Participation;
use super::{Offers, repo};
use crate::accounts::{Organization, organization_in, require_active};
use crate::niches::raise_epoch;
use crate::platform::audit;
use crate::platform::error::{Error, Result};
use crate::platform::once;
use crate::platform::paging::{Page, Paged};

/// Which participations are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ParticipationFilter {
    /// Only in this state.
    pub state: Option<ParticipationState>,
    /// Only in this offer.
    pub offer_id: Option<OfferId>,
}

/// From which side participations are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Those in the buyer's offers.
    Buyer(OrganizationId),
    /// The publisher's own.
    Publisher(OrganizationId),
    /// All.
    Operator,
}

impl Side {
    fn of(actor: &Actor) -> Self {
        match actor.kind {
            OrgKind::Buyer => Side::Buyer(actor.org),
            OrgKind::Publisher => Side::Publisher(actor.org),
            OrgKind::Operator => Side::Operator,
        }
    }
}

impl Offers {
    /// A publisher asks to take an offer.
    ///
    /// # Errors
    /// `NOT_FOUND`, `PARTICIPATION_NOT_NEEDED`, `ALREADY_APPLIED`, `ORGANIZATION_NOT_ACTIVE`.
    pub async fn apply(
        &self,
        actor: &Actor,
        id: OfferId,
        message: Option<&str>,
    ) -> Result<Participation> {
        actor.require(Action::ManageSources)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let offer = repo::offers::listed_one(&tx, id).await?.ok_or(NOT_FOUND)?;
        raise_epoch(&tx, &[offer.niche_id]).await?;
        require_active(&tx, actor.org).await?;
        let there = repo::participations::lock_place(&tx, id, actor.org).await?;
        let current = offer.current_version_id.ok_or(NOT_FOUND)?;
        let version = repo::versions::by_ids(&tx, &[current.uuid()]).await?.pop();
        let visibility = version.ok_or(NOT_FOUND)?.terms.visibility;
        if !may_see(visibility, there.as_ref().map(|place| place.state)) {
            return Err(NOT_FOUND.into());
        }
        let message = input::note(message, 1_000, "message")?;
        if there.is_some() {
            return Err(ALREADY_APPLIED.into());
        }
        if visibility == Visibility::Public {
            return Err(PARTICIPATION_NOT_NEEDED.into());
        }
        let participation = Participation {
            id: ParticipationId::new(tx.now()),
            offer_id: id,
            publisher_id: actor.org,
            state: ParticipationState::Requested,
            message,
            price_override: None,
            created_at: tx.now(),
            decided_at: None,
            note: None,
        };
        match repo::participations::insert(&tx, &participation, None).await {
            Err(error) if error.is_unique_violation() => return Err(ALREADY_APPLIED.into()),
            outcome => outcome?,
        }
        let subject = participation.id.to_string();
        let detail = json!({"offer": id});
        audit::record(&tx, actor, "participation.apply", &subject, detail).await?;
        tx.commit().await?;
        Ok(participation)
    }

    /// The buyer approves, declines or revokes.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`, `IDEMPOTENCY_MISMATCH`.
    pub async fn decide_participation(
        &self,
        actor: &Actor,
        id: ParticipationId,
        to: ParticipationState,
        note: Option<&str>,
        key: Option<&str>,
    ) -> Result<Participation> {
        actor.require(Action::ManageOffers)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let before: Option<ParticipationId> =
            once::begin(&tx, actor, key, "decideParticipation", &(id, to, note)).await?;
        let seen = repo::participations::by_ids(&tx, &[id.uuid()]).await?.pop().ok_or(NOT_FOUND)?;
        if before.is_some() {
            let own = repo::offers::find(&tx, actor.scope(), seen.offer_id).await?;
            return own.map(|_| seen).ok_or(NOT_FOUND.into());
        }
        self.lock_own(&tx, actor, seen.offer_id).await?;
        // Only now: what is wrong with the input is told to nobody but the offer's buyer.
        let note = input::note(note, 1_000, "note")?;
        let command = ParticipationCommand::towards(to)
            .ok_or_else(|| Problem::new(BAD_INPUT).field("state"))?;
        let mut participation = repo::participations::lock(&tx, id).await?.ok_or(NOT_FOUND)?;
        let from = participation.state;
        participation.state = from.apply(command)?;
        participation.decided_at = Some(tx.now());
        participation.note = note;
        repo::participations::decide(&tx, &participation, &actor.name()).await?;
        let detail = json!({"from": from, "to": to});
        audit::record(&tx, actor, "participation.decide", &id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &id).await?;
        tx.commit().await?;
        Ok(participation)
    }

    /// The buyer lets a publisher in who has not asked, or answers yes to one who has.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NO_SUCH_PUBLISHER`, `INVALID_STATE` after a no or a revocation.
    pub async fn invite(
        &self,
        actor: &Actor,
        id: OfferId,
        publisher: OrganizationId,
    ) -> Result<Participation> {
        actor.require(Action::ManageOffers)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let offer = self.lock_own(&tx, actor, id).await?;
        if !offer.state.may_revise() {
            return Err(INVALID_STATE.into());
        }
        let invited = organization_in(&tx, publisher).await?;
        let sells = |it: Organization| it.kind == OrgKind::Publisher && it.state.trades();
        if !invited.is_some_and(sells) {
            return Err(Problem::new(NO_SUCH_PUBLISHER).field("publisherId").into());
        }
        let participation = match repo::participations::lock_place(&tx, id, publisher).await? {
            Some(there) if there.state == ParticipationState::Approved => return Ok(there),
            Some(mut there) => {
                there.state = there.state.apply(ParticipationCommand::Approve)?;
                there.decided_at = Some(tx.now());
                repo::participations::decide(&tx, &there, &actor.name()).await?;
                there
            }
            None => {
                let fresh = Participation {
                    id: ParticipationId::new(tx.now()),
                    offer_id: id,
                    publisher_id: publisher,
                    state: ParticipationState::Approved,
                    message: None,
                    price_override: None,
                    created_at: tx.now(),
                    decided_at: Some(tx.now()),
                    note: None,
                };
                let by = actor.name();
                match repo::participations::insert(&tx, &fresh, Some(&by)).await {
                    Err(error) if error.is_unique_violation() => {
                        return Err(ALREADY_APPLIED.into());
                    }
                    outcome => outcome?,
                }
                fresh
            }
        };
        let subject = participation.id.to_string();
        let detail = json!({"offer": id, "publisher": publisher});
        audit::record(&tx, actor, "participation.invite", &subject, detail).await?;
        tx.commit().await?;
        Ok(participation)
    }

    /// Participations, newest first: in the buyer's offers, the publisher's own, or all.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right to read.
    pub async fn participations(
        &self,
        actor: &Actor,
        filter: &ParticipationFilter,
        page: &Page,
    ) -> Result<Paged<Participation>> {
        actor.require(Action::ReadOwn)?;
        let tx = self.db.begin_read().await?;
        repo::participations::list(&tx, Side::of(actor), filter, page).await
    }

    /// How many participations wait: for the buyer's answer, or of the publisher's own.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right to read.
    pub async fn count_requested(&self, actor: &Actor) -> Result<i64> {
        actor.require(Action::ReadOwn)?;
        let filter = ParticipationFilter {
            state: Some(ParticipationState::Requested),
            ..ParticipationFilter::default()
        };
        let tx = self.db.begin_read().await?;
        repo::participations::count(&tx, Side::of(actor), &filter).await
    }

    /// One participation that the actor is a side of.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn participation(&self, actor: &Actor, id: ParticipationId) -> Result<Participation> {
        actor.require(Action::ReadOwn)?;
        let tx = self.db.begin_read().await?;
        let found = repo::participations::by_ids(&tx, &[id.uuid()]).await?.pop();
        let participation = found.ok_or(NOT_FOUND)?;
        let visible = match Side::of(actor) {
            Side::Operator => true,
            Side::Publisher(own) => participation.publisher_id == own,
            Side::Buyer(_) => {
                let offer = repo::offers::find(&tx, actor.scope(), participation.offer_id);
                offer.await?.is_some()
            }
        };
        if visible { Ok(participation) } else { Err(NOT_FOUND.into()) }
    }

    /// The acting publisher's participations in these offers, for loaders.
    ///
    /// # Errors
    /// Faults only; others than publishers have none.
    pub async fn own_participations(
        &self,
        actor: &Actor,
        ids: &[OfferId],
    ) -> Result<HashMap<OfferId, Participation>, Error> {
        if actor.kind != OrgKind::Publisher {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
        let tx = self.db.begin_read().await?;
        let found = repo::participations::of_publisher(&tx, actor.org, &ids).await?;
        Ok(found.into_iter().map(|place| (place.offer_id, place)).collect())
    }
}
