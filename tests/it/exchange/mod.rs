//! Intake and allocation on both engines.

mod dedupe;
pub mod market;
mod quarantine;
mod repeats;
mod routing;
mod routing_graphql;
mod sender;
mod simulate;
mod submit;
mod worker;
