//! Documents and profiles as they are stored.

use leadbourse_core::ids::{DocumentId, OrganizationId};
use leadbourse_core::lang::Lang;
use leadbourse_core::money::Currency;
use leadbourse_core::paper::{CarriedIn, Head, PaperKind, Party};
use leadbourse_core::time::Timestamp;
use uuid::Uuid;

/// An issued document: its frozen head, and the hashes of what is printed from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// What it is.
    pub kind: PaperKind,
    /// What it is about: the statement; of an invoice and of its credit note the invoice.
    pub subject: Uuid,
    /// Whom it concerns.
    pub organization_id: OrganizationId,
    /// The frozen facts.
    pub head: Head,
    /// How many lines.
    pub lines: i64,
    /// Its total, minor units.
    pub total: i64,
    /// SHA-256 of the canonical JSON.
    pub json_sha256: [u8; 32],
    /// SHA-256 of the CSV.
    pub csv_sha256: [u8; 32],
    /// Who issued it, as printed id.
    pub issued_by: String,
    /// When.
    pub issued_at: Timestamp,
    /// Who voided it, when and why.
    pub voided: Option<Voided>,
}

/// The end of a document that keeps its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voided {
    /// Who did it, as printed id.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Option<String>,
}

/// A document to be issued. The organization's name, language and tax settings are read then.
#[derive(Clone, Debug)]
pub struct Issue {
    /// What it is.
    pub kind: PaperKind,
    /// What it is about.
    pub subject: Uuid,
    /// Whom it concerns.
    pub recipient: OrganizationId,
    /// Whose series the number is of; the exchange's own if nobody's.
    pub owner: Option<OrganizationId>,
    /// The currency.
    pub currency: Currency,
    /// Where the period begins.
    pub period_from: Timestamp,
    /// Where it ends.
    pub period_to: Timestamp,
    /// What earlier statements carried in.
    pub carried: Vec<CarriedIn>,
    /// The head of the document that it takes back.
    pub takes_back: Option<Head>,
}

/// What an organization wants on its documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillingProfile {
    /// Whose.
    pub organization_id: OrganizationId,
    /// The language of documents.
    pub language: Lang,
    /// Whether the organization chose the language; else it follows its country.
    pub language_chosen: bool,
    /// The legal name, where it differs from the name on the exchange.
    pub legal_name: Option<String>,
    /// The address.
    pub address: Option<String>,
    /// The tax number.
    pub tax_number: Option<String>,
    /// The rate of the tax that its prices include, basis points.
    pub tax_rate_bps: u32,
}

impl BillingProfile {
    /// What nobody has said yet: the language of the country.
    pub(super) fn of_country(organization_id: OrganizationId, country: Option<&str>) -> Self {
        let russian = matches!(country, Some("RU" | "BY" | "KZ" | "KG"));
        Self {
            organization_id,
            language: if russian { Lang::Ru } else { Lang::En },
            language_chosen: false,
            legal_name: None,
            address: None,
            tax_number: None,
            tax_rate_bps: 0,
        }
    }

    /// The party of a document.
    pub(super) fn party(self, name: String, country: Option<String>) -> Party {
        Party {
            id: self.organization_id.to_string(),
            name,
            legal_name: self.legal_name,
            address: self.address,
            tax_number: self.tax_number,
            country,
        }
    }
}
