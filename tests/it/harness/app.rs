//! The whole exchange on a free port, under a clock that the test moves.

use leadbourse::boot::{self, App, Running};
use leadbourse::demo::client::Client;
use leadbourse::platform::clock::Clock;
use leadbourse::platform::config::Config;
use leadbourse::platform::outbox;
use leadbourse::platform::paging::Page;
use leadbourse::platform::{self, jobs};
use platform::jobs::JobState;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Ground, Kind, OwnRedis};

/// A running exchange over a database of its own. End a test with [`TestApp::finish`], which
/// proves that the books balance and that no work was left over.
pub struct TestApp {
    pub app: Arc<App>,
    pub clock: Clock,
    pub config: Config,
    pub kind: Kind,
    running: Vec<Running>,
    // Dropped last: the database goes after everybody who has it open.
    _ground: Ground,
}

impl TestApp {
    /// One instance, or `None` where PostgreSQL is wanted and not there.
    pub async fn new(kind: Kind) -> Option<Self> {
        Self::with(kind, |_| {}).await
    }

    /// One instance with other settings.
    pub async fn with(kind: Kind, settle: impl FnOnce(&mut Config)) -> Option<Self> {
        let ground = Ground::new(kind).await?;
        let mut config = ground.config.clone();
        config.server.bind = ([127, 0, 0, 1], 0).into();
        config.server.shutdown_grace_s = 10;
        config.auth.session_hours = 24 * 365;
        config.auth.sign_in_tries = 10_000;
        config.auth.sign_ups_per_hour = 10_000;
        config.log.filter = "off".to_owned();
        // Receivers of webhooks live on this machine.
        config.egress.allow = vec!["127.0.0.0/8".parse().unwrap()];
        // Cards can be asked for; nobody answers there. Tests of cards have a double that does.
        config.stripe.api_base = "http://127.0.0.1:9/".to_owned();
        config.stripe.secret_key = Some("sk_test_nobody".to_owned());
        config.stripe.webhook_secrets = vec!["whsec_nobody".to_owned()];
        settle(&mut config);
        let clock = Clock::manual(super::start_of_time());
        let first = boot::start(config.clone(), clock.clone()).await.unwrap();
        let app = Arc::clone(&first.app);
        Some(Self { app, clock, config, kind, running: vec![first], _ground: ground })
    }

    /// Two instances over one PostgreSQL, which wake each other through this Redis. `None` where
    /// either is missing.
    pub async fn two_instances(redis: &OwnRedis) -> Option<Self> {
        let url = redis.url();
        let mut both = Self::with(Kind::Postgres, |config| config.redis.url = Some(url)).await?;
        both.another_instance().await;
        Some(both)
    }

    /// Starts one more instance over the same database, with the same keys and clock.
    pub async fn another_instance(&mut self) {
        assert_eq!(self.kind, Kind::Postgres, "SQLite is one process");
        let running = boot::start(self.config.clone(), self.clock.clone()).await.unwrap();
        self.running.push(running);
    }

    /// Base URL of the first instance.
    pub fn url(&self) -> String {
        self.running[0].url()
    }

    /// Base URLs of all instances.
    pub fn urls(&self) -> Vec<String> {
        self.running.iter().map(Running::url).collect()
    }

    /// The services of the n-th instance.
    pub fn instance(&self, n: usize) -> &Arc<App> {
        &self.running[n].app
    }

    /// A visitor.
    pub fn visitor(&self) -> Client {
        Client::new(&self.url()).unwrap()
    }

    /// Moves the clock and does everything that is then due.
    pub async fn advance(&self, micros: i64) {
        self.clock.advance(micros);
        self.drain().await;
    }

    /// Does everything that is due.
    pub async fn drain(&self) {
        self.app.drain().await.unwrap();
    }

    /// Proves the books: every balance is the sum of its postings, every transaction nets to zero,
    /// and conversions, reservations, statements, payouts and top-ups say the same.
    pub async fn assert_balanced(&self) {
        let found = self.app.settlements.verify().await.unwrap();
        let differences: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert!(differences.is_empty(), "the books differ:\n{}", differences.join("\n"));
    }

    /// Proves the chains of verdicts and the audit log.
    pub async fn assert_verified(&self) {
        let report = self.app.leads.verify().await.unwrap();
        assert!(report.faults.is_empty(), "chains are broken: {:?}", report.faults);
        let tx = self.app.db.begin_read().await.unwrap();
        let (_, breaks) = platform::audit::verify(&tx).await.unwrap();
        assert!(breaks.is_empty(), "the audit log is broken: {}", breaks.len());
    }

    /// Ends the exchange and opens it again over the same database, on another port: what was not
    /// finished is taken up by jobs.
    pub async fn restart(self) -> Self {
        let Self { app, clock, config, kind, running, _ground } = self;
        drop(app);
        for one in running {
            one.shutdown().await.unwrap();
        }
        let first = boot::start(config.clone(), clock.clone()).await.unwrap();
        let app = Arc::clone(&first.app);
        Self { app, clock, config, kind, running: vec![first], _ground }
    }

    /// Closes every instance and gives out the ground, for programs that open it themselves.
    pub async fn hand_over(self) -> (Config, Ground) {
        drop(self.app);
        for running in self.running {
            running.shutdown().await.unwrap();
        }
        (self.config, self._ground)
    }

    /// What is left of the outbox once everything due was done: waiting and parked.
    async fn backlog(&self) -> (i64, i64) {
        self.drain().await;
        let tx = self.app.db.begin_read().await.unwrap();
        outbox::backlog(&tx).await.unwrap()
    }

    /// Does what is due, proves books and chains, finds no dead work, and closes everything.
    pub async fn finish(self) {
        // A message that a worker of the exchange has leased at this moment is its to finish.
        let began = Instant::now();
        let mut left = self.backlog().await;
        while left != (0, 0) && began.elapsed() < Duration::from_secs(10) {
            tokio::time::sleep(Duration::from_millis(20)).await;
            left = self.backlog().await;
        }
        assert_eq!(left, (0, 0), "messages were left over (waiting, parked)");
        self.assert_balanced().await;
        self.assert_verified().await;
        // A message may be in the hands of an instance's own worker, where a drain does not see it.
        let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
        loop {
            let tx = self.app.db.begin_read().await.unwrap();
            let (waiting, parked) = outbox::backlog(&tx).await.unwrap();
            if (waiting, parked) == (0, 0) {
                break;
            }
            let late = tokio::time::Instant::now() > deadline;
            assert!(!late && parked == 0, "messages were left over: {waiting}, {parked}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let tx = self.app.db.begin_read().await.unwrap();
        let dead = jobs::list(&tx, JobState::Dead, &Page::new(None, None).unwrap()).await.unwrap();
        assert!(dead.items.is_empty(), "dead jobs: {:?}", dead.items);
        drop(tx);
        drop(self.app);
        for running in self.running {
            tokio::time::timeout(Duration::from_secs(30), running.shutdown())
                .await
                .expect("the exchange closes in time")
                .unwrap();
        }
    }
}
