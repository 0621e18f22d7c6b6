//! What messages and jobs call.

use async_trait::async_trait;
use leadbourse_core::access::{Actor, OrgKind};
use leadbourse_core::ids::{AwardId, EndpointId, OfferId, OrganizationId};
use leadbourse_core::time::HOUR;
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

use super::model::Endpoint;
use super::repo::{self, NewDelivery, QUEUE};
use super::service::Deliveries;
use super::undelivered::dead_letter;
use crate::offers::{self, PauseReason};
use crate::platform::config::DeliveryConfig;
use crate::platform::error::{Error, Result};
use crate::platform::outbox::Delivered;
use crate::platform::{audit, jobs, outbox};
use leadbourse_core::access::Scope;

/// The topic of a new award; the key is the award, the payload names `buyer` and `offer`.
pub const AWARD_CREATED: &str = crate::exchange::TOPIC_AWARDED;
/// The topic of an endpoint that paused itself; the key is the endpoint.
pub const ENDPOINT_FAILING: &str = "endpoint.failing";
/// The hourly job that ends deliveries which waited too long, for a paused endpoint say.
pub const GIVE_UP: &str = "delivery.give_up";

/// Makes the deliveries of new awards.
#[derive(Clone, Debug)]
pub struct OnAward(pub Deliveries);

/// What a message says of an award.
struct Told {
    award: AwardId,
    buyer: OrganizationId,
    offer: OfferId,
}

fn told(message: &Delivered) -> Result<Told> {
    let read = |name: &str| {
        let text = message.payload.get(name).and_then(serde_json::Value::as_str);
        text.ok_or_else(|| Error::broken(format!("{AWARD_CREATED} without {name}")))
    };
    let wrong = |name: &str| Error::broken(format!("{AWARD_CREATED} with a wrong {name}"));
    Ok(Told {
        award: AwardId(message.key),
        buyer: read("buyer")?.parse().map_err(|_| wrong("buyer"))?,
        offer: read("offer")?.parse().map_err(|_| wrong("offer"))?,
    })
}

#[async_trait]
impl outbox::Handler for OnAward {
    async fn handle(&self, messages: &[Delivered]) -> Result<()> {
        let told = messages.iter().map(told).collect::<Result<Vec<_>>>()?;
        let buyers: BTreeSet<Uuid> = told.iter().map(|told| told.buyer.uuid()).collect();
        let buyers: Vec<Uuid> = buyers.into_iter().collect();
        let mut by_buyer: HashMap<OrganizationId, Vec<Endpoint>> = HashMap::new();
        let read = self.0.db.begin_read().await?;
        for endpoint in repo::endpoints_of_buyers(&read, &buyers).await? {
            by_buyer.entry(endpoint.buyer_id).or_default().push(endpoint);
        }
        drop(read);
        let mut new = Vec::new();
        for told in &told {
            for endpoint in by_buyer.get(&told.buyer).into_iter().flatten() {
                if endpoint.offer_id.is_none_or(|offer| offer == told.offer) {
                    let (award, buyer, offer) = (told.award, told.buyer, told.offer);
                    new.push(NewDelivery { award, endpoint: endpoint.id, buyer, offer });
                }
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        let tx = self.0.db.begin_write(&self.0.clock).await?;
        repo::insert_deliveries(&tx, &new).await?;
        tx.commit().await?;
        self.0.bell.ring();
        Ok(())
    }
}

/// Pauses the offers whose destination fails.
#[derive(Clone, Debug)]
pub struct OnFailing(pub Deliveries);

#[async_trait]
impl outbox::Handler for OnFailing {
    async fn handle(&self, messages: &[Delivered]) -> Result<()> {
        for message in messages {
            self.pause_offers(EndpointId(message.key)).await?;
        }
        Ok(())
    }
}

impl OnFailing {
    async fn pause_offers(&self, id: EndpointId) -> Result<()> {
        let read = self.0.db.begin_read().await?;
        let Some(endpoint) = repo::endpoint(&read, Scope::All, id).await? else { return Ok(()) };
        // The buyer may have set things right meanwhile.
        if endpoint.failing_since.is_none() {
            return Ok(());
        }
        let served = repo::offers_served(&read, &endpoint).await?;
        drop(read);
        for offer in served {
            // One transaction each: epochs of several niches would not come sorted.
            let tx = self.0.db.begin_write(&self.0.clock).await?;
            if offers::pause_in(&tx, offer, PauseReason::DeliveryFailing).await? {
                let actor = own_actor(endpoint.buyer_id);
                let detail = json!({ "endpoint": id, "reason": PauseReason::DeliveryFailing });
                audit::record(&tx, &actor, "offer.pause", &offer.to_string(), detail).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }
}

/// The exchange itself, acting on a buyer's things: the line stands in that buyer's log.
pub(super) fn own_actor(buyer: OrganizationId) -> Actor {
    Actor { kind: OrgKind::Buyer, ..Actor::system(buyer) }
}

/// Ends deliveries that waited too long.
#[derive(Clone, Debug)]
pub struct GiveUp(pub Deliveries, pub DeliveryConfig);

#[async_trait]
impl jobs::Handler for GiveUp {
    async fn run(&self, _job: &jobs::Job) -> Result<()> {
        const MOST: i64 = 500;
        loop {
            let tx = self.0.db.begin_write(&self.0.clock).await?;
            let before = tx.now().plus(-i64::from(self.1.give_up_hours).saturating_mul(HOUR));
            let dead = QUEUE.give_up(&tx, before, "not delivered in time", MOST).await?;
            for (award, tried) in &dead {
                dead_letter(&tx, AwardId(*award), *tried).await?;
            }
            tx.commit().await?;
            if i64::try_from(dead.len()).unwrap_or(0) < MOST {
                return Ok(());
            }
        }
    }
}
