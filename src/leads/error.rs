//! Refusals of the leads slice.

leadbourse_core::codes! {
    ERASED: Conflict = "The contact data of this lead was erased.";
    REASON_TOO_SHORT: Invalid = "Say why, in 5 to 500 characters.";
    NOT_QUARANTINED: Conflict = "The lead is not in quarantine.";
}
