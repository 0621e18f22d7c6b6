//! The audit log.

use async_graphql::{Context, ID, Object};
use leadbourse_core::access::Action;

use super::accounts::Organization;
use super::context::{actor, app};
use super::loaders::loaders;
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, JsonValue, id};
use crate::platform::audit::{self, Entry};

/// Queries of the audit log.
#[derive(Default)]
pub struct AuditQuery;

/// A line of the audit log: who did what to what.
pub struct AuditEntry(Entry);

#[Object]
impl AuditEntry {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// For which organization it was done.
    async fn organization(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let found = loaders(ctx)?.one(self.0.organization_id).await?;
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        Ok(found.map(|found| Organization::new(app, actor, found)))
    }

    /// Who: a user, a key, or the system.
    async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// What was done, like `offer.pause`.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// To what: a printed id.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// More facts; never contact data.
    async fn detail(&self) -> JsonValue {
        async_graphql::Json(self.0.detail.clone())
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// The hash that chains the line to those before it.
    async fn hash(&self) -> &str {
        &self.0.hash
    }
}

#[Object]
impl AuditQuery {
    /// The audit log of the acting organization; operators see all. `subject` is a printed id.
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        subject: Option<String>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<AuditEntry>> {
        let actor = actor(ctx)?;
        actor.require(Action::ReadAudit)?;
        let page = page(first, after.as_deref())?;
        let tx = app(ctx)?.db.begin_read().await?;
        let found = audit::list_of(&tx, actor.scope(), subject.as_deref(), &page).await?;
        Ok(connection(&page, found, |entry| (entry.id.uuid(), AuditEntry(entry))))
    }
}
