//! Sources of traffic.

use async_graphql::{Context, ID, InputObject, Json, MaybeUndefined, Object};
use leadbourse_core::access::Action;
use leadbourse_core::error::{BAD_INPUT, Problem};
use leadbourse_core::lang::Lang;
use leadbourse_core::offer::source::{Fallback, SourceInput, SourceKind as CoreKind};

use super::accounts::Organization;
use super::catalogue::CatalogueOffer;
use super::context::{actor, app};
use super::enums::{SourceFallback, SourceKind, SourceState};
use super::forms::SourceForm;
use super::loaders::loaders;
use super::loaders_market::Listed;
use super::market::{minor, or_null};
use super::niches::Niche;
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, JsonValue, Money, MoneyInput, id, money, parse_id, parse_opt_id};
use crate::edge::publish;
use crate::offers::{self, NewSource, SourceFilter, SourcePatch};
use crate::payload;
use crate::platform::error::Context as _;

/// Queries of sources.
#[derive(Default)]
pub struct SourcesQuery;

/// Mutations of sources.
#[derive(Default)]
pub struct SourcesMutation;

/// Where a publisher's traffic arises.
pub struct Source(pub offers::Source);

#[Object]
impl Source {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How its leads arrive.
    async fn kind(&self) -> SourceKind {
        self.0.kind.into()
    }

    /// What traffic it brings, in the publisher's words.
    async fn traffic(&self) -> &str {
        &self.0.traffic
    }

    /// Its niche.
    async fn niche(&self, ctx: &Context<'_>) -> async_graphql::Result<Niche> {
        Ok(Niche(loaders(ctx)?.must(self.0.niche_id).await?))
    }

    /// Whose traffic it is.
    async fn publisher(&self, ctx: &Context<'_>) -> async_graphql::Result<Organization> {
        let found = loaders(ctx)?.must(self.0.publisher_id).await?;
        Ok(Organization::new(app(ctx)?, actor(ctx)?, found))
    }

    /// The only offer that may buy; null for the whole market, or if it is not listed any more.
    async fn target_offer(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<Option<CatalogueOffer>> {
        let Some(target) = self.0.target_offer_id else { return Ok(None) };
        Ok(loaders(ctx)?.one(Listed(target)).await?.map(CatalogueOffer))
    }

    /// The id of the only offer that may buy; null for the whole market.
    async fn target_offer_id(&self) -> Option<ID> {
        self.0.target_offer_id.map(id)
    }

    /// Who may buy if the target does not.
    async fn fallback(&self) -> SourceFallback {
        self.0.fallback.kind().into()
    }

    /// The offer that may buy if the target does not.
    async fn fallback_offer_id(&self) -> Option<ID> {
        self.0.fallback.offer().map(id)
    }

    /// To how many buyers a lead may be sold.
    async fn max_sales(&self) -> i32 {
        self.0.max_sales
    }

    /// The least earning for which a lead may be sold.
    async fn min_earning(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Money>> {
        let Some(least) = self.0.min_earning else { return Ok(None) };
        let currency = loaders(ctx)?.must(self.0.niche_id).await?.currency;
        Ok(Some(money(least, currency)))
    }

    /// Where it stands.
    async fn state(&self) -> SourceState {
        self.0.state.into()
    }

    /// The landing page of its tracking link; null: it has none.
    async fn link_url(&self) -> Option<&str> {
        self.0.link_url.as_deref()
    }

    /// The parameter that carries the click id to the landing page.
    async fn link_param(&self) -> Option<&str> {
        self.0.link_param.as_deref()
    }

    /// How its posting key begins.
    async fn posting_key_prefix(&self) -> &str {
        &self.0.posting_key_prefix
    }

    /// What a programmer needs to send its leads, in `en` or `ru`: fields, codes, test values,
    /// samples. The same as `/v1/spec/{id}`. Without a configured public URL addresses are relative.
    async fn posting_specification(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "\"en\".to_owned()")] language: String,
    ) -> async_graphql::Result<JsonValue> {
        let app = app(ctx)?;
        let lang = Lang::choose(Some(&language), None);
        let origin = app.config.server.public_url.as_deref().unwrap_or_default();
        let spec = publish::spec::of_source(app, &self.0, lang, origin).await?;
        Ok(Json(serde_json::to_value(spec).context("printing a specification")?))
    }

    /// Its hosted form; null for a source of another kind.
    async fn form(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<SourceForm>> {
        if self.0.kind != CoreKind::Form {
            return Ok(None);
        }
        Ok(Some(SourceForm(app(ctx)?.offers.form(self.0.id).await?)))
    }

    /// What the operator noted.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When an operator decided.
    async fn decided_at(&self) -> Option<DateTime> {
        self.0.decided_at.map(DateTime::from)
    }
}

#[Object]
impl SourcesQuery {
    /// A source: the publisher's own, or any for operators.
    async fn source(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "id")] wanted: ID,
    ) -> async_graphql::Result<Option<Source>> {
        let (actor, wanted) = (actor(ctx)?, parse_id(&wanted, "id")?);
        Ok(or_null(app(ctx)?.offers.source(&actor, wanted).await)?.map(Source))
    }

    /// Sources, newest first: the publisher's own, or all for operators.
    async fn sources(
        &self,
        ctx: &Context<'_>,
        state: Option<SourceState>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Source>> {
        let page = page(first, after.as_deref())?;
        let filter = SourceFilter { state: state.map(Into::into) };
        let found = app(ctx)?.offers.sources(&actor(ctx)?, &filter, &page).await?;
        Ok(connection(&page, found, |found| (found.id.uuid(), Source(found))))
    }
}

payload! { CreateSourcePayload { source: Source, posting_key: String } }
payload! { UpdateSourcePayload { source: Source } }
payload! { RotatePostingKeyPayload { source: Source, posting_key: String } }
payload! { SetSourcePausedPayload { source: Source } }
payload! { DecideSourcePayload { source: Source } }

/// A source to be made.
#[derive(InputObject)]
pub struct CreateSourceInput {
    /// Its niche.
    pub niche_id: ID,
    /// Its name.
    pub name: String,
    /// How its leads will arrive.
    pub kind: SourceKind,
    /// What traffic it brings.
    pub traffic: String,
    /// The only offer that may buy; the whole market if not given.
    pub target_offer_id: Option<ID>,
    /// Who may buy if the target does not; nobody if not given.
    pub fallback: Option<SourceFallback>,
    /// The offer of the fallback OFFER.
    pub fallback_offer_id: Option<ID>,
    /// To how many buyers a lead may be sold.
    pub max_sales: i32,
    /// The least earning for which a lead may be sold.
    pub min_earning: Option<MoneyInput>,
}

/// What changes of a source. What is not given stays; null takes off.
#[derive(InputObject)]
pub struct UpdateSourceInput {
    /// The source.
    pub id: ID,
    /// Its name.
    pub name: Option<String>,
    /// What traffic it brings; other words wait for an operator again.
    pub traffic: Option<String>,
    /// The only offer that may buy; null opens it to the whole market.
    pub target_offer_id: MaybeUndefined<ID>,
    /// Who may buy if the target does not.
    pub fallback: Option<SourceFallback>,
    /// The offer of the fallback OFFER; goes with it.
    pub fallback_offer_id: Option<ID>,
    /// To how many buyers a lead may be sold.
    pub max_sales: Option<i32>,
    /// The least earning; null takes it off.
    pub min_earning: MaybeUndefined<MoneyInput>,
}

/// A source whose posting key is replaced.
#[derive(InputObject)]
pub struct RotatePostingKeyInput {
    /// The source.
    pub id: ID,
}

/// A source to be stopped for now, or to go on.
#[derive(InputObject)]
pub struct SetSourcePausedInput {
    /// The source.
    pub id: ID,
    /// Whether it stands still.
    pub paused: bool,
}

/// An operator's decision on a source.
#[derive(InputObject)]
pub struct DecideSourceInput {
    /// The source.
    pub id: ID,
    /// Whether its leads are taken.
    pub approve: bool,
    /// What the publisher should know; needed for a refusal.
    pub note: Option<String>,
    /// The same key with the same input gives the same answer.
    pub idempotency_key: Option<String>,
}

/// A fallback as it is given: kind and offer go together.
fn fallback(kind: Option<SourceFallback>, offer: Option<&ID>) -> Result<Option<Fallback>, Problem> {
    let offer = parse_opt_id(offer, "fallbackOfferId")?;
    let wrong = || Problem::new(BAD_INPUT).field("fallbackOfferId");
    match kind {
        None if offer.is_none() => Ok(None),
        None => Err(wrong()),
        Some(kind) => Fallback::of(kind.into(), offer).map(Some).ok_or_else(wrong),
    }
}

#[Object]
impl SourcesMutation {
    /// Makes a source. Its posting key is shown here and never again.
    async fn create_source(
        &self,
        ctx: &Context<'_>,
        input: CreateSourceInput,
    ) -> async_graphql::Result<CreateSourcePayload> {
        let actor = actor(ctx)?;
        let run = async {
            actor.require(Action::ManageSources)?;
            let app = app(ctx)?;
            let niche = app.niches.get(parse_id(&input.niche_id, "nicheId")?).await?;
            let least = input.min_earning.as_ref();
            let least = least.map(|sum| minor(sum, niche.currency, "minEarning")).transpose()?;
            let new = NewSource {
                niche_id: niche.id,
                kind: input.kind.into(),
                input: SourceInput {
                    name: input.name,
                    traffic: input.traffic,
                    max_sales: input.max_sales,
                    min_earning: least,
                },
                target: parse_opt_id(input.target_offer_id.as_ref(), "targetOfferId")?,
                fallback: fallback(input.fallback, input.fallback_offer_id.as_ref())?
                    .unwrap_or_default(),
            };
            let (source, key) = app.offers.create_source(&actor, new).await?;
            Ok((Source(source), key))
        };
        CreateSourcePayload::of(run.await)
    }

    /// Changes a source's settings.
    async fn update_source(
        &self,
        ctx: &Context<'_>,
        input: UpdateSourceInput,
    ) -> async_graphql::Result<UpdateSourcePayload> {
        let actor = actor(ctx)?;
        let run = async {
            actor.require(Action::ManageSources)?;
            let app = app(ctx)?;
            let id = parse_id(&input.id, "id")?;
            let min_earning = match &input.min_earning {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(sum) => {
                    let niche = app.offers.source(&actor, id).await?.niche_id;
                    let currency = app.niches.get(niche).await?.currency;
                    Some(Some(minor(sum, currency, "minEarning")?))
                }
            };
            let target = match &input.target_offer_id {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(target) => Some(Some(parse_id(target, "targetOfferId")?)),
            };
            let patch = SourcePatch {
                name: input.name,
                traffic: input.traffic,
                target,
                fallback: fallback(input.fallback, input.fallback_offer_id.as_ref())?,
                max_sales: input.max_sales,
                min_earning,
            };
            Ok(Source(app.offers.update_source(&actor, id, patch).await?))
        };
        UpdateSourcePayload::of(run.await)
    }

    /// Replaces the posting key; the old one ends at once, the new one is shown only here.
    async fn rotate_posting_key(
        &self,
        ctx: &Context<'_>,
        input: RotatePostingKeyInput,
    ) -> async_graphql::Result<RotatePostingKeyPayload> {
        let actor = actor(ctx)?;
        let run = async {
            let id = parse_id(&input.id, "id")?;
            let (source, key) = app(ctx)?.offers.rotate_posting_key(&actor, id).await?;
            Ok((Source(source), key))
        };
        RotatePostingKeyPayload::of(run.await)
    }

    /// Stops a source for now, or lets it go on.
    async fn set_source_paused(
        &self,
        ctx: &Context<'_>,
        input: SetSourcePausedInput,
    ) -> async_graphql::Result<SetSourcePausedPayload> {
        let actor = actor(ctx)?;
        let run = async {
            let id = parse_id(&input.id, "id")?;
            let offers = &app(ctx)?.offers;
            Ok(Source(offers.set_source_paused(&actor, id, input.paused).await?))
        };
        SetSourcePausedPayload::of(run.await)
    }

    /// An operator lets a source in or refuses it.
    async fn decide_source(
        &self,
        ctx: &Context<'_>,
        input: DecideSourceInput,
    ) -> async_graphql::Result<DecideSourcePayload> {
        let actor = actor(ctx)?;
        let run = async {
            let id = parse_id(&input.id, "id")?;
            let (approve, note) = (input.approve, input.note.as_deref());
            let key = input.idempotency_key.as_deref();
            Ok(Source(app(ctx)?.offers.decide_source(&actor, id, approve, note, key).await?))
        };
        DecideSourcePayload::of(run.await)
    }
}
