//! The pure rules of Leadbourse: everything that the exchange decides, and nothing that touches
//! a socket, a disk or a clock. A rule lives here so that it can be read in one place and proven
//! by property tests in milliseconds.

#[macro_use]
mod text;

pub mod access;
pub mod account;
pub mod bank;
pub mod call;
pub mod click;
pub mod conversion;
pub mod delivery;
pub mod dispute;
pub mod error;
pub mod exchange;
pub mod ids;
pub mod lang;
pub mod lead;
pub mod ledger;
pub mod live;
pub mod money;
pub mod niche;
pub mod notice;
pub mod offer;
pub mod order;
pub mod paper;
pub mod ping;
pub mod publish;
pub mod reconcile;
pub mod score;
pub mod settlement;
#[cfg(test)]
mod state_table;
pub mod time;
pub mod topup;

pub use text::UnknownText;
