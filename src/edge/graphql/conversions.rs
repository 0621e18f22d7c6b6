//! Billable events on awards.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use leadbourse_core::access::{Action, OrgKind};
use leadbourse_core::error::{BAD_INPUT, Problem};
use leadbourse_core::offer::terms::GoalKind as CoreGoal;
use leadbourse_core::settlement::StatementState;

use super::context::{actor, app};
use super::disputes::Dispute;
use super::enums::GoalKind;
use super::errors::{UserError, split};
use super::loaders::loaders;
use super::loaders_money::{DisputeOf, SettledOf};
use super::market::or_null;
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, Money, MoneyInput, id, money, parse_id};
use crate::conversions::{self, Place, ReportConversion};
use crate::disputes::{RefundSale, Sale};
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

    /// The buyer's reference of what it reported.
    async fn external_ref(&self) -> Option<&str> {
        self.0.external_ref.as_deref()
    }

    /// What the customer paid, if the buyer said so. Both sides see it: where a share of the sale is
    /// paid, the earning follows from it.
    async fn amount(&self) -> Option<Money> {
        self.0.amount.map(|amount| money(amount, self.0.currency))
    }

    /// What of it the customer got back in all; null where nothing was refunded.
    async fn refunded(&self) -> Option<Money> {
        (self.0.refunded > 0).then(|| money(self.0.refunded, self.0.currency))
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

/// An event to be billed.
#[derive(InputObject)]
struct ReportConversionInput {
    /// On which award: its id, or its lead's.
    award_id: ID,
    /// What happened: a sale or a registration.
    goal: GoalKind,
    /// The buyer's own reference; the same one is billed once.
    external_id: String,
    /// What the customer paid, in the award's currency; needed where a share of the sale is paid.
    amount: Option<MoneyInput>,
    /// When it happened; now if not said.
    occurred_at: Option<DateTime>,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// A file of outcomes.
#[derive(InputObject)]
struct ImportConversionsInput {
    /// CSV with a header: `award_id` and any of `external_id`, `goal`, `amount` (in major units)
    /// with `currency`, `occurred_at`, `disposition`.
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

/// A refund of a reported sale.
#[derive(InputObject)]
struct RefundSaleInput {
    /// The sale's conversion; without it, award and reference name the sale.
    conversion_id: Option<ID>,
    /// The award of the sale: its id, or its lead's.
    award_id: Option<ID>,
    /// What had been reported; a sale if not said.
    goal: Option<GoalKind>,
    /// The reference with which it had been reported.
    external_id: Option<String>,
    /// What the customer got back in all, in the award's currency; everything if not said.
    refunded: Option<MoneyInput>,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

impl RefundSaleInput {
    fn sale(&self) -> Result<Sale, Problem> {
        Ok(match (&self.conversion_id, &self.award_id, &self.external_id) {
            (Some(id), _, _) => Sale::Conversion(parse_id(id, "conversionId")?),
            (None, Some(award), Some(reference)) => Sale::Event {
                place: award.parse().map_err(|bad: Problem| bad.field("awardId"))?,
                goal: self.goal.map_or(CoreGoal::Sale, Into::into),
                external_id: reference.clone(),
            },
            _ => {
                let detail = "Name the conversion, or the award and the reference.";
                return Err(Problem::new(BAD_INPUT).field("conversionId").detail(detail));
            }
        })
    }
}

payload! { RefundSalePayload { conversion: Conversion, replayed: bool } }
payload! { ReportConversionPayload { conversion: Conversion, replayed: bool } }

#[Object]
impl ConversionsMutation {
    /// Bills a sale or a registration that happened on an award. The same reference again gives the
    /// same conversion, with `replayed`.
    async fn report_conversion(
        &self,
        ctx: &Context<'_>,
        input: ReportConversionInput,
    ) -> async_graphql::Result<ReportConversionPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        ReportConversionPayload::of(
            async {
                actor.require(Action::ReportOutcomes)?;
                let bad = |problem: Problem| problem.field("awardId");
                let place: Place = input.award_id.parse().map_err(bad)?;
                let amount = input.amount.map(|sum| sum.parse("amount")).transpose();
                if amount.is_err() {
                    // What is wrong is told only to those who may see the award.
                    app.conversions.award_at(&actor, place).await?;
                }
                let report = ReportConversion {
                    place,
                    goal: input.goal.into(),
                    external_id: input.external_id,
                    amount: amount?,
                    occurred_at: input.occurred_at.map(Into::into),
                };
                let key = Some(input.idempotency_key.as_str());
                let done = app.conversions.report(&actor, &report, key).await?;
                Ok((Conversion(done.conversion), done.replayed))
            }
            .await,
        )
    }

    /// Gives back the share of a sale that its customer got back, while its money is held. Says
    /// `replayed` if that had been given back before.
    async fn refund_sale(
        &self,
        ctx: &Context<'_>,
        input: RefundSaleInput,
    ) -> async_graphql::Result<RefundSalePayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        RefundSalePayload::of(
            async {
                actor.require(Action::ReportOutcomes)?;
                let key = Some(input.idempotency_key.as_str());
                let sale = input.sale()?;
                let refunded = input.refunded.map(|sum| sum.parse("refunded")).transpose();
                if refunded.is_err() {
                    // What is wrong is told only to those who may see the sale.
                    app.disputes.refundable(&actor, &sale).await?;
                }
                let refund = RefundSale { sale, refunded: refunded? };
                let done = app.disputes.refund(&actor, &refund, key).await?;
                Ok((Conversion(done.conversion), done.replayed))
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
