//! Documents about money: numbers without gaps, frozen facts, and three printed forms.
//!
//! A document is issued in the transaction that makes it true: the approval of a statement, the
//! issue of an invoice. What is stored is its head and the hashes of its canonical JSON and CSV; the
//! lines stay where they are, and a [`Source`] reads them. So every form can be printed again, and
//! [`recompute`] proves that it is the same.

mod charges;
mod handlers;
mod invoices;
mod issue;
mod lines;
mod model;
mod pdf;
mod repo;
mod service;

pub use handlers::{INVOICE_MONTHS, InvoiceMonths};
pub use invoices::{DocumentFilter, IssueInvoice, invoice_faults};
pub use issue::{documents_about, documents_after, issue, numbers_given, recompute, void};
pub use lines::Source;
pub use model::{BillingProfile, Document, Issue, Voided};
pub use service::{Download, Form, Papers, SetBillingProfile};
