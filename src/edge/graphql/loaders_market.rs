//! Loaders of users, niches, offers and sources; see [`super::loaders`].

use async_graphql::dataloader::Loader;
use leadbourse_core::ids::{NicheId, NicheVersionId, OfferId, OrganizationId, SourceId, UserId};
use leadbourse_core::money::Currency;
use std::collections::HashMap;
use std::sync::Arc;

use super::loaders::Batch;
use crate::accounts::User;
use crate::ledger::{self, Funds};
use crate::niches::{Niche, NicheVersion};
use crate::offers::{
    CatalogueEntry, CatalogueVersion, Offer, OfferVersion, Participation, Source, Usage,
};
use crate::platform::error::{Error, Result};

/// Key: all versions of an offer, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HistoryOf(pub OfferId);

/// Key: what an offer has used of its caps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UsageOf(pub OfferId);

/// Key: an offer as publishers see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Listed(pub OfferId);

/// Key: the versions of an offer as publishers see them, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListedHistory(pub OfferId);

/// Key: the asking publisher's participation in an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PlaceIn(pub OfferId);

/// Key: a buyer's money in a currency. For `unfunded` and `coverageBps` alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FundsOf(pub OrganizationId, pub Currency);

impl Loader<UserId> for Batch {
    type Value = User;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[UserId]) -> Result<HashMap<UserId, User>, Arc<Error>> {
        self.actor()?;
        self.app.accounts.users(keys).await.map_err(Arc::new)
    }
}

impl Loader<NicheId> for Batch {
    type Value = Niche;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[NicheId]) -> Result<HashMap<NicheId, Niche>, Arc<Error>> {
        self.app.niches.by_ids(keys).await.map_err(Arc::new)
    }
}

impl Loader<NicheVersionId> for Batch {
    type Value = Arc<NicheVersion>;
    type Error = Arc<Error>;

    async fn load(
        &self,
        keys: &[NicheVersionId],
    ) -> Result<HashMap<NicheVersionId, Arc<NicheVersion>>, Arc<Error>> {
        self.app.niches.versions(keys).await.map_err(Arc::new)
    }
}

impl Loader<OfferId> for Batch {
    type Value = Offer;
    type Error = Arc<Error>;

    /// For names beside awards and participations; objects that show more ask for more.
    async fn load(&self, keys: &[OfferId]) -> Result<HashMap<OfferId, Offer>, Arc<Error>> {
        self.actor()?;
        self.app.offers.by_ids(keys).await.map_err(Arc::new)
    }
}

impl Loader<HistoryOf> for Batch {
    type Value = Arc<Vec<OfferVersion>>;
    type Error = Arc<Error>;

    async fn load(
        &self,
        keys: &[HistoryOf],
    ) -> Result<HashMap<HistoryOf, Arc<Vec<OfferVersion>>>, Arc<Error>> {
        let ids: Vec<OfferId> = keys.iter().map(|key| key.0).collect();
        let found = self.app.offers.history(self.actor()?, &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, all)| (HistoryOf(id), Arc::new(all))).collect())
    }
}

impl Loader<UsageOf> for Batch {
    type Value = Usage;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[UsageOf]) -> Result<HashMap<UsageOf, Usage>, Arc<Error>> {
        let ids: Vec<OfferId> = keys.iter().map(|key| key.0).collect();
        let found = self.app.offers.usage(self.actor()?, &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, usage)| (UsageOf(id), usage)).collect())
    }
}

impl Loader<Listed> for Batch {
    type Value = Arc<CatalogueEntry>;
    type Error = Arc<Error>;

    async fn load(
        &self,
        keys: &[Listed],
    ) -> Result<HashMap<Listed, Arc<CatalogueEntry>>, Arc<Error>> {
        let ids: Vec<OfferId> = keys.iter().map(|key| key.0).collect();
        let found =
            self.app.offers.catalogue_entries(self.actor()?, &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, entry)| (Listed(id), Arc::new(entry))).collect())
    }
}

impl Loader<ListedHistory> for Batch {
    type Value = Arc<Vec<CatalogueVersion>>;
    type Error = Arc<Error>;

    async fn load(
        &self,
        keys: &[ListedHistory],
    ) -> Result<HashMap<ListedHistory, Arc<Vec<CatalogueVersion>>>, Arc<Error>> {
        let ids: Vec<OfferId> = keys.iter().map(|key| key.0).collect();
        let found =
            self.app.offers.catalogue_versions(self.actor()?, &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, all)| (ListedHistory(id), Arc::new(all))).collect())
    }
}

impl Loader<PlaceIn> for Batch {
    type Value = Participation;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[PlaceIn]) -> Result<HashMap<PlaceIn, Participation>, Arc<Error>> {
        let ids: Vec<OfferId> = keys.iter().map(|key| key.0).collect();
        let found =
            self.app.offers.own_participations(self.actor()?, &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, place)| (PlaceIn(id), place)).collect())
    }
}

impl Loader<SourceId> for Batch {
    type Value = Source;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[SourceId]) -> Result<HashMap<SourceId, Source>, Arc<Error>> {
        self.app.offers.sources_by_ids(self.actor()?, keys).await.map_err(Arc::new)
    }
}

impl Loader<FundsOf> for Batch {
    type Value = Funds;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[FundsOf]) -> Result<HashMap<FundsOf, Funds>, Arc<Error>> {
        self.actor()?;
        self.funds(keys).await.map_err(Arc::new)
    }
}

impl Batch {
    async fn funds(&self, keys: &[FundsOf]) -> Result<HashMap<FundsOf, Funds>> {
        let wanted: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        let tx = self.app.db.begin_read().await?;
        let found = ledger::funds(&tx, &wanted).await?.into_iter();
        Ok(found.map(|((buyer, currency), funds)| (FundsOf(buyer, currency), funds)).collect())
    }
}
