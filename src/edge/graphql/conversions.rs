//! Billable events on awards.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use leadbourse_core::access::OrgKind;
use leadbourse_core::settlement::StatementState;

use super::context::{actor, app};
use super::disputes::Dispute;
use super::enums::GoalKind;
use super::errors::{UserError, split};
use super::loaders::loaders;
use super::loaders_money::{DisputeOf, SettledOf};
use super::market::or_null;
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, Money, id, money, parse_id};
use crate::conversions::{self, ReportConversion};
use crate::payload;

crate::graphql_enum! {
    /// Where the money of a conversion is.
    ConversionState = "leadbourse_core::conversion::ConversionState" {
        /// On hold: may still be returned.
        Held,
        /// Payable.
        Approved,
        /// Given back in full.
        Returned,
    }
}

/// Queries of conversions.
#[derive(Default)]
pub struct ConversionsQuery;

/// Mutations of conversions.
#[derive(Default)]
pub struct ConversionsMutation;

/// One billable event on an award. Buyers see the price, publishers the earning, operators all.
#[derive(Clone)]
pub struct Conversion(pub conversions::Conversion);

#[Object]
impl Conversion {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// The award.
    async fn award_id(&self) -> ID {
        id(self.0.award_id)
    }

    /// The lead.
    async fn lead_id(&self) -> ID {
        id(self.0.lead_id)
    }

    /// The offer.
    async fn offer_id(&self) -> ID {
        id(self.0.offer_id)
    }

    /// The offer's name.
    async fn offer_name(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        let offer = loaders(ctx)?.one(self.0.offer_id).await?;
        Ok(offer.map(|offer| offer.name).unwrap_or_default())
    }

    /// What is paid for.
    async fn goal(&self) -> GoalKind {
        self.0.goal.into()
    }

    /// The buyer's reference of a sale.
    async fn external_ref(&self) -> Option<&str> {
        self.0.external_ref.as_deref()
    }

    /// Where its money is.
    async fn state(&self) -> ConversionState {
        self.0.state.into()
    }

    /// Whether it is on a statement.
    async fn settled(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(loaders(ctx)?.one(SettledOf(self.0.id)).await?.is_some())
    }

    /// Whether the statement that it is on was paid.
    async fn paid(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        let state = loaders(ctx)?.one(SettledOf(self.0.id)).await?;
        Ok(state == Some(StatementState::Paid))
    }

    /// Whether the buyer still owes a part of the price.
    async fn unfunded(&self) -> bool {
        self.0.unfunded > 0
    }

    /// What the buyer pays; null for publishers.
    async fn price(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Money>> {
        let shown = actor(ctx)?.kind != OrgKind::Publisher;
        Ok(shown.then(|| money(self.0.legs.price(), self.0.currency)))
    }

    /// What the publisher gets; null for buyers.
    async fn earning(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Money>> {
        let shown = actor(ctx)?.kind != OrgKind::Buyer;
        Ok(shown.then(|| money(self.0.legs.earning(), self.0.currency)))
    }

    /// What the exchange gets; for operators.
    async fn fee(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Money>> {
        let shown = actor(ctx)?.kind == OrgKind::Operator;
        Ok(shown.then(|| money(self.0.legs.fee(), self.0.currency)))
    }

    /// The share that was given back, basis points of the price.
    async fn returned_bps(&self) -> i64 {
        i64::from(self.0.given.bps.0)
    }

    /// Until when a return may be opened.
    async fn return_until(&self) -> DateTime {
        self.0.clocks.return_until().into()
    }

    /// Until when the earning is held.
    async fn hold_until(&self) -> DateTime {
        self.0.clocks.hold_until().into()
    }

    /// When an open return ends by the niche's default.
    async fn lock_at(&self) -> DateTime {
        self.0.clocks.lock_at().into()
    }

    /// When the event happened.
    async fn occurred_at(&self) -> DateTime {
        self.0.occurred_at.into()
    }

    /// When it was billed.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// Its newest dispute.
    async fn dispute(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Dispute>> {
        Ok(loaders(ctx)?.one(DisputeOf(self.0.id)).await?.map(Dispute))
    }
}

#[Object]
impl ConversionsQuery {
    /// One conversion that the viewer may see.
    async fn conversion(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> async_graphql::Result<Option<Conversion>> {
        let (actor, id) = (actor(ctx)?, parse_id(&id, "id")?);
        Ok(or_null(app(ctx)?.conversions.conversion(&actor, id).await)?.map(Conversion))
    }

    /// Conversions, newest first: the viewer's own, all for operators.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn conversions(
        &self,
        ctx: &Context<'_>,
        state: Option<ConversionState>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Conversion>> {
        let page = page(first, after.as_deref())?;
        let actor = actor(ctx)?;
        let found = app(ctx)?.conversions.conversions(&actor, state.map(Into::into), &page).await?;
        Ok(connection(&page, found, |one| (one.id.uuid(), Conversion(one))))
    }
}

/// A sale to be billed.
#[derive(InputObject)]
struct ReportConversionInput {
    /// On which award.
    award_id: ID,
    /// What happened.
    goal: GoalKind,
    /// The buyer's own reference; the same one is billed once.
    external_id: String,
    /// When it happened; now if not said.
    occurred_at: Option<DateTime>,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// A file of outcomes.
#[derive(InputObject)]
struct ImportConversionsInput {
    /// CSV with a header: `award_id` and any of `external_id`, `goal`, `occurred_at`,
    /// `disposition`.
    csv: String,
    /// Not needed: a sale's reference is its key, so the file may be sent again.
    #[allow(dead_code, reason = "every mutation that moves money takes one")]
    idempotency_key: Option<String>,
}

/// What became of one row of a file.
#[derive(SimpleObject)]
pub struct ImportedConversion {
    /// The row, from 1, without the header.
    pub row: i32,
    /// The award, if the row names one.
    pub award_id: Option<ID>,
    /// The conversion, if a sale is billed.
    pub conversion_id: Option<ID>,
    /// Why not.
    pub error: Option<UserError>,
}

impl From<&conversions::ImportedConversion> for ImportedConversion {
    fn from(row: &conversions::ImportedConversion) -> Self {
        Self {
            row: i32::try_from(row.row).unwrap_or(i32::MAX),
            award_id: row.award_id.map(id),
            conversion_id: row.conversion_id.map(id),
            error: row.error.as_ref().map(UserError::from),
        }
    }
}

/// What became of a file of outcomes.
#[derive(SimpleObject)]
pub struct ImportConversionsPayload {
    /// Rows that were done.
    pub accepted: i32,
    /// One result per row.
    pub results: Vec<ImportedConversion>,
    /// Why the whole file was refused; empty when it was read.
    pub user_errors: Vec<UserError>,
}

payload! { ReportConversionPayload { conversion: Conversion } }

#[Object]
impl ConversionsMutation {
    /// Bills a sale that happened on an award.
    async fn report_conversion(
        &self,
        ctx: &Context<'_>,
        input: ReportConversionInput,
    ) -> async_graphql::Result<ReportConversionPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        ReportConversionPayload::of(
            async {
                let report = ReportConversion {
                    award_id: parse_id(&input.award_id, "awardId")?,
                    goal: input.goal.into(),
                    external_id: input.external_id,
                    occurred_at: input.occurred_at.map(Into::into),
                };
                let key = Some(input.idempotency_key.as_str());
                app.conversions.report_conversion(&actor, report, key).await.map(Conversion)
            }
            .await,
        )
    }

    /// Bills sales and sets dispositions from a CSV file, row by row.
    async fn import_conversions(
        &self,
        ctx: &Context<'_>,
        input: ImportConversionsInput,
    ) -> async_graphql::Result<ImportConversionsPayload> {
        let done = app(ctx)?.conversions.import_conversions(&actor(ctx)?, &input.csv).await;
        let (rows, user_errors) = split(done)?;
        let rows = rows.unwrap_or_default();
        let accepted = rows.iter().filter(|row| row.error.is_none()).count();
        Ok(ImportConversionsPayload {
            accepted: i32::try_from(accepted).unwrap_or(i32::MAX),
            results: rows.iter().map(ImportedConversion::from).collect(),
            user_errors,
        })
    }
}
