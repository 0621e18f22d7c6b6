//! What happened to leads and conversions, for the publishers who want to hear it.

use leadbourse_core::ids::{AwardId, SourceId};
use leadbourse_core::lead::LeadState;
use leadbourse_core::money::Bps;
use leadbourse_core::notice::{Happening, NoticeEvent, Sale};
use std::collections::HashMap;

use super::model::{Award, Conversion, Seen};
use super::new::NewConversion;
use super::repo;
use crate::accounts;
use crate::platform::db::WriteTx;
use crate::platform::error::{Context, Result};
use crate::platform::outbox::{self, Message};

/// The topic of something that a publisher is told of; the key is the happening's id, the payload
/// the happening itself.
pub const HAPPENED: &str = "publisher.happened";

/// Awards that one statement asks for.
const MANY: usize = 500;

/// A happening as a message.
///
/// # Errors
/// Faults only.
pub fn happened(happening: &Happening) -> Result<Message> {
    let payload = serde_json::to_value(happening).context("printing a happening")?;
    Ok(Message::new(HAPPENED, happening.id().uuid(), payload))
}

impl NewConversion {
    /// Its creation, as its publisher hears of it.
    pub fn created(&self, source: SourceId) -> Happening {
        Happening {
            event: NoticeEvent::ConversionCreated,
            at: self.created_at,
            publisher: self.publisher_id,
            source,
            lead: self.lead_id,
            status: LeadState::Sold,
            reason: None,
            sale: Some(Sale {
                conversion: self.id,
                award: self.award_id,
                offer: self.offer_id,
                goal: self.goal,
            }),
            earning: self.legs.earning(),
            returned: 0,
            share: Bps(0),
            currency: self.currency,
        }
    }
}

/// Tells of a conversion that was billed after its award.
pub(super) async fn created(tx: &WriteTx, award: &Award, new: &NewConversion) -> Result<()> {
    if accounts::listening(tx, [new.publisher_id]).await?.is_empty() {
        return Ok(());
    }
    outbox::enqueue(tx, happened(&new.created(award.source_id))?).await
}

/// Tells of conversions that were approved or given back, as they are now. Asks one question where
/// nobody listens.
pub(super) async fn changed(
    tx: &WriteTx,
    event: NoticeEvent,
    conversions: &[Conversion],
) -> Result<()> {
    let publishers = conversions.iter().map(|conversion| conversion.publisher_id);
    let listening = accounts::listening(tx, publishers).await?;
    let told = |one: &&Conversion| listening.contains(&one.publisher_id);
    let told: Vec<&Conversion> = conversions.iter().filter(told).collect();
    if told.is_empty() {
        return Ok(());
    }
    let mut sources: HashMap<AwardId, SourceId> = HashMap::with_capacity(told.len());
    for some in told.chunks(MANY) {
        let awards: Vec<AwardId> = some.iter().map(|one| one.award_id).collect();
        let awards = repo::awards(tx, Seen::All, &awards).await?;
        sources.extend(awards.into_iter().map(|award| (award.id, award.source_id)));
    }
    let mut messages = Vec::with_capacity(told.len());
    for one in told {
        let source = sources.get(&one.award_id).copied().unwrap_or_default();
        messages.push(happened(&Happening {
            event,
            at: tx.now(),
            publisher: one.publisher_id,
            source,
            lead: one.lead_id,
            status: LeadState::Sold,
            reason: None,
            sale: Some(Sale {
                conversion: one.id,
                award: one.award_id,
                offer: one.offer_id,
                goal: one.goal,
            }),
            earning: one.remaining_earning(),
            returned: one.given.earning,
            share: one.given.bps,
            currency: one.currency,
        })?);
    }
    outbox::enqueue_all(tx, &messages).await
}
