//! The states of awards, conversions and reservations, and a buyer's dispositions.

crate::text_enum! {
    /// How far one sale of a lead is.
    pub enum AwardState {
        /// Sold; not delivered yet.
        Awarded = "AWARDED",
        /// The buyer's endpoint took it.
        Delivered = "DELIVERED",
        /// No endpoint took it in time.
        Undelivered = "UNDELIVERED",
    }
}

crate::text_enum! {
    /// Where the money of a conversion is.
    pub enum ConversionState {
        /// On hold: may still be returned.
        Held = "HELD",
        /// Payable.
        Approved = "APPROVED",
        /// Given back in full.
        Returned = "RETURNED",
    }
}

crate::text_enum! {
    /// Where a reservation is.
    pub enum ReservationState {
        /// The money is still promised.
        Open = "OPEN",
        /// A conversion took it.
        Captured = "CAPTURED",
        /// It went back to the buyer.
        Released = "RELEASED",
    }
}

crate::text_enum! {
    /// What the buyer says about a lead.
    pub enum Disposition {
        /// Nothing yet.
        New = "NEW",
        /// Spoke with the person.
        Contacted = "CONTACTED",
        /// Nobody answers.
        NoAnswer = "NO_ANSWER",
        /// The contact is wrong.
        BadContact = "BAD_CONTACT",
        /// A real prospect.
        Qualified = "QUALIFIED",
        /// Became a customer.
        Won = "WON",
        /// Did not.
        Lost = "LOST",
    }
}
