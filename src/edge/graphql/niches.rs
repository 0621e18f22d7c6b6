//! Niches and their versions.

use async_graphql::{Context, ID, InputObject, Json, Object, SimpleObject};
use leadbourse_core::access::{Action, OrgKind};
use leadbourse_core::error::{BAD_INPUT, Problem};
use leadbourse_core::niche::annotations::FieldKind;
use leadbourse_core::niche::policy::{Localized, NichePolicy};
use std::sync::Arc;

use super::context::{actor, app};
use super::errors::UserError;
use super::loaders::loaders;
use super::market::or_null;
use super::scalars::{DateTime, JsonValue, LocalizedText, id, parse_id};
use crate::niches;
use crate::payload;
use crate::platform::error::{Context as _, Result};

/// Queries of niches.
#[derive(Default)]
pub struct NichesQuery;

/// Mutations of niches.
#[derive(Default)]
pub struct NichesMutation;

impl From<Localized> for LocalizedText {
    fn from(text: Localized) -> Self {
        Self { en: text.en, ru: text.ru }
    }
}

/// A market segment with its own fields, rules and currency.
pub struct Niche(pub niches::Niche);

#[Object]
impl Niche {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Its name in addresses.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// What people read.
    async fn name(&self) -> LocalizedText {
        self.0.names.clone().into()
    }

    /// Its one currency, ISO 4217.
    async fn currency(&self) -> &str {
        self.0.currency.code()
    }

    /// `ACTIVE` or `ARCHIVED`.
    async fn state(&self) -> &'static str {
        self.0.state.as_str()
    }

    /// The version that new leads are checked by.
    async fn version(&self, ctx: &Context<'_>) -> async_graphql::Result<NicheVersion> {
        Ok(NicheVersion(loaders(ctx)?.must(self.0.current_version_id).await?))
    }

    /// All versions, newest first.
    async fn versions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<NicheVersion>> {
        let found = app(ctx)?.niches.history(self.0.id).await?;
        Ok(found.into_iter().map(NicheVersion).collect())
    }
}

/// One immutable version of a niche.
pub struct NicheVersion(pub Arc<niches::NicheVersion>);

#[Object]
impl NicheVersion {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Its number, from 1.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The field schema: JSON Schema 2020-12 with annotations.
    async fn schema(&self) -> JsonValue {
        Json(self.0.document.clone())
    }

    /// Dedupe, scorecard, return reasons, clocks, routing; the places of single offers in the
    /// routing are for operators.
    async fn policy(&self, ctx: &Context<'_>) -> async_graphql::Result<JsonValue> {
        let mut rules = serde_json::to_value(&*self.0.policy).context("writing a niche's rules")?;
        if actor(ctx)?.kind != OrgKind::Operator
            && let Some(routing) = rules.get_mut("routing").and_then(|part| part.as_object_mut())
        {
            routing.remove("offers");
        }
        Ok(Json(rules))
    }

    /// The fields, in the order in which a form shows them.
    async fn fields(&self) -> Vec<NicheField> {
        self.0
            .fields()
            .iter()
            .map(|field| NicheField {
                name: field.name.clone(),
                label: field.label.clone().into(),
                kind: field.kind.map(FieldKind::as_str),
                ty: field.ty.as_str(),
                required: field.required,
                pii: field.pii,
                sensitive: field.sensitive,
                ping: field.ping,
                options: field
                    .options
                    .iter()
                    .map(|(value, label)| FieldOption {
                        value: value.clone(),
                        label: label.clone().into(),
                    })
                    .collect(),
            })
            .collect()
    }

    /// For what a buyer may return a lead.
    async fn return_reasons(&self) -> Vec<ReturnReason> {
        self.0
            .policy
            .return_reasons
            .iter()
            .map(|reason| ReturnReason {
                code: reason.code.clone(),
                label: reason.label.clone().into(),
                comment_required: reason.comment_required,
            })
            .collect()
    }

    /// When it was published.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }
}

/// A field of a niche's form.
#[derive(SimpleObject)]
pub struct NicheField {
    /// Its name.
    pub name: String,
    /// What people read.
    pub label: LocalizedText,
    /// What it holds: phone, email, region…
    pub kind: Option<&'static str>,
    /// `string`, `integer`, `number` or `boolean`.
    #[graphql(name = "type")]
    pub ty: &'static str,
    /// Whether a lead must fill it.
    pub required: bool,
    /// Contact data: sealed, masked, erased.
    pub pii: bool,
    /// Especially private.
    pub sensitive: bool,
    /// May be shown before the sale.
    pub ping: bool,
    /// The allowed values; empty if the field is free.
    pub options: Vec<FieldOption>,
}

/// An allowed value.
#[derive(SimpleObject)]
pub struct FieldOption {
    /// The value.
    pub value: String,
    /// What people read.
    pub label: LocalizedText,
}

/// A coded reason for a return.
#[derive(SimpleObject)]
pub struct ReturnReason {
    /// The stable code.
    pub code: String,
    /// What people read.
    pub label: LocalizedText,
    /// Whether a comment is required.
    pub comment_required: bool,
}

#[Object]
impl NichesQuery {
    /// The niches that take leads, oldest first.
    async fn niches(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Niche>> {
        actor(ctx)?;
        Ok(app(ctx)?.niches.active().await?.into_iter().map(Niche).collect())
    }

    /// A niche by its id or its slug.
    async fn niche(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "id")] wanted: Option<ID>,
        slug: Option<String>,
    ) -> async_graphql::Result<Option<Niche>> {
        actor(ctx)?;
        let niches = &app(ctx)?.niches;
        let found = match (wanted, slug) {
            (Some(wanted), None) => niches.get(parse_id(&wanted, "id")?).await,
            (None, Some(slug)) => niches.by_slug(&slug).await,
            _ => {
                let detail = "Name the niche by id or by slug.";
                return Err(Problem::new(BAD_INPUT).field("id").detail(detail).into());
            }
        };
        Ok(or_null(found)?.map(Niche))
    }

    /// The slugs of the ready-made niches.
    async fn niche_packs(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<&'static str>> {
        actor(ctx)?;
        Ok(niches::pack_slugs().collect())
    }
}

payload! { PublishNicheVersionPayload { niche: Niche } }
payload! { InstallNichePackPayload { niche: Niche } }

/// The next version of a niche.
#[derive(InputObject)]
pub struct PublishNicheVersionInput {
    /// The niche.
    pub niche_id: ID,
    /// The whole field schema; it may only add to the current one.
    pub schema: JsonValue,
    /// All rules.
    pub policy: JsonValue,
}

/// A ready-made niche.
#[derive(InputObject)]
pub struct InstallNichePackInput {
    /// Its slug.
    pub slug: String,
}

#[Object]
impl NichesMutation {
    /// Publishes the next version of a niche. New leads are checked by it at once.
    async fn publish_niche_version(
        &self,
        ctx: &Context<'_>,
        input: PublishNicheVersionInput,
    ) -> async_graphql::Result<PublishNicheVersionPayload> {
        let actor = actor(ctx)?;
        let niches = &app(ctx)?.niches;
        let schema = &input.schema.0;
        let documents = async {
            actor.require(Action::ManageNiches)?;
            let id = parse_id(&input.niche_id, "nicheId")?;
            let policy: NichePolicy =
                serde_json::from_value(input.policy.0.clone()).map_err(|error| {
                    Problem::new(BAD_INPUT).field("policy").detail(error.to_string())
                })?;
            let problems = niches.problems(&actor, id, schema, &policy).await?;
            Result::Ok((id, policy, problems))
        };
        let (id, policy, problems) = match documents.await {
            Ok(found) => found,
            Err(error) => return PublishNicheVersionPayload::of(Err(error)),
        };
        if !problems.is_empty() {
            let user_errors = problems.iter().map(UserError::from).collect();
            return Ok(PublishNicheVersionPayload { niche: None, user_errors });
        }
        PublishNicheVersionPayload::of(niches.publish(&actor, id, schema, &policy).await.map(Niche))
    }

    /// Makes a niche of a ready-made pack.
    async fn install_niche_pack(
        &self,
        ctx: &Context<'_>,
        input: InstallNichePackInput,
    ) -> async_graphql::Result<InstallNichePackPayload> {
        let actor = actor(ctx)?;
        let made = app(ctx)?.niches.install(&actor, &input.slug).await;
        InstallNichePackPayload::of(made.map(Niche))
    }
}
