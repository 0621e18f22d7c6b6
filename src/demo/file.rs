//! `demo.json`: everything that a script, or a person with curl, needs to know of the market.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use super::market::{Login, Market};
use crate::platform::error::{Context, Error, Result};

const NAME: &str = "demo.json";

/// What stands in `demo.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DemoFile {
    /// Where the exchange is open.
    pub url: String,
    /// All ways in, the operator's administrator first.
    pub logins: Vec<Login>,
    /// The administrator.
    pub operator: Login,
    /// Two buyers, with keys.
    pub buyers: Vec<Login>,
    /// Two publishers, with keys.
    pub publishers: Vec<Login>,
    /// A source of the first publisher.
    pub source_id: String,
    /// Its posting key.
    pub posting_key: String,
    /// The source's niche.
    pub niche_id: String,
    /// The niche's slug.
    pub niche: String,
    /// The first buyer's offer in that niche.
    pub offer_id: String,
    /// Fields that make a good lead there; the person's own are filled in by the caller.
    pub sample: Map<String, Value>,
    /// Leads in the history.
    pub leads: u64,
}

/// The file of a market.
///
/// # Errors
/// When the cast has no first buyer or publisher.
pub(super) fn of(market: &Market, leads: u64) -> Result<DemoFile> {
    let operator = market.operators.first().ok_or_else(|| Error::broken("no operator"))?;
    let buyers: Vec<Login> = market.buyers.iter().map(|seat| seat.login.clone()).collect();
    let publishers: Vec<Login> = market.publishers.iter().map(|seat| seat.login.clone()).collect();
    let source = market
        .publishers
        .first()
        .and_then(|publisher| publisher.sources.first())
        .ok_or_else(|| Error::broken("no source"))?;
    let mut logins = market.operators.clone();
    logins.extend(buyers.iter().cloned());
    logins.extend(publishers.iter().cloned());
    for login in &mut logins {
        login.api_key = None;
    }
    let sample = json!({
        "name": "Vera Novak", "region": "RU-MOW", "city": "Москва", "purpose": "NEW_BUILDING",
        "loan_amount": 7_500_000, "down_payment_percent": 30, "term_years": 20,
        "employment": "EMPLOYED", "monthly_income": 240_000, "income_proof": "TAX_CERTIFICATE",
        "credit_history": "GOOD", "property_chosen": true, "when_needed": "NOW",
    });
    Ok(DemoFile {
        url: String::new(),
        operator: operator.clone(),
        buyers: buyers.into_iter().take(2).collect(),
        publishers: publishers.into_iter().take(2).collect(),
        logins,
        source_id: source.id.clone(),
        posting_key: source.posting_key.clone(),
        niche_id: market.niche(source.niche)?.id.clone(),
        niche: source.niche.to_owned(),
        offer_id: market.offers.first().cloned().unwrap_or_default(),
        sample: sample.as_object().cloned().unwrap_or_default(),
        leads,
    })
}

impl DemoFile {
    /// The file in this folder, if there is one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        match std::fs::read(folder.join(NAME)) {
            Ok(bytes) => serde_json::from_slice(&bytes).context("reading demo.json").map(Some),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(Error::other("reading demo.json", cause)),
        }
    }

    /// Writes the file for its owner's eyes only, whole or not at all.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        use std::os::unix::fs::OpenOptionsExt;
        let new = folder.join("demo.json.new");
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&new)
            .context("writing demo.json")?;
        let text = serde_json::to_string_pretty(self).context("writing demo.json")?;
        file.write_all(text.as_bytes()).context("writing demo.json")?;
        std::fs::rename(&new, folder.join(NAME)).context("writing demo.json")
    }

    /// What the terminal shows: who may sign in, and a line that sells a person.
    pub fn welcome(&self) -> String {
        let mut text = format!(
            "\n  The demo market is open: {}\n  {} leads in 60 days of history.\n\n",
            self.url, self.leads
        );
        for login in &self.logins {
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "  {:<10} {:<28} {:<18} {}",
                login.kind.to_lowercase(),
                login.email,
                login.password,
                login.organization
            );
        }
        let _ = writeln!(text, "\n  Sell a lead (a fresh person at every run):\n\n{}", self.curl());
        let _ = writeln!(text, "  It is then in the inbox of a buyer: {}/", self.url);
        text
    }

    /// A shell line that sends a person who was never sent before.
    pub fn curl(&self) -> String {
        let mut fields = self.sample.clone();
        fields.insert("phone".to_owned(), json!("+7916@PHONE@"));
        fields.insert("email".to_owned(), json!("vera@MAIL@@mail.example.com"));
        let body = json!({
            "fields": fields,
            "consent": {"given": true, "page": "https://www.example.com/mortgage"},
        });
        // Single quotes around the JSON; what is new at every run is spliced in between them.
        let random = "'$(printf %07d $(($(od -An -N4 -tu4 /dev/urandom) % 10000000)))'";
        let body = body
            .to_string()
            .replace('\'', "'\\''")
            .replace("@PHONE@", random)
            .replace("@MAIL@", "'$(date +%s%N)'");
        format!(
            "curl -s {}/v1/leads -H 'Authorization: Bearer {}' -H 'Content-Type: application/json' \
             -d '{body}'; echo\n",
            self.url, self.posting_key
        )
    }
}
