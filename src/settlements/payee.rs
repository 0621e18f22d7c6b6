//! How a publisher wants to be paid.

use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::bank::{AccountText, Payee};
use leadbourse_core::error::{BAD_INPUT, OUT_OF_RANGE, Problem, TOO_LONG};
use leadbourse_core::money::Currency;
use leadbourse_core::settlement::NO_BANK_DETAILS;
use serde_json::json;

use super::model::{DetailsForm, PayoutProfile, PayoutRail};
use super::repo::profiles::{self, StoredProfile};
use super::service::Settlements;
use crate::platform::audit;
use crate::platform::error::{Context, Error, Result};
use crate::platform::vault::Vault;

/// A publisher's wish.
#[derive(Clone, Debug)]
pub struct SetPayoutProfile {
    /// In which currency.
    pub currency: Currency,
    /// How.
    pub rail: PayoutRail,
    /// The account for the bank rail; `None` keeps what is stored.
    pub account: Option<AccountText>,
    /// For the manual rail: how to pay, in words; `None` keeps what is stored.
    pub details: Option<String>,
    /// Less is carried over, minor units; not under the installation's minimum in effect.
    pub min_payout: i64,
}

/// Where the money goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// As somebody typed it.
    Free(String),
    /// To a checked account.
    Account(Payee),
}

/// Opens what was sealed.
pub(super) fn opened(vault: &Vault, form: DetailsForm, sealed: &[u8]) -> Result<Destination> {
    let plain = vault.open_secret(sealed)?;
    Ok(match form {
        DetailsForm::Free => Destination::Free(
            String::from_utf8(plain)
                .map_err(|cause| Error::other("reading payout details", cause))?,
        ),
        DetailsForm::Account => {
            Destination::Account(serde_json::from_slice(&plain).context("reading an account")?)
        }
    })
}

impl SetPayoutProfile {
    /// What is to be sealed, checked; `None` where nothing was said.
    fn destination(&self) -> Result<Option<Destination>> {
        let details = self.details.as_deref().map(str::trim).filter(|text| !text.is_empty());
        match (self.rail, &self.account, details) {
            (PayoutRail::BankFile, Some(account), None) => {
                Ok(Some(Destination::Account(account.read("account")?)))
            }
            (PayoutRail::BankFile, None, None) | (_, None, None) => Ok(None),
            // The bank wants parts that can be checked.
            (PayoutRail::BankFile, _, Some(_)) => {
                Err(Problem::new(NO_BANK_DETAILS).field("account").into())
            }
            (_, Some(_), _) => Err(Problem::new(BAD_INPUT).field("account").into()),
            (_, None, Some(text)) if text.chars().count() > 500 => {
                Err(Problem::new(TOO_LONG).field("details").into())
            }
            (_, None, Some(text)) => Ok(Some(Destination::Free(text.to_owned()))),
        }
    }
}

impl Destination {
    fn seal(&self, vault: &Vault) -> Result<(Vec<u8>, DetailsForm)> {
        Ok(match self {
            Destination::Free(text) => (vault.seal_secret(text.as_bytes())?, DetailsForm::Free),
            Destination::Account(payee) => {
                let text = serde_json::to_vec(payee).context("printing an account")?;
                (vault.seal_secret(&text)?, DetailsForm::Account)
            }
        })
    }
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
    /// `NOT_FOUND` without the right, `NO_BANK_DETAILS`, `OUT_OF_RANGE`, `TOO_LONG`, and those of
    /// [`AccountText::read`].
    pub async fn set_payout_profile(
        &self,
        actor: &Actor,
        wish: SetPayoutProfile,
    ) -> Result<PayoutProfile> {
        actor.require(Action::ManagePayoutProfile)?;
        if wish.min_payout < 0 {
            return Err(Problem::new(OUT_OF_RANGE).field("minPayout").into());
        }
        let wanted = wish.destination()?;
        let tx = self.db.begin_write(&self.clock).await?;
        let before = profiles::profile(&tx, actor.org, wish.currency).await?;
        let (details, form) = match (wanted, before) {
            (Some(wanted), _) => {
                let (sealed, form) = wanted.seal(&self.vault)?;
                (Some(sealed), form)
            }
            // Kept, also the free text of an earlier version; but words how to pay by hand are no
            // account, and the other way round.
            (None, Some(before)) if before.rail == wish.rail => (before.details, before.form),
            (None, _) => (None, DetailsForm::Free),
        };
        if wish.rail == PayoutRail::BankFile && details.is_none() {
            return Err(Problem::new(NO_BANK_DETAILS).field("account").into());
        }
        let stored = StoredProfile {
            publisher: actor.org,
            currency: wish.currency,
            rail: wish.rail,
            details,
            form,
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
    let sealed = stored.details.as_deref();
    let (details_masked, account) =
        match sealed.map(|sealed| opened(vault, stored.form, sealed)).transpose()? {
            Some(Destination::Free(text)) => (Some(mask(&text)), None),
            Some(Destination::Account(payee)) => (Some(payee.masked_line()), Some(payee.masked())),
            None => (None, None),
        };
    Ok(PayoutProfile {
        publisher_id: stored.publisher,
        currency: stored.currency,
        rail: stored.rail,
        details_masked,
        account,
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
