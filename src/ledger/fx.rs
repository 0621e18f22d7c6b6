//! Conversion of a buyer's money between currencies, by FINANCE, at a recorded rate.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::error::{Problem, TOO_LONG};
use leadbourse_core::ids::{FxConversionId, OrganizationId};
use leadbourse_core::ledger::desk::{NOT_OWN_MONEY, converted};
use leadbourse_core::ledger::{AMOUNT_NOT_POSITIVE, Account, Rate};
use leadbourse_core::money::{Currency, Money};
use leadbourse_core::time::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::post;
use super::repo::desk;
use super::service::{Ledger, buyer_scope, tell_credited, wanted_buyer};
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};
use crate::platform::{audit, once};

/// What FINANCE wants converted.
#[derive(Clone, Debug, Serialize)]
pub struct ConvertMoney {
    /// Whose money.
    pub buyer_id: OrganizationId,
    /// What is sold.
    pub sold: Money,
    /// The currency that is bought.
    pub to: Currency,
    /// Major units of `to` for one major unit of what is sold, like `0.01085`.
    pub rate: String,
    /// A note for colleagues: whose rate it is.
    pub note: Option<String>,
}

/// A conversion that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FxConversion {
    /// Its id.
    pub id: FxConversionId,
    /// Whose money.
    pub buyer_id: OrganizationId,
    /// What was sold.
    pub sold: Money,
    /// What was bought.
    pub bought: Money,
    /// At which rate.
    pub rate: String,
    /// A note for colleagues.
    pub note: Option<String>,
    /// Who decided it, as printed id.
    pub decided_by: String,
    /// When.
    pub at: Timestamp,
}

impl Ledger {
    /// Converts a buyer's own free money into another currency. What the buyer owes there is paid
    /// first. The exchange takes the other side, in `platform:fx`.
    ///
    /// # Errors
    /// `FX_RATE`, `FX_SAME_CURRENCY`, `FX_NOTHING`, `AMOUNT_NOT_POSITIVE`, `NOT_OWN_MONEY`,
    /// `NO_SUCH_BUYER`, `TOO_LONG`, and those of idempotency keys.
    pub async fn convert(
        &self,
        actor: &Actor,
        input: ConvertMoney,
        key: Option<&str>,
    ) -> Result<FxConversion> {
        actor.require(Action::RecordMoney)?;
        let (buyer, sold) = (input.buyer_id, input.sold);
        let rate: Rate = input.rate.parse()?;
        if sold.minor <= 0 {
            return Err(Problem::new(AMOUNT_NOT_POSITIVE).field("amount").into());
        }
        if input.note.as_ref().is_some_and(|note| note.chars().count() > 1_000) {
            return Err(Problem::new(TOO_LONG).field("note").into());
        }
        let bought = Money::new(rate.convert(sold.minor, sold.currency, input.to)?, input.to);
        let tx = self.db.begin_write(&self.clock).await?;
        let replay: Option<FxConversionId> =
            once::begin(&tx, actor, key, "convertMoney", &input).await?;
        if let Some(id) = replay {
            return desk::fx_conversion(&tx, id).await;
        }
        wanted_buyer(&tx, buyer).await?;
        let now = tx.now();
        let [free, lent] =
            [Account::available(buyer, sold.currency), Account::credit(buyer, sold.currency)];
        let owed = Account::owed(buyer, input.to);
        let mut accounts = vec![free, lent, owed];
        accounts.extend(Account::of_buyer(buyer, input.to));
        post::ensure_accounts(&tx, &accounts).await?;
        let balances = post::lock_balances(&tx, &accounts).await?;
        let of = |account: Account| balances.get(&account.id()).copied().unwrap_or(0);
        if of(free).saturating_add(of(lent)) < sold.minor {
            return Err(Problem::new(NOT_OWN_MONEY).field("amount").into());
        }
        let id = FxConversionId::new(now);
        let debt = of(owed).saturating_neg();
        post::post(&tx, &converted(id, buyer, (sold, bought), debt, now)?).await?;
        let done = FxConversion {
            id,
            buyer_id: buyer,
            sold,
            bought,
            rate: rate.to_string(),
            note: input.note.filter(|note| !note.trim().is_empty()),
            decided_by: actor.name(),
            at: now,
        };
        desk::insert_fx_conversion(&tx, &done).await?;
        let detail = json!({"buyer": buyer, "sold": sold, "bought": bought, "rate": done.rate});
        audit::record(&tx, actor, "fx.convert", &id.to_string(), detail).await?;
        tell_credited(&tx, buyer, input.to).await?;
        once::finish(&tx, actor, key, &id).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// Conversions, newest first: a buyer's own, all or one buyer's for operators.
    pub async fn fx_conversions(
        &self,
        actor: &Actor,
        buyer: Option<OrganizationId>,
        page: &Page,
    ) -> Result<Paged<FxConversion>> {
        let buyer = buyer_scope(actor, buyer)?;
        let tx = self.db.begin_read().await?;
        desk::fx_conversions(&tx, buyer, page).await
    }
}
