//! People, organizations, members, keys: the objects.

use async_graphql::{ID, Object};
use leadbourse_core::access::{Actor, Scope};
use leadbourse_core::error as core;
use leadbourse_core::ids::UserId;
use std::collections::HashMap;
use std::sync::Arc;

use super::enums::{OrganizationKind, OrganizationState, Role};
use super::scalars::{DateTime, id};
use crate::accounts::{self, Known, KnownBy};
use crate::boot::App;
use crate::platform::error::Result;

/// A person who signs in.
pub struct User(pub accounts::User);

#[Object]
impl User {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// The address of the sign-in.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// `en` or `ru`.
    async fn locale(&self) -> &str {
        &self.0.locale
    }
}

/// An organization, as one asker may see it.
pub struct Organization {
    app: Arc<App>,
    asker: Actor,
    inner: accounts::Organization,
}

impl Organization {
    /// The view of one asker: names are public, decisions and members are not.
    pub fn new(app: &Arc<App>, asker: Actor, inner: accounts::Organization) -> Self {
        Self { app: Arc::clone(app), asker, inner }
    }

    fn is_open(&self) -> bool {
        match self.asker.scope() {
            Scope::All => true,
            Scope::Org(own) => own == self.inner.id,
        }
    }
}

#[Object]
impl Organization {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.inner.id)
    }

    /// Its name; public on the exchange.
    async fn name(&self) -> &str {
        &self.inner.name
    }

    /// What it is on the exchange.
    async fn kind(&self) -> OrganizationKind {
        self.inner.kind.into()
    }

    /// Where it stands.
    async fn state(&self) -> OrganizationState {
        self.inner.state.into()
    }

    /// ISO 3166-1 alpha-2.
    async fn country(&self) -> Option<&str> {
        self.inner.country.as_deref()
    }

    /// IANA time zone.
    async fn time_zone(&self) -> &str {
        &self.inner.time_zone
    }

    /// When it signed up.
    async fn created_at(&self) -> DateTime {
        self.inner.created_at.into()
    }

    /// When an operator last decided on it; for itself and operators.
    async fn decided_at(&self) -> Option<DateTime> {
        self.inner.decided_at.filter(|_| self.is_open()).map(DateTime)
    }

    /// What the operator noted; for itself and operators.
    async fn note(&self) -> Option<&str> {
        self.inner.note.as_deref().filter(|_| self.is_open())
    }

    /// Its members; none for strangers.
    async fn members(&self) -> async_graphql::Result<Vec<Membership>> {
        let own = self.inner.id;
        let mut found = self.app.accounts.members(&self.asker, &[own]).await?;
        let places = found.remove(&own).unwrap_or_default();
        Ok(Membership::all(&self.app, self.asker, places).await?)
    }
}

/// A user's place in an organization.
pub struct Membership {
    inner: accounts::Membership,
    user: accounts::User,
    organization: accounts::Organization,
    app: Arc<App>,
    asker: Actor,
}

impl Membership {
    /// Places with their people and organizations, read at once.
    ///
    /// # Errors
    /// Faults of the database.
    pub async fn all(
        app: &Arc<App>,
        asker: Actor,
        places: Vec<accounts::Membership>,
    ) -> Result<Vec<Self>> {
        let users: Vec<UserId> = places.iter().map(|place| place.user_id).collect();
        let users: HashMap<_, _> = app.accounts.users(&users).await?;
        let ids: Vec<_> = places.iter().map(|place| place.organization_id).collect();
        let organizations = app.accounts.organizations(&ids).await?;
        Ok(places
            .into_iter()
            .filter_map(|inner| {
                let user = users.get(&inner.user_id)?.clone();
                let organization = organizations.get(&inner.organization_id)?.clone();
                Some(Self { inner, user, organization, app: Arc::clone(app), asker })
            })
            .collect())
    }

    /// One place, read with its person and organization.
    ///
    /// # Errors
    /// Faults of the database.
    pub async fn one(app: &Arc<App>, asker: Actor, place: accounts::Membership) -> Result<Self> {
        Self::all(app, asker, vec![place]).await?.pop().ok_or_else(|| core::NOT_FOUND.into())
    }
}

#[Object]
impl Membership {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.inner.id)
    }

    /// Who.
    async fn user(&self) -> User {
        User(self.user.clone())
    }

    /// Where.
    async fn organization(&self) -> Organization {
        // A person sees each of their own organizations whole.
        let asker = Actor { org: self.organization.id, ..self.asker };
        Organization::new(&self.app, asker, self.organization.clone())
    }

    /// As what.
    async fn role(&self) -> Role {
        self.inner.role.into()
    }

    /// Since when.
    async fn created_at(&self) -> DateTime {
        self.inner.created_at.into()
    }
}

/// A machine's key; the secret itself is never kept.
pub struct ApiKey(pub accounts::ApiKey);

#[Object]
impl ApiKey {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How it begins, to be recognised.
    async fn prefix(&self) -> &str {
        &self.0.prefix
    }

    /// The role it acts in.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// What it may do of what the role may: names of actions.
    async fn scopes(&self) -> Vec<String> {
        self.0.scopes.iter().map(ToString::to_string).collect()
    }

    /// Networks it may be used from; none means any.
    async fn ip_allow(&self) -> &[String] {
        &self.0.ip_allow
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last used, give or take some minutes.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(DateTime)
    }

    /// When it was revoked.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime)
    }
}

/// Who is signed in, acting for which organization.
pub struct Viewer {
    app: Arc<App>,
    actor: Actor,
    user: accounts::User,
    csrf_token: String,
}

impl Viewer {
    /// The signed-in person; nobody for a key, which is no person.
    ///
    /// # Errors
    /// Faults of the database.
    pub async fn of(app: &Arc<App>, known: &Known) -> Result<Option<Self>> {
        let KnownBy::Session { user, csrf_token, .. } = &known.by else { return Ok(None) };
        let found = app.accounts.users(&[*user]).await?.remove(user);
        Ok(found.map(|user| Self {
            app: Arc::clone(app),
            actor: known.actor,
            user,
            csrf_token: csrf_token.clone(),
        }))
    }
}

#[Object]
impl Viewer {
    /// The person.
    async fn user(&self) -> User {
        User(self.user.clone())
    }

    /// The organization acted for.
    async fn organization(&self) -> async_graphql::Result<Organization> {
        let found = self.app.accounts.organization(&self.actor, self.actor.org).await?;
        Ok(Organization::new(&self.app, self.actor, found))
    }

    /// The role held there.
    async fn role(&self) -> Role {
        self.actor.role.into()
    }

    /// All places of the person.
    async fn memberships(&self) -> async_graphql::Result<Vec<Membership>> {
        let places = self.app.accounts.memberships(&self.actor).await?;
        Ok(Membership::all(&self.app, self.actor, places).await?)
    }

    /// What mutations from a browser send in `X-CSRF-Token`.
    async fn csrf_token(&self) -> &str {
        &self.csrf_token
    }

    /// Names of the actions that are allowed.
    async fn permissions(&self) -> Vec<String> {
        self.actor.permissions().map(|action| action.to_string()).collect()
    }
}
