//! States.

use crate::conversion::states_names as names;

names! {
    /// Where a statement is.
    StatementState {
        /// Planned; nobody approved it yet.
        Draft = "DRAFT";
        /// Approved; its payout is planned.
        Approved = "APPROVED";
        /// Its payout is in a file for the bank.
        Exported = "EXPORTED";
        /// Its payout arrived.
        Paid = "PAID";
        /// Its total goes into the publisher's next statement.
        Carried = "CARRIED";
        /// Dropped before approval.
        Cancelled = "CANCELLED";
    }
}

names! {
    /// Where a payout is.
    PayoutState {
        /// Approved, not sent.
        Planned = "PLANNED";
        /// In a file for the bank.
        Exported = "EXPORTED";
        /// Arrived.
        Confirmed = "CONFIRMED";
        /// Did not arrive; payable again.
        Refused = "REFUSED";
        /// Nobody knows: held until somebody does.
        Unknown = "UNKNOWN";
    }
}
