//! One buyer, one publisher with a source, and a key for the buyer's server.

use leadbourse::demo::client::text;
use leadbourse_core::time::DAY;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::market::{Market, Offer, Seat, Source};

/// A market with an offer of these goals.
pub struct Stage {
    pub app: TestApp,
    pub market: Market,
    pub buyer: Seat,
    pub publisher: Seat,
    pub source: Source,
    pub offer: Offer,
    /// The API key of the buyer's server.
    pub key: String,
    pub http: Client,
}

/// What was sold.
pub struct Sold {
    pub award: String,
    pub lead: String,
}

impl Stage {
    /// An offer of these goals, and 100,000.00 in the buyer's wallet.
    pub async fn open(app: TestApp, goals: impl FnOnce(&Market) -> Value) -> Self {
        let market = Market::open(&app).await;
        let buyer = market.buyer("Berta Buyer", 10_000_000).await;
        let mut terms = market.terms(1);
        terms["goals"] = goals(&market);
        let offer = market.offer(&buyer, "Offer", terms).await;
        let publisher = market.publisher("Paul Publisher").await;
        let source = market.source(&publisher, "Site", 1).await;
        let input = json!({"name": "shop", "role": "MANAGER",
            "scopes": ["REPORT_OUTCOMES", "READ_LEADS"]});
        let made = buyer.client.mutate("createApiKey", input, "secret").await.unwrap();
        let key = text(&made["secret"]);
        let http = Client::builder().no_proxy().build().unwrap();
        Self { app, market, buyer, publisher, source, offer, key, http }
    }

    /// Sells the n-th person.
    pub async fn sell(&self, n: u64) -> Sold {
        let verdict = self.market.send(&self.source, n).await;
        assert_eq!(verdict["verdict"], "SOLD", "{verdict}");
        let award = text(&verdict["awards"][0]["award_id"]);
        Sold { award, lead: text(&verdict["lead_id"]) }
    }

    /// A request to the buyer's route of reports.
    pub fn post(&self, body: &Value) -> RequestBuilder {
        let url = format!("{}/v1/conversions", self.app.url());
        self.http.post(url).bearer_auth(&self.key).json(body)
    }

    /// Reports; the status, whether it was a replay, and the answer.
    pub async fn report(&self, body: &Value) -> (u16, bool, Value) {
        let answer = self.post(body).send().await.unwrap();
        let replayed = answer.headers().contains_key("idempotent-replayed");
        (answer.status().as_u16(), replayed, answer.json().await.unwrap())
    }

    /// Reports something that has to be billed; its price in minor units.
    pub async fn billed(&self, body: Value) -> i64 {
        let (status, replayed, answer) = self.report(&body).await;
        assert_eq!((status, replayed), (200, false), "{answer}");
        minor(&answer["price"])
    }

    /// The buyer's money: free, promised, owed.
    pub async fn wallet(&self) -> (i64, i64, i64) {
        let query = "{wallets{available{minor} reserved{minor} owed{minor}}}";
        let found = self.buyer.client.query(query, json!({})).await.unwrap();
        let wallet = &found["wallets"][0];
        (minor(&wallet["available"]), minor(&wallet["reserved"]), minor(&wallet["owed"]))
    }

    /// Waits until the wallet is so: the exchange's own runner may be at the job that is due.
    pub async fn wallet_becomes(&self, expected: (i64, i64, i64)) {
        for _ in 0..100 {
            self.app.drain().await;
            if self.wallet().await == expected {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert_eq!(self.wallet().await, expected);
    }

    /// The publisher's money: on hold, to be settled, paid.
    pub async fn earned(&self) -> (i64, i64, i64) {
        let query = "{earnings{held{minor} payable{minor} paid{minor}}}";
        let found = self.publisher.client.query(query, json!({})).await.unwrap();
        let earned = &found["earnings"][0];
        (minor(&earned["held"]), minor(&earned["payable"]), minor(&earned["paid"]))
    }

    /// Lets the holds end, settles, and pays; the lines and the total of the one statement.
    pub async fn settle(&self) -> (i64, i64) {
        self.app.advance(6 * DAY).await;
        let profile = json!({"currency": self.market.currency, "rail": "MANUAL",
            "minPayout": self.market.money(1)});
        let kept = self.publisher.client.mutate("setPayoutProfile", profile, "profile { rail }");
        kept.await.unwrap();
        let operator = &self.market.operator;
        let do_it = async |name: &str, input: Value, selection: &str| {
            let mut input = input;
            input["idempotencyKey"] = json!(format!("settle/{name}"));
            operator.mutate(name, input, selection).await.unwrap()
        };
        let selection =
            "run { id statements(first: 9) { nodes { id lineCount total { minor } } } }";
        let planned = do_it("planSettlement", json!({}), selection).await;
        let run = &planned["run"];
        let statement = &run["statements"]["nodes"][0];
        assert_eq!(run["statements"]["nodes"].as_array().unwrap().len(), 1, "{planned}");
        let input = json!({"id": statement["id"]});
        let approved = do_it("approveStatement", input, "statement { payouts { id } }").await;
        let payout = &approved["statement"]["payouts"][0]["id"];
        let input = json!({"payoutId": payout, "confirmed": true, "reference": "arrived"});
        let paid = do_it("resolvePayout", input, "statement { state }").await;
        assert_eq!(paid["statement"]["state"], "PAID");
        (statement["lineCount"].as_i64().unwrap(), minor(&statement["total"]))
    }
}

/// Minor units of a sum.
pub fn minor(sum: &Value) -> i64 {
    sum["minor"].as_str().unwrap_or_else(|| panic!("no sum: {sum}")).parse().unwrap()
}
