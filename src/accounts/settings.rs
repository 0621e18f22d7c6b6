//! What an organization says of itself: its name, country and time zone.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::account::input;
use leadbourse_core::account::state::OrgState;
use leadbourse_core::error::{INVALID_STATE, NOT_FOUND};
use serde_json::json;

use super::model::Organization;
use super::{Accounts, repo};
use crate::platform::audit;
use crate::platform::error::Result;

/// What changes of an organization; `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrganizationPatch {
    /// Its name; public on the exchange.
    pub name: Option<String>,
    /// ISO 3166-1 alpha-2: `Some(None)` takes it off.
    pub country: Option<Option<String>>,
    /// IANA time zone.
    pub time_zone: Option<String>,
}

impl Accounts {
    /// Changes the acting organization's own settings. The audit log keeps what stood before:
    /// a new name is seen by everybody, and an operator may want to know the old one. Schedules
    /// and caps of offers keep the zone that their terms name.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right to, `INVALID_STATE` for a closed organization, refusals of
    /// single fields.
    pub async fn update_organization(
        &self,
        actor: &Actor,
        patch: OrganizationPatch,
    ) -> Result<Organization> {
        actor.require(Action::ManageOrganization)?;
        let name = patch.name.map(|text| input::name(&text, "name")).transpose()?;
        let country = match patch.country {
            Some(Some(code)) => Some(Some(input::country(&code, "country")?)),
            unsaid_or_none => unsaid_or_none,
        };
        let zone = patch.time_zone.map(|text| input::time_zone(&text, "timeZone")).transpose()?;
        let tx = self.db.begin_write(&self.clock).await?;
        let before = repo::lock_organization(&tx, actor.org).await?.ok_or(NOT_FOUND)?;
        if before.state == OrgState::Closed {
            return Err(INVALID_STATE.into());
        }
        let after = Organization {
            name: name.unwrap_or_else(|| before.name.clone()),
            country: country.unwrap_or_else(|| before.country.clone()),
            time_zone: zone.unwrap_or_else(|| before.time_zone.clone()),
            ..before.clone()
        };
        if after != before {
            repo::update_organization(&tx, &after).await?;
            let said = |one: &Organization| json!({"name": one.name, "country": one.country, "time_zone": one.time_zone});
            let detail = json!({"from": said(&before), "to": said(&after)});
            audit::record(&tx, actor, "organization.update", &after.id.to_string(), detail).await?;
        }
        tx.commit().await?;
        Ok(after)
    }
}
