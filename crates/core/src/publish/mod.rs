//! What the exchange shows to those who send leads: posting specifications, test leads, forms.

pub mod form;
pub mod magic;
pub mod samples;
pub mod spec;
pub mod words;
