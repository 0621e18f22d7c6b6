//! Reads and writes of the accounts' tables.

use leadbourse_core::access::Scope;
use leadbourse_core::ids::{ApiKeyId, MembershipId, OrganizationId, SessionId, UserId};
use leadbourse_core::time::Timestamp;
use sea_orm::Value;
use std::collections::HashSet;
use uuid::Uuid;

use super::model::{ApiKey, Membership, Organization, User};
use super::organizations::OrganizationFilter;
use super::rows::{ApiKeyRow, MembershipRow, OrganizationRow, PlaceRow, SessionRow, UserRow};
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};

fn limit(page: &Page) -> Value {
    i64::try_from(page.limit()).unwrap_or(1).into()
}

pub(super) async fn user_by_email(tx: &impl Reader, email: &str) -> Result<Option<UserRow>> {
    let sql = format!("SELECT {} FROM users WHERE email = $1", UserRow::COLUMNS);
    sql::find_one(tx, &sql, [email.into()]).await
}

pub(super) async fn users(tx: &impl Reader, ids: &[Uuid]) -> Result<Vec<User>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (marks, values) = sql::ids(1, ids);
    let sql = format!("SELECT {} FROM users WHERE id IN ({marks})", UserRow::COLUMNS);
    Ok(sql::find::<UserRow>(tx, &sql, values).await?.iter().map(UserRow::read).collect())
}

pub(super) async fn insert_user(tx: &WriteTx, user: &User, password_hash: &str) -> Result<()> {
    let sql = "INSERT INTO users (id, email, name, password_hash, locale, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let values: Vec<Value> = vec![
        user.id.uuid().into(),
        user.email.as_str().into(),
        user.name.as_str().into(),
        password_hash.into(),
        user.locale.as_str().into(),
        user.created_at.micros().into(),
    ];
    sql::run(tx, sql, values).await.map(|_| ())
}

pub(super) async fn set_locale(tx: &WriteTx, user: UserId, locale: &str) -> Result<()> {
    let sql = "UPDATE users SET locale = $1 WHERE id = $2";
    sql::run(tx, sql, [locale.into(), user.uuid().into()]).await.map(|_| ())
}

pub(super) async fn insert_organization(tx: &WriteTx, org: &Organization) -> Result<()> {
    let sql = "INSERT INTO organizations (id, kind, name, state, country, time_zone, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values: Vec<Value> = vec![
        org.id.uuid().into(),
        org.kind.as_str().into(),
        org.name.as_str().into(),
        org.state.as_str().into(),
        org.country.clone().into(),
        org.time_zone.as_str().into(),
        org.created_at.micros().into(),
    ];
    sql::run(tx, sql, values).await.map(|_| ())
}

pub(super) async fn organizations(tx: &impl Reader, ids: &[Uuid]) -> Result<Vec<Organization>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (marks, values) = sql::ids(1, ids);
    let columns = OrganizationRow::COLUMNS;
    let sql = format!("SELECT {columns} FROM organizations WHERE id IN ({marks})");
    sql::find::<OrganizationRow>(tx, &sql, values)
        .await?
        .into_iter()
        .map(OrganizationRow::read)
        .collect()
}

pub(super) async fn lock_organization(
    tx: &WriteTx,
    id: OrganizationId,
) -> Result<Option<Organization>> {
    let columns = OrganizationRow::COLUMNS;
    let lock = sql::for_update(tx);
    let sql = format!("SELECT {columns} FROM organizations WHERE id = $1{lock}");
    let row: Option<OrganizationRow> = sql::find_one(tx, &sql, [id.uuid().into()]).await?;
    row.map(OrganizationRow::read).transpose()
}

pub(super) async fn list_organizations(
    tx: &impl Reader,
    scope: Scope,
    filter: &OrganizationFilter,
    page: &Page,
) -> Result<Paged<Organization>> {
    let mut values: Vec<Value> = vec![page.before_key().unwrap_or(Uuid::max()).into(), limit(page)];
    let mut wanted = String::new();
    let mut add = |column: &str, value: Value| {
        values.push(value);
        wanted.push_str(&format!(" AND {column} = ${}", values.len()));
    };
    if let Scope::Org(own) = scope {
        add("id", own.uuid().into());
    }
    if let Some(kind) = filter.kind {
        add("kind", kind.as_str().into());
    }
    if let Some(state) = filter.state {
        add("state", state.as_str().into());
    }
    let columns = OrganizationRow::COLUMNS;
    let sql = format!(
        "SELECT {columns} FROM organizations WHERE id < $1{wanted} ORDER BY id DESC LIMIT $2"
    );
    let rows = sql::find::<OrganizationRow>(tx, &sql, values).await?;
    Paged::cut(rows, page).try_map(OrganizationRow::read)
}

pub(super) async fn count_pending(tx: &impl Reader) -> Result<i64> {
    let sql = "SELECT COUNT(*) AS n FROM organizations WHERE state = 'PENDING'";
    Ok(match sql::one(tx, sql, []).await? {
        Some(row) => row.try_get("", "n")?,
        None => 0,
    })
}

pub(super) async fn decide_organization(
    tx: &WriteTx,
    org: &Organization,
    decided_by: &str,
) -> Result<()> {
    let sql = "UPDATE organizations SET state = $1, decided_at = $2, decided_by = $3, note = $4 \
               WHERE id = $5";
    let values: Vec<Value> = vec![
        org.state.as_str().into(),
        org.decided_at.map(Timestamp::micros).into(),
        decided_by.into(),
        org.note.clone().into(),
        org.id.uuid().into(),
    ];
    sql::run(tx, sql, values).await.map(|_| ())
}

/// Writes an organization's own settings.
pub(super) async fn update_organization(tx: &WriteTx, org: &Organization) -> Result<()> {
    let sql = "UPDATE organizations SET name = $1, country = $2, time_zone = $3 WHERE id = $4";
    let values: Vec<Value> = vec![
        org.name.as_str().into(),
        org.country.clone().into(),
        org.time_zone.as_str().into(),
        org.id.uuid().into(),
    ];
    sql::run(tx, sql, values).await.map(|_| ())
}

/// Those of these organizations that have postbacks.
pub(super) async fn listening(tx: &impl Reader, ids: &[Uuid]) -> Result<HashSet<OrganizationId>> {
    let mut found = HashSet::new();
    for some in ids.chunks(500) {
        let (marks, values) = sql::ids(1, some);
        let text = format!("SELECT id FROM organizations WHERE postbacks > 0 AND id IN ({marks})");
        for row in sql::all(tx, &text, values).await? {
            found.insert(OrganizationId(row.try_get("", "id")?));
        }
    }
    Ok(found)
}

/// Counts a publisher's postbacks; gives how many there are now.
pub(super) async fn count_postbacks(tx: &WriteTx, id: OrganizationId, by: i32) -> Result<i32> {
    let text = "UPDATE organizations SET postbacks = postbacks + $1 WHERE id = $2 \
         RETURNING postbacks";
    let row = sql::one(tx, text, [by.into(), id.uuid().into()]).await?;
    Ok(row.map(|row| row.try_get("", "postbacks")).transpose()?.unwrap_or(0))
}

pub(super) async fn operator_organization(tx: &impl Reader) -> Result<Option<OrganizationId>> {
    let sql = "SELECT id FROM organizations WHERE kind = 'OPERATOR' ORDER BY id LIMIT 1";
    match sql::one(tx, sql, []).await? {
        Some(row) => Ok(Some(OrganizationId(row.try_get("", "id")?))),
        None => Ok(None),
    }
}

pub(super) async fn insert_membership(tx: &WriteTx, place: &Membership) -> Result<()> {
    let sql = "INSERT INTO memberships (id, user_id, organization_id, role, created_at) \
               VALUES ($1, $2, $3, $4, $5)";
    let values: Vec<Value> = vec![
        place.id.uuid().into(),
        place.user_id.uuid().into(),
        place.organization_id.uuid().into(),
        place.role.as_str().into(),
        place.created_at.micros().into(),
    ];
    sql::run(tx, sql, values).await.map(|_| ())
}

/// Memberships of these organizations, oldest first.
pub(super) async fn members_of(tx: &impl Reader, orgs: &[Uuid]) -> Result<Vec<Membership>> {
    if orgs.is_empty() {
        return Ok(Vec::new());
    }
    let (marks, values) = sql::ids(1, orgs);
    memberships(tx, &format!("organization_id IN ({marks}) ORDER BY id"), values).await
}

/// Memberships of a user, oldest first.
pub(super) async fn memberships_of(tx: &impl Reader, user: UserId) -> Result<Vec<Membership>> {
    memberships(tx, "user_id = $1 ORDER BY id", vec![user.uuid().into()]).await
}

/// All memberships of an organization, locked: whoever changes one must see the others stand.
pub(super) async fn lock_members(tx: &WriteTx, org: OrganizationId) -> Result<Vec<Membership>> {
    let tail = format!("organization_id = $1 ORDER BY id{}", sql::for_update(tx));
    memberships(tx, &tail, vec![org.uuid().into()]).await
}

async fn memberships(tx: &impl Reader, tail: &str, values: Vec<Value>) -> Result<Vec<Membership>> {
    let sql = format!("SELECT {} FROM memberships WHERE {tail}", MembershipRow::COLUMNS);
    sql::find::<MembershipRow>(tx, &sql, values)
        .await?
        .into_iter()
        .map(MembershipRow::read)
        .collect()
}

pub(super) async fn set_role(tx: &WriteTx, id: MembershipId, role: &str) -> Result<()> {
    let sql = "UPDATE memberships SET role = $1 WHERE id = $2";
    sql::run(tx, sql, [role.into(), id.uuid().into()]).await.map(|_| ())
}

pub(super) async fn delete_membership(tx: &WriteTx, id: MembershipId) -> Result<()> {
    sql::run(tx, "DELETE FROM memberships WHERE id = $1", [id.uuid().into()]).await.map(|_| ())
}

/// Where a user may act now, oldest place first.
pub(super) async fn places(tx: &impl Reader, user: Uuid) -> Result<Vec<PlaceRow>> {
    let sql = "SELECT m.organization_id, o.kind, m.role FROM memberships m \
               JOIN organizations o ON o.id = m.organization_id \
               WHERE m.user_id = $1 AND o.state <> 'CLOSED' ORDER BY m.id";
    sql::find(tx, sql, [user.into()]).await
}

/// A fresh session's row.
pub(super) struct NewSession<'a> {
    pub(super) id: SessionId,
    pub(super) token_hash: Vec<u8>,
    pub(super) csrf_token: &'a str,
    pub(super) user: UserId,
    pub(super) now: Timestamp,
    pub(super) expires_at: Timestamp,
}

pub(super) async fn insert_session(tx: &WriteTx, session: NewSession<'_>) -> Result<()> {
    let sql = "INSERT INTO sessions (id, token_hash, csrf_token, user_id, created_at, \
               last_seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $5, $6)";
    let values: Vec<Value> = vec![
        session.id.uuid().into(),
        session.token_hash.into(),
        session.csrf_token.into(),
        session.user.uuid().into(),
        session.now.micros().into(),
        session.expires_at.micros().into(),
    ];
    sql::run(tx, sql, values).await.map(|_| ())
}

/// The session of this token, if it and its user are alive.
pub(super) async fn live_session(
    tx: &impl Reader,
    token_hash: Vec<u8>,
    now: Timestamp,
) -> Result<Option<SessionRow>> {
    let sql = "SELECT s.id, s.csrf_token, s.user_id, s.last_seen_at FROM sessions s \
               JOIN users u ON u.id = s.user_id \
               WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.revoked_at IS NULL \
               AND u.disabled_at IS NULL";
    sql::find_one(tx, sql, [token_hash.into(), now.micros().into()]).await
}

pub(super) async fn touch_session(tx: &WriteTx, id: Uuid) -> Result<()> {
    let sql = "UPDATE sessions SET last_seen_at = $1 WHERE id = $2";
    sql::run(tx, sql, [tx.now().micros().into(), id.into()]).await.map(|_| ())
}

pub(super) async fn revoke_session(tx: &WriteTx, id: SessionId) -> Result<()> {
    let sql = "UPDATE sessions SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL";
    sql::run(tx, sql, [tx.now().micros().into(), id.uuid().into()]).await.map(|_| ())
}

pub(super) async fn revoke_sessions_of(tx: &WriteTx, user: UserId) -> Result<()> {
    let sql = "UPDATE sessions SET revoked_at = $1 WHERE user_id = $2 AND revoked_at IS NULL";
    sql::run(tx, sql, [tx.now().micros().into(), user.uuid().into()]).await.map(|_| ())
}

/// Deletes a bounded number of sessions that have ended; gives how many went.
pub(super) async fn purge_sessions(tx: &WriteTx, most: u32) -> Result<u64> {
    let sql = format!(
        "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= $1 \
         UNION SELECT id FROM sessions WHERE revoked_at IS NOT NULL LIMIT {most})"
    );
    sql::run(tx, &sql, [tx.now().micros().into()]).await
}

pub(super) async fn insert_key(
    tx: &WriteTx,
    key: &ApiKey,
    secret_hash: Vec<u8>,
    created_by: &str,
) -> Result<()> {
    let sql = "INSERT INTO api_keys (id, organization_id, name, prefix, secret_hash, role, scopes, \
               ip_allow, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let values: Vec<Value> = vec![
        key.id.uuid().into(),
        key.organization_id.uuid().into(),
        key.name.as_str().into(),
        key.prefix.as_str().into(),
        secret_hash.into(),
        key.role.as_str().into(),
        serde_json::json!(scopes).to_string().into(),
        serde_json::json!(key.ip_allow).to_string().into(),
        created_by.into(),
        key.created_at.micros().into(),
    ];
    sql::run(tx, sql, values).await.map(|_| ())
}

/// All keys of an organization, newest first; revoked ones included.
pub(super) async fn keys(tx: &impl Reader, org: OrganizationId) -> Result<Vec<ApiKey>> {
    let columns = ApiKeyRow::COLUMNS;
    let sql = format!("SELECT {columns} FROM api_keys WHERE organization_id = $1 ORDER BY id DESC");
    let rows = sql::find::<ApiKeyRow>(tx, &sql, [org.uuid().into()]).await?;
    rows.into_iter().map(ApiKeyRow::read).collect()
}

pub(super) async fn lock_key(
    tx: &WriteTx,
    id: ApiKeyId,
    org: OrganizationId,
) -> Result<Option<ApiKey>> {
    let (columns, lock) = (ApiKeyRow::COLUMNS, sql::for_update(tx));
    let sql =
        format!("SELECT {columns} FROM api_keys WHERE id = $1 AND organization_id = $2{lock}");
    let row: Option<ApiKeyRow> =
        sql::find_one(tx, &sql, [id.uuid().into(), org.uuid().into()]).await?;
    row.map(ApiKeyRow::read).transpose()
}

pub(super) async fn key_by_secret(tx: &impl Reader, hash: Vec<u8>) -> Result<Option<ApiKey>> {
    let columns = ApiKeyRow::COLUMNS;
    let sql = format!("SELECT {columns} FROM api_keys WHERE secret_hash = $1");
    let row: Option<ApiKeyRow> = sql::find_one(tx, &sql, [hash.into()]).await?;
    row.map(ApiKeyRow::read).transpose()
}

pub(super) async fn revoke_key(tx: &WriteTx, id: ApiKeyId) -> Result<()> {
    let sql = "UPDATE api_keys SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL";
    sql::run(tx, sql, [tx.now().micros().into(), id.uuid().into()]).await.map(|_| ())
}

pub(super) async fn touch_key(tx: &WriteTx, id: ApiKeyId) -> Result<()> {
    let sql = "UPDATE api_keys SET last_used_at = $1 WHERE id = $2";
    sql::run(tx, sql, [tx.now().micros().into(), id.uuid().into()]).await.map(|_| ())
}
