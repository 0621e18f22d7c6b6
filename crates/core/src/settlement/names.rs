//! States.

crate::text_enum! {
    /// Where a statement is.
    pub enum StatementState {
        /// Planned; nobody approved it yet.
        Draft = "DRAFT",
        /// Approved; its payout is planned.
        Approved = "APPROVED",
        /// Its payout is in a file for the bank.
        Exported = "EXPORTED",
        /// Its payout arrived.
        Paid = "PAID",
        /// Its total goes into the publisher's next statement.
        Carried = "CARRIED",
        /// Dropped before approval.
        Cancelled = "CANCELLED",
        /// Dropped after approval, before any money moved: its document keeps its number.
        Void = "VOID",
    }
}

crate::text_enum! {
    /// Where a payout is.
    pub enum PayoutState {
        /// Approved, not sent.
        Planned = "PLANNED",
        /// In a file for the bank.
        Exported = "EXPORTED",
        /// Arrived.
        Confirmed = "CONFIRMED",
        /// Did not arrive; payable again.
        Refused = "REFUSED",
        /// Nobody knows: held until somebody does.
        Unknown = "UNKNOWN",
    }
}
