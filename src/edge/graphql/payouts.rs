//! Payouts, their files, their proofs.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use leadbourse_core::bank::{self, AccountText, end_to_end};
use leadbourse_core::error::{BAD_INPUT, Problem};

use super::context::{actor, app};
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, Money, id, money, parse_id};
use super::settlements::{PayoutState, Statement};
use crate::payload;
use crate::settlements::{self, NewProof, PayoutFilter};

crate::graphql_enum! {
    /// How a file of payouts is written.
    PayoutFormat = "crate::settlements::PayoutFormat" {
        /// A table.
        Csv,
        /// ISO 20022 `pain.001.001.09`.
        #[graphql(name = "PAIN_001")]
        Pain001,
    }
}

/// Queries of payouts.
#[derive(Default)]
pub struct PayoutsQuery;

/// Mutations of payouts.
#[derive(Default)]
pub struct PayoutsMutation;

/// Money sent to a publisher.
pub struct Payout(pub settlements::Payout);

#[Object]
impl Payout {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// How much.
    async fn amount(&self) -> Money {
        money(self.0.amount, self.0.currency)
    }

    /// `BANK_FILE` or `MANUAL`.
    async fn rail(&self) -> &str {
        self.0.rail.as_str()
    }

    /// Where it is.
    async fn state(&self) -> PayoutState {
        self.0.state.into()
    }

    /// Which try it is, from 1.
    async fn generation(&self) -> i32 {
        self.0.generation
    }

    /// The bank's reference, or why it was refused.
    async fn reference(&self) -> Option<&str> {
        self.0.reference.as_deref()
    }

    /// Why it was refused or is held, as the rail's code, like `AC04`.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// Its identification towards the bank: `EndToEndId` in files and answers.
    async fn end_to_end_id(&self) -> String {
        end_to_end(self.0.id)
    }

    /// The file that it is in.
    async fn file_id(&self) -> Option<ID> {
        self.0.file_id.map(id)
    }

    /// When a rail that answers at once was first asked to pay it.
    async fn sent_at(&self) -> Option<DateTime> {
        self.0.sent_at.map(DateTime)
    }

    /// Its statement.
    async fn statement(&self, ctx: &Context<'_>) -> async_graphql::Result<Statement> {
        let id = self.0.statement_id;
        Ok(app(ctx)?.settlements.statement(&actor(ctx)?, id).await.map(Statement)?)
    }

    /// What proves that a manual payout was paid; for FINANCE and for the paid publisher.
    async fn proof(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<PayoutProof>> {
        let found = app(ctx)?.settlements.proof_record(&actor(ctx)?, self.0.id).await?;
        Ok(found.map(PayoutProof))
    }

    /// When it went into a file.
    async fn exported_at(&self) -> Option<DateTime> {
        self.0.exported_at.map(DateTime)
    }

    /// When it arrived or was refused.
    async fn resolved_at(&self) -> Option<DateTime> {
        self.0.resolved_at.map(DateTime)
    }
}

/// Payouts in one file for the bank.
#[derive(Clone)]
pub struct PayoutFile(pub settlements::PayoutFile);

#[Object]
impl PayoutFile {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Its identification towards the bank: `MsgId`.
    async fn message_id(&self) -> String {
        bank::message_id(self.0.id)
    }

    /// How it is written.
    async fn format(&self) -> PayoutFormat {
        self.0.format.into()
    }

    /// A name for it.
    async fn file_name(&self) -> &str {
        &self.0.file_name
    }

    /// How many payouts are in it.
    async fn payout_count(&self) -> i32 {
        self.0.payouts
    }

    /// Who made it.
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    /// When.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }
}

/// What may be shown of an account.
pub struct PayoutAccount<'a>(pub &'a bank::Masked);

#[Object]
impl PayoutAccount<'_> {
    /// The first letter of each word of the holder's name.
    async fn holder(&self) -> &str {
        &self.0.holder
    }

    /// The holder's country.
    async fn country(&self) -> &str {
        &self.0.country
    }

    /// The IBAN's country and last four characters.
    async fn iban(&self) -> Option<&str> {
        self.0.iban.as_deref()
    }

    /// The bank's BIC.
    async fn bic(&self) -> Option<&str> {
        self.0.bic.as_deref()
    }

    /// The Russian bank's code.
    async fn bik(&self) -> Option<&str> {
        self.0.bik.as_deref()
    }

    /// The Russian account's last four digits.
    async fn account(&self) -> Option<&str> {
        self.0.account.as_deref()
    }
}

/// What proves that a manual payout was paid.
pub struct PayoutProof(pub settlements::ProofRecord);

#[Object]
impl PayoutProof {
    /// Its name.
    async fn file_name(&self) -> &str {
        &self.0.file_name
    }

    /// `application/pdf`, `image/png` or `image/jpeg`.
    async fn media_type(&self) -> &str {
        &self.0.media_type
    }

    /// Bytes.
    async fn size(&self) -> i32 {
        self.0.size
    }

    /// The file's SHA-256 in hex, as in the audit log.
    async fn sha256(&self) -> String {
        self.0.sha256.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Who added it.
    async fn added_by(&self) -> &str {
        &self.0.added_by
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }
}

/// A proof, opened.
#[derive(SimpleObject)]
pub struct PayoutProofFile {
    /// What is known of it.
    proof: PayoutProof,
    /// The file in base64.
    content_base64: String,
}

/// A file that proves a payment.
#[derive(InputObject)]
pub struct PayoutProofInput {
    /// What the sender calls it.
    file_name: String,
    /// A PDF, PNG or JPEG of at most 2 MB, in base64.
    content_base64: String,
}

impl From<PayoutProofInput> for NewProof {
    fn from(input: PayoutProofInput) -> Self {
        Self { file_name: input.file_name, content_base64: input.content_base64 }
    }
}

/// An account: an IBAN, or a BIK with an account.
#[derive(InputObject)]
pub struct PayoutAccountInput {
    /// Whose it is.
    holder: String,
    /// The holder's country, two letters.
    country: String,
    /// The IBAN.
    iban: Option<String>,
    /// The bank's BIC, where one is wanted.
    bic: Option<String>,
    /// The Russian bank's code, nine digits.
    bik: Option<String>,
    /// The Russian account, twenty digits.
    account: Option<String>,
}

impl From<PayoutAccountInput> for AccountText {
    fn from(input: PayoutAccountInput) -> Self {
        let PayoutAccountInput { holder, country, iban, bic, bik, account } = input;
        Self { holder, country, iban, bic, bik, account }
    }
}

/// A payout to be held.
#[derive(InputObject)]
struct HoldPayoutInput {
    /// The payout.
    payout_id: ID,
    /// Why, for the audit log.
    note: Option<String>,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// A statement to be paid again.
#[derive(InputObject)]
struct RepayStatementInput {
    /// The statement.
    id: ID,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

payload! { HoldPayoutPayload { payout: Payout } }
payload! { RepayStatementPayload { statement: Statement } }

#[Object]
impl PayoutsQuery {
    /// Payouts, newest first: the publisher's own, all for operators. Those in the state `UNKNOWN`
    /// wait for a person. The rail is `BANK_FILE` or `MANUAL`.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn payouts(
        &self,
        ctx: &Context<'_>,
        state: Option<PayoutState>,
        rail: Option<String>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Payout>> {
        let page = page(first, after.as_deref())?;
        let wrong = |_| Problem::new(BAD_INPUT).field("rail");
        let rail = rail.map(|rail| rail.parse().map_err(wrong)).transpose()?;
        let filter = PayoutFilter { publisher: None, state: state.map(Into::into), rail };
        let found = app(ctx)?.settlements.payouts(&actor(ctx)?, filter, &page).await?;
        Ok(connection(&page, found, |one| (one.id.uuid(), Payout(one))))
    }

    /// The proof of a payout, opened; for FINANCE and for the paid publisher.
    async fn payout_proof(
        &self,
        ctx: &Context<'_>,
        payout_id: ID,
    ) -> async_graphql::Result<Option<PayoutProofFile>> {
        let id = parse_id(&payout_id, "payoutId")?;
        let found = super::market::or_null(app(ctx)?.settlements.proof(&actor(ctx)?, id).await)?;
        Ok(found.map(|(record, bytes)| PayoutProofFile {
            proof: PayoutProof(record),
            content_base64: settlements::base64(&bytes),
        }))
    }
}

#[Object]
impl PayoutsMutation {
    /// Puts a payout on hold of which nobody knows what became: `UNKNOWN`. It is never sent again
    /// blindly; an answer of the bank or a person resolves it. For FINANCE.
    async fn hold_payout(
        &self,
        ctx: &Context<'_>,
        input: HoldPayoutInput,
    ) -> async_graphql::Result<HoldPayoutPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        HoldPayoutPayload::of(
            async {
                let id = parse_id(&input.payout_id, "payoutId")?;
                let (note, key) = (input.note.as_deref(), Some(input.idempotency_key.as_str()));
                app.settlements.hold_payout(&actor, id, note, key).await.map(Payout)
            }
            .await,
        )
    }

    /// Tries a refused payout once more, as a new payout of the next generation, unless a later
    /// statement has taken the sum in. For FINANCE.
    async fn repay_statement(
        &self,
        ctx: &Context<'_>,
        input: RepayStatementInput,
    ) -> async_graphql::Result<RepayStatementPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        RepayStatementPayload::of(
            async {
                let id = parse_id(&input.id, "id")?;
                let key = Some(input.idempotency_key.as_str());
                app.settlements.repay_statement(&actor, id, key).await.map(Statement)
            }
            .await,
        )
    }
}
