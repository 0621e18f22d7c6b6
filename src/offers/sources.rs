//! Sources: made by publishers, moderated by operators, known to intake by their posting key.

use leadbourse_core::access::{Action, Actor, OrgKind, Scope};
use leadbourse_core::account::input;
use leadbourse_core::error::{BAD_INPUT, NOT_FOUND, Problem};
use leadbourse_core::ids::{NicheId, OfferId, OrganizationId, SourceId};
use leadbourse_core::offer::participation::may_see;
use leadbourse_core::offer::source::{
    Fallback, SourceCommand, SourceInput, SourceKind, SourceState,
};
use serde_json::json;
use std::collections::HashMap;

use super::error::{FALLBACK_WITHOUT_TARGET, NOTE_REQUIRED, SOURCE_REFUSED, TARGET_NOT_VISIBLE};
use super::model::Source;
use super::{Offers, repo};
use crate::accounts;
use crate::niches::raise_epoch;
use crate::platform::audit;
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::{Error, Result};
use crate::platform::once;
use crate::platform::paging::{Page, Paged};

/// What a posting key begins with.
const KIND: &str = "lps";

/// A source to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSource {
    /// Its niche.
    pub niche_id: NicheId,
    /// How its leads will arrive.
    pub kind: SourceKind,
    /// Its settings.
    pub input: SourceInput,
    /// The only offer that may buy; `None` for the whole market.
    pub target: Option<OfferId>,
    /// Who may buy if the target does not.
    pub fallback: Fallback,
}

/// What changes of a source; `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourcePatch {
    /// Its name.
    pub name: Option<String>,
    /// What traffic it brings.
    pub traffic: Option<String>,
    /// Its target: `Some(None)` opens it to the whole market.
    pub target: Option<Option<OfferId>>,
    /// Who may buy if the target does not.
    pub fallback: Option<Fallback>,
    /// To how many buyers a lead may be sold.
    pub max_sales: Option<i32>,
    /// The least earning, in minor units: `Some(None)` takes it off.
    pub min_earning: Option<Option<i64>>,
}

/// Which sources are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceFilter {
    /// Only in this state.
    pub state: Option<SourceState>,
}

/// What is kept of a posting key, and what intake looks up.
pub fn posting_key_hash(key: &str) -> Vec<u8> {
    accounts::digest(key)
}

fn first(problems: Vec<Problem>) -> Error {
    problems.into_iter().next().map_or_else(|| BAD_INPUT.into(), Error::from)
}

/// Whether a source is this publisher's.
///
/// # Errors
/// Faults only.
pub async fn owns_source(
    tx: &impl Reader,
    publisher: OrganizationId,
    source: SourceId,
) -> Result<bool> {
    Ok(repo::sources::find(tx, Scope::Org(publisher), source).await?.is_some())
}

impl Offers {
    /// Makes a source that waits for an operator. The posting key is in the answer and nowhere
    /// else.
    ///
    /// # Errors
    /// `NICHE_ARCHIVED`, `TARGET_NOT_VISIBLE`, refusals of single fields.
    pub async fn create_source(&self, actor: &Actor, new: NewSource) -> Result<(Source, String)> {
        actor.require(Action::ManageSources)?;
        let settings = new.input.checked().map_err(first)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let (niche, _) = self.niches.open_in(&tx, new.niche_id).await?;
        raise_epoch(&tx, &[niche.id]).await?;
        if let Some(target) = new.target {
            target_fits(&tx, actor, niche.id, target, "targetOfferId").await?;
        }
        fallback_fits(&tx, actor, niche.id, new.target, new.fallback).await?;
        let (key, prefix) = accounts::mint(KIND);
        let source = Source {
            id: SourceId::new(tx.now()),
            publisher_id: actor.org,
            niche_id: niche.id,
            name: settings.name,
            kind: new.kind,
            traffic: settings.traffic,
            target_offer_id: new.target,
            fallback: new.fallback,
            max_sales: settings.max_sales,
            min_earning: settings.min_earning,
            state: SourceState::Pending,
            posting_key_prefix: prefix,
            link_url: None,
            link_param: None,
            created_at: tx.now(),
            decided_at: None,
            note: None,
        };
        repo::sources::insert(&tx, &source, posting_key_hash(&key)).await?;
        let detail = json!({"niche": niche.id, "kind": source.kind, "target": new.target,
            "fallback": new.fallback.kind(), "fallback_offer": new.fallback.offer()});
        audit::record(&tx, actor, "source.create", &source.id.to_string(), detail).await?;
        tx.commit().await?;
        Ok((source, key))
    }

    /// Changes a source's settings. What its traffic is stays as an operator saw it, unless the
    /// words change: then the source waits for an operator again.
    ///
    /// # Errors
    /// `NOT_FOUND`, `SOURCE_REFUSED`, `TARGET_NOT_VISIBLE`, refusals of single fields.
    pub async fn update_source(
        &self,
        actor: &Actor,
        id: SourceId,
        patch: SourcePatch,
    ) -> Result<Source> {
        actor.require(Action::ManageSources)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let mut source = self.lock_source(&tx, Scope::Org(actor.org), id).await?;
        if source.state == SourceState::Refused {
            return Err(SOURCE_REFUSED.into());
        }
        let input = SourceInput {
            name: patch.name.unwrap_or_else(|| source.name.clone()),
            traffic: patch.traffic.unwrap_or_else(|| source.traffic.clone()),
            max_sales: patch.max_sales.unwrap_or(source.max_sales),
            min_earning: patch.min_earning.unwrap_or(source.min_earning),
        };
        let settings = input.checked().map_err(first)?;
        if let Some(target) = patch.target {
            if let Some(target) = target.filter(|_| target != source.target_offer_id) {
                target_fits(&tx, actor, source.niche_id, target, "targetOfferId").await?;
            }
            source.target_offer_id = target;
            if target.is_none() {
                source.fallback = Fallback::None;
            }
        }
        if let Some(fallback) = patch.fallback {
            let target = source.target_offer_id;
            fallback_fits(&tx, actor, source.niche_id, target, fallback).await?;
            source.fallback = fallback;
        }
        if settings.traffic != source.traffic {
            source.state = SourceState::Pending;
        }
        source.name = settings.name;
        source.traffic = settings.traffic;
        source.max_sales = settings.max_sales;
        source.min_earning = settings.min_earning;
        repo::sources::update(&tx, &source).await?;
        let detail = json!({
            "target": source.target_offer_id, "max_sales": source.max_sales,
            "min_earning": source.min_earning, "state": source.state,
            "fallback": source.fallback.kind(), "fallback_offer": source.fallback.offer(),
        });
        audit::record(&tx, actor, "source.update", &id.to_string(), detail).await?;
        tx.commit().await?;
        Ok(source)
    }

    /// Replaces the posting key; the old one ends now.
    ///
    /// # Errors
    /// `NOT_FOUND`, `SOURCE_REFUSED`.
    pub async fn rotate_posting_key(
        &self,
        actor: &Actor,
        id: SourceId,
    ) -> Result<(Source, String)> {
        actor.require(Action::ManageSources)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let mut source = self.lock_source(&tx, Scope::Org(actor.org), id).await?;
        if source.state == SourceState::Refused {
            return Err(SOURCE_REFUSED.into());
        }
        let (key, prefix) = accounts::mint(KIND);
        repo::sources::set_key(&tx, id, posting_key_hash(&key), &prefix).await?;
        source.posting_key_prefix = prefix;
        audit::record(&tx, actor, "source.rotate_key", &id.to_string(), json!({})).await?;
        tx.commit().await?;
        Ok((source, key))
    }

    /// Stops a source for now, or lets it go on. Publishers their own, operators any.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`.
    pub async fn set_source_paused(
        &self,
        actor: &Actor,
        id: SourceId,
        paused: bool,
    ) -> Result<Source> {
        match actor.kind {
            OrgKind::Operator => actor.require(Action::Moderate)?,
            OrgKind::Buyer | OrgKind::Publisher => actor.require(Action::ManageSources)?,
        }
        let tx = self.db.begin_write(&self.clock).await?;
        let mut source = self.lock_source(&tx, actor.scope(), id).await?;
        let command = if paused { SourceCommand::Pause } else { SourceCommand::Resume };
        source.state = source.state.apply(command)?;
        repo::sources::update(&tx, &source).await?;
        let detail = json!({"state": source.state});
        audit::record(&tx, actor, "source.pause", &id.to_string(), detail).await?;
        tx.commit().await?;
        Ok(source)
    }

    /// An operator lets a source in or refuses it.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`, `NOTE_REQUIRED`, `IDEMPOTENCY_MISMATCH`.
    pub async fn decide_source(
        &self,
        actor: &Actor,
        id: SourceId,
        approve: bool,
        note: Option<&str>,
        key: Option<&str>,
    ) -> Result<Source> {
        actor.require(Action::Moderate)?;
        let note = input::note(note, 1_000, "note")?;
        if !approve && note.is_none() {
            return Err(Problem::new(NOTE_REQUIRED).field("note").into());
        }
        let tx = self.db.begin_write(&self.clock).await?;
        let request = (id, approve, &note);
        let before: Option<SourceId> =
            once::begin(&tx, actor, key, "decideSource", &request).await?;
        if let Some(id) = before {
            return repo::sources::find(&tx, actor.scope(), id).await?.ok_or(NOT_FOUND.into());
        }
        let mut source = self.lock_source(&tx, Scope::All, id).await?;
        let command = if approve { SourceCommand::Approve } else { SourceCommand::Refuse };
        source.state = source.state.apply(command)?;
        source.decided_at = Some(tx.now());
        source.note = note;
        repo::sources::decide(&tx, &source, &actor.name()).await?;
        let detail = json!({"approve": approve, "note": source.note});
        audit::record(&tx, actor, "source.decide", &id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &id).await?;
        tx.commit().await?;
        Ok(source)
    }

    /// A source: the publisher's own, or any for operators.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn source(&self, actor: &Actor, id: SourceId) -> Result<Source> {
        not_for_buyers(actor)?;
        let tx = self.db.begin_read().await?;
        repo::sources::find(&tx, actor.scope(), id).await?.ok_or_else(|| NOT_FOUND.into())
    }

    /// A source as anybody may know it who has its id: for its public pages.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for a refused source.
    pub async fn published_source(&self, id: SourceId) -> Result<Source> {
        let tx = self.db.begin_read().await?;
        let found = repo::sources::find(&tx, Scope::All, id).await?;
        let found = found.filter(|source| source.state != SourceState::Refused);
        found.ok_or_else(|| NOT_FOUND.into())
    }

    /// Sources, newest first: the publisher's own, or all for operators.
    ///
    /// # Errors
    /// `NOT_FOUND` for buyers.
    pub async fn sources(
        &self,
        actor: &Actor,
        filter: &SourceFilter,
        page: &Page,
    ) -> Result<Paged<Source>> {
        not_for_buyers(actor)?;
        let tx = self.db.begin_read().await?;
        repo::sources::list(&tx, actor.scope(), filter, page).await
    }

    /// Sources by id that the actor may see, for loaders. Buyers see none.
    ///
    /// # Errors
    /// Faults only.
    pub async fn sources_by_ids(
        &self,
        actor: &Actor,
        ids: &[SourceId],
    ) -> Result<HashMap<SourceId, Source>> {
        if actor.kind == OrgKind::Buyer {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
        let tx = self.db.begin_read().await?;
        let found = repo::sources::by_ids(&tx, &ids).await?.into_iter();
        Ok(found
            .filter(|source| match actor.scope() {
                Scope::All => true,
                Scope::Org(own) => source.publisher_id == own,
            })
            .map(|source| (source.id, source))
            .collect())
    }

    pub(super) async fn lock_source(
        &self,
        tx: &WriteTx,
        scope: Scope,
        id: SourceId,
    ) -> Result<Source> {
        let seen = repo::sources::find(tx, scope, id).await?.ok_or(NOT_FOUND)?;
        raise_epoch(tx, &[seen.niche_id]).await?;
        repo::sources::lock(tx, id).await?.ok_or_else(|| NOT_FOUND.into())
    }
}

fn not_for_buyers(actor: &Actor) -> Result<(), Problem> {
    actor.require(Action::ReadOwn)?;
    if actor.kind == OrgKind::Buyer { Err(NOT_FOUND.into()) } else { Ok(()) }
}

/// Refuses a target that the publisher can't see, or that is in another niche.
async fn target_fits(
    tx: &WriteTx,
    actor: &Actor,
    niche: NicheId,
    target: OfferId,
    field: &'static str,
) -> Result<()> {
    let refused = || Problem::new(TARGET_NOT_VISIBLE).field(field);
    let offer = repo::offers::listed_one(tx, target).await?.filter(|o| o.niche_id == niche);
    let offer = offer.ok_or_else(refused)?;
    let current = offer.current_version_id.ok_or_else(refused)?;
    let version = repo::versions::by_ids(tx, &[current.uuid()]).await?.pop().ok_or_else(refused)?;
    let place = repo::participations::lock_place(tx, target, actor.org).await?;
    if may_see(version.terms.visibility, place.map(|place| place.state)) {
        Ok(())
    } else {
        Err(refused().into())
    }
}

/// Refuses a fallback where the whole market may buy anyway, and one to the target itself.
async fn fallback_fits(
    tx: &WriteTx,
    actor: &Actor,
    niche: NicheId,
    target: Option<OfferId>,
    fallback: Fallback,
) -> Result<()> {
    if fallback == Fallback::None {
        return Ok(());
    }
    if target.is_none() || target == fallback.offer() {
        return Err(Problem::new(FALLBACK_WITHOUT_TARGET).field("fallback").into());
    }
    match fallback.offer() {
        Some(offer) => target_fits(tx, actor, niche, offer, "fallbackOfferId").await,
        None => Ok(()),
    }
}
