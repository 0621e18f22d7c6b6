//! Documents about money, and what organizations want on them.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use leadbourse_core::lang::Lang;
use leadbourse_core::paper::PaperKind;

use super::context::{actor, app};
use super::scalars::{DateTime, Money, id, money};
use crate::papers::{self, SetBillingProfile};
use crate::payload;

crate::graphql_enum! {
    /// What a document is.
    DocumentKind = "leadbourse_core::paper::PaperKind" {
        /// What a publisher earned in a period.
        Statement,
        /// What a buyer spent in a month.
        Invoice,
        /// Takes back an invoice.
        CreditNote,
    }
}

/// Queries of documents.
#[derive(Default)]
pub struct DocumentsQuery;

/// Mutations of documents.
#[derive(Default)]
pub struct DocumentsMutation;

/// A document with a number: frozen when it was issued, printed as PDF, CSV and JSON.
pub struct Document(pub papers::Document);

#[Object]
impl Document {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// What it is.
    async fn kind(&self) -> DocumentKind {
        self.0.kind.into()
    }

    /// Its number.
    async fn number(&self) -> &str {
        &self.0.head.number
    }

    /// Whether it was voided; it keeps its number then.
    async fn is_void(&self) -> bool {
        self.0.voided.is_some()
    }

    /// When it was voided.
    async fn voided_at(&self) -> Option<DateTime> {
        self.0.voided.as_ref().map(|voided| DateTime(voided.at))
    }

    /// Why it was voided.
    async fn void_reason(&self) -> Option<&str> {
        self.0.voided.as_ref()?.reason.as_deref()
    }

    /// The language of the printed form: `en` or `ru`.
    async fn language(&self) -> &str {
        self.0.head.language.as_str()
    }

    /// Where the period begins.
    async fn period_from(&self) -> DateTime {
        self.0.head.period_from.into()
    }

    /// Where it ends.
    async fn period_to(&self) -> DateTime {
        self.0.head.period_to.into()
    }

    /// When it was issued.
    async fn issued_at(&self) -> DateTime {
        self.0.issued_at.into()
    }

    /// How many lines.
    async fn line_count(&self) -> i64 {
        self.0.lines
    }

    /// Its total.
    async fn total(&self) -> Money {
        money(self.0.total, self.0.head.currency)
    }

    /// SHA-256 of the canonical JSON, in hexadecimal digits.
    async fn json_sha256(&self) -> String {
        hex::encode(self.0.json_sha256)
    }

    /// SHA-256 of the CSV, in hexadecimal digits.
    async fn csv_sha256(&self) -> String {
        hex::encode(self.0.csv_sha256)
    }

    /// Where the PDF is, on this server.
    async fn pdf_url(&self) -> String {
        path(&self.0, "pdf")
    }

    /// Where the CSV is.
    async fn csv_url(&self) -> String {
        path(&self.0, "csv")
    }

    /// Where the canonical JSON is.
    async fn json_url(&self) -> String {
        path(&self.0, "json")
    }
}

fn path(document: &papers::Document, form: &str) -> String {
    let subject = match document.kind {
        PaperKind::Statement => {
            format!("statements/{}", leadbourse_core::ids::StatementId(document.subject))
        }
        PaperKind::Invoice | PaperKind::CreditNote => format!("documents/{}", document.id),
    };
    format!("/v1/{subject}.{form}")
}

/// What an organization wants on its documents.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct BillingProfile {
    /// The legal name, where it differs from the name on the exchange.
    legal_name: Option<String>,
    /// The address.
    address: Option<String>,
    /// The tax number.
    tax_number: Option<String>,
    /// The rate of the tax that its prices include, basis points.
    tax_rate_bps: i32,
    /// Whether the language was chosen; else it follows the country.
    language_chosen: bool,
    #[graphql(skip)]
    lang: Lang,
}

#[ComplexObject]
impl BillingProfile {
    /// The language of documents: `en` or `ru`.
    async fn language(&self) -> &str {
        self.lang.as_str()
    }
}

impl From<papers::BillingProfile> for BillingProfile {
    fn from(from: papers::BillingProfile) -> Self {
        Self {
            legal_name: from.legal_name,
            address: from.address,
            tax_number: from.tax_number,
            tax_rate_bps: i32::try_from(from.tax_rate_bps).unwrap_or(0),
            language_chosen: from.language_chosen,
            lang: from.language,
        }
    }
}

#[Object]
impl DocumentsQuery {
    /// What the own organization wants on its documents.
    async fn billing_profile(&self, ctx: &Context<'_>) -> async_graphql::Result<BillingProfile> {
        Ok(app(ctx)?.papers.billing_profile(&actor(ctx)?).await?.into())
    }
}

/// What the own organization wants on its documents. What is null is taken off.
#[derive(InputObject)]
struct SetBillingProfileInput {
    /// The language of documents: `en` or `ru`; that of the country when null.
    language: Option<String>,
    /// The legal name.
    legal_name: Option<String>,
    /// The address.
    address: Option<String>,
    /// The tax number.
    tax_number: Option<String>,
    /// The rate of the tax that its prices include, basis points; none when null.
    tax_rate_bps: Option<i32>,
}

payload! { SetBillingProfilePayload { profile: BillingProfile } }

#[Object]
impl DocumentsMutation {
    /// Changes what the own organization wants on its documents. It rules for those that are issued
    /// from then on.
    async fn set_billing_profile(
        &self,
        ctx: &Context<'_>,
        input: SetBillingProfileInput,
    ) -> async_graphql::Result<SetBillingProfilePayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        let wish = SetBillingProfile {
            language: input.language,
            legal_name: input.legal_name,
            address: input.address,
            tax_number: input.tax_number,
            tax_rate_bps: input.tax_rate_bps.unwrap_or(0).into(),
        };
        let done = app.papers.set_billing_profile(&actor, wish).await;
        SetBillingProfilePayload::of(done.map(BillingProfile::from))
    }
}
