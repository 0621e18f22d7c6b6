//! What the accounts slice shows to others.

use leadbourse_core::access::{Action, Actor, OrgKind, Role};
use leadbourse_core::account::state::OrgState;
use leadbourse_core::ids::{ApiKeyId, MembershipId, OrganizationId, SessionId, UserId};
use leadbourse_core::time::Timestamp;

/// A person who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The address of the sign-in, in its one spelling.
    pub email: String,
    /// The name.
    pub name: String,
    /// `en` or `ru`.
    pub locale: String,
    /// When the person was added.
    pub created_at: Timestamp,
}

/// A company, or the exchange itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// The id.
    pub id: OrganizationId,
    /// What it is on the exchange.
    pub kind: OrgKind,
    /// Its name; public on the exchange.
    pub name: String,
    /// Where it stands.
    pub state: OrgState,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// IANA time zone.
    pub time_zone: String,
    /// When it signed up.
    pub created_at: Timestamp,
    /// When an operator last decided on it.
    pub decided_at: Option<Timestamp>,
    /// What the operator noted.
    pub note: Option<String>,
}

/// A user's place in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The id.
    pub id: MembershipId,
    /// Who.
    pub user_id: UserId,
    /// Where.
    pub organization_id: OrganizationId,
    /// As what.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
}

/// A machine's key; the secret itself is never kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The id.
    pub id: ApiKeyId,
    /// Whose key it is.
    pub organization_id: OrganizationId,
    /// What people call it.
    pub name: String,
    /// How it begins, to be recognised.
    pub prefix: String,
    /// The role it acts in.
    pub role: Role,
    /// What it may do of what the role may.
    pub scopes: Vec<Action>,
    /// Networks it may be used from; none means any.
    pub ip_allow: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, give or take a minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// How somebody was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownBy {
    /// By a session.
    Session {
        /// The session.
        id: SessionId,
        /// Its user.
        user: UserId,
        /// What mutations from a browser must repeat.
        csrf_token: String,
    },
    /// By an API key.
    Key(ApiKeyId),
}

/// Somebody who was recognised, and for whom they act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Whom the services ask about rights.
    pub actor: Actor,
    /// How.
    pub by: KnownBy,
}

/// A fresh session. The token is for the cookie, and kept nowhere. No `Debug`: it is a secret.
#[derive(Clone)]
pub struct SignedIn {
    /// The value of the cookie.
    pub token: String,
    /// How long the session lasts, in seconds.
    pub max_age_s: i64,
    /// Who signed in.
    pub known: Known,
}
