//! Documents about money: statements of publishers, invoices of buyers, credit notes.
//!
//! A document is its *head* (the facts of the day on which it was issued: parties, numbers, names,
//! tax settings), frozen, and its *lines*, which lie in the ledger and the tables beside it. Its
//! canonical JSON and its CSV are printed from both, so that they can be printed again years
//! later, byte for byte. `docs/STATEMENTS.md` describes the two forms.

mod canonical;
mod csv;
mod month;
mod summary;
mod tax;

pub use canonical::{Json, closing, line_json, opening};
pub use csv::{csv_head, csv_line, csv_opening};
pub use month::{day_start, month_bounds};
pub use summary::{Group, Summary, Totals};
pub use tax::{Tax, included_tax};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{AwardId, ConversionId, LeadId, OfferId, StatementId};
use crate::lang::Lang;
use crate::money::Currency;
use crate::offer::terms::GoalKind;
use crate::time::Timestamp;

crate::codes! {
    PERIOD_NOT_OVER: Invalid = "The month is not over yet.";
    NOTHING_TO_INVOICE: Conflict = "The buyer was charged nothing in the month.";
    ALREADY_INVOICED: Conflict = "The month is invoiced. Void that invoice first.";
    BAD_MONTH: Invalid = "The month has to be like `2026-10`.";
    BAD_LANGUAGE: Invalid = "The language has to be `en` or `ru`.";
}

/// The name of the form that [`opening`] prints; a change of the form changes it.
pub const FORMAT: &str = "leadbourse.paper.1";

crate::text_enum! {
    /// What a document is.
    pub enum PaperKind {
        /// What a publisher earned in a period.
        Statement = "STATEMENT",
        /// What a buyer spent in a month.
        Invoice = "INVOICE",
        /// Takes back an invoice.
        CreditNote = "CREDIT_NOTE",
    }
}

impl PaperKind {
    /// The number `count` of a year in the kind's series: `2026-0007`, `INV-2026-000007`.
    pub fn number(self, year: i32, count: i64) -> String {
        match self {
            PaperKind::Statement => format!("{year:04}-{count:04}"),
            PaperKind::Invoice => format!("INV-{year:04}-{count:06}"),
            PaperKind::CreditNote => format!("CN-{year:04}-{count:06}"),
        }
    }
}

crate::text_enum! {
    /// What the exchange sells.
    pub enum SettlementModel {
        /// A service: tax is on its fee only.
        Agent = "AGENT",
        /// Leads that it bought: tax is on the whole price, and statements are self-billed.
        Principal = "PRINCIPAL",
    }
}

crate::text_enum! {
    /// What a line of a document is about.
    pub enum LineKind {
        /// A billed event.
        Conversion = "CONVERSION",
        /// What a decided return gave back.
        GiveBack = "GIVE_BACK",
        /// A correction with a reason.
        Adjustment = "ADJUSTMENT",
    }
}

/// One side of a document, as it was on the day of issue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The organization, as printed id.
    pub id: String,
    /// Its name on the exchange.
    pub name: String,
    /// Its legal name, where it differs.
    pub legal_name: Option<String>,
    /// Its address.
    pub address: Option<String>,
    /// Its tax number.
    pub tax_number: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
}

/// An earlier statement whose total is in this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedIn {
    /// The statement.
    pub statement: StatementId,
    /// Its number.
    pub number: Option<String>,
    /// Its total, minor units.
    pub amount: i64,
}

/// What is frozen when a document is issued. Everything else is computed from its lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// What it is.
    pub kind: PaperKind,
    /// Its number.
    pub number: String,
    /// The language of its printed form.
    pub language: Lang,
    /// The currency of all sums.
    pub currency: Currency,
    /// Where the period begins.
    pub period_from: Timestamp,
    /// Where it ends.
    pub period_to: Timestamp,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// The zone in which days are counted, IANA.
    pub time_zone: String,
    /// Who issued it: the exchange.
    pub issuer: Party,
    /// Whom it concerns.
    pub recipient: Party,
    /// What the exchange sells.
    pub model: SettlementModel,
    /// The rate of the tax that prices include, basis points.
    pub tax_rate_bps: u32,
    /// What earlier statements carried in.
    pub carried: Vec<CarriedIn>,
    /// The names of the offers.
    pub offers: BTreeMap<OfferId, String>,
    /// The number of the document that it takes back.
    pub refers_to: Option<String>,
}

/// One line. Sums are minor units; those of a credit note have the opposite sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is about.
    pub kind: LineKind,
    /// What it derives from: the conversion, the decision, the adjustment, as printed id.
    pub id: String,
    /// The conversion.
    pub conversion: Option<ConversionId>,
    /// Its award.
    pub award: Option<AwardId>,
    /// Its lead, whose chain proves what happened.
    pub lead: Option<LeadId>,
    /// Its offer.
    pub offer: Option<OfferId>,
    /// What was paid for.
    pub goal: Option<GoalKind>,
    /// When it happened.
    pub at: Timestamp,
    /// What was earned, or charged.
    pub gross: i64,
    /// What of it was given back.
    pub given_back: i64,
    /// The part of the exchange; only on what a buyer gets.
    pub fee: Option<i64>,
    /// What the line adds to the total.
    pub amount: i64,
    /// Why, on an adjustment.
    pub reason: Option<String>,
}

impl Line {
    /// The line of a credit note that takes this one back.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.gross = self.gross.saturating_neg();
        self.given_back = self.given_back.saturating_neg();
        self.fee = self.fee.map(i64::saturating_neg);
        self.amount = self.amount.saturating_neg();
        self
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ids::derive;

    pub(super) fn head() -> Head {
        let party = |id: &str, name: &str| Party {
            id: id.to_owned(),
            name: name.to_owned(),
            country: Some("RU".to_owned()),
            ..Party::default()
        };
        let offer = OfferId(derive(&[b"offer"]));
        Head {
            kind: PaperKind::Statement,
            number: "2026-0001".to_owned(),
            language: Lang::En,
            currency: Currency::RUB,
            period_from: Timestamp::parse_rfc3339("2026-10-01T00:00:00Z").unwrap(),
            period_to: Timestamp::parse_rfc3339("2026-11-01T00:00:00Z").unwrap(),
            issued_at: Timestamp::parse_rfc3339("2026-11-02T09:30:00.5Z").unwrap(),
            time_zone: "Europe/Moscow".to_owned(),
            issuer: party("org_a", "The \"Exchange\""),
            recipient: party("org_b", "Аня и лиды"),
            model: SettlementModel::Agent,
            tax_rate_bps: 0,
            carried: vec![CarriedIn {
                statement: StatementId(derive(&[b"stm"])),
                number: None,
                amount: -20,
            }],
            offers: BTreeMap::from([(offer, "=Mortgage, Moscow".to_owned())]),
            refers_to: None,
        }
    }

    pub(super) fn line(n: u8, gross: i64, given_back: i64) -> Line {
        let conversion = ConversionId(derive(&[b"cnv", &[n]]));
        Line {
            kind: LineKind::Conversion,
            id: conversion.to_string(),
            conversion: Some(conversion),
            award: Some(AwardId(derive(&[b"awd", &[n]]))),
            lead: Some(LeadId(derive(&[b"lead", &[n]]))),
            offer: Some(OfferId(derive(&[b"offer"]))),
            goal: Some(GoalKind::Lead),
            at: Timestamp::parse_rfc3339("2026-10-31T22:30:00Z").unwrap(),
            gross,
            given_back,
            fee: None,
            amount: gross - given_back,
            reason: None,
        }
    }

    /// The whole canonical JSON of a document.
    pub(super) fn whole(head: &Head, lines: &[Line]) -> String {
        let mut summary = Summary::new(head);
        for line in lines {
            summary.add(line).unwrap();
        }
        let totals = summary.totals().unwrap();
        let mut out = String::new();
        opening(head, &totals, &mut out);
        for (n, line) in lines.iter().enumerate() {
            if n > 0 {
                out.push(',');
            }
            line_json(line).print(&mut out);
        }
        closing(head, &totals, &mut out);
        out
    }

    #[test]
    fn the_head_reads_back_as_it_was_stored() {
        let text = serde_json::to_string(&head()).unwrap();
        assert_eq!(serde_json::from_str::<Head>(&text).unwrap(), head());
    }

    #[test]
    fn numbers_say_their_series_and_year() {
        assert_eq!(PaperKind::Statement.number(2026, 7), "2026-0007");
        assert_eq!(PaperKind::Invoice.number(2026, 7), "INV-2026-000007");
        assert_eq!(PaperKind::CreditNote.number(2026, 12_345_678), "CN-2026-12345678");
    }
}
