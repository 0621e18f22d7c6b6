//! What became of a payout, and what can be done then.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::error::{NOT_FOUND, Problem, STALE, TOO_LONG};
use leadbourse_core::ids::{PayoutId, StatementId};
use leadbourse_core::ledger::{Account, templates};
use leadbourse_core::settlement::{
    NOT_REPAYABLE, PROOF_NOT_TAKEN, PayoutCommand, PayoutState, STATEMENT_UNCOVERED,
    StatementCommand, StatementState, is_pending, payout_step, step,
};
use serde_json::json;

use super::model::{Payout, PayoutRail, Statement};
use super::proof::{NewProof, Proof};
use super::repo::{self, proofs};
use super::service::Settlements;
use crate::ledger;
use crate::platform::db::WriteTx;
use crate::platform::error::{Result, retry};
use crate::platform::{audit, once};

/// Most characters of a reference or a note.
const MAX_TEXT: usize = 200;

/// Why a payout is held that a person put on hold.
const HELD: &str = "HELD_BY_FINANCE";

/// What somebody says about a payout.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// Arrived, or refused.
    pub confirmed: bool,
    /// The bank's reference, or why it was refused.
    pub reference: Option<String>,
    /// What proves that a manual payout was paid.
    pub proof: Option<NewProof>,
}

/// What a rail or its answer says about a payout.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'a> {
    pub(super) confirmed: bool,
    pub(super) reference: Option<&'a str>,
    pub(super) reason: Option<&'a str>,
}

/// A payout with its statement, locked.
pub(super) struct Locked {
    pub(super) payout: Payout,
    pub(super) statement: Statement,
}

/// Locks a payout through its statement, and reads both as they are then.
pub(super) async fn lock(tx: &WriteTx, id: PayoutId) -> Result<Locked> {
    let known = repo::payouts_by_id(tx, &[id]).await?.pop().ok_or(NOT_FOUND)?;
    let statement = repo::lock_statement(tx, known.statement_id).await?.ok_or(NOT_FOUND)?;
    let payout = repo::payouts_by_id(tx, &[id]).await?.pop().ok_or(NOT_FOUND)?;
    Ok(Locked { payout, statement })
}

/// Ends a payout, or takes back that it arrived: state by compare-and-set, statement, postings and
/// run, in the caller's transaction.
///
/// # Errors
/// `INVALID_STATE`, `STALE`.
pub(super) async fn end(tx: &WriteTx, locked: &mut Locked, word: Word<'_>) -> Result<()> {
    let Locked { payout, statement } = locked;
    let (before, now, id) = (payout.state, tx.now(), payout.id);
    let (publisher, currency, amount) = (payout.publisher_id, payout.currency, payout.amount);
    let rail = payout.rail.ledger();
    let (command, of_statement) = if word.confirmed {
        (PayoutCommand::Confirm, StatementCommand::Confirm)
    } else {
        (PayoutCommand::Refuse, StatementCommand::Refuse)
    };
    payout.state = payout_step(before, command)?;
    statement.state = step(statement.state, of_statement)?;
    let posted = match (word.confirmed, is_pending(before)) {
        (true, _) => templates::payout_confirmed(id, publisher, rail, amount, currency, now)?,
        (false, true) => templates::payout_refused(id, publisher, amount, currency, now)?,
        (false, false) => templates::payout_returned(id, publisher, rail, amount, currency, now)?,
    };
    statement.paid_at = word.confirmed.then_some(now);
    payout.resolved_at = Some(now);
    payout.leased_until = 0;
    payout.reference = word.reference.map(str::to_owned).or(payout.reference.take());
    payout.reason = word.reason.map(str::to_owned);
    if !repo::save_payout(tx, payout, before).await? {
        return Err(STALE.into());
    }
    repo::save_statement(tx, statement).await?;
    ledger::post(tx, &[posted]).await?;
    repo::refresh_run(tx, statement.run_id).await
}

impl Settlements {
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
        let reference = reference.map(str::to_owned);
        self.resolve_with(actor, id, Resolution { confirmed, reference, proof: None }, key).await
    }

    /// The same, with a proof for a manual payout that is confirmed. The proof is sealed; its hash
    /// is in the audit log.
    ///
    /// # Errors
    /// Also `PROOF_UNREADABLE`, `PROOF_NOT_TAKEN`.
    pub async fn resolve_with(
        &self,
        actor: &Actor,
        id: PayoutId,
        said: Resolution,
        key: Option<&str>,
    ) -> Result<(Payout, Statement)> {
        actor.require(Action::Settle)?;
        short(said.reference.as_deref(), "reference")?;
        let proof = said.proof.as_ref().map(Proof::read).transpose()?;
        retry(|| self.try_resolve(actor, id, &said, proof.as_ref(), key)).await
    }

    async fn try_resolve(
        &self,
        actor: &Actor,
        id: PayoutId,
        said: &Resolution,
        proof: Option<&Proof>,
        key: Option<&str>,
    ) -> Result<(Payout, Statement)> {
        let tx = self.db.begin_write(&self.clock).await?;
        let hash = proof.map(|proof| hex::encode(proof.sha256));
        let request = (id, said.confirmed, &said.reference, &hash);
        let replay: Option<PayoutId> =
            once::begin(&tx, actor, key, "resolvePayout", &request).await?;
        let mut locked = lock(&tx, id).await?;
        if replay.is_some() {
            return Ok((locked.payout, locked.statement));
        }
        if proof.is_some() && !(said.confirmed && locked.payout.rail == PayoutRail::Manual) {
            return Err(Problem::new(PROOF_NOT_TAKEN).field("proof").into());
        }
        let reference = said.reference.as_deref();
        let word = Word { confirmed: said.confirmed, reference, reason: None };
        end(&tx, &mut locked, word).await?;
        if let Some(proof) = proof {
            let sealed = self.vault.seal_secret(&proof.bytes)?;
            proofs::insert(&tx, (id, &actor.name()), proof, sealed).await?;
        }
        let statement = locked.statement.id;
        let detail = json!({"confirmed": said.confirmed, "statement": statement, "proof": hash});
        audit::record(&tx, actor, "payout.resolve", &id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &id).await?;
        tx.commit().await?;
        Ok((locked.payout, locked.statement))
    }

    /// Puts a payout on hold of which nobody knows what became: it is shown as `UNKNOWN`, printed
    /// into no file and sent by nobody, until an answer or a person resolves it.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE` where it is not on its way, `TOO_LONG`.
    pub async fn hold_payout(
        &self,
        actor: &Actor,
        id: PayoutId,
        note: Option<&str>,
        key: Option<&str>,
    ) -> Result<Payout> {
        actor.require(Action::Settle)?;
        short(note, "note")?;
        retry(|| self.try_hold(actor, id, note, key)).await
    }

    async fn try_hold(
        &self,
        actor: &Actor,
        id: PayoutId,
        note: Option<&str>,
        key: Option<&str>,
    ) -> Result<Payout> {
        let tx = self.db.begin_write(&self.clock).await?;
        let replay: Option<PayoutId> =
            once::begin(&tx, actor, key, "holdPayout", &(id, note)).await?;
        let Locked { mut payout, statement } = lock(&tx, id).await?;
        if replay.is_some() {
            return Ok(payout);
        }
        let before = payout.state;
        payout.state = payout_step(before, PayoutCommand::Hold)?;
        payout.reason = Some(HELD.to_owned());
        if !repo::save_payout(&tx, &payout, before).await? {
            return Err(STALE.into());
        }
        let detail = json!({"note": note, "statement": statement.id});
        audit::record(&tx, actor, "payout.hold", &id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &id).await?;
        tx.commit().await?;
        Ok(payout)
    }

    /// Tries a refused payout once more, as a new payout of the next generation: the account may
    /// have been mended. Only while no later statement has taken the sum in.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NOT_REPAYABLE`, `STATEMENT_UNCOVERED`.
    pub async fn repay_statement(
        &self,
        actor: &Actor,
        id: StatementId,
        key: Option<&str>,
    ) -> Result<Statement> {
        actor.require(Action::Settle)?;
        retry(|| self.try_repay(actor, id, key)).await
    }

    async fn try_repay(
        &self,
        actor: &Actor,
        id: StatementId,
        key: Option<&str>,
    ) -> Result<Statement> {
        let tx = self.db.begin_write(&self.clock).await?;
        let replay: Option<StatementId> =
            once::begin(&tx, actor, key, "repayStatement", &id).await?;
        let known = repo::statement(&tx, id).await?.ok_or(NOT_FOUND)?;
        if replay.is_some() {
            return Ok(known);
        }
        // The planner locks what is payable before it takes carried statements in; so does this.
        let payable = Account::payable(known.publisher_id, known.currency);
        let balances = ledger::lock_balances(&tx, &[payable]).await?;
        let mut statement = repo::lock_statement(&tx, id).await?.ok_or(NOT_FOUND)?;
        let tries = repo::payouts_of(&tx, &[id]).await?;
        let last = tries.last().filter(|payout| payout.state == PayoutState::Refused);
        let waits = statement.state == StatementState::Carried && statement.carried_into.is_none();
        let Some(last) = last.filter(|_| waits) else { return Err(NOT_REPAYABLE.into()) };
        if balances.get(&payable.id()).copied().unwrap_or(0) < last.amount {
            return Err(STATEMENT_UNCOVERED.into());
        }
        statement.state = step(statement.state, StatementCommand::Repay)?;
        statement.paid_at = None;
        let generation = last.generation.saturating_add(1);
        self.begin_payout(&tx, &statement, last.amount, generation).await?;
        let detail = ("statement.repay", json!({"generation": generation}));
        Self::finish_change(tx, actor, key, statement, detail).await
    }
}

fn short(text: Option<&str>, field: &'static str) -> Result<()> {
    if text.is_some_and(|text| text.chars().count() > MAX_TEXT) {
        return Err(Problem::new(TOO_LONG).field(field).into());
    }
    Ok(())
}
