//! What an offer's terms would have bought lately: the live estimate beside the offer's form.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::exchange::estimate::{Estimate, PastLead, estimate, winning_bid};
use leadbourse_core::exchange::{BookOffer, NicheBook, TraceEntry};
use leadbourse_core::ids::{LeadId, NicheId, OfferId, OfferVersionId};
use leadbourse_core::money::{Bps, Currency};
use leadbourse_core::offer::meters::Meters;
use leadbourse_core::offer::terms::{Terms, Visibility};
use leadbourse_core::time::{DAY, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;

use super::Insights;
use super::repo::{self, PastRow};
use crate::niches::{Niche, NicheVersion};
use crate::platform::error::{Context, Result};

/// How far the estimate looks back.
const LOOK_BACK: i64 = 30 * DAY;
/// The most leads that one estimate plays, the newest of the period.
pub(super) const MOST_LEADS: i64 = 5_000;
/// Fewer leads than these could point at a single person: then nothing is said.
const FEWEST: i64 = 5;

/// An estimate, and what it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferEstimate {
    /// The currency of its sums.
    pub currency: Currency,
    /// From when on leads were looked at.
    pub since: Timestamp,
    /// Whether there were more leads in the period than are played.
    pub sampled: bool,
    /// The numbers; `None` when so few leads match that they could point at a person.
    pub found: Option<Estimate>,
}

impl Insights {
    /// Plays the last thirty days of a niche, at most its newest 5,000 leads, against terms. An
    /// existing offer is judged by its measured rates.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for others' offers; `NICHE_ARCHIVED`; terms whose schedule does not read.
    pub async fn offer_estimate(
        &self,
        actor: &Actor,
        niche: NicheId,
        terms: Terms,
        offer: Option<OfferId>,
    ) -> Result<OfferEstimate> {
        actor.require(Action::ManageOffers)?;
        let meters = match offer {
            None => Meters::default(),
            Some(id) => {
                self.offers.get(actor, id).await?;
                self.offers.usage(actor, &[id]).await?.remove(&id).unwrap_or_default().meters
            }
        };
        let tx = self.db.begin_read().await?;
        let (niche, version) = self.niches.open_in(&tx, niche).await?;
        let since = self.clock.now().plus(-LOOK_BACK);
        let rows = repo::past_leads(&tx, niche.id, since).await?;
        drop(tx);
        let book = book_of_one(actor, &niche, &version, terms, self.clock.now())?;
        let share = self.offers.take_rate(&version);
        let currency = niche.currency;
        let work = move || play(&book, meters, rows, share);
        let (found, first, sampled) =
            self.tasks.spawn_blocking(work).await.context("estimating an offer")??;
        let since = if sampled { first.unwrap_or(since) } else { since };
        let told = found.matched == 0 || found.matched >= FEWEST;
        Ok(OfferEstimate { currency, since, sampled, found: told.then_some(found) })
    }
}

/// A book whose only offer has these terms. Every publisher may sell to it: who will be approved
/// is not known yet.
fn book_of_one(
    actor: &Actor,
    niche: &Niche,
    version: &Arc<NicheVersion>,
    terms: Terms,
    now: Timestamp,
) -> Result<NicheBook> {
    let terms = Terms { visibility: Visibility::Public, ..terms };
    let (id, of) = (OfferId::new(now), OfferVersionId::new(now));
    let offer = BookOffer::new(id, of, actor.org, now, terms, HashMap::new())?;
    let (schema, policy) = (Arc::clone(&version.schema), Arc::clone(&version.policy));
    let currency = niche.currency;
    Ok(NicheBook::new(niche.id, version.id, true, currency, schema, policy, 0, vec![offer]))
}

/// The estimate, when the oldest lead came, and whether there were more.
fn play(
    book: &NicheBook,
    meters: Meters,
    rows: Vec<PastRow>,
    share: Bps,
) -> Result<(Estimate, Option<Timestamp>, bool)> {
    let sampled = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= MOST_LEADS;
    let leads: Vec<PastLead> = rows.into_iter().rev().map(past_lead).collect::<Result<_>>()?;
    let first = leads.first().map(|lead| lead.at);
    Ok((estimate(book, meters, &leads, share), first, sampled))
}

#[derive(Deserialize)]
struct Features {
    #[serde(default)]
    fields: Map<String, Value>,
}

#[derive(Deserialize)]
struct BidLog {
    entries: Vec<TraceEntry>,
}

fn past_lead(row: PastRow) -> Result<PastLead> {
    let features: Features = serde_json::from_str(&row.features).context("reading features")?;
    let won_by = match &row.trace {
        None => Vec::new(),
        Some(trace) => {
            let log: BidLog = serde_json::from_str(trace).context("reading a lead's trace")?;
            log.entries.iter().filter_map(winning_bid).collect()
        }
    };
    Ok(PastLead {
        lead: LeadId(row.id),
        publisher: row.publisher_id.into(),
        at: Timestamp::from_micros(row.received_at),
        fields: features.fields,
        score: row.score,
        max_sales: row.max_sales,
        won_by,
    })
}
