//! Calls to live buyers' servers.

use http::HeaderMap;
use leadbourse_core::exchange::Reply;
use leadbourse_core::live::breaker::Rules;
use leadbourse_core::live::steps::{Exchanged, asked};
use leadbourse_core::live::{Posted, Reader, steps};
use leadbourse_core::money::Currency;
use leadbourse_core::time::SECOND;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

use super::gates::{Gates, Shut};
use crate::offers::LiveConnection;
use crate::platform::clock::Clock;
use crate::platform::config::LiveConfig;
use crate::platform::egress::{Egress, EgressError};
use crate::platform::error::{Context, Error, Result};
use crate::platform::vault::Vault;
use crate::platform::webhook;

/// A request: its id, by which a receiver tells a repetition, and its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The `webhook-id`.
    pub id: String,
    /// JSON.
    pub body: String,
}

/// Calls live buyers. Cheap to clone; clones share the gates.
#[derive(Clone, Debug)]
pub struct Caller {
    egress: Egress,
    vault: Vault,
    clock: Clock,
    gates: Arc<Gates>,
}

impl Caller {
    /// A caller without a history.
    pub fn new(egress: Egress, vault: Vault, clock: Clock, config: &LiveConfig) -> Self {
        let rules = Rules {
            failures: config.breaker_failures,
            pause: i64::from(config.breaker_pause_s).saturating_mul(SECOND),
        };
        Self { egress, vault, clock, gates: Arc::new(Gates::new(rules)) }
    }

    /// Asks one buyer; the answer counts until `deadline`, or the connection's own time-out if that
    /// is sooner.
    pub async fn ask(
        &self,
        to: &LiveConnection,
        message: &Message,
        currency: Currency,
        deadline: Instant,
    ) -> Reply {
        let size = to.settings.concurrency;
        let _place = match self.gates.enter(to.offer_id, size, self.clock.now()) {
            Ok(place) => place,
            Err(Shut::Broken) => return Reply::BreakerOpen,
            Err(Shut::Full) => return Reply::Busy,
        };
        let began = Instant::now();
        let patience = Duration::from_millis(to.settings.ask_timeout_ms.into());
        let until = deadline.min(began + patience);
        let said = self.exchange(to, &to.settings.ask_url, message, currency, until).await;
        self.report(to, &said);
        let reply = asked(said, millis(began), to.settings.min_bid);
        metrics::counter!("live_asks_total", "reply" => word(&reply)).increment(1);
        reply
    }

    /// Sends the winner its lead. It waits for a place: who was promised the lead is sent it.
    pub async fn post(&self, to: &LiveConnection, message: &Message, currency: Currency) -> Posted {
        let until = Instant::now() + Duration::from_millis(to.settings.post_timeout_ms.into());
        let places = self.gates.places(to.offer_id, to.settings.concurrency);
        let said = match tokio::time::timeout_at(until, places.acquire_owned()).await {
            Ok(Ok(_place)) => {
                let said = self.exchange(to, &to.settings.post_url, message, currency, until).await;
                self.report(to, &said);
                said
            }
            Ok(Err(_)) | Err(_) => Exchanged::Unreached,
        };
        let posted = steps::posted(said);
        let word = match &posted {
            Posted::Accepted { .. } => "accepted",
            Posted::Declined { .. } => "declined",
            Posted::Silent => "silent",
        };
        metrics::counter!("live_posts_total", "answer" => word).increment(1);
        posted
    }

    /// Asks what became of a post. Without an address for that nothing is known.
    pub async fn status(
        &self,
        to: &LiveConnection,
        message: &Message,
        currency: Currency,
    ) -> Posted {
        let Some(url) = &to.settings.status_url else { return Posted::Silent };
        let until = Instant::now() + Duration::from_millis(to.settings.post_timeout_ms.into());
        steps::status(self.exchange(to, url, message, currency, until).await)
    }

    /// One signed request and what its answer says. Faults on this side are logged and count as
    /// nothing sent.
    pub(super) async fn exchange(
        &self,
        to: &LiveConnection,
        url: &str,
        message: &Message,
        currency: Currency,
        until: Instant,
    ) -> Exchanged {
        match self.headers(to, message) {
            Ok(headers) => self.send(to, url, (headers, message), currency, until).await,
            Err(error) => {
                tracing::error!(%error, offer = %to.offer_id, "a live request could not be signed");
                Exchanged::Unreached
            }
        }
    }

    pub(super) fn headers(&self, to: &LiveConnection, message: &Message) -> Result<HeaderMap> {
        let key = self.vault.open_secret(&to.secret_ciphertext)?;
        let key = String::from_utf8(key).context("reading a signing key")?;
        webhook::headers(&key, &message.id, self.clock.now(), &message.body, true)
    }

    pub(super) async fn send(
        &self,
        to: &LiveConnection,
        url: &str,
        (headers, message): (HeaderMap, &Message),
        currency: Currency,
        until: Instant,
    ) -> Exchanged {
        let reader = Reader::new(&to.settings.mapping)
            .map_err(|wrong| wrong.into_iter().next().map(Error::from));
        let reader = match reader {
            Ok(reader) => reader,
            Err(error) => {
                tracing::error!(?error, offer = %to.offer_id, "a stored mapping does not read");
                return Exchanged::Unreached;
            }
        };
        let sent = self.egress.post(url, headers, message.body.clone().into());
        match tokio::time::timeout_at(until, sent).await {
            Err(_) | Ok(Err(EgressError::Timeout)) => Exchanged::Late,
            Ok(Err(EgressError::Broken(_))) => Exchanged::Broken,
            Ok(Err(
                EgressError::BadUrl(_)
                | EgressError::Refused
                | EgressError::NotFound
                | EgressError::Connect(_),
            )) => Exchanged::Unreached,
            Ok(Ok(answer)) => {
                Exchanged::Answered(answer.status, reader.read(&answer.body, currency))
            }
        }
    }

    /// What the breaker learns: an answer of whatever content is a sign of life, a fault is none.
    fn report(&self, to: &LiveConnection, said: &Exchanged) {
        let worked = matches!(said, Exchanged::Answered(status, _) if *status < 500);
        self.gates.report(to.offer_id, worked, self.clock.now());
    }
}

/// Milliseconds since an instant.
pub(super) fn millis(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_millis()).unwrap_or(u32::MAX)
}

fn word(reply: &Reply) -> &'static str {
    match reply {
        Reply::Bid { .. } => "bid",
        Reply::Declined { .. } => "declined",
        Reply::Late => "late",
        Reply::Failed { .. } => "failed",
        _ => "other",
    }
}
