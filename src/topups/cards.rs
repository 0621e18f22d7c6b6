//! Saved cards and the settings of auto-recharge.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::error::{OUT_OF_RANGE, Problem};
use leadbourse_core::ids::SavedCardId;
use leadbourse_core::money::{Currency, Money};
use leadbourse_core::topup::{NO_SAVED_CARD, RECHARGE_AMOUNTS, RechargeStop};
use serde::Serialize;
use serde_json::json;

use super::model::{AutoRecharge, SavedCard};
use super::repo::cards;
use super::service::TopUps;
use crate::platform::error::Result;
use crate::platform::{audit, once};

/// When a saved card is to be charged by itself.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SetAutoRecharge {
    /// Which wallet.
    pub currency: Currency,
    /// Whether it is on.
    pub enabled: bool,
    /// Under this the card is charged, minor units.
    pub threshold: i64,
    /// With so much.
    pub amount: i64,
    /// At most so much in a calendar month.
    pub monthly_max: i64,
    /// Which card.
    pub card_id: SavedCardId,
}

impl TopUps {
    /// The acting buyer's cards, newest first.
    pub async fn saved_cards(&self, actor: &Actor) -> Result<Vec<SavedCard>> {
        actor.require(Action::FundWallet)?;
        let tx = self.db.begin_read().await?;
        cards::of(&tx, actor.org).await
    }

    /// A card of the acting buyer, removed or not.
    pub async fn card(&self, actor: &Actor, id: SavedCardId) -> Result<Option<SavedCard>> {
        if !actor.may(Action::FundWallet) {
            return Ok(None);
        }
        let tx = self.db.begin_read().await?;
        cards::find(&tx, actor.org, id).await
    }

    /// Forgets a card: it is never charged again. Auto-recharge that used it stops.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right, `NO_SAVED_CARD`.
    pub async fn remove_card(&self, actor: &Actor, id: SavedCardId) -> Result<SavedCard> {
        actor.require(Action::FundWallet)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let missing = || Problem::new(NO_SAVED_CARD).field("cardId");
        let mut card = cards::find(&tx, actor.org, id).await?.ok_or_else(missing)?;
        if cards::remove(&tx, id).await? {
            for known in cards::recharges_of(&tx, actor.org).await? {
                if known.card_id != id {
                    continue;
                }
                let locked = cards::lock_recharge(&tx, actor.org, known.currency).await?;
                if let Some(mut settings) = locked.filter(|settings| settings.card_id == id) {
                    settings.enabled = false;
                    settings.stop = Some(RechargeStop::NoCard);
                    cards::save_recharge(&tx, &settings).await?;
                }
            }
            audit::record(&tx, actor, "saved_card.remove", &id.to_string(), json!({})).await?;
            card.removed_at = Some(tx.now());
        }
        tx.commit().await?;
        Ok(card)
    }

    /// The acting buyer's settings, by currency.
    pub async fn auto_recharges(&self, actor: &Actor) -> Result<Vec<AutoRecharge>> {
        actor.require(Action::FundWallet)?;
        let tx = self.db.begin_read().await?;
        cards::recharges_of(&tx, actor.org).await
    }

    /// Sets when a card is charged by itself, and forgets earlier declines.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right, `CARDS_NOT_CONFIGURED`, `NO_SAVED_CARD`,
    /// `RECHARGE_AMOUNTS`, and what [`TopUps::create_checkout`] refuses of an amount.
    pub async fn set_auto_recharge(
        &self,
        actor: &Actor,
        wish: SetAutoRecharge,
        key: Option<&str>,
    ) -> Result<AutoRecharge> {
        actor.require(Action::FundWallet)?;
        self.stripe()?;
        if wish.threshold < 0 {
            return Err(Problem::new(OUT_OF_RANGE).field("threshold").into());
        }
        self.check_amount(Money::new(wish.amount, wish.currency))?;
        if wish.monthly_max < wish.amount {
            return Err(Problem::new(RECHARGE_AMOUNTS).field("monthlyMax").into());
        }
        let tx = self.db.begin_write(&self.clock).await?;
        let before: Option<Currency> =
            once::begin(&tx, actor, key, "setAutoRecharge", &wish).await?;
        let card = cards::find(&tx, actor.org, wish.card_id).await?;
        if card.is_none_or(|card| card.removed_at.is_some()) {
            return Err(Problem::new(NO_SAVED_CARD).field("cardId").into());
        }
        let known = cards::lock_recharge(&tx, actor.org, wish.currency).await?;
        if let (Some(_), Some(known)) = (before, known) {
            return Ok(known);
        }
        let settings = AutoRecharge {
            buyer_id: actor.org,
            currency: wish.currency,
            enabled: wish.enabled,
            threshold: wish.threshold,
            amount: wish.amount,
            monthly_max: wish.monthly_max,
            card_id: wish.card_id,
            failures: 0,
            retry_at: None,
            stop: None,
            updated_by: actor.name(),
            updated_at: tx.now(),
        };
        cards::save_recharge(&tx, &settings).await?;
        let detail = json!({"currency": wish.currency, "enabled": wish.enabled,
            "threshold": wish.threshold, "amount": wish.amount, "monthlyMax": wish.monthly_max});
        audit::record(&tx, actor, "auto_recharge.set", &actor.org.to_string(), detail).await?;
        once::finish(&tx, actor, key, &wish.currency).await?;
        tx.commit().await?;
        Ok(settings)
    }
}
