//! Orders with a deadline, and publishers' claims on them.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use leadbourse_core::access::{Action, OrgKind};
use leadbourse_core::error::NOT_FOUND;
use leadbourse_core::ids::OrderClaimId;
use std::sync::Arc;

use super::accounts::Organization;
use super::context::{actor, app};
use super::loaders::loaders;
use super::loaders_money::OnTimeOf;
use super::market::or_null;
use super::niches::Niche;
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, Money, MoneyInput, id, money, parse_id, parse_opt_id};
use crate::orders::{self, ClaimOrder, OrderFilter, PlaceOrder};
use crate::payload;
use crate::platform::error::Result;

crate::graphql_enum! {
    /// Where an order stands.
    OrderState = "leadbourse_core::order::OrderState" {
        /// It can be claimed.
        Open,
        /// The buyer cancelled it; open claims may still be delivered.
        Cancelled,
        /// Everything was delivered.
        Delivered,
        /// Its deadline is over, or the last claim after a cancellation is.
        Ended,
    }
}

crate::graphql_enum! {
    /// Where a claim stands.
    OrderClaimState = "leadbourse_core::order::OrderClaimState" {
        /// Leads are awaited.
        Open,
        /// Everything was delivered in time.
        Delivered,
        /// The deadline came first.
        Expired,
        /// The publisher gave it up.
        GivenUp,
        /// The deadline came while the buyer took no leads.
        Lapsed,
    }
}

/// So many leads of an offer by a date, with their money set aside.
#[derive(Clone)]
pub struct Order(pub Arc<orders::Order>);

impl Order {
    /// A sum that is not a publisher's business.
    fn sum(&self, ctx: &Context<'_>, minor: i64) -> async_graphql::Result<Option<Money>> {
        let shown = actor(ctx)?.kind != OrgKind::Publisher;
        Ok(shown.then(|| money(minor, self.0.currency)))
    }
}

#[Object]
impl Order {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Where it stands.
    async fn state(&self) -> OrderState {
        self.0.book.state.into()
    }

    /// The offer.
    async fn offer_id(&self) -> ID {
        id(self.0.offer_id)
    }

    /// Its name.
    async fn offer_name(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(loaders(ctx)?.must(self.0.offer_id).await?.name)
    }

    /// The version whose conditions say what a qualified lead is.
    async fn offer_version_id(&self) -> ID {
        id(self.0.offer_version_id)
    }

    /// The niche.
    async fn niche(&self, ctx: &Context<'_>) -> async_graphql::Result<Niche> {
        Ok(Niche(loaders(ctx)?.must(self.0.niche_id).await?))
    }

    /// Who ordered; null for publishers.
    async fn buyer(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        if actor(ctx)?.kind == OrgKind::Publisher {
            return Ok(None);
        }
        let found = loaders(ctx)?.must(self.0.buyer_id).await?;
        Ok(Some(Organization::new(app(ctx)?, actor(ctx)?, found)))
    }

    /// How many leads.
    async fn wanted(&self) -> i64 {
        self.0.book.wanted
    }

    /// How many were delivered.
    async fn delivered(&self) -> i64 {
        self.0.book.delivered()
    }

    /// How many are awaited by open claims.
    async fn claimed(&self) -> i64 {
        self.0.book.claims.iter().map(leadbourse_core::order::Claim::rest).sum()
    }

    /// How many nobody has claimed; they may be claimed while it is open.
    async fn unclaimed(&self) -> i64 {
        self.0.book.unclaimed()
    }

    /// How many will not come: their money went back.
    async fn released(&self) -> i64 {
        self.0.book.released
    }

    /// What each lead costs; null for publishers.
    async fn price(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Money>> {
        self.sum(ctx, self.0.book.price)
    }

    /// What each lead earns; null for buyers.
    async fn earning(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Money>> {
        let shown = actor(ctx)?.kind != OrgKind::Buyer;
        Ok(shown.then(|| money(self.0.legs().earning(), self.0.currency)))
    }

    /// What is set aside for leads that may still come; null for publishers.
    async fn reserved(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Money>> {
        self.sum(ctx, self.0.book.reserved())
    }

    /// What delivered leads cost; null for publishers.
    async fn spent(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Money>> {
        self.sum(ctx, self.0.book.spent())
    }

    /// What went back to the buyer; null for publishers.
    async fn given_back(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Money>> {
        self.sum(ctx, self.0.book.released.saturating_mul(self.0.book.price))
    }

    /// The claims, oldest first; a publisher sees its own.
    async fn claims(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<OrderClaim>> {
        let claims = self.0.claims_for(&actor(ctx)?);
        Ok(claims.into_iter().map(|claim| OrderClaim { of: Arc::clone(&self.0), claim }).collect())
    }

    /// Until when leads are taken.
    async fn deadline(&self) -> DateTime {
        self.0.book.deadline.into()
    }

    /// When it was placed.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When nothing of it was awaited any more.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }
}

/// A publisher's part of an order.
#[derive(Clone)]
pub struct OrderClaim {
    of: Arc<orders::Order>,
    claim: orders::Claim,
}

impl OrderClaim {
    /// A claim of an order.
    fn of(order: orders::Order, id: OrderClaimId) -> Result<Self> {
        let claim = order.claim(id).ok_or(NOT_FOUND)?;
        Ok(Self { of: Arc::new(order), claim })
    }
}

#[Object]
impl OrderClaim {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.claim.claim.id)
    }

    /// Where it stands.
    async fn state(&self) -> OrderClaimState {
        self.claim.claim.state.into()
    }

    /// The order.
    async fn order(&self) -> Order {
        Order(Arc::clone(&self.of))
    }

    /// Whose it is.
    async fn publisher(&self, ctx: &Context<'_>) -> async_graphql::Result<Organization> {
        let found = loaders(ctx)?.must(self.claim.claim.publisher).await?;
        Ok(Organization::new(app(ctx)?, actor(ctx)?, found))
    }

    /// How the publisher keeps its promises, over all its claims.
    async fn on_time(&self, ctx: &Context<'_>) -> async_graphql::Result<OnTimeShare> {
        let found = loaders(ctx)?.one(OnTimeOf(self.claim.claim.publisher)).await?;
        Ok(found.unwrap_or_default().into())
    }

    /// How many leads.
    async fn wanted(&self) -> i64 {
        self.claim.claim.wanted
    }

    /// How many were delivered.
    async fn delivered(&self) -> i64 {
        self.claim.claim.delivered
    }

    /// How many are still awaited.
    async fn awaited(&self) -> i64 {
        self.claim.claim.rest()
    }

    /// Until when leads count.
    async fn deadline(&self) -> DateTime {
        self.claim.claim.deadline.into()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.claim.created_at.into()
    }

    /// When it ended.
    async fn ended_at(&self) -> Option<DateTime> {
        self.claim.ended_at.map(DateTime)
    }
}

/// How a publisher keeps its promises.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct OnTimeShare {
    /// Claims in all.
    pub claims: i64,
    /// Leads that were promised, as far as that can be judged yet.
    pub promised: i64,
    /// Of them, those that came in time.
    pub delivered: i64,
    /// The share that came in time, basis points; null before the first counts.
    pub share_bps: Option<i64>,
}

impl From<orders::OnTimeShare> for OnTimeShare {
    fn from(share: orders::OnTimeShare) -> Self {
        Self {
            claims: share.claims,
            promised: share.counted.promised,
            delivered: share.counted.came,
            share_bps: share.counted.share().map(|bps| i64::from(bps.0)),
        }
    }
}

/// Queries of orders.
#[derive(Default)]
pub struct OrdersQuery;

/// Mutations of orders.
#[derive(Default)]
pub struct OrdersMutation;

#[Object]
impl OrdersQuery {
    /// An order: the buyer's own, one that the publisher may claim or has claimed, any for
    /// operators.
    async fn order(&self, ctx: &Context<'_>, id: ID) -> async_graphql::Result<Option<Order>> {
        let (actor, id) = (actor(ctx)?, parse_id(&id, "id")?);
        Ok(or_null(app(ctx)?.orders.get(&actor, id).await)?.map(|order| Order(Arc::new(order))))
    }

    /// Orders, newest first: the buyer's own, those that the publisher may claim or has claimed, all
    /// for operators. `claimed` narrows a publisher's list to what it has claimed.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn orders(
        &self,
        ctx: &Context<'_>,
        state: Option<OrderState>,
        offer_id: Option<ID>,
        claimed: Option<bool>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Order>> {
        let page = page(first, after.as_deref())?;
        let filter = OrderFilter {
            state: state.map(Into::into),
            offer: parse_opt_id(offer_id.as_ref(), "offerId")?,
            claimed: claimed.unwrap_or_default(),
        };
        let found = app(ctx)?.orders.list(&actor(ctx)?, &filter, &page).await?;
        Ok(connection(&page, found, |order| (order.id.uuid(), Order(Arc::new(order)))))
    }

    /// How a publisher keeps its promises: its own, or that of `publisherId` for operators.
    async fn on_time_share(
        &self,
        ctx: &Context<'_>,
        publisher_id: Option<ID>,
    ) -> async_graphql::Result<Option<OnTimeShare>> {
        let publisher = parse_opt_id(publisher_id.as_ref(), "publisherId")?;
        let found = app(ctx)?.orders.on_time_of(&actor(ctx)?, publisher).await;
        Ok(or_null(found)?.map(Into::into))
    }
}

/// What a buyer orders.
#[derive(InputObject)]
struct PlaceOrderInput {
    /// Of which offer; the terms that rule now say what a qualified lead is.
    offer_id: ID,
    /// How many leads, up to 100000.
    wanted: i64,
    /// What each costs; the price of the offer's terms if not said.
    price: Option<MoneyInput>,
    /// Until when leads are taken.
    deadline: DateTime,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// A buyer wants no more than what is claimed.
#[derive(InputObject)]
struct CancelOrderInput {
    /// The order.
    order_id: ID,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// What a publisher promises.
#[derive(InputObject)]
struct ClaimOrderInput {
    /// Of which order.
    order_id: ID,
    /// How many leads.
    wanted: i64,
    /// Until when; the order's deadline if not said.
    deadline: Option<DateTime>,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// A publisher gives a claim up.
#[derive(InputObject)]
struct ReleaseClaimInput {
    /// The claim.
    claim_id: ID,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

payload! { PlaceOrderPayload { order: Order } }
payload! { CancelOrderPayload { order: Order } }
payload! { ClaimOrderPayload { claim: OrderClaim } }
payload! { ReleaseClaimPayload { claim: OrderClaim } }

#[Object]
impl OrdersMutation {
    /// Orders leads of an own offer by a date, and sets their money aside.
    async fn place_order(
        &self,
        ctx: &Context<'_>,
        input: PlaceOrderInput,
    ) -> async_graphql::Result<PlaceOrderPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        PlaceOrderPayload::of(
            async {
                actor.require(Action::ManageOffers)?;
                let offer_id = parse_id(&input.offer_id, "offerId")?;
                let price = input.price.map(|sum| sum.parse("price")).transpose();
                if price.is_err() {
                    // What is wrong is told only to those who may see the offer.
                    app.offers.get(&actor, offer_id).await?;
                }
                let order = PlaceOrder {
                    offer_id,
                    wanted: input.wanted,
                    price: price?,
                    deadline: input.deadline.into(),
                };
                let done = app.orders.place(&actor, &order, &input.idempotency_key).await;
                done.map(|order| Order(Arc::new(order)))
            }
            .await,
        )
    }

    /// Cancels an order: what nobody has claimed goes back at once, claims run to their deadlines.
    async fn cancel_order(
        &self,
        ctx: &Context<'_>,
        input: CancelOrderInput,
    ) -> async_graphql::Result<CancelOrderPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        CancelOrderPayload::of(
            async {
                let id = parse_id(&input.order_id, "orderId")?;
                let done = app.orders.cancel(&actor, id, &input.idempotency_key).await;
                done.map(|order| Order(Arc::new(order)))
            }
            .await,
        )
    }

    /// Claims a part of an order: from now on the publisher's qualified leads are sold to it first.
    async fn claim_order(
        &self,
        ctx: &Context<'_>,
        input: ClaimOrderInput,
    ) -> async_graphql::Result<ClaimOrderPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        ClaimOrderPayload::of(
            async {
                let claim = ClaimOrder {
                    order_id: parse_id(&input.order_id, "orderId")?,
                    wanted: input.wanted,
                    deadline: input.deadline.map(Into::into),
                };
                let (order, id) = app.orders.claim(&actor, &claim, &input.idempotency_key).await?;
                OrderClaim::of(order, id)
            }
            .await,
        )
    }

    /// Gives a claim up: what it has not brought is open to others, and counts as not in time.
    async fn release_claim(
        &self,
        ctx: &Context<'_>,
        input: ReleaseClaimInput,
    ) -> async_graphql::Result<ReleaseClaimPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        ReleaseClaimPayload::of(
            async {
                let id = parse_id(&input.claim_id, "claimId")?;
                let order = app.orders.release(&actor, id, &input.idempotency_key).await?;
                OrderClaim::of(order, id)
            }
            .await,
        )
    }
}
