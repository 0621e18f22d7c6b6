//! Postbacks and notices as members use them.

use leadbourse_core::access::{Action, Actor, OrgKind, Scope};
use leadbourse_core::account::input;
use leadbourse_core::delivery::EndpointState;
use leadbourse_core::error::{INVALID_STATE, NOT_FOUND, Problem};
use leadbourse_core::ids::{LeadId, NoticeId, OutboxId, PublisherPostbackId, SourceId};
use leadbourse_core::lead::LeadState;
use leadbourse_core::money::{Bps, Currency};
use leadbourse_core::notice::{
    Happening, NOTICE_ADDRESS, NOTICE_LIMIT, NoticeEvent, Template, events,
};
use serde_json::json;
use std::collections::HashMap;
use uuid::Uuid;

use super::model::{Notice, NoticeFilter, NoticeView, PostbackInput, PublisherPostback};
use super::repo::{self, QUEUE};
use super::route::Worker;
use crate::accounts;
use crate::delivery::{Attempt, LEASE, Leased, signing_secret};
use crate::offers;
use crate::platform::audit;
use crate::platform::bell::Bell;
use crate::platform::clock::Clock;
use crate::platform::config::NoticeConfig;
use crate::platform::db::{Db, Reader, WriteTx};
use crate::platform::egress::Egress;
use crate::platform::error::{Error, Result};
use crate::platform::once;
use crate::platform::paging::{Page, Paged};
use crate::platform::vault::Vault;

/// Postbacks and notices. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Notices {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) vault: Vault,
    pub(super) egress: Egress,
    config: NoticeConfig,
    /// Rung when something became due.
    pub(super) bell: Bell,
}

impl Notices {
    /// Over one database.
    pub fn new(
        (db, clock, vault): (Db, Clock, Vault),
        egress: Egress,
        config: NoticeConfig,
    ) -> Self {
        Self { db, clock, vault, egress, config, bell: Bell::default() }
    }

    /// Rung when a notice became due.
    pub fn bell(&self) -> &Bell {
        &self.bell
    }

    /// Makes a postback. Gives the signing secret, which is shown this once.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right or the source, `NOTICE_ADDRESS`, `NOTICE_MACRO`,
    /// `NOTICE_EVENTS`, `NOTICE_LIMIT`, refusals of the name.
    pub async fn create(
        &self,
        actor: &Actor,
        wanted: &PostbackInput,
    ) -> Result<(PublisherPostback, String)> {
        actor.require(Action::ManageSources)?;
        let checked = self.checked(wanted)?;
        let secret = signing_secret();
        let secret_ciphertext = self.vault.seal_secret(secret.as_bytes())?;
        let tx = self.db.begin_write(&self.clock).await?;
        own_source(&tx, actor, checked.source_id).await?;
        // The count is the lock: of two that make the last one the second waits here.
        accounts::count_postbacks(&tx, actor.org, 1).await?;
        if repo::count_postbacks(&tx, actor.org).await? >= i64::from(self.config.most) {
            return Err(NOTICE_LIMIT.into());
        }
        let postback = PublisherPostback {
            id: PublisherPostbackId::new(tx.now()),
            publisher_id: actor.org,
            source_id: checked.source_id,
            name: checked.name,
            url: checked.url,
            method: checked.method,
            events: checked.events,
            state: EndpointState::Active,
            failing_since: None,
            created_at: tx.now(),
            secret_ciphertext,
        };
        repo::insert_postback(&tx, &postback).await?;
        let detail = json!({ "source": postback.source_id, "events": postback.events });
        let subject = postback.id.to_string();
        audit::record(&tx, actor, "publisher_postback.create", &subject, detail).await?;
        tx.commit().await?;
        Ok((postback, secret))
    }

    /// Changes a postback; what waits for it goes to the new address.
    ///
    /// # Errors
    /// As [`Notices::create`], and `INVALID_STATE` once deleted.
    pub async fn update(
        &self,
        actor: &Actor,
        id: PublisherPostbackId,
        wanted: &PostbackInput,
    ) -> Result<PublisherPostback> {
        actor.require(Action::ManageSources)?;
        let tx = self.db.begin_write(&self.clock).await?;
        // Before the input: whoever may not change it learns nothing by asking wrongly.
        let mut postback = live(&tx, actor, id).await?;
        let checked = self.checked(wanted)?;
        own_source(&tx, actor, checked.source_id).await?;
        postback.source_id = checked.source_id;
        postback.name = checked.name;
        postback.url = checked.url;
        postback.method = checked.method;
        postback.events = checked.events;
        repo::update_postback(&tx, &postback).await?;
        let detail = json!({ "source": postback.source_id, "events": postback.events });
        let subject = id.to_string();
        audit::record(&tx, actor, "publisher_postback.update", &subject, detail).await?;
        tx.commit().await?;
        Ok(postback)
    }

    /// Pauses a postback, or lets it go on; what waited for it is then due at once.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE` once deleted.
    pub async fn set_paused(
        &self,
        actor: &Actor,
        id: PublisherPostbackId,
        paused: bool,
    ) -> Result<PublisherPostback> {
        actor.require(Action::ManageSources)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let known = repo::postback(&tx, actor.scope(), id).await?;
        let before = known.ok_or(Error::from(NOT_FOUND))?;
        let to = before.state.paused(paused).ok_or(Error::from(INVALID_STATE))?;
        if to != before.state {
            // Notices before the postback: the order in which the courier writes them.
            if !paused {
                QUEUE.hurry(&tx, id.uuid()).await?;
            }
            if !QUEUE.move_target(&tx, id.uuid(), before.state, to).await? {
                return Err(INVALID_STATE.into());
            }
            let action =
                if paused { "publisher_postback.pause" } else { "publisher_postback.resume" };
            audit::record(&tx, actor, action, &id.to_string(), json!({})).await?;
        }
        let after = repo::postback(&tx, actor.scope(), id).await?.ok_or(Error::from(NOT_FOUND))?;
        tx.commit().await?;
        self.bell.ring();
        Ok(after)
    }

    /// Deletes a postback; what waits for it is dead.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn delete(
        &self,
        actor: &Actor,
        id: PublisherPostbackId,
    ) -> Result<PublisherPostback> {
        actor.require(Action::ManageSources)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let known = repo::postback(&tx, actor.scope(), id).await?;
        let before = known.ok_or(Error::from(NOT_FOUND))?;
        let gone = EndpointState::Deleted;
        if before.state != gone {
            QUEUE.abandon(&tx, id.uuid(), "the postback was deleted").await?;
            // Of two that delete it one moves it, and only that one counts.
            if QUEUE.move_target(&tx, id.uuid(), before.state, gone).await? {
                accounts::count_postbacks(&tx, before.publisher_id, -1).await?;
                let subject = id.to_string();
                let action = "publisher_postback.delete";
                audit::record(&tx, actor, action, &subject, json!({})).await?;
            }
        }
        let after = repo::postback(&tx, actor.scope(), id).await?.ok_or(Error::from(NOT_FOUND))?;
        tx.commit().await?;
        Ok(after)
    }

    /// The postbacks that the actor may see, newest first, without deleted ones.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right to read.
    pub async fn postbacks(&self, actor: &Actor) -> Result<Vec<PublisherPostback>> {
        actor.require(Action::ReadOwn)?;
        repo::postbacks(&self.db.begin_read().await?, actor.scope()).await
    }

    /// The log, newest happening first.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right to read leads.
    pub async fn log(
        &self,
        actor: &Actor,
        filter: NoticeFilter,
        page: &Page,
    ) -> Result<Paged<NoticeView>> {
        actor.require(Action::ReadLeads)?;
        let tx = self.db.begin_read().await?;
        let found = repo::notices(&tx, actor.scope(), &filter, page).await?;
        Ok(Paged { items: views(&tx, found.items).await?, has_next: found.has_next })
    }

    /// Sends a notice again, whatever became of it, under the same event id.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE` when its postback was deleted, `IDEMPOTENCY_MISMATCH`.
    pub async fn replay(
        &self,
        actor: &Actor,
        id: NoticeId,
        key: Option<&str>,
    ) -> Result<NoticeView> {
        actor.require(match actor.kind {
            OrgKind::Operator => Action::Moderate,
            OrgKind::Buyer | OrgKind::Publisher => Action::ManageSources,
        })?;
        let tx = self.db.begin_write(&self.clock).await?;
        let before: Option<NoticeId> = once::begin(&tx, actor, key, "replayNotice", &id).await?;
        let found = repo::notice(&tx, actor.scope(), id).await?.ok_or(Error::from(NOT_FOUND))?;
        if before.is_none() {
            let postback = repo::postback(&tx, actor.scope(), found.postback_id).await?;
            if postback.is_none_or(|postback| postback.state == EndpointState::Deleted) {
                return Err(INVALID_STATE.into());
            }
            QUEUE.replay(&tx, id.uuid()).await?;
            let detail = json!({ "lead": found.lead_id });
            audit::record(&tx, actor, "notice.replay", &id.to_string(), detail).await?;
            once::finish(&tx, actor, key, &id).await?;
        }
        let view = view(&tx, actor.scope(), id).await?;
        tx.commit().await?;
        self.bell.ring();
        Ok(view)
    }

    /// Calls a postback now, once, with an event that never happened; also a paused one.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE` once deleted.
    pub async fn test(&self, actor: &Actor, id: PublisherPostbackId) -> Result<NoticeView> {
        actor.require(Action::ManageSources)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let postback = live(&tx, actor, id).await?;
        let happening = Happening {
            event: NoticeEvent::Test,
            at: tx.now(),
            publisher: postback.publisher_id,
            source: postback.source_id.unwrap_or_default(),
            lead: LeadId::new(tx.now()),
            status: LeadState::Sold,
            reason: None,
            sale: None,
            earning: 42_500,
            returned: 0,
            share: Bps(0),
            currency: Currency::RUB,
        };
        repo::insert(&tx, &[(id, &happening)]).await?;
        let leased = Leased {
            id: repo::id_of(&happening, id).uuid(),
            target: id.uuid(),
            subject: happening.lead.uuid(),
            owner: postback.publisher_id.uuid(),
            attempts: 0,
            created_at: tx.now(),
            token: OutboxId::new(tx.now()).uuid(),
        };
        // Held from the beginning, so that nobody else sends it.
        let notice = NoticeId(leased.id);
        repo::hold(&tx, notice, leased.token, tx.now().plus(LEASE)).await?;
        let subject = id.to_string();
        audit::record(&tx, actor, "publisher_postback.test", &subject, json!({})).await?;
        tx.commit().await?;
        Worker::new(self.clone(), &self.config).send(&leased).await?;
        view(&self.db.begin_read().await?, actor.scope(), notice).await
    }

    /// The input, in order.
    fn checked(&self, wanted: &PostbackInput) -> Result<PostbackInput> {
        let template = Template::parse(wanted.url.trim())?;
        // What the door for requests says of the address as it would be without any value.
        let plain = template.render(|_| None);
        self.egress.check(&plain).map_err(|why| {
            Problem::new(NOTICE_ADDRESS).field("url").detail(format!("Not called: {why}."))
        })?;
        Ok(PostbackInput {
            name: input::name(&wanted.name, "name")?,
            url: wanted.url.trim().to_owned(),
            method: wanted.method,
            events: events(&wanted.events)?,
            source_id: wanted.source_id,
        })
    }
}

/// A postback of the actor's that is not deleted, locked.
async fn live(tx: &WriteTx, actor: &Actor, id: PublisherPostbackId) -> Result<PublisherPostback> {
    let known = repo::lock_postback(tx, actor.scope(), id).await?.ok_or(Error::from(NOT_FOUND))?;
    if known.state == EndpointState::Deleted { Err(INVALID_STATE.into()) } else { Ok(known) }
}

async fn own_source(tx: &impl Reader, actor: &Actor, source: Option<SourceId>) -> Result<()> {
    let Some(source) = source else { return Ok(()) };
    if offers::owns_source(tx, actor.org, source).await? {
        return Ok(());
    }
    Err(Problem::new(NOT_FOUND).field("sourceId").into())
}

async fn view(tx: &impl Reader, scope: Scope, id: NoticeId) -> Result<NoticeView> {
    let found = repo::notice(tx, scope, id).await?;
    views(tx, found.into_iter().collect()).await?.pop().ok_or(NOT_FOUND.into())
}

/// Adds to each notice its tries.
async fn views(tx: &impl Reader, found: Vec<Notice>) -> Result<Vec<NoticeView>> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = found.iter().map(|notice| notice.id.uuid()).collect();
    let mut attempts: HashMap<Uuid, Vec<Attempt>> = HashMap::new();
    for attempt in QUEUE.attempts(tx, &ids).await? {
        attempts.entry(attempt.of).or_default().push(attempt);
    }
    let view = |notice: Notice| NoticeView {
        attempts: attempts.remove(&notice.id.uuid()).unwrap_or_default(),
        notice,
    };
    Ok(found.into_iter().map(view).collect())
}
