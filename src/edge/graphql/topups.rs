//! Top-ups by card, saved cards, auto-recharge, refunds of credit, chargebacks.

use async_graphql::{Context, ID, Object, SimpleObject};

use super::accounts::Organization;
use super::context::{actor, app};
use super::loaders::loaders;
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, Money, id, money, parse_id, parse_opt_id};
use crate::graphql_enum;
use crate::topups::{self, CardTopUpFilter, CardTopUpView};

graphql_enum! {
    /// How a card is asked.
    CardTopUpKind = "leadbourse_core::topup::CardTopUpKind" {
        /// The buyer types the card into the provider's page.
        Checkout,
        /// The buyer chose a saved card.
        SavedCard,
        /// The exchange charged a saved card because the wallet ran low.
        AutoRecharge,
    }
}

graphql_enum! {
    /// Where a top-up by card is.
    CardTopUpState = "leadbourse_core::topup::CardTopUpState" {
        /// Nobody has heard yet whether it was paid.
        Pending,
        /// Paid, and in the wallet.
        Credited,
        /// The card was declined, or the provider refused.
        Failed,
        /// Nobody paid in time.
        Expired,
        /// What came in is not what was asked for, or nobody knows: FINANCE decides.
        Held,
        /// FINANCE decided not to credit it.
        Dismissed,
    }
}

graphql_enum! {
    /// Why a top-up is held.
    HoldReason = "leadbourse_core::topup::HoldReason" {
        /// Another amount came in.
        AmountMismatch,
        /// It came in another currency.
        CurrencyMismatch,
        /// Another customer paid.
        BuyerMismatch,
        /// It was paid after it had failed or expired here.
        PaidLate,
        /// The provider did not answer in time, and shows nothing: nobody knows.
        Unanswered,
    }
}

graphql_enum! {
    /// Where unused credit is on its way back to a card.
    CreditRefundState = "leadbourse_core::topup::CreditRefundState" {
        /// Asked for; the provider has not said that it went.
        Pending,
        /// It went.
        Confirmed,
        /// The provider refused; it is credit again.
        Refused,
        /// It went and came back; it is credit again.
        Returned,
        /// Nobody knows: it stays out of the wallet until somebody does.
        Unknown,
    }
}

graphql_enum! {
    /// Where a chargeback is.
    ChargebackState = "leadbourse_core::topup::ChargebackState" {
        /// The bank took the money; the dispute runs.
        Open,
        /// Won: the money is back.
        Won,
        /// Lost: the money is gone.
        Lost,
    }
}

graphql_enum! {
    /// Where something that the card provider told is.
    ProviderEventState = "leadbourse_core::topup::ProviderEventState" {
        /// Stored, not looked at.
        Received,
        /// What follows from it was done.
        Done,
        /// Nothing follows from it.
        Ignored,
        /// It names something that the exchange does not know: FINANCE looks.
        Held,
        /// FINANCE looked.
        Dismissed,
    }
}

graphql_enum! {
    /// Why auto-recharge does not charge now.
    RechargeStop = "leadbourse_core::topup::RechargeStop" {
        /// The month's maximum is reached.
        MonthlyMax,
        /// The card was declined; it is tried again later.
        Declined,
        /// It was declined too often: the buyer has to look at it.
        GivenUp,
        /// The card was removed.
        NoCard,
        /// A payment of the buyer's was disputed.
        Chargeback,
    }
}

/// Queries of top-ups by card.
#[derive(Default)]
pub struct TopUpsQuery;

async fn buyer_of(
    ctx: &Context<'_>,
    buyer: leadbourse_core::ids::OrganizationId,
) -> async_graphql::Result<Organization> {
    let found = loaders(ctx)?.must(buyer).await?;
    Ok(Organization::new(app(ctx)?, actor(ctx)?, found))
}

/// A wish to pay in by card, and what became of it.
pub struct CardTopUp(pub CardTopUpView);

#[Object]
impl CardTopUp {
    /// Its id; the return page has it as `topup`.
    pub async fn id(&self) -> ID {
        id(self.0.top_up.id)
    }

    /// Whose wallet.
    async fn buyer(&self, ctx: &Context<'_>) -> async_graphql::Result<Organization> {
        buyer_of(ctx, self.0.top_up.buyer_id).await
    }

    /// How the card is asked.
    async fn kind(&self) -> CardTopUpKind {
        self.0.top_up.kind.into()
    }

    /// What was asked for.
    async fn amount(&self) -> Money {
        self.0.top_up.amount.into()
    }

    /// Where it stands.
    async fn state(&self) -> CardTopUpState {
        self.0.top_up.state.into()
    }

    /// Why FINANCE decides.
    async fn hold_reason(&self) -> Option<HoldReason> {
        self.0.top_up.hold_reason.map(Into::into)
    }

    /// How the card was declined, in the provider's words, like `insufficient_funds`.
    async fn error(&self) -> Option<&str> {
        self.0.top_up.error.as_deref()
    }

    /// The page to pay on, while it is open. Null while the provider has not answered: the same
    /// idempotency key asks again.
    async fn url(&self) -> Option<&str> {
        self.0.top_up.url.as_deref()
    }

    /// The saved card, if one is used or was saved.
    async fn card(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<SavedCard>> {
        let Some(card) = self.0.top_up.card_id else { return Ok(None) };
        Ok(app(ctx)?.topups.card(&actor(ctx)?, card).await?.map(SavedCard::from))
    }

    /// What came in, where that is known.
    async fn came_in(&self) -> Option<Money> {
        self.0.top_up.came_in.map(Into::into)
    }

    /// What goes or went back to the card.
    async fn refunded(&self) -> Money {
        money(self.0.refunded, self.0.top_up.amount.currency)
    }

    /// What may still go back to the card now.
    async fn refundable(&self) -> Money {
        money(self.0.refundable, self.0.top_up.amount.currency)
    }

    /// The provider's name of the payment, to find it on the provider's pages.
    async fn payment_reference(&self) -> Option<&str> {
        self.0.top_up.payment.as_deref()
    }

    /// What the provider kept, by currency; empty for who may not read the ledger.
    async fn provider_fees(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Money>> {
        let actor = actor(ctx)?;
        if !actor.may(leadbourse_core::access::Action::ReadLedger) {
            return Ok(Vec::new());
        }
        let found = app(ctx)?.topups.fees(&actor, self.0.top_up.id).await?;
        Ok(found.into_iter().map(Into::into).collect())
    }

    /// What FINANCE noted.
    async fn note(&self) -> Option<&str> {
        self.0.top_up.note.as_deref()
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        self.0.top_up.created_at.into()
    }

    /// When it was credited, failed, expired or decided.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.top_up.ended_at.map(DateTime)
    }
}

/// A card that may be charged again.
#[derive(SimpleObject)]
pub struct SavedCard {
    /// Its id.
    pub id: ID,
    /// Like `visa`.
    pub brand: Option<String>,
    /// The last four digits.
    pub last4: Option<String>,
    /// The month in which it ends.
    pub exp_month: Option<i32>,
    /// The year in which it ends.
    pub exp_year: Option<i32>,
    /// Since when.
    pub created_at: DateTime,
    /// Until when; it is not charged any more.
    pub removed_at: Option<DateTime>,
}

impl From<topups::SavedCard> for SavedCard {
    fn from(card: topups::SavedCard) -> Self {
        Self {
            id: id(card.id),
            brand: card.brand,
            last4: card.last4,
            exp_month: card.exp_month,
            exp_year: card.exp_year,
            created_at: card.created_at.into(),
            removed_at: card.removed_at.map(DateTime),
        }
    }
}

/// When a saved card is charged by itself.
pub struct AutoRecharge(pub topups::AutoRecharge);

#[Object]
impl AutoRecharge {
    /// Which wallet: ISO 4217 code.
    async fn currency(&self) -> &str {
        self.0.currency.code()
    }

    /// Whether it is on.
    async fn enabled(&self) -> bool {
        self.0.enabled
    }

    /// Under this the card is charged.
    async fn threshold(&self) -> Money {
        money(self.0.threshold, self.0.currency)
    }

    /// With so much.
    async fn amount(&self) -> Money {
        money(self.0.amount, self.0.currency)
    }

    /// At most so much in a calendar month, in the organization's time zone.
    async fn monthly_max(&self) -> Money {
        money(self.0.monthly_max, self.0.currency)
    }

    /// Which card.
    async fn card(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<SavedCard>> {
        let card = app(ctx)?.topups.card(&actor(ctx)?, self.0.card_id).await?;
        Ok(card.map(SavedCard::from))
    }

    /// How often in a row the card was declined.
    async fn failures(&self) -> i32 {
        self.0.failures
    }

    /// When it is tried again.
    async fn retry_at(&self) -> Option<DateTime> {
        self.0.retry_at.map(DateTime)
    }

    /// Why it does not charge now.
    async fn stop(&self) -> Option<RechargeStop> {
        self.0.stop.map(Into::into)
    }
}

/// Unused credit on its way back to a card.
pub struct CreditRefund(pub topups::CreditRefund);

#[Object]
impl CreditRefund {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Whose.
    async fn buyer(&self, ctx: &Context<'_>) -> async_graphql::Result<Organization> {
        buyer_of(ctx, self.0.buyer_id).await
    }

    /// Of which top-up.
    async fn card_top_up_id(&self) -> ID {
        id(self.0.card_top_up_id)
    }

    /// How much.
    async fn amount(&self) -> Money {
        self.0.amount.into()
    }

    /// Where it stands.
    async fn state(&self) -> CreditRefundState {
        self.0.state.into()
    }

    /// Why it was refused or came back, in the provider's words.
    async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it went, was refused or came back.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }
}

/// A card payment that its bank took back.
pub struct Chargeback(pub topups::Chargeback);

#[Object]
impl Chargeback {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Whose.
    async fn buyer(&self, ctx: &Context<'_>) -> async_graphql::Result<Organization> {
        buyer_of(ctx, self.0.buyer_id).await
    }

    /// Of which top-up.
    async fn card_top_up_id(&self) -> ID {
        id(self.0.card_top_up_id)
    }

    /// The provider's name of it, to find it on the provider's pages.
    async fn reference(&self) -> &str {
        &self.0.dispute
    }

    /// What was taken.
    async fn amount(&self) -> Money {
        self.0.amount.into()
    }

    /// Where it stands.
    async fn state(&self) -> ChargebackState {
        self.0.state.into()
    }

    /// Why, in the provider's words, like `fraudulent`.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// What the wallet had of it.
    async fn from_available(&self) -> Money {
        money(self.0.from_available, self.0.amount.currency)
    }

    /// What the buyer owed for it then.
    async fn from_owed(&self) -> Money {
        money(self.0.from_owed, self.0.amount.currency)
    }

    /// What of that was given up.
    async fn written_off(&self) -> Money {
        money(self.0.written_off, self.0.amount.currency)
    }

    /// Until when evidence may be sent.
    async fn evidence_due(&self) -> Option<DateTime> {
        self.0.evidence_due.map(DateTime)
    }

    /// What FINANCE noted: which evidence was sent. For operators.
    async fn note(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<&str>> {
        let reads = actor(ctx)?.may(leadbourse_core::access::Action::ReadLedger);
        Ok(self.0.note.as_deref().filter(|_| reads))
    }

    /// When it was opened.
    async fn opened_at(&self) -> DateTime {
        self.0.opened_at.into()
    }

    /// When it was won or lost.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }
}

/// Something that the card provider told.
#[derive(SimpleObject)]
pub struct ProviderEvent {
    /// Its id.
    pub id: ID,
    /// The provider's own id.
    pub reference: String,
    /// Like `payment_intent.succeeded`.
    pub kind: String,
    /// What it is about, by the provider's name.
    pub about: Option<String>,
    /// Where it stands.
    pub state: ProviderEventState,
    /// Why it is held, and what FINANCE noted.
    pub note: Option<String>,
    /// When it came.
    pub received_at: DateTime,
    /// When it was done with.
    pub ended_at: Option<DateTime>,
}

impl From<topups::ProviderEvent> for ProviderEvent {
    fn from(event: topups::ProviderEvent) -> Self {
        Self {
            id: id(event.id),
            reference: event.event,
            kind: event.kind,
            about: event.about,
            state: event.state.into(),
            note: event.note,
            received_at: event.received_at.into(),
            ended_at: event.ended_at.map(DateTime),
        }
    }
}

#[Object]
impl TopUpsQuery {
    /// Whether wallets can be topped up by card here.
    async fn card_payments(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        actor(ctx)?;
        Ok(app(ctx)?.topups.configured())
    }

    /// Top-ups by card, newest first: the buyer's own, all or one buyer's for operators.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn card_top_ups(
        &self,
        ctx: &Context<'_>,
        buyer_id: Option<ID>,
        state: Option<CardTopUpState>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<CardTopUp>> {
        let page = page(first, after.as_deref())?;
        let buyer = parse_opt_id(buyer_id.as_ref(), "buyerId")?;
        let filter = CardTopUpFilter { buyer, state: state.map(Into::into) };
        let found = app(ctx)?.topups.list(&actor(ctx)?, filter, &page).await?;
        Ok(connection(&page, found, |one| (one.top_up.id.uuid(), CardTopUp(one))))
    }

    /// One top-up by card.
    async fn card_top_up(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> async_graphql::Result<Option<CardTopUp>> {
        let id = parse_id(&id, "id")?;
        let found = app(ctx)?.topups.one(&actor(ctx)?, id).await;
        Ok(super::market::or_null(found)?.map(CardTopUp))
    }

    /// The acting buyer's cards, newest first.
    async fn saved_cards(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<SavedCard>> {
        let found = app(ctx)?.topups.saved_cards(&actor(ctx)?).await?;
        Ok(found.into_iter().map(SavedCard::from).collect())
    }

    /// The acting buyer's auto-recharge, by currency.
    async fn auto_recharges(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<AutoRecharge>> {
        let found = app(ctx)?.topups.auto_recharges(&actor(ctx)?).await?;
        Ok(found.into_iter().map(AutoRecharge).collect())
    }

    /// Refunds of credit, newest first: the buyer's own, all or one buyer's for operators.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn credit_refunds(
        &self,
        ctx: &Context<'_>,
        buyer_id: Option<ID>,
        card_top_up_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<CreditRefund>> {
        let page = page(first, after.as_deref())?;
        let buyer = parse_opt_id(buyer_id.as_ref(), "buyerId")?;
        let top_up = parse_opt_id(card_top_up_id.as_ref(), "cardTopUpId")?;
        let found = app(ctx)?.topups.refunds(&actor(ctx)?, buyer, top_up, &page).await?;
        Ok(connection(&page, found, |one| (one.id.uuid(), CreditRefund(one))))
    }

    /// Chargebacks, newest first: the buyer's own, all or one buyer's for operators.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn chargebacks(
        &self,
        ctx: &Context<'_>,
        buyer_id: Option<ID>,
        state: Option<ChargebackState>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Chargeback>> {
        let page = page(first, after.as_deref())?;
        let buyer = parse_opt_id(buyer_id.as_ref(), "buyerId")?;
        let state = state.map(Into::into);
        let found = app(ctx)?.topups.chargebacks(&actor(ctx)?, buyer, state, &page).await?;
        Ok(connection(&page, found, |one| (one.id.uuid(), Chargeback(one))))
    }

    /// What the card provider told, newest first; for operators.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn provider_events(
        &self,
        ctx: &Context<'_>,
        state: Option<ProviderEventState>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<ProviderEvent>> {
        let page = page(first, after.as_deref())?;
        let state = state.map(Into::into);
        let found = app(ctx)?.topups.events(&actor(ctx)?, state, &page).await?;
        Ok(connection(&page, found, |one| (one.id.uuid(), ProviderEvent::from(one))))
    }
}
