//! Live buyers' servers: how they are called, and what is kept of it.
//!
//! `caller` sends signed requests through the one door, never more at once than a connection takes,
//! and leaves alone what only fails. `repo` keeps leads that wait for live buyers, and the awards
//! that were offered to them. Who is asked, who wins and what follows from an answer is the
//! exchange's business.

mod caller;
mod gates;
mod message;
mod model;
mod repo;
mod service;
mod trial;

pub use caller::{Caller, Message};
pub use message::{ask, post, status};
pub use model::{LiveAward, LiveRun};
pub use repo::{
    award, awards_of_lead, insert_award, insert_runs, move_award, open_award, open_sums, run,
    save_run,
};
pub use service::{LiveBuyers, SetConnection};
pub use trial::Report;
