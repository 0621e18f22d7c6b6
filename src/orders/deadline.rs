//! What the clock does: claims and orders end at their deadlines, orders of closed offers are
//! cancelled, and claims that have got everything leave the offer book.

use async_trait::async_trait;
use leadbourse_core::access::Actor;
use leadbourse_core::ids::{NicheId, OrderId};
use leadbourse_core::offer::state::OfferState;
use leadbourse_core::order::OrderState;

use super::repo;
use super::service::Orders;
use crate::niches::raise_epoch;
use crate::offers;
use crate::platform::error::{Result, retry};
use crate::platform::{jobs, outbox};

/// The job that ends what is over; every few seconds.
pub const DEADLINES: &str = "orders.deadlines";

/// Orders that are looked at at once.
const AT_ONCE: u32 = 200;

/// Runs [`Orders::tick`].
#[derive(Clone)]
pub struct Deadlines(pub Orders);

#[async_trait]
impl jobs::Handler for Deadlines {
    async fn run(&self, _job: &jobs::Job) -> Result<()> {
        self.0.tick().await.map(drop)
    }
}

/// Handles [`super::CLAIM_DONE`]: the book forgets the claim.
#[derive(Clone)]
pub struct OnClaimDone(pub Orders);

#[async_trait]
impl outbox::Handler for OnClaimDone {
    async fn handle(&self, messages: &[outbox::Delivered]) -> Result<()> {
        let niches: Vec<NicheId> = messages.iter().map(|message| NicheId(message.key)).collect();
        let tx = self.0.db.begin_write(&self.0.clock).await?;
        raise_epoch(&tx, &niches).await?;
        tx.commit().await
    }
}

impl Orders {
    /// Ends claims and orders whose deadline is over, and cancels the orders of closed offers; gives
    /// how many orders moved. What nobody brings any more goes back in the same transaction. Each
    /// order has a transaction of its own, so that one that fails does not hold up the others.
    ///
    /// # Errors
    /// Database errors.
    pub async fn tick(&self) -> Result<usize> {
        let mut all = self.cancel_closed().await?;
        loop {
            let tx = self.db.begin_read().await?;
            let due = repo::due(&tx, self.clock.now(), AT_ONCE).await?;
            drop(tx);
            let mut moved = 0;
            for id in due {
                match retry(|| self.expire(id)).await {
                    Ok(done) => moved += usize::from(done),
                    Err(error) => tracing::error!(order = %id, %error, "an order can't end"),
                }
            }
            all += moved;
            if moved == 0 {
                return Ok(all);
            }
        }
    }

    /// Ends what is over of one order. Under the order's lock, so that whatever crashed or ran beside
    /// it, a deadline ends a claim once.
    async fn expire(&self, id: OrderId) -> Result<bool> {
        let tx = self.db.begin_write(&self.clock).await?;
        let Some(before) = repo::lock(&tx, id).await? else { return Ok(false) };
        let standing = offers::standings(&tx, &[before.offer_id]).await?.remove(&before.offer_id);
        let terms = offers::terms_of(&tx, before.offer_version_id).await?;
        let mut order = before.clone();
        let back = order.book.expire(tx.now(), |claim| {
            let kept =
                |one: &offers::Standing| one.keeps_promises(terms.visibility, claim.publisher);
            standing.as_ref().is_some_and(kept)
        });
        if order == before {
            return Ok(false);
        }
        let system = Actor::system(order.buyer_id);
        self.moved(&tx, &system, (&before, &mut order), back, "order.deadline").await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Nobody may claim an order of a closed offer, so what is not claimed goes back.
    async fn cancel_closed(&self) -> Result<usize> {
        let tx = self.db.begin_read().await?;
        let open = repo::open_orders(&tx).await?;
        let ids: Vec<_> = open.iter().map(|(_, offer)| *offer).collect();
        let standings = offers::standings(&tx, &ids).await?;
        drop(tx);
        let closed = |(_, offer): &&(OrderId, _)| {
            standings.get(offer).is_some_and(|one| one.offer.state == OfferState::Closed)
        };
        let mut cancelled = 0;
        for (id, _) in open.iter().filter(closed) {
            cancelled += usize::from(retry(|| self.cancel_by_clock(*id)).await?);
        }
        Ok(cancelled)
    }

    async fn cancel_by_clock(&self, id: OrderId) -> Result<bool> {
        let tx = self.db.begin_write(&self.clock).await?;
        let before = repo::lock(&tx, id).await?;
        let Some(before) = before.filter(|order| order.book.state == OrderState::Open) else {
            return Ok(false);
        };
        let mut order = before.clone();
        let back = order.book.cancel()?;
        let system = Actor::system(order.buyer_id);
        self.moved(&tx, &system, (&before, &mut order), back, "order.cancel").await?;
        tx.commit().await?;
        Ok(true)
    }
}
