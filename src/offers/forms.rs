//! The settings of hosted forms.

use leadbourse_core::access::{Action, Actor, Scope};
use leadbourse_core::error::{INVALID_STATE, NOT_FOUND, Problem};
use leadbourse_core::ids::SourceId;
use leadbourse_core::offer::source::{SourceKind, SourceState};
use leadbourse_core::publish::form::FormSettings;
use serde_json::json;

use super::model::Source;
use super::repo;
use super::service::Offers;
use crate::platform::audit;
use crate::platform::error::{Error, Result};

/// A form's settings with the number of their consent text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceForm {
    /// What the publisher set.
    pub settings: FormSettings,
    /// Which text of consent this is; 0 is the exchange's own.
    pub consent_version: i32,
}

impl Offers {
    /// The settings of a source's form; the defaults while nobody has set any. Everything here is
    /// shown to the public.
    ///
    /// # Errors
    /// Faults only.
    pub async fn form(&self, source: SourceId) -> Result<SourceForm> {
        let tx = self.db.begin_read().await?;
        Ok(repo::forms::find(&tx, source).await?.unwrap_or_default())
    }

    /// Sets a form. Other words of consent are another version of it.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE` for a source that has no form, refusals of single fields.
    pub async fn set_form(
        &self,
        actor: &Actor,
        id: SourceId,
        settings: FormSettings,
    ) -> Result<(Source, SourceForm)> {
        actor.require(Action::ManageSources)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let source = repo::sources::find(&tx, Scope::Org(actor.org), id).await?.ok_or(NOT_FOUND)?;
        if source.kind != SourceKind::Form || source.state == SourceState::Refused {
            let detail = "Only a source of the kind FORM that was not refused has a form.";
            return Err(Problem::new(INVALID_STATE).detail(detail).into());
        }
        let (_, version) = self.niches.current_in(&tx, source.niche_id).await?;
        let settings = settings.checked(version.fields()).map_err(|problems| {
            problems.into_iter().next().map_or_else(|| Error::broken("refused"), Error::from)
        })?;
        // The source's row is the turnstile: two that set at once do it one after the other.
        repo::sources::lock(&tx, id).await?;
        let before = repo::forms::find(&tx, id).await?.unwrap_or_default();
        let changed = before.settings.consent != settings.consent;
        let consent_version = before.consent_version.saturating_add(i32::from(changed));
        let form = SourceForm { settings, consent_version };
        repo::forms::save(&tx, id, &form).await?;
        let detail = json!({"consent_version": consent_version, "sites": form.settings.sites,
            "redirect": form.settings.redirect_url.is_some()});
        audit::record(&tx, actor, "source.form", &id.to_string(), detail).await?;
        tx.commit().await?;
        Ok((source, form))
    }
}
