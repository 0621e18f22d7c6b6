//! One migration source for SQLite and PostgreSQL.
//!
//! The statements are plain DDL that both engines read, with words for the types that they spell
//! differently (see [`ddl`]). Times are BIGINT microseconds, money is BIGINT minor units, enums and
//! JSON are TEXT, ids are UUID (16 bytes on SQLite). Hot append-only tables carry few indexes and
//! no foreign keys: their integrity is core's work and `verify`'s.

mod ddl;
mod m0001;
mod m0002;
mod m0003;
mod m0004;
mod m0005;
mod m0006;
mod m0007;
mod m0008;
mod m0009;
mod m0010;
mod m0011;
mod m0012;
mod m0013;
mod m0014;
mod m0014_approvals;
mod m0015;

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{
    DatabaseConnection, DbBackend, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

/// All migrations, oldest first.
#[derive(Debug)]
struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001::Migration),
            Box::new(m0002::Migration),
            Box::new(m0003::Migration),
            Box::new(m0004::Migration),
            Box::new(m0005::Migration),
            Box::new(m0006::Migration),
            Box::new(m0007::Migration),
            Box::new(m0008::Migration),
            Box::new(m0009::Migration),
            Box::new(m0010::Migration),
            Box::new(m0011::Migration),
            Box::new(m0012::Migration),
            Box::new(m0013::Migration),
            Box::new(m0014::Migration),
            Box::new(m0014_approvals::Migration),
            Box::new(m0015::Migration),
        ]
    }
}

/// Any number; it only has to be the same in every process.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7305804403)";

/// Applies what is missing, all of it or nothing. Processes that start together take turns.
///
/// # Errors
/// Database errors.
#[allow(clippy::disallowed_methods, reason = "migrations run before the doors are open")]
pub async fn up(db: &DatabaseConnection) -> Result<(), DbErr> {
    let immediate = (db.get_database_backend() == DbBackend::Sqlite)
        .then_some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode: immediate, ..Default::default() };
    let tx = db.begin_with_options(options).await?;
    if db.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared(LOCK).await?;
    }
    Migrator::up(&tx, None).await?;
    tx.commit().await
}

/// Names of the migrations that are not applied yet.
///
/// # Errors
/// Database errors.
pub async fn pending(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let pending = Migrator::get_pending_migrations_read_only(db).await?;
    Ok(pending.into_iter().map(|migration| migration.name().to_owned()).collect())
}
