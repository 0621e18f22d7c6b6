//! How much longer than its deadline a live auction takes: ten buyers' servers in this process, of
//! which three say nothing, so that every answer has to wait for the deadline.

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::server::{self, Options, Server};

/// Options of the benchmark of live buyers.
#[derive(Args, Clone)]
pub struct Live {
    /// Leads that are sent, one after the other.
    #[arg(long, default_value_t = 20)]
    pub leads: u32,
    /// The deadline of the asks, milliseconds.
    #[arg(long, default_value_t = 1_500)]
    pub deadline_ms: u32,
    /// Where the JSON report goes.
    #[arg(long)]
    pub json: Option<PathBuf>,
    /// Measure in this process: set by the task itself once it is built with optimisations.
    #[arg(long, hide = true)]
    pub optimised: bool,
}

/// What was measured. Ratios are of the answer's time to the deadline.
#[derive(Debug, Serialize)]
struct Figures {
    leads: u32,
    deadline_ms: u32,
    p50_ms: f64,
    max_ms: f64,
    p50_ratio: f64,
    max_ratio: f64,
}

const PASSWORD: &str = "correct horse battery";
const BUYERS: u32 = 10;
const SILENT: u32 = 3;

/// Measures on SQLite, over HTTP on both sides.
pub async fn run(options: &Live) -> Result<()> {
    let data = super::tempfile_dir("leadbourse-bench-live")?;
    let settings = vec![
        ("LEADBOURSE_EGRESS__ALLOW", "[\"127.0.0.0/8\"]".to_owned()),
        ("LEADBOURSE_LIVE__ASK_DEADLINE_MS", options.deadline_ms.to_string()),
        // Who never answers would be left alone after a while.
        ("LEADBOURSE_LIVE__BREAKER_FAILURES", "1000000".to_owned()),
    ];
    let exchange = Options { database_url: None, data: data.clone(), workers: 1, settings };
    server::migrate(&exchange)?;
    server::operator(&exchange, PASSWORD)?;
    let running = Server::start(&exchange)?;
    let base = format!("http://{}", running.address);
    let servers = serve().await?;
    let key = market(&base, &servers, options.deadline_ms).await?;
    let mut times = Vec::new();
    for n in 0..=options.leads {
        let took = send(&base, &key, n).await?;
        // The first lead compiles patterns and makes connections; nobody measures that.
        if n > 0 {
            times.push(took);
        }
    }
    running.stop()?;
    server::verify(&exchange)?;
    std::fs::remove_dir_all(data)?;
    report(options, times)
}

fn report(options: &Live, mut times: Vec<Duration>) -> Result<()> {
    times.sort_unstable();
    let millis = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    let (p50_ms, max_ms) = (millis(times.get(times.len() / 2)), millis(times.last()));
    let deadline = f64::from(options.deadline_ms);
    let figures = Figures {
        leads: options.leads,
        deadline_ms: options.deadline_ms,
        p50_ms,
        max_ms,
        p50_ratio: p50_ms / deadline,
        max_ratio: max_ms / deadline,
    };
    println!(
        "{} leads, {BUYERS} live buyers, {SILENT} silent, deadline {} ms: half of the answers within {:.1} ms \
         ({:.3} x), all within {:.1} ms ({:.3} x)",
        figures.leads, figures.deadline_ms, p50_ms, figures.p50_ratio, max_ms, figures.max_ratio
    );
    if let Some(path) = &options.json {
        std::fs::write(path, serde_json::to_string_pretty(&figures)? + "\n")?;
    }
    Ok(())
}

/// Buyers' servers: those whose path begins with `silent` never answer, the others bid and accept.
async fn serve() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(async move { drop(answer(socket).await) });
        }
    });
    Ok(base)
}

async fn answer(mut socket: TcpStream) -> Result<()> {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = socket.read(&mut chunk).await?;
        request.extend(chunk.iter().take(read));
        if read == 0 || complete(&request) {
            break;
        }
    }
    if request.starts_with(b"POST /silent") {
        return std::future::pending().await;
    }
    let body = r#"{"accept": true, "price": "600.00"}"#;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
    let text = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    socket.write_all(text.as_bytes()).await?;
    Ok(())
}

/// Whether a request has come in whole.
fn complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    body.len() >= length.unwrap_or(0usize)
}

/// A member with a session.
struct Member {
    http: reqwest::Client,
    base: String,
    csrf: String,
}

impl Member {
    /// Signs in or up; gives also what the answer said of the viewer.
    async fn enter(base: &str, mutation: &str, input: Value) -> Result<(Self, Value)> {
        let http = reqwest::Client::builder().cookie_store(true).no_proxy().build()?;
        let mut own = Self { http, base: base.to_owned(), csrf: String::new() };
        let selection = "viewer { csrfToken organization { id } }";
        let viewer = own.mutate(mutation, input, selection).await?;
        own.csrf = text(&viewer, "/viewer/csrfToken")?;
        Ok((own, viewer))
    }

    async fn mutate(&self, name: &str, input: Value, selection: &str) -> Result<Value> {
        let initial = name.get(..1).unwrap_or_default().to_uppercase();
        let ty = format!("{initial}{}Input", name.get(1..).unwrap_or_default());
        let query = format!(
            "mutation($input: {ty}!) {{ {name}(input: $input) {{ {selection} userErrors {{ code message }} }} }}"
        );
        let answer: Value = self
            .http
            .post(format!("{}/graphql", self.base))
            .header("x-csrf-token", &self.csrf)
            .json(&json!({"query": query, "variables": {"input": input}}))
            .send()
            .await?
            .json()
            .await?;
        let payload = answer.pointer(&format!("/data/{name}")).cloned().unwrap_or_default();
        let refused = payload.get("userErrors").and_then(Value::as_array);
        if answer.get("errors").is_some() || refused.is_none_or(|errors| !errors.is_empty()) {
            bail!("{name} was refused: {answer}");
        }
        Ok(payload)
    }
}

fn text(value: &Value, pointer: &str) -> Result<String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| anyhow!("no {pointer} in {value}"))
}

/// A niche, a publisher with a source, ten live buyers; gives the posting key.
async fn market(base: &str, servers: &str, deadline_ms: u32) -> Result<String> {
    let input = json!({"email": server::OPERATOR, "password": PASSWORD});
    let (operator, _) = Member::enter(base, "signIn", input).await?;
    let niche = json!({"slug": "mortgage"});
    let niche = operator.mutate("installNichePack", niche, "niche { id }").await?;
    let niche = text(&niche, "/niche/id")?;
    for n in 0..BUYERS {
        let name = if n < SILENT { format!("silent{n}") } else { format!("buyer{n}") };
        buyer(&operator, (base, servers), &niche, &name, deadline_ms).await?;
    }
    let publisher = seat(&operator, base, "PUBLISHER", "publisher").await?.0;
    let input = json!({
        "nicheId": niche, "name": "Site", "kind": "API", "traffic": "bench", "maxSales": 1,
    });
    let source = publisher.mutate("createSource", input, "source { id } postingKey").await?;
    let input = json!({"id": text(&source, "/source/id")?, "approve": true});
    operator.mutate("decideSource", input, "source { id }").await?;
    text(&source, "/postingKey")
}

async fn seat(operator: &Member, base: &str, kind: &str, name: &str) -> Result<(Member, String)> {
    let input = json!({
        "email": format!("{name}@mail.example.com"), "password": PASSWORD, "name": name,
        "organizationName": name, "kind": kind, "country": "RU", "timeZone": "Europe/Moscow",
        "locale": "en",
    });
    let (member, viewer) = Member::enter(base, "signUp", input).await?;
    let id = text(&viewer, "/viewer/organization/id")?;
    let input = json!({"id": id, "state": "ACTIVE"});
    operator.mutate("decideOrganization", input, "organization { id }").await?;
    Ok((member, id))
}

async fn buyer(
    operator: &Member,
    (base, servers): (&str, &str),
    niche: &str,
    name: &str,
    deadline_ms: u32,
) -> Result<()> {
    let money = |minor: &str| json!({"minor": minor, "currency": "RUB"});
    let (member, id) = seat(operator, base, "BUYER", name).await?;
    let input = json!({
        "buyerId": id, "amount": money("1000000000"), "rail": "BANK", "reference": name,
        "idempotencyKey": name,
    });
    operator.mutate("recordTopUp", input, "topUp { id }").await?;
    let terms = json!({
        "mode": "LIVE", "goals": [{"kind": "LEAD", "price": money("50000")}], "caps": [],
        "schedule": {"timeZone": "UTC", "windows": [], "holidays": []}, "conditions": [],
        "minScore": 0, "maxSales": 1, "dedupeWindowS": 0, "returnWindowS": 259_200,
        "holdS": 432_000, "lockS": 1_209_600, "maxReturnShareBps": 10_000,
        "visibility": "PUBLIC", "priority": 0, "description": "",
    });
    let input = json!({"nicheId": niche, "name": name, "terms": terms});
    let made = member.mutate("createOffer", input, "offer { id draft { id } }").await?;
    let offer = text(&made, "/offer/id")?;
    let input = json!({
        "offerId": offer, "askUrl": format!("{servers}/{name}/ask"),
        "postUrl": format!("{servers}/{name}/post"), "askTimeoutMs": deadline_ms,
        "onSilence": "RELEASED",
    });
    member.mutate("setLiveConnection", input, "secret").await?;
    member.mutate("submitOffer", json!({"offerId": offer}), "offer { id }").await?;
    let input = json!({"versionId": text(&made, "/offer/draft/id")?, "approve": true});
    operator.mutate("reviewOffer", input, "offer { id }").await?;
    Ok(())
}

/// Sends one lead; how long its verdict took. It has to be sold.
async fn send(base: &str, key: &str, n: u32) -> Result<Duration> {
    let body = json!({
        "fields": {
            "name": format!("Person {n}"), "phone": format!("+7916{n:07}"),
            "email": format!("person{n}@mail.example.com"), "region": "RU-MOW",
            "purpose": "NEW_BUILDING", "loan_amount": 5_000_000, "down_payment_percent": 30,
            "employment": "EMPLOYED",
        },
        "consent": {"given": true},
    });
    let http = reqwest::Client::builder().no_proxy().build()?;
    let request = http.post(format!("{base}/v1/leads")).bearer_auth(key).json(&body);
    let began = Instant::now();
    let verdict: Value = request.send().await?.json().await.context("reading a verdict")?;
    let took = began.elapsed();
    if verdict.get("verdict").and_then(Value::as_str) != Some("SOLD") {
        bail!("a lead was not sold: {verdict}");
    }
    Ok(took)
}
