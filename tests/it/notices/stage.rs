//! A market whose publisher has a tracker.

use leadbourse::demo::client::text;
use serde_json::{Value, json};
use std::time::Duration;

use crate::delivery::receiver::{Received, Receiver};
use crate::harness::TestApp;
use crate::harness::market::{Lead, Market, Offer, Seat, Source};

/// Every event that a postback can be called for.
pub const ALL: &[&str] = &[
    "SOLD",
    "UNSOLD",
    "REJECTED",
    "QUARANTINED",
    "CONVERSION_CREATED",
    "CONVERSION_APPROVED",
    "CONVERSION_RETURNED",
];

/// One buyer with an offer at 500.00, one publisher with a source, and its tracker.
pub struct Stage {
    pub app: TestApp,
    pub market: Market,
    pub buyer: Seat,
    pub publisher: Seat,
    pub source: Source,
    pub offer: Offer,
    pub tracker: Receiver,
}

/// A postback as it was made.
pub struct Made {
    pub id: String,
    pub secret: String,
}

impl Stage {
    pub async fn open(app: TestApp) -> Self {
        let market = Market::open(&app).await;
        let buyer = market.buyer("Berta Buyer", 10_000_000).await;
        let offer = market.offer(&buyer, "Offer", market.terms(50_000)).await;
        let publisher = market.publisher("Paul Publisher").await;
        let source = market.source(&publisher, "Site", 1).await;
        let tracker = Receiver::open().await;
        Self { app, market, buyer, publisher, source, offer, tracker }
    }

    /// The tracker's address with this query.
    pub fn address(&self, query: &str) -> String {
        format!("{}?{query}", self.tracker.url)
    }

    /// Makes a postback to the tracker.
    pub async fn postback(&self, query: &str, events: &[&str], more: Value) -> Made {
        let mut input = json!({"name": "tracker", "url": self.address(query), "events": events});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        let client = &self.publisher.client;
        let made = client.mutate("createPublisherPostback", input, "postback { id } secret").await;
        let made = made.unwrap();
        // What is told comes after it.
        self.app.clock.advance(1_000);
        Made { id: text(&made["postback"]["id"]), secret: text(&made["secret"]) }
    }

    /// Sends the n-th person with more of an envelope; the verdict.
    pub async fn send(&self, n: u64, more: Value) -> Value {
        let mut body = Lead::body(n);
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let sent = self.app.visitor().post_lead(&self.source.key, &body).await;
        let (status, verdict) = sent.unwrap();
        assert_eq!(status, 200, "{verdict}");
        verdict
    }

    /// Does what is due until the tracker has got so many calls, and the log has them all; the
    /// calls, oldest first. The exchange's own workers may have one in their hands meanwhile.
    pub async fn heard(&self, calls: usize) -> Vec<Received> {
        for _ in 0..500 {
            self.app.drain().await;
            let tries = |notice: &Value| notice["attempts"].as_array().unwrap().len();
            let logged: usize = self.log().await.iter().map(tries).sum();
            if self.tracker.got().len() >= calls && logged >= calls {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let got = self.tracker.got();
        assert_eq!(got.len(), calls, "{:?}", got.iter().map(|one| &one.asked).collect::<Vec<_>>());
        got
    }

    /// The log as the publisher reads it.
    pub async fn log(&self) -> Vec<Value> {
        let selection = "id eventId event postbackId leadId conversionId state nextAt lastError \
             deliveredAt attempts { n status error } lead { id }";
        self.publisher.client.all("notices", selection).await.unwrap()
    }

    /// The log once so many of its notices are in a state.
    pub async fn log_with(&self, state: &str, notices: usize) -> Vec<Value> {
        for _ in 0..500 {
            self.app.drain().await;
            let log = self.log().await;
            if log.iter().filter(|notice| notice["state"] == state).count() == notices {
                return log;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("not {notices} {state}: {:?}", self.log().await);
    }

    /// Waits until a postback is in a state.
    pub async fn becomes(&self, id: &str, state: &str) {
        for _ in 0..500 {
            if self.seen(id).await["state"] == state {
                return;
            }
            self.app.drain().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("not {state}: {}", self.seen(id).await);
    }

    /// One postback as its publisher sees it.
    pub async fn seen(&self, id: &str) -> Value {
        let query = "{ publisherPostbacks { id state failingSince url events method \
             source { id } } }";
        let found = self.publisher.client.query(query, json!({})).await.unwrap();
        let all = found["publisherPostbacks"].as_array().unwrap();
        all.iter().find(|one| one["id"] == id).cloned().unwrap_or(Value::Null)
    }

    /// What the publisher does; the code of a refusal.
    pub async fn code(&self, name: &str, input: Value) -> Option<String> {
        let selection = if name.contains("otice") || name == "testPostback" {
            "notice { id }"
        } else {
            "postback { id }"
        };
        let done = self.publisher.client.try_mutate(name, input, selection).await.unwrap();
        done.err().map(|refusals| refusals[0].code.clone())
    }
}

/// The queries that came in, in order of their text.
pub fn queries(got: &[Received]) -> Vec<String> {
    let mut found: Vec<String> =
        got.iter().map(|one| one.asked.split_once('?').unwrap().1.to_owned()).collect();
    found.sort();
    found
}
