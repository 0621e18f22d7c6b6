//! Reading offers and their versions.

use leadbourse_core::access::{Action, Actor, OrgKind, Scope};
use leadbourse_core::error::{NOT_FOUND, Problem};
use leadbourse_core::ids::{NicheId, OfferId, OfferVersionId, OrganizationId};
use leadbourse_core::offer::diff::{Change, changes};
use leadbourse_core::offer::state::OfferState;
use leadbourse_core::offer::terms::Terms;
use std::collections::HashMap;
use std::sync::Arc;

use super::model::{Offer, OfferVersion};
use super::{Offers, repo};
use crate::platform::db::Reader;
use crate::platform::error::{Error, Result};
use crate::platform::paging::{Page, Paged};

/// Which offers are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfferFilter {
    /// Only in this state.
    pub state: Option<OfferState>,
    /// Only of this niche.
    pub niche_id: Option<NicheId>,
    /// Only of this buyer.
    pub buyer_id: Option<OrganizationId>,
}

/// Publishers do not read offers but the catalogue, where there are no prices.
fn not_for_publishers(actor: &Actor) -> Result<(), Problem> {
    actor.require(Action::ReadOwn)?;
    if actor.kind == OrgKind::Publisher { Err(NOT_FOUND.into()) } else { Ok(()) }
}

fn operators_only(actor: &Actor) -> Result<(), Problem> {
    actor.require(Action::ReadOwn)?;
    if actor.scope() == Scope::All { Ok(()) } else { Err(NOT_FOUND.into()) }
}

/// What a version changes, compared with the last one before it that was approved. `history` is
/// newest first.
pub fn diff_of(history: &[OfferVersion], version: &OfferVersion) -> Vec<Change> {
    history
        .iter()
        .find(|other| other.version < version.version && other.effective_at.is_some())
        .map(|before| changes(&before.terms, &version.terms))
        .unwrap_or_default()
}

/// The terms of an offer version, in somebody else's transaction.
///
/// # Errors
/// A version that is gone, and faults of the database.
pub async fn terms_of(tx: &impl Reader, version: OfferVersionId) -> Result<Arc<Terms>> {
    let found = terms_of_all(tx, [version]).await?.remove(&version);
    found.ok_or_else(|| Error::broken(format!("{version} is gone")))
}

/// The terms of offer versions, read at once. Each that was asked for is there.
///
/// # Errors
/// A version that is gone, and faults of the database.
pub async fn terms_of_all(
    tx: &impl Reader,
    versions: impl IntoIterator<Item = OfferVersionId>,
) -> Result<HashMap<OfferVersionId, Arc<Terms>>> {
    let mut wanted: Vec<_> = versions.into_iter().map(|version| version.uuid()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut found = HashMap::with_capacity(wanted.len());
    for some in wanted.chunks(512) {
        let versions = repo::versions::by_ids(tx, some).await?;
        found.extend(versions.into_iter().map(|one| (one.id, one.terms)));
    }
    match wanted.into_iter().map(OfferVersionId).find(|version| !found.contains_key(version)) {
        Some(gone) => Err(Error::broken(format!("{gone} is gone"))),
        None => Ok(found),
    }
}

/// The names of offers, in somebody else's transaction.
///
/// # Errors
/// Faults of the database.
pub async fn names(tx: &impl Reader, ids: &[OfferId]) -> Result<HashMap<OfferId, String>> {
    let mut found = HashMap::with_capacity(ids.len());
    for some in ids.chunks(512) {
        let keys: Vec<_> = some.iter().map(|id| id.uuid()).collect();
        let offers = repo::offers::by_ids(tx, &keys).await?;
        found.extend(offers.into_iter().map(|offer| (offer.id, offer.name)));
    }
    Ok(found)
}

impl Offers {
    /// An offer: the buyer's own, or any for operators.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn get(&self, actor: &Actor, id: OfferId) -> Result<Offer> {
        not_for_publishers(actor)?;
        let tx = self.db.begin_read().await?;
        repo::offers::find(&tx, actor.scope(), id).await?.ok_or_else(|| NOT_FOUND.into())
    }

    /// Offers, newest first: the buyer's own, or all for operators.
    ///
    /// # Errors
    /// `NOT_FOUND` for publishers.
    pub async fn list(
        &self,
        actor: &Actor,
        filter: &OfferFilter,
        page: &Page,
    ) -> Result<Paged<Offer>> {
        not_for_publishers(actor)?;
        let tx = self.db.begin_read().await?;
        repo::offers::list(&tx, actor.scope(), filter, page).await
    }

    /// Offers by id, for loaders: whoever may see a row that names an offer may see its name.
    /// Terms are in the versions and are not public.
    ///
    /// # Errors
    /// Faults only.
    pub async fn by_ids(&self, ids: &[OfferId]) -> Result<HashMap<OfferId, Offer>> {
        let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
        let tx = self.db.begin_read().await?;
        let found = repo::offers::by_ids(&tx, &ids).await?;
        Ok(found.into_iter().map(|offer| (offer.id, offer)).collect())
    }

    /// Versions by id, for loaders. The caller has seen the offer, the award or the conversion
    /// that names them.
    ///
    /// # Errors
    /// Faults only.
    pub async fn versions(
        &self,
        ids: &[OfferVersionId],
    ) -> Result<HashMap<OfferVersionId, OfferVersion>> {
        let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
        let tx = self.db.begin_read().await?;
        let found = repo::versions::by_ids(&tx, &ids).await?;
        Ok(found.into_iter().map(|version| (version.id, version)).collect())
    }

    /// All versions of these offers that the actor may see, newest first, by offer.
    ///
    /// # Errors
    /// `NOT_FOUND` for publishers.
    pub async fn history(
        &self,
        actor: &Actor,
        ids: &[OfferId],
    ) -> Result<HashMap<OfferId, Vec<OfferVersion>>> {
        not_for_publishers(actor)?;
        let tx = self.db.begin_read().await?;
        let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
        let offers = repo::offers::by_ids(&tx, &ids).await?;
        let visible: Vec<_> = offers
            .iter()
            .filter(|offer| match actor.scope() {
                Scope::All => true,
                Scope::Org(own) => offer.buyer_id == own,
            })
            .map(|offer| offer.id.uuid())
            .collect();
        let mut by_offer: HashMap<OfferId, Vec<OfferVersion>> = HashMap::new();
        for version in repo::versions::of_offers(&tx, &visible).await? {
            by_offer.entry(version.offer_id).or_default().push(version);
        }
        Ok(by_offer)
    }

    /// A version of an offer that the actor may see.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn version(&self, actor: &Actor, id: OfferVersionId) -> Result<OfferVersion> {
        not_for_publishers(actor)?;
        let tx = self.db.begin_read().await?;
        let version = repo::versions::by_ids(&tx, &[id.uuid()]).await?.pop().ok_or(NOT_FOUND)?;
        let offer = repo::offers::find(&tx, actor.scope(), version.offer_id).await?;
        offer.ok_or(NOT_FOUND)?;
        Ok(version)
    }

    /// What a version changes, compared with the last one before it that was approved. Empty for
    /// a first one.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn diff(&self, actor: &Actor, id: OfferVersionId) -> Result<Vec<Change>> {
        let version = self.version(actor, id).await?;
        let mut all = self.history(actor, &[version.offer_id]).await?;
        Ok(diff_of(&all.remove(&version.offer_id).unwrap_or_default(), &version))
    }

    /// The versions that wait for an operator, newest first.
    ///
    /// # Errors
    /// `NOT_FOUND` for others than operators.
    pub async fn in_review(&self, actor: &Actor, page: &Page) -> Result<Paged<OfferVersion>> {
        operators_only(actor)?;
        let tx = self.db.begin_read().await?;
        repo::versions::in_review(&tx, page).await
    }

    /// How many versions and how many sources wait for an operator.
    ///
    /// # Errors
    /// `NOT_FOUND` for others than operators.
    pub async fn count_pending(&self, actor: &Actor) -> Result<(i64, i64)> {
        operators_only(actor)?;
        let tx = self.db.begin_read().await?;
        let versions = repo::versions::count_in_review(&tx).await?;
        Ok((versions, repo::sources::count_pending(&tx).await?))
    }
}

/// Whether an offer is this buyer's.
pub async fn owns(tx: &impl Reader, buyer: OrganizationId, offer: OfferId) -> Result<bool> {
    Ok(repo::offers::find(tx, Scope::Org(buyer), offer).await?.is_some())
}
