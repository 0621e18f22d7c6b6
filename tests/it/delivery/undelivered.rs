//! What no destination took and nobody opened is returned in full.

use leadbourse::delivery::{
    AWARD_CREATED, AWARD_UNDELIVERED, Deliveries, DeliveryFilter, ENDPOINT_FAILING, GIVE_UP,
    GiveUp, OnAward, OnFailing, Worker,
};
use leadbourse::disputes::{OnUndelivered, UNDELIVERED};
use leadbourse::platform::config::DeliveryConfig;
use leadbourse::platform::{jobs, outbox};
use leadbourse_core::conversion::{AwardState, ConversionState, Disposition};
use leadbourse_core::dispute::DisputeState;
use leadbourse_core::ledger::Account;
use leadbourse_core::money::Bps;
use leadbourse_core::time::{DAY, HOUR, MINUTE};
use serde_json::{Value, json};
use std::sync::Arc;

use super::receiver::Receiver;
use super::stage::egress;
use crate::each_engine;
use crate::exchange::market::{person, policy, terms};
use crate::harness::TestDb;
use crate::money::scene::{RUB, Scene, code, page};

/// A market with money and delivery.
struct Post {
    scene: Scene,
    deliveries: Deliveries,
    worker: Arc<Worker>,
    outbox: outbox::Runner,
    jobs: jobs::Runner,
}

impl Post {
    /// The hold lasts longer than the patience of delivery, and endpoints do not pause by
    /// themselves.
    async fn open(db: &TestDb, goals: Value) -> Self {
        let more = json!({"goals": goals, "hold_s": 432_000, "lock_s": 518_400});
        let scene = Scene::with(db, 10_000, terms(1_000, more), policy()).await;
        let config = DeliveryConfig { pause_after_minutes: 10_000, ..DeliveryConfig::default() };
        let (db, clock) = (scene.market.db.clone(), scene.market.clock.clone());
        let vault = scene.market.vault.clone();
        let deliveries = Deliveries::new(db.clone(), clock.clone(), vault, egress(true));
        let outbox = outbox::Runner::new(db.clone(), clock.clone())
            .on(AWARD_CREATED, Arc::new(OnAward(deliveries.clone())))
            .on(AWARD_UNDELIVERED, Arc::new(OnUndelivered(scene.disputes.clone())))
            .on(ENDPOINT_FAILING, Arc::new(OnFailing(deliveries.clone())));
        let jobs = jobs::Runner::new(db, clock).every(
            GIVE_UP,
            HOUR,
            Arc::new(GiveUp(deliveries.clone(), config.clone())),
        );
        let worker = Arc::new(Worker::new(deliveries.clone(), &config));
        Self { scene, deliveries, worker, outbox, jobs }
    }

    async fn endpoint(&self, receiver: &Receiver) -> leadbourse::delivery::Endpoint {
        self.deliveries.create_endpoint(&self.scene.buyer, &receiver.url, None).await.unwrap().0
    }

    async fn work(&self) {
        loop {
            let messages = self.outbox.drain().await.unwrap();
            let jobs = self.jobs.drain().await.unwrap();
            if messages + jobs + self.worker.drain().await.unwrap() == 0 {
                return;
            }
        }
    }

    /// Until every delivery that fails is dead.
    async fn days_pass(&self) {
        for _ in 0..150 {
            self.scene.market.clock.advance(30 * MINUTE);
            self.work().await;
        }
    }

    async fn state(&self, id: leadbourse_core::ids::AwardId) -> AwardState {
        self.scene.conversions.award(&self.scene.buyer, id).await.unwrap().state
    }
}

fn lead_only() -> Value {
    json!([{"kind": "LEAD", "price": 1_000}])
}

fn lead_and_sale() -> Value {
    json!([
        {"kind": "LEAD", "price": 1_000},
        {"kind": "SALE", "price": 4_000, "attribution_window_s": 2_592_000, "reserve_bps": 2_500}
    ])
}

each_engine! {
    async fn what_never_arrived_is_returned_in_full_and_both_sides_see_why(db: TestDb) {
        let (post, receiver) = (Post::open(&db, lead_and_sale()).await, Receiver::open().await);
        let scene = &post.scene;
        post.endpoint(&receiver).await;
        receiver.says(500);
        let award = scene.sell(1).await;
        post.work().await;
        assert_eq!((scene.available().await, scene.held().await), (8_000, 850));
        post.days_pass().await;

        assert_eq!((scene.available().await, scene.held().await), (10_000, 0));
        assert_eq!(scene.balance(Account::reserved(scene.buyer.org, RUB)).await, 0);
        assert_eq!(scene.balance(Account::fees_held(scene.buyer.org, RUB)).await, 0);
        let after = scene.conversions.award(&scene.buyer, award.id).await.unwrap();
        assert_eq!(after.state, AwardState::Undelivered);
        assert!(after.returned_at.is_some());
        let sold = scene.conversions.conversions_of_awards(&scene.buyer, &[award.id]).await.unwrap();
        assert_eq!((sold[0].state, sold[0].given.bps), (ConversionState::Returned, Bps::WHOLE));
        // Its own cause, where both sides look for returns.
        for side in [scene.buyer, scene.publisher] {
            let seen = scene.disputes.disputes(&side, None, None, &page()).await.unwrap().items;
            assert_eq!(seen.len(), 1);
            assert_eq!((seen[0].state, seen[0].reason_code.as_str()), (DisputeState::Upheld, UNDELIVERED));
            assert_eq!(seen[0].resolved_by.as_deref(), Some("system"));
            let label = scene.disputes.reason_label(&seen[0]).await.unwrap().unwrap();
            assert_eq!(label.en, "Never delivered and never opened");
            let events = scene.disputes.events(&side, &seen).await.unwrap();
            assert_eq!(events.iter().map(|event| event.code.as_str()).collect::<Vec<_>>(), [UNDELIVERED]);
            let cause = "SELECT COUNT(*) AS n FROM ledger_txs WHERE kind = 'GIVE_BACK' AND cause = $1";
            let cause = scene.market.number(cause, vec![seen[0].id.to_string().into()]).await;
            assert_eq!(cause, 1);
        }
        let lead = scene.market.leads.get(&scene.publisher, award.lead_id).await.unwrap();
        let mut chains = scene.market.leads.chains(&scene.publisher, [&lead]).await.unwrap();
        let chain = chains.remove(&lead.id).unwrap();
        assert!(chain.valid);
        assert_eq!(chain.events.last().unwrap().event.code, "UNDELIVERED_RETURNED");
        // Money caps are free, count caps are not, and it is no return of the buyer's.
        let meter = "SELECT total_money * 100 + total_count * 10 + returns_count AS n FROM offer_meters";
        assert_eq!(scene.market.number(meter, vec![]).await, 10);

        // It is not the buyer's any more: not to open, to see, to send or to sell.
        let refused = scene.conversions.open_award(&scene.buyer, award.id).await;
        assert_eq!(code(refused), "AWARD_TAKEN_BACK");
        let shown = scene.conversions.show_contacts(&scene.buyer, &[award.lead_id]).await.unwrap();
        assert!(shown.is_empty());
        assert_eq!(code(scene.report(award.id, "x").await), "AWARD_TAKEN_BACK");
        let filter = DeliveryFilter::default();
        let sent = post.deliveries.deliveries(&scene.buyer, filter, &page()).await.unwrap().items;
        let replay = post.deliveries.replay(&scene.buyer, sent[0].delivery.id, None).await;
        assert_eq!(code(replay), "AWARD_TAKEN_BACK");
        // Twice is once, and the person is free for others.
        assert!(!scene.disputes.return_undelivered(award.id).await.unwrap());
        receiver.says(200);
        let again = scene.market.send(&scene.source, person(1)).await.unwrap().verdict;
        assert_eq!(again.awards.len(), 1);
        post.work().await;
        post.scene.close().await;
    }

    async fn what_the_buyer_had_stays_sold(db: TestDb) {
        let (post, receiver) = (Post::open(&db, lead_only()).await, Receiver::open().await);
        let scene = &post.scene;
        post.endpoint(&receiver).await;
        receiver.says(500);
        let (opened, seen, judged) = (scene.sell(1).await, scene.sell(2).await, scene.sell(3).await);
        scene.conversions.open_award(&scene.buyer, opened.id).await.unwrap();
        let shown = scene.conversions.show_contacts(&scene.buyer, &[seen.lead_id]).await.unwrap();
        assert_eq!(shown.len(), 1);
        let value = Disposition::Contacted;
        scene.conversions.set_disposition(&scene.buyer, judged.id, value).await.unwrap();
        post.days_pass().await;
        for award in [&opened, &seen, &judged] {
            assert_eq!(post.state(award.id).await, AwardState::Undelivered);
            assert!(!scene.disputes.return_undelivered(award.id).await.unwrap());
        }
        assert_eq!((scene.available().await, scene.held().await), (7_000, 2_550));
        assert_eq!(scene.market.count("disputes").await, 0);
        post.scene.close().await;
    }

    async fn only_the_last_destination_counts_and_only_if_the_buyer_did_not_remove_it(db: TestDb) {
        let (post, receiver) = (Post::open(&db, lead_only()).await, Receiver::open().await);
        let scene = &post.scene;
        let good = Receiver::open().await;
        post.endpoint(&receiver).await;
        let second = post.endpoint(&good).await;
        receiver.says(500);
        good.says(200);
        let award = scene.sell(1).await;
        post.days_pass().await;
        assert_eq!(post.state(award.id).await, AwardState::Delivered);
        assert_eq!(scene.available().await, 9_000);

        // One destination that the buyer pauses and forgets: the lead waits in the inbox.
        for endpoint in post.deliveries.endpoints(&scene.buyer).await.unwrap() {
            if endpoint.id != second.id {
                post.deliveries.delete_endpoint(&scene.buyer, endpoint.id).await.unwrap();
            }
        }
        post.deliveries.set_endpoint_paused(&scene.buyer, second.id, true).await.unwrap();
        let award = scene.sell(2).await;
        post.work().await;
        scene.market.clock.advance(4 * DAY);
        post.work().await;
        assert_eq!(post.state(award.id).await, AwardState::Undelivered);
        assert_eq!(scene.available().await, 8_000);
        post.scene.close().await;
    }

    async fn a_hold_that_is_over_first_stays_sold_whoever_looks_first(db: TestDb) {
        let (post, receiver) = (Post::open(&db, lead_only()).await, Receiver::open().await);
        let scene = &post.scene;
        post.endpoint(&receiver).await;
        receiver.says(500);
        let award = scene.sell(1).await;
        post.work().await;
        // Nothing ran for six days; now the dead letter is found before the end of the hold.
        scene.market.clock.advance(6 * DAY);
        post.work().await;
        assert_eq!(post.state(award.id).await, AwardState::Undelivered);
        assert_eq!((scene.available().await, scene.held().await), (9_000, 850));
        assert_eq!(scene.settlements.hold_end().await.unwrap(), 1);
        assert_eq!(scene.payable().await, 850);
        post.scene.close().await;
    }

    async fn a_return_that_is_open_already_gives_way(db: TestDb) {
        let (post, receiver) = (Post::open(&db, lead_only()).await, Receiver::open().await);
        let scene = &post.scene;
        post.endpoint(&receiver).await;
        receiver.says(500);
        let award = scene.sell(1).await;
        let sold = scene.conversions.conversions_of_awards(&scene.buyer, &[award.id]).await.unwrap();
        let open = scene.open_return(sold[0].id, Some(4_000)).await.unwrap();
        post.days_pass().await;
        let gone = scene.disputes.dispute(&scene.buyer, open.id).await.unwrap();
        assert_eq!((gone.state, gone.decided), (DisputeState::Withdrawn, Some(Bps(0))));
        let newest = scene.disputes.of_conversions(&scene.buyer, &[sold[0].id]).await.unwrap();
        assert_eq!(newest[&sold[0].id].reason_code, UNDELIVERED);
        assert_eq!((scene.available().await, scene.held().await), (10_000, 0));
        let returns = "SELECT returns_count AS n FROM offer_meters";
        assert_eq!(scene.market.number(returns, vec![]).await, 0);
        assert_eq!(scene.disputes.tick().await.unwrap(), 0);
        post.scene.close().await;
    }
}
