//! The settings of hosted forms.

use async_graphql::{Context, ID, InputObject, Object};
use leadbourse_core::publish::form::{FormSettings, FormText};

use super::context::{actor, app};
use super::scalars::{LocalizedText, parse_id};
use super::sources::Source;
use crate::offers;
use crate::payload;

/// Mutations of hosted forms.
#[derive(Default)]
pub struct FormsMutation;

/// What a publisher set on the hosted form of a source. Empty texts stand for the exchange's own.
pub struct SourceForm(pub offers::SourceForm);

fn localized(text: &FormText) -> LocalizedText {
    LocalizedText { en: text.en.clone(), ru: text.ru.clone() }
}

#[Object]
impl SourceForm {
    /// Above the form.
    async fn title(&self) -> LocalizedText {
        localized(&self.0.settings.title)
    }

    /// On the button.
    async fn button(&self) -> LocalizedText {
        localized(&self.0.settings.button)
    }

    /// After the form was sent.
    async fn thanks(&self) -> LocalizedText {
        localized(&self.0.settings.thanks)
    }

    /// What the person agrees to.
    async fn consent(&self) -> LocalizedText {
        localized(&self.0.settings.consent)
    }

    /// The number of the consent text; each change makes a new one, 0 is the exchange's own.
    async fn consent_version(&self) -> i32 {
        self.0.consent_version
    }

    /// Where the consent is explained.
    async fn policy_url(&self) -> Option<&str> {
        self.0.settings.policy_url.as_deref()
    }

    /// Where the browser goes after the thanks.
    async fn redirect_url(&self) -> Option<&str> {
        self.0.settings.redirect_url.as_deref()
    }

    /// What is given with the thanks.
    async fn file_url(&self) -> Option<&str> {
        self.0.settings.file_url.as_deref()
    }

    /// Origins that may show the form in a frame; empty for all.
    async fn sites(&self) -> &[String] {
        &self.0.settings.sites
    }

    /// Fields beside those that the niche requires; empty for all.
    async fn fields(&self) -> &[String] {
        &self.0.settings.fields
    }
}

/// A text in both languages; what is empty or left out stands for the exchange's own words.
#[derive(Default, InputObject)]
pub struct FormTextInput {
    /// English.
    pub en: Option<String>,
    /// Russian.
    pub ru: Option<String>,
}

/// A form's settings; they replace the ones before.
#[derive(InputObject)]
pub struct SetSourceFormInput {
    /// The source, of the kind FORM.
    pub source_id: ID,
    /// Above the form.
    pub title: Option<FormTextInput>,
    /// On the button.
    pub button: Option<FormTextInput>,
    /// After the form was sent.
    pub thanks: Option<FormTextInput>,
    /// What the person agrees to.
    pub consent: Option<FormTextInput>,
    /// Where the consent is explained; https.
    pub policy_url: Option<String>,
    /// Where the browser goes after the thanks; https.
    pub redirect_url: Option<String>,
    /// What is given with the thanks; https.
    pub file_url: Option<String>,
    /// Origins that may show the form in a frame; all if none is given.
    pub sites: Option<Vec<String>>,
    /// Fields beside those that the niche requires; all if none is given.
    pub fields: Option<Vec<String>>,
}

payload! { SetSourceFormPayload { source: Source } }

fn text(input: Option<FormTextInput>) -> FormText {
    let input = input.unwrap_or_default();
    FormText { en: input.en.unwrap_or_default(), ru: input.ru.unwrap_or_default() }
}

#[Object]
impl FormsMutation {
    /// Sets the hosted form of a source.
    async fn set_source_form(
        &self,
        ctx: &Context<'_>,
        input: SetSourceFormInput,
    ) -> async_graphql::Result<SetSourceFormPayload> {
        let actor = actor(ctx)?;
        let run = async {
            let source = parse_id(&input.source_id, "sourceId")?;
            let settings = FormSettings {
                title: text(input.title),
                button: text(input.button),
                thanks: text(input.thanks),
                consent: text(input.consent),
                policy_url: input.policy_url,
                redirect_url: input.redirect_url,
                file_url: input.file_url,
                sites: input.sites.unwrap_or_default(),
                fields: input.fields.unwrap_or_default(),
            };
            let (source, _) = app(ctx)?.offers.set_form(&actor, source, settings).await?;
            Ok(Source(source))
        };
        SetSourceFormPayload::of(run.await)
    }
}
