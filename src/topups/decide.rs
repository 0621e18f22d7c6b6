//! What FINANCE decides of what is held.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::error::{NOT_FOUND, Problem, TOO_LONG};
use leadbourse_core::ids::{CardTopUpId, ProviderEventId};
use leadbourse_core::money::Money;
use leadbourse_core::topup::{CardTopUpState, HoldReason, NOT_HELD, ProviderEventState};
use serde::Serialize;
use serde_json::json;

use super::model::{CardTopUp, ProviderEvent};
use super::repo::{others, top_ups};
use super::service::TopUps;
use super::settle::credited;
use crate::platform::error::Result;
use crate::platform::rails::stripe::money;
use crate::platform::{audit, once};

#[derive(Serialize)]
struct Decision<'a> {
    id: CardTopUpId,
    credit: bool,
    note: &'a str,
}

fn check(note: &str) -> Result<(), Problem> {
    if note.chars().count() > 1_000 { Err(Problem::new(TOO_LONG).field("note")) } else { Ok(()) }
}

impl TopUps {
    /// Credits a held top-up with what truly came in, in its currency, or dismisses it: its money is
    /// then given back on the provider's own pages. What came in is asked for again.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NOT_HELD` (also where nothing is known to have come in), `TOO_LONG`, and those
    /// of idempotency keys.
    pub async fn resolve_held(
        &self,
        actor: &Actor,
        id: CardTopUpId,
        (credit, note): (bool, &str),
        key: Option<&str>,
    ) -> Result<CardTopUp> {
        actor.require(Action::RecordMoney)?;
        check(note)?;
        let came_in = if credit { self.came_in(id).await? } else { None };
        let tx = self.db.begin_write(&self.clock).await?;
        let asked = Decision { id, credit, note };
        let before: Option<CardTopUpId> =
            once::begin(&tx, actor, key, "resolveHeldTopUp", &asked).await?;
        let mut one = top_ups::lock(&tx, id).await?.ok_or(NOT_FOUND)?;
        if before.is_some() {
            return Ok(one);
        }
        if one.state != CardTopUpState::Held {
            return Err(NOT_HELD.into());
        }
        one.note = Some(note.trim().to_owned()).filter(|note| !note.is_empty());
        one.decided_by = Some(actor.name());
        if credit {
            let sum = came_in.filter(|sum| sum.minor > 0).ok_or(NOT_HELD)?;
            one.came_in = Some(sum);
            credited(&tx, &mut one, sum).await?;
        } else {
            one.state = CardTopUpState::Dismissed;
            one.ended_at = Some(tx.now());
        }
        top_ups::save(&tx, &one).await?;
        let detail = json!({"credit": credit, "note": one.note});
        audit::record(&tx, actor, "card_top_up.resolve", &id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &id).await?;
        tx.commit().await?;
        Ok(one)
    }

    /// What came in for a held top-up, as the provider says now.
    async fn came_in(&self, id: CardTopUpId) -> Result<Option<Money>> {
        let tx = self.db.begin_read().await?;
        let Some(one) = top_ups::find(&tx, id).await? else { return Err(NOT_FOUND.into()) };
        drop(tx);
        if one.state != CardTopUpState::Held {
            return Ok(None);
        }
        let payment = match (&one.payment, &one.customer, one.hold_reason) {
            (Some(payment), ..) => payment.clone(),
            (None, Some(customer), Some(HoldReason::Unanswered)) => {
                let found = self.stripe()?.payments_named(customer, &id.to_string()).await;
                match found.map_err(crate::platform::error::Error::from)?.as_slice() {
                    [only] => only.id.clone(),
                    _ => return Ok(None),
                }
            }
            _ => return Ok(None),
        };
        let now = self.stripe()?.payment(&payment).await?;
        let paid = now.status == "succeeded";
        Ok(money(now.amount_received, &now.currency).filter(|_| paid))
    }

    /// Notes that somebody has looked at a held event.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NOT_HELD`, `TOO_LONG`.
    pub async fn dismiss_event(
        &self,
        actor: &Actor,
        id: ProviderEventId,
        note: &str,
    ) -> Result<ProviderEvent> {
        actor.require(Action::RecordMoney)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let change = (ProviderEventState::Held, ProviderEventState::Dismissed);
        let known = others::find_event(&tx, id).await?.ok_or(NOT_FOUND)?;
        check(note)?;
        let reason = known.note.unwrap_or_default();
        let both = format!("{reason}; {}", note.trim());
        if !others::end_event(&tx, id, change, Some(both.trim_end_matches("; "))).await? {
            return Err(NOT_HELD.into());
        }
        let detail = json!({"note": note});
        audit::record(&tx, actor, "provider_event.dismiss", &id.to_string(), detail).await?;
        let now = others::find_event(&tx, id).await?.ok_or(NOT_FOUND)?;
        tx.commit().await?;
        Ok(now)
    }
}
