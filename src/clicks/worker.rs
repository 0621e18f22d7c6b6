//! The worker: takes whatever clicks wait and writes them in one transaction, never waits for more.

use leadbourse_core::click::BotReason;
use leadbourse_core::error::{INTERNAL, OVERLOADED, Problem};
use leadbourse_core::ids::{ClickId, SourceId};
use leadbourse_core::time::DAY;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

use super::model::{Click, Pin};
use super::repo;
use super::service::{Gone, Inner};
use crate::leads::{LeadBatch, SealedContact};
use crate::offers::{self, Behind, Link};
use crate::platform::db::bulk::{WritePlan, write_all};
use crate::platform::error::{Error, Result, retry};

/// The answer to a click: `None` where there is no link.
type Answer = std::result::Result<Option<Gone>, Problem>;

/// One click on its way to the database.
pub(super) struct Job {
    pub(super) id: ClickId,
    pub(super) source: SourceId,
    pub(super) bot: Option<BotReason>,
    pub(super) contact: SealedContact,
    pub(super) reply: oneshot::Sender<Answer>,
}

/// The most clicks of one transaction.
const BOUND: usize = 256;
/// How long what a click tells is kept: as long as the longest attribution window.
const KEEP: i64 = 180 * DAY;

/// Runs until the queue is closed and empty: what was accepted is written.
pub(super) async fn run(inner: Arc<Inner>, mut queue: mpsc::Receiver<Job>) {
    let mut jobs: Vec<Job> = Vec::with_capacity(BOUND);
    let mut closing = false;
    loop {
        let received = tokio::select! {
            biased;
            n = queue.recv_many(&mut jobs, BOUND) => Some(n),
            () = inner.shutdown.cancelled(), if !closing => None,
        };
        match received {
            None => {
                closing = true;
                queue.close();
            }
            Some(0) => return,
            Some(_) => settle(&inner, std::mem::take(&mut jobs)).await,
        }
    }
}

async fn settle(inner: &Inner, jobs: Vec<Job>) {
    match retry(|| write(inner, &jobs)).await {
        Ok(answers) => {
            metrics::counter!("clicks_total")
                .increment(u64::try_from(jobs.len()).unwrap_or_default());
            for (job, answer) in jobs.into_iter().zip(answers) {
                // Who clicked may have gone; the click is stored all the same.
                drop(job.reply.send(Ok(answer)));
            }
        }
        Err(error) => {
            tracing::error!(clicks = jobs.len(), %error, "clicks could not be written");
            let passing = error.is_connection_loss() || error.is_retryable();
            let code = if passing { OVERLOADED } else { INTERNAL };
            for job in jobs {
                drop(job.reply.send(Err(Problem::new(code))));
            }
        }
    }
}

/// Reads the links as they are now, writes the clicks that go somewhere, and says where. A link that
/// was paused before is seen paused.
async fn write(inner: &Inner, jobs: &[Job]) -> Result<Vec<Option<Gone>>> {
    let tx = inner.db.begin_write(&inner.clock).await?;
    let sources: BTreeSet<SourceId> = jobs.iter().map(|job| job.source).collect();
    let sources: Vec<SourceId> = sources.into_iter().collect();
    let links = offers::links(&tx, &sources, tx.now()).await?;
    let mut clicks = Vec::with_capacity(jobs.len());
    let mut contacts = LeadBatch::default();
    let mut answers = Vec::with_capacity(jobs.len());
    for job in jobs {
        let Some(click) = click(job, &links, tx.now()) else {
            answers.push(links.get(&job.source).map(|_| Gone::Closed));
            continue;
        };
        let link = links.get(&job.source).ok_or_else(|| Error::broken("a link is gone"))?;
        answers.push(Some(Gone::To(link.landing(&job.id.to_string())?)));
        contacts.contact(click.lead(), job.contact.clone(), tx.now().plus(KEEP));
        clicks.push(click);
    }
    if clicks.is_empty() {
        return Ok(answers);
    }
    let mut inserts = contacts.into_rows();
    inserts.push(repo::rows(&clicks));
    write_all(&tx, WritePlan { inserts, ..WritePlan::default() }).await?;
    tx.commit().await?;
    Ok(answers)
}

/// The click, if its link takes any now.
fn click(
    job: &Job,
    links: &HashMap<SourceId, Link>,
    now: leadbourse_core::time::Timestamp,
) -> Option<Click> {
    let link = links.get(&job.source)?;
    let pin = match link.behind {
        Behind::Closed => return None,
        Behind::Market => None,
        Behind::Offer(offer) => Some(Pin {
            offer_id: offer.offer_id,
            offer_version_id: offer.version_id,
            buyer_id: offer.buyer_id,
            own_price: offer.own_price,
        }),
    };
    Some(Click {
        id: job.id,
        source_id: link.source_id,
        publisher_id: link.publisher_id,
        niche_id: link.niche_id,
        pin,
        bot: job.bot,
        evidence_hash: job.contact.evidence_hash,
        created_at: now,
    })
}
