//! API keys: shown once, kept as a hash, narrowed by scopes and networks.

use leadbourse_core::access::{Action, Actor, Role, allowed};
use leadbourse_core::account::input;
use leadbourse_core::error::{INVALID_STATE, NOT_FOUND, Problem, REQUIRED, TOO_LONG};
use leadbourse_core::ids::ApiKeyId;
use serde_json::json;

use super::error::{ROLE_NOT_HERE, SCOPE_NOT_ALLOWED, TOO_MANY_KEYS};
use super::model::ApiKey;
use super::{Accounts, repo, secrets};
use crate::platform::audit;
use crate::platform::db::WriteTx;
use crate::platform::error::Result;

/// What an API key begins with.
const KIND: &str = "lbk";
/// Most live keys of one organization.
const MAX_LIVE: usize = 50;
/// Most networks of one key.
const MAX_NETWORKS: usize = 50;

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What people will call it.
    pub name: String,
    /// The role it acts in.
    pub role: Role,
    /// What it may do of what the role may; at least one.
    pub scopes: Vec<Action>,
    /// Networks it may be used from; none means any.
    pub ip_allow: Vec<String>,
}

impl NewKey {
    fn checked(&self, actor: &Actor) -> Result<(String, Vec<Action>, Vec<String>), Problem> {
        let name = input::name(&self.name, "name")?;
        if !self.role.fits(actor.kind) {
            return Err(Problem::new(ROLE_NOT_HERE).field("role"));
        }
        if self.scopes.is_empty() {
            return Err(Problem::new(REQUIRED).field("scopes"));
        }
        if self.ip_allow.len() > MAX_NETWORKS {
            return Err(Problem::new(TOO_LONG).field("ipAllow"));
        }
        let mut scopes = self.scopes.clone();
        scopes.sort_unstable();
        scopes.dedup();
        if let Some(scope) = scopes.iter().find(|scope| !allowed(actor.kind, self.role, **scope)) {
            let detail = format!("The role {} does not allow {scope}.", self.role);
            return Err(Problem::new(SCOPE_NOT_ALLOWED).field("scopes").detail(detail));
        }
        let networks = self.ip_allow.iter().map(|text| input::network(text, "ipAllow"));
        Ok((name, scopes, networks.collect::<Result<_, _>>()?))
    }
}

impl Accounts {
    /// Makes a key of the own organization. The secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// Refusals of single fields, `SCOPE_NOT_ALLOWED`, `TOO_MANY_KEYS`.
    pub async fn create_key(&self, actor: &Actor, new: &NewKey) -> Result<(ApiKey, String)> {
        actor.require(Action::ManageOrganization)?;
        let (name, scopes, ip_allow) = new.checked(actor)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let live = repo::keys(&tx, actor.org).await?;
        if live.iter().filter(|key| key.revoked_at.is_none()).count() >= MAX_LIVE {
            return Err(TOO_MANY_KEYS.into());
        }
        let made = insert(&tx, actor, name, new.role, scopes, ip_allow).await?;
        let detail = json!({"role": made.0.role, "scopes": made.0.scopes, "name": made.0.name});
        audit::record(&tx, actor, "api_key.create", &made.0.id.to_string(), detail).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// Replaces a key by one with the same name, role, scopes and networks; the old one ends now.
    ///
    /// # Errors
    /// `NOT_FOUND`; `INVALID_STATE` if it was revoked already.
    pub async fn rotate_key(&self, actor: &Actor, id: ApiKeyId) -> Result<(ApiKey, String)> {
        actor.require(Action::ManageOrganization)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let old = repo::lock_key(&tx, id, actor.org).await?.ok_or(NOT_FOUND)?;
        if old.revoked_at.is_some() {
            return Err(INVALID_STATE.into());
        }
        repo::revoke_key(&tx, id).await?;
        let made = insert(&tx, actor, old.name, old.role, old.scopes, old.ip_allow).await?;
        let detail = json!({"replaces": id});
        audit::record(&tx, actor, "api_key.rotate", &made.0.id.to_string(), detail).await?;
        tx.commit().await?;
        self.rights_changed().await;
        Ok(made)
    }

    /// Ends a key of the own organization. Ending it twice is no error.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn revoke_key(&self, actor: &Actor, id: ApiKeyId) -> Result<ApiKey> {
        actor.require(Action::ManageOrganization)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let mut key = repo::lock_key(&tx, id, actor.org).await?.ok_or(NOT_FOUND)?;
        if key.revoked_at.is_some() {
            return Ok(key);
        }
        repo::revoke_key(&tx, id).await?;
        key.revoked_at = Some(tx.now());
        audit::record(&tx, actor, "api_key.revoke", &id.to_string(), json!({})).await?;
        tx.commit().await?;
        self.rights_changed().await;
        Ok(key)
    }

    /// All keys of the own organization, newest first, revoked ones included.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right to read.
    pub async fn keys(&self, actor: &Actor) -> Result<Vec<ApiKey>> {
        actor.require(Action::ReadOwn)?;
        let tx = self.db.begin_read().await?;
        repo::keys(&tx, actor.org).await
    }
}

async fn insert(
    tx: &WriteTx,
    actor: &Actor,
    name: String,
    role: Role,
    scopes: Vec<Action>,
    ip_allow: Vec<String>,
) -> Result<(ApiKey, String)> {
    let (secret, prefix) = secrets::mint(KIND);
    let key = ApiKey {
        id: ApiKeyId::new(tx.now()),
        organization_id: actor.org,
        name,
        prefix,
        role,
        scopes,
        ip_allow,
        created_at: tx.now(),
        last_used_at: None,
        revoked_at: None,
    };
    repo::insert_key(tx, &key, secrets::digest(&secret), &actor.name()).await?;
    Ok((key, secret))
}
