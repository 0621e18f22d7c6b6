//! The real program, killed at random moments under load: no acknowledged lead is lost, the books
//! balance.

use leadbourse::boot::App;
use leadbourse::leads;
use leadbourse::platform::clock::Clock;
use leadbourse::platform::config::{Config, DataDir};
use leadbourse_core::ids::LeadId;
use rand::Rng;
use serde_json::Value;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::arena::Place;
use crate::harness::market::{Lead, Market};
use crate::harness::{Kind, OwnRedis, TestApp};

/// How often the program dies.
const KILLS: usize = 20;
/// Senders at once.
const SENDERS: usize = 12;

struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(config: &Config) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leadbourse"));
        if let Some(redis) = &config.redis.url {
            command.env("LEADBOURSE_REDIS__URL", redis);
        }
        let mut child = command
            .arg("--data")
            .arg(&config.data_dir.0)
            .arg("serve")
            .env("LEADBOURSE_SERVER__BIND", "127.0.0.1:0")
            .env("LEADBOURSE_DATABASE__URL", &config.database.url)
            .env("LEADBOURSE_LOG__FILTER", "error")
            // Bids of a life that is over end while the test looks.
            .env("LEADBOURSE_PINGS__BID_TTL_S", "1")
            // A fast machine opens more of them in that second than a publisher may usually hold.
            .env("LEADBOURSE_PINGS__OPEN_BIDS", "1000000")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = loop {
            let line = lines.next().expect("the program ended before it listened").unwrap();
            if let Some((_, address)) = line.split_once("http://") {
                break format!("http://{}", address.trim());
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Acknowledged leads with the verdict that was given.
type Acknowledged = Arc<Mutex<HashMap<LeadId, String>>>;

async fn load(url: String, key: String, next: Arc<AtomicU64>, seen: Acknowledged) {
    let http =
        reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
    loop {
        let person = next.fetch_add(1, Ordering::SeqCst);
        let request =
            http.post(format!("{url}/v1/leads")).bearer_auth(&key).json(&Lead::body(person));
        // A broken connection is the end of this life of the program.
        let Ok(response) = request.send().await else { return };
        if response.status() != 200 {
            return;
        }
        let Ok(body) = response.json::<Value>().await else { return };
        let id: LeadId = body["lead_id"].as_str().unwrap().parse().unwrap();
        seen.lock().unwrap().insert(id, body["verdict"].as_str().unwrap().to_owned());
    }
}

/// What the instances are started with: one, or two over one database with the same keys.
fn instances(place: Place, config: &Config, redis: Option<&OwnRedis>, dir: &Path) -> Vec<Config> {
    let mut first = config.clone();
    first.redis.url = redis.map(OwnRedis::url);
    if !matches!(place, Place::TwoInstances | Place::TwoInstancesRedisKilled) {
        return vec![first];
    }
    let mut second = first.clone();
    second.data_dir = DataDir(dir.to_owned());
    std::fs::copy(config.data_dir.0.join("keys.json"), dir.join("keys.json")).unwrap();
    vec![first, second]
}

async fn survive(place: Place) {
    let kind = if place == Place::Sqlite { Kind::Sqlite } else { Kind::Postgres };
    let mut redis =
        matches!(place, Place::TwoInstances | Place::TwoInstancesRedisKilled).then(OwnRedis::start);
    let Some(app) = TestApp::new(kind).await else { return };
    let market = Market::open(&app).await;
    let publisher = market.publisher("Paul Publisher").await;
    let source = market.source(&publisher, "Site", 1).await;
    for n in 0..3 {
        let buyer = market.buyer(&format!("Buyer {n}"), 100_000_000_000).await;
        market.offer(&buyer, "Offer", market.terms(50_000 + n)).await;
    }
    let (config, _ground) = app.hand_over().await;
    let other_dir = tempfile::tempdir().unwrap();
    let configs = instances(place, &config, redis.as_ref(), other_dir.path());
    if place == Place::TwoInstancesRedisKilled {
        redis.as_mut().unwrap().kill();
    }

    let next = Arc::new(AtomicU64::new(0));
    let seen = Acknowledged::default();
    for _ in 0..KILLS {
        let mut servers: Vec<Server> = configs.iter().map(Server::start).collect();
        let senders: Vec<_> = (0..SENDERS)
            .map(|n| {
                let (url, key) = (servers[n % servers.len()].url.clone(), source.key.clone());
                tokio::spawn(load(url, key, Arc::clone(&next), Arc::clone(&seen)))
            })
            .collect();
        // One after the other, in any order: the last goes on alone for a moment.
        while !servers.is_empty() {
            let moment = rand::rng().random_range(30..400);
            tokio::time::sleep(Duration::from_millis(moment)).await;
            let victim = rand::rng().random_range(0..servers.len());
            servers.swap_remove(victim).kill();
        }
        for sender in senders {
            sender.await.unwrap();
        }
    }

    let app = App::open(config, Clock::system()).await.unwrap();
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    assert!(seen.len() > KILLS, "only {} leads were acknowledged", seen.len());
    let ids: Vec<_> = seen.keys().map(|id| id.uuid()).collect();
    let tx = app.db.begin_read().await.unwrap();
    let stored = leads::by_ids(&tx, &ids).await.unwrap();
    for (id, verdict) in &seen {
        let lead = stored.get(id).unwrap_or_else(|| panic!("{id} was acknowledged and is lost"));
        assert_eq!(lead.state.as_str(), verdict);
    }
    drop(tx);
    let found = app.settlements.verify().await.unwrap();
    let differences: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(differences.is_empty(), "the books differ: {differences:?}");
    let report = app.leads.verify().await.unwrap();
    assert!(report.faults.is_empty(), "chains: {:?}", report.faults);
    println!("{place:?}: {} acknowledged, {} stored, {KILLS} kills", seen.len(), report.leads);
    app.shutdown.finish(Duration::from_secs(10)).await;
    app.db.close().await.unwrap();
}

mod no_acknowledged_lead_is_lost {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        survive(Place::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        survive(Place::Postgres).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn two_instances() {
        survive(Place::TwoInstances).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn two_instances_redis_killed() {
        survive(Place::TwoInstancesRedisKilled).await;
    }
}

/// Asks for bids as fast as they are answered, and posts every other one.
async fn ping(url: String, key: String, next: Arc<AtomicU64>) {
    let http =
        reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
    let send = async |path: &str, body: &Value| {
        let request = http.post(format!("{url}{path}")).bearer_auth(&key).json(body);
        let response = request.send().await.ok().filter(|response| response.status() == 200)?;
        response.json::<Value>().await.ok()
    };
    loop {
        let person = next.fetch_add(1, Ordering::SeqCst);
        let mut body = Lead::body(person);
        let mut fields = Lead::fields(person);
        fields.retain(|name, _| !["name", "phone", "email"].contains(&name.as_str()));
        let Some(answer) = send("/v1/pings", &serde_json::json!({"fields": fields})).await else {
            return;
        };
        assert_eq!(answer["verdict"], "BIDS", "{answer}");
        if person.is_multiple_of(2) {
            body["ping_id"] = answer["ping_id"].clone();
            if send("/v1/leads", &body).await.is_none() {
                return;
            }
        }
    }
}

/// Killed again and again between reserve and answer, between post and answer: past the time to
/// live nothing is reserved, and the books balance.
async fn bids_end(kind: Kind) {
    let Some(app) = TestApp::new(kind).await else { return };
    let market = Market::open(&app).await;
    let publisher = market.publisher("Paul Publisher").await;
    let source = market.source(&publisher, "Site", 1).await;
    let buyer = market.buyer("Berta Buyer", 100_000_000_000).await;
    market.offer(&buyer, "Offer", market.terms(50_000)).await;
    let (config, _ground) = app.hand_over().await;
    let next = Arc::new(AtomicU64::new(0));
    for _ in 0..6 {
        let server = Server::start(&config);
        let senders: Vec<_> = (0..SENDERS)
            .map(|_| tokio::spawn(ping(server.url.clone(), source.key.clone(), Arc::clone(&next))))
            .collect();
        tokio::time::sleep(Duration::from_millis(rand::rng().random_range(50..400))).await;
        server.kill();
        for sender in senders {
            sender.await.unwrap();
        }
    }
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let app = App::open(config, Clock::system()).await.unwrap();
    app.exchange.expire_bids().await.unwrap();
    let tx = app.db.begin_read().await.unwrap();
    let open = leadbourse::pings::open_sums(&tx).await.unwrap();
    assert!(open.is_empty(), "{open:?}");
    drop(tx);
    let found = app.settlements.verify().await.unwrap();
    let differences: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(differences.is_empty(), "the books differ: {differences:?}");
    app.shutdown.finish(Duration::from_secs(10)).await;
    app.db.close().await.unwrap();
}

mod no_bid_outlives_its_time {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        bids_end(Kind::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        bids_end(Kind::Postgres).await;
    }
}
