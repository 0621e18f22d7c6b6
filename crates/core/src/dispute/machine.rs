//! The state machine.

use super::names::DisputeState;
use super::{ANSWER_TOO_LATE, BAD_SHARE};
use crate::error::{INVALID_STATE, Problem};
use crate::money::Bps;
use crate::niche::policy::SilenceDefault;
use crate::time::{SECOND, Timestamp};

/// When somebody has to have acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// The publisher has to answer before it.
    pub answer_by: Timestamp,
    /// An operator should have decided by then.
    pub decide_by: Timestamp,
    /// From here the default decides.
    pub lock_at: Timestamp,
}

impl Deadlines {
    /// From the niche's durations; none is after the lock.
    pub fn fix(at: Timestamp, answer_s: i64, decide_s: i64, lock_at: Timestamp) -> Self {
        let after = |from: Timestamp, s: i64| from.plus(s.max(0).saturating_mul(SECOND));
        let answer_by = after(at, answer_s).min(lock_at);
        let decide_by = after(answer_by, decide_s).min(lock_at);
        Self { answer_by, decide_by, lock_at }
    }
}

/// What decides: state, claim, deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// Where it is.
    pub state: DisputeState,
    /// The cumulative share that the claimant wants back.
    pub claimed: Bps,
    /// What the conversion had given back when it was opened or decided.
    pub returned: Bps,
    /// When somebody has to have acted.
    pub deadlines: Deadlines,
    /// What silence means in this niche.
    pub on_silence: SilenceDefault,
}

/// An operator's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The claim, in full.
    Upheld,
    /// A smaller cumulative share.
    Partial(Bps),
    /// Nothing.
    Refused,
}

/// What somebody wants to do with a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// The publisher agrees.
    Accept,
    /// The publisher disagrees.
    Contest,
    /// The claimant takes it back.
    Withdraw,
    /// An operator decides.
    Decide(Verdict),
    /// Time passed: applies what a deadline says, if one has come.
    Tick,
}

/// What a command did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The new state.
    pub state: DisputeState,
    /// The cumulative share that is returned from now on; `None` if nothing is given back.
    pub give_back_to: Option<Bps>,
    /// The stable code of the event, for the history.
    pub event: &'static str,
}

impl Dispute {
    /// Decides what a command does at `now`. `Ok(None)` only for [`Command::Tick`], when no
    /// deadline has come.
    ///
    /// # Errors
    /// `INVALID_STATE`, `ANSWER_TOO_LATE`, or `BAD_SHARE` for a partial share that is not between
    /// what was returned and the claim.
    pub fn apply(&self, command: Command, now: Timestamp) -> Result<Option<Step>, Problem> {
        let step = match (command, self.state) {
            (Command::Tick, _) => return Ok(self.tick(now)),
            (_, state) if !state.is_open() => return Err(INVALID_STATE.into()),
            // What the lock decides is decided, even if the job has not run yet.
            _ if now >= self.deadlines.lock_at => return Err(INVALID_STATE.into()),
            (Command::Accept, DisputeState::Open) => {
                self.in_time(now)?;
                self.gives(DisputeState::Accepted, "ACCEPTED")
            }
            (Command::Contest, DisputeState::Open) => {
                self.in_time(now)?;
                Self::keeps(DisputeState::Contested, "CONTESTED")
            }
            // A publisher who contested may still give in while nobody decided.
            (Command::Accept, _) => self.gives(DisputeState::Accepted, "ACCEPTED"),
            (Command::Withdraw, _) => Self::keeps(DisputeState::Withdrawn, "WITHDRAWN"),
            (Command::Decide(verdict), DisputeState::Contested) => self.decide(verdict)?,
            _ => return Err(INVALID_STATE.into()),
        };
        Ok(Some(step))
    }

    /// When [`Command::Tick`] next has something to do.
    pub fn next_tick(&self) -> Option<Timestamp> {
        match self.state {
            DisputeState::Open => Some(self.deadlines.answer_by),
            DisputeState::Contested => Some(self.deadlines.lock_at),
            _ => None,
        }
    }

    fn in_time(&self, now: Timestamp) -> Result<(), Problem> {
        if now < self.deadlines.answer_by { Ok(()) } else { Err(ANSWER_TOO_LATE.into()) }
    }

    fn decide(&self, verdict: Verdict) -> Result<Step, Problem> {
        match verdict {
            Verdict::Upheld => Ok(self.gives(DisputeState::Upheld, "UPHELD")),
            Verdict::Refused => Ok(Self::keeps(DisputeState::Refused, "REFUSED")),
            Verdict::Partial(share) if share > self.returned && share < self.claimed => Ok(Step {
                state: DisputeState::Partial,
                give_back_to: Some(share),
                event: "PARTIAL",
            }),
            Verdict::Partial(_) => Err(BAD_SHARE.into()),
        }
    }

    fn tick(&self, now: Timestamp) -> Option<Step> {
        if !self.state.is_open() {
            return None;
        }
        let accepts = self.on_silence == SilenceDefault::Accept;
        if now >= self.deadlines.lock_at {
            return Some(if accepts {
                self.gives(DisputeState::Upheld, "UPHELD_BY_DEFAULT")
            } else {
                Self::keeps(DisputeState::Refused, "REFUSED_BY_DEFAULT")
            });
        }
        if self.state == DisputeState::Open && now >= self.deadlines.answer_by {
            return Some(if accepts {
                self.gives(DisputeState::Accepted, "ACCEPTED_BY_SILENCE")
            } else {
                Self::keeps(DisputeState::Contested, "CONTESTED_BY_SILENCE")
            });
        }
        None
    }

    fn gives(&self, state: DisputeState, event: &'static str) -> Step {
        Step { state, give_back_to: Some(self.claimed), event }
    }

    fn keeps(state: DisputeState, event: &'static str) -> Step {
        Step { state, give_back_to: None, event }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    const T0: Timestamp = Timestamp::from_micros(1_000_000_000);

    fn at(seconds: i64) -> Timestamp {
        T0.plus(seconds * SECOND)
    }

    fn dispute(state: DisputeState, on_silence: SilenceDefault) -> Dispute {
        Dispute {
            state,
            claimed: Bps(8_000),
            returned: Bps(1_000),
            deadlines: Deadlines::fix(T0, 100, 200, at(1_000)),
            on_silence,
        }
    }

    #[test]
    fn the_whole_table_of_states_and_commands() {
        use Command as C;
        use DisputeState as S;
        let commands = [
            C::Accept,
            C::Contest,
            C::Withdraw,
            C::Decide(Verdict::Upheld),
            C::Decide(Verdict::Partial(Bps(5_000))),
            C::Decide(Verdict::Refused),
        ];
        for state in S::ALL {
            let got: Vec<Option<S>> = commands
                .iter()
                .map(|command| {
                    let answer = dispute(*state, SilenceDefault::Accept).apply(*command, at(1));
                    answer.ok().flatten().map(|step| step.state)
                })
                .collect();
            let want = match state {
                S::Open => {
                    vec![
                        Some(S::Accepted),
                        Some(S::Contested),
                        Some(S::Withdrawn),
                        None,
                        None,
                        None,
                    ]
                }
                S::Contested => vec![
                    Some(S::Accepted),
                    None,
                    Some(S::Withdrawn),
                    Some(S::Upheld),
                    Some(S::Partial),
                    Some(S::Refused),
                ],
                _ => vec![None; 6],
            };
            assert_eq!(got, want, "{}", state.as_str());
        }
    }

    #[test]
    fn deadlines_decide_by_the_niches_default() {
        use DisputeState as S;
        let tick = |state, silence, s| {
            dispute(state, silence).apply(Command::Tick, at(s)).unwrap().map(|step| step.state)
        };
        let (yes, no) = (SilenceDefault::Accept, SilenceDefault::Contest);
        assert_eq!(tick(S::Open, yes, 99), None);
        assert_eq!(tick(S::Open, yes, 100), Some(S::Accepted));
        assert_eq!(tick(S::Open, no, 100), Some(S::Contested));
        assert_eq!(tick(S::Contested, yes, 999), None);
        assert_eq!(tick(S::Contested, yes, 1_000), Some(S::Upheld));
        assert_eq!(tick(S::Contested, no, 1_000), Some(S::Refused));
        assert_eq!(tick(S::Withdrawn, no, 5_000), None);
    }

    #[test]
    fn late_answers_and_wrong_shares_are_refused() {
        let open = dispute(DisputeState::Open, SilenceDefault::Accept);
        assert_eq!(open.apply(Command::Accept, at(100)).unwrap_err().code, ANSWER_TOO_LATE);
        let contested = dispute(DisputeState::Contested, SilenceDefault::Accept);
        for share in [0, 1_000, 8_000, 10_000] {
            let decide = Command::Decide(Verdict::Partial(Bps(share)));
            assert_eq!(contested.apply(decide, at(1)).unwrap_err().code, BAD_SHARE);
        }
        let late = contested.apply(Command::Decide(Verdict::Refused), at(1_000));
        assert_eq!(late.unwrap_err().code, INVALID_STATE);
    }

    proptest! {
        #[test]
        fn every_dispute_ends_at_the_lock(answer in 0i64..10_000, decide in 0i64..10_000, lock in 0i64..10_000, accept: bool) {
            let silence = if accept { SilenceDefault::Accept } else { SilenceDefault::Contest };
            let deadlines = Deadlines::fix(T0, answer, decide, at(lock));
            prop_assert!(deadlines.answer_by <= deadlines.decide_by);
            prop_assert!(deadlines.decide_by <= deadlines.lock_at);
            let mut dispute = Dispute {
                state: DisputeState::Open, claimed: Bps::WHOLE, returned: Bps(0), deadlines, on_silence: silence,
            };
            let mut given = None;
            while let Some(next) = dispute.next_tick() {
                let step = dispute.apply(Command::Tick, next).unwrap().unwrap();
                dispute.state = step.state;
                given = step.give_back_to;
            }
            prop_assert!(!dispute.state.is_open());
            prop_assert_eq!(given.is_some(), accept);
        }
    }
}
