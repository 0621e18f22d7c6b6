//! The release binary of the exchange, as a child process.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How the exchange is run.
pub struct Options {
    /// PostgreSQL, or the embedded database.
    pub database_url: Option<String>,
    /// The data folder.
    pub data: PathBuf,
    /// `intake.workers`.
    pub workers: usize,
    /// Other settings, as variables.
    pub settings: Vec<(&'static str, String)>,
}

/// Where release binaries are.
pub fn release_dir() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"))
        .join("release")
}

fn command(options: &Options) -> Command {
    let mut command = Command::new(release_dir().join("leadbourse"));
    command
        .arg("--data")
        .arg(&options.data)
        .env("LEADBOURSE_SERVER__BIND", "127.0.0.1:0")
        .env("LEADBOURSE_LOG__FILTER", "warn")
        .env("LEADBOURSE_INTAKE__WORKERS", options.workers.to_string());
    for (name, value) in &options.settings {
        command.env(name, value);
    }
    if let Some(url) = &options.database_url {
        command.env("LEADBOURSE_DATABASE__URL", url);
    }
    command
}

/// Makes the schema.
pub fn migrate(options: &Options) -> Result<()> {
    run(command(options).arg("migrate"), "leadbourse migrate")
}

/// Who runs the measured exchange.
pub const OPERATOR: &str = "operator@mail.example.com";

/// Makes the first operator.
pub fn operator(options: &Options, password: &str) -> Result<()> {
    let mut command = command(options);
    command.args(["user", "operator", "--email", OPERATOR, "--name", "Olga Operator"]);
    run(command.env("LEADBOURSE_PASSWORD", password), "leadbourse user operator")
}

/// Starts a command of the exchange, silent.
pub fn spawn(options: &Options, arguments: &[&str]) -> Result<Child> {
    let mut command = command(options);
    command.args(arguments).stdout(Stdio::null());
    command.spawn().with_context(|| format!("starting leadbourse {arguments:?}"))
}

/// Proves the ledger and the leads' chains after the load.
pub fn verify(options: &Options) -> Result<()> {
    run(command(options).args(["ledger", "verify"]), "leadbourse ledger verify")?;
    run(command(options).arg("verify"), "leadbourse verify")
}

fn run(command: &mut Command, name: &str) -> Result<()> {
    let output = command.output().with_context(|| format!("starting {name}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        bail!("{name} failed: {said}{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// A running server.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts it and waits until it says where it listens.
    pub fn start(options: &Options) -> Result<Self> {
        let mut child = command(options)
            .arg("serve")
            .stdout(Stdio::piped())
            .spawn()
            .context("starting leadbourse serve")?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let address = loop {
            let line = lines.next().context("the server ended before it listened")??;
            if let Some((_, address)) = line.split_once("http://") {
                break address.trim().parse().context("reading the server's address")?;
            }
        };
        // What it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, address })
    }

    /// Asks it to end and waits.
    pub fn stop(mut self) -> Result<()> {
        let pid = self.child.id().to_string();
        run(Command::new("kill").args(["-TERM", &pid]), "kill")?;
        let deadline = Instant::now() + Duration::from_secs(30);
        while Instant::now() < deadline {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("the server did not end in 30 seconds")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
