//! Intake and allocation on both engines.

mod dedupe;
pub mod market;
mod quarantine;
mod repeats;
mod sender;
mod submit;
mod worker;
