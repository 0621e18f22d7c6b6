//! The route of deliveries: a sold lead to a buyer's endpoint.

use async_trait::async_trait;
use http::Method;
use leadbourse_core::access::Scope;
use leadbourse_core::conversion::AwardState;
use leadbourse_core::delivery::{DeliveryState, EndpointState, Patience};
use leadbourse_core::ids::{AwardId, DeliveryId, EndpointId, OrganizationId};
use leadbourse_core::time::{HOUR, MINUTE, Timestamp};
use serde_json::json;

use super::courier::{Call, Courier, Load, Route};
use super::handlers::{ENDPOINT_FAILING, own_actor};
use super::render;
use super::repo::queue::{Leased, Queue};
use super::repo::{self, QUEUE};
use super::service::Deliveries;
use super::undelivered::dead_letter;
use crate::conversions;
use crate::leads;
use crate::platform::audit;
use crate::platform::config::DeliveryConfig;
use crate::platform::db::WriteTx;
use crate::platform::error::{Error, Result};
use crate::platform::outbox::{self, Message};

/// Sends the deliveries that are due.
pub type Worker = Courier<Deliveries>;

impl Courier<Deliveries> {
    /// A worker over the same database as the service.
    pub fn new(own: Deliveries, config: &DeliveryConfig) -> Self {
        let patience = Patience {
            give_up: i64::from(config.give_up_hours).saturating_mul(HOUR),
            pause_after: i64::from(config.pause_after_minutes).saturating_mul(MINUTE),
        };
        let ground = own.ground();
        Self::over(own, ground, config.concurrency, patience)
    }
}

#[async_trait]
impl Route for Deliveries {
    fn queue(&self) -> &'static Queue {
        &QUEUE
    }

    async fn load(&self, leased: &Leased) -> Result<Load> {
        let pointless = |why: &'static str| Ok(Load::Pointless(why));
        let tx = self.db.begin_read().await?;
        let endpoint = repo::endpoint(&tx, Scope::All, EndpointId(leased.target)).await?;
        let Some(endpoint) = endpoint else { return pointless("the endpoint is gone") };
        match endpoint.state {
            EndpointState::Active => {}
            EndpointState::Paused => return Ok(Load::NotNow),
            EndpointState::Deleted => return pointless("the endpoint was deleted"),
        }
        let id = AwardId(leased.subject);
        let award = conversions::awards_to_deliver(&tx, &[id]).await?.pop();
        let award = award.ok_or_else(|| Error::broken(format!("{id} is gone")))?;
        if award.returned_at.is_some() {
            return pointless("the award was given back");
        }
        let ids = [award.lead_id.uuid()];
        let lead = leads::by_ids(&tx, &ids).await?.remove(&award.lead_id);
        let lead = lead.ok_or_else(|| Error::broken(format!("{} is gone", award.lead_id)))?;
        let stored = leads::contacts(&tx, &ids).await?.remove(&award.lead_id.uuid());
        let Some(stored) = stored.filter(|_| lead.erased_at.is_none()) else {
            return pointless("the lead was erased");
        };
        let contact = leads::open_contact(&self.vault, &stored)?;
        let niche = repo::niche_slug(&tx, award.niche_id).await?;
        Ok(Load::Call(Box::new(Call {
            method: Method::POST,
            url: endpoint.url,
            body: Some(render::body(&award, &lead, &niche, &contact)),
            id: DeliveryId(leased.id).to_string(),
            secret: endpoint.secret_ciphertext,
            once: false,
        })))
    }

    async fn came_to(
        &self,
        tx: &WriteTx,
        leased: &Leased,
        state: DeliveryState,
        blameless: bool,
    ) -> Result<()> {
        let award = AwardId(leased.subject);
        match state {
            DeliveryState::Delivered => {
                conversions::mark_delivery(tx, award, AwardState::Delivered).await
            }
            DeliveryState::Dead => dead_letter(tx, award, blameless).await,
            DeliveryState::Pending => Ok(()),
        }
    }

    /// The endpoint's offers pause with it.
    async fn paused(&self, tx: &WriteTx, leased: &Leased, since: Timestamp) -> Result<()> {
        let (endpoint, buyer) = (EndpointId(leased.target), OrganizationId(leased.owner));
        let payload = json!({ "buyer": buyer });
        outbox::enqueue(tx, Message::new(ENDPOINT_FAILING, endpoint.uuid(), payload)).await?;
        let detail = json!({ "reason": "failing", "since": since.rfc3339() });
        let actor = own_actor(buyer);
        audit::record(tx, &actor, "endpoint.pause", &endpoint.to_string(), detail).await
    }
}
