//! The test of an endpoint with a made-up lead, before or after it goes live.

use leadbourse_core::access::Actor;
use leadbourse_core::ids::{AwardId, LeadId, OfferId};
use leadbourse_core::live::contract::{Patience, Probe, Shown, judge};
use leadbourse_core::live::steps::{Exchanged, posted};
use leadbourse_core::money::Currency;
use leadbourse_core::niche::schema::FieldSchema;
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::publish::spec::made_up;
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::time::Instant;

use super::caller::{Message, millis};
use super::message;
use super::service::LiveBuyers;
use crate::offers::LiveConnection;
use crate::platform::error::{Context, Result};
use crate::platform::webhook;

/// What a test has shown.
#[derive(Clone, Debug)]
pub struct Report {
    /// Whether every step passed.
    pub passed: bool,
    /// The steps, in order.
    pub steps: Vec<Shown>,
    /// The niche's currency, of the prices.
    pub currency: Currency,
}

/// One test under way.
struct Trial<'a> {
    buyers: &'a LiveBuyers,
    to: &'a LiveConnection,
    currency: Currency,
    patience: Patience,
}

impl LiveBuyers {
    /// Sends a made-up ask and post with test marks, the post twice, asks for its status, and sends
    /// an ask with a wrong signature. Nothing is sold, stored or counted, and no breaker learns of
    /// it.
    ///
    /// # Errors
    /// `NOT_FOUND`, `LIVE_CONNECTION_MISSING`.
    pub async fn test(&self, actor: &Actor, id: OfferId) -> Result<Report> {
        let to = self.offers.live_to_test(actor, id).await?;
        let offer = self.offers.get(actor, id).await?;
        let tx = self.db.begin_read().await?;
        let (niche, version) = self.niches.current_in(&tx, offer.niche_id).await?;
        drop(tx);
        let history = self.offers.history(actor, &[id]).await?;
        let newest = history.get(&id).and_then(|versions| versions.first());
        let terms = newest.map(|version| &version.terms);
        let goal = terms.and_then(|terms| terms.goal(GoalKind::Lead));
        let price = goal.and_then(|goal| goal.price.fixed()).unwrap_or(1);
        let patience =
            Patience { ask_ms: to.settings.ask_timeout_ms, post_ms: to.settings.post_timeout_ms };
        let trial = Trial { buyers: self, to: &to, currency: niche.currency, patience };
        let steps = trial.run(&version.schema, price).await?;
        let passed = steps.iter().all(|step| step.passed);
        Ok(Report { passed, steps, currency: niche.currency })
    }
}

impl Trial<'_> {
    async fn run(&self, schema: &FieldSchema, price: i64) -> Result<Vec<Shown>> {
        let now = self.buyers.clock.now();
        let (lead, award, offer) = (LeadId::new(now), AwardId::new(now), self.to.offer_id);
        let fields = made_up(schema);
        let shown = |name: &str| schema.field(name).is_some_and(|field| field.ping);
        let before: Map<String, Value> = fields
            .iter()
            .filter(|(name, _)| shown(name))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        let sum = (price, self.currency);
        let ask = message::ask((lead, offer), &before, sum, 50, now, true);
        let person = json!({"fields": fields});
        let post = message::post((lead, offer, award), &person, sum, now, true);
        let status = message::status((lead, offer, award), now, true);
        let settings = &self.to.settings;

        let (asked, took) = self.send(&settings.ask_url, &ask, self.patience.ask_ms).await;
        let mut steps = vec![judge(Probe::Ask, asked, took, self.patience, None)];
        let (first, took) = self.send(&settings.post_url, &post, self.patience.post_ms).await;
        let answered = posted(first.clone());
        steps.push(judge(Probe::Post, first, took, self.patience, None));
        let (again, took) = self.send(&settings.post_url, &post, self.patience.post_ms).await;
        steps.push(judge(Probe::Repeat, again, took, self.patience, Some(&answered)));
        if let Some(url) = &settings.status_url {
            let (said, took) = self.send(url, &status, self.patience.post_ms).await;
            steps.push(judge(Probe::Status, said, took, self.patience, Some(&answered)));
        }
        let (forged, took) = self.forge(&ask).await?;
        steps.push(judge(Probe::Forged, forged, took, self.patience, None));
        Ok(steps)
    }

    async fn send(&self, url: &str, message: &Message, patience_ms: u32) -> (Exchanged, u32) {
        let began = Instant::now();
        let until = began + Duration::from_millis(patience_ms.into());
        let caller = &self.buyers.caller;
        let said = caller.exchange(self.to, url, message, self.currency, until).await;
        (said, millis(began))
    }

    /// The ask, signed by somebody who does not have the secret.
    async fn forge(&self, message: &Message) -> Result<(Exchanged, u32)> {
        let other = webhook::signing_secret();
        let at = self.buyers.clock.now();
        let headers = webhook::headers(&other, &message.id, at, &message.body, true)
            .context("signing a forged request")?;
        let began = Instant::now();
        let until = began + Duration::from_millis(self.patience.ask_ms.into());
        let (caller, url) = (&self.buyers.caller, &self.to.settings.ask_url);
        let said = caller.send(self.to, url, (headers, message), self.currency, until).await;
        Ok((said, millis(began)))
    }
}
