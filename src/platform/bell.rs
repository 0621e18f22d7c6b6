//! Bells: who has work made for others rings, and workers wake at once instead of at their next
//! look. A ring is a hint; whoever misses it finds the work by polling.

use bytes::Bytes;
use futures::StreamExt;
use std::sync::Arc;
use tokio::sync::Notify;

use super::hints::Hints;
use super::shutdown::Shutdown;

/// A bell that is heard on this instance and, once [`Bell::carry`] runs, on the others. Many rings
/// before somebody listens are one.
#[derive(Clone, Debug, Default)]
pub struct Bell(Arc<Rope>);

#[derive(Debug, Default)]
struct Rope {
    here: Notify,
    away: Notify,
}

impl Bell {
    /// Wakes one waiting worker here, and tells other instances.
    pub fn ring(&self) {
        self.0.here.notify_one();
        self.0.away.notify_one();
    }

    /// Wakes one waiting worker of this instance only.
    pub fn ring_here(&self) {
        self.0.here.notify_one();
    }

    /// Waits for a ring.
    pub async fn rung(&self) {
        self.0.here.notified().await;
    }

    /// Carries rings of this bell to other instances and theirs to this one, until shutdown.
    pub async fn carry(self, name: &'static str, hints: Arc<dyn Hints>, shutdown: Shutdown) {
        let channel = format!("bell.{name}");
        let mut heard = hints.subscribe(&channel);
        loop {
            tokio::select! {
                () = self.0.away.notified() => hints.tell_others(&channel, Bytes::new()).await,
                message = heard.next() => match message {
                    Some(_) => self.ring_here(),
                    None => return,
                },
                () = shutdown.cancelled() => return,
            }
        }
    }
}
