//! What a rail of payouts is: something that is asked to pay, and answers `Confirmed`, `Refused` or
//! `Unknown`. A time-out, a lost connection, an answer that can't be read are `Unknown`: the money
//! may have left, so nobody pays again before somebody knows.

use async_trait::async_trait;
use leadbourse_core::ids::PayoutId;
use leadbourse_core::money::Money;
use leadbourse_core::time::Timestamp;
use std::fmt;

/// A payment that a rail is asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct PayoutOrder {
    /// The payout; each try of a statement is a payout of its own.
    pub payout: PayoutId,
    /// The idempotency key: of the payout's id and nothing else, so that every request about this
    /// payout carries the same one.
    pub key: String,
    /// How much.
    pub amount: Money,
    /// Where to, in the rail's own words.
    pub destination: String,
    /// What it is for.
    pub purpose: String,
    /// When the rail was first asked to pay it. It anchors how long the rail remembers the key.
    pub first_sent_at: Timestamp,
}

impl PayoutOrder {
    /// The idempotency key of a payout.
    pub fn key_of(payout: PayoutId) -> String {
        format!("payout/{payout}")
    }
}

// Where the money goes is nothing for logs.
impl fmt::Debug for PayoutOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PayoutOrder({}, {})", self.payout, self.amount)
    }
}

/// What a rail says about a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The money left, and will not come back by itself.
    Confirmed {
        /// The rail's own reference.
        reference: Option<String>,
    },
    /// It did not leave, and never will under this key.
    Refused {
        /// Why, as the rail's code.
        reason: String,
        /// The rail's own reference.
        reference: Option<String>,
    },
    /// Nobody can tell. An empty list of payments is this too, and not a refusal.
    Unknown {
        /// Why, as a code.
        reason: String,
    },
}

/// When a rail answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// When it is asked: the executor sends.
    AtOnce,
    /// Days later, through a person or a file: nobody sends.
    Later,
}

/// A rail of payouts.
#[async_trait]
pub trait PayoutRail: fmt::Debug + Send + Sync {
    /// When it answers.
    fn pace(&self) -> Pace;

    /// For how long after the first request it surely knows a key again, microseconds, with a
    /// margin taken off. Within it a request may be repeated; after it only [`Self::look_up`] is
    /// asked.
    fn remembers_for(&self) -> i64;

    /// Asks it to pay. The same key again is the same payment.
    async fn send(&self, order: &PayoutOrder) -> Answer;

    /// Asks what became of a payment, without paying.
    async fn look_up(&self, order: &PayoutOrder) -> Answer;
}

/// A rail whose answers come later: a file that the bank reads, or a person who pays by hand. What
/// became of a payout is imported or recorded.
#[derive(Clone, Copy, Debug)]
pub struct AnswersLater;

impl AnswersLater {
    fn unknown() -> Answer {
        Answer::Unknown { reason: "ANSWERS_LATER".to_owned() }
    }
}

#[async_trait]
impl PayoutRail for AnswersLater {
    fn pace(&self) -> Pace {
        Pace::Later
    }

    fn remembers_for(&self) -> i64 {
        0
    }

    async fn send(&self, _order: &PayoutOrder) -> Answer {
        Self::unknown()
    }

    async fn look_up(&self, _order: &PayoutOrder) -> Answer {
        Self::unknown()
    }
}
