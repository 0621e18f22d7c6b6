//! Tracking links, clicks, and what a buyer reports on them, from outside.

mod links;
mod only;
mod postbacks;
pub mod road;
