//! Wallets, earnings, top-ups, and the ledger behind them.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use leadbourse_core::access::Action;
use leadbourse_core::ids::{AccountId, LedgerTxId, OrganizationId};
use leadbourse_core::ledger::Account;
use leadbourse_core::money::{Currency, Money as CoreMoney};

use super::accounts::Organization;
use super::context::{actor, app};
use super::loaders::loaders;
use super::market::or_null;
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, Money, MoneyInput, id, money, parse_id, parse_opt_id};
use crate::ledger::{self, RecordTopUp};
use crate::orders::OrdersOf;
use crate::payload;
use crate::pings::OpenBids;
use crate::platform::error::Result;

/// Queries of the ledger.
#[derive(Default)]
pub struct LedgerQuery;

/// Mutations of the ledger.
#[derive(Default)]
pub struct LedgerMutation;

/// One movement on an account.
#[derive(SimpleObject)]
pub struct LedgerEntry {
    /// The transaction.
    pub transaction_id: ID,
    /// Why money moved.
    pub kind: String,
    /// What it derives from: a printed id, possibly with a suffix.
    pub cause: String,
    /// What the account gained or lost.
    pub amount: Money,
    /// What the account held after it.
    pub balance: Money,
    /// When.
    pub at: DateTime,
}

impl From<&ledger::Entry> for LedgerEntry {
    fn from(entry: &ledger::Entry) -> Self {
        Self {
            transaction_id: id(entry.tx_id),
            kind: entry.kind.clone(),
            cause: entry.cause.clone(),
            amount: entry.amount.into(),
            balance: entry.balance.into(),
            at: entry.at.into(),
        }
    }
}

async fn entries(
    ctx: &Context<'_>,
    account: AccountId,
    first: Option<i32>,
    after: Option<String>,
) -> async_graphql::Result<Conn<LedgerEntry>> {
    let page = page(first, after.as_deref())?;
    let found = app(ctx)?.ledger.entries(&actor(ctx)?, account, &page).await?;
    Ok(connection(&page, found, |entry| (entry.tx_id.uuid(), LedgerEntry::from(&entry))))
}

/// A buyer's money in one currency.
pub struct Wallet(pub ledger::Wallet);

impl Wallet {
    async fn bids(&self, ctx: &Context<'_>) -> Result<OpenBids> {
        app(ctx)?.pings.open_bids(&actor(ctx)?, self.0.buyer_id, self.0.currency).await
    }

    async fn orders(&self, ctx: &Context<'_>) -> Result<OrdersOf> {
        app(ctx)?.orders.held(&actor(ctx)?, self.0.buyer_id, self.0.currency).await
    }

    fn sum(&self, minor: i64) -> Money {
        money(minor, self.0.currency)
    }
}

#[Object]
impl Wallet {
    /// ISO 4217 code.
    async fn currency(&self) -> &str {
        currency_code(&self.0.currency)
    }

    /// Free to be spent: the own money and what the exchange lends.
    async fn available(&self) -> Money {
        self.sum(self.0.available)
    }

    /// Promised to sales that may still be reported, to open bids on pings, and to orders.
    async fn reserved(&self) -> Money {
        self.sum(self.0.reserved)
    }

    /// How many bids on pings are open; their money is part of what is reserved.
    async fn open_bids(&self, ctx: &Context<'_>) -> async_graphql::Result<i64> {
        Ok(self.bids(ctx).await?.count)
    }

    /// What open bids on pings hold, part of what is reserved.
    async fn reserved_by_bids(&self, ctx: &Context<'_>) -> async_graphql::Result<Money> {
        Ok(self.sum(self.bids(ctx).await?.amount))
    }

    /// How many orders hold money; it is part of what is reserved.
    async fn open_orders(&self, ctx: &Context<'_>) -> async_graphql::Result<i64> {
        Ok(self.orders(ctx).await?.count)
    }

    /// What orders hold for leads that may still come, part of what is reserved.
    async fn reserved_by_orders(&self, ctx: &Context<'_>) -> async_graphql::Result<Money> {
        Ok(self.sum(self.orders(ctx).await?.amount))
    }

    /// What is owed for reported sales; the next top-up pays it first.
    async fn owed(&self) -> Money {
        self.sum(self.0.owed)
    }

    /// What the exchange lends: part of what is available, or was.
    async fn credit_limit(&self) -> Money {
        self.sum(self.0.credit_limit)
    }

    /// The free money less what is lent: below zero while credit is used.
    async fn own_funds(&self) -> Money {
        self.sum(self.0.available.saturating_sub(self.0.credit_limit))
    }

    /// The exchange's fees that are still on hold.
    async fn held_fees(&self) -> Money {
        self.sum(self.0.held_fees)
    }

    /// Billed in the last 30 days, less what was given back.
    #[graphql(name = "spent30d")]
    async fn spent_30d(&self) -> Money {
        self.sum(self.0.spent_30d)
    }

    /// Funds against promises and debts, basis points; null without either.
    async fn coverage_bps(&self) -> Option<i64> {
        self.0.coverage_bps
    }

    /// Movements of the free money, newest first.
    async fn entries(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<LedgerEntry>> {
        let account = Account::available(self.0.buyer_id, self.0.currency).id();
        entries(ctx, account, first, after).await
    }
}

/// A publisher's money in one currency.
pub struct Earnings(pub ledger::Earnings);

impl Earnings {
    fn sum(&self, minor: i64) -> Money {
        money(minor, self.0.currency)
    }
}

#[Object]
impl Earnings {
    /// ISO 4217 code.
    async fn currency(&self) -> &str {
        currency_code(&self.0.currency)
    }

    /// On hold.
    async fn held(&self) -> Money {
        self.sum(self.0.held)
    }

    /// May be settled.
    async fn payable(&self) -> Money {
        self.sum(self.0.payable)
    }

    /// On its way.
    async fn in_payout(&self) -> Money {
        self.sum(self.0.in_payout)
    }

    /// Arrived, in all.
    async fn paid(&self) -> Money {
        self.sum(self.0.paid)
    }

    /// Movements of the payable money, newest first.
    async fn entries(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<LedgerEntry>> {
        let account = Account::payable(self.0.publisher_id, self.0.currency).id();
        entries(ctx, account, first, after).await
    }
}

fn currency_code(currency: &Currency) -> &str {
    currency.code()
}

/// Money that came in for a buyer.
pub struct TopUp(pub ledger::TopUp);

#[Object]
impl TopUp {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Whose money.
    async fn buyer(&self, ctx: &Context<'_>) -> async_graphql::Result<Organization> {
        let found = loaders(ctx)?.must(self.0.buyer_id).await?;
        Ok(Organization::new(app(ctx)?, actor(ctx)?, found))
    }

    /// How much.
    async fn amount(&self) -> Money {
        self.0.amount.into()
    }

    /// How it came: `BANK`, `MANUAL` or `STRIPE`.
    async fn rail(&self) -> &str {
        &self.0.rail
    }

    /// The bank's reference, or the card payment's.
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// A note of the operator.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// Who recorded it.
    async fn recorded_by(&self) -> &str {
        &self.0.recorded_by
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }
}

/// An account of the ledger.
pub struct LedgerAccount(pub ledger::AccountLine);

#[Object]
impl LedgerAccount {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Its readable name, like `buyer:available:org_…:RUB`.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What it holds.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// Whose it is; null for the exchange's own and external accounts.
    async fn owner(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let Some(owner) = self.0.owner else { return Ok(None) };
        let found = loaders(ctx)?.one(owner).await?;
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        Ok(found.map(|organization| Organization::new(app, actor, organization)))
    }

    /// ISO 4217 code.
    async fn currency(&self) -> &str {
        self.0.balance.currency.code()
    }

    /// Its balance.
    async fn balance(&self) -> Money {
        self.0.balance.into()
    }

    /// Its movements, newest first.
    async fn entries(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<LedgerEntry>> {
        entries(ctx, self.0.id, first, after).await
    }
}

/// A balanced movement of money.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct LedgerTransaction {
    #[graphql(skip)]
    key: LedgerTxId,
    /// Why money moved.
    pub kind: String,
    /// What it derives from.
    pub cause: String,
    /// When.
    pub at: DateTime,
    /// Its postings; they sum to zero.
    pub postings: Vec<LedgerPosting>,
}

#[ComplexObject]
impl LedgerTransaction {
    /// Its id, derived from kind and cause.
    pub async fn id(&self) -> ID {
        id(self.key)
    }
}

/// One side of a transaction.
#[derive(SimpleObject)]
pub struct LedgerPosting {
    /// The account.
    pub account_id: ID,
    /// Its readable name.
    pub account_code: String,
    /// What it gained or lost.
    pub amount: Money,
}

impl From<ledger::Transaction> for LedgerTransaction {
    fn from(tx: ledger::Transaction) -> Self {
        let postings = tx.postings.into_iter().map(|posting| LedgerPosting {
            account_id: id(posting.account_id),
            account_code: posting.account_code,
            amount: posting.amount.into(),
        });
        Self {
            key: tx.id,
            kind: tx.kind,
            cause: tx.cause,
            at: tx.at.into(),
            postings: postings.collect(),
        }
    }
}

/// The exchange's books in one currency.
#[derive(SimpleObject)]
pub struct LedgerSummary {
    /// ISO 4217 code.
    pub currency: String,
    /// Buyers' free money.
    pub buyer_funds: Money,
    /// Buyers' promised money.
    pub reserved: Money,
    /// Publishers' earnings on hold.
    pub publisher_held: Money,
    /// Publishers' earnings that may be settled.
    pub publisher_payable: Money,
    /// Money on its way to publishers.
    pub in_payout: Money,
    /// Fees on hold.
    pub fees_held: Money,
    /// Earned fees.
    pub fees: Money,
    /// What buyers owe, zero or negative.
    pub owed: Money,
    /// Whether all accounts of this currency sum to zero.
    pub balanced: bool,
}

impl From<ledger::Summary> for LedgerSummary {
    fn from(books: ledger::Summary) -> Self {
        let sum = |minor| Money::from(CoreMoney::new(minor, books.currency));
        Self {
            currency: books.currency.to_string(),
            buyer_funds: sum(books.buyer_funds),
            reserved: sum(books.reserved),
            publisher_held: sum(books.publisher_held),
            publisher_payable: sum(books.publisher_payable),
            in_payout: sum(books.in_payout),
            fees_held: sum(books.fees_held),
            fees: sum(books.fees),
            owed: sum(books.owed),
            balanced: books.balanced,
        }
    }
}

#[Object]
impl LedgerQuery {
    /// The buyer's own wallets, one per currency.
    async fn wallets(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Wallet>> {
        let found = app(ctx)?.ledger.wallets(&actor(ctx)?).await?;
        Ok(found.into_iter().map(Wallet).collect())
    }

    /// The publisher's own earnings, one per currency.
    async fn earnings(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Earnings>> {
        let found = app(ctx)?.ledger.earnings(&actor(ctx)?).await?;
        Ok(found.into_iter().map(Earnings).collect())
    }

    /// Top-ups, newest first: the buyer's own, all or one buyer's for operators.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn top_ups(
        &self,
        ctx: &Context<'_>,
        buyer_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<TopUp>> {
        let page = page(first, after.as_deref())?;
        let buyer: Option<OrganizationId> = parse_opt_id(buyer_id.as_ref(), "buyerId")?;
        let found = app(ctx)?.ledger.top_ups(&actor(ctx)?, buyer, &page).await?;
        Ok(connection(&page, found, |one| (one.id.uuid(), TopUp(one))))
    }

    /// Accounts whose code begins with a prefix; for operators.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn ledger_accounts(
        &self,
        ctx: &Context<'_>,
        prefix: Option<String>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<LedgerAccount>> {
        let page = page(first, after.as_deref())?;
        let found = app(ctx)?.ledger.accounts(&actor(ctx)?, prefix.as_deref(), &page).await?;
        Ok(connection(&page, found, |one| (one.id.uuid(), LedgerAccount(one))))
    }

    /// One account that the viewer may see.
    async fn ledger_account(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> async_graphql::Result<Option<LedgerAccount>> {
        let id = parse_id(&id, "id")?;
        Ok(or_null(app(ctx)?.ledger.account(&actor(ctx)?, id).await)?.map(LedgerAccount))
    }

    /// One transaction with all its postings; for operators.
    async fn ledger_transaction(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> async_graphql::Result<Option<LedgerTransaction>> {
        let id = parse_id(&id, "id")?;
        Ok(or_null(app(ctx)?.ledger.transaction(&actor(ctx)?, id).await)?.map(Into::into))
    }

    /// The exchange's books, one summary per currency; for operators.
    async fn ledger_summary(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<LedgerSummary>> {
        let found = app(ctx)?.ledger.summary(&actor(ctx)?).await?;
        Ok(found.into_iter().map(Into::into).collect())
    }
}

/// Money that came in for a buyer.
#[derive(InputObject)]
struct RecordTopUpInput {
    /// Whose money it is.
    buyer_id: ID,
    /// How much.
    amount: MoneyInput,
    /// `BANK` or `MANUAL`.
    rail: String,
    /// The bank's reference.
    reference: String,
    /// A note for colleagues.
    note: Option<String>,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

payload! { RecordTopUpPayload { top_up: TopUp } }

#[Object]
impl LedgerMutation {
    /// Records money that came in; what the buyer owes is paid first. For FINANCE.
    async fn record_top_up(
        &self,
        ctx: &Context<'_>,
        input: RecordTopUpInput,
    ) -> async_graphql::Result<RecordTopUpPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        RecordTopUpPayload::of(
            async {
                actor.require(Action::RecordMoney)?;
                let record = RecordTopUp {
                    buyer_id: parse_id(&input.buyer_id, "buyerId")?,
                    amount: input.amount.parse("amount")?,
                    rail: input.rail,
                    reference: input.reference,
                    note: input.note,
                };
                let key = Some(input.idempotency_key.as_str());
                app.ledger.record_top_up(&actor, record, key).await.map(TopUp)
            }
            .await,
        )
    }
}
