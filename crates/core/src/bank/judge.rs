//! What an answer's line means for a payout, as the exchange knows it.

use std::collections::HashMap;

use super::answer::{AnswerLine, Said, said};
use super::{
    ANSWER_AMBIGUOUS, ANSWER_AMOUNT_DIFFERS, ANSWER_CONTRADICTS, ANSWER_NOT_SENT,
    ANSWER_PAYOUT_UNKNOWN, ANSWER_STATUS_UNKNOWN,
};
use crate::error::Code;
use crate::ids::PayoutId;
use crate::money::Money;
use crate::settlement::PayoutState;

crate::text_enum! {
    /// What a line comes to.
    pub enum AnswerFinding {
        /// It confirms a payout.
        Confirms = "CONFIRMS",
        /// It refuses a payout: its money is payable again.
        Refuses = "REFUSES",
        /// The bank is still at it.
        Pending = "PENDING",
        /// The exchange knows it already.
        Known = "KNOWN",
        /// Nothing can be done with it; a person has to look.
        Problem = "PROBLEM",
    }
}

/// A payout, as far as an answer is about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Which.
    pub payout: PayoutId,
    /// Where it is.
    pub state: PayoutState,
    /// How much it is.
    pub amount: Money,
}

/// What each line comes to, and why it is a problem. A payout that is both confirmed and refused
/// in one file is neither; what is said twice counts once.
pub fn judge(lines: &[(&AnswerLine, Option<Known>)]) -> Vec<(AnswerFinding, Option<Code>)> {
    let mut found: Vec<(AnswerFinding, Option<Code>)> =
        lines.iter().map(|(line, known)| alone(line, known.as_ref())).collect();
    let mut ends: HashMap<PayoutId, Vec<usize>> = HashMap::new();
    for (at, ((finding, _), (_, known))) in found.iter().zip(lines).enumerate() {
        let ended = matches!(finding, AnswerFinding::Confirms | AnswerFinding::Refuses);
        if let (true, Some(known)) = (ended, known) {
            ends.entry(known.payout).or_default().push(at);
        }
    }
    for places in ends.values().filter(|places| places.len() > 1) {
        let first = places.first().and_then(|at| found.get(*at)).map(|(finding, _)| *finding);
        let same = places.iter().all(|at| found.get(*at).map(|(one, _)| *one) == first);
        for (n, at) in places.iter().enumerate() {
            let Some(place) = found.get_mut(*at) else { continue };
            if !same {
                *place = (AnswerFinding::Problem, Some(ANSWER_AMBIGUOUS));
            } else if n > 0 {
                *place = (AnswerFinding::Known, None);
            }
        }
    }
    found
}

fn alone(line: &AnswerLine, known: Option<&Known>) -> (AnswerFinding, Option<Code>) {
    let problem = |code: Code| (AnswerFinding::Problem, Some(code));
    if let Some(code) = line.fault {
        return problem(code);
    }
    let Some(said) = said(&line.status) else { return problem(ANSWER_STATUS_UNKNOWN) };
    let Some(known) = known else { return problem(ANSWER_PAYOUT_UNKNOWN) };
    if line.amount.is_some_and(|amount| amount != known.amount) {
        return problem(ANSWER_AMOUNT_DIFFERS);
    }
    use PayoutState as P;
    match (known.state, said) {
        (P::Planned, _) => problem(ANSWER_NOT_SENT),
        (P::Exported | P::Sent | P::Unknown, Said::Confirmed) => (AnswerFinding::Confirms, None),
        (P::Exported | P::Sent | P::Unknown, Said::Refused) => (AnswerFinding::Refuses, None),
        (P::Exported | P::Sent | P::Unknown, Said::Pending) => (AnswerFinding::Pending, None),
        (P::Confirmed, Said::Refused) | (P::Refused, Said::Confirmed) => {
            problem(ANSWER_CONTRADICTS)
        }
        (P::Confirmed | P::Refused, _) => (AnswerFinding::Known, None),
    }
}
