//! Hints inside one process.

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::time::Instant;
use tokio_stream::wrappers::BroadcastStream;

use super::Hints;

/// Messages that a slow subscriber may be behind.
const BUFFER: usize = 1_024;
/// Counters that are kept before lapsed ones are swept out.
const SWEEP_AT: usize = 10_000;

/// The in-process twin.
#[derive(Default)]
pub struct LocalHints {
    channels: Mutex<HashMap<String, broadcast::Sender<Bytes>>>,
    counters: Mutex<HashMap<String, Counter>>,
}

struct Counter {
    until: Instant,
    used: u32,
}

impl LocalHints {
    /// Nobody listens yet.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn send(&self, channel: &str, message: Bytes) {
        let mut channels = lock(&self.channels);
        let Some(sender) = channels.get(channel) else { return };
        // An error says that nobody listens any more.
        if sender.send(message).is_err() {
            channels.remove(channel);
        }
    }

    pub(super) fn listen(&self, channel: &str) -> BoxStream<'static, Bytes> {
        let mut channels = lock(&self.channels);
        let sender =
            channels.entry(channel.to_owned()).or_insert_with(|| broadcast::channel(BUFFER).0);
        let stream = BroadcastStream::new(sender.subscribe());
        stream.filter_map(|message| async move { message.ok() }).boxed()
    }

    pub(super) fn count(&self, key: &str, limit: u32, window_s: u32) -> bool {
        let now = Instant::now();
        let window = Duration::from_secs(u64::from(window_s));
        let mut counters = lock(&self.counters);
        if counters.len() >= SWEEP_AT {
            counters.retain(|_, counter| counter.until > now);
        }
        let counter = counters
            .entry(key.to_owned())
            .or_insert_with(|| Counter { until: now + window, used: 0 });
        if counter.until <= now {
            *counter = Counter { until: now + window, used: 0 };
        }
        counter.used = counter.used.saturating_add(1);
        counter.used <= limit
    }
}

/// A poisoned hint is still a hint.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Hints for LocalHints {
    async fn publish(&self, channel: &str, message: Bytes) {
        self.send(channel, message);
    }

    /// There are no others.
    async fn tell_others(&self, _channel: &str, _message: Bytes) {}

    fn subscribe(&self, channel: &str) -> BoxStream<'static, Bytes> {
        self.listen(channel)
    }

    async fn rate_limit(&self, key: &str, limit: u32, window_s: u32) -> bool {
        self.count(key, limit, window_s)
    }

    fn connected(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_window_counts_and_ends() {
        let hints = LocalHints::new();
        assert!(hints.count("a", 2, 60) && hints.count("a", 2, 60));
        assert!(!hints.count("a", 2, 60));
        assert!(hints.count("b", 2, 60));
        tokio::time::advance(Duration::from_secs(61)).await;
        assert!(hints.count("a", 2, 60));
    }

    #[tokio::test]
    async fn subscribers_hear_their_channel_only() {
        let hints = LocalHints::new();
        let mut stream = hints.subscribe("a");
        hints.publish("b", Bytes::from_static(b"no")).await;
        hints.publish("a", Bytes::from_static(b"yes")).await;
        assert_eq!(stream.next().await.unwrap(), Bytes::from_static(b"yes"));
    }
}
