//! Planning: conversions are frozen into lines, sums are carried over.

use std::collections::HashMap;

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::error::{NOT_FOUND, Problem, STALE};
use leadbourse_core::ids::{OrganizationId, SettlementRunId, StatementId};
use leadbourse_core::ledger::Account;
use leadbourse_core::money::Currency;
use leadbourse_core::settlement::{
    Carried, Draft, Line, PERIOD_IN_FUTURE, StatementCommand, StatementState, plan, step,
};
use leadbourse_core::time::Timestamp;
use serde_json::json;

use super::model::{Run, RunState, Statement};
use super::repo::{self, profiles};
use super::service::{Begun, Settlements};
use crate::ledger;
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::{Result, retry};
use crate::platform::{audit, once};

impl Settlements {
    /// Ends the holds that are over, then freezes everything that was approved until `period_to`
    /// (now, if not said) and is on no statement yet. Two runs at once share the work: a
    /// publisher's balance is locked while its lines are chosen, and the lines' key is the last
    /// guard. Everything that an earlier statement of the publisher carried over goes in.
    ///
    /// # Errors
    /// `PERIOD_IN_FUTURE`, and those of idempotency keys.
    pub async fn plan(
        &self,
        actor: &Actor,
        period_to: Option<Timestamp>,
        key: Option<&str>,
    ) -> Result<Run> {
        actor.require(Action::Settle)?;
        if period_to.is_some_and(|at| at > self.clock.now()) {
            return Err(Problem::new(PERIOD_IN_FUTURE).field("periodTo").into());
        }
        self.hold_end().await?;
        retry(|| self.try_plan(actor, period_to, key)).await
    }

    async fn try_plan(
        &self,
        actor: &Actor,
        period_to: Option<Timestamp>,
        key: Option<&str>,
    ) -> Result<Run> {
        let tx = self.db.begin_write(&self.clock).await?;
        let replay: Option<SettlementRunId> =
            once::begin(&tx, actor, key, "planSettlement", &period_to).await?;
        if let Some(id) = replay {
            return repo::run(&tx, id).await?.ok_or(NOT_FOUND.into());
        }
        let until = period_to.unwrap_or(tx.now());
        let payees = repo::payees(&tx, until).await?;
        let accounts: Vec<Account> = payees
            .iter()
            .map(|(publisher, currency)| Account::payable(*publisher, *currency))
            .collect();
        ledger::lock_balances(&tx, &accounts).await?;
        let drafts = self.drafts(&tx, &payees, until).await?;
        let now = tx.now();
        let last = repo::last_period_end(&tx).await?;
        let run = Run {
            id: SettlementRunId::new(now),
            period_from: last.unwrap_or(Timestamp::from_micros(0)).min(until),
            period_to: until,
            state: if drafts.is_empty() { RunState::Closed } else { RunState::Planned },
            created_by: actor.name(),
            created_at: now,
        };
        let carried: Vec<Vec<StatementId>> = drafts
            .iter()
            .map(|draft| draft.carried.iter().map(|carried| carried.statement).collect())
            .collect();
        let statements: Vec<(Statement, Vec<Line>)> =
            drafts.into_iter().map(|draft| statement(&run, draft)).collect();
        repo::insert_run(&tx, &run).await?;
        repo::insert_statements(&tx, &statements).await?;
        for ((statement, _), from) in statements.iter().zip(&carried) {
            if !repo::link_carried(&tx, from, statement.id).await? {
                return Err(STALE.into());
            }
        }
        let detail = json!({"statements": statements.len(), "until": until.rfc3339()});
        audit::record(&tx, actor, "settlement.plan", &run.id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &run.id).await?;
        tx.commit().await?;
        Ok(run)
    }

    async fn drafts(
        &self,
        tx: &WriteTx,
        payees: &[(OrganizationId, Currency)],
        until: Timestamp,
    ) -> Result<Vec<Draft>> {
        let mut lines: Vec<Line> = Vec::new();
        let mut carried: Vec<Carried> = Vec::new();
        let mut minimum: HashMap<(OrganizationId, Currency), i64> = HashMap::new();
        for (publisher, currency) in payees {
            lines.extend(repo::unsettled(tx, *publisher, *currency, until).await?);
            carried.extend(repo::carried(tx, *publisher, *currency).await?);
            let least = self.minimum(tx, *publisher, *currency).await?;
            minimum.insert((*publisher, *currency), least);
        }
        let fallback = self.money.min_payout;
        let least =
            |publisher, currency| minimum.get(&(publisher, currency)).copied().unwrap_or(fallback);
        Ok(plan(lines, carried, least)?)
    }

    /// The smallest payout of a publisher: the own wish, but not under the installation's.
    pub(super) async fn minimum(
        &self,
        tx: &impl Reader,
        publisher: OrganizationId,
        currency: Currency,
    ) -> Result<i64> {
        let profile = profiles::profile(tx, publisher, currency).await?;
        let own = profile.map_or(0, |profile| profile.min_payout);
        Ok(own.max(self.money.min_payout))
    }

    /// Drops a draft: its conversions and what it carried in are free for the next run.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`.
    pub async fn cancel_statement(
        &self,
        actor: &Actor,
        id: StatementId,
        key: Option<&str>,
    ) -> Result<Statement> {
        actor.require(Action::Settle)?;
        retry(|| self.try_cancel(actor, id, key)).await
    }

    async fn try_cancel(
        &self,
        actor: &Actor,
        id: StatementId,
        key: Option<&str>,
    ) -> Result<Statement> {
        let (tx, mut statement) = match self.begin_change(actor, id, key, "cancelStatement").await?
        {
            Begun::Fresh(tx, statement) => (tx, statement),
            Begun::Done(statement) => return Ok(statement),
        };
        statement.state = step(statement.state, StatementCommand::Cancel)?;
        repo::delete_lines(&tx, id).await?;
        repo::free_carried(&tx, id).await?;
        Self::finish_change(tx, actor, key, statement, ("statement.cancel", json!({}))).await
    }
}

fn statement(run: &Run, draft: Draft) -> (Statement, Vec<Line>) {
    let statement = Statement {
        id: StatementId::new(run.created_at),
        run_id: run.id,
        publisher_id: draft.publisher,
        currency: draft.currency,
        period_from: run.period_from,
        period_to: run.period_to,
        number: None,
        state: StatementState::Draft,
        carried_in: draft.carried_in,
        gross: draft.gross,
        total: draft.total,
        lines: i32::try_from(draft.lines.len()).unwrap_or(i32::MAX),
        carried_into: None,
        created_at: run.created_at,
        approved_by: None,
        approved_at: None,
        paid_at: None,
    };
    (statement, draft.lines)
}
