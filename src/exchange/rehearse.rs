//! Test leads: the same checks and the same market as for a true lead, and nothing of it stays.
//!
//! The batch of one is decided in a write transaction with the very locks and claims of a true
//! one, and rolled back. So the answer is what a true lead would have got at that moment.

use leadbourse_core::error::{OVERLOADED, RATE_LIMITED};
use leadbourse_core::exchange::Outcome;
use leadbourse_core::ids::AwardId;
use leadbourse_core::lead::LeadState;
use leadbourse_core::lead::verdict::{ShownMoney, SoldCopy, Verdict};
use leadbourse_core::publish::magic;
use leadbourse_core::time::Timestamp;

use super::Exchange;
use super::batch::{self, Rehearsed};
use super::plan;
use super::prepare::{Body, Prepared, SubmitRequest};
use super::service::{Submitted, job};
use super::worker::follow;
use crate::leads::{self, TestLead};
use crate::platform::error::Result;

/// How often a test lead follows a market that keeps moving.
const MOST_REFRESHES: u32 = 10;

impl Exchange {
    /// Checks a test lead and answers what would have become of it, or what its magic value asks
    /// for. The verdict is kept for its publisher, without any field of the lead.
    ///
    /// # Errors
    /// `RATE_LIMITED`, `BAD_POSTING_KEY`, `UNKNOWN_SOURCE`, `SHUTTING_DOWN`.
    pub(super) async fn rehearse(&self, request: SubmitRequest) -> Result<Submitted> {
        let inner = self.inner();
        let (source, publisher) = {
            let source = &request.sender.source;
            (source.id, source.publisher)
        };
        let channel = request.channel;
        let prepared = self.untried(request, "test").await?;
        let asked = self.magic(&prepared);
        let verdict = match asked {
            Some(asked) => made_up(&asked, &prepared, inner.clock.now()),
            None => {
                let (prepared, outcome) = self.true_to_life(prepared).await?;
                shown(&prepared, &outcome, inner.clock.now())
            }
        };
        let tx = inner.db.begin_write(&inner.clock).await?;
        let kept = TestLead {
            id: verdict.lead_id,
            publisher,
            source,
            channel,
            verdict: verdict.clone(),
            received_at: tx.now(),
        };
        leads::keep_test(&tx, &kept).await?;
        tx.commit().await?;
        Ok(Submitted::fresh(verdict))
    }

    /// Prepares a lead that won't be kept, if its source has not tried too many this minute.
    pub(super) async fn untried(&self, mut request: SubmitRequest, kind: &str) -> Result<Prepared> {
        let (inner, source) = (self.inner(), request.sender.source.id);
        let most = inner.test_leads_per_minute;
        if most > 0 && !inner.hints.rate_limit(&format!("{kind}:{source}"), most, 60).await {
            return Err(RATE_LIMITED.into());
        }
        // It is done anew each time: it takes neither the sender's key nor its own id.
        request.idempotency_key = None;
        self.prepare(request).await
    }

    /// What the lead asks for, if its content is right.
    fn magic(&self, prepared: &Prepared) -> Option<magic::Asked> {
        let settled = prepared.settled_by_content();
        if settled.is_some_and(|settled| settled.state == LeadState::Rejected) {
            return None;
        }
        let book = self.niche(prepared.item.niche)?;
        magic::asked(&book.schema, &prepared.wish.fields)
    }

    /// Decides it as the market stands, and takes everything back.
    pub(super) async fn true_to_life(
        &self,
        prepared: Prepared,
    ) -> Result<(Prepared, Box<Outcome>)> {
        let inner = std::sync::Arc::clone(&self.0);
        let (mut job, _nobody) = job(prepared, false);
        for _ in 0..MOST_REFRESHES {
            match batch::rehearse(&inner, &job.prepared).await? {
                Rehearsed::Decided(outcome) => return Ok((job.prepared, outcome)),
                Rehearsed::Stale(niches) => {
                    follow(&inner, std::slice::from_mut(&mut job), &niches).await?;
                    if let Some(refused) = job.prepared.refused.take() {
                        return Err(refused.into());
                    }
                }
            }
        }
        Err(OVERLOADED.into())
    }
}

/// The verdict of an outcome that was taken back.
pub(super) fn shown(prepared: &Prepared, outcome: &Outcome, now: Timestamp) -> Verdict {
    let sold: Vec<SoldCopy> = outcome
        .awards
        .iter()
        .map(|award| SoldCopy {
            award_id: AwardId::new(now),
            offer_id: award.offer.id,
            copy_no: award.copy_no,
            earning: ShownMoney::new(
                award.lead.map_or(0, |legs| legs.earning()),
                prepared.item.currency,
            ),
        })
        .collect();
    Verdict { test: true, ..plan::verdict(prepared, outcome, &sold, None) }
}

fn made_up(asked: &magic::Asked, prepared: &Prepared, now: Timestamp) -> Verdict {
    let item = &prepared.item;
    let award = AwardId::new(now);
    let answer = magic::answer(asked, &item.policy.dedupe, item.lead, award, item.currency);
    let earning = if answer.sold.is_empty() { 0 } else { magic::EARNING };
    let (score, received_at) = match &prepared.body {
        Body::New(body) => (body.score.as_ref(), body.lead.received_at),
        Body::Stored(body) => (None, body.record.received_at),
        Body::Ping(draft) => (None, draft.received_at),
    };
    Verdict {
        lead_id: item.lead,
        test: true,
        state: answer.state,
        reasons: answer.reasons,
        awards: answer.sold,
        earning: ShownMoney::new(earning, item.currency),
        score: score.map(|score| score.score),
        temperature: score.map(|score| score.temperature),
        redirect_url: None,
        supersedes: None,
        received_at: received_at.rfc3339(),
    }
}
