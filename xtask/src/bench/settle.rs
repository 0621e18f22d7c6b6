//! `cargo xtask bench settle`: planning a settlement against a hand-written script that does the same
//! durable work in the same PostgreSQL, turn by turn; then a plan that is killed and goes on.

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use serde::Serialize;
use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, Instant};

use super::postgres::Postgres;
use super::server::{self, Options, Server};

/// Options of the benchmark of settlement.
#[derive(Args, Clone)]
pub struct Settle {
    /// Approved conversions.
    #[arg(long, default_value_t = 1_000_000)]
    pub conversions: u64,
    /// Publishers that earned them.
    #[arg(long, default_value_t = 2_000)]
    pub publishers: u64,
    /// Turns; the median of each side counts.
    #[arg(long, default_value_t = 3)]
    pub turns: usize,
    /// Where the JSON report goes.
    #[arg(long)]
    pub json: Option<PathBuf>,
    /// Measure in this process: set by the task itself once it is built with optimisations.
    #[arg(long, hide = true)]
    pub optimised: bool,
}

/// What was measured.
#[derive(Debug, Serialize)]
struct Figures {
    conversions: u64,
    publishers: u64,
    script_s: f64,
    plan_s: f64,
    /// The plan's time over the script's.
    ratio: f64,
    /// The most memory that the planning process held, MiB.
    peak_mib: f64,
    /// Statements that were there when the plan was killed.
    statements_at_kill: i64,
}

/// The settled total of the seed: 850 each, 680 of every fortieth.
fn total(conversions: u64) -> i64 {
    let all = i64::try_from(conversions).unwrap_or(i64::MAX);
    all * 850 - all / 40 * 170
}

/// Measures on PostgreSQL.
pub async fn run(options: &Settle) -> Result<()> {
    let pg = Postgres::start()?;
    let data = super::tempfile_dir("leadbourse-bench-settle")?;
    let database_url = Some(pg.url("postgres"));
    let exchange = Options { database_url, data: data.clone(), workers: 1, settings: Vec::new() };
    server::migrate(&exchange)?;
    server::operator(&exchange, "correct horse battery")?;
    let counts = [("conversions", options.conversions), ("publishers", options.publishers)];
    pg.psql_script("settle/seed.sql", &counts)?;
    let db = Database::connect(pg.url("postgres")).await?;
    let (mut scripts, mut plans, mut peak) = (Vec::new(), Vec::new(), 0f64);
    for turn in 1..=options.turns.max(1) {
        pg.psql_file("settle/clear.sql")?;
        let begun = Instant::now();
        pg.psql_file("settle/script.sql")?;
        scripts.push(begun.elapsed().as_secs_f64());
        check(&db, options).await?;
        pg.psql_file("settle/clear.sql")?;
        let begun = Instant::now();
        peak = peak.max(watch(server::spawn(&exchange, &plan())?)?);
        plans.push(begun.elapsed().as_secs_f64());
        check(&db, options).await?;
        eprintln!("turn {turn}: script {:.1?} s, plan {:.1?} s", scripts.last(), plans.last());
    }
    let (script_s, plan_s) = (median(&mut scripts), median(&mut plans));
    pg.psql_file("settle/clear.sql")?;
    let statements_at_kill = interrupted(&exchange, &db, plan_s).await?;
    check(&db, options).await?;
    let figures = Figures {
        conversions: options.conversions,
        publishers: options.publishers,
        script_s,
        plan_s,
        ratio: plan_s / script_s,
        peak_mib: peak,
        statements_at_kill,
    };
    let text = serde_json::to_string_pretty(&figures)?;
    println!("{text}");
    if let Some(path) = &options.json {
        std::fs::write(path, text).with_context(|| path.display().to_string())?;
    }
    std::fs::remove_dir_all(data)?;
    Ok(())
}

fn plan() -> [&'static str; 4] {
    ["settle", "--as", server::OPERATOR, "plan"]
}

/// Waits for the process; gives the most memory it held, MiB.
fn watch(mut child: Child) -> Result<f64> {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0f64;
    loop {
        let read = std::fs::read_to_string(&status).unwrap_or_default();
        let line = read.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        peak = peak.max(kib.unwrap_or(0.0) / 1024.0);
        if let Some(ended) = child.try_wait()? {
            ensure!(ended.success(), "the plan failed");
            return Ok(peak);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Kills a plan in its middle; a server that is started then ends it.
async fn interrupted(exchange: &Options, db: &DatabaseConnection, plan_s: f64) -> Result<i64> {
    let mut child = server::spawn(exchange, &plan())?;
    tokio::time::sleep(Duration::from_secs_f64(plan_s * 0.6)).await;
    child.kill()?;
    child.wait()?;
    let left = number(db, "SELECT COUNT(*) AS n FROM statements").await?;
    let running = Server::start(exchange)?;
    let open = "SELECT COUNT(*) AS n FROM settlement_runs WHERE state = 'PLANNING'";
    let deadline = Instant::now() + Duration::from_secs(300);
    while number(db, open).await? > 0 {
        if Instant::now() > deadline {
            bail!("the interrupted plan was not ended");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    running.stop()?;
    Ok(left)
}

/// One statement per publisher, one line per conversion, and sums that agree.
async fn check(db: &DatabaseConnection, options: &Settle) -> Result<()> {
    let lines = number(db, "SELECT COUNT(*) AS n FROM statement_lines").await?;
    ensure!(u64::try_from(lines)? == options.conversions, "{lines} lines");
    let statements = number(db, "SELECT COUNT(*) AS n FROM statements").await?;
    ensure!(u64::try_from(statements)? == options.publishers, "{statements} statements");
    for sum in [
        "SUM(amount) AS BIGINT) AS n FROM statement_lines",
        "SUM(total) AS BIGINT) AS n FROM statements",
    ] {
        let sum = number(db, &format!("SELECT CAST({sum}")).await?;
        ensure!(sum == total(options.conversions), "{sum} in all");
    }
    let off = "SELECT COUNT(*) AS n FROM statements s WHERE gross <> (SELECT SUM(amount) \
               FROM statement_lines l WHERE l.statement_id = s.id)";
    ensure!(number(db, off).await? == 0, "a statement is not the sum of its lines");
    Ok(())
}

async fn number(db: &DatabaseConnection, sql: &str) -> Result<i64> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await?.context("no row")?;
    Ok(row.try_get("", "n")?)
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(0.0)
}
