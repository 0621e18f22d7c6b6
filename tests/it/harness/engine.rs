//! One data test, two engines.
//!
//! ```ignore
//! each_engine! {
//!     async fn a_claim_is_taken_once(db: TestDb) { … }
//! }
//! ```
//!
//! makes `a_claim_is_taken_once::sqlite` (a file in a temporary folder) and
//! `a_claim_is_taken_once::postgres` (a database of its own, copied from a migrated template).
//! PostgreSQL is named by `LB_TEST_PG`; `scripts/with-servers` sets it. Without it the
//! PostgreSQL half fails with that remedy: a skipped half looks like a proof.

use leadbourse::platform::clock::Clock;
use leadbourse::platform::config::{Config, DataDir};
use leadbourse::platform::db::Db;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use std::env;
use std::time::UNIX_EPOCH;
use tempfile::TempDir;

/// Which engine a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// For tests that open their exchange themselves.
    pub async fn new(kind: Self) -> Option<Self> {
        Some(kind)
    }
}

/// A fresh, migrated database that nobody has open yet, with the settings to open it; gone when
/// dropped.
pub struct Ground {
    pub kind: Kind,
    pub config: Config,
    pg_name: Option<String>,
    _dir: TempDir,
}

impl Ground {
    /// Makes one, or says `None` where PostgreSQL is wanted and not there.
    pub async fn new(kind: Kind) -> Option<Self> {
        let dir = tempfile::Builder::new().prefix("leadbourse-test.").tempdir().unwrap();
        let mut config = Config { data_dir: DataDir(dir.path().to_owned()), ..Config::default() };
        let mut pg_name = None;
        if kind == Kind::Postgres {
            // Never a skip: half a test that is green says more than was seen.
            let admin_url = env::var("LB_TEST_PG").expect(
                "LB_TEST_PG is not set: run the tests with scripts/with-servers, as \
                 make test does",
            );
            let name = copy_of_template(&admin_url).await;
            config.database.url = with_database(&admin_url, &name);
            config.database.writers = 6;
            config.database.readers = 4;
            pg_name = Some(name);
        }
        Some(Self { kind, config, pg_name, _dir: dir })
    }
}

/// A fresh, migrated database that nobody else uses; gone when dropped.
pub struct TestDb {
    pub kind: Kind,
    pub db: Db,
    pub clock: Clock,
    pub config: Config,
    _ground: Ground,
}

impl TestDb {
    /// Makes one, or says `None` where PostgreSQL is wanted and not there.
    pub async fn new(kind: Kind) -> Option<Self> {
        let ground = Ground::new(kind).await?;
        let config = ground.config.clone();
        let db = Db::connect(&config.database, config.data_dir.as_ref()).await.unwrap();
        if kind == Kind::Sqlite {
            db.migrate().await.unwrap();
        }
        let clock = Clock::manual(super::start_of_time());
        Some(Self { kind, db, clock, config, _ground: ground })
    }

    /// A second door to the same database, as another instance would open it (PostgreSQL only).
    pub async fn another_door(&self) -> Db {
        assert_eq!(self.kind, Kind::Postgres, "SQLite is one process");
        Db::connect(&self.config.database, self.config.data_dir.as_ref()).await.unwrap()
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let (Some(name), Ok(url)) = (self.pg_name.take(), env::var("LB_TEST_PG")) else {
            return;
        };
        // Drop is not async and may run inside a runtime, so a thread with its own does it. The
        // server is thrown away as well: a failure here costs only disk.
        let done = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let admin = Database::connect(url).await.map_err(std::io::Error::other)?;
                admin
                    .execute_unprepared(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"))
                    .await
                    .map_err(std::io::Error::other)
                    .map(|_| ())
            })
        });
        let _ = done.join();
    }
}

/// The same server, another database.
fn with_database(admin_url: &str, name: &str) -> String {
    let mut url = url::Url::parse(admin_url).unwrap();
    url.set_path(&format!("/{name}"));
    url.to_string()
}

/// Copies the migrated template, which the first test of this build makes.
async fn copy_of_template(admin_url: &str) -> String {
    let admin = single(admin_url).await;
    let template = template_name();
    // One session at a time looks for the template; the lock ends with the connection.
    admin.execute_unprepared("SELECT pg_advisory_lock(5173)").await.unwrap();
    let there = admin
        .query_one_raw(sea_orm::Statement::from_string(
            admin.get_database_backend(),
            format!("SELECT 1 FROM pg_database WHERE datname = '{template}'"),
        ))
        .await
        .unwrap()
        .is_some();
    if !there {
        let building = format!("{template}_new");
        for sql in [
            format!("DROP DATABASE IF EXISTS \"{building}\" WITH (FORCE)"),
            format!("CREATE DATABASE \"{building}\""),
        ] {
            admin.execute_unprepared(&sql).await.unwrap();
        }
        let mut config = Config::default().database;
        config.url = with_database(admin_url, &building);
        let dir = tempfile::tempdir().unwrap();
        let db = Db::connect(&config, dir.path()).await.unwrap();
        db.migrate().await.unwrap();
        db.close().await.unwrap();
        let rename = format!("ALTER DATABASE \"{building}\" RENAME TO \"{template}\"");
        admin.execute_unprepared(&rename).await.unwrap();
    }
    admin.execute_unprepared("SELECT pg_advisory_unlock(5173)").await.unwrap();
    let name = format!("test_{}", uuid::Uuid::now_v7().simple());
    admin
        .execute_unprepared(&format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\""))
        .await
        .unwrap();
    admin.close().await.unwrap();
    name
}

/// One connection, so that a session lock stays on it.
async fn single(url: &str) -> DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new(url.to_owned());
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

/// Every build of the tests has its own template: migrations may have changed.
fn template_name() -> String {
    let meta = env::current_exe().and_then(std::fs::metadata).unwrap();
    let built = meta.modified().unwrap().duration_since(UNIX_EPOCH).unwrap().as_millis();
    format!("template_{built:x}_{:x}", meta.len())
}

/// Makes one test per engine out of one function, which takes a [`TestDb`] or a whole
/// [`TestApp`](super::TestApp).
#[macro_export]
macro_rules! each_engine {
    ($($(#[$meta:meta])* async fn $name:ident($ground:ident: $ty:ident) $body:block)*) => {
        $(
            mod $name {
                #[allow(unused_imports, reason = "some bodies need nothing from around them")]
                use super::*;

                async fn run($ground: $crate::harness::$ty) $body

                $(#[$meta])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn sqlite() {
                    let ground = $crate::harness::$ty::new($crate::harness::Kind::Sqlite).await;
                    run(ground.expect("SQLite is always there")).await;
                }

                $(#[$meta])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn postgres() {
                    let ground = $crate::harness::$ty::new($crate::harness::Kind::Postgres).await;
                    if let Some(ground) = ground {
                        run(ground).await;
                    }
                }
            }
        )*
    };
}
