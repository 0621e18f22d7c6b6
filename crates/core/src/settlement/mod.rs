//! Settlement: which approved conversions become lines of which statement, what is paid and
//! what is carried over.

mod names;
mod plan;

pub use names::{PayoutState, StatementState};
pub use plan::{Carried, Draft, NewLines, Outcome, draft, outcome};

use crate::error::{INVALID_STATE, Problem};

crate::codes! {
    STATEMENT_UNCOVERED: Conflict = "The publisher's payable balance does not cover the statement.";
    NOTHING_TO_EXPORT: Conflict = "No approved payout waits for an export.";
    NOTHING_TO_PRINT: Conflict = "No payout of the run is in a file and waits for the bank.";
    OTHER_PERSON: Conflict = "Somebody else has to approve it: neither who planned the run, nor who approved first.";
    PERSON_NEEDED: Conflict = "A sum of this size is approved by people, not by keys.";
    PERIOD_IN_FUTURE: Invalid = "The period has to end now or earlier.";
    NO_BANK_DETAILS: Invalid = "The bank rail needs an account.";
    NO_DEBTOR_ACCOUNT: Conflict = "The installation's own bank account is not configured (money.bank).";
    ACCOUNT_NOT_STRUCTURED: Conflict = "The account is free text of an earlier version; the publisher has to enter it again.";
    PROOF_UNREADABLE: Invalid = "A proof is a PDF, PNG or JPEG file of at most 2 MB.";
    PROOF_NOT_TAKEN: Invalid = "A proof belongs to a manual payout that is being confirmed.";
    NOT_REPAYABLE: Conflict = "Only a statement whose payout was refused, and that no other has taken in, can be paid again.";
    CSV_UNREADABLE: Invalid = "The file is not readable CSV with the expected columns.";
}

/// What happens to a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementCommand {
    /// An operator approves it; what is too small to pay is carried.
    Approve(Outcome),
    /// An operator drops the draft; its lines are free again.
    Cancel,
    /// An operator drops it after the approval, before its payout went out; its lines are free
    /// again, its document keeps its number.
    Void,
    /// Its payout went into a file for the bank.
    Export,
    /// Its payout arrived.
    Confirm,
    /// Its payout was refused, or came back later; the sum is carried into the next statement.
    Refuse,
    /// Its refused payout is tried once more, as a new payout of the next generation.
    Repay,
}

/// What happens to a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayoutCommand {
    /// It goes into a file for the bank.
    Export,
    /// It is claimed for a rail that answers at once.
    Send,
    /// Nobody knows what became of it: it is held until somebody does.
    Hold,
    /// The money arrived.
    Confirm,
    /// The money did not arrive, or came back.
    Refuse,
}

/// The payout's state after a command.
///
/// # Errors
/// `INVALID_STATE`.
pub fn payout_step(state: PayoutState, command: PayoutCommand) -> Result<PayoutState, Problem> {
    use PayoutCommand as C;
    use PayoutState as P;
    match (state, command) {
        (P::Planned, C::Export) => Ok(P::Exported),
        (P::Planned, C::Send) => Ok(P::Sent),
        (P::Exported | P::Sent, C::Hold) => Ok(P::Unknown),
        (P::Planned | P::Exported | P::Sent | P::Unknown, C::Confirm) => Ok(P::Confirmed),
        (P::Planned | P::Exported | P::Sent | P::Unknown | P::Confirmed, C::Refuse) => {
            Ok(P::Refused)
        }
        _ => Err(INVALID_STATE.into()),
    }
}

/// The state after a command.
///
/// # Errors
/// `INVALID_STATE`.
pub fn step(state: StatementState, command: StatementCommand) -> Result<StatementState, Problem> {
    use StatementCommand as C;
    use StatementState as S;
    match (state, command) {
        (S::Draft, C::Approve(Outcome::Pay(_))) => Ok(S::Approved),
        (S::Draft, C::Approve(Outcome::Carry)) => Ok(S::Carried),
        (S::Draft, C::Cancel) => Ok(S::Cancelled),
        (S::Approved | S::Carried, C::Void) => Ok(S::Void),
        (S::Approved, C::Export) => Ok(S::Exported),
        (S::Approved | S::Exported, C::Confirm) => Ok(S::Paid),
        (S::Approved | S::Exported | S::Paid, C::Refuse) => Ok(S::Carried),
        (S::Carried, C::Repay) => Ok(S::Approved),
        _ => Err(INVALID_STATE.into()),
    }
}

/// What an approval of a draft is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// The first of two.
    First,
    /// The one that counts.
    Last,
}

/// Judges who approves. Totals above the limit need two people, neither of whom made the run.
/// Names are printed ids; the flag beside `who` says whether it is a person.
///
/// # Errors
/// `OTHER_PERSON`, `PERSON_NEEDED`.
pub fn approval(
    total: i64,
    limit: Option<i64>,
    (who, person): (&str, bool),
    maker: &str,
    first: Option<&str>,
) -> Result<Approval, Problem> {
    if limit.is_none_or(|limit| total <= limit) {
        return Ok(Approval::Last);
    }
    if !person {
        return Err(PERSON_NEEDED.into());
    }
    if who == maker || first == Some(who) {
        return Err(OTHER_PERSON.into());
    }
    Ok(if first.is_some() { Approval::Last } else { Approval::First })
}

/// Whether the answer of a rail may still arrive for a payout in this state.
pub const fn is_pending(state: PayoutState) -> bool {
    use PayoutState as P;
    matches!(state, P::Planned | P::Exported | P::Sent | P::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_sums_need_two_people_who_did_not_make_them() {
        let of = |total, who, first| {
            approval(total, Some(1_000), (who, who != "key_1"), "usr_maker", first)
                .map_err(|problem| problem.code.name)
        };
        assert_eq!(of(1_000, "usr_maker", None), Ok(Approval::Last));
        assert_eq!(of(1_001, "usr_maker", None), Err("OTHER_PERSON"));
        assert_eq!(of(1_001, "usr_a", None), Ok(Approval::First));
        assert_eq!(of(1_001, "usr_a", Some("usr_a")), Err("OTHER_PERSON"));
        assert_eq!(of(1_001, "usr_maker", Some("usr_a")), Err("OTHER_PERSON"));
        assert_eq!(of(1_001, "key_1", Some("usr_a")), Err("PERSON_NEEDED"));
        assert_eq!(of(1_001, "usr_b", Some("usr_a")), Ok(Approval::Last));
        let off = approval(i64::MAX, None, ("usr_maker", true), "usr_maker", None);
        assert_eq!(off, Ok(Approval::Last));
    }

    #[test]
    fn the_whole_table_of_states_and_commands() {
        use StatementCommand as C;
        use StatementState as S;
        let commands = [
            C::Approve(Outcome::Pay(1)),
            C::Approve(Outcome::Carry),
            C::Cancel,
            C::Void,
            C::Export,
            C::Confirm,
            C::Refuse,
            C::Repay,
        ];
        for state in S::ALL {
            let got: Vec<Option<S>> =
                commands.iter().map(|command| step(*state, *command).ok()).collect();
            let want = match state {
                S::Draft => {
                    let decided = [Some(S::Approved), Some(S::Carried), Some(S::Cancelled)];
                    decided.into_iter().chain([None; 5]).collect()
                }
                S::Approved => {
                    let (void, exported, paid) = (Some(S::Void), Some(S::Exported), Some(S::Paid));
                    vec![None, None, None, void, exported, paid, Some(S::Carried), None]
                }
                S::Exported => {
                    let (paid, carried) = (Some(S::Paid), Some(S::Carried));
                    vec![None, None, None, None, None, paid, carried, None]
                }
                S::Paid => vec![None, None, None, None, None, None, Some(S::Carried), None],
                S::Carried => {
                    vec![None, None, None, Some(S::Void), None, None, None, Some(S::Approved)]
                }
                _ => vec![None; 8],
            };
            assert_eq!(got, want, "{}", state.as_str());
        }
    }

    #[test]
    fn the_whole_table_of_payouts() {
        use PayoutCommand as C;
        use PayoutState as P;
        let commands = [C::Export, C::Send, C::Hold, C::Confirm, C::Refuse];
        let mut steps = vec![
            (P::Planned, C::Export, P::Exported),
            (P::Planned, C::Send, P::Sent),
            (P::Exported, C::Hold, P::Unknown),
            (P::Sent, C::Hold, P::Unknown),
            (P::Confirmed, C::Refuse, P::Refused),
        ];
        for pending in P::ALL.iter().copied().filter(|state| is_pending(*state)) {
            steps.push((pending, C::Confirm, P::Confirmed));
            steps.push((pending, C::Refuse, P::Refused));
        }
        crate::state_table::proves((P::ALL, &commands), payout_step, &steps);
    }
}
