//! Who takes part in a walk, and how one of its steps is taken.

use leadbourse::demo::client::{Client, text};
use leadbourse::platform::db::sql;
use leadbourse_core::ids::OrganizationId;
use leadbourse_core::time::{DAY, HOUR, MINUTE};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

use super::moves::{Move, Wish};
use crate::harness::market::{Market, Seat, Source};
use crate::harness::{Kind, TestApp};

/// Two buyers, two publishers, and what they have to trade with.
pub struct World {
    pub app: TestApp,
    pub market: Market,
    pub buyers: Vec<Seat>,
    pub publishers: Vec<Seat>,
    pub sources: Vec<Source>,
    pub offers: Vec<String>,
    pub rng: StdRng,
    pub number: u64,
    /// Every wish has a key of its own.
    pub wishes: u64,
    /// Pings that were answered, with their person and source.
    pub pings: Vec<(Value, u64, usize)>,
    pub people: u64,
    /// How often each move was done, and how often it was refused for what.
    pub tally: BTreeMap<&'static str, (u32, BTreeMap<&'static str, u32>)>,
    http: reqwest::Client,
}

const MONTH_S: i64 = 30 * 86_400;

impl World {
    /// A world of its own for the walk of this number.
    pub async fn open(kind: Kind, number: u64) -> Option<Self> {
        let app = TestApp::with(kind, |config| config.money.min_payout = 30_000).await?;
        let market = Market::open(&app).await;
        let mut world = Self {
            market,
            buyers: Vec::new(),
            publishers: Vec::new(),
            sources: Vec::new(),
            offers: Vec::new(),
            rng: StdRng::seed_from_u64(number),
            number,
            wishes: 0,
            pings: Vec::new(),
            people: 0,
            tally: BTreeMap::new(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            app,
        };
        world.settle_in().await;
        Some(world)
    }

    async fn settle_in(&mut self) {
        for name in ["Berta Buyer", "Boris Buyer"] {
            self.buyers.push(self.market.buyer(name, 300_000).await);
        }
        for (name, account) in [("Paul Publisher", "40702810500000001234"), ("Rita Rival", "")] {
            let seat = self.market.publisher(name).await;
            self.sources.push(self.market.source(&seat, "Site", 2).await);
            if !account.is_empty() {
                let account = json!({"holder": name, "country": "RU", "account": account,
                    "bik": "044525225"});
                let input = json!({"currency": self.market.currency, "rail": "BANK_FILE",
                    "account": account});
                seat.client.mutate("setPayoutProfile", input, "__typename").await.unwrap();
            }
            self.publishers.push(seat);
        }
        let mut plain = self.market.terms(50_001);
        plain["maxSales"] = json!(2);
        let mut sales = self.market.terms(35_003);
        sales["goals"] = json!([
            {"kind": "LEAD", "price": self.market.money(35_003)},
            {"kind": "SALE", "price": self.market.money(150_007), "attributionWindowS": MONTH_S,
                "reserveBps": 2_500, "several": true},
        ]);
        let mut alone = self.market.terms(66_661);
        alone["maxSales"] = json!(1);
        for (buyer, name, terms) in [(0, "Plain", plain), (1, "Sales", sales), (0, "Alone", alone)]
        {
            let made = self.market.offer(&self.buyers[buyer], name, terms).await;
            self.offers.push(made.id);
        }
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.rng.random_range(0..bound)
    }

    /// So many minor units.
    pub fn minor(&mut self, least: i64, most: i64) -> i64 {
        self.rng.random_range(least..=most)
    }

    pub fn either(&mut self) -> bool {
        self.rng.random_range(0..2) == 0
    }

    /// One of the rows of a query for ids, or none.
    pub async fn pick(&mut self, query: &str) -> Option<Uuid> {
        let tx = self.app.app.db.begin_read().await.unwrap();
        let rows = sql::all(&tx, query, []).await.unwrap();
        let at = if rows.is_empty() { return None } else { self.below(rows.len() as u64) };
        Some(rows[at as usize].try_get("", "id").unwrap())
    }

    /// One of the rows of a query for ids and whose they are (`id`, `who`), and that seat; now and
    /// then another one's seat, or an id of nothing.
    pub async fn pick_of(&mut self, query: &str, buyers: bool) -> (Uuid, Client) {
        let tx = self.app.app.db.begin_read().await.unwrap();
        let rows = sql::all(&tx, query, []).await.unwrap();
        drop(tx);
        let stranger = self.below(12) == 0;
        let other = self.below(2) as usize;
        let seats = if buyers { &self.buyers } else { &self.publishers };
        if rows.is_empty() {
            return (Uuid::nil(), seats[other].client.clone());
        }
        let at = self.rng.random_range(0..rows.len());
        let id = rows[at].try_get("", "id").unwrap();
        let whose = OrganizationId(rows[at].try_get("", "who").unwrap()).to_string();
        let own = seats.iter().position(|seat| seat.organization == whose).unwrap();
        (id, seats[if stranger { other } else { own }].client.clone())
    }

    /// Takes a step, the same once more, and proves the laws after each.
    pub async fn step(&mut self, step: u32) {
        let wanted = self.choose().await;
        let name = wanted.name();
        let at = format!("walk {}, step {step}, {name}", self.number);
        let before = self.shape().await;
        let refused = self.act(&wanted, &at).await;
        let after = self.shape().await;
        let tally = self.tally.entry(name).or_default();
        match refused {
            None => tally.0 += 1,
            Some(code) => *tally.1.entry(code).or_default() += 1,
        }
        if let Some(code) = refused {
            assert_eq!(after, before, "{at}: it was refused ({code}) and left something");
        }
        if !matches!(wanted, Move::Time(_)) {
            let again = self.act(&wanted, &at).await;
            assert_eq!(again, refused, "{at}: it answers otherwise when it is sent again");
            assert_eq!(self.shape().await, after, "{at}: it was done twice");
        }
        self.laws(&at).await;
        self.pass(0).await;
        self.next_steps(&at).await;
    }

    /// Does a move and all work that follows from it; the code if it was refused.
    async fn act(&mut self, wanted: &Move, at: &str) -> Option<&'static str> {
        let refused = match wanted {
            Move::Time(micros) => {
                self.pass(*micros).await;
                None
            }
            Move::Wish(wish) => self.ask(wish, at).await,
            Move::Post { path, source, body, key } => {
                let answer = self.post(path, *source, body, key, at).await;
                if *path == "/v1/pings" && answer["ping_id"].is_string() {
                    let known =
                        self.pings.iter().any(|(one, ..)| one["ping_id"] == answer["ping_id"]);
                    if !known {
                        self.pings.push((answer, self.people, *source));
                    }
                }
                None
            }
        };
        self.quiet().await;
        refused
    }

    /// Time passes. A job that had begun before may have looked at the old time: it looks again
    /// a minute later.
    async fn pass(&self, micros: i64) {
        self.app.clock.advance(micros);
        self.quiet().await;
        self.app.clock.advance(2 * MINUTE);
        self.quiet().await;
    }

    async fn ask(&self, wish: &Wish, at: &str) -> Option<&'static str> {
        let client: &Client = &wish.who;
        let done = client.try_mutate(wish.name, wish.input.clone(), "__typename").await;
        let done = done.unwrap_or_else(|fault| panic!("{at}: {fault:?} of {}", wish.input));
        done.err().map(|refusals| &*refusals[0].code.clone().leak())
    }

    async fn post(&self, path: &str, source: usize, body: &Value, key: &str, at: &str) -> Value {
        let url = format!("{}{path}", self.app.url());
        let request = self.http.post(url).bearer_auth(&self.sources[source].key).json(body);
        let answer = request.header("idempotency-key", key).send().await.unwrap();
        let status = answer.status();
        let answer: Value = answer.json().await.unwrap();
        assert!(status.is_success() || status == 422, "{at}: {status} {answer}");
        answer
    }

    /// Everything that is due was done, also what a worker of the exchange had in its hands.
    pub async fn quiet(&self) {
        let app = &self.app.app;
        app.exchange.expire_bids().await.unwrap();
        app.orders.tick().await.unwrap();
        for _ in 0..400 {
            self.app.drain().await;
            let waiting = "SELECT CAST((SELECT COUNT(*) FROM outbox) AS BIGINT) \
                + CAST((SELECT COUNT(*) FROM jobs WHERE leased_until > 0 AND state = 'READY') \
                AS BIGINT) AS n";
            if self.count(waiting).await == 0 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        panic!("work is left over");
    }

    /// The number `n` of the one row of a query.
    pub async fn count(&self, query: &str) -> i64 {
        let tx = self.app.app.db.begin_read().await.unwrap();
        sql::one(&tx, query, []).await.unwrap().unwrap().try_get("", "n").unwrap()
    }

    /// An hour or a week: what holds, windows and deadlines are made of.
    pub fn a_while(&mut self) -> i64 {
        match self.below(4) {
            0 => HOUR,
            1 => 11 * HOUR,
            2 => DAY,
            _ => 4 * DAY,
        }
    }

    /// Time passes until nothing can be returned, claimed or reported; what is open is decided,
    /// settled and paid. Then nobody owes anything that is not written down.
    pub async fn end(mut self) {
        for _ in 0..12 {
            self.pass(7 * DAY).await;
        }
        self.pay_everybody().await;
        self.laws("the end").await;
        self.next_steps("the end").await;
        self.all_is_over().await;
        println!("walk {}: {:?}", self.number, self.tally);
        self.app.finish().await;
    }

    async fn pay_everybody(&mut self) {
        let rita = self.publishers[1].client.clone();
        let input = json!({"currency": self.market.currency, "rail": "MANUAL",
            "details": "cash desk 3"});
        rita.mutate("setPayoutProfile", input, "__typename").await.unwrap();
        let operator = self.market.operator.clone();
        // Money for what buyers owe, so that what waits for it is approved.
        for at in 0..self.buyers.len() {
            let seat = self.buyers[at].organization.clone();
            let input = json!({"buyerId": seat, "amount": self.market.money(50_000_000),
                "rail": "BANK", "reference": "the end", "idempotencyKey": format!("end/{at}")});
            operator.mutate("recordTopUp", input, "__typename").await.unwrap();
        }
        for round in 0..3 {
            self.pass(7 * DAY).await;
            let input = json!({"idempotencyKey": format!("end/plan/{round}")});
            operator.mutate("planSettlement", input, "__typename").await.unwrap();
            self.approve_and_pay(&operator, round).await;
        }
    }

    async fn approve_and_pay(&self, operator: &Client, round: u32) {
        let shown = "id state runId payouts { id state rail }";
        for one in operator.all("statements()", shown).await.unwrap() {
            if one["state"] == "DRAFT" {
                let input =
                    json!({"id": one["id"], "idempotencyKey": format!("end/{}", one["id"])});
                operator.mutate("approveStatement", input, "__typename").await.unwrap();
            }
        }
        for one in operator.all("statements()", shown).await.unwrap() {
            if one["state"] == "APPROVED" {
                let key = format!("end/export/{round}/{}", one["runId"]);
                let input = json!({"runId": one["runId"], "idempotencyKey": key});
                let _ = operator.try_mutate("exportPayouts", input, "__typename").await.unwrap();
                let key = format!("end/repay/{round}/{}", one["id"]);
                let input = json!({"id": one["id"], "idempotencyKey": key});
                let _ = operator.try_mutate("repayStatement", input, "__typename").await.unwrap();
            }
        }
        for one in operator.all("statements()", shown).await.unwrap() {
            for payout in one["payouts"].as_array().unwrap() {
                let waits = ["EXPORTED", "SENT", "UNKNOWN"].contains(&&*text(&payout["state"]));
                let by_hand = payout["state"] == "PLANNED" && payout["rail"] == "MANUAL";
                if waits || by_hand {
                    let key = format!("end/pay/{}", payout["id"]);
                    let input = json!({"payoutId": payout["id"], "confirmed": true,
                        "reference": "paid", "idempotencyKey": key});
                    operator.mutate("resolvePayout", input, "__typename").await.unwrap();
                }
            }
        }
    }
}
