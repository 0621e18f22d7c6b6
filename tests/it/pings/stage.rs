//! The ground of these tests: one buyer, one publisher, both with everything that they need.

use leadbourse::platform::db::Reader;
use reqwest::{Client, Response};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Map, Value, json};

use crate::harness::TestApp;
use crate::harness::market::{Lead, Market, Offer, Seat, Source};

pub struct Stage {
    pub app: TestApp,
    pub market: Market,
    pub buyer: Seat,
    pub publisher: Seat,
    pub source: Source,
    http: Client,
}

/// What a bid on a lead at 500.00 earns: 85 %.
pub const EARNING: &str = "42500";

impl Stage {
    /// A buyer with this much money.
    pub async fn open(app: TestApp, funds: i64) -> Self {
        let market = Market::open(&app).await;
        let buyer = market.buyer("Berta Buyer", funds).await;
        let publisher = market.publisher("Paul Publisher").await;
        let source = market.source(&publisher, "Site", 3).await;
        let http = Client::builder().no_proxy().build().unwrap();
        Self { app, market, buyer, publisher, source, http }
    }

    /// An exclusive offer at 500.00; `more` replaces parts of its terms.
    pub async fn offer(&self, more: Value) -> Offer {
        self.offer_of(&self.buyer, "The offer", more).await
    }

    pub async fn offer_of(&self, buyer: &Seat, name: &str, more: Value) -> Offer {
        let mut terms = self.market.terms(50_000);
        for (key, value) in more.as_object().unwrap() {
            terms[key] = value.clone();
        }
        self.market.offer(buyer, name, terms).await
    }

    /// What may be shown of the n-th person before a purchase.
    pub fn fields(n: u64) -> Map<String, Value> {
        let mut fields = Lead::fields(n);
        fields.retain(|name, _| !["name", "phone", "email"].contains(&name.as_str()));
        fields
    }

    pub async fn send(&self, path: &str, key: &str, body: &Value, idempotency: &str) -> Response {
        let mut request =
            self.http.post(format!("{}{path}", self.app.url())).bearer_auth(key).json(body);
        if !idempotency.is_empty() {
            request = request.header("idempotency-key", idempotency);
        }
        request.send().await.unwrap()
    }

    /// A form.
    pub async fn form(&self, path: &str, pairs: &[(&str, &str)]) -> Value {
        let request = self.http.post(format!("{}{path}", self.app.url()));
        let sent = request.bearer_auth(&self.source.key).form(pairs).send().await.unwrap();
        assert_eq!(sent.status(), 200);
        sent.json().await.unwrap()
    }

    /// Asks for bids on the n-th person.
    pub async fn ping(&self, n: u64) -> Value {
        self.ping_with(json!({"fields": Self::fields(n)})).await
    }

    pub async fn ping_with(&self, body: Value) -> Value {
        let answer = self.send("/v1/pings", &self.source.key, &body, "").await;
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    /// Posts the n-th person after a ping; `more` is added to the body.
    pub async fn post(&self, n: u64, ping: &Value, more: Value) -> Value {
        let mut body = Lead::body(n);
        body["ping_id"] = ping["ping_id"].clone();
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        let answer = self.send("/v1/leads", &self.source.key, &body, "").await;
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    /// The buyer's wallet: available, reserved, owed, open bids, what they hold.
    pub async fn wallet(&self) -> [i64; 5] {
        let document = "{ wallets { available { minor } reserved { minor } owed { minor } \
            openBids reservedByBids { minor } } }";
        let answer = self.buyer.client.query(document, json!({})).await.unwrap();
        let wallet = &answer["wallets"][0];
        let minor = |name: &str| wallet[name]["minor"].as_str().unwrap().parse().unwrap();
        let open = wallet["openBids"].as_i64().unwrap();
        [minor("available"), minor("reserved"), minor("owed"), open, minor("reservedByBids")]
    }

    /// Time passes, and what expired is given back: here, because the exchange's own worker may
    /// have leased the job of that and not be done with it.
    pub async fn pass(&self, micros: i64) {
        self.app.clock.advance(micros);
        self.app.app.exchange.expire_bids().await.unwrap();
        self.app.drain().await;
    }

    /// The number `n` of the one row of a query.
    pub async fn number(&self, sql: &str) -> i64 {
        let tx = self.app.app.db.begin_read().await.unwrap();
        let statement = Statement::from_string(tx.conn().get_database_backend(), sql);
        tx.conn().query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
    }
}

/// The first reason's code.
pub fn code(answer: &Value) -> &str {
    answer["reasons"][0]["code"].as_str().unwrap_or_default()
}
