//! The beginning: what the batch stores of a lead that waits for live buyers, and who works on it.

use leadbourse_core::exchange::Outcome;
use leadbourse_core::ids::LeadId;
use leadbourse_core::lead::LeadState;
use leadbourse_core::lead::verdict::Verdict;
use leadbourse_core::live::RunStep;
use leadbourse_core::time::{SECOND, Timestamp};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::oneshot;

use super::jobs::RESUME_LIVE;
use crate::exchange::prepare::Prepared;
use crate::exchange::service::{Exchange, Inner, Submitted};
use crate::live::{self, Caller, LiveRun};
use crate::platform::db::WriteTx;
use crate::platform::error::Result;
use crate::platform::jobs::{self, JobSpec};

/// How long after the longest that an auction may take its job looks after it, µs.
const GRACE: i64 = 15 * SECOND;

impl Inner {
    /// Whether there is somebody who asks.
    pub(in crate::exchange) fn asks_live(&self) -> bool {
        self.caller.get().is_some()
    }

    /// The runs of those leads of a batch that wait for live buyers.
    pub(in crate::exchange) fn runs(
        &self,
        decided: &[(&Prepared, &Outcome)],
        now: Timestamp,
    ) -> Vec<LiveRun> {
        let waiting = decided.iter().filter(|(_, outcome)| outcome.state == LeadState::Received);
        waiting
            .map(|(prepared, outcome)| LiveRun {
                lead: prepared.item.lead,
                step: RunStep::Asking,
                asks: outcome.asks.clone(),
                replies: BTreeMap::new(),
                trace: String::new(),
                claims: outcome.claims.iter().map(|(id, _)| *id).collect(),
                answer_id: prepared.idempotency.map(|(record, _)| record),
                post_until: now.plus(millis(self.live.post_until_ms)),
                silent_until: None,
                created_at: now,
                ended_at: None,
            })
            .collect()
    }

    /// Stores runs, each with the job that takes it up if this process does not end it.
    pub(in crate::exchange) async fn keep_runs(
        &self,
        tx: &WriteTx,
        runs: &[LiveRun],
    ) -> Result<()> {
        live::insert_runs(tx, runs).await?;
        let waits = [self.live.ask_deadline_ms, self.live.post_until_ms, self.live.post_timeout_ms];
        let longest = waits.into_iter().map(millis).fold(GRACE, i64::saturating_add);
        for run in runs {
            let job = JobSpec::new(RESUME_LIVE, json!({"lead": run.lead}));
            jobs::schedule(tx, job.at(tx.now().plus(longest))).await?;
        }
        Ok(())
    }
}

/// Milliseconds as microseconds.
pub(super) fn millis(ms: u32) -> i64 {
    i64::from(ms).saturating_mul(1_000)
}

impl Exchange {
    /// Lets live buyers be asked from now on.
    pub fn connect(&self, caller: Caller) {
        // A second caller changes nothing.
        let _ = self.0.caller.set(caller);
    }

    /// Takes a stored lead through the auction. It goes on when nobody waits for it any more.
    pub(in crate::exchange) fn begin_auction(
        &self,
        lead: LeadId,
    ) -> oneshot::Receiver<Option<Verdict>> {
        let (tell, outcome) = oneshot::channel();
        let exchange = self.clone();
        self.0.shutdown.spawn("live auction", async move {
            let work = async {
                let _place = exchange.0.auctions.acquire().await;
                exchange.drive(lead).await
            };
            // What is cut off here is taken up by its job.
            let done = tokio::select! {
                done = work => done,
                () = exchange.0.shutdown.cancelled() => return,
            };
            match done {
                Ok(verdict) => drop(tell.send(verdict)),
                Err(error) => tracing::error!(%error, %lead, "a live auction stopped"),
            }
        });
        outcome
    }

    /// The verdict of an auction, if it comes before the deadline of a request.
    pub(in crate::exchange) async fn outcome_of(
        &self,
        outcome: oneshot::Receiver<Option<Verdict>>,
    ) -> Option<Verdict> {
        let patience = Duration::from_millis(self.0.intake.deadline_ms);
        match tokio::time::timeout(patience, outcome).await {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(_)) | Err(_) => None,
        }
    }

    /// A stored lead's verdict after its auction; as it was received if that takes longer.
    pub(in crate::exchange) async fn auctioned(&self, submitted: Submitted) -> Submitted {
        let outcome = self.begin_auction(submitted.verdict.lead_id);
        match self.outcome_of(outcome).await {
            Some(verdict) => Submitted::fresh(verdict),
            None => submitted,
        }
    }
}
