//! Repository tasks that need more than a shell line: `cargo xtask --help`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool talks to its terminal"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "the house's doors are the server's; a load generator has tasks and clients of its own"
)]

mod bench;
mod deny;
mod errors;
mod files;
mod repo;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Tasks of the repository")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Measures: `bench intake [--seconds N] [--json FILE]`, `bench book [--json FILE]`.
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Fails on source files of more than 800 lines and names those above 400.
    Files,
    /// Checks licences, bans and sources of all dependencies against deny.toml.
    Deny,
    /// Writes docs/ERRORS.md from the `codes!` tables; with --check only compares.
    Errors {
        /// Fail when the file is out of date instead of writing it.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> Result<()> {
    match Cli::parse().task {
        Task::Bench(bench) => bench::run(&bench),
        Task::Files => files::run(),
        Task::Deny => deny::run(),
        Task::Errors { check } => errors::run(check),
    }
}
