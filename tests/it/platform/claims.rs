//! `claim_and_lock`: the first statement of every batch.

use crate::each_engine;
use crate::harness::{Kind, TestDb};
use leadbourse::platform::db::bulk::{
    self, Claim, ClaimRequest, Claimed, IdempotencyKey, Lock, LockMode, Rows, Sets, TableDef, Ty,
};
use leadbourse::platform::db::epoch::{self, MARKET_EPOCHS};
use leadbourse::platform::db::{Db, WriteTx, sql};
use leadbourse::platform::idempotency::ANSWERS;
use leadbourse_core::time::HOUR;
use std::time::Duration;
use uuid::Uuid;

static BALANCES: TableDef =
    TableDef { name: "balances", cols: &[("account_id", Ty::Uuid), ("amount", Ty::I64)] };
static METERS: TableDef = TableDef {
    name: "offer_meters",
    cols: &[("offer_id", Ty::Uuid), ("day_count", Ty::I64), ("total_money", Ty::I64)],
};

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n + 1)
}

async fn seed(db: &Db, t: &TestDb, n: u128) {
    let tx = db.begin_write(&t.clock).await.unwrap();
    let (mut balances, mut meters) = (Rows::new(&BALANCES), Rows::new(&METERS));
    for i in 0..n {
        balances.push([id(i).into(), (i as i64).into()]);
        meters.push([id(i).into(), (i as i64 * 10).into(), (i as i64 * 100).into()]);
    }
    bulk::insert_many(&tx, balances).await.unwrap();
    bulk::insert_many(&tx, meters).await.unwrap();
    epoch::raise(&tx, &(0..n).map(id).collect::<Vec<_>>()).await.unwrap();
    tx.commit().await.unwrap();
}

fn claim(t: &TestDb, key: u128, lead: u128) -> Claim {
    Claim { id: id(key), lead_id: id(1_000 + lead), expires_at: t.clock.now().plus(HOUR).micros() }
}

async fn take(tx: &WriteTx, claims: Vec<Claim>) -> Claimed {
    let request = ClaimRequest { claims, ..Default::default() };
    bulk::claim_and_lock(tx, request).await.unwrap()
}

each_engine! {
    async fn lapsed_claims_go_a_bounded_number_at_once(t: TestDb) {
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        take(&tx, (0..5).map(|n| claim(&t, n, n)).collect()).await;
        tx.commit().await.unwrap();
        t.clock.advance(HOUR - 1);
        let purge = async |most| {
            let tx = t.db.begin_write(&t.clock).await.unwrap();
            let gone = bulk::purge_claims(&tx, most).await.unwrap();
            tx.commit().await.unwrap();
            gone
        };
        assert_eq!(purge(10).await, 0);
        t.clock.advance(1);
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        take(&tx, vec![claim(&t, 2, 9)]).await;
        tx.commit().await.unwrap();
        // One was taken anew meanwhile and stays.
        assert_eq!((purge(3).await, purge(3).await, purge(3).await), (3, 1, 0));
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        let again = take(&tx, (0..5).map(|n| claim(&t, n, 7)).collect()).await;
        assert_eq!((again.won.len(), again.holders[&id(2)]), (4, id(1_009)));
        let locked = bulk::lock_claims(&tx, &[id(2), id(77)]).await.unwrap();
        assert_eq!(locked.len(), 1);
    }

    async fn locked_rows_come_back_in_the_asked_columns(t: TestDb) {
        seed(&t.db, &t, 4).await;
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        let (niches, offers, accounts) = ([id(2)], [id(3), id(1), id(3)], [id(2), id(99)]);
        let locks = vec![
            Lock::new(&MARKET_EPOCHS, &["epoch"], &niches, LockMode::Share),
            Lock::new(&METERS, &["total_money", "day_count"], &offers, LockMode::Update),
            Lock::new(&BALANCES, &["amount"], &accounts, LockMode::Update),
            Lock::new(&BALANCES, &["amount"], &[], LockMode::Update),
        ];
        let request = ClaimRequest { locks, ..Default::default() };
        let claimed = bulk::claim_and_lock(&tx, request).await.unwrap();
        assert_eq!(claimed.locked[0][&id(2)], [1]);
        assert_eq!(claimed.locked[1][&id(3)], [300, 30]);
        assert_eq!(claimed.locked[1][&id(1)], [100, 10]);
        assert_eq!(claimed.locked[1].len(), 2);
        assert_eq!(claimed.locked[2].len(), 1, "a key without a row is missing, not zero");
        assert!(claimed.locked[3].is_empty());
    }

    async fn a_claim_is_won_once_and_the_loser_learns_the_holder(t: TestDb) {
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        let won = take(&tx, vec![claim(&t, 1, 1), claim(&t, 2, 1)]).await;
        assert!(won.won.contains(&id(1)) && won.won.contains(&id(2)));
        assert_eq!(won.holders[&id(1)], id(1_001));
        tx.commit().await.unwrap();
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        let lost = take(&tx, vec![claim(&t, 3, 2), claim(&t, 1, 2)]).await;
        assert_eq!(lost.won.len(), 1);
        assert_eq!(lost.holders[&id(1)], id(1_001));
        assert_eq!(lost.holders[&id(3)], id(1_002));
        tx.commit().await.unwrap();
        // Past its time, a claim is anybody's.
        t.clock.advance(HOUR);
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        let again = take(&tx, vec![claim(&t, 1, 3)]).await;
        assert_eq!(again.holders[&id(1)], id(1_003));
        assert!(again.won.contains(&id(1)));
    }

    async fn the_first_of_a_batch_claims(t: TestDb) {
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        let claimed = take(&tx, vec![claim(&t, 1, 7), claim(&t, 1, 8), claim(&t, 1, 9)]).await;
        assert_eq!(claimed.holders[&id(1)], id(1_007));
        assert_eq!(claimed.won.len(), 1);
    }

    async fn a_released_claim_is_free_but_only_its_holder_releases(t: TestDb) {
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        take(&tx, vec![claim(&t, 1, 1), claim(&t, 2, 1)]).await;
        bulk::release(&tx, &[(id(1), id(1_001)), (id(2), id(1_002))]).await.unwrap();
        tx.commit().await.unwrap();
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        let claimed = take(&tx, vec![claim(&t, 1, 5), claim(&t, 2, 5)]).await;
        assert_eq!(claimed.holders[&id(1)], id(1_005));
        assert_eq!(claimed.holders[&id(2)], id(1_001));
    }

    async fn idempotency_keys_are_taken_or_replayed(t: TestDb) {
        let key = |n: u128, hash: u8| IdempotencyKey {
            id: id(n),
            request_hash: [hash; 32],
            expires_at: t.clock.now().plus(HOUR).micros(),
        };
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        let idempotency = vec![key(1, 1), key(2, 2), key(1, 9)];
        let request = ClaimRequest { idempotency, ..Default::default() };
        let first = bulk::claim_and_lock(&tx, request).await.unwrap();
        assert_eq!(first.fresh.len(), 2);
        assert!(first.replays.is_empty());
        let mut answers = Sets::new(&ANSWERS, &["response", "status"]);
        answers.push(id(1), ["{\"a\":1}".into(), 200i32.into()]);
        bulk::set_rows(&tx, answers).await.unwrap();
        tx.commit().await.unwrap();
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        let idempotency = vec![key(1, 1), key(3, 3)];
        let request = ClaimRequest { idempotency, ..Default::default() };
        let second = bulk::claim_and_lock(&tx, request).await.unwrap();
        assert_eq!(second.fresh.iter().copied().collect::<Vec<_>>(), [id(3)]);
        let stored = &second.replays[&id(1)];
        assert_eq!(stored.request_hash, [1; 32]);
        assert_eq!(stored.response.as_deref(), Some("{\"a\":1}"));
        assert_eq!(stored.status, 200);
        tx.commit().await.unwrap();
        t.clock.advance(HOUR);
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        let request = ClaimRequest { idempotency: vec![key(1, 5)], ..Default::default() };
        let lapsed = bulk::claim_and_lock(&tx, request).await.unwrap();
        assert!(lapsed.fresh.contains(&id(1)));
    }

    /// Batches that want the same keys and rows in opposite order all finish.
    async fn opposite_orders_do_not_deadlock(t: TestDb) {
        seed(&t.db, &t, 20).await;
        let mut tasks = Vec::new();
        for worker in 0..6u128 {
            let (db, clock) = (t.db.clone(), t.clock.clone());
            let expires_at = t.clock.now().micros();
            tasks.push(tokio::spawn(async move {
                for round in 0..15u128 {
                    let mut keys: Vec<Uuid> = (0..20).map(id).collect();
                    if worker % 2 == 1 {
                        keys.reverse();
                    }
                    keys.rotate_left((round % 7) as usize);
                    let tx = db.begin_write(&clock).await.unwrap();
                    // Expired at once, so that everybody replaces everybody's rows.
                    let claims = keys
                        .iter()
                        .map(|key| Claim { id: *key, lead_id: id(worker), expires_at })
                        .collect();
                    let idempotency = keys
                        .iter()
                        .map(|key| IdempotencyKey { id: *key, request_hash: [0; 32], expires_at })
                        .collect();
                    let locks = vec![
                        Lock::new(&MARKET_EPOCHS, &["epoch"], &keys, LockMode::Share),
                        Lock::new(&METERS, &["day_count"], &keys, LockMode::Update),
                        Lock::new(&BALANCES, &["amount"], &keys, LockMode::Update),
                    ];
                    let request = ClaimRequest { idempotency, claims, locks };
                    let claimed = bulk::claim_and_lock(&tx, request).await.unwrap();
                    assert_eq!(claimed.locked[2].len(), 20);
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    let deltas = bulk::Deltas {
                        def: &BALANCES,
                        col: "amount",
                        by_key: keys.iter().map(|key| (*key, 1)).collect(),
                    };
                    bulk::add_deltas(&tx, deltas).await.unwrap();
                    tx.commit().await.unwrap();
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        let tx = t.db.begin_read().await.unwrap();
        let row = sql::one(&tx, "SELECT CAST(SUM(amount) AS BIGINT) AS n FROM balances", []).await;
        let sum: i64 = row.unwrap().unwrap().try_get("", "n").unwrap();
        assert_eq!(sum, (0..20).sum::<i64>() + 6 * 15 * 20);
    }
}

/// What the lock returns is the row as it is once locked, not as the statement's snapshot saw it:
/// without this two batches would spend the same money.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_waited_reads_the_newest_row() {
    let Some(t) = TestDb::new(Kind::Postgres).await else { return };
    seed(&t.db, &t, 3).await;
    let first = t.db.begin_write(&t.clock).await.unwrap();
    let accounts = [id(1)];
    let lock = Lock::new(&BALANCES, &["amount"], &accounts, LockMode::Update);
    bulk::lock_rows(&first, &lock).await.unwrap();
    take(&first, vec![claim(&t, 1, 1)]).await;
    let (db, clock, ours) = (t.db.clone(), t.clock.clone(), claim(&t, 1, 2));
    let waiting = tokio::spawn(async move {
        let tx = db.begin_write(&clock).await.unwrap();
        let accounts = [id(1), id(2)];
        let lock = Lock::new(&BALANCES, &["amount"], &accounts, LockMode::Update);
        let request = ClaimRequest { claims: vec![ours], locks: vec![lock], ..Default::default() };
        bulk::claim_and_lock(&tx, request).await.unwrap()
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    let update = "UPDATE balances SET amount = 777 WHERE account_id = $1";
    sql::run(&first, update, [id(1).into()]).await.unwrap();
    first.commit().await.unwrap();
    let claimed = waiting.await.unwrap();
    assert_eq!(claimed.locked[0][&id(1)], [777]);
    assert_eq!(claimed.holders[&id(1)], id(1_001), "the other batch's claim stands");
    assert!(claimed.won.is_empty());
}
