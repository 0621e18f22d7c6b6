//! Refusals of the exchange slice.

leadbourse_core::codes! {
    UNKNOWN_SOURCE: NotFound = "There is no source with that id that you may send for.";
    BAD_POSTING_KEY: Unauthenticated = "The posting key is not known.";
    STILL_DECIDED: Conflict = "The lead was taken and is still being decided; look it up before you send it again.";
    EXTERNAL_ID_TAKEN: Conflict = "A lead with this external id is being decided.";
}
