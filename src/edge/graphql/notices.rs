//! Publishers' postbacks: what happens to their leads and conversions, told to their own trackers.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use leadbourse_core::delivery as core;
use leadbourse_core::notice::MACROS;

use super::context::{actor, app};
use super::delivery::{DeliveryAttempt, DeliveryState, EndpointState};
use super::leads::Lead;
use super::loaders::loaders;
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, LocalizedText, id, parse_id, parse_opt_id};
use super::sources::Source;
use crate::graphql_enum;
use crate::notices::{self, NoticeFilter, NoticeView, PostbackInput};
use crate::payload;
use crate::platform::error::Result;

graphql_enum! {
    /// What a publisher is told of.
    NoticeEvent = "leadbourse_core::notice::NoticeEvent" {
        /// Somebody bought the lead.
        Sold,
        /// Nobody bought it.
        Unsold,
        /// It was refused.
        Rejected,
        /// A moderator looks at it first.
        Quarantined,
        /// Something that is paid for happened.
        ConversionCreated,
        /// A conversion's hold is over.
        ConversionApproved,
        /// A conversion was returned, in whole or in part.
        ConversionReturned,
        /// A test that somebody asked for.
        Test,
    }
}

graphql_enum! {
    /// How a publisher's postback is called.
    NoticeMethod = "leadbourse_core::notice::NoticeMethod" {
        /// Everything is in the address.
        Get,
        /// The facts are in a JSON body as well.
        Post,
    }
}

/// Queries of notices.
#[derive(Default)]
pub struct NoticesQuery;

/// Mutations of notices.
#[derive(Default)]
pub struct NoticesMutation;

/// An address of a publisher's that is told what happens, signed by Standard Webhooks.
pub struct PublisherPostback(pub notices::PublisherPostback);

#[Object]
impl PublisherPostback {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The address with its macros.
    async fn url(&self) -> &str {
        &self.0.url
    }

    /// How it is called.
    async fn method(&self) -> NoticeMethod {
        self.0.method.into()
    }

    /// For what it is called.
    async fn events(&self) -> Vec<NoticeEvent> {
        self.0.events.iter().map(|event| (*event).into()).collect()
    }

    /// Only for this source; for all of the publisher's when null.
    async fn source(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Source>> {
        let Some(id) = self.0.source_id else { return Ok(None) };
        Ok(loaders(ctx)?.one(id).await?.map(Source))
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

/// Something that happened, on its way to one postback. It holds ids and codes only.
pub struct Notice(pub NoticeView);

#[Object]
impl Notice {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.notice.id)
    }

    /// The event: the same at every try and for every postback, as `webhook-id` and `{event_id}`.
    async fn event_id(&self) -> ID {
        id(self.0.notice.happening_id)
    }

    /// What happened.
    async fn event(&self) -> NoticeEvent {
        self.0.notice.happening.event.into()
    }

    /// The postback.
    async fn postback_id(&self) -> ID {
        id(self.0.notice.postback_id)
    }

    /// The lead's id; of a test one that never was.
    async fn lead_id(&self) -> ID {
        id(self.0.notice.lead_id)
    }

    /// The lead; null for a test.
    async fn lead(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Lead>> {
        Ok(loaders(ctx)?.one(self.0.notice.lead_id).await?.map(Lead))
    }

    /// The conversion's id, for events of conversions.
    async fn conversion_id(&self) -> Option<ID> {
        self.0.notice.happening.sale.map(|sale| id(sale.conversion))
    }

    /// How far it is.
    async fn state(&self) -> DeliveryState {
        self.0.notice.state.into()
    }

    /// Every try, first one first.
    async fn attempts(&self) -> Vec<DeliveryAttempt> {
        self.0.attempts.iter().map(DeliveryAttempt::from).collect()
    }

    /// When it is tried next, while pending.
    async fn next_at(&self) -> Option<DateTime> {
        let pending = self.0.notice.state == core::DeliveryState::Pending;
        pending.then_some(DateTime(self.0.notice.next_at))
    }

    /// What the last failure said.
    async fn last_error(&self) -> Option<&str> {
        self.0.notice.last_error.as_deref()
    }

    /// When it happened.
    async fn happened_at(&self) -> DateTime {
        self.0.notice.created_at.into()
    }

    /// When the postback took it.
    async fn delivered_at(&self) -> Option<DateTime> {
        self.0.notice.delivered_at.map(DateTime)
    }
}

/// A word in braces that the address of a postback may have.
#[derive(SimpleObject)]
pub struct PostbackMacro {
    /// Its name, without the braces.
    pub name: String,
    /// What stands in its place.
    pub about: LocalizedText,
    /// What it may look like; empty where there is nothing to show.
    pub example: String,
}

/// A postback to be made.
#[derive(InputObject)]
pub struct CreatePublisherPostbackInput {
    /// What people will call it.
    pub name: String,
    /// The address with its macros; https, at a public host.
    pub url: String,
    /// How it is called; by GET if not said.
    pub method: Option<NoticeMethod>,
    /// For what it is called.
    pub events: Vec<NoticeEvent>,
    /// Only for this source; for all of the publisher's if not said.
    pub source_id: Option<ID>,
}

/// A postback as it is to be from now on.
#[derive(InputObject)]
pub struct UpdatePublisherPostbackInput {
    /// The postback.
    pub id: ID,
    /// What people will call it.
    pub name: String,
    /// The address with its macros.
    pub url: String,
    /// How it is called; by GET if not said.
    pub method: Option<NoticeMethod>,
    /// For what it is called.
    pub events: Vec<NoticeEvent>,
    /// Only for this source; for all of the publisher's if not said.
    pub source_id: Option<ID>,
}

/// A postback's pause.
#[derive(InputObject)]
pub struct SetPublisherPostbackPausedInput {
    /// The postback.
    pub id: ID,
    /// Whether it is to be paused.
    pub paused: bool,
}

/// A postback's end.
#[derive(InputObject)]
pub struct DeletePublisherPostbackInput {
    /// The postback.
    pub id: ID,
}

/// A postback to be tested.
#[derive(InputObject)]
pub struct TestPostbackInput {
    /// The postback.
    pub id: ID,
}

/// Another try of a notice.
#[derive(InputObject)]
pub struct ReplayNoticeInput {
    /// The notice.
    pub id: ID,
    /// The same key with the same input gives the same answer.
    pub idempotency_key: Option<String>,
}

payload! { CreatePublisherPostbackPayload { postback: PublisherPostback, secret: String } }
payload! { UpdatePublisherPostbackPayload { postback: PublisherPostback } }
payload! { SetPublisherPostbackPausedPayload { postback: PublisherPostback } }
payload! { DeletePublisherPostbackPayload { postback: PublisherPostback } }
payload! { TestPostbackPayload { notice: Notice } }
payload! { ReplayNoticePayload { notice: Notice } }

fn wanted(
    name: String,
    url: String,
    method: Option<NoticeMethod>,
    events: Vec<NoticeEvent>,
    source_id: Option<&ID>,
) -> Result<PostbackInput> {
    Ok(PostbackInput {
        name,
        url,
        method: method.unwrap_or(NoticeMethod::Get).into(),
        events: events.into_iter().map(Into::into).collect(),
        source_id: parse_opt_id(source_id, "sourceId")?,
    })
}

#[Object]
impl NoticesQuery {
    /// The postbacks of the acting publisher, newest first; operators see all.
    async fn publisher_postbacks(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<Vec<PublisherPostback>> {
        let found = app(ctx)?.notices.postbacks(&actor(ctx)?).await?;
        Ok(found.into_iter().map(PublisherPostback).collect())
    }

    /// What the acting publisher's postbacks were told, newest first; operators see all.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn notices(
        &self,
        ctx: &Context<'_>,
        postback_id: Option<ID>,
        lead_id: Option<ID>,
        state: Option<DeliveryState>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Notice>> {
        let page = page(first, after.as_deref())?;
        let filter = NoticeFilter {
            postback: parse_opt_id(postback_id.as_ref(), "postbackId")?,
            lead: parse_opt_id(lead_id.as_ref(), "leadId")?,
            state: state.map(Into::into),
        };
        let found = app(ctx)?.notices.log(&actor(ctx)?, filter, &page).await?;
        Ok(connection(&page, found, |view| (view.notice.id.uuid(), Notice(view))))
    }

    /// The words that the address of a postback may have.
    async fn postback_macros(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<Vec<PostbackMacro>> {
        actor(ctx)?;
        let shown = |one: &leadbourse_core::notice::Macro| PostbackMacro {
            name: one.name.to_owned(),
            about: LocalizedText { en: one.en.to_owned(), ru: one.ru.to_owned() },
            example: one.example.to_owned(),
        };
        Ok(MACROS.iter().map(shown).collect())
    }
}

#[Object]
impl NoticesMutation {
    /// Makes a postback. Its signing secret is shown this once.
    async fn create_publisher_postback(
        &self,
        ctx: &Context<'_>,
        input: CreatePublisherPostbackInput,
    ) -> async_graphql::Result<CreatePublisherPostbackPayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        CreatePublisherPostbackPayload::of(
            async {
                let CreatePublisherPostbackInput { name, url, method, events, source_id } = input;
                let wanted = wanted(name, url, method, events, source_id.as_ref())?;
                let (made, secret) = app.notices.create(&actor, &wanted).await?;
                Ok((PublisherPostback(made), secret))
            }
            .await,
        )
    }

    /// Changes a postback; what waits for it goes to the new address.
    async fn update_publisher_postback(
        &self,
        ctx: &Context<'_>,
        input: UpdatePublisherPostbackInput,
    ) -> async_graphql::Result<UpdatePublisherPostbackPayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        UpdatePublisherPostbackPayload::of(
            async {
                let UpdatePublisherPostbackInput { id, name, url, method, events, source_id } =
                    input;
                let id = parse_id(&id, "id")?;
                let wanted = wanted(name, url, method, events, source_id.as_ref())?;
                Ok(PublisherPostback(app.notices.update(&actor, id, &wanted).await?))
            }
            .await,
        )
    }

    /// Pauses a postback, or lets it go on; what waited is then sent at once.
    async fn set_publisher_postback_paused(
        &self,
        ctx: &Context<'_>,
        input: SetPublisherPostbackPausedInput,
    ) -> async_graphql::Result<SetPublisherPostbackPausedPayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        SetPublisherPostbackPausedPayload::of(
            async {
                let id = parse_id(&input.id, "id")?;
                let now = app.notices.set_paused(&actor, id, input.paused).await?;
                Ok(PublisherPostback(now))
            }
            .await,
        )
    }

    /// Deletes a postback; what waits for it is given up.
    async fn delete_publisher_postback(
        &self,
        ctx: &Context<'_>,
        input: DeletePublisherPostbackInput,
    ) -> async_graphql::Result<DeletePublisherPostbackPayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        DeletePublisherPostbackPayload::of(
            async {
                let id = parse_id(&input.id, "id")?;
                Ok(PublisherPostback(app.notices.delete(&actor, id).await?))
            }
            .await,
        )
    }

    /// Calls a postback now, once, with the event `TEST`; also a paused one. The answer has the try.
    async fn test_postback(
        &self,
        ctx: &Context<'_>,
        input: TestPostbackInput,
    ) -> async_graphql::Result<TestPostbackPayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        TestPostbackPayload::of(
            async {
                let id = parse_id(&input.id, "id")?;
                Ok(Notice(app.notices.test(&actor, id).await?))
            }
            .await,
        )
    }

    /// Sends a notice again, whatever became of it, under the same event id.
    async fn replay_notice(
        &self,
        ctx: &Context<'_>,
        input: ReplayNoticeInput,
    ) -> async_graphql::Result<ReplayNoticePayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        ReplayNoticePayload::of(
            async {
                let id = parse_id(&input.id, "id")?;
                let key = input.idempotency_key.as_deref();
                Ok(Notice(app.notices.replay(&actor, id, key).await?))
            }
            .await,
        )
    }
}
