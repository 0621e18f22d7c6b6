//! Bids whose time is over: money, caps and ceilings come back, exactly once.
//!
//! A ping's row is locked and looked at before anything of it is freed, as its post does; so one
//! of the two finds it open. Whatever happened between the reserve and the answer, the row is
//! there, and this finds it.

use async_trait::async_trait;
use leadbourse_core::ids::{OfferId, OrganizationId, PingId};
use leadbourse_core::ledger::{Account, LedgerTx};
use leadbourse_core::money::Currency;
use leadbourse_core::offer::meters::{Meters, Periods};
use leadbourse_core::ping::{BidState, PingMeter, PingState};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

use super::meters::{METER_COLUMNS, meter_sets, read_meters, read_sellers, seller_sets};
use super::plan_pings::release;
use super::service::{Exchange, Inner};
use crate::ledger;
use crate::offers::{METERS, seller_id};
use crate::pings::{self, Bid, EndedBid, EndedPing, PING_COLUMNS, PING_METERS, PINGS};
use crate::platform::db::WriteTx;
use crate::platform::db::bulk::{self, Lock, LockMode};
use crate::platform::error::{Result, retry};
use crate::platform::jobs;

/// The job that gives back expired bids; every few seconds.
pub const EXPIRE_BIDS: &str = "exchange.expire_bids";

/// Pings that one transaction ends.
const AT_ONCE: u32 = 200;

/// Runs [`Exchange::expire_bids`].
#[derive(Clone)]
pub struct ExpireBids(pub Exchange);

#[async_trait]
impl jobs::Handler for ExpireBids {
    async fn run(&self, _job: &jobs::Job) -> Result<()> {
        self.0.expire_bids().await.map(drop)
    }
}

impl Exchange {
    /// Gives back what expired bids hold; gives how many pings ended.
    ///
    /// # Errors
    /// Database errors.
    pub async fn expire_bids(&self) -> Result<usize> {
        let mut all = 0;
        loop {
            let (seen, ended) = retry(|| expire(self.inner())).await?;
            all += ended;
            if seen == 0 {
                return Ok(all);
            }
        }
    }
}

/// One transaction: how many pings were due, and how many of them it ended. Every lock and every
/// write is one statement per table, each sorted.
async fn expire(inner: &Inner) -> Result<(usize, usize)> {
    let tx = inner.db.begin_write(&inner.clock).await?;
    let due = pings::due(&tx, tx.now(), AT_ONCE).await?;
    if due.is_empty() {
        return Ok((0, 0));
    }
    let bids = pings::bids_of(&tx, &due).await?;
    let mut freed = Freed::lock(&tx, &due, &bids).await?;
    let open: Vec<Bid> = bids.into_iter().filter(|bid| freed.open.contains(&bid.ping)).collect();
    freed.free(inner, &open, &tx);
    let posted = freed.money(&tx, &open).await?;
    let ended: Vec<EndedPing> = freed
        .open
        .iter()
        .map(|id| EndedPing { id: *id, state: PingState::Expired, lead: None })
        .collect();
    let ended_bids: Vec<EndedBid> = open
        .iter()
        .map(|bid| EndedBid { id: bid.id, state: BidState::Expired, award: None })
        .collect();
    bulk::set_rows(&tx, meter_sets(&freed.meters)).await?;
    bulk::set_rows(&tx, seller_sets(&freed.sellers)).await?;
    bulk::set_rows(&tx, pings::meter_sets(&freed.pingers)).await?;
    bulk::set_rows(&tx, pings::ping_sets(&ended, tx.now())).await?;
    bulk::set_rows(&tx, pings::bid_sets(&ended_bids, tx.now())).await?;
    ledger::post(&tx, &posted).await?;
    tx.commit().await?;
    metrics::counter!("exchange_pings_expired_total")
        .increment(u64::try_from(ended.len()).unwrap_or(u64::MAX));
    Ok((due.len(), ended.len()))
}

/// Gives back what one bid holds that no ping opened: that of an offered award. Its caller has
/// locked what the bid belongs to, and found it open.
pub(super) async fn give_back(inner: &Inner, tx: &WriteTx, bid: &Bid) -> Result<()> {
    let bids = std::slice::from_ref(bid);
    let mut freed = Freed::lock(tx, &[], bids).await?;
    // It counts nowhere among the publisher's open bids.
    freed.pingers.clear();
    freed.free(inner, bids, tx);
    let posted = freed.money(tx, bids).await?;
    bulk::set_rows(tx, meter_sets(&freed.meters)).await?;
    bulk::set_rows(tx, seller_sets(&freed.sellers)).await?;
    ledger::post(tx, &posted).await
}

/// Everything that the bids hold, locked.
struct Freed {
    /// Those that nobody ended before.
    open: BTreeSet<PingId>,
    meters: BTreeMap<OfferId, Meters>,
    sellers: BTreeMap<(OfferId, OrganizationId), Periods>,
    pingers: BTreeMap<OrganizationId, PingMeter>,
}

impl Freed {
    /// In the one order: meters of offers and of publishers in them, meters of pinging publishers,
    /// pings.
    async fn lock(tx: &WriteTx, due: &[PingId], bids: &[Bid]) -> Result<Self> {
        let keys = |ids: &mut dyn Iterator<Item = Uuid>| ids.collect::<BTreeSet<_>>();
        let offers: Vec<Uuid> =
            keys(&mut bids.iter().map(|bid| bid.offer.uuid())).into_iter().collect();
        let lock = Lock::new(&METERS, METER_COLUMNS, &offers, LockMode::Update);
        let meters = bulk::lock_rows(tx, &lock).await?;
        let places: BTreeMap<Uuid, (OfferId, OrganizationId)> = bids
            .iter()
            .filter(|bid| bid.seller_capped)
            .map(|bid| (seller_id(bid.offer, bid.publisher), (bid.offer, bid.publisher)))
            .collect();
        let sellers = read_sellers(tx, &places).await?;
        let publishers: Vec<Uuid> =
            keys(&mut bids.iter().map(|bid| bid.publisher.uuid())).into_iter().collect();
        let lock = Lock::new(&PING_METERS, pings::METER_COLUMNS, &publishers, LockMode::Update);
        let pingers = bulk::lock_rows(tx, &lock).await?;
        let ids: Vec<Uuid> = due.iter().map(|id| id.uuid()).collect();
        let lock = Lock::new(&PINGS, PING_COLUMNS, &ids, LockMode::Update);
        let found = bulk::lock_rows(tx, &lock).await?;
        let still_open = |row: &Vec<i64>| row.first() == Some(&0);
        Ok(Self {
            open: found
                .iter()
                .filter(|(_, row)| still_open(row))
                .map(|(id, _)| PingId(*id))
                .collect(),
            meters: meters.iter().map(|(id, row)| (OfferId(*id), read_meters(row))).collect(),
            sellers: sellers.into_iter().collect(),
            pingers: pingers
                .iter()
                .map(|(id, row)| (OrganizationId(*id), pings::read_meter(row)))
                .collect(),
        })
    }

    /// Takes the bids out of every meter.
    fn free(&mut self, inner: &Inner, bids: &[Bid], tx: &WriteTx) {
        let limits = inner.ping_limits();
        let mut pings: BTreeMap<(OrganizationId, PingId), i64> = BTreeMap::new();
        for bid in bids {
            if let Some(meters) = self.meters.get_mut(&bid.offer) {
                meters.free(bid.amount, bid.created_at);
            }
            let seller = self.sellers.get_mut(&(bid.offer, bid.publisher));
            if let Some(seller) = seller.filter(|_| bid.seller_capped) {
                seller.free(bid.amount, bid.created_at);
            }
            *pings.entry((bid.publisher, bid.ping)).or_default() += 1;
        }
        for ((publisher, _), bids) in pings {
            if let Some(meter) = self.pingers.get_mut(&publisher) {
                *meter = meter.at(tx.now(), &limits);
                meter.ended(bids, false);
            }
        }
    }

    /// The transactions that give the money back: a buyer's debt is paid first, and who owed is
    /// told, as after a top-up.
    async fn money(&self, tx: &WriteTx, bids: &[Bid]) -> Result<Vec<LedgerTx>> {
        let buyers: BTreeSet<(OrganizationId, Currency)> =
            bids.iter().map(|bid| (bid.buyer, bid.currency)).collect();
        let accounts: Vec<Account> = buyers
            .iter()
            .flat_map(|(buyer, currency)| {
                [
                    Account::available(*buyer, *currency),
                    Account::reserved(*buyer, *currency),
                    Account::owed(*buyer, *currency),
                ]
            })
            .collect();
        let balances = ledger::lock_balances(tx, &accounts).await?;
        let mut debts: HashMap<(OrganizationId, Currency), i64> = HashMap::new();
        for (buyer, currency) in buyers {
            let owed = balances.get(&Account::owed(buyer, currency).id()).copied().unwrap_or(0);
            debts.insert((buyer, currency), owed.saturating_neg().max(0));
        }
        let mut posted = Vec::with_capacity(bids.len());
        let mut paid: HashSet<(OrganizationId, Currency)> = HashSet::new();
        for bid in bids.iter().filter(|bid| bid.amount > 0) {
            let key = (bid.buyer, bid.currency);
            let debt = debts.entry(key).or_default();
            let to_debt = bid.amount.min(*debt);
            *debt -= to_debt;
            if to_debt > 0 {
                paid.insert(key);
            }
            posted.push(release(bid.id, bid.buyer, (bid.amount, to_debt), bid.currency, tx.now())?);
        }
        for (buyer, currency) in paid {
            ledger::tell_credited(tx, buyer, currency).await?;
        }
        Ok(posted)
    }
}
