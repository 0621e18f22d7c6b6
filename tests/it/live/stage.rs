//! The ground of these tests: a market with buyers that have servers.

use leadbourse::demo::client::Client;
use leadbourse::platform::db::Reader;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use super::buyers::{Buyers, Says};
use crate::harness::market::{Lead, Market, Offer, PASSWORD, Seat, Source};
use crate::harness::{Kind, TestApp};

/// An exchange that waits a short while for posts.
pub async fn app(kind: Kind) -> Option<TestApp> {
    TestApp::with(kind, |config| config.live.post_timeout_ms = 2_000).await
}

/// An exchange that waits for a long time, for tests that end it meanwhile.
pub async fn patient_app(kind: Kind) -> Option<TestApp> {
    let settle = |config: &mut leadbourse::platform::config::Config| {
        config.live.ask_deadline_ms = 15_000;
        config.live.post_timeout_ms = 15_000;
    };
    TestApp::with(kind, settle).await
}

/// The settings of a connection that is waited for as long.
pub fn patient() -> Value {
    json!({"askTimeoutMs": 15_000, "postTimeoutMs": 15_000})
}

pub struct Stage {
    pub app: TestApp,
    pub market: Market,
    pub publisher: Seat,
    pub source: Source,
    pub buyers: Buyers,
}

/// A buyer with a live offer.
pub struct LiveBuyer {
    pub name: String,
    pub seat: Seat,
    pub offer: Offer,
}

impl Stage {
    pub async fn open(app: TestApp) -> Self {
        let market = Market::open(&app).await;
        let publisher = market.publisher("Paul Publisher").await;
        let source = market.source(&publisher, "Site", 3).await;
        Self { app, market, publisher, source, buyers: Buyers::open().await }
    }

    /// The settings of a connection to the stub servers.
    pub fn connection(&self, name: &str, offer: &str) -> Value {
        let base = &self.buyers.base;
        json!({
            "offerId": offer, "askUrl": format!("{base}/{name}/ask"),
            "postUrl": format!("{base}/{name}/post"), "askTimeoutMs": 1_500,
            "postTimeoutMs": 2_000, "concurrency": 4, "onSilence": "RELEASED",
        })
    }

    /// A buyer with 10 000.00, whose live offer says 500.00 and whose server bids so.
    pub async fn buyer(&self, name: &str, ask: Says) -> LiveBuyer {
        self.buyer_with(name, ask, json!({})).await
    }

    /// The same with other settings of the connection.
    pub async fn buyer_with(&self, name: &str, ask: Says, more: Value) -> LiveBuyer {
        let seat = self.market.buyer(name, 1_000_000).await;
        let mut terms = self.market.terms(50_000);
        terms["mode"] = json!("LIVE");
        let input = json!({"nicheId": self.market.niche_id, "name": name, "terms": terms});
        let made = seat.client.mutate("createOffer", input, "offer { id draft { id } }").await;
        let made = made.unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (id, version) = (text(&made["offer"]["id"]), text(&made["offer"]["draft"]["id"]));
        let mut input = self.connection(name, &id);
        for (key, value) in more.as_object().unwrap() {
            input[key] = value.clone();
        }
        let selection = "connection { offerId minBid { minor } } secret";
        let set = seat.client.mutate("setLiveConnection", input, selection).await.unwrap();
        self.buyers.knows(name, set["secret"].as_str().unwrap());
        let input = json!({"offerId": id});
        seat.client.mutate("submitOffer", input, "offer { id }").await.unwrap();
        let input = json!({"versionId": version, "approve": true});
        self.market.operator.mutate("reviewOffer", input, "offer { id }").await.unwrap();
        self.buyers.says(&format!("{name}/ask"), ask);
        self.buyers.says(&format!("{name}/post"), Says::yes());
        LiveBuyer { name: name.to_owned(), seat, offer: Offer { id, version } }
    }

    /// A buyer of an instant offer at this price.
    pub async fn instant(&self, name: &str, price: i64) -> Seat {
        let seat = self.market.buyer(name, 1_000_000).await;
        self.market.offer(&seat, name, self.market.terms(price)).await;
        seat
    }

    /// Sends the n-th person; the verdict.
    pub async fn send(&self, n: u64) -> Value {
        self.market.send(&self.source, n).await
    }

    /// A lead as the operator sees it: its state, and its trace as `offer: code detail`.
    pub async fn lead(&self, id: &Value) -> (String, Vec<String>) {
        let document = "query($id: ID!) { lead(id: $id) { state \
            trace { offerName outcome code detail } } }";
        let found = self.market.operator.query(document, json!({"id": id})).await.unwrap();
        let lead = &found["lead"];
        let line = |entry: &Value| {
            let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
            let code = if entry["outcome"] == "WON" { "WON".to_owned() } else { text("code") };
            // How long an answer took is no matter of this test.
            let detail = text("detail");
            let detail = if detail.starts_with("LIVE ") { "LIVE" } else { &detail };
            format!("{}: {code} {detail}", text("offerName")).trim_end().to_owned()
        };
        let trace = lead["trace"].as_array().unwrap().iter().map(line).collect();
        (lead["state"].as_str().unwrap().to_owned(), trace)
    }

    /// A wallet: available and reserved.
    pub async fn wallet(&self, seat: &Seat) -> [i64; 2] {
        let document = "{ wallets { available { minor } reserved { minor } } }";
        let answer = seat.client.query(document, json!({})).await.unwrap();
        let wallet = &answer["wallets"][0];
        let minor = |name: &str| wallet[name]["minor"].as_str().unwrap().parse().unwrap();
        [minor("available"), minor("reserved")]
    }

    /// A buyer's inbox: prices of its awards.
    pub async fn inbox(&self, seat: &Seat) -> Vec<String> {
        let document = "{ awards { nodes { price { minor } } } }";
        let found = seat.client.query(document, json!({})).await.unwrap();
        let nodes = found["awards"]["nodes"].as_array().unwrap().clone();
        nodes.iter().map(|node| node["price"]["minor"].as_str().unwrap().to_owned()).collect()
    }

    /// What was offered to a live buyer, newest first: `STATE price reason posted`.
    pub async fn offered(&self, seat: &Seat) -> Vec<String> {
        let document = "{ liveAwards { nodes { state price { minor } reason \
            postedPrice { minor } } } }";
        let found = seat.client.query(document, json!({})).await.unwrap();
        let line = |node: &Value| {
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            format!(
                "{} {} {} {}",
                text(&node["state"]),
                text(&node["price"]["minor"]),
                text(&node["reason"]),
                text(&node["postedPrice"]["minor"])
            )
        };
        found["liveAwards"]["nodes"].as_array().unwrap().iter().map(line).collect()
    }

    /// The number `n` of the one row of a query.
    pub async fn number(&self, sql: &str) -> i64 {
        let tx = self.app.app.db.begin_read().await.unwrap();
        let statement = Statement::from_string(tx.conn().get_database_backend(), sql);
        tx.conn().query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
    }

    /// Time passes; whatever is due is done.
    pub async fn pass(&self, micros: i64) {
        self.app.clock.advance(micros);
        self.app.drain().await;
    }

    /// Waits until a lead is in this state.
    pub async fn until(&self, lead: &Value, state: &str) -> Vec<String> {
        for _ in 0..600 {
            self.app.drain().await;
            let (now, trace) = self.lead(lead).await;
            if now == state {
                return trace;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("{lead} did not become {state}");
    }

    /// Does what is due, again and again, while this holds.
    pub async fn while_waiting(&self, waits: impl Fn() -> bool) {
        for _ in 0..600 {
            self.app.drain().await;
            if !waits() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("waited in vain");
    }

    /// Lets twenty seconds after twenty seconds pass until a lead is in this state, at most eight
    /// minutes.
    pub async fn until_passing(&self, lead: &Value, state: &str) -> Vec<String> {
        for _ in 0..24 {
            self.pass(20 * leadbourse_core::time::SECOND).await;
            for _ in 0..10 {
                let (now, trace) = self.lead(lead).await;
                if now == state {
                    return trace;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
        panic!("{lead} did not become {state}");
    }

    /// Sends a body; the verdict.
    pub async fn send_body(&self, body: &Value) -> Value {
        let visitor = Client::new(&self.market.base).unwrap();
        let (status, verdict) = visitor.post_lead(&self.source.key, body).await.unwrap();
        assert_eq!(status, 200, "{verdict}");
        verdict
    }

    /// The exchange ends and begins again, on another port; the operator signs in anew.
    pub async fn restart(self) -> Self {
        let Self { app, market, publisher, source, buyers } = self;
        let app = app.restart().await;
        let mut operator = app.visitor();
        operator.sign_in("operator@mail.example.com", PASSWORD).await.unwrap();
        let market = Market { operator, base: app.url(), ..market };
        Self { app, market, publisher, source, buyers }
    }

    /// A buyer signs in anew.
    pub async fn again(&self, buyer: LiveBuyer) -> Seat {
        let mut client = self.app.visitor();
        let email = format!("{}@mail.example.com", buyer.name);
        client.sign_in(&email, PASSWORD).await.unwrap();
        Seat { client, organization: buyer.seat.organization }
    }

    /// Sends the n-th person and goes away without the answer.
    pub fn send_and_leave(&self, n: u64) -> tokio::task::JoinHandle<()> {
        let (base, key) = (self.market.base.clone(), self.source.key.clone());
        tokio::spawn(async move {
            let visitor = Client::new(&base).unwrap();
            let _ = visitor.post_lead(&key, &Lead::body(n)).await;
        })
    }
}
