//! One test program for everything that needs more than one module: the house rules, the data
//! tests on both engines, the whole server, races and faults.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "tests fail loudly, use their own HTTP client and spawn freely"
)]

mod accounts;
mod architecture;
mod authz;
mod bank_file;
mod calls;
mod clicks;
mod delivery;
mod exchange;
mod graphql;
mod harness;
mod import;
mod leads;
mod live;
mod money;
mod niches;
mod notices;
mod offers;
mod orders;
mod payouts;
mod pings;
mod platform;
mod races;
mod rest;
mod schema;
mod topups;
mod walk;
mod ws;
