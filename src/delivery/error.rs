//! Refusals of delivery.

leadbourse_core::codes! {
    ENDPOINT_ADDRESS: Invalid = "The exchange does not call this address.";
    ENDPOINT_LIMIT: Conflict = "There are too many endpoints; delete one first.";
}
