//! The life of a participation: `REQUESTED → APPROVED | DECLINED`, `APPROVED → REVOKED`.

use super::terms::Visibility;
use crate::error::{INVALID_STATE, Problem};

crate::text_enum! {
    /// Where a publisher's participation in an offer stands.
    pub enum ParticipationState {
        /// The publisher asked.
        Requested = "REQUESTED",
        /// The publisher may sell to the offer.
        Approved = "APPROVED",
        /// The buyer said no.
        Declined = "DECLINED",
        /// The buyer took it back.
        Revoked = "REVOKED",
    }
}

crate::text_enum! {
    /// What a buyer may do about it.
    pub enum ParticipationCommand {
        /// Lets the publisher sell.
        Approve = "APPROVE",
        /// Says no.
        Decline = "DECLINE",
        /// Ends it.
        Revoke = "REVOKE",
        /// Changes what is paid for the publisher's leads.
        Reprice = "REPRICE",
    }
}

impl ParticipationCommand {
    /// The command of a buyer who wants a state, if a buyer can lead there. To want what is
    /// approved approved with a price is to change the price.
    pub fn towards(from: ParticipationState, to: ParticipationState, priced: bool) -> Option<Self> {
        match to {
            ParticipationState::Approved if priced && from == to => Some(Self::Reprice),
            ParticipationState::Approved => Some(Self::Approve),
            ParticipationState::Declined => Some(Self::Decline),
            ParticipationState::Revoked => Some(Self::Revoke),
            ParticipationState::Requested => None,
        }
    }
}

impl ParticipationState {
    /// The next state, or `INVALID_STATE`.
    pub fn apply(self, command: ParticipationCommand) -> Result<ParticipationState, Problem> {
        use ParticipationCommand as C;
        use ParticipationState as S;
        match (self, command) {
            (S::Requested, C::Approve) => Ok(S::Approved),
            (S::Requested, C::Decline) => Ok(S::Declined),
            (S::Approved, C::Revoke) => Ok(S::Revoked),
            (S::Approved, C::Reprice) => Ok(S::Approved),
            _ => Err(Problem::new(INVALID_STATE)
                .detail(format!("A participation in state {self} does not take {command}."))),
        }
    }
}

/// Whether a publisher may sell to an offer: everybody to a public one unless revoked, to the
/// others only with an approval.
pub fn may_sell(visibility: Visibility, participation: Option<ParticipationState>) -> bool {
    match visibility {
        Visibility::Public => participation != Some(ParticipationState::Revoked),
        Visibility::ByApplication | Visibility::Private => {
            participation == Some(ParticipationState::Approved)
        }
    }
}

/// Whether a publisher sees an offer in the catalogue: private ones only with a participation.
pub fn may_see(visibility: Visibility, participation: Option<ParticipationState>) -> bool {
    visibility != Visibility::Private || participation == Some(ParticipationState::Approved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state_table::proves;

    #[test]
    fn every_state_answers_every_command() {
        use ParticipationCommand as C;
        use ParticipationState as S;
        let steps = [
            (S::Requested, C::Approve, S::Approved),
            (S::Requested, C::Decline, S::Declined),
            (S::Approved, C::Revoke, S::Revoked),
            (S::Approved, C::Reprice, S::Approved),
        ];
        proves((S::ALL, C::ALL), S::apply, &steps);
        for from in S::ALL {
            for (to, priced) in S::ALL.iter().flat_map(|to| [(*to, false), (*to, true)]) {
                let expected = match to {
                    S::Requested => None,
                    S::Approved if priced && *from == S::Approved => Some(C::Reprice),
                    S::Approved => Some(C::Approve),
                    S::Declined => Some(C::Decline),
                    S::Revoked => Some(C::Revoke),
                };
                assert_eq!(C::towards(*from, to, priced), expected);
            }
        }
    }

    #[test]
    fn who_sees_and_who_sells() {
        use ParticipationState as S;
        use Visibility as V;
        let cases: Vec<Option<S>> =
            std::iter::once(None).chain(S::ALL.iter().copied().map(Some)).collect();
        for state in cases {
            let approved = state == Some(S::Approved);
            assert_eq!(may_sell(V::Public, state), state != Some(S::Revoked));
            assert_eq!(may_sell(V::ByApplication, state), approved);
            assert_eq!(may_sell(V::Private, state), approved);
            assert!(may_see(V::Public, state) && may_see(V::ByApplication, state));
            assert_eq!(may_see(V::Private, state), approved);
        }
    }
}
