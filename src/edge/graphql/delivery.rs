//! Buyers' endpoints, and the deliveries to them.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use leadbourse_core::delivery as core;

use super::context::{actor, app};
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, id, parse_id, parse_opt_id};
use crate::delivery::{self, DeliveryFilter, DeliveryView};
use crate::payload;

/// Queries of delivery.
#[derive(Default)]
pub struct DeliveryQuery;

/// Mutations of delivery.
#[derive(Default)]
pub struct DeliveryMutation;

/// Whether an endpoint is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "core::EndpointState")]
pub enum EndpointState {
    /// It is called.
    Active,
    /// It is not called; what is for it waits.
    Paused,
    /// Gone for good.
    Deleted,
}

/// How far a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "core::DeliveryState")]
pub enum DeliveryState {
    /// To be tried, now or later.
    Pending,
    /// The endpoint took it.
    Delivered,
    /// Given up; it can be replayed.
    Dead,
}

/// Where a buyer wants its leads posted, signed by Standard Webhooks.
pub struct Endpoint(pub delivery::Endpoint);

#[Object]
impl Endpoint {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// What is called.
    async fn url(&self) -> &str {
        &self.0.url
    }

    /// Only for this offer's leads; all of the buyer's when null.
    async fn offer_id(&self) -> Option<ID> {
        self.0.offer_id.map(id)
    }

    /// Whether it is called.
    async fn state(&self) -> EndpointState {
        self.0.state.into()
    }

    /// Since when nothing but failures came back.
    async fn failing_since(&self) -> Option<DateTime> {
        self.0.failing_since.map(DateTime)
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }
}

/// One award on its way to one endpoint.
pub struct Delivery(pub DeliveryView);

#[Object]
impl Delivery {
    /// Its id; also the `webhook-id` of every try.
    pub async fn id(&self) -> ID {
        id(self.0.delivery.id)
    }

    /// The award.
    async fn award_id(&self) -> ID {
        id(self.0.delivery.award_id)
    }

    /// Where it goes.
    async fn endpoint_url(&self) -> &str {
        &self.0.endpoint_url
    }

    /// How far it is.
    async fn state(&self) -> DeliveryState {
        self.0.delivery.state.into()
    }

    /// Every try, first one first.
    async fn attempts(&self) -> Vec<DeliveryAttempt> {
        self.0.attempts.iter().map(DeliveryAttempt::from).collect()
    }

    /// When it is tried next, while pending.
    async fn next_at(&self) -> Option<DateTime> {
        let pending = self.0.delivery.state == core::DeliveryState::Pending;
        pending.then_some(DateTime(self.0.delivery.next_at))
    }

    /// What the last failure said.
    async fn last_error(&self) -> Option<&str> {
        self.0.delivery.last_error.as_deref()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.delivery.created_at.into()
    }

    /// When the endpoint took it.
    async fn delivered_at(&self) -> Option<DateTime> {
        self.0.delivery.delivered_at.map(DateTime)
    }
}

/// One try of a delivery.
#[derive(SimpleObject)]
pub struct DeliveryAttempt {
    /// 1 for the first.
    pub n: i32,
    /// When.
    pub at: DateTime,
    /// HTTP status, when there was an answer.
    pub status: Option<i32>,
    /// What went wrong.
    pub error: Option<String>,
    /// How long it took, milliseconds.
    pub duration_ms: i32,
}

impl From<&delivery::Attempt> for DeliveryAttempt {
    fn from(attempt: &delivery::Attempt) -> Self {
        Self {
            n: attempt.n,
            at: attempt.at.into(),
            status: attempt.status,
            error: attempt.error.clone(),
            duration_ms: i32::try_from(attempt.duration_us / 1_000).unwrap_or(i32::MAX),
        }
    }
}

/// A new endpoint.
#[derive(InputObject)]
pub struct CreateEndpointInput {
    /// What is called: https, at a public address.
    pub url: String,
    /// Only for this offer's leads.
    pub offer_id: Option<ID>,
}

/// An endpoint's pause.
#[derive(InputObject)]
pub struct SetEndpointPausedInput {
    /// The endpoint.
    pub id: ID,
    /// Whether it is to be paused.
    pub paused: bool,
}

/// An endpoint's end.
#[derive(InputObject)]
pub struct DeleteEndpointInput {
    /// The endpoint.
    pub id: ID,
}

/// Another try of a delivery.
#[derive(InputObject)]
pub struct ReplayDeliveryInput {
    /// The delivery.
    pub id: ID,
    /// The same key with the same input gives the same answer.
    pub idempotency_key: Option<String>,
}

payload! { CreateEndpointPayload { endpoint: Endpoint, secret: String } }
payload! { SetEndpointPausedPayload { endpoint: Endpoint } }
payload! { DeleteEndpointPayload { endpoint: Endpoint } }
payload! { ReplayDeliveryPayload { delivery: Delivery } }

#[Object]
impl DeliveryQuery {
    /// The endpoints of the acting buyer, newest first; operators see all.
    async fn endpoints(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Endpoint>> {
        let found = app(ctx)?.deliveries.endpoints(&actor(ctx)?).await?;
        Ok(found.into_iter().map(Endpoint).collect())
    }

    /// The deliveries of the acting buyer, newest first; operators see all.
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        award_id: Option<ID>,
        state: Option<DeliveryState>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Delivery>> {
        let page = page(first, after.as_deref())?;
        let award = parse_opt_id(award_id.as_ref(), "awardId")?;
        let filter = DeliveryFilter { award, state: state.map(Into::into) };
        let found = app(ctx)?.deliveries.deliveries(&actor(ctx)?, filter, &page).await?;
        Ok(connection(&page, found, |view| (view.delivery.id.uuid(), Delivery(view))))
    }
}

#[Object]
impl DeliveryMutation {
    /// Makes an endpoint. The signing secret is shown this once.
    async fn create_endpoint(
        &self,
        ctx: &Context<'_>,
        input: CreateEndpointInput,
    ) -> async_graphql::Result<CreateEndpointPayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        CreateEndpointPayload::of(
            async {
                let offer = parse_opt_id(input.offer_id.as_ref(), "offerId")?;
                let made = app.deliveries.create_endpoint(&actor, &input.url, offer).await?;
                Ok((Endpoint(made.0), made.1))
            }
            .await,
        )
    }

    /// Pauses an endpoint, or lets it go on.
    async fn set_endpoint_paused(
        &self,
        ctx: &Context<'_>,
        input: SetEndpointPausedInput,
    ) -> async_graphql::Result<SetEndpointPausedPayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        SetEndpointPausedPayload::of(
            async {
                let id = parse_id(&input.id, "id")?;
                let now = app.deliveries.set_endpoint_paused(&actor, id, input.paused).await?;
                Ok(Endpoint(now))
            }
            .await,
        )
    }

    /// Deletes an endpoint; what waits for it is given up.
    async fn delete_endpoint(
        &self,
        ctx: &Context<'_>,
        input: DeleteEndpointInput,
    ) -> async_graphql::Result<DeleteEndpointPayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        DeleteEndpointPayload::of(
            async {
                let id = parse_id(&input.id, "id")?;
                Ok(Endpoint(app.deliveries.delete_endpoint(&actor, id).await?))
            }
            .await,
        )
    }

    /// Sends a delivery again, whatever became of it.
    async fn replay_delivery(
        &self,
        ctx: &Context<'_>,
        input: ReplayDeliveryInput,
    ) -> async_graphql::Result<ReplayDeliveryPayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        ReplayDeliveryPayload::of(
            async {
                let id = parse_id(&input.id, "id")?;
                let key = input.idempotency_key.as_deref();
                Ok(Delivery(app.deliveries.replay(&actor, id, key).await?))
            }
            .await,
        )
    }
}
