//! Statements, payouts, runs: the objects and queries.

use async_graphql::{Context, ID, Object};
use leadbourse_core::ids::OrganizationId;
use leadbourse_core::settlement::StatementState as CoreState;
use std::collections::BTreeMap;

use super::accounts::Organization;
use super::context::{actor, app};
use super::conversions::Conversion;
use super::documents::Document;
use super::loaders::loaders;
use super::market::or_null;
use super::paging::{Conn, connection, page};
use super::payouts::{Payout, PayoutAccount, PayoutFile};
use super::scalars::{DateTime, Money, id, money, parse_id, parse_opt_id};
use crate::settlements::{self, StatementFilter};

crate::graphql_enum! {
    /// Where a statement is.
    StatementState = "leadbourse_core::settlement::StatementState" {
        /// Planned; nobody approved it yet.
        Draft,
        /// Approved; its payout is planned.
        Approved,
        /// Its payout is on its way: in a file for the bank, or handed to its rail.
        Exported,
        /// Its payout arrived.
        Paid,
        /// Its total goes into the publisher's next statement.
        Carried,
        /// Dropped before approval.
        Cancelled,
        /// Dropped after approval, before any money moved: its document keeps its number.
        Void,
    }
}

crate::graphql_enum! {
    /// Where a payout is.
    PayoutState = "leadbourse_core::settlement::PayoutState" {
        /// Approved, not sent.
        Planned,
        /// In a file for the bank.
        Exported,
        /// Handed to a rail that answers at once; its answer is not written down yet.
        Sent,
        /// Arrived.
        Confirmed,
        /// Did not arrive; payable again.
        Refused,
        /// Nobody knows: held until somebody does.
        Unknown,
    }
}

/// Queries of settlement.
#[derive(Default)]
pub struct SettlementsQuery;

/// What a publisher earned in a period.
#[derive(Clone)]
pub struct Statement(pub settlements::Statement);

impl Statement {
    fn sum(&self, minor: i64) -> Money {
        money(minor, self.0.currency)
    }
}

#[Object]
impl Statement {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// The number that people see, since the approval.
    async fn number(&self) -> Option<&str> {
        self.0.number.as_deref()
    }

    /// Whose.
    async fn publisher(&self, ctx: &Context<'_>) -> async_graphql::Result<Organization> {
        let found = loaders(ctx)?.must(self.0.publisher_id).await?;
        Ok(Organization::new(app(ctx)?, actor(ctx)?, found))
    }

    /// ISO 4217 code.
    async fn currency(&self) -> &str {
        self.0.currency.code()
    }

    /// Where the period begins.
    async fn period_from(&self) -> DateTime {
        self.0.period_from.into()
    }

    /// Where it ends.
    async fn period_to(&self) -> DateTime {
        self.0.period_to.into()
    }

    /// Where it is.
    async fn state(&self) -> StatementState {
        self.0.state.into()
    }

    /// What earlier statements carried in.
    async fn carried_in(&self) -> Money {
        self.sum(self.0.carried_in)
    }

    /// Sum of the lines.
    async fn gross(&self) -> Money {
        self.sum(self.0.gross)
    }

    /// Sum of both.
    async fn total(&self) -> Money {
        self.sum(self.0.total)
    }

    /// How many lines.
    async fn line_count(&self) -> i32 {
        self.0.lines
    }

    /// The lines, newest conversion first.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn lines(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<StatementLine>> {
        let page = page(first, after.as_deref())?;
        let found = app(ctx)?.settlements.lines(&actor(ctx)?, self.0.id, &page).await?;
        let currency = self.0.currency;
        Ok(connection(&page, found, |line| {
            (line.conversion_id.uuid(), StatementLine { line, currency })
        }))
    }

    /// Its document, with downloads; null before the approval.
    async fn document(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Document>> {
        let found = app(ctx)?.settlements.document(&actor(ctx)?, self.0.id).await;
        Ok(or_null(found)?.map(|(document, _)| Document(document)))
    }

    /// Its payouts, first try first.
    async fn payouts(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Payout>> {
        let found = app(ctx)?.settlements.payouts_of(&actor(ctx)?, self.0.id).await?;
        Ok(found.into_iter().map(Payout).collect())
    }

    /// When it was planned.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// Who approved it first, where two have to.
    async fn first_approved_by(&self) -> Option<&str> {
        self.0.first_approved_by.as_deref()
    }

    /// How many approvals a draft still needs; none once it is decided.
    async fn approvals_missing(&self, ctx: &Context<'_>) -> async_graphql::Result<i32> {
        Ok(app(ctx)?.settlements.approvals_missing(&self.0))
    }

    /// When it was approved.
    async fn approved_at(&self) -> Option<DateTime> {
        self.0.approved_at.map(DateTime)
    }

    /// Who approved it.
    async fn approved_by(&self) -> Option<&str> {
        self.0.approved_by.as_deref()
    }

    /// When the money arrived.
    async fn paid_at(&self) -> Option<DateTime> {
        self.0.paid_at.map(DateTime)
    }

    /// Its run.
    async fn run_id(&self) -> ID {
        id(self.0.run_id)
    }

    /// The earlier statements whose totals it carries in, oldest first.
    async fn carried_from(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<ID>> {
        let found = app(ctx)?.settlements.carried_from(&actor(ctx)?, self.0.id).await?;
        Ok(found.into_iter().map(id).collect())
    }

    /// The later statement that took its total in; null while it waits.
    async fn carried_into(&self) -> Option<ID> {
        self.0.carried_into.map(id)
    }
}

/// One conversion on a statement, frozen.
pub struct StatementLine {
    line: settlements::StatementLine,
    currency: leadbourse_core::money::Currency,
}

#[Object]
impl StatementLine {
    /// The conversion.
    async fn conversion(&self, ctx: &Context<'_>) -> async_graphql::Result<Conversion> {
        Ok(loaders(ctx)?.must(self.line.conversion_id).await.map(Conversion)?)
    }

    /// The earning.
    async fn earning(&self) -> Money {
        money(self.line.earning, self.currency)
    }

    /// What returns took back of it.
    async fn given_back(&self) -> Money {
        money(self.line.given_back, self.currency)
    }

    /// What the line pays.
    async fn amount(&self) -> Money {
        money(self.line.amount, self.currency)
    }
}

/// One settlement of a period.
#[derive(Clone)]
pub struct SettlementRun(pub settlements::Run);

#[Object]
impl SettlementRun {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Where the period begins.
    async fn period_from(&self) -> DateTime {
        self.0.period_from.into()
    }

    /// Where it ends.
    async fn period_to(&self) -> DateTime {
        self.0.period_to.into()
    }

    /// How far it is: `PLANNING` while its statements are made, `PLANNED`, `APPROVED`,
    /// `EXPORTED` or `CLOSED`.
    async fn state(&self) -> &str {
        self.0.state.as_str()
    }

    /// Sums of its statements, one per currency, dropped ones left out.
    async fn totals(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Money>> {
        let found = app(ctx)?.settlements.statements_of_run(&actor(ctx)?, self.0.id).await?;
        let mut sums = BTreeMap::new();
        for statement in
            found.iter().filter(|one| !matches!(one.state, CoreState::Cancelled | CoreState::Void))
        {
            let sum: &mut i64 = sums.entry(statement.currency).or_default();
            *sum = sum.saturating_add(statement.total);
        }
        Ok(sums.into_iter().map(|(currency, sum)| money(sum, currency)).collect())
    }

    /// Its statements, newest first.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn statements(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Statement>> {
        let page = page(first, after.as_deref())?;
        let filter = StatementFilter { run: Some(self.0.id), ..StatementFilter::default() };
        let found = app(ctx)?.settlements.statements(&actor(ctx)?, filter, &page).await?;
        Ok(connection(&page, found, |one| (one.id.uuid(), Statement(one))))
    }

    /// When it was planned.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// Who planned it.
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    /// The files that its payouts went into, oldest first.
    async fn files(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<PayoutFile>> {
        let found = app(ctx)?.settlements.payout_files(&actor(ctx)?, self.0.id).await?;
        Ok(found.into_iter().map(PayoutFile).collect())
    }
}

/// How a publisher wants to be paid in one currency.
pub struct PayoutProfile(pub settlements::PayoutProfile);

#[Object]
impl PayoutProfile {
    /// ISO 4217 code.
    async fn currency(&self) -> &str {
        self.0.currency.code()
    }

    /// `BANK_FILE` or `MANUAL`.
    async fn rail(&self) -> &str {
        self.0.rail.as_str()
    }

    /// The account's last characters.
    async fn details_masked(&self) -> Option<&str> {
        self.0.details_masked.as_deref()
    }

    /// What may be shown of a checked account; null for words of an earlier version, and for the
    /// manual rail.
    async fn account(&self) -> Option<PayoutAccount<'_>> {
        self.0.account.as_ref().map(PayoutAccount)
    }

    /// Less is carried over.
    async fn min_payout(&self) -> Money {
        money(self.0.min_payout, self.0.currency)
    }
}

#[Object]
impl SettlementsQuery {
    /// One statement that the viewer may see.
    async fn statement(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> async_graphql::Result<Option<Statement>> {
        let id = parse_id(&id, "id")?;
        Ok(or_null(app(ctx)?.settlements.statement(&actor(ctx)?, id).await)?.map(Statement))
    }

    /// Statements, newest first: the publisher's own, all for operators.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn statements(
        &self,
        ctx: &Context<'_>,
        state: Option<StatementState>,
        publisher_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Statement>> {
        let page = page(first, after.as_deref())?;
        let publisher: Option<OrganizationId> = parse_opt_id(publisher_id.as_ref(), "publisherId")?;
        let filter = StatementFilter { publisher, state: state.map(Into::into), run: None };
        let found = app(ctx)?.settlements.statements(&actor(ctx)?, filter, &page).await?;
        Ok(connection(&page, found, |one| (one.id.uuid(), Statement(one))))
    }

    /// Settlement runs, newest first; for operators.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn settlement_runs(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<SettlementRun>> {
        let page = page(first, after.as_deref())?;
        let found = app(ctx)?.settlements.runs(&actor(ctx)?, &page).await?;
        Ok(connection(&page, found, |one| (one.id.uuid(), SettlementRun(one))))
    }

    /// How the own organization is paid, one profile per currency.
    async fn payout_profiles(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<Vec<PayoutProfile>> {
        let found = app(ctx)?.settlements.payout_profiles(&actor(ctx)?).await?;
        Ok(found.into_iter().map(PayoutProfile).collect())
    }
}
