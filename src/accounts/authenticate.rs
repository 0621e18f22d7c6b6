//! From a cookie or a key to an actor.

use ipnet::IpNet;
use leadbourse_core::access::{Actions, Actor, OrgKind, Principal, Role};
use leadbourse_core::error::NOT_FOUND;
use leadbourse_core::ids::{OrganizationId, UserId};
use leadbourse_core::time::{MINUTE, Timestamp};
use std::net::IpAddr;

use super::error::BAD_API_KEY;
use super::model::{ApiKey, Known, KnownBy};
use super::rows::{PlaceRow, stored};
use super::{Accounts, repo, secrets};
use crate::platform::error::Result;

/// How stale "last seen" and "last used" may be, µs: not every request writes.
const STALE: i64 = 5 * MINUTE;

/// The actor of a person in a place.
pub(super) fn actor_of(principal: Principal, place: &PlaceRow) -> Result<Actor> {
    Ok(Actor {
        principal,
        org: OrganizationId(place.organization_id),
        kind: stored::<OrgKind>(&place.kind, "organization kind")?,
        role: stored::<Role>(&place.role, "role")?,
        scopes: Actions::ALL,
    })
}

impl Accounts {
    /// Who a session's token belongs to, acting for `organization` or else for the first place.
    /// `None`: the session is unknown or has ended, or its user has no place left.
    ///
    /// # Errors
    /// `NOT_FOUND` when the user has no place in the asked organization.
    pub async fn by_session(
        &self,
        token: &str,
        organization: Option<OrganizationId>,
    ) -> Result<Option<Known>> {
        let now = self.clock.now();
        let reader = self.db.begin_read().await?;
        let hash = secrets::digest(token);
        let Some(session) = repo::live_session(&reader, hash, now).await? else { return Ok(None) };
        let places = repo::places(&reader, session.user_id).await?;
        drop(reader);
        let place = match organization {
            None => places.first(),
            Some(wanted) => Some(
                places
                    .iter()
                    .find(|place| place.organization_id == wanted.uuid())
                    .ok_or(NOT_FOUND)?,
            ),
        };
        let Some(place) = place else { return Ok(None) };
        if now.since(Timestamp::from_micros(session.last_seen_at)) > STALE {
            let tx = self.db.begin_write(&self.clock).await?;
            repo::touch_session(&tx, session.id).await?;
            tx.commit().await?;
        }
        let user = UserId(session.user_id);
        let actor = actor_of(Principal::User(user), place)?;
        let by = KnownBy::Session { id: session.id.into(), user, csrf_token: session.csrf_token };
        Ok(Some(Known { actor, by }))
    }

    /// Who a key belongs to. All refusals are one answer.
    ///
    /// # Errors
    /// `BAD_API_KEY`.
    pub async fn by_key(&self, secret: &str, ip: Option<IpAddr>) -> Result<Known> {
        let now = self.clock.now();
        let reader = self.db.begin_read().await?;
        let key =
            repo::key_by_secret(&reader, secrets::digest(secret)).await?.ok_or(BAD_API_KEY)?;
        let organizations = repo::organizations(&reader, &[key.organization_id.uuid()]).await?;
        drop(reader);
        let organization = organizations.first().ok_or(BAD_API_KEY)?;
        if key.revoked_at.is_some() || !organization.state.may_enter() || !may_come_from(&key, ip) {
            return Err(BAD_API_KEY.into());
        }
        if key.last_used_at.is_none_or(|used| now.since(used) > STALE) {
            let tx = self.db.begin_write(&self.clock).await?;
            repo::touch_key(&tx, key.id).await?;
            tx.commit().await?;
        }
        let actor = Actor {
            principal: Principal::ApiKey(key.id),
            org: key.organization_id,
            kind: organization.kind,
            role: key.role,
            scopes: key.scopes.iter().copied().collect(),
        };
        Ok(Known { actor, by: KnownBy::Key(key.id) })
    }
}

/// Whether the key's networks, if it has any, include the address.
fn may_come_from(key: &ApiKey, ip: Option<IpAddr>) -> bool {
    if key.ip_allow.is_empty() {
        return true;
    }
    let Some(ip) = ip.map(|ip| ip.to_canonical()) else { return false };
    let networks = key.ip_allow.iter().filter_map(|text| text.parse::<IpNet>().ok());
    networks.into_iter().any(|network| network.contains(&ip))
}
