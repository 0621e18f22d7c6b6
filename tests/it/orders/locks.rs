//! Who waits for whom, on PostgreSQL: leads that have nothing to do with orders wait for none, and the
//! clock holds no money while it waits for an order.

use leadbourse::platform::db::{Reader, WriteTx};
use sea_orm::{ConnectionTrait, Statement};
use std::time::Duration;

use super::stage::Stage;
use crate::harness::{Kind, TestApp};

impl Stage {
    /// Locks what a SELECT finds, until the transaction is dropped.
    async fn hold(&self, select: &str) -> WriteTx {
        let tx = self.app.app.db.begin_write(&self.app.clock).await.unwrap();
        let statement = Statement::from_string(
            tx.conn().get_database_backend(),
            format!("{select} FOR UPDATE"),
        );
        assert!(!tx.conn().query_all_raw(statement).await.unwrap().is_empty());
        tx
    }

    /// Whether nobody holds what a SELECT finds.
    async fn is_free(&self, select: &str) -> bool {
        let tx = self.app.app.db.begin_write(&self.app.clock).await.unwrap();
        let text = format!("{select} FOR UPDATE NOWAIT");
        let statement = Statement::from_string(tx.conn().get_database_backend(), text);
        let free = tx.conn().query_all_raw(statement).await.is_ok();
        tx.rollback().await.unwrap();
        free
    }

    /// Returns once somebody waits for a lock.
    async fn until_waiting(&self) {
        let text = "SELECT COUNT(*) AS n FROM pg_stat_activity \
             WHERE datname = current_database() AND wait_event_type = 'Lock'";
        for _ in 0..500 {
            if self.count(text).await >= 1 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nobody came to wait");
    }
}

const ORDER: &str = "SELECT 1 FROM orders";
const CLAIM: &str = "SELECT 1 FROM order_claims";
const BALANCES: &str = "SELECT 1 FROM balances";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lead_without_a_claim_waits_for_no_order() {
    let Some(app) = TestApp::new(Kind::Postgres).await else { return };
    let stage = Stage::open(app, 1_000_000).await;
    let order = stage.place(3, 48).await;
    stage.claim(&stage.paul, &order, 3, 48).await;
    let held = stage.hold(ORDER).await;
    let claims = stage.hold(CLAIM).await;
    let plain = tokio::time::timeout(Duration::from_secs(5), stage.send(&stage.other, 1)).await;
    assert_eq!(plain.unwrap(), "50000", "it asked nothing about orders");
    let ordered = stage.send(&stage.site, 2);
    let look = async {
        stage.until_waiting().await;
        let free = stage.is_free(BALANCES).await;
        claims.rollback().await.unwrap();
        held.rollback().await.unwrap();
        free
    };
    let (sold, free) = tokio::join!(ordered, look);
    assert_eq!(sold, "40000");
    assert!(free, "a balance was held while waiting for an order");
    stage.app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_locks_the_order_before_the_money() {
    let Some(app) = TestApp::new(Kind::Postgres).await else { return };
    let stage = Stage::open(app, 1_000_000).await;
    let order = stage.place(3, 24).await;
    stage.claim(&stage.paul, &order, 2, 24).await;
    let held = stage.hold(ORDER).await;
    stage.app.clock.advance(24 * leadbourse_core::time::HOUR);
    let ended = stage.app.app.orders.tick();
    let look = async {
        stage.until_waiting().await;
        let free = stage.is_free(BALANCES).await && stage.is_free(CLAIM).await;
        held.rollback().await.unwrap();
        free
    };
    let (ended, free) = tokio::join!(ended, look);
    ended.unwrap();
    assert!(free, "something later was held while waiting for the order");
    assert_eq!(stage.numbers(&order).await, ("ENDED".to_owned(), [3, 0, 0, 0, 3]));
    assert_eq!(stage.wallet().await, [1_000_000, 0, 0, 0, 0]);
    stage.app.finish().await;
}
