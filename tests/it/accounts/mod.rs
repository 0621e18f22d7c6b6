//! Accounts on both engines: sign-up and sign-in, organizations, members, keys.

mod keys;
mod members;
mod sessions;
mod settings;
