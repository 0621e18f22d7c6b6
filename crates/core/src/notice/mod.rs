//! Notices: what happened to a publisher's lead or conversion, told to the publisher's own tracker
//! by an address with macros. The postbacks that come in from buyers are elsewhere; these go out.

mod happening;
mod macros;
mod template;

pub use happening::{Happening, Private, Sale};
pub use macros::{MACROS, Macro, table};
pub use template::Template;

use crate::error::Problem;

crate::codes! {
    NOTICE_MACRO: Invalid = "The address has a macro that does not exist.";
    NOTICE_ADDRESS: Invalid = "The exchange does not call this address. Its host has no macros.";
    NOTICE_EVENTS: Invalid = "Choose at least one event.";
    NOTICE_LIMIT: Conflict = "There are too many postbacks already; delete one first.";
}

crate::text_enum! {
    /// What a publisher is told of.
    pub enum NoticeEvent {
        /// Somebody bought the lead.
        Sold = "SOLD",
        /// Nobody bought it.
        Unsold = "UNSOLD",
        /// It was refused.
        Rejected = "REJECTED",
        /// A moderator looks at it first.
        Quarantined = "QUARANTINED",
        /// Something that is paid for happened.
        ConversionCreated = "CONVERSION_CREATED",
        /// A conversion's hold is over.
        ConversionApproved = "CONVERSION_APPROVED",
        /// A conversion was returned, in whole or in part.
        ConversionReturned = "CONVERSION_RETURNED",
        /// A test that somebody asked for.
        Test = "TEST",
    }
}

crate::text_enum! {
    /// How an address is called.
    pub enum NoticeMethod {
        /// Everything is in the address.
        Get = "GET",
        /// The facts are in a JSON body as well.
        Post = "POST",
    }
}

/// The events that a postback is called for: each once, in the order of their declaration. A test
/// is always told to the one that is tested.
///
/// # Errors
/// `NOTICE_EVENTS` where none is left.
pub fn events(wanted: &[NoticeEvent]) -> Result<Vec<NoticeEvent>, Problem> {
    let chosen = |event: &&NoticeEvent| **event != NoticeEvent::Test && wanted.contains(event);
    let events: Vec<NoticeEvent> = NoticeEvent::ALL.iter().filter(chosen).copied().collect();
    if events.is_empty() {
        return Err(Problem::new(NOTICE_EVENTS).field("events"));
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use NoticeEvent as E;

    #[test]
    fn events_are_each_there_once_and_in_order() {
        let wanted = [E::ConversionCreated, E::Sold, E::Test, E::Sold];
        assert_eq!(events(&wanted).unwrap(), [E::Sold, E::ConversionCreated]);
        for none in [&[][..], &[E::Test]] {
            assert_eq!(events(none).unwrap_err().code, NOTICE_EVENTS);
        }
    }
}
