//! Niches: a market segment, its field schema and its rules.
//!
//! A niche version is two documents: a JSON Schema (2020-12) of a lead's fields with `x-`
//! annotations, read by [`annotations`], and a [`policy`]. Versions only ever add, which
//! [`evolution`] checks; [`check`] says whether both documents fit each other.

pub mod annotations;
pub mod check;
pub mod evolution;
pub mod fit;
pub mod pack;
pub mod policy;
pub mod routing;
mod routing_check;
pub mod schema;
