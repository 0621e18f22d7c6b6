//! `cargo xtask bench intake`: pgbench with one-row inserts and with the naive pipeline, and the
//! exchange over HTTP, side by side in one run on a throw-away PostgreSQL, then on SQLite.
//! `cargo xtask bench book`: the pure choice of offers in small and large niches.
//! `cargo xtask bench live`: the time of an auction among live buyers over its deadline.
//! `cargo xtask bench settle`: planning a settlement over a hand-written script.

mod book;
mod live;
mod load;
mod naive_sqlite;
mod postgres;
mod report;
mod seed;
mod server;
mod settle;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use load::{Surface, Target};
use report::Report;

/// What can be measured.
#[derive(Subcommand)]
pub enum Bench {
    /// Leads per second and latency of intake.
    Intake(Intake),
    /// Microseconds to find and choose the offers for a lead among ever more offers.
    Book(book::Book),
    /// How much longer than its deadline an auction among live buyers takes.
    Live(live::Live),
    /// Seconds to plan a settlement of a million conversions.
    Settle(settle::Settle),
}

/// Options of the intake benchmark.
#[derive(Args, Clone)]
pub struct Intake {
    /// Seconds per measurement.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Where the JSON report goes.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Connection counts.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 32, 128])]
    connections: Vec<usize>,
    /// Intake workers on PostgreSQL (`intake.workers`).
    #[arg(long, default_value_t = 1)]
    workers: usize,
    /// Leave out SQLite.
    #[arg(long)]
    no_sqlite: bool,
    /// Leave out PostgreSQL.
    #[arg(long)]
    no_postgres: bool,
    /// Measure in this process: set by the task itself once it is built with optimisations.
    #[arg(long, hide = true)]
    optimised: bool,
}

/// Runs a benchmark.
pub fn run(bench: &Bench) -> Result<()> {
    match bench {
        Bench::Book(options) if options.optimised => book::run(options),
        Bench::Intake(options) if options.optimised => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(measure(options))
        }
        Bench::Live(options) if options.optimised => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(live::run(options))
        }
        Bench::Settle(options) if options.optimised => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(settle::run(options))
        }
        Bench::Settle(options) => {
            build_and_run(&["leadbourse", "xtask"], "settle", &settle_arguments(options))
        }
        Bench::Live(options) => {
            build_and_run(&["leadbourse", "xtask"], "live", &live_arguments(options))
        }
        Bench::Book(options) => build_and_run(&["xtask"], "book", &book_arguments(options)),
        Bench::Intake(options) => {
            build_and_run(&["leadbourse", "xtask"], "intake", &intake_arguments(options))
        }
    }
}

/// Builds these programs with optimisations, and hands over to the optimised task.
fn build_and_run(programs: &[&str], bench: &str, arguments: &[String]) -> Result<()> {
    let build = Command::new(env!("CARGO"))
        .args(["build", "--release", "--locked"])
        .args(programs.iter().flat_map(|name| ["--package", name, "--bin", name]))
        .status()
        .context("starting cargo")?;
    if !build.success() {
        bail!("the release build failed");
    }
    let status = Command::new(server::release_dir().join("xtask"))
        .args(["bench", bench, "--optimised"])
        .args(arguments)
        .status()
        .context("starting the measurement")?;
    if status.success() { Ok(()) } else { bail!("the measurement failed") }
}

fn book_arguments(options: &book::Book) -> Vec<String> {
    let mut arguments =
        vec![format!("--millis={}", options.millis), list("offers", &options.offers)];
    arguments.extend(options.json.iter().map(|path| format!("--json={}", path.display())));
    arguments
}

fn live_arguments(options: &live::Live) -> Vec<String> {
    let mut arguments = vec![
        format!("--leads={}", options.leads),
        format!("--deadline-ms={}", options.deadline_ms),
    ];
    arguments.extend(options.json.iter().map(|path| format!("--json={}", path.display())));
    arguments
}

fn settle_arguments(options: &settle::Settle) -> Vec<String> {
    let mut arguments = vec![
        format!("--conversions={}", options.conversions),
        format!("--publishers={}", options.publishers),
        format!("--turns={}", options.turns),
    ];
    arguments.extend(options.json.iter().map(|path| format!("--json={}", path.display())));
    arguments
}

fn intake_arguments(options: &Intake) -> Vec<String> {
    let mut arguments = vec![
        format!("--seconds={}", options.seconds),
        format!("--workers={}", options.workers),
        list("connections", &options.connections),
    ];
    arguments.extend(options.json.iter().map(|path| format!("--json={}", path.display())));
    let without = [("--no-sqlite", options.no_sqlite), ("--no-postgres", options.no_postgres)];
    arguments.extend(without.into_iter().filter(|(_, set)| *set).map(|(name, _)| name.to_owned()));
    arguments
}

fn list(name: &str, numbers: &[usize]) -> String {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    format!("--{name}={}", numbers.join(","))
}

async fn measure(intake: &Intake) -> Result<()> {
    let time = Duration::from_secs(intake.seconds.max(1));
    let mut report = Report::default();
    if !intake.no_postgres {
        on_postgres(intake, time, &mut report).await?;
    }
    if !intake.no_sqlite {
        on_sqlite(intake, time, &mut report).await?;
    }
    println!("{}", report.text());
    if let Some(path) = &intake.json {
        std::fs::write(path, report.json()?).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

async fn on_postgres(intake: &Intake, time: Duration, report: &mut Report) -> Result<()> {
    let pg = postgres::Postgres::start()?;
    pg.psql_file("tables.sql")?;
    // The reference before and after the exchange: the better of both counts.
    report.one_row_tps = pg.pgbench("one_row.sql", 32, time)?;
    report.naive_tps = pg.pgbench("naive.sql", 32, time)?;
    eprintln!("pgbench: one row {:.0}/s, naive {:.0}/s", report.one_row_tps, report.naive_tps);
    let data = tempfile_dir("leadbourse-bench")?;
    let options = server::Options {
        database_url: Some(pg.url("postgres")),
        data: data.clone(),
        workers: intake.workers,
        settings: Vec::new(),
    };
    server::migrate(&options)?;
    let market = seed::seed(&pg.url("postgres")).await?;
    let server = server::Server::start(&options)?;
    let target = Target { address: server.address, posting_key: market.posting_key.clone() };
    warm_up(&target).await?;
    for connections in &intake.connections {
        report.rest.push(load::run(&target, Surface::Rest, *connections, time).await?);
    }
    for connections in &intake.connections {
        report.graphql.push(load::run(&target, Surface::GraphQl, *connections, time).await?);
    }
    server.stop()?;
    let again = pg.pgbench("naive.sql", 32, time)?;
    eprintln!("pgbench: naive again {again:.0}/s");
    report.naive_tps = report.naive_tps.max(again);
    server::verify(&options)?;
    std::fs::remove_dir_all(data)?;
    Ok(())
}

async fn on_sqlite(intake: &Intake, time: Duration, report: &mut Report) -> Result<()> {
    let data = tempfile_dir("leadbourse-bench")?;
    report.sqlite.naive_tps = naive_sqlite::run(&data.join("naive.db"), time).await?;
    eprintln!("SQLite: naive {:.0}/s", report.sqlite.naive_tps);
    let settings = Vec::new();
    let options = server::Options { database_url: None, data: data.clone(), workers: 1, settings };
    server::migrate(&options)?;
    let url = format!("sqlite://{}", data.join("leadbourse.db").display());
    let market = seed::seed(&url).await?;
    let server = server::Server::start(&options)?;
    let target = Target { address: server.address, posting_key: market.posting_key };
    warm_up(&target).await?;
    for connections in &intake.connections {
        report.sqlite.rest.push(load::run(&target, Surface::Rest, *connections, time).await?);
    }
    server.stop()?;
    server::verify(&options)?;
    std::fs::remove_dir_all(data)?;
    Ok(())
}

/// The first leads compile patterns and prepare statements; nobody measures that.
async fn warm_up(target: &Target) -> Result<()> {
    for surface in [Surface::Rest, Surface::GraphQl] {
        load::run(target, surface, 8, Duration::from_millis(700)).await?;
    }
    Ok(())
}

/// A new folder that nobody else uses.
fn tempfile_dir(prefix: &str) -> Result<PathBuf> {
    let dir = std::env::temp_dir().join(format!("{prefix}.{}", uuid::Uuid::new_v4().simple()));
    std::fs::create_dir_all(&dir).with_context(|| dir.display().to_string())?;
    Ok(dir)
}
