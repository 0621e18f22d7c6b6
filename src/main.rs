//! The `leadbourse` program.

use leadbourse::boot;
use leadbourse::edge::cli::{self, Cli, Command, show};
use leadbourse::platform::clock::Clock;
use leadbourse::platform::config::Config;
use leadbourse::platform::error::{Context, Result};
use leadbourse::platform::telemetry;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    run(Cli::from_arguments()).unwrap_or_else(|error| show::failure(&error))
}

fn run(cli: Cli) -> Result<ExitCode> {
    let mut config = cli.load_config()?;
    if !cli.is_server() {
        "warn".clone_into(&mut config.log.filter);
    }
    telemetry::init_logs(&config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("starting the runtime")?.block_on(async {
        match cli.command {
            Command::Serve { .. } => serve(config).await.map(|()| ExitCode::SUCCESS),
            other => Ok(cli::run(config, other).await),
        }
    })
}

async fn serve(config: Config) -> Result<()> {
    let running = boot::start(config, Clock::system()).await?;
    show::text(&format!("Leadbourse is open at {}", running.url()));
    if running.app.accounts.operator().await?.is_none() {
        show::text(
            "Nobody runs it yet. Make the first operator, from the same folder:\n  \
             leadbourse --data <folder> user operator --email you@example.com --name \"Your Name\"",
        );
    }
    running.until_stopped().await
}
