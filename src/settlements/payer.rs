//! From a draft to a planned payout.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::ids::{PayoutId, StatementId};
use leadbourse_core::ledger::{Account, templates};
use leadbourse_core::settlement::{
    Outcome, PayoutState, STATEMENT_UNCOVERED, StatementCommand, outcome, step,
};
use serde_json::json;

use super::model::{DetailsForm, Payout, PayoutRail, Statement};
use super::repo::{self, profiles};
use super::service::{Begun, Settlements};
use crate::ledger;
use crate::platform::db::WriteTx;
use crate::platform::error::{Result, retry};

impl Settlements {
    /// Approves a draft. What reaches the minimum becomes a payout, the rest is carried over. A
    /// total above `money.two_person_limit` needs two people, neither of whom planned the run: after
    /// the first the statement is still a draft.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`, `STATEMENT_UNCOVERED`, `OTHER_PERSON`, `PERSON_NEEDED`.
    pub async fn approve_statement(
        &self,
        actor: &Actor,
        id: StatementId,
        key: Option<&str>,
    ) -> Result<Statement> {
        actor.require(Action::Settle)?;
        retry(|| self.try_approve(actor, id, key)).await
    }

    async fn try_approve(
        &self,
        actor: &Actor,
        id: StatementId,
        key: Option<&str>,
    ) -> Result<Statement> {
        let (tx, mut statement) =
            match self.begin_change(actor, id, key, "approveStatement").await? {
                Begun::Fresh(tx, statement) => (tx, statement),
                Begun::Done(statement) => return Ok(statement),
            };
        if self.count_first(&tx, actor, &mut statement).await? {
            let detail = json!({"total": statement.total});
            let done = ("statement.first_approve", detail);
            return Self::finish_change(tx, actor, key, statement, done).await;
        }
        let (publisher, currency) = (statement.publisher_id, statement.currency);
        let payable = Account::payable(publisher, currency);
        let minimum = self.minimum(&tx, publisher, currency).await?;
        let decided = outcome(statement.total, minimum);
        statement.state = step(statement.state, StatementCommand::Approve(decided))?;
        let document = self.issue_document(&tx, actor, &statement).await?;
        statement.number = Some(document.head.number);
        statement.approved_by = Some(actor.name());
        statement.approved_at = Some(tx.now());
        // The counter comes before the balance, as everywhere.
        let balances = ledger::lock_balances(&tx, &[payable]).await?;
        if let Outcome::Pay(amount) = decided {
            if balances.get(&payable.id()).copied().unwrap_or(0) < amount {
                return Err(STATEMENT_UNCOVERED.into());
            }
            self.begin_payout(&tx, &statement, amount, 1).await?;
        }
        let detail = json!({"total": statement.total, "state": statement.state});
        Self::finish_change(tx, actor, key, statement, ("statement.approve", detail)).await
    }

    /// Plans a payout of a statement, the n-th try, and takes its money from what is payable.
    pub(super) async fn begin_payout(
        &self,
        tx: &WriteTx,
        statement: &Statement,
        amount: i64,
        generation: i32,
    ) -> Result<()> {
        let (publisher, currency) = (statement.publisher_id, statement.currency);
        let profile = profiles::profile(tx, publisher, currency).await?;
        let payout = Payout {
            id: PayoutId::derived(&[
                b"payout",
                statement.id.uuid().as_bytes(),
                &generation.to_be_bytes(),
            ]),
            statement_id: statement.id,
            publisher_id: publisher,
            amount,
            currency,
            rail: profile.map_or(PayoutRail::Manual, |profile| profile.rail),
            state: PayoutState::Planned,
            generation,
            reference: None,
            reason: None,
            exported_at: None,
            file_id: None,
            file_part: None,
            sent_at: None,
            leased_until: 0,
            details: None,
            details_form: DetailsForm::Free,
            resolved_at: None,
        };
        repo::insert_payout(tx, &payout).await?;
        let posted = templates::payout_begin(payout.id, publisher, amount, currency, tx.now())?;
        ledger::post(tx, &[posted]).await
    }
}
