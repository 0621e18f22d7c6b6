//! Settlement: what can be done.

use async_graphql::{Context, ID, InputObject, Object};
use leadbourse_core::access::Action;
use leadbourse_core::error::{BAD_INPUT, Problem};
use leadbourse_core::money::{Currency, Money as CoreMoney};

use super::context::{actor, app};
use super::errors::{UserError, split};
use super::payouts::{Payout, PayoutAccountInput, PayoutFile, PayoutFormat, PayoutProofInput};
use super::scalars::{DateTime, MoneyInput, parse_id, parse_opt_id};
use super::settlements::{PayoutProfile, SettlementRun, Statement};
use crate::payload;
use crate::platform::error::Result;
use crate::settlements::{self, Exported, PayoutRail, Resolution, SetPayoutProfile};

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
    /// How the file is written; `CSV` if not said.
    format: Option<PayoutFormat>,
    /// The same key again gives the same file.
    idempotency_key: String,
}

/// A file to be printed again.
#[derive(InputObject)]
struct PrintPayoutsInput {
    /// The run.
    run_id: ID,
    /// How the file is written; `CSV` if not said.
    format: Option<PayoutFormat>,
    /// One file of the run. Without it a table holds all that waits, an ISO 20022 file the payouts
    /// of the latest file.
    file_id: Option<ID>,
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
    /// What proves that a manual payout was paid, when it is confirmed.
    proof: Option<PayoutProofInput>,
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
    /// For `BANK_FILE`: the account; null keeps what is stored.
    account: Option<PayoutAccountInput>,
    /// For `MANUAL`: how to pay, in words; null keeps what is stored.
    details: Option<String>,
    /// Less is carried over; the exchange's minimum when not given.
    min_payout: Option<MoneyInput>,
}

payload! { PlanSettlementPayload { run: SettlementRun } }
payload! { ApproveStatementPayload { statement: Statement } }
payload! { CancelStatementPayload { statement: Statement } }
payload! { VoidStatementPayload { statement: Statement } }
payload! { ResolvePayoutPayload { payout: Payout, statement: Statement } }
payload! { SetPayoutProfilePayload { profile: PayoutProfile } }

/// A file of payouts, or why there is none.
macro_rules! file_payload {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Default, async_graphql::SimpleObject)]
        pub struct $name {
            /// The run; null when the mutation was refused.
            run: Option<SettlementRun>,
            /// The file's record; null for a file of an earlier version.
            file: Option<PayoutFile>,
            /// A name for the file.
            file_name: Option<String>,
            /// `text/csv` or `application/xml`.
            media_type: Option<String>,
            /// The file itself.
            content: Option<String>,
            /// The file, where it is a table.
            csv: Option<String>,
            /// Payouts that this format can't take, because their account is words of an earlier
            /// version: they wait until the publisher enters the account again.
            skipped: Vec<Payout>,
            /// Why it was refused; empty when it was done.
            user_errors: Vec<UserError>,
        }

        impl $name {
            fn of(result: Result<(Exported, Vec<Payout>)>) -> async_graphql::Result<Self> {
                let (done, user_errors) = split(result)?;
                let Some((done, skipped)) = done else {
                    return Ok(Self { user_errors, ..Self::default() });
                };
                let table = done.format == settlements::PayoutFormat::Csv;
                Ok(Self {
                    run: Some(SettlementRun(done.run)),
                    file: done.file.map(PayoutFile),
                    file_name: Some(done.file_name),
                    media_type: Some(done.format.media_type().to_owned()),
                    csv: table.then(|| done.content.clone()),
                    content: Some(done.content),
                    skipped,
                    user_errors,
                })
            }
        }
    };
}

file_payload! {
    /// Payouts in a file for the bank, or why not.
    ExportPayoutsPayload
}

file_payload! {
    /// Payouts printed again, or why not.
    PrintPayoutsPayload
}

fn format(asked: Option<PayoutFormat>) -> settlements::PayoutFormat {
    asked.map_or(settlements::PayoutFormat::Csv, Into::into)
}

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
                let format = format(input.format);
                let done = app.settlements.export_payouts(&actor, id, format, key).await?;
                let skipped = app.settlements.payouts_by_id(&actor, &done.skipped).await?;
                Ok((done, skipped.into_iter().map(Payout).collect()))
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
                let file = parse_opt_id(input.file_id.as_ref(), "fileId")?;
                let format = format(input.format);
                let done = app.settlements.print_payouts(&actor, id, format, file).await?;
                let skipped = app.settlements.payouts_by_id(&actor, &done.skipped).await?;
                Ok((done, skipped.into_iter().map(Payout).collect()))
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
                let key = Some(input.idempotency_key.as_str());
                let said = Resolution {
                    confirmed: input.confirmed,
                    reference: input.reference,
                    proof: input.proof.map(Into::into),
                };
                let done = app.settlements.resolve_with(&actor, id, said, key).await?;
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
                    account: input.account.map(Into::into),
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
