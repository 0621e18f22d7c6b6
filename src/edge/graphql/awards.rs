//! Awards: the object, as its buyer, its publisher and operators may see it.

use async_graphql::{Context, Enum, ID, Json, Object, SimpleObject};
use leadbourse_core::access::{Action, OrgKind};

use super::context::{actor, app};
use super::conversions::Conversion;
use super::delivery::Delivery;
use super::explain::{self, Explanation};
use super::leads::Lead;
use super::loaders::loaders;
use super::loaders_leads::{ConversionsOf, DeliveriesOf, DispositionsOf, FieldsOf};
use super::loaders_money::DisputeOf;
use super::niches::Niche;
use super::offers::Offer;
use super::scalars::{DateTime, JsonValue, Money, id, money};
use crate::conversions;

/// How far an award is on its way to the buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum AwardState {
    /// A live buyer was asked.
    Offered,
    /// Sold; in the inbox, not posted yet.
    Awarded,
    /// A live buyer said no.
    Declined,
    /// A live buyer did not answer.
    Unknown,
    /// The buyer's endpoint took it.
    Delivered,
    /// No endpoint took it in time.
    Undelivered,
}

impl From<leadbourse_core::conversion::AwardState> for AwardState {
    fn from(state: leadbourse_core::conversion::AwardState) -> Self {
        use leadbourse_core::conversion::AwardState as Core;
        match state {
            Core::Awarded => Self::Awarded,
            Core::Delivered => Self::Delivered,
            Core::Undelivered => Self::Undelivered,
        }
    }
}

/// What a buyer says about a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "leadbourse_core::conversion::Disposition")]
pub enum Disposition {
    /// Nothing yet.
    New,
    /// Spoke with the person.
    Contacted,
    /// Nobody answers.
    NoAnswer,
    /// The contact is wrong.
    BadContact,
    /// A real prospect.
    Qualified,
    /// Became a customer.
    Won,
    /// Did not.
    Lost,
}

/// One entry of the history of dispositions.
#[derive(SimpleObject)]
pub struct DispositionEntry {
    /// What was said.
    pub value: Disposition,
    /// Who said it.
    pub actor: String,
    /// When.
    pub at: DateTime,
}

/// One sale of one lead to one offer version.
pub struct Award(pub conversions::Award);

#[Object]
impl Award {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// The lead.
    async fn lead(&self, ctx: &Context<'_>) -> async_graphql::Result<Lead> {
        Ok(Lead(loaders(ctx)?.must(self.0.lead_id).await?))
    }

    /// The offer; for its buyer and operators.
    async fn offer(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Offer>> {
        if actor(ctx)?.kind == OrgKind::Publisher {
            return Ok(None);
        }
        Ok(loaders(ctx)?.one(self.0.offer_id).await?.map(Offer))
    }

    /// The offer's name.
    async fn offer_name(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(loaders(ctx)?.must(self.0.offer_id).await?.name)
    }

    /// The number of the version whose terms rule.
    async fn offer_version(&self, ctx: &Context<'_>) -> async_graphql::Result<i32> {
        Ok(loaders(ctx)?.must(self.0.offer_version_id).await?.version)
    }

    /// The niche.
    async fn niche(&self, ctx: &Context<'_>) -> async_graphql::Result<Niche> {
        Ok(Niche(loaders(ctx)?.must(self.0.niche_id).await?))
    }

    /// 1 for the first copy.
    async fn copy_no(&self) -> i32 {
        self.0.copy_no
    }

    /// How far it is on its way.
    async fn state(&self) -> AwardState {
        self.0.state.into()
    }

    /// What was paid at once; for its buyer and operators.
    async fn price(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Money>> {
        let shown = actor(ctx)?.kind != OrgKind::Publisher;
        Ok(shown.then(|| money(self.0.price, self.0.currency)))
    }

    /// What was earned at once; for its publisher and operators.
    async fn earning(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Money>> {
        let shown = actor(ctx)?.kind != OrgKind::Buyer;
        Ok(shown.then(|| money(self.0.earning, self.0.currency)))
    }

    /// Why this offer bought the lead, at this price: everything for operators, for buyer and
    /// publisher their own side.
    #[graphql(complexity = "5 + child_complexity")]
    async fn why_this_price(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Explanation>> {
        explain::of_award(ctx, &self.0).await
    }

    /// What the buyer says about the lead.
    async fn disposition(&self) -> Disposition {
        self.0.disposition.into()
    }

    /// Everything that the buyer said, first one first.
    async fn disposition_history(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<Vec<DispositionEntry>> {
        let found = loaders(ctx)?.one(DispositionsOf(self.0.id)).await?.unwrap_or_default();
        Ok(found
            .into_iter()
            .map(|entry| DispositionEntry {
                value: entry.value.into(),
                actor: entry.actor,
                at: entry.at.into(),
            })
            .collect())
    }

    /// When the buyer first opened it.
    async fn opened_at(&self) -> Option<DateTime> {
        self.0.opened_at.map(DateTime)
    }

    /// When the exchange took it back: nothing was delivered, opened or seen, and all was returned.
    async fn returned_at(&self) -> Option<DateTime> {
        self.0.returned_at.map(DateTime)
    }

    /// When it was sold.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// Its billable events.
    async fn conversions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Conversion>> {
        let found = loaders(ctx)?.one(ConversionsOf(self.0.id)).await?.unwrap_or_default();
        Ok(found.into_iter().map(Conversion).collect())
    }

    /// Whether the viewer, as its buyer, may open a return on one of its events now.
    async fn returnable(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        let asker = actor(ctx)?;
        if asker.org != self.0.buyer_id || !asker.may(Action::OpenReturns) {
            return Ok(false);
        }
        let now = app(ctx)?.clock.now();
        let found = loaders(ctx)?.one(ConversionsOf(self.0.id)).await?.unwrap_or_default();
        for one in found.iter().filter(|one| one.is_returnable(now)) {
            let dispute = loaders(ctx)?.one(DisputeOf(one.id)).await?;
            if !dispute.is_some_and(|dispute| dispute.state.is_open()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Until when a return may be opened on the last of its events; null without any.
    async fn return_until(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<DateTime>> {
        let found = loaders(ctx)?.one(ConversionsOf(self.0.id)).await?.unwrap_or_default();
        Ok(found.iter().map(|one| one.clocks.return_until()).max().map(DateTime))
    }

    /// The lead's fields, unmasked for its buyer.
    async fn fields(&self, ctx: &Context<'_>) -> async_graphql::Result<JsonValue> {
        let seen = loaders(ctx)?.one(FieldsOf(self.0.lead_id)).await?.unwrap_or_default();
        Ok(Json(serde_json::Value::Object(seen.fields)))
    }

    /// Its way to the buyer's endpoints; for its buyer and operators.
    async fn deliveries(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Delivery>> {
        if actor(ctx)?.kind == OrgKind::Publisher {
            return Ok(Vec::new());
        }
        let found = loaders(ctx)?.one(DeliveriesOf(self.0.id)).await?.unwrap_or_default();
        Ok(found.into_iter().map(Delivery).collect())
    }
}
