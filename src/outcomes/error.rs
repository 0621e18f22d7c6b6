//! Refusals of postbacks.

leadbourse_core::codes! {
    POSTBACK_TOKEN: NotFound = "There is no postback address like this, or it was revoked.";
    POSTBACK_UNSIGNED: Invalid = "This address takes signed postbacks only: the signature or its time is missing.";
    POSTBACK_SIGNATURE: Invalid = "The signature does not fit this postback.";
    POSTBACK_STALE: Invalid = "The postback was signed too long ago, or in the future.";
    POSTBACK_STATUS: Invalid = "The status of a postback is `refund`, or empty.";
    POSTBACK_LIMIT: Conflict = "A buyer has at most 50 postback addresses.";
}
