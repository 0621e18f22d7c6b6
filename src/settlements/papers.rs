//! A statement as a document: issued with the approval, printed again at any time.

use std::collections::HashMap;

use leadbourse_core::access::Actor;
use leadbourse_core::error::NOT_FOUND;
use leadbourse_core::ids::{ConversionId, OrganizationId, StatementId};
use leadbourse_core::ledger::Difference;
use leadbourse_core::paper::{CarriedIn, Line, LineKind, PaperKind};
use leadbourse_core::settlement::StatementState;
use uuid::Uuid;

use super::model::Statement;
use super::repo::{self, papers as rows};
use super::service::Settlements;
use crate::conversions::{self, Conversion};
use crate::papers::{self, Document, Issue, Source};
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::{Error, Result};

/// Lines that are read at once. Each page sorts what is left of a statement, so pages are large.
const PAGE: u32 = 4_000;

/// The lines of a statement, by conversion. They do not change: a statement's lines are frozen, and
/// those of a void one have been put aside as they were.
#[derive(Clone, Copy, Debug)]
pub struct StatementLines(StatementId);

impl StatementLines {
    /// The lines of a statement that the reader may see.
    pub const fn of(statement: StatementId) -> Self {
        Self(statement)
    }
}

impl Source for StatementLines {
    async fn page(&self, tx: &impl Reader, after: Option<Uuid>) -> Result<Vec<(Uuid, Line)>> {
        let lines = rows::lines_after(tx, self.0, after.map(ConversionId), PAGE).await?;
        let ids: Vec<ConversionId> = lines.iter().map(|line| line.conversion_id).collect();
        let known: HashMap<ConversionId, Conversion> = conversions::read_all(tx, &ids)
            .await?
            .into_iter()
            .map(|conversion| (conversion.id, conversion))
            .collect();
        let line = |frozen: &super::model::StatementLine| {
            let of = known.get(&frozen.conversion_id);
            let of =
                of.ok_or_else(|| Error::broken(format!("{} is gone", frozen.conversion_id)))?;
            let line = Line {
                kind: LineKind::Conversion,
                id: of.id.to_string(),
                conversion: Some(of.id),
                award: Some(of.award_id),
                lead: Some(of.lead_id),
                offer: Some(of.offer_id),
                goal: Some(of.goal),
                at: of.occurred_at,
                gross: frozen.earning,
                given_back: frozen.given_back,
                fee: None,
                amount: frozen.amount,
                reason: None,
            };
            Ok((of.id.uuid(), line))
        };
        lines.iter().map(line).collect()
    }
}

impl Settlements {
    /// Issues the document of a statement that is being approved.
    pub(super) async fn issue_document(
        &self,
        tx: &WriteTx,
        actor: &Actor,
        statement: &Statement,
    ) -> Result<Document> {
        let from = repo::carried_from(tx, statement.id).await?;
        let mut carried = rows::by_ids(tx, &from).await?;
        carried.sort_by_key(|one| one.id);
        let carried = carried
            .into_iter()
            .map(|one| CarriedIn { statement: one.id, number: one.number, amount: one.total })
            .collect();
        let wish = Issue {
            kind: PaperKind::Statement,
            subject: statement.id.uuid(),
            recipient: statement.publisher_id,
            owner: Some(statement.publisher_id),
            currency: statement.currency,
            period_from: statement.period_from,
            period_to: statement.period_to,
            carried,
            takes_back: None,
        };
        let lines = StatementLines(statement.id);
        let document = papers::issue(tx, actor, self.money.settlement_model, wish, &lines).await?;
        if document.total == statement.total {
            Ok(document)
        } else {
            Err(Error::broken(format!("{} is not the sum of its lines", statement.id)))
        }
    }

    /// The document of a statement that the actor may see, with where its lines are.
    ///
    /// # Errors
    /// `NOT_FOUND`, also before the approval.
    pub async fn document(
        &self,
        actor: &Actor,
        id: StatementId,
    ) -> Result<(Document, StatementLines)> {
        self.statement(actor, id).await?;
        let tx = self.db.begin_read().await?;
        let found = papers::documents_about(&tx, PaperKind::Statement, &[id.uuid()]).await?.pop();
        Ok((found.ok_or(NOT_FOUND)?, StatementLines(id)))
    }
}

/// Documents of statements that do not print as they were issued, or are not their statement, and
/// series with gaps.
pub(super) async fn faults(tx: &impl Reader) -> Result<Vec<Difference>> {
    let mut found = Vec::new();
    let mut last = Uuid::nil();
    loop {
        let documents = papers::documents_after(tx, PaperKind::Statement, last).await?;
        let Some(end) = documents.last() else { break };
        last = end.id.uuid();
        let ids: Vec<StatementId> = documents.iter().map(|one| StatementId(one.subject)).collect();
        let statements: HashMap<StatementId, Statement> =
            rows::by_ids(tx, &ids).await?.into_iter().map(|one| (one.id, one)).collect();
        for document in &documents {
            let id = StatementId(document.subject);
            found.extend(papers::recompute(tx, document, &StatementLines(id)).await?);
            let same = statements.get(&id).is_some_and(|one| {
                one.number.as_deref() == Some(document.head.number.as_str())
                    && one.total == document.total
                    && (one.state == StatementState::Void) == document.voided.is_some()
            });
            if !same {
                let what = format!("{} beside {id}", document.id);
                found.push(Difference::Paper { what });
            }
        }
    }
    let mut given = papers::numbers_given(tx, PaperKind::Statement).await?;
    for (publisher, computed) in rows::numbered(tx).await? {
        let kept = given.remove(&publisher.uuid()).unwrap_or(0);
        found.extend(series(publisher, kept, computed));
    }
    found.extend(
        given.into_iter().filter_map(|(owner, kept)| series(OrganizationId(owner), kept, 0)),
    );
    Ok(found)
}

fn series(publisher: OrganizationId, kept: i64, computed: i64) -> Option<Difference> {
    let what = format!("numbers of statements of {publisher}");
    (kept != computed).then_some(Difference::Books { what, kept, computed })
}
