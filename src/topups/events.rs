//! What the provider tells.

use leadbourse_core::error::Problem;
use leadbourse_core::ids::{CardTopUpId, CreditRefundId, ProviderEventId, derive_near, first_at};
use leadbourse_core::time::{SECOND, Timestamp};
use leadbourse_core::topup::{BAD_SIGNATURE, ProviderEventState, verify};
use serde_json::json;

use super::chargebacks::{Handled, held};
use super::jobs::PROVIDER_EVENT;
use super::model::ProviderEvent;
use super::repo::{others, top_ups};
use super::service::TopUps;
use super::settle::Settled;
use crate::platform::error::Result;
use crate::platform::jobs::{self, JobSpec};
use crate::platform::rails::stripe::{Event, Failure, OURS};

const DONE: Handled = (ProviderEventState::Done, None);
const IGNORED: Handled = (ProviderEventState::Ignored, None);

impl TopUps {
    /// Takes what the provider told: checks the signature over the raw body, and stores it before
    /// it is answered. The same event again is stored once.
    ///
    /// # Errors
    /// `CARDS_NOT_CONFIGURED`, `BAD_SIGNATURE`.
    pub async fn receive(&self, signature: Option<&str>, body: &[u8]) -> Result<()> {
        self.stripe()?;
        let secrets: Vec<&str> = self.config.webhook_secrets.iter().map(String::as_str).collect();
        let signature = signature.unwrap_or_default();
        verify(signature, body, &secrets, self.clock.now()).map_err(|why| {
            tracing::warn!(%why, "a webhook of the card provider was not believed");
            Problem::new(BAD_SIGNATURE)
        })?;
        let Some(event) = Event::read(body) else { return Err(BAD_SIGNATURE.into()) };
        let tx = self.db.begin_write(&self.clock).await?;
        // Beside the others of its time, so that lists by id are lists by time.
        let at = Timestamp::from_micros(event.created.saturating_mul(SECOND));
        let id = derive_near(first_at(at), &[b"stripe", event.id.as_bytes()]);
        let id = ProviderEventId(id);
        let about = event.about().map(str::to_owned);
        let stored = ProviderEvent {
            id,
            kind: event.kind.chars().take(200).collect(),
            event: event.id,
            about,
            state: ProviderEventState::Received,
            note: None,
            received_at: tx.now(),
            ended_at: None,
        };
        // The payer's name and address may be in it: sealed, as every secret.
        let sealed = self.vault.seal_secret(body)?;
        if others::insert_event(&tx, &stored, sealed).await? {
            let job = JobSpec::new(PROVIDER_EVENT, json!({"event": id})).dedup(id.to_string());
            jobs::schedule(&tx, job).await?;
        }
        tx.commit().await
    }

    /// Does what follows from a stored event; nothing where that was done.
    ///
    /// # Errors
    /// Faults, and uncertain answers of the provider: the job comes again.
    pub async fn process(&self, id: ProviderEventId) -> Result<()> {
        let tx = self.db.begin_read().await?;
        let Some(event) = others::find_event(&tx, id).await? else { return Ok(()) };
        drop(tx);
        if event.state != ProviderEventState::Received {
            return Ok(());
        }
        let (state, note) = match &event.about {
            Some(about) => self.handle(&event.kind, about).await?,
            None => IGNORED,
        };
        let tx = self.db.begin_write(&self.clock).await?;
        let change = (ProviderEventState::Received, state);
        if others::end_event(&tx, id, change, note.as_deref()).await? {
            tx.commit().await?;
        }
        Ok(())
    }

    async fn handle(&self, kind: &str, about: &str) -> Result<Handled> {
        if kind.starts_with("checkout.session.") {
            return self.session_told(about).await;
        }
        // Nothing was paid yet when a payment is made.
        if kind.starts_with("payment_intent.") && kind != "payment_intent.created" {
            return self.payment_told(about).await;
        }
        if kind.starts_with("refund.") {
            return self.refund_told(about).await;
        }
        if kind.starts_with("charge.dispute.") {
            return self.look_at_dispute(about).await;
        }
        Ok(IGNORED)
    }

    async fn session_told(&self, session: &str) -> Result<Handled> {
        let now = match self.stripe()?.session(session).await {
            Ok(now) => now,
            Err(Failure::Refused { code, .. }) => return Ok(held(format!("session: {code}"))),
            Err(failure) => return Err(failure.into()),
        };
        let tx = self.db.begin_read().await?;
        let known = match top_ups::by_session(&tx, session).await? {
            Some(known) => Some(known),
            // The answer to the request for it was lost: its own words say whose it is.
            None => match now.reference().and_then(|text| text.parse::<CardTopUpId>().ok()) {
                Some(id) => top_ups::find(&tx, id).await?,
                None => return Ok(IGNORED),
            },
        };
        drop(tx);
        let Some(known) = known else { return Ok(held("the top-up is not known here")) };
        if known.session.is_none() {
            self.keep_session(known.id, &now).await?;
        }
        self.page_now(known.id, &now).await?;
        Ok(DONE)
    }

    async fn payment_told(&self, payment: &str) -> Result<Handled> {
        let now = match self.stripe()?.payment(payment).await {
            Ok(now) => now,
            Err(Failure::Refused { code, .. }) => return Ok(held(format!("payment: {code}"))),
            Err(failure) => return Err(failure.into()),
        };
        let Some(reference) = now.metadata.get(OURS) else { return Ok(IGNORED) };
        let Ok(id) = reference.parse::<CardTopUpId>() else {
            return Ok(held("it names no top-up"));
        };
        Ok(match self.apply_payment(id, &now).await? {
            Settled::Done => DONE,
            Settled::Second => held(format!("a second payment for {id}")),
            Settled::NoTopUp => held(format!("{id} is not known here")),
            Settled::Uncertain => DONE,
        })
    }

    async fn refund_told(&self, refund: &str) -> Result<Handled> {
        let now = match self.stripe()?.refund_now(refund).await {
            Ok(now) => now,
            Err(Failure::Refused { code, .. }) => return Ok(held(format!("refund: {code}"))),
            Err(failure) => return Err(failure.into()),
        };
        let reference = now.metadata.as_ref().and_then(|all| all.get(OURS));
        let Some(reference) = reference else {
            // Somebody gave money back on the provider's own pages.
            return Ok(held("a refund that was not asked for here"));
        };
        let Ok(id) = reference.parse::<CreditRefundId>() else {
            return Ok(held("it names no refund"));
        };
        let tx = self.db.begin_read().await?;
        let known = others::find_refund(&tx, id).await?;
        drop(tx);
        if known.is_none() {
            return Ok(held(format!("{id} is not known here")));
        }
        self.look_at_refund(id, refund).await?;
        Ok(DONE)
    }
}
