//! Step 4: leads that nobody works on any more, and buyers that are silent.

use async_trait::async_trait;
use leadbourse_core::ids::{AwardId, LeadId};
use leadbourse_core::live::steps::{Silence, silence};
use leadbourse_core::live::{Posted, RunStep};
use leadbourse_core::time::SECOND;
use serde_json::json;

use super::settle::{Ending, Settled};
use crate::exchange::service::{Exchange, Inner};
use crate::live::{self, LiveAward};
use crate::offers;
use crate::platform::error::{Error, Result};
use crate::platform::jobs::{self, Job, JobSpec};

/// The job that takes up a lead whose auction was cut off.
pub const RESUME_LIVE: &str = "exchange.resume_live";
/// The job that asks what became of a post, and ends the waiting.
pub const AWAIT_LIVE: &str = "exchange.await_live";

/// Takes up a lead.
#[derive(Clone)]
pub struct ResumeLive(pub Exchange);

/// Waits for a silent buyer.
#[derive(Clone)]
pub struct AwaitLive(pub Exchange);

#[async_trait]
impl jobs::Handler for ResumeLive {
    async fn run(&self, job: &Job) -> Result<()> {
        self.0.resume(named(job, "lead")?).await
    }
}

#[async_trait]
impl jobs::Handler for AwaitLive {
    async fn run(&self, job: &Job) -> Result<()> {
        self.0.await_buyer(named(job, "lead")?, named(job, "award")?).await
    }
}

fn named<T: std::str::FromStr>(job: &Job, name: &str) -> Result<T> {
    let text = job.payload.get(name).and_then(|value| value.as_str()).unwrap_or_default();
    text.parse().map_err(|_| Error::broken(format!("a live job without a {name}")))
}

impl Inner {
    /// Time between two questions of status, µs.
    pub(super) fn status_every(&self) -> i64 {
        i64::from(self.live.status_every_s).saturating_mul(SECOND)
    }
}

impl Exchange {
    /// Goes on where the lead was left. An offer that was cut off may have arrived: it is waited
    /// for, never sent again or to somebody else.
    async fn resume(&self, lead: LeadId) -> Result<()> {
        let tx = self.0.db.begin_read().await?;
        let Some(run) = live::run(&tx, lead).await? else { return Ok(()) };
        let open = live::open_award(&tx, lead).await?;
        drop(tx);
        match (run.step, open) {
            (RunStep::Asking | RunStep::Ranking, _) => self.drive(lead).await.map(drop),
            (RunStep::Offered, Some(award)) => {
                let cut_off = Ending::Posted(Posted::Silent);
                self.settle(lead, award.id, &cut_off).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    async fn await_buyer(&self, lead: LeadId, id: AwardId) -> Result<()> {
        let tx = self.0.db.begin_read().await?;
        let run = live::run(&tx, lead).await?;
        let award = live::award(&tx, id).await?.filter(|award| award.state.is_open());
        drop(tx);
        let Some(run) = run else { return Ok(()) };
        if run.step == RunStep::Ranking {
            // It was released here, and what follows was cut off.
            return self.drive(lead).await.map(drop);
        }
        let Some(award) = award.filter(|_| run.step == RunStep::Waiting) else { return Ok(()) };
        let until = run.silent_until.unwrap_or(run.created_at);
        let ending = match self.status_of(&award).await? {
            Posted::Silent => {
                let inner = &*self.0;
                let every = inner.status_every();
                match silence(inner.clock.now(), until, every, award.on_silence) {
                    Silence::AskAt(at) => {
                        let tx = inner.db.begin_write(&inner.clock).await?;
                        let job = JobSpec::new(AWAIT_LIVE, json!({"lead": lead, "award": id}));
                        jobs::schedule(&tx, job.at(at)).await?;
                        return tx.commit().await;
                    }
                    Silence::Sold => {
                        Ending::Posted(Posted::Accepted { price: None, redirect: None })
                    }
                    Silence::Released => Ending::Released,
                }
            }
            said => Ending::Posted(said),
        };
        match self.settle(lead, id, &ending).await? {
            Settled::Next(_) => self.drive(lead).await.map(drop),
            Settled::Decided(_) | Settled::Waits | Settled::Gone => Ok(()),
        }
    }

    async fn status_of(&self, award: &LiveAward) -> Result<Posted> {
        let inner = &*self.0;
        let tx = inner.db.begin_read().await?;
        let connection = offers::live_connections(&tx, &[award.offer]).await?;
        drop(tx);
        let ids = (award.lead, award.offer, award.id);
        let message = live::status(ids, inner.clock.now(), false);
        Ok(match (connection.get(&award.offer), inner.caller.get()) {
            (Some(to), Some(caller)) => caller.status(to, &message, award.currency).await,
            _ => Posted::Silent,
        })
    }
}
