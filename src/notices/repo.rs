//! Statements on publishers' postbacks and notices.

use leadbourse_core::access::Scope;
use leadbourse_core::delivery::DeliveryState;
use leadbourse_core::ids::{
    HappeningId, LeadId, NoticeId, OrganizationId, PublisherPostbackId, SourceId, derive_near,
    first_at,
};
use leadbourse_core::notice::{Happening, NoticeEvent};
use leadbourse_core::time::Timestamp;
use sea_orm::{FromQueryResult, Value};
use std::str::FromStr;
use uuid::Uuid;

use super::model::{Notice, NoticeFilter, PublisherPostback};
use crate::delivery::Queue;
use crate::platform::db::bulk::{self, OnConflict, Rows, TableDef, Ty};
use crate::platform::db::sql::Filter;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Context, Error, Result};
use crate::platform::paging::{Page, Paged};

/// The queue of notices.
pub(super) static QUEUE: Queue = Queue {
    entries: "notices",
    target: "postback_id",
    subject: "lead_id",
    owner: "publisher_id",
    targets: "publisher_postbacks",
    tries: "notice_attempts",
    tried: "notice_id",
};

static NOTICES: TableDef = TableDef {
    name: "notices",
    cols: &[
        ("id", Ty::Uuid),
        ("happening_id", Ty::Uuid),
        ("postback_id", Ty::Uuid),
        ("publisher_id", Ty::Uuid),
        ("lead_id", Ty::Uuid),
        ("event", Ty::Text),
        ("facts", Ty::Text),
        ("state", Ty::Text),
        ("next_at", Ty::I64),
        ("created_at", Ty::I64),
    ],
};

const POSTBACK: &str = "id, publisher_id, source_id, name, url, method, events, \
     secret_ciphertext, state, failing_since, created_at";
const NOTICE: &str = "id, happening_id, postback_id, publisher_id, lead_id, facts, state, \
     attempts, next_at, last_error, created_at, delivered_at";

#[derive(FromQueryResult)]
struct PostbackRow {
    id: Uuid,
    publisher_id: Uuid,
    source_id: Option<Uuid>,
    name: String,
    url: String,
    method: String,
    events: String,
    secret_ciphertext: Vec<u8>,
    state: String,
    failing_since: Option<i64>,
    created_at: i64,
}

#[derive(FromQueryResult)]
struct NoticeRow {
    id: Uuid,
    happening_id: Uuid,
    postback_id: Uuid,
    publisher_id: Uuid,
    lead_id: Uuid,
    facts: String,
    state: String,
    attempts: i32,
    next_at: i64,
    last_error: Option<String>,
    created_at: i64,
    delivered_at: Option<i64>,
}

fn word<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::broken(format!("stored word {text}")))
}

impl PostbackRow {
    fn read(self) -> Result<PublisherPostback> {
        Ok(PublisherPostback {
            id: PublisherPostbackId(self.id),
            publisher_id: OrganizationId(self.publisher_id),
            source_id: self.source_id.map(SourceId),
            name: self.name,
            url: self.url,
            method: word(&self.method)?,
            events: serde_json::from_str(&self.events).context("reading a postback's events")?,
            state: word(&self.state)?,
            failing_since: self.failing_since.map(Timestamp::from_micros),
            created_at: Timestamp::from_micros(self.created_at),
            secret_ciphertext: self.secret_ciphertext,
        })
    }
}

impl NoticeRow {
    fn read(self) -> Result<Notice> {
        Ok(Notice {
            id: NoticeId(self.id),
            happening_id: HappeningId(self.happening_id),
            postback_id: PublisherPostbackId(self.postback_id),
            publisher_id: OrganizationId(self.publisher_id),
            lead_id: LeadId(self.lead_id),
            happening: serde_json::from_str(&self.facts).context("reading a happening")?,
            state: word(&self.state)?,
            attempts: self.attempts,
            next_at: Timestamp::from_micros(self.next_at),
            last_error: self.last_error,
            created_at: Timestamp::from_micros(self.created_at),
            delivered_at: self.delivered_at.map(Timestamp::from_micros),
        })
    }
}

/// What a reader may see; operators see all.
fn scoped(scope: Scope) -> Filter {
    let mut wanted = Filter::default();
    if let Scope::Org(org) = scope {
        wanted.and("publisher_id =", org.uuid());
    }
    wanted
}

fn events_text(events: &[NoticeEvent]) -> Result<String> {
    serde_json::to_string(events).context("printing a postback's events")
}

pub(super) async fn insert_postback(tx: &WriteTx, postback: &PublisherPostback) -> Result<()> {
    let text = "INSERT INTO publisher_postbacks (id, publisher_id, source_id, name, url, method, \
         events, secret_ciphertext, state, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let values: [Value; 10] = [
        postback.id.uuid().into(),
        postback.publisher_id.uuid().into(),
        postback.source_id.map(SourceId::uuid).into(),
        postback.name.as_str().into(),
        postback.url.as_str().into(),
        postback.method.as_str().into(),
        events_text(&postback.events)?.into(),
        postback.secret_ciphertext.clone().into(),
        postback.state.as_str().into(),
        postback.created_at.micros().into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

/// Writes what a publisher may change.
pub(super) async fn update_postback(tx: &WriteTx, postback: &PublisherPostback) -> Result<()> {
    let text = "UPDATE publisher_postbacks SET source_id = $1, name = $2, url = $3, method = $4, \
         events = $5 WHERE id = $6";
    let values: [Value; 6] = [
        postback.source_id.map(SourceId::uuid).into(),
        postback.name.as_str().into(),
        postback.url.as_str().into(),
        postback.method.as_str().into(),
        events_text(&postback.events)?.into(),
        postback.id.uuid().into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

async fn some_postbacks(
    tx: &impl Reader,
    wanted: &Filter,
    tail: &str,
) -> Result<Vec<PublisherPostback>> {
    let text = format!("SELECT {POSTBACK} FROM publisher_postbacks WHERE {} {tail}", wanted.text);
    let rows = sql::find::<PostbackRow>(tx, &text, wanted.values.clone()).await?;
    rows.into_iter().map(PostbackRow::read).collect()
}

/// One postback that is seen, deleted ones too.
pub(super) async fn postback(
    tx: &impl Reader,
    scope: Scope,
    id: PublisherPostbackId,
) -> Result<Option<PublisherPostback>> {
    let mut wanted = scoped(scope);
    wanted.and("id =", id.uuid());
    Ok(some_postbacks(tx, &wanted, "").await?.pop())
}

/// As [`postback`], locked.
pub(super) async fn lock_postback(
    tx: &WriteTx,
    scope: Scope,
    id: PublisherPostbackId,
) -> Result<Option<PublisherPostback>> {
    let mut wanted = scoped(scope);
    wanted.and("id =", id.uuid());
    Ok(some_postbacks(tx, &wanted, sql::for_update(tx)).await?.pop())
}

/// Postbacks that are not deleted, newest first; at most 500.
pub(super) async fn postbacks(tx: &impl Reader, scope: Scope) -> Result<Vec<PublisherPostback>> {
    let mut wanted = scoped(scope);
    wanted.and("state <>", "DELETED");
    some_postbacks(tx, &wanted, "ORDER BY id DESC LIMIT 500").await
}

/// The postbacks of these publishers that are called or will be again.
pub(super) async fn postbacks_of(
    tx: &impl Reader,
    publishers: &[Uuid],
) -> Result<Vec<PublisherPostback>> {
    let mut found = Vec::new();
    for some in publishers.chunks(500) {
        let mut wanted = Filter::default();
        wanted.and("state <>", "DELETED");
        wanted.and_in("publisher_id", some);
        found.extend(some_postbacks(tx, &wanted, "ORDER BY id").await?);
    }
    Ok(found)
}

/// Live postbacks of a publisher.
pub(super) async fn count_postbacks(tx: &impl Reader, publisher: OrganizationId) -> Result<i64> {
    let text = "SELECT COUNT(*) AS n FROM publisher_postbacks \
         WHERE publisher_id = $1 AND state <> 'DELETED'";
    match sql::one(tx, text, [publisher.uuid().into()]).await? {
        Some(row) => Ok(row.try_get("", "n")?),
        None => Ok(0),
    }
}

/// The id of a notice: one happening is told to one postback once. It sorts by the time of the
/// happening.
fn notice_id(happening: &Happening, postback: PublisherPostbackId) -> NoticeId {
    let told = happening.id().uuid();
    let parts: [&[u8]; 3] = [b"notice", told.as_bytes(), postback.0.as_bytes()];
    NoticeId(derive_near(first_at(happening.at), &parts))
}

/// Makes notices; those that are there already are left as they are.
pub(super) async fn insert(tx: &WriteTx, new: &[(PublisherPostbackId, &Happening)]) -> Result<()> {
    let mut rows = Rows::new(&NOTICES).on_conflict(OnConflict::DoNothing);
    for (postback, happening) in new {
        let facts = serde_json::to_string(happening).context("printing a happening")?;
        rows.push([
            notice_id(happening, *postback).uuid().into(),
            happening.id().uuid().into(),
            postback.uuid().into(),
            happening.publisher.uuid().into(),
            happening.lead.uuid().into(),
            happening.event.as_str().into(),
            facts.into(),
            DeliveryState::Pending.as_str().into(),
            tx.now().micros().into(),
            happening.at.micros().into(),
        ]);
    }
    bulk::insert_many(tx, rows).await.map(drop)
}

/// Leases one new notice to its maker.
pub(super) async fn hold(tx: &WriteTx, id: NoticeId, token: Uuid, until: Timestamp) -> Result<()> {
    let text = "UPDATE notices SET lease_token = $1, leased_until = $2 WHERE id = $3";
    let values: [Value; 3] = [token.into(), until.micros().into(), id.uuid().into()];
    sql::run(tx, text, values).await.map(drop)
}

/// The notice of a happening to a postback, as it will be called.
pub(super) fn id_of(happening: &Happening, postback: PublisherPostbackId) -> NoticeId {
    notice_id(happening, postback)
}

/// One notice that is seen.
pub(super) async fn notice(tx: &impl Reader, scope: Scope, id: NoticeId) -> Result<Option<Notice>> {
    let mut wanted = scoped(scope);
    wanted.and("id =", id.uuid());
    let text = format!("SELECT {NOTICE} FROM notices WHERE {}", wanted.text);
    let row = sql::find_one::<NoticeRow>(tx, &text, wanted.values).await?;
    row.map(NoticeRow::read).transpose()
}

/// A page of notices, newest happening first.
pub(super) async fn notices(
    tx: &impl Reader,
    scope: Scope,
    filter: &NoticeFilter,
    page: &Page,
) -> Result<Paged<Notice>> {
    let mut wanted = scoped(scope);
    wanted.and_some("postback_id =", filter.postback.map(PublisherPostbackId::uuid));
    wanted.and_some("lead_id =", filter.lead.map(LeadId::uuid));
    wanted.and_some("state =", filter.state.map(DeliveryState::as_str));
    let (rest, values) = wanted.page(page);
    let text = format!("SELECT {NOTICE} FROM notices WHERE {rest}");
    let rows = sql::find::<NoticeRow>(tx, &text, values).await?;
    Paged::cut(rows, page).try_map(NoticeRow::read)
}

/// Removes notices of before an instant that nobody tries any more, with their tries; a bounded
/// number at once. Gives how many.
pub(super) async fn prune(tx: &WriteTx, before: Timestamp, most: usize) -> Result<usize> {
    let text = format!(
        "SELECT id FROM notices WHERE id < $1 AND state <> 'PENDING' ORDER BY id LIMIT {most}"
    );
    let rows = sql::all(tx, &text, [first_at(before).into()]).await?;
    let old: Vec<Uuid> =
        rows.iter().map(|row| row.try_get("", "id")).collect::<std::result::Result<_, _>>()?;
    if old.is_empty() {
        return Ok(0);
    }
    let (marks, values) = sql::ids(1, &old);
    let tries = format!("DELETE FROM notice_attempts WHERE notice_id IN ({marks})");
    sql::run(tx, &tries, values.clone()).await?;
    sql::run(tx, &format!("DELETE FROM notices WHERE id IN ({marks})"), values).await?;
    Ok(old.len())
}
