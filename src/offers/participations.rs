//! Publishers ask to sell to an offer; buyers answer.

use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::account::input;
use leadbourse_core::error::{BAD_INPUT, INVALID_STATE, NOT_FOUND, Problem};
use leadbourse_core::ids::{OfferId, OrganizationId, ParticipationId};
use leadbourse_core::offer::participation::{ParticipationCommand, ParticipationState, may_see};
use leadbourse_core::offer::terms::Visibility;
use leadbourse_core::offer::validate;
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;

use super::error::{ALREADY_APPLIED, NO_SUCH_PUBLISHER, PARTICIPATION_NOT_NEEDED};
use super::model::{Offer, Participation};
use super::{Offers, repo};
use crate::accounts::{Organization, organization_in, require_active};
use crate::niches::raise_epoch;
use crate::platform::audit;
use crate::platform::db::WriteTx;
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

/// A buyer's answer to a publisher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Where the participation shall stand.
    pub to: ParticipationState,
    /// What the publisher should know.
    pub note: Option<String>,
    /// The price of this publisher's leads, in minor units: `Some(None)` is the offer's own,
    /// `None` leaves it as it is.
    pub price: Option<Option<i64>>,
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

    /// The buyer approves, declines or revokes; or changes the price of an approved publisher.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`, `IDEMPOTENCY_MISMATCH`, and what is wrong with the price.
    pub async fn decide_participation(
        &self,
        actor: &Actor,
        id: ParticipationId,
        answer: &Answer,
        key: Option<&str>,
    ) -> Result<Participation> {
        actor.require(Action::ManageOffers)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let before: Option<ParticipationId> =
            once::begin(&tx, actor, key, "decideParticipation", &(id, answer)).await?;
        let seen = repo::participations::by_ids(&tx, &[id.uuid()]).await?.pop().ok_or(NOT_FOUND)?;
        if before.is_some() {
            let own = repo::offers::find(&tx, actor.scope(), seen.offer_id).await?;
            return own.map(|_| seen).ok_or(NOT_FOUND.into());
        }
        let offer = self.lock_own(&tx, actor, seen.offer_id).await?;
        // Only now: what is wrong with the input is told to nobody but the offer's buyer.
        let note = input::note(answer.note.as_deref(), 1_000, "note")?;
        let mut participation = repo::participations::lock(&tx, id).await?.ok_or(NOT_FOUND)?;
        let from = participation.state;
        let command = ParticipationCommand::towards(from, answer.to, answer.price.is_some())
            .ok_or_else(|| Problem::new(BAD_INPUT).field("state"))?;
        participation.state = from.apply(command)?;
        participation.decided_at = Some(tx.now());
        if note.is_some() || command != ParticipationCommand::Reprice {
            participation.note = note;
        }
        if let Some(price) = answer.price {
            if participation.state != ParticipationState::Approved {
                let problem = Problem::new(BAD_INPUT).field("price");
                return Err(problem.detail("Only an approval names a price.").into());
            }
            self.check_price(&tx, &offer, price).await?;
            participation.price_override = price;
        }
        repo::participations::decide(&tx, &participation, &actor.name()).await?;
        let detail = json!({"from": from, "to": answer.to, "price": participation.price_override});
        audit::record(&tx, actor, "participation.decide", &id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &id).await?;
        tx.commit().await?;
        Ok(participation)
    }

    /// The buyer lets a publisher in who has not asked, or answers yes to one who has; at an own
    /// price, in minor units, if one is named.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NO_SUCH_PUBLISHER`, `INVALID_STATE` after a no or a revocation, and what is
    /// wrong with the price.
    pub async fn invite(
        &self,
        actor: &Actor,
        id: OfferId,
        publisher: OrganizationId,
        price: Option<i64>,
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
        self.check_price(&tx, &offer, price).await?;
        let participation = match repo::participations::lock_place(&tx, id, publisher).await? {
            Some(there)
                if there.state == ParticipationState::Approved
                    && (price.is_none() || price == there.price_override) =>
            {
                return Ok(there);
            }
            Some(mut there) => {
                let to = ParticipationState::Approved;
                let command = ParticipationCommand::towards(there.state, to, price.is_some());
                there.state = there.state.apply(command.ok_or(BAD_INPUT)?)?;
                there.decided_at = Some(tx.now());
                there.price_override = price;
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
                    price_override: price,
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
        let detail = json!({
            "offer": id, "publisher": publisher, "price": participation.price_override,
        });
        audit::record(&tx, actor, "participation.invite", &subject, detail).await?;
        tx.commit().await?;
        Ok(participation)
    }

    /// Refuses an own price that the offer's ruling version, or else its newest, does not allow.
    async fn check_price(&self, tx: &WriteTx, offer: &Offer, price: Option<i64>) -> Result<()> {
        let Some(price) = price else { return Ok(()) };
        let versions = repo::versions::of_locked(tx, offer.id).await?;
        let ruling = versions.iter().find(|version| Some(version.id) == offer.current_version_id);
        let version = ruling.or(versions.first()).ok_or(NOT_FOUND)?;
        let (_, niche) = self.niches.current_in(tx, offer.niche_id).await?;
        Ok(validate::own_price(&version.terms, price, &niche.policy)?)
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
