//! Hints over Redis. Local subscribers are told at once; Redis carries the message to others.

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use rand::RngCore;
use redis::aio::ConnectionManager;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{Hints, LocalHints};
use crate::platform::error::{Context, Result};
use crate::platform::shutdown::Shutdown;

/// In front of every channel and key, so that several programs may share one Redis.
const PREFIX: &str = "leadbourse:";
/// Bytes of the sender's number in front of each message.
const SENDER: usize = 8;
/// How long an answer may take before the local twin answers.
const PATIENCE: Duration = Duration::from_millis(250);
/// Pause before connecting again.
const AGAIN: Duration = Duration::from_secs(1);

/// One fixed window: count, and let the first use start the clock.
const WINDOW: &str = "local n = redis.call('INCR', KEYS[1]) \
     if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end return n";

/// The twin over Redis.
pub struct RedisHints {
    local: LocalHints,
    client: redis::Client,
    commands: tokio::sync::RwLock<Option<ConnectionManager>>,
    listening: AtomicBool,
    window: redis::Script,
    /// This instance's number: its own messages come back from Redis and are dropped.
    sender: [u8; SENDER],
}

impl RedisHints {
    /// Starts listening in the background; does not wait for Redis.
    ///
    /// # Errors
    /// When the URL is no Redis URL.
    pub fn open(url: &str, shutdown: &Shutdown) -> Result<Arc<Self>> {
        // The URL may hold a password: the error must not quote it, and redis does not.
        let client = redis::Client::open(url).context("reading redis.url")?;
        let mut sender = [0; SENDER];
        rand::rng().fill_bytes(&mut sender);
        let hints = Arc::new(Self {
            local: LocalHints::new(),
            client,
            commands: tokio::sync::RwLock::new(None),
            listening: AtomicBool::new(false),
            window: redis::Script::new(WINDOW),
            sender,
        });
        let (task, stop) = (hints.clone(), shutdown.clone());
        shutdown.spawn("hints", async move {
            tokio::select! { () = task.listen_forever() => {}, () = stop.cancelled() => {} }
        });
        Ok(hints)
    }

    async fn listen_forever(&self) {
        loop {
            if let Err(error) = self.listen_once().await
                && self.listening.swap(false, Ordering::Relaxed)
            {
                tracing::warn!(%error, "Redis is away; hints stay local");
            }
            self.listening.store(false, Ordering::Relaxed);
            *self.commands.write().await = None;
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn listen_once(&self) -> redis::RedisResult<()> {
        let mut listener = self.client.get_async_pubsub().await?;
        listener.psubscribe(format!("{PREFIX}*")).await?;
        let manager = self.client.get_connection_manager().await?;
        *self.commands.write().await = Some(manager);
        self.listening.store(true, Ordering::Relaxed);
        tracing::info!("Redis is there; hints are shared");
        let mut messages = listener.into_on_message();
        while let Some(message) = messages.next().await {
            let body = Bytes::from(message.get_payload_bytes().to_vec());
            let Some((sender, _)) = body.split_first_chunk::<SENDER>() else { continue };
            let Some(channel) = message.get_channel_name().strip_prefix(PREFIX) else { continue };
            if *sender != self.sender {
                self.local.send(channel, body.slice(SENDER..));
            }
        }
        Ok(())
    }

    async fn commands(&self) -> Option<ConnectionManager> {
        if !self.listening.load(Ordering::Relaxed) {
            return None;
        }
        self.commands.read().await.clone()
    }
}

#[async_trait]
impl Hints for RedisHints {
    async fn publish(&self, channel: &str, message: Bytes) {
        self.local.send(channel, message.clone());
        self.tell_others(channel, message).await;
    }

    async fn tell_others(&self, channel: &str, message: Bytes) {
        let Some(mut redis) = self.commands().await else { return };
        let mut body = Vec::with_capacity(SENDER + message.len());
        body.extend_from_slice(&self.sender);
        body.extend_from_slice(&message);
        let mut command = redis::cmd("PUBLISH");
        command.arg(format!("{PREFIX}{channel}")).arg(body);
        let sent = command.query_async::<i64>(&mut redis);
        if !matches!(tokio::time::timeout(PATIENCE, sent).await, Ok(Ok(_))) {
            metrics::counter!("hints_lost_total").increment(1);
        }
    }

    fn subscribe(&self, channel: &str) -> BoxStream<'static, Bytes> {
        self.local.listen(channel)
    }

    async fn rate_limit(&self, key: &str, limit: u32, window_s: u32) -> bool {
        if let Some(mut redis) = self.commands().await {
            let mut call = self.window.prepare_invoke();
            call.key(format!("{PREFIX}rate:{key}:{window_s}")).arg(window_s);
            let counted = call.invoke_async::<i64>(&mut redis);
            if let Ok(Ok(used)) = tokio::time::timeout(PATIENCE, counted).await {
                return used <= i64::from(limit);
            }
        }
        self.local.count(key, limit, window_s)
    }

    fn connected(&self) -> bool {
        self.listening.load(Ordering::Relaxed)
    }
}
