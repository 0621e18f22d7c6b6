//! Use cases of orders: buyers place and cancel them, publishers claim parts and give them up.

use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::conversion::AMOUNT_CURRENCY;
use leadbourse_core::error::{NOT_FOUND, Problem};
use leadbourse_core::ids::{OfferId, OrderClaimId, OrderId};
use leadbourse_core::ledger::{Account, templates};
use leadbourse_core::money::{Bps, Money};
use leadbourse_core::offer::terms::{GoalKind, Mode, Terms};
use leadbourse_core::order::{self, ORDER_OFFER};
use leadbourse_core::time::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::model::Order;
use super::repo;
use crate::accounts::require_active;
use crate::ledger;
use crate::niches::{Niches, raise_epoch};
use crate::offers::{self, Standing};
use crate::platform::clock::Clock;
use crate::platform::db::{Db, WriteTx};
use crate::platform::error::{Result, retry};
use crate::platform::{audit, once};

/// What a buyer orders.
#[derive(Clone, Debug, Serialize)]
pub struct PlaceOrder {
    /// Of which offer.
    pub offer_id: OfferId,
    /// How many leads.
    pub wanted: i64,
    /// What each costs; the price of the offer's terms if not said.
    pub price: Option<Money>,
    /// Until when.
    pub deadline: Timestamp,
}

/// What a publisher claims.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimOrder {
    /// Of which order.
    pub order_id: OrderId,
    /// How many leads.
    pub wanted: i64,
    /// Until when; the order's deadline if not said.
    pub deadline: Option<Timestamp>,
}

/// The orders of the exchange.
#[derive(Clone)]
pub struct Orders {
    pub(super) db: Db,
    pub(super) clock: Clock,
    niches: Niches,
    take_rate: Bps,
}

impl Orders {
    /// Over one database. `take_rate` is the exchange's share where a niche has none of its own.
    pub fn new(db: Db, clock: Clock, niches: Niches, take_rate: Bps) -> Self {
        Self { db, clock, niches, take_rate }
    }

    /// Orders leads and reserves the money.
    ///
    /// # Errors
    /// `NOT_FOUND`, `ORDER_OFFER`, `ORDER_SIZE`, `ORDER_DEADLINE`, `AMOUNT_CURRENCY`,
    /// `INSUFFICIENT_FUNDS`, `ORGANIZATION_NOT_ACTIVE`, and those of idempotency keys.
    pub async fn place(&self, actor: &Actor, input: &PlaceOrder, key: &str) -> Result<Order> {
        actor.require(Action::ManageOffers)?;
        retry(|| self.try_place(actor, input, key)).await
    }

    async fn try_place(&self, actor: &Actor, input: &PlaceOrder, key: &str) -> Result<Order> {
        let tx = self.db.begin_write(&self.clock).await?;
        if let Some(id) = once::begin(&tx, actor, Some(key), "placeOrder", input).await? {
            let done = repo::get(&tx, id).await?.filter(|order| order.buyer_id == actor.org);
            return done.ok_or(NOT_FOUND.into());
        }
        let standing = offers::standings(&tx, &[input.offer_id]).await?.remove(&input.offer_id);
        let standing = standing.filter(|one| one.offer.buyer_id == actor.org).ok_or(NOT_FOUND)?;
        require_active(&tx, actor.org).await?;
        let version = standing.offer.current_version_id.filter(|_| standing.is_open());
        let version = version.ok_or(ORDER_OFFER)?;
        let terms = offers::terms_of(&tx, version).await?;
        let declared = orderable(&terms)?;
        let (niche, rules) = self.niches.open_in(&tx, standing.offer.niche_id).await?;
        let price = match input.price {
            None => declared,
            Some(price) if price.currency == niche.currency => price.minor,
            Some(_) => return Err(Problem::new(AMOUNT_CURRENCY).field("price").into()),
        };
        let now = tx.now();
        let order = Order {
            id: OrderId::new(now),
            offer_id: input.offer_id,
            offer_version_id: version,
            buyer_id: actor.org,
            niche_id: niche.id,
            take_rate: rules.policy.take_rate_bps.unwrap_or(self.take_rate),
            currency: niche.currency,
            book: order::Order::place(input.wanted, price, input.deadline, now)?,
            times: Vec::new(),
            created_by: actor.name(),
            created_at: now,
            ended_at: None,
        };
        repo::insert(&tx, &order).await?;
        let (sum, currency) = (order.book.reserved(), order.currency);
        let posted = templates::reserve_order(order.id, actor.org, sum, currency, now)?;
        ledger::post(&tx, &[posted]).await?;
        let detail = json!({"offer": order.offer_id, "wanted": input.wanted, "price": price,
            "deadline": order.book.deadline.rfc3339()});
        audit::record(&tx, actor, "order.place", &order.id.to_string(), detail).await?;
        once::finish(&tx, actor, Some(key), &order.id).await?;
        tx.commit().await?;
        Ok(order)
    }

    /// The buyer wants no more than what is claimed: the money of the rest goes back at once. Claims
    /// are kept to their deadlines. Operators may cancel any order.
    ///
    /// # Errors
    /// `NOT_FOUND`, `ORDER_CLOSED`, and those of idempotency keys.
    pub async fn cancel(&self, actor: &Actor, id: OrderId, key: &str) -> Result<Order> {
        actor.require(match actor.kind {
            OrgKind::Operator => Action::Moderate,
            OrgKind::Buyer | OrgKind::Publisher => Action::ManageOffers,
        })?;
        retry(|| self.try_cancel(actor, id, key)).await
    }

    async fn try_cancel(&self, actor: &Actor, id: OrderId, key: &str) -> Result<Order> {
        let tx = self.db.begin_write(&self.clock).await?;
        let own = |order: &Order| actor.kind == OrgKind::Operator || order.buyer_id == actor.org;
        let before: Option<OrderId> =
            once::begin(&tx, actor, Some(key), "cancelOrder", &id).await?;
        if before.is_some() {
            return repo::get(&tx, id).await?.filter(own).ok_or(NOT_FOUND.into());
        }
        let before = repo::lock(&tx, id).await?.filter(own).ok_or(NOT_FOUND)?;
        let mut order = before.clone();
        let back = order.book.cancel()?;
        self.moved(&tx, actor, (&before, &mut order), back, "order.cancel").await?;
        once::finish(&tx, actor, Some(key), &id).await?;
        tx.commit().await?;
        Ok(order)
    }

    /// A publisher promises to bring a part of an order.
    ///
    /// # Errors
    /// `NOT_FOUND` also where the publisher may not sell to the offer; `ORDER_OFFER`,
    /// `ORDER_CLOSED`, `ORDER_SIZE`, `ORDER_DEADLINE`, `ORDER_CLAIMED`, `ORDER_TAKEN`,
    /// `ORGANIZATION_NOT_ACTIVE`, and those of idempotency keys.
    pub async fn claim(
        &self,
        actor: &Actor,
        input: &ClaimOrder,
        key: &str,
    ) -> Result<(Order, OrderClaimId)> {
        actor.require(Action::ManageSources)?;
        retry(|| self.try_claim(actor, input, key)).await
    }

    async fn try_claim(
        &self,
        actor: &Actor,
        input: &ClaimOrder,
        key: &str,
    ) -> Result<(Order, OrderClaimId)> {
        let tx = self.db.begin_write(&self.clock).await?;
        let before: Option<OrderClaimId> =
            once::begin(&tx, actor, Some(key), "claimOrder", input).await?;
        if let Some(claim) = before {
            let order = repo::get(&tx, input.order_id).await?;
            let own = |order: &Order| {
                order.claim(claim).is_some_and(|one| one.claim.publisher == actor.org)
            };
            return Ok((order.filter(own).ok_or(NOT_FOUND)?, claim));
        }
        let mut order = repo::lock(&tx, input.order_id).await?.ok_or(NOT_FOUND)?;
        let standing = self.admitting(&tx, actor, &order).await?.ok_or(NOT_FOUND)?;
        require_active(&tx, actor.org).await?;
        if !standing.is_open() {
            return Err(ORDER_OFFER.into());
        }
        let now = tx.now();
        let id = OrderClaimId::new(now);
        let part = (input.wanted, input.deadline.unwrap_or(order.book.deadline));
        order.book.claim(id, actor.org, part, now)?;
        order.times.push((now, None));
        let claim = order.claim(id).ok_or(NOT_FOUND)?.claim;
        repo::insert_claim(&tx, order.id, &claim).await?;
        raise_epoch(&tx, &[order.niche_id]).await?;
        let detail = json!({"order": order.id, "wanted": claim.wanted,
            "deadline": claim.deadline.rfc3339()});
        audit::record(&tx, actor, "order.claim", &id.to_string(), detail).await?;
        once::finish(&tx, actor, Some(key), &id).await?;
        tx.commit().await?;
        Ok((order, id))
    }

    /// A publisher gives its claim up: what it has not brought is open to others.
    ///
    /// # Errors
    /// `NOT_FOUND`, `ORDER_CLAIM_CLOSED`, and those of idempotency keys.
    pub async fn release(&self, actor: &Actor, id: OrderClaimId, key: &str) -> Result<Order> {
        actor.require(Action::ManageSources)?;
        retry(|| self.try_release(actor, id, key)).await
    }

    async fn try_release(&self, actor: &Actor, id: OrderClaimId, key: &str) -> Result<Order> {
        let tx = self.db.begin_write(&self.clock).await?;
        let before: Option<OrderClaimId> =
            once::begin(&tx, actor, Some(key), "releaseClaim", &id).await?;
        let of = repo::order_of_claim(&tx, id).await?.ok_or(NOT_FOUND)?;
        let own =
            |order: &Order| order.claim(id).is_some_and(|one| one.claim.publisher == actor.org);
        if before.is_some() {
            return repo::get(&tx, of).await?.filter(own).ok_or(NOT_FOUND.into());
        }
        let before = repo::lock(&tx, of).await?.filter(own).ok_or(NOT_FOUND)?;
        let mut order = before.clone();
        let back = order.book.give_up(id, actor.org, tx.now())?;
        self.moved(&tx, actor, (&before, &mut order), back, "order.release_claim").await?;
        once::finish(&tx, actor, Some(key), &id).await?;
        tx.commit().await?;
        Ok(order)
    }

    /// How the order's offer stands, if the publisher may sell to it.
    async fn admitting(
        &self,
        tx: &WriteTx,
        actor: &Actor,
        order: &Order,
    ) -> Result<Option<Standing>> {
        let standing = offers::standings(tx, &[order.offer_id]).await?.remove(&order.offer_id);
        let terms = offers::terms_of(tx, order.offer_version_id).await?;
        Ok(standing.filter(|one| one.admits(terms.visibility, actor.org)))
    }

    /// Writes what became of a locked order, and gives back what nobody brings any more, to the
    /// buyer's debt first.
    pub(super) async fn moved(
        &self,
        tx: &WriteTx,
        actor: &Actor,
        (before, after): (&Order, &mut Order),
        back: i64,
        action: &'static str,
    ) -> Result<()> {
        let now = tx.now();
        let mut changed = false;
        for ((old, new), times) in
            before.book.claims.iter().zip(&after.book.claims).zip(&mut after.times)
        {
            if old.state != new.state {
                (times.1, changed) = (Some(now), true);
            }
        }
        if after.ended_at.is_none() && after.book.is_over() {
            after.ended_at = Some(now);
        }
        repo::save(tx, before, after).await?;
        if back > 0 {
            let (buyer, currency) = (after.buyer_id, after.currency);
            // All three at once, as intake locks them.
            let owed = Account::owed(buyer, currency);
            let accounts =
                [Account::available(buyer, currency), Account::reserved(buyer, currency), owed];
            let balances = ledger::lock_balances(tx, &accounts).await?;
            let debt = balances.get(&owed.id()).copied().unwrap_or(0).saturating_neg().max(0);
            let cause = (after.id, after.book.released);
            let posted = templates::release_order(cause, buyer, back, currency, debt, now)?;
            ledger::post(tx, &[posted]).await?;
            if debt > 0 {
                ledger::tell_credited(tx, buyer, currency).await?;
            }
        }
        if changed {
            raise_epoch(tx, &[after.niche_id]).await?;
        }
        let detail = json!({"state": after.book.state, "back": back});
        audit::record(tx, actor, action, &after.id.to_string(), detail).await
    }
}

/// The price of a lead under terms that can be ordered: what is paid for the lead alone, bought by
/// the terms.
fn orderable(terms: &Terms) -> Result<i64, Problem> {
    let only_lead = terms.goals.iter().all(|goal| goal.kind == GoalKind::Lead);
    let price = terms.lead_price(1, None).filter(|_| only_lead && terms.mode == Mode::Instant);
    price.ok_or(ORDER_OFFER.into())
}
