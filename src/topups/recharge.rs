//! Auto-recharge: wallets that ran low.

use leadbourse_core::ids::CardTopUpId;
use leadbourse_core::money::Money;
use leadbourse_core::topup::{
    CardTopUpKind, Recharge, RechargeStop, Settings, month_start, recharge,
};

use super::model::AutoRecharge;
use super::pay::{begin, fresh};
use super::repo::{cards, top_ups};
use super::service::{TopUps, for_buyer};
use crate::accounts;
use crate::ledger;
use crate::platform::error::Result;

impl TopUps {
    /// Charges the cards of wallets that ran low; gives how many. Once a minute.
    ///
    /// # Errors
    /// Faults; one buyer's does not stop the others.
    pub async fn recharge(&self) -> Result<usize> {
        if !self.configured() {
            return Ok(0);
        }
        let (mut after, mut charged) = (None, 0);
        loop {
            let tx = self.db.begin_read().await?;
            let found = cards::recharges_on(&tx, after).await?;
            let Some(last) = found.last() else { return Ok(charged) };
            after = Some((last.buyer_id, last.currency));
            let wallets: Vec<_> = found.iter().map(|one| (one.buyer_id, one.currency)).collect();
            let funds = ledger::funds(&tx, &wallets).await?;
            drop(tx);
            for one in found {
                let funds = funds.get(&(one.buyer_id, one.currency));
                let low = funds.map_or(0, |funds| funds.available) < one.threshold;
                if !low {
                    continue;
                }
                if let Some(id) = self.recharge_one(&one).await? {
                    charged += 1;
                    if let Err(error) = self.advance(id).await {
                        tracing::warn!(%error, %id, "a top-up has to be looked at again");
                    }
                }
            }
        }
    }

    /// Writes the charge of one wallet, if it is still low and may be charged.
    async fn recharge_one(&self, known: &AutoRecharge) -> Result<Option<CardTopUpId>> {
        let (buyer, currency) = (known.buyer_id, known.currency);
        let tx = self.db.begin_write(&self.clock).await?;
        let Some(mut settings) = cards::lock_recharge(&tx, buyer, currency).await? else {
            return Ok(None);
        };
        let now = tx.now();
        let stopped = matches!(settings.stop, Some(RechargeStop::GivenUp | RechargeStop::NoCard));
        if !settings.enabled || stopped || settings.retry_at.is_some_and(|at| at > now) {
            return Ok(None);
        }
        let Some(organization) = accounts::organization_in(&tx, buyer).await? else {
            return Ok(None);
        };
        if !organization.state.trades() {
            return Ok(None);
        }
        let since = month_start(now, &organization.time_zone);
        let (this_month, waiting) = top_ups::recharged(&tx, buyer, currency, since).await?;
        let funds = ledger::funds(&tx, &[(buyer, currency)]).await?;
        let available = funds.get(&(buyer, currency)).map_or(0, |funds| funds.available);
        let AutoRecharge { threshold, amount, monthly_max, .. } = settings;
        let limits = Settings { threshold, amount, monthly_max };
        match recharge(limits, available, this_month, waiting) {
            Recharge::Rest => Ok(None),
            Recharge::Spent => {
                if settings.stop != Some(RechargeStop::MonthlyMax) {
                    settings.stop = Some(RechargeStop::MonthlyMax);
                    cards::save_recharge(&tx, &settings).await?;
                    tx.commit().await?;
                }
                Ok(None)
            }
            Recharge::Charge(minor) => {
                let sum = Money::new(minor, currency);
                let kind = CardTopUpKind::AutoRecharge;
                let mut wanted = fresh(&tx, buyer, kind, sum, "system".to_owned());
                wanted.card_id = Some(settings.card_id);
                begin(&tx, &for_buyer(buyer), &wanted).await?;
                tx.commit().await?;
                Ok(Some(wanted.id))
            }
        }
    }
}
