//! Niches and their versions.
