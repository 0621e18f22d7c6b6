//! The bulk door.

use crate::each_engine;
use crate::harness::TestDb;
use leadbourse::platform::db::bulk::{
    self, Deletes, Deltas, OnConflict, Rows, Sets, TableDef, Ty, Value, WritePlan,
};
use leadbourse::platform::db::{Db, WriteTx, sql};
use std::collections::BTreeMap;
use uuid::Uuid;

static JOBS: TableDef = TableDef {
    name: "jobs",
    cols: &[
        ("id", Ty::Uuid),
        ("kind", Ty::Text),
        ("queue_key", Ty::OptText),
        ("payload", Ty::Text),
        ("state", Ty::Text),
        ("run_at", Ty::I64),
        ("attempts", Ty::I32),
        ("max_attempts", Ty::I32),
        ("lease_token", Ty::OptUuid),
        ("finished_at", Ty::OptI64),
        ("created_at", Ty::I64),
    ],
};
static CONTACTS: TableDef = TableDef {
    name: "lead_contacts",
    cols: &[
        ("lead_id", Ty::Uuid),
        ("key_id", Ty::I32),
        ("wrapped_key", Ty::OptBytes),
        ("keep_until", Ty::I64),
    ],
};
static BALANCES: TableDef =
    TableDef { name: "balances", cols: &[("account_id", Ty::Uuid), ("amount", Ty::I64)] };

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n + 1)
}

fn jobs(n: u128) -> Rows {
    let mut rows = Rows::new(&JOBS);
    for i in 0..n {
        let even = i % 2 == 0;
        rows.push([
            id(i).into(),
            format!("kind, \"quoted\" {{{i}}} \\ ё").into(),
            even.then(|| format!("q{i}")).into(),
            "{}".into(),
            "DONE".into(),
            (i as i64).into(),
            1i32.into(),
            2i32.into(),
            (!even).then(|| id(i)).into(),
            even.then_some(i as i64).into(),
            7i64.into(),
        ]);
    }
    rows
}

fn balances(n: u128) -> Rows {
    let mut rows = Rows::new(&BALANCES);
    (0..n).for_each(|i| rows.push([id(i).into(), 10i64.into()]));
    rows
}

async fn amounts(db: &Db) -> BTreeMap<Uuid, i64> {
    let tx = db.begin_read().await.unwrap();
    let rows = sql::all(&tx, "SELECT account_id, amount FROM balances", []).await.unwrap();
    rows.iter()
        .map(|row| (row.try_get("", "account_id").unwrap(), row.try_get("", "amount").unwrap()))
        .collect()
}

async fn write(t: &TestDb) -> WriteTx {
    t.db.begin_write(&t.clock).await.unwrap()
}

each_engine! {
    async fn every_type_and_null_goes_in_and_comes_out(t: TestDb) {
        let tx = write(&t).await;
        assert_eq!(bulk::insert_many(&tx, jobs(5)).await.unwrap(), 5);
        let mut contacts = Rows::new(&CONTACTS);
        contacts.push([id(1).into(), 3i32.into(), vec![0u8, 255, 1].into(), 9i64.into()]);
        contacts.push([id(2).into(), 3i32.into(), Option::<Vec<u8>>::None.into(), 9i64.into()]);
        bulk::insert_many(&tx, contacts).await.unwrap();
        tx.commit().await.unwrap();
        let tx = t.db.begin_read().await.unwrap();
        let rows = sql::all(&tx, "SELECT * FROM jobs ORDER BY id", []).await.unwrap();
        let second = &rows[1];
        assert_eq!(second.try_get::<Uuid>("", "id").unwrap(), id(1));
        assert_eq!(second.try_get::<String>("", "kind").unwrap(), "kind, \"quoted\" {1} \\ ё");
        assert_eq!(second.try_get::<Option<String>>("", "queue_key").unwrap(), None);
        assert_eq!(second.try_get::<Option<Uuid>>("", "lease_token").unwrap(), Some(id(1)));
        assert_eq!(second.try_get::<Option<i64>>("", "finished_at").unwrap(), None);
        assert_eq!(rows[2].try_get::<Option<String>>("", "queue_key").unwrap().as_deref(), Some("q2"));
        assert_eq!(rows[2].try_get::<Option<i64>>("", "finished_at").unwrap(), Some(2));
        assert_eq!(rows[2].try_get::<i32>("", "attempts").unwrap(), 1);
        let rows = sql::all(&tx, "SELECT wrapped_key FROM lead_contacts ORDER BY lead_id", []).await;
        let keys: Vec<Option<Vec<u8>>> =
            rows.unwrap().iter().map(|row| row.try_get("", "wrapped_key").unwrap()).collect();
        assert_eq!(keys, [Some(vec![0, 255, 1]), None]);
    }

    async fn thousands_of_rows_go_in_at_once(t: TestDb) {
        let tx = write(&t).await;
        assert_eq!(bulk::insert_many(&tx, jobs(5_000)).await.unwrap(), 5_000);
        tx.commit().await.unwrap();
    }

    async fn a_conflict_fails_or_is_left_out(t: TestDb) {
        let tx = write(&t).await;
        bulk::insert_many(&tx, balances(3)).await.unwrap();
        let more = balances(5).on_conflict(OnConflict::DoNothing);
        assert_eq!(bulk::insert_many(&tx, more).await.unwrap(), 2);
        tx.commit().await.unwrap();
        let tx = write(&t).await;
        let error = bulk::insert_many(&tx, balances(1)).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error}");
        assert!(!error.is_retryable() && !error.is_connection_loss());
    }

    async fn a_plan_does_everything_or_nothing(t: TestDb) {
        let tx = write(&t).await;
        bulk::insert_many(&tx, balances(6)).await.unwrap();
        bulk::insert_many(&tx, jobs(4)).await.unwrap();
        tx.commit().await.unwrap();
        let mut sets = Sets::new(&JOBS, &["state", "lease_token", "finished_at"]);
        sets.push(id(0), ["DEAD".into(), id(9).into(), Option::<i64>::None.into()]);
        sets.push(id(1), ["READY".into(), Value::Uuid(None), 8i64.into()]);
        let plan = WritePlan {
            inserts: vec![Rows::new(&CONTACTS)],
            deltas: vec![Deltas {
                def: &BALANCES,
                col: "amount",
                by_key: BTreeMap::from([(id(0), 5), (id(1), -3)]),
            }],
            sets: vec![sets],
            deletes: vec![
                Deletes { def: &BALANCES, keys: vec![id(5), id(77), id(4)] },
                Deletes { def: &JOBS, keys: vec![] },
            ],
        };
        let tx = write(&t).await;
        bulk::write_all(&tx, plan).await.unwrap();
        tx.commit().await.unwrap();
        let expected = BTreeMap::from([(id(0), 15), (id(1), 7), (id(2), 10), (id(3), 10)]);
        assert_eq!(amounts(&t.db).await, expected);
        let tx = t.db.begin_read().await.unwrap();
        let rows = sql::all(&tx, "SELECT state, lease_token, finished_at FROM jobs ORDER BY id", []);
        let rows = rows.await.unwrap();
        assert_eq!(rows[0].try_get::<String>("", "state").unwrap(), "DEAD");
        assert_eq!(rows[0].try_get::<Option<Uuid>>("", "lease_token").unwrap(), Some(id(9)));
        assert_eq!(rows[0].try_get::<Option<i64>>("", "finished_at").unwrap(), None);
        assert_eq!(rows[1].try_get::<Option<Uuid>>("", "lease_token").unwrap(), None);
        assert_eq!(rows[1].try_get::<Option<i64>>("", "finished_at").unwrap(), Some(8));
        assert_eq!(rows[3].try_get::<String>("", "state").unwrap(), "DONE");
    }

    /// Money must not vanish into an account that is not there.
    async fn a_delta_for_a_missing_row_is_an_error(t: TestDb) {
        let tx = write(&t).await;
        bulk::insert_many(&tx, balances(1)).await.unwrap();
        let by_key = BTreeMap::from([(id(0), 1), (id(1), 1)]);
        let deltas = Deltas { def: &BALANCES, col: "amount", by_key };
        assert!(bulk::add_deltas(&tx, deltas).await.is_err());
        let mut sets = Sets::new(&BALANCES, &["amount"]);
        sets.push(id(3), [1i64.into()]);
        assert!(bulk::set_rows(&tx, sets).await.is_err());
    }

    async fn rows_of_a_wrong_shape_never_reach_the_engine(t: TestDb) {
        let tx = write(&t).await;
        let mut rows = Rows::new(&BALANCES);
        rows.push([id(0).into(), "ten".into()]);
        assert!(bulk::insert_many(&tx, rows).await.unwrap_err().to_string().contains("balances.amount"));
        let mut rows = Rows::new(&BALANCES);
        rows.push([id(0).into()]);
        assert!(bulk::insert_many(&tx, rows).await.is_err());
        let mut rows = balances(1);
        rows.append(Rows::new(&CONTACTS));
        assert!(bulk::insert_many(&tx, rows).await.is_err());
    }

    async fn deleting_and_adding_alone_work_too(t: TestDb) {
        let tx = write(&t).await;
        bulk::insert_many(&tx, balances(3)).await.unwrap();
        bulk::delete_keys(&tx, &BALANCES, &[id(0)]).await.unwrap();
        let by_key = BTreeMap::from([(id(1), i64::MAX - 10)]);
        bulk::add_deltas(&tx, Deltas { def: &BALANCES, col: "amount", by_key }).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(amounts(&t.db).await, BTreeMap::from([(id(1), i64::MAX), (id(2), 10)]));
    }
}
