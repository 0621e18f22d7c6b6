//! What follows from how a payment stands.

use leadbourse_core::ids::{CardTopUpId, SavedCardId, TopUpId};
use leadbourse_core::ledger::Rail;
use leadbourse_core::money::Money;
use leadbourse_core::topup::{
    Asked, CardTopUpKind, CardTopUpState, Finding, HoldReason, Paid, PaymentStatus, RechargeStop,
    after_decline, check_after, judge,
};
use serde_json::json;

use super::model::{CardTopUp, SavedCard};
use super::repo::{cards, top_ups};
use super::service::{TopUps, for_buyer, post_fee};
use super::steps::{PAYMENT_READ, PAYMENT_SETTLED};
use crate::ledger::{self, TopUp};
use crate::platform::audit;
use crate::platform::db::WriteTx;
use crate::platform::error::{Result, retry};
use crate::platform::rails::stripe::{Payment, money};

/// Looks after a credit for what the provider kept; then it is reconciliation's.
const FEE_LOOKS: i32 = 12;

/// What became of a look at a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// What followed was done.
    Done,
    /// Another payment was made for the same top-up: money came in twice.
    Second,
    /// There is no such top-up.
    NoTopUp,
    /// The provider gave no certain answer.
    Uncertain,
}

impl TopUps {
    /// Looks at a payment as it is now and does what follows. Reading it again is the rule: what
    /// was told, and what a repeated request was answered, may be old.
    ///
    /// # Errors
    /// Faults.
    pub(super) async fn settle_payment(&self, id: CardTopUpId, payment: &str) -> Result<Settled> {
        let payment = match self.stripe()?.payment(payment).await {
            Ok(payment) => payment,
            Err(failure) => {
                self.later(id, &failure).await?;
                return Ok(Settled::Uncertain);
            }
        };
        self.steps.done(PAYMENT_READ)?;
        let settled = retry(|| self.apply_payment(id, &payment)).await?;
        self.steps.done(PAYMENT_SETTLED)?;
        Ok(settled)
    }

    pub(super) async fn apply_payment(
        &self,
        id: CardTopUpId,
        payment: &Payment,
    ) -> Result<Settled> {
        let tx = self.db.begin_write(&self.clock).await?;
        let Some(mut one) = top_ups::lock(&tx, id).await? else { return Ok(Settled::NoTopUp) };
        let status = status_of(&payment.status);
        let other = one.payment.as_deref().is_some_and(|known| known != payment.id);
        if other && status == PaymentStatus::Succeeded && one.state != CardTopUpState::Pending {
            return Ok(Settled::Second);
        }
        let customer = payment.customer();
        let came_in = money(payment.amount_received, &payment.currency);
        let unattended = one.kind != CardTopUpKind::Checkout;
        let asked = Asked {
            state: one.state,
            amount: one.amount,
            customer: one.customer.as_deref(),
            unattended,
        };
        let paid = Paid { status, amount: came_in, customer: customer.as_deref() };
        let now = tx.now();
        let found = judge(asked, paid);
        if one.payment.is_none() || found != Finding::Nothing {
            one.payment = Some(payment.id.clone());
        }
        match found {
            Finding::Credit => self.credit(&tx, &mut one, payment).await?,
            Finding::Fail => {
                fail(&tx, &mut one, payment.decline().unwrap_or("canceled")).await?;
            }
            Finding::Hold(reason) => {
                one.came_in =
                    came_in.or(Some(Money::new(payment.amount_received, one.amount.currency)));
                held(&tx, &mut one, reason).await?;
            }
            Finding::Nothing => {
                one.looks = one.looks.saturating_add(1);
                one.check_at = one.check_at.map(|_| check_after(one.looks, now));
            }
        }
        if let Some(kept) = payment.fee()
            && one.state == CardTopUpState::Credited
            && !one.fee_known
        {
            one.fee_known = post_fee(&tx, kept, &one.id.to_string()).await?;
        }
        if one.state == CardTopUpState::Credited && (one.fee_known || one.looks >= FEE_LOOKS) {
            one.check_at = None;
        }
        top_ups::save(&tx, &one).await?;
        tx.commit().await?;
        Ok(Settled::Done)
    }

    async fn credit(&self, tx: &WriteTx, one: &mut CardTopUp, payment: &Payment) -> Result<()> {
        one.came_in = Some(one.amount);
        credited(tx, one, one.amount).await?;
        one.looks = 0;
        one.check_at = Some(check_after(0, tx.now()));
        let keeps = payment.setup_future_usage.as_deref() == Some("off_session");
        if let Some(method) = payment.method().filter(|_| keeps && one.save_card) {
            let face = payment.card();
            let card = SavedCard {
                id: SavedCardId::derived(&[b"stripe", method.as_bytes()]),
                buyer_id: one.buyer_id,
                method,
                brand: face.and_then(|face| face.brand.clone()),
                last4: face.and_then(|face| face.last4.clone()),
                exp_month: face.and_then(|face| face.exp_month),
                exp_year: face.and_then(|face| face.exp_year),
                created_at: tx.now(),
                removed_at: None,
            };
            one.card_id = Some(card.id);
            cards::keep(tx, &card).await?;
        }
        Ok(())
    }

    /// Ends a top-up that still waits.
    pub(super) async fn end(
        &self,
        id: CardTopUpId,
        state: CardTopUpState,
        error: Option<&str>,
    ) -> Result<()> {
        let tx = self.db.begin_write(&self.clock).await?;
        let Some(mut one) = top_ups::lock(&tx, id).await? else { return Ok(()) };
        if one.state != CardTopUpState::Pending {
            return Ok(());
        }
        match error {
            Some(error) => {
                fail(&tx, &mut one, error).await?;
                one.state = state;
            }
            None => close(&mut one, state, tx.now()),
        }
        top_ups::save(&tx, &one).await?;
        tx.commit().await
    }

    /// A saved card was declined before there was a payment.
    pub(super) async fn declined(&self, id: CardTopUpId, code: &str) -> Result<()> {
        self.end(id, CardTopUpState::Failed, Some(code)).await
    }

    /// Gives a top-up that still waits to FINANCE.
    pub(super) async fn hold(&self, id: CardTopUpId, reason: HoldReason) -> Result<()> {
        let tx = self.db.begin_write(&self.clock).await?;
        let Some(mut one) = top_ups::lock(&tx, id).await? else { return Ok(()) };
        if one.state != CardTopUpState::Pending {
            return Ok(());
        }
        held(&tx, &mut one, reason).await?;
        top_ups::save(&tx, &one).await?;
        tx.commit().await
    }
}

/// Puts money into the wallet, under an id that is the top-up's: once, whoever comes.
pub(super) async fn credited(tx: &WriteTx, one: &mut CardTopUp, amount: Money) -> Result<()> {
    let top_up = TopUp {
        id: TopUpId(one.id.uuid()),
        buyer_id: one.buyer_id,
        amount,
        rail: Rail::Stripe.as_str().to_owned(),
        reference: one.payment.clone().unwrap_or_else(|| one.id.to_string()),
        note: None,
        recorded_by: one.decided_by.clone().unwrap_or_else(|| one.created_by.clone()),
        at: tx.now(),
    };
    ledger::credit(tx, &top_up, Rail::Stripe).await?;
    close(one, CardTopUpState::Credited, tx.now());
    one.hold_reason = None;
    one.error = None;
    if one.kind == CardTopUpKind::AutoRecharge {
        recharged(tx, one, None).await?;
    }
    let detail = json!({"amount": amount.to_string(), "payment": one.payment});
    let id = one.id.to_string();
    audit::record(tx, &for_buyer(one.buyer_id), "card_top_up.credit", &id, detail).await
}

async fn fail(tx: &WriteTx, one: &mut CardTopUp, code: &str) -> Result<()> {
    close(one, CardTopUpState::Failed, tx.now());
    one.error = Some(code.chars().take(100).collect());
    if one.kind == CardTopUpKind::AutoRecharge {
        recharged(tx, one, Some(code)).await?;
    }
    let detail = json!({"error": one.error});
    let id = one.id.to_string();
    audit::record(tx, &for_buyer(one.buyer_id), "card_top_up.fail", &id, detail).await
}

async fn held(tx: &WriteTx, one: &mut CardTopUp, reason: HoldReason) -> Result<()> {
    close(one, CardTopUpState::Held, tx.now());
    one.hold_reason = Some(reason);
    let detail = json!({"reason": reason, "cameIn": one.came_in.map(|sum| sum.to_string())});
    let id = one.id.to_string();
    audit::record(tx, &for_buyer(one.buyer_id), "card_top_up.hold", &id, detail).await
}

fn close(one: &mut CardTopUp, state: CardTopUpState, now: leadbourse_core::time::Timestamp) {
    one.state = state;
    one.url = None;
    one.check_at = None;
    one.ended_at = Some(now);
}

/// What a charge of auto-recharge means for the next one.
async fn recharged(tx: &WriteTx, one: &CardTopUp, decline: Option<&str>) -> Result<()> {
    let (buyer, currency) = (one.buyer_id, one.amount.currency);
    let Some(mut settings) = cards::lock_recharge(tx, buyer, currency).await? else {
        return Ok(());
    };
    match decline {
        None => {
            settings.failures = 0;
            settings.retry_at = None;
            settings.stop = None;
        }
        Some(_) => {
            settings.failures = settings.failures.saturating_add(1);
            settings.retry_at = after_decline(settings.failures, tx.now());
            let again = settings.retry_at.is_some();
            settings.stop =
                Some(if again { RechargeStop::Declined } else { RechargeStop::GivenUp });
        }
    }
    cards::save_recharge(tx, &settings).await
}

/// Stripe's words for how far a payment is.
fn status_of(word: &str) -> PaymentStatus {
    match word {
        "succeeded" => PaymentStatus::Succeeded,
        "requires_payment_method" | "requires_action" => PaymentStatus::Declined,
        "canceled" => PaymentStatus::Canceled,
        _ => PaymentStatus::Open,
    }
}
