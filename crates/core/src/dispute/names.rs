//! Kinds and states.

crate::text_enum! {
    /// What a dispute is about.
    pub enum DisputeKind {
        /// A buyer's claim on a conversion.
        Return = "RETURN",
        /// A publisher's claim that an event was not reported.
        MissingConversion = "MISSING_CONVERSION",
        /// A claim that a verdict was wrong.
        WrongVerdict = "WRONG_VERDICT",
        /// A claim of fraud.
        Fraud = "FRAUD",
    }
}

crate::text_enum! {
    /// Where a dispute is.
    pub enum DisputeState {
        /// Waits for the publisher.
        Open = "OPEN",
        /// The publisher agreed; the claim is given back.
        Accepted = "ACCEPTED",
        /// The publisher disagreed; waits for an operator.
        Contested = "CONTESTED",
        /// Decided for the claimant in full.
        Upheld = "UPHELD",
        /// Decided for the claimant in part.
        Partial = "PARTIAL",
        /// Decided against the claimant.
        Refused = "REFUSED",
        /// The claimant took it back.
        Withdrawn = "WITHDRAWN",
    }
}

impl DisputeState {
    /// Whether somebody still has to act.
    pub const fn is_open(self) -> bool {
        matches!(self, DisputeState::Open | DisputeState::Contested)
    }
}
