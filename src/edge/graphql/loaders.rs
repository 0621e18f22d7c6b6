//! Things by id, gathered over one request: what many resolvers ask for one by one is read in one
//! statement, once, and only what the asker may see.
//!
//! `loaders(ctx)?.one(award.lead_id).await?` gives `Option<LeadRecord>`; the key's type says what
//! is loaded.

use async_graphql::Context;
use async_graphql::dataloader::{DataLoader, HashMapCache, Loader};
use leadbourse_core::access::{Action, Actor, OrgKind, Scope};
use leadbourse_core::error as core;
use leadbourse_core::ids::{AwardId, ConversionId, LeadId, OrganizationId};
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, OnceLock};

use crate::accounts::Organization;
use crate::boot::App;
use crate::conversions::{Award, Conversion};
use crate::leads::{self, LeadRecord};
use crate::platform::error::{Error, Result};

/// Keys of one statement.
const BATCH: usize = 100;

/// The loaders of one request; made when first asked.
pub struct Loaders {
    batch: Batch,
    loader: OnceLock<DataLoader<Batch, HashMapCache>>,
}

/// Reads by ids, for one asker.
#[derive(Clone)]
pub struct Batch {
    pub(super) app: Arc<App>,
    actor: Option<Actor>,
}

/// The loaders of this request.
pub fn loaders<'c>(ctx: &Context<'c>) -> Result<&'c Loaders> {
    ctx.data::<Loaders>().map_err(|_| Error::broken("no loaders in the GraphQL context"))
}

impl Loaders {
    /// Loaders for one asker.
    pub fn new(app: Arc<App>, actor: Option<Actor>) -> Self {
        Self { batch: Batch { app, actor }, loader: OnceLock::new() }
    }

    fn loader(&self) -> &DataLoader<Batch, HashMapCache> {
        self.loader.get_or_init(|| {
            let tasks = self.batch.app.shutdown.clone();
            let spawn = move |load| drop(tasks.spawn("loader", load));
            DataLoader::with_cache(self.batch.clone(), spawn, HashMapCache::default())
                .max_batch_size(BATCH)
        })
    }

    /// The thing with this id, when there is one that the asker may see.
    ///
    /// # Errors
    /// Faults of the database, `UNAUTHENTICATED` for a stranger.
    pub async fn one<K>(&self, key: K) -> Result<Option<<Batch as Loader<K>>::Value>>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Batch: Loader<K, Error = Arc<Error>>,
    {
        self.loader().load_one(key).await.map_err(shared)
    }

    /// As [`Loaders::one`]; `NOT_FOUND` when there is none.
    ///
    /// # Errors
    /// `NOT_FOUND`, and what `one` fails with.
    pub async fn must<K>(&self, key: K) -> Result<<Batch as Loader<K>>::Value>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Batch: Loader<K, Error = Arc<Error>>,
    {
        self.one(key).await?.ok_or_else(|| core::NOT_FOUND.into())
    }
}

/// An error that several waiting resolvers share.
fn shared(error: Arc<Error>) -> Error {
    match error.problem() {
        Some(problem) => problem.clone().into(),
        None => Error::other("loading by id", error),
    }
}

impl Batch {
    /// Who asks; `UNAUTHENTICATED` for a stranger.
    pub(super) fn actor(&self) -> Result<&Actor, Arc<Error>> {
        self.actor.as_ref().ok_or_else(|| Arc::new(core::UNAUTHENTICATED.into()))
    }
}

impl Loader<OrganizationId> for Batch {
    type Value = Organization;
    type Error = Arc<Error>;

    /// Names of organizations are public on the exchange; the object hides the rest.
    async fn load(
        &self,
        keys: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, Organization>, Arc<Error>> {
        self.actor()?;
        self.app.accounts.organizations(keys).await.map_err(Arc::new)
    }
}

impl Loader<LeadId> for Batch {
    type Value = LeadRecord;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[LeadId]) -> Result<HashMap<LeadId, LeadRecord>, Arc<Error>> {
        let actor = self.actor()?;
        self.leads(actor, keys).await.map_err(Arc::new)
    }
}

impl Batch {
    /// Leads by id, those that the actor may see.
    pub(super) async fn leads(
        &self,
        actor: &Actor,
        keys: &[LeadId],
    ) -> Result<HashMap<LeadId, LeadRecord>> {
        actor.require(Action::ReadLeads)?;
        let ids: Vec<uuid::Uuid> = keys.iter().map(|id| id.uuid()).collect();
        let tx = self.app.db.begin_read().await?;
        let mut found = leads::by_ids(&tx, &ids).await?;
        drop(tx);
        match (actor.scope(), actor.kind) {
            (Scope::All, _) => {}
            (Scope::Org(own), OrgKind::Publisher) => found.retain(|_, lead| lead.publisher == own),
            (Scope::Org(_), _) => {
                let bought = self.app.conversions.awards_of_leads(actor, keys).await?;
                let bought: HashSet<LeadId> = bought.iter().map(|award| award.lead_id).collect();
                found.retain(|id, _| bought.contains(id));
            }
        }
        Ok(found)
    }
}

impl Loader<AwardId> for Batch {
    type Value = Award;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[AwardId]) -> Result<HashMap<AwardId, Award>, Arc<Error>> {
        let actor = self.actor()?;
        let found = self.app.conversions.awards_by_id(actor, keys).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|award| (award.id, award)).collect())
    }
}

impl Loader<ConversionId> for Batch {
    type Value = Conversion;
    type Error = Arc<Error>;

    async fn load(
        &self,
        keys: &[ConversionId],
    ) -> Result<HashMap<ConversionId, Conversion>, Arc<Error>> {
        let actor = self.actor()?;
        let found = self.app.conversions.conversions_by_id(actor, keys).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|conversion| (conversion.id, conversion)).collect())
    }
}
