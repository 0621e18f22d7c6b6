//! Dropping an approved statement, before any money went out.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::error::{INVALID_STATE, Problem, STALE, TOO_LONG};
use leadbourse_core::ids::StatementId;
use leadbourse_core::ledger::templates;
use leadbourse_core::paper::PaperKind;
use leadbourse_core::settlement::{PayoutState, StatementCommand, step};
use serde_json::json;

use super::model::Statement;
use super::repo::{self, papers as rows};
use super::service::{Begun, Settlements};
use crate::platform::error::{Result, retry};
use crate::{ledger, papers};

impl Settlements {
    /// Drops an approved statement whose payout nobody has sent yet. Its money is payable again,
    /// its conversions and what it carried in are free for the next run; its document keeps its
    /// number and says that it is void.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE` once the payout went out or a later statement carries the
    /// total, `TOO_LONG`.
    pub async fn void_statement(
        &self,
        actor: &Actor,
        id: StatementId,
        reason: Option<&str>,
        key: Option<&str>,
    ) -> Result<Statement> {
        actor.require(Action::Settle)?;
        let reason = reason.map(str::trim).filter(|text| !text.is_empty());
        if reason.is_some_and(|text| text.chars().count() > 200) {
            return Err(Problem::new(TOO_LONG).field("reason").into());
        }
        retry(|| self.try_void(actor, id, reason, key)).await
    }

    async fn try_void(
        &self,
        actor: &Actor,
        id: StatementId,
        reason: Option<&str>,
        key: Option<&str>,
    ) -> Result<Statement> {
        let (tx, mut statement) = match self.begin_change(actor, id, key, "voidStatement").await? {
            Begun::Fresh(tx, statement) => (tx, statement),
            Begun::Done(statement) => return Ok(statement),
        };
        if statement.carried_into.is_some() {
            return Err(INVALID_STATE.into());
        }
        statement.state = step(statement.state, StatementCommand::Void)?;
        let mut freed = Vec::new();
        for mut payout in repo::payouts_of(&tx, &[id]).await? {
            if payout.state != PayoutState::Planned {
                return Err(INVALID_STATE.into());
            }
            payout.state = PayoutState::Refused;
            payout.resolved_at = Some(tx.now());
            payout.reference = Some("void".to_owned());
            if !repo::save_payout(&tx, &payout, PayoutState::Planned).await? {
                return Err(STALE.into());
            }
            let (publisher, currency) = (payout.publisher_id, payout.currency);
            let amount = payout.amount;
            freed.push(templates::payout_refused(
                payout.id,
                publisher,
                amount,
                currency,
                tx.now(),
            )?);
        }
        rows::put_aside(&tx, id).await?;
        repo::free_carried(&tx, id).await?;
        let subject = (PaperKind::Statement, id.uuid());
        papers::void(&tx, actor, subject, reason.map(str::to_owned)).await?;
        ledger::post(&tx, &freed).await?;
        let detail = json!({"total": statement.total, "reason": reason});
        Self::finish_change(tx, actor, key, statement, ("statement.void", detail)).await
    }
}
