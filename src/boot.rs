//! The composition root: the only place that names concrete backends.
//!
//! Each slice's service is a field of [`App`], made in [`App::open`] from what lies below it, and
//! reached by resolvers as `app(ctx)?.<slice>`. [`start`] adds the workers and the HTTP server:
//!
//! ```ignore
//! let running = boot::start(config, Clock::system()).await?;   // config.server.bind port 0: any
//! println!("{}", running.url());                              // http://127.0.0.1:43211
//! running.app.drain().await?;                                 // tests: all due work, now
//! running.shutdown().await?;                                  // finishes what was accepted
//! ```

use leadbourse_core::money::Bps;
use leadbourse_core::time::{HOUR, MINUTE, SECOND};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::accounts::{Accounts, SWEEP_SESSIONS, SweepSessions};
use crate::calls::{CLOSE_CALLS, Calls, CloseCalls};
use crate::clicks::Clicks;
use crate::conversions::{BuyerCredited, Conversions, HAPPENED, RELEASE_EXPIRED, ReleaseExpired};
use crate::delivery::{
    self, AWARD_CREATED, AWARD_UNDELIVERED, Deliveries, ENDPOINT_FAILING, GIVE_UP, GiveUp, OnAward,
    OnFailing,
};
use crate::disputes::{DEADLINES, Deadlines, Disputes, OnUndelivered};
use crate::edge::cli::socket;
use crate::edge::server;
use crate::exchange::{
    AWAIT_LIVE, AwaitLive, EXPIRE_BIDS, Exchange, ExpireBids, OFFER_AGAIN, OfferAgain, OnQueued,
    RESUME_LIVE, ResumeLive, TOPIC_QUEUED,
};
use crate::insights::Insights;
use crate::leads::{Leads, SWEEP_TESTS, SweepTests};
use crate::ledger::{BUYER_CREDITED, FOLD, Fold, Ledger};
use crate::live::LiveBuyers;
use crate::niches::Niches;
use crate::notices::{self, NOTICE_LOG, NoticeLog, Notices, OnHappening};
use crate::offers::{Offers, VERSION_DUE, VersionDue};
use crate::orders::{self, CLAIM_DONE, OnClaimDone, Orders};
use crate::outcomes::Outcomes;
use crate::papers::{INVOICE_MONTHS, InvoiceMonths, Papers};
use crate::pings::Pings;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::Db;
use crate::platform::egress::Egress;
use crate::platform::error::{Context, Error, Result};
use crate::platform::hints::{self, Hints};
use crate::platform::shutdown::Shutdown;
use crate::platform::vault::Vault;
use crate::platform::{jobs, outbox, telemetry};
use crate::settlements::{
    HOLD_END, HoldEnd, PAY, PAY_EVERY, Pay, RESUME_PLANS, ResumePlans, Settlements,
};
use crate::topups::{
    LOOK, LookAgain, PROVIDER_EVENT, ProviderEvents, RECHARGE, RechargeWallets, TopUps,
};

/// Every service of the exchange, over one database. The edges hold it in an `Arc`.
pub struct App {
    /// The time.
    pub clock: Clock,
    /// The configuration.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// Keys of contact data and fingerprints.
    pub vault: Vault,
    /// What instances tell each other.
    pub hints: Arc<dyn Hints>,
    /// Users, organizations, members, keys.
    pub accounts: Accounts,
    /// Niches, their fields and rules.
    pub niches: Niches,
    /// Offers, participations, sources.
    pub offers: Offers,
    /// Wallets, earnings, top-ups, the books.
    pub ledger: Ledger,
    /// Leads, their contact data and chains.
    pub leads: Leads,
    /// Awards and conversions.
    pub conversions: Conversions,
    /// Tracking links and clicks.
    pub clicks: Clicks,
    /// Pings and their bids.
    pub pings: Pings,
    /// Orders with a deadline, and claims on them.
    pub orders: Orders,
    /// Live buyers: their connections, and what was offered to them.
    pub live: LiveBuyers,
    /// Intake: submits leads and decides them.
    pub exchange: Exchange,
    /// Telephone calls.
    pub calls: Calls,
    /// Endpoints and deliveries.
    pub deliveries: Deliveries,
    /// Sends deliveries.
    pub delivery_worker: Arc<delivery::Worker>,
    /// What publishers are told by their postbacks.
    pub notices: Notices,
    /// Sends notices.
    pub notice_worker: Arc<notices::Worker>,
    /// Returns and their arbitration.
    pub disputes: Disputes,
    /// What buyers' servers report.
    pub outcomes: Outcomes,
    /// Top-ups by card.
    pub topups: TopUps,
    /// Documents about money.
    pub papers: Papers,
    /// Statements and payouts.
    pub settlements: Settlements,
    /// Numbers about the business.
    pub insights: Insights,
    /// Hands messages to their handlers.
    pub outbox: Arc<outbox::Runner>,
    /// Runs deferred and recurring work.
    pub jobs: Arc<jobs::Runner>,
    /// Cancelled first: the surfaces close, accepted requests finish.
    pub closing: CancellationToken,
    /// Cancelled after that: workers end.
    pub shutdown: Shutdown,
}

impl App {
    /// Opens the database, brings its schema up to date and makes every service. No worker runs
    /// yet and nothing listens.
    ///
    /// # Errors
    /// When the configuration contradicts itself, the database cannot be opened (also: another
    /// process holds it), or a migration fails.
    pub async fn open(config: Config, clock: Clock) -> Result<Arc<Self>> {
        config.check()?;
        let db = Db::connect(&config.database, config.data_dir.as_ref()).await?;
        db.migrate().await?;
        Self::over(db, config, clock)
    }

    /// As [`App::open`], but only for reading: beside a running server, without a migration.
    ///
    /// # Errors
    /// When there is no database yet or it cannot be opened.
    pub async fn open_read_only(config: Config, clock: Clock) -> Result<Arc<Self>> {
        let db = Db::connect_read_only(&config.database, config.data_dir.as_ref()).await?;
        Self::over(db, config, clock)
    }

    fn over(db: Db, config: Config, clock: Clock) -> Result<Arc<Self>> {
        let vault = Vault::open_or_create(&config.vault, config.data_dir.as_ref())?;
        let shutdown = Shutdown::new();
        let hints = hints::open(&config.redis, &shutdown)?;
        let accounts = accounts(&db, &clock, &hints, &config, &shutdown);
        let niches = Niches::new(db.clone(), clock.clone());
        let take_rate = Bps(config.money.take_rate_bps);
        let offers = Offers::new(db.clone(), clock.clone(), niches.clone(), take_rate);
        let ledger = Ledger::new(db.clone(), clock.clone());
        let leads = Leads::new(db.clone(), clock.clone(), vault.clone());
        let conversions = Conversions::new(db.clone(), clock.clone(), config.money.clone());
        let (pings, orders) = promised(&db, &clock, &niches, take_rate);
        let (clicks, exchange) = intake(&db, &clock, &vault, &hints, &config, &shutdown);
        let ground = (db.clone(), clock.clone(), vault.clone());
        let live = connected(&ground, (&niches, &offers), &config, &exchange)?;
        let calls =
            Calls::new(ground.clone(), exchange.clone(), conversions.clone(), &config.calls);
        let disputes = Disputes::new(db.clone(), clock.clone(), vault.clone(), take_rate);
        let outcomes = outcomes(ground.clone(), &niches, &exchange, &conversions, &disputes);
        let (topups, settlements) = money(&ground, &accounts, &config)?;
        let papers = papers(&ground, &config, &shutdown);
        let (on, at) = (db.clone(), clock.clone());
        let insights = Insights::new(on, at, niches.clone(), offers.clone(), shutdown.clone());
        let (deliveries, notices) = senders(ground, &config)?;
        let delivery_worker = delivery::Worker::new(deliveries.clone(), &config.delivery);
        let notice_worker = notices::Worker::new(notices.clone(), &config.notices);
        let outbox = outbox::Runner::new(db.clone(), clock.clone())
            .on(HAPPENED, Arc::new(OnHappening(notices.clone())));
        let outbox = told(outbox, &deliveries, &disputes, &conversions, (&exchange, &orders));
        let jobs = jobs::Runner::new(db.clone(), clock.clone())
            .every(SWEEP_SESSIONS, HOUR, Arc::new(SweepSessions(accounts.clone())))
            .on(VERSION_DUE, Arc::new(VersionDue(offers.clone())));
        let jobs = traded(jobs, (&exchange, &orders), &calls, &leads);
        let jobs = paid_in(sent(jobs, &deliveries, &notices, &config), &topups);
        let jobs = bookkeeping(jobs, &conversions, &disputes, (&settlements, &papers), &ledger);
        Ok(Arc::new(Self {
            clock,
            config,
            db,
            vault,
            hints,
            accounts,
            niches,
            offers,
            ledger,
            leads,
            conversions,
            clicks,
            pings,
            orders,
            live,
            exchange,
            calls,
            deliveries,
            delivery_worker: Arc::new(delivery_worker),
            notices,
            notice_worker: Arc::new(notice_worker),
            disputes,
            outcomes,
            topups,
            papers,
            settlements,
            insights,
            outbox: Arc::new(outbox),
            jobs: Arc::new(jobs),
            closing: CancellationToken::new(),
            shutdown,
        }))
    }

    /// Starts the workers: intake first, which fills its book, then outbox and jobs.
    ///
    /// # Errors
    /// When the market cannot be read.
    pub async fn start_workers(&self) -> Result<()> {
        self.exchange.start().await?;
        self.clicks.start();
        let outbox = Arc::clone(&self.outbox).run(self.shutdown.clone());
        drop(self.shutdown.spawn("outbox", outbox));
        let jobs = Arc::clone(&self.jobs).run(self.shutdown.clone());
        drop(self.shutdown.spawn("jobs", jobs));
        let worker = Arc::clone(&self.delivery_worker).run(self.shutdown.clone());
        drop(self.shutdown.spawn("delivery", worker));
        let worker = Arc::clone(&self.notice_worker).run(self.shutdown.clone());
        drop(self.shutdown.spawn("notices", worker));
        let bells = [
            ("outbox", self.db.outbox_bell()),
            ("jobs", self.db.jobs_bell()),
            ("delivery", self.deliveries.bell()),
            ("notices", self.notices.bell()),
        ];
        for (name, bell) in bells {
            let carrying = bell.clone().carry(name, Arc::clone(&self.hints), self.shutdown.clone());
            drop(self.shutdown.spawn("bell", carrying));
        }
        Ok(())
    }

    /// Does everything that is due now, messages, jobs, notices and deliveries, until nothing is left. For tests and
    /// the demo, which move the clock by hand.
    ///
    /// # Errors
    /// Database errors.
    pub async fn drain(&self) -> Result<()> {
        loop {
            let messages = self.outbox.drain().await?;
            let jobs = self.jobs.drain().await?;
            let notices = self.notice_worker.drain().await?;
            if messages + jobs + notices + self.delivery_worker.drain().await? == 0 {
                return Ok(());
            }
        }
    }
}

/// Live buyers, and an exchange that asks them.
fn connected(
    ground: &(Db, Clock, Vault),
    (niches, offers): (&Niches, &Offers),
    config: &Config,
    exchange: &Exchange,
) -> Result<LiveBuyers> {
    let market = (niches.clone(), offers.clone());
    let egress = Egress::new(&config.egress)?;
    let live = LiveBuyers::new(ground.clone(), market, egress, &config.live);
    exchange.connect(live.caller().clone());
    Ok(live)
}

/// What is left to do of what came in: expired bids, live auctions, leads that wait for a cap,
/// orders and claims that are over, calls without an end, old test leads.
fn traded(
    jobs: jobs::Runner,
    (exchange, orders): (&Exchange, &Orders),
    calls: &Calls,
    leads: &Leads,
) -> jobs::Runner {
    jobs.on(RESUME_LIVE, Arc::new(ResumeLive(exchange.clone())))
        .on(AWAIT_LIVE, Arc::new(AwaitLive(exchange.clone())))
        .every(OFFER_AGAIN, MINUTE, Arc::new(OfferAgain(exchange.clone())))
        .every(EXPIRE_BIDS, 5 * SECOND, Arc::new(ExpireBids(exchange.clone())))
        .every(orders::DEADLINES, 5 * SECOND, Arc::new(orders::Deadlines(orders.clone())))
        .every(CLOSE_CALLS, MINUTE, Arc::new(CloseCalls(calls.clone())))
        .every(SWEEP_TESTS, HOUR, Arc::new(SweepTests(leads.clone())))
}

/// What brings money in by card, and what pays it out.
fn money(
    (db, clock, vault): &(Db, Clock, Vault),
    accounts: &Accounts,
    config: &Config,
) -> Result<(TopUps, Settlements)> {
    let ground = || (db.clone(), clock.clone(), vault.clone());
    let topups = TopUps::new(ground(), accounts.clone(), config)?;
    let (db, clock, vault) = ground();
    Ok((topups, Settlements::new(db, clock, vault, config.money.clone())))
}

/// What is left to do of what is paid in by card.
fn paid_in(jobs: jobs::Runner, topups: &TopUps) -> jobs::Runner {
    jobs.on(PROVIDER_EVENT, Arc::new(ProviderEvents(topups.clone())))
        .every(LOOK, MINUTE, Arc::new(LookAgain(topups.clone())))
        .every(RECHARGE, MINUTE, Arc::new(RechargeWallets(topups.clone())))
}

/// What is left to do of what is sent out.
fn sent(
    jobs: jobs::Runner,
    deliveries: &Deliveries,
    notices: &Notices,
    config: &Config,
) -> jobs::Runner {
    let give_up = GiveUp(deliveries.clone(), config.delivery.clone());
    let log = NoticeLog(notices.clone(), config.notices.clone());
    jobs.every(GIVE_UP, HOUR, Arc::new(give_up)).every(NOTICE_LOG, HOUR, Arc::new(log))
}

/// What buyers hold money for before they buy.
fn promised(db: &Db, clock: &Clock, niches: &Niches, take_rate: Bps) -> (Pings, Orders) {
    let orders = Orders::new(db.clone(), clock.clone(), niches.clone(), take_rate);
    (Pings::new(db.clone(), clock.clone()), orders)
}

/// What takes traffic in: clicks, and leads of every channel.
fn intake(
    db: &Db,
    clock: &Clock,
    vault: &Vault,
    hints: &Arc<dyn Hints>,
    config: &Config,
    shutdown: &Shutdown,
) -> (Clicks, Exchange) {
    let clicks = Clicks::new(
        db.clone(),
        clock.clone(),
        vault.clone(),
        Arc::clone(hints),
        config,
        shutdown.clone(),
    );
    let exchange = Exchange::new(
        db.clone(),
        clock.clone(),
        vault.clone(),
        Arc::clone(hints),
        config,
        shutdown.clone(),
    );
    (clicks, exchange)
}

/// A running exchange.
pub struct Running {
    /// Its services.
    pub app: Arc<App>,
    /// Where it listens.
    pub address: SocketAddr,
    serving: JoinHandle<std::io::Result<()>>,
}

/// Opens the exchange, starts its workers and serves HTTP.
///
/// # Errors
/// What [`App::open`] refuses, and an address that is taken.
pub async fn start(config: Config, clock: Clock) -> Result<Running> {
    // The address first: a taken port must not leave a half-started exchange.
    let listener = listen(&config).await?;
    start_on(listener, config, clock).await
}

/// Takes the configured address.
///
/// # Errors
/// When it is taken by somebody else.
pub async fn listen(config: &Config) -> Result<TcpListener> {
    TcpListener::bind(config.server.bind).await.context("binding server.bind")
}

/// As [`start`], on an address that was taken before. Whoever connects meanwhile waits.
///
/// # Errors
/// What [`App::open`] refuses.
pub async fn start_on(listener: TcpListener, config: Config, clock: Clock) -> Result<Running> {
    telemetry::init_metrics();
    let address = listener.local_addr().context("reading the bound address")?;
    let app = App::open(config, clock).await?;
    app.start_workers().await?;
    match socket::listen(&app) {
        Ok(serving) => drop(app.shutdown.spawn("admin socket", serving)),
        Err(error) => tracing::warn!(%error, "no admin socket: commands will not find this server"),
    }
    let grace = Duration::from_secs(app.config.server.shutdown_grace_s);
    let serving = server::run(listener, server::router(&app)?, app.closing.clone(), grace);
    let serving = app.shutdown.spawn("http", serving);
    tracing::info!(%address, "the exchange is open");
    Ok(Running { app, address, serving })
}

impl Running {
    /// The base URL, like `http://127.0.0.1:8080`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Closes the surfaces, finishes accepted requests, ends the workers, closes the database.
    ///
    /// # Errors
    /// When the server failed, or workers did not end in the grace period.
    pub async fn shutdown(self) -> Result<()> {
        let grace = Duration::from_secs(self.app.config.server.shutdown_grace_s);
        self.app.closing.cancel();
        let served = self.serving.await.context("waiting for the server")?;
        let ended = self.app.shutdown.finish(grace).await;
        self.app.db.close().await?;
        served.context("serving")?;
        if ended { Ok(()) } else { Err(Error::broken("some tasks did not end in time")) }
    }

    /// Runs until Ctrl-C or SIGTERM, then shuts down.
    ///
    /// # Errors
    /// As [`Running::shutdown`].
    pub async fn until_stopped(self) -> Result<()> {
        Shutdown::new().on_signal().await;
        tracing::info!("closing: accepted requests finish first");
        self.shutdown().await
    }
}

fn accounts(
    db: &Db,
    clock: &Clock,
    hints: &Arc<dyn Hints>,
    config: &Config,
    shutdown: &Shutdown,
) -> Accounts {
    let hints = Arc::clone(hints);
    Accounts::new(db.clone(), clock.clone(), hints, shutdown.clone(), config.auth.clone())
}

/// What buyers' servers report.
fn outcomes(
    ground: (Db, Clock, Vault),
    niches: &Niches,
    exchange: &Exchange,
    conversions: &Conversions,
    disputes: &Disputes,
) -> Outcomes {
    let market = (niches.clone(), exchange.clone());
    Outcomes::new(ground, market, conversions.clone(), disputes.clone())
}

/// What sends to the outside: deliveries and notices, through one door.
fn senders(ground: (Db, Clock, Vault), config: &Config) -> Result<(Deliveries, Notices)> {
    let egress = Egress::new(&config.egress)?;
    let notices = Notices::new(ground.clone(), egress.clone(), config.notices.clone());
    let (db, clock, vault) = ground;
    Ok((Deliveries::new(db, clock, vault, egress), notices))
}

/// The documents about money.
fn papers(ground: &(Db, Clock, Vault), config: &Config, tasks: &Shutdown) -> Papers {
    let (db, clock, _) = ground.clone();
    Papers::new(db, clock, config, tasks.clone())
}

/// The clocks of money.
fn bookkeeping(
    jobs: jobs::Runner,
    conversions: &Conversions,
    disputes: &Disputes,
    (settlements, papers): (&Settlements, &Papers),
    ledger: &Ledger,
) -> jobs::Runner {
    jobs.every(INVOICE_MONTHS, HOUR, Arc::new(InvoiceMonths(papers.clone())))
        .every(RELEASE_EXPIRED, MINUTE, Arc::new(ReleaseExpired(conversions.clone())))
        .every(DEADLINES, MINUTE, Arc::new(Deadlines(disputes.clone())))
        .every(HOLD_END, MINUTE, Arc::new(HoldEnd(settlements.clone())))
        .every(RESUME_PLANS, MINUTE, Arc::new(ResumePlans(settlements.clone())))
        .every(PAY, PAY_EVERY, Arc::new(Pay(settlements.clone())))
        .every(FOLD, MINUTE, Arc::new(Fold(ledger.clone())))
}

/// Who is told of what, uphill.
fn told(
    outbox: outbox::Runner,
    deliveries: &Deliveries,
    disputes: &Disputes,
    conversions: &Conversions,
    (exchange, orders): (&Exchange, &Orders),
) -> outbox::Runner {
    outbox
        .on(CLAIM_DONE, Arc::new(OnClaimDone(orders.clone())))
        .on(TOPIC_QUEUED, Arc::new(OnQueued(exchange.clone())))
        .on(AWARD_CREATED, Arc::new(OnAward(deliveries.clone())))
        .on(ENDPOINT_FAILING, Arc::new(OnFailing(deliveries.clone())))
        .on(AWARD_UNDELIVERED, Arc::new(OnUndelivered(disputes.clone())))
        .on(BUYER_CREDITED, Arc::new(BuyerCredited(conversions.clone())))
}
