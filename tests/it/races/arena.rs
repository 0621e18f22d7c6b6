//! The ground of a race: one or two instances, one offer, many senders.

use futures::future::join_all;
use leadbourse::demo::client::Client;
use leadbourse::platform::clock::Clock;
use leadbourse::platform::db::Reader;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;

use crate::harness::market::{Lead, Market, Offer, PASSWORD, Source};
use crate::harness::{Kind, OwnRedis, TestApp};

/// What a race runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Sqlite,
    Postgres,
    TwoInstances,
    TwoInstancesRedisKilled,
}

pub struct Arena {
    app: TestApp,
    market: Market,
    source: Source,
    buyer: std::sync::Mutex<Option<crate::harness::market::Seat>>,
    answered: Arc<AtomicUsize>,
    _redis: Option<OwnRedis>,
}

impl Arena {
    /// `None` where a server is missing.
    pub async fn open(place: Place) -> Option<Self> {
        let (app, redis) = match place {
            Place::Sqlite => (TestApp::new(Kind::Sqlite).await?, None),
            Place::Postgres => (TestApp::new(Kind::Postgres).await?, None),
            Place::TwoInstances | Place::TwoInstancesRedisKilled => {
                let mut redis = OwnRedis::start();
                let app = TestApp::two_instances(&redis).await?;
                if place == Place::TwoInstancesRedisKilled {
                    redis.kill();
                }
                (app, Some(redis))
            }
        };
        let market = Market::open(&app).await;
        let publisher = market.publisher("Paul Publisher").await;
        let source = market.source(&publisher, "Site", 1).await;
        let answered = Arc::new(AtomicUsize::new(0));
        Some(Self { app, market, source, buyer: Default::default(), answered, _redis: redis })
    }

    /// One offer of one buyer with so much money.
    pub async fn offer(&self, price: i64, funds: i64, caps: Value) -> Offer {
        let buyer = self.market.buyer("Berta Buyer", funds).await;
        let mut terms = self.market.terms(price);
        terms["caps"] = caps;
        let offer = self.market.offer(&buyer, "The offer", terms).await;
        *self.buyer.lock().unwrap() = Some(buyer);
        offer
    }

    /// Pauses the offer as its buyer; returns when the answer is there.
    pub async fn pause(&self, offer: &Offer) {
        let client = self.buyer.lock().unwrap().as_ref().unwrap().client.clone();
        client.mutate("pauseOffer", json!({"offerId": offer.id}), "offer { state }").await.unwrap();
    }

    /// Sends these persons all at once, over all instances in turn.
    pub fn start_sending(&self, persons: impl Iterator<Item = u64>) -> JoinHandle<Vec<Value>> {
        let bodies = persons.map(|person| (self.source.key.clone(), Lead::body(person)));
        self.start_posting("/v1/leads", bodies.collect())
    }

    /// Posts these bodies, each with its posting key, all at once, over all instances in turn.
    pub fn start_posting(
        &self,
        path: &str,
        bodies: Vec<(String, Value)>,
    ) -> JoinHandle<Vec<Value>> {
        let http =
            reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build().unwrap();
        let urls = self.app.urls();
        let mut tasks = Vec::new();
        for (n, (key, body)) in bodies.into_iter().enumerate() {
            let url = format!("{}{path}", urls[n % urls.len()]);
            let request = http.post(url).bearer_auth(key).json(&body);
            let answered = Arc::clone(&self.answered);
            tasks.push(tokio::spawn(async move {
                let response = request.send().await.unwrap();
                let status = response.status();
                let body: Value = response.json().await.unwrap();
                assert_eq!(status, 200, "{body}");
                answered.fetch_add(1, Ordering::SeqCst);
                body
            }));
        }
        tokio::spawn(async move {
            let mut verdicts = Vec::with_capacity(tasks.len());
            for task in tasks {
                verdicts.push(task.await.unwrap());
            }
            verdicts
        })
    }

    /// The market that the arena stands in.
    pub fn market(&self) -> &Market {
        &self.market
    }

    /// The clock of all instances.
    pub fn clock(&self) -> &Clock {
        &self.app.clock
    }

    /// Gives back what has expired, at the last instance.
    pub async fn expire(&self) {
        let last = self.app.urls().len() - 1;
        self.app.instance(last).exchange.expire_bids().await.unwrap();
    }

    /// Ends what is over of orders, at the last instance.
    pub async fn end_orders(&self) {
        let last = self.app.urls().len() - 1;
        self.app.instance(last).orders.tick().await.unwrap();
    }

    pub async fn send_at_once(&self, persons: impl Iterator<Item = u64>) -> Vec<Value> {
        self.start_sending(persons).await.unwrap()
    }

    /// How many have their verdict.
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }

    /// Awards that are committed now.
    pub async fn awards(&self) -> i64 {
        self.number("SELECT COUNT(*) AS n FROM awards").await
    }

    /// The number `n` of the one row of a query.
    pub async fn number(&self, sql: &str) -> i64 {
        let tx = self.app.app.db.begin_read().await.unwrap();
        let statement = Statement::from_string(tx.conn().get_database_backend(), sql);
        tx.conn().query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
    }

    /// Time passes, and what is due is done.
    pub async fn advance(&self, micros: i64) {
        self.app.advance(micros).await;
    }

    /// The operator, signed in at every instance.
    async fn operators(&self) -> Vec<Client> {
        let mut all = Vec::new();
        for url in self.app.urls() {
            let mut client = Client::new(&url).unwrap();
            client.sign_in("operator@mail.example.com", PASSWORD).await.unwrap();
            all.push(client);
        }
        all
    }

    /// The operator does the same thing `times` times at once, over all instances in turn. Gives
    /// what came of each: the payload, or the code of the refusal.
    pub async fn at_once(
        &self,
        times: usize,
        (mutation, input, selection): (&str, Value, &str),
    ) -> Vec<Result<Value, String>> {
        let operators = self.operators().await;
        let calls = (0..times).map(|n| {
            let operator = &operators[n % operators.len()];
            let mut input = input.clone();
            // Each with a key of its own: keys must not be what makes it once.
            input["idempotencyKey"] = json!(format!("{mutation}/{n}"));
            async move {
                let answer = operator.try_mutate(mutation, input, selection).await.unwrap();
                answer.map_err(|refusals| refusals[0].code.clone())
            }
        });
        join_all(calls).await
    }

    pub async fn finish(self) {
        self.app.finish().await;
    }
}

/// One test per place out of one function.
#[macro_export]
macro_rules! races {
    ($(async fn $name:ident($arena:ident: Arena) $body:block)*) => {
        $(
            mod $name {
                use super::*;
                use $crate::races::arena::Place;

                async fn run($arena: Arena) $body

                async fn at(place: Place) {
                    if let Some(arena) = Arena::open(place).await {
                        run(arena).await;
                    }
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn sqlite() {
                    at(Place::Sqlite).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn postgres() {
                    at(Place::Postgres).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn two_instances() {
                    at(Place::TwoInstances).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn two_instances_redis_killed() {
                    at(Place::TwoInstancesRedisKilled).await;
                }
            }
        )*
    };
}
