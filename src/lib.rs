//! Leadbourse: an open-source lead exchange.
//!
//! The layers, each of which may name only those to its left:
//! `leadbourse_core` ← [`platform`] ← the slices, in the order below ← [`edge`] ← [`boot`] ← [`demo`].

pub mod platform;

pub mod accounts;
pub mod calls;
pub mod clicks;
pub mod conversions;
pub mod delivery;
pub mod disputes;
pub mod exchange;
pub mod insights;
pub mod leads;
pub mod ledger;
pub mod live;
pub mod niches;
pub mod notices;
pub mod offers;
pub mod orders;
pub mod outcomes;
pub mod papers;
pub mod pings;
pub mod settlements;
pub mod topups;

pub mod boot;
pub mod demo;
pub mod edge;
