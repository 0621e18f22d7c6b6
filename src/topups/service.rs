//! What the use cases of the slice stand on.

use leadbourse_core::access::{Actor, OrgKind};
use leadbourse_core::error::Problem;
use leadbourse_core::ids::{OrganizationId, ProviderFeeId};
use leadbourse_core::ledger::{Rail, cards};
use leadbourse_core::topup::CARDS_NOT_CONFIGURED;

use super::repo::top_ups;
use super::steps::{CUSTOMER_MADE, Steps};
use crate::accounts::{self, Accounts};
use crate::ledger;
use crate::platform::clock::Clock;
use crate::platform::config::{Config, StripeConfig};
use crate::platform::db::{Db, WriteTx};
use crate::platform::egress::Egress;
use crate::platform::error::{Error, Result};
use crate::platform::rails::stripe::{Answer, BalanceTransaction, Stripe, money};
use crate::platform::vault::Vault;

/// Where buyers see their wallets.
const WALLET: &str = "/buyer/wallet";

/// Top-ups by card.
#[derive(Clone)]
pub struct TopUps {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) vault: Vault,
    pub(super) accounts: Accounts,
    pub(super) config: StripeConfig,
    stripe: Option<Stripe>,
    origin: String,
    /// Where executors stop, in tests.
    pub steps: Steps,
}

impl std::fmt::Debug for TopUps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TopUps({:?})", self.stripe)
    }
}

impl TopUps {
    /// From the configuration.
    ///
    /// # Errors
    /// When the provider's settings can't be used.
    pub fn new(
        (db, clock, vault): (Db, Clock, Vault),
        accounts: Accounts,
        config: &Config,
    ) -> Result<Self> {
        // What a setting of the outgoing door refuses would be refused at the first payment.
        let egress = &config.egress;
        let stripe = Stripe::new(&config.stripe, egress)?;
        if stripe.is_some()
            && let Err(error) = Egress::new(egress)?.check(&config.stripe.api_base)
        {
            return Err(Error::broken(format!("configuration: stripe.api_base: {error}")));
        }
        let bound = || format!("http://{}", config.server.bind);
        let origin = config.server.public_url.clone().unwrap_or_else(bound);
        Ok(Self {
            db,
            clock,
            vault,
            accounts,
            config: config.stripe.clone(),
            stripe,
            origin: origin.trim_end_matches('/').to_owned(),
            steps: Steps::default(),
        })
    }

    /// Whether cards can be charged at all.
    pub fn configured(&self) -> bool {
        self.stripe.is_some()
    }

    /// The page of a wallet, with a query.
    pub(super) fn wallet_url(&self, query: &str) -> String {
        format!("{}{WALLET}?{query}", self.origin)
    }

    pub(super) fn stripe(&self) -> Result<&Stripe, Problem> {
        self.stripe.as_ref().ok_or_else(|| CARDS_NOT_CONFIGURED.into())
    }

    /// The provider's name of a buyer; makes one where there is none. The outer result is ours, the
    /// inner one the provider's.
    pub(super) async fn customer(&self, buyer: OrganizationId) -> Result<Answer<String>> {
        let tx = self.db.begin_read().await?;
        if let Some(known) = top_ups::customer_of(&tx, buyer).await? {
            return Ok(Ok(known));
        }
        let name = accounts::organization_in(&tx, buyer).await?;
        let name = name.map(|organization| organization.name).unwrap_or_default();
        drop(tx);
        let reference = buyer.to_string();
        let key = format!("customer/{reference}");
        let made = match self.stripe()?.customer(&key, &reference, &name).await {
            Ok(made) => made,
            Err(failure) => return Ok(Err(failure)),
        };
        self.steps.done(CUSTOMER_MADE)?;
        let tx = self.db.begin_write(&self.clock).await?;
        top_ups::keep_customer(&tx, buyer, &made).await?;
        let kept = top_ups::customer_of(&tx, buyer).await?.unwrap_or(made);
        tx.commit().await?;
        Ok(Ok(kept))
    }
}

/// Posts what the provider kept of one movement, once; what it kept nothing of is not written. False
/// where the fee is no sum that the exchange can name: a payment is credited all the same.
pub(super) async fn post_fee(tx: &WriteTx, kept: &BalanceTransaction, about: &str) -> Result<bool> {
    if kept.fee == 0 {
        return Ok(true);
    }
    let Some(fee) = money(kept.fee, &kept.currency) else {
        tracing::warn!(transaction = kept.id, "a fee is no whole number of minor units");
        return Ok(false);
    };
    let id = ProviderFeeId::derived(&[b"stripe", kept.id.as_bytes()]);
    if top_ups::insert_fee(tx, id, (&kept.id, about), fee).await? {
        let posted = cards::provider_fee(id, Rail::Stripe, fee, tx.now())?;
        ledger::post(tx, &[posted]).await?;
    }
    Ok(true)
}

/// The exchange itself, acting on a buyer's things.
pub(super) fn for_buyer(buyer: OrganizationId) -> Actor {
    Actor { kind: OrgKind::Buyer, ..Actor::system(buyer) }
}
