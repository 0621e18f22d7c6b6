//! Statements on documents, counters and billing profiles.

use std::collections::HashMap;

use leadbourse_core::ids::{DocumentId, OrganizationId};
use leadbourse_core::paper::PaperKind;
use leadbourse_core::time::Timestamp;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use super::model::{BillingProfile, Document, Voided};
use crate::platform::db::sql::Filter;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Context, Error, Result};
use crate::platform::paging::{Page, Paged};

const DOCUMENT: &str = "id, kind, subject_id, organization_id, head, lines, total, json_sha256, \
     csv_sha256, issued_by, issued_at, voided_by, voided_at, void_reason";

fn hash(row: &QueryResult, column: &str) -> Result<[u8; 32]> {
    let bytes: Vec<u8> = row.try_get("", column)?;
    bytes.try_into().map_err(|_| Error::broken(format!("stored {column} is no SHA-256")))
}

fn document_of(row: &QueryResult) -> Result<Document> {
    let kind: String = row.try_get("", "kind")?;
    let head: String = row.try_get("", "head")?;
    let voided_at: Option<i64> = row.try_get("", "voided_at")?;
    let voided = match voided_at {
        Some(at) => {
            let by: Option<String> = row.try_get("", "voided_by")?;
            let reason = row.try_get("", "void_reason")?;
            Some(Voided { by: by.unwrap_or_default(), at: Timestamp::from_micros(at), reason })
        }
        None => None,
    };
    Ok(Document {
        id: DocumentId(row.try_get("", "id")?),
        kind: kind.parse().map_err(|_| Error::broken(format!("stored kind {kind}")))?,
        subject: row.try_get("", "subject_id")?,
        organization_id: OrganizationId(row.try_get("", "organization_id")?),
        head: serde_json::from_str(&head).context("reading a document's head")?,
        lines: row.try_get("", "lines")?,
        total: row.try_get("", "total")?,
        json_sha256: hash(row, "json_sha256")?,
        csv_sha256: hash(row, "csv_sha256")?,
        issued_by: row.try_get("", "issued_by")?,
        issued_at: Timestamp::from_micros(row.try_get("", "issued_at")?),
        voided,
    })
}

/// The next number of a series in a year, from 1. The counter's row stays locked until the end, so
/// numbers have neither gaps nor twins: who fails gives the number back with everything else.
pub(super) async fn next_number(
    tx: &WriteTx,
    kind: PaperKind,
    owner: Uuid,
    year: i32,
) -> Result<i64> {
    let text = "INSERT INTO document_counters (kind, owner_id, year, last) \
         VALUES ($1, $2, $3, 1) ON CONFLICT (kind, owner_id, year) \
         DO UPDATE SET last = document_counters.last + 1 RETURNING last";
    let values: [Value; 3] = [kind.as_str().into(), owner.into(), year.into()];
    let row = sql::one(tx, text, values).await?;
    let row = row.ok_or_else(|| Error::broken("a counter gave no number"))?;
    Ok(row.try_get("", "last")?)
}

pub(super) async fn insert(tx: &WriteTx, document: &Document, owner: Uuid) -> Result<()> {
    let text = "INSERT INTO documents (id, kind, subject_id, organization_id, owner_id, number, \
         currency, period_from, period_to, head, lines, total, json_sha256, csv_sha256, \
         issued_by, issued_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    let head = serde_json::to_string(&document.head).context("printing a document's head")?;
    let values: [Value; 16] = [
        document.id.uuid().into(),
        document.kind.as_str().into(),
        document.subject.into(),
        document.organization_id.uuid().into(),
        owner.into(),
        document.head.number.as_str().into(),
        document.head.currency.code().into(),
        document.head.period_from.micros().into(),
        document.head.period_to.micros().into(),
        head.into(),
        document.lines.into(),
        document.total.into(),
        document.json_sha256.to_vec().into(),
        document.csv_sha256.to_vec().into(),
        document.issued_by.as_str().into(),
        document.issued_at.micros().into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

/// Marks a document void; `false` if it is not there, or void before.
pub(super) async fn mark_void(
    tx: &WriteTx,
    (kind, subject): (PaperKind, Uuid),
    voided: &Voided,
) -> Result<bool> {
    let text = "UPDATE documents SET voided_by = $1, voided_at = $2, void_reason = $3 \
         WHERE subject_id = $4 AND kind = $5 AND voided_at IS NULL";
    let values: [Value; 5] = [
        voided.by.as_str().into(),
        voided.at.micros().into(),
        voided.reason.clone().into(),
        subject.into(),
        kind.as_str().into(),
    ];
    Ok(sql::run(tx, text, values).await? == 1)
}

/// The documents of one kind about these subjects.
pub(super) async fn about(
    tx: &impl Reader,
    kind: PaperKind,
    subjects: &[Uuid],
) -> Result<Vec<Document>> {
    let mut found = Vec::with_capacity(subjects.len());
    for some in subjects.chunks(512) {
        let mut wanted = Filter::default();
        wanted.and("kind =", kind.as_str());
        wanted.and_in("subject_id", some);
        let text = format!("SELECT {DOCUMENT} FROM documents WHERE {}", wanted.text);
        for row in sql::all(tx, &text, wanted.values).await? {
            found.push(document_of(&row)?);
        }
    }
    Ok(found)
}

/// One document.
pub(super) async fn document(tx: &impl Reader, id: DocumentId) -> Result<Option<Document>> {
    let text = format!("SELECT {DOCUMENT} FROM documents WHERE id = $1");
    sql::one(tx, &text, [id.uuid().into()]).await?.as_ref().map(document_of).transpose()
}

/// Documents of a kind, newest first.
pub(super) async fn page(
    tx: &impl Reader,
    kind: PaperKind,
    organization: Option<OrganizationId>,
    page: &Page,
) -> Result<Paged<Document>> {
    let mut wanted = Filter::default();
    wanted.and("kind =", kind.as_str());
    wanted.and_some("organization_id =", organization.map(|id| id.uuid()));
    let (rest, values) = wanted.page(page);
    let text = format!("SELECT {DOCUMENT} FROM documents WHERE {rest}");
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(document_of).collect::<Result<_>>()?, page))
}

/// Documents of a kind in the order of their ids, for `verify`.
pub(super) async fn after(tx: &impl Reader, kind: PaperKind, last: Uuid) -> Result<Vec<Document>> {
    let text = format!(
        "SELECT {DOCUMENT} FROM documents WHERE kind = $1 AND id > $2 ORDER BY id LIMIT 200"
    );
    let values: [Value; 2] = [kind.as_str().into(), last.into()];
    sql::all(tx, &text, values).await?.iter().map(document_of).collect()
}

/// How many numbers each series of a kind has given, over all years.
pub(super) async fn numbers(tx: &impl Reader, kind: PaperKind) -> Result<HashMap<Uuid, i64>> {
    let text = "SELECT owner_id, CAST(SUM(last) AS BIGINT) AS last FROM document_counters \
         WHERE kind = $1 GROUP BY owner_id";
    sql::all(tx, text, [kind.as_str().into()])
        .await?
        .iter()
        .map(|row| Ok((row.try_get("", "owner_id")?, row.try_get("", "last")?)))
        .collect()
}

/// What an organization said about its documents.
pub(super) async fn profile(
    tx: &impl Reader,
    id: OrganizationId,
    country: Option<&str>,
) -> Result<BillingProfile> {
    let text = "SELECT language, legal_name, seat, tax_number, tax_rate_bps \
         FROM billing_profiles WHERE organization_id = $1";
    let unsaid = BillingProfile::of_country(id, country);
    let Some(row) = sql::one(tx, text, [id.uuid().into()]).await? else { return Ok(unsaid) };
    let language: Option<String> = row.try_get("", "language")?;
    let rate: i32 = row.try_get("", "tax_rate_bps")?;
    Ok(BillingProfile {
        language_chosen: language.is_some(),
        language: language.and_then(|text| text.parse().ok()).unwrap_or(unsaid.language),
        legal_name: row.try_get("", "legal_name")?,
        address: row.try_get("", "seat")?,
        tax_number: row.try_get("", "tax_number")?,
        tax_rate_bps: u32::try_from(rate).unwrap_or(0),
        ..unsaid
    })
}

pub(super) async fn save_profile(tx: &WriteTx, profile: &BillingProfile) -> Result<()> {
    let text = "INSERT INTO billing_profiles (organization_id, language, legal_name, seat, \
         tax_number, tax_rate_bps, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (organization_id) DO UPDATE SET language = excluded.language, \
         legal_name = excluded.legal_name, seat = excluded.seat, \
         tax_number = excluded.tax_number, tax_rate_bps = excluded.tax_rate_bps, \
         updated_at = excluded.updated_at";
    let language = profile.language_chosen.then(|| profile.language.as_str().to_owned());
    let values: [Value; 7] = [
        profile.organization_id.uuid().into(),
        language.into(),
        profile.legal_name.clone().into(),
        profile.address.clone().into(),
        profile.tax_number.clone().into(),
        i32::try_from(profile.tax_rate_bps).unwrap_or(0).into(),
        tx.now().micros().into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}
