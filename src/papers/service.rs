//! Use cases: an organization's billing profile, and downloads.

use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use leadbourse_core::access::{Action, Actor};
use leadbourse_core::error::{OUT_OF_RANGE, Problem, TOO_LONG};
use leadbourse_core::lang::Lang;
use leadbourse_core::paper::{BAD_LANGUAGE, PaperKind, SettlementModel};
use serde_json::json;

use super::issue;
use super::lines::{self, Printed, Source};
use super::model::{BillingProfile, Document};
use super::{pdf, repo};
use crate::platform::audit;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::Db;
use crate::platform::error::{Context, Result};
use crate::platform::shutdown::Shutdown;

leadbourse_core::text_enum! {
    /// A form in which a document is downloaded.
    pub enum Form {
        /// For people.
        Pdf = "pdf",
        /// Every line, for spreadsheets.
        Csv = "csv",
        /// Everything, canonical.
        Json = "json",
    }
}

impl Form {
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Form::Pdf => "application/pdf",
            Form::Csv => "text/csv; charset=utf-8",
            Form::Json => "application/json",
        }
    }
}

/// A document on its way out.
pub struct Download {
    /// The document.
    pub document: Document,
    /// A name for the file.
    pub file_name: String,
    /// The form.
    pub form: Form,
    /// The file, piece by piece.
    pub body: BoxStream<'static, Result<Bytes>>,
}

/// What an organization wants to change; `None` takes it off.
#[derive(Clone, Debug, Default)]
pub struct SetBillingProfile {
    /// The language of documents, `en` or `ru`; that of the country if not said.
    pub language: Option<String>,
    /// The legal name.
    pub legal_name: Option<String>,
    /// The address.
    pub address: Option<String>,
    /// The tax number.
    pub tax_number: Option<String>,
    /// The rate of the tax that its prices include, basis points.
    pub tax_rate_bps: i64,
}

/// The use cases of documents.
#[derive(Clone, Debug)]
pub struct Papers {
    pub(super) db: Db,
    pub(super) clock: Clock,
    /// What the exchange sells.
    pub model: SettlementModel,
    base: Arc<str>,
    tasks: Shutdown,
}

impl Papers {
    /// On a database. Links in printed documents begin with the server's public address.
    pub fn new(db: Db, clock: Clock, config: &Config, tasks: Shutdown) -> Self {
        let server = &config.server;
        let base = match &server.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", server.bind),
        };
        Self { db, clock, model: config.money.settlement_model, base: base.into(), tasks }
    }

    /// What the own organization wants on its documents.
    pub async fn billing_profile(&self, actor: &Actor) -> Result<BillingProfile> {
        actor.require(Action::ReadMoney)?;
        let tx = self.db.begin_read().await?;
        Ok(issue::side(&tx, actor.org).await?.1)
    }

    /// Changes it, for documents that are issued from now on.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right, `BAD_LANGUAGE`, `OUT_OF_RANGE`, `TOO_LONG`.
    pub async fn set_billing_profile(
        &self,
        actor: &Actor,
        wish: SetBillingProfile,
    ) -> Result<BillingProfile> {
        actor.require(Action::ManageOrganization)?;
        let language = wish
            .language
            .as_deref()
            .map(|text| text.parse::<Lang>())
            .transpose()
            .map_err(|_| Problem::new(BAD_LANGUAGE).field("language"))?;
        let rate = u32::try_from(wish.tax_rate_bps).ok().filter(|rate| *rate <= 10_000);
        let tax_rate_bps = rate.ok_or_else(|| Problem::new(OUT_OF_RANGE).field("taxRateBps"))?;
        let legal_name = short(wish.legal_name, 200, "legalName")?;
        let address = short(wish.address, 300, "address")?;
        let tax_number = short(wish.tax_number, 40, "taxNumber")?;
        let tx = self.db.begin_write(&self.clock).await?;
        let unsaid = issue::side(&tx, actor.org).await?;
        let by_country = BillingProfile::of_country(actor.org, unsaid.0.country.as_deref());
        let profile = BillingProfile {
            organization_id: actor.org,
            language: language.unwrap_or(by_country.language),
            language_chosen: language.is_some(),
            legal_name,
            address,
            tax_number,
            tax_rate_bps,
        };
        repo::save_profile(&tx, &profile).await?;
        let detail = json!({
            "language": profile.language, "legal_name": profile.legal_name,
            "address": profile.address, "tax_number": profile.tax_number,
            "tax_rate_bps": profile.tax_rate_bps,
        });
        audit::record(&tx, actor, "billing_profile.set", &actor.org.to_string(), detail).await?;
        tx.commit().await?;
        Ok(profile)
    }

    /// A document in a form. The caller has checked that the reader may see it.
    ///
    /// # Errors
    /// Faults of the database and of the printer.
    pub async fn download(
        &self,
        document: Document,
        form: Form,
        source: impl Source,
    ) -> Result<Download> {
        let tx = self.db.begin_read().await?;
        let (summary, _) = lines::summarize(&tx, &document.head, &source).await?;
        let totals = summary.totals()?;
        let printed = match form {
            Form::Json => Some(Printed::Json),
            Form::Csv => Some(Printed::Csv),
            Form::Pdf => None,
        };
        let body = if let Some(printed) = printed {
            drop(tx);
            let head = document.head.clone();
            lines::print(self.db.clone(), source, head, totals, printed).boxed()
        } else {
            let mut shown = Vec::new();
            if totals.lines <= pdf::LINES {
                lines::walk(&tx, &source, |line| {
                    shown.push(line.clone());
                    Ok(())
                })
                .await?;
            }
            drop(tx);
            let (base, document) = (Arc::clone(&self.base), document.clone());
            let work = move || {
                let content = pdf::Content {
                    document: &document,
                    summary: &summary,
                    lines: shown,
                    base: &base,
                };
                pdf::print(content)
            };
            let file = self.tasks.spawn_blocking(work).await.context("printing a document")??;
            futures::stream::once(async { Ok(Bytes::from(file)) }).boxed()
        };
        let name = match document.kind {
            PaperKind::Statement => "statement-",
            PaperKind::Invoice | PaperKind::CreditNote => "",
        };
        let file_name = format!("{name}{}.{form}", document.head.number);
        Ok(Download { document, file_name, form, body })
    }
}

fn short(
    text: Option<String>,
    most: usize,
    field: &'static str,
) -> Result<Option<String>, Problem> {
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > most) {
        return Err(Problem::new(TOO_LONG).field(field));
    }
    Ok(text)
}
