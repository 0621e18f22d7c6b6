//! Facts, and the step that they ask for.

use super::names::{CallEnd, CallEventKind, CallState};
use super::{CALL_CONTRADICTION, CALL_IMPOSSIBLE};
use crate::error::Problem;
use crate::time::{SECOND, Timestamp};

/// By how much the times of one call may contradict each other: systems round to seconds.
const TOLERANCE: i64 = 2 * SECOND;

/// What is told with an event, beside its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// The call began.
    Started {
        /// Keyed hash of everything that the lead is made of.
        content: [u8; 32],
    },
    /// The buyer answered.
    Connected,
    /// The call is over.
    Ended {
        /// How long buyer and caller were connected, in seconds; 0 if never.
        connected_s: i64,
    },
}

/// One event of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallEvent {
    /// When it happened, by the clock of the telephone system.
    pub at: Timestamp,
    /// Keyed hash of the caller's number, if it was told.
    pub caller: Option<[u8; 32]>,
    /// Keyed hash of the number that was dialled, if it was told.
    pub dialled: Option<[u8; 32]>,
    /// The rest.
    pub said: Said,
}

impl CallEvent {
    /// Which event it is.
    pub const fn kind(&self) -> CallEventKind {
        match self.said {
            Said::Started { .. } => CallEventKind::Started,
            Said::Connected => CallEventKind::Connected,
            Said::Ended { .. } => CallEventKind::Ended,
        }
    }
}

/// How a call began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    /// When.
    pub at: Timestamp,
    /// Keyed hash of what was told.
    pub content: [u8; 32],
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// How long buyer and caller were connected, in seconds.
    pub connected_s: i64,
}

/// Everything that was told about a call so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallFacts {
    /// Its beginning.
    pub started: Option<Started>,
    /// When the buyer answered.
    pub connected_at: Option<Timestamp>,
    /// Its end.
    pub ended: Option<Ended>,
    /// Keyed hash of the caller's number.
    pub caller: Option<[u8; 32]>,
    /// Keyed hash of the number that was dialled.
    pub dialled: Option<[u8; 32]>,
}

impl CallFacts {
    /// The facts with those of an event.
    ///
    /// # Errors
    /// `CALL_CONTRADICTION` if something else was told before, `CALL_IMPOSSIBLE` if the times do
    /// not make a call.
    fn with(mut self, event: &CallEvent) -> Result<Self, Problem> {
        self.caller = agree(self.caller, event.caller, "caller")?;
        self.dialled = agree(self.dialled, event.dialled, "dialled")?;
        let at = event.at;
        match event.said {
            Said::Started { content } => {
                let new = Started { at, content };
                if let Some(old) = self.started
                    && old != new
                {
                    let part = if old.at == at { "fields" } else { "at" };
                    return Err(Problem::new(CALL_CONTRADICTION).field(part));
                }
                self.started = Some(new);
            }
            Said::Connected => self.connected_at = agree(self.connected_at, Some(at), "at")?,
            Said::Ended { connected_s } => {
                if connected_s < 0 {
                    return Err(Problem::new(CALL_IMPOSSIBLE).field("connectedSeconds"));
                }
                let new = Ended { at, connected_s };
                if let Some(old) = self.ended
                    && old != new
                {
                    let part = if old.at == at { "connectedSeconds" } else { "at" };
                    return Err(Problem::new(CALL_CONTRADICTION).field(part));
                }
                self.ended = Some(new);
            }
        }
        self.possible().map(|()| self)
    }

    /// Nobody is connected before the call began, or for longer than it lasted.
    fn possible(&self) -> Result<(), Problem> {
        let began = self.started.map(|started| started.at);
        let ended = self.ended.map(|ended| ended.at);
        let in_order = |earlier: Option<Timestamp>, later: Option<Timestamp>| match (earlier, later)
        {
            (Some(earlier), Some(later)) => later.plus(TOLERANCE) >= earlier,
            _ => true,
        };
        let ordered = in_order(began, self.connected_at)
            && in_order(self.connected_at, ended)
            && in_order(began, ended);
        let spoken = self.ended.map_or(0, |ended| ended.connected_s.saturating_mul(SECOND));
        // From the answer if it was told, else from the beginning.
        let room = |from: Timestamp| ended.is_none_or(|end| end.since(from) + TOLERANCE >= spoken);
        let fits = began.is_none_or(room) && self.connected_at.is_none_or(room);
        if ordered && fits { Ok(()) } else { Err(Problem::new(CALL_IMPOSSIBLE).field("at")) }
    }
}

fn agree<T: Copy + PartialEq>(
    known: Option<T>,
    told: Option<T>,
    field: &'static str,
) -> Result<Option<T>, Problem> {
    match (known, told) {
        (Some(known), Some(told)) if known != told => {
            Err(Problem::new(CALL_CONTRADICTION).field(field))
        }
        (known, told) => Ok(known.or(told)),
    }
}

/// What the market made of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sale {
    /// It was not asked yet.
    #[default]
    NotAsked,
    /// Nobody bought.
    Unsold,
    /// An offer bought it.
    Sold {
        /// From how many connected seconds on it is billed.
        min_call_s: i64,
    },
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing, until something else is told.
    Wait,
    /// To offer it to the market.
    Offer,
    /// To bill it or to let it go; `Qualified` or `TooShort`.
    End(CallEnd),
}

/// A call: facts, sale, decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// What was told.
    pub facts: CallFacts,
    /// What the market made of it.
    pub sale: Sale,
    /// What was decided.
    pub end: Option<CallEnd>,
}

impl Call {
    /// Takes an event. What is refused changes nothing, and what comes after the decision is kept
    /// but decides nothing any more.
    ///
    /// # Errors
    /// `CALL_CONTRADICTION`, `CALL_IMPOSSIBLE`.
    pub fn take(&mut self, event: &CallEvent) -> Result<(), Problem> {
        self.facts = self.facts.with(event)?;
        Ok(())
    }

    /// What is to be done next.
    pub fn step(&self) -> Step {
        match (self.end, self.sale, self.facts.started, self.facts.ended) {
            (None, Sale::NotAsked, Some(_), _) => Step::Offer,
            (None, Sale::Sold { min_call_s }, _, Some(ended)) => {
                let long = ended.connected_s >= min_call_s && ended.connected_s > 0;
                Step::End(if long { CallEnd::Qualified } else { CallEnd::TooShort })
            }
            _ => Step::Wait,
        }
    }

    /// Where the call is.
    pub fn state(&self) -> CallState {
        match (self.end, self.sale) {
            (Some(end), _) => end.state(),
            (None, Sale::NotAsked) => CallState::Announced,
            (None, Sale::Unsold) => CallState::Unsold,
            (None, Sale::Sold { .. }) if self.facts.connected_at.is_some() => CallState::Connected,
            (None, Sale::Sold { .. }) => CallState::Ringing,
        }
    }
}
