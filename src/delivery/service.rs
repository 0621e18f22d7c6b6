//! Endpoints and deliveries as members use them.

use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::conversion::AWARD_TAKEN_BACK;
use leadbourse_core::delivery::EndpointState;
use leadbourse_core::error::{INVALID_STATE, NOT_FOUND, Problem, TOO_LONG};
use leadbourse_core::ids::{AwardId, DeliveryId, EndpointId, OfferId};
use serde_json::json;
use std::collections::HashMap;
use uuid::Uuid;

use super::courier::Ground;
use super::error::{ENDPOINT_ADDRESS, ENDPOINT_LIMIT};
use super::model::{Delivery, DeliveryFilter, DeliveryView, Endpoint};
use super::repo;
use super::repo::QUEUE;
use super::repo::queue::Attempt;
use crate::conversions;
use crate::platform::audit;
use crate::platform::bell::Bell;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, Reader};
use crate::platform::egress::Egress;
use crate::platform::error::{Error, Result};
use crate::platform::once;
use crate::platform::paging::{Page, Paged};
use crate::platform::vault::Vault;
use crate::platform::webhook;

/// Endpoints that one buyer may have.
const MAX_ENDPOINTS: i64 = 50;
/// Bytes of an endpoint's URL.
const MAX_URL: usize = 2_048;

/// Endpoints and deliveries. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Deliveries {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) vault: Vault,
    pub(super) egress: Egress,
    /// Rung when something became due.
    pub(super) bell: Bell,
}

impl Deliveries {
    /// Over one database.
    pub fn new(db: Db, clock: Clock, vault: Vault, egress: Egress) -> Self {
        Self { db, clock, vault, egress, bell: Bell::default() }
    }

    /// What the courier stands on.
    pub(super) fn ground(&self) -> Ground {
        let Self { db, clock, vault, egress, bell } = self.clone();
        Ground { db, clock, vault, egress, bell }
    }

    /// Rung when a delivery became due.
    pub fn bell(&self) -> &Bell {
        &self.bell
    }

    /// Makes an endpoint for all of the buyer's leads, or one offer's. Gives the signing secret,
    /// which is shown this once.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right or the offer, `ENDPOINT_ADDRESS` for an address that the
    /// exchange does not call, `ENDPOINT_LIMIT`.
    pub async fn create_endpoint(
        &self,
        actor: &Actor,
        url: &str,
        offer: Option<OfferId>,
    ) -> Result<(Endpoint, String)> {
        actor.require(Action::ManageOffers)?;
        if url.len() > MAX_URL {
            return Err(Problem::new(TOO_LONG).field("url").into());
        }
        let checked = self.egress.check(url).map_err(|why| {
            Problem::new(ENDPOINT_ADDRESS).field("url").detail(format!("Not called: {why}."))
        })?;
        let secret = webhook::signing_secret();
        let secret_ciphertext = self.vault.seal_secret(secret.as_bytes())?;
        let tx = self.db.begin_write(&self.clock).await?;
        if let Some(offer) = offer
            && !repo::owns_offer(&tx, actor.org, offer).await?
        {
            return Err(Problem::new(NOT_FOUND).field("offerId").into());
        }
        if repo::count_endpoints(&tx, actor.org).await? >= MAX_ENDPOINTS {
            return Err(ENDPOINT_LIMIT.into());
        }
        let endpoint = Endpoint {
            id: EndpointId::new(tx.now()),
            buyer_id: actor.org,
            offer_id: offer,
            url: checked.to_string(),
            state: EndpointState::Active,
            failing_since: None,
            created_at: tx.now(),
            secret_ciphertext,
        };
        repo::insert_endpoint(&tx, &endpoint).await?;
        let (subject, detail) = (endpoint.id.to_string(), json!({ "offer": offer }));
        audit::record(&tx, actor, "endpoint.create", &subject, detail).await?;
        tx.commit().await?;
        Ok((endpoint, secret))
    }

    /// Pauses an endpoint, or lets it go on; what waited for it is then due at once.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE` once deleted.
    pub async fn set_endpoint_paused(
        &self,
        actor: &Actor,
        id: EndpointId,
        paused: bool,
    ) -> Result<Endpoint> {
        actor.require(Action::ManageOffers)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let before = repo::endpoint(&tx, actor.scope(), id).await?.ok_or(Error::from(NOT_FOUND))?;
        let to = before.state.paused(paused).ok_or(Error::from(INVALID_STATE))?;
        if to != before.state {
            // Deliveries before the endpoint: the order in which the worker writes them.
            if !paused {
                QUEUE.hurry(&tx, id.uuid()).await?;
            }
            if !QUEUE.move_target(&tx, id.uuid(), before.state, to).await? {
                return Err(INVALID_STATE.into());
            }
            let action = if paused { "endpoint.pause" } else { "endpoint.resume" };
            audit::record(&tx, actor, action, &id.to_string(), json!({})).await?;
        }
        let after = repo::endpoint(&tx, actor.scope(), id).await?.ok_or(Error::from(NOT_FOUND))?;
        tx.commit().await?;
        self.bell.ring();
        Ok(after)
    }

    /// Deletes an endpoint; what waits for it is dead.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn delete_endpoint(&self, actor: &Actor, id: EndpointId) -> Result<Endpoint> {
        actor.require(Action::ManageOffers)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let before = repo::endpoint(&tx, actor.scope(), id).await?.ok_or(Error::from(NOT_FOUND))?;
        if before.state != EndpointState::Deleted {
            QUEUE.abandon(&tx, id.uuid(), "the endpoint was deleted").await?;
            let to = EndpointState::Deleted;
            QUEUE.move_target(&tx, id.uuid(), before.state, to).await?;
            audit::record(&tx, actor, "endpoint.delete", &id.to_string(), json!({})).await?;
        }
        let after = repo::endpoint(&tx, actor.scope(), id).await?.ok_or(Error::from(NOT_FOUND))?;
        tx.commit().await?;
        Ok(after)
    }

    /// The endpoints that the actor may see, newest first, without deleted ones.
    pub async fn endpoints(&self, actor: &Actor) -> Result<Vec<Endpoint>> {
        actor.require(Action::ReadOwn)?;
        repo::endpoints(&self.db.begin_read().await?, actor.scope()).await
    }

    /// One endpoint.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn endpoint(&self, actor: &Actor, id: EndpointId) -> Result<Endpoint> {
        actor.require(Action::ReadOwn)?;
        let tx = self.db.begin_read().await?;
        repo::endpoint(&tx, actor.scope(), id).await?.ok_or(NOT_FOUND.into())
    }

    /// Deliveries that the actor may see, newest first.
    pub async fn deliveries(
        &self,
        actor: &Actor,
        filter: DeliveryFilter,
        page: &Page,
    ) -> Result<Paged<DeliveryView>> {
        actor.require(Action::ReadLeads)?;
        let tx = self.db.begin_read().await?;
        let found = repo::deliveries(&tx, actor.scope(), &filter, page).await?;
        Ok(Paged { items: views(&tx, found.items).await?, has_next: found.has_next })
    }

    /// The deliveries of awards that the actor may see, oldest first.
    pub async fn deliveries_of_awards(
        &self,
        actor: &Actor,
        awards: &[AwardId],
    ) -> Result<HashMap<AwardId, Vec<DeliveryView>>> {
        actor.require(Action::ReadLeads)?;
        let tx = self.db.begin_read().await?;
        let ids: Vec<Uuid> = awards.iter().map(|id| id.uuid()).collect();
        let found = repo::deliveries_of_awards(&tx, actor.scope(), &ids).await?;
        let mut out: HashMap<AwardId, Vec<DeliveryView>> = HashMap::new();
        for view in views(&tx, found).await? {
            out.entry(view.delivery.award_id).or_default().push(view);
        }
        Ok(out)
    }

    /// One delivery with its attempts.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn delivery(&self, actor: &Actor, id: DeliveryId) -> Result<DeliveryView> {
        actor.require(Action::ReadLeads)?;
        let tx = self.db.begin_read().await?;
        let found = repo::delivery(&tx, actor.scope(), id).await?;
        views(&tx, found.into_iter().collect()).await?.pop().ok_or(NOT_FOUND.into())
    }

    /// Sends a delivery again, whatever became of it. The receiver can tell by the message id.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE` when its endpoint was deleted, `AWARD_TAKEN_BACK`,
    /// `IDEMPOTENCY_MISMATCH`.
    pub async fn replay(
        &self,
        actor: &Actor,
        id: DeliveryId,
        key: Option<&str>,
    ) -> Result<DeliveryView> {
        actor.require(match actor.kind {
            OrgKind::Operator => Action::Moderate,
            OrgKind::Buyer | OrgKind::Publisher => Action::ManageOffers,
        })?;
        let tx = self.db.begin_write(&self.clock).await?;
        let before: Option<DeliveryId> =
            once::begin(&tx, actor, key, "replayDelivery", &id).await?;
        let found = repo::delivery(&tx, actor.scope(), id).await?.ok_or(Error::from(NOT_FOUND))?;
        if before.is_some() {
            return views(&tx, vec![found]).await?.pop().ok_or(NOT_FOUND.into());
        }
        let endpoint = repo::endpoint(&tx, actor.scope(), found.endpoint_id).await?;
        if endpoint.is_none_or(|endpoint| endpoint.state == EndpointState::Deleted) {
            return Err(INVALID_STATE.into());
        }
        // The delivery first, as the worker does it; then the award, so that it is not taken back
        // while it is on its way again.
        QUEUE.replay(&tx, id.uuid()).await?;
        let award = conversions::lock_award(&tx, found.award_id).await?;
        if award.is_none_or(|award| award.returned_at.is_some()) {
            return Err(AWARD_TAKEN_BACK.into());
        }
        let detail = json!({ "award": found.award_id });
        audit::record(&tx, actor, "delivery.replay", &id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &id).await?;
        let after = repo::delivery(&tx, actor.scope(), id).await?;
        let view = views(&tx, after.into_iter().collect()).await?.pop();
        tx.commit().await?;
        self.bell.ring();
        view.ok_or(NOT_FOUND.into())
    }
}

/// Adds to each delivery its address and attempts.
async fn views(tx: &impl Reader, found: Vec<Delivery>) -> Result<Vec<DeliveryView>> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let endpoints: Vec<Uuid> = found.iter().map(|delivery| delivery.endpoint_id.uuid()).collect();
    let ids: Vec<Uuid> = found.iter().map(|delivery| delivery.id.uuid()).collect();
    let urls = repo::urls(tx, &endpoints).await?;
    let mut attempts: HashMap<Uuid, Vec<Attempt>> = HashMap::new();
    for attempt in QUEUE.attempts(tx, &ids).await? {
        attempts.entry(attempt.of).or_default().push(attempt);
    }
    Ok(found
        .into_iter()
        .map(|delivery| DeliveryView {
            endpoint_url: urls.get(&delivery.endpoint_id.uuid()).cloned().unwrap_or_default(),
            attempts: attempts.remove(&delivery.id.uuid()).unwrap_or_default(),
            delivery,
        })
        .collect())
}
