//! The money of the exchange on both engines: ledger, conversions, disputes, settlement.

mod approvals;
mod books;
mod claims;
mod conversions;
mod desk;
mod disputes;
mod executor;
mod invoices;
mod locks;
mod papers;
mod payouts;
mod planning;
mod rails;
pub mod scene;
mod settlements;
