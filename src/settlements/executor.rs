//! Pays over the rails that answer at once.
//!
//! Every change of state is one short transaction with a compare-and-set; the rail is asked outside
//! of all of them. A payout is claimed first (`SENT`), then sent, then what the rail said is written
//! down. What was cut off is taken up when its lease ends: within the time for which the rail
//! remembers keys the same request is repeated; after that, and whenever the answer was `UNKNOWN`,
//! the rail is only asked what became of it.

use leadbourse_core::access::{Actor, OrgKind};
use leadbourse_core::error::STALE;
use leadbourse_core::ids::PayoutId;
use leadbourse_core::money::Money;
use leadbourse_core::settlement::{
    PayoutCommand, PayoutState, StatementCommand, StatementState, is_pending, payout_step, step,
};
use leadbourse_core::time::{MINUTE, SECOND, Timestamp};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::bank_file;
use super::model::{Payout, PayoutRail};
use super::payee::Destination;
use super::repo::{self, profiles};
use super::resolve::{Locked, Word, end, lock};
use super::service::Settlements;
use crate::platform::audit;
use crate::platform::error::{Result, retry};
use crate::platform::rails::payout::PayoutRail as Rail;
use crate::platform::rails::payout::{Answer, AnswersLater, Pace, PayoutOrder};

/// For how long one executor has a payout to itself.
const LEASE: i64 = 2 * MINUTE;
/// The longest that a rail is waited for; well within the lease.
const PATIENCE: Duration = Duration::from_secs(60);
/// When a payout of which nothing is known is asked about again.
const ASK_AGAIN: i64 = 10 * MINUTE;
/// Payouts that one look takes up.
const PAGE: u32 = 50;

/// The rails of an installation.
#[derive(Clone, Debug)]
pub struct Rails(Arc<HashMap<PayoutRail, Arc<dyn Rail>>>);

impl Default for Rails {
    fn default() -> Self {
        let later: Arc<dyn Rail> = Arc::new(AnswersLater);
        let all = PayoutRail::ALL.iter().map(|rail| (*rail, Arc::clone(&later))).collect();
        Self(Arc::new(all))
    }
}

impl Rails {
    /// The same with another rail under a name.
    #[must_use]
    pub fn with(self, name: PayoutRail, rail: Arc<dyn Rail>) -> Self {
        let mut all = HashMap::clone(&self.0);
        all.insert(name, rail);
        Self(Arc::new(all))
    }

    /// The names of those that answer at once.
    fn at_once(&self) -> Vec<PayoutRail> {
        let all = PayoutRail::ALL.iter().copied();
        all.filter(|name| self.of(*name).is_some_and(|rail| rail.pace() == Pace::AtOnce)).collect()
    }

    fn of(&self, name: PayoutRail) -> Option<&Arc<dyn Rail>> {
        self.0.get(&name)
    }
}

/// A payout that this executor has to itself for a while.
struct Claimed {
    payout: Payout,
    order: PayoutOrder,
    /// Whether somebody may have asked the rail before.
    again: bool,
}

impl Settlements {
    /// The same with these rails.
    #[must_use]
    pub fn with_rails(self, rails: Rails) -> Self {
        Self { rails, ..self }
    }

    /// Pays what waits for rails that answer at once, takes up what was cut off, and asks about
    /// what is unknown. Gives how many payouts it was at.
    ///
    /// # Errors
    /// Faults only; what a rail says is never one.
    pub async fn pay_due(&self) -> Result<usize> {
        let rails = self.rails.at_once();
        let mut seen = 0;
        for rail in rails {
            let tx = self.db.begin_read().await?;
            let due = repo::due_payouts(&tx, rail, self.clock.now(), PAGE).await?;
            drop(tx);
            for id in due {
                if let Some(claimed) = retry(|| self.claim(id)).await? {
                    let answer = self.ask(&claimed).await;
                    retry(|| self.write_down(&claimed, &answer)).await?;
                    seen += 1;
                }
            }
        }
        Ok(seen)
    }

    /// Takes a payout for this executor; `None` when somebody else has it, or it is resolved.
    async fn claim(&self, id: PayoutId) -> Result<Option<Claimed>> {
        let tx = self.db.begin_write(&self.clock).await?;
        let Locked { mut payout, mut statement } = lock(&tx, id).await?;
        let (before, now) = (payout.state, tx.now());
        let free = payout.leased_until <= now.micros();
        match before {
            PayoutState::Planned if statement.state == StatementState::Approved => {
                payout.state = payout_step(before, PayoutCommand::Send)?;
                statement.state = step(statement.state, StatementCommand::Export)?;
                payout.sent_at = Some(now);
                let profile = profiles::profile(&tx, payout.publisher_id, payout.currency).await?;
                if let Some(profile) = profile {
                    payout.details = profile.details;
                    payout.details_form = profile.form;
                }
                repo::save_statement(&tx, &statement).await?;
            }
            PayoutState::Sent | PayoutState::Unknown if free => {}
            _ => return Ok(None),
        }
        payout.leased_until = now.plus(LEASE).micros();
        if !repo::save_payout(&tx, &payout, before).await? {
            return Ok(None);
        }
        repo::refresh_run(&tx, statement.run_id).await?;
        let number = statement.number.as_deref().unwrap_or_default();
        let order = self.order(&payout, number, now)?;
        tx.commit().await?;
        Ok(Some(Claimed { payout, order, again: before != PayoutState::Planned }))
    }

    fn order(&self, payout: &Payout, number: &str, now: Timestamp) -> Result<PayoutOrder> {
        let destination = match self.destination(payout)? {
            Some(Destination::Free(text)) => text,
            Some(Destination::Account(payee)) => payee.account().to_owned(),
            None => String::new(),
        };
        Ok(PayoutOrder {
            payout: payout.id,
            key: PayoutOrder::key_of(payout.id),
            amount: Money::new(payout.amount, payout.currency),
            destination,
            purpose: bank_file::purpose(number),
            first_sent_at: payout.sent_at.unwrap_or(now),
        })
    }

    /// Asks the rail. Silence is `Unknown`.
    async fn ask(&self, claimed: &Claimed) -> Answer {
        let unknown = |reason: &str| Answer::Unknown { reason: reason.to_owned() };
        let Some(rail) = self.rails.of(claimed.payout.rail) else { return unknown("NO_RAIL") };
        let remembered = claimed.order.first_sent_at.plus(rail.remembers_for());
        // What nobody knows of is never sent again, however short ago it was.
        let look_only = claimed.payout.state == PayoutState::Unknown
            || (claimed.again && self.clock.now() >= remembered);
        let asked = async {
            if look_only {
                rail.look_up(&claimed.order).await
            } else {
                rail.send(&claimed.order).await
            }
        };
        tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| unknown("TIMED_OUT"))
    }

    /// Writes down what the rail said, if the payout still waits for it.
    async fn write_down(&self, claimed: &Claimed, answer: &Answer) -> Result<()> {
        let tx = self.db.begin_write(&self.clock).await?;
        let mut locked = lock(&tx, claimed.payout.id).await?;
        // Somebody else may have recorded or imported the answer meanwhile.
        let ours = locked.payout.leased_until == claimed.payout.leased_until;
        if !ours || !is_pending(locked.payout.state) {
            return Ok(());
        }
        let reason = match answer {
            Answer::Confirmed { reference } => {
                let reference = reference.as_deref();
                end(&tx, &mut locked, Word { confirmed: true, reference, reason: None }).await?;
                None
            }
            Answer::Refused { reason, reference } => {
                let (reference, reason) = (reference.as_deref(), Some(reason.as_str()));
                end(&tx, &mut locked, Word { confirmed: false, reference, reason }).await?;
                reason
            }
            Answer::Unknown { reason } => {
                let payout = &mut locked.payout;
                let before = payout.state;
                if before != PayoutState::Unknown {
                    payout.state = payout_step(before, PayoutCommand::Hold)?;
                    payout.reason = Some(reason.clone());
                }
                payout.leased_until = tx.now().plus(ASK_AGAIN).micros();
                if !repo::save_payout(&tx, payout, before).await? {
                    return Err(STALE.into());
                }
                Some(reason.as_str())
            }
        };
        let payout = &locked.payout;
        if payout.state != claimed.payout.state {
            let system = Actor::system(payout.publisher_id);
            let actor = Actor { kind: OrgKind::Publisher, ..system };
            let detail = json!({"state": payout.state, "reason": reason});
            audit::record(&tx, &actor, "payout.answer", &payout.id.to_string(), detail).await?;
        }
        tx.commit().await
    }
}

/// How often the executor looks.
pub const PAY_EVERY: i64 = 30 * SECOND;
