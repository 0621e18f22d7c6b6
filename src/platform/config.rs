//! Everything that can be set: defaults, then a TOML file, then `LEADBOURSE_*` variables.
//!
//! `LEADBOURSE_SERVER__BIND=127.0.0.1:8080` sets `server.bind`. `check` refuses contradictions
//! before anything starts. Printing masks every secret.

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use ipnet::IpNet;
use leadbourse_core::bank::{AccountText, Letters, Payee};
use leadbourse_core::error::Problem;
use leadbourse_core::paper::SettlementModel;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::platform::error::{Context, Error, Result};

/// The whole configuration.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The HTTP server.
    pub server: Server,
    /// The folder for the embedded database, keys and the admin socket.
    pub data_dir: DataDir,
    /// The database.
    pub database: DatabaseConfig,
    /// Redis, if any.
    pub redis: RedisConfig,
    /// The intake worker.
    pub intake: Intake,
    /// Sizes and depths that requests may not exceed.
    pub limits: Limits,
    /// Money defaults.
    pub money: MoneyConfig,
    /// Outgoing HTTP.
    pub egress: EgressConfig,
    /// Sign-in.
    pub auth: Auth,
    /// Logs.
    pub log: Log,
    /// Keys; when empty, a 0600 file in the data folder is made and used.
    pub vault: VaultConfig,
    /// Delivery of leads to buyers.
    pub delivery: DeliveryConfig,
    /// What publishers are told by their postbacks.
    pub notices: NoticeConfig,
    /// Telephone calls.
    pub calls: CallsConfig,
    /// Bids on pings.
    pub pings: PingConfig,
    /// Live buyers.
    pub live: LiveConfig,
    /// Card payments through Stripe.
    pub stripe: StripeConfig,
}

/// A folder path with its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DataDir(pub PathBuf);

impl Default for DataDir {
    fn default() -> Self {
        Self(PathBuf::from("data"))
    }
}

impl AsRef<Path> for DataDir {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

/// The HTTP server.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address and port; port 0 takes a free one.
    pub bind: SocketAddr,
    /// How the world reaches this installation, for links and the Origin check.
    pub public_url: Option<String>,
    /// Demo mode: GraphiQL, demo passwords; refuses to bind beyond loopback.
    pub demo: bool,
    /// Seconds that accepted requests get to finish at shutdown.
    pub shutdown_grace_s: u64,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            demo: false,
            shutdown_grace_s: 20,
        }
    }
}

/// The database.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite:` (embedded, in the data folder), `sqlite:/path/file.db` or `postgres://…`.
    pub url: String,
    /// Connections that read.
    pub readers: u32,
    /// Connections that write; SQLite always has one.
    pub writers: u32,
    /// Seconds to wait for a free connection.
    pub acquire_timeout_s: u64,
    /// Seconds after which PostgreSQL cancels a statement; 0 never.
    pub statement_timeout_s: u64,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            url: "sqlite:".to_owned(),
            readers: 8,
            writers: 8,
            acquire_timeout_s: 30,
            statement_timeout_s: 60,
        }
    }
}

/// Redis, a hint: wake-ups, fan-out and shared rate limits across instances.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedisConfig {
    /// `redis://…`; without it the in-process twin is used.
    pub url: Option<String>,
}

/// The intake worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Intake {
    /// Most leads in one group commit.
    pub bound: usize,
    /// Most leads that wait; past it the answer is 503.
    pub queue: usize,
    /// Milliseconds after which a waiting request is answered 503.
    pub deadline_ms: u64,
    /// Workers that commit side by side; on SQLite always one.
    pub workers: usize,
}

impl Default for Intake {
    fn default() -> Self {
        Self { bound: 256, queue: 4096, deadline_ms: 10_000, workers: 1 }
    }
}

/// What requests may not exceed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of one request body.
    pub body_bytes: usize,
    /// Bytes of a GraphQL body of somebody who settles: banks' answers, proofs of payments.
    pub upload_body_bytes: usize,
    /// Bytes of one batch body (NDJSON, CSV).
    pub batch_body_bytes: usize,
    /// Leads in one batch request.
    pub batch_leads: usize,
    /// Depth of a GraphQL document.
    pub graphql_depth: usize,
    /// Complexity of a GraphQL document.
    pub graphql_complexity: usize,
    /// Aliases in a GraphQL document.
    pub graphql_aliases: usize,
    /// Bytes of a GraphQL document.
    pub graphql_document_bytes: usize,
    /// Parsed documents that are kept.
    pub graphql_cached_documents: u64,
    /// Requests in one GraphQL batch.
    pub graphql_batch: usize,
    /// Milliseconds that a WebSocket client has to send `connection_init`.
    pub ws_init_timeout_ms: u64,
    /// Seconds between pings on a WebSocket.
    pub ws_ping_s: u64,
    /// Seconds after which a WebSocket's rights are looked at again, should a hint be lost.
    pub ws_recheck_s: u64,
    /// Operations that run at once on one WebSocket.
    pub ws_operations: usize,
    /// Requests per minute of one address that is not signed in; 0 is no limit.
    pub anonymous_requests_per_minute: u32,
    /// Requests per minute of one member or key; 0 is no limit.
    pub requests_per_minute: u32,
    /// Requests per minute of one posting key; 0 is no limit.
    pub source_requests_per_minute: u32,
    /// Clicks of one address on one link per minute that count as a person's; 0: no limit.
    pub clicks_per_minute: u32,
    /// Test leads per minute of one source; 0 is no limit.
    pub test_leads_per_minute: u32,
    /// Hosted forms that one address may send to one source per minute; 0 is no limit.
    pub form_posts_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 256 * 1024,
            upload_body_bytes: 6 * 1024 * 1024,
            batch_body_bytes: 16 * 1024 * 1024,
            batch_leads: 10_000,
            graphql_depth: 15,
            graphql_complexity: 20_000,
            graphql_aliases: 100,
            graphql_document_bytes: 64 * 1024,
            graphql_cached_documents: 1_000,
            graphql_batch: 10,
            ws_init_timeout_ms: 5_000,
            ws_ping_s: 20,
            ws_recheck_s: 30,
            ws_operations: 50,
            anonymous_requests_per_minute: 3_000,
            requests_per_minute: 0,
            source_requests_per_minute: 0,
            clicks_per_minute: 30,
            test_leads_per_minute: 60,
            form_posts_per_minute: 30,
        }
    }
}

/// Money defaults.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MoneyConfig {
    /// The exchange's share of the price in basis points, where niche and offer say nothing.
    pub take_rate_bps: u32,
    /// Smallest payout in minor units; less is carried over.
    pub min_payout: i64,
    /// Statements above this total (minor units of their currency) are approved by two people,
    /// neither of whom planned the run; one person is enough where it is not set.
    pub two_person_limit: Option<i64>,
    /// What the exchange sells: `AGENT`, its service (tax is on its fee), or `PRINCIPAL`, leads that
    /// it bought (tax is on the price).
    pub settlement_model: SettlementModel,
    /// The account that payouts leave from.
    pub bank: BankConfig,
}

impl Default for MoneyConfig {
    fn default() -> Self {
        Self {
            take_rate_bps: 1_500,
            min_payout: 100_000,
            two_person_limit: None,
            settlement_model: SettlementModel::Agent,
            bank: BankConfig::default(),
        }
    }
}

/// The installation's own bank account, for files of payments: holder and country with an IBAN, or
/// with a BIK and an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BankConfig {
    /// Whose account it is.
    pub holder: Option<String>,
    /// The holder's country, two letters.
    pub country: Option<String>,
    /// The IBAN.
    pub iban: Option<String>,
    /// The bank's BIC; may be left out beside an IBAN.
    pub bic: Option<String>,
    /// The Russian bank's code.
    pub bik: Option<String>,
    /// The Russian account.
    pub account: Option<String>,
    /// In which letters names are written: `AUTO` (SEPA's for euros), `SEPA` or `ALL`.
    pub letters: Letters,
}

impl BankConfig {
    /// The account; `None` when nothing is configured.
    ///
    /// # Errors
    /// What is wrong with it, with the setting's name as field.
    pub fn debtor(&self) -> Result<Option<Payee>, Problem> {
        let Self { holder, country, iban, bic, bik, account, letters: _ } = self;
        if [holder, country, iban, bic, bik, account].iter().all(|text| text.is_none()) {
            return Ok(None);
        }
        let text = AccountText {
            holder: holder.clone().unwrap_or_default(),
            country: country.clone().unwrap_or_default(),
            iban: iban.clone(),
            bic: bic.clone(),
            bik: bik.clone(),
            account: account.clone(),
        };
        text.read("money.bank").map(Some)
    }
}

/// Outgoing HTTP.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EgressConfig {
    /// Private networks that may be called all the same, like `10.1.0.0/16`.
    pub allow: Vec<IpNet>,
    /// Milliseconds to connect.
    pub connect_timeout_ms: u64,
    /// Milliseconds for the whole exchange.
    pub timeout_ms: u64,
    /// Bytes of an answer that are read.
    pub max_response_bytes: usize,
}

impl Default for EgressConfig {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            connect_timeout_ms: 5_000,
            timeout_ms: 15_000,
            max_response_bytes: 16 * 1024,
        }
    }
}

/// Sign-in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// Hours after which a session ends.
    pub session_hours: u32,
    /// Sign-in tries per address and e-mail in fifteen minutes.
    pub sign_in_tries: u32,
    /// Sign-ups per address in an hour.
    pub sign_ups_per_hour: u32,
}

impl Default for Auth {
    fn default() -> Self {
        Self { session_hours: 24 * 7, sign_in_tries: 10, sign_ups_per_hour: 20 }
    }
}

/// How logs look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object per line.
    #[default]
    Json,
    /// For people.
    Text,
}

/// Logs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// JSON or text.
    pub format: LogFormat,
    /// Filter, as `info,leadbourse=debug`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Json, filter: "info,sqlx=warn".to_owned() }
    }
}

/// Keys in configuration, each as `id:64 hex digits`, newest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VaultConfig {
    /// Keys that wrap the leads' data keys.
    pub master_keys: Vec<String>,
    /// Keys of the fingerprints.
    pub fingerprint_keys: Vec<String>,
}

/// Delivery of leads to buyers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeliveryConfig {
    /// Deliveries in flight at once.
    pub concurrency: usize,
    /// Hours after which a delivery that never succeeded is dead.
    pub give_up_hours: u32,
    /// Minutes of nothing but failures after which an endpoint and its offer pause.
    pub pause_after_minutes: u32,
}

impl Default for DeliveryConfig {
    fn default() -> Self {
        Self { concurrency: 16, give_up_hours: 72, pause_after_minutes: 15 }
    }
}

/// What publishers are told by their postbacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoticeConfig {
    /// Notices in flight at once.
    pub concurrency: usize,
    /// Hours after which a notice that nobody took is dead.
    pub give_up_hours: u32,
    /// Hours of nothing but failures after which a postback pauses.
    pub pause_after_hours: u32,
    /// Days that the log of notices is kept.
    pub keep_days: u32,
    /// Postbacks of one publisher.
    pub most: u32,
}

impl Default for NoticeConfig {
    fn default() -> Self {
        Self { concurrency: 16, give_up_hours: 72, pause_after_hours: 24, keep_days: 30, most: 20 }
    }
}

/// Telephone calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallsConfig {
    /// How long the end of a call is waited for, in seconds; then it is closed and not billed.
    pub max_seconds: u32,
}

impl Default for CallsConfig {
    fn default() -> Self {
        Self { max_seconds: 7_200 }
    }
}

/// Bids on pings: how long they are reserved, and how many a publisher may hold.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PingConfig {
    /// Seconds that a bid is reserved, where the niche says nothing.
    pub bid_ttl_s: i64,
    /// Most open bids of one publisher.
    pub open_bids: i64,
    /// The least share of pings with bids that have to be posted, in basis points.
    pub min_post_ratio_bps: u32,
    /// So many pings have to have ended before that share is judged.
    pub ratio_after: i64,
    /// The share is judged over this window and the one before, in seconds.
    pub ratio_window_s: i64,
}

impl Default for PingConfig {
    fn default() -> Self {
        Self {
            bid_ttl_s: 30,
            open_bids: 500,
            min_post_ratio_bps: 100,
            ratio_after: 1_000,
            ratio_window_s: 3_600,
        }
    }
}

/// Live buyers: how long they are waited for, and how much of them there is at once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LiveConfig {
    /// Milliseconds in which every asked buyer has to answer.
    pub ask_deadline_ms: u32,
    /// The longest that a connection may wait for the answer to a post, in milliseconds.
    pub post_timeout_ms: u32,
    /// Milliseconds after the beginning in which the next in rank is still sent the lead.
    pub post_until_ms: u32,
    /// The most requests that one connection may take at once.
    pub concurrency: u32,
    /// Leads that go through live buyers at once; the others wait.
    pub runs: u32,
    /// Failures in a row after which an endpoint is left alone.
    pub breaker_failures: u32,
    /// For how many seconds.
    pub breaker_pause_s: u32,
    /// Seconds for which a buyer that said nothing about a post is asked for its status.
    pub silence_s: u32,
    /// Seconds between two such questions.
    pub status_every_s: u32,
}

impl Default for LiveConfig {
    fn default() -> Self {
        Self {
            ask_deadline_ms: 1_500,
            post_timeout_ms: 5_000,
            post_until_ms: 6_000,
            concurrency: 64,
            runs: 512,
            breaker_failures: 5,
            breaker_pause_s: 30,
            silence_s: 600,
            status_every_s: 20,
        }
    }
}

/// Card payments through Stripe; off without a secret key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StripeConfig {
    /// Where the API is.
    pub api_base: String,
    /// The secret or restricted key, `sk_…` or `rk_…`.
    pub secret_key: Option<String>,
    /// Signing secrets of the webhook, newest first; two while one is changed.
    pub webhook_secrets: Vec<String>,
    /// Milliseconds to wait for an answer.
    pub timeout_ms: u64,
    /// The smallest top-up, minor units.
    pub min_top_up: i64,
    /// The largest top-up, minor units.
    pub max_top_up: i64,
    /// Minutes that a payment page stays open: 30 to 1440.
    pub page_minutes: u32,
}

impl Default for StripeConfig {
    fn default() -> Self {
        Self {
            api_base: "https://api.stripe.com/".to_owned(),
            secret_key: None,
            webhook_secrets: Vec::new(),
            timeout_ms: 20_000,
            min_top_up: 1_000,
            max_top_up: 10_000_000,
            page_minutes: 60,
        }
    }
}

impl StripeConfig {
    fn check(&self) -> std::result::Result<(), &'static str> {
        let url = url::Url::parse(&self.api_base);
        if !url.is_ok_and(|url| matches!(url.scheme(), "https" | "http")) {
            return Err("stripe.api_base must be a URL");
        }
        if self.secret_key.is_some() && !(1..=2).contains(&self.webhook_secrets.len()) {
            return Err(
                "stripe.webhook_secrets: one is needed beside stripe.secret_key, two at most",
            );
        }
        let keys = self.secret_key.iter().chain(&self.webhook_secrets);
        if keys.into_iter().any(|key| key.trim().len() < 8) {
            return Err("stripe.secret_key and stripe.webhook_secrets are longer than that");
        }
        if !(1_000..60_000).contains(&self.timeout_ms) {
            return Err("stripe.timeout_ms must be between 1000 and 59999");
        }
        if self.min_top_up < 1 || self.max_top_up < self.min_top_up {
            return Err("stripe.min_top_up must be positive and stripe.max_top_up not less");
        }
        if !(30..=1_440).contains(&self.page_minutes) {
            return Err("stripe.page_minutes must be between 30 and 1440");
        }
        Ok(())
    }
}

/// How the names of all variables begin that the program reads.
pub const PREFIX: &str = "LEADBOURSE_";

/// What the command line itself reads under the prefix. Every other variable has to be a setting:
/// one that is misspelled is refused, not passed over.
pub const COMMAND_LINE: &[&str] = &["CONFIG", "PASSWORD"];

/// What is printed in place of a secret.
const MASK: &str = "********";

impl Config {
    /// Reads defaults, then the file (when given), then the environment, and checks the whole.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let mut figment = Figment::from(Serialized::defaults(Config::default()));
        if let Some(path) = file {
            if !path.is_file() {
                return Err(Error::broken(format!("there is no file {}", path.display())));
            }
            figment = figment.merge(Toml::file(path));
        }
        let env = Env::prefixed(PREFIX)
            .filter(|key| !COMMAND_LINE.iter().any(|own| key.as_str().eq_ignore_ascii_case(own)))
            .split("__");
        let config: Config = figment.merge(env).extract().context("reading the configuration")?;
        config.check()?;
        Ok(config)
    }

    /// Refuses contradictions before anything starts.
    pub fn check(&self) -> Result<()> {
        let refuse = |what: &str| Err(Error::broken(format!("configuration: {what}")));
        if self.server.demo && !self.server.bind.ip().is_loopback() {
            return refuse("demo mode binds to loopback addresses only (server.bind)");
        }
        if !self.database.url.starts_with("sqlite:") && !self.database.is_postgres() {
            return refuse("database.url must begin with sqlite: or postgres://");
        }
        if self.database.readers == 0 || self.database.writers == 0 {
            return refuse("database.readers and database.writers must be at least 1");
        }
        if self.intake.bound == 0 || self.intake.bound > 1_000 {
            return refuse("intake.bound must be between 1 and 1000");
        }
        if self.intake.queue < self.intake.bound || self.intake.workers == 0 {
            return refuse("intake.queue must be at least intake.bound, intake.workers at least 1");
        }
        if self.money.take_rate_bps > 10_000 || self.money.min_payout < 0 {
            return refuse("money.take_rate_bps is at most 10000, money.min_payout not negative");
        }
        if let Err(problem) = self.money.bank.debtor() {
            let field = problem.field.as_deref().unwrap_or("money.bank");
            return refuse(&format!("{field}: {}", problem.message));
        }
        if self.egress.timeout_ms >= 60_000 {
            return refuse("egress.timeout_ms must stay below the delivery lease of 60 seconds");
        }
        if self.vault.master_keys.is_empty() != self.vault.fingerprint_keys.is_empty() {
            return refuse("give both vault.master_keys and vault.fingerprint_keys, or neither");
        }
        if !(60..=14_400).contains(&self.calls.max_seconds) {
            return refuse("calls.max_seconds must be between 60 and 14400, when reservations end");
        }
        if self.delivery.concurrency == 0 {
            return refuse("delivery.concurrency must be at least 1");
        }
        let notices = &self.notices;
        if notices.concurrency == 0
            || !(1..=365).contains(&notices.keep_days)
            || notices.keep_days.saturating_mul(24) <= notices.give_up_hours
        {
            return refuse(
                "notices: concurrency is at least 1, keep_days 1 to 365 and longer than give_up_hours",
            );
        }
        let pings = &self.pings;
        if !(1..=600).contains(&pings.bid_ttl_s)
            || pings.open_bids < 1
            || pings.min_post_ratio_bps > 10_000
            || pings.ratio_after < 1
            || pings.ratio_window_s < 1
        {
            return refuse(
                "pings: bid_ttl_s is 1 to 600, the ratio at most 10000, the rest positive",
            );
        }
        let live = &self.live;
        let waits = [live.ask_deadline_ms, live.post_timeout_ms, live.post_until_ms];
        let least = [live.concurrency, live.runs, live.breaker_failures, live.status_every_s];
        if waits.iter().any(|ms| !(50..=30_000).contains(ms))
            || least.contains(&0)
            || live.silence_s > 3_600
            || u64::from(live.post_timeout_ms) > self.egress.timeout_ms
        {
            return refuse(
                "live: waits are 50 to 30000 ms and a post's within egress.timeout_ms, silence_s at \
                 most 3600, the rest positive",
            );
        }
        self.stripe.check().or_else(refuse)
    }

    /// The effective values as TOML-like JSON, secrets masked.
    pub fn masked(&self) -> serde_json::Value {
        let mut copy = self.clone();
        copy.database.url = mask_url(&copy.database.url);
        copy.redis.url = copy.redis.url.as_deref().map(mask_url);
        for key in copy.vault.master_keys.iter_mut().chain(&mut copy.vault.fingerprint_keys) {
            let id = key.split(':').next().unwrap_or_default();
            *key = format!("{id}:{MASK}");
        }
        for key in copy.stripe.secret_key.iter_mut().chain(&mut copy.stripe.webhook_secrets) {
            MASK.clone_into(key);
        }
        serde_json::to_value(&copy).unwrap_or(serde_json::Value::Null)
    }
}

impl DatabaseConfig {
    /// Whether this is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres://") || self.url.starts_with("postgresql://")
    }
}

/// Hides the password of a URL, also one among its parameters; a text that is no URL is hidden whole unless it names a file.
fn mask_url(text: &str) -> String {
    match url::Url::parse(text) {
        Ok(mut parsed) => {
            if parsed.password().is_some() && parsed.set_password(Some(MASK)).is_err() {
                return MASK.to_owned();
            }
            let secret = |name: &str| name.to_ascii_lowercase().contains("pass");
            let pairs: Vec<(String, String)> = parsed.query_pairs().into_owned().collect();
            if pairs.iter().any(|(name, _)| secret(name)) {
                let shown = pairs.iter().map(|(name, value)| {
                    (name.as_str(), if secret(name) { MASK } else { value.as_str() })
                });
                parsed.query_pairs_mut().clear().extend_pairs(shown);
            }
            parsed.to_string()
        }
        Err(_) if text.starts_with("sqlite:") => text.to_owned(),
        Err(_) => MASK.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn the_defaults_pass_their_own_check() {
        Config::default().check().unwrap();
    }

    #[test]
    fn printing_hides_passwords_and_keys() {
        let mut config = Config::default();
        config.database.url = "postgres://bourse:hunter2@db/bourse".to_owned();
        config.vault.master_keys = vec![format!("1:{}", "ab".repeat(32))];
        config.redis.url = Some("redis://cache/?Password=hunter3&db=2".to_owned());
        config.stripe.secret_key = Some("sk_test_hunter4".to_owned());
        config.stripe.webhook_secrets = vec!["whsec_hunter5".to_owned()];
        let text = config.masked().to_string();
        let secrets = ["hunter2", "hunter3", "hunter4", "hunter5", "abab"];
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{text}");
        assert!(text.contains("bourse:") && text.contains("db=2"), "{text}");
    }

    #[test]
    fn cards_need_a_secret_to_know_their_webhooks_by() {
        let mut config = Config::default();
        config.stripe.secret_key = Some("sk_test_something".to_owned());
        assert!(config.check().is_err());
        config.stripe.webhook_secrets = vec!["whsec_one".to_owned()];
        config.check().unwrap();
        config.stripe.webhook_secrets = vec!["whsec_two".to_owned(); 3];
        assert!(config.check().is_err());
    }

    #[test]
    fn the_own_bank_account_is_whole_or_not_there() {
        let mut config = Config::default();
        assert_eq!(config.money.bank.debtor().map(|debtor| debtor.is_none()), Ok(true));
        config.money.bank.holder = Some("Exchange GmbH".to_owned());
        let text = config.check().unwrap_err().to_string();
        assert!(text.contains("money.bank.country"), "{text}");
        config.money.bank.country = Some("DE".to_owned());
        config.money.bank.iban = Some("DE89 3704 0044 0532 0130 00".to_owned());
        config.check().unwrap();
        config.money.bank.iban = Some("DE88 3704 0044 0532 0130 00".to_owned());
        assert!(config.check().is_err());
    }

    #[test]
    fn a_demo_does_not_bind_to_the_world() {
        let mut config = Config::default();
        config.server.demo = true;
        config.server.bind = SocketAddr::from(([0, 0, 0, 0], 80));
        assert!(config.check().is_err());
    }
}
