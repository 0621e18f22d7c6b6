//! Payouts as files for the bank.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::bank::{Order, OrderFile, Payee, parts, print};
use leadbourse_core::error::{NOT_FOUND, STALE};
use leadbourse_core::ids::{PayoutFileId, PayoutId, SettlementRunId, StatementId};
use leadbourse_core::settlement::{
    ACCOUNT_NOT_STRUCTURED, NO_DEBTOR_ACCOUNT, NOTHING_TO_EXPORT, NOTHING_TO_PRINT, PayoutCommand,
    PayoutState, StatementCommand, StatementState, payout_step, step,
};
use leadbourse_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::bank_file::{self, BankLine};
use super::model::{DetailsForm, Payout, PayoutFile, PayoutFormat, PayoutRail, Run, Statement};
use super::payee::{Destination, opened};
use super::repo::{self, files, profiles};
use super::service::Settlements;
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::{Error, Result, retry};
use crate::platform::{audit, once};

/// Payouts as a file for the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The run.
    pub run: Run,
    /// The file's record; `None` for one of an earlier version.
    pub file: Option<PayoutFile>,
    /// A name for this print of it.
    pub file_name: String,
    /// The file itself.
    pub content: String,
    /// How it is written.
    pub format: PayoutFormat,
    /// How many payouts are in it.
    pub payouts: usize,
    /// Payouts that can't go into a file of this format, because their account is free text of an
    /// earlier version. They wait as before.
    pub skipped: Vec<PayoutId>,
}

/// What an export answers, as ids: the file is made again from them.
#[derive(Serialize, Deserialize)]
struct ExportAnswer {
    file: PayoutFileId,
    payouts: Vec<PayoutId>,
    #[serde(default)]
    skipped: Vec<PayoutId>,
}

/// A payout that goes into a file, with its statement.
struct Chosen {
    statement: Statement,
    payout: Payout,
    destination: Option<Destination>,
}

impl Settlements {
    /// Puts the run's payouts that wait for the bank into a file. With the same key again: the
    /// same file, with the accounts as they were then.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NOTHING_TO_EXPORT`; for `PAIN_001` also `NO_DEBTOR_ACCOUNT`, and
    /// `ACCOUNT_NOT_STRUCTURED` when every account is free text.
    pub async fn export_payouts(
        &self,
        actor: &Actor,
        run: SettlementRunId,
        format: PayoutFormat,
        key: Option<&str>,
    ) -> Result<Exported> {
        actor.require(Action::Settle)?;
        retry(|| self.try_export(actor, run, format, key)).await
    }

    async fn try_export(
        &self,
        actor: &Actor,
        id: SettlementRunId,
        format: PayoutFormat,
        key: Option<&str>,
    ) -> Result<Exported> {
        let tx = self.db.begin_write(&self.clock).await?;
        let replay: Option<ExportAnswer> =
            once::begin(&tx, actor, key, "exportPayouts", &(id, format)).await?;
        let run = repo::run(&tx, id).await?.ok_or(NOT_FOUND)?;
        if let Some(answer) = replay {
            let file = files::get(&tx, answer.file).await?.ok_or(NOT_FOUND)?;
            let payouts = repo::payouts_by_id(&tx, &answer.payouts).await?;
            return self.exported(&tx, run, Some(file), format, (payouts, answer.skipped)).await;
        }
        let debtor = self.debtor(format)?;
        let (mut chosen, skipped) = self.waiting(&tx, id, format).await?;
        if chosen.is_empty() {
            let why = if skipped.is_empty() { NOTHING_TO_EXPORT } else { ACCOUNT_NOT_STRUCTURED };
            return Err(why.into());
        }
        let now = tx.now();
        let file = PayoutFile {
            id: PayoutFileId::new(now),
            run_id: id,
            format,
            file_name: file_name(id, now, format),
            payouts: i32::try_from(chosen.len()).unwrap_or(i32::MAX),
            created_by: actor.name(),
            created_at: now,
        };
        files::insert(&tx, &file).await?;
        if let Some(debtor) = &debtor {
            place(&mut chosen, debtor);
        }
        for one in &mut chosen {
            let before = one.payout.state;
            one.statement.state = step(one.statement.state, StatementCommand::Export)?;
            one.payout.state = payout_step(before, PayoutCommand::Export)?;
            one.payout.exported_at = Some(now);
            one.payout.file_id = Some(file.id);
            if !repo::save_payout(&tx, &one.payout, before).await? {
                return Err(STALE.into());
            }
            repo::save_statement(&tx, &one.statement).await?;
        }
        repo::refresh_run(&tx, id).await?;
        let run = repo::run(&tx, id).await?.unwrap_or(run);
        let sent: Vec<Payout> = chosen.into_iter().map(|one| one.payout).collect();
        let answer = ExportAnswer {
            file: file.id,
            payouts: sent.iter().map(|payout| payout.id).collect(),
            skipped: skipped.clone(),
        };
        let detail = json!({"payouts": sent.len(), "format": format, "file": file.id});
        let done = self.exported(&tx, run, Some(file), format, (sent, skipped)).await?;
        audit::record(&tx, actor, "payout.export", &id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &answer).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// The account that payouts leave from, where a format names it.
    fn debtor(&self, format: PayoutFormat) -> Result<Option<Payee>> {
        match format {
            PayoutFormat::Csv => Ok(None),
            PayoutFormat::Pain001 => Ok(Some(self.money.bank.debtor()?.ok_or(NO_DEBTOR_ACCOUNT)?)),
        }
    }

    /// The run's planned payouts for the bank, locked, with the accounts as they are now; and
    /// those whose account a format can't take.
    async fn waiting(
        &self,
        tx: &WriteTx,
        run: SettlementRunId,
        format: PayoutFormat,
    ) -> Result<(Vec<Chosen>, Vec<PayoutId>)> {
        let (mut chosen, mut skipped) = (Vec::new(), Vec::new());
        for known in repo::of_run(tx, run).await? {
            if known.state != StatementState::Approved {
                continue;
            }
            let statement = repo::lock_statement(tx, known.id).await?.ok_or(NOT_FOUND)?;
            for mut payout in repo::payouts_of(tx, &[statement.id]).await? {
                let waits = payout.state == PayoutState::Planned;
                if !waits || payout.rail != PayoutRail::BankFile {
                    continue;
                }
                let profile = profiles::profile(tx, payout.publisher_id, payout.currency).await?;
                if let Some(profile) = profile {
                    payout.details = profile.details;
                    payout.details_form = profile.form;
                }
                let destination = self.destination(&payout)?;
                let checked = matches!(destination, Some(Destination::Account(_)));
                if format == PayoutFormat::Pain001 && !checked {
                    skipped.push(payout.id);
                    continue;
                }
                chosen.push(Chosen { statement: statement.clone(), payout, destination });
            }
        }
        Ok((chosen, skipped))
    }

    /// Where a payout goes, as it was frozen.
    pub(super) fn destination(&self, payout: &Payout) -> Result<Option<Destination>> {
        let sealed = payout.details.as_deref();
        sealed.map(|sealed| opened(&self.vault, payout.details_form, sealed)).transpose()
    }

    /// Prints again what is in a file and not resolved yet, with the accounts as they were at the
    /// export: for a file that was lost on its way. Changes nothing; the audit log says who had it.
    /// One `PAIN_001` print is of one file, the latest if none is named, under the same message
    /// identification: a bank that had it before refuses it.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NOTHING_TO_PRINT`, and those of an export in that format.
    pub async fn print_payouts(
        &self,
        actor: &Actor,
        id: SettlementRunId,
        format: PayoutFormat,
        file: Option<PayoutFileId>,
    ) -> Result<Exported> {
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
        let last = sent.iter().filter_map(|payout| payout.exported_at.zip(payout.file_id)).max();
        let wanted = match (file, format) {
            (Some(file), _) => Some(file),
            (None, PayoutFormat::Pain001) => last.map(|(_, file)| file),
            (None, PayoutFormat::Csv) => None,
        };
        let mut skipped = Vec::new();
        let checked = |payout: &Payout| payout.details_form == DetailsForm::Account;
        sent.retain(|payout| {
            let inside = wanted.is_none_or(|file| payout.file_id == Some(file));
            if inside && format == PayoutFormat::Pain001 && !checked(payout) {
                skipped.push(payout.id);
                return false;
            }
            inside
        });
        if sent.is_empty() {
            let why = if skipped.is_empty() { NOTHING_TO_PRINT } else { ACCOUNT_NOT_STRUCTURED };
            return Err(why.into());
        }
        let file = match sent.iter().filter_map(|payout| payout.file_id).max() {
            Some(newest) => files::get(&tx, newest).await?,
            None => None,
        };
        let named = file.as_ref().map(|file| file.id);
        let detail = json!({"payouts": sent.len(), "format": format, "file": named});
        let done = self.exported(&tx, run, file, format, (sent, skipped)).await?;
        audit::record(&tx, actor, "payout.print", &id.to_string(), detail).await?;
        tx.commit().await?;
        Ok(done)
    }

    async fn exported(
        &self,
        tx: &impl Reader,
        run: Run,
        file: Option<PayoutFile>,
        format: PayoutFormat,
        (mut payouts, skipped): (Vec<Payout>, Vec<PayoutId>),
    ) -> Result<Exported> {
        payouts.sort_by_key(|payout| payout.id);
        let content = match (format, &file) {
            (PayoutFormat::Csv, _) => self.table(tx, &payouts).await?,
            (PayoutFormat::Pain001, Some(file)) => self.orders(tx, file, &payouts).await?,
            (PayoutFormat::Pain001, None) => return Err(NOTHING_TO_PRINT.into()),
        };
        let at = payouts.iter().filter_map(|payout| payout.exported_at).max();
        let file_name = file_name(run.id, at.unwrap_or(run.created_at), format);
        Ok(Exported { run, file, file_name, content, format, payouts: payouts.len(), skipped })
    }

    async fn table(&self, tx: &impl Reader, payouts: &[Payout]) -> Result<String> {
        let mut lines = Vec::with_capacity(payouts.len());
        for payout in payouts {
            let number = number_of(tx, payout).await?;
            let destination = self.destination(payout)?;
            lines.push(BankLine { payout: payout.clone(), number, destination });
        }
        bank_file::table(&lines)
    }

    async fn orders(
        &self,
        tx: &impl Reader,
        file: &PayoutFile,
        payouts: &[Payout],
    ) -> Result<String> {
        let debtor = self.debtor(PayoutFormat::Pain001)?.ok_or(NO_DEBTOR_ACCOUNT)?;
        let mut orders = Vec::with_capacity(payouts.len());
        for payout in payouts {
            let Some(Destination::Account(payee)) = self.destination(payout)? else {
                return Err(Error::broken("a payout in an ISO 20022 file has no account"));
            };
            orders.push(Order {
                payout: payout.id,
                amount: payout.amount,
                currency: payout.currency,
                payee,
                purpose: bank_file::purpose(&number_of(tx, payout).await?),
                part: payout.file_part.unwrap_or(1),
            });
        }
        // A file that went out as a table has no parts yet.
        if payouts.iter().any(|payout| payout.file_part.is_none()) {
            let kinds = orders.iter().map(|order| (order.currency, &order.payee));
            let places = parts(&debtor, kinds);
            for (order, part) in orders.iter_mut().zip(places) {
                order.part = part;
            }
        }
        let letters = self.money.bank.letters;
        let (id, at) = (file.id, file.created_at);
        Ok(print(&OrderFile { id, at, debtor: &debtor, letters, orders: &orders })?)
    }

    /// The files of a run, oldest first.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right.
    pub async fn payout_files(
        &self,
        actor: &Actor,
        run: SettlementRunId,
    ) -> Result<Vec<PayoutFile>> {
        actor.require(Action::ReadLedger)?;
        files::of_run(&self.db.begin_read().await?, run).await
    }
}

/// Gives each payout its part of the file.
fn place(chosen: &mut [Chosen], debtor: &Payee) {
    let known = chosen.iter().filter_map(|one| match &one.destination {
        Some(Destination::Account(payee)) => Some((one.payout.currency, payee)),
        _ => None,
    });
    // Only checked accounts are chosen for such a file, so there is one part for each.
    let places = parts(debtor, known);
    for (one, part) in chosen.iter_mut().zip(places) {
        one.payout.file_part = Some(part);
    }
}

async fn number_of(tx: &impl Reader, payout: &Payout) -> Result<String> {
    let statement = repo::statement(tx, payout.statement_id).await?;
    Ok(statement.and_then(|statement| statement.number).unwrap_or_default())
}

/// A name that says when the payouts went out and of which run they are.
fn file_name(run: SettlementRunId, at: Timestamp, format: PayoutFormat) -> String {
    format!("payouts-{}-{run}.{}", at.to_chrono().format("%Y%m%d-%H%M%S"), format.ending())
}
