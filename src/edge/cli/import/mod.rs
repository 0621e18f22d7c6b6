//! `leadbourse import`: a file of leads becomes a publisher's traffic, row by row, in file order,
//! through the same pipeline as everybody's.
//!
//! Every row gets one verdict and one line in the result file. Stopping is harmless: the next run
//! goes on after the last complete line, and a row that was sent but not written down is answered
//! from the idempotency records.

mod mapping;
mod pace;
mod results;

use clap::Args;
use leadbourse_core::access::Actor;
use leadbourse_core::error::{BAD_INPUT, IDEMPOTENCY_MISMATCH, IN_FLIGHT, Problem};
use leadbourse_core::ids::{OrganizationId, SourceId};
use leadbourse_core::lead::Channel;
use leadbourse_core::lead::envelope::{Consent, Envelope};
use leadbourse_core::lead::verdict::Verdict;
use leadbourse_core::niche::annotations::Fields;
use leadbourse_core::ping::PostedPing;
use leadbourse_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::mapping::Mapping;
use self::pace::Pace;
use self::results::{Line, Results};
use super::socket::Out;
use crate::boot::App;
use crate::exchange::{EXTERNAL_ID_TAKEN, Sender, SubmitRequest};
use crate::platform::clock::Clock;
use crate::platform::error::{Context, Error, Result};

/// Rows that are sent together when the clock is the system's.
const CHUNK: usize = 256;
/// Rows between two signs of life, and between two looks at due work, when the clock is the file's.
const STRIDE: u64 = 50;

/// What to import, and how.
#[derive(Clone, Debug, Serialize, Deserialize, Args)]
pub struct Import {
    /// The niche, by its slug; must be the source's.
    #[arg(long)]
    pub niche: String,
    /// The source that the leads come from, `src_…`.
    #[arg(long)]
    pub source: String,
    /// `field=Column|step|…`; may be repeated. Without it columns named like fields are taken.
    #[arg(long = "map", value_name = "RULE")]
    pub map: Vec<String>,
    /// A file with one rule per line.
    #[arg(long, value_name = "FILE")]
    pub map_file: Option<PathBuf>,
    /// The column that is the source's own id of the lead.
    #[arg(long, value_name = "COLUMN")]
    pub external_id: Option<String>,
    /// Everybody in the file agreed to this text.
    #[arg(long, value_name = "TEXT")]
    pub consent: Option<String>,
    /// The file's own clock: the instant of the first row (RFC 3339). Needs no running server.
    #[arg(long, value_name = "TIME", requires = "clock_step", conflicts_with = "clock_column")]
    pub clock_start: Option<String>,
    /// Seconds from one row to the next.
    #[arg(long, value_name = "SECONDS")]
    pub clock_step: Option<u32>,
    /// The file's own clock: the column with each row's instant (RFC 3339), in rising order.
    #[arg(long, value_name = "COLUMN")]
    pub clock_column: Option<String>,
    /// Only so many rows.
    #[arg(long, value_name = "ROWS")]
    pub limit: Option<u64>,
    /// Where the outcomes go; beside the file if not said.
    #[arg(long, value_name = "FILE")]
    pub results: Option<PathBuf>,
    /// Read and map everything, send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The file: CSV with a header line, UTF-8.
    pub file: PathBuf,
}

impl Import {
    /// Makes the paths independent of where the command was given: a running server works
    /// elsewhere.
    ///
    /// # Errors
    /// When the file is not there.
    pub fn absolute(mut self) -> Result<Self> {
        let whole = |path: &Path| std::path::absolute(path).context("reading a path");
        self.file = self.file.canonicalize().context("finding the file")?;
        self.map_file = self.map_file.as_deref().map(whole).transpose()?;
        self.results = self.results.as_deref().map(whole).transpose()?;
        Ok(self)
    }

    /// The clock that the import brings with it, when the file has its own time.
    pub fn own_clock(&self) -> Option<Clock> {
        let own = self.clock_start.is_some() || self.clock_column.is_some();
        own.then(|| Clock::manual(Timestamp::from_micros(0)))
    }

    fn result_path(&self) -> PathBuf {
        self.results.clone().unwrap_or_else(|| self.file.with_extension("results.csv"))
    }

    fn rules(&self) -> Result<Vec<String>> {
        let mut rules = self.map.clone();
        if let Some(path) = &self.map_file {
            let text = std::fs::read_to_string(path).context("reading the mapping file")?;
            rules.extend(mapping::rules_of_file(&text));
        }
        Ok(rules)
    }
}

/// Runs the import inside the exchange.
///
/// # Errors
/// Everything that stops the whole import: a wrong mapping, an unknown source, an unreadable file.
/// What is wrong with one row is that row's verdict.
pub async fn run(app: &Arc<App>, import: Import, out: &Out) -> Result<Value> {
    if import.own_clock().is_some() && !app.clock.is_manual() {
        return Err(refused("a file with its own clock is imported while no server runs").into());
    }
    app.exchange.start().await?;
    let work = Work::open(app, &import).await?;
    out.line(format!("{} rows; {}", work.total, work.mapping)).await;
    if import.dry_run { work.look(out).await } else { work.send(app, out).await }
}

fn refused(sentence: impl Into<String>) -> Problem {
    Problem::new(BAD_INPUT).detail(sentence.into())
}

/// An import that is ready to run.
struct Work {
    import: Import,
    source: Sender,
    mapping: Mapping,
    fields: Fields,
    external: Option<usize>,
    pace: Pace,
    /// Names the file's contents, so that a changed file is another import.
    digest: String,
    total: u64,
}

impl Work {
    async fn open(app: &Arc<App>, import: &Import) -> Result<Self> {
        let id: SourceId = import.source.parse().map_err(|_| refused("--source is no src_… id"))?;
        let operator = app.accounts.operator().await?;
        let operator = operator.unwrap_or(OrganizationId(uuid::Uuid::nil()));
        let source = app.exchange.source_for(&Actor::system(operator), id).await?;
        if app.niches.by_slug(&import.niche).await?.id != source.source.niche {
            return Err(refused("--niche is not the source's niche").into());
        }
        let niche =
            app.exchange.niche(source.source.niche).ok_or_else(|| refused("no such niche"))?;
        let fields = niche.schema.fields().clone();
        let mut reader = open_csv(&import.file)?;
        let header: Vec<String> =
            reader.headers().context("reading the header")?.iter().map(str::to_owned).collect();
        let mapping = Mapping::bind(&import.rules()?, &header, &fields)
            .map_err(|error| refused(error.to_string()))?;
        let column = |name: &Option<String>| match name {
            None => Ok(None),
            Some(name) => header
                .iter()
                .position(|column| column == name)
                .map(Some)
                .ok_or_else(|| refused(format!("no column `{name}` in the file"))),
        };
        let external = column(&import.external_id)?;
        let pace = Pace::new(
            import.clock_start.as_deref(),
            import.clock_step,
            column(&import.clock_column)?,
        )?;
        let bytes = std::fs::read(&import.file).context("reading the file")?;
        let digest = hex::encode(Sha256::digest(&bytes)).chars().take(16).collect();
        let rows = u64::try_from(open_csv(&import.file)?.into_records().count()).unwrap_or(0);
        let total = import.limit.map_or(rows, |limit| limit.min(rows));
        Ok(Self { import: import.clone(), source, mapping, fields, external, pace, digest, total })
    }

    /// Reads and maps everything; says how full each field is.
    async fn look(&self, out: &Out) -> Result<Value> {
        let mut filled: BTreeMap<String, u64> =
            self.fields.iter().map(|field| (field.name.clone(), 0)).collect();
        let mut without_required = 0_u64;
        for record in open_csv(&self.import.file)?.into_records().take(self.rows()) {
            let record = record.context("reading a row")?;
            let fields = self.mapping.fields(&record);
            for name in fields.keys() {
                *filled.entry(name.clone()).or_default() += 1;
            }
            if self.fields.iter().any(|field| field.required && !fields.contains_key(&field.name)) {
                without_required += 1;
            }
        }
        for (name, count) in &filled {
            out.line(format!("{name}: {count} of {}", self.total)).await;
        }
        Ok(json!({
            "dry_run": true, "rows": self.total, "without_a_required_field": without_required,
        }))
    }

    fn rows(&self) -> usize {
        usize::try_from(self.total).unwrap_or(usize::MAX)
    }

    async fn send(&self, app: &Arc<App>, out: &Out) -> Result<Value> {
        let path = self.import.result_path();
        let mut results = Results::open(&path)?;
        if results.done() > 0 {
            out.line(format!("going on after row {}", results.done())).await;
        }
        let mut counts = Counts::default();
        let chunk = if self.pace.is_own() { 1 } else { CHUNK };
        let mut waiting: Vec<(u64, csv::StringRecord)> = Vec::new();
        let records = open_csv(&self.import.file)?.into_records().take(self.rows());
        for (row, record) in (1_u64..).zip(records) {
            let record = record.context("reading a row")?;
            if row <= results.done() {
                continue;
            }
            waiting.push((row, record));
            if waiting.len() >= chunk || row == self.total {
                let lines = self.submit(app, std::mem::take(&mut waiting)).await?;
                counts.add(&lines);
                results.append(&lines)?;
                if row.is_multiple_of(STRIDE) || row == self.total || chunk > 1 {
                    out.progress(row, self.total).await;
                    self.let_time_pass(app).await?;
                }
            }
        }
        out.line(format!("outcomes: {}", results.path().display())).await;
        Ok(json!({
            "rows": self.total, "sent_now": counts.sent, "by_verdict": counts.by_state,
            "by_reason": counts.by_reason, "results": path,
        }))
    }

    /// Under the file's clock nobody else does the work that falls due.
    async fn let_time_pass(&self, app: &Arc<App>) -> Result<()> {
        if self.pace.is_own() { app.drain().await } else { Ok(()) }
    }

    async fn submit(
        &self,
        app: &Arc<App>,
        rows: Vec<(u64, csv::StringRecord)>,
    ) -> Result<Vec<Line>> {
        let mut requests = Vec::with_capacity(rows.len());
        let mut lines = Vec::with_capacity(rows.len());
        for (row, record) in rows {
            let at = self.pace.instant(row, &record)?;
            if let Some(at) = at {
                app.clock.set(at);
            }
            let external = match self.external.and_then(|at| record.get(at)) {
                Some(text) => text.trim().to_owned(),
                None => format!("{}-{row}", self.digest),
            };
            lines.push(Line { row, external_id: external.clone(), ..Line::default() });
            requests.push(SubmitRequest {
                sender: self.source.clone(),
                channel: Channel::Import,
                fields: self.mapping.fields(&record),
                envelope: self.envelope(at, external),
                max_sales: None,
                min_earning: None,
                ping: PostedPing::default(),
                test: false,
                problems: Vec::new(),
                idempotency_key: Some(format!("import/{}/{row}", self.digest)),
            });
        }
        let answers = app.exchange.submit_many(requests).await;
        for (line, answer) in lines.iter_mut().zip(answers) {
            match answer {
                Ok(submitted) => fill(line, &submitted.verdict),
                // A refusal of one row is its outcome; a fault stops the import before it is
                // written down, so that the next run tries the row again.
                // Sent before in other words (another mapping, another consent text): the lead that
                // stands is the row's outcome.
                Err(Error::Problem(problem)) if problem.code == IDEMPOTENCY_MISMATCH => {
                    let id = self.source.source.id;
                    let known = app.exchange.sent_before(id, &line.external_id).await?;
                    fill(line, &known.ok_or(Error::Problem(problem))?);
                }
                Err(Error::Problem(problem)) if permanent(&problem) => {
                    line.state = "FAILED".to_owned();
                    line.reasons = problem.code.name.to_owned();
                }
                Err(error) => return Err(error),
            }
        }
        Ok(lines)
    }

    /// Only what the row and the arguments say: a run that repeats a row has to send the same.
    fn envelope(&self, at: Option<Timestamp>, external: String) -> Envelope {
        let consent = self.import.consent.as_deref().map(|text| Consent {
            given: true,
            text_hash: Some(hex::encode(Sha256::digest(text.as_bytes()))),
            at: at.map(Timestamp::rfc3339),
            ..Consent::default()
        });
        Envelope { external_id: Some(external), consent, ..Envelope::default() }
    }
}

/// Whether sending the row again would be answered the same.
fn permanent(problem: &Problem) -> bool {
    use leadbourse_core::error::Kind;
    // Somebody decides it at this moment, an earlier try of ours for instance.
    if problem.code == IN_FLIGHT || problem.code == EXTERNAL_ID_TAKEN {
        return false;
    }
    matches!(problem.code.kind, Kind::Invalid | Kind::Conflict | Kind::NotFound)
}

fn fill(line: &mut Line, verdict: &Verdict) {
    line.lead_id = verdict.lead_id.to_string();
    line.state = verdict.state.as_str().to_owned();
    let reasons: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code.as_ref()).collect();
    line.reasons = reasons.join(" ");
    line.score = verdict.score.map(|score| score.to_string()).unwrap_or_default();
    line.temperature = verdict.temperature.map(|t| t.as_str().to_owned()).unwrap_or_default();
    line.awards = verdict.awards.len();
    line.earning_minor = verdict.earning.minor.parse().unwrap_or_default();
}

#[derive(Default)]
struct Counts {
    sent: u64,
    by_state: BTreeMap<String, u64>,
    by_reason: BTreeMap<String, u64>,
}

impl Counts {
    fn add(&mut self, lines: &[Line]) {
        for line in lines {
            self.sent += 1;
            *self.by_state.entry(line.state.clone()).or_default() += 1;
            // The first reason is the weightiest.
            if let Some(first) = line.reasons.split(' ').next().filter(|code| !code.is_empty()) {
                *self.by_reason.entry(first.to_owned()).or_default() += 1;
            }
        }
    }
}

fn open_csv(path: &Path) -> Result<csv::Reader<std::fs::File>> {
    csv::ReaderBuilder::new().flexible(true).from_path(path).context("opening the file")
}

#[cfg(test)]
mod tests {
    use super::*;
    use leadbourse_core::error::{BAD_ID, NOT_FOUND, OVERLOADED};

    #[test]
    fn only_what_another_try_would_hear_again_is_final() {
        for code in [BAD_INPUT, BAD_ID, NOT_FOUND] {
            assert!(permanent(&code.into()), "{}", code.name);
        }
        for code in [IN_FLIGHT, EXTERNAL_ID_TAKEN, OVERLOADED] {
            assert!(!permanent(&code.into()), "{}", code.name);
        }
    }
}
