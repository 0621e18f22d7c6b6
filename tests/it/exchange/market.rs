//! A small market to test against: one niche, buyers with money, offers, a publisher's source.
//! Rows are written directly, so that these tests stand on the schema and nothing else.

use leadbourse::accounts::{digest, mint};
use leadbourse::exchange::{Exchange, SubmitRequest, Submitted};
use leadbourse::leads::Leads;
use leadbourse::ledger;
use leadbourse::platform::clock::Clock;
use leadbourse::platform::config::Config;
use leadbourse::platform::db::{Db, Reader, epoch};
use leadbourse::platform::error::Result;
use leadbourse::platform::hints::LocalHints;
use leadbourse::platform::shutdown::Shutdown;
use leadbourse::platform::vault::Vault;
use leadbourse_core::access::Actor;
use leadbourse_core::ids::*;
use leadbourse_core::lead::Channel;
use leadbourse_core::lead::submission::Submission;
use leadbourse_core::ledger::{Account, Rail, templates};
use leadbourse_core::money::Currency;
use sea_orm::{ConnectionTrait, Statement, Value as Sql};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

use crate::harness::TestDb;

/// The market and one instance of the exchange over it.
pub struct Market {
    pub db: Db,
    pub clock: Clock,
    pub config: Config,
    pub vault: Vault,
    pub exchange: Exchange,
    pub leads: Leads,
    pub shutdown: Shutdown,
    pub niche: NicheId,
    pub operator: Actor,
}

/// A source with its posting key.
#[derive(Clone, Debug)]
pub struct Src {
    pub key: String,
    pub publisher: OrganizationId,
}

/// What differs between niches under test.
pub fn policy() -> Value {
    json!({
        "default_region": "RU",
        "dedupe": {"key_sets": [["phone"], ["email"]], "mode": "ANY", "window_s": 2_592_000,
                   "scope": "NICHE", "release_on_return": true},
        "scorecard": {
            "fit": [{"name": "big", "label": {"en": "Large sum", "ru": "Большая сумма"},
                     "when": {"op": "GTE", "field": "amount", "value": 1000}, "points": 2}],
            "intent": [{"name": "urgent", "label": {"en": "Urgent", "ru": "Срочно"},
                        "when": {"op": "EQ", "field": "urgent", "value": true}, "points": 60}],
            "mql": 40, "sql": 70},
        "return_reasons": [{"code": "BAD_PHONE", "label": {"en": "Bad phone", "ru": "Плохой телефон"}}],
        "max_return_window_s": 604_800, "dispute_answer_s": 86_400, "dispute_decide_s": 86_400,
        "on_silence": "ACCEPT", "price_floor": 0, "consent_required": false,
        "contact_retention_s": 2_592_000, "quarantine_risk": 60
    })
}

pub fn schema() -> Value {
    let label = json!({"en": "x", "ru": "x"});
    let text = |kind: &str| json!({"type": "string", "x-kind": kind, "x-pii": true, "maxLength": 100, "x-label": label});
    json!({
        "type": "object", "additionalProperties": false, "required": ["phone"],
        "properties": {
            "phone": text("phone"), "email": text("email"), "name": text("name"),
            "region": {"type": "string", "maxLength": 10, "x-ping": true, "x-label": label},
            "amount": {"type": "integer", "minimum": 1, "x-label": label},
            "urgent": {"type": "boolean", "x-label": label}
        }
    })
}

/// Terms of a CPL offer at `price`; `more` replaces parts.
pub fn terms(price: i64, more: Value) -> Value {
    let mut terms = json!({
        "goals": [{"kind": "LEAD", "price": price}], "caps": [],
        "schedule": {"time_zone": "Europe/Moscow"}, "conditions": [], "max_sales": 1,
        "return_window_s": 86_400, "hold_s": 172_800, "lock_s": 259_200, "visibility": "PUBLIC"
    });
    for (key, value) in more.as_object().unwrap() {
        terms[key] = value.clone();
    }
    terms
}

/// A person nobody has seen before.
pub fn person(n: u64) -> Value {
    json!({"phone": format!("+7916{:07}", n % 10_000_000), "name": "Анна", "region": "MOW"})
}

impl Market {
    pub async fn open(test: &TestDb) -> Self {
        Self::with(test, policy()).await
    }

    pub async fn with(test: &TestDb, policy: Value) -> Self {
        let vault = Vault::ephemeral().unwrap();
        let (db, clock, config) = (test.db.clone(), test.clock.clone(), test.config.clone());
        let shutdown = Shutdown::new();
        let exchange = Self::instance(&db, &clock, &vault, &config, &shutdown);
        let leads = Leads::new(db.clone(), clock.clone(), vault.clone());
        let niche = NicheId::new(clock.now());
        let org = OrganizationId::new(clock.now());
        let market = Self {
            db,
            clock,
            config,
            vault,
            exchange,
            leads,
            shutdown,
            niche,
            operator: Actor::system(org),
        };
        market.org(org, "OPERATOR").await;
        let version = NicheVersionId::new(market.clock.now());
        let now = market.clock.now().micros();
        market.run(
            "INSERT INTO niches (id, slug, names, currency, state, current_version_id, created_at) \
             VALUES ($1, 'test', '{\"en\":\"Test\",\"ru\":\"Тест\"}', 'RUB', 'ACTIVE', $2, $3)",
            vec![niche.uuid().into(), version.uuid().into(), now.into()],
        )
        .await;
        market.run(
            "INSERT INTO niche_versions (id, niche_id, version, schema, policy, created_at, created_by) \
             VALUES ($1, $2, 1, $3, $4, $5, 'test')",
            vec![
                version.uuid().into(), niche.uuid().into(), schema().to_string().into(),
                policy.to_string().into(), now.into(),
            ],
        )
        .await;
        market.raise().await;
        market.exchange.start().await.unwrap();
        market
    }

    /// One more instance of intake over the same database.
    pub fn instance(
        db: &Db,
        clock: &Clock,
        vault: &Vault,
        config: &Config,
        shutdown: &Shutdown,
    ) -> Exchange {
        let hints = Arc::new(LocalHints::new());
        Exchange::new(db.clone(), clock.clone(), vault.clone(), hints, config, shutdown.clone())
    }

    /// Runs one statement in its own transaction.
    pub async fn run(&self, sql: &str, values: Vec<Sql>) {
        let tx = self.db.begin_write(&self.clock).await.unwrap();
        let statement =
            Statement::from_sql_and_values(tx.conn().get_database_backend(), sql, values);
        tx.conn().execute_raw(statement).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// One number.
    pub async fn number(&self, sql: &str, values: Vec<Sql>) -> i64 {
        let tx = self.db.begin_read().await.unwrap();
        let statement =
            Statement::from_sql_and_values(tx.conn().get_database_backend(), sql, values);
        let row = tx.conn().query_one_raw(statement).await.unwrap().unwrap();
        row.try_get::<i64>("", "n").unwrap()
    }

    pub async fn raise(&self) {
        let tx = self.db.begin_write(&self.clock).await.unwrap();
        epoch::raise(&tx, &[self.niche.uuid()]).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn org(&self, id: OrganizationId, kind: &str) {
        self.run(
            "INSERT INTO organizations (id, kind, name, state, time_zone, created_at) \
             VALUES ($1, $2, 'Test', 'ACTIVE', 'Europe/Moscow', $3)",
            vec![id.uuid().into(), kind.into(), self.clock.now().micros().into()],
        )
        .await;
    }

    /// A buyer with money.
    pub async fn buyer(&self, funds: i64) -> OrganizationId {
        let id = OrganizationId::new(self.clock.now());
        self.org(id, "BUYER").await;
        let tx = self.db.begin_write(&self.clock).await.unwrap();
        let mut accounts = Account::of_buyer(id, Currency::RUB).to_vec();
        accounts.push(Account::external(Rail::Bank, Currency::RUB));
        ledger::ensure_accounts(&tx, &accounts).await.unwrap();
        if funds > 0 {
            let top_up = TopUpId::new(tx.now());
            let posted =
                templates::top_up(top_up, id, Rail::Bank, funds, Currency::RUB, 0, tx.now())
                    .unwrap();
            ledger::post(&tx, &[posted]).await.unwrap();
        }
        tx.commit().await.unwrap();
        id
    }

    /// An active offer.
    pub async fn offer(&self, buyer: OrganizationId, terms: Value) -> OfferId {
        let (id, version) = (OfferId::new(self.clock.now()), OfferVersionId::new(self.clock.now()));
        let now = self.clock.now().micros();
        self.run(
            "INSERT INTO offers (id, buyer_id, niche_id, name, state, current_version_id, created_at, updated_at) \
             VALUES ($1, $2, $3, 'Offer', 'ACTIVE', $4, $5, $5)",
            vec![
                id.uuid().into(), buyer.uuid().into(), self.niche.uuid().into(),
                version.uuid().into(), now.into(),
            ],
        )
        .await;
        self.run(
            "INSERT INTO offer_versions (id, offer_id, version, terms, state, created_by, created_at, effective_at) \
             VALUES ($1, $2, 1, $3, 'EFFECTIVE', 'test', $4, $4)",
            vec![version.uuid().into(), id.uuid().into(), terms.to_string().into(), now.into()],
        )
        .await;
        self.run("INSERT INTO offer_meters (offer_id) VALUES ($1)", vec![id.uuid().into()]).await;
        self.raise().await;
        id
    }

    /// An active source; `target` narrows it to one offer.
    pub async fn source(&self, max_sales: i32, target: Option<OfferId>) -> Src {
        let publisher = OrganizationId::new(self.clock.now());
        self.org(publisher, "PUBLISHER").await;
        let id = SourceId::new(self.clock.now());
        let (key, prefix) = mint("psk");
        self.run(
            "INSERT INTO sources (id, publisher_id, niche_id, name, kind, traffic, target_offer_id, \
             max_sales, state, posting_key_hash, posting_key_prefix, created_at) \
             VALUES ($1, $2, $3, 'Source', 'API', '', $4, $5, 'ACTIVE', $6, $7, $8)",
            vec![
                id.uuid().into(), publisher.uuid().into(), self.niche.uuid().into(),
                target.map(OfferId::uuid).into(), max_sales.into(), digest(&key).into(),
                prefix.into(), self.clock.now().micros().into(),
            ],
        )
        .await;
        self.raise().await;
        Src { key, publisher }
    }

    /// The next version of the niche, with these rules.
    pub async fn publish(&self, policy: Value) {
        let version = NicheVersionId::new(self.clock.now());
        let now = self.clock.now().micros();
        self.run(
            "INSERT INTO niche_versions (id, niche_id, version, schema, policy, created_at, created_by) \
             VALUES ($1, $2, 2, $3, $4, $5, 'test')",
            vec![
                version.uuid().into(), self.niche.uuid().into(), schema().to_string().into(),
                policy.to_string().into(), now.into(),
            ],
        )
        .await;
        let text = "UPDATE niches SET current_version_id = $1 WHERE id = $2";
        self.run(text, vec![version.uuid().into(), self.niche.uuid().into()]).await;
        self.raise().await;
    }

    /// Who may buy what the target of a publisher's sources does not.
    pub async fn fall_back(&self, source: &Src, kind: &str, offer: Option<OfferId>) {
        let text =
            "UPDATE sources SET fallback = $1, fallback_offer_id = $2 WHERE publisher_id = $3";
        let offer = offer.map(OfferId::uuid);
        self.run(text, vec![kind.into(), offer.into(), source.publisher.uuid().into()]).await;
        self.raise().await;
    }

    /// A request with these fields, as `POST /v1/leads` makes it from `body`.
    pub async fn request(&self, source: &Src, body: Value) -> SubmitRequest {
        let known = self.exchange.source_by_key(&source.key).await.unwrap();
        let sent = Submission::from_json(body.as_object().unwrap().clone());
        SubmitRequest::new(known, Channel::Api, sent)
    }

    /// Submits these fields.
    pub async fn send(&self, source: &Src, fields: Value) -> Result<Submitted> {
        let request = self.request(source, json!({"fields": fields})).await;
        self.exchange.submit(request).await
    }

    /// A buyer's free money.
    pub async fn available(&self, buyer: OrganizationId) -> i64 {
        let account = Account::available(buyer, Currency::RUB);
        let tx = self.db.begin_read().await.unwrap();
        let found = ledger::balances(&tx, &[account]).await.unwrap();
        found.get(&account.id()).copied().unwrap_or_default()
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> i64 {
        self.number(&format!("SELECT COUNT(*) AS n FROM {table}"), vec![]).await
    }

    /// Everything that has to hold whatever happened: the ledger, the chains, the counters, the
    /// claims.
    pub async fn check(&self) {
        let tx = self.db.begin_read().await.unwrap();
        let differences = ledger::collect(&tx).await.unwrap().finish();
        assert!(differences.is_empty(), "the ledger differs: {differences:?}");
        drop(tx);
        let report = self.leads.verify().await.unwrap();
        assert!(report.faults.is_empty(), "chains: {:?}", report.faults);
        let off = self
            .number(
                "SELECT COUNT(*) AS n FROM offer_meters m WHERE m.total_count <> \
                 (SELECT COUNT(*) FROM awards a WHERE a.offer_id = m.offer_id)",
                vec![],
            )
            .await;
        assert_eq!(off, 0, "meters differ from awards");
        let copies = self
            .number(
                "SELECT COUNT(*) AS n FROM leads l WHERE l.copies <> \
                 (SELECT COUNT(*) FROM awards a WHERE a.lead_id = l.id)",
                vec![],
            )
            .await;
        assert_eq!(copies, 0, "copies differ from awards");
        let orphans = self
            .number(
                "SELECT COUNT(*) AS n FROM claims c WHERE NOT EXISTS \
                 (SELECT 1 FROM leads l WHERE l.id = c.lead_id)",
                vec![],
            )
            .await;
        assert_eq!(orphans, 0, "claims without a lead");
    }

    /// Ends the workers.
    pub async fn close(self) {
        assert!(self.shutdown.finish(Duration::from_secs(20)).await);
    }
}
