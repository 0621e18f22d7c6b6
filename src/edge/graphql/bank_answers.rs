//! What banks answer to files of payouts.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::context::{actor, app};
use super::market::or_null;
use super::payouts::Payout;
use super::scalars::{DateTime, Money, id, money, parse_id};
use crate::payload;
use crate::settlements;

crate::graphql_enum! {
    /// What a line of a bank's answer comes to.
    BankAnswerFinding = "leadbourse_core::bank::AnswerFinding" {
        /// It confirms a payout.
        Confirms,
        /// It refuses a payout: its money is payable again.
        Refuses,
        /// The bank is still at it.
        Pending,
        /// The exchange knows it already, or the lines that follow say it.
        Known,
        /// Nothing can be done with it; a person has to look.
        Problem,
    }
}

crate::graphql_enum! {
    /// What a line of a bank's answer is about.
    BankAnswerScope = "leadbourse_core::bank::Scope" {
        /// One payment.
        Payment,
        /// Every payment of one part of a file.
        Part,
        /// Every payment of a file.
        File,
    }
}

crate::graphql_enum! {
    /// How a bank's answer is written.
    BankAnswerFormat = "leadbourse_core::bank::AnswerFormat" {
        /// ISO 20022 `pain.002`.
        #[graphql(name = "PAIN_002")]
        Pain002,
        /// CSV: `end_to_end` or `payout`, `status`, and if known `amount`, `currency`, `reason`,
        /// `reference`.
        Csv,
    }
}

/// Queries of banks' answers.
#[derive(Default)]
pub struct BankAnswersQuery;

/// Mutations of banks' answers.
#[derive(Default)]
pub struct BankAnswersMutation;

/// A bank's answer, held against the payouts.
pub struct BankAnswer(settlements::BankAnswer);

/// How many lines of a finding there are.
#[derive(SimpleObject)]
pub struct BankAnswerCount {
    /// The finding.
    pub finding: BankAnswerFinding,
    /// How many.
    pub lines: i64,
}

#[Object]
impl BankAnswer {
    /// Its id: the same file has the same one.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// How it is written.
    async fn format(&self) -> BankAnswerFormat {
        self.0.format.into()
    }

    /// The bank's identification of its message.
    async fn message_id(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The identification of the file that it answers, where it says so.
    async fn original_message_id(&self) -> Option<&str> {
        self.0.original.as_deref()
    }

    /// Who imported it.
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    /// When it was compared last.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was applied; null while it is a dry run.
    async fn applied_at(&self) -> Option<DateTime> {
        self.0.applied_at.map(DateTime)
    }

    /// How many lines of each finding there are.
    async fn counts(&self) -> Vec<BankAnswerCount> {
        let counts = self.0.counts.iter();
        counts
            .map(|(finding, lines)| BankAnswerCount { finding: (*finding).into(), lines: *lines })
            .collect()
    }

    /// Up to 100 lines, by number after `afterLine`; of one finding, if asked for.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn lines(
        &self,
        ctx: &Context<'_>,
        finding: Option<BankAnswerFinding>,
        first: Option<i32>,
        after_line: Option<i32>,
    ) -> async_graphql::Result<Vec<BankAnswerLine>> {
        let place = (after_line.unwrap_or(0), u32::try_from(first.unwrap_or(25)).unwrap_or(0));
        let finding = finding.map(Into::into);
        let settlements = &app(ctx)?.settlements;
        let found = settlements.answer_lines(&actor(ctx)?, self.0.id, finding, place).await?;
        Ok(found.into_iter().map(BankAnswerLine).collect())
    }
}

/// One line of a bank's answer. What is said of a whole file is followed by a line for each of its
/// payouts.
pub struct BankAnswerLine(settlements::BankAnswerLine);

#[Object]
impl BankAnswerLine {
    /// Its number, from 1.
    async fn line(&self) -> i32 {
        self.0.n
    }

    /// What it is about.
    async fn scope(&self) -> BankAnswerScope {
        self.0.scope.into()
    }

    /// How the bank calls that: an end-to-end identification, or a file's.
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// The status as sent, like `ACSC` or `RJCT`.
    async fn status(&self) -> &str {
        &self.0.status
    }

    /// The reason's code, like `AC04`.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The sum, where the bank repeats it.
    async fn amount(&self) -> Option<Money> {
        self.0.amount.map(|sum| money(sum.minor, sum.currency))
    }

    /// The bank's own reference.
    async fn bank_reference(&self) -> Option<&str> {
        self.0.bank_reference.as_deref()
    }

    /// The payout.
    async fn payout(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Payout>> {
        let Some(id) = self.0.payout_id else { return Ok(None) };
        Ok(or_null(app(ctx)?.settlements.payout(&actor(ctx)?, id).await)?.map(Payout))
    }

    /// What it comes to.
    async fn finding(&self) -> BankAnswerFinding {
        self.0.finding.into()
    }

    /// Why it is a problem: a stable code.
    async fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// What applying it came to: `OK`, or a code; null if nothing was done.
    async fn outcome(&self) -> Option<&str> {
        self.0.outcome.as_deref()
    }
}

/// An answer to be compared.
#[derive(InputObject)]
struct CheckBankAnswerInput {
    /// The file as text: `pain.002` or CSV, at most 4 MB and 10,000 lines.
    content: String,
}

/// An answer to be applied.
#[derive(InputObject)]
struct ApplyBankAnswerInput {
    /// The answer. It is done once, so it may be asked for again.
    id: ID,
}

payload! { CheckBankAnswerPayload { answer: BankAnswer } }
payload! { ApplyBankAnswerPayload { answer: BankAnswer } }

#[Object]
impl BankAnswersQuery {
    /// One answer of a bank; for operators.
    async fn bank_answer(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> async_graphql::Result<Option<BankAnswer>> {
        let (actor, id) = (actor(ctx)?, parse_id(&id, "id")?);
        Ok(or_null(app(ctx)?.settlements.bank_answer(&actor, id).await)?.map(BankAnswer))
    }

    /// The latest hundred answers of banks, newest first; for operators.
    async fn bank_answers(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<BankAnswer>> {
        let found = app(ctx)?.settlements.bank_answers(&actor(ctx)?).await?;
        Ok(found.into_iter().map(BankAnswer).collect())
    }
}

#[Object]
impl BankAnswersMutation {
    /// Reads a bank's answer and holds it against the payouts: a dry run. The same file is compared
    /// again until it was applied. For FINANCE.
    async fn check_bank_answer(
        &self,
        ctx: &Context<'_>,
        input: CheckBankAnswerInput,
    ) -> async_graphql::Result<CheckBankAnswerPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        let content = input.content.as_bytes();
        let done = app.settlements.check_answer(&actor, content).await;
        CheckBankAnswerPayload::of(done.map(BankAnswer))
    }

    /// Confirms and refuses what the answer confirms and refuses, line by line. Once. For FINANCE.
    async fn apply_bank_answer(
        &self,
        ctx: &Context<'_>,
        input: ApplyBankAnswerInput,
    ) -> async_graphql::Result<ApplyBankAnswerPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        ApplyBankAnswerPayload::of(
            async {
                let id = parse_id(&input.id, "id")?;
                app.settlements.apply_answer(&actor, id).await.map(BankAnswer)
            }
            .await,
        )
    }
}
