//! Issuing and voiding, in somebody else's transaction.

use std::collections::HashMap;

use chrono::Datelike;
use leadbourse_core::access::Actor;
use leadbourse_core::ids::{DocumentId, OrganizationId};
use leadbourse_core::ledger::Difference;
use leadbourse_core::paper::{Head, PaperKind, SettlementModel};
use uuid::Uuid;

use super::lines::{self, Source};
use super::model::{BillingProfile, Document, Issue, Voided};
use super::repo;
use crate::accounts::{self, Organization};
use crate::offers;
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::{Error, Result};

/// An organization, and what it wants on documents.
pub(super) async fn side(
    tx: &impl Reader,
    id: OrganizationId,
) -> Result<(Organization, BillingProfile)> {
    let found = accounts::organization_in(tx, id).await?;
    let found = found.ok_or_else(|| Error::broken(format!("{id} is gone")))?;
    let profile = repo::profile(tx, id, found.country.as_deref()).await?;
    Ok((found, profile))
}

/// Issues a document: takes the next number of its series, freezes the facts of the day, sums and
/// hashes its lines. The counter's row stays locked until the caller commits, so a number that is
/// given back by a failure is the next one's: there are no gaps. Lock what the lines depend on
/// first, and balances after.
///
/// # Errors
/// `LEDGER_OVERFLOW`, and faults of the database.
pub async fn issue(
    tx: &WriteTx,
    actor: &Actor,
    model: SettlementModel,
    wish: Issue,
    source: &impl Source,
) -> Result<Document> {
    let now = tx.now();
    let owner = wish.owner.map_or(Uuid::nil(), OrganizationId::uuid);
    let year = now.to_chrono().year();
    let count = repo::next_number(tx, wish.kind, owner, year).await?;
    let number = wish.kind.number(year, count);
    let mut head = head(tx, actor, model, &wish, number).await?;
    let (summary, offers) = lines::summarize(tx, &head, source).await?;
    let offers: Vec<_> = offers.into_iter().collect();
    head.offers.extend(offers::names(tx, &offers).await?);
    let totals = summary.totals()?;
    let (json_sha256, csv_sha256) = lines::digests(tx, &head, &totals, source).await?;
    let document = Document {
        id: DocumentId::new(now),
        kind: wish.kind,
        subject: wish.subject,
        organization_id: wish.recipient,
        head,
        lines: totals.lines,
        total: totals.total,
        json_sha256,
        csv_sha256,
        issued_by: actor.name(),
        issued_at: now,
        voided: None,
    };
    repo::insert(tx, &document, owner).await?;
    Ok(document)
}

async fn head(
    tx: &WriteTx,
    actor: &Actor,
    model: SettlementModel,
    wish: &Issue,
    number: String,
) -> Result<Head> {
    let common = |head: Head| Head {
        kind: wish.kind,
        number: number.clone(),
        issued_at: tx.now(),
        carried: wish.carried.clone(),
        ..head
    };
    // What is taken back keeps its parties and rates: a correction is of the same facts.
    if let Some(before) = &wish.takes_back {
        let refers_to = Some(before.number.clone());
        return Ok(common(Head { refers_to, ..before.clone() }));
    }
    let (issuer, of_issuer) = side(tx, actor.org).await?;
    let (recipient, profile) = side(tx, wish.recipient).await?;
    Ok(common(Head {
        kind: wish.kind,
        number: String::new(),
        language: profile.language,
        currency: wish.currency,
        period_from: wish.period_from,
        period_to: wish.period_to,
        issued_at: tx.now(),
        time_zone: recipient.time_zone,
        issuer: of_issuer.party(issuer.name, issuer.country),
        model,
        tax_rate_bps: profile.tax_rate_bps,
        recipient: profile.party(recipient.name, recipient.country),
        carried: Vec::new(),
        offers: std::collections::BTreeMap::new(),
        refers_to: None,
    }))
}

/// Marks a document void, if there is one. It keeps its number, its head and its hashes.
///
/// # Errors
/// Faults of the database.
pub async fn void(
    tx: &WriteTx,
    actor: &Actor,
    subject: (PaperKind, Uuid),
    reason: Option<String>,
) -> Result<bool> {
    let voided = Voided { by: actor.name(), at: tx.now(), reason };
    repo::mark_void(tx, subject, &voided).await
}

/// Prints a document again from its lines and compares: names what is not as it was issued.
///
/// # Errors
/// Faults of the database.
pub async fn recompute(
    tx: &impl Reader,
    document: &Document,
    source: &impl Source,
) -> Result<Vec<Difference>> {
    let number = &document.head.number;
    let (summary, _) = lines::summarize(tx, &document.head, source).await?;
    let totals = summary.totals()?;
    let mut found = Vec::new();
    for (what, kept, computed) in
        [("lines", document.lines, totals.lines), ("total", document.total, totals.total)]
    {
        if kept != computed {
            let what = format!("{} {number} {what}", document.id);
            found.push(Difference::Books { what, kept, computed });
        }
    }
    let (json, csv) = lines::digests(tx, &document.head, &totals, source).await?;
    for (what, kept, computed) in
        [("JSON", document.json_sha256, json), ("CSV", document.csv_sha256, csv)]
    {
        if kept != computed {
            found.push(Difference::Paper { what: format!("{} {number} {what}", document.id) });
        }
    }
    Ok(found)
}

/// The documents of one kind about these subjects.
///
/// # Errors
/// Faults of the database.
pub async fn documents_about(
    tx: &impl Reader,
    kind: PaperKind,
    subjects: &[Uuid],
) -> Result<Vec<Document>> {
    repo::about(tx, kind, subjects).await
}

/// Two hundred documents of a kind after one, oldest first.
///
/// # Errors
/// Faults of the database.
pub async fn documents_after(
    tx: &impl Reader,
    kind: PaperKind,
    last: Uuid,
) -> Result<Vec<Document>> {
    repo::after(tx, kind, last).await
}

/// How many numbers each series of a kind has given, by its owner.
///
/// # Errors
/// Faults of the database.
pub async fn numbers_given(tx: &impl Reader, kind: PaperKind) -> Result<HashMap<Uuid, i64>> {
    repo::numbers(tx, kind).await
}
