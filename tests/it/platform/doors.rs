//! `begin_read` and `begin_write`.

use crate::each_engine;
use crate::harness::{Kind, TestDb};
use leadbourse::platform::config::DatabaseConfig;
use leadbourse::platform::db::bulk::{self, Lock, LockMode, Rows, TableDef, Ty};
use leadbourse::platform::db::{Db, sql};
use leadbourse::platform::error::retry;
use uuid::Uuid;

static BALANCES: TableDef =
    TableDef { name: "balances", cols: &[("account_id", Ty::Uuid), ("amount", Ty::I64)] };

async fn amount(db: &Db, id: Uuid) -> i64 {
    let tx = db.begin_read().await.unwrap();
    let row = sql::one(&tx, "SELECT amount FROM balances WHERE account_id = $1", [id.into()]).await;
    row.unwrap().unwrap().try_get("", "amount").unwrap()
}

each_engine! {
    /// The measured trap: a bare `begin` on SQLite fails under concurrency, and an unlocked
    /// read-then-write on PostgreSQL loses updates.
    async fn read_then_write_loses_nothing(t: TestDb) {
        let id = Uuid::from_u128(1);
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        let mut rows = Rows::new(&BALANCES);
        rows.push([id.into(), 0i64.into()]);
        bulk::insert_many(&tx, rows).await.unwrap();
        tx.commit().await.unwrap();
        let mut tasks = Vec::new();
        for _ in 0..16 {
            let (db, clock) = (t.db.clone(), t.clock.clone());
            tasks.push(tokio::spawn(async move {
                for _ in 0..10 {
                    let tx = db.begin_write(&clock).await.unwrap();
                    let keys = [id];
                    let lock = Lock::new(&BALANCES, &["amount"], &keys, LockMode::Update);
                    let now = bulk::lock_rows(&tx, &lock).await.unwrap()[&id][0];
                    let update = "UPDATE balances SET amount = $1 WHERE account_id = $2";
                    sql::run(&tx, update, [(now + 1).into(), id.into()]).await.unwrap();
                    tx.commit().await.unwrap();
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(amount(&t.db, id).await, 160);
    }

    async fn a_read_transaction_can_not_write(t: TestDb) {
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        drop(tx);
        let read = t.db.begin_read().await.unwrap();
        let insert = "INSERT INTO market_epochs (niche_id, epoch) VALUES ($1, 1)";
        let refused = sql::all(&read, insert, [Uuid::nil().into()]).await;
        assert!(refused.is_err());
    }

    async fn a_read_transaction_sees_one_snapshot(t: TestDb) {
        let count = "SELECT COUNT(*) AS n FROM market_epochs";
        let read = t.db.begin_read().await.unwrap();
        let before: i64 = sql::one(&read, count, []).await.unwrap().unwrap().try_get("", "n").unwrap();
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        leadbourse::platform::db::epoch::raise(&tx, &[Uuid::from_u128(5)]).await.unwrap();
        tx.commit().await.unwrap();
        let after: i64 = sql::one(&read, count, []).await.unwrap().unwrap().try_get("", "n").unwrap();
        assert_eq!((before, after), (0, 0));
    }

    async fn dropping_a_write_leaves_no_trace(t: TestDb) {
        for _ in 0..20 {
            let tx = t.db.begin_write(&t.clock).await.unwrap();
            leadbourse::platform::db::epoch::raise(&tx, &[Uuid::from_u128(5)]).await.unwrap();
        }
        let read = t.db.begin_read().await.unwrap();
        assert!(leadbourse::platform::db::epoch::read_all(&read).await.unwrap().is_empty());
    }

    async fn epochs_only_rise(t: TestDb) {
        use leadbourse::platform::db::epoch;
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        epoch::raise(&tx, &[b, a, a]).await.unwrap();
        epoch::raise(&tx, &[a]).await.unwrap();
        epoch::raise_all(&tx).await.unwrap();
        tx.commit().await.unwrap();
        let read = t.db.begin_read().await.unwrap();
        let epochs = epoch::read_all(&read).await.unwrap();
        assert_eq!((epochs[&a], epochs[&b]), (3, 2));
    }

    async fn migrating_twice_changes_nothing(t: TestDb) {
        t.db.migrate().await.unwrap();
        assert!(t.db.pending_migrations().await.unwrap().is_empty());
        t.db.ping().await.unwrap();
    }
}

#[tokio::test]
async fn sqlite_is_durable_and_refuses_a_second_server() {
    let t = TestDb::new(Kind::Sqlite).await.unwrap();
    let tx = t.db.begin_write(&t.clock).await.unwrap();
    for (pragma, wanted) in
        [("synchronous", 2i64), ("foreign_keys", 1), ("wal_autocheckpoint", 20_000)]
    {
        let row = sql::one(&tx, &format!("PRAGMA {pragma}"), []).await.unwrap().unwrap();
        let found: i64 = row.try_get_by(0usize).unwrap();
        assert_eq!(found, wanted, "{pragma}");
    }
    let row = sql::one(&tx, "PRAGMA journal_mode", []).await.unwrap().unwrap();
    assert_eq!(row.try_get_by::<String, _>(0usize).unwrap(), "wal");
    drop(tx);
    let config = DatabaseConfig::default();
    let second = Db::connect(&config, t.config.data_dir.as_ref()).await;
    assert!(second.unwrap_err().to_string().contains("another leadbourse process"));
    let reader = Db::connect_read_only(&config, t.config.data_dir.as_ref()).await.unwrap();
    reader.ping().await.unwrap();
    let tx = reader.begin_write(&t.clock).await;
    if let Ok(tx) = tx {
        let write = leadbourse::platform::db::epoch::raise(&tx, &[Uuid::nil()]).await;
        assert!(write.is_err(), "a read-only door wrote");
    }
}

/// Two transactions that lock in opposite order: one is the victim, and `retry` runs it again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_victim_runs_again() {
    let Some(t) = TestDb::new(Kind::Postgres).await else { return };
    let ids = [Uuid::from_u128(1), Uuid::from_u128(2)];
    let tx = t.db.begin_write(&t.clock).await.unwrap();
    let mut rows = Rows::new(&BALANCES);
    ids.iter().for_each(|id| rows.push([(*id).into(), 0i64.into()]));
    bulk::insert_many(&tx, rows).await.unwrap();
    tx.commit().await.unwrap();
    let run = |first: Uuid, second: Uuid| {
        let (db, clock) = (t.db.clone(), t.clock.clone());
        async move {
            retry(|| async {
                let tx = db.begin_write(&clock).await?;
                let add = "UPDATE balances SET amount = amount + 1 WHERE account_id = $1";
                sql::run(&tx, add, [first.into()]).await?;
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                sql::run(&tx, add, [second.into()]).await?;
                tx.commit().await
            })
            .await
        }
    };
    let (a, b) = tokio::join!(run(ids[0], ids[1]), run(ids[1], ids[0]));
    a.unwrap();
    b.unwrap();
    assert_eq!((amount(&t.db, ids[0]).await, amount(&t.db, ids[1]).await), (2, 2));
}
