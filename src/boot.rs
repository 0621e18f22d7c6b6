//! The composition root: the only place that names concrete backends.
//!
//! Each slice's service is a field of [`App`], made in [`App::open`] from what lies below it, and
//! reached by resolvers as `app(ctx)?.<slice>`.

use std::sync::Arc;

use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::shutdown::Shutdown;
use crate::platform::vault::Vault;

/// Every service of the exchange, over one database. The edges hold it in an `Arc`.
pub struct App {
    /// The time.
    pub clock: Clock,
    /// The configuration.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// Keys of contact data and fingerprints.
    pub vault: Vault,
    /// Tasks that live as long as the exchange.
    pub shutdown: Shutdown,
}

impl App {
    /// Opens the database, brings its schema up to date and makes every service. No worker runs
    /// yet and nothing listens.
    ///
    /// # Errors
    /// When the configuration contradicts itself, the database cannot be opened (also: another
    /// process holds it), or a migration fails.
    pub async fn open(config: Config, clock: Clock) -> Result<Arc<Self>> {
        config.check()?;
        let db = Db::connect(&config.database, config.data_dir.as_ref()).await?;
        db.migrate().await?;
        let vault = Vault::open_or_create(&config.vault, config.data_dir.as_ref())?;
        let shutdown = Shutdown::new();
        Ok(Arc::new(Self { clock, config, db, vault, shutdown }))
    }
}
