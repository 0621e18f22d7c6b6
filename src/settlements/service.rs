//! The end of holds, and reads.

use std::collections::HashMap;

use leadbourse_core::access::{Action, Actor, OrgKind, Scope};
use leadbourse_core::conversion::ConversionState;
use leadbourse_core::error::NOT_FOUND;
use leadbourse_core::ids::{ConversionId, OrganizationId, PayoutId, SettlementRunId, StatementId};
use leadbourse_core::settlement::StatementState;

use super::executor::Rails;
use super::model::{Payout, Run, Statement, StatementLine};
use super::planner::LINES;
use super::repo::{self, PayoutFilter, StatementFilter};
use crate::platform::clock::Clock;
use crate::platform::config::MoneyConfig;
use crate::platform::db::{Db, WriteTx};
use crate::platform::error::{Result, retry};
use crate::platform::paging::{Page, Paged};
use crate::platform::vault::Vault;
use crate::platform::{audit, once};
use crate::{conversions, disputes};

/// Conversions that one transaction approves.
const DUE: u32 = 500;

/// A change of one statement that has begun.
pub(super) enum Begun {
    /// The transaction, and the locked statement.
    Fresh(WriteTx, Statement),
    /// The key's work was done before: the statement as it stands.
    Done(Statement),
}

/// The use cases of settlement.
#[derive(Clone, Debug)]
pub struct Settlements {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) vault: Vault,
    pub(super) money: MoneyConfig,
    pub(super) portion: i64,
    pub(super) rails: Rails,
}

impl Settlements {
    /// On a database, with the installation's smallest payout.
    pub fn new(db: Db, clock: Clock, vault: Vault, money: MoneyConfig) -> Self {
        Self { db, clock, vault, money, portion: LINES, rails: Rails::default() }
    }

    /// Plans so many lines in one transaction (a publisher's are never divided).
    #[must_use]
    pub fn in_portions_of(mut self, lines: i64) -> Self {
        self.portion = lines;
        self
    }

    /// Ends every hold that is over: what is paid for and has no open return becomes payable.
    /// Gives how many conversions were approved.
    pub async fn hold_end(&self) -> Result<usize> {
        let mut after = None;
        let mut all = 0;
        loop {
            let (last, approved) = retry(|| self.hold_end_page(after)).await?;
            all += approved;
            match last {
                Some(last) => after = Some(last),
                None => return Ok(all),
            }
        }
    }

    async fn hold_end_page(
        &self,
        after: Option<ConversionId>,
    ) -> Result<(Option<ConversionId>, usize)> {
        let tx = self.db.begin_write(&self.clock).await?;
        let due = conversions::due(&tx, after, tx.now(), DUE).await?;
        let Some(last) = due.last().copied() else { return Ok((None, 0)) };
        // Locked first, then looked at again: a return that was being opened is seen.
        let mut locked = conversions::lock(&tx, &due).await?;
        let open = disputes::open_on(&tx, &due).await?;
        let now = tx.now();
        locked.retain(|conversion| {
            conversion.state == ConversionState::Held
                && conversion.unfunded == 0
                && conversion.clocks.hold_until() <= now
                && !open.contains(&conversion.id)
        });
        conversions::approve(&tx, &locked).await?;
        tx.commit().await?;
        Ok((Some(last), locked.len()))
    }

    /// Begins a change of one statement: takes the key, locks the statement.
    pub(super) async fn begin_change(
        &self,
        actor: &Actor,
        id: StatementId,
        key: Option<&str>,
        operation: &str,
    ) -> Result<Begun> {
        let tx = self.db.begin_write(&self.clock).await?;
        let replay: Option<StatementId> = once::begin(&tx, actor, key, operation, &id).await?;
        let statement = repo::lock_statement(&tx, id).await?.ok_or(NOT_FOUND)?;
        Ok(if replay.is_some() { Begun::Done(statement) } else { Begun::Fresh(tx, statement) })
    }

    /// Ends a change of one statement: saves it, refreshes its run, writes it down, commits.
    pub(super) async fn finish_change(
        tx: WriteTx,
        actor: &Actor,
        key: Option<&str>,
        statement: Statement,
        (action, detail): (&'static str, serde_json::Value),
    ) -> Result<Statement> {
        let id = statement.id;
        repo::save_statement(&tx, &statement).await?;
        repo::refresh_run(&tx, statement.run_id).await?;
        audit::record(&tx, actor, action, &id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &id).await?;
        tx.commit().await?;
        Ok(statement)
    }

    /// One run.
    pub async fn run(&self, actor: &Actor, id: SettlementRunId) -> Result<Run> {
        actor.require(Action::ReadLedger)?;
        let tx = self.db.begin_read().await?;
        repo::run(&tx, id).await?.ok_or(NOT_FOUND.into())
    }

    /// Runs, newest first.
    pub async fn runs(&self, actor: &Actor, page: &Page) -> Result<Paged<Run>> {
        actor.require(Action::ReadLedger)?;
        let tx = self.db.begin_read().await?;
        repo::runs(&tx, page).await
    }

    /// One statement that the actor may see.
    pub async fn statement(&self, actor: &Actor, id: StatementId) -> Result<Statement> {
        actor.require(Action::ReadMoney)?;
        let tx = self.db.begin_read().await?;
        let statement = repo::statement(&tx, id).await?;
        statement.filter(|one| sees(actor, one.publisher_id)).ok_or(NOT_FOUND.into())
    }

    /// Statements, newest first: a publisher's own, or all for who runs the exchange.
    pub async fn statements(
        &self,
        actor: &Actor,
        mut filter: StatementFilter,
        page: &Page,
    ) -> Result<Paged<Statement>> {
        actor.require(Action::ReadMoney)?;
        match (actor.kind, actor.scope()) {
            (OrgKind::Buyer, _) => return Ok(Paged { items: Vec::new(), has_next: false }),
            (_, Scope::Org(own)) => filter.publisher = Some(own),
            (_, Scope::All) => {}
        }
        let tx = self.db.begin_read().await?;
        repo::statements(&tx, filter, page).await
    }

    /// All statements of a run.
    pub async fn statements_of_run(
        &self,
        actor: &Actor,
        run: SettlementRunId,
    ) -> Result<Vec<Statement>> {
        actor.require(Action::ReadLedger)?;
        let tx = self.db.begin_read().await?;
        repo::of_run(&tx, run).await
    }

    /// The earlier statements whose totals a statement took in, for who may see it.
    pub async fn carried_from(
        &self,
        actor: &Actor,
        statement: StatementId,
    ) -> Result<Vec<StatementId>> {
        self.statement(actor, statement).await?;
        let tx = self.db.begin_read().await?;
        repo::carried_from(&tx, statement).await
    }

    /// The lines of a statement that the actor may see.
    pub async fn lines(
        &self,
        actor: &Actor,
        statement: StatementId,
        page: &Page,
    ) -> Result<Paged<StatementLine>> {
        self.statement(actor, statement).await?;
        let tx = self.db.begin_read().await?;
        repo::lines(&tx, statement, page).await
    }

    /// The payouts of a statement that the actor may see, by generation.
    pub async fn payouts_of(&self, actor: &Actor, statement: StatementId) -> Result<Vec<Payout>> {
        self.statement(actor, statement).await?;
        let tx = self.db.begin_read().await?;
        repo::payouts_of(&tx, &[statement]).await
    }

    /// The payouts of all statements of a run, by statement and generation.
    pub async fn payouts_of_run(&self, actor: &Actor, run: SettlementRunId) -> Result<Vec<Payout>> {
        actor.require(Action::ReadLedger)?;
        let tx = self.db.begin_read().await?;
        repo::payouts_of_run(&tx, run).await
    }

    /// Payouts, newest first: a publisher's own, or all for who runs the exchange.
    pub async fn payouts(
        &self,
        actor: &Actor,
        mut filter: PayoutFilter,
        page: &Page,
    ) -> Result<Paged<Payout>> {
        actor.require(Action::ReadMoney)?;
        match (actor.kind, actor.scope()) {
            (OrgKind::Buyer, _) => return Ok(Paged { items: Vec::new(), has_next: false }),
            (_, Scope::Org(own)) => filter.publisher = Some(own),
            (_, Scope::All) => {}
        }
        let tx = self.db.begin_read().await?;
        repo::payouts(&tx, filter, page).await
    }

    /// These payouts, as far as the actor may see them.
    pub async fn payouts_by_id(&self, actor: &Actor, ids: &[PayoutId]) -> Result<Vec<Payout>> {
        actor.require(Action::ReadMoney)?;
        let tx = self.db.begin_read().await?;
        let mut found = repo::payouts_by_id(&tx, ids).await?;
        found.retain(|one| sees(actor, one.publisher_id));
        Ok(found)
    }

    /// One payout that the actor may see.
    pub async fn payout(&self, actor: &Actor, id: PayoutId) -> Result<Payout> {
        actor.require(Action::ReadMoney)?;
        let tx = self.db.begin_read().await?;
        let payout = repo::payouts_by_id(&tx, &[id]).await?.pop();
        payout.filter(|one| sees(actor, one.publisher_id)).ok_or(NOT_FOUND.into())
    }

    /// Which conversions are on a statement, and in what state that is: `SETTLED` and `PAID`
    /// derive from it. The caller has been shown these conversions.
    pub async fn settled(
        &self,
        conversions: &[ConversionId],
    ) -> Result<HashMap<ConversionId, StatementState>> {
        let tx = self.db.begin_read().await?;
        Ok(repo::lines_of(&tx, conversions).await?.into_iter().collect())
    }
}

fn sees(actor: &Actor, publisher: OrganizationId) -> bool {
    match actor.scope() {
        Scope::All => true,
        Scope::Org(own) => own == publisher,
    }
}
