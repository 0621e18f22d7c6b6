//! Awards and conversions.

mod new;
mod rows;

pub use new::{NewAward, NewConversion, NewReservation};
pub use rows::{AWARDS, CONVERSIONS, RESERVATIONS, award_rows, conversion_rows, reservation_rows};
