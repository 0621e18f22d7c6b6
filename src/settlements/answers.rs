//! What the bank answers: a file is read and held against the payouts, and then, if FINANCE wants
//! it, applied.
//!
//! A file is known by its content: the same file again is the same answer. Applying goes line by
//! line, each in one transaction of its own that also writes down that the line is done; a run that
//! was cut off is simply run again.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::bank::{
    self, ANSWER_CONTRADICTS, AnswerFinding, AnswerFormat, AnswerLine, Known, Said, Scope,
    end_to_end, judge, read_end_to_end, read_message_id, read_part_id, said,
};
use leadbourse_core::error::{NOT_FOUND, Problem};
use leadbourse_core::ids::{BankAnswerId, PayoutFileId, PayoutId};
use leadbourse_core::money::Money;
use leadbourse_core::settlement::{PayoutState, is_pending};
use leadbourse_core::time::Timestamp;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

use super::model::Payout;
use super::repo::{self, answers};
use super::resolve::{Word, end, lock};
use super::service::Settlements;
use crate::platform::audit;
use crate::platform::db::Reader;
use crate::platform::error::{Error, Result, retry};

/// A bank's answer, as it was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankAnswer {
    /// Its id: the same file has the same one.
    pub id: BankAnswerId,
    /// How it was written.
    pub format: AnswerFormat,
    /// The bank's identification of its message.
    pub message: Option<String>,
    /// The file that it answers, where it says so.
    pub original: Option<String>,
    /// How many lines of each finding there are.
    pub counts: Vec<(AnswerFinding, i64)>,
    /// Who imported it, as printed id.
    pub created_by: String,
    /// When it was compared last.
    pub created_at: Timestamp,
    /// When it was applied; `None` while it is a dry run.
    pub applied_at: Option<Timestamp>,
}

/// One line of a bank's answer. What is said of a whole file or part is followed by a line for each
/// of its payouts, numbered on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankAnswerLine {
    /// Its number, from 1.
    pub n: i32,
    /// What it is about.
    pub scope: Scope,
    /// How the bank calls that.
    pub reference: String,
    /// The status as sent.
    pub status: String,
    /// The reason's code.
    pub reason: Option<String>,
    /// The sum, where the bank repeats it.
    pub amount: Option<Money>,
    /// The bank's own reference.
    pub bank_reference: Option<String>,
    /// The payout.
    pub payout_id: Option<PayoutId>,
    /// What it comes to.
    pub finding: AnswerFinding,
    /// Why it is a problem: a stable code.
    pub code: Option<String>,
    /// What applying it came to: `OK` or a code; `None` if nothing was to be done yet.
    pub outcome: Option<String>,
}

/// What the exchange knows of the things that an answer names.
struct Facts {
    payouts: HashMap<PayoutId, Payout>,
    files: HashMap<PayoutFileId, Vec<Payout>>,
}

/// The file that a line is about, and the part of it.
fn file_of(line: &AnswerLine) -> Option<(PayoutFileId, Option<i32>)> {
    match line.scope {
        Scope::Payment => None,
        Scope::Part => read_part_id(&line.reference).map(|(file, part)| (file, Some(part))),
        Scope::File => read_message_id(&line.reference).map(|file| (file, None)),
    }
}

impl Facts {
    async fn gather(tx: &impl Reader, lines: &[AnswerLine]) -> Result<Self> {
        let mut ids: Vec<PayoutId> =
            lines.iter().filter_map(|line| read_end_to_end(&line.reference)).collect();
        ids.sort();
        ids.dedup();
        let mut payouts: HashMap<PayoutId, Payout> = HashMap::new();
        let mut files: HashMap<PayoutFileId, Vec<Payout>> = HashMap::new();
        for payout in repo::payouts_by_id(tx, &ids).await? {
            payouts.insert(payout.id, payout);
        }
        for (file, _) in lines.iter().filter_map(file_of) {
            if let std::collections::hash_map::Entry::Vacant(place) = files.entry(file) {
                place.insert(answers::payouts_of_file(tx, file).await?);
            }
        }
        for payout in files.values().flatten() {
            payouts.entry(payout.id).or_insert_with(|| payout.clone());
        }
        Ok(Self { payouts, files })
    }

    /// A line for each payout of a part or a file of which something final is said as a whole, and
    /// nothing more exact.
    fn spread(&self, lines: &[AnswerLine]) -> Vec<AnswerLine> {
        let mut told: HashSet<PayoutId> =
            lines.iter().filter_map(|line| read_end_to_end(&line.reference)).collect();
        let mut more = Vec::new();
        for scope in [Scope::Part, Scope::File] {
            for line in lines.iter().filter(|line| line.scope == scope) {
                let ends = matches!(said(&line.status), Some(Said::Confirmed | Said::Refused));
                let Some((file, part)) = file_of(line).filter(|_| ends) else { continue };
                for payout in self.files.get(&file).into_iter().flatten() {
                    let inside = part.is_none() || payout.file_part == part;
                    if inside && told.insert(payout.id) {
                        let n = i32::try_from(lines.len() + more.len() + 1).unwrap_or(i32::MAX);
                        let reference = end_to_end(payout.id);
                        more.push(AnswerLine { n, reference, amount: None, ..line.clone() });
                    }
                }
            }
        }
        more
    }

    fn known(&self, line: &AnswerLine) -> Option<Known> {
        let payout = self.payouts.get(&read_end_to_end(&line.reference)?)?;
        Some(Known {
            payout: payout.id,
            state: payout.state,
            amount: Money::new(payout.amount, payout.currency),
        })
    }

    /// What is said of a whole file or part: its payouts have lines of their own.
    fn whole(&self, line: &AnswerLine) -> (AnswerFinding, Option<leadbourse_core::error::Code>) {
        let there = file_of(line).and_then(|(file, _)| self.files.get(&file));
        match (said(&line.status), there.is_some_and(|payouts| !payouts.is_empty())) {
            (None, _) => (AnswerFinding::Problem, Some(bank::ANSWER_STATUS_UNKNOWN)),
            (_, false) => (AnswerFinding::Problem, Some(bank::ANSWER_PAYOUT_UNKNOWN)),
            (Some(Said::Pending), true) => (AnswerFinding::Pending, None),
            (Some(_), true) => (AnswerFinding::Known, None),
        }
    }

    /// Every line with its finding.
    fn judge(&self, lines: Vec<AnswerLine>) -> Vec<BankAnswerLine> {
        let is_whole = |line: &AnswerLine| {
            line.scope != Scope::Payment && read_end_to_end(&line.reference).is_none()
        };
        let single: Vec<(&AnswerLine, Option<Known>)> = lines
            .iter()
            .filter(|line| !is_whole(line))
            .map(|line| (line, self.known(line)))
            .collect();
        let mut found = judge(&single).into_iter();
        let mut out = Vec::with_capacity(lines.len());
        for line in &lines {
            let alone = if is_whole(line) { None } else { found.next() };
            let (finding, code) = alone.unwrap_or_else(|| self.whole(line));
            out.push(BankAnswerLine {
                n: line.n,
                scope: line.scope,
                reference: line.reference.clone(),
                status: line.status.clone(),
                reason: line.reason.clone(),
                amount: line.amount,
                bank_reference: line.bank_reference.clone(),
                payout_id: self.known(line).map(|known| known.payout),
                finding,
                code: code.map(|code| code.name.to_owned()),
                outcome: None,
            });
        }
        out
    }
}

impl Settlements {
    /// Reads an answer and holds it against the payouts: nothing is changed but the stored
    /// comparison. The same file is compared again until it was applied.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right, `ANSWER_UNREADABLE`, `TOO_LARGE`; what is wrong with a line is
    /// in that line.
    pub async fn check_answer(&self, actor: &Actor, content: &[u8]) -> Result<BankAnswer> {
        actor.require(Action::Settle)?;
        let answer = bank::read(content)?;
        let hash: [u8; 32] = Sha256::digest(content).into();
        let id = BankAnswerId::derived(&[b"bank answer", &hash]);
        retry(|| self.try_check(actor, id, &answer, &hash)).await
    }

    async fn try_check(
        &self,
        actor: &Actor,
        id: BankAnswerId,
        answer: &bank::Answer,
        hash: &[u8; 32],
    ) -> Result<BankAnswer> {
        let tx = self.db.begin_write(&self.clock).await?;
        let known = answers::get(&tx, id).await?;
        if let Some(known) = known.filter(|known| known.applied_at.is_some()) {
            return Ok(known);
        }
        let facts = Facts::gather(&tx, &answer.lines).await?;
        let mut lines = answer.lines.clone();
        lines.extend(facts.spread(&answer.lines));
        let judged = facts.judge(lines);
        let new = BankAnswer {
            id,
            format: answer.format,
            message: answer.message.clone(),
            original: answer.original.clone(),
            counts: Vec::new(),
            created_by: actor.name(),
            created_at: tx.now(),
            applied_at: None,
        };
        answers::store(&tx, &new, &judged).await?;
        let detail = json!({"lines": judged.len(), "sha256": hex::encode(hash)});
        audit::record(&tx, actor, "bank_answer.check", &id.to_string(), detail).await?;
        let stored = answers::get(&tx, id).await?.ok_or(NOT_FOUND)?;
        tx.commit().await?;
        Ok(stored)
    }

    /// Confirms and refuses what the answer confirms and refuses. Doing it twice changes nothing;
    /// what became of each line is in its outcome.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn apply_answer(&self, actor: &Actor, id: BankAnswerId) -> Result<BankAnswer> {
        actor.require(Action::Settle)?;
        let known = self.bank_answer(actor, id).await?;
        if known.applied_at.is_some() {
            return Ok(known);
        }
        let tx = self.db.begin_read().await?;
        let open = answers::to_apply(&tx, id).await?;
        drop(tx);
        for line in &open {
            retry(|| self.apply_line(actor, id, line)).await?;
        }
        let tx = self.db.begin_write(&self.clock).await?;
        if answers::finish(&tx, id).await? {
            let detail = json!({"lines": open.len()});
            audit::record(&tx, actor, "bank_answer.apply", &id.to_string(), detail).await?;
        }
        tx.commit().await?;
        self.bank_answer(actor, id).await
    }

    /// One line, whole or not at all.
    async fn apply_line(
        &self,
        actor: &Actor,
        id: BankAnswerId,
        line: &BankAnswerLine,
    ) -> Result<()> {
        let tx = self.db.begin_write(&self.clock).await?;
        let payout = line.payout_id.ok_or(NOT_FOUND)?;
        let mut locked = lock(&tx, payout).await?;
        let confirmed = line.finding == AnswerFinding::Confirms;
        let wanted = if confirmed { PayoutState::Confirmed } else { PayoutState::Refused };
        let before = locked.payout.state;
        let waits = is_pending(before) && before != PayoutState::Planned;
        let fits = before == wanted || waits;
        let outcome = if fits { "OK" } else { ANSWER_CONTRADICTS.name };
        // Whoever takes the line's outcome does its work; everybody else finds it taken.
        if !answers::take(&tx, id, line.n, outcome).await? {
            return Ok(());
        }
        if waits {
            let word = Word {
                confirmed,
                reference: line.bank_reference.as_deref(),
                reason: line.reason.as_deref().filter(|_| !confirmed),
            };
            end(&tx, &mut locked, word).await?;
            let detail = json!({"state": wanted, "answer": id, "line": line.n});
            audit::record(&tx, actor, "payout.answer", &payout.to_string(), detail).await?;
        }
        tx.commit().await
    }

    /// One answer.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn bank_answer(&self, actor: &Actor, id: BankAnswerId) -> Result<BankAnswer> {
        actor.require(Action::ReadLedger)?;
        let tx = self.db.begin_read().await?;
        answers::get(&tx, id).await?.ok_or_else(|| Error::from(Problem::new(NOT_FOUND)))
    }

    /// The latest hundred answers, newest first.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right.
    pub async fn bank_answers(&self, actor: &Actor) -> Result<Vec<BankAnswer>> {
        actor.require(Action::ReadLedger)?;
        answers::list(&self.db.begin_read().await?).await
    }

    /// Up to 100 lines of an answer, by number after `after`; of one finding, if asked for.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right.
    pub async fn answer_lines(
        &self,
        actor: &Actor,
        id: BankAnswerId,
        finding: Option<AnswerFinding>,
        (after, first): (i32, u32),
    ) -> Result<Vec<BankAnswerLine>> {
        actor.require(Action::ReadLedger)?;
        let tx = self.db.begin_read().await?;
        answers::lines(&tx, id, finding, (after, first.min(100))).await
    }
}
