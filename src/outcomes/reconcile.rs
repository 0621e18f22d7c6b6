//! Reconciliation: a buyer's file of sales is compared with what the exchange knows, and then, if
//! the buyer wants it, applied.
//!
//! A file is known by its content: the same file again is the same reconciliation. Applying reports
//! and refunds row by row, each in its own transaction and each once by its reference, so a run that
//! was cut off is simply run again.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::conversion::ConversionState;
use leadbourse_core::error::{NOT_FOUND, Problem};
use leadbourse_core::ids::{AwardId, LeadId, OfferVersionId, ReconciliationId};
use leadbourse_core::money::{Currency, Money};
use leadbourse_core::offer::terms::{GoalKind, Terms};
use leadbourse_core::reconcile::{Claimed, Finding, Known, Sold, compare};
use leadbourse_core::time::Timestamp;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::file::{self, FileRow, MAX_ROWS};
use super::model::{Reconciled, Reconciliation};
use super::repo;
use super::tokens::Outcomes;
use crate::conversions::{self, Award, Conversion, Place, ReportConversion, Seen};
use crate::disputes::{RefundSale, Sale};
use crate::offers;
use crate::platform::audit;
use crate::platform::db::Reader;
use crate::platform::error::{Error, Result};

/// A file to be compared.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// The CSV.
    pub csv: String,
    /// What sums without a currency are in.
    pub currency: Option<Currency>,
    /// Which events have to be in the file: those that happened from the first instant until before
    /// the second. Without it nothing is missed in the file.
    pub period: Option<(Timestamp, Timestamp)>,
}

impl Outcomes {
    /// Compares a file; nothing is changed but the stored comparison. A file that was applied stays
    /// as it was.
    ///
    /// # Errors
    /// `NOT_FOUND`, `CSV_UNREADABLE`, `TOO_LARGE`; what is wrong with a row is in its result.
    pub async fn check_file(&self, actor: &Actor, new: &NewFile) -> Result<Reconciliation> {
        actor.require(Action::ReportOutcomes)?;
        let hash = hash(new);
        let id = ReconciliationId::derived(&[
            b"reconciliation",
            actor.org.uuid().as_bytes(),
            hash.as_slice(),
        ]);
        let tx = self.db.begin_read().await?;
        let known = repo::reconcile::get(&tx, actor.scope(), id).await?;
        if let Some(known) = known.filter(|known| known.applied_at.is_some()) {
            return Ok(known);
        }
        let read = file::read(&new.csv, new.currency)?;
        let now = self.clock.now();
        let facts = Facts::gather(&tx, actor, &read).await?;
        let mut rows: Vec<Reconciled> =
            read.iter().map(|(n, row)| facts.judge(*n, row.as_ref(), now)).collect();
        if let Some(period) = new.period {
            rows.extend(only_here(&tx, actor, period, &rows).await?);
        }
        drop(tx);
        let tx = self.db.begin_write(&self.clock).await?;
        repo::reconcile::store(&tx, (id, actor.org, hash), &rows).await?;
        let counts = json!({"rows": rows.len()});
        audit::record(&tx, actor, "reconciliation.check", &id.to_string(), counts).await?;
        tx.commit().await?;
        self.reconciliation(actor, id).await
    }

    /// Reports what the exchange did not know and refunds what was refunded. Doing it twice changes
    /// nothing. What became of each row is in its result.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn apply_file(&self, actor: &Actor, id: ReconciliationId) -> Result<Reconciliation> {
        actor.require(Action::ReportOutcomes)?;
        let known = self.reconciliation(actor, id).await?;
        if known.buyer_id != actor.org {
            return Err(NOT_FOUND.into());
        }
        if known.applied_at.is_some() {
            return Ok(known);
        }
        let tx = self.db.begin_read().await?;
        let rows = repo::reconcile::to_apply(&tx, id).await?;
        drop(tx);
        let mut done = Vec::with_capacity(rows.len());
        for row in rows {
            let code = match self.apply_row(actor, &row).await {
                Ok(()) => "OK",
                Err(Error::Problem(problem)) => problem.code.name,
                Err(fault) => return Err(fault),
            };
            done.push((row.n, code));
        }
        let tx = self.db.begin_write(&self.clock).await?;
        if repo::reconcile::finish(&tx, id, &done).await? {
            let detail = json!({"rows": done.len()});
            audit::record(&tx, actor, "reconciliation.apply", &id.to_string(), detail).await?;
        }
        tx.commit().await?;
        self.reconciliation(actor, id).await
    }

    async fn apply_row(&self, actor: &Actor, row: &Reconciled) -> Result<()> {
        let award = row.award_id.ok_or(NOT_FOUND)?;
        let external_id = row.reference.clone().unwrap_or_default();
        let sum = |minor: i64| row.currency.map(|currency| Money::new(minor, currency));
        if row.finding == Finding::OnlyInFile {
            let report = ReportConversion {
                place: award.into(),
                goal: row.goal,
                external_id: external_id.clone(),
                amount: row.amount.and_then(sum),
                occurred_at: row.occurred_at,
            };
            self.conversions.report(actor, &report, None).await?;
        }
        if let Some(refunded) = row.refunded {
            let sale = Sale::Event { place: award.into(), goal: row.goal, external_id };
            let refund = RefundSale { sale, refunded: refunded.and_then(sum) };
            self.disputes.refund(actor, &refund, None).await?;
        }
        Ok(())
    }

    /// One reconciliation that the actor may see.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn reconciliation(
        &self,
        actor: &Actor,
        id: ReconciliationId,
    ) -> Result<Reconciliation> {
        actor.require(Action::ReadLeads)?;
        let tx = self.db.begin_read().await?;
        repo::reconcile::get(&tx, actor.scope(), id).await?.ok_or(NOT_FOUND.into())
    }

    /// The latest reconciliations, newest first.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right to read.
    pub async fn reconciliations(&self, actor: &Actor) -> Result<Vec<Reconciliation>> {
        actor.require(Action::ReadLeads)?;
        repo::reconcile::list(&self.db.begin_read().await?, actor.scope()).await
    }

    /// Up to 100 rows of a reconciliation that the actor was shown, by number after `after`.
    ///
    /// # Errors
    /// Faults only.
    pub async fn reconciled(
        &self,
        id: ReconciliationId,
        finding: Option<Finding>,
        after: i32,
        first: u32,
    ) -> Result<Vec<Reconciled>> {
        let tx = self.db.begin_read().await?;
        repo::reconcile::rows(&tx, id, finding, after, first.min(100)).await
    }
}

fn hash(new: &NewFile) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(new.csv.as_bytes());
    let meant = new.currency.map(|currency| currency.code().to_owned());
    let period = new.period.map(|(from, to)| (from.micros(), to.micros()));
    hash.update(format!("\0{meant:?}\0{period:?}"));
    hash.finalize().to_vec()
}

/// What the exchange knows of the rows of a file, read with a bounded number of queries.
#[derive(Default)]
struct Facts {
    awards: HashMap<AwardId, Award>,
    of_leads: HashMap<LeadId, AwardId>,
    terms: HashMap<OfferVersionId, Arc<Terms>>,
    billed: HashMap<AwardId, Vec<Conversion>>,
    by_reference: HashMap<(GoalKind, String), AwardId>,
}

impl Facts {
    async fn gather(tx: &impl Reader, actor: &Actor, rows: &[file::Read]) -> Result<Self> {
        let seen = Seen::Buyer(actor.org);
        let mut facts = Self::default();
        let read = || rows.iter().filter_map(|(_, row)| row.as_ref().ok());
        let (mut awards, mut leads, mut references) = (Vec::new(), Vec::new(), Vec::new());
        for row in read() {
            match (row.place, &row.reference) {
                (Some(Place::Award(id)), _) => awards.push(id),
                (Some(Place::Lead(id)), _) => leads.push(id),
                (None, Some(reference)) => references.push(reference.clone()),
                (None, None) => {}
            }
        }
        for one in conversions::by_references(tx, actor.org, &references).await? {
            if let Some(reference) = one.external_ref {
                facts.by_reference.insert((one.goal, reference), one.award_id);
                awards.push(one.award_id);
            }
        }
        for award in conversions::read_awards_of_leads(tx, seen, &leads).await? {
            facts.of_leads.insert(award.lead_id, award.id);
            facts.awards.insert(award.id, award);
        }
        for award in conversions::read_awards(tx, seen, &awards).await? {
            facts.awards.insert(award.id, award);
        }
        let ids: Vec<AwardId> = facts.awards.keys().copied().collect();
        for one in conversions::of_awards(tx, &ids).await? {
            facts.billed.entry(one.award_id).or_default().push(one);
        }
        let versions = facts.awards.values().map(|award| award.offer_version_id);
        facts.terms = offers::terms_of_all(tx, versions).await?;
        Ok(facts)
    }

    fn award_of(&self, row: &FileRow) -> Option<&Award> {
        let id = match (row.place, &row.reference) {
            (Some(Place::Award(id)), _) => id,
            (Some(Place::Lead(id)), _) => *self.of_leads.get(&id)?,
            (None, Some(text)) => *self.by_reference.get(&(row.goal, text.clone()))?,
            (None, None) => return None,
        };
        self.awards.get(&id)
    }

    fn judge(&self, n: i32, row: Result<&FileRow, &Problem>, now: Timestamp) -> Reconciled {
        let row = match row {
            Ok(row) => row,
            Err(problem) => return Reconciled::unreadable(n, problem),
        };
        let award = self.award_of(row);
        let billed = award.and_then(|award| self.billed.get(&award.id));
        let billed = billed.map(Vec::as_slice).unwrap_or_default();
        let same = |one: &&Conversion| {
            one.goal == row.goal && one.external_ref.as_deref() == row.reference.as_deref()
        };
        let known = billed.iter().find(same).filter(|_| row.reference.is_some());
        let terms = award.and_then(|award| self.terms.get(&award.offer_version_id));
        let sold = award.zip(terms).map(|(award, terms)| Sold {
            currency: award.currency,
            at: award.created_at,
            terms,
            taken_back: award.returned_at.is_some(),
            reached: conversions::reached(billed, row.goal).is_some(),
        });
        let sum = row.amount.or(row.refunded.flatten());
        let claimed = Claimed {
            goal: row.goal,
            reference: row.reference.as_deref(),
            amount: row.amount.map(|sum| sum.minor),
            currency: sum.map(|sum| sum.currency),
            refunded: row.refunded.map(|part| part.map(|sum| sum.minor)),
            occurred_at: row.occurred_at,
        };
        let (finding, code) = compare(claimed, sold, known.map(|one| known_of(one, now)), now);
        Reconciled {
            n,
            finding,
            code: code.map(|code| code.name.to_owned()),
            award_id: award.map(|award| award.id),
            conversion_id: known.map(|one| one.id),
            goal: row.goal,
            reference: row.reference.clone(),
            currency: claimed.currency.or_else(|| award.map(|award| award.currency)),
            amount: claimed.amount,
            known_amount: known.and_then(|one| one.amount),
            refunded: claimed.refunded,
            occurred_at: row.occurred_at,
            outcome: None,
        }
    }
}

fn known_of(one: &Conversion, now: Timestamp) -> Known {
    Known {
        goal: one.goal,
        amount: one.amount,
        refunded: one.refunded,
        returned: one.state == ConversionState::Returned,
        refundable: one.state == ConversionState::Held && now < one.clocks.lock_at(),
    }
}

/// What the exchange knows of the period and the file does not, numbered on after the rows.
async fn only_here(
    tx: &impl Reader,
    actor: &Actor,
    period: (Timestamp, Timestamp),
    rows: &[Reconciled],
) -> Result<Vec<Reconciled>> {
    let named: HashSet<_> = rows.iter().filter_map(|row| row.conversion_id).collect();
    let most = u32::try_from(MAX_ROWS).unwrap_or(u32::MAX);
    let found = conversions::reported_between(tx, actor.org, period, most).await?;
    let next = i32::try_from(rows.len()).unwrap_or(i32::MAX).saturating_add(1);
    let missing = found
        .into_iter()
        .filter(|one| !named.contains(&one.id) && one.state != ConversionState::Returned);
    Ok((next..)
        .zip(missing)
        .map(|(n, one)| Reconciled {
            n,
            finding: Finding::OnlyHere,
            code: None,
            award_id: Some(one.award_id),
            conversion_id: Some(one.id),
            goal: one.goal,
            reference: one.external_ref,
            currency: Some(one.currency),
            amount: None,
            known_amount: one.amount,
            refunded: None,
            occurred_at: Some(one.occurred_at),
            outcome: None,
        })
        .collect())
}
