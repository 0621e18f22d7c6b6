//! Invoices of buyers: one per month, wallet and generation; credit notes that take them back.

use chrono::{Datelike, Months, NaiveDate};
use chrono_tz::Tz;
use leadbourse_core::access::{Action, Actor, OrgKind, Scope};
use leadbourse_core::error::{INVALID_STATE, NOT_FOUND, Problem, TOO_LONG};
use leadbourse_core::ids::{DocumentId, OrganizationId, derive};
use leadbourse_core::ledger::Difference;
use leadbourse_core::money::Currency;
use leadbourse_core::paper::{
    ALREADY_INVOICED, BAD_MONTH, NOTHING_TO_INVOICE, PERIOD_NOT_OVER, PaperKind, month_bounds,
};
use leadbourse_core::time::{DAY, MINUTE, Timestamp};
use serde_json::json;
use uuid::Uuid;

use super::charges::Charges;
use super::issue::{self, issue, recompute};
use super::lines::Source;
use super::model::{Document, Issue};
use super::repo;
use super::service::{Download, Form, Papers};
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::{Result, retry};
use crate::platform::paging::{Page, Paged};
use crate::platform::{audit, once};
use crate::{accounts, ledger};

/// What was begun before the end of a month may commit a little after it.
const GRACE: i64 = 10 * MINUTE;

/// Which documents are wanted.
#[derive(Clone, Copy, Debug)]
pub struct DocumentFilter {
    /// Of this kind.
    pub kind: PaperKind,
    /// Only of this organization.
    pub organization: Option<OrganizationId>,
}

/// A month of a wallet that is to be invoiced.
#[derive(Clone, Debug)]
pub struct IssueInvoice {
    /// Whose.
    pub buyer: OrganizationId,
    /// The wallet's currency.
    pub currency: Currency,
    /// The month, like `2026-10`, in the buyer's zone.
    pub month: String,
}

/// The first day of a month that is written like `2026-10`.
fn month(text: &str) -> Result<NaiveDate, Problem> {
    let bad = || Problem::new(BAD_MONTH).field("month");
    if text.len() != 7 {
        return Err(bad());
    }
    NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").map_err(|_| bad())
}

/// What an invoice is about: a month of a wallet, and how often it was invoiced before.
fn subject(buyer: OrganizationId, currency: Currency, month: NaiveDate, generation: u32) -> Uuid {
    let month = month.to_string();
    derive(&[
        b"invoice",
        buyer.uuid().as_bytes(),
        currency.code().as_bytes(),
        month.as_bytes(),
        &generation.to_be_bytes(),
    ])
}

/// The lines of an invoice or of a credit note, from its head.
pub(super) fn charges(document: &Document) -> Charges {
    Charges {
        buyer: document.organization_id,
        currency: document.head.currency,
        from: document.head.period_from,
        to: document.head.period_to,
        reversed: document.kind == PaperKind::CreditNote,
    }
}

impl Papers {
    /// Issues the invoice of a month: what was charged, less what was given back, with the tax
    /// within. A month is invoiced once, and again only after its invoice was voided.
    ///
    /// # Errors
    /// `NOT_FOUND`, `BAD_MONTH`, `PERIOD_NOT_OVER`, `ALREADY_INVOICED`, `NOTHING_TO_INVOICE`.
    pub async fn issue_invoice(
        &self,
        actor: &Actor,
        wish: &IssueInvoice,
        key: Option<&str>,
    ) -> Result<Document> {
        actor.require(Action::RecordMoney)?;
        let month = month(&wish.month)?;
        retry(|| self.try_issue(actor, wish, month, key)).await
    }

    async fn try_issue(
        &self,
        actor: &Actor,
        wish: &IssueInvoice,
        month: NaiveDate,
        key: Option<&str>,
    ) -> Result<Document> {
        let tx = self.db.begin_write(&self.clock).await?;
        let request = (wish.buyer, wish.currency, &wish.month);
        let replay: Option<DocumentId> =
            once::begin(&tx, actor, key, "issueInvoice", &request).await?;
        if let Some(id) = replay {
            return repo::document(&tx, id).await?.ok_or(NOT_FOUND.into());
        }
        let document = self.issue_month(&tx, actor, wish, month).await?;
        once::finish(&tx, actor, key, &document.id).await?;
        tx.commit().await?;
        Ok(document)
    }

    async fn issue_month(
        &self,
        tx: &WriteTx,
        actor: &Actor,
        wish: &IssueInvoice,
        month: NaiveDate,
    ) -> Result<Document> {
        let (buyer, currency) = (wish.buyer, wish.currency);
        let owner = accounts::organization_in(tx, buyer).await?;
        let owner = owner.filter(|owner| owner.kind == OrgKind::Buyer).ok_or(NOT_FOUND)?;
        let zone: Tz = owner.time_zone.parse().unwrap_or(Tz::UTC);
        let (generation, before) = free_generation(tx, buyer, currency, month).await?;
        let (from, to) = match before {
            Some(void) => (void.head.period_from, void.head.period_to),
            None => period(tx, (buyer, currency), month, zone).await?,
        };
        if to.plus(GRACE) > tx.now() {
            return Err(Problem::new(PERIOD_NOT_OVER).field("month").into());
        }
        let lines = Charges { buyer, currency, from, to, reversed: false };
        if lines.page(tx, None).await?.is_empty() {
            return Err(NOTHING_TO_INVOICE.into());
        }
        let wish = Issue {
            kind: PaperKind::Invoice,
            subject: subject(buyer, currency, month, generation),
            recipient: buyer,
            owner: None,
            currency,
            period_from: from,
            period_to: to,
            carried: Vec::new(),
            takes_back: None,
        };
        let document = match issue(tx, actor, self.model, wish, &lines).await {
            Err(error) if error.is_unique_violation() => return Err(ALREADY_INVOICED.into()),
            done => done?,
        };
        let detail = json!({
            "buyer": buyer, "number": document.head.number, "total": document.total,
        });
        audit::record(tx, actor, "invoice.issue", &document.id.to_string(), detail).await?;
        Ok(document)
    }

    /// Voids an invoice: it keeps its number, and a credit note takes its sums back.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE` if it is void, `TOO_LONG`.
    pub async fn void_invoice(
        &self,
        actor: &Actor,
        id: DocumentId,
        reason: Option<&str>,
        key: Option<&str>,
    ) -> Result<(Document, Document)> {
        actor.require(Action::RecordMoney)?;
        let reason = reason.map(str::trim).filter(|text| !text.is_empty());
        if reason.is_some_and(|text| text.chars().count() > 200) {
            return Err(Problem::new(TOO_LONG).field("reason").into());
        }
        retry(|| self.try_void(actor, id, reason, key)).await
    }

    async fn try_void(
        &self,
        actor: &Actor,
        id: DocumentId,
        reason: Option<&str>,
        key: Option<&str>,
    ) -> Result<(Document, Document)> {
        let tx = self.db.begin_write(&self.clock).await?;
        let replay: Option<DocumentId> =
            once::begin(&tx, actor, key, "voidInvoice", &(id, reason)).await?;
        let invoice = repo::document(&tx, id).await?;
        let invoice = invoice.filter(|one| one.kind == PaperKind::Invoice).ok_or(NOT_FOUND)?;
        if let Some(note) = replay {
            return Ok((invoice, repo::document(&tx, note).await?.ok_or(NOT_FOUND)?));
        }
        let subject = (PaperKind::Invoice, invoice.subject);
        if !issue::void(&tx, actor, subject, reason.map(str::to_owned)).await? {
            return Err(INVALID_STATE.into());
        }
        let wish = Issue {
            kind: PaperKind::CreditNote,
            subject: invoice.subject,
            recipient: invoice.organization_id,
            owner: None,
            currency: invoice.head.currency,
            period_from: invoice.head.period_from,
            period_to: invoice.head.period_to,
            carried: Vec::new(),
            takes_back: Some(invoice.head.clone()),
        };
        let lines = Charges { reversed: true, ..charges(&invoice) };
        let note = issue(&tx, actor, self.model, wish, &lines).await?;
        let detail = json!({"number": invoice.head.number, "credit_note": note.head.number});
        audit::record(&tx, actor, "invoice.void", &id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &note.id).await?;
        let invoice = repo::document(&tx, id).await?.ok_or(NOT_FOUND)?;
        tx.commit().await?;
        Ok((invoice, note))
    }

    /// Issues what is missing of the month that is over, in every buyer's zone. Gives how many.
    ///
    /// # Errors
    /// Faults of the database.
    pub async fn invoice_months(&self) -> Result<usize> {
        let tx = self.db.begin_read().await?;
        let Some(operator) = accounts::operator_in(&tx).await? else { return Ok(0) };
        let wallets = ledger::wallets(&tx).await?;
        drop(tx);
        let actor = Actor::system(operator);
        let mut issued = 0;
        for (buyer, currency) in wallets {
            let Some(month) = self.last_month(buyer).await? else { continue };
            let wish = IssueInvoice { buyer, currency, month: month.format("%Y-%m").to_string() };
            match retry(|| self.try_issue(&actor, &wish, month, None)).await {
                Ok(_) => issued += 1,
                Err(error) if error.problem().is_some() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(issued)
    }

    /// The month before the present one, where a buyer lives.
    async fn last_month(&self, buyer: OrganizationId) -> Result<Option<NaiveDate>> {
        let tx = self.db.begin_read().await?;
        let Some(owner) = accounts::organization_in(&tx, buyer).await? else { return Ok(None) };
        let zone: Tz = owner.time_zone.parse().unwrap_or(Tz::UTC);
        let today = self.clock.now().to_chrono().with_timezone(&zone).date_naive();
        Ok(today.with_day(1).and_then(|first| first.checked_sub_months(Months::new(1))))
    }

    /// A document that the actor may see.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn document(&self, actor: &Actor, id: DocumentId) -> Result<Document> {
        actor.require(Action::ReadMoney)?;
        let tx = self.db.begin_read().await?;
        let found = repo::document(&tx, id).await?;
        let seen = found.filter(|one| match actor.scope() {
            Scope::All => true,
            Scope::Org(own) => own == one.organization_id,
        });
        seen.ok_or(NOT_FOUND.into())
    }

    /// Documents of a kind, newest first: the own organization's, or all for operators.
    pub async fn documents(
        &self,
        actor: &Actor,
        mut filter: DocumentFilter,
        page: &Page,
    ) -> Result<Paged<Document>> {
        actor.require(Action::ReadMoney)?;
        if let Scope::Org(own) = actor.scope() {
            filter.organization = Some(own);
        }
        let tx = self.db.begin_read().await?;
        repo::page(&tx, filter.kind, filter.organization, page).await
    }

    /// The credit note that took an invoice back, which the actor was shown.
    pub async fn credit_note(&self, invoice: &Document) -> Result<Option<Document>> {
        let tx = self.db.begin_read().await?;
        Ok(repo::about(&tx, PaperKind::CreditNote, &[invoice.subject]).await?.pop())
    }

    /// An invoice or a credit note, which the actor was shown, in a form.
    ///
    /// # Errors
    /// Faults of the database and of the printer.
    pub async fn download_charges(&self, document: Document, form: Form) -> Result<Download> {
        let lines = charges(&document);
        self.download(document, form, lines).await
    }
}

/// The instants between which a month lies. It begins where the invoice of the month before ended,
/// also if the buyer has moved to another zone since: no charge is left out or twice in.
async fn period(
    tx: &impl Reader,
    (buyer, currency): (OrganizationId, Currency),
    month: NaiveDate,
    zone: Tz,
) -> Result<(Timestamp, Timestamp)> {
    let (from, to) = month_bounds(month, zone);
    let before = month.checked_sub_months(Months::new(1)).unwrap_or(month);
    let known = subject(buyer, currency, before, 0);
    let found = repo::about(tx, PaperKind::Invoice, &[known]).await?.pop();
    let end = found.map(|found| found.head.period_to);
    let near = end.filter(|end| end.since(from).abs() <= 2 * DAY);
    Ok((near.unwrap_or(from), to))
}

/// How often a month was invoiced and voided, and the last of these invoices.
async fn free_generation(
    tx: &impl Reader,
    buyer: OrganizationId,
    currency: Currency,
    month: NaiveDate,
) -> Result<(u32, Option<Document>)> {
    let (mut generation, mut last) = (0, None);
    loop {
        let known = subject(buyer, currency, month, generation);
        match repo::about(tx, PaperKind::Invoice, &[known]).await?.pop() {
            None => return Ok((generation, last)),
            Some(found) if found.voided.is_none() => return Err(ALREADY_INVOICED.into()),
            void => {
                generation += 1;
                last = void;
            }
        }
    }
}

/// Invoices and credit notes that do not print as they were issued, and numbers that are missing.
///
/// # Errors
/// Faults of the database.
pub async fn invoice_faults(tx: &impl Reader) -> Result<Vec<Difference>> {
    let mut found = Vec::new();
    for kind in [PaperKind::Invoice, PaperKind::CreditNote] {
        let (mut last, mut computed) = (Uuid::nil(), 0i64);
        loop {
            let documents = repo::after(tx, kind, last).await?;
            let Some(end) = documents.last() else { break };
            last = end.id.uuid();
            for document in &documents {
                computed += 1;
                found.extend(recompute(tx, document, &charges(document)).await?);
            }
        }
        let kept: i64 = repo::numbers(tx, kind).await?.values().sum();
        if kept != computed {
            let what = format!("numbers of kind {kind}");
            found.push(Difference::Books { what, kept, computed });
        }
    }
    Ok(found)
}
