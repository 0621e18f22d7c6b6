//! One order of locks: claims, meters, conversions, balances, epochs. Each test holds one row,
//! lets a use case wait for it, and looks whether that use case sits on a row that comes later.
//! SQLite has one writer, so this is about PostgreSQL.

use leadbourse::platform::db::{Reader, WriteTx};
use leadbourse_core::ids::SettlementRunId;
use leadbourse_core::ledger::Account;
use leadbourse_core::time::DAY;
use sea_orm::{ConnectionTrait, Statement, Value as Sql};
use std::time::Duration;

use super::scene::{RUB, Scene, hybrid};
use crate::exchange::market::{person, policy};
use crate::harness::{Kind, TestDb};

impl Scene {
    /// Locks what a SELECT finds, until the transaction is dropped.
    async fn hold(&self, select: &str, key: Sql) -> WriteTx {
        let tx = self.market.db.begin_write(&self.market.clock).await.unwrap();
        let backend = tx.conn().get_database_backend();
        let text = format!("{select} FOR UPDATE");
        let statement = Statement::from_sql_and_values(backend, text, [key]);
        assert!(!tx.conn().query_all_raw(statement).await.unwrap().is_empty());
        tx
    }

    /// Locks a run where the engine has row locks.
    pub async fn hold_run(&self, run: SettlementRunId) -> Option<WriteTx> {
        if self.market.config.database.url.starts_with("sqlite") {
            return None;
        }
        let select = "SELECT 1 FROM settlement_runs WHERE id = $1";
        Some(self.hold(select, run.uuid().into()).await)
    }

    /// Whether nobody holds what a SELECT finds.
    async fn is_free(&self, select: &str, key: Sql) -> bool {
        let tx = self.market.db.begin_write(&self.market.clock).await.unwrap();
        let backend = tx.conn().get_database_backend();
        let text = format!("{select} FOR UPDATE NOWAIT");
        let statement = Statement::from_sql_and_values(backend, text, [key]);
        tx.conn().query_all_raw(statement).await.is_ok()
    }

    /// Returns once so many sessions wait for a lock.
    pub async fn until_waiting(&self, wanted: i64) {
        let text = "SELECT COUNT(*) AS n FROM pg_stat_activity \
             WHERE datname = current_database() AND wait_event_type = 'Lock'";
        for _ in 0..500 {
            if self.market.number(text, vec![]).await >= wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nobody came to wait");
    }
}

const METER: &str = "SELECT 1 FROM offer_meters WHERE offer_id = $1";
const BALANCE: &str = "SELECT 1 FROM balances WHERE account_id = $1";
const CONVERSION: &str = "SELECT 1 FROM conversions WHERE id = $1";
const CLAIM: &str = "SELECT 1 FROM claims WHERE lead_id = $1";
const EPOCH: &str = "SELECT 1 FROM market_epochs WHERE niche_id = $1";

async fn postgres() -> TestDb {
    TestDb::new(Kind::Postgres).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unfunded_sale_raises_the_epoch_last() {
    let db = postgres().await;
    let scene = Scene::with(&db, 2_500, hybrid(), policy()).await;
    let award = scene.sell(1).await;
    let meter = || Sql::from(award.offer_id.uuid());
    let first = scene.hold(METER, meter()).await;
    let report = scene.report(award.id, "c");
    let second = scene.hold(METER, meter());
    let epoch = async {
        scene.until_waiting(1).await;
        // Queued behind the report, so that it has the meter whenever the report wants it again.
        let again = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            first.rollback().await.unwrap();
        };
        let (held, ()) = tokio::join!(second, again);
        tokio::time::sleep(Duration::from_millis(300)).await;
        let free = scene.is_free(EPOCH, scene.market.niche.uuid().into()).await;
        held.rollback().await.unwrap();
        free
    };
    let (reported, free) = tokio::join!(report, epoch);
    assert!(free, "the epoch was held while waiting for a meter");
    assert_eq!(reported.unwrap().unfunded, 2_500);
    let paused = "SELECT COUNT(*) AS n FROM offers WHERE pause_reason = 'UNFUNDED'";
    assert_eq!(scene.market.number(paused, vec![]).await, 1);
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ended_promises_lock_their_balances_in_order() {
    let db = postgres().await;
    let scene = Scene::with(&db, 9_000, hybrid(), policy()).await;
    let other = scene.market.buyer(9_000).await;
    let offer = scene.market.offer(other, hybrid()).await;
    let to_other = scene.market.source(1, Some(offer)).await;
    let mine = Account::available(scene.buyer.org, RUB).id().uuid();
    let others = Account::available(other, RUB).id().uuid();
    let (low, high) = (mine.min(others), mine.max(others));
    // The one whose balance comes later in the order is the one whose promise ends first.
    let mine_only = scene.market.source(1, Some(scene.offer_id)).await;
    let order = if high == mine { [&mine_only, &to_other] } else { [&to_other, &mine_only] };
    for (n, source) in (1u64..).zip(order) {
        let sold = scene.market.send(source, person(n)).await.unwrap().verdict;
        assert_eq!(sold.awards.len(), 1, "{:?}", sold.reasons);
        scene.later(60);
    }
    scene.market.clock.advance(31 * DAY);
    let held = scene.hold(BALANCE, low.into()).await;
    let look = async {
        scene.until_waiting(1).await;
        let free = scene.is_free(BALANCE, high.into()).await;
        held.rollback().await.unwrap();
        free
    };
    let (released, free) = tokio::join!(scene.conversions.release_expired(), look);
    assert!(free, "the later balance was held while waiting for the earlier one");
    assert_eq!(released.unwrap(), 2);
    assert_eq!(scene.available().await, 8_000);
    assert_eq!(scene.market.available(other).await, 8_000);
    let meters = "SELECT CAST(SUM(total_money) AS BIGINT) AS n FROM offer_meters";
    assert_eq!(scene.market.number(meters, vec![]).await, 2_000);
    scene.market.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_return_that_frees_a_person_locks_the_claims_first() {
    let db = postgres().await;
    let scene = Scene::open(&db, 5_000).await;
    let sold = scene.sold(1).await;
    let dispute = scene.open_return(sold.id, None).await.unwrap();
    let held = scene.hold(CLAIM, sold.lead_id.uuid().into()).await;
    let accept = scene.disputes.answer_return(&scene.publisher, dispute.id, true, None, None);
    let look = async {
        scene.until_waiting(1).await;
        let free = scene.is_free(METER, sold.offer_id.uuid().into()).await;
        held.rollback().await.unwrap();
        free
    };
    let (done, free) = tokio::join!(accept, look);
    assert!(free, "the meter was held while waiting for a claim");
    done.unwrap();
    assert_eq!(scene.market.count("claims").await, 0);
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_return_locks_the_debts_of_its_buyer_in_order() {
    let db = postgres().await;
    let scene = Scene::with(&db, 2_000, hybrid(), policy()).await;
    let award = scene.sell(1).await;
    let a = scene.report(award.id, "a").await.unwrap();
    let b = scene.report(award.id, "b").await.unwrap();
    assert_eq!((a.unfunded, b.unfunded), (3_000, 4_000));
    let (low, high) = if a.id < b.id { (a, b) } else { (b, a) };
    let dispute = scene.open_return(high.id, None).await.unwrap();
    let held = scene.hold(CONVERSION, low.id.uuid().into()).await;
    let accept = scene.disputes.answer_return(&scene.publisher, dispute.id, true, None, None);
    let look = async {
        scene.until_waiting(1).await;
        let free = scene.is_free(CONVERSION, high.id.uuid().into()).await;
        held.rollback().await.unwrap();
        free
    };
    let (done, free) = tokio::join!(accept, look);
    assert!(free, "the later conversion was held while waiting for the earlier one");
    done.unwrap();
    let owed = scene.balance(Account::owed(scene.buyer.org, RUB)).await;
    assert_eq!(owed, -3_000);
    let unpaid = scene.conversion(low.id).await.unfunded + scene.conversion(high.id).await.unfunded;
    assert_eq!(unpaid, 3_000);
    scene.close().await;
}
