//! Offers and their versions, for buyers and operators.

use async_graphql::{Context, ID, Json, Object, SimpleObject};
use leadbourse_core::money::Currency;
use leadbourse_core::offer::diff::Change;
use leadbourse_core::offer::state::VersionState;
use std::sync::Arc;

use super::accounts::Organization;
use super::catalogue::Participation;
use super::context::{actor, app};
use super::curve::{self, OfferDayCurve};
use super::enums::{OfferState, OfferVersionState};
use super::loaders::loaders;
use super::loaders_market::{FundsOf, HistoryOf, UsageOf};
use super::market::or_null;
use super::niches::Niche;
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, JsonValue, Money, id, money, parse_id, parse_opt_id};
use super::terms::OfferTerms;
use crate::ledger::Funds;
use crate::offers::{self, OfferFilter, ParticipationFilter, diff_of};
use crate::platform::error::{Error, Result};

/// Queries of offers.
#[derive(Default)]
pub struct OffersQuery;

/// A buyer's offer. Publishers see `CatalogueOffer` instead.
#[derive(Clone)]
pub struct Offer(pub offers::Offer);

impl Offer {
    async fn history(&self, ctx: &Context<'_>) -> Result<Arc<Vec<offers::OfferVersion>>> {
        Ok(loaders(ctx)?.one(HistoryOf(self.0.id)).await?.unwrap_or_default())
    }

    async fn currency(&self, ctx: &Context<'_>) -> Result<Currency> {
        Ok(loaders(ctx)?.must(self.0.niche_id).await?.currency)
    }

    async fn funds(&self, ctx: &Context<'_>) -> Result<Funds> {
        let key = FundsOf(self.0.buyer_id, self.currency(ctx).await?);
        Ok(loaders(ctx)?.one(key).await?.unwrap_or_default())
    }

    async fn ruling(&self, ctx: &Context<'_>) -> Result<Option<offers::OfferVersion>> {
        let current = self.0.current_version_id;
        let history = self.history(ctx).await?;
        Ok(history.iter().find(|version| Some(version.id) == current).cloned())
    }

    fn version(&self, version: offers::OfferVersion) -> OfferVersion {
        OfferVersion { offer: self.0.clone(), inner: version }
    }
}

/// What an offer has bought in its current periods.
#[derive(SimpleObject)]
pub struct OfferUsage {
    /// Awards this clock hour.
    pub hour_count: i64,
    /// Money this clock hour.
    pub hour_money: Money,
    /// Awards today.
    pub day_count: i64,
    /// Money today.
    pub day_money: Money,
    /// Awards this week.
    pub week_count: i64,
    /// Money this week.
    pub week_money: Money,
    /// Awards this month.
    pub month_count: i64,
    /// Money this month.
    pub month_money: Money,
    /// Awards in all.
    pub total_count: i64,
    /// Money in all.
    pub total_money: Money,
    /// Share of awards that were returned, in basis points.
    pub return_share_bps: i64,
}

#[Object]
impl Offer {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Its name; publishers see it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Who pays.
    async fn buyer(&self, ctx: &Context<'_>) -> async_graphql::Result<Organization> {
        let found = loaders(ctx)?.must(self.0.buyer_id).await?;
        Ok(Organization::new(app(ctx)?, actor(ctx)?, found))
    }

    /// The niche.
    async fn niche(&self, ctx: &Context<'_>) -> async_graphql::Result<Niche> {
        Ok(Niche(loaders(ctx)?.must(self.0.niche_id).await?))
    }

    /// Where it stands.
    async fn state(&self) -> OfferState {
        self.0.state.into()
    }

    /// Why it is paused: `BUYER`, `OPERATOR`, `UNFUNDED`, `DELIVERY_FAILING`,
    /// `CHARGEBACK`.
    async fn pause_reason(&self) -> Option<&str> {
        self.0.pause_reason.as_deref()
    }

    /// Where its calls are connected to; null: it buys none.
    async fn connect_to(&self) -> Option<&str> {
        self.0.connect_to.as_deref()
    }

    /// Whether a cap leaves no room for one more lead now.
    async fn exhausted(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        let usage = loaders(ctx)?.one(UsageOf(self.0.id)).await?;
        Ok(usage.is_some_and(|usage| usage.exhausted))
    }

    /// Whether the buyer's free money does not pay for one more lead.
    async fn unfunded(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        let Some(version) = self.ruling(ctx).await? else { return Ok(false) };
        Ok(self.funds(ctx).await?.available < version.terms.cost_at_award())
    }

    /// The buyer's funds against its promises and debts, basis points; null without either.
    async fn coverage_bps(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<i64>> {
        Ok(self.funds(ctx).await?.coverage_bps())
    }

    /// The version that rules now.
    async fn current(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<OfferVersion>> {
        Ok(self.ruling(ctx).await?.map(|version| self.version(version)))
    }

    /// The newest version, if it is a draft, in review, or was refused.
    async fn draft(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<OfferVersion>> {
        let history = self.history(ctx).await?;
        let newest = history
            .first()
            .filter(|version| version.state.is_open() || version.state == VersionState::Refused);
        Ok(newest.map(|version| self.version(version.clone())))
    }

    /// All versions, newest first.
    async fn versions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<OfferVersion>> {
        let history = self.history(ctx).await?;
        Ok(history.iter().map(|version| self.version(version.clone())).collect())
    }

    /// What it has bought in its current periods.
    async fn usage(&self, ctx: &Context<'_>) -> async_graphql::Result<OfferUsage> {
        let currency = self.currency(ctx).await?;
        let usage = loaders(ctx)?.one(UsageOf(self.0.id)).await?.unwrap_or_default();
        let meters = usage.meters.periods;
        Ok(OfferUsage {
            hour_count: meters.hour.count,
            hour_money: money(meters.hour.money, currency),
            day_count: meters.day.count,
            day_money: money(meters.day.money, currency),
            week_count: meters.week.count,
            week_money: money(meters.week.money, currency),
            month_count: meters.month.count,
            month_money: money(meters.month.money, currency),
            total_count: meters.total.count,
            total_money: money(meters.total.money, currency),
            return_share_bps: usage.return_share().0.into(),
        })
    }

    /// A day of it, hour by hour: what was bought, and where an even spending of the day's cap
    /// would stand. The local day of `at`, or today.
    #[graphql(complexity = "10 + 25 * child_complexity")]
    async fn day_curve(
        &self,
        ctx: &Context<'_>,
        at: Option<DateTime>,
    ) -> async_graphql::Result<Option<OfferDayCurve>> {
        let Some(version) = self.ruling(ctx).await? else { return Ok(None) };
        let currency = self.currency(ctx).await?;
        curve::of_offer(ctx, (self.0.id, self.0.buyer_id), &version.terms, currency, at)
            .await
            .map(Some)
    }

    /// Who may or wants to sell to it, newest first.
    async fn participations(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Participation>> {
        let page = page(first, after.as_deref())?;
        let filter = ParticipationFilter { offer_id: Some(self.0.id), state: None };
        let found = app(ctx)?.offers.participations(&actor(ctx)?, &filter, &page).await?;
        Ok(connection(&page, found, |found| (found.id.uuid(), Participation(found))))
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it last changed.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }
}

/// One immutable version of an offer's terms.
pub struct OfferVersion {
    /// Its offer.
    pub offer: offers::Offer,
    /// The version.
    pub inner: offers::OfferVersion,
}

/// One change between two versions.
#[derive(SimpleObject)]
pub struct TermsChange {
    /// Where, like `goals[LEAD].price`.
    pub path: String,
    /// The old value; null if there was none.
    pub before: Option<JsonValue>,
    /// The new value; null if there is none any more.
    pub after: Option<JsonValue>,
}

impl From<Change> for TermsChange {
    fn from(change: Change) -> Self {
        Self { path: change.path, before: change.before.map(Json), after: change.after.map(Json) }
    }
}

#[Object]
impl OfferVersion {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.inner.id)
    }

    /// Its offer.
    async fn offer(&self) -> Offer {
        Offer(self.offer.clone())
    }

    /// Its number, from 1.
    async fn version(&self) -> i32 {
        self.inner.version
    }

    /// Where it stands.
    async fn state(&self) -> OfferVersionState {
        self.inner.state.into()
    }

    /// The terms.
    async fn terms(&self, ctx: &Context<'_>) -> async_graphql::Result<OfferTerms> {
        let currency = loaders(ctx)?.must(self.offer.niche_id).await?.currency;
        Ok(OfferTerms::of(&self.inner.terms, currency)?)
    }

    /// What it changes of the last approved version before it.
    async fn diff(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<TermsChange>> {
        let history = loaders(ctx)?.one(HistoryOf(self.offer.id)).await?.unwrap_or_default();
        Ok(diff_of(&history, &self.inner).into_iter().map(TermsChange::from).collect())
    }

    /// When it was written.
    async fn created_at(&self) -> DateTime {
        self.inner.created_at.into()
    }

    /// When its review was asked for.
    async fn submitted_at(&self) -> Option<DateTime> {
        self.inner.submitted_at.map(DateTime::from)
    }

    /// When an operator decided.
    async fn decided_at(&self) -> Option<DateTime> {
        self.inner.decided_at.map(DateTime::from)
    }

    /// From when it rules, if approved.
    async fn effective_at(&self) -> Option<DateTime> {
        self.inner.effective_at.map(DateTime::from)
    }

    /// What the operator noted.
    async fn note(&self) -> Option<&str> {
        self.inner.note.as_deref()
    }
}

#[Object]
impl OffersQuery {
    /// An offer: the buyer's own, or any for operators.
    async fn offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "id")] wanted: ID,
    ) -> async_graphql::Result<Option<Offer>> {
        let (actor, wanted) = (actor(ctx)?, parse_id(&wanted, "id")?);
        Ok(or_null(app(ctx)?.offers.get(&actor, wanted).await)?.map(Offer))
    }

    /// Offers, newest first: the buyer's own, or all for operators.
    async fn offers(
        &self,
        ctx: &Context<'_>,
        state: Option<OfferState>,
        niche_id: Option<ID>,
        buyer_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Offer>> {
        let page = page(first, after.as_deref())?;
        let filter = OfferFilter {
            state: state.map(Into::into),
            niche_id: parse_opt_id(niche_id.as_ref(), "nicheId")?,
            buyer_id: parse_opt_id(buyer_id.as_ref(), "buyerId")?,
        };
        let found = app(ctx)?.offers.list(&actor(ctx)?, &filter, &page).await?;
        Ok(connection(&page, found, |found| (found.id.uuid(), Offer(found))))
    }

    /// The versions that wait for an operator, newest first.
    async fn offers_in_review(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<OfferVersion>> {
        let page = page(first, after.as_deref())?;
        let offers = &app(ctx)?.offers;
        let found = offers.in_review(&actor(ctx)?, &page).await?;
        let ids: Vec<_> = found.items.iter().map(|version| version.offer_id).collect();
        let by_id = offers.by_ids(&ids).await?;
        let found = found.try_map(|inner| {
            let offer = by_id.get(&inner.offer_id).cloned();
            let offer = offer.ok_or_else(|| Error::broken("a version of an offer that is gone"))?;
            Ok::<_, Error>(OfferVersion { offer, inner })
        })?;
        Ok(connection(&page, found, |version| (version.inner.id.uuid(), version)))
    }
}
