//! A source whose link leads to a buyer's own page, and people who click.

use leadbourse::demo::client::text;
use leadbourse::platform::clock::Clock;
use leadbourse_core::time::DAY;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::market::{Market, Offer, Seat, Source};

pub const PAGE: &str = "https://shop.example.com/credit?from=partner";
pub const BROWSER: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36";
pub const REGISTRATION: i64 = 20_000;
pub const SALE: i64 = 100_000;

pub struct Road {
    pub market: Market,
    pub buyer: Seat,
    pub publisher: Seat,
    pub offer: Offer,
    pub source: Source,
    clock: Clock,
    url: String,
    http: Client,
}

/// An answer to a click: status, where to, body.
pub struct Sent {
    pub status: u16,
    pub to: Option<String>,
    pub body: String,
}

impl Sent {
    /// The click id that the landing page gets.
    pub fn click(&self) -> String {
        let to = self.to.as_ref().unwrap_or_else(|| panic!("{} {}", self.status, self.body));
        let url = url::Url::parse(to).unwrap();
        let found = url.query_pairs().find(|(name, _)| name == "click_id");
        found.unwrap().1.into_owned()
    }
}

/// Terms that pay for registrations and sales, each within 30 days; `change` works on all.
pub fn terms(market: &Market, change: impl FnOnce(&mut Value)) -> Value {
    const MONTH_S: i64 = 30 * 86_400;
    let mut terms = market.terms(1);
    terms["goals"] = json!([
        {"kind": "REGISTRATION", "price": market.money(REGISTRATION), "attributionWindowS": MONTH_S},
        {"kind": "SALE", "price": market.money(SALE), "attributionWindowS": MONTH_S},
    ]);
    change(&mut terms);
    terms
}

impl Road {
    pub async fn open(app: &TestApp, funds: i64, change: impl FnOnce(&mut Value)) -> Self {
        let market = Market::open(app).await;
        let buyer = market.buyer("Berta Buyer", funds).await;
        let offer = market.offer(&buyer, "Shop", terms(&market, change)).await;
        let publisher = market.publisher("Paul Publisher").await;
        let source = market.source(&publisher, "Channel", 1).await;
        let input = json!({"id": source.id, "targetOfferId": offer.id});
        publisher.client.mutate("updateSource", input, "source { id }").await.unwrap();
        let http = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        let clock = app.clock.clone();
        let road = Self { market, buyer, publisher, offer, source, clock, url: app.url(), http };
        road.link(json!(PAGE)).await.unwrap();
        road
    }

    /// Sets the landing page; the code of the refusal.
    pub async fn link(&self, url: Value) -> Result<Value, String> {
        let input = json!({"sourceId": self.source.id, "url": url});
        let done = self.publisher.client.try_mutate(
            "setSourceLink",
            input,
            "source { linkUrl linkParam }",
        );
        done.await.unwrap().map_err(|refusals| refusals[0].code.clone())
    }

    /// Somebody clicks, with this browser.
    pub async fn visit(&self, source: &str, query: &str, browser: &str) -> Sent {
        // What is made later sorts after it.
        self.clock.advance(1_000);
        let request = self.http.get(format!("{}/c/{source}{query}", self.url));
        let answer = request.header("user-agent", browser).send().await.unwrap();
        let location = answer.headers().get("location");
        Sent {
            status: answer.status().as_u16(),
            to: location.map(|to| to.to_str().unwrap().to_owned()),
            body: answer.text().await.unwrap(),
        }
    }

    /// A person clicks; the click's id.
    pub async fn click(&self, query: &str) -> String {
        let sent = self.visit(&self.source.id, query, BROWSER).await;
        assert_eq!(sent.status, 302);
        sent.click()
    }

    /// Calls an address of the exchange by GET.
    pub async fn get(&self, path: &str) -> Response {
        self.clock.advance(1_000);
        self.http.get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    /// Lets the holds end, settles, and pays; the lines and the total of the one statement.
    pub async fn settle(&self, app: &TestApp) -> (i64, i64) {
        app.advance(20 * DAY).await;
        let chief = &self.market.operator;
        let selection = "run { statements { nodes { id lineCount total { minor } } } }";
        let input = json!({"idempotencyKey": "p"});
        let planned = chief.mutate("planSettlement", input, selection).await.unwrap();
        let statement = &planned["run"]["statements"]["nodes"][0];
        let input = json!({"id": statement["id"], "idempotencyKey": "a"});
        let approved = chief.mutate("approveStatement", input, "statement { payouts { id } }");
        let payout = approved.await.unwrap()["statement"]["payouts"][0]["id"].clone();
        let input = json!({"payoutId": payout, "confirmed": true, "reference": "bank 1",
            "idempotencyKey": "r"});
        chief.mutate("resolvePayout", input, "payout { id }").await.unwrap();
        let total = text(&statement["total"]["minor"]).parse().unwrap();
        (statement["lineCount"].as_i64().unwrap(), total)
    }

    /// Free money of the buyer, in minor units.
    pub async fn free(&self) -> i64 {
        let document = "{ wallets { available { minor } } }";
        let found = self.buyer.client.query(document, json!({})).await.unwrap();
        text(&found["wallets"][0]["available"]["minor"]).parse().unwrap()
    }

    /// The key of the buyer's server.
    pub async fn key(&self) -> String {
        let scopes = ["REPORT_OUTCOMES", "READ_LEADS"];
        let input = json!({"name": "shop", "role": "MANAGER", "scopes": scopes});
        let made = self.buyer.client.mutate("createApiKey", input, "secret");
        text(&made.await.unwrap()["secret"])
    }

    /// The buyer's server reports what came of a click; status and answer.
    pub async fn report(&self, key: &str, click: &str, goal: &str, id: &str) -> (u16, Value) {
        let request = self.http.post(format!("{}/v1/conversions", self.url)).bearer_auth(key);
        let body = json!({"click_id": click, "goal": goal, "external_id": id});
        let answer = request.json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}
