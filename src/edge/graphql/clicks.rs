//! Tracking links and clicks.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use leadbourse_core::access::OrgKind;
use leadbourse_core::error::{OUT_OF_RANGE, Problem};
use leadbourse_core::money::Currency;

use super::context::{actor, app};
use super::leads::Lead;
use super::loaders::loaders;
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, Money, id, money, parse_id, parse_opt_id};
use super::sources::Source;
use crate::clicks::{self, ClickFilter, StatsBy, StatsWish};
use crate::payload;
use crate::platform::error::Result;

crate::graphql_enum! {
    /// Why a click does not count as a person's.
    ClickBot = "leadbourse_core::click::BotReason" {
        /// The browser says that it is a machine, or says nothing.
        UserAgent,
        /// Too many from one address in a minute.
        Rate,
    }
}

/// Queries of clicks.
#[derive(Default)]
pub struct ClicksQuery;

/// Mutations of tracking links.
#[derive(Default)]
pub struct ClicksMutation;

/// A click on a tracking link.
pub struct Click(pub clicks::ClickRow);

/// A sub-id or UTM mark.
#[derive(SimpleObject)]
pub struct ClickMark {
    /// Its name: `sub1` … `sub10`, `utm_source` …
    pub name: String,
    /// Its value.
    pub value: String,
}

#[Object]
impl Click {
    /// Its id, as the landing page gets it.
    pub async fn id(&self) -> ID {
        id(self.0.click.id)
    }

    /// Where it arose.
    async fn source(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Source>> {
        Ok(loaders(ctx)?.one(self.0.click.source_id).await?.map(Source))
    }

    /// The name of the offer behind the link at that moment.
    async fn offer_name(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<String>> {
        let Some(pin) = self.0.click.pin else { return Ok(None) };
        Ok(loaders(ctx)?.one(pin.offer_id).await?.map(|offer| offer.name))
    }

    /// Why it does not count as a person's; null for a person.
    async fn bot(&self) -> Option<ClickBot> {
        self.0.click.bot.map(Into::into)
    }

    /// Sub-ids and UTM marks of the link; for its publisher.
    async fn marks(&self) -> Vec<ClickMark> {
        let marks = self.0.marks.iter();
        marks.map(|(name, value)| ClickMark { name: name.clone(), value: value.clone() }).collect()
    }

    /// The leads that name it or were made of it, first one first.
    async fn leads(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Lead>> {
        let mut found = Vec::with_capacity(self.0.leads.len());
        for lead in &self.0.leads {
            found.extend(loaders(ctx)?.one(*lead).await?.map(Lead));
        }
        Ok(found)
    }

    /// When.
    async fn created_at(&self) -> DateTime {
        self.0.click.created_at.into()
    }
}

/// Clicks with the same source or sub-id.
#[derive(SimpleObject)]
pub struct ClickStat {
    /// The source's id, or the sub-id's value; empty where there was none.
    pub key: String,
    /// Clicks of persons.
    pub clicks: i64,
    /// Clicks of machines.
    pub bots: i64,
    /// Leads that came of them.
    pub leads: i64,
    /// Billed events that were not returned whole.
    pub conversions: i64,
    /// Conversions per click, basis points; null without a click of a person.
    pub rate_bps: Option<i64>,
    /// What was earned, less what was given back; null for operators, who see many currencies.
    pub earning: Option<Money>,
}

#[Object]
impl ClicksQuery {
    /// Clicks, newest first: the publisher's own, all for operators.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn clicks(
        &self,
        ctx: &Context<'_>,
        source_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Click>> {
        let page = page(first, after.as_deref())?;
        let filter = ClickFilter { source: parse_opt_id(source_id.as_ref(), "sourceId")? };
        let found = app(ctx)?.clicks.list(&actor(ctx)?, &filter, &page).await?;
        Ok(connection(&page, found, |row| (row.click.id.uuid(), Click(row))))
    }

    /// Clicks of a period with what came of them, most clicks first: by source, or by a sub-id of
    /// the publisher's own. Of more than 5000 clicks the newest are summed up.
    #[graphql(complexity = "20 + 10 * child_complexity")]
    async fn click_stats(
        &self,
        ctx: &Context<'_>,
        from: DateTime,
        to: DateTime,
        source_id: Option<ID>,
        sub_id: Option<i32>,
    ) -> async_graphql::Result<Vec<ClickStat>> {
        stats(ctx, (from, to), source_id, sub_id).await.map_err(Into::into)
    }
}

async fn stats(
    ctx: &Context<'_>,
    (from, to): (DateTime, DateTime),
    source_id: Option<ID>,
    sub_id: Option<i32>,
) -> Result<Vec<ClickStat>> {
    let asker = actor(ctx)?;
    let by = match sub_id.map(u8::try_from) {
        None => StatsBy::Source,
        Some(Ok(number)) => StatsBy::SubId(number),
        Some(Err(_)) => return Err(Problem::new(OUT_OF_RANGE).field("subId").into()),
    };
    let source = parse_opt_id(source_id.as_ref(), "sourceId")?;
    let wish = StatsWish { by, source, from: from.into(), to: to.into() };
    let found = app(ctx)?.clicks.stats(&asker, &wish).await?;
    let mut rows = Vec::with_capacity(found.len());
    for sum in found {
        let named = match by {
            StatsBy::Source => sum.key.parse().ok(),
            StatsBy::SubId(_) => source,
        };
        let shown = asker.kind == OrgKind::Publisher;
        let currency = match named.filter(|_| shown) {
            Some(source) => currency_of(ctx, source).await?,
            None => None,
        };
        rows.push(ClickStat {
            rate_bps: sum.rate_bps(),
            earning: currency.map(|currency| money(sum.earning, currency)),
            key: sum.key,
            clicks: sum.clicks,
            bots: sum.bots,
            leads: sum.leads,
            conversions: sum.conversions,
        });
    }
    Ok(rows)
}

async fn currency_of(
    ctx: &Context<'_>,
    source: leadbourse_core::ids::SourceId,
) -> Result<Option<Currency>> {
    let Some(source) = loaders(ctx)?.one(source).await? else { return Ok(None) };
    Ok(loaders(ctx)?.one(source.niche_id).await?.map(|niche| niche.currency))
}

/// Where a source's tracking link leads.
#[derive(InputObject)]
pub struct SetSourceLinkInput {
    /// The source.
    pub source_id: ID,
    /// The landing page, an https address; null takes the link away.
    pub url: Option<String>,
    /// The parameter that carries the click id; `click_id` if not given.
    pub param: Option<String>,
}

payload! { SetSourceLinkPayload { source: Source } }

#[Object]
impl ClicksMutation {
    /// Sets where a source's tracking link leads.
    async fn set_source_link(
        &self,
        ctx: &Context<'_>,
        input: SetSourceLinkInput,
    ) -> async_graphql::Result<SetSourceLinkPayload> {
        SetSourceLinkPayload::of(
            async {
                let (offers, actor) = (&app(ctx)?.offers, actor(ctx)?);
                let source = parse_id(&input.source_id, "sourceId")?;
                let link = input.url.as_deref().map(|url| (url, input.param.as_deref()));
                offers.set_link(&actor, source, link).await.map(Source)
            }
            .await,
        )
    }
}
