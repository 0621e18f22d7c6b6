//! The money of the exchange on both engines: ledger, conversions, disputes, settlement.

mod books;
mod claims;
mod conversions;
mod desk;
mod disputes;
mod locks;
mod payouts;
mod planning;
pub mod scene;
mod settlements;
