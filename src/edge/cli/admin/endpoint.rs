//! Buyers' endpoints: the test of a live one.

use clap::Subcommand;
use leadbourse_core::error::{BAD_ID, Problem};
use leadbourse_core::ids::OfferId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::people::acting_for;
use crate::boot::App;
use crate::edge::cli::socket::Out;
use crate::platform::error::Result;

/// What can be done about endpoints.
#[derive(Debug, Serialize, Deserialize, Subcommand)]
#[serde(rename_all = "snake_case")]
pub enum EndpointCommand {
    /// Send a made-up ask and post to the server of a live offer's buyer, and say step by step what
    /// was understood. Nothing is sold.
    Test {
        /// The offer.
        #[arg(long)]
        offer: String,
    },
}

/// Runs a command about endpoints.
pub(super) async fn run(app: &App, command: EndpointCommand, out: &Out) -> Result<Value> {
    let EndpointCommand::Test { offer } = command;
    let offer: OfferId = offer.parse().map_err(|_| Problem::new(BAD_ID).field("offer"))?;
    let actor = acting_for(app, None).await?;
    let report = app.live.test(&actor, offer).await?;
    for step in &report.steps {
        let word = if step.passed { "passed" } else { "FAILED" };
        out.line(format!("{}: {word}. {}", step.probe, step.says)).await;
    }
    Ok(json!({"passed": report.passed, "currency": report.currency, "steps": report.steps}))
}
