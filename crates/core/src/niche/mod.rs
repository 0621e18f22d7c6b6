//! Niches: a market segment, its field schema and its rules.

pub mod policy;
