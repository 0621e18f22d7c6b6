//! The life of an offer and of its versions.
//!
//! Offer: `DRAFT → IN_REVIEW → ACTIVE ⇄ PAUSED → CLOSED`. The offer's own review is that of its
//! first version; later versions are reviewed beside an offer that goes on under the old one.
//! Version: `DRAFT → IN_REVIEW → EFFECTIVE | REFUSED`, and `SUPERSEDED` when a newer one takes
//! its place.

use crate::error::{INVALID_STATE, Problem};
use crate::time::Timestamp;

crate::text_enum! {
    /// Where an offer stands.
    pub enum OfferState {
        /// Being written.
        Draft = "DRAFT",
        /// Its first version waits for an operator.
        InReview = "IN_REVIEW",
        /// Buys.
        Active = "ACTIVE",
        /// Does not buy for now.
        Paused = "PAUSED",
        /// Ended for good.
        Closed = "CLOSED",
    }
}

crate::text_enum! {
    /// What moves an offer.
    pub enum OfferCommand {
        /// The buyer asks for the review of the first version.
        Submit = "SUBMIT",
        /// The buyer takes it back to change it.
        Withdraw = "WITHDRAW",
        /// An operator approves the first version.
        Approve = "APPROVE",
        /// An operator refuses the first version.
        Refuse = "REFUSE",
        /// The buyer, an operator or the exchange itself stops the buying for now.
        Pause = "PAUSE",
        /// The buyer goes on.
        Resume = "RESUME",
        /// The end.
        Close = "CLOSE",
    }
}

impl OfferState {
    /// The next state, or `INVALID_STATE`.
    pub fn apply(self, command: OfferCommand) -> Result<OfferState, Problem> {
        use OfferCommand as C;
        use OfferState as S;
        match (self, command) {
            (S::Draft, C::Submit) => Ok(S::InReview),
            (S::InReview, C::Withdraw | C::Refuse) => Ok(S::Draft),
            (S::InReview, C::Approve) | (S::Paused, C::Resume) => Ok(S::Active),
            (S::Active, C::Pause) => Ok(S::Paused),
            (S::Draft | S::InReview | S::Active | S::Paused, C::Close) => Ok(S::Closed),
            _ => Err(Problem::new(INVALID_STATE)
                .detail(format!("An offer in state {self} does not take {command}."))),
        }
    }

    /// Whether its terms may still be changed by a new version.
    pub fn may_revise(self) -> bool {
        self != OfferState::Closed
    }

    /// Whether publishers may see it in the catalogue.
    pub fn is_listed(self) -> bool {
        matches!(self, OfferState::Active | OfferState::Paused)
    }
}

crate::text_enum! {
    /// Where a version of an offer's terms stands.
    pub enum VersionState {
        /// Written, not submitted.
        Draft = "DRAFT",
        /// Waits for an operator.
        InReview = "IN_REVIEW",
        /// Approved: rules from its `effective_at` on.
        Effective = "EFFECTIVE",
        /// Refused by an operator, with a note.
        Refused = "REFUSED",
        /// A newer version took its place.
        Superseded = "SUPERSEDED",
    }
}

crate::text_enum! {
    /// What moves a version.
    pub enum VersionCommand {
        /// The buyer submits it.
        Submit = "SUBMIT",
        /// An operator approves it.
        Approve = "APPROVE",
        /// An operator refuses it.
        Refuse = "REFUSE",
        /// A newer version replaces it.
        Supersede = "SUPERSEDE",
    }
}

impl VersionState {
    /// The next state, or `INVALID_STATE`.
    pub fn apply(self, command: VersionCommand) -> Result<VersionState, Problem> {
        use VersionCommand as C;
        use VersionState as S;
        match (self, command) {
            (S::Draft, C::Submit) => Ok(S::InReview),
            (S::InReview, C::Approve) => Ok(S::Effective),
            (S::InReview, C::Refuse) => Ok(S::Refused),
            (S::Draft | S::InReview | S::Effective, C::Supersede) => Ok(S::Superseded),
            _ => Err(Problem::new(INVALID_STATE)
                .detail(format!("A version in state {self} does not take {command}."))),
        }
    }

    /// Whether it is neither decided nor replaced.
    pub fn is_open(self) -> bool {
        matches!(self, VersionState::Draft | VersionState::InReview)
    }
}

/// Of approved versions, each with its number and the instant from which it rules, the position
/// of the one that rules at `now`: the newest that has begun.
pub fn ruling(versions: &[(i32, Timestamp)], now: Timestamp) -> Option<usize> {
    versions
        .iter()
        .enumerate()
        .filter(|(_, (_, effective_at))| *effective_at <= now)
        .max_by_key(|(_, (number, _))| *number)
        .map(|(position, _)| position)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state_table::proves;

    #[test]
    fn every_offer_state_answers_every_command() {
        use OfferCommand as C;
        use OfferState as S;
        let steps = [
            (S::Draft, C::Submit, S::InReview),
            (S::Draft, C::Close, S::Closed),
            (S::InReview, C::Withdraw, S::Draft),
            (S::InReview, C::Refuse, S::Draft),
            (S::InReview, C::Approve, S::Active),
            (S::InReview, C::Close, S::Closed),
            (S::Active, C::Pause, S::Paused),
            (S::Active, C::Close, S::Closed),
            (S::Paused, C::Resume, S::Active),
            (S::Paused, C::Close, S::Closed),
        ];
        proves((S::ALL, C::ALL), S::apply, &steps);
    }

    #[test]
    fn every_version_state_answers_every_command() {
        use VersionCommand as C;
        use VersionState as S;
        let steps = [
            (S::Draft, C::Submit, S::InReview),
            (S::Draft, C::Supersede, S::Superseded),
            (S::InReview, C::Approve, S::Effective),
            (S::InReview, C::Refuse, S::Refused),
            (S::InReview, C::Supersede, S::Superseded),
            (S::Effective, C::Supersede, S::Superseded),
        ];
        proves((S::ALL, C::ALL), S::apply, &steps);
    }

    #[test]
    fn the_newest_version_that_has_begun_rules() {
        let at = Timestamp::from_micros;
        let versions = [(1, at(0)), (2, at(100)), (3, at(50))];
        assert_eq!(ruling(&versions, at(-1)), None);
        assert_eq!(ruling(&versions, at(0)), Some(0));
        assert_eq!(ruling(&versions, at(49)), Some(0));
        assert_eq!(ruling(&versions, at(50)), Some(2));
        assert_eq!(ruling(&versions, at(100)), Some(2), "version 2 never rules again");
    }
}
