//! Offers: a buyer's public terms, in immutable versions, and who may sell to them.

pub mod conditions;
pub mod curve;
pub mod diff;
pub mod goal;
pub mod measured;
pub mod meters;
pub mod participation;
pub mod schedule;
pub mod schedule_check;
pub mod source;
pub mod state;
pub mod terms;
pub mod validate;
pub mod visible;
