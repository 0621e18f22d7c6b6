//! FINANCE's desk: credit limits, conversion between currencies, closed periods.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use leadbourse_core::access::Action;
use leadbourse_core::error::{BAD_INPUT, Problem};
use leadbourse_core::ids::OrganizationId;
use leadbourse_core::money::Currency;

use super::accounts::Organization;
use super::context::{actor, app};
use super::loaders::loaders;
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, Money, MoneyInput, id, parse_id, parse_opt_id};
use crate::ledger::{self, ConvertMoney};
use crate::payload;

/// Queries of the desk.
#[derive(Default)]
pub struct FinanceQuery;

/// Mutations of the desk.
#[derive(Default)]
pub struct FinanceMutation;

async fn organization(
    ctx: &Context<'_>,
    id: OrganizationId,
) -> async_graphql::Result<Organization> {
    let found = loaders(ctx)?.must(id).await?;
    Ok(Organization::new(app(ctx)?, actor(ctx)?, found))
}

/// A change of a buyer's credit limit.
pub struct CreditChange(pub ledger::CreditChange);

#[Object]
impl CreditChange {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Whose limit.
    async fn buyer(&self, ctx: &Context<'_>) -> async_graphql::Result<Organization> {
        organization(ctx, self.0.buyer_id).await
    }

    /// The limit before.
    async fn before(&self) -> Money {
        self.0.before.into()
    }

    /// The limit after.
    async fn after(&self) -> Money {
        self.0.after.into()
    }

    /// Why.
    async fn note(&self) -> &str {
        &self.0.note
    }

    /// Who decided it.
    async fn decided_by(&self) -> &str {
        &self.0.decided_by
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }
}

/// A conversion of a buyer's money between currencies.
pub struct FxConversion(pub ledger::FxConversion);

#[Object]
impl FxConversion {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Whose money.
    async fn buyer(&self, ctx: &Context<'_>) -> async_graphql::Result<Organization> {
        organization(ctx, self.0.buyer_id).await
    }

    /// What was sold.
    async fn sold(&self) -> Money {
        self.0.sold.into()
    }

    /// What was bought.
    async fn bought(&self) -> Money {
        self.0.bought.into()
    }

    /// Major units of the bought currency for one of the sold.
    async fn rate(&self) -> &str {
        &self.0.rate
    }

    /// A note for colleagues.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// Who decided it.
    async fn decided_by(&self) -> &str {
        &self.0.decided_by
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }
}

/// A closed period of the books.
#[derive(SimpleObject)]
pub struct LedgerClose {
    /// Its id.
    pub id: ID,
    /// Nothing is posted before this instant.
    pub closed_until: DateTime,
    /// A note for colleagues.
    pub note: Option<String>,
    /// Who closed it.
    pub closed_by: String,
    /// When.
    pub at: DateTime,
}

impl From<ledger::LedgerClose> for LedgerClose {
    fn from(close: ledger::LedgerClose) -> Self {
        Self {
            id: id(close.id),
            closed_until: close.closed_until.into(),
            note: close.note,
            closed_by: close.closed_by,
            at: close.at.into(),
        }
    }
}

#[Object]
impl FinanceQuery {
    /// Changes of credit limits, newest first: the buyer's own, all or one buyer's for operators.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn credit_changes(
        &self,
        ctx: &Context<'_>,
        buyer_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<CreditChange>> {
        let page = page(first, after.as_deref())?;
        let buyer: Option<OrganizationId> = parse_opt_id(buyer_id.as_ref(), "buyerId")?;
        let found = app(ctx)?.ledger.credit_changes(&actor(ctx)?, buyer, &page).await?;
        Ok(connection(&page, found, |one| (one.id.uuid(), CreditChange(one))))
    }

    /// Conversions between currencies, newest first: the buyer's own, all or one buyer's for
    /// operators.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn fx_conversions(
        &self,
        ctx: &Context<'_>,
        buyer_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<FxConversion>> {
        let page = page(first, after.as_deref())?;
        let buyer: Option<OrganizationId> = parse_opt_id(buyer_id.as_ref(), "buyerId")?;
        let found = app(ctx)?.ledger.fx_conversions(&actor(ctx)?, buyer, &page).await?;
        Ok(connection(&page, found, |one| (one.id.uuid(), FxConversion(one))))
    }

    /// Closed periods, newest first; for operators.
    async fn ledger_closes(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<LedgerClose>> {
        let found = app(ctx)?.ledger.closes(&actor(ctx)?).await?;
        Ok(found.into_iter().map(Into::into).collect())
    }
}

/// A new credit limit.
#[derive(InputObject)]
struct SetCreditLimitInput {
    /// Whose.
    buyer_id: ID,
    /// How much may be spent beyond the own money; zero ends it.
    limit: MoneyInput,
    /// Why; the audit log and the buyer see it.
    note: String,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// Money that is to change its currency.
#[derive(InputObject)]
struct ConvertMoneyInput {
    /// Whose.
    buyer_id: ID,
    /// What is sold: the buyer's own free money.
    amount: MoneyInput,
    /// The currency that is bought, ISO 4217.
    to: String,
    /// Major units of the bought currency for one of the sold, like `0.01085`.
    rate: String,
    /// A note for colleagues: whose rate it is.
    note: Option<String>,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// The end of a period.
#[derive(InputObject)]
struct CloseLedgerPeriodInput {
    /// The first instant that stays open; at least an hour ago.
    until: DateTime,
    /// A note for colleagues.
    note: Option<String>,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

payload! { SetCreditLimitPayload { change: CreditChange } }
payload! { ConvertMoneyPayload { conversion: FxConversion } }
payload! { CloseLedgerPeriodPayload { close: LedgerClose } }

#[Object]
impl FinanceMutation {
    /// Sets how much a buyer may spend beyond the own money. What is owed is paid from new credit
    /// first; credit that is spent can't be taken back. For FINANCE.
    async fn set_credit_limit(
        &self,
        ctx: &Context<'_>,
        input: SetCreditLimitInput,
    ) -> async_graphql::Result<SetCreditLimitPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        SetCreditLimitPayload::of(
            async {
                actor.require(Action::RecordMoney)?;
                let wish = (parse_id(&input.buyer_id, "buyerId")?, input.limit.parse("limit")?);
                let key = Some(input.idempotency_key.as_str());
                app.ledger.set_credit(&actor, wish, &input.note, key).await.map(CreditChange)
            }
            .await,
        )
    }

    /// Converts a buyer's own free money into another currency, at the rate that is named. For
    /// FINANCE.
    async fn convert_money(
        &self,
        ctx: &Context<'_>,
        input: ConvertMoneyInput,
    ) -> async_graphql::Result<ConvertMoneyPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        ConvertMoneyPayload::of(
            async {
                actor.require(Action::RecordMoney)?;
                let bad = |_| Problem::new(BAD_INPUT).field("to");
                let wish = ConvertMoney {
                    buyer_id: parse_id(&input.buyer_id, "buyerId")?,
                    sold: input.amount.parse("amount")?,
                    to: input.to.parse::<Currency>().map_err(bad)?,
                    rate: input.rate,
                    note: input.note,
                };
                let key = Some(input.idempotency_key.as_str());
                app.ledger.convert(&actor, wish, key).await.map(FxConversion)
            }
            .await,
        )
    }

    /// Closes the books up to an instant, for good: nothing is posted before it any more. The
    /// ledger is verified first. For FINANCE.
    async fn close_ledger_period(
        &self,
        ctx: &Context<'_>,
        input: CloseLedgerPeriodInput,
    ) -> async_graphql::Result<CloseLedgerPeriodPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        let key = Some(input.idempotency_key.as_str());
        let closed =
            app.ledger.close_period(&actor, input.until.into(), input.note.as_deref(), key).await;
        CloseLedgerPeriodPayload::of(closed.map(Into::into))
    }
}
