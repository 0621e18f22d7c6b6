//! Settlement: what can be done.

use async_graphql::{Context, ID, InputObject, Object};
use leadbourse_core::access::Action;
use leadbourse_core::error::{BAD_INPUT, Problem};
use leadbourse_core::money::{Currency, Money as CoreMoney};

use super::context::{actor, app};
use super::scalars::{DateTime, MoneyInput, parse_id};
use super::settlements::{Payout, PayoutProfile, SettlementRun, Statement};
use crate::payload;
use crate::settlements::{PayoutRail, SetPayoutProfile};

/// Mutations of settlement.
#[derive(Default)]
pub struct SettlementsMutation;

/// A period to be settled.
#[derive(InputObject)]
struct PlanSettlementInput {
    /// Where it ends; now if not said.
    period_to: Option<DateTime>,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// A draft to be approved.
#[derive(InputObject)]
struct ApproveStatementInput {
    /// The statement.
    id: ID,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// A draft to be dropped.
#[derive(InputObject)]
struct CancelStatementInput {
    /// The statement.
    id: ID,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// An approved statement to be dropped.
#[derive(InputObject)]
struct VoidStatementInput {
    /// The statement.
    id: ID,
    /// Why; printed on the document.
    reason: Option<String>,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// Payouts to be put into a file.
#[derive(InputObject)]
struct ExportPayoutsInput {
    /// The run.
    run_id: ID,
    /// The same key again gives the same file.
    idempotency_key: String,
}

/// A file to be printed again.
#[derive(InputObject)]
struct PrintPayoutsInput {
    /// The run.
    run_id: ID,
}

/// What became of a payout.
#[derive(InputObject)]
struct ResolvePayoutInput {
    /// The payout.
    payout_id: ID,
    /// Arrived, or refused.
    confirmed: bool,
    /// The bank's reference, or why it was refused.
    reference: Option<String>,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// How the own organization wants to be paid.
#[derive(InputObject)]
struct SetPayoutProfileInput {
    /// ISO 4217 code.
    currency: String,
    /// `BANK_FILE` or `MANUAL`.
    rail: String,
    /// The account; null keeps what is stored.
    details: Option<String>,
    /// Less is carried over; the exchange's minimum when not given.
    min_payout: Option<MoneyInput>,
}

payload! { PlanSettlementPayload { run: SettlementRun } }
payload! { ApproveStatementPayload { statement: Statement } }
payload! { CancelStatementPayload { statement: Statement } }
payload! { VoidStatementPayload { statement: Statement } }
payload! { ExportPayoutsPayload { run: SettlementRun, file_name: String, csv: String } }
payload! { PrintPayoutsPayload { run: SettlementRun, file_name: String, csv: String } }
payload! { ResolvePayoutPayload { payout: Payout, statement: Statement } }
payload! { SetPayoutProfilePayload { profile: PayoutProfile } }

#[Object]
impl SettlementsMutation {
    /// Freezes what was approved until an instant into statements. For FINANCE.
    async fn plan_settlement(
        &self,
        ctx: &Context<'_>,
        input: PlanSettlementInput,
    ) -> async_graphql::Result<PlanSettlementPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        let until = input.period_to.map(Into::into);
        let key = Some(input.idempotency_key.as_str());
        PlanSettlementPayload::of(app.settlements.plan(&actor, until, key).await.map(SettlementRun))
    }

    /// Approves a draft: it becomes a payout, or is carried over. For FINANCE.
    async fn approve_statement(
        &self,
        ctx: &Context<'_>,
        input: ApproveStatementInput,
    ) -> async_graphql::Result<ApproveStatementPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        ApproveStatementPayload::of(
            async {
                let id = parse_id(&input.id, "id")?;
                let key = Some(input.idempotency_key.as_str());
                app.settlements.approve_statement(&actor, id, key).await.map(Statement)
            }
            .await,
        )
    }

    /// Drops a draft; its conversions are free for the next run. For FINANCE.
    async fn cancel_statement(
        &self,
        ctx: &Context<'_>,
        input: CancelStatementInput,
    ) -> async_graphql::Result<CancelStatementPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        CancelStatementPayload::of(
            async {
                let id = parse_id(&input.id, "id")?;
                let key = Some(input.idempotency_key.as_str());
                app.settlements.cancel_statement(&actor, id, key).await.map(Statement)
            }
            .await,
        )
    }

    /// Drops an approved statement whose payout nobody has sent: its conversions are free for the
    /// next run, its document keeps its number and is void. For FINANCE.
    async fn void_statement(
        &self,
        ctx: &Context<'_>,
        input: VoidStatementInput,
    ) -> async_graphql::Result<VoidStatementPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        VoidStatementPayload::of(
            async {
                let id = parse_id(&input.id, "id")?;
                let (why, key) = (input.reason.as_deref(), Some(input.idempotency_key.as_str()));
                app.settlements.void_statement(&actor, id, why, key).await.map(Statement)
            }
            .await,
        )
    }

    /// Puts a run's payouts that wait for the bank into a file. For FINANCE.
    async fn export_payouts(
        &self,
        ctx: &Context<'_>,
        input: ExportPayoutsInput,
    ) -> async_graphql::Result<ExportPayoutsPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        ExportPayoutsPayload::of(
            async {
                let id = parse_id(&input.run_id, "runId")?;
                let key = Some(input.idempotency_key.as_str());
                let done = app.settlements.export_payouts(&actor, id, key).await?;
                Ok((SettlementRun(done.run), done.file_name, done.csv))
            }
            .await,
        )
    }

    /// Prints again what is in a file and waits for the bank, with the accounts as they were at the
    /// export. For FINANCE.
    async fn print_payouts(
        &self,
        ctx: &Context<'_>,
        input: PrintPayoutsInput,
    ) -> async_graphql::Result<PrintPayoutsPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        PrintPayoutsPayload::of(
            async {
                let id = parse_id(&input.run_id, "runId")?;
                let done = app.settlements.print_payouts(&actor, id).await?;
                Ok((SettlementRun(done.run), done.file_name, done.csv))
            }
            .await,
        )
    }

    /// Records that a payout arrived, was refused, or came back. For FINANCE.
    async fn resolve_payout(
        &self,
        ctx: &Context<'_>,
        input: ResolvePayoutInput,
    ) -> async_graphql::Result<ResolvePayoutPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        ResolvePayoutPayload::of(
            async {
                let id = parse_id(&input.payout_id, "payoutId")?;
                let (said, key) =
                    (input.reference.as_deref(), Some(input.idempotency_key.as_str()));
                let done =
                    app.settlements.resolve_payout(&actor, id, input.confirmed, said, key).await?;
                Ok((Payout(done.0), Statement(done.1)))
            }
            .await,
        )
    }

    /// Changes how the own organization is paid.
    async fn set_payout_profile(
        &self,
        ctx: &Context<'_>,
        input: SetPayoutProfileInput,
    ) -> async_graphql::Result<SetPayoutProfilePayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        SetPayoutProfilePayload::of(
            async {
                actor.require(Action::ManagePayoutProfile)?;
                let wrong = |field: &'static str| Problem::new(BAD_INPUT).field(field);
                let currency: Currency = input.currency.parse().map_err(|_| wrong("currency"))?;
                let minimum = match &input.min_payout {
                    Some(sum) => sum.parse("minPayout")?,
                    None => CoreMoney::new(app.config.money.min_payout, currency),
                };
                let wish = SetPayoutProfile {
                    currency,
                    rail: input.rail.parse::<PayoutRail>().map_err(|_| wrong("rail"))?,
                    details: input.details,
                    min_payout: minimum.minor,
                };
                if minimum.currency != wish.currency {
                    return Err(wrong("minPayout.currency").into());
                }
                app.settlements.set_payout_profile(&actor, wish).await.map(PayoutProfile)
            }
            .await,
        )
    }
}
