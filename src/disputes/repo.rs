//! Statements on disputes and their events.

use leadbourse_core::dispute::Deadlines;
use leadbourse_core::ids::{
    AwardId, ConversionId, DisputeId, LeadEventId, LeadId, NicheId, OfferId, OrganizationId,
};
use leadbourse_core::money::Bps;
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::time::Timestamp;
use sea_orm::{QueryResult, Value};
use std::collections::HashSet;
use uuid::Uuid;

use super::model::{Claim, Dispute};
use crate::conversions::Seen;
use crate::platform::db::bulk::{self, Lock, LockMode, Rows, TableDef, Ty};
use crate::platform::db::row::{bps, bps_opt, parsed, time, time_opt};
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};

static DISPUTES: TableDef = TableDef {
    name: "disputes",
    cols: &[
        ("id", Ty::Uuid),
        ("kind", Ty::Text),
        ("conversion_id", Ty::OptUuid),
        ("award_id", Ty::Uuid),
        ("lead_id", Ty::Uuid),
        ("offer_id", Ty::Uuid),
        ("buyer_id", Ty::Uuid),
        ("publisher_id", Ty::Uuid),
        ("niche_id", Ty::Uuid),
        ("reason_code", Ty::Text),
        ("claimed_bps", Ty::I32),
        ("state", Ty::Text),
        ("answer_by", Ty::I64),
        ("decide_by", Ty::I64),
        ("lock_at", Ty::I64),
        ("opened_by", Ty::Text),
        ("opened_at", Ty::I64),
        ("rev", Ty::I64),
        ("goal", Ty::OptText),
        ("currency", Ty::OptText),
        ("amount", Ty::OptI64),
        ("claimed_price", Ty::OptI64),
        ("claimed_earning", Ty::OptI64),
        ("occurred_at", Ty::OptI64),
    ],
};

static EVENTS: TableDef = TableDef {
    name: "dispute_events",
    cols: &[
        ("id", Ty::Uuid),
        ("dispute_id", Ty::Uuid),
        ("seq", Ty::I32),
        ("code", Ty::Text),
        ("actor", Ty::Text),
        ("organization_id", Ty::Uuid),
        ("comment_ciphertext", Ty::OptBytes),
        ("at", Ty::I64),
    ],
};

const COLUMNS: &str = "id, kind, conversion_id, award_id, lead_id, offer_id, buyer_id, \
     publisher_id, niche_id, reason_code, claimed_bps, decided_bps, state, answer_by, decide_by, \
     lock_at, opened_by, opened_at, answered_at, resolved_at, resolved_by, rev, goal, \
     currency, amount, claimed_price, claimed_earning, occurred_at, decided_amount";

fn dispute_of(row: &QueryResult) -> Result<Dispute> {
    let conversion: Option<Uuid> = row.try_get("", "conversion_id")?;
    Ok(Dispute {
        id: DisputeId(row.try_get("", "id")?),
        kind: parsed(row, "kind")?,
        conversion_id: conversion.map(ConversionId),
        award_id: AwardId(row.try_get("", "award_id")?),
        lead_id: LeadId(row.try_get("", "lead_id")?),
        offer_id: OfferId(row.try_get("", "offer_id")?),
        buyer_id: OrganizationId(row.try_get("", "buyer_id")?),
        publisher_id: OrganizationId(row.try_get("", "publisher_id")?),
        niche_id: NicheId(row.try_get("", "niche_id")?),
        reason_code: row.try_get("", "reason_code")?,
        claimed: bps(row, "claimed_bps")?,
        decided: bps_opt(row, "decided_bps")?,
        state: parsed(row, "state")?,
        deadlines: Deadlines {
            answer_by: time(row, "answer_by")?,
            decide_by: time(row, "decide_by")?,
            lock_at: time(row, "lock_at")?,
        },
        claim: claim_of(row)?,
        opened_by: row.try_get("", "opened_by")?,
        opened_at: time(row, "opened_at")?,
        answered_at: time_opt(row, "answered_at")?,
        resolved_at: time_opt(row, "resolved_at")?,
        resolved_by: row.try_get("", "resolved_by")?,
        rev: row.try_get("", "rev")?,
    })
}

fn claim_of(row: &QueryResult) -> Result<Option<Claim>> {
    let goal: Option<String> = row.try_get("", "goal")?;
    if goal.is_none() {
        return Ok(None);
    }
    Ok(Some(Claim {
        goal: parsed(row, "goal")?,
        amount: row.try_get("", "amount")?,
        price: row.try_get("", "claimed_price")?,
        earning: row.try_get("", "claimed_earning")?,
        currency: parsed(row, "currency")?,
        occurred_at: time(row, "occurred_at")?,
        decided_amount: row.try_get("", "decided_amount")?,
    }))
}

fn scope(seen: Seen, values: &mut Vec<Value>) -> String {
    let (column, own) = match seen {
        Seen::Buyer(own) => ("buyer_id", own),
        Seen::Publisher(own) => ("publisher_id", own),
        Seen::All => return String::new(),
    };
    values.push(own.uuid().into());
    format!(" AND {column} = ${}", values.len())
}

pub(super) async fn get(tx: &impl Reader, seen: Seen, id: DisputeId) -> Result<Option<Dispute>> {
    let mut values: Vec<Value> = vec![id.uuid().into()];
    let scope = scope(seen, &mut values);
    let text = format!("SELECT {COLUMNS} FROM disputes WHERE id = $1{scope}");
    sql::one(tx, &text, values).await?.as_ref().map(dispute_of).transpose()
}

/// Locks a dispute and reads it as it is then.
pub(super) async fn lock(tx: &WriteTx, id: DisputeId) -> Result<Option<Dispute>> {
    let keys = [id.uuid()];
    bulk::lock_rows(tx, &Lock::new(&DISPUTES, &["rev"], &keys, LockMode::Update)).await?;
    get(tx, Seen::All, id).await
}

pub(super) async fn page(
    tx: &impl Reader,
    seen: Seen,
    state: Option<&str>,
    open: Option<bool>,
    page: &Page,
) -> Result<Paged<Dispute>> {
    let mut wanted = seen.filter();
    wanted.and_some("state =", state);
    if let Some(open) = open {
        let not = if open { "" } else { "NOT " };
        wanted.text.push_str(&format!(" AND state {not}IN ('OPEN', 'CONTESTED')"));
    }
    let (rest, values) = wanted.page(page);
    let text = format!("SELECT {COLUMNS} FROM disputes WHERE {rest}");
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(dispute_of).collect::<Result<_>>()?, page))
}

/// The newest dispute of each conversion.
pub(super) async fn of_conversions(
    tx: &impl Reader,
    seen: Seen,
    conversions: &[ConversionId],
) -> Result<Vec<Dispute>> {
    let keys: Vec<Uuid> = conversions.iter().map(|id| id.uuid()).collect();
    let (marks, mut values) = sql::ids(1, &keys);
    let scope = scope(seen, &mut values);
    let text = format!(
        "SELECT {COLUMNS} FROM disputes WHERE conversion_id IN ({marks}){scope} ORDER BY id"
    );
    sql::all(tx, &text, values).await?.iter().map(dispute_of).collect()
}

/// The conversions of disputes that have one.
pub(super) async fn conversions_of(
    tx: &impl Reader,
    disputes: &[DisputeId],
) -> Result<Vec<(DisputeId, ConversionId)>> {
    let keys: Vec<Uuid> = disputes.iter().map(|id| id.uuid()).collect();
    let (marks, values) = sql::ids(1, &keys);
    let text = format!(
        "SELECT id, conversion_id FROM disputes WHERE id IN ({marks}) \
         AND conversion_id IS NOT NULL"
    );
    sql::all(tx, &text, values)
        .await?
        .iter()
        .map(|row| {
            let conversion = ConversionId(row.try_get("", "conversion_id")?);
            Ok((DisputeId(row.try_get("", "id")?), conversion))
        })
        .collect()
}

/// Which of these conversions have an open dispute.
pub(super) async fn open_on(
    tx: &impl Reader,
    conversions: &[ConversionId],
) -> Result<HashSet<ConversionId>> {
    let mut out = HashSet::new();
    for chunk in conversions.chunks(512) {
        let keys: Vec<Uuid> = chunk.iter().map(|id| id.uuid()).collect();
        let (marks, values) = sql::ids(1, &keys);
        let text = format!(
            "SELECT conversion_id FROM disputes WHERE conversion_id IN ({marks}) \
             AND state IN ('OPEN', 'CONTESTED')"
        );
        for row in sql::all(tx, &text, values).await? {
            out.insert(ConversionId(row.try_get("", "conversion_id")?));
        }
    }
    Ok(out)
}

/// The open dispute of a conversion.
pub(super) async fn open_of(
    tx: &impl Reader,
    conversion: ConversionId,
) -> Result<Option<DisputeId>> {
    let text = "SELECT id FROM disputes WHERE conversion_id = $1 \
         AND state IN ('OPEN', 'CONTESTED')";
    let row = sql::one(tx, text, [conversion.uuid().into()]).await?;
    row.map_or(Ok(None), |row| Ok(Some(DisputeId(row.try_get("", "id")?))))
}

/// Whether somebody's claim for a goal of an award is open.
pub(super) async fn open_claim(tx: &impl Reader, award: AwardId, goal: GoalKind) -> Result<bool> {
    let text = "SELECT 1 AS one FROM disputes WHERE award_id = $1 AND goal = $2 \
         AND kind = 'MISSING_CONVERSION' AND state IN ('OPEN', 'CONTESTED') LIMIT 1";
    let values: [Value; 2] = [award.uuid().into(), goal.as_str().into()];
    Ok(sql::one(tx, text, values).await?.is_some())
}

/// Whether the award counts as returned, or may, by a dispute other than `except`. A refund says
/// nothing about the lead.
pub(super) async fn counts_as_returned(
    tx: &impl Reader,
    award: AwardId,
    except: Option<DisputeId>,
) -> Result<bool> {
    let text = "SELECT 1 AS one FROM disputes WHERE award_id = $1 AND id <> $2 \
         AND kind = 'RETURN' AND reason_code <> 'REFUNDED' AND state IN ('OPEN', 'CONTESTED', 'ACCEPTED', 'UPHELD', 'PARTIAL') LIMIT 1";
    let except = except.map_or(Uuid::nil(), DisputeId::uuid);
    Ok(sql::one(tx, text, [award.uuid().into(), except.into()]).await?.is_some())
}

/// Disputes for which a deadline has come.
pub(super) async fn due(tx: &impl Reader, now: Timestamp, most: u32) -> Result<Vec<DisputeId>> {
    let text = format!(
        "SELECT id FROM disputes WHERE (state = 'OPEN' AND answer_by <= $1) \
         OR (state IN ('OPEN', 'CONTESTED') AND lock_at <= $1) ORDER BY id LIMIT {most}"
    );
    sql::all(tx, &text, [now.micros().into()])
        .await?
        .iter()
        .map(|row| Ok(DisputeId(row.try_get("", "id")?)))
        .collect()
}

fn stored(share: Bps) -> i32 {
    i32::try_from(share.0).unwrap_or(10_000)
}

pub(super) async fn insert(tx: &WriteTx, dispute: &Dispute) -> Result<()> {
    let mut rows = Rows::new(&DISPUTES);
    let claim = dispute.claim.as_ref();
    rows.push([
        dispute.id.uuid().into(),
        dispute.kind.as_str().into(),
        dispute.conversion_id.map(ConversionId::uuid).into(),
        dispute.award_id.uuid().into(),
        dispute.lead_id.uuid().into(),
        dispute.offer_id.uuid().into(),
        dispute.buyer_id.uuid().into(),
        dispute.publisher_id.uuid().into(),
        dispute.niche_id.uuid().into(),
        dispute.reason_code.as_str().into(),
        stored(dispute.claimed).into(),
        dispute.state.as_str().into(),
        dispute.deadlines.answer_by.micros().into(),
        dispute.deadlines.decide_by.micros().into(),
        dispute.deadlines.lock_at.micros().into(),
        dispute.opened_by.as_str().into(),
        dispute.opened_at.micros().into(),
        dispute.rev.into(),
        claim.map(|claim| claim.goal.as_str().to_owned()).into(),
        claim.map(|claim| claim.currency.code().to_owned()).into(),
        claim.and_then(|claim| claim.amount).into(),
        claim.map(|claim| claim.price).into(),
        claim.map(|claim| claim.earning).into(),
        claim.map(|claim| claim.occurred_at.micros()).into(),
    ]);
    bulk::insert_many(tx, rows).await.map(drop)
}

/// Saves what changed, if nobody else saved meanwhile; raises `rev`.
pub(super) async fn save(tx: &WriteTx, dispute: &Dispute) -> Result<bool> {
    let text = "UPDATE disputes SET state = $1, decided_bps = $2, answered_at = $3, \
         resolved_at = $4, resolved_by = $5, conversion_id = $6, decided_amount = $7, \
         rev = rev + 1 WHERE id = $8 AND rev = $9";
    let values: [Value; 9] = [
        dispute.state.as_str().into(),
        dispute.decided.map(stored).into(),
        dispute.answered_at.map(Timestamp::micros).into(),
        dispute.resolved_at.map(Timestamp::micros).into(),
        dispute.resolved_by.clone().into(),
        dispute.conversion_id.map(ConversionId::uuid).into(),
        dispute.claim.as_ref().and_then(|claim| claim.decided_amount).into(),
        dispute.id.uuid().into(),
        dispute.rev.into(),
    ];
    Ok(sql::run(tx, text, values).await? == 1)
}

/// An event as it is stored: the comment sealed.
pub(super) struct StoredEvent {
    pub(super) dispute_id: DisputeId,
    pub(super) seq: i32,
    pub(super) code: String,
    pub(super) actor: String,
    pub(super) organization_id: OrganizationId,
    pub(super) comment: Option<Vec<u8>>,
    pub(super) at: Timestamp,
}

/// Adds the next event of a dispute that the caller has locked or just made.
pub(super) async fn add_event(
    tx: &WriteTx,
    dispute: DisputeId,
    code: &str,
    actor: &str,
    organization: OrganizationId,
    comment: Option<Vec<u8>>,
) -> Result<()> {
    let text = "SELECT COALESCE(MAX(seq), 0) + 1 AS seq FROM dispute_events WHERE dispute_id = $1";
    let row = sql::one(tx, text, [dispute.uuid().into()]).await?;
    let seq: i32 = row.map_or(Ok(1), |row| row.try_get("", "seq"))?;
    let mut rows = Rows::new(&EVENTS);
    rows.push([
        LeadEventId::new(tx.now()).uuid().into(),
        dispute.uuid().into(),
        seq.into(),
        code.into(),
        actor.into(),
        organization.uuid().into(),
        comment.into(),
        tx.now().micros().into(),
    ]);
    bulk::insert_many(tx, rows).await.map(drop)
}

/// The histories of disputes, each in order.
pub(super) async fn events(tx: &impl Reader, disputes: &[DisputeId]) -> Result<Vec<StoredEvent>> {
    let keys: Vec<Uuid> = disputes.iter().map(|id| id.uuid()).collect();
    let (marks, values) = sql::ids(1, &keys);
    let text = format!(
        "SELECT dispute_id, seq, code, actor, organization_id, comment_ciphertext, at \
         FROM dispute_events WHERE dispute_id IN ({marks}) ORDER BY dispute_id, seq"
    );
    sql::all(tx, &text, values)
        .await?
        .iter()
        .map(|row| {
            Ok(StoredEvent {
                dispute_id: DisputeId(row.try_get("", "dispute_id")?),
                seq: row.try_get("", "seq")?,
                code: row.try_get("", "code")?,
                actor: row.try_get("", "actor")?,
                organization_id: OrganizationId(row.try_get("", "organization_id")?),
                comment: row.try_get("", "comment_ciphertext")?,
                at: time(row, "at")?,
            })
        })
        .collect()
}

/// How many disputes wait for somebody.
pub(super) async fn count_open(tx: &impl Reader, seen: Seen) -> Result<i64> {
    let mut values = Vec::new();
    let scope = scope(seen, &mut values);
    let text =
        format!("SELECT COUNT(*) AS n FROM disputes WHERE state IN ('OPEN', 'CONTESTED'){scope}");
    let row = sql::one(tx, &text, values).await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("", "n")?))
}
