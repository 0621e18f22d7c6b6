//! The money of the exchange on both engines: ledger, conversions, disputes, settlement.

mod books;
mod claims;
mod conversions;
mod disputes;
mod executor;
mod locks;
mod payouts;
mod planning;
mod rails;
pub mod scene;
mod settlements;
