//! Test leads: their verdicts, kept for a while for their publisher. They hold no field of the
//! lead and are counted nowhere, because they are in a table of their own.

use async_trait::async_trait;
use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::error::NOT_FOUND;
use leadbourse_core::ids::{LeadId, OrganizationId, SourceId};
use leadbourse_core::lead::Channel;
use leadbourse_core::lead::verdict::Verdict;
use leadbourse_core::time::{DAY, Timestamp};

use super::repo::rehearsed as repo;
use super::service::Leads;
use crate::platform::db::WriteTx;
use crate::platform::error::Result;
use crate::platform::jobs;
use crate::platform::paging::{Page, Paged};

/// The hourly job that drops old test leads.
pub const SWEEP_TESTS: &str = "leads.sweep_tests";

/// How long a test lead is kept.
const KEPT: i64 = 30 * DAY;

/// A test lead as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestLead {
    /// Its id; no other table knows it.
    pub id: LeadId,
    /// Who sent it.
    pub publisher: OrganizationId,
    /// From where.
    pub source: SourceId,
    /// How it came in.
    pub channel: Channel,
    /// What it was answered.
    pub verdict: Verdict,
    /// When.
    pub received_at: Timestamp,
}

/// Keeps the answer to a test lead.
///
/// # Errors
/// Faults only.
pub async fn keep_test(tx: &WriteTx, lead: &TestLead) -> Result<()> {
    repo::insert(tx, lead).await
}

impl Leads {
    /// Test leads, newest first: the publisher's own, or all for operators.
    ///
    /// # Errors
    /// `NOT_FOUND` for buyers.
    pub async fn tests(
        &self,
        actor: &Actor,
        source: Option<SourceId>,
        page: &Page,
    ) -> Result<Paged<TestLead>> {
        actor.require(Action::ReadLeads)?;
        if actor.kind == OrgKind::Buyer {
            return Err(NOT_FOUND.into());
        }
        let tx = self.db.begin_read().await?;
        repo::list(&tx, actor.scope(), source, page).await
    }
}

/// Drops test leads that are old.
#[derive(Clone, Debug)]
pub struct SweepTests(pub Leads);

#[async_trait]
impl jobs::Handler for SweepTests {
    async fn run(&self, _job: &jobs::Job) -> Result<()> {
        const MOST: i64 = 1_000;
        loop {
            let tx = self.0.db.begin_write(&self.0.clock).await?;
            let gone = repo::purge(&tx, tx.now().plus(-KEPT), MOST).await?;
            tx.commit().await?;
            if gone < MOST.unsigned_abs() {
                return Ok(());
            }
        }
    }
}
