//! What publishers find: open offers with earnings, and their participations.

use async_graphql::{Context, ID, Object, SimpleObject};
use leadbourse_core::access::OrgKind;
use leadbourse_core::offer::visible;
use std::sync::Arc;

use super::accounts::Organization;
use super::context::{actor, app};
use super::enums::{GoalKind, OfferState, ParticipationState, Visibility};
use super::loaders::loaders;
use super::loaders_market::{FundsOf, ListedHistory};
use super::market::or_null;
use super::niches::Niche;
use super::offers::TermsChange;
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, JsonValue, Money, id, money, parse_id, parse_opt_id};
use super::terms::{OfferSchedule, conditions};
use crate::ledger::Funds;
use crate::niches;
use crate::offers::{self, ParticipationFilter};
use crate::platform::error::Result;

/// Queries of the catalogue and of participations.
#[derive(Default)]
pub struct CatalogueQuery;

/// An offer as publishers see it: earnings, never prices.
pub struct CatalogueOffer(pub Arc<offers::CatalogueEntry>);

/// One goal and what a publisher earns by it.
#[derive(SimpleObject)]
pub struct CatalogueGoal {
    /// What is paid for.
    pub kind: GoalKind,
    /// What the publisher earns; the least of it where a share of the sale is paid.
    pub earning: Money,
    /// The share of the sale that the publisher earns; null where a sum is paid.
    pub percent: Option<CataloguePercent>,
    /// SALE, REGISTRATION: how long after the award an event still counts, in seconds.
    pub attribution_window_s: i64,
    /// CALL: how many connected seconds make a call that is paid for.
    pub min_call_seconds: Option<i64>,
    /// CALL: how long a caller who was paid for is not paid for again, in seconds.
    pub repeat_caller_window_s: Option<i64>,
    /// SALE: whether one award may bring several sales.
    pub several: bool,
}

/// The share of a sale that a publisher earns.
#[derive(SimpleObject)]
pub struct CataloguePercent {
    /// The share of the sale, basis points, rounded.
    pub bps: i64,
    /// The least that one sale earns.
    pub min: Money,
    /// The most that one sale earns.
    pub max: Money,
}

/// What a publisher earns by one copy of a lead that several buyers get.
#[derive(SimpleObject)]
pub struct CatalogueSharedEarning {
    /// To how many buyers in all the lead is sold; holds until the next number that is named.
    pub copies: i32,
    /// What this offer's copy earns.
    pub earning: Money,
}

/// What an offer's leads have brought so far, all publishers taken together.
#[derive(SimpleObject)]
pub struct OfferMeasured {
    /// How many leads it bought.
    pub awards: i64,
    /// What one lead earns on average at today's terms: every goal as often as it was reached,
    /// less what was returned.
    pub earning_per_lead: Money,
    /// The share of its leads of which nothing was returned, basis points.
    pub approved_bps: i64,
}

/// One version of an offer as publishers see it.
#[derive(SimpleObject)]
pub struct CatalogueOfferVersion {
    /// Its number.
    pub version: i32,
    /// From when it rules.
    pub effective_at: DateTime,
    /// What it changes of the version before it in this list: earnings, never prices or caps.
    pub diff: Vec<TermsChange>,
}

impl From<&offers::CatalogueVersion> for CatalogueOfferVersion {
    fn from(shown: &offers::CatalogueVersion) -> Self {
        Self {
            version: shown.version,
            effective_at: shown.effective_at.into(),
            diff: shown.changes.iter().cloned().map(TermsChange::from).collect(),
        }
    }
}

impl CatalogueOffer {
    async fn funds(&self, ctx: &Context<'_>) -> Result<Funds> {
        let loaders = loaders(ctx)?;
        let currency = loaders.must(self.0.offer.niche_id).await?.currency;
        let found = loaders.one(FundsOf(self.0.offer.buyer_id, currency)).await?;
        Ok(found.unwrap_or_default())
    }
}

#[Object]
impl CatalogueOffer {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.offer.id)
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.offer.name
    }

    /// The buyer's name.
    async fn buyer_name(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(loaders(ctx)?.must(self.0.offer.buyer_id).await?.name)
    }

    /// The niche.
    async fn niche(&self, ctx: &Context<'_>) -> async_graphql::Result<Niche> {
        Ok(Niche(loaders(ctx)?.must(self.0.offer.niche_id).await?))
    }

    /// Where it stands.
    async fn state(&self) -> OfferState {
        self.0.offer.state.into()
    }

    /// Whether a cap leaves no room for one more lead now.
    async fn exhausted(&self) -> bool {
        self.0.exhausted
    }

    /// Whether the buyer's free money does not pay for one more lead.
    async fn unfunded(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(self.funds(ctx).await?.available < self.0.cost_at_award)
    }

    /// The buyer's funds against its promises and debts, basis points; null without either.
    async fn coverage_bps(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<i64>> {
        Ok(self.funds(ctx).await?.coverage_bps())
    }

    /// What its leads have brought so far; null where they are too few to tell.
    async fn measured(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<OfferMeasured>> {
        let Some(found) = self.0.measured else { return Ok(None) };
        let currency = loaders(ctx)?.must(self.0.offer.niche_id).await?.currency;
        Ok(Some(OfferMeasured {
            awards: found.awards,
            earning_per_lead: money(found.earning, currency),
            approved_bps: found.approved.0.into(),
        }))
    }

    /// The number of the version that rules.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The versions that ruled, rule or are about to, newest first; those that the publisher could
    /// not have seen are left out.
    async fn versions(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<Vec<CatalogueOfferVersion>> {
        let found = loaders(ctx)?.one(ListedHistory(self.0.offer.id)).await?.unwrap_or_default();
        Ok(found.iter().map(CatalogueOfferVersion::from).collect())
    }

    /// What is paid for, and what the publisher earns by it.
    async fn goals(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<CatalogueGoal>> {
        let currency = loaders(ctx)?.must(self.0.offer.niche_id).await?.currency;
        let goal = |goal: &visible::VisibleGoal| CatalogueGoal {
            kind: goal.kind.into(),
            earning: money(goal.earning, currency),
            percent: goal.percent.map(|percent| CataloguePercent {
                bps: percent.bps.0.into(),
                min: money(percent.min, currency),
                max: money(percent.max, currency),
            }),
            attribution_window_s: goal.attribution_window_s,
            min_call_seconds: goal.min_call_seconds,
            repeat_caller_window_s: goal.repeat_caller_window_s,
            several: goal.several,
        };
        Ok(self.0.goals.iter().map(goal).collect())
    }

    /// What one copy of a lead earns that several buyers get, by number of copies.
    async fn shared_earnings(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<Vec<CatalogueSharedEarning>> {
        let currency = loaders(ctx)?.must(self.0.offer.niche_id).await?.currency;
        let one =
            |shared: &leadbourse_core::offer::visible::SharedEarning| CatalogueSharedEarning {
                copies: shared.copies,
                earning: money(shared.earning, currency),
            };
        Ok(self.0.shared.iter().map(one).collect())
    }

    /// What leads must satisfy: a list of typed conditions.
    async fn conditions(&self) -> async_graphql::Result<JsonValue> {
        Ok(conditions(self.0.terms())?)
    }

    /// The lowest score bought, 0-100.
    async fn min_score(&self) -> i32 {
        self.0.terms().min_score
    }

    /// To how many buyers a lead may be sold in all.
    async fn max_sales(&self) -> i32 {
        self.0.terms().max_sales
    }

    /// When the offer buys.
    async fn schedule(&self) -> OfferSchedule {
        OfferSchedule::of(&self.0.terms().schedule, None)
    }

    /// How long after the award a return may be opened, in seconds.
    async fn return_window_s(&self) -> i64 {
        self.0.terms().return_window_s
    }

    /// How long the earning is held, in seconds.
    async fn hold_s(&self) -> i64 {
        self.0.terms().hold_s
    }

    /// When the verdict becomes final, in seconds after the award.
    async fn lock_s(&self) -> i64 {
        self.0.terms().lock_s
    }

    /// Who may sell.
    async fn visibility(&self) -> Visibility {
        self.0.terms().visibility.into()
    }

    /// What publishers should know.
    async fn description(&self) -> &str {
        &self.0.terms().description
    }

    /// The publisher's own participation.
    async fn participation(&self) -> Option<Participation> {
        self.0.participation.clone().map(Participation)
    }

    /// When the offer was made.
    async fn created_at(&self) -> DateTime {
        self.0.offer.created_at.into()
    }
}

/// A publisher's participation in an offer.
pub struct Participation(pub offers::Participation);

impl Participation {
    async fn in_niche(&self, ctx: &Context<'_>) -> Result<niches::Niche> {
        let loaders = loaders(ctx)?;
        loaders.must(loaders.must(self.0.offer_id).await?.niche_id).await
    }
}

#[Object]
impl Participation {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// The offer.
    async fn offer_id(&self) -> ID {
        id(self.0.offer_id)
    }

    /// The offer's name.
    async fn offer_name(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(loaders(ctx)?.must(self.0.offer_id).await?.name)
    }

    /// The offer's niche.
    async fn niche(&self, ctx: &Context<'_>) -> async_graphql::Result<Niche> {
        Ok(Niche(self.in_niche(ctx).await?))
    }

    /// The publisher.
    async fn publisher(&self, ctx: &Context<'_>) -> async_graphql::Result<Organization> {
        let found = loaders(ctx)?.must(self.0.publisher_id).await?;
        Ok(Organization::new(app(ctx)?, actor(ctx)?, found))
    }

    /// Where it stands.
    async fn state(&self) -> ParticipationState {
        self.0.state.into()
    }

    /// What the publisher wrote.
    async fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// What the buyer noted.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// What the buyer pays for this publisher's leads instead of the offer's price; null if it is
    /// the offer's, and for publishers.
    async fn price(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Money>> {
        let Some(own) = self.0.price_override else { return Ok(None) };
        if actor(ctx)?.kind == OrgKind::Publisher {
            return Ok(None);
        }
        Ok(Some(money(own, self.in_niche(ctx).await?.currency)))
    }

    /// What the publisher earns by a lead at its own price; null without one, and for buyers.
    async fn earning(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Money>> {
        let Some(own) = self.0.price_override else { return Ok(None) };
        if actor(ctx)?.kind == OrgKind::Buyer {
            return Ok(None);
        }
        let niche = self.in_niche(ctx).await?;
        let version = loaders(ctx)?.must(niche.current_version_id).await?;
        let earning = visible::earning(own, app(ctx)?.offers.take_rate(&version));
        Ok(Some(money(earning, niche.currency)))
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When the buyer decided.
    async fn decided_at(&self) -> Option<DateTime> {
        self.0.decided_at.map(DateTime::from)
    }
}

#[Object]
impl CatalogueQuery {
    /// The offers open to the publisher, newest first.
    async fn catalogue(
        &self,
        ctx: &Context<'_>,
        niche_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<CatalogueOffer>> {
        let page = page(first, after.as_deref())?;
        let niche = parse_opt_id(niche_id.as_ref(), "nicheId")?;
        let found = app(ctx)?.offers.catalogue(&actor(ctx)?, niche, &page).await?;
        Ok(connection(&page, found, |found| {
            (found.offer.id.uuid(), CatalogueOffer(Arc::new(found)))
        }))
    }

    /// One offer of the catalogue.
    async fn catalogue_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "id")] wanted: ID,
    ) -> async_graphql::Result<Option<CatalogueOffer>> {
        let (actor, wanted) = (actor(ctx)?, parse_id(&wanted, "id")?);
        let found = or_null(app(ctx)?.offers.catalogue_entry(&actor, wanted).await)?;
        Ok(found.map(|found| CatalogueOffer(Arc::new(found))))
    }

    /// Participations, newest first: in the buyer's offers, the publisher's own, or all.
    async fn participations(
        &self,
        ctx: &Context<'_>,
        state: Option<ParticipationState>,
        offer_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Participation>> {
        let page = page(first, after.as_deref())?;
        let filter = ParticipationFilter {
            state: state.map(Into::into),
            offer_id: parse_opt_id(offer_id.as_ref(), "offerId")?,
        };
        let found = app(ctx)?.offers.participations(&actor(ctx)?, &filter, &page).await?;
        Ok(connection(&page, found, |found| (found.id.uuid(), Participation(found))))
    }
}
