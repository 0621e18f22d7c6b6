//! A market that buys calls, and a telephone system that tells about them.

use futures::future::join_all;
use leadbourse::demo::client::text;
use leadbourse::platform::clock::Clock;
use leadbourse_core::time::{SECOND, Timestamp};
use reqwest::Client;
use serde_json::{Value, json};

use crate::harness::market::{Market, Offer, Seat, Source};
use crate::harness::{TestApp, start_of_time};

/// What one qualified call costs, in minor units, and what is earned of it: 85 %.
pub const PRICE: i64 = 200_000;
pub const EARNING: i64 = 170_000;
/// Where the offer's calls go.
pub const DESK: &str = "+74951234567";
/// From when on a call is paid for, in seconds.
pub const LEAST: i64 = 60;

pub struct Desk {
    pub market: Market,
    pub buyer: Seat,
    pub publisher: Seat,
    pub source: Source,
    pub offer: Offer,
    clock: Clock,
    url: String,
    http: Client,
}

/// Terms that pay for calls of a minute or more; `change` works on the one goal.
pub fn terms(market: &Market, change: impl FnOnce(&mut Value)) -> Value {
    let mut terms = market.terms(1);
    terms["goals"] = json!([
        {"kind": "CALL", "price": market.money(PRICE), "minCallSeconds": LEAST}
    ]);
    change(&mut terms["goals"][0]);
    terms
}

/// So many seconds after the beginning of time, as an event names it.
pub fn second(n: i64) -> String {
    at(start_of_time(), n)
}

fn at(from: Timestamp, seconds: i64) -> String {
    from.plus(seconds * SECOND).rfc3339()
}

/// The number of the n-th caller.
pub fn caller(n: u64) -> String {
    format!("+7916{:07}", n % 10_000_000)
}

impl Desk {
    /// One buyer with so much money and an offer for calls, one publisher with one source.
    pub async fn open(app: &TestApp, funds: i64, change: impl FnOnce(&mut Value)) -> Self {
        let market = Market::open(app).await;
        let buyer = market.buyer("Berta Buyer", funds).await;
        let offer = market.offer(&buyer, "Calls", terms(&market, change)).await;
        let publisher = market.publisher("Paul Publisher").await;
        let source = market.source(&publisher, "Number", 1).await;
        let http = Client::builder().no_proxy().build().unwrap();
        let clock = app.clock.clone();
        let desk = Self { market, buyer, publisher, source, offer, clock, url: app.url(), http };
        desk.connect_to(json!(DESK)).await.unwrap();
        desk
    }

    /// Sets where calls go; the code of the refusal.
    pub async fn connect_to(&self, to: Value) -> Result<Value, String> {
        let input = json!({"offerId": self.offer.id, "connectTo": to});
        let done = self.buyer.client.try_mutate("setOfferConnection", input, "offer { connectTo }");
        done.await.unwrap().map_err(|refusals| refusals[0].code.clone())
    }

    /// Tells an event; status and answer.
    pub async fn tell(&self, event: &str, body: Value) -> (u16, Value) {
        let request = self.http.post(format!("{}/v1/calls/{event}", self.url));
        let answer = request.bearer_auth(&self.source.key).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn told(&self, event: &str, body: Value) -> Value {
        let (status, answer) = self.tell(event, body).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// The call `id` of the n-th person begins, so many seconds after the beginning of time.
    pub async fn start(&self, id: &str, n: u64, after: i64) -> Value {
        // What is made later sorts after it.
        self.clock.advance(1_000);
        self.told("started", started(id, n, after)).await
    }

    /// The buyer answers.
    pub async fn answer(&self, id: &str, after: i64) -> Value {
        self.told("connected", json!({"external_id": id, "at": second(after)})).await
    }

    /// The call is over.
    pub async fn end(&self, id: &str, after: i64, connected_s: i64) -> Value {
        self.told("ended", ended(id, after, connected_s)).await
    }

    /// The calls `0..count` begin all at once.
    pub async fn start_at_once(&self, count: u64) -> Vec<Value> {
        let calls: Vec<String> = (0..count).map(|n| format!("call {n}")).collect();
        join_all(calls.iter().zip(0..).map(|(id, n)| self.start(id, n, 0))).await
    }

    /// Free and reserved money of the buyer, in minor units.
    pub async fn wallet(&self) -> (i64, i64) {
        let document = "{ wallets { available { minor } reserved { minor } } }";
        let found = self.buyer.client.query(document, json!({})).await.unwrap();
        let sum = |part: &str| text(&found["wallets"][0][part]["minor"]).parse().unwrap();
        (sum("available"), sum("reserved"))
    }

    /// Waits until so many calls are in a state: the job may be in the hands of the exchange's own
    /// runner, where a drain does not see it.
    pub async fn until_in(&self, state: &str, count: usize) {
        for _ in 0..1_000 {
            if self.calls_in(state).await == count {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("{} calls are {state}, not {count}", self.calls_in(state).await);
    }

    /// How many calls the publisher has in a state.
    pub async fn calls_in(&self, state: &str) -> usize {
        self.publisher.client.all(&format!("calls(state: {state})"), "id").await.unwrap().len()
    }
}

/// The body of a beginning.
pub fn started(id: &str, n: u64, after: i64) -> Value {
    json!({
        "external_id": id, "at": second(after), "caller": caller(n), "dialled": "+78001234567",
        "fields": {"region": "RU-MOW"}, "sub_ids": {"sub1": "radio"},
    })
}

/// The body of an end.
pub fn ended(id: &str, after: i64, connected_s: i64) -> Value {
    json!({"external_id": id, "at": second(after), "connected_seconds": connected_s})
}

/// How many of these answers are in a state.
pub fn in_state(answers: &[Value], state: &str) -> usize {
    answers.iter().filter(|answer| answer["state"] == state).count()
}
