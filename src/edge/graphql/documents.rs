//! Documents about money, and what organizations want on them.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use leadbourse_core::access::Action;
use leadbourse_core::error::{BAD_INPUT, Problem};
use leadbourse_core::ids::OrganizationId;
use leadbourse_core::lang::Lang;
use leadbourse_core::paper::PaperKind;

use super::accounts::Organization;
use super::context::{actor, app};
use super::loaders::loaders;
use super::market::or_null;
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, Money, id, money, parse_id, parse_opt_id};
use crate::papers::{self, DocumentFilter, IssueInvoice, SetBillingProfile};
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

    /// Whom it concerns.
    async fn organization(&self, ctx: &Context<'_>) -> async_graphql::Result<Organization> {
        let found = loaders(ctx)?.must(self.0.organization_id).await?;
        Ok(Organization::new(app(ctx)?, actor(ctx)?, found))
    }

    /// Of a void invoice: the credit note that took it back.
    async fn credit_note(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Document>> {
        if self.0.kind != PaperKind::Invoice || self.0.voided.is_none() {
            return Ok(None);
        }
        Ok(app(ctx)?.papers.credit_note(&self.0).await?.map(Document))
    }

    /// Of a credit note: the number of the invoice that it takes back.
    async fn refers_to(&self) -> Option<&str> {
        self.0.head.refers_to.as_deref()
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
    /// One document that the viewer may see.
    async fn document(&self, ctx: &Context<'_>, id: ID) -> async_graphql::Result<Option<Document>> {
        let id = parse_id(&id, "id")?;
        Ok(or_null(app(ctx)?.papers.document(&actor(ctx)?, id).await)?.map(Document))
    }

    /// Documents of a kind, newest first: the own organization's, all for operators.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn documents(
        &self,
        ctx: &Context<'_>,
        kind: DocumentKind,
        organization_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Document>> {
        let page = page(first, after.as_deref())?;
        let organization: Option<OrganizationId> =
            parse_opt_id(organization_id.as_ref(), "organizationId")?;
        let filter = DocumentFilter { kind: kind.into(), organization };
        let found = app(ctx)?.papers.documents(&actor(ctx)?, filter, &page).await?;
        Ok(connection(&page, found, |one| (one.id.uuid(), Document(one))))
    }

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

/// A month of a wallet that is to be invoiced.
#[derive(InputObject)]
struct IssueInvoiceInput {
    /// The buyer.
    buyer_id: ID,
    /// ISO 4217 code of the wallet.
    currency: String,
    /// The month, like `2026-10`, in the buyer's zone.
    month: String,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// An invoice that is to be taken back.
#[derive(InputObject)]
struct VoidInvoiceInput {
    /// The invoice's document.
    id: ID,
    /// Why; printed on it.
    reason: Option<String>,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

payload! { SetBillingProfilePayload { profile: BillingProfile } }
payload! { IssueInvoicePayload { invoice: Document } }
payload! { VoidInvoicePayload { invoice: Document, credit_note: Document } }

#[Object]
impl DocumentsMutation {
    /// Issues a buyer's invoice of a month that is over; a job does so by itself after the month's
    /// end. For FINANCE.
    async fn issue_invoice(
        &self,
        ctx: &Context<'_>,
        input: IssueInvoiceInput,
    ) -> async_graphql::Result<IssueInvoicePayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        IssueInvoicePayload::of(
            async {
                // Rights before input: a stranger learns nothing of what is wrong with it.
                actor.require(Action::RecordMoney)?;
                let bad = |_| Problem::new(BAD_INPUT).field("currency");
                let wish = IssueInvoice {
                    buyer: parse_id(&input.buyer_id, "buyerId")?,
                    currency: input.currency.parse().map_err(bad)?,
                    month: input.month,
                };
                let key = Some(input.idempotency_key.as_str());
                app.papers.issue_invoice(&actor, &wish, key).await.map(Document)
            }
            .await,
        )
    }

    /// Takes an invoice back: it is void and keeps its number, a credit note has its sums with the
    /// opposite sign, and the month can be invoiced again. For FINANCE.
    async fn void_invoice(
        &self,
        ctx: &Context<'_>,
        input: VoidInvoiceInput,
    ) -> async_graphql::Result<VoidInvoicePayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        VoidInvoicePayload::of(
            async {
                let id = parse_id(&input.id, "id")?;
                let (why, key) = (input.reason.as_deref(), Some(input.idempotency_key.as_str()));
                let (invoice, note) = app.papers.void_invoice(&actor, id, why, key).await?;
                Ok((Document(invoice), Document(note)))
            }
            .await,
        )
    }

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
