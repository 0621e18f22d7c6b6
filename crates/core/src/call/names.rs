//! The words of calls.

crate::text_enum! {
    /// What a telephone system tells.
    pub enum CallEventKind {
        /// Somebody calls; the exchange says where to connect the call.
        Started = "STARTED",
        /// The buyer has answered.
        Connected = "CONNECTED",
        /// The call is over.
        Ended = "ENDED",
    }
}

crate::text_enum! {
    /// Where a call is.
    pub enum CallState {
        /// An event came, but not yet the one that says who calls.
        Announced = "ANNOUNCED",
        /// No offer bought it.
        Unsold = "UNSOLD",
        /// Sold, on its way to the buyer.
        Ringing = "RINGING",
        /// The buyer has answered.
        Connected = "CONNECTED",
        /// Over, and long enough: billed.
        Qualified = "QUALIFIED",
        /// Over, and too short: not billed.
        TooShort = "TOO_SHORT",
        /// Over and long enough, but this person's call was billed a short while ago: not billed.
        Repeated = "REPEATED",
        /// Nobody told its end in time: not billed.
        Closed = "CLOSED",
    }
}

impl CallState {
    /// Whether something may still come of it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Announced | Self::Ringing | Self::Connected)
    }
}

crate::text_enum! {
    /// What was decided about a call that is over.
    pub enum CallEnd {
        /// Billed.
        Qualified = "QUALIFIED",
        /// Too short.
        TooShort = "TOO_SHORT",
        /// Billed for this person a short while ago.
        Repeated = "REPEATED",
        /// No end was told in time.
        Closed = "CLOSED",
    }
}

impl CallEnd {
    /// The state of a call with this end.
    pub const fn state(self) -> CallState {
        match self {
            Self::Qualified => CallState::Qualified,
            Self::TooShort => CallState::TooShort,
            Self::Repeated => CallState::Repeated,
            Self::Closed => CallState::Closed,
        }
    }

    /// As a lead's chain of verdicts names it.
    pub const fn event(self) -> &'static str {
        match self {
            Self::Qualified => "CALL_QUALIFIED",
            Self::TooShort => "CALL_TOO_SHORT",
            Self::Repeated => "CALL_REPEATED",
            Self::Closed => "CALL_CLOSED",
        }
    }
}
