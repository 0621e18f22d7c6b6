//! The steps of one lead among live buyers, and of one offered award.
//!
//! A lead is RECEIVED while it goes through them. Each step is a committed fact, so that whoever
//! takes it up after a crash knows where it was:
//!
//! `ASKING → RANKING → OFFERED → DONE`, from OFFERED back to RANKING when the winner declines, or to
//! WAITING when it says nothing, and from there to DONE or RANKING.

use serde::{Deserialize, Serialize};

use super::connection::OnSilence;
use super::mapping::Heard;
use crate::exchange::Reply;
use crate::time::Timestamp;

crate::text_enum! {
    /// How far a lead is.
    pub enum RunStep {
        /// The buyers are asked. Nothing binds yet: after a crash they are asked again.
        Asking = "ASKING",
        /// The answers are stored; the next in rank is to be offered the lead.
        Ranking = "RANKING",
        /// The winner's money is reserved, and the lead is on its way to it. After a crash nobody
        /// knows whether it arrived.
        Offered = "OFFERED",
        /// The winner has not said whether it took the lead.
        Waiting = "WAITING",
        /// The lead is decided.
        Done = "DONE",
    }
}

crate::text_enum! {
    /// How far an award is that a live buyer has to accept.
    pub enum AwardStep {
        /// The money is reserved, the post is on its way.
        Offered = "OFFERED",
        /// The buyer took it: a sale.
        Awarded = "AWARDED",
        /// The buyer declined it, or the promise ended: the money is free again.
        Declined = "DECLINED",
        /// The buyer has not said. Money and exclusivity stay.
        Unknown = "UNKNOWN",
    }
}

impl AwardStep {
    /// Whether it still holds money and the lead.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Offered | Self::Unknown)
    }

    /// Whether an award may go from this step to another.
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Offered, Self::Awarded | Self::Declined | Self::Unknown)
                | (Self::Unknown, Self::Awarded | Self::Declined)
        )
    }
}

/// What came of sending the lead to its winner, or of asking about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Posted {
    /// It took the lead.
    Accepted {
        /// The price that it named now, in minor units. What is charged is the bid.
        price: Option<i64>,
        /// Where the person's browser is sent.
        redirect: Option<String>,
    },
    /// It did not, and says so; or nothing ever reached it.
    Declined {
        /// Why, as a code; may be empty.
        reason: String,
    },
    /// It may or may not have.
    Silent,
}

/// How an exchange over HTTP ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exchanged {
    /// There was an answer of this status, and this is what its body says.
    Answered(u16, Heard),
    /// There was none in time.
    Late,
    /// No connection was made: nothing reached the other side.
    Unreached,
    /// It broke off: the other side may have acted.
    Broken,
}

/// What an answer to an ask means. `least` is the smallest bid that counts, in minor units.
pub fn asked(exchanged: Exchanged, took_ms: u32, least: i64) -> Reply {
    let failed = |what: String| Reply::Failed { what };
    match exchanged {
        Exchanged::Answered(200..=299, Heard::Yes { price, .. }) => {
            Reply::Bid { price, took_ms, least }
        }
        Exchanged::Answered(200..=299, Heard::No { reason }) => Reply::Declined { reason },
        Exchanged::Answered(200..=299, Heard::Unclear(what)) => failed(what),
        Exchanged::Answered(400..=499, Heard::No { reason }) if !reason.is_empty() => {
            Reply::Declined { reason }
        }
        Exchanged::Answered(status, _) => failed(format!("HTTP {status}")),
        Exchanged::Late => Reply::Late,
        Exchanged::Unreached => failed("no connection".to_owned()),
        Exchanged::Broken => failed("broken off".to_owned()),
    }
}

/// What an answer to a full post means. Only what was said clearly counts: an answer that does not
/// read, or a fault of the buyer's server, may come from one that has stored the lead.
pub fn posted(exchanged: Exchanged) -> Posted {
    match exchanged {
        Exchanged::Answered(200..=299, Heard::Yes { price, redirect }) => {
            Posted::Accepted { price, redirect }
        }
        Exchanged::Answered(200..=299, Heard::No { reason }) => Posted::Declined { reason },
        Exchanged::Answered(408 | 425, _) => Posted::Silent,
        // The server refused the request as it is.
        Exchanged::Answered(status @ 300..=499, heard) => Posted::Declined {
            reason: match heard {
                Heard::No { reason } if !reason.is_empty() => reason,
                _ => format!("HTTP_{status}"),
            },
        },
        Exchanged::Unreached => Posted::Declined { reason: "UNREACHED".to_owned() },
        Exchanged::Answered(..) | Exchanged::Late | Exchanged::Broken => Posted::Silent,
    }
}

/// What an answer of the status address means. Nothing but a clear word ends the waiting; that the
/// buyer does not know the award (404, 410) is one.
pub fn status(exchanged: Exchanged) -> Posted {
    match exchanged {
        Exchanged::Answered(200 | 201, Heard::Yes { price, redirect }) => {
            Posted::Accepted { price, redirect }
        }
        Exchanged::Answered(200 | 201, Heard::No { reason }) => Posted::Declined { reason },
        Exchanged::Answered(404 | 410, _) => Posted::Declined { reason: "NOT_RECEIVED".to_owned() },
        _ => Posted::Silent,
    }
}

/// What is done about a silent buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Ask again, not before this instant.
    AskAt(Timestamp),
    /// It is a sale.
    Sold,
    /// It is none.
    Released,
}

/// What is done now about a buyer that has been silent until `until`, asked every `every` µs.
pub fn silence(now: Timestamp, until: Timestamp, every: i64, on_silence: OnSilence) -> Silence {
    if now < until {
        return Silence::AskAt(now.plus(every.max(1)).min(until));
    }
    match on_silence {
        OnSilence::Sold => Silence::Sold,
        OnSilence::Released => Silence::Released,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SECOND;

    fn yes(price: Option<i64>) -> Heard {
        Heard::Yes { price, redirect: None }
    }

    fn no(reason: &str) -> Heard {
        Heard::No { reason: reason.to_owned() }
    }

    fn declined(reason: &str) -> Posted {
        Posted::Declined { reason: reason.to_owned() }
    }

    #[test]
    fn an_ask_is_answered_by_a_bid_a_refusal_or_a_fault() {
        let heard = |exchanged| asked(exchanged, 9, 5);
        let bid = Reply::Bid { price: Some(7), took_ms: 9, least: 5 };
        assert_eq!(heard(Exchanged::Answered(200, yes(Some(7)))), bid);
        let declined = |reason: &str| Reply::Declined { reason: reason.to_owned() };
        assert_eq!(heard(Exchanged::Answered(204, no(""))), declined(""));
        assert_eq!(heard(Exchanged::Answered(422, no("CAP"))), declined("CAP"));
        let failed = |what: &str| Reply::Failed { what: what.to_owned() };
        assert_eq!(heard(Exchanged::Answered(401, no(""))), failed("HTTP 401"));
        assert_eq!(heard(Exchanged::Answered(500, yes(Some(7)))), failed("HTTP 500"));
        assert_eq!(heard(Exchanged::Late), Reply::Late);
        assert_eq!(heard(Exchanged::Unreached), failed("no connection"));
        assert_eq!(heard(Exchanged::Broken), failed("broken off"));
    }

    #[test]
    fn only_a_clear_word_sells_or_releases() {
        let unclear = || Heard::Unclear("accept is not there".to_owned());
        let accepted = Posted::Accepted { price: Some(7), redirect: None };
        assert_eq!(posted(Exchanged::Answered(200, yes(Some(7)))), accepted);
        assert_eq!(posted(Exchanged::Answered(200, no("CAP"))), declined("CAP"));
        assert_eq!(posted(Exchanged::Answered(422, no("DUPLICATE"))), declined("DUPLICATE"));
        // A yes with the status of a refusal is a refusal.
        assert_eq!(posted(Exchanged::Answered(400, yes(None))), declined("HTTP_400"));
        assert_eq!(posted(Exchanged::Unreached), declined("UNREACHED"));
        for silent in [
            Exchanged::Answered(200, unclear()),
            Exchanged::Answered(408, no("")),
            Exchanged::Answered(500, no("X")),
            Exchanged::Answered(503, yes(None)),
            Exchanged::Late,
            Exchanged::Broken,
        ] {
            assert_eq!(posted(silent.clone()), Posted::Silent, "{silent:?}");
        }
    }

    #[test]
    fn a_status_that_is_not_clear_says_nothing() {
        assert_eq!(status(Exchanged::Answered(200, no("NO"))), declined("NO"));
        assert_eq!(status(Exchanged::Answered(404, no(""))), declined("NOT_RECEIVED"));
        let accepted = Posted::Accepted { price: None, redirect: None };
        assert_eq!(status(Exchanged::Answered(200, yes(None))), accepted);
        for silent in [
            Exchanged::Answered(202, yes(None)),
            Exchanged::Answered(400, no("X")),
            Exchanged::Answered(500, yes(None)),
            Exchanged::Unreached,
            Exchanged::Late,
        ] {
            assert_eq!(status(silent.clone()), Posted::Silent, "{silent:?}");
        }
    }

    #[test]
    fn silence_ends_as_the_buyer_declared() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * SECOND);
        let what = |now, on| silence(at(now), at(600), 20 * SECOND, on);
        assert_eq!(what(0, OnSilence::Sold), Silence::AskAt(at(20)));
        assert_eq!(what(590, OnSilence::Sold), Silence::AskAt(at(600)));
        assert_eq!(what(600, OnSilence::Sold), Silence::Sold);
        assert_eq!(what(600, OnSilence::Released), Silence::Released);
    }

    #[test]
    fn an_award_that_ended_stays_as_it_is() {
        let all = AwardStep::ALL;
        let legal = |from: &AwardStep| all.iter().filter(|to| from.may_become(**to)).count();
        assert_eq!(all.iter().map(legal).collect::<Vec<_>>(), [3, 0, 0, 2]);
        assert!(all.iter().all(|step| step.is_open() == (legal(step) > 0)));
    }
}
