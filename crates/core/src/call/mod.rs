//! Telephone calls: what a telephone system tells about one, and what follows from it.
//!
//! Three events make a call: STARTED, CONNECTED, ENDED. They come in any order and repeated. What
//! they say is kept as facts, and the state is a function of the facts, of the sale and of the
//! decision: so the order in which they came leaves no trace.

mod machine;
mod names;
mod target;

#[cfg(test)]
mod properties;

pub use machine::{Call, CallEvent, CallFacts, Ended, Said, Sale, Started, Step};
pub use names::{CallEnd, CallEventKind, CallState};
pub use target::connect_to;

crate::codes! {
    BAD_CALL_ID: Invalid = "The id of the call has to have 1 to 120 characters.";
    CALL_CONTRADICTION: Conflict = "An earlier event of this call says something else.";
    CALL_IMPOSSIBLE: Invalid = "The events of this call cannot have happened like this.";
    CALL_TIME: Invalid = "The time of the event lies in the future or too far back.";
    CALLS_NOT_TAKEN: Conflict = "The niche has no telephone field: it takes no calls.";
    BAD_CONNECT_TO: Invalid = "Give a telephone number with its country code, or a SIP address.";
}
