//! Intake and allocation on both engines.

mod dedupe;
pub mod market;
mod quarantine;
mod repeats;
mod submit;
mod worker;
