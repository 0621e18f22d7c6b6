//! Leads: a person's request, from the raw body to its verdict.

pub mod chain;
pub mod email;
pub mod envelope;
pub mod fingerprint;
pub mod mask;
pub mod normalise;
pub mod phone;
pub mod risk;
pub mod submission;
pub mod verdict;

crate::text_enum! {
    /// Where a lead is in its life.
    pub enum LeadState {
        /// Stored, not decided yet.
        Received = "RECEIVED",
        /// Refused for its content or as a repeat.
        Rejected = "REJECTED",
        /// Held for a moderator.
        Quarantined = "QUARANTINED",
        /// Valid, but nobody bought it.
        Unsold = "UNSOLD",
        /// Bought at least once.
        Sold = "SOLD",
        /// Was unsold for too long.
        Expired = "EXPIRED",
    }
}

impl LeadState {
    /// Whether a lead may go from this state to another.
    pub const fn may_become(self, next: LeadState) -> bool {
        use LeadState as S;
        matches!(
            (self, next),
            (S::Received, S::Rejected | S::Quarantined | S::Unsold | S::Sold)
                | (S::Quarantined, S::Rejected | S::Unsold | S::Sold)
                | (S::Unsold, S::Sold | S::Expired)
        )
    }
}

crate::text_enum! {
    /// How a lead came in.
    pub enum Channel {
        /// A posted form.
        Form = "FORM",
        /// A machine.
        Api = "API",
        /// A file.
        Import = "IMPORT",
        /// A telephone call.
        Call = "CALL",
        /// A click on a tracking link, whose outcome the buyer reported.
        Click = "CLICK",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decided_leads_never_go_back() {
        use LeadState as S;
        let all = S::ALL;
        let legal: usize =
            all.iter().map(|from| all.iter().filter(|to| from.may_become(**to)).count()).sum();
        assert_eq!(legal, 9);
        assert!(all.iter().all(|to| !S::Sold.may_become(*to) && !S::Rejected.may_become(*to)));
    }
}
