//! What buyers and FINANCE do with top-ups by card.

use async_graphql::{Context, ID, InputObject, Object};
use leadbourse_core::access::Action;
use leadbourse_core::error::{BAD_INPUT, Problem};
use leadbourse_core::ids::{CardTopUpId, SavedCardId};
use leadbourse_core::money::Currency;

use super::context::{actor, app};
use super::scalars::{MoneyInput, parse_id};
use super::topups::{AutoRecharge, CardTopUp, Chargeback, CreditRefund, ProviderEvent, SavedCard};
use crate::payload;
use crate::topups::{CreateCheckout, SetAutoRecharge};

/// Mutations of top-ups by card.
#[derive(Default)]
pub struct TopUpsMutation;

/// A payment page to be opened.
#[derive(InputObject)]
pub struct CreateCheckoutInput {
    /// How much.
    pub amount: MoneyInput,
    /// Whether the card is kept for later; no if not said.
    pub save_card: Option<bool>,
    /// The same key with the same input gives the same top-up.
    pub idempotency_key: String,
}

/// A saved card to be charged now.
#[derive(InputObject)]
pub struct ChargeSavedCardInput {
    /// How much.
    pub amount: MoneyInput,
    /// Which card.
    pub card_id: ID,
    /// The same key with the same input gives the same top-up.
    pub idempotency_key: String,
}

/// A card to be forgotten.
#[derive(InputObject)]
pub struct RemoveSavedCardInput {
    /// Which card.
    pub card_id: ID,
}

/// When a saved card is to be charged by itself.
#[derive(InputObject)]
pub struct SetAutoRechargeInput {
    /// Whether it is on.
    pub enabled: bool,
    /// Under this the card is charged.
    pub threshold: MoneyInput,
    /// With so much; in the same currency.
    pub amount: MoneyInput,
    /// At most so much in a calendar month; in the same currency.
    pub monthly_max: MoneyInput,
    /// Which card.
    pub card_id: ID,
    /// The same key with the same input gives the same answer.
    pub idempotency_key: String,
}

/// Unused credit to be sent back to its card.
#[derive(InputObject)]
pub struct RefundCreditInput {
    /// Of which top-up.
    pub card_top_up_id: ID,
    /// How much; all that may go if not said.
    pub amount: Option<MoneyInput>,
    /// The same key with the same input gives the same refund.
    pub idempotency_key: String,
}

/// A decision about a held top-up.
#[derive(InputObject)]
pub struct ResolveHeldTopUpInput {
    /// Which top-up.
    pub card_top_up_id: ID,
    /// Whether what came in goes into the wallet.
    pub credit: bool,
    /// Why; at most 1,000 characters.
    pub note: Option<String>,
    /// The same key with the same input gives the same answer.
    pub idempotency_key: String,
}

/// A held event that somebody has looked at.
#[derive(InputObject)]
pub struct DismissProviderEventInput {
    /// Which event.
    pub id: ID,
    /// What was found; at most 1,000 characters.
    pub note: Option<String>,
}

/// What a lost chargeback left owing, to be given up.
#[derive(InputObject)]
pub struct WriteOffChargebackInput {
    /// Which chargeback.
    pub id: ID,
    /// The same key with the same input gives the same answer.
    pub idempotency_key: String,
}

/// A note on a chargeback.
#[derive(InputObject)]
pub struct NoteChargebackInput {
    /// Which chargeback.
    pub id: ID,
    /// Which evidence was sent; at most 2,000 characters, empty to remove it.
    pub note: String,
}

payload! { CreateCheckoutPayload { card_top_up: CardTopUp } }
payload! { ChargeSavedCardPayload { card_top_up: CardTopUp } }
payload! { RemoveSavedCardPayload { card: SavedCard } }
payload! { SetAutoRechargePayload { auto_recharge: AutoRecharge } }
payload! { RefundCreditPayload { credit_refund: CreditRefund } }
payload! { ResolveHeldTopUpPayload { card_top_up: CardTopUp } }
payload! { DismissProviderEventPayload { event: ProviderEvent } }
payload! { WriteOffChargebackPayload { chargeback: Chargeback } }
payload! { NoteChargebackPayload { chargeback: Chargeback } }

#[Object]
impl TopUpsMutation {
    /// Opens a page of the card provider's to pay on. Send the browser to its `url`.
    async fn create_checkout(
        &self,
        ctx: &Context<'_>,
        input: CreateCheckoutInput,
    ) -> async_graphql::Result<CreateCheckoutPayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        CreateCheckoutPayload::of(
            async {
                actor.require(Action::FundWallet)?;
                let amount = input.amount.parse("amount")?;
                let wish = CreateCheckout { amount, save_card: input.save_card.unwrap_or(false) };
                let key = Some(input.idempotency_key.as_str());
                let made = app.topups.create_checkout(&actor, wish, key).await?;
                Ok(CardTopUp(app.topups.one(&actor, made.id).await?))
            }
            .await,
        )
    }

    /// Charges a saved card now. A declined card is no refusal: the top-up says `FAILED` and why.
    async fn charge_saved_card(
        &self,
        ctx: &Context<'_>,
        input: ChargeSavedCardInput,
    ) -> async_graphql::Result<ChargeSavedCardPayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        ChargeSavedCardPayload::of(
            async {
                actor.require(Action::FundWallet)?;
                let amount = input.amount.parse("amount")?;
                let card: SavedCardId = parse_id(&input.card_id, "cardId")?;
                let key = Some(input.idempotency_key.as_str());
                let made = app.topups.charge_saved_card(&actor, amount, card, key).await?;
                Ok(CardTopUp(app.topups.one(&actor, made.id).await?))
            }
            .await,
        )
    }

    /// Forgets a card; auto-recharge that used it stops.
    async fn remove_saved_card(
        &self,
        ctx: &Context<'_>,
        input: RemoveSavedCardInput,
    ) -> async_graphql::Result<RemoveSavedCardPayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        RemoveSavedCardPayload::of(
            async {
                actor.require(Action::FundWallet)?;
                let card = parse_id(&input.card_id, "cardId")?;
                Ok(app.topups.remove_card(&actor, card).await?.into())
            }
            .await,
        )
    }

    /// Sets when a saved card is charged by itself.
    async fn set_auto_recharge(
        &self,
        ctx: &Context<'_>,
        input: SetAutoRechargeInput,
    ) -> async_graphql::Result<SetAutoRechargePayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        SetAutoRechargePayload::of(
            async {
                actor.require(Action::FundWallet)?;
                let amount = input.amount.parse("amount")?;
                let currency = amount.currency;
                let same = |sum: MoneyInput, field: &'static str| {
                    let sum = sum.parse(field)?;
                    let fits = |wanted: Currency| sum.currency == wanted;
                    let bad = || Problem::new(BAD_INPUT).field(format!("{field}.currency"));
                    if fits(currency) { Ok(sum.minor) } else { Err(bad()) }
                };
                let wish = SetAutoRecharge {
                    currency,
                    enabled: input.enabled,
                    threshold: same(input.threshold, "threshold")?,
                    amount: amount.minor,
                    monthly_max: same(input.monthly_max, "monthlyMax")?,
                    card_id: parse_id(&input.card_id, "cardId")?,
                };
                let key = Some(input.idempotency_key.as_str());
                Ok(AutoRecharge(app.topups.set_auto_recharge(&actor, wish, key).await?))
            }
            .await,
        )
    }

    /// Sends unused credit of a top-up back to its card.
    async fn refund_credit(
        &self,
        ctx: &Context<'_>,
        input: RefundCreditInput,
    ) -> async_graphql::Result<RefundCreditPayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        RefundCreditPayload::of(
            async {
                actor.require(Action::FundWallet)?;
                let id: CardTopUpId = parse_id(&input.card_top_up_id, "cardTopUpId")?;
                app.topups.one(&actor, id).await?;
                let amount = input.amount.map(|sum| sum.parse("amount")).transpose()?;
                let key = Some(input.idempotency_key.as_str());
                Ok(CreditRefund(app.topups.refund_credit(&actor, id, amount, key).await?))
            }
            .await,
        )
    }

    /// FINANCE credits what truly came in for a held top-up, or dismisses it.
    async fn resolve_held_top_up(
        &self,
        ctx: &Context<'_>,
        input: ResolveHeldTopUpInput,
    ) -> async_graphql::Result<ResolveHeldTopUpPayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        ResolveHeldTopUpPayload::of(
            async {
                actor.require(Action::RecordMoney)?;
                let id: CardTopUpId = parse_id(&input.card_top_up_id, "cardTopUpId")?;
                app.topups.one(&actor, id).await?;
                let note = input.note.unwrap_or_default();
                let key = Some(input.idempotency_key.as_str());
                let decision = (input.credit, note.as_str());
                app.topups.resolve_held(&actor, id, decision, key).await?;
                Ok(CardTopUp(app.topups.one(&actor, id).await?))
            }
            .await,
        )
    }

    /// FINANCE has looked at a held event.
    async fn dismiss_provider_event(
        &self,
        ctx: &Context<'_>,
        input: DismissProviderEventInput,
    ) -> async_graphql::Result<DismissProviderEventPayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        DismissProviderEventPayload::of(
            async {
                actor.require(Action::RecordMoney)?;
                let id = parse_id(&input.id, "id")?;
                let note = input.note.unwrap_or_default();
                Ok(app.topups.dismiss_event(&actor, id, &note).await?.into())
            }
            .await,
        )
    }

    /// FINANCE gives up what a lost chargeback left owing.
    async fn write_off_chargeback(
        &self,
        ctx: &Context<'_>,
        input: WriteOffChargebackInput,
    ) -> async_graphql::Result<WriteOffChargebackPayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        WriteOffChargebackPayload::of(
            async {
                actor.require(Action::RecordMoney)?;
                let id = parse_id(&input.id, "id")?;
                let key = Some(input.idempotency_key.as_str());
                Ok(Chargeback(app.topups.write_off_chargeback(&actor, id, key).await?))
            }
            .await,
        )
    }

    /// FINANCE notes which evidence was sent for a chargeback.
    async fn note_chargeback(
        &self,
        ctx: &Context<'_>,
        input: NoteChargebackInput,
    ) -> async_graphql::Result<NoteChargebackPayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        NoteChargebackPayload::of(
            async {
                actor.require(Action::RecordMoney)?;
                let id = parse_id(&input.id, "id")?;
                Ok(Chargeback(app.topups.note_chargeback(&actor, id, &input.note).await?))
            }
            .await,
        )
    }
}
