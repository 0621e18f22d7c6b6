//! Offers: a buyer's public terms, in immutable versions.

pub mod conditions;
pub mod terms;
