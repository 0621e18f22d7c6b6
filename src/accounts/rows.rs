//! Rows of the accounts' tables, and how they read.

use leadbourse_core::access::{Action, OrgKind, Role};
use leadbourse_core::account::state::OrgState;
use leadbourse_core::time::Timestamp;
use sea_orm::FromQueryResult;
use std::str::FromStr;
use uuid::Uuid;

use super::model::{ApiKey, Membership, Organization, User};
use crate::platform::error::{Context, Error, Result};

/// Reads stored text; what does not read is a broken promise of ours, not of the caller.
pub(super) fn stored<T: FromStr>(text: &str, what: &str) -> Result<T> {
    text.parse().map_err(|_| Error::broken(format!("stored {what} does not read: {text}")))
}

#[derive(FromQueryResult)]
pub(super) struct UserRow {
    id: Uuid,
    email: String,
    name: String,
    pub(super) password_hash: String,
    locale: String,
    created_at: i64,
    pub(super) disabled_at: Option<i64>,
}

impl UserRow {
    pub(super) const COLUMNS: &str =
        "id, email, name, password_hash, locale, created_at, disabled_at";

    pub(super) fn read(&self) -> User {
        User {
            id: self.id.into(),
            email: self.email.clone(),
            name: self.name.clone(),
            locale: self.locale.clone(),
            created_at: Timestamp::from_micros(self.created_at),
        }
    }
}

#[derive(FromQueryResult)]
pub(super) struct OrganizationRow {
    id: Uuid,
    kind: String,
    name: String,
    state: String,
    country: Option<String>,
    time_zone: String,
    created_at: i64,
    decided_at: Option<i64>,
    note: Option<String>,
}

impl OrganizationRow {
    pub(super) const COLUMNS: &str =
        "id, kind, name, state, country, time_zone, created_at, decided_at, note";

    pub(super) fn read(self) -> Result<Organization> {
        Ok(Organization {
            id: self.id.into(),
            kind: stored::<OrgKind>(&self.kind, "organization kind")?,
            name: self.name,
            state: stored::<OrgState>(&self.state, "organization state")?,
            country: self.country,
            time_zone: self.time_zone,
            created_at: Timestamp::from_micros(self.created_at),
            decided_at: self.decided_at.map(Timestamp::from_micros),
            note: self.note,
        })
    }
}

#[derive(FromQueryResult)]
pub(super) struct MembershipRow {
    id: Uuid,
    user_id: Uuid,
    organization_id: Uuid,
    role: String,
    created_at: i64,
}

impl MembershipRow {
    pub(super) const COLUMNS: &str = "id, user_id, organization_id, role, created_at";

    pub(super) fn read(self) -> Result<Membership> {
        Ok(Membership {
            id: self.id.into(),
            user_id: self.user_id.into(),
            organization_id: self.organization_id.into(),
            role: stored::<Role>(&self.role, "role")?,
            created_at: Timestamp::from_micros(self.created_at),
        })
    }
}

/// A session that is alive, with its user.
#[derive(FromQueryResult)]
pub(super) struct SessionRow {
    pub(super) id: Uuid,
    pub(super) csrf_token: String,
    pub(super) user_id: Uuid,
    pub(super) last_seen_at: i64,
}

/// A membership with what the actor needs of its organization.
#[derive(FromQueryResult)]
pub(super) struct PlaceRow {
    pub(super) organization_id: Uuid,
    pub(super) kind: String,
    pub(super) role: String,
}

#[derive(FromQueryResult)]
pub(super) struct ApiKeyRow {
    id: Uuid,
    organization_id: Uuid,
    name: String,
    prefix: String,
    role: String,
    scopes: String,
    ip_allow: String,
    created_at: i64,
    last_used_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl ApiKeyRow {
    pub(super) const COLUMNS: &str = "id, organization_id, name, prefix, role, scopes, ip_allow, \
         created_at, last_used_at, revoked_at";

    pub(super) fn read(self) -> Result<ApiKey> {
        let scopes: Vec<Action> = serde_json::from_str(&self.scopes).context("reading scopes")?;
        let ip_allow = serde_json::from_str(&self.ip_allow).context("reading a key's networks")?;
        Ok(ApiKey {
            id: self.id.into(),
            organization_id: self.organization_id.into(),
            name: self.name,
            prefix: self.prefix,
            role: stored::<Role>(&self.role, "role")?,
            scopes,
            ip_allow,
            created_at: Timestamp::from_micros(self.created_at),
            last_used_at: self.last_used_at.map(Timestamp::from_micros),
            revoked_at: self.revoked_at.map(Timestamp::from_micros),
        })
    }
}
