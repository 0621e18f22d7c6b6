//! Reconciliation of a buyer's file of sales with what the exchange knows.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use leadbourse_core::access::Action;
use leadbourse_core::error::{BAD_INPUT, Problem};

use super::context::{actor, app};
use super::enums::GoalKind;
use super::market::or_null;
use super::scalars::{DateTime, Money, id, money, parse_id};
use crate::outcomes::{self, NewFile};
use crate::payload;

crate::graphql_enum! {
    /// What the comparison of one row says.
    ReconciliationFinding = "leadbourse_core::reconcile::Finding" {
        /// Both sides say the same.
        Equal,
        /// The file has it, the exchange does not: applying reports it.
        OnlyInFile,
        /// The exchange has it, the file does not.
        OnlyHere,
        /// Both have it, with different amounts.
        AmountDiffers,
        /// The file says that it was refunded, the exchange does not: applying gives it back.
        Refunded,
        /// It was refunded before anybody reported it: there is nothing to do.
        Void,
        /// The exchange sold no such lead to this buyer.
        Unknown,
        /// It happened outside the attribution window.
        OutsideWindow,
        /// It can't be taken, for a reason of its own.
        Refused,
        /// The row can't be read.
        Unreadable,
    }
}

/// Queries of reconciliations.
#[derive(Default)]
pub struct ReconciliationsQuery;

/// Mutations of reconciliations.
#[derive(Default)]
pub struct ReconciliationsMutation;

/// A file that was compared.
pub struct Reconciliation(outcomes::Reconciliation);

/// How many rows of a finding there are.
#[derive(SimpleObject)]
pub struct ReconciliationCount {
    /// The finding.
    pub finding: ReconciliationFinding,
    /// How many.
    pub rows: i64,
}

#[Object]
impl Reconciliation {
    /// Its id: the same file of the same buyer has the same one.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// When it was compared last.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was applied; null while it is a dry run.
    async fn applied_at(&self) -> Option<DateTime> {
        self.0.applied_at.map(DateTime)
    }

    /// How many rows of each finding there are.
    async fn counts(&self) -> Vec<ReconciliationCount> {
        let counts = self.0.counts.iter();
        counts
            .map(|(finding, rows)| ReconciliationCount { finding: (*finding).into(), rows: *rows })
            .collect()
    }

    /// Up to 100 rows, by number after `afterRow`; of one finding, if asked for.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn rows(
        &self,
        ctx: &Context<'_>,
        finding: Option<ReconciliationFinding>,
        first: Option<i32>,
        after_row: Option<i32>,
    ) -> async_graphql::Result<Vec<ReconciliationRow>> {
        let first = u32::try_from(first.unwrap_or(25)).unwrap_or(0);
        let after = after_row.unwrap_or(0);
        let finding = finding.map(Into::into);
        let rows = app(ctx)?.outcomes.reconciled(self.0.id, finding, after, first).await?;
        Ok(rows.into_iter().map(ReconciliationRow).collect())
    }
}

/// One row of a comparison.
pub struct ReconciliationRow(outcomes::Reconciled);

impl ReconciliationRow {
    fn sum(&self, minor: Option<i64>) -> Option<Money> {
        minor.zip(self.0.currency).map(|(minor, currency)| money(minor, currency))
    }
}

#[Object]
impl ReconciliationRow {
    /// Its number in the file, from 1; what only the exchange knows is numbered on.
    async fn row(&self) -> i32 {
        self.0.n
    }

    /// What the comparison says.
    async fn finding(&self) -> ReconciliationFinding {
        self.0.finding.into()
    }

    /// Why it is refused or can't be read: a stable code.
    async fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The award.
    async fn award_id(&self) -> Option<ID> {
        self.0.award_id.map(id)
    }

    /// The conversion under its reference, when it was compared.
    async fn conversion_id(&self) -> Option<ID> {
        self.0.conversion_id.map(id)
    }

    /// What happened.
    async fn goal(&self) -> GoalKind {
        self.0.goal.into()
    }

    /// The buyer's reference.
    async fn external_id(&self) -> Option<&str> {
        self.0.reference.as_deref()
    }

    /// The amount in the file.
    async fn amount(&self) -> Option<Money> {
        self.sum(self.0.amount)
    }

    /// The amount that the exchange knows.
    async fn known_amount(&self) -> Option<Money> {
        self.sum(self.0.known_amount)
    }

    /// Whether the file says that it was refunded.
    async fn refunded(&self) -> bool {
        self.0.refunded.is_some()
    }

    /// When it happened.
    async fn occurred_at(&self) -> Option<DateTime> {
        self.0.occurred_at.map(DateTime)
    }

    /// What applying it came to: `OK`, or the code of the refusal; null if nothing was to be done.
    async fn outcome(&self) -> Option<&str> {
        self.0.outcome.as_deref()
    }
}

#[Object]
impl ReconciliationsQuery {
    /// One reconciliation that the viewer may see.
    async fn reconciliation(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> async_graphql::Result<Option<Reconciliation>> {
        let (actor, id) = (actor(ctx)?, parse_id(&id, "id")?);
        Ok(or_null(app(ctx)?.outcomes.reconciliation(&actor, id).await)?.map(Reconciliation))
    }

    /// The latest hundred reconciliations, newest first: the viewer's own, all for operators.
    async fn reconciliations(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<Vec<Reconciliation>> {
        let found = app(ctx)?.outcomes.reconciliations(&actor(ctx)?).await?;
        Ok(found.into_iter().map(Reconciliation).collect())
    }
}

/// A file to be compared.
#[derive(InputObject)]
struct CheckReconciliationInput {
    /// CSV with a header of any of `award_id`, `lead_id`, `external_id`, `goal`, `amount` (in major
    /// units), `currency`, `occurred_at`, `status` (empty, approved, refunded, cancelled) and
    /// `refunded`; at most 10,000 rows.
    csv: String,
    /// What sums without a currency are in, ISO 4217.
    currency: Option<String>,
    /// Events that happened from here …
    period_from: Option<DateTime>,
    /// … until before here have to be in the file.
    period_to: Option<DateTime>,
}

/// A comparison to be applied.
#[derive(InputObject)]
struct ApplyReconciliationInput {
    /// The reconciliation. It is done once, so it may be asked for again.
    id: ID,
}

payload! { CheckReconciliationPayload { reconciliation: Reconciliation } }
payload! { ApplyReconciliationPayload { reconciliation: Reconciliation } }

#[Object]
impl ReconciliationsMutation {
    /// Compares a file of sales with what the exchange knows: a dry run. The same file again is
    /// compared again, until it was applied.
    async fn check_reconciliation(
        &self,
        ctx: &Context<'_>,
        input: CheckReconciliationInput,
    ) -> async_graphql::Result<CheckReconciliationPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        CheckReconciliationPayload::of(
            async {
                actor.require(Action::ReportOutcomes)?;
                let bad = |_| Problem::new(BAD_INPUT).field("currency");
                let new = NewFile {
                    csv: input.csv,
                    currency: input.currency.map(|code| code.parse()).transpose().map_err(bad)?,
                    period: match (input.period_from, input.period_to) {
                        (Some(from), Some(to)) => Some((from.into(), to.into())),
                        (None, None) => None,
                        _ => return Err(Problem::new(BAD_INPUT).field("periodTo").into()),
                    },
                };
                app.outcomes.check_file(&actor, &new).await.map(Reconciliation)
            }
            .await,
        )
    }

    /// Reports what the exchange did not know, and gives back what was refunded.
    async fn apply_reconciliation(
        &self,
        ctx: &Context<'_>,
        input: ApplyReconciliationInput,
    ) -> async_graphql::Result<ApplyReconciliationPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        ApplyReconciliationPayload::of(
            async {
                let id = parse_id(&input.id, "id")?;
                app.outcomes.apply_file(&actor, id).await.map(Reconciliation)
            }
            .await,
        )
    }
}
