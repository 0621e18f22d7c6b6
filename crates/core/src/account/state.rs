//! The life of an organization: `PENDING → ACTIVE ⇄ SUSPENDED → CLOSED`.

use crate::error::{INVALID_STATE, Problem};

crate::text_enum! {
    /// Where an organization stands.
    pub enum OrgState {
        /// Signed up; an operator has not decided yet. May prepare, not trade.
        Pending = "PENDING",
        /// Trades.
        Active = "ACTIVE",
        /// Stopped by an operator for now: nothing of it is sold or bought.
        Suspended = "SUSPENDED",
        /// Left for good.
        Closed = "CLOSED",
    }
}

crate::text_enum! {
    /// What an operator may do to an organization.
    pub enum OrgCommand {
        /// Lets a new organization trade.
        Approve = "APPROVE",
        /// Stops trading for now.
        Suspend = "SUSPEND",
        /// Lets a suspended organization trade again.
        Reinstate = "REINSTATE",
        /// Ends it; also refuses a new one.
        Close = "CLOSE",
    }
}

impl OrgState {
    /// The next state, or `INVALID_STATE`.
    pub fn apply(self, command: OrgCommand) -> Result<OrgState, Problem> {
        use OrgCommand as C;
        use OrgState as S;
        match (self, command) {
            (S::Pending, C::Approve) | (S::Suspended, C::Reinstate) => Ok(S::Active),
            (S::Active, C::Suspend) => Ok(S::Suspended),
            (S::Pending | S::Active | S::Suspended, C::Close) => Ok(S::Closed),
            _ => Err(Problem::new(INVALID_STATE)
                .detail(format!("A {self} organization can't be changed by {command}."))),
        }
    }

    /// Whether its offers buy and its sources sell.
    pub fn trades(self) -> bool {
        self == OrgState::Active
    }

    /// Whether its members may sign in and look at their own things.
    pub fn may_enter(self) -> bool {
        self != OrgState::Closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state_table::proves;

    #[test]
    fn every_state_answers_every_command() {
        use OrgCommand as C;
        use OrgState as S;
        let steps = [
            (S::Pending, C::Approve, S::Active),
            (S::Pending, C::Close, S::Closed),
            (S::Active, C::Suspend, S::Suspended),
            (S::Active, C::Close, S::Closed),
            (S::Suspended, C::Reinstate, S::Active),
            (S::Suspended, C::Close, S::Closed),
        ];
        proves((S::ALL, C::ALL), S::apply, &steps);
    }
}
