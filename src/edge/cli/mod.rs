//! The command line: its words. `boot::main` runs them.
//!
//! Commands that look at or change the exchange ask a running server over its admin socket, and
//! open the database themselves only when none runs.

pub mod admin;
pub mod import;
pub mod show;
pub mod socket;

use clap::{Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crate::boot::App;
use crate::edge::graphql::schema;
use crate::edge::rest::openapi;
use crate::platform::clock::Clock;
use crate::platform::config::{Config, DataDir};
use crate::platform::db::Db;
use crate::platform::error::Result;

/// A lead exchange: offers, leads, auction, ledger, disputes, settlements.
#[derive(Debug, Parser)]
#[command(name = "leadbourse", version, about, max_term_width = 100)]
pub struct Cli {
    /// Configuration file (TOML). Variables `LEADBOURSE_SECTION__KEY` override it.
    #[arg(long, global = true, env = "LEADBOURSE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Data folder: embedded database, keys, admin socket.
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the exchange.
    Serve {
        /// Address and port; overrides `server.bind`.
        #[arg(long)]
        bind: Option<SocketAddr>,
    },
    /// Run a demo market with buyers, publishers, offers and a history.
    Demo {
        /// Port on 127.0.0.1.
        #[arg(long, default_value_t = 8080, env = "PORT")]
        port: u16,
    },
    /// Bring the database's schema up to date.
    Migrate,
    /// Look at the configuration.
    Config {
        /// What to do with it.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Print the GraphQL schema.
    Schema,
    /// Print the OpenAPI description of the REST interface.
    Openapi,
    /// Everything that is done inside the exchange.
    #[command(flatten)]
    Admin(admin::Command),
}

/// Looking at the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the effective values, secrets masked.
    Print,
}

/// Runs every command but `serve` and `demo`, which live above this layer.
pub async fn run(config: Config, command: Command) -> ExitCode {
    match command {
        Command::Schema => show::text(&schema::sdl()),
        Command::Openapi => show::text(&openapi::text()),
        Command::Config { command: ConfigCommand::Print } => show::json(&config.masked()),
        Command::Migrate => match migrate(&config).await {
            Ok(done) => show::text(&done),
            Err(error) => return show::failure(&error),
        },
        Command::Admin(command) => {
            return match admin(config, command).await {
                Ok(code) => code,
                Err(error) => show::failure(&error),
            };
        }
        Command::Serve { .. } | Command::Demo { .. } => {}
    }
    ExitCode::SUCCESS
}

async fn migrate(config: &Config) -> Result<String> {
    let db = Db::connect(&config.database, config.data_dir.as_ref()).await?;
    let pending = db.pending_migrations().await?;
    db.migrate().await?;
    db.close().await?;
    Ok(match pending.as_slice() {
        [] => "The schema is up to date.".to_owned(),
        names => format!("Applied: {}.", names.join(", ")),
    })
}

/// Asks the running server, or does it here when none runs.
async fn admin(config: Config, command: admin::Command) -> Result<ExitCode> {
    let request = admin::Request { command: command.prepared()? };
    if let Some(said) = socket::ask(config.data_dir.as_ref(), &request).await? {
        return Ok(show::follow(said).await);
    }
    let app = if request.command.only_reads() {
        App::open_read_only(config, Clock::system()).await?
    } else {
        let clock = request.command.own_clock().unwrap_or_else(Clock::system);
        App::open(config, clock).await?
    };
    let code = show::follow(socket::run_here(Arc::clone(&app), request).await).await;
    app.shutdown.finish(Duration::from_secs(5)).await;
    app.db.close().await?;
    Ok(code)
}

impl Cli {
    /// The program's arguments; prints help or a complaint and ends the program where clap does.
    pub fn from_arguments() -> Self {
        Self::parse()
    }

    /// Whether it runs long enough to be followed by its logs; short commands only warn.
    pub fn is_server(&self) -> bool {
        matches!(self.command, Command::Serve { .. } | Command::Demo { .. })
    }

    /// The configuration that these arguments, the file and the environment make.
    ///
    /// # Errors
    /// When the file or a variable is wrong, or they contradict each other.
    pub fn load_config(&self) -> Result<Config> {
        let mut config = Config::load(self.config.as_deref())?;
        if let Some(data) = &self.data {
            config.data_dir = DataDir(data.clone());
        }
        match &self.command {
            Command::Serve { bind: Some(bind) } => config.server.bind = *bind,
            Command::Demo { port } => {
                config.server.bind = SocketAddr::from(([127, 0, 0, 1], *port));
                config.server.demo = true;
            }
            _ => {}
        }
        config.check()?;
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::config::{COMMAND_LINE, PREFIX};
    use clap::CommandFactory;
    use std::collections::BTreeSet;

    fn read(command: &clap::Command, found: &mut BTreeSet<String>) {
        let names = command.get_arguments().filter_map(|argument| argument.get_env()?.to_str());
        found.extend(names.filter_map(|name| name.strip_prefix(PREFIX)).map(str::to_owned));
        for inner in command.get_subcommands() {
            read(inner, found);
        }
    }

    #[test]
    fn what_the_command_line_reads_is_what_the_configuration_passes_over() {
        let mut found = BTreeSet::new();
        read(&Cli::command(), &mut found);
        assert_eq!(found, COMMAND_LINE.iter().map(|name| (*name).to_owned()).collect());
    }
}
