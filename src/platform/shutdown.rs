//! Tasks that live as long as the server, and how they end: asked first, awaited after.

use std::future::Future;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The one place that spawns. Cheap to clone; clones share the token and the tasks.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    token: CancellationToken,
    tasks: TaskTracker,
}

impl Shutdown {
    /// Nothing runs yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs a task until it ends by itself; it should watch `cancelled`.
    #[allow(clippy::disallowed_methods, reason = "the one door to spawned tasks")]
    pub fn spawn<F>(&self, name: &'static str, task: F) -> tokio::task::JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        tracing::debug!(task = name, "task starts");
        self.tasks.spawn(task)
    }

    /// Runs blocking work (password hashing) off the async threads; awaited at shutdown too.
    #[allow(clippy::disallowed_methods, reason = "the one door to spawned tasks")]
    pub fn spawn_blocking<F, T>(&self, work: F) -> tokio::task::JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.tasks.spawn_blocking(work)
    }

    /// Asks everything to end.
    pub fn cancel(&self) {
        self.token.cancel();
    }

    /// Whether the end was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Waits until the end is asked for.
    pub async fn cancelled(&self) {
        self.token.cancelled().await;
    }

    /// A token for parts that want their own.
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }

    /// Asks everything to end and waits, at most so long; false when something was still running.
    pub async fn finish(&self, at_most: Duration) -> bool {
        self.token.cancel();
        self.tasks.close();
        tokio::time::timeout(at_most, self.tasks.wait()).await.is_ok()
    }

    /// Waits for Ctrl-C or SIGTERM, then asks everything to end.
    pub async fn on_signal(&self) {
        let interrupt = tokio::signal::ctrl_c();
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            match signal(SignalKind::terminate()) {
                Ok(mut terminate) => {
                    tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
                }
                Err(error) => {
                    tracing::warn!(%error, "SIGTERM cannot be watched");
                    let _ = interrupt.await;
                }
            }
        }
        #[cfg(not(unix))]
        let _ = interrupt.await;
        self.cancel();
    }
}
