//! Asking for money: payment pages and saved cards.

use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::error::{NOT_FOUND, Problem};
use leadbourse_core::ids::{CardTopUpId, OrganizationId, SavedCardId};
use leadbourse_core::money::Money;
use leadbourse_core::time::{MINUTE, SECOND};
use leadbourse_core::topup::{
    CardTopUpKind, CardTopUpState, HoldReason, NO_SAVED_CARD, TOP_UP_TOO_LARGE, TOP_UP_TOO_SMALL,
    Window, check_after, to_provider, window,
};
use serde::Serialize;
use serde_json::json;

use super::model::CardTopUp;
use super::repo::{cards, top_ups};
use super::service::TopUps;
use super::steps::{CHARGE_KEPT, CHARGE_MARKED, CHARGE_SENT, PAGE_KEPT, PAGE_MARKED, PAGE_OPENED};
use crate::platform::db::WriteTx;
use crate::platform::error::Result;
use crate::platform::rails::stripe::{Failure, NewCharge, NewSession, Session};
use crate::platform::{audit, once};

/// What the payer reads.
const ABOUT: &str = "Wallet top-up";

/// A payment page that a buyer wants.
#[derive(Clone, Debug, Serialize)]
pub struct CreateCheckout {
    /// How much.
    pub amount: Money,
    /// Whether the card is kept for later.
    pub save_card: bool,
}

impl TopUps {
    /// Opens a payment page. Where the provider has not answered, the top-up has no address yet:
    /// the same key asks again.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right, `CARDS_NOT_CONFIGURED`, `TOP_UP_TOO_SMALL`,
    /// `TOP_UP_TOO_LARGE`, `CURRENCY_NOT_PAYABLE`, and those of idempotency keys.
    pub async fn create_checkout(
        &self,
        actor: &Actor,
        input: CreateCheckout,
        key: Option<&str>,
    ) -> Result<CardTopUp> {
        actor.require(Action::FundWallet)?;
        self.stripe()?;
        self.check_amount(input.amount)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let before: Option<CardTopUpId> =
            once::begin(&tx, actor, key, "createCheckout", &input).await?;
        let id = match before {
            Some(id) => id,
            None => {
                let mut wanted =
                    fresh(&tx, actor.org, CardTopUpKind::Checkout, input.amount, actor.name());
                wanted.save_card = input.save_card;
                begin(&tx, actor, &wanted).await?;
                once::finish(&tx, actor, key, &wanted.id).await?;
                wanted.id
            }
        };
        tx.commit().await?;
        self.tried(actor, id).await
    }

    /// Charges a saved card now.
    ///
    /// # Errors
    /// As [`TopUps::create_checkout`], and `NO_SAVED_CARD`. A declined card is no error: the top-up
    /// says so.
    pub async fn charge_saved_card(
        &self,
        actor: &Actor,
        amount: Money,
        card: SavedCardId,
        key: Option<&str>,
    ) -> Result<CardTopUp> {
        actor.require(Action::FundWallet)?;
        self.stripe()?;
        self.check_amount(amount)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let before: Option<CardTopUpId> =
            once::begin(&tx, actor, key, "chargeSavedCard", &(amount, card)).await?;
        let id = match before {
            Some(id) => id,
            None => {
                let known = cards::find(&tx, actor.org, card).await?;
                if known.is_none_or(|card| card.removed_at.is_some()) {
                    return Err(Problem::new(NO_SAVED_CARD).field("cardId").into());
                }
                let mut wanted =
                    fresh(&tx, actor.org, CardTopUpKind::SavedCard, amount, actor.name());
                wanted.card_id = Some(card);
                begin(&tx, actor, &wanted).await?;
                once::finish(&tx, actor, key, &wanted.id).await?;
                wanted.id
            }
        };
        tx.commit().await?;
        self.tried(actor, id).await
    }

    pub(super) fn check_amount(&self, amount: Money) -> Result<(), Problem> {
        let refuse = |code| Err(Problem::new(code).field("amount"));
        if amount.minor < self.config.min_top_up {
            return refuse(TOP_UP_TOO_SMALL);
        }
        if amount.minor > self.config.max_top_up {
            return refuse(TOP_UP_TOO_LARGE);
        }
        to_provider(amount).map(drop)
    }

    /// Goes on with a top-up, and shows what came of it. What went wrong on the way is a job's: the
    /// wish is written, and the asker is shown how it stands.
    async fn tried(&self, actor: &Actor, id: CardTopUpId) -> Result<CardTopUp> {
        if let Err(error) = self.advance(id).await {
            tracing::warn!(%error, %id, "a top-up has to be looked at again");
        }
        let tx = self.db.begin_read().await?;
        let found = top_ups::find(&tx, id).await?.ok_or(NOT_FOUND)?;
        // The key is a person's, who may have gone over to another organization.
        if found.buyer_id == actor.org { Ok(found) } else { Err(NOT_FOUND.into()) }
    }

    /// Does the next thing that a waiting top-up needs; nothing where nothing waits. May be called
    /// by anybody at any time, and be cut off anywhere.
    ///
    /// # Errors
    /// Faults; an uncertain answer of the provider is none, it is waited for.
    pub async fn advance(&self, id: CardTopUpId) -> Result<()> {
        let tx = self.db.begin_read().await?;
        let Some(known) = top_ups::find(&tx, id).await? else { return Ok(()) };
        drop(tx);
        if known.state != CardTopUpState::Pending {
            // Credited, and what the provider kept is not known yet.
            return match (&known.payment, known.check_at) {
                (Some(payment), Some(_)) => self.settle_payment(id, payment).await.map(drop),
                _ => Ok(()),
            };
        }
        if let Some(payment) = &known.payment
            && known.kind != CardTopUpKind::Checkout
        {
            return self.settle_payment(id, payment).await.map(drop);
        }
        match known.kind {
            CardTopUpKind::Checkout => self.advance_page(known).await,
            CardTopUpKind::SavedCard | CardTopUpKind::AutoRecharge => {
                self.advance_charge(known).await
            }
        }
    }

    async fn advance_page(&self, known: CardTopUp) -> Result<()> {
        if let Some(session) = &known.session {
            return match self.stripe()?.session(session).await {
                Ok(session) => self.page_now(known.id, &session).await,
                Err(failure) => self.later(known.id, &failure).await,
            };
        }
        if window(known.first_sent_at, self.clock.now()) == Window::Over {
            // Nobody was given the address: nobody can have paid.
            return self.end(known.id, CardTopUpState::Expired, None).await;
        }
        let customer = match self.customer(known.buyer_id).await? {
            Ok(customer) => customer,
            Err(failure) => return self.later(known.id, &failure).await,
        };
        let Some(known) = self.mark(known.id, &customer).await? else { return Ok(()) };
        self.steps.done(PAGE_MARKED)?;
        let reference = known.id.to_string();
        let open_for = i64::from(self.config.page_minutes) * MINUTE;
        let first_sent = known.first_sent_at.unwrap_or(known.created_at);
        let new = NewSession {
            reference: &reference,
            customer: &customer,
            amount: known.amount,
            about: ABOUT,
            save_card: known.save_card,
            paid_url: &self.wallet_url(&format!("topup={reference}")),
            back_url: &self.wallet_url(&format!("topup={reference}&cancelled=1")),
            // From the first sending: the same key has to say the same.
            expires_at: first_sent.plus(open_for).micros().div_euclid(SECOND),
        };
        match self.stripe()?.open_session(&reference, &new).await {
            Ok(session) => {
                self.steps.done(PAGE_OPENED)?;
                self.keep_session(known.id, &session).await?;
                self.steps.done(PAGE_KEPT)
            }
            Err(Failure::Refused { code, .. }) => {
                self.end(known.id, CardTopUpState::Failed, Some(&code)).await
            }
            Err(failure) => self.later(known.id, &failure).await,
        }
    }

    /// What a page says of its top-up: the payment is looked at, an ended page ends it.
    pub(super) async fn page_now(&self, id: CardTopUpId, session: &Session) -> Result<()> {
        if let Some(payment) = session.payment() {
            self.settle_payment(id, &payment).await?;
        }
        if session.status.as_deref() == Some("expired") {
            return self.end(id, CardTopUpState::Expired, None).await;
        }
        self.looked(id).await
    }

    async fn advance_charge(&self, known: CardTopUp) -> Result<()> {
        let customer = match self.customer(known.buyer_id).await? {
            Ok(customer) => customer,
            Err(failure) => return self.later(known.id, &failure).await,
        };
        let reference = known.id.to_string();
        if window(known.first_sent_at, self.clock.now()) == Window::Over {
            return self.search(&known, &customer, &reference).await;
        }
        let tx = self.db.begin_read().await?;
        let card = match known.card_id {
            Some(card) => cards::find(&tx, known.buyer_id, card).await?,
            None => None,
        };
        drop(tx);
        // A card may be removed after it was charged: what was sent is asked for all the same.
        let Some(card) = card.filter(|c| known.first_sent_at.is_some() || c.removed_at.is_none())
        else {
            return self.end(known.id, CardTopUpState::Failed, Some("NO_CARD")).await;
        };
        let Some(known) = self.mark(known.id, &customer).await? else { return Ok(()) };
        self.steps.done(CHARGE_MARKED)?;
        let new = NewCharge {
            reference: &reference,
            customer: &customer,
            method: &card.method,
            amount: known.amount,
            about: ABOUT,
        };
        let payment = match self.stripe()?.charge(&reference, &new).await {
            Ok(payment) => payment.id,
            Err(Failure::Refused { payment: Some(payment), .. }) => payment,
            Err(Failure::Refused { code, .. }) => return self.declined(known.id, &code).await,
            Err(failure) => return self.later(known.id, &failure).await,
        };
        self.steps.done(CHARGE_SENT)?;
        self.keep_payment(known.id, &payment).await?;
        self.steps.done(CHARGE_KEPT)?;
        self.settle_payment(known.id, &payment).await.map(drop)
    }

    /// The key is too old to be used again: what was done under it is looked for. Nothing found is
    /// no proof that nothing was done.
    async fn search(&self, known: &CardTopUp, customer: &str, reference: &str) -> Result<()> {
        let found = match self.stripe()?.payments_named(customer, reference).await {
            Ok(found) => found,
            Err(failure) => return self.later(known.id, &failure).await,
        };
        match found.as_slice() {
            [one] => {
                self.keep_payment(known.id, &one.id).await?;
                self.settle_payment(known.id, &one.id).await.map(drop)
            }
            _ => self.hold(known.id, HoldReason::Unanswered).await,
        }
    }

    /// Writes that the provider is asked, before it is: the first time never moves. `None` where
    /// nothing waits any more.
    async fn mark(&self, id: CardTopUpId, customer: &str) -> Result<Option<CardTopUp>> {
        let tx = self.db.begin_write(&self.clock).await?;
        let Some(mut one) = top_ups::lock(&tx, id).await? else { return Ok(None) };
        if one.state != CardTopUpState::Pending {
            return Ok(None);
        }
        one.first_sent_at = one.first_sent_at.or(Some(tx.now()));
        one.customer = one.customer.or_else(|| Some(customer.to_owned()));
        top_ups::save(&tx, &one).await?;
        tx.commit().await?;
        Ok(Some(one))
    }

    pub(super) async fn keep_session(&self, id: CardTopUpId, session: &Session) -> Result<()> {
        self.change(id, |one| {
            one.session = Some(session.id.clone());
            one.url = session.url.clone();
        })
        .await
    }

    async fn keep_payment(&self, id: CardTopUpId, payment: &str) -> Result<()> {
        self.change(id, |one| one.payment = Some(payment.to_owned())).await
    }

    /// Notes that nothing new was seen, and when to look again.
    async fn looked(&self, id: CardTopUpId) -> Result<()> {
        let now = self.clock.now();
        self.change(id, |one| {
            one.check_at = Some(check_after(one.looks, now));
            one.looks = one.looks.saturating_add(1);
        })
        .await
    }

    /// As [`Self::looked`], and tells the log why.
    pub(super) async fn later(&self, id: CardTopUpId, failure: &Failure) -> Result<()> {
        tracing::warn!(%id, %failure, "the card provider gave no certain answer");
        self.looked(id).await
    }

    /// Changes a top-up that still waits.
    async fn change(&self, id: CardTopUpId, how: impl FnOnce(&mut CardTopUp)) -> Result<()> {
        let tx = self.db.begin_write(&self.clock).await?;
        let Some(mut one) = top_ups::lock(&tx, id).await? else { return Ok(()) };
        if one.state != CardTopUpState::Pending {
            return Ok(());
        }
        how(&mut one);
        top_ups::save(&tx, &one).await?;
        tx.commit().await
    }
}

/// A wish as it is written first.
pub(super) fn fresh(
    tx: &WriteTx,
    buyer: OrganizationId,
    kind: CardTopUpKind,
    amount: Money,
    created_by: String,
) -> CardTopUp {
    let now = tx.now();
    CardTopUp {
        id: CardTopUpId::new(now),
        buyer_id: buyer,
        kind,
        amount,
        state: CardTopUpState::Pending,
        hold_reason: None,
        error: None,
        save_card: false,
        card_id: None,
        customer: None,
        session: None,
        url: None,
        payment: None,
        came_in: None,
        fee_known: false,
        note: None,
        created_by,
        decided_by: None,
        first_sent_at: None,
        check_at: Some(now.plus(MINUTE)),
        looks: 0,
        created_at: now,
        ended_at: None,
    }
}

/// Writes a wish, with its line in the log.
pub(super) async fn begin(tx: &WriteTx, actor: &Actor, wanted: &CardTopUp) -> Result<()> {
    debug_assert!(actor.kind == OrgKind::Buyer, "only buyers pay in");
    top_ups::insert(tx, wanted).await?;
    let detail = json!({"kind": wanted.kind, "amount": wanted.amount.to_string()});
    audit::record(tx, actor, "card_top_up.begin", &wanted.id.to_string(), detail).await
}
