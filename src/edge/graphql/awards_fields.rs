//! Awards: what can be asked and done, and what is told as it happens.

use async_graphql::{Context, ID, InputObject, Object, Subscription};
use futures::stream::{Stream, StreamExt};
use leadbourse_core::access::{Action, Scope};

use super::awards::{Award, Disposition};
use super::context::{actor, app};
use super::market::or_null;
use super::paging::{Conn, connection, page};
use super::scalars::{parse_id, parse_opt_id};
use crate::exchange::{AwardHint, CHANNEL_AWARD};
use crate::payload;

/// Queries of awards.
#[derive(Default)]
pub struct AwardsQuery;

/// Mutations of awards.
#[derive(Default)]
pub struct AwardsMutation;

/// Awards as they happen.
#[derive(Default)]
pub struct AwardsSubscription;

/// Saying something about a lead.
#[derive(InputObject)]
pub struct SetDispositionInput {
    /// Which award.
    pub award_id: ID,
    /// What is said.
    pub value: Disposition,
}

/// Opening an award.
#[derive(InputObject)]
pub struct OpenAwardInput {
    /// Which.
    pub award_id: ID,
}

payload! { SetDispositionPayload { award: Award } }
payload! { OpenAwardPayload { award: Award } }

#[Object]
impl AwardsQuery {
    /// An award: its buyer's, its publisher's, any for operators.
    async fn award(&self, ctx: &Context<'_>, id: ID) -> async_graphql::Result<Option<Award>> {
        let found = app(ctx)?.conversions.award(&actor(ctx)?, parse_id(&id, "id")?).await;
        Ok(or_null(found)?.map(Award))
    }

    /// Awards, newest first: a buyer's inbox, a publisher's sales, all for operators.
    async fn awards(
        &self,
        ctx: &Context<'_>,
        offer_id: Option<ID>,
        disposition: Option<Disposition>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Award>> {
        let page = page(first, after.as_deref())?;
        let offer = parse_opt_id(offer_id.as_ref(), "offerId")?;
        let value = disposition.map(Into::into);
        let found = app(ctx)?.conversions.awards(&actor(ctx)?, offer, value, &page).await?;
        Ok(connection(&page, found, |award| (award.id.uuid(), Award(award))))
    }
}

#[Object]
impl AwardsMutation {
    /// Says what became of a lead.
    async fn set_disposition(
        &self,
        ctx: &Context<'_>,
        input: SetDispositionInput,
    ) -> async_graphql::Result<SetDispositionPayload> {
        SetDispositionPayload::of(
            async {
                let (conversions, actor) = (&app(ctx)?.conversions, actor(ctx)?);
                let id = parse_id(&input.award_id, "awardId")?;
                Ok(Award(conversions.set_disposition(&actor, id, input.value.into()).await?))
            }
            .await,
        )
    }

    /// Marks an award as opened.
    async fn open_award(
        &self,
        ctx: &Context<'_>,
        input: OpenAwardInput,
    ) -> async_graphql::Result<OpenAwardPayload> {
        OpenAwardPayload::of(
            async {
                let id = parse_id(&input.award_id, "awardId")?;
                Ok(Award(app(ctx)?.conversions.open_award(&actor(ctx)?, id).await?))
            }
            .await,
        )
    }
}

#[Subscription]
impl AwardsSubscription {
    /// Awards as they happen: a buyer's own, all for operators.
    async fn lead_awarded<'ctx>(
        &self,
        ctx: &Context<'ctx>,
    ) -> async_graphql::Result<impl Stream<Item = async_graphql::Result<Award>> + use<'ctx>> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        actor.require(Action::ReadContacts).or_else(|problem| match actor.scope() {
            Scope::All => actor.require(Action::ReadLeads),
            Scope::Org(_) => Err(problem),
        })?;
        let hints = app.hints.subscribe(CHANNEL_AWARD);
        Ok(hints.filter_map(move |hint| async move {
            let hint: AwardHint = serde_json::from_slice(&hint).ok()?;
            let own = match actor.scope() {
                Scope::All => true,
                Scope::Org(own) => own == hint.buyer,
            };
            if !own {
                return None;
            }
            // The row is there: the hint is sent after the commit.
            let found = or_null(app.conversions.award(&actor, hint.award).await);
            found.map(|award| award.map(Award)).map_err(Into::into).transpose()
        }))
    }
}
