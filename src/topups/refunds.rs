//! Unused credit, back to the card that it came from.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::error::{NOT_FOUND, Problem};
use leadbourse_core::ids::{CardTopUpId, CreditRefundId};
use leadbourse_core::ledger::cards::{self, Moved};
use leadbourse_core::ledger::{AMOUNT_NOT_POSITIVE, Account, Rail};
use leadbourse_core::money::Money;
use leadbourse_core::time::MINUTE;
use leadbourse_core::topup::{
    CardTopUpState, CreditRefundState, NOTHING_TO_REFUND, RefundStatus, Window, check_after,
    refundable, to_provider, window,
};
use serde_json::json;

use super::model::{CardTopUp, CreditRefund};
use super::repo::{others, top_ups};
use super::service::{TopUps, for_buyer};
use super::steps::{REFUND_KEPT, REFUND_MARKED, REFUND_READ, REFUND_SENT, REFUND_SETTLED};
use crate::ledger;
use crate::platform::db::WriteTx;
use crate::platform::error::{Result, retry};
use crate::platform::rails::stripe::{Failure, Refund, money};
use crate::platform::{audit, once};

impl TopUps {
    /// Sends unused credit of a top-up back to its card: all that may go where no amount is said.
    /// It leaves the wallet at once.
    ///
    /// # Errors
    /// `NOT_FOUND`, `CARDS_NOT_CONFIGURED`, `NOTHING_TO_REFUND`, `CURRENCY_NOT_PAYABLE`, and those
    /// of idempotency keys.
    pub async fn refund_credit(
        &self,
        actor: &Actor,
        top_up: CardTopUpId,
        amount: Option<Money>,
        key: Option<&str>,
    ) -> Result<CreditRefund> {
        actor.require(Action::FundWallet)?;
        self.stripe()?;
        if amount.is_some_and(|amount| amount.minor <= 0) {
            return Err(Problem::new(AMOUNT_NOT_POSITIVE).field("amount").into());
        }
        let id = retry(|| self.begin_refund(actor, top_up, amount, key)).await?;
        if let Err(error) = self.advance_refund(id).await {
            tracing::warn!(%error, %id, "a refund has to be looked at again");
        }
        let tx = self.db.begin_read().await?;
        let found = others::find_refund(&tx, id).await?.ok_or(NOT_FOUND)?;
        if found.buyer_id == actor.org { Ok(found) } else { Err(NOT_FOUND.into()) }
    }

    async fn begin_refund(
        &self,
        actor: &Actor,
        top_up: CardTopUpId,
        amount: Option<Money>,
        key: Option<&str>,
    ) -> Result<CreditRefundId> {
        let tx = self.db.begin_write(&self.clock).await?;
        let before: Option<CreditRefundId> =
            once::begin(&tx, actor, key, "refundCredit", &(top_up, amount)).await?;
        if let Some(id) = before {
            return Ok(id);
        }
        let one = top_ups::lock(&tx, top_up).await?.filter(|one| one.buyer_id == actor.org);
        let one = one.ok_or(NOT_FOUND)?;
        let most = spare(&tx, &one).await?;
        let asked = amount.unwrap_or(Money::new(most, one.amount.currency));
        let fits = asked.currency == one.amount.currency && (1..=most).contains(&asked.minor);
        if !fits || one.payment.is_none() {
            return Err(Problem::new(NOTHING_TO_REFUND).field("amount").into());
        }
        to_provider(asked)?;
        let now = tx.now();
        let refund = CreditRefund {
            id: CreditRefundId::new(now),
            buyer_id: actor.org,
            card_top_up_id: top_up,
            amount: asked,
            state: CreditRefundState::Pending,
            refund: None,
            error: None,
            requested_by: actor.name(),
            first_sent_at: None,
            check_at: Some(now.plus(MINUTE)),
            looks: 0,
            created_at: now,
            ended_at: None,
        };
        others::insert_refund(&tx, &refund).await?;
        let moved = Moved { buyer: actor.org, amount: asked, at: now };
        ledger::post(&tx, &[cards::refund_begin(refund.id, moved)?]).await?;
        let detail = json!({"topUp": top_up, "amount": asked.to_string()});
        audit::record(&tx, actor, "credit_refund.begin", &refund.id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &refund.id).await?;
        tx.commit().await?;
        Ok(refund.id)
    }

    /// Does the next thing that a waiting refund needs. May be called by anybody at any time, and
    /// be cut off anywhere.
    ///
    /// # Errors
    /// Faults; an uncertain answer of the provider is none, it is waited for.
    pub async fn advance_refund(&self, id: CreditRefundId) -> Result<()> {
        let tx = self.db.begin_read().await?;
        let Some(known) = others::find_refund(&tx, id).await? else { return Ok(()) };
        let top_up = top_ups::find(&tx, known.card_top_up_id).await?;
        drop(tx);
        let payment = top_up.and_then(|top_up| top_up.payment);
        let (CreditRefundState::Pending, Some(payment)) = (known.state, payment) else {
            return Ok(());
        };
        if let Some(refund) = &known.refund {
            return self.look_at_refund(id, refund).await;
        }
        let reference = id.to_string();
        let stripe = self.stripe()?;
        if window(known.first_sent_at, self.clock.now()) == Window::Over {
            let found = match stripe.refunds_named(&payment, &reference).await {
                Ok(found) => found,
                Err(failure) => return self.refund_later(id, &failure).await,
            };
            return match found.as_slice() {
                [one] => {
                    self.keep_refund(id, &one.id).await?;
                    self.look_at_refund(id, &one.id).await
                }
                // Nothing found is no proof that nothing was done: it stays out of the wallet.
                _ => self.lose_sight(id).await,
            };
        }
        if !self.mark_refund(id).await? {
            return Ok(());
        }
        self.steps.done(REFUND_MARKED)?;
        match stripe.refund(&reference, &reference, &payment, known.amount).await {
            Ok(refund) => {
                self.steps.done(REFUND_SENT)?;
                self.keep_refund(id, &refund.id).await?;
                self.steps.done(REFUND_KEPT)?;
                self.look_at_refund(id, &refund.id).await
            }
            Err(Failure::Refused { code, .. }) => {
                retry(|| self.end_refund(id, RefundStatus::Failed, Some(&code))).await
            }
            Err(failure) => self.refund_later(id, &failure).await,
        }
    }

    /// Reads how a refund stands and does what follows.
    pub(super) async fn look_at_refund(&self, id: CreditRefundId, refund: &str) -> Result<()> {
        let now = match self.stripe()?.refund_now(refund).await {
            Ok(now) => now,
            Err(failure) => return self.refund_later(id, &failure).await,
        };
        self.steps.done(REFUND_READ)?;
        let status = match now.status.as_deref() {
            Some("succeeded") => RefundStatus::Succeeded,
            Some("failed" | "canceled") => RefundStatus::Failed,
            _ => RefundStatus::Pending,
        };
        self.keep_refund(id, &now.id).await?;
        if !self.same_sum(id, &now).await? {
            return self.lose_sight(id).await;
        }
        let why = now.failure_reason.as_deref();
        retry(|| self.end_refund(id, status, why)).await?;
        self.steps.done(REFUND_SETTLED)
    }

    async fn same_sum(&self, id: CreditRefundId, now: &Refund) -> Result<bool> {
        let tx = self.db.begin_read().await?;
        let known = others::find_refund(&tx, id).await?;
        Ok(known.is_some_and(|known| money(now.amount, &now.currency) == Some(known.amount)))
    }

    /// Writes what became of a refund: each end once, from the state that it fits.
    async fn end_refund(
        &self,
        id: CreditRefundId,
        status: RefundStatus,
        why: Option<&str>,
    ) -> Result<()> {
        use CreditRefundState as S;
        let tx = self.db.begin_write(&self.clock).await?;
        let Some(mut one) = others::lock_refund(&tx, id).await? else { return Ok(()) };
        let now = tx.now();
        let (buyer, currency) = (one.buyer_id, one.amount.currency);
        let moved = Moved { buyer, amount: one.amount, at: now };
        let next = match (one.state, status) {
            (S::Pending | S::Unknown, RefundStatus::Succeeded) => S::Confirmed,
            (S::Pending | S::Unknown, RefundStatus::Failed) => S::Refused,
            (S::Confirmed, RefundStatus::Failed) => S::Returned,
            (S::Pending, RefundStatus::Pending) => {
                one.check_at = Some(check_after(one.looks, now));
                one.looks = one.looks.saturating_add(1);
                others::save_refund(&tx, &one).await?;
                return tx.commit().await;
            }
            _ => return Ok(()),
        };
        let posted = match next {
            S::Confirmed => cards::refund_confirmed(id, Rail::Stripe, moved)?,
            _ => {
                let debt = ledger::debt_of(&tx, buyer, currency).await?;
                match next {
                    S::Returned => cards::refund_returned(id, Rail::Stripe, moved, debt)?,
                    _ => cards::refund_refused(id, moved, debt)?,
                }
            }
        };
        ledger::post(&tx, &[posted]).await?;
        if next != S::Confirmed {
            ledger::tell_credited(&tx, buyer, currency).await?;
        }
        one.state = next;
        one.error = why.map(|why| why.chars().take(100).collect());
        one.check_at = None;
        one.ended_at = Some(now);
        others::save_refund(&tx, &one).await?;
        let detail = json!({"state": next, "error": one.error});
        let actor = for_buyer(buyer);
        audit::record(&tx, &actor, "credit_refund.end", &id.to_string(), detail).await?;
        tx.commit().await
    }

    async fn mark_refund(&self, id: CreditRefundId) -> Result<bool> {
        self.change_refund(id, |one, now| one.first_sent_at = one.first_sent_at.or(Some(now))).await
    }

    async fn keep_refund(&self, id: CreditRefundId, refund: &str) -> Result<()> {
        self.change_refund(id, |one, _| one.refund = Some(refund.to_owned())).await.map(drop)
    }

    async fn lose_sight(&self, id: CreditRefundId) -> Result<()> {
        self.change_refund(id, |one, _| {
            one.state = CreditRefundState::Unknown;
            one.check_at = None;
        })
        .await
        .map(drop)
    }

    pub(super) async fn refund_later(&self, id: CreditRefundId, failure: &Failure) -> Result<()> {
        tracing::warn!(%id, %failure, "the card provider gave no certain answer");
        self.change_refund(id, |one, now| {
            one.check_at = Some(check_after(one.looks, now));
            one.looks = one.looks.saturating_add(1);
        })
        .await
        .map(drop)
    }

    /// Changes a refund that still waits; false where none does.
    async fn change_refund(
        &self,
        id: CreditRefundId,
        how: impl FnOnce(&mut CreditRefund, leadbourse_core::time::Timestamp),
    ) -> Result<bool> {
        let tx = self.db.begin_write(&self.clock).await?;
        let Some(mut one) = others::lock_refund(&tx, id).await? else { return Ok(false) };
        if one.state != CreditRefundState::Pending {
            return Ok(false);
        }
        how(&mut one, tx.now());
        others::save_refund(&tx, &one).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// How much of a top-up may go back now. Locks the buyer's free money and debt.
pub(super) async fn spare(tx: &WriteTx, one: &CardTopUp) -> Result<i64> {
    if one.state != CardTopUpState::Credited {
        return Ok(0);
    }
    let (buyer, currency) = (one.buyer_id, one.amount.currency);
    let (available, owed) = (Account::available(buyer, currency), Account::owed(buyer, currency));
    // What is lent is not the buyer's to take out.
    let lent = Account::credit(buyer, currency);
    let balances = ledger::lock_balances(tx, &[available, owed, lent]).await?;
    let of = |account: Account| balances.get(&account.id()).copied().unwrap_or(0);
    let gone = others::gone(tx, &[one.id]).await?.get(&one.id).copied().unwrap_or_default();
    let credited = one.came_in.map_or(0, |sum| sum.minor);
    let own = of(available).saturating_add(of(lent));
    Ok(refundable(credited, gone.in_all(), own, of(owed).saturating_neg()))
}
