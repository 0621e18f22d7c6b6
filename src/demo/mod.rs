//! `leadbourse demo`: a market that has been open for sixty days, made by the real exchange.
//!
//! The first start builds it in the data folder: the exchange runs on a free loopback port under
//! a manual clock, members sign up and trade through GraphQL, and every job runs when it is due.
//! Later starts only open what is there. Passwords are random per folder and stand in
//! `demo.json`, which scripts may read.

mod cast;
pub mod client;
mod file;
mod history;
mod market;
pub mod people;
mod work;

use indicatif::{ProgressBar, ProgressStyle};
use leadbourse_core::time::{DAY, Timestamp};
use std::net::SocketAddr;
use std::path::Path;

pub use file::DemoFile;

use self::history::{DAYS, History};
use self::market::Login;
use crate::accounts::NewOperator;
use crate::boot::{self, Running};
use crate::platform::clock::Clock;
use crate::platform::config::{BankConfig, Config};
use crate::platform::error::{Context, Error, Result};

/// Stands in the folder while the market is being built; a folder with it may be emptied.
const UNFINISHED: &str = "demo.unfinished";

/// Opens the demo market, building it first where there is none.
///
/// # Errors
/// When the address is not a loopback one, the folder holds something else, or the exchange
/// refuses a step of the story.
pub async fn start(mut config: Config) -> Result<(Running, DemoFile)> {
    config.server.demo = true;
    if config.money.bank == BankConfig::default() {
        config.money.bank = own_account();
    }
    config.check()?;
    let folder = config.data_dir.as_ref().to_owned();
    std::fs::create_dir_all(&folder).context("making the data folder")?;
    // The address first: a taken port shows before sixty days are lived through, and the file
    // never names another one.
    let listener = boot::listen(&config).await?;
    let address = listener.local_addr().context("reading the bound address")?;
    let mut file = match DemoFile::read(&folder)? {
        Some(file) => file,
        None => build(&config).await?,
    };
    file.url = format!("http://{address}");
    let running = boot::start_on(listener, config, Clock::system()).await?;
    file.write(&folder)?;
    // Without the marker, a folder without the file would be taken for somebody's exchange.
    match std::fs::remove_file(folder.join(UNFINISHED)) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::other("removing the marker", cause))
        }
        _ => Ok((running, file)),
    }
}

/// Builds the market in the folder and says what a script needs to know.
async fn build(config: &Config) -> Result<DemoFile> {
    let folder = config.data_dir.as_ref();
    make_room(folder)?;
    let end = Clock::system().now();
    let clock = Clock::manual(Timestamp::from_micros(end.micros() - (DAYS + 1) * DAY));
    let running = boot::start(for_building(config), clock).await?;
    let told = tell(&running, end).await;
    // The story's server ends in any case, so that its files are closed.
    let ended = running.shutdown().await;
    let file = told?;
    ended?;
    Ok(file)
}

async fn tell(running: &Running, end: Timestamp) -> Result<DemoFile> {
    let password = market::password();
    let (_, email, _) = cast::OPERATORS.first().copied().unwrap_or_default();
    let (_, organization) = running
        .app
        .accounts
        .create_operator(NewOperator {
            email: email.to_owned(),
            name: "Alex Admin".to_owned(),
            password: password.clone(),
            organization_name: "Leadbourse Demo".to_owned(),
            time_zone: "Europe/Moscow".to_owned(),
        })
        .await?;
    let admin = Login {
        email: email.to_owned(),
        password,
        organization: "Leadbourse Demo".to_owned(),
        organization_id: organization.to_string(),
        kind: "OPERATOR".to_owned(),
        api_key: None,
    };
    let bar = progress();
    let mut market = market::build(&running.url(), admin).await?;
    let told = History::new(&running.app, &market)?.live(end, &bar).await?;
    bar.finish_and_clear();
    market.leave_work().await?;
    market.leave_order(end).await?;
    market.make_keys().await?;
    file::of(&market, told.leads)
}

/// An account that payouts of the demo leave from.
fn own_account() -> BankConfig {
    BankConfig {
        holder: Some("Demo Exchange".to_owned()),
        country: Some("RU".to_owned()),
        bik: Some(market::BANK.to_owned()),
        account: Some("40702810200000000001".to_owned()),
        ..BankConfig::default()
    }
}

/// The story's own settings: a free port, sessions that outlive it, no limits on tries.
fn for_building(config: &Config) -> Config {
    let mut config = config.clone();
    config.server.bind = SocketAddr::from(([127, 0, 0, 1], 0));
    config.server.public_url = None;
    config.auth.session_hours = 24 * 365;
    config.auth.sign_in_tries = 10_000;
    config.auth.sign_ups_per_hour = 10_000;
    "warn".clone_into(&mut config.log.filter);
    config
}

/// Empties a folder in which an earlier build was stopped; refuses one that holds anything else.
fn make_room(folder: &Path) -> Result<()> {
    let marker = folder.join(UNFINISHED);
    let mut others = Vec::new();
    for entry in std::fs::read_dir(folder).context("reading the data folder")? {
        others.push(entry.context("reading the data folder")?.path());
    }
    if !marker.is_file() && others.iter().any(|path| path.extension().is_some_and(|e| e == "db")) {
        return Err(Error::broken(format!(
            "{} holds an exchange that is no demo; choose another folder",
            folder.display()
        )));
    }
    if marker.is_file() {
        for path in others.iter().filter(|path| path.is_file() && **path != marker) {
            std::fs::remove_file(path).context("removing an unfinished demo")?;
        }
    }
    std::fs::write(&marker, "A demo market is being built here.\n").context("marking the folder")
}

fn progress() -> ProgressBar {
    let style = ProgressStyle::with_template("living through 60 days {bar:40} {pos}/{len}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(u64::try_from(DAYS).unwrap_or_default()).with_style(style)
}
