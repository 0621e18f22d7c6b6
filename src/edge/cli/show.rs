//! What the terminal shows. The only place that prints.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line's output")]

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use std::process::ExitCode;
use tokio::sync::mpsc::Receiver;

use super::socket::Said;
use crate::platform::error::Error;

/// Prints a text to standard output.
pub fn text(text: &str) {
    println!("{}", text.trim_end());
}

/// Prints a value as indented JSON.
pub fn json(value: &Value) {
    println!("{value:#}");
}

/// Says why the program ends without success.
pub fn failure(error: &Error) -> ExitCode {
    eprintln!("leadbourse: {error}");
    ExitCode::FAILURE
}

/// Follows a command to its end: lines and a progress bar on standard error, the outcome on
/// standard output. Success unless it was refused or found something wrong (`"clean": false`).
pub async fn follow(mut said: Receiver<Said>) -> ExitCode {
    let mut bar: Option<ProgressBar> = None;
    while let Some(message) = said.recv().await {
        match message {
            Said::Line(line) => match &bar {
                Some(bar) => bar.println(line),
                None => eprintln!("{line}"),
            },
            Said::Text(part) => print!("{part}"),
            Said::Progress { done, total } => {
                let bar = bar.get_or_insert_with(progress);
                bar.set_length(total);
                bar.set_position(done);
            }
            Said::Done(outcome) => {
                if let Some(bar) = bar {
                    bar.finish_and_clear();
                }
                return finish(&outcome);
            }
            Said::Refused { code, message } => {
                if let Some(bar) = bar {
                    bar.abandon();
                }
                eprintln!("{code}: {message}");
                return ExitCode::FAILURE;
            }
        }
    }
    eprintln!("The server went away before the answer.");
    ExitCode::FAILURE
}

fn finish(outcome: &Value) -> ExitCode {
    match outcome {
        Value::Null => {}
        Value::String(line) => text(line),
        other => json(other),
    }
    match outcome.get("clean").and_then(Value::as_bool) {
        Some(false) => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

fn progress() -> ProgressBar {
    let style = "{bar:40} {pos}/{len} ({per_sec}, {eta} left)";
    let style =
        ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}
