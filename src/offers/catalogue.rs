//! The offers as publishers find them: what they may earn, never what the buyer pays.

use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::error::{NOT_FOUND, Problem};
use leadbourse_core::ids::{NicheId, OfferId};
use leadbourse_core::offer::participation::{ParticipationState, may_see};
use leadbourse_core::offer::terms::Terms;
use leadbourse_core::offer::visible::{self, SharedEarning, VisibleGoal};
use std::collections::HashMap;
use std::sync::Arc;

use super::model::{Offer, Participation};
use super::reads::OfferFilter;
use super::usage::Usage;
use super::{Offers, repo};
use crate::platform::db::Reader;
use crate::platform::error::Result;
use crate::platform::paging::{Cursor, MAX_FIRST, Page, Paged};

/// An offer as a publisher sees it.
#[derive(Clone, Debug)]
pub struct CatalogueEntry {
    /// The offer, without its terms.
    pub offer: Offer,
    /// The number of the version that rules.
    pub version: i32,
    /// What is paid for, and what the publisher earns by it.
    pub goals: Vec<VisibleGoal>,
    /// What one copy earns of a lead that several buyers get.
    pub shared: Vec<SharedEarning>,
    /// The publisher's participation, if there is one.
    pub participation: Option<Participation>,
    /// Whether a cap leaves no room for one more lead now.
    pub exhausted: bool,
    /// What one lead of this publisher takes from the buyer's free money, in minor units. For `unfunded` alone:
    /// it must not be shown.
    pub cost_at_award: i64,
    terms: Arc<Terms>,
}

impl CatalogueEntry {
    /// The terms, for the parts that publishers see: conditions, score, schedule, clocks,
    /// description. Prices and caps in it stay with the buyer.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }
}

impl Offers {
    /// The offers open to a publisher, newest first. Operators see what any publisher may.
    ///
    /// # Errors
    /// `NOT_FOUND` for buyers.
    pub async fn catalogue(
        &self,
        actor: &Actor,
        niche: Option<NicheId>,
        page: &Page,
    ) -> Result<Paged<CatalogueEntry>> {
        not_for_buyers(actor)?;
        let filter = OfferFilter { niche_id: niche, ..OfferFilter::default() };
        let wanted = usize::try_from(page.limit()).unwrap_or(1);
        let tx = self.db.begin_read().await?;
        let mut found = Vec::new();
        // Visibility is in the terms: read on until the page is full or nothing is left.
        let mut step = Page { first: MAX_FIRST, after: page.after };
        loop {
            let mut rows = repo::offers::listed(&tx, &filter, &step).await?;
            let more = u64::try_from(rows.len()).unwrap_or(0) == step.limit();
            rows.truncate(usize::try_from(step.first).unwrap_or(usize::MAX));
            step.after = rows.last().map(|offer| Cursor(offer.id.uuid()));
            found.extend(self.visible(&tx, actor, rows).await?);
            if found.len() >= wanted || !more {
                break;
            }
        }
        found.truncate(wanted);
        Ok(Paged::cut(found, page))
    }

    /// One offer of the catalogue. One that a publisher's source or participation names stays
    /// readable while it is listed.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn catalogue_entry(&self, actor: &Actor, id: OfferId) -> Result<CatalogueEntry> {
        let mut found = self.catalogue_entries(actor, &[id]).await?;
        found.remove(&id).ok_or_else(|| NOT_FOUND.into())
    }

    /// Offers of the catalogue by id, for loaders.
    ///
    /// # Errors
    /// `NOT_FOUND` for buyers.
    pub async fn catalogue_entries(
        &self,
        actor: &Actor,
        ids: &[OfferId],
    ) -> Result<HashMap<OfferId, CatalogueEntry>> {
        not_for_buyers(actor)?;
        let tx = self.db.begin_read().await?;
        let mut offers = Vec::new();
        for id in ids {
            offers.extend(repo::offers::listed_one(&tx, *id).await?);
        }
        let found = self.visible(&tx, actor, offers).await?;
        Ok(found.into_iter().map(|entry| (entry.offer.id, entry)).collect())
    }

    /// Those of the offers that the actor may see, as publishers see them.
    async fn visible(
        &self,
        tx: &impl Reader,
        actor: &Actor,
        offers: Vec<Offer>,
    ) -> Result<Vec<CatalogueEntry>> {
        let now = self.clock.now();
        let ids: Vec<_> = offers.iter().map(|offer| offer.id.uuid()).collect();
        let current: Vec<_> =
            offers.iter().filter_map(|offer| Some(offer.current_version_id?.uuid())).collect();
        let versions = repo::versions::by_ids(tx, &current).await?;
        let meters = repo::offers::meters(tx, &ids).await?;
        let places = repo::participations::of_publisher(tx, actor.org, &ids).await?;
        let mut rates = HashMap::new();
        let mut found = Vec::new();
        for offer in offers {
            let Some(version) = versions.iter().find(|version| version.offer_id == offer.id) else {
                continue;
            };
            let place = places.iter().find(|place| place.offer_id == offer.id).cloned();
            let state = place.as_ref().map(|place| place.state);
            let operator = actor.kind == OrgKind::Operator;
            if !operator && !may_see(version.terms.visibility, state) {
                continue;
            }
            let rate = match rates.get(&offer.niche_id) {
                Some(rate) => *rate,
                None => {
                    let (_, niche) = self.niches.current_in(tx, offer.niche_id).await?;
                    let rate = self.take_rate(&niche);
                    rates.insert(offer.niche_id, rate);
                    rate
                }
            };
            let approved = place.as_ref().filter(|p| p.state == ParticipationState::Approved);
            let own_price = approved.and_then(|place| place.price_override);
            let meters = meters.get(&offer.id).copied().unwrap_or_default();
            found.push(CatalogueEntry {
                version: version.version,
                goals: visible::goals(&version.terms, rate, own_price),
                shared: visible::shared(&version.terms, rate, own_price),
                exhausted: Usage::at_price(meters, Some(&version.terms), own_price, now).exhausted,
                cost_at_award: version.terms.cost_at(own_price),
                terms: Arc::clone(&version.terms),
                participation: place,
                offer,
            });
        }
        Ok(found)
    }
}

fn not_for_buyers(actor: &Actor) -> Result<(), Problem> {
    actor.require(Action::ReadOwn)?;
    if actor.kind == OrgKind::Buyer { Err(NOT_FOUND.into()) } else { Ok(()) }
}
