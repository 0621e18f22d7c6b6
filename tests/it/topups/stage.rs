//! An exchange whose card provider is the double.

use leadbourse::demo::client::{Client, text};
use leadbourse::platform::db::sql;
use leadbourse_core::ids::OrganizationId;
use leadbourse_core::ledger::Account;
use leadbourse_core::money::Currency;
use leadbourse_core::time::SECOND;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::market::{Market, Seat};
use crate::harness::{Kind, TestApp, start_of_time};

pub const RUB: Currency = Currency::RUB;
/// What the double keeps of a payment.
pub const fn fee_of(amount: i64) -> i64 {
    amount * 29 / 1_000 + 30
}
/// What the double keeps of a dispute.
pub const DISPUTE_FEE: i64 = 1_500;

/// The double, as a process of its own that ends with this value.
pub struct Double {
    child: Child,
    // Closed with it: the double ends when its input does.
    _input: Option<ChildStdin>,
    pub url: String,
    http: reqwest::Client,
}

impl Drop for Double {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Double {
    pub fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stripe-double/server.mjs");
        let mut child = Command::new("node")
            .arg(script)
            .arg("--with-parent")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the Stripe double is a Node program: install Node 20 or newer");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let input = child.stdin.take();
        let url = format!("http://127.0.0.1:{}", said["port"]);
        Self { child, _input: input, url, http: reqwest::Client::new() }
    }

    /// Tells the double to do something.
    pub async fn tell(&self, command: &str, input: Value) -> Value {
        let url = format!("{}/_control/{command}", self.url);
        let answer = self.http.post(url).json(&input).send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{command}: {body}");
        body
    }

    /// Everything of a kind, newest first.
    pub async fn all(&self, kind: &str) -> Vec<Value> {
        self.tell("list", json!({"kind": kind})).await.as_array().unwrap().clone()
    }

    /// A fault at the next request like `POST /v1/refunds`.
    pub async fn fault(&self, at: &str, kind: &str, more: Value) {
        let mut fault = json!({"match": at, "kind": kind});
        for (name, value) in more.as_object().unwrap() {
            fault[name] = value.clone();
        }
        self.tell("faults", fault).await;
    }
}

pub struct Stage {
    pub app: TestApp,
    pub double: Double,
    pub market: Market,
    pub buyer: Seat,
    keys: std::sync::atomic::AtomicU32,
}

impl Stage {
    /// An exchange, an operator, a buyer without money; nothing the double tells is sent by itself.
    pub async fn open(kind: Kind) -> Option<Self> {
        let double = Double::start();
        let base = double.url.clone();
        let app = TestApp::with(kind, |config| {
            config.stripe.api_base = base;
            config.stripe.secret_key = Some("sk_test_double".to_owned());
            config.stripe.webhook_secrets = vec!["whsec_new".to_owned(), "whsec_old".to_owned()];
            config.stripe.timeout_ms = 2_000;
        })
        .await?;
        let market = Market::open(&app).await;
        let buyer = market.buyer("Berta Buyer", 0).await;
        let stage = Self { app, double, market, buyer, keys: 0.into() };
        let webhook = format!("{}/v1/stripe/webhook", stage.app.url());
        let now = start_of_time().micros() / SECOND;
        let config = json!({
            "webhook_url": webhook, "webhook_secret": "whsec_new", "auto": false, "now": now,
        });
        stage.double.tell("config", config).await;
        Some(stage)
    }

    /// Moves both clocks, and does everything that is due then.
    pub async fn advance(&self, micros: i64) {
        self.app.clock.advance(micros);
        let now = self.app.clock.now().micros() / SECOND;
        self.double.tell("config", json!({"now": now})).await;
        self.settled().await;
    }

    /// Does what is due, until nothing that the provider told waits.
    pub async fn settled(&self) {
        let began = Instant::now();
        loop {
            self.app.drain().await;
            let waiting = self.events("RECEIVED").await.len() + self.in_hand().await;
            if waiting == 0 {
                // Whoever was credited is told by a message.
                self.app.drain().await;
                return;
            }
            assert!(
                began.elapsed() < Duration::from_secs(20),
                "{waiting} events or jobs still wait"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Jobs in the hands of the exchange's own workers.
    async fn in_hand(&self) -> usize {
        let tx = self.app.app.db.begin_read().await.unwrap();
        let text = "SELECT id FROM jobs WHERE state = 'READY' AND leased_until > 0";
        sql::all(&tx, text, []).await.unwrap().len()
    }

    /// Sends what the double has to tell, and waits until it was done.
    pub async fn told(&self, how: Value) -> Vec<Value> {
        let sent = self.double.tell("webhooks", how).await.as_array().unwrap().clone();
        self.settled().await;
        sent
    }

    pub fn key(&self) -> String {
        format!("key-{}", self.keys.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }

    /// What a mutation answers: its object, or the code of its refusal.
    pub async fn ask(&self, who: &Client, name: &str, mut input: Value, want: &str) -> Value {
        if input["idempotencyKey"].is_null() && !name.starts_with("remove") {
            input["idempotencyKey"] = json!(self.key());
        }
        let mut letters = name.chars();
        let first = letters.next().unwrap().to_ascii_uppercase();
        let document = format!(
            "mutation($input: {first}{}Input!) {{ {name}(input: $input) {{ {want} \
             userErrors {{ code field }} }} }}",
            letters.as_str()
        );
        let answer = who.query(&document, json!({"input": input})).await.unwrap();
        answer[name].clone()
    }

    pub fn sum(minor: i64) -> Value {
        json!({"minor": minor.to_string(), "currency": "RUB"})
    }

    /// Opens a payment page; the whole top-up.
    pub async fn checkout(&self, minor: i64, save: bool) -> Value {
        let input = json!({"amount": Self::sum(minor), "saveCard": save});
        let made = self.ask(&self.buyer.client, "createCheckout", input, CHECKOUT).await;
        assert_eq!(made["userErrors"], json!([]), "{made}");
        made["cardTopUp"].clone()
    }

    /// The double's session of a page.
    pub fn session(url: &Value) -> String {
        url.as_str().unwrap().rsplit('/').next().unwrap().to_owned()
    }

    /// Opens a page, pays it and tells: credited.
    pub async fn paid(&self, minor: i64, save: bool) -> Value {
        let made = self.checkout(minor, save).await;
        self.double.tell("pay", json!({"session": Self::session(&made["url"])})).await;
        self.told(json!({})).await;
        let now = self.top_up(&made["id"]).await;
        assert_eq!(now["state"], "CREDITED", "{now}");
        now
    }

    pub async fn top_up(&self, id: &Value) -> Value {
        let document = format!("query($id: ID!) {{ {WHOLE} }}");
        let client = &self.market.operator;
        client.query(&document, json!({"id": id})).await.unwrap()["cardTopUp"].clone()
    }

    /// What FINANCE sees of the provider's events in a state.
    pub async fn events(&self, state: &str) -> Vec<Value> {
        let document = "query($s: ProviderEventState!) { providerEvents(state: $s, first: 100) \
             { nodes { id kind note state } } }";
        let found = self.market.operator.query(document, json!({"s": state})).await.unwrap();
        found["providerEvents"]["nodes"].as_array().unwrap().clone()
    }

    pub fn buyer_id(&self) -> OrganizationId {
        self.buyer.organization.parse().unwrap()
    }

    pub async fn balance(&self, account: Account) -> i64 {
        let tx = self.app.app.db.begin_read().await.unwrap();
        let found = leadbourse::ledger::balances(&tx, &[account]).await.unwrap();
        found.get(&account.id()).copied().unwrap_or(0)
    }

    /// `(available, owed, in refund)`.
    pub async fn wallet(&self) -> (i64, i64, i64) {
        let buyer = self.buyer_id();
        (
            self.balance(Account::available(buyer, RUB)).await,
            self.balance(Account::owed(buyer, RUB)).await,
            self.balance(Account::in_refund(buyer, RUB)).await,
        )
    }

    /// `(external:stripe, provider fees)`.
    pub async fn outside(&self) -> (i64, i64) {
        let rail = leadbourse_core::ledger::Rail::Stripe;
        (
            self.balance(Account::external(rail, RUB)).await,
            self.balance(Account::provider_fees(RUB)).await,
        )
    }

    pub async fn saved_card(&self) -> String {
        let found = self.buyer.client.query("{ savedCards { id last4 } }", json!({})).await;
        text(&found.unwrap()["savedCards"][0]["id"])
    }

    pub async fn finish(self) {
        self.settled().await;
        self.app.finish().await;
    }
}

pub const CHECKOUT: &str = "cardTopUp { id state url error holdReason }";
const WHOLE: &str = "cardTopUp(id: $id) { id state error holdReason kind url \
     amount { minor currency } cameIn { minor currency } refunded { minor } refundable { minor } \
     providerFees { minor currency } endedAt }";

/// Runs a body on both engines, with a stage.
#[macro_export]
macro_rules! with_cards {
    ($($(#[$meta:meta])* async fn $name:ident($stage:ident) $body:block)*) => {
        $(
            mod $name {
                #[allow(unused_imports, reason = "some bodies need nothing from around them")]
                use super::*;

                async fn run($stage: $crate::topups::stage::Stage) $body

                $(#[$meta])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn sqlite() {
                    let stage = $crate::topups::stage::Stage::open($crate::harness::Kind::Sqlite);
                    run(stage.await.expect("SQLite is always there")).await;
                }

                $(#[$meta])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn postgres() {
                    let stage = $crate::topups::stage::Stage::open($crate::harness::Kind::Postgres);
                    if let Some(stage) = stage.await {
                        run(stage).await;
                    }
                }
            }
        )*
    };
}
