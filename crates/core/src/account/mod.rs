//! Organizations and the people in them: states, names, passwords.

pub mod input;
pub mod state;
