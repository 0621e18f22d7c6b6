//! Hints: wake-ups, fan-out to subscriptions, shared rate limits.
//!
//! Everything here may be lost without harm: the truth is in the database. One trait, two twins:
//! in the process, and over Redis, which falls back to the first when Redis is away.

mod local;
mod redis;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use std::sync::Arc;

pub use self::redis::RedisHints;
pub use local::LocalHints;

use crate::platform::config::RedisConfig;
use crate::platform::error::Result;
use crate::platform::shutdown::Shutdown;

/// What instances tell each other.
#[async_trait]
pub trait Hints: Send + Sync {
    /// Tells all subscribers of a channel, on every instance that can be reached. Never fails:
    /// a hint that is lost is lost.
    async fn publish(&self, channel: &str, message: Bytes);

    /// Tells subscribers on other instances only. Never fails.
    async fn tell_others(&self, channel: &str, message: Bytes);

    /// Messages of a channel from now on. A slow reader loses the oldest.
    fn subscribe(&self, channel: &str) -> BoxStream<'static, Bytes>;

    /// Counts one use of `key`; false when it was used more than `limit` times in this window.
    async fn rate_limit(&self, key: &str, limit: u32, window_s: u32) -> bool;

    /// Whether other instances are reached; always true without Redis.
    fn connected(&self) -> bool;
}

/// The twin that the configuration asks for. A Redis that is away at the start is waited for in
/// the background.
///
/// # Errors
/// When the URL is no Redis URL.
pub fn open(config: &RedisConfig, shutdown: &Shutdown) -> Result<Arc<dyn Hints>> {
    match &config.url {
        None => Ok(Arc::new(LocalHints::new())),
        Some(url) => Ok(RedisHints::open(url, shutdown)?),
    }
}
