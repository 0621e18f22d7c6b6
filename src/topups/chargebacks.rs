//! Card payments that their bank takes back.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::error::{INVALID_STATE, NOT_FOUND, Problem, TOO_LONG};
use leadbourse_core::ids::ChargebackId;
use leadbourse_core::ledger::cards::{self as templates, Moved};
use leadbourse_core::ledger::{Account, Rail};
use leadbourse_core::money::Money;
use leadbourse_core::time::{SECOND, Timestamp};
use leadbourse_core::topup::{
    CardTopUpState, ChargebackState, NOTHING_TO_WRITE_OFF, ProviderEventState, RechargeStop,
};
use serde_json::json;

use super::model::{CardTopUp, Chargeback};
use super::repo::{cards, others, top_ups};
use super::service::{TopUps, for_buyer, post_fee};
use super::steps::{DISPUTE_READ, DISPUTE_SETTLED};
use crate::accounts;
use crate::conversions;
use crate::ledger;
use crate::offers::{self, PauseReason};
use crate::platform::db::WriteTx;
use crate::platform::error::{Result, retry};
use crate::platform::rails::stripe::{Dispute, Failure, money};
use crate::platform::{audit, once};

/// What the organization's page says.
const SUSPENDED: &str = "A card payment was disputed.";

/// What follows from an event, and a note where FINANCE has to look.
pub(super) type Handled = (ProviderEventState, Option<String>);

pub(super) fn held(note: impl Into<String>) -> Handled {
    (ProviderEventState::Held, Some(note.into()))
}

impl TopUps {
    /// Looks at a dispute as it is now and does what follows.
    ///
    /// # Errors
    /// Faults, and an uncertain answer: whoever called comes again.
    pub(super) async fn look_at_dispute(&self, dispute: &str) -> Result<Handled> {
        let dispute = match self.stripe()?.dispute(dispute).await {
            Ok(dispute) => dispute,
            Err(Failure::Refused { code, .. }) => return Ok(held(format!("dispute: {code}"))),
            Err(failure) => return Err(failure.into()),
        };
        self.steps.done(DISPUTE_READ)?;
        // An inquiry takes nothing yet.
        let taken =
            matches!(dispute.status.as_str(), "needs_response" | "under_review" | "won" | "lost");
        if !taken {
            return Ok((ProviderEventState::Ignored, Some(dispute.status)));
        }
        let Some(amount) = money(dispute.amount, &dispute.currency).filter(|sum| sum.minor > 0)
        else {
            return Ok(held("the disputed amount is no sum that can be named"));
        };
        let Some(payment) = dispute.payment() else { return Ok(held("no payment is named")) };
        let tx = self.db.begin_read().await?;
        let top_up = top_ups::by_payment(&tx, &payment).await?;
        drop(tx);
        let Some(top_up) = top_up else { return Ok(held("the payment is not known here")) };
        if top_up.state != CardTopUpState::Credited {
            return Ok(held("the payment is in no wallet"));
        }
        let handled = retry(|| self.apply_dispute(&top_up, &dispute, amount)).await?;
        self.accounts.rights_changed().await;
        self.steps.done(DISPUTE_SETTLED)?;
        Ok(handled)
    }

    async fn apply_dispute(
        &self,
        top_up: &CardTopUp,
        dispute: &Dispute,
        amount: Money,
    ) -> Result<Handled> {
        let id = ChargebackId::derived(&[b"stripe", dispute.id.as_bytes()]);
        let tx = self.db.begin_write(&self.clock).await?;
        // The top-up first: of two that come at once the second finds what the first wrote.
        top_ups::lock(&tx, top_up.id).await?.ok_or(NOT_FOUND)?;
        let known = others::lock_chargeback(&tx, id).await?;
        let fresh = known.is_none();
        let mut one = match known {
            Some(known) if known.amount != amount => {
                return Ok(held(format!("{id} was {}, and is {amount} now", known.amount)));
            }
            Some(known) => known,
            None => open(&tx, id, top_up, dispute, amount).await?,
        };
        let ended = match (one.state, dispute.status.as_str()) {
            (ChargebackState::Open, "won") => Some(ChargebackState::Won),
            (ChargebackState::Open, "lost") => Some(ChargebackState::Lost),
            _ => None,
        };
        if ended == Some(ChargebackState::Won) {
            win(&tx, &one).await?;
        }
        for kept in &dispute.balance_transactions {
            post_fee(&tx, kept, &top_up.id.to_string()).await?;
        }
        one.evidence_due = due(dispute);
        if let Some(state) = ended {
            one.state = state;
            one.ended_at = Some(tx.now());
        }
        others::save_chargeback(&tx, &one).await?;
        let mut paused = Vec::new();
        if fresh {
            stop_recharge(&tx, &one).await?;
            // The market last, then the log: the order of locks.
            accounts::suspend_in(&tx, one.buyer_id, SUSPENDED).await?;
            paused = offers::pause_all_in(&tx, one.buyer_id, PauseReason::Chargeback).await?;
        }
        if fresh || ended.is_some() {
            let detail = json!({"state": one.state, "amount": amount.to_string(),
                "topUp": top_up.id, "paused": paused});
            let actor = for_buyer(one.buyer_id);
            audit::record(&tx, &actor, "chargeback", &id.to_string(), detail).await?;
        }
        tx.commit().await?;
        Ok((ProviderEventState::Done, None))
    }

    /// Gives up what a lost chargeback left owing.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE` where it is not lost, `NOTHING_TO_WRITE_OFF`, and those of
    /// idempotency keys.
    pub async fn write_off_chargeback(
        &self,
        actor: &Actor,
        id: ChargebackId,
        key: Option<&str>,
    ) -> Result<Chargeback> {
        actor.require(Action::RecordMoney)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let before: Option<ChargebackId> =
            once::begin(&tx, actor, key, "writeOffChargeback", &id).await?;
        let mut one = others::lock_chargeback(&tx, id).await?.ok_or(NOT_FOUND)?;
        if before.is_some() {
            return Ok(one);
        }
        if one.state != ChargebackState::Lost {
            return Err(INVALID_STATE.into());
        }
        let (buyer, currency) = (one.buyer_id, one.amount.currency);
        let debt = ledger::debt_of(&tx, buyer, currency).await?;
        // What conversions explain of the debt is their publishers' money, and stays owed.
        let unfunded = conversions::unfunded_sum(&tx, buyer, currency).await?;
        let lost = one.from_owed.saturating_sub(one.written_off);
        let amount = lost.min(debt.saturating_sub(unfunded));
        if amount <= 0 || one.written_off > 0 {
            return Err(NOTHING_TO_WRITE_OFF.into());
        }
        let moved = Moved { buyer, amount: Money::new(amount, currency), at: tx.now() };
        ledger::post(&tx, &[templates::write_off(id, moved)?]).await?;
        one.written_off = amount;
        others::save_chargeback(&tx, &one).await?;
        let detail = json!({"amount": moved.amount.to_string()});
        audit::record(&tx, actor, "chargeback.write_off", &id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &id).await?;
        tx.commit().await?;
        Ok(one)
    }

    /// Notes which evidence was sent; it is sent on the provider's own pages.
    ///
    /// # Errors
    /// `NOT_FOUND`, `TOO_LONG`.
    pub async fn note_chargeback(
        &self,
        actor: &Actor,
        id: ChargebackId,
        note: &str,
    ) -> Result<Chargeback> {
        actor.require(Action::RecordMoney)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let mut one = others::lock_chargeback(&tx, id).await?.ok_or(NOT_FOUND)?;
        if note.chars().count() > 2_000 {
            return Err(Problem::new(TOO_LONG).field("note").into());
        }
        one.note = Some(note.trim().to_owned()).filter(|note| !note.is_empty());
        others::save_chargeback(&tx, &one).await?;
        audit::record(&tx, actor, "chargeback.note", &id.to_string(), json!({})).await?;
        tx.commit().await?;
        Ok(one)
    }
}

fn due(dispute: &Dispute) -> Option<Timestamp> {
    let seconds = dispute.evidence_due()?;
    seconds.checked_mul(SECOND).map(Timestamp::from_micros)
}

/// Takes the money: from what is free, the rest is owed.
async fn open(
    tx: &WriteTx,
    id: ChargebackId,
    top_up: &CardTopUp,
    dispute: &Dispute,
    amount: Money,
) -> Result<Chargeback> {
    let buyer = top_up.buyer_id;
    let moved = Moved { buyer, amount, at: tx.now() };
    ledger::ensure_accounts(tx, &Account::of_buyer(buyer, amount.currency)).await?;
    let available = Account::available(buyer, amount.currency);
    let owed = Account::owed(buyer, amount.currency);
    let balances = ledger::lock_balances(tx, &[available, owed]).await?;
    let free = balances.get(&available.id()).copied().unwrap_or(0);
    let posted = templates::chargeback_opened(id, Rail::Stripe, moved, free)?;
    let one = Chargeback {
        id,
        dispute: dispute.id.clone(),
        card_top_up_id: top_up.id,
        buyer_id: buyer,
        amount,
        state: ChargebackState::Open,
        reason: dispute.reason.chars().take(100).collect(),
        from_available: posted.moved(available).saturating_neg(),
        from_owed: posted.moved(owed).saturating_neg(),
        written_off: 0,
        evidence_due: due(dispute),
        note: None,
        opened_at: tx.now(),
        ended_at: None,
    };
    others::insert_chargeback(tx, &one).await?;
    ledger::post(tx, &[posted]).await?;
    Ok(one)
}

/// The money is back: it pays what is owed first.
async fn win(tx: &WriteTx, one: &Chargeback) -> Result<()> {
    let (buyer, currency) = (one.buyer_id, one.amount.currency);
    let debt = ledger::debt_of(tx, buyer, currency).await?;
    let moved = Moved { buyer, amount: one.amount, at: tx.now() };
    let posted = templates::chargeback_won(one.id, Rail::Stripe, moved, debt)?;
    ledger::post(tx, &[posted]).await?;
    ledger::tell_credited(tx, buyer, currency).await
}

/// No card of this buyer is charged by itself any more.
async fn stop_recharge(tx: &WriteTx, one: &Chargeback) -> Result<()> {
    for known in cards::recharges_of(tx, one.buyer_id).await? {
        if let Some(mut settings) = cards::lock_recharge(tx, one.buyer_id, known.currency).await? {
            settings.enabled = false;
            settings.stop = Some(RechargeStop::Chargeback);
            cards::save_recharge(tx, &settings).await?;
        }
    }
    Ok(())
}
