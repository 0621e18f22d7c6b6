//! Awards and conversions.
//!
//! An award is one sale of one lead; a conversion is one billable event on it. Intake writes the
//! first ones in its own statement from the rows of this face; reported sales, returns and the end
//! of holds come through [`Conversions`] and the functions that run in a caller's transaction.

mod bill;
mod calls;
mod clicks;
mod curve;
mod handlers;
mod import;
mod model;
mod money;
mod new;
mod place;
mod repo;
mod report;
mod rows;
mod service;
mod tell;

pub use bill::{Billed, Charge, Event, bill, charge_goal, reached};
pub use calls::{open_calls, release_call};
pub use clicks::{BilledOfLead, awards_of, billed_of_leads, note_seen, of_award};
pub use curve::HourSpent;
pub use handlers::{BuyerCredited, RELEASE_EXPIRED, ReleaseExpired};
pub use import::ImportedConversion;
pub use model::{Award, Conversion, DispositionEntry, Reservation, Seen};
pub use money::{
    GivenBack, approve, by_references, check_books, due, give_back, lock, lock_award_for_return,
    lock_for_return, of_awards, read, read_all, read_award, read_awards, read_awards_of_leads,
    release_promise, reported_between, settle_debts, unfunded_sum,
};
pub use new::{NewAward, NewConversion, NewReservation};
pub use place::{Place, award_at};
pub use repo::delivered::{awards_to_deliver, lock_award, mark_delivery, stands, take_back};
pub use repo::note_refund;
pub use report::{ReportConversion, Reported, reference};
pub use rows::{AWARDS, CONVERSIONS, RESERVATIONS, award_rows, conversion_rows, reservation_rows};
pub use service::Conversions;
pub use tell::{HAPPENED, happened};
