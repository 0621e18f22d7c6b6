//! The auction from one step to the next, with the calls to the buyers' servers between the
//! transactions.

use futures::future::join_all;
use leadbourse_core::error::NOT_FOUND;
use leadbourse_core::exchange::Reply;
use leadbourse_core::ids::{LeadId, OfferId};
use leadbourse_core::lead::verdict::Verdict;
use leadbourse_core::live::{Posted, RunStep};
use leadbourse_core::offer::terms::GoalKind;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

use super::case::prepared;
use super::offer::Turn;
use super::settle::{Ending, Settled};
use crate::exchange::prepare::Body;
use crate::exchange::service::Exchange;
use crate::leads;
use crate::live::{self, LiveAward, LiveRun, Message};
use crate::offers;
use crate::platform::error::{Error, Result};

impl Exchange {
    /// Takes a lead from the step that it has reached to its verdict; `None` when it waits for a
    /// silent buyer, or somebody else works on it.
    pub(super) async fn drive(&self, lead: LeadId) -> Result<Option<Verdict>> {
        let tx = self.0.db.begin_read().await?;
        let run = live::run(&tx, lead).await?.ok_or(NOT_FOUND)?;
        drop(tx);
        let mut replies = match run.step {
            RunStep::Asking => self.ask_all(&run).await?,
            RunStep::Ranking => run.replies,
            RunStep::Offered | RunStep::Waiting | RunStep::Done => return Ok(None),
        };
        loop {
            let award = match self.turn(lead, &replies).await? {
                Turn::Decided(verdict) => return Ok(Some(verdict)),
                Turn::Gone => return Ok(None),
                Turn::Offered(award) => award,
            };
            let posted = self.send(&award).await?;
            match self.settle(lead, award.id, &Ending::Posted(posted)).await? {
                Settled::Decided(verdict) => return Ok(Some(verdict)),
                Settled::Next(heard) => replies = heard,
                Settled::Waits | Settled::Gone => return Ok(None),
            }
        }
    }

    /// Asks every live buyer at once. All have the same deadline; who is late is lost.
    async fn ask_all(&self, run: &LiveRun) -> Result<BTreeMap<OfferId, Reply>> {
        let inner = &*self.0;
        let tx = inner.db.begin_read().await?;
        let connections = offers::live_connections(&tx, &run.asks).await?;
        let prepared = prepared(inner, &tx, run.lead, None).await?;
        drop(tx);
        let book = self.niche(prepared.item.niche).ok_or(NOT_FOUND)?;
        let shown = |name: &str| book.schema.field(name).is_some_and(|field| field.ping);
        let fields: Map<String, Value> = prepared
            .wish
            .fields
            .iter()
            .filter(|(name, _)| shown(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let (lead, currency, now) = (run.lead, prepared.item.currency, inner.clock.now());
        let deadline = Instant::now() + Duration::from_millis(inner.live.ask_deadline_ms.into());
        let asked = run.asks.iter().map(|offer| {
            let declared = book.offer(*offer).and_then(|o| o.terms.goal(GoalKind::Lead));
            let price = declared.and_then(|goal| goal.price.fixed()).unwrap_or_default();
            let sum = (price, currency);
            let message = live::ask((lead, *offer), &fields, sum, prepared.wish.score, now, false);
            let connection = connections.get(offer);
            async move {
                let reply = match (connection, inner.caller.get()) {
                    (Some(to), Some(caller)) => caller.ask(to, &message, currency, deadline).await,
                    _ => Reply::NoConnection,
                };
                (*offer, reply)
            }
        });
        Ok(join_all(asked).await.into_iter().collect())
    }

    /// Sends the winner the lead.
    async fn send(&self, award: &LiveAward) -> Result<Posted> {
        let inner = &*self.0;
        let tx = inner.db.begin_read().await?;
        let connection = offers::live_connections(&tx, &[award.offer]).await?;
        let message = self.full(&tx, award).await?;
        drop(tx);
        match (connection.get(&award.offer), inner.caller.get()) {
            (Some(to), Some(caller)) => Ok(caller.post(to, &message, award.currency).await),
            _ => Err(Error::broken("a live award without a connection")),
        }
    }

    /// The whole lead, as its buyer gets it.
    async fn full(
        &self,
        tx: &impl crate::platform::db::Reader,
        award: &LiveAward,
    ) -> Result<Message> {
        let inner = &*self.0;
        let prepared = prepared(inner, tx, award.lead, None).await?;
        let Body::Stored(body) = &prepared.body else {
            return Err(Error::broken("a stored lead is another"));
        };
        let opened = leads::open_contact(&inner.vault, &body.contact)?;
        let (record, envelope) = (&body.record, &opened.envelope);
        let person = json!({
            "fields": opened.fields,
            "received_at": record.received_at.rfc3339(),
            "channel": record.channel,
            "score": {
                "score": record.score, "grade": record.grade, "intent": record.intent,
                "temperature": record.temperature,
            },
            "preferred_time": envelope.preferred_time,
            "consent": envelope.consent,
            "certificate_urls": envelope.certificate_urls,
            "landing_url": envelope.landing_url,
            "ip": envelope.ip,
            "user_agent": envelope.user_agent,
        });
        let ids = (award.lead, award.offer, award.id);
        let sum = (award.price, award.currency);
        Ok(live::post(ids, &person, sum, inner.clock.now(), false))
    }
}
