//! Leads that live buyers are asked about, in four steps.
//!
//! 1. The batch stores the lead RECEIVED, with its person's places taken, its run and the job that
//!    takes it up after a crash (`begin`). Then the buyers' servers are asked, all at once, under
//!    one deadline, and no transaction is open (`run`).
//! 2. One transaction looks at state, funds, caps and the market again and decides (`offer`): by
//!    instant offers alone the lead is decided there; of a live winner the money is reserved.
//! 3. The winner is sent the lead. What it says is one more transaction (`settle`): accepted, it is
//!    an award; declined, its money is free and step 2 comes again; silent, everything stays.
//! 4. A job takes up what nobody works on any more, and waits for the silent (`jobs`).
//!
//! Each transaction locks the lead's row and moves its run by compare-and-set, so whoever comes
//! second, a late task or a job, finds it moved.

mod begin;
mod case;
mod jobs;
mod offer;
mod run;
mod settle;

pub use jobs::{AWAIT_LIVE, AwaitLive, RESUME_LIVE, ResumeLive};
