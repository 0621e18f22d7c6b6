//! The load: connections that are kept alive, each sending one unique lead after the other.

use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::report::Figure;
use super::seed::REGIONS;

/// Where leads go.
#[derive(Clone)]
pub struct Target {
    /// The server.
    pub address: SocketAddr,
    /// The source's posting key.
    pub posting_key: String,
}

/// Which way leads go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// `POST /v1/leads`.
    Rest,
    /// `submitLead`.
    GraphQl,
}

/// Every lead of the whole run is another person.
static PERSON: AtomicU64 = AtomicU64::new(0);

const MUTATION: &str = "mutation Send($input: SubmitLeadInput!) { submitLead(input: $input) { \
    verdict { leadId state reasons { code } awards { awardId copyNo earning { minor currency } } } \
    userErrors { code message } } }";

/// Sends for `time` over so many connections.
pub async fn run(
    target: &Target,
    surface: Surface,
    connections: usize,
    time: Duration,
) -> Result<Figure> {
    let until = Instant::now() + time;
    let started = Instant::now();
    let tasks: Vec<_> = (0..connections)
        .map(|_| tokio::spawn(one_connection(target.clone(), surface, until)))
        .collect();
    let mut latencies: Vec<u64> = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    let elapsed = started.elapsed();
    latencies.sort_unstable();
    let at = |share: f64| -> f64 {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss
        )]
        let index = ((latencies.len() as f64 - 1.0) * share).max(0.0) as usize;
        #[allow(clippy::cast_precision_loss)]
        latencies.get(index).map_or(0.0, |micros| *micros as f64 / 1_000.0)
    };
    #[allow(clippy::cast_precision_loss)]
    let figure = Figure {
        connections,
        leads_per_s: latencies.len() as f64 / elapsed.as_secs_f64(),
        p50_ms: at(0.5),
        p99_ms: at(0.99),
    };
    let name = if surface == Surface::Rest { "REST" } else { "GraphQL" };
    eprintln!(
        "{name} {connections} connections: {:.0} leads/s, p50 {:.2} ms, p99 {:.2} ms",
        figure.leads_per_s, figure.p50_ms, figure.p99_ms
    );
    Ok(figure)
}

async fn one_connection(target: Target, surface: Surface, until: Instant) -> Result<Vec<u64>> {
    let mut stream = TcpStream::connect(target.address).await.context("connecting")?;
    stream.set_nodelay(true)?;
    let mut latencies = Vec::with_capacity(4_096);
    let mut buffer = Vec::with_capacity(8_192);
    while Instant::now() < until {
        let request = request(&target, surface);
        let sent = Instant::now();
        stream.write_all(&request).await.context("sending")?;
        read_answer(&mut stream, &mut buffer).await?;
        latencies.push(u64::try_from(sent.elapsed().as_micros()).unwrap_or(u64::MAX));
        if !contains(&buffer, b"\"SOLD\"") {
            bail!("a lead was not sold: {}", String::from_utf8_lossy(&buffer));
        }
    }
    Ok(latencies)
}

fn request(target: &Target, surface: Surface) -> Vec<u8> {
    let n = PERSON.fetch_add(1, Ordering::Relaxed);
    let region =
        usize::try_from(n).ok().and_then(|n| REGIONS.get(n % REGIONS.len())).unwrap_or(&"MOW");
    let fields = format!(
        "{{\"phone\":\"+7916{:07}\",\"email\":\"person{n}@mail.ru\",\"name\":\"Анна Петрова\",\
         \"region\":\"{region}\",\"amount\":{}}}",
        n % 10_000_000,
        1_000 + n % 5_000
    );
    let key = &target.posting_key;
    let (path, body, auth) = match surface {
        Surface::Rest => (
            "/v1/leads",
            format!(
                "{{\"fields\":{fields},\"ip\":\"203.0.113.9\",\"sub_ids\":{{\"sub1\":\"bench\"}}}}"
            ),
            format!("Authorization: Bearer {key}\r\n"),
        ),
        Surface::GraphQl => (
            "/graphql",
            format!(
                "{{\"query\":\"{MUTATION}\",\"variables\":{{\"input\":{{\"postingKey\":\"{key}\",\
                 \"fields\":{fields},\"meta\":{{\"ip\":\"203.0.113.9\",\"sub_ids\":{{\"sub1\":\"bench\"}}}}}}}}}}"
            ),
            "Accept: application/graphql-response+json\r\n".to_owned(),
        ),
    };
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\n{auth}Content-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Reads one answer into `buffer`: head and body.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<()> {
    buffer.clear();
    let mut whole = None;
    loop {
        if let Some(length) = whole
            && buffer.len() >= length
        {
            return Ok(());
        }
        let read = stream.read_buf(buffer).await.context("reading")?;
        if read == 0 {
            bail!("the server closed a connection");
        }
        if whole.is_none() {
            whole = answer_length(buffer)?;
        }
    }
}

/// Head and body together, once the head is there.
fn answer_length(buffer: &[u8]) -> Result<Option<usize>> {
    let Some(end) = buffer.windows(4).position(|part| part == b"\r\n\r\n") else { return Ok(None) };
    let head = String::from_utf8_lossy(buffer.get(..end).unwrap_or_default()).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .and_then(|text| text.trim().parse::<usize>().ok())
        .context("an answer without a length")?;
    Ok(Some(end + 4 + length))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
