//! Who has to approve a statement: above a limit two people, neither of whom planned the run.

use leadbourse_core::access::{Actor, Principal};
use leadbourse_core::error::{INVALID_STATE, NOT_FOUND};
use leadbourse_core::settlement::{Approval, StatementState, approval};

use super::model::Statement;
use super::repo;
use super::service::Settlements;
use crate::platform::db::WriteTx;
use crate::platform::error::Result;

impl Settlements {
    /// Judges an approval of a locked statement. `true`: it was the first of two, and is noted.
    pub(super) async fn count_first(
        &self,
        tx: &WriteTx,
        actor: &Actor,
        statement: &mut Statement,
    ) -> Result<bool> {
        if statement.state != StatementState::Draft {
            return Err(INVALID_STATE.into());
        }
        let run = repo::run(tx, statement.run_id).await?.ok_or(NOT_FOUND)?;
        let (name, person) = (actor.name(), matches!(actor.principal, Principal::User(_)));
        let (limit, first) = (self.money.two_person_limit, statement.first_approved_by.as_deref());
        let judged = approval(statement.total, limit, (&name, person), &run.created_by, first)?;
        if judged == Approval::Last {
            return Ok(false);
        }
        statement.first_approved_by = Some(name);
        statement.first_approved_at = Some(tx.now());
        Ok(true)
    }

    /// How many approvals a draft still needs; none once it is decided.
    pub fn approvals_missing(&self, statement: &Statement) -> i32 {
        let large = self.money.two_person_limit.is_some_and(|limit| statement.total > limit);
        match (statement.state, large, &statement.first_approved_by) {
            (StatementState::Draft, true, None) => 2,
            (StatementState::Draft, _, _) => 1,
            _ => 0,
        }
    }
}
