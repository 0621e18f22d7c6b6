//! States and kinds.

crate::text_enum! {
    /// How a card is asked.
    pub enum CardTopUpKind {
        /// The buyer types the card into the provider's page.
        Checkout = "CHECKOUT",
        /// The buyer chose a saved card.
        SavedCard = "SAVED_CARD",
        /// The exchange charged a saved card because the wallet ran low.
        AutoRecharge = "AUTO_RECHARGE",
    }
}

crate::text_enum! {
    /// Where a top-up by card is.
    pub enum CardTopUpState {
        /// Nobody has heard yet whether it was paid.
        Pending = "PENDING",
        /// Paid, and in the wallet.
        Credited = "CREDITED",
        /// The card was declined, or the provider refused.
        Failed = "FAILED",
        /// Nobody paid in time.
        Expired = "EXPIRED",
        /// What came in is not what was asked for, or nobody knows: FINANCE decides.
        Held = "HELD",
        /// FINANCE decided not to credit it.
        Dismissed = "DISMISSED",
    }
}

crate::text_enum! {
    /// Why a top-up is held.
    pub enum HoldReason {
        /// Another amount came in.
        AmountMismatch = "AMOUNT_MISMATCH",
        /// It came in another currency.
        CurrencyMismatch = "CURRENCY_MISMATCH",
        /// Another customer paid.
        BuyerMismatch = "BUYER_MISMATCH",
        /// It was paid after it had failed or expired here.
        PaidLate = "PAID_LATE",
        /// The provider did not answer while its keys were good, and shows nothing: nobody knows.
        Unanswered = "UNANSWERED",
    }
}

crate::text_enum! {
    /// Where unused credit is on its way back to a card.
    pub enum CreditRefundState {
        /// Asked for; the provider has not said that it went.
        Pending = "PENDING",
        /// It went.
        Confirmed = "CONFIRMED",
        /// The provider refused; it is credit again.
        Refused = "REFUSED",
        /// It went and came back; it is credit again.
        Returned = "RETURNED",
        /// The provider did not answer while its keys were good, and shows nothing: it stays out
        /// of the wallet until somebody knows.
        Unknown = "UNKNOWN",
    }
}

crate::text_enum! {
    /// Where a chargeback is.
    pub enum ChargebackState {
        /// The bank took the money; the dispute runs.
        Open = "OPEN",
        /// Won: the money is back.
        Won = "WON",
        /// Lost: the money is gone.
        Lost = "LOST",
    }
}

crate::text_enum! {
    /// Where something that the provider told is.
    pub enum ProviderEventState {
        /// Stored, not looked at.
        Received = "RECEIVED",
        /// What follows from it was done.
        Done = "DONE",
        /// Nothing follows from it.
        Ignored = "IGNORED",
        /// It names something that the exchange does not know: FINANCE looks.
        Held = "HELD",
        /// FINANCE looked.
        Dismissed = "DISMISSED",
    }
}
