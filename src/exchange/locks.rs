//! What a batch takes and locks in its first statement, and what it reads there.

use leadbourse_core::exchange::{Item, Live, Market};
use leadbourse_core::ids::{NicheId, OrganizationId, PingId};
use leadbourse_core::ledger::Account;
use std::collections::{BTreeSet, HashSet};
use uuid::Uuid;

use super::meters::METER_COLUMNS;
use super::prepare::Prepared;
use crate::ledger;
use crate::offers::METERS;
use crate::orders::{self, CLAIM_COLUMNS, ORDER_CLAIMS, ORDER_COLUMNS, ORDERS};
use crate::pings::{self, PING_COLUMNS, PING_METERS, PINGS};
use crate::platform::db::WriteTx;
use crate::platform::db::bulk::{
    self, ClaimRequest, Claimed, IdempotencyKey, Lock, LockMode, Locked,
};
use crate::platform::db::epoch::MARKET_EPOCHS;
use crate::platform::error::{Error, Result};
use crate::platform::idempotency;

/// The keys that a batch locks.
#[derive(Default)]
pub(super) struct Keys {
    meters: Vec<Uuid>,
    /// Publishers and pings, in batches of pings and their posts.
    pinged: Option<(Vec<Uuid>, Vec<Uuid>)>,
    /// Orders and claims on them, in batches of leads whose publishers have claims.
    ordered: Option<(Vec<Uuid>, Vec<Uuid>)>,
    balances: Vec<Uuid>,
    niches: Vec<Uuid>,
}

impl Keys {
    pub(super) fn of(batch: &[&Prepared], pinged: bool) -> Self {
        let mut meters = BTreeSet::new();
        let mut balances = BTreeSet::new();
        let mut niches = BTreeSet::new();
        let ordered = batch.iter().any(|prepared| prepared.is_ordered());
        for prepared in batch {
            let item = &prepared.item;
            let (currency, holds) = (item.currency, item.holds);
            niches.insert(item.niche.uuid());
            for candidate in &item.shortlist.candidates {
                let buyer = candidate.offer.buyer;
                if meters.insert(candidate.offer.id.uuid()) || pinged || ordered {
                    balances.insert(Account::available(buyer, currency).id().uuid());
                    if candidate.reserve > 0 || holds || candidate.live != Live::Instant {
                        balances.insert(Account::reserved(buyer, currency).id().uuid());
                    }
                }
            }
            for bid in item.promise.iter().flat_map(|promise| &promise.bids) {
                meters.insert(bid.offer.id.uuid());
                let buyer = bid.offer.buyer;
                balances.extend(
                    [
                        Account::available(buyer, currency),
                        Account::reserved(buyer, currency),
                        Account::owed(buyer, currency),
                    ]
                    .map(|account| account.id().uuid()),
                );
            }
        }
        let own = |prepared: &&Prepared| prepared.is_pinged();
        let publishers: BTreeSet<Uuid> = batch
            .iter()
            .copied()
            .filter(own)
            .map(|prepared| prepared.item.publisher.uuid())
            .collect();
        let pings: BTreeSet<Uuid> = batch
            .iter()
            .filter_map(|prepared| prepared.item.promise.as_ref())
            .map(|promise| promise.ping.uuid())
            .collect();
        let claims = ordered_keys(batch, &mut meters, &mut balances);
        // Whoever sells to orders locks what pings lock as well, so that there are three layouts.
        let pinged = pinged || ordered;
        Self {
            meters: meters.into_iter().collect(),
            ordered: ordered.then_some(claims),
            pinged: pinged.then(|| (publishers.into_iter().collect(), pings.into_iter().collect())),
            balances: balances.into_iter().collect(),
            niches: niches.into_iter().collect(),
        }
    }

    /// The same without epochs: for who goes by pinned terms and not by the market.
    pub(super) fn without_epochs(self) -> Self {
        Self { niches: Vec::new(), ..self }
    }
}

/// The orders and the claims that the leads of a batch may be sold to; adds their offers' meters and
/// their buyers' reserved money.
fn ordered_keys(
    batch: &[&Prepared],
    meters: &mut BTreeSet<Uuid>,
    balances: &mut BTreeSet<Uuid>,
) -> (Vec<Uuid>, Vec<Uuid>) {
    let (mut orders, mut claims) = (BTreeSet::new(), BTreeSet::new());
    for item in batch.iter().map(|prepared| &prepared.item) {
        for one in &item.shortlist.ordered {
            meters.insert(one.offer.id.uuid());
            balances.insert(Account::reserved(one.offer.buyer, item.currency).id().uuid());
            orders.insert(one.by.order.uuid());
            claims.insert(one.by.claim.uuid());
        }
    }
    (orders.into_iter().collect(), claims.into_iter().collect())
}

/// The first statement. Epochs come last: whoever pauses an offer because of money holds the
/// balance first and then raises the epoch. Batches of pings lock, between the meters and the
/// balances, what their publishers hold and the pings that are posted; batches of leads that may be
/// sold to orders, those orders and the claims on them.
pub(super) fn request<'k>(
    batch: &[&Prepared],
    keys: &'k Keys,
    claims: Vec<bulk::Claim>,
    tx: &WriteTx,
) -> ClaimRequest<'k> {
    let expires_at = tx.now().plus(idempotency::KEEP).micros();
    let idempotency = batch
        .iter()
        .filter_map(|prepared| prepared.idempotency)
        .map(|(id, request_hash)| IdempotencyKey { id, request_hash, expires_at })
        .collect();
    let update = LockMode::Update;
    let mut locks = vec![Lock::new(&METERS, METER_COLUMNS, &keys.meters, update)];
    if let Some((publishers, pings)) = &keys.pinged {
        locks.push(Lock::new(&PING_METERS, pings::METER_COLUMNS, publishers, update));
        locks.push(Lock::new(&PINGS, PING_COLUMNS, pings, update));
    }
    if let Some((orders, claims)) = &keys.ordered {
        locks.push(Lock::new(&ORDERS, ORDER_COLUMNS, orders, update));
        locks.push(Lock::new(&ORDER_CLAIMS, CLAIM_COLUMNS, claims, update));
    }
    locks.push(Lock::new(&ledger::BALANCES, &["amount"], &keys.balances, update));
    locks.push(Lock::new(&MARKET_EPOCHS, &["epoch"], &keys.niches, LockMode::Share));
    ClaimRequest { idempotency, claims, locks }
}

/// The niches whose market is newer than the book by which the batch was prepared.
pub(super) fn stale_niches(batch: &[&Prepared], claimed: &Claimed) -> HashSet<NicheId> {
    let epochs = claimed.locked.last();
    let current = |niche: NicheId| {
        epochs.and_then(|rows| rows.get(&niche.uuid())).and_then(|row| row.first()).copied()
    };
    batch
        .iter()
        .filter(|prepared| current(prepared.item.niche).unwrap_or_default() != prepared.epoch)
        .map(|prepared| prepared.item.niche)
        .collect()
}

/// The locked balances.
pub(super) fn balances(claimed: &Claimed) -> Result<&Locked> {
    let at = claimed.locked.len().checked_sub(2);
    at.and_then(|at| claimed.locked.get(at)).ok_or_else(|| Error::broken("no balances were locked"))
}

/// The locks of a batch of pings: publishers' meters, pings.
fn pinged(claimed: &Claimed) -> Option<(&Locked, &Locked)> {
    match claimed.locked.as_slice() {
        [_, meters, pings, .., _, _] => Some((meters, pings)),
        _ => None,
    }
}

/// The locks of a batch of leads whose publishers have claims: orders, claims.
pub(super) fn ordered(claimed: &Claimed) -> Option<(&Locked, &Locked)> {
    match claimed.locked.as_slice() {
        [_, _, _, orders, claims, _, _] => Some((orders, claims)),
        _ => None,
    }
}

/// Locked pings that have ended before.
pub(super) fn ended_pings(claimed: &Claimed) -> HashSet<PingId> {
    let rows = pinged(claimed).map(|(_, pings)| pings.iter()).into_iter().flatten();
    rows.filter(|(_, row)| row.first() != Some(&0)).map(|(id, _)| PingId(*id)).collect()
}

/// What the allocation has to know of bids and of claims on orders.
pub(super) fn bids(claimed: &Claimed, items: &[&Item], market: &mut Market) -> Result<()> {
    if let Some((_, claims)) = ordered(claimed) {
        market.claims = orders::room(claims).collect();
    }
    let Some((meters, pings)) = pinged(claimed) else { return Ok(()) };
    market.pingers =
        meters.iter().map(|(id, row)| (OrganizationId(*id), pings::read_meter(row))).collect();
    let open = pings.iter().filter(|(_, row)| row.first() == Some(&0));
    market.open_pings = open.map(|(id, _)| PingId(*id)).collect();
    promised(claimed, items, market)
}

/// The money of the buyers of promised bids.
pub(super) fn promised(claimed: &Claimed, items: &[&Item], market: &mut Market) -> Result<()> {
    let balances = balances(claimed)?;
    let amount = |account: Account| {
        balances.get(&account.id().uuid()).and_then(|row| row.first()).copied().unwrap_or_default()
    };
    for item in items {
        for bid in item.promise.iter().flat_map(|promise| &promise.bids) {
            let key = (bid.offer.buyer, item.currency);
            let owed = amount(Account::owed(key.0, key.1));
            market.debts.insert(key, owed.saturating_neg().max(0));
            market.funds.insert(key, amount(Account::available(key.0, key.1)));
        }
    }
    Ok(())
}
