//! Reading calls.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::call::CallState;
use leadbourse_core::error::NOT_FOUND;
use leadbourse_core::ids::{CallId, OfferId, SourceId};

use super::model::CallRecord;
use super::repo;
use super::service::Calls;
use crate::conversions::Seen;
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};

/// What a list of calls is narrowed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Only in this state.
    pub state: Option<CallState>,
    /// Only those that this offer bought.
    pub offer: Option<OfferId>,
    /// Only of this source.
    pub source: Option<SourceId>,
}

impl Calls {
    /// Calls, newest first: those that a buyer bought, a publisher's own, all for operators.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right to read leads.
    pub async fn list(
        &self,
        actor: &Actor,
        filter: &CallFilter,
        page: &Page,
    ) -> Result<Paged<CallRecord>> {
        actor.require(Action::ReadLeads)?;
        let tx = self.db.begin_read().await?;
        repo::page(&tx, Seen::by(actor), filter, page).await
    }

    /// One call that the actor may see.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn get(&self, actor: &Actor, id: CallId) -> Result<CallRecord> {
        actor.require(Action::ReadLeads)?;
        let tx = self.db.begin_read().await?;
        repo::find(&tx, Seen::by(actor), id).await?.ok_or_else(|| NOT_FOUND.into())
    }
}
