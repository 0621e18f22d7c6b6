//! Postback addresses: shown once, kept as hashes, replaced and ended by their buyer.

use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::account::input;
use leadbourse_core::error::{INVALID_STATE, NOT_FOUND, Problem};
use leadbourse_core::ids::{OfferId, PostbackTokenId};
use serde_json::json;

use super::error::POSTBACK_LIMIT;
use super::model::{LoggedPostback, PostbackToken};
use super::repo;
use crate::accounts::{digest, mint};
use crate::conversions::Conversions;
use crate::disputes::Disputes;
use crate::exchange::Exchange;
use crate::niches::Niches;
use crate::offers;
use crate::platform::audit;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, WriteTx};
use crate::platform::error::Result;
use crate::platform::paging::{Page, Paged};
use crate::platform::vault::Vault;

/// What a token begins with.
const TOKEN: &str = "pbk";
/// What a signing secret begins with.
const SECRET: &str = "pbs";
/// Live addresses of one buyer.
const MAX_LIVE: i64 = 50;

/// What buyers' servers report.
#[derive(Clone)]
pub struct Outcomes {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) vault: Vault,
    pub(super) niches: Niches,
    pub(super) exchange: Exchange,
    pub(super) conversions: Conversions,
    pub(super) disputes: Disputes,
}

/// An address to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What people will call it.
    pub name: String,
    /// Only for this offer's awards.
    pub offer_id: Option<OfferId>,
    /// Whether postbacks have to be signed.
    pub signed: bool,
}

/// What is shown once.
#[derive(Clone)]
pub struct Secrets {
    /// The token, which is the last part of the address.
    pub token: String,
    /// The key of the signatures, where they are asked for.
    pub signing: Option<String>,
}

impl Outcomes {
    /// On a database and the services that bill and give back.
    pub fn new(
        (db, clock, vault): (Db, Clock, Vault),
        (niches, exchange): (Niches, Exchange),
        conversions: Conversions,
        disputes: Disputes,
    ) -> Self {
        Self { db, clock, vault, niches, exchange, conversions, disputes }
    }

    /// Makes an address.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right or the offer, refusals of the name, `POSTBACK_LIMIT`.
    pub async fn create_token(
        &self,
        actor: &Actor,
        new: &NewToken,
    ) -> Result<(PostbackToken, Secrets)> {
        may_manage(actor)?;
        let name = input::name(&new.name, "name")?;
        let tx = self.db.begin_write(&self.clock).await?;
        if let Some(offer) = new.offer_id
            && !offers::owns(&tx, actor.org, offer).await?
        {
            return Err(Problem::new(NOT_FOUND).field("offerId").into());
        }
        if repo::count_live(&tx, actor.org).await? >= MAX_LIVE {
            return Err(POSTBACK_LIMIT.into());
        }
        let made = self.insert(&tx, actor, name, new.offer_id, new.signed).await?;
        let detail = json!({"offer": new.offer_id, "signed": new.signed});
        audit::record(&tx, actor, "postback.create", &made.0.id.to_string(), detail).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// Replaces an address by one with the same name, offer and kind; the old one ends now.
    ///
    /// # Errors
    /// `NOT_FOUND`; `INVALID_STATE` if it was revoked.
    pub async fn rotate_token(
        &self,
        actor: &Actor,
        id: PostbackTokenId,
    ) -> Result<(PostbackToken, Secrets)> {
        may_manage(actor)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let old = repo::token(&tx, actor.org, id).await?.ok_or(NOT_FOUND)?;
        if !repo::revoke(&tx, id).await? {
            return Err(INVALID_STATE.into());
        }
        let signed = old.signed();
        let made = self.insert(&tx, actor, old.name, old.offer_id, signed).await?;
        let detail = json!({"replaces": id});
        audit::record(&tx, actor, "postback.rotate", &made.0.id.to_string(), detail).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// Ends an address. Ending it twice is no error.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn revoke_token(&self, actor: &Actor, id: PostbackTokenId) -> Result<PostbackToken> {
        may_manage(actor)?;
        let tx = self.db.begin_write(&self.clock).await?;
        repo::token(&tx, actor.org, id).await?.ok_or(NOT_FOUND)?;
        if repo::revoke(&tx, id).await? {
            audit::record(&tx, actor, "postback.revoke", &id.to_string(), json!({})).await?;
        }
        let token = repo::token(&tx, actor.org, id).await?.ok_or(NOT_FOUND)?;
        tx.commit().await?;
        Ok(token)
    }

    /// A buyer's addresses, newest first, revoked ones included.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right to read.
    pub async fn tokens(&self, actor: &Actor) -> Result<Vec<PostbackToken>> {
        actor.require(Action::ReadOwn)?;
        repo::tokens(&self.db.begin_read().await?, actor.scope()).await
    }

    /// The postbacks that came in, newest first. `refused` asks for those that were, or were not.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right to read.
    pub async fn log(
        &self,
        actor: &Actor,
        refused: Option<bool>,
        page: &Page,
    ) -> Result<Paged<LoggedPostback>> {
        actor.require(Action::ReadLeads)?;
        repo::log_page(&self.db.begin_read().await?, actor.scope(), refused, page).await
    }

    async fn insert(
        &self,
        tx: &WriteTx,
        actor: &Actor,
        name: String,
        offer_id: Option<OfferId>,
        signed: bool,
    ) -> Result<(PostbackToken, Secrets)> {
        let (token, prefix) = mint(TOKEN);
        let signing = signed.then(|| mint(SECRET).0);
        let sealed = signing.as_ref().map(|secret| self.vault.seal_secret(secret.as_bytes()));
        let made = PostbackToken {
            id: PostbackTokenId::new(tx.now()),
            buyer_id: actor.org,
            offer_id,
            name,
            prefix,
            created_at: tx.now(),
            last_used_at: None,
            revoked_at: None,
            secret: sealed.transpose()?,
        };
        repo::insert(tx, &made, digest(&token)).await?;
        Ok((made, Secrets { token, signing }))
    }
}

/// Buyers' owners and managers.
fn may_manage(actor: &Actor) -> Result<(), Problem> {
    actor.require(Action::ManageOffers)?;
    if actor.kind == OrgKind::Buyer { Ok(()) } else { Err(NOT_FOUND.into()) }
}
