//! The market that is measured: a hundred offers of fifty buyers in ten regions, one source.
//! Written row by row, so that the benchmark needs nothing but the schema.

use anyhow::{Context, Result};
use leadbourse_core::ids::{
    NicheId, NicheVersionId, OfferId, OfferVersionId, OrganizationId, SourceId, TopUpId,
};
use leadbourse_core::ledger::{Account, Rail, templates};
use leadbourse_core::money::Currency;
use leadbourse_core::time::Timestamp;
use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, Statement, TransactionTrait, Value as Sql,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::{SystemTime, UNIX_EPOCH};

/// The regions, each wanted by ten offers.
pub const REGIONS: [&str; 10] =
    ["MOW", "SPE", "NVS", "SVE", "TA", "NIZ", "CHE", "SAM", "BA", "ROS"];
const BUYERS: usize = 50;
const OFFERS: usize = 100;
/// What each buyer pays in, in minor units.
const FUNDS: i64 = 1_000_000_000_000;

/// What the load has to know.
pub struct Market {
    /// The source's posting key.
    pub posting_key: String,
}

struct Writer<'c, C: ConnectionTrait> {
    db: &'c C,
    now: Timestamp,
}

impl<C: ConnectionTrait> Writer<'_, C> {
    async fn insert(&self, table: &str, cols: &[&str], values: Vec<Sql>) -> Result<()> {
        let marks: Vec<String> = (1..=cols.len()).map(|n| format!("${n}")).collect();
        let sql =
            format!("INSERT INTO {table} ({}) VALUES ({})", cols.join(", "), marks.join(", "));
        let statement = Statement::from_sql_and_values(self.db.get_database_backend(), sql, values);
        self.db.execute_raw(statement).await.with_context(|| format!("seeding {table}"))?;
        Ok(())
    }

    async fn organization(&self, kind: &str) -> Result<OrganizationId> {
        let id = OrganizationId::new(self.now);
        let cols = ["id", "kind", "name", "state", "time_zone", "created_at"];
        let values = vec![
            id.uuid().into(),
            kind.into(),
            "Bench".into(),
            "ACTIVE".into(),
            "Europe/Moscow".into(),
            self.now.micros().into(),
        ];
        self.insert("organizations", &cols, values).await?;
        Ok(id)
    }

    async fn niche(&self) -> Result<NicheId> {
        let (id, version) = (NicheId::new(self.now), NicheVersionId::new(self.now));
        let at = self.now.micros();
        let cols = ["id", "slug", "names", "currency", "state", "current_version_id", "created_at"];
        let names = json!({"en": "Bench", "ru": "Замер"}).to_string();
        let values = vec![
            id.uuid().into(),
            "bench".into(),
            names.into(),
            "RUB".into(),
            "ACTIVE".into(),
            version.uuid().into(),
            at.into(),
        ];
        self.insert("niches", &cols, values).await?;
        let cols = ["id", "niche_id", "version", "schema", "policy", "created_at", "created_by"];
        let values = vec![
            version.uuid().into(),
            id.uuid().into(),
            1i32.into(),
            schema().to_string().into(),
            policy().to_string().into(),
            at.into(),
            "bench".into(),
        ];
        self.insert("niche_versions", &cols, values).await?;
        self.insert("market_epochs", &["niche_id", "epoch"], vec![id.uuid().into(), 1i64.into()])
            .await?;
        Ok(id)
    }

    async fn account(&self, account: Account, amount: i64) -> Result<()> {
        let cols = ["id", "code", "kind", "owner_id", "currency"];
        let values = vec![
            account.id().uuid().into(),
            account.code().into(),
            account.kind().as_str().into(),
            account.owner().map(OrganizationId::uuid).into(),
            "RUB".into(),
        ];
        self.insert("ledger_accounts", &cols, values).await?;
        let values = vec![account.id().uuid().into(), amount.into()];
        self.insert("balances", &["account_id", "amount"], values).await
    }

    async fn buyer(&self) -> Result<OrganizationId> {
        let id = self.organization("BUYER").await?;
        for account in Account::of_buyer(id, Currency::RUB) {
            let amount = if account == Account::available(id, Currency::RUB) { FUNDS } else { 0 };
            self.account(account, amount).await?;
        }
        let paid_in = TopUpId::new(self.now);
        let cols =
            ["id", "buyer_id", "amount", "currency", "rail", "reference", "recorded_by", "at"];
        let values = vec![
            paid_in.uuid().into(),
            id.uuid().into(),
            FUNDS.into(),
            "RUB".into(),
            Rail::Bank.as_str().into(),
            "bench".into(),
            "bench".into(),
            self.now.micros().into(),
        ];
        self.insert("top_ups", &cols, values).await?;
        let top_up = templates::top_up(paid_in, id, Rail::Bank, FUNDS, Currency::RUB, 0, self.now)?;
        let at = self.now.micros();
        let cols = ["id", "kind", "cause", "currency", "at"];
        let values = vec![
            top_up.id().uuid().into(),
            top_up.kind().as_str().into(),
            top_up.cause().into(),
            "RUB".into(),
            at.into(),
        ];
        self.insert("ledger_txs", &cols, values).await?;
        for (n, posting) in (0i32..).zip(top_up.postings()) {
            let cols = ["tx_id", "n", "account_id", "amount", "currency", "at"];
            let values = vec![
                top_up.id().uuid().into(),
                n.into(),
                posting.account_id.uuid().into(),
                posting.amount.into(),
                "RUB".into(),
                at.into(),
            ];
            self.insert("postings", &cols, values).await?;
        }
        Ok(id)
    }

    async fn offer(&self, number: usize, buyer: OrganizationId, niche: NicheId) -> Result<()> {
        let (id, version) = (OfferId::new(self.now), OfferVersionId::new(self.now));
        let at = self.now.micros();
        let region = REGIONS.get(number % REGIONS.len()).copied().unwrap_or_default();
        let price = 1_000 + i64::try_from(number % 7).unwrap_or_default();
        let terms = json!({
            "goals": [{"kind": "LEAD", "price": price}],
            "caps": [{"period": "DAY", "count": 100_000_000}],
            "schedule": {"time_zone": "Europe/Moscow", "windows": [], "holidays": []},
            "conditions": [{"op": "EQ", "field": "region", "value": region},
                           {"op": "GTE", "field": "amount", "value": 500}],
            "max_sales": 1, "return_window_s": 604_800, "hold_s": 1_209_600, "lock_s": 2_592_000,
            "visibility": "PUBLIC"
        });
        let cols = [
            "id",
            "buyer_id",
            "niche_id",
            "name",
            "state",
            "current_version_id",
            "created_at",
            "updated_at",
        ];
        let values = vec![
            id.uuid().into(),
            buyer.uuid().into(),
            niche.uuid().into(),
            "Bench".into(),
            "ACTIVE".into(),
            version.uuid().into(),
            at.into(),
            at.into(),
        ];
        self.insert("offers", &cols, values).await?;
        let cols = [
            "id",
            "offer_id",
            "version",
            "terms",
            "state",
            "created_by",
            "created_at",
            "effective_at",
        ];
        let values = vec![
            version.uuid().into(),
            id.uuid().into(),
            1i32.into(),
            terms.to_string().into(),
            "EFFECTIVE".into(),
            "bench".into(),
            at.into(),
            at.into(),
        ];
        self.insert("offer_versions", &cols, values).await?;
        self.insert("offer_meters", &["offer_id"], vec![id.uuid().into()]).await
    }

    async fn source(&self, niche: NicheId) -> Result<String> {
        let publisher = self.organization("PUBLISHER").await?;
        let key = format!("psk_{}", hex::encode(Sha256::digest(publisher.uuid().as_bytes())));
        let cols = [
            "id",
            "publisher_id",
            "niche_id",
            "name",
            "kind",
            "traffic",
            "max_sales",
            "state",
            "posting_key_hash",
            "posting_key_prefix",
            "created_at",
        ];
        let values = vec![
            SourceId::new(self.now).uuid().into(),
            publisher.uuid().into(),
            niche.uuid().into(),
            "Bench".into(),
            "API".into(),
            "".into(),
            1i32.into(),
            "ACTIVE".into(),
            Sha256::digest(key.as_bytes()).to_vec().into(),
            "psk_bench".into(),
            self.now.micros().into(),
        ];
        self.insert("sources", &cols, values).await?;
        Ok(key)
    }
}

/// Fills a migrated database.
#[allow(clippy::disallowed_methods, reason = "not the exchange: a tool that fills its database")]
pub async fn seed(url: &str) -> Result<Market> {
    let db: DatabaseConnection = Database::connect(url).await.context("connecting to seed")?;
    let tx = db.begin().await?;
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros();
    let writer = Writer { db: &tx, now: Timestamp::from_micros(i64::try_from(since)?) };
    let niche = writer.niche().await?;
    let mut buyers = Vec::with_capacity(BUYERS);
    for _ in 0..BUYERS {
        buyers.push(writer.buyer().await?);
    }
    let outside = i64::try_from(BUYERS)? * FUNDS;
    writer.account(Account::external(Rail::Bank, Currency::RUB), -outside).await?;
    for number in 0..OFFERS {
        let buyer = buyers.get(number % BUYERS).copied().context("no buyer")?;
        writer.offer(number, buyer, niche).await?;
    }
    let posting_key = writer.source(niche).await?;
    tx.commit().await?;
    db.close().await?;
    Ok(Market { posting_key })
}

fn schema() -> Value {
    let label = json!({"en": "x", "ru": "x"});
    let text = |kind: &str| json!({"type": "string", "x-kind": kind, "x-pii": true, "maxLength": 100, "x-label": label});
    json!({
        "type": "object", "additionalProperties": false, "required": ["phone", "name"],
        "properties": {
            "phone": text("phone"), "email": text("email"), "name": text("name"),
            "region": {"type": "string", "maxLength": 10, "x-ping": true, "x-label": label},
            "amount": {"type": "integer", "minimum": 1, "x-label": label}
        }
    })
}

fn policy() -> Value {
    let label = json!({"en": "x", "ru": "x"});
    let rule = |name: &str, op: &str, value: i64, points: i64| {
        json!({"name": name, "label": label, "points": points,
               "when": {"op": op, "field": "amount", "value": value}})
    };
    json!({
        "default_region": "RU",
        "dedupe": {"key_sets": [["phone"], ["email"]], "mode": "ANY", "window_s": 2_592_000,
                   "scope": "NICHE", "release_on_return": true},
        "scorecard": {"fit": [rule("large", "GTE", 3_000, 2), rule("small", "LTE", 1_500, -1)],
                      "intent": [rule("some", "GTE", 1_000, 40), rule("much", "GTE", 4_000, 30)],
                      "mql": 40, "sql": 70, "intent_half_life_s": 604_800},
        "return_reasons": [{"code": "BAD_PHONE", "label": label}],
        "max_return_window_s": 604_800, "dispute_answer_s": 86_400, "dispute_decide_s": 86_400,
        "on_silence": "ACCEPT", "price_floor": 0, "consent_required": false,
        "contact_retention_s": 2_592_000, "quarantine_risk": 90
    })
}
