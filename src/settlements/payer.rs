//! From an approved statement to arrived money.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::error::{INVALID_STATE, NOT_FOUND, Problem, STALE, TOO_LONG};
use leadbourse_core::ids::{PayoutId, SettlementRunId, StatementId};
use leadbourse_core::ledger::{Account, templates};
use leadbourse_core::settlement::{
    NOTHING_TO_EXPORT, NOTHING_TO_PRINT, Outcome, PayoutState, STATEMENT_UNCOVERED,
    StatementCommand, StatementState, is_pending, outcome, step,
};
use leadbourse_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::bank_file::{self, BankLine};
use super::model::{Payout, PayoutRail, Run, Statement};
use super::repo::{self, profiles};
use super::service::{Begun, Settlements};
use crate::ledger;
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::{Error, Result, retry};
use crate::platform::{audit, once};

/// Payouts as a file for the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The run.
    pub run: Run,
    /// A name for the file.
    pub file_name: String,
    /// The file.
    pub csv: String,
    /// How many payouts are in it.
    pub payouts: usize,
}

/// What an export answers, as ids: the file is made again from them.
#[derive(Serialize, Deserialize)]
struct ExportAnswer {
    file_name: String,
    payouts: Vec<PayoutId>,
}

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
            self.begin_payout(&tx, &statement, amount).await?;
        }
        let detail = json!({"total": statement.total, "state": statement.state});
        Self::finish_change(tx, actor, key, statement, ("statement.approve", detail)).await
    }

    async fn begin_payout(&self, tx: &WriteTx, statement: &Statement, amount: i64) -> Result<()> {
        let (publisher, currency) = (statement.publisher_id, statement.currency);
        let profile = profiles::profile(tx, publisher, currency).await?;
        let generation = 1i32;
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
            exported_at: None,
            details: None,
            resolved_at: None,
        };
        repo::insert_payout(tx, &payout).await?;
        let posted = templates::payout_begin(payout.id, publisher, amount, currency, tx.now())?;
        ledger::post(tx, &[posted]).await
    }

    /// Puts the run's payouts that wait for the bank into a file. With the same key again: the
    /// same file, with the accounts as they were then.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NOTHING_TO_EXPORT`.
    pub async fn export_payouts(
        &self,
        actor: &Actor,
        run: SettlementRunId,
        key: Option<&str>,
    ) -> Result<Exported> {
        actor.require(Action::Settle)?;
        retry(|| self.try_export(actor, run, key)).await
    }

    async fn try_export(
        &self,
        actor: &Actor,
        id: SettlementRunId,
        key: Option<&str>,
    ) -> Result<Exported> {
        let tx = self.db.begin_write(&self.clock).await?;
        let replay: Option<ExportAnswer> =
            once::begin(&tx, actor, key, "exportPayouts", &id).await?;
        let mut run = repo::run(&tx, id).await?.ok_or(NOT_FOUND)?;
        if let Some(answer) = replay {
            let payouts = repo::payouts_by_id(&tx, &answer.payouts).await?;
            let csv = self.file(&tx, &payouts).await?;
            return Ok(Exported { run, file_name: answer.file_name, csv, payouts: payouts.len() });
        }
        let now = tx.now();
        let mut sent: Vec<Payout> = Vec::new();
        for known in repo::of_run(&tx, id).await? {
            if known.state != StatementState::Approved {
                continue;
            }
            let mut statement = repo::lock_statement(&tx, known.id).await?.ok_or(NOT_FOUND)?;
            for mut payout in repo::payouts_of(&tx, &[statement.id]).await? {
                let waits = payout.state == PayoutState::Planned;
                if !waits || payout.rail != PayoutRail::BankFile {
                    continue;
                }
                statement.state = step(statement.state, StatementCommand::Export)?;
                payout.state = PayoutState::Exported;
                payout.exported_at = Some(now);
                let profile = profiles::profile(&tx, payout.publisher_id, payout.currency).await?;
                payout.details = profile.and_then(|profile| profile.details);
                if !repo::save_payout(&tx, &payout, PayoutState::Planned).await? {
                    return Err(STALE.into());
                }
                repo::save_statement(&tx, &statement).await?;
                sent.push(payout);
            }
        }
        if sent.is_empty() {
            return Err(NOTHING_TO_EXPORT.into());
        }
        repo::refresh_run(&tx, id).await?;
        run = repo::run(&tx, id).await?.unwrap_or(run);
        let file_name = file_name(id, now);
        let answer = ExportAnswer {
            file_name: file_name.clone(),
            payouts: sent.iter().map(|payout| payout.id).collect(),
        };
        let csv = self.file(&tx, &sent).await?;
        let detail = json!({"payouts": sent.len()});
        audit::record(&tx, actor, "payout.export", &id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &answer).await?;
        tx.commit().await?;
        Ok(Exported { run, file_name, csv, payouts: sent.len() })
    }

    /// Prints again what is in a file and not resolved yet, with the accounts as they were at the
    /// export: for a file that was lost on its way. Changes nothing; the audit log says who had it.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NOTHING_TO_PRINT`.
    pub async fn print_payouts(&self, actor: &Actor, id: SettlementRunId) -> Result<Exported> {
        actor.require(Action::Settle)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let run = repo::run(&tx, id).await?.ok_or(NOT_FOUND)?;
        let statements: Vec<StatementId> =
            repo::of_run(&tx, id).await?.iter().map(|statement| statement.id).collect();
        let mut sent: Vec<Payout> = Vec::new();
        for chunk in statements.chunks(500) {
            sent.extend(repo::payouts_of(&tx, chunk).await?);
        }
        sent.retain(|payout| payout.state == PayoutState::Exported);
        let last = sent.iter().filter_map(|payout| payout.exported_at).max();
        let last = last.ok_or(NOTHING_TO_PRINT)?;
        let csv = self.file(&tx, &sent).await?;
        let detail = json!({"payouts": sent.len()});
        audit::record(&tx, actor, "payout.print", &id.to_string(), detail).await?;
        tx.commit().await?;
        Ok(Exported { run, file_name: file_name(id, last), csv, payouts: sent.len() })
    }

    async fn file(&self, tx: &impl Reader, payouts: &[Payout]) -> Result<String> {
        let mut lines = Vec::with_capacity(payouts.len());
        for payout in payouts {
            let statement = repo::statement(tx, payout.statement_id).await?;
            let number = statement.and_then(|statement| statement.number).unwrap_or_default();
            let details = match &payout.details {
                Some(sealed) => String::from_utf8(self.vault.open_secret(sealed)?)
                    .map_err(|cause| Error::other("reading payout details", cause))?,
                None => String::new(),
            };
            lines.push(BankLine { payout: payout.clone(), number, details });
        }
        lines.sort_by_key(|line| line.payout.id);
        bank_file::print(&lines)
    }

    /// Records what became of a payout. Confirmed: the statement is paid. Refused, or come back
    /// after it was confirmed: the money is payable again and its statement is carried into the
    /// next one.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`.
    pub async fn resolve_payout(
        &self,
        actor: &Actor,
        id: PayoutId,
        confirmed: bool,
        reference: Option<&str>,
        key: Option<&str>,
    ) -> Result<(Payout, Statement)> {
        actor.require(Action::Settle)?;
        if reference.is_some_and(|text| text.chars().count() > 200) {
            return Err(Problem::new(TOO_LONG).field("reference").into());
        }
        retry(|| self.try_resolve(actor, id, confirmed, reference, key)).await
    }

    async fn try_resolve(
        &self,
        actor: &Actor,
        id: PayoutId,
        confirmed: bool,
        reference: Option<&str>,
        key: Option<&str>,
    ) -> Result<(Payout, Statement)> {
        let tx = self.db.begin_write(&self.clock).await?;
        let request = (id, confirmed, reference);
        let replay: Option<PayoutId> =
            once::begin(&tx, actor, key, "resolvePayout", &request).await?;
        let known = repo::payouts_by_id(&tx, &[id]).await?.pop().ok_or(NOT_FOUND)?;
        let mut statement =
            repo::lock_statement(&tx, known.statement_id).await?.ok_or(NOT_FOUND)?;
        let mut payout = repo::payouts_by_id(&tx, &[id]).await?.pop().ok_or(NOT_FOUND)?;
        if replay.is_some() {
            return Ok((payout, statement));
        }
        let before = payout.state;
        let now = tx.now();
        let (publisher, currency, amount) = (payout.publisher_id, payout.currency, payout.amount);
        let rail = payout.rail.ledger();
        let posted = match (is_pending(before), before, confirmed) {
            (true, _, true) => {
                templates::payout_confirmed(id, publisher, rail, amount, currency, now)?
            }
            (true, _, false) => templates::payout_refused(id, publisher, amount, currency, now)?,
            (false, PayoutState::Confirmed, false) => {
                templates::payout_returned(id, publisher, rail, amount, currency, now)?
            }
            _ => return Err(INVALID_STATE.into()),
        };
        let command = if confirmed { StatementCommand::Confirm } else { StatementCommand::Refuse };
        statement.state = step(statement.state, command)?;
        statement.paid_at = confirmed.then_some(now);
        payout.state = if confirmed { PayoutState::Confirmed } else { PayoutState::Refused };
        payout.resolved_at = Some(now);
        payout.reference = reference.map(str::to_owned).or(payout.reference);
        if !repo::save_payout(&tx, &payout, before).await? {
            return Err(STALE.into());
        }
        repo::save_statement(&tx, &statement).await?;
        ledger::post(&tx, &[posted]).await?;
        repo::refresh_run(&tx, statement.run_id).await?;
        let detail = json!({"confirmed": confirmed, "statement": statement.id});
        audit::record(&tx, actor, "payout.resolve", &id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &id).await?;
        tx.commit().await?;
        Ok((payout, statement))
    }
}

/// A name that says when the payouts went out and of which run they are.
fn file_name(run: SettlementRunId, at: Timestamp) -> String {
    format!("payouts-{}-{run}.csv", at.to_chrono().format("%Y%m%d-%H%M%S"))
}
