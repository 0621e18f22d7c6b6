//! Settlement from the command line, beside the running server: the same use cases with the same
//! rights as in the UI, recorded as the deed of the member named by `--as`.

use clap::{Args, Subcommand};
use leadbourse_core::access::Actor;
use leadbourse_core::error::{self as core, Problem};
use leadbourse_core::ids::{BadId, PayoutId, SettlementRunId, StatementId};
use leadbourse_core::money::Money;
use leadbourse_core::settlement::StatementState;
use leadbourse_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::str::FromStr;

use super::super::socket::Out;
use crate::boot::App;
use crate::platform::error::Result;
use crate::platform::paging::Page;
use crate::settlements::{Exported, Payout, PayoutFormat, Run, Statement};

/// Settling a period.
#[derive(Debug, Serialize, Deserialize, Args)]
pub struct Settle {
    /// E-mail of the member whose deed it is; needs the right to settle.
    #[arg(long = "as", value_name = "EMAIL")]
    member: String,
    /// What to do.
    #[command(subcommand)]
    step: Step,
}

/// The steps of a settlement.
#[derive(Debug, Serialize, Deserialize, Subcommand)]
#[serde(rename_all = "snake_case")]
enum Step {
    /// Freeze what was approved into draft statements.
    Plan {
        /// Where the period ends (RFC 3339); now when not given.
        #[arg(long)]
        to: Option<String>,
    },
    /// Show a run with its statements and payouts; the newest when none is named.
    Show {
        /// The run.
        run: Option<String>,
    },
    /// Approve a draft statement, or every draft of a run.
    Approve {
        /// A statement's or a run's id.
        id: String,
    },
    /// Print the bank file of a run's payouts.
    Export {
        /// The run.
        run: String,
        /// How it is written: `CSV` or `PAIN_001`.
        #[arg(long, default_value = "CSV")]
        format: String,
    },
    /// Print again what is in a file and waits for the bank: for a file that was lost.
    Print {
        /// The run.
        run: String,
        /// How it is written: `CSV` or `PAIN_001`.
        #[arg(long, default_value = "CSV")]
        format: String,
    },
    /// Record what became of a payout.
    Confirm {
        /// The payout.
        payout: String,
        /// The bank's reference, or why it was refused.
        #[arg(long)]
        reference: Option<String>,
        /// The bank refused it, or the money came back.
        #[arg(long)]
        refused: bool,
    },
}

/// Runs one step.
pub(super) async fn run(app: &App, settle: Settle, out: &Out) -> Result<Value> {
    let actor = app.accounts.operator_member(&settle.member).await?;
    match settle.step {
        Step::Plan { to } => {
            let to = to.as_deref().map(instant).transpose()?;
            let key = fresh("plan");
            let run = app.settlements.plan(&actor, to, Some(&key)).await?;
            // Nobody waits for an answer here: what takes long is done to the end.
            let run = app.settlements.go_on(&run, None).await?;
            show(app, &actor, &run).await
        }
        Step::Show { run: Some(run) } => {
            let run = app.settlements.run(&actor, parse(&run, "run")?).await?;
            show(app, &actor, &run).await
        }
        Step::Show { run: None } => {
            let newest = app.settlements.runs(&actor, &Page { first: 1, after: None }).await?;
            let run = newest.items.first().ok_or(core::NOT_FOUND)?;
            show(app, &actor, run).await
        }
        Step::Approve { id } => approve(app, &actor, &id, out).await,
        Step::Export { run, format } => {
            let (run, format) = (parse(&run, "run")?, written(&format)?);
            let key = fresh("export");
            let exported = app.settlements.export_payouts(&actor, run, format, Some(&key)).await?;
            print(exported, out).await
        }
        Step::Print { run, format } => {
            let (run, format) = (parse(&run, "run")?, written(&format)?);
            print(app.settlements.print_payouts(&actor, run, format, None).await?, out).await
        }
        Step::Confirm { payout, reference, refused } => {
            let id: PayoutId = parse(&payout, "payout")?;
            let (reference, key) = (reference.as_deref(), fresh("confirm"));
            let settlements = &app.settlements;
            let (payout, statement) =
                settlements.resolve_payout(&actor, id, !refused, reference, Some(&key)).await?;
            Ok(json!({ "payout": payout_line(&payout), "statement": statement_line(&statement) }))
        }
    }
}

/// A key for one call: a command runs once, and what its answer was can be asked for with `show`
/// and `print`.
fn fresh(step: &str) -> String {
    format!("cli/{step}/{:032x}", rand::random::<u128>())
}

async fn print(file: Exported, out: &Out) -> Result<Value> {
    out.line(format!("{} payouts, for {}", file.payouts, file.file_name)).await;
    if !file.skipped.is_empty() {
        let count = file.skipped.len();
        out.line(format!("{count} left out: their account is free text")).await;
    }
    Ok(Value::String(file.content))
}

/// Approves one statement, or the drafts of a run one by one; the first refusal ends it.
async fn approve(app: &App, actor: &Actor, id: &str, out: &Out) -> Result<Value> {
    if let Ok(id) = id.parse::<StatementId>() {
        let key = fresh("approve");
        let statement = app.settlements.approve_statement(actor, id, Some(&key)).await?;
        return Ok(statement_line(&statement));
    }
    let run: SettlementRunId = parse(id, "id")?;
    let all = app.settlements.statements_of_run(actor, run).await?;
    let drafts: Vec<_> = all.iter().filter(|one| one.state == StatementState::Draft).collect();
    let total = u64::try_from(drafts.len()).unwrap_or(0);
    for (done, statement) in (1u64..).zip(&drafts) {
        let key = fresh("approve");
        app.settlements.approve_statement(actor, statement.id, Some(&key)).await?;
        out.progress(done, total).await;
    }
    let run = app.settlements.run(actor, run).await?;
    show(app, actor, &run).await
}

async fn show(app: &App, actor: &Actor, run: &Run) -> Result<Value> {
    let statements = app.settlements.statements_of_run(actor, run.id).await?;
    let mut payouts: HashMap<StatementId, Vec<Value>> = HashMap::new();
    for payout in app.settlements.payouts_of_run(actor, run.id).await? {
        payouts.entry(payout.statement_id).or_default().push(payout_line(&payout));
    }
    let mut lines = Vec::with_capacity(statements.len());
    for statement in &statements {
        let mut line = statement_line(statement);
        if let Some(fields) = line.as_object_mut() {
            let own = payouts.remove(&statement.id).unwrap_or_default();
            fields.insert("payouts".to_owned(), Value::Array(own));
        }
        lines.push(line);
    }
    Ok(json!({
        "run": run.id,
        "state": run.state,
        "period_from": run.period_from.rfc3339(),
        "period_to": run.period_to.rfc3339(),
        "statements": lines,
    }))
}

fn statement_line(statement: &Statement) -> Value {
    json!({
        "id": statement.id,
        "number": statement.number,
        "publisher": statement.publisher_id,
        "state": statement.state,
        "lines": statement.lines,
        "gross": Money::new(statement.gross, statement.currency).to_string(),
        "carried_in": Money::new(statement.carried_in, statement.currency).to_string(),
        "total": Money::new(statement.total, statement.currency).to_string(),
    })
}

fn payout_line(payout: &Payout) -> Value {
    json!({
        "id": payout.id,
        "state": payout.state,
        "rail": payout.rail,
        "amount": Money::new(payout.amount, payout.currency).to_string(),
        "reference": payout.reference,
    })
}

fn written(format: &str) -> Result<PayoutFormat> {
    let bad = |_| Problem::new(core::BAD_INPUT).field("format");
    Ok(format.parse().map_err(bad)?)
}

fn instant(text: &str) -> Result<Timestamp> {
    let bad = || Problem::new(core::BAD_INPUT).field("to").detail("Give an RFC 3339 instant.");
    Ok(Timestamp::parse_rfc3339(text).ok_or_else(bad)?)
}

fn parse<T: FromStr<Err = BadId>>(text: &str, field: &'static str) -> Result<T> {
    let bad = |bad: BadId| Problem::new(core::BAD_ID).field(field).detail(bad.to_string());
    Ok(text.parse().map_err(bad)?)
}
