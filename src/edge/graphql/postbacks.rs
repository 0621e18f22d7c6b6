//! Postback addresses and their log.

use async_graphql::{Context, ID, InputObject, Object};
use leadbourse_core::access::Action;

use super::context::{actor, app};
use super::enums::GoalKind;
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, id, parse_id, parse_opt_id};
use crate::outcomes::{self, NewToken, Secrets};
use crate::payload;

/// Queries of postbacks.
#[derive(Default)]
pub struct PostbacksQuery;

/// Mutations of postbacks.
#[derive(Default)]
pub struct PostbacksMutation;

/// An address to which a buyer's server reports sales.
pub struct PostbackToken(outcomes::PostbackToken);

#[Object]
impl PostbackToken {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The beginning of its token.
    async fn prefix(&self) -> &str {
        &self.0.prefix
    }

    /// The only offer whose awards it takes; null for all of the buyer's.
    async fn offer_id(&self) -> Option<ID> {
        self.0.offer_id.map(id)
    }

    /// Whether postbacks have to be signed.
    async fn signed(&self) -> bool {
        self.0.signed()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last used, to the minute.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(DateTime)
    }

    /// When it ended.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime)
    }
}

/// One postback that came in, by ids and codes.
pub struct LoggedPostback(outcomes::LoggedPostback);

#[Object]
impl LoggedPostback {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// The address.
    async fn token_id(&self) -> ID {
        id(self.0.token_id)
    }

    /// `GET` or `POST`.
    async fn method(&self) -> &str {
        &self.0.method
    }

    /// The award, if it named one of the buyer's.
    async fn award_id(&self) -> Option<ID> {
        self.0.award_id.map(id)
    }

    /// What it reported, if it said so.
    async fn goal(&self) -> Option<GoalKind> {
        self.0.goal.map(Into::into)
    }

    /// The conversion that it led to.
    async fn conversion_id(&self) -> Option<ID> {
        self.0.conversion_id.map(id)
    }

    /// `OK`, or the stable code of the refusal.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The value that was refused.
    async fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// Whether it had been done before.
    async fn replayed(&self) -> bool {
        self.0.replayed
    }

    /// When it came.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }
}

#[Object]
impl PostbacksQuery {
    /// The viewer's postback addresses, newest first, revoked ones included; all for operators.
    async fn postback_tokens(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<Vec<PostbackToken>> {
        let found = app(ctx)?.outcomes.tokens(&actor(ctx)?).await?;
        Ok(found.into_iter().map(PostbackToken).collect())
    }

    /// The postbacks that came in, newest first. `refused` asks for those that were, or were not.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn postbacks(
        &self,
        ctx: &Context<'_>,
        refused: Option<bool>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<LoggedPostback>> {
        let page = page(first, after.as_deref())?;
        let found = app(ctx)?.outcomes.log(&actor(ctx)?, refused, &page).await?;
        Ok(connection(&page, found, |one| (one.id.uuid(), LoggedPostback(one))))
    }
}

/// An address to be made.
#[derive(InputObject)]
struct CreatePostbackTokenInput {
    /// What people will call it.
    name: String,
    /// Only for this offer's awards.
    offer_id: Option<ID>,
    /// Whether postbacks have to be signed; they need not if not said.
    signed: Option<bool>,
}

/// An address to be replaced.
#[derive(InputObject)]
struct RotatePostbackTokenInput {
    /// The address.
    id: ID,
}

/// An address to be ended.
#[derive(InputObject)]
struct RevokePostbackTokenInput {
    /// The address.
    id: ID,
}

/// What is shown once.
#[derive(async_graphql::SimpleObject)]
pub struct PostbackSecrets {
    /// The address, below the exchange's own.
    pub path: String,
    /// The key of the signatures; null where none are asked for.
    pub signing_secret: Option<String>,
}

impl From<Secrets> for PostbackSecrets {
    fn from(secrets: Secrets) -> Self {
        let path = format!("/v1/postback/{}", secrets.token);
        Self { path, signing_secret: secrets.signing }
    }
}

payload! { CreatePostbackTokenPayload { token: PostbackToken, secrets: PostbackSecrets } }
payload! { RotatePostbackTokenPayload { token: PostbackToken, secrets: PostbackSecrets } }
payload! { RevokePostbackTokenPayload { token: PostbackToken } }

#[Object]
impl PostbacksMutation {
    /// Makes an address for postbacks. Its token and its key are shown this once.
    async fn create_postback_token(
        &self,
        ctx: &Context<'_>,
        input: CreatePostbackTokenInput,
    ) -> async_graphql::Result<CreatePostbackTokenPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        CreatePostbackTokenPayload::of(
            async {
                actor.require(Action::ManageOffers)?;
                let new = NewToken {
                    name: input.name,
                    offer_id: parse_opt_id(input.offer_id.as_ref(), "offerId")?,
                    signed: input.signed.unwrap_or(false),
                };
                let (token, secrets) = app.outcomes.create_token(&actor, &new).await?;
                Ok((PostbackToken(token), secrets.into()))
            }
            .await,
        )
    }

    /// Replaces an address by a new one; the old one ends at once.
    async fn rotate_postback_token(
        &self,
        ctx: &Context<'_>,
        input: RotatePostbackTokenInput,
    ) -> async_graphql::Result<RotatePostbackTokenPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        RotatePostbackTokenPayload::of(
            async {
                let id = parse_id(&input.id, "id")?;
                let (token, secrets) = app.outcomes.rotate_token(&actor, id).await?;
                Ok((PostbackToken(token), secrets.into()))
            }
            .await,
        )
    }

    /// Ends an address.
    async fn revoke_postback_token(
        &self,
        ctx: &Context<'_>,
        input: RevokePostbackTokenInput,
    ) -> async_graphql::Result<RevokePostbackTokenPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        RevokePostbackTokenPayload::of(
            async {
                let id = parse_id(&input.id, "id")?;
                app.outcomes.revoke_token(&actor, id).await.map(PostbackToken)
            }
            .await,
        )
    }
}
