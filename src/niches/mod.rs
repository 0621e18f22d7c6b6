//! Niches: the market's segments, their field schemas and their rules, in versions.

pub mod packs;
