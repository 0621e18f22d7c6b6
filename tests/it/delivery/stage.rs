//! A market with delivery on top.

use leadbourse::delivery::{
    AWARD_CREATED, Deliveries, DeliveryFilter, DeliveryView, ENDPOINT_FAILING, GIVE_UP, GiveUp,
    OnAward, OnFailing, Worker,
};
use leadbourse::platform::config::{DeliveryConfig, EgressConfig};
use leadbourse::platform::egress::Egress;
use leadbourse::platform::paging::Page;
use leadbourse::platform::{jobs, outbox};
use leadbourse_core::access::{Actor, OrgKind, Role};
use leadbourse_core::ids::{OfferId, OrganizationId, UserId};
use leadbourse_core::time::HOUR;
use serde_json::json;
use std::sync::Arc;

use crate::exchange::market::{Market, Src, person, terms};
use crate::harness::TestDb;

/// One buyer with an offer, one source, and everything that delivers.
pub struct Stage {
    pub market: Market,
    pub buyer: Actor,
    pub offer: OfferId,
    pub source: Src,
    pub deliveries: Deliveries,
    pub config: DeliveryConfig,
    pub worker: Arc<Worker>,
    pub outbox: outbox::Runner,
    pub jobs: jobs::Runner,
}

/// A member of an organization.
pub fn member(market: &Market, org: OrganizationId, kind: OrgKind) -> Actor {
    Actor::member(UserId::new(market.clock.now()), org, kind, Role::Owner)
}

/// The egress door with this machine on its list, or not.
pub fn egress(local: bool) -> Egress {
    let allow = if local { vec!["127.0.0.0/8".parse().unwrap()] } else { Vec::new() };
    Egress::new(&EgressConfig { allow, timeout_ms: 1_000, ..EgressConfig::default() }).unwrap()
}

impl Stage {
    pub async fn set(db: &TestDb) -> Self {
        Self::with(db, DeliveryConfig::default()).await
    }

    pub async fn with(db: &TestDb, config: DeliveryConfig) -> Self {
        let market = Market::open(db).await;
        let buyer = market.buyer(1_000_000).await;
        let offer = market.offer(buyer, terms(1_000, json!({}))).await;
        let source = market.source(1, None).await;
        let buyer = member(&market, buyer, OrgKind::Buyer);
        let deliveries = Deliveries::new(
            market.db.clone(),
            market.clock.clone(),
            market.vault.clone(),
            egress(true),
        );
        let outbox = outbox::Runner::new(market.db.clone(), market.clock.clone())
            .on(AWARD_CREATED, Arc::new(OnAward(deliveries.clone())))
            .on(ENDPOINT_FAILING, Arc::new(OnFailing(deliveries.clone())));
        let jobs = jobs::Runner::new(market.db.clone(), market.clock.clone()).every(
            GIVE_UP,
            HOUR,
            Arc::new(GiveUp(deliveries.clone(), config.clone())),
        );
        let worker = Arc::new(Worker::new(deliveries.clone(), &config));
        Self { market, buyer, offer, source, deliveries, config, worker, outbox, jobs }
    }

    /// Sells the n-th person.
    pub async fn sell(&self, n: u64) {
        let verdict = self.market.send(&self.source, person(n)).await.unwrap().verdict;
        assert_eq!(verdict.awards.len(), 1, "{:?}", verdict.reasons);
    }

    /// Makes an endpoint for all of the buyer's leads; gives its secret.
    pub async fn endpoint(&self, url: &str) -> (leadbourse::delivery::Endpoint, String) {
        self.deliveries.create_endpoint(&self.buyer, url, None).await.unwrap()
    }

    /// Does all work that is due now.
    pub async fn work(&self) {
        loop {
            let messages = self.outbox.drain().await.unwrap();
            let jobs = self.jobs.drain().await.unwrap();
            if messages + jobs + self.worker.drain().await.unwrap() == 0 {
                return;
            }
        }
    }

    /// Moves the clock and does all work that is then due.
    pub async fn wait(&self, micros: i64) {
        self.market.clock.advance(micros);
        self.work().await;
    }

    /// All deliveries of the buyer, newest first.
    pub async fn all(&self) -> Vec<DeliveryView> {
        let page = Page { first: 100, after: None };
        let filter = DeliveryFilter::default();
        self.deliveries.deliveries(&self.buyer, filter, &page).await.unwrap().items
    }

    /// The only delivery.
    pub async fn only(&self) -> DeliveryView {
        let mut all = self.all().await;
        assert_eq!(all.len(), 1);
        all.remove(0)
    }
}
