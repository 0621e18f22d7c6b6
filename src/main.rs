//! The `leadbourse` program.

use leadbourse::edge::cli::{self, Cli, Command, show};
use leadbourse::platform::clock::Clock;
use leadbourse::platform::config::Config;
use leadbourse::platform::error::{Context, Result};
use leadbourse::platform::telemetry;
use leadbourse::{boot, demo};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    run(Cli::from_arguments()).unwrap_or_else(|error| show::failure(&error))
}

fn run(cli: Cli) -> Result<ExitCode> {
    let mut config = cli.load_config()?;
    if !matches!(cli.command, Command::Serve { .. }) {
        "warn".clone_into(&mut config.log.filter);
    }
    telemetry::init_logs(&config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("starting the runtime")?.block_on(async {
        match cli.command {
            Command::Serve { .. } => serve(config).await.map(|()| ExitCode::SUCCESS),
            Command::Demo { .. } => play(config).await.map(|()| ExitCode::SUCCESS),
            other => Ok(cli::run(config, other).await),
        }
    })
}

async fn serve(config: Config) -> Result<()> {
    let folder = config.data_dir.as_ref().to_owned();
    let running = boot::start(config, Clock::system()).await?;
    show::text(&format!("Leadbourse is open at {}", running.url()));
    if running.app.accounts.operator().await?.is_none() {
        let program = std::env::args().next().unwrap_or_else(|| "leadbourse".to_owned());
        show::text(&format!(
            "It has no operator yet. Make the first one, in another terminal:\n\n  \
             {program} user operator --email you@example.com --name \"Your Name\" --data {}\n",
            folder.display()
        ));
    }
    running.until_stopped().await
}

/// The demo market; built first where there is none.
async fn play(config: Config) -> Result<()> {
    let (running, file) = demo::start(config).await?;
    show::text(&file.welcome());
    running.until_stopped().await
}
