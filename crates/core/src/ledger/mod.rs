//! The double-entry ledger: accounts, balanced transactions, and one template per event.

pub mod account;
pub mod cards;
pub mod desk;
pub mod fx;
pub mod journal;
pub mod templates;
pub mod tx;
mod verify;

pub use account::{Account, AccountKind, Guard, Keeping, Rail};
pub use fx::Rate;
pub use templates::Funding;
pub use tx::{LedgerTx, Posting, TxKind};
pub use verify::{Difference, Verifier};

use crate::money::Bps;

crate::codes! {
    LEDGER_UNBALANCED: Internal = "A ledger transaction does not net to zero.";
    LEDGER_MIXED: Internal = "A ledger transaction mixes currencies.";
    LEDGER_OVERFLOW: Invalid = "The sum is too large for the ledger.";
    LEDGER_EMPTY: Internal = "A ledger transaction moves nothing.";
    AMOUNT_NOT_POSITIVE: Invalid = "The amount has to be greater than zero.";
    INSUFFICIENT_FUNDS: Conflict = "There is not enough money on the account.";
    ALREADY_POSTED: Conflict = "This was already posted to the ledger.";
}

/// What one leg gives back when the cumulative returned share rises from `before` to `after`:
/// in all `round_half_even(leg × after)`, so that the whole empties it to the last minor unit
/// whatever the steps were.
pub fn cumulative(leg: i64, before: Bps, after: Bps) -> i64 {
    let after = Bps(after.0.min(Bps::WHOLE.0));
    let before = Bps(before.0.min(Bps::WHOLE.0));
    after.of_half_even(leg).saturating_sub(before.of_half_even(leg))
}
