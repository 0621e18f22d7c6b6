//! The checker of payment orders, which the pure crate's own tests use as well.

use leadbourse_core::bank::{Bic, Iban};
use leadbourse_core::money::Currency;

#[path = "../../crates/core/src/bank/order_check.rs"]
mod order_check;

pub use order_check::check;
