//! Leads: the object, as its publisher, its buyers and operators may see it.

use async_graphql::{Context, Enum, ID, Json, Object, SimpleObject};
use futures::future::try_join_all;
use leadbourse_core::access::OrgKind;
use leadbourse_core::exchange::trace;
use leadbourse_core::lead;
use leadbourse_core::money::Currency;
use leadbourse_core::score::Temperature as CoreTemperature;

use super::accounts::Organization;
use super::awards::Award;
use super::context::{actor, app};
use super::explain::{self, Explanation, StoredTrace};
use super::loaders::loaders;
use super::loaders_leads::{AwardsOf, ChainOf, FieldsOf};
use super::niches::Niche;
use super::scalars::{DateTime, JsonValue, LocalizedText, Money, id, money};
use super::sources::Source;
use super::submit::{LeadState, Temperature, VerdictReason};
use crate::leads::LeadRecord;
use crate::platform::error::{Context as _, Result};

/// How a lead came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Channel {
    /// A posted form.
    Form,
    /// A machine.
    Api,
    /// A file.
    Import,
    /// A telephone call.
    Call,
    /// A click on a tracking link.
    Click,
}

impl From<lead::Channel> for Channel {
    fn from(channel: lead::Channel) -> Self {
        match channel {
            lead::Channel::Form => Self::Form,
            lead::Channel::Api => Self::Api,
            lead::Channel::Import => Self::Import,
            lead::Channel::Call => Self::Call,
            lead::Channel::Click => Self::Click,
        }
    }
}

/// One contribution to a score.
#[derive(SimpleObject)]
pub struct ScoreReason {
    /// The rule.
    pub name: String,
    /// What people read.
    pub label: LocalizedText,
    /// Grade steps or intent points.
    pub points: i32,
    /// `FIT` or `INTENT`.
    pub part: &'static str,
}

/// What an allocation made of one offer.
#[derive(SimpleObject)]
pub struct TraceEntry {
    /// The offer.
    pub offer_id: ID,
    /// Its name.
    pub offer_name: String,
    /// The version that was considered.
    pub version_id: ID,
    /// `WON`, `LOST` or `EXCLUDED`.
    pub outcome: &'static str,
    /// Why, unless it won.
    pub code: Option<String>,
    /// 1 for the highest effective bid.
    pub rank: Option<i32>,
    /// What was compared.
    pub effective_bid: Option<Money>,
    /// The price of the lead itself.
    pub price: Option<Money>,
    /// The field of a failed condition, a full cap and the like.
    pub detail: String,
    /// The number that it would take: missing money and offered earnings in minor units, a wanted
    /// score.
    pub need: Option<i64>,
    /// The number of its group in a waterfall.
    pub group: Option<i32>,
}

/// One verdict in a lead's chain.
#[derive(SimpleObject)]
pub struct LeadEvent {
    /// Its number, from 1.
    pub seq: i32,
    /// What was decided.
    pub code: String,
    /// By whom.
    pub actor: String,
    /// When.
    pub at: DateTime,
    /// The hash that the next event repeats.
    pub hash: String,
    /// What it was decided on; for operators, while it was not erased.
    pub evidence: Option<JsonValue>,
}

/// A person's request.
pub struct Lead(pub LeadRecord);

impl Lead {
    fn currency(&self) -> Currency {
        self.0.verdict.earning.currency
    }
}

#[Object]
impl Lead {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// The niche.
    async fn niche(&self, ctx: &Context<'_>) -> async_graphql::Result<Niche> {
        Ok(Niche(loaders(ctx)?.must(self.0.niche).await?))
    }

    /// Where it arose; for its publisher and operators.
    async fn source(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Source>> {
        Ok(loaders(ctx)?.one(self.0.source).await?.map(Source))
    }

    /// Who sent it; for operators.
    async fn publisher(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let asker = actor(ctx)?;
        if asker.kind != OrgKind::Operator {
            return Ok(None);
        }
        let found = loaders(ctx)?.one(self.0.publisher).await?;
        let app = app(ctx)?;
        Ok(found.map(|found| Organization::new(app, asker, found)))
    }

    /// Where it is in its life.
    async fn state(&self) -> LeadState {
        self.0.state.into()
    }

    /// The first reason of its verdict; for its publisher and operators.
    async fn reason_code(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<&str>> {
        Ok(self.0.reason_code.as_deref().filter(|_| !is_buyer(ctx)))
    }

    /// How it came in.
    async fn channel(&self) -> Channel {
        self.0.channel.into()
    }

    /// 0-100.
    async fn score(&self) -> i32 {
        self.0.score
    }

    /// How well the person fits: A-F.
    async fn grade(&self) -> &str {
        &self.0.grade
    }

    /// How strong the wish is: 0-100.
    async fn intent(&self) -> i32 {
        self.0.intent
    }

    /// How promising it is.
    async fn temperature(&self) -> async_graphql::Result<Temperature> {
        let found: CoreTemperature = self.0.temperature.parse().context("reading a temperature")?;
        Ok(found.into())
    }

    /// What the score is made of.
    async fn score_reasons(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<ScoreReason>> {
        if self.0.score_reasons.is_empty() {
            return Ok(Vec::new());
        }
        let version = loaders(ctx)?.must(self.0.version).await?;
        let card = &version.policy.scorecard;
        let reasons = self.0.score_reasons.iter().map(|reason| {
            let rule = card.fit.iter().chain(&card.intent).find(|rule| rule.name == reason.name);
            let plain = || LocalizedText { en: reason.name.clone(), ru: reason.name.clone() };
            ScoreReason {
                name: reason.name.clone(),
                label: rule.map_or_else(plain, |rule| rule.label.clone().into()),
                points: reason.points,
                part: reason.kind.as_str(),
            }
        });
        Ok(reasons.collect())
    }

    /// Why it was not sold; for its publisher and operators.
    async fn reasons(&self, ctx: &Context<'_>) -> Vec<VerdictReason> {
        if is_buyer(ctx) {
            Vec::new()
        } else {
            self.0.verdict.reasons.iter().map(Into::into).collect()
        }
    }

    /// How many copies were sold.
    async fn copies(&self) -> i32 {
        self.0.copies
    }

    /// The niche's fields, masked unless the asker bought the lead.
    async fn fields(&self, ctx: &Context<'_>) -> async_graphql::Result<JsonValue> {
        let seen = loaders(ctx)?.one(FieldsOf(self.0.id)).await?.unwrap_or_default();
        Ok(Json(serde_json::Value::Object(seen.fields)))
    }

    /// Whether the fields are masked.
    async fn masked(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(loaders(ctx)?.one(FieldsOf(self.0.id)).await?.is_none_or(|seen| seen.masked))
    }

    /// What it earned at once; for its publisher and operators.
    async fn earning(&self, ctx: &Context<'_>) -> Option<Money> {
        let minor = self.0.verdict.earning.minor.parse().ok()?;
        (!is_buyer(ctx)).then(|| money(minor, self.currency()))
    }

    /// Its chain of verdicts.
    async fn events(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<LeadEvent>> {
        let chain = loaders(ctx)?.one(ChainOf(self.0.id)).await?.unwrap_or_default();
        let shown = chain.events.iter().map(|view| LeadEvent {
            seq: view.event.seq,
            code: view.event.code.clone(),
            actor: view.event.actor.clone(),
            at: view.event.at.into(),
            hash: hex::encode(view.event.hash),
            evidence: view.evidence.clone().map(Json),
        });
        Ok(shown.collect())
    }

    /// Whether every event fits the hash of the one before.
    async fn chain_valid(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(loaders(ctx)?.one(ChainOf(self.0.id)).await?.is_some_and(|chain| chain.valid))
    }

    /// Its sales, those that the asker may see.
    async fn awards(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Award>> {
        let found = loaders(ctx)?.one(AwardsOf(self.0.id)).await?.unwrap_or_default();
        Ok(found.iter().cloned().map(Award).collect())
    }

    /// Why each offer did or did not buy; for operators.
    async fn trace(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Vec<TraceEntry>>> {
        if actor(ctx)?.kind != OrgKind::Operator {
            return Ok(None);
        }
        Ok(Some(self.entries(ctx).await?))
    }

    /// What would have sold an unsold lead, the nearest first: offer by offer for operators; for
    /// its publisher what would have been enough for the easiest offer of each kind.
    #[graphql(complexity = "5 + child_complexity")]
    async fn would_have_sold(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Explanation>> {
        explain::of_lead(ctx, &self.0).await
    }

    /// The refused lead that this one corrects.
    async fn supersedes(&self) -> Option<ID> {
        self.0.supersedes.map(id)
    }

    /// When it came in.
    async fn received_at(&self) -> DateTime {
        self.0.received_at.into()
    }

    /// When its verdict was reached.
    async fn decided_at(&self) -> Option<DateTime> {
        Some(self.0.decided_at.into())
    }

    /// When its contact data was erased.
    async fn erased_at(&self) -> Option<DateTime> {
        self.0.erased_at.map(DateTime)
    }
}

impl Lead {
    async fn entries(&self, ctx: &Context<'_>) -> Result<Vec<TraceEntry>> {
        trace_entries(ctx, StoredTrace::of(&self.0)?.entries, self.currency()).await
    }
}

/// A trace, with the offers' names.
pub(super) async fn trace_entries(
    ctx: &Context<'_>,
    entries: Vec<trace::TraceEntry>,
    currency: Currency,
) -> Result<Vec<TraceEntry>> {
    let loaders = loaders(ctx)?;
    let offers = entries.iter().map(|entry| loaders.one(entry.offer));
    let offers = try_join_all(offers).await?;
    let sum = |minor| money(minor, currency);
    Ok(entries
        .into_iter()
        .zip(offers)
        .map(|(entry, offer)| TraceEntry {
            offer_id: id(entry.offer),
            offer_name: offer.map(|offer| offer.name).unwrap_or_default(),
            version_id: id(entry.version),
            outcome: entry.outcome.as_str(),
            code: entry.code.map(std::borrow::Cow::into_owned),
            rank: entry.rank.and_then(|rank| i32::try_from(rank).ok()),
            effective_bid: entry.bid.map(sum),
            price: entry.price.map(sum),
            detail: entry.detail,
            need: entry.need,
            group: entry.group,
        })
        .collect())
}

/// Whether a buyer asks: it sees what it bought, not what others were told.
fn is_buyer(ctx: &Context<'_>) -> bool {
    actor(ctx).is_ok_and(|actor| actor.kind == OrgKind::Buyer)
}
