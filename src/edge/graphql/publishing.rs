//! What a publisher sees of its tests. A posting specification is a field of the source.

use async_graphql::{Context, ID, Object};

use super::context::{actor, app};
use super::leads::Channel;
use super::loaders::loaders;
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, id, parse_opt_id};
use super::sources::Source;
use super::submit::{LeadState, LeadVerdict};
use crate::exchange::Submitted;
use crate::leads;

/// Queries of publishing.
#[derive(Default)]
pub struct PublishingQuery;

/// A test lead: checked and answered, never sold, billed or counted. Kept for 30 days.
pub struct TestLead(pub leads::TestLead);

#[Object]
impl TestLead {
    /// Its id; `lead(id)` does not know it.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Where it came from.
    async fn source(&self, ctx: &Context<'_>) -> async_graphql::Result<Source> {
        Ok(Source(loaders(ctx)?.must(self.0.source).await?))
    }

    /// How it came in.
    async fn channel(&self) -> Channel {
        self.0.channel.into()
    }

    /// What it was answered.
    async fn state(&self) -> LeadState {
        self.0.verdict.state.into()
    }

    /// The whole answer.
    async fn verdict(&self) -> LeadVerdict {
        Submitted { verdict: self.0.verdict.clone(), replayed: false }.into()
    }

    /// When it came in.
    async fn received_at(&self) -> DateTime {
        self.0.received_at.into()
    }
}

#[Object]
impl PublishingQuery {
    /// Test leads, newest first: the publisher's own, or all for operators.
    async fn test_leads(
        &self,
        ctx: &Context<'_>,
        source_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<TestLead>> {
        let page = page(first, after.as_deref())?;
        let source = parse_opt_id(source_id.as_ref(), "sourceId")?;
        let found = app(ctx)?.leads.tests(&actor(ctx)?, source, &page).await?;
        Ok(connection(&page, found, |lead| (lead.id.uuid(), TestLead(lead))))
    }
}
