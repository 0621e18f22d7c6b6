//! Buyers' servers: one listener, a path per buyer, each answering as its script says.

use leadbourse::platform::webhook::sign;
use leadbourse_core::time::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// How a request is answered.
#[derive(Clone, Debug)]
pub enum Says {
    /// This status and body.
    Body(u16, Value),
    /// Nothing, until the test is over.
    Nothing,
}

impl Says {
    /// Yes, at a price in whole units.
    pub fn bid(price: &str) -> Self {
        Self::Body(200, json!({"accept": true, "price": price}))
    }

    pub fn yes() -> Self {
        Self::Body(200, json!({"accept": true}))
    }

    pub fn no(reason: &str) -> Self {
        Self::Body(200, json!({"accept": false, "reason": reason}))
    }

    pub fn status(status: u16) -> Self {
        Self::Body(status, json!({}))
    }
}

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Like `b1/ask`.
    pub path: String,
    pub body: Value,
    /// Whether the signature was made with the buyer's secret.
    pub signed: bool,
    pub id: String,
}

#[derive(Default)]
struct State {
    scripts: HashMap<String, Says>,
    secrets: HashMap<String, String>,
    /// Refuses what is not signed, with 401.
    strict: bool,
    asked: Vec<Asked>,
    /// Paths whose answers were taken: the other side has closed the connection.
    taken: Vec<String>,
}

/// The servers of all buyers.
#[derive(Clone)]
pub struct Buyers {
    pub base: String,
    state: Arc<Mutex<State>>,
    came: Arc<Notify>,
}

impl Buyers {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let own = Self { base, state: Arc::default(), came: Arc::default() };
        let served = own.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let buyers = served.clone();
                tokio::spawn(async move { buyers.serve(socket).await });
            }
        });
        own
    }

    /// From now on this path is answered so.
    pub fn says(&self, path: &str, says: Says) {
        self.state.lock().unwrap().scripts.insert(path.to_owned(), says);
    }

    pub fn knows(&self, buyer: &str, secret: &str) {
        self.state.lock().unwrap().secrets.insert(buyer.to_owned(), secret.to_owned());
    }

    pub fn strict(&self) {
        self.state.lock().unwrap().strict = true;
    }

    /// The requests on paths that end so, in order.
    pub fn asked(&self, end: &str) -> Vec<Asked> {
        let state = self.state.lock().unwrap();
        state.asked.iter().filter(|one| one.path.ends_with(end)).cloned().collect()
    }

    /// How many answers on paths that end so were taken.
    pub fn taken(&self, end: &str) -> usize {
        let state = self.state.lock().unwrap();
        state.taken.iter().filter(|path| path.ends_with(end)).count()
    }

    /// Waits until a path was asked.
    pub async fn until_asked(&self, path: &str) {
        loop {
            let came = self.came.notified();
            if !self.asked(path).is_empty() {
                return;
            }
            came.await;
        }
    }

    async fn serve(&self, socket: TcpStream) {
        let Some((path, headers, body, mut stream)) = read(socket).await else { return };
        let buyer = path.split('/').next().unwrap_or_default().to_owned();
        let says = {
            let mut state = self.state.lock().unwrap();
            let signed =
                state.secrets.get(&buyer).is_some_and(|key| is_signed(key, &headers, &body));
            let id = headers.get("webhook-id").cloned().unwrap_or_default();
            let parsed = serde_json::from_str(&body).unwrap();
            state.asked.push(Asked { path: path.clone(), body: parsed, signed, id });
            match state.scripts.get(&path) {
                _ if state.strict && !signed => Says::status(401),
                Some(says) => says.clone(),
                None => Says::status(404),
            }
        };
        self.came.notify_waiters();
        match says {
            Says::Nothing => std::future::pending().await,
            Says::Body(status, body) => {
                let body = body.to_string();
                let text = format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n\
                     content-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(text.as_bytes()).await;
                let _ = stream.shutdown().await;
                let _ = stream.read(&mut [0]).await;
                self.state.lock().unwrap().taken.push(path);
            }
        }
    }
}

fn is_signed(key: &str, headers: &HashMap<String, String>, body: &str) -> bool {
    let of = |name: &str| headers.get(name).cloned().unwrap_or_default();
    let seconds: i64 = of("webhook-timestamp").parse().unwrap_or_default();
    let at = Timestamp::from_micros(seconds * 1_000_000);
    sign(key, &of("webhook-id"), at, body).unwrap() == of("webhook-signature")
}

async fn read(socket: TcpStream) -> Option<(String, HashMap<String, String>, String, TcpStream)> {
    let mut reader = BufReader::new(socket);
    let mut line = String::new();
    reader.read_line(&mut line).await.ok()?;
    let path = line.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await.ok()?;
    Some((path, headers, String::from_utf8(body).ok()?, reader.into_inner()))
}
