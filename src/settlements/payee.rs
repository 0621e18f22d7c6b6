//! How a publisher wants to be paid.

use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::error::{OUT_OF_RANGE, Problem, TOO_LONG};
use leadbourse_core::money::Currency;
use leadbourse_core::settlement::NO_BANK_DETAILS;
use serde_json::json;

use super::model::{PayoutProfile, PayoutRail};
use super::repo::profiles::{self, StoredProfile};
use super::service::Settlements;
use crate::platform::audit;
use crate::platform::error::{Error, Result};
use crate::platform::vault::Vault;

/// A publisher's wish.
#[derive(Clone, Debug)]
pub struct SetPayoutProfile {
    /// In which currency.
    pub currency: Currency,
    /// How.
    pub rail: PayoutRail,
    /// The account; `None` keeps what is stored.
    pub details: Option<String>,
    /// Less is carried over, minor units; not under the installation's minimum in effect.
    pub min_payout: i64,
}

impl Settlements {
    /// The publisher's own profiles.
    pub async fn payout_profiles(&self, actor: &Actor) -> Result<Vec<PayoutProfile>> {
        actor.require(Action::ReadMoney)?;
        if actor.kind != OrgKind::Publisher {
            return Ok(Vec::new());
        }
        let tx = self.db.begin_read().await?;
        let stored = profiles::profiles(&tx, actor.org).await?;
        stored.iter().map(|profile| shown(&self.vault, profile)).collect()
    }

    /// Changes how the own organization is paid. It rules from the next approval on.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right, `NO_BANK_DETAILS`, `OUT_OF_RANGE`, `TOO_LONG`.
    pub async fn set_payout_profile(
        &self,
        actor: &Actor,
        wish: SetPayoutProfile,
    ) -> Result<PayoutProfile> {
        actor.require(Action::ManagePayoutProfile)?;
        if wish.min_payout < 0 {
            return Err(Problem::new(OUT_OF_RANGE).field("minPayout").into());
        }
        let details = wish.details.as_deref().map(str::trim).filter(|text| !text.is_empty());
        if details.is_some_and(|text| text.chars().count() > 500) {
            return Err(Problem::new(TOO_LONG).field("details").into());
        }
        let tx = self.db.begin_write(&self.clock).await?;
        let before = profiles::profile(&tx, actor.org, wish.currency).await?;
        let sealed = match details {
            Some(text) => Some(self.vault.seal_secret(text.as_bytes())?),
            None => before.and_then(|profile| profile.details),
        };
        if wish.rail == PayoutRail::BankFile && sealed.is_none() {
            return Err(Problem::new(NO_BANK_DETAILS).field("details").into());
        }
        let stored = StoredProfile {
            publisher: actor.org,
            currency: wish.currency,
            rail: wish.rail,
            details: sealed,
            min_payout: wish.min_payout,
        };
        profiles::save_profile(&tx, &stored).await?;
        let detail = json!({"currency": wish.currency, "rail": wish.rail});
        audit::record(&tx, actor, "payout_profile.set", &actor.org.to_string(), detail).await?;
        tx.commit().await?;
        shown(&self.vault, &stored)
    }
}

fn shown(vault: &Vault, stored: &StoredProfile) -> Result<PayoutProfile> {
    let details_masked = match &stored.details {
        Some(sealed) => {
            let plain = String::from_utf8(vault.open_secret(sealed)?)
                .map_err(|cause| Error::other("reading payout details", cause))?;
            Some(mask(&plain))
        }
        None => None,
    };
    Ok(PayoutProfile {
        publisher_id: stored.publisher,
        currency: stored.currency,
        rail: stored.rail,
        details_masked,
        min_payout: stored.min_payout,
    })
}

/// The last four characters; of short texts less.
fn mask(text: &str) -> String {
    let count = text.chars().count();
    let shown = (count / 3).min(4);
    let tail: String = text.chars().skip(count - shown).collect();
    format!("•••• {tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_shows_the_end_only() {
        assert_eq!(mask("40702810900000001234"), "•••• 1234");
        assert_eq!(mask("ab"), "•••• ");
    }
}
