//! Reading niches, and publishing their versions.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::error::{BAD_INPUT, NOT_FOUND, Problem};
use leadbourse_core::ids::{NicheId, NicheVersionId};
use leadbourse_core::niche::evolution;
use leadbourse_core::niche::pack::{Pack, documents};
use leadbourse_core::niche::policy::NichePolicy;
use moka::sync::Cache;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

use super::error::{NICHE_ARCHIVED, NICHE_EXISTS, NICHE_UNCHANGED, NO_SUCH_PACK};
use super::model::{Niche, NicheState, NicheVersion};
use super::{packs, raise_epoch, repo};
use crate::platform::audit;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, Reader};
use crate::platform::error::{Context, Error, Result};

/// Compiled versions that are kept.
const KEPT: u64 = 500;

/// The niches of the exchange. Cheap to clone.
#[derive(Clone)]
pub struct Niches {
    db: Db,
    clock: Clock,
    /// Versions are immutable, so what was compiled once stays right.
    compiled: Cache<NicheVersionId, Arc<NicheVersion>>,
}

fn first(problems: Vec<Problem>) -> Error {
    problems.into_iter().next().map_or_else(|| BAD_INPUT.into(), Error::from)
}

impl Niches {
    /// Niches over this database.
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock, compiled: Cache::new(KEPT) }
    }

    /// The niches that take leads, oldest first. They are public.
    ///
    /// # Errors
    /// Faults only.
    pub async fn active(&self) -> Result<Vec<Niche>> {
        repo::active(&self.db.begin_read().await?).await
    }

    /// Niches by id, for loaders.
    ///
    /// # Errors
    /// Faults only.
    pub async fn by_ids(&self, ids: &[NicheId]) -> Result<HashMap<NicheId, Niche>> {
        let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
        let tx = self.db.begin_read().await?;
        Ok(repo::by_ids(&tx, &ids).await?.into_iter().map(|niche| (niche.id, niche)).collect())
    }

    /// A niche.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn get(&self, id: NicheId) -> Result<Niche> {
        self.by_ids(&[id]).await?.remove(&id).ok_or_else(|| NOT_FOUND.into())
    }

    /// The niche of this slug.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn by_slug(&self, slug: &str) -> Result<Niche> {
        let tx = self.db.begin_read().await?;
        repo::by_slug(&tx, slug).await?.ok_or_else(|| NOT_FOUND.into())
    }

    /// Versions by id, compiled; from memory where they were met before.
    ///
    /// # Errors
    /// Faults only.
    pub async fn versions(
        &self,
        ids: &[NicheVersionId],
    ) -> Result<HashMap<NicheVersionId, Arc<NicheVersion>>> {
        let tx = self.db.begin_read().await?;
        self.versions_in(&tx, ids).await
    }

    /// One version, compiled.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn version(&self, id: NicheVersionId) -> Result<Arc<NicheVersion>> {
        if let Some(version) = self.compiled.get(&id) {
            return Ok(version);
        }
        self.versions(&[id]).await?.remove(&id).ok_or_else(|| NOT_FOUND.into())
    }

    /// As [`Niches::versions`], inside a transaction.
    ///
    /// # Errors
    /// Faults only.
    pub async fn versions_in(
        &self,
        tx: &impl Reader,
        ids: &[NicheVersionId],
    ) -> Result<HashMap<NicheVersionId, Arc<NicheVersion>>> {
        let mut found = HashMap::new();
        let mut missing = Vec::new();
        for id in ids {
            match self.compiled.get(id) {
                Some(version) => drop(found.insert(*id, version)),
                None => missing.push(id.uuid()),
            }
        }
        for row in repo::versions(tx, &missing).await? {
            let version = Arc::new(row.read()?);
            self.compiled.insert(version.id, Arc::clone(&version));
            found.insert(version.id, version);
        }
        Ok(found)
    }

    /// A niche with its current version, inside a transaction.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn current_in(
        &self,
        tx: &impl Reader,
        id: NicheId,
    ) -> Result<(Niche, Arc<NicheVersion>)> {
        let niche = repo::by_ids(tx, &[id.uuid()]).await?.pop().ok_or(NOT_FOUND)?;
        let wanted = niche.current_version_id;
        let version = self.versions_in(tx, &[wanted]).await?.remove(&wanted);
        Ok((niche, version.ok_or_else(|| Error::broken(format!("{wanted} is gone")))?))
    }

    /// A niche in which something new may be made, with its current version.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NICHE_ARCHIVED`.
    pub async fn open_in(
        &self,
        tx: &impl Reader,
        id: NicheId,
    ) -> Result<(Niche, Arc<NicheVersion>)> {
        let found = self.current_in(tx, id).await?;
        if found.0.state == NicheState::Active { Ok(found) } else { Err(NICHE_ARCHIVED.into()) }
    }

    /// All versions of a niche, newest first.
    ///
    /// # Errors
    /// Faults only.
    pub async fn history(&self, id: NicheId) -> Result<Vec<Arc<NicheVersion>>> {
        let tx = self.db.begin_read().await?;
        let ids = repo::version_ids(&tx, id).await?;
        let found = self.versions_in(&tx, &ids).await?;
        Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
    }

    /// Makes a niche of a ready-made pack.
    ///
    /// # Errors
    /// `NO_SUCH_PACK`, `NICHE_EXISTS`.
    pub async fn install(&self, actor: &Actor, slug: &str) -> Result<Niche> {
        actor.require(Action::ManageNiches)?;
        let pack = packs::find(slug).ok_or_else(|| Problem::new(NO_SUCH_PACK).field("slug"))??;
        self.create(actor, &pack).await
    }

    /// Makes a niche of a pack.
    ///
    /// # Errors
    /// The first thing that is wrong with the pack; `NICHE_EXISTS`.
    pub async fn create(&self, actor: &Actor, pack: &Pack) -> Result<Niche> {
        actor.require(Action::ManageNiches)?;
        pack.check().map_err(first)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let niche = Niche {
            id: NicheId::new(tx.now()),
            slug: pack.slug.clone(),
            names: pack.names.clone(),
            currency: pack.currency,
            state: NicheState::Active,
            current_version_id: NicheVersionId::new(tx.now()),
            created_at: tx.now(),
        };
        let exists = || Problem::new(NICHE_EXISTS).field("slug");
        match repo::insert(&tx, &niche).await {
            Err(error) if error.is_unique_violation() => return Err(exists().into()),
            outcome => outcome?,
        }
        let new = repo::NewVersion {
            id: niche.current_version_id,
            niche_id: niche.id,
            version: 1,
            schema: pack.schema.to_string(),
            policy: serde_json::to_string(&pack.policy).context("writing a niche's rules")?,
            created_by: &actor.name(),
        };
        repo::insert_version(&tx, new).await?;
        raise_epoch(&tx, &[niche.id]).await?;
        let detail = json!({"slug": niche.slug, "version": 1});
        audit::record(&tx, actor, "niche.create", &niche.id.to_string(), detail).await?;
        tx.commit().await?;
        Ok(niche)
    }

    /// What speaks against publishing these documents as the next version. Empty: nothing.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn problems(
        &self,
        actor: &Actor,
        id: NicheId,
        schema: &Value,
        policy: &NichePolicy,
    ) -> Result<Vec<Problem>> {
        actor.require(Action::ManageNiches)?;
        let tx = self.db.begin_read().await?;
        let (_, current) = self.current_in(&tx, id).await?;
        Ok(against(&current, schema, policy))
    }

    /// Publishes the next version of a niche. It may only add.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NICHE_NOT_ADDITIVE`, `NICHE_UNCHANGED`, the first thing that is wrong.
    pub async fn publish(
        &self,
        actor: &Actor,
        id: NicheId,
        schema: &Value,
        policy: &NichePolicy,
    ) -> Result<Niche> {
        actor.require(Action::ManageNiches)?;
        let tx = self.db.begin_write(&self.clock).await?;
        raise_epoch(&tx, &[id]).await?;
        let mut niche = repo::lock(&tx, id).await?.ok_or(NOT_FOUND)?;
        let (_, current) = self.current_in(&tx, id).await?;
        let problems = against(&current, schema, policy);
        if !problems.is_empty() {
            return Err(first(problems));
        }
        let new = repo::NewVersion {
            id: NicheVersionId::new(tx.now()),
            niche_id: id,
            version: current.version + 1,
            schema: schema.to_string(),
            policy: serde_json::to_string(policy).context("writing a niche's rules")?,
            created_by: &actor.name(),
        };
        niche.current_version_id = new.id;
        repo::insert_version(&tx, new).await?;
        repo::set_current(&tx, id, niche.current_version_id).await?;
        let detail = json!({"version": current.version + 1});
        audit::record(&tx, actor, "niche.publish", &id.to_string(), detail).await?;
        tx.commit().await?;
        Ok(niche)
    }
}

/// Why the documents can't follow the current version.
fn against(current: &NicheVersion, schema: &Value, policy: &NichePolicy) -> Vec<Problem> {
    if let Err(problems) = documents(schema, policy) {
        return problems;
    }
    if *schema == current.document && *policy == *current.policy {
        return vec![Problem::new(NICHE_UNCHANGED)];
    }
    evolution::breaks(&current.document, schema)
}
