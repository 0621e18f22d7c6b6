//! Planning: conversions are frozen into lines, sums are carried over.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::error::{NOT_FOUND, Problem, STALE};
use leadbourse_core::ids::{OrganizationId, SettlementRunId, StatementId};
use leadbourse_core::ledger::Account;
use leadbourse_core::money::Currency;
use leadbourse_core::settlement::{
    Draft, NewLines, PERIOD_IN_FUTURE, StatementCommand, StatementState, draft, step,
};
use leadbourse_core::time::{SECOND, Timestamp};
use serde_json::json;

use super::model::{Run, RunState, Statement};
use super::repo::planning::{self, Payee, Wanted};
use super::repo::{self, profiles};
use super::service::{Begun, Settlements};
use crate::ledger;
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::{Result, retry};
use crate::platform::{audit, once};

/// Lines of one transaction, unless a single publisher has more.
pub(super) const LINES: i64 = 250_000;
/// Publishers of one transaction.
const PAYEES: usize = 1_000;
/// The first transaction is so many times smaller: an engine that takes the table of lines for
/// empty would read it whole for every line, and knows better once it has grown.
const FIRST: i64 = 50;
/// How long the request itself goes on with a plan; after that the job does.
const PATIENCE: i64 = 10 * SECOND;

impl Settlements {
    /// Ends the holds that are over, then freezes everything that was approved until `period_to`
    /// (now, if not said) and is on no statement yet. Everything that an earlier statement of the
    /// publisher carried over goes in.
    ///
    /// The run is stored first, then publishers are settled some at a time, each with all of its
    /// lines in one transaction; a run that takes long is answered as `PLANNING`, and a job goes
    /// on with it, also after a restart. Two runs at once share the work: a publisher's balance is
    /// locked while its lines are chosen, and the lines' key is the last guard.
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
        let run = retry(|| self.begin_plan(actor, period_to, key)).await?;
        self.go_on(&run, Some(self.clock.now().plus(PATIENCE))).await
    }

    async fn begin_plan(
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
        let now = tx.now();
        let until = period_to.unwrap_or(now);
        let last = repo::last_period_end(&tx).await?;
        let run = Run {
            id: SettlementRunId::new(now),
            period_from: last.unwrap_or(Timestamp::from_micros(0)).min(until),
            period_to: until,
            state: RunState::Planning,
            created_by: actor.name(),
            created_at: now,
        };
        repo::insert_run(&tx, &run).await?;
        let detail = json!({"until": until.rfc3339()});
        audit::record(&tx, actor, "settlement.plan", &run.id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &run.id).await?;
        tx.commit().await?;
        Ok(run)
    }

    /// Goes on with every run that was interrupted while it was planned; gives how many were
    /// finished.
    pub async fn resume_plans(&self) -> Result<usize> {
        let tx = self.db.begin_read().await?;
        let open = planning::open_runs(&tx).await?;
        drop(tx);
        for run in &open {
            self.go_on(run, None).await?;
        }
        Ok(open.len())
    }

    /// Settles publishers until none is left or the time is over; gives the run as it is then.
    pub async fn go_on(&self, run: &Run, until: Option<Timestamp>) -> Result<Run> {
        if run.state != RunState::Planning {
            return Ok(run.clone());
        }
        let tx = self.db.begin_read().await?;
        let payees = planning::payees(&tx, run.period_to).await?;
        drop(tx);
        let mut rest = payees.as_slice();
        let mut most = self.portion / FIRST;
        while !rest.is_empty() {
            if until.is_some_and(|until| self.clock.now() > until) {
                return Ok(run.clone());
            }
            let (some, others) = rest.split_at(portion(rest, most));
            retry(|| self.settle(run, some)).await?;
            (rest, most) = (others, self.portion);
        }
        retry(|| self.end_plan(run.id)).await
    }

    /// Makes the statements of some publishers, with all of their lines, in one transaction.
    async fn settle(&self, run: &Run, payees: &[Payee]) -> Result<()> {
        let tx = self.db.begin_write(&self.clock).await?;
        let accounts: Vec<Account> =
            payees.iter().map(|payee| Account::payable(payee.publisher, payee.currency)).collect();
        ledger::lock_balances(&tx, &accounts).await?;
        // Somebody else may have gone on with it, and ended it.
        if planning::lock_run(&tx, run.id).await? != Some(RunState::Planning) {
            return Ok(());
        }
        let wanted: Vec<Wanted> = payees
            .iter()
            .map(|payee| Wanted { payee: *payee, statement: StatementId::new(run.created_at) })
            .collect();
        planning::take_lines(&tx, &wanted, run.period_to).await?;
        let drafts = self.drafts(&tx, &wanted).await?;
        let statements: Vec<Statement> =
            drafts.iter().map(|(id, draft)| statement(run, *id, draft)).collect();
        planning::insert_statements(&tx, &statements).await?;
        let links: Vec<(StatementId, StatementId)> = drafts
            .iter()
            .flat_map(|(into, draft)| draft.carried.iter().map(|from| (*from, *into)))
            .collect();
        if !planning::link_carried(&tx, &links).await? {
            return Err(STALE.into());
        }
        tx.commit().await
    }

    /// What the stored lines and the waiting statements come to, for each that gets a statement.
    async fn drafts(&self, tx: &WriteTx, wanted: &[Wanted]) -> Result<Vec<(StatementId, Draft)>> {
        let sums = planning::line_sums(tx, wanted).await?;
        let carried = planning::carried(tx, wanted).await?;
        let minimums = profiles::minimums(tx, wanted.iter().map(|one| one.payee.publisher)).await?;
        let mut drafts = Vec::with_capacity(wanted.len());
        for one in wanted {
            let (publisher, currency) = (one.payee.publisher, one.payee.currency);
            let (count, gross) = sums.get(&one.statement).copied().unwrap_or((0, 0));
            let own = minimums.get(&(publisher, currency)).copied().unwrap_or(0);
            let waiting = carried.get(&(publisher, currency)).map_or(&[][..], Vec::as_slice);
            let lines = NewLines { publisher, currency, count, gross };
            let made = draft(lines, waiting, own.max(self.money.min_payout))?;
            drafts.extend(made.map(|draft| (one.statement, draft)));
        }
        Ok(drafts)
    }

    /// Every publisher is settled: the run's state follows from its statements from here on.
    async fn end_plan(&self, id: SettlementRunId) -> Result<Run> {
        let tx = self.db.begin_write(&self.clock).await?;
        if planning::lock_run(&tx, id).await? == Some(RunState::Planning) {
            planning::end_planning(&tx, id).await?;
            repo::refresh_run(&tx, id).await?;
        }
        let run = repo::run(&tx, id).await?.ok_or(NOT_FOUND)?;
        tx.commit().await?;
        Ok(run)
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

/// How many of these publishers go into one transaction.
fn portion(payees: &[Payee], most: i64) -> usize {
    let mut lines = 0i64;
    let fits = |payee: &&Payee| {
        lines = lines.saturating_add(payee.lines);
        lines <= most
    };
    payees.iter().take(PAYEES).take_while(fits).count().max(1)
}

fn statement(run: &Run, id: StatementId, draft: &Draft) -> Statement {
    Statement {
        id,
        run_id: run.id,
        publisher_id: draft.lines.publisher,
        currency: draft.lines.currency,
        period_from: run.period_from,
        period_to: run.period_to,
        number: None,
        state: StatementState::Draft,
        carried_in: draft.carried_in,
        gross: draft.lines.gross,
        total: draft.total,
        lines: i32::try_from(draft.lines.count).unwrap_or(i32::MAX),
        carried_into: None,
        created_at: run.created_at,
        first_approved_by: None,
        first_approved_at: None,
        approved_by: None,
        approved_at: None,
        paid_at: None,
    }
}
