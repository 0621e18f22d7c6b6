//! The naive loop on SQLite: one durable transaction of eight statements per lead.

use anyhow::{Context, Result};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement, Value};
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;

const TABLES: &str = "
CREATE TABLE leads (id BLOB PRIMARY KEY, niche_id INT, phone_hash BLOB NOT NULL UNIQUE, body TEXT, received_at INT);
CREATE TABLE offers (id INT PRIMARY KEY, sold INT NOT NULL);
CREATE TABLE awards (id BLOB PRIMARY KEY, lead_id BLOB, offer_id INT, price INT);
CREATE TABLE balances (id INT PRIMARY KEY, amount INT NOT NULL);
CREATE TABLE postings (id BLOB PRIMARY KEY, award_id BLOB, account_id INT, amount INT);
CREATE TABLE outbox (id BLOB PRIMARY KEY, topic TEXT, payload TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO offers SELECT i, 0 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO balances SELECT i, 0 FROM n;
";

/// Leads per second of the loop.
#[allow(clippy::disallowed_methods, reason = "the loop that the exchange is compared with")]
pub async fn run(path: &Path, time: Duration) -> Result<f64> {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1).sqlx_logging(false);
    let file = path.to_owned();
    options.map_sqlx_sqlite_opts(move |base| {
        base.in_memory(false)
            .shared_cache(false)
            .filename(&file)
            .create_if_missing(true)
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
    });
    let db = Database::connect(options).await.context("opening SQLite")?;
    db.execute_unprepared(TABLES).await?;
    let (started, mut done) = (Instant::now(), 0i64);
    while started.elapsed() < time {
        one(&db, done).await?;
        done += 1;
    }
    let elapsed = started.elapsed().as_secs_f64();
    db.close().await?;
    #[allow(clippy::cast_precision_loss)]
    Ok(done as f64 / elapsed)
}

async fn one(db: &DatabaseConnection, n: i64) -> Result<()> {
    let id = || Value::from(Uuid::new_v4());
    let (lead, award, offer) = (Uuid::new_v4(), Uuid::new_v4(), 1 + n % 100);
    let run = async |sql: &str, values: Vec<Value>| -> Result<()> {
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values))
            .await?;
        Ok(())
    };
    db.execute_unprepared("BEGIN IMMEDIATE").await?;
    let body = "{\"name\":\"Anna\",\"region\":\"MOW\",\"wish\":\"a loan\"}";
    run(
        "INSERT INTO leads VALUES (?, 1, ?, ?, 0) ON CONFLICT DO NOTHING",
        vec![lead.into(), n.to_be_bytes().to_vec().into(), body.into()],
    )
    .await?;
    run("UPDATE offers SET sold = sold + 1 WHERE id = ?", vec![offer.into()]).await?;
    run("INSERT INTO awards VALUES (?, ?, ?, 1000)", vec![award.into(), lead.into(), offer.into()])
        .await?;
    run("UPDATE balances SET amount = amount - 1000 WHERE id = ?", vec![offer.into()]).await?;
    run("UPDATE balances SET amount = amount + 850 WHERE id = ?", vec![(offer + 100).into()])
        .await?;
    run(
        "INSERT INTO postings VALUES (?, ?, ?, -1000), (?, ?, ?, 850), (?, ?, 0, 150)",
        vec![
            id(),
            award.into(),
            offer.into(),
            id(),
            award.into(),
            (offer + 100).into(),
            id(),
            award.into(),
        ],
    )
    .await?;
    run("INSERT INTO outbox VALUES (?, 'award.created', '{}')", vec![id()]).await?;
    db.execute_unprepared("COMMIT").await?;
    Ok(())
}
