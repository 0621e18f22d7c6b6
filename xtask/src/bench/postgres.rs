//! A throw-away PostgreSQL with stock settings, run by an unprivileged user.

use anyhow::{Context, Result, bail};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::tempfile_dir;

/// A running server; stopped and removed when dropped.
pub struct Postgres {
    bin: PathBuf,
    dir: PathBuf,
    port: u16,
    user: Option<String>,
}

impl Postgres {
    /// Makes a cluster and starts it.
    pub fn start() -> Result<Self> {
        let bin = find_bin()?;
        let dir = tempfile_dir("leadbourse-bench-pg")?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let pg = Self { bin, dir, port, user: unprivileged()? };
        if let Some(user) = &pg.user {
            check(Command::new("chown").arg(user).arg(&pg.dir), "chown")?;
        }
        let data = pg.dir.join("data");
        check(
            pg.as_user("initdb")
                .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--pgdata"])
                .arg(&data),
            "initdb",
        )?;
        let options = format!("-p {port} -h 127.0.0.1 -k {}", pg.dir.display());
        check(
            pg.as_user("pg_ctl")
                .args(["--wait", "--silent", "-o", &options, "--log"])
                .arg(pg.dir.join("log"))
                .arg("--pgdata")
                .arg(&data)
                .arg("start"),
            "pg_ctl start",
        )?;
        Ok(pg)
    }

    /// A URL for clients.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs one of the script files of `xtask/bench`.
    pub fn psql_file(&self, name: &str) -> Result<()> {
        self.psql_script(name, &[])
    }

    /// The same with variables.
    pub fn psql_script(&self, name: &str, variables: &[(&str, u64)]) -> Result<()> {
        check(
            Command::new(self.bin.join("psql"))
                .args(variables.iter().map(|(key, value)| format!("--set={key}={value}")))
                .args([
                    "--quiet",
                    "--set=ON_ERROR_STOP=1",
                    "--dbname",
                    &self.url("postgres"),
                    "--file",
                ])
                .arg(script(name)),
            "psql",
        )
    }

    /// Transactions per second of a script, in pgbench's default mode.
    pub fn pgbench(&self, name: &str, clients: usize, time: Duration) -> Result<f64> {
        let output = Command::new(self.bin.join("pgbench"))
            .args(["--no-vacuum", "--jobs=2", &format!("--client={clients}")])
            .arg(format!("--time={}", time.as_secs().max(1)))
            .args(["--host=127.0.0.1", &format!("--port={}", self.port), "--username=postgres"])
            .arg("--file")
            .arg(script(name))
            .arg("postgres")
            .output()
            .context("starting pgbench")?;
        let text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            bail!("pgbench failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        let line =
            text.lines().find(|line| line.starts_with("tps = ")).context("pgbench gave no tps")?;
        let number = line.trim_start_matches("tps = ").split(' ').next().unwrap_or_default();
        number.parse().context("reading pgbench's tps")
    }

    /// One of PostgreSQL's programs, as the unprivileged user.
    fn as_user(&self, program: &str) -> Command {
        let program = self.bin.join(program);
        let mut command = match &self.user {
            None => Command::new(program),
            Some(user) => {
                let mut command = Command::new("setpriv");
                command
                    .args([&format!("--reuid={user}"), &format!("--regid={}", group_of(user))])
                    .args(["--clear-groups", "--"])
                    .arg(program);
                command
            }
        };
        command.current_dir("/");
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.dir.join("data");
        let stop = self
            .as_user("pg_ctl")
            .args(["-m", "immediate", "--wait", "--silent", "--pgdata"])
            .arg(data)
            .arg("stop")
            .status();
        if let Err(error) = stop {
            eprintln!("PostgreSQL could not be stopped: {error}");
        }
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("bench").join(name)
}

/// Where PostgreSQL's own programs are; Debian keeps them off the PATH.
fn find_bin() -> Result<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|dirs| dirs.filter_map(|dir| dir.ok().map(|dir| dir.path().join("bin"))).collect())
        .unwrap_or_default();
    found.sort();
    if let Some(newest) = found.into_iter().rev().find(|dir| dir.join("initdb").is_file()) {
        return Ok(newest);
    }
    std::env::var_os("PATH")
        .into_iter()
        .flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>())
        .find(|dir| dir.join("initdb").is_file())
        .context("PostgreSQL is not installed (initdb was not found)")
}

/// Whom root hands PostgreSQL to; nobody else needs to.
fn unprivileged() -> Result<Option<String>> {
    let uid = Command::new("id").arg("-u").output().context("id -u")?;
    if String::from_utf8_lossy(&uid.stdout).trim() != "0" {
        return Ok(None);
    }
    let postgres =
        Command::new("id").arg("postgres").stdout(Stdio::null()).stderr(Stdio::null()).status();
    Ok(Some(
        if postgres.is_ok_and(|status| status.success()) { "postgres" } else { "nobody" }
            .to_owned(),
    ))
}

fn group_of(user: &str) -> String {
    let output = Command::new("id").args(["-g", user]).output();
    output.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned()).unwrap_or_default()
}

fn check(command: &mut Command, name: &str) -> Result<()> {
    let output =
        command.stdout(Stdio::null()).output().with_context(|| format!("starting {name}"))?;
    if !output.status.success() {
        bail!("{name} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
