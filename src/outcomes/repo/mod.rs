//! Statements on postback addresses and the log.

pub(super) mod reconcile;

use leadbourse_core::access::Scope;
use leadbourse_core::ids::{
    AwardId, ConversionId, OfferId, OrganizationId, PostbackId, PostbackTokenId,
};
use leadbourse_core::time::MINUTE;
use sea_orm::{QueryResult, Value};

use super::model::{LoggedPostback, PostbackToken};
use crate::platform::db::row::{time, time_opt};
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Error, Result};
use crate::platform::paging::{Page, Paged};

const TOKEN: &str = "id, buyer_id, offer_id, name, prefix, secret_ciphertext, created_at, \
     last_used_at, revoked_at";

fn token_of(row: &QueryResult) -> Result<PostbackToken> {
    let offer: Option<uuid::Uuid> = row.try_get("", "offer_id")?;
    Ok(PostbackToken {
        id: PostbackTokenId(row.try_get("", "id")?),
        buyer_id: OrganizationId(row.try_get("", "buyer_id")?),
        offer_id: offer.map(OfferId),
        name: row.try_get("", "name")?,
        prefix: row.try_get("", "prefix")?,
        created_at: time(row, "created_at")?,
        last_used_at: time_opt(row, "last_used_at")?,
        revoked_at: time_opt(row, "revoked_at")?,
        secret: row.try_get("", "secret_ciphertext")?,
    })
}

pub(super) async fn insert(tx: &WriteTx, token: &PostbackToken, hash: Vec<u8>) -> Result<()> {
    let text = "INSERT INTO postback_tokens (id, buyer_id, offer_id, name, prefix, token_hash, \
         secret_ciphertext, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values: [Value; 8] = [
        token.id.uuid().into(),
        token.buyer_id.uuid().into(),
        token.offer_id.map(OfferId::uuid).into(),
        token.name.as_str().into(),
        token.prefix.as_str().into(),
        hash.into(),
        token.secret.clone().into(),
        token.created_at.micros().into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

pub(super) async fn by_hash(tx: &impl Reader, hash: Vec<u8>) -> Result<Option<PostbackToken>> {
    let text = format!("SELECT {TOKEN} FROM postback_tokens WHERE token_hash = $1");
    sql::one(tx, &text, [hash.into()]).await?.as_ref().map(token_of).transpose()
}

pub(super) async fn token(
    tx: &impl Reader,
    buyer: OrganizationId,
    id: PostbackTokenId,
) -> Result<Option<PostbackToken>> {
    let text = format!("SELECT {TOKEN} FROM postback_tokens WHERE id = $1 AND buyer_id = $2");
    let values: [Value; 2] = [id.uuid().into(), buyer.uuid().into()];
    sql::one(tx, &text, values).await?.as_ref().map(token_of).transpose()
}

/// Whose rows, as a condition on `buyer_id` with its value.
fn scope(scope: Scope, values: &mut Vec<Value>) -> String {
    match scope {
        Scope::All => "1 = 1".to_owned(),
        Scope::Org(own) => {
            values.push(own.uuid().into());
            format!("buyer_id = ${}", values.len())
        }
    }
}

pub(super) async fn tokens(tx: &impl Reader, whose: Scope) -> Result<Vec<PostbackToken>> {
    let mut values = Vec::new();
    let own = scope(whose, &mut values);
    let text =
        format!("SELECT {TOKEN} FROM postback_tokens WHERE {own} ORDER BY id DESC LIMIT 200");
    sql::all(tx, &text, values).await?.iter().map(token_of).collect()
}

/// How many addresses of a buyer still work.
pub(super) async fn count_live(tx: &impl Reader, buyer: OrganizationId) -> Result<i64> {
    let text = "SELECT COUNT(*) AS n FROM postback_tokens WHERE buyer_id = $1 \
         AND revoked_at IS NULL";
    let row = sql::one(tx, text, [buyer.uuid().into()]).await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("", "n")?))
}

/// Ends an address; `false` if it had ended before.
pub(super) async fn revoke(tx: &WriteTx, id: PostbackTokenId) -> Result<bool> {
    let text = "UPDATE postback_tokens SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL";
    Ok(sql::run(tx, text, [tx.now().micros().into(), id.uuid().into()]).await? == 1)
}

/// Notes that an address was used, once a minute at most.
pub(super) async fn note_used(tx: &WriteTx, id: PostbackTokenId) -> Result<()> {
    let text = "UPDATE postback_tokens SET last_used_at = $1 WHERE id = $2 \
         AND (last_used_at IS NULL OR last_used_at < $3)";
    let now = tx.now().micros();
    let values: [Value; 3] = [now.into(), id.uuid().into(), now.saturating_sub(MINUTE).into()];
    sql::run(tx, text, values).await.map(drop)
}

pub(super) async fn log(tx: &WriteTx, line: &LoggedPostback) -> Result<()> {
    let text = "INSERT INTO postbacks (id, token_id, buyer_id, method, award_id, goal, \
         conversion_id, code, field, replayed, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let values: [Value; 11] = [
        line.id.uuid().into(),
        line.token_id.uuid().into(),
        line.buyer_id.uuid().into(),
        line.method.as_str().into(),
        line.award_id.map(AwardId::uuid).into(),
        line.goal.map(|goal| goal.as_str().to_owned()).into(),
        line.conversion_id.map(ConversionId::uuid).into(),
        line.code.as_str().into(),
        line.field.clone().into(),
        i32::from(line.replayed).into(),
        line.at.micros().into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

pub(super) async fn log_page(
    tx: &impl Reader,
    whose: Scope,
    refused: Option<bool>,
    page: &Page,
) -> Result<Paged<LoggedPostback>> {
    let mut values = Vec::new();
    let mut text = format!(
        "SELECT id, token_id, buyer_id, method, award_id, goal, conversion_id, code, field, \
         replayed, at FROM postbacks WHERE {}",
        scope(whose, &mut values)
    );
    match refused {
        Some(true) => text.push_str(" AND code <> 'OK'"),
        Some(false) => text.push_str(" AND code = 'OK'"),
        None => {}
    }
    if let Some(before) = page.before_key() {
        values.push(before.into());
        text.push_str(&format!(" AND id < ${}", values.len()));
    }
    text.push_str(&format!(" ORDER BY id DESC LIMIT {}", page.limit()));
    let rows = sql::all(tx, &text, values).await?;
    Ok(Paged::cut(rows.iter().map(line_of).collect::<Result<_>>()?, page))
}

fn line_of(row: &QueryResult) -> Result<LoggedPostback> {
    let goal: Option<String> = row.try_get("", "goal")?;
    let award: Option<uuid::Uuid> = row.try_get("", "award_id")?;
    let conversion: Option<uuid::Uuid> = row.try_get("", "conversion_id")?;
    let unknown = |_| Error::broken("stored goal of a postback");
    Ok(LoggedPostback {
        id: PostbackId(row.try_get("", "id")?),
        token_id: PostbackTokenId(row.try_get("", "token_id")?),
        buyer_id: OrganizationId(row.try_get("", "buyer_id")?),
        method: row.try_get("", "method")?,
        award_id: award.map(AwardId),
        goal: goal.map(|text| text.parse().map_err(unknown)).transpose()?,
        conversion_id: conversion.map(ConversionId),
        code: row.try_get("", "code")?,
        field: row.try_get("", "field")?,
        replayed: row.try_get::<i32>("", "replayed")? != 0,
        at: time(row, "at")?,
    })
}
