//! A post's ping: looked up, compared, and turned into a promise.

use leadbourse_core::conversion::Legs;
use leadbourse_core::exchange::{BookOffer, BookSource, NicheBook, Promise, PromisedBid};
use leadbourse_core::ids::PingId;
use leadbourse_core::lead::fingerprint::Person;
use leadbourse_core::lead::normalise::Normalised;
use leadbourse_core::lead::verdict::Reason;
use leadbourse_core::niche::schema::FieldSchema;
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::ping::check::{differences, hash_differences};
use leadbourse_core::ping::{BID_UNKNOWN, PING_UNKNOWN};
use std::collections::HashMap;
use std::sync::Arc;

use super::ping::fits;
use super::prepare::SubmitRequest;
use super::service::Exchange;
use crate::offers;
use crate::pings::{self, Bid, Ping};
use crate::platform::db::Reader;
use crate::platform::error::Result;
use crate::platform::vault::Vault;

/// A post's ping with its bids, as stored. What was bid never changes; whether it still stands is
/// looked at under the lock.
pub(super) struct FoundPing {
    ping: Ping,
    bids: Vec<FoundBid>,
    late_direct: bool,
}

struct FoundBid {
    bid: Bid,
    offer: Arc<BookOffer>,
    chosen: bool,
}

impl Exchange {
    /// The ping that a post names. One that is not the source's is a fault of the post.
    pub(super) async fn find_ping(
        &self,
        niche: &NicheBook,
        source: &BookSource,
        request: &mut SubmitRequest,
    ) -> Result<Option<FoundPing>> {
        let unknown = || Reason::at(PING_UNKNOWN, "ping_id");
        let named = request.ping.ping_id.as_deref().unwrap_or_default();
        let Ok(id) = named.parse::<PingId>() else {
            request.problems.push(unknown());
            return Ok(None);
        };
        let tx = self.inner().db.begin_read().await?;
        let ping = pings::by_ids(&tx, &[id]).await?.remove(&id);
        let Some(ping) = ping.filter(|ping| ping.source == source.id) else {
            request.problems.push(unknown());
            return Ok(None);
        };
        let stored = pings::bids_of(&tx, &[id]).await?;
        let wanted = &request.ping.bid_ids;
        for (index, name) in wanted.iter().enumerate() {
            if !stored.iter().any(|bid| bid.id.to_string() == *name) {
                request.problems.push(Reason::at(BID_UNKNOWN, format!("bid_ids[{index}]")));
            }
        }
        let mut bids = Vec::with_capacity(stored.len());
        for bid in stored {
            let chosen = wanted.is_empty() || wanted.contains(&bid.id.to_string());
            let offer = offer_of(&tx, niche, &bid).await?;
            bids.push(FoundBid { bid, offer, chosen });
        }
        Ok(Some(FoundPing { ping, bids, late_direct: request.ping.late_direct }))
    }
}

/// The offer in the version that bid: from the book if that still rules, else as stored. An offer
/// that was paused or changed since is held to its bid.
pub(super) async fn offer_of(
    tx: &impl Reader,
    niche: &NicheBook,
    bid: &Bid,
) -> Result<Arc<BookOffer>> {
    if let Some(offer) = niche.offer(bid.offer).filter(|offer| offer.version == bid.offer_version) {
        return Ok(Arc::clone(offer));
    }
    let terms = offers::terms_of(tx, bid.offer_version).await?;
    let (offer, version) = (bid.offer, bid.offer_version);
    let offer = BookOffer::new(
        offer,
        version,
        bid.buyer,
        bid.created_at,
        terms.as_ref().clone(),
        HashMap::new(),
    )?;
    Ok(Arc::new(offer))
}

impl FoundPing {
    /// Where the post says something else.
    pub(super) fn differences(
        &self,
        vault: &Vault,
        schema: &FieldSchema,
        posted: &Normalised,
    ) -> Vec<Reason> {
        let promised = self.bids.iter().filter(|bid| bid.chosen).map(|bid| &bid.offer.terms);
        let mut found = differences(schema, &self.ping.fields, &posted.fields, promised);
        found.extend(hash_differences(schema, |name| {
            let canonical = posted.canonical.get(name).map(String::as_str).unwrap_or_default();
            self.ping.prints.get(name).is_some_and(|kept| !fits(vault, kept, canonical))
        }));
        found
    }

    /// The promise, for a person.
    pub(super) fn promise(&self, book: &NicheBook, person: &Person) -> Promise {
        let bids = self.bids.iter().map(|FoundBid { bid, offer, chosen }| PromisedBid {
            id: bid.id,
            offer: Arc::clone(offer),
            lead: offer.terms.goal(GoalKind::Lead).and_then(|_| {
                Legs::stored(bid.price, bid.earning, bid.price.saturating_sub(bid.earning))
            }),
            take_rate: bid.take_rate,
            reserve: bid.reserve,
            amount: bid.amount,
            held_at: bid.created_at,
            chosen: *chosen,
            claims: person.offer_claims(
                &book.policy.dedupe,
                offer.id,
                bid.buyer,
                offer.terms.dedupe_window_s,
            ),
        });
        Promise {
            ping: self.ping.id,
            bids: bids.collect(),
            expires_at: self.ping.expires_at,
            late_direct: self.late_direct,
        }
    }
}
