//! Credit limits. The limit is a ledger balance: raising it lends the buyer free money, so that the
//! row which every award locks holds funds and credit together.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::error::{Problem, REQUIRED, TOO_LONG};
use leadbourse_core::ids::{CreditChangeId, OrganizationId};
use leadbourse_core::ledger::desk::{CREDIT_IN_USE, credit_changed};
use leadbourse_core::ledger::{Account, INSUFFICIENT_FUNDS};
use leadbourse_core::money::Money;
use leadbourse_core::time::Timestamp;
use serde_json::json;

use super::post;
use super::repo::desk;
use super::service::{Ledger, buyer_scope, tell_credited, wanted_buyer};
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};
use crate::platform::{audit, once};

/// A change of a credit limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditChange {
    /// Its id.
    pub id: CreditChangeId,
    /// Whose limit.
    pub buyer_id: OrganizationId,
    /// The limit before.
    pub before: Money,
    /// The limit after.
    pub after: Money,
    /// Why.
    pub note: String,
    /// Who decided it, as printed id.
    pub decided_by: String,
    /// When.
    pub at: Timestamp,
}

impl Ledger {
    /// Sets how much a buyer may spend beyond the own money, in one currency. What the buyer owes
    /// is paid from new credit first. Credit that is spent can't be taken back.
    ///
    /// # Errors
    /// `CREDIT_IN_USE`, `CREDIT_NEGATIVE`, `CREDIT_UNCHANGED`, `NO_SUCH_BUYER`, `REQUIRED`,
    /// `TOO_LONG`, and those of idempotency keys.
    pub async fn set_credit(
        &self,
        actor: &Actor,
        (buyer, limit): (OrganizationId, Money),
        note: &str,
        key: Option<&str>,
    ) -> Result<CreditChange> {
        actor.require(Action::RecordMoney)?;
        let note = checked(note)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let request = (buyer, limit, note);
        let replay: Option<CreditChangeId> =
            once::begin(&tx, actor, key, "setCreditLimit", &request).await?;
        if let Some(id) = replay {
            return desk::credit_change(&tx, id).await;
        }
        wanted_buyer(&tx, buyer).await?;
        let (currency, now) = (limit.currency, tx.now());
        let lent = Account::credit(buyer, currency);
        post::ensure_accounts(&tx, &Account::of_buyer(buyer, currency)).await?;
        let locked = [lent, Account::owed(buyer, currency), Account::available(buyer, currency)];
        let balances = post::lock_balances(&tx, &locked).await?;
        let of = |account: Account| balances.get(&account.id()).copied().unwrap_or(0);
        let before = of(lent).saturating_neg();
        let debt = of(Account::owed(buyer, currency)).saturating_neg();
        let id = CreditChangeId::new(now);
        let posted = credit_changed(id, buyer, (before, limit), debt, now)?;
        post::post(&tx, &[posted]).await.map_err(|error| {
            let spent = error.problem().is_some_and(|known| known.code == INSUFFICIENT_FUNDS);
            let free = of(Account::available(buyer, currency));
            let least = Money::new(before.saturating_sub(free), currency);
            let detail = format!("The lowest limit now is {least}.");
            if spent {
                Problem::new(CREDIT_IN_USE).field("limit").detail(detail).into()
            } else {
                error
            }
        })?;
        let change = CreditChange {
            id,
            buyer_id: buyer,
            before: Money::new(before, currency),
            after: limit,
            note: note.to_owned(),
            decided_by: actor.name(),
            at: now,
        };
        desk::insert_credit_change(&tx, &change).await?;
        let detail = json!({"buyer": buyer, "before": change.before, "after": change.after});
        audit::record(&tx, actor, "credit.set", &id.to_string(), detail).await?;
        tell_credited(&tx, buyer, currency).await?;
        once::finish(&tx, actor, key, &id).await?;
        tx.commit().await?;
        Ok(change)
    }

    /// Changes of credit limits, newest first: a buyer's own, all or one buyer's for operators.
    pub async fn credit_changes(
        &self,
        actor: &Actor,
        buyer: Option<OrganizationId>,
        page: &Page,
    ) -> Result<Paged<CreditChange>> {
        let buyer = buyer_scope(actor, buyer)?;
        let tx = self.db.begin_read().await?;
        desk::credit_changes(&tx, buyer, page).await
    }
}

fn checked(note: &str) -> Result<&str, Problem> {
    let note = note.trim();
    match note.chars().count() {
        0 => Err(Problem::new(REQUIRED).field("note")),
        1..=1_000 => Ok(note),
        _ => Err(Problem::new(TOO_LONG).field("note")),
    }
}
