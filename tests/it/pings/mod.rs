//! Ping and post through HTTP: what is promised, what binds, what comes back.

mod expiry;
mod hashes;
mod limits;
mod posting;
mod protocol;
mod reads;
mod stage;
