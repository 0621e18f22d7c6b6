//! Opening the database, and the doors.

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::tx::{ReadTx, WriteTx};
use crate::platform::bell::Bell;
use crate::platform::clock::Clock;
use crate::platform::config::DatabaseConfig;
use crate::platform::error::{Context, Error, Result};

/// Which engine runs below. Only `platform` may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The embedded one.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// Target of the log's lines about single statements, at `trace`: `log.filter` may ask for it.
pub const STATEMENTS: &str = "leadbourse::sql";

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Db({:?})", self.0.engine)
    }
}

struct Inner {
    engine: Engine,
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    outbox_bell: Bell,
    jobs_bell: Bell,
    /// Held while the server lives; another process that wants to write finds it taken.
    _lock: Option<File>,
}

/// Pages after which SQLite moves its log into the file. The default (1,000) does it inside
/// every few commits and costs half of the throughput.
const WAL_PAGES: &str = "20000";
/// Page cache per SQLite connection, in KiB (negative = KiB, as SQLite wants it).
const WRITER_CACHE: &str = "-131072";
/// Page cache of a reader.
const READER_CACHE: &str = "-16384";

impl Db {
    /// Opens the database for reading and writing. On SQLite the file is made when missing, and
    /// a lock file beside it refuses a second process.
    ///
    /// # Errors
    /// When the URL is wrong, the server is away, or another process holds the file.
    pub async fn connect(config: &DatabaseConfig, data_dir: &Path) -> Result<Self> {
        if config.is_postgres() {
            return Self::connect_postgres(config).await;
        }
        let path = sqlite_path(&config.url, data_dir);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).context("making the data folder")?;
        }
        let lock = take_lock(&path)?;
        let writer = sqlite_pool(&path, config, SqliteRole::Writer).await?;
        let reader = sqlite_pool(&path, config, SqliteRole::Reader).await?;
        Ok(Self::from_parts(Engine::Sqlite, writer, reader, Some(lock)))
    }

    /// Opens an existing database for reading only, also beside a running server.
    pub async fn connect_read_only(config: &DatabaseConfig, data_dir: &Path) -> Result<Self> {
        if config.is_postgres() {
            return Self::connect_postgres(config).await;
        }
        let path = sqlite_path(&config.url, data_dir);
        if !path.is_file() {
            return Err(Error::broken(format!("there is no database {}", path.display())));
        }
        let reader = sqlite_pool(&path, config, SqliteRole::Reader).await?;
        Ok(Self::from_parts(Engine::Sqlite, reader.clone(), reader, None))
    }

    async fn connect_postgres(config: &DatabaseConfig) -> Result<Self> {
        let writer = postgres_pool(config, config.writers, false).await?;
        let reader = postgres_pool(config, config.readers, true).await?;
        Ok(Self::from_parts(Engine::Postgres, writer, reader, None))
    }

    fn from_parts(
        engine: Engine,
        writer: DatabaseConnection,
        reader: DatabaseConnection,
        lock: Option<File>,
    ) -> Self {
        Self(Arc::new(Inner {
            engine,
            writer,
            reader,
            outbox_bell: Bell::default(),
            jobs_bell: Bell::default(),
            _lock: lock,
        }))
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        self.0.engine
    }

    /// How many of `wanted` writers can work at once. SQLite has one writer: a second would only
    /// wait for the first.
    pub fn useful_writers(&self, wanted: usize) -> usize {
        if self.0.engine == Engine::Sqlite { 1 } else { wanted }
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self) -> Result<()> {
        leadbourse_migrations::up(&self.0.writer).await.map_err(Error::Db)
    }

    /// Names of the migrations that this program knows and the database has not.
    pub async fn pending_migrations(&self) -> Result<Vec<String>> {
        leadbourse_migrations::pending(&self.0.writer).await.map_err(Error::Db)
    }

    /// Starts a transaction that only reads, on one snapshot.
    pub async fn begin_read(&self) -> Result<ReadTx> {
        // The reader connections are read-only by their settings; on PostgreSQL they also default
        // to REPEATABLE READ, so that a plain BEGIN is enough.
        let tx = begin(&self.0.reader, None).await?;
        Ok(ReadTx::new(tx, self.0.engine))
    }

    /// Starts a transaction that writes. Its `now` is taken once, here, after the writer's turn
    /// has come, so that on SQLite time follows the order of commits.
    pub async fn begin_write(&self, clock: &Clock) -> Result<WriteTx> {
        let mode = (self.0.engine == Engine::Sqlite).then_some(SqliteTransactionMode::Immediate);
        let tx = begin(&self.0.writer, mode).await?;
        Ok(WriteTx::new(tx, self.clone(), clock.now()))
    }

    /// Whether the database answers; for `/readyz`.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.0.reader.execute_unprepared("SELECT 1").await.map(|_| ())?)
    }

    /// Closes both pools; on SQLite this also folds the log into the file.
    pub async fn close(&self) -> Result<()> {
        self.0.reader.clone().close().await?;
        Ok(self.0.writer.clone().close().await?)
    }

    /// Rung after a commit that enqueued a message.
    pub(crate) fn outbox_bell(&self) -> &Bell {
        &self.0.outbox_bell
    }

    /// Rung after a commit that scheduled a job.
    pub(crate) fn jobs_bell(&self) -> &Bell {
        &self.0.jobs_bell
    }
}

#[allow(clippy::disallowed_methods, reason = "the one door to transactions")]
async fn begin(
    pool: &DatabaseConnection,
    mode: Option<SqliteTransactionMode>,
) -> Result<DatabaseTransaction> {
    let options = TransactionOptions { sqlite_transaction_mode: mode, ..Default::default() };
    Ok(pool.begin_with_options(options).await?)
}

#[allow(clippy::disallowed_methods, reason = "the one door to connections")]
async fn open(options: ConnectOptions) -> Result<DatabaseConnection> {
    let mut pool = Database::connect(options).await?;
    // The text alone: values are placeholders, so nothing of a person is in it.
    pool.set_metric_callback(|info| {
        tracing::trace!(
            target: STATEMENTS,
            statement = info.statement.sql.as_str(),
            elapsed_us = u64::try_from(info.elapsed.as_micros()).unwrap_or(u64::MAX),
            failed = info.failed,
        );
    });
    Ok(pool)
}

/// `sqlite:` alone is the file in the data folder; `sqlite:/path` names another one.
fn sqlite_path(url: &str, data_dir: &Path) -> PathBuf {
    let rest = url.strip_prefix("sqlite:").unwrap_or_default();
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    if rest.is_empty() { data_dir.join("leadbourse.db") } else { PathBuf::from(rest) }
}

fn take_lock(database: &Path) -> Result<File> {
    let path = database.with_extension("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .context("opening the lock file")?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::broken(format!(
            "another leadbourse process has {} open; stop it, or ask it (--url)",
            database.display()
        ))),
        Err(std::fs::TryLockError::Error(cause)) => {
            Err(Error::other("locking the database", cause))
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SqliteRole {
    Writer,
    Reader,
}

async fn sqlite_pool(
    path: &Path,
    config: &DatabaseConfig,
    role: SqliteRole,
) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new("sqlite::memory:");
    let size = if role == SqliteRole::Writer { 1 } else { config.readers };
    options
        .max_connections(size)
        .acquire_timeout(Duration::from_secs(config.acquire_timeout_s))
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    let path = path.to_owned();
    options.map_sqlx_sqlite_opts(move |base| {
        let base = base
            .in_memory(false)
            .shared_cache(false)
            .filename(&path)
            .create_if_missing(role == SqliteRole::Writer)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .statement_cache_capacity(512)
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL");
        match role {
            SqliteRole::Writer => {
                base.pragma("cache_size", WRITER_CACHE).pragma("wal_autocheckpoint", WAL_PAGES)
            }
            SqliteRole::Reader => {
                base.pragma("cache_size", READER_CACHE).pragma("query_only", "ON")
            }
        }
    });
    open(options).await
}

async fn postgres_pool(
    config: &DatabaseConfig,
    size: u32,
    read_only: bool,
) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(config.url.clone());
    options
        .max_connections(size)
        .acquire_timeout(Duration::from_secs(config.acquire_timeout_s))
        // A connection in steady use is not pinged before each use: that would be one more round
        // trip per transaction. One that rested is.
        .test_before_acquire(false)
        .test_before_acquire_if_idle_for(Duration::from_secs(30))
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    if config.statement_timeout_s > 0 {
        options.statement_timeout(Duration::from_secs(config.statement_timeout_s));
    }
    options.map_sqlx_postgres_opts(move |base| {
        let base = base.application_name("leadbourse").statement_cache_capacity(512);
        if read_only {
            base.options([
                ("default_transaction_read_only", "on"),
                ("default_transaction_isolation", "repeatable read"),
            ])
        } else {
            base
        }
    });
    open(options).await
}
