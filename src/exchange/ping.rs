//! Pings: what a request for bids does by itself, and its way to the worker.
//!
//! A ping meets leads in the same worker, under the same locks and epochs, but in batches with
//! other pings and their posts: a batch of plain leads asks and writes nothing about bids.

use leadbourse_core::error::INTERNAL;
use leadbourse_core::exchange::allocate::Settled;
use leadbourse_core::exchange::{BookSource, NicheBook};
use leadbourse_core::ids::{LeadId, NicheVersionId, OrganizationId, PingId, derive};
use leadbourse_core::lead::fingerprint::{Hashed, Person};
use leadbourse_core::lead::risk::Risk;
use leadbourse_core::lead::submission::in_order;
use leadbourse_core::lead::{Channel, LeadState};
use leadbourse_core::money::Bps;
use leadbourse_core::ping::check;
use leadbourse_core::ping::{PingLimits, PingSubmission, PingVerdict};
use leadbourse_core::score::score;
use leadbourse_core::time::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

use super::batch::Answered;
use super::prepare::{Body, Prepared, Sender, Wish, Workshop, item_for};
use super::service::{Exchange, Inner};
use crate::pings;
use crate::platform::config::PingConfig;
use crate::platform::error::Result;
use crate::platform::idempotency;
use crate::platform::vault::Vault;

/// A request for bids from a known source.
#[derive(Clone, Debug)]
pub struct PingRequest {
    /// The source, authenticated.
    pub sender: Sender,
    /// How it came in.
    pub channel: Channel,
    /// What was sent.
    pub ping: PingSubmission,
}

/// The answer to a ping, and whether it was given before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinged {
    /// The answer.
    pub verdict: PingVerdict,
    /// Whether an earlier request had this answer.
    pub replayed: bool,
}

/// A ping that is ready to be decided.
pub(super) struct PingDraft {
    pub(super) id: PingId,
    pub(super) version: NicheVersionId,
    pub(super) channel: Channel,
    pub(super) score: i32,
    /// Empty if it is refused: then the values may be anything.
    pub(super) fields: Map<String, Value>,
    pub(super) prints: BTreeMap<String, String>,
    /// How long its bids are reserved, in seconds.
    pub(super) ttl_s: i64,
    pub(super) received_at: Timestamp,
}

impl Exchange {
    /// Asks for bids and waits for the answer.
    ///
    /// # Errors
    /// As [`Exchange::submit`].
    pub async fn ping(&self, request: PingRequest) -> Result<Pinged> {
        let keyed = request.ping.sent.idempotency_key.is_some();
        let key = request.ping.sent.idempotency_key.as_deref();
        let book = self.open_desk(&request.sender, key).await?;
        let Sender { source, posting_key } = &request.sender;
        let (niche, source) = book.desk(source.id, posting_key.as_deref())?;
        self.has_meter(source.publisher).await?;
        let prepared =
            prepare(&self.inner().workshop(), &self.inner().pings, niche, source, request)?;
        self.answer(prepared, keyed).await?.ping()
    }

    /// Makes sure that a publisher has a meter. The first ping of each does it in a transaction of
    /// its own, because a batch locks what is there, in its turn.
    async fn has_meter(&self, publisher: OrganizationId) -> Result<()> {
        let inner = self.inner();
        // Held while the row is made: many first pings at once make it once.
        let mut known = inner.pingers.lock().await;
        if known.contains(&publisher) {
            return Ok(());
        }
        let tx = inner.db.begin_write(&inner.clock).await?;
        pings::ensure_meter(&tx, publisher).await?;
        tx.commit().await?;
        known.insert(publisher);
        Ok(())
    }
}

impl Inner {
    pub(super) fn ping_limits(&self) -> PingLimits {
        let PingConfig { open_bids, min_post_ratio_bps, ratio_after, ratio_window_s, .. } =
            self.pings;
        PingLimits {
            open_bids,
            min_posted: Bps(min_post_ratio_bps),
            after: ratio_after,
            window_s: ratio_window_s,
        }
    }
}

/// Prepares a ping by its niche and source, both of one book.
fn prepare(
    shop: &Workshop<'_>,
    config: &PingConfig,
    book: &NicheBook,
    source: &BookSource,
    request: PingRequest,
) -> Result<Prepared> {
    let idempotency = idempotency_of(shop.vault, source, &request.ping)?;
    let PingRequest { sender, channel, ping: PingSubmission { sent, hashes } } = request;
    let fields = check::fields(&book.schema, &book.policy.default_region, &sent.fields);
    let (hashes, bad_hashes) = check::hashes(&book.schema, &hashes, book.policy.dedupe.md5);
    let mut reasons = sent.problems;
    reasons.extend(sent.envelope.check());
    reasons.extend(fields.reasons);
    reasons.extend(bad_hashes);
    in_order(&mut reasons, &book.schema);
    let refused = !reasons.is_empty();
    let settled = refused.then_some(Settled { state: LeadState::Rejected, reasons });
    let stated = sent.envelope.stated(shop.now);
    let scored = score(&book.policy.scorecard, &fields.fields, stated, shop.now);
    let person = Person::hashed(&book.policy.dedupe, shop.keys, &fields.canonical, &hashes);
    let id = PingId::new(shop.now);
    let prints = hashes.iter().map(|(name, hash)| (name.clone(), print(shop.vault, hash)));
    let draft = PingDraft {
        id,
        version: book.version,
        channel,
        score: scored.score,
        fields: if refused { Map::new() } else { fields.fields.clone() },
        prints: prints.collect(),
        ttl_s: book.policy.bid_ttl_s.unwrap_or(config.bid_ttl_s),
        received_at: shop.now,
    };
    let wish = Wish {
        source: source.id,
        channel,
        posting_key: sender.posting_key,
        fields: fields.fields,
        score: scored.score,
        person,
        max_sales: sent.max_sales,
        min_earning: sent.min_earning,
        holds: true,
        found: None,
    };
    let item = item_for(LeadId(id.uuid()), book, source, &wish, settled, shop.take_rate);
    Ok(Prepared {
        item,
        body: Body::Ping(Box::new(draft)),
        wish,
        idempotency,
        risk: Risk::default(),
        retention_s: 0,
        epoch: book.epoch,
        refused: None,
        live: false,
    })
}

/// What is kept of a hash: its kind, and the hash under a key, so that nobody without the key can
/// try all telephone numbers.
fn print(vault: &Vault, hash: &Hashed) -> String {
    let kind = if hash.is_md5() { MD5 } else { SHA256 };
    format!("{kind}{}", hex::encode(vault.mac("ping hash", hash.bytes())))
}

const SHA256: &str = "sha256:";
const MD5: &str = "md5:";

/// Whether a value is the one that a kept print was made of.
pub(super) fn fits(vault: &Vault, kept: &str, canonical: &str) -> bool {
    let hash =
        if kept.starts_with(MD5) { Hashed::md5(canonical) } else { Hashed::sha256(canonical) };
    print(vault, &hash) == kept
}

/// The record id of a key and the keyed hash of the request. Pings have a space of keys of their
/// own: a sender may name a ping and its post alike.
fn idempotency_of(
    vault: &Vault,
    source: &BookSource,
    ping: &PingSubmission,
) -> Result<Option<(Uuid, [u8; 32])>> {
    let Some(key) = ping.sent.idempotency_key.as_deref() else { return Ok(None) };
    let what = json!({
        "source": source.id, "fields": ping.sent.fields, "envelope": ping.sent.envelope,
        "max_sales": ping.sent.max_sales, "min_earning": ping.sent.min_earning,
        "hashes": ping.hashes,
    });
    let principal = derive(&[b"pings", source.id.uuid().as_bytes()]);
    let hash = vault.mac_json("ping request", what)?;
    Ok(Some((idempotency::record_id(principal, key), hash)))
}

impl Answered {
    /// The answer to a ping.
    pub(super) fn ping(self) -> Result<Pinged> {
        match self {
            Self::Ping(pinged) => Ok(pinged),
            Self::Lead(_) => Err(INTERNAL.into()),
        }
    }
}
