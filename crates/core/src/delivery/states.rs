//! The states of endpoints and deliveries.

crate::text_enum! {
    /// Whether an endpoint is called.
    pub enum EndpointState {
        /// It is called.
        Active = "ACTIVE",
        /// It is not called; what is for it waits. By hand, or after a time of nothing but failures.
        Paused = "PAUSED",
        /// Gone for good.
        Deleted = "DELETED",
    }
}

crate::text_enum! {
    /// How far a delivery is.
    pub enum DeliveryState {
        /// To be tried, now or later.
        Pending = "PENDING",
        /// The endpoint took it.
        Delivered = "DELIVERED",
        /// Given up; it can be replayed.
        Dead = "DEAD",
    }
}

impl EndpointState {
    /// The state after a pause or its end; `None` where that is not possible.
    pub fn paused(self, paused: bool) -> Option<Self> {
        match (self, paused) {
            (Self::Deleted, _) => None,
            (_, true) => Some(Self::Paused),
            (_, false) => Some(Self::Active),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::EndpointState as E;

    #[test]
    fn a_deleted_endpoint_stays_deleted() {
        assert_eq!(E::Deleted.paused(false), None);
        assert_eq!(E::Deleted.paused(true), None);
        assert_eq!(E::Active.paused(true), Some(E::Paused));
        assert_eq!(E::Paused.paused(false), Some(E::Active));
        assert_eq!(E::Active.paused(false), Some(E::Active));
    }
}
