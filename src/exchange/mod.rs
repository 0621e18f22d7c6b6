//! Intake: from a request to a verdict, in group commits.
//!
//! Requests do their own CPU work (`prepare`), then meet in a worker that takes whatever waits
//! and decides it in one write transaction (`batch`): claims and locks, the pure `allocate`, one
//! merged write, commit. The offer book in memory is only a shortlist: the transaction reads the
//! market's epochs and refuses to decide by an old book.

mod auction;
mod batch;
mod book;
mod click;
mod error;
mod expire;
mod finish;
mod known;
mod locks;
mod meters;
mod ping;
mod plan;
mod plan_pings;
mod posted;
mod prepare;
mod quarantine;
mod queue;
mod rehearse;
mod repo;
mod service;
mod simulate;
mod worker;

pub use auction::{AWAIT_LIVE, AwaitLive, RESUME_LIVE, ResumeLive};
pub use click::{Counted, ReportOnClick};
pub use error::{CODES, EXTERNAL_ID_TAKEN, STILL_DECIDED};
pub use expire::{EXPIRE_BIDS, ExpireBids};
pub use ping::{PingRequest, Pinged};
pub use prepare::{Sender, SubmitRequest};
pub use queue::{OFFER_AGAIN, OfferAgain, OnQueued, TOPIC_QUEUED};
pub use service::{Exchange, Submitted};
pub use simulate::{Simulated, SimulatedSale};

/// Outbox topic of a new award; the key is the award's id. Delivery listens.
pub const TOPIC_AWARDED: &str = "award.created";

/// Hint channel of new awards; the payload is an [`AwardHint`] as JSON.
pub const CHANNEL_AWARD: &str = "award";

/// What subscribers are told of a new award. It may be lost; the inbox has it in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AwardHint {
    /// The award.
    pub award: leadbourse_core::ids::AwardId,
    /// Who bought.
    pub buyer: leadbourse_core::ids::OrganizationId,
}
