//! The REST surface.

pub mod problem;
