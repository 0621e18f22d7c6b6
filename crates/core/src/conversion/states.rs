//! The states of awards, conversions and reservations, and a buyer's dispositions.

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// The stored name.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// Reads the stored name.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some($name::$variant),)* _ => None }
            }
        }
    };
}
pub(crate) use names as states_names;

names! {
    /// How far one sale of a lead is.
    AwardState {
        /// Sold; not delivered yet.
        Awarded = "AWARDED";
        /// The buyer's endpoint took it.
        Delivered = "DELIVERED";
        /// No endpoint took it in time.
        Undelivered = "UNDELIVERED";
    }
}

names! {
    /// Where the money of a conversion is.
    ConversionState {
        /// On hold: may still be returned.
        Held = "HELD";
        /// Payable.
        Approved = "APPROVED";
        /// Given back in full.
        Returned = "RETURNED";
    }
}

names! {
    /// Where a reservation is.
    ReservationState {
        /// The money is still promised.
        Open = "OPEN";
        /// A conversion took it.
        Captured = "CAPTURED";
        /// It went back to the buyer.
        Released = "RELEASED";
    }
}

names! {
    /// What the buyer says about a lead.
    Disposition {
        /// Nothing yet.
        New = "NEW";
        /// Spoke with the person.
        Contacted = "CONTACTED";
        /// Nobody answers.
        NoAnswer = "NO_ANSWER";
        /// The contact is wrong.
        BadContact = "BAD_CONTACT";
        /// A real prospect.
        Qualified = "QUALIFIED";
        /// Became a customer.
        Won = "WON";
        /// Did not.
        Lost = "LOST";
    }
}
