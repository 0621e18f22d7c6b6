//! Signing up, in and out.

use leadbourse_core::access::{Action, Actor, OrgKind, Principal, Role};
use leadbourse_core::account::input;
use leadbourse_core::account::state::OrgState;
use leadbourse_core::error::{NOT_FOUND, RATE_LIMITED};
use leadbourse_core::ids::{MembershipId, OrganizationId, SessionId, UserId};
use leadbourse_core::time::{HOUR, Timestamp};
use serde_json::json;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::authenticate::actor_of;
use super::error::{BAD_CREDENTIALS, EMAIL_TAKEN, OPERATOR_BY_SIGN_UP};
use super::model::{Known, KnownBy, Membership, Organization, SignedIn, User};
use super::passwords::Passwords;
use super::{RIGHTS_CHANGED, repo, secrets};
use crate::platform::audit;
use crate::platform::clock::Clock;
use crate::platform::config::Auth;
use crate::platform::db::{Db, WriteTx};
use crate::platform::error::{Error, Result};
use crate::platform::hints::Hints;
use crate::platform::shutdown::Shutdown;

/// Seconds over which sign-in tries are counted.
const TRIES_WINDOW_S: u32 = 900;
/// How many times more tries one address has over all e-mails together.
const TRIES_PER_ADDRESS: u32 = 10;
/// Seconds over which sign-ups are counted.
const SIGN_UP_WINDOW_S: u32 = 3_600;

/// The accounts of the exchange. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) hints: Arc<dyn Hints>,
    pub(super) passwords: Passwords,
    auth: Auth,
}

/// What somebody types to sign up. No `Debug`: the password is in it.
#[derive(Clone)]
pub struct NewAccount {
    /// The address to sign in with.
    pub email: String,
    /// The password.
    pub password: String,
    /// The person's name.
    pub name: String,
    /// The organization's name.
    pub organization_name: String,
    /// Buyer or publisher.
    pub kind: OrgKind,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// IANA time zone; UTC if not given.
    pub time_zone: Option<String>,
    /// `en` (default) or `ru`.
    pub locale: Option<String>,
}

impl Accounts {
    /// Accounts over this database. `tasks` runs the hashing of passwords.
    pub fn new(db: Db, clock: Clock, hints: Arc<dyn Hints>, tasks: Shutdown, auth: Auth) -> Self {
        Self { db, clock, hints, passwords: Passwords::new(tasks), auth }
    }

    /// Makes a user and a `PENDING` organization that the user owns, and signs in.
    ///
    /// # Errors
    /// Refusals of single fields, `EMAIL_TAKEN`, `RATE_LIMITED`.
    pub async fn sign_up(&self, new: NewAccount, ip: Option<IpAddr>) -> Result<SignedIn> {
        if new.kind == OrgKind::Operator {
            return Err(OPERATOR_BY_SIGN_UP.into());
        }
        let person = checked_person(&new.email, &new.name, new.locale.as_deref())?;
        input::password(&new.password, "password")?;
        let organization_name = input::name(&new.organization_name, "organizationName")?;
        let country = new.country.as_deref().filter(|text| !text.is_empty());
        let country = country.map(|text| input::country(text, "country")).transpose()?;
        let time_zone = input::time_zone(new.time_zone.as_deref().unwrap_or("UTC"), "timeZone")?;
        let place = address(ip);
        let limit = self.auth.sign_ups_per_hour;
        if !self.hints.rate_limit(&format!("sign_up:{place}"), limit, SIGN_UP_WINDOW_S).await {
            return Err(RATE_LIMITED.into());
        }
        let hash = self.passwords.hash(new.password).await?;
        let tx = self.db.begin_write(&self.clock).await?;
        let user = insert_person(&tx, person, &hash).await?;
        let organization = Organization {
            id: OrganizationId::new(tx.now()),
            kind: new.kind,
            name: organization_name,
            state: OrgState::Pending,
            country,
            time_zone,
            created_at: tx.now(),
            decided_at: None,
            note: None,
        };
        repo::insert_organization(&tx, &organization).await?;
        let role = Role::founder(new.kind);
        insert_place(&tx, user.id, organization.id, role).await?;
        let actor = Actor::member(user.id, organization.id, new.kind, role);
        let signed_in = self.start_session(&tx, actor, user.id).await?;
        let detail = json!({"kind": new.kind, "user": user.id});
        audit::record(&tx, &actor, "organization.sign_up", &organization.id.to_string(), detail)
            .await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// Starts a session. Unknown address and wrong password are one answer, after one time.
    ///
    /// # Errors
    /// `BAD_CREDENTIALS`, `RATE_LIMITED`.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        ip: Option<IpAddr>,
    ) -> Result<SignedIn> {
        let address_limit = self.auth.sign_in_tries.saturating_mul(TRIES_PER_ADDRESS);
        let email = input::login_email(email, "email").map_err(|_| BAD_CREDENTIALS)?;
        let who = hex::encode(secrets::digest(&email));
        let place = address(ip);
        let keys = [
            (format!("sign_in:{place}"), address_limit),
            (format!("sign_in:{place}:{who}"), self.auth.sign_in_tries),
        ];
        for (key, limit) in keys {
            if !self.hints.rate_limit(&key, limit, TRIES_WINDOW_S).await {
                return Err(RATE_LIMITED.into());
            }
        }
        if password.len() > input::PASSWORD_MAX_BYTES {
            return Err(BAD_CREDENTIALS.into());
        }
        let reader = self.db.begin_read().await?;
        let row = repo::user_by_email(&reader, &email).await?;
        drop(reader);
        let hash = row.as_ref().map(|row| row.password_hash.clone());
        let right = self.passwords.verify(password.to_owned(), hash).await?;
        let user = match row {
            Some(row) if right && row.disabled_at.is_none() => row.read(),
            _ => return Err(BAD_CREDENTIALS.into()),
        };
        let tx = self.db.begin_write(&self.clock).await?;
        let places = repo::places(&tx, user.id.uuid()).await?;
        let Some(place) = places.first() else { return Err(BAD_CREDENTIALS.into()) };
        let actor = actor_of(Principal::User(user.id), place)?;
        let signed_in = self.start_session(&tx, actor, user.id).await?;
        audit::record(&tx, &actor, "session.start", &user.id.to_string(), json!({})).await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// Ends the session, or all sessions of its user.
    ///
    /// # Errors
    /// `NOT_FOUND` for a key: only sessions end.
    pub async fn sign_out(&self, known: &Known, all: bool) -> Result<()> {
        let KnownBy::Session { id, user, .. } = &known.by else { return Err(NOT_FOUND.into()) };
        let tx = self.db.begin_write(&self.clock).await?;
        if all {
            repo::revoke_sessions_of(&tx, *user).await?;
        } else {
            repo::revoke_session(&tx, *id).await?;
        }
        let detail = json!({"all": all});
        audit::record(&tx, &known.actor, "session.end", &user.to_string(), detail).await?;
        tx.commit().await?;
        self.rights_changed().await;
        Ok(())
    }

    /// Changes the language of the signed-in person.
    ///
    /// # Errors
    /// `BAD_LOCALE`; `NOT_FOUND` for a key.
    pub async fn set_locale(&self, actor: &Actor, locale: &str) -> Result<()> {
        let Principal::User(user) = actor.principal else { return Err(NOT_FOUND.into()) };
        let locale = input::locale(locale, "locale")?;
        let tx = self.db.begin_write(&self.clock).await?;
        repo::set_locale(&tx, user, &locale).await?;
        tx.commit().await
    }

    /// Users by id, for loaders: whoever may see a row that names a user may see the name.
    ///
    /// # Errors
    /// Faults only.
    pub async fn users(&self, ids: &[UserId]) -> Result<HashMap<UserId, User>> {
        let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
        let tx = self.db.begin_read().await?;
        Ok(repo::users(&tx, &ids).await?.into_iter().map(|user| (user.id, user)).collect())
    }

    /// All places of the acting person, oldest first.
    ///
    /// # Errors
    /// `NOT_FOUND` for a key.
    pub async fn memberships(&self, actor: &Actor) -> Result<Vec<Membership>> {
        actor.require(Action::ReadOwn)?;
        let Principal::User(user) = actor.principal else { return Err(NOT_FOUND.into()) };
        let tx = self.db.begin_read().await?;
        repo::memberships_of(&tx, user).await
    }

    /// Tells every instance that somebody's rights have changed.
    pub async fn rights_changed(&self) {
        self.hints.publish(RIGHTS_CHANGED, bytes::Bytes::new()).await;
    }

    async fn start_session(&self, tx: &WriteTx, actor: Actor, user: UserId) -> Result<SignedIn> {
        let (token, csrf_token) = (secrets::token(), secrets::token());
        let id = SessionId::new(tx.now());
        let lasts = i64::from(self.auth.session_hours).saturating_mul(HOUR);
        let session = repo::NewSession {
            id,
            token_hash: secrets::digest(&token),
            csrf_token: &csrf_token,
            user,
            now: tx.now(),
            expires_at: tx.now().plus(lasts),
        };
        repo::insert_session(tx, session).await?;
        let known = Known { actor, by: KnownBy::Session { id, user, csrf_token } };
        Ok(SignedIn { token, max_age_s: lasts / leadbourse_core::time::SECOND, known })
    }
}

/// A person's data, checked.
pub(super) struct Person {
    email: String,
    name: String,
    locale: String,
}

pub(super) fn checked_person(email: &str, name: &str, locale: Option<&str>) -> Result<Person> {
    Ok(Person {
        email: input::login_email(email, "email")?,
        name: input::name(name, "name")?,
        locale: input::locale(locale.unwrap_or("en"), "locale")?,
    })
}

/// Writes a new user; somebody else may have taken the address a moment ago.
pub(super) async fn insert_person(tx: &WriteTx, person: Person, hash: &str) -> Result<User> {
    let Person { email, name, locale } = person;
    let user = User { id: UserId::new(tx.now()), email, name, locale, created_at: tx.now() };
    match repo::insert_user(tx, &user, hash).await {
        Ok(()) => Ok(user),
        Err(error) if error.is_unique_violation() => Err(taken()),
        Err(error) => Err(error),
    }
}

fn taken() -> Error {
    leadbourse_core::error::Problem::new(EMAIL_TAKEN).field("email").into()
}

pub(super) async fn insert_place(
    tx: &WriteTx,
    user_id: UserId,
    organization_id: OrganizationId,
    role: Role,
) -> Result<Membership> {
    let created_at: Timestamp = tx.now();
    let id = MembershipId::new(created_at);
    let place = Membership { id, user_id, organization_id, role, created_at };
    repo::insert_membership(tx, &place).await?;
    Ok(place)
}

/// The address for rate limits: a whole IPv6 /64 is one customer.
fn address(ip: Option<IpAddr>) -> String {
    match ip {
        None => "local".to_owned(),
        Some(IpAddr::V4(ip)) => ip.to_string(),
        Some(IpAddr::V6(ip)) => {
            ip.segments().iter().take(4).map(|part| format!("{part:x}:")).collect()
        }
    }
}
