//! States.

crate::text_enum! {
    /// Where a statement is.
    pub enum StatementState {
        /// Planned; nobody approved it yet.
        Draft = "DRAFT",
        /// Approved; its payout is planned.
        Approved = "APPROVED",
        /// Its payout is on its way: in a file for the bank, or handed to its rail.
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
        /// Handed to a rail that answers at once; its answer is not written down yet.
        Sent = "SENT",
        /// Arrived.
        Confirmed = "CONFIRMED",
        /// Did not arrive; payable again.
        Refused = "REFUSED",
        /// Nobody knows: held until somebody does.
        Unknown = "UNKNOWN",
    }
}
