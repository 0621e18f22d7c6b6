//! Awards and conversions.

mod new;

pub use new::{NewAward, NewConversion, NewReservation};
