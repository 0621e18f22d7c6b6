//! The offers as publishers find them: what they may earn, never what the buyer pays.

use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::error::{NOT_FOUND, Problem};
use leadbourse_core::ids::{NicheId, OfferId};
use leadbourse_core::money::Bps;
use leadbourse_core::offer::diff::Change;
use leadbourse_core::offer::measured::Measured;
use leadbourse_core::offer::participation::{ParticipationState, may_see};
use leadbourse_core::offer::terms::Terms;
use leadbourse_core::offer::visible::{self, SharedEarning, VisibleGoal};
use leadbourse_core::time::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;

use super::model::{Offer, OfferVersion, Participation};
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
    /// What its leads have brought so far; `None` where they are too few to tell.
    pub measured: Option<Measured>,
    /// What one lead of this publisher takes from the buyer's free money, in minor units. For `unfunded` alone:
    /// it must not be shown.
    pub cost_at_award: i64,
    terms: Arc<Terms>,
    take_rate: Bps,
    own_price: Option<i64>,
}

/// One version of an offer as a publisher sees it: it rules, has ruled, or is about to.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogueVersion {
    /// Its number.
    pub version: i32,
    /// From when it rules.
    pub effective_at: Timestamp,
    /// What it changes of the one before; empty for the first that is shown.
    pub changes: Vec<Change>,
}

impl CatalogueEntry {
    /// The terms, for the parts that publishers see: conditions, score, schedule, clocks,
    /// description. Prices and caps in it stay with the buyer.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// What of a history, newest first, is shown.
    fn history(&self, history: &[OfferVersion], operator: bool) -> Vec<CatalogueVersion> {
        let state = self.participation.as_ref().map(|place| place.state);
        let shown: Vec<(&OfferVersion, Timestamp)> = history
            .iter()
            .filter(|version| operator || may_see(version.terms.visibility, state))
            .filter_map(|version| Some((version, rules_from(history, version)?)))
            .collect();
        let before = shown.iter().skip(1).map(Some).chain([None]);
        let pairs = shown.iter().zip(before);
        pairs
            .map(|((version, effective_at), before)| CatalogueVersion {
                version: version.version,
                effective_at: *effective_at,
                changes: before.map_or_else(Vec::new, |(before, _)| {
                    let (old, new) = (&before.terms, &version.terms);
                    visible::changes(old, new, self.take_rate, self.own_price)
                }),
            })
            .collect()
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

    /// The versions of offers as publishers see them, newest first, by offer. Those that the actor
    /// could not have seen in the catalogue are left out, so that a private past stays private.
    ///
    /// # Errors
    /// `NOT_FOUND` for buyers.
    pub async fn catalogue_versions(
        &self,
        actor: &Actor,
        ids: &[OfferId],
    ) -> Result<HashMap<OfferId, Vec<CatalogueVersion>>> {
        let entries = self.catalogue_entries(actor, ids).await?;
        let tx = self.db.begin_read().await?;
        let seen: Vec<_> = entries.keys().map(|id| id.uuid()).collect();
        let mut by_offer: HashMap<OfferId, Vec<OfferVersion>> = HashMap::new();
        for version in repo::versions::of_offers(&tx, &seen).await? {
            by_offer.entry(version.offer_id).or_default().push(version);
        }
        let shown = by_offer.into_iter().filter_map(|(id, history)| {
            let entry = entries.get(&id)?;
            Some((id, entry.history(&history, actor.kind == OrgKind::Operator)))
        });
        Ok(shown.collect())
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
                measured: Measured::of(&version.terms, &meters, rate, own_price),
                cost_at_award: version.terms.cost_at(own_price),
                terms: Arc::clone(&version.terms),
                take_rate: rate,
                own_price,
                participation: place,
                offer,
            });
        }
        Ok(found)
    }
}

/// From when a version rules or ruled. `None` for one that was not approved, and for one that a
/// newer one overtook before it began.
fn rules_from(history: &[OfferVersion], version: &OfferVersion) -> Option<Timestamp> {
    let begins = version.effective_at?;
    let overtaken = history.iter().any(|newer| {
        newer.version > version.version
            && newer.effective_at.is_some()
            && newer.decided_at.is_some_and(|decided| decided < begins)
    });
    (!overtaken).then_some(begins)
}

fn not_for_buyers(actor: &Actor) -> Result<(), Problem> {
    actor.require(Action::ReadOwn)?;
    if actor.kind == OrgKind::Buyer { Err(NOT_FOUND.into()) } else { Ok(()) }
}
