//! Top-ups by card: what is asked for, what the provider says came of it, and what follows.
//!
//! The provider is never taken at its word alone: [`judge`] compares what it says with what the
//! buyer asked for, and what differs is held for FINANCE.

mod judge;
mod minor;
mod names;
mod recharge;
mod schedule;
mod signature;

pub use judge::{Asked, Finding, Paid, PaymentStatus, RefundStatus, judge, refundable};
pub use minor::{from_provider, to_provider};
pub use names::{
    CardTopUpKind, CardTopUpState, ChargebackState, CreditRefundState, HoldReason,
    ProviderEventState,
};
pub use recharge::{Recharge, RechargeStop, Settings, after_decline, month_start, recharge};
pub use schedule::{KEY_WINDOW, Window, check_after, window};
pub use signature::{TOLERANCE, Unsigned, sign, verify};

crate::codes! {
    CARDS_NOT_CONFIGURED: Conflict = "Paying by card is not set up on this exchange.";
    CURRENCY_NOT_PAYABLE: Invalid = "The card provider does not take this currency in such amounts.";
    TOP_UP_TOO_SMALL: Invalid = "The amount is under the smallest top-up.";
    TOP_UP_TOO_LARGE: Invalid = "The amount is over the largest top-up.";
    NOTHING_TO_REFUND: Conflict = "There is not so much unused credit of this top-up.";
    NOT_HELD: Conflict = "Nothing about it waits for a decision.";
    NO_SAVED_CARD: Invalid = "There is no such saved card.";
    RECHARGE_AMOUNTS: Invalid = "The monthly maximum has to be at least the amount of one charge.";
    NOTHING_TO_WRITE_OFF: Conflict = "Nothing is owed for this chargeback any more.";
    BAD_SIGNATURE: Invalid = "The signature is missing, wrong or too old.";
}
