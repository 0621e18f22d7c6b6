//! `test_leads`.

use leadbourse_core::access::Scope;
use leadbourse_core::ids::{LeadId, OrganizationId, SourceId};
use leadbourse_core::lead::verdict::Verdict;
use leadbourse_core::time::Timestamp;
use sea_orm::{QueryResult, Value};

use crate::leads::rehearsed::TestLead;
use crate::platform::db::sql::Filter;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Context, Result};
use crate::platform::paging::{Page, Paged};

pub(in crate::leads) async fn insert(tx: &WriteTx, lead: &TestLead) -> Result<()> {
    let text = "INSERT INTO test_leads (id, publisher_id, source_id, channel, state, verdict, \
         received_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let verdict = serde_json::to_string(&lead.verdict).context("printing a verdict")?;
    let values: [Value; 7] = [
        lead.id.uuid().into(),
        lead.publisher.uuid().into(),
        lead.source.uuid().into(),
        lead.channel.as_str().into(),
        lead.verdict.state.as_str().into(),
        verdict.into(),
        lead.received_at.micros().into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

pub(in crate::leads) async fn list(
    tx: &impl Reader,
    scope: Scope,
    source: Option<SourceId>,
    page: &Page,
) -> Result<Paged<TestLead>> {
    let mut wanted = Filter::default();
    if let Scope::Org(org) = scope {
        wanted.and("publisher_id =", org.uuid());
    }
    wanted.and_some("source_id =", source.map(|id| id.uuid()));
    let (rest, values) = wanted.page(page);
    let text = format!(
        "SELECT id, publisher_id, source_id, channel, verdict, received_at FROM test_leads \
         WHERE {rest}"
    );
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(read).collect::<Result<_>>()?, page))
}

fn read(row: &QueryResult) -> Result<TestLead> {
    let (channel, verdict): (String, String) =
        (row.try_get("", "channel")?, row.try_get("", "verdict")?);
    let verdict: Verdict = serde_json::from_str(&verdict).context("reading a verdict")?;
    Ok(TestLead {
        id: LeadId(row.try_get("", "id")?),
        publisher: OrganizationId(row.try_get("", "publisher_id")?),
        source: SourceId(row.try_get("", "source_id")?),
        channel: channel.parse().context("reading a channel")?,
        verdict,
        received_at: Timestamp::from_micros(row.try_get("", "received_at")?),
    })
}

/// Drops what came in before that, a bounded number at once; gives how many went.
pub(in crate::leads) async fn purge(tx: &WriteTx, before: Timestamp, most: i64) -> Result<u64> {
    let text = "DELETE FROM test_leads WHERE id IN \
         (SELECT id FROM test_leads WHERE received_at < $1 LIMIT $2)";
    sql::run(tx, text, [before.micros().into(), most.into()]).await
}
