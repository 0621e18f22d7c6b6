//! Orders with a deadline: a buyer orders so many leads of an offer by a date, at a price; the money
//! is reserved at once. Publishers claim parts of it, each with a deadline of its own. What a claim
//! has not brought by its deadline is open to others again; what nobody has brought by the order's
//! deadline, or what was not claimed when the buyer cancels, goes back to the buyer.
//!
//! At every step `reserved + spent + released` is the ordered money.

mod machine;
#[cfg(test)]
mod properties;

pub use machine::{Claim, OnTime, Order, state_when_done};

crate::codes! {
    ORDER_SIZE: Invalid = "An order is for 1 to 100000 leads at more than nothing, in a sum that the ledger holds.";
    ORDER_DEADLINE: Invalid = "The deadline has to be in the future, and a claim's not after the order's.";
    ORDER_CLOSED: Conflict = "The order is not open any more.";
    ORDER_TAKEN: Conflict = "So many leads of this order are not open any more.";
    ORDER_CLAIMED: Conflict = "You have an open claim on this order already.";
    ORDER_CLAIM_CLOSED: Conflict = "The claim is delivered or over.";
    ORDER_OFFER: Conflict = "Orders are for active offers that pay for the lead alone and ask no live buyer.";
}

crate::text_enum! {
    /// Where an order stands.
    pub enum OrderState {
        /// It can be claimed.
        Open = "OPEN",
        /// The buyer cancelled it; open claims may still be delivered.
        Cancelled = "CANCELLED",
        /// Everything was delivered.
        Delivered = "DELIVERED",
        /// Its deadline is over, or the last claim after a cancellation is.
        Ended = "ENDED",
    }
}

crate::text_enum! {
    /// Where a claim stands.
    pub enum OrderClaimState {
        /// Leads are awaited.
        Open = "OPEN",
        /// Everything was delivered in time.
        Delivered = "DELIVERED",
        /// The deadline came first.
        Expired = "EXPIRED",
        /// The publisher gave it up.
        GivenUp = "GIVEN_UP",
        /// The deadline came while the buyer took no leads: its offer was stopped, or the publisher's
        /// participation or the buyer itself was.
        Lapsed = "LAPSED",
    }
}
