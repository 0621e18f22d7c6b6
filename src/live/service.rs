//! Connections and offered awards as members see them.

use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::error::{NOT_FOUND, Problem, TOO_LONG};
use leadbourse_core::ids::OfferId;
use leadbourse_core::live::Limits;
use leadbourse_core::live::connection::{Connection, LIVE_ADDRESS};
use leadbourse_core::money::Currency;

use super::caller::Caller;
use super::model::LiveAward;
use super::repo;
use crate::niches::Niches;
use crate::offers::{LiveConnection, Offers};
use crate::platform::clock::Clock;
use crate::platform::config::LiveConfig;
use crate::platform::db::Db;
use crate::platform::egress::Egress;
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};
use crate::platform::vault::Vault;
use crate::platform::webhook;

/// Bytes of an address.
const MAX_URL: usize = 2_048;

/// Live connections of offers, and what was offered to them. Cheap to clone.
#[derive(Clone)]
pub struct LiveBuyers {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) niches: Niches,
    pub(super) offers: Offers,
    vault: Vault,
    egress: Egress,
    limits: Limits,
    pub(super) caller: Caller,
}

/// A connection that was set, and the signing secret if it is new: it is shown this once.
#[derive(Clone, Debug)]
pub struct SetConnection {
    /// The connection.
    pub connection: LiveConnection,
    /// The niche's currency.
    pub currency: Currency,
    /// The secret.
    pub secret: Option<String>,
}

impl LiveBuyers {
    /// Over one database.
    pub fn new(
        (db, clock, vault): (Db, Clock, Vault),
        (niches, offers): (Niches, Offers),
        egress: Egress,
        config: &LiveConfig,
    ) -> Self {
        let limits = Limits {
            ask_timeout_ms: config.ask_deadline_ms,
            post_timeout_ms: config.post_timeout_ms,
            concurrency: config.concurrency,
        };
        let caller = Caller::new(egress.clone(), vault.clone(), clock.clone(), config);
        Self { db, clock, niches, offers, vault, egress, limits, caller }
    }

    /// What calls live buyers.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Sets where and how an offer's buyer is asked. What is wanted is read in the niche's currency,
    /// once it is clear that the actor may set it.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE` for a closed offer, the first thing that is wrong with it.
    pub async fn set_connection(
        &self,
        actor: &Actor,
        offer: OfferId,
        wanted: impl FnOnce(Currency) -> Result<Connection, Problem> + Send,
        rotate_secret: bool,
    ) -> Result<SetConnection> {
        actor.require(Action::ManageOffers)?;
        let niche = self.offers.get(actor, offer).await?.niche_id;
        let currency = self.niches.get(niche).await?.currency;
        let mut wanted = wanted(currency)?;
        if let Some(problem) = wanted.faults(&self.limits).into_iter().next() {
            return Err(problem.into());
        }
        wanted.ask_url = self.address(&wanted.ask_url, "askUrl")?;
        wanted.post_url = self.address(&wanted.post_url, "postUrl")?;
        if let Some(url) = &wanted.status_url {
            wanted.status_url = Some(self.address(url, "statusUrl")?);
        }
        let secret = webhook::signing_secret();
        let sealed = self.vault.seal_secret(secret.as_bytes())?;
        let set = self.offers.set_live(actor, offer, wanted, sealed, rotate_secret).await?;
        let (connection, is_fresh) = set;
        Ok(SetConnection { connection, currency, secret: is_fresh.then_some(secret) })
    }

    fn address(&self, url: &str, path: &'static str) -> Result<String, Problem> {
        if url.len() > MAX_URL {
            return Err(Problem::new(TOO_LONG).field(path));
        }
        let checked = self.egress.check(url.trim());
        checked.map(|url| url.to_string()).map_err(|why| {
            Problem::new(LIVE_ADDRESS).field(path).detail(format!("Not called: {why}."))
        })
    }

    /// The connection of an offer; the actor's own, or any for operators.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn connection(
        &self,
        actor: &Actor,
        offer: OfferId,
    ) -> Result<Option<LiveConnection>> {
        self.offers.live(actor, offer).await
    }

    /// Awards that were offered to live buyers, newest first: the actor's own, or all for
    /// operators.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn awards(&self, actor: &Actor, page: &Page) -> Result<Paged<LiveAward>> {
        actor.require(Action::ReadLeads)?;
        if actor.kind == OrgKind::Publisher {
            // What is bid is not for publishers.
            return Err(NOT_FOUND.into());
        }
        let tx = self.db.begin_read().await?;
        repo::list(&tx, actor.scope(), page).await
    }
}
