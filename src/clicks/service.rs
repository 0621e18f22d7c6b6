//! Recording clicks.

use leadbourse_core::click::{BotReason, Marks, is_machine};
use leadbourse_core::error::{INTERNAL, NOT_FOUND, OVERLOADED, SHUTTING_DOWN};
use leadbourse_core::ids::{ClickId, SourceId};
use leadbourse_core::lead::envelope::{Envelope, MAX_TEXT};
use serde_json::Map;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

use super::worker::{self, Job};
use crate::leads::{Contact, Salts, seal};
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::Db;
use crate::platform::error::{Error, Result};
use crate::platform::hints::Hints;
use crate::platform::shutdown::Shutdown;
use crate::platform::vault::Vault;

/// Who clicked, as far as a request tells.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// The address.
    pub ip: Option<IpAddr>,
    /// The browser's name for itself.
    pub user_agent: String,
    /// Sub-ids and UTM marks of the link.
    pub marks: Marks,
}

/// Where somebody who clicked goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gone {
    /// To the landing page.
    To(String),
    /// Nowhere: nothing takes the clicks of this link now.
    Closed,
}

/// Tracking links and clicks. Cheap to clone.
#[derive(Clone)]
pub struct Clicks(pub(super) Arc<Inner>);

/// What requests and the worker share.
pub(super) struct Inner {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) vault: Vault,
    pub(super) shutdown: Shutdown,
    hints: Arc<dyn Hints>,
    per_minute: u32,
    deadline: Duration,
    queue: mpsc::Sender<Job>,
    idle: Mutex<Option<mpsc::Receiver<Job>>>,
}

impl Clicks {
    /// Over one database. Nothing is recorded until [`Clicks::start`].
    pub fn new(
        db: Db,
        clock: Clock,
        vault: Vault,
        hints: Arc<dyn Hints>,
        config: &Config,
        shutdown: Shutdown,
    ) -> Self {
        let (queue, idle) = mpsc::channel(config.intake.queue.max(1));
        Self(Arc::new(Inner {
            db,
            clock,
            vault,
            shutdown,
            hints,
            per_minute: config.limits.clicks_per_minute,
            deadline: Duration::from_millis(config.intake.deadline_ms),
            queue,
            idle: Mutex::new(Some(idle)),
        }))
    }

    /// Starts the worker. A second call does nothing.
    pub fn start(&self) {
        let idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(queue) = idle {
            let work = worker::run(Arc::clone(&self.0), queue);
            drop(self.0.shutdown.spawn("clicks", work));
        }
    }

    /// Records a click on a source's link; says where the browser goes. It is stored when this
    /// answers.
    ///
    /// # Errors
    /// `NOT_FOUND` for a source without a link, `OVERLOADED`, `SHUTTING_DOWN`.
    pub async fn record(&self, source: SourceId, visitor: Visitor) -> Result<Gone> {
        let inner = &self.0;
        let bot = inner.judge(source, &visitor).await;
        let id = ClickId::new(inner.clock.now());
        let user_agent: String = visitor.user_agent.chars().take(MAX_TEXT / 4).collect();
        let contact = Contact {
            fields: Map::new(),
            envelope: Envelope {
                sub_ids: visitor.marks.sub_ids,
                utm: visitor.marks.utm,
                ip: visitor.ip.map(|ip| ip.to_string()),
                user_agent: Some(user_agent).filter(|name| !name.is_empty()),
                click_id: Some(id.to_string()),
                ..Envelope::default()
            },
            max_sales: None,
            min_earning: None,
        };
        let contact = seal(&inner.vault, &contact, &Salts::fresh())?;
        let (reply, answer) = oneshot::channel();
        let job = Job { id, source, bot, contact, reply };
        inner.queue.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Error::from(OVERLOADED),
            mpsc::error::TrySendError::Closed(_) => Error::from(SHUTTING_DOWN),
        })?;
        match tokio::time::timeout(inner.deadline, answer).await {
            Ok(Ok(answer)) => answer?.ok_or_else(|| NOT_FOUND.into()),
            Ok(Err(_)) => Err(INTERNAL.into()),
            Err(_) => Err(OVERLOADED.into()),
        }
    }
}

impl Inner {
    /// Whether a person clicked, as far as can be said.
    async fn judge(&self, source: SourceId, visitor: &Visitor) -> Option<BotReason> {
        if is_machine(&visitor.user_agent) {
            return Some(BotReason::UserAgent);
        }
        let ip = visitor.ip.filter(|_| self.per_minute > 0)?;
        // A hash: addresses are contact data, and counters may lie in a shared cache.
        let who = self.vault.mac("click rate", ip.to_string().as_bytes());
        let key = format!("click:{source}:{}", hex::encode(who));
        let few = self.hints.rate_limit(&key, self.per_minute, 60).await;
        (!few).then_some(BotReason::Rate)
    }
}
