//! The ground of these tests: a buyer, two publishers with a source each, and an offer at 500.00.

use leadbourse::demo::client::{Client, text};
use leadbourse::platform::db::Reader;
use leadbourse_core::time::HOUR;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::market::{Lead, Market, Offer, Seat, Source};

pub struct Stage {
    pub app: TestApp,
    pub market: Market,
    pub buyer: Seat,
    /// Claims.
    pub paul: Seat,
    pub site: Source,
    /// Does not, unless a test says so.
    pub rita: Seat,
    pub other: Source,
    pub offer: Offer,
}

/// What a lead at 400.00 earns: 85 %.
pub const EARNING: &str = "34000";

const ORDER: &str = "order { id state wanted delivered claimed unclaimed released \
    price { minor } earning { minor } reserved { minor } spent { minor } givenBack { minor } \
    deadline endedAt claims { id state wanted delivered awaited } }";
const CLAIM: &str = "claim { id state wanted delivered awaited deadline endedAt \
    onTime { claims promised delivered shareBps } order { id unclaimed } }";

impl Stage {
    /// A buyer with this much money.
    pub async fn open(app: TestApp, funds: i64) -> Self {
        Self::with(app, funds, json!({})).await
    }

    /// The same; `more` replaces parts of the offer's terms.
    pub async fn with(app: TestApp, funds: i64, more: Value) -> Self {
        let market = Market::open(&app).await;
        let buyer = market.buyer("Berta Buyer", funds).await;
        let paul = market.publisher("Paul Publisher").await;
        let site = market.source(&paul, "Site", 3).await;
        let rita = market.publisher("Rita Rival").await;
        let other = market.source(&rita, "Other", 3).await;
        let mut terms = market.terms(50_000);
        for (key, value) in more.as_object().unwrap() {
            terms[key] = value.clone();
        }
        let offer = market.offer(&buyer, "The offer", terms).await;
        Self { app, market, buyer, paul, site, rita, other, offer }
    }

    /// An instant so many hours from now.
    pub fn after(&self, hours: i64) -> Value {
        json!(self.app.clock.now().plus(hours * HOUR).rfc3339())
    }

    /// So many leads at 400.00 within so many hours.
    pub async fn place(&self, wanted: i64, hours: i64) -> Value {
        let input = json!({
            "offerId": self.offer.id, "wanted": wanted, "price": self.market.money(40_000),
            "deadline": self.after(hours), "idempotencyKey": format!("place/{wanted}/{hours}"),
        });
        let done = self.buyer.client.mutate("placeOrder", input, ORDER).await.unwrap();
        done["order"].clone()
    }

    /// A publisher claims so many leads within so many hours.
    pub async fn claim(&self, who: &Seat, order: &Value, wanted: i64, hours: i64) -> Value {
        let input = json!({
            "orderId": order["id"], "wanted": wanted, "deadline": self.after(hours),
            "idempotencyKey": format!("claim/{}/{wanted}/{hours}", text(&order["id"])),
        });
        who.client.mutate("claimOrder", input, CLAIM).await.unwrap()["claim"].clone()
    }

    pub async fn release(&self, who: &Seat, claim: &Value) -> Value {
        let input = json!({
            "claimId": claim["id"], "idempotencyKey": format!("release/{}", text(&claim["id"])),
        });
        who.client.mutate("releaseClaim", input, CLAIM).await.unwrap()["claim"].clone()
    }

    pub async fn cancel(&self, order: &Value) -> Value {
        let input = json!({"orderId": order["id"], "idempotencyKey": "cancel"});
        self.buyer.client.mutate("cancelOrder", input, ORDER).await.unwrap()["order"].clone()
    }

    /// The order as somebody sees it; null where it is not to be seen.
    pub async fn order(&self, who: &Client, order: &Value) -> Value {
        let document =
            format!("query($id: ID!) {{ {} }}", ORDER.replacen("order", "order(id: $id)", 1));
        who.query(&document, json!({"id": order["id"]})).await.unwrap()["order"].clone()
    }

    /// State and numbers of an order: wanted, delivered, claimed, unclaimed, released.
    pub async fn numbers(&self, order: &Value) -> (String, [i64; 5]) {
        let seen = self.order(&self.buyer.client, order).await;
        let number = |name: &str| seen[name].as_i64().unwrap();
        let all = ["wanted", "delivered", "claimed", "unclaimed", "released"].map(number);
        (text(&seen["state"]), all)
    }

    /// Sends the n-th person; the price at which it was sold, or the first reason.
    pub async fn send(&self, source: &Source, n: u64) -> String {
        let verdict = self.market.send(source, n).await;
        if verdict["verdict"] != "SOLD" {
            return text(&verdict["reasons"][0]["code"]);
        }
        let id = text(&verdict["awards"][0]["award_id"]);
        let document = "query($id: ID!) { award(id: $id) { price { minor } } }";
        let found = self.market.operator.query(document, json!({"id": id})).await.unwrap();
        text(&found["award"]["price"]["minor"])
    }

    /// The same with other fields.
    pub async fn send_with(&self, source: &Source, n: u64, more: Value) -> Value {
        let mut body = Lead::body(n);
        for (key, value) in more.as_object().unwrap() {
            body["fields"][key] = value.clone();
        }
        let visitor = Client::new(&self.market.base).unwrap();
        let (status, verdict) = visitor.post_lead(&source.key, &body).await.unwrap();
        assert_eq!(status, 200, "{verdict}");
        verdict
    }

    /// The buyer's wallet: available, reserved, owed, orders that hold money, what they hold.
    pub async fn wallet(&self) -> [i64; 5] {
        let document = "{ wallets { available { minor } reserved { minor } owed { minor } \
            openOrders reservedByOrders { minor } } }";
        let answer = self.buyer.client.query(document, json!({})).await.unwrap();
        let wallet = &answer["wallets"][0];
        let minor = |name: &str| wallet[name]["minor"].as_str().unwrap().parse().unwrap();
        let open = wallet["openOrders"].as_i64().unwrap();
        [minor("available"), minor("reserved"), minor("owed"), open, minor("reservedByOrders")]
    }

    /// A publisher's own on-time share: claims, promised, delivered, basis points.
    pub async fn on_time(&self, who: &Seat) -> [i64; 4] {
        let document = "{ onTimeShare { claims promised delivered shareBps } }";
        let share = &who.client.query(document, json!({})).await.unwrap()["onTimeShare"];
        let number = |name: &str| share[name].as_i64().unwrap_or(-1);
        ["claims", "promised", "delivered", "shareBps"].map(number)
    }

    /// Time passes, and what is over ends: here, because the exchange's own worker may have leased
    /// the job of that and not be done with it.
    pub async fn pass(&self, micros: i64) {
        self.app.clock.advance(micros);
        self.app.app.orders.tick().await.unwrap();
        self.app.drain().await;
    }

    /// Postings of a kind, as `kind of account: amount`, by the cause's order.
    pub async fn postings(&self, kind: &str) -> Vec<String> {
        let tx = self.app.app.db.begin_read().await.unwrap();
        let text = format!(
            "SELECT a.kind, p.amount FROM ledger_txs t JOIN postings p ON p.tx_id = t.id \
             JOIN ledger_accounts a ON a.id = p.account_id WHERE t.kind = '{kind}' \
             ORDER BY t.at, t.cause, a.kind"
        );
        let statement = Statement::from_string(tx.conn().get_database_backend(), text);
        let rows = tx.conn().query_all_raw(statement).await.unwrap();
        let line = |row: &sea_orm::QueryResult| {
            let account: String = row.try_get("", "kind").unwrap();
            let amount: i64 = row.try_get("", "amount").unwrap();
            format!("{account} {amount}")
        };
        rows.iter().map(line).collect()
    }

    /// The number `n` of the one row of a query.
    pub async fn count(&self, sql: &str) -> i64 {
        let tx = self.app.app.db.begin_read().await.unwrap();
        let statement = Statement::from_string(tx.conn().get_database_backend(), sql);
        tx.conn().query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
    }
}

/// The first refusal, as `CODE field`.
pub async fn refused(who: &Client, mutation: &str, input: Value) -> String {
    let outcome = who.try_mutate(mutation, input, "userErrors { code }").await.unwrap();
    let refusal = outcome.unwrap_err().remove(0);
    format!("{} {}", refusal.code, refusal.field.unwrap_or_default()).trim_end().to_owned()
}
